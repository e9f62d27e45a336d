//! Diagnostics as JSON, for programs. The field names are documented in the book: a change of them is a change of interface.
use std::path::PathBuf;

use flowc_base::{Diagnostic, LineCol, Location};
use serde_json::{Value as Json, json};

use super::{Sources, severity_word, shown};

/// A diagnostic: `code`, `severity`, `message`, `labels` (the first is the place it is about), `hints`, `fix`.
pub(crate) fn json(diagnostic: &Diagnostic, sources: &dyn Sources) -> Json {
    let labels: Vec<Json> = std::iter::once(&diagnostic.primary)
        .chain(&diagnostic.secondary)
        .map(|label| {
            let mut json = place(label.place, sources);
            json["text"] = label.text.clone().into();
            json
        })
        .collect();
    let fix = diagnostic.fix.as_ref().map(|fix| {
        let edits: Vec<Json> = fix
            .edits
            .iter()
            .map(|edit| {
                let mut json = place(edit.place, sources);
                json["text"] = edit.text.clone().into();
                json
            })
            .collect();
        let always = fix.applicability == flowc_base::Applicability::Always;
        json!({ "title": fix.title, "applicability": if always { "always" } else { "maybe" }, "edits": edits })
    });
    json!({
        "code": diagnostic.code.0,
        "severity": severity_word(diagnostic.severity),
        "message": diagnostic.message,
        "labels": labels,
        "hints": diagnostic.hints,
        "fix": fix,
    })
}

/// `file`, the byte offsets `start` and `end`, and both as lines and columns from 1.
fn place(location: Location, sources: &dyn Sources) -> Json {
    let start = LineCol { line: 1, col: 1 };
    let (file, from, to) = match sources.source(location.file) {
        Some((path, text, lines)) => {
            let at = |offset| lines.line_col(text, offset);
            (shown(path), at(location.span.start), at(location.span.end))
        }
        None => (PathBuf::new(), start, start),
    };
    json!({
        "file": file.to_string_lossy(),
        "start": location.span.start, "end": location.span.end,
        "line": from.line, "column": from.col, "end_line": to.line, "end_column": to.col,
    })
}
