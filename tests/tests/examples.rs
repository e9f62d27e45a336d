//! The examples, as a user runs them: what they print, what runs again. It must not know how flowc works.
#![expect(clippy::unwrap_used, reason = "a test: the line number is the message")]
use std::path::{Path, PathBuf};
use std::process::Command;

use flowc_tests::{flowc, root, sections};

/// What the grammar has against a program.
fn grammar_errors(text: &str) -> Vec<String> {
    let split = flowc_grammar::split(text);
    let items = split.items.iter().flat_map(|item| flowc_grammar::parse_item(&item.text).errors);
    split.errors.iter().cloned().chain(items).map(|error| error.message).collect()
}

#[test]
fn every_example_parses() {
    for path in ["words/words.flow", "sources/sources.flow", "cproject/calc.flow"] {
        let text = std::fs::read_to_string(root().join("examples").join(path)).unwrap();
        assert_eq!(grammar_errors(&text), Vec::<String>::new(), "examples/{path}");
    }
}

#[test]
fn every_program_of_the_book_parses() {
    let mut wrong = Vec::new();
    let mut programs = 0;
    let mut folders = vec![root().join("book/src")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let page = std::fs::read_to_string(&path).unwrap_or_default();
            for block in sections(&page).iter().flat_map(|section| &section.blocks) {
                if block.lang != "flow"
                    || block.has("ignore")
                    || block.text.contains("// error")
                    || block.text.contains("// warning")
                {
                    continue;
                }
                programs += 1;
                let errors = grammar_errors(&block.text);
                if !errors.is_empty() {
                    wrong.push(format!("{}:{}: {errors:?}", path.display(), block.line));
                }
            }
        }
    }
    assert!(programs > 10, "the walk found the programs");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// A copy of an example in a directory of its own, and flowc run in it.
struct Example {
    directory: tempfile::TempDir,
}

