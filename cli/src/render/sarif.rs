//! Diagnostics as SARIF 2.1.0 (OASIS), for code scanning: rules with the pages of the book, results, fixes. It draws nothing.
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use flowc_base::{Diagnostic, Fix, LineIndex, Location};
use flowc_compiler::{CodeInfo, code};
use serde_json::{Value as Json, json};

use super::{Sources, severity_word, shown};

/// What relative URIs start from: the current directory. Whoever reads the document knows where that is.
const ROOT: &str = "%SRCROOT%";

/// A document with one run.
pub(crate) fn sarif(diagnostics: &[Diagnostic], sources: &dyn Sources) -> Json {
    let codes: BTreeSet<&str> = diagnostics.iter().map(|diagnostic| diagnostic.code.0).collect();
    let rules: Vec<&CodeInfo> = codes.into_iter().filter_map(code).collect();
    let results: Vec<Json> =
        diagnostics.iter().map(|diagnostic| result(diagnostic, &rules, sources)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "flowc",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|info| rule(info)).collect::<Vec<_>>(),
            } },
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": { ROOT: { "description": { "text": "the directory in which flowc was called" } } },
            "results": results,
        }],
    })
}

fn rule(info: &CodeInfo) -> Json {
    let mut rule = json!({
        "id": info.code.0,
        "shortDescription": { "text": info.summary },
        "defaultConfiguration": { "level": severity_word(info.severity) },
    });
    if let Some(page) = crate::cmd::explain::page(info.code.0) {
        rule["help"] = json!({ "text": page, "markdown": page });
    }
    rule
}

fn result(diagnostic: &Diagnostic, rules: &[&CodeInfo], sources: &dyn Sources) -> Json {
    let mut text = diagnostic.message.clone();
    for hint in &diagnostic.hints {
        let _ = write!(text, "\n{hint}");
    }
    let mut result = json!({
        "ruleId": diagnostic.code.0,
        "level": severity_word(diagnostic.severity),
        "message": { "text": text },
        "locations": physical(diagnostic.primary.place, sources)
            .map(|place| json!({ "physicalLocation": place }))
            .into_iter()
            .collect::<Vec<_>>(),
    });
    if let Some(at) = rules.iter().position(|info| info.code == diagnostic.code) {
        result["ruleIndex"] = at.into();
    }
    let related: Vec<Json> = diagnostic
        .secondary
        .iter()
        .filter_map(|label| {
            let text = if label.text.is_empty() { "see also" } else { &label.text };
            Some(json!({ "physicalLocation": physical(label.place, sources)?, "message": { "text": text } }))
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    if let Some(fix) = diagnostic.fix.as_ref().and_then(|fix| as_json(fix, sources)) {
        result["fixes"] = json!([fix]);
    }
    result
}

/// `None` when a place of it has no address.
fn as_json(fix: &Fix<Location>, sources: &dyn Sources) -> Option<Json> {
    let mut changes: Vec<(Json, Vec<Json>)> = Vec::new();
    for edit in &fix.edits {
        let place = physical(edit.place, sources)?;
        let replacement =
            json!({ "deletedRegion": place["region"], "insertedContent": { "text": edit.text } });
        match changes.iter_mut().find(|(file, _)| *file == place["artifactLocation"]) {
            Some((_, replacements)) => replacements.push(replacement),
            None => changes.push((place["artifactLocation"].clone(), vec![replacement])),
        }
    }
    let changes: Vec<Json> = changes
        .into_iter()
        .map(|(file, replacements)| json!({ "artifactLocation": file, "replacements": replacements }))
        .collect();
    Some(json!({ "description": { "text": fix.title }, "artifactChanges": changes }))
}

/// A file and a part of it; `None` for what is no file: a module of the library.
fn physical(location: Location, sources: &dyn Sources) -> Option<Json> {
    let (path, text, lines) = sources.source(location.file)?;
    if !path.is_absolute() {
        return None;
    }
    let (start, end) = (position(text, lines, location.span.start), position(text, lines, location.span.end));
    Some(json!({
        "artifactLocation": artifact(path),
        "region": { "startLine": start.0, "startColumn": start.1, "endLine": end.0, "endColumn": end.1 },
    }))
}

/// Relative to [`ROOT`] where the file stands below it.
fn artifact(path: &Path) -> Json {
    let shown = shown(path);
    if shown.is_absolute() {
        json!({ "uri": format!("file://{}", uri(&shown)) })
    } else {
        json!({ "uri": uri(&shown), "uriBaseId": ROOT })
    }
}

/// The path with everything escaped that means something in a URI (RFC 3986).
fn uri(path: &Path) -> String {
    let mut uri = String::new();
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(*byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// Line and column from 1, the column in UTF-16 code units, as the document says.
fn position(text: &str, lines: &LineIndex, offset: u32) -> (u32, u32) {
    let at = lines.line_col(text, offset);
    let offset = (offset as usize).min(text.len());
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let units = line.encode_utf16().count();
    (at.line, u32::try_from(units + 1).unwrap_or(u32::MAX))
}
