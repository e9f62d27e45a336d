//! The cases under `cases/`: each heading is a case, its `flow` block the source, its `errors` and `tree` blocks what
//! must come out. `UPDATE=1` rewrites what comes out; a case without a `tree` block asks for none.
use std::fmt::Write as _;
use std::path::Path;

use flowc_base::{LineIndex, Severity, Span};
use flowc_grammar::{parse_item, split};

/// One case: where it stands and its blocks.
struct Case {
    name: String,
    source: String,
    wants_tree: bool,
}

fn errors_of(source: &str) -> String {
    let index = LineIndex::new(source);
    let mut out = String::new();
    let found = split(source);
    let mut all: Vec<(u32, flowc_base::Diagnostic<Span>)> =
        found.errors.into_iter().map(|e| (0, e)).collect();
    for item in &found.items {
        all.extend(parse_item(&item.text).errors.into_iter().map(|e| (item.span.start, e)));
    }
    for (base, error) in all {
        let start = index.line_col(source, base + error.primary.place.start);
        let place = error.primary.place.shift(base).slice(source).lines().next().unwrap_or("").to_owned();
        let level = if error.severity == Severity::Error { "error" } else { "warning" };
        let _ = write!(out, "{}:{} {level}[{}] {}", start.line, start.col, error.code.0, error.message);
        let _ = writeln!(out, " at `{place}`");
        for hint in &error.hints {
            let _ = writeln!(out, "  hint: {hint}");
        }
    }
    out
}

fn trees_of(source: &str) -> String {
    split(source).items.iter().map(|item| format!("{:?}\n", parse_item(&item.text).item)).collect()
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for part in text.split("\n## ").skip(1) {
        let name = part.lines().next().unwrap_or("").to_owned();
        let block = |kind: &str| {
            let start = part.find(&format!("\n```{kind}\n"))? + kind.len() + 5;
            let end = part[start..].find("\n```").map_or(part.len(), |end| start + end + 1);
            part.get(start..end.max(start)).map(str::to_owned)
        };
        cases.push(Case {
            name,
            source: block("flow").unwrap_or_default(),
            wants_tree: block("tree").is_some(),
        });
    }
    cases
}

#[test]
fn print() {
    for path in ["examples"] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/{path}.md"));
        let text = std::fs::read_to_string(file).unwrap();
        for case in cases(&text) {
            let errors = errors_of(&case.source);
            if std::env::var_os("SHOW").is_some() {
                assert_eq!("", trees_of(&case.source), "{errors}");
            }
            assert_eq!(
                errors,
                "",
                "{}\n{}",
                case.name,
                if case.wants_tree { trees_of(&case.source) } else { String::new() }
            );
        }
    }
}
