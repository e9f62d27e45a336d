//! Each code that a diagnostic may have has a page in the book, listed in its contents; a page with a program shows that very code.
use std::fmt::Write as _;

use flowc_tests::{flowc, root};

/// What no program alone provokes: files, arguments, sizes.
const WITHOUT_PROGRAM: [&str; 10] = [
    "bad-argument",
    "cannot-plan",
    "missing-parameter",
    "nesting-too-deep",
    // A note: programs note errors and warnings only.
    "schema-rules",
    "too-large",
    "unknown-flow",
    "unknown-parameter",
    "unreadable-file",
    "use-cycle",
];

#[test]
fn every_code_has_a_page_that_provokes_it() {
    let pages = root().join("book/src/errors");
    let contents = std::fs::read_to_string(root().join("book/src/SUMMARY.md")).unwrap();
    let mut wrong = String::new();
    let listed = std::process::Command::new(flowc()).arg("explain").output().unwrap().stdout;
    let listed = String::from_utf8(listed).unwrap();
    let codes: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(codes.len() > 80, "{listed}");
    for code in &codes {
        let page = std::fs::read_to_string(pages.join(format!("{code}.md"))).unwrap_or_default();
        if !page.starts_with(&format!("# `{code}`\n")) {
            let _ = writeln!(wrong, "{code}: no page with this title");
        }
        if !contents.contains(&format!("(errors/{code}.md)")) {
            let _ = writeln!(wrong, "{code}: not in SUMMARY.md");
        }
        // That the note is true is tested with the book.
        if page.contains(&format!(": [{code}]")) == WITHOUT_PROGRAM.contains(code) {
            let _ = writeln!(wrong, "{code}: its program does not show it, or it has one after all");
        }
    }
    for page in std::fs::read_dir(pages).unwrap() {
        let name = page.unwrap().file_name().into_string().unwrap();
        let code = name.trim_end_matches(".md");
        if code != "README" && !codes.contains(&code) {
            let _ = writeln!(wrong, "{name}: there is no such code");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
