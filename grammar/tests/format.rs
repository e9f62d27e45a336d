//! The cases under `format/`: each heading is a case, its `flow` block a program, its `formatted` block what becomes of it; a
//! case without one is in the one style, a case with `errors` is refused. `UPDATE=1` rewrites them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use std::fmt::Write as _;
use std::path::Path;

use similar::TextDiff;

#[test]
fn programs_are_laid_out_as_written_in_the_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/format");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut failures = String::new();
    for file in files {
        let page = std::fs::read_to_string(&file).unwrap();
        let rewritten = rewrite(&page);
        if rewritten == page {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, &rewritten).unwrap();
            continue;
        }
        let diff = TextDiff::from_lines(&page, &rewritten);
        let _ = writeln!(failures, "{}\n{}", file.display(), diff.unified_diff().context_radius(3));
    }
    assert!(
        failures.is_empty(),
        "{failures}\nUPDATE=1 cargo test -p flowc_grammar --test format rewrites the cases"
    );
}

/// The same page with what comes out now.
fn rewrite(page: &str) -> String {
    let mut parts = page.split("\n## ");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let (head, rest) = part.split_once("```flow\n").unwrap_or_else(|| panic!("no program in: {part}"));
        let program = rest.split_once("\n```\n").unwrap().0.to_owned() + "\n";
        let _ = write!(out, "\n## {head}```flow\n{program}```\n");
        match flowc_grammar::format(&program) {
            Ok(made) if made == program => {}
            Ok(made) => {
                let _ = write!(out, "```formatted\n{made}```\n");
                assert_eq!(
                    flowc_grammar::format(&made).as_ref(),
                    Ok(&made),
                    "a second time changes it: {head}"
                );
            }
            Err(errors) => {
                let errors: String = errors.iter().map(|error| format!("{}\n", error.message)).collect();
                let _ = write!(out, "```errors\n{errors}```\n");
            }
        }
    }
    out
}
