//! The cases under `cases/`: each heading is a case, its `flow` block the source, its `errors` and `tree` blocks what
//! must come out, with what each fix makes of the lines that it touches. `UPDATE=1` rewrites them; a case without a
//! `tree` block asks for none, one without `errors` has none.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use std::fmt::Write as _;
use std::path::Path;

use flowc_base::{Diagnostic, LineIndex, Severity, Span};
use flowc_grammar::{parse_item, split};

#[test]
fn cases_come_out_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut failures = String::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let rewritten = rewrite(&text);
        if rewritten != text {
            if std::env::var_os("UPDATE").is_some() {
                std::fs::write(&file, &rewritten).unwrap();
                continue;
            }
            let (at, (want, got)) = text
                .lines()
                .zip(rewritten.lines())
                .enumerate()
                .find(|(_, (a, b))| a != b)
                .unwrap_or((0, ("", "")));
            let _ = writeln!(failures, "{}:{}\nexpected {want}\n     got {got}", file.display(), at + 1);
        }
    }
    assert!(
        failures.is_empty(),
        "{failures}\nUPDATE=1 cargo test -p flowc_grammar --test cases rewrites the cases"
    );
}

/// The same file with what comes out now.
fn rewrite(text: &str) -> String {
    let mut parts = text.split("\n## ");
    let mut out = parts.next().unwrap_or("").to_owned();
    for part in parts {
        let head = part.lines().next().unwrap_or("");
        let source = block(part, "flow").unwrap_or_default();
        let _ = write!(out, "\n## {head}\n```flow\n{source}```\n");
        let errors = errors_of(&source);
        if !errors.is_empty() {
            let _ = write!(out, "```errors\n{errors}```\n");
        }
        if block(part, "tree").is_some() {
            let _ = write!(out, "```tree\n{}```\n", trees_of(&source));
        }
    }
    out
}

fn block(part: &str, kind: &str) -> Option<String> {
    let opening = format!("\n```{kind}\n");
    let start = part.find(&opening)? + opening.len();
    let rest = part.get(start..)?;
    let end = if rest.starts_with("```") { 0 } else { rest.find("\n```")? + 1 };
    rest.get(..end).map(str::to_owned)
}

fn all_errors(source: &str) -> Vec<Diagnostic<Span>> {
    let found = split(source);
    let mut all = found.errors;
    for item in &found.items {
        let shifted = |error: Diagnostic<Span>| error.map_places(|place| place.shift(item.span.start));
        all.extend(parse_item(&item.text).errors.into_iter().map(shifted));
    }
    all
}

/// The lines that a fix touches, as they are afterwards; it takes its problem away.
fn mended(source: &str, error: &Diagnostic<Span>) -> String {
    let mut edits = error.fix.as_ref().unwrap().edits.clone();
    edits.sort_by_key(|edit| edit.place);
    let (first, last) = (edits[0].place.start as usize, edits.last().unwrap().place.end as usize);
    let mut after = source.to_owned();
    for edit in edits.iter().rev() {
        after.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
    }
    let count = |text: &str| all_errors(text).iter().filter(|other| other.code == error.code).count();
    assert!(count(&after) < count(source), "{}: the fix leaves it:\n{after}", error.message);
    let start = source[..first].rfind('\n').map_or(0, |at| at + 1);
    let rest = source[last..].find('\n').map_or(0, |at| source.len() - last - at);
    after[start..after.len() - rest].to_owned()
}

fn errors_of(source: &str) -> String {
    let index = LineIndex::new(source);
    let mut out = String::new();
    for error in all_errors(source) {
        let start = index.line_col(source, error.primary.place.start);
        let place = error.primary.place.slice(source).lines().next().unwrap_or("").to_owned();
        let level = if error.severity == Severity::Error { "error" } else { "warning" };
        let _ = writeln!(
            out,
            "{}:{} {level}[{}] {} at `{place}`",
            start.line, start.col, error.code.0, error.message
        );
        for hint in &error.hints {
            let _ = writeln!(out, "  hint: {hint}");
        }
        if let Some(fix) = &error.fix {
            let _ = writeln!(out, "  fix: {}", fix.title);
            for line in mended(source, &error).lines() {
                let _ = writeln!(out, "  | {line}");
            }
        }
    }
    out
}

fn trees_of(source: &str) -> String {
    let items = split(source).items;
    items.iter().map(|item| compact(&format!("{:?}", parse_item(&item.text).item)) + "\n").collect()
}

/// The debug output without places and what is empty.
fn compact(debug: &str) -> String {
    let mut out = debug.to_owned();
    for (from, to) in [
        (", map: [", "]"),
        (", span: Span {", " }"),
        (", fields_span: Span {", " }"),
        (", body_span: Span {", " }"),
    ] {
        while let Some(start) = out.find(from) {
            let end = out[start..].find(to).unwrap() + start + to.len();
            out.replace_range(start..end, "");
        }
    }
    while let Some(start) = out.find("op_span: Span {") {
        let end = out[start..].find(" }, ").unwrap() + start + 4;
        out.replace_range(start..end, "");
    }
    while let Some(start) = out.find("Ident { name: ") {
        let end = out[start..].find(" }").unwrap() + start;
        let name = out[start + 14..end].to_owned();
        out.replace_range(start..end + 2, &name);
    }
    for (long, short) in
        [("docs: \"\", ", ""), (", docs: \"\"", ""), ("Expr { kind: ", "("), ("Type(", "("), (" })", ")")]
    {
        out = out.replace(long, short);
    }
    out
}
