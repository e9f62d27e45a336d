//! Diagnostics about `schema("…")`.
use super::codes as c;
use super::diag;
use crate::db::{Diag, Place};

/// So many places of a schema are named.
const SHOWN_MAX: usize = 5;

pub(crate) fn not_constant(place: Place) -> Diag {
    diag(c::BAD_SCHEMA, "the path of a schema is a constant text", place, "")
        .with_hint("write the path out: `schema(\"schemas/plan.json\")`")
}

pub(crate) fn unreadable(place: Place, path: &str, why: &str) -> Diag {
    diag(c::MISSING_FILE, format!("`{path}` cannot be read: {why}"), place, "expected a JSON Schema")
        .with_hint("paths of `schema` start at the file that they stand in")
}

fn at(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" at `{pointer}`") }
}

/// `said`: a JSON pointer with what is wrong there.
pub(crate) fn wrong(place: Place, path: &str, said: &[(&str, &str)], there: Place) -> Diag {
    let (pointer, what) = said.first().copied().unwrap_or_default();
    let d = diag(
        c::BAD_SCHEMA,
        format!("`{path}` is no schema for a type: {what}{}", at(pointer)),
        place,
        "used here",
    )
    .with_label(there, what);
    more(d, said).with_hint("mend the schema, or write the type out: `{ name: Text, score: Int(0..10) }`")
}

pub(crate) fn widened(place: Place, said: &[(&str, &str)], there: Place) -> Diag {
    let (pointer, what) = said.first().copied().unwrap_or_default();
    let d = diag(
        c::SCHEMA_WIDENED,
        format!("the type says less than its schema: {what}{}", at(pointer)),
        place,
        "used here",
    )
    .with_label(there, what);
    more(d, said).with_hint("to take such a `Json` apart write `value as TYPE`")
}

pub(crate) fn rules(place: Place, said: &[(&str, &str)], there: Place) -> Diag {
    let (pointer, what) = said.first().copied().unwrap_or_default();
    let d = diag(
        c::SCHEMA_RULES,
        format!("a rule of the schema is not checked: {what}{}", at(pointer)),
        place,
        "used here",
    )
    .with_label(there, "not checked");
    more(d, said)
}

fn more(d: Diag, said: &[(&str, &str)]) -> Diag {
    let rest = said.get(1..).unwrap_or_default();
    if rest.is_empty() {
        return d;
    }
    let shown: Vec<String> =
        rest.iter().take(SHOWN_MAX).map(|(pointer, what)| format!("{what}{}", at(pointer))).collect();
    let tail =
        if rest.len() > SHOWN_MAX { format!("; {} more", rest.len() - SHOWN_MAX) } else { String::new() };
    d.with_hint(format!("also: {}{tail}", shown.join("; ")))
}
