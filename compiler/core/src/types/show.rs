//! Types as people read them. Long records are cut: a message is no listing.
use std::fmt::Write;

use crate::db::Db;
use crate::ty::Ty;

/// How many fields or choices are shown.
const PARTS_MAX: usize = 6;

/// The type as it would be written. What only a literal has (`Int(5..5)`, the choice of one text) is shown as its base.
pub(crate) fn show(db: &dyn Db, ty: &Ty) -> String {
    let mut out = String::new();
    write(db, ty, &mut out);
    out
}

fn write(db: &dyn Db, ty: &Ty, out: &mut String) {
    let simple = match ty {
        Ty::Error => "?",
        Ty::Never => "nothing",
        Ty::None => "none",
        Ty::Unit => "()",
        Ty::Bool => "Bool",
        Ty::Int(None) => "Int",
        Ty::Int(Some((from, to))) if from == to => "Int",
        Ty::Float(None) => "Float",
        Ty::Float(Some((from, to))) if from == to => "Float",
        Ty::Text => "Text",
        Ty::Choice(words) if words.len() == 1 => "Text",
        Ty::Duration => "Duration",
        Ty::Size => "Size",
        Ty::Money => "Money",
        Ty::Rate => "Rate",
        Ty::Json => "Json",
        Ty::File => "File",
        Ty::Dir => "Dir",
        Ty::Agent => "Agent",
        Ty::Secret => "Secret",
        _ => return write_built(db, ty, out),
    };
    out.push_str(simple);
}

fn write_built(db: &dyn Db, ty: &Ty, out: &mut String) {
    // Writing to a `String` cannot fail.
    let _ = match ty {
        Ty::Int(Some((from, to))) => write!(out, "Int({from}..{to})"),
        Ty::Float(Some((from, to))) => {
            write!(out, "Float({}..{})", bound(f64::from_bits(from.0)), bound(f64::from_bits(to.0)))
        }
        Ty::Recursive(item) => write!(out, "{}", item.name(db)),
        Ty::Var(name) => write!(out, "{name}"),
        _ => Ok(()),
    };
    match ty {
        Ty::Choice(words) => {
            for (i, word) in words.iter().take(PARTS_MAX).enumerate() {
                out.push_str(if i == 0 { "" } else { " | " });
                let _ = write!(out, "{:?}", word.as_str());
            }
            if words.len() > PARTS_MAX {
                out.push_str(" | …");
            }
        }
        Ty::List(item) => wrap(db, "List<", item, ">", out),
        Ty::Map(item) => wrap(db, "Map<", item, ">", out),
        Ty::Outcome(item) => wrap(db, "Outcome<", item, ">", out),
        Ty::Optional(item) => match &**item {
            Ty::Choice(words) if words.len() > 1 => wrap(db, "(", item, ")?", out),
            _ => wrap(db, "", item, "?", out),
        },
        Ty::Record(fields) => {
            out.push('{');
            for (i, (name, ty)) in fields.iter().take(PARTS_MAX).enumerate() {
                out.push_str(if i == 0 { " " } else { ", " });
                let _ = write!(out, "{name}: ");
                write(db, ty, out);
            }
            out.push_str(match fields.len() {
                0 => "}",
                n if n > PARTS_MAX => ", … }",
                _ => " }",
            });
        }
        _ => {}
    }
}

/// A bound as people read it: without hundreds of zeros.
fn bound(value: f64) -> String {
    if value.abs() < 1e16 { value.to_string() } else { format!("{value:e}") }
}

fn wrap(db: &dyn Db, before: &str, ty: &Ty, after: &str, out: &mut String) {
    out.push_str(before);
    write(db, ty, out);
    out.push_str(after);
}