impl Example {
    fn new(name: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let copied = Command::new("cp")
            .arg("-r")
            .arg(root().join("examples").join(name))
            .arg(directory.path())
            .status();
        assert!(copied.unwrap().success());
        Self { directory: directory_below(directory, name) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What a run prints, and its last line: `12 steps: 3 ran, 9 found, 0 failed`.
    fn run(&self, args: &[&str]) -> (String, String) {
        let output = Command::new(flowc())
            .args(["run", "--store", ".flow"])
            .args(args)
            .current_dir(self.directory.path())
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "flowc run {args:?}: {}\n{stderr}", output.status);
        let last = stderr.lines().last().unwrap_or("").to_owned();
        let counts = last.rsplit_once(',').map_or("", |(counts, _time)| counts).to_owned();
        (String::from_utf8(output.stdout).unwrap(), counts)
    }
}

/// The directory renamed to what the example was copied as: the paths in programs are relative to them.
fn directory_below(directory: tempfile::TempDir, name: &str) -> tempfile::TempDir {
    let inner = directory.path().join(name);
    for entry in std::fs::read_dir(&inner).unwrap().flatten() {
        std::fs::rename(entry.path(), directory.path().join(entry.file_name())).unwrap();
    }
    std::fs::remove_dir(inner).unwrap();
    directory
}

/// What `wc -w` counts.
fn words(path: &Path) -> String {
    let output = Command::new("wc").arg("-w").stdin(std::fs::File::open(path).unwrap()).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn words_are_counted_once() {
    let example = Example::new("words");
    let book = example.path("data/genesis.txt");
    let (printed, counts) = example.run(&["words.flow"]);
    assert_eq!(printed, words(&book));
    assert_eq!(printed.trim(), "38265");
    // One split, seven chunks of 500 lines.
    assert_eq!(counts, "8 steps: 8 ran, 0 found, 0 failed");
    assert_eq!(example.run(&["words.flow"]).1, "8 steps: 0 ran, 8 found, 0 failed");

    // A word more in the last chunk: the book is split again, and that chunk is counted.
    let mut text = std::fs::read_to_string(&book).unwrap();
    text.push_str("amen\n");
    std::fs::write(&book, text).unwrap();
    let (printed, counts) = example.run(&["words.flow"]);
    assert_eq!((printed.trim(), counts.as_str()), ("38266", "8 steps: 2 ran, 6 found, 0 failed"));
}

#[test]
fn words_are_counted_whatever_a_file_is_called() {
    let example = Example::new("words");
    let names = [
        "two words",
        "it's",
        "\"quoted\"",
        "$(touch broken)",
        "`touch broken`",
        "line\nbreak",
        "-l",
        "a;b&c|d",
        "*",
        "ä",
    ];
    for (at, name) in names.iter().enumerate() {
        std::fs::write(example.path(name), "one two\n".repeat(at + 1)).unwrap();
        let path = format!("./{name}");
        let (printed, _) = example.run(&["words.flow", "--book", &path]);
        assert_eq!(printed.trim(), (2 * (at + 1)).to_string(), "{name:?}");
    }
    assert!(!example.path("broken").exists(), "a name became code");
}

#[test]
fn a_header_recompiles_its_users_only() {
    let example = Example::new("cproject");
    let sources = 5;
    let calc = |expression: &str| {
        let output = Command::new(example.path("out/calc")).arg(expression).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let (_, counts) = example.run(&["calc.flow"]);
    assert_eq!(counts, format!("{0} steps: {0} ran, 0 found, 0 failed", 2 * sources + 1));
    assert_eq!(calc("2*(3+4)^2 - sqrt(16)"), "94\n");
    assert_eq!(
        example.run(&["calc.flow"]).1,
        format!("{0} steps: 0 ran, {0} found, 0 failed", 2 * sources + 1)
    );

    // A comment in a header that two files include: all are scanned, two are compiled to what they were, nothing is linked.
    let header = example.path("src/token.h");
    let text = std::fs::read_to_string(&header).unwrap();
    std::fs::write(&header, format!("/* changed */\n{text}")).unwrap();
    let ran = sources + 2;
    assert_eq!(
        example.run(&["calc.flow"]).1,
        format!("{} steps: {ran} ran, {} found, 0 failed", 2 * sources + 1, 2 * sources + 1 - ran)
    );

    // A change that matters.
    let evaluate = example.path("src/evaluate.c");
    let text = std::fs::read_to_string(&evaluate).unwrap();
    std::fs::write(&evaluate, text.replace("return left + right", "return left + right + 1")).unwrap();
    assert_eq!(
        example.run(&["calc.flow"]).1,
        format!("{} steps: 3 ran, {} found, 0 failed", 2 * sources + 1, 2 * sources - 2)
    );
    assert_eq!(calc("1+1"), "3\n");
}

#[test]
fn the_report_counts_what_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let (out, store) = (directory.path().join("out"), directory.path().join("store"));
    let status = Command::new(flowc())
        .args(["run", "--quiet", "--out"])
        .arg(&out)
        .arg("--store")
        .arg(&store)
        .arg(root().join("examples/sources/sources.flow"))
        .status()
        .unwrap();
    assert!(status.success());
    let page = std::fs::read_to_string(out.join("sources.html")).unwrap();
    let lines = |folder: &str| {
        let count = Command::new("sh")
            .args(["-c", "find \"$0\" -name '*.rs' -exec cat {} + | wc -l"])
            .arg(root().join(folder))
            .output()
            .unwrap();
        String::from_utf8(count.stdout).unwrap().trim().to_owned()
    };
    for (room, folder) in [("grammar", "grammar/src"), ("store", "runtime/store/src"), ("tests", "tests")] {
        let row = format!("<tr><td>{room}<td class=n>{}<td>", lines(folder));
        assert!(page.contains(&row), "no `{row}` in the page");
    }
    assert!(!page.contains("src=") && !page.contains("href="), "the page needs nothing but itself");
}
