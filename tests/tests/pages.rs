//! Each code that a diagnostic may have has a page in the book, listed in its contents; a page with a program shows that very code.
use std::fmt::Write as _;

use flowc_tests::{flowc, root};

/// What no program alone provokes: files, arguments, sizes.
const WITHOUT_PROGRAM: [&str; 12] = [
    "bad-argument",
    "cannot-plan",
    "missing-parameter",
    "nesting-too-deep",
    "not-yet",
    // A note: programs note errors and warnings only.
    "schema-rules",
    "too-large",
    "unknown-flow",
    "unknown-parameter",
    "unreadable-file",
    "unread-settings",
    "use-cycle",
];

#[test]
fn every_code_has_a_page_that_provokes_it() {
    let pages = root().join("book/src/errors");
    let contents = std::fs::read_to_string(root().join("book/src/SUMMARY.md")).unwrap();
    let mut wrong = String::new();
    let listed = std::process::Command::new(flowc()).arg("explain").output().unwrap().stdout;
    let listed = String::from_utf8(listed).unwrap();
    let codes = codes(&listed);
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

/// The codes of what `flowc explain` lists: under their themes.
fn codes(listed: &str) -> Vec<&str> {
    let lines = listed.lines().filter(|line| line.starts_with("  "));
    lines.filter_map(|line| line.split_whitespace().next()).collect()
}

/// The programs of a page, in its order, each with what it is called.
fn programs(page: &str) -> Vec<String> {
    let blocks = page.split("\n```flow").skip(1);
    let body = |block: &str| block.split_once('\n').map(|(_, rest)| rest.to_owned());
    blocks.filter_map(body).filter_map(|rest| Some(rest.split_once("\n```")?.0.to_owned() + "\n")).collect()
}

/// What `flowc check --format json` says of a file, after the fixes when they are asked for.
fn checked(directory: &std::path::Path, fix: bool) -> serde_json::Value {
    let mut command = std::process::Command::new(flowc());
    command.args(["check", "--format", "json", "main.flow"]).current_dir(directory);
    if fix {
        command.arg("--fix");
    }
    let output = command.output().expect("flowc was built and can be started");
    serde_json::from_slice(&output.stdout).expect("the standard output is one JSON document")
}

/// How many diagnostics of a code, and how many of them carry a fix that is certainly meant.
fn counted(found: &serde_json::Value, code: &str) -> (usize, usize) {
    let all = found["diagnostics"].as_array().into_iter().flatten().filter(|d| d["code"] == code);
    let all: Vec<_> = all.collect();
    (all.len(), all.iter().filter(|d| d["fix"]["applicability"] == "always").count())
}

#[test]
fn what_a_machine_can_mend_it_mends() {
    let mut mended = Vec::new();
    let mut wrong = String::new();
    for page in std::fs::read_dir(root().join("book/src/errors")).unwrap() {
        let path = page.unwrap().path();
        let code = path.file_stem().unwrap().to_str().unwrap();
        for program in programs(&std::fs::read_to_string(&path).unwrap()) {
            let directory = tempfile::tempdir().unwrap();
            std::fs::write(directory.path().join("main.flow"), &program).unwrap();
            let before = checked(directory.path(), false);
            let (all, sure) = counted(&before, code);
            if sure == 0 {
                continue;
            }
            let after = checked(directory.path(), true);
            if counted(&after, code).0 + sure != all || after["errors"].as_u64() > before["errors"].as_u64() {
                let text = std::fs::read_to_string(directory.path().join("main.flow")).unwrap();
                let _ = writeln!(wrong, "{code}: not mended:\n{text}");
            }
            if !after["fixed"].as_array().unwrap().iter().any(|fixed| fixed["code"] == code) {
                let _ = writeln!(wrong, "{code}: nothing was applied");
            }
            mended.push(code.to_owned());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    mended.sort();
    mended.dedup();
    // As many as there are: fewer, and this test looks at nothing.
    assert!(mended.len() >= 5, "{mended:?}");
}
