//! `EXPR as TYPE`: which conversions there are.
//!
//! - what fits without a word;
//! - `Json` to every type that has a JSON Schema, checked when the value is there;
//! - a wider type to a narrower one: `Int` to `Int(0..10)`, `Text` to `"low" | "high"`, `T?` to `T`;
//! - a text to what it says: `Int Float Bool Duration Size Money`;
//! - a scalar to its `Text`;
//! - a record to a map and back, and all of these inside lists, maps, optionals and fields.
use std::collections::HashSet;

use super::fits::{Fit, PAIRS_MAX, expand, field, fits, has_schema};
use crate::db::Db;
use crate::ty::Ty;

/// Whether `from` can be converted to `to`.
pub(crate) fn castable(db: &dyn Db, from: &Ty, to: &Ty) -> bool {
    Caster { db, assumed: HashSet::new() }.cast(from, to)
}

struct Caster<'a> {
    db: &'a dyn Db,
    /// Pairs of types that mention themselves: the value is checked when it is there, so one look is enough.
    assumed: HashSet<(Ty, Ty)>,
}

impl Caster<'_> {
    fn cast(&mut self, from: &Ty, to: &Ty) -> bool {
        let db = self.db;
        if fits(db, from, to) != Fit::No {
            return true;
        }
        match (from, to) {
            (Ty::Recursive(_), _) | (_, Ty::Recursive(_)) => {
                // What is too much to compare is refused.
                if self.assumed.len() > PAIRS_MAX {
                    return false;
                }
                !self.assumed.insert((from.clone(), to.clone()))
                    || self.cast(&expand(db, from), &expand(db, to))
            }
            (Ty::Json, to) => has_schema(db, to),
            (Ty::Optional(from), Ty::Optional(to)) => self.cast(from, to),
            (Ty::Optional(from), to) => self.cast(from, to),
            (from, Ty::Optional(to)) => self.cast(from, to),
            (Ty::Int(_), Ty::Int(_) | Ty::Float(_)) | (Ty::Float(_), Ty::Float(_)) => true,
            (
                Ty::Text | Ty::Choice(_),
                Ty::Int(_) | Ty::Float(_) | Ty::Bool | Ty::Duration | Ty::Size | Ty::Money | Ty::Choice(_),
            ) => true,
            (Ty::Int(_) | Ty::Float(_) | Ty::Bool | Ty::Duration | Ty::Size | Ty::Money, Ty::Text) => true,
            (Ty::List(from), Ty::List(to)) | (Ty::Map(from), Ty::Map(to)) => self.cast(from, to),
            (Ty::Record(from), Ty::Map(to)) => from.iter().all(|(_, from)| self.cast(from, to)),
            (Ty::Map(from), Ty::Record(to)) => to.iter().all(|(_, to)| self.cast(from, to)),
            (Ty::Record(from), Ty::Record(to)) => {
                to.iter().enumerate().all(|(at, (name, to))| match field(from, name, at) {
                    Some(from) => self.cast(from, to),
                    None => matches!(to, Ty::Optional(_)),
                })
            }
            _ => false,
        }
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
