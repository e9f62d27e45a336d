//! What fits without a word, and what two types have in common. Both are decided by structure; a type that mentions itself is
//! compared with the assumption that what is being compared already fits.
use std::collections::HashSet;
use std::sync::Arc;

use flowc_base::Name;
use flowc_grammar::ast::FloatBits;

use super::eval::type_def;
use crate::db::Db;
use crate::ty::Ty;

/// Whether a value of one type may stand where another is expected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Fit {
    /// As it is.
    Same,
    /// After a conversion that nobody need write.
    Change,
    /// Not.
    No,
}

/// Recursive types with more pairs to compare than this are called different.
pub(crate) const PAIRS_MAX: usize = 20_000;

/// More choices than this have `Text` in common.
const CHOICES_MAX: usize = 64;

/// A type that mentions itself, unfolded once.
pub(crate) fn expand(db: &dyn Db, ty: &Ty) -> Ty {
    let mut ty = ty.clone();
    // A circle without a list or map in it was reported and is `Error`, so this ends; the bound is for safety.
    for _ in 0..64 {
        match ty {
            Ty::Recursive(item) => ty = type_def(db, item).ty.clone(),
            other => return other,
        }
    }
    Ty::Error
}

/// Whether a value of type `from` fits where `to` is expected.
pub(crate) fn fits(db: &dyn Db, from: &Ty, to: &Ty) -> Fit {
    Compare { db, assumed: HashSet::new() }.fits(from, to)
}

struct Compare<'a> {
    db: &'a dyn Db,
    assumed: HashSet<(Ty, Ty)>,
}

impl Compare<'_> {
    fn fits(&mut self, from: &Ty, to: &Ty) -> Fit {
        match (from, to) {
            (Ty::Error | Ty::Never, _) | (_, Ty::Error) => Fit::Same,
            (a, b) if a == b => Fit::Same,
            (Ty::Recursive(_), _) | (_, Ty::Recursive(_)) => {
                // There is nothing to go back to: one pair that does not fit decides, so what was assumed stays assumed.
                if !self.assumed.insert((from.clone(), to.clone())) {
                    return Fit::Same;
                }
                if self.assumed.len() > PAIRS_MAX {
                    return Fit::No;
                }
                self.fits(&expand(self.db, from), &expand(self.db, to))
            }
            (Ty::None, Ty::Optional(_) | Ty::Json) => Fit::Same,
            (Ty::Optional(from), Ty::Optional(to)) => self.fits(from, to),
            (_, Ty::Json) if has_schema(self.db, from) => {
                if changes_in_json(self.db, from, &mut Vec::new()) {
                    Fit::Change
                } else {
                    Fit::Same
                }
            }
            (from, Ty::Optional(to)) => self.fits(from, to),
            (Ty::Int(_), Ty::Int(None)) | (Ty::Float(_), Ty::Float(None)) | (Ty::Choice(_), Ty::Text) => {
                Fit::Same
            }
            (Ty::Int(Some(a)), Ty::Int(Some(b))) if a.0 >= b.0 && a.1 <= b.1 => Fit::Same,
            (Ty::Float(Some(a)), Ty::Float(Some(b))) if at(a.0) >= at(b.0) && at(a.1) <= at(b.1) => Fit::Same,
            (Ty::Int(_), Ty::Float(None)) => Fit::Change,
            (Ty::Int(Some(a)), Ty::Float(Some(b)))
                if as_float(a.0) >= at(b.0) && as_float(a.1) <= at(b.1) =>
            {
                Fit::Change
            }
            (Ty::Choice(a), Ty::Choice(b)) if a.iter().all(|word| b.contains(word)) => Fit::Same,
            (Ty::List(a), Ty::List(b)) | (Ty::Map(a), Ty::Map(b)) | (Ty::Outcome(a), Ty::Outcome(b)) => {
                self.fits(a, b)
            }
            (Ty::Record(a), Ty::Record(b)) if a.len() == b.len() => {
                let mut worst = Fit::Same;
                for (at, (name, to)) in b.iter().enumerate() {
                    let Some(from) = field(a, name, at) else { return Fit::No };
                    worst = worst.max(self.fits(from, to));
                }
                worst
            }
            _ => Fit::No,
        }
    }
}

