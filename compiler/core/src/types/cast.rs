//! `EXPR as TYPE`: which conversions there are.
//!
//! - what fits without a word;
//! - `Json` to every type that has a JSON Schema, checked when the value is there;
//! - a wider type to a narrower one: `Int` to `Int(0..10)`, `Text` to `"low" | "high"`, `T?` to `T`;
//! - a text to what it says: `Int Float Bool Duration Size Money`;
//! - a scalar to its `Text`;
//! - a record to a map and back, and all of these inside lists, maps, optionals and fields.
use super::fits::{Fit, expand, fits, has_schema};
use crate::db::Db;
use crate::ty::Ty;

/// Whether `from` can be converted to `to`.
pub(crate) fn castable(db: &dyn Db, from: &Ty, to: &Ty) -> bool {
    cast(db, from, to, 0)
}

fn cast(db: &dyn Db, from: &Ty, to: &Ty, depth: u32) -> bool {
    // Recursive types are compared a few levels deep and trusted below: the value is checked when it is there.
    if depth > 16 || fits(db, from, to) != Fit::No {
        return true;
    }
    match (from, to) {
        (Ty::Recursive(_), _) | (_, Ty::Recursive(_)) => {
            cast(db, &expand(db, from), &expand(db, to), depth + 1)
        }
        (Ty::Json, to) => has_schema(db, to),
        (Ty::Optional(from), Ty::Optional(to)) => cast(db, from, to, depth + 1),
        (Ty::Optional(from), to) => cast(db, from, to, depth + 1),
        (from, Ty::Optional(to)) => cast(db, from, to, depth + 1),
        (Ty::Int(_), Ty::Int(_) | Ty::Float(_)) | (Ty::Float(_), Ty::Float(_)) => true,
        (
            Ty::Text | Ty::Choice(_),
            Ty::Int(_) | Ty::Float(_) | Ty::Bool | Ty::Duration | Ty::Size | Ty::Money | Ty::Choice(_),
        ) => true,
        (Ty::Int(_) | Ty::Float(_) | Ty::Bool | Ty::Duration | Ty::Size | Ty::Money, Ty::Text) => true,
        (Ty::List(from), Ty::List(to)) | (Ty::Map(from), Ty::Map(to)) => cast(db, from, to, depth + 1),
        (Ty::Record(from), Ty::Map(to)) => from.iter().all(|(_, from)| cast(db, from, to, depth + 1)),
        (Ty::Map(from), Ty::Record(to)) => to.iter().all(|(_, to)| cast(db, from, to, depth + 1)),
        (Ty::Record(from), Ty::Record(to)) => {
            to.iter().all(|(name, to)| match from.iter().find(|(other, _)| other == name) {
                Some((_, from)) => cast(db, from, to, depth + 1),
                None => matches!(to, Ty::Optional(_)),
            })
        }
        _ => false,
    }
}

/// What to write instead of a conversion that there is not.
pub(crate) fn instead(from: &Ty, to: &Ty) -> Option<&'static str> {
    match (from, to) {
        (Ty::Float(_), Ty::Int(_)) => Some("say how: `round`, `floor` or `ceil` of `std.math`"),
        (Ty::Text | Ty::Choice(_), Ty::File) => Some("write `file(\"…\")` for a file of the project"),
        (Ty::Text | Ty::Choice(_), Ty::Record(_) | Ty::List(_) | Ty::Map(_) | Ty::Json) => {
            Some("read the text as JSON first: `parse(text) as …` with `use std.json.{parse}`")
        }
        (Ty::File, Ty::Text) => Some("write `\"{{file}}\"` for its content, or `read(\"…\")`"),
        (Ty::File, _) => Some("read it first: `json(file) as …`"),
        _ => None,
    }
}
