//! The book's page of the library says what the library's own sources say. It must not know what the functions do.
use std::fmt::Write as _;

use flowc_tests::root;

const PAGE: &str = "book/src/language/library.md";

const HEAD: &str = "\
# The standard library

`T` and `U` stand for any type, `N` for what can be added (`Int Float Duration Size Money`), `K` for what has an order (those
and `Text`), `C` for what has a length (`Text List Map`). A function that fails, fails its step with a sentence that says why.

## Always at hand

";

/// A table of the tasks of a source: what stands in front of `{ native`, and the `///` above it.
fn table(source: &str) -> String {
    let mut table = "| function | what it gives |\n|---|---|\n".to_owned();
    let mut docs = Vec::new();
    for line in source.lines() {
        if let Some(text) = line.strip_prefix("/// ") {
            docs.push(text.to_owned());
        } else if let Some((signature, _)) =
            line.strip_prefix("task ").and_then(|line| line.split_once(" { native"))
        {
            let row = [format!("`{signature}`"), docs.join(" ")].map(|cell| cell.replace('|', "\\|"));
            let _ = writeln!(table, "| {} | {} |", row[0], row[1]);
            docs.clear();
        }
    }
    table
}

#[test]
fn the_page_of_the_library_is_up_to_date() {
    let mut page = HEAD.to_owned() + &table(flowc_stdlib::prelude());
    page.push_str(
        "\n`file dir glob read raw env secret` are always at hand too and belong to the compiler.\n",
    );
    for (name, source) in flowc_stdlib::modules() {
        let about: Vec<_> = source.lines().map_while(|line| line.strip_prefix("//! ")).collect();
        let about = about.join("\n");
        let about = about.strip_prefix(&format!("`{name}`: ")).unwrap_or(&about);
        let _ = write!(
            page,
            "\n## `{name}`\n\n{}{}\n\n{}",
            about[..1].to_uppercase(),
            &about[1..],
            table(source)
        );
    }
    let path = root().join(PAGE);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).expect("the book can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "{PAGE} is not what the library says\nagain: UPDATE=1 cargo test -p flowc_tests --test library"
    );
}