/// The field of that name, which is probably the one at that place.
pub(crate) fn field<'a>(fields: &'a [(Name, Ty)], name: &Name, at: usize) -> Option<&'a Ty> {
    let likely = fields.get(at).filter(|(other, _)| other == name);
    likely.or_else(|| fields.iter().find(|(other, _)| other == name)).map(|(_, ty)| ty)
}

fn at(bits: FloatBits) -> f64 {
    f64::from_bits(bits.0)
}

#[expect(clippy::cast_precision_loss, reason = "an `Int` becomes the nearest `Float`, as the language says")]
pub(crate) fn as_float(value: i64) -> f64 {
    value as f64
}

/// Whether JSON can say every value of the type.
pub(crate) fn has_schema(db: &dyn Db, ty: &Ty) -> bool {
    schema(db, ty, &mut Vec::new())
}

fn schema(db: &dyn Db, ty: &Ty, seen: &mut Vec<Ty>) -> bool {
    match ty {
        Ty::File | Ty::Dir | Ty::Agent | Ty::Secret | Ty::Unit | Ty::Rate | Ty::Outcome(_) | Ty::Var(_) => {
            false
        }
        Ty::List(item) | Ty::Map(item) | Ty::Optional(item) => schema(db, item, seen),
        Ty::Record(fields) => fields.iter().all(|(_, ty)| schema(db, ty, seen)),
        Ty::Recursive(_) => {
            if seen.contains(ty) {
                return true;
            }
            seen.push(ty.clone());
            schema(db, &expand(db, ty), seen)
        }
        _ => true,
    }
}

/// Whether a secret is anywhere in a value of the type.
pub(crate) fn has_secret(db: &dyn Db, ty: &Ty) -> bool {
    holds_secret(db, ty, &mut Vec::new())
}

fn holds_secret(db: &dyn Db, ty: &Ty, seen: &mut Vec<Ty>) -> bool {
    match ty {
        Ty::Secret => true,
        Ty::List(item) | Ty::Map(item) | Ty::Optional(item) | Ty::Outcome(item) => {
            holds_secret(db, item, seen)
        }
        Ty::Record(fields) => fields.iter().any(|(_, ty)| holds_secret(db, ty, seen)),
        Ty::Recursive(_) => {
            if seen.contains(ty) {
                return false;
            }
            seen.push(ty.clone());
            holds_secret(db, &expand(db, ty), seen)
        }
        _ => false,
    }
}

/// What is in a list, in a list of lists; of anything else itself.
pub(crate) fn strip_lists(ty: &Ty) -> &Ty {
    match ty {
        Ty::List(item) => strip_lists(item),
        other => other,
    }
}

/// Whether a value is written differently in JSON than it is kept: durations, sizes and money become texts.
fn changes_in_json(db: &dyn Db, ty: &Ty, seen: &mut Vec<Ty>) -> bool {
    match ty {
        Ty::Duration | Ty::Size | Ty::Money => true,
        Ty::List(item) | Ty::Map(item) | Ty::Optional(item) => changes_in_json(db, item, seen),
        Ty::Record(fields) => fields.iter().any(|(_, ty)| changes_in_json(db, ty, seen)),
        Ty::Recursive(_) => {
            if seen.contains(ty) {
                return false;
            }
            seen.push(ty.clone());
            changes_in_json(db, &expand(db, ty), seen)
        }
        _ => false,
    }
}

/// The smallest type that both fit in, when there is one.
pub(crate) fn join(db: &dyn Db, a: &Ty, b: &Ty) -> Option<Ty> {
    Some(match (a, b) {
        (Ty::Error, _) | (_, Ty::Error) => Ty::Error,
        (Ty::Never, other) | (other, Ty::Never) => other.clone(),
        (a, b) if a == b => a.clone(),
        (Ty::None, Ty::Optional(_) | Ty::Json) => b.clone(),
        (Ty::Optional(_) | Ty::Json, Ty::None) => a.clone(),
        (Ty::None, other) | (other, Ty::None) => Ty::Optional(Arc::new(other.clone())),
        (Ty::Optional(a), Ty::Optional(b)) => optional(join(db, a, b)?),
        (Ty::Optional(a), b) | (b, Ty::Optional(a)) if *b != Ty::Json => optional(join(db, a, b)?),
        (Ty::Int(Some(a)), Ty::Int(Some(b))) => Ty::Int(Some((a.0.min(b.0), a.1.max(b.1)))),
        (Ty::Int(_), Ty::Int(_)) => Ty::Int(None),
        (Ty::Float(Some(a)), Ty::Float(Some(b))) => {
            let low = if at(a.0) <= at(b.0) { a.0 } else { b.0 };
            let high = if at(a.1) >= at(b.1) { a.1 } else { b.1 };
            Ty::Float(Some((low, high)))
        }
        (Ty::Float(_) | Ty::Int(_), Ty::Float(_) | Ty::Int(_)) => Ty::Float(None),
        (Ty::Choice(a), Ty::Choice(b)) => {
            let mut words: Vec<Name> = a.to_vec();
            words.extend(b.iter().filter(|word| !a.contains(word)).cloned());
            if words.len() > CHOICES_MAX { Ty::Text } else { Ty::Choice(words.into()) }
        }
        (Ty::Text, Ty::Choice(_)) | (Ty::Choice(_), Ty::Text) => Ty::Text,
        (Ty::List(a), Ty::List(b)) => Ty::List(Arc::new(join(db, a, b)?)),
        (Ty::Map(a), Ty::Map(b)) => Ty::Map(Arc::new(join(db, a, b)?)),
        (Ty::Record(a_fields), Ty::Record(b_fields)) if a_fields.len() == b_fields.len() => {
            let mut fields = Vec::with_capacity(a_fields.len());
            for (at, (name, a)) in a_fields.iter().enumerate() {
                let b = field(b_fields, name, at)?;
                fields.push((name.clone(), join(db, a, b)?));
            }
            Ty::Record(fields.into())
        }
        (a, b) if fits(db, a, b) != Fit::No => b.clone(),
        (a, b) if fits(db, b, a) != Fit::No => a.clone(),
        _ => return None,
    })
}

/// `T?`; of what may be `none` already the same.
pub(crate) fn optional(ty: Ty) -> Ty {
    match ty {
        Ty::Optional(_) | Ty::Json | Ty::Error | Ty::None => ty,
        Ty::Never => Ty::None,
        ty => Ty::Optional(Arc::new(ty)),
    }
}

/// What only a literal has taken away: `5` is an `Int`, `"a"` a `Text`.
pub(crate) fn widened(ty: &Ty) -> Ty {
    match ty {
        Ty::Int(Some((a, b))) if a == b => Ty::Int(None),
        Ty::Float(Some((a, b))) if a == b => Ty::Float(None),
        Ty::Choice(words) if words.len() == 1 => Ty::Text,
        ty => ty.clone(),
    }
}

/// A type with more parts than this is refused: every comparison would walk them.
pub(crate) const PARTS_MAX: u64 = 10_000;

/// How many parts a type has when it is written out; counting stops at `max`.
pub(crate) fn parts(ty: &Ty, max: u64) -> u64 {
    let mut left = max;
    count(ty, &mut left);
    max - left
}

fn count(ty: &Ty, left: &mut u64) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    match ty {
        Ty::List(item) | Ty::Map(item) | Ty::Optional(item) | Ty::Outcome(item) => count(item, left),
        Ty::Record(fields) => fields.iter().for_each(|(_, ty)| count(ty, left)),
        _ => {}
    }
}

/// Whether an error, reported already, is anywhere in it.
pub(crate) fn has_error(ty: &Ty) -> bool {
    match ty {
        Ty::Error => true,
        Ty::List(item) | Ty::Map(item) | Ty::Optional(item) | Ty::Outcome(item) => has_error(item),
        Ty::Record(fields) => fields.iter().any(|(_, ty)| has_error(ty)),
        _ => false,
    }
}
