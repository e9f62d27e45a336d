//! Type variables of the library's signatures: found from the arguments of a call. User programs have none.
use std::collections::BTreeMap;
use std::sync::Arc;

use flowc_base::Name;

use super::fits::{expand, join, optional, widened};
use crate::db::Db;
use crate::ty::Ty;

/// What the variables of one call stand for.
#[derive(Default)]
pub(crate) struct Substitution(BTreeMap<Name, Ty>);

/// What a variable may stand for, by its letter; in words, for messages.
pub(crate) fn wanted(var: &str) -> Option<&'static str> {
    match var {
        "N" => Some("Int, Float, Duration, Size or Money"),
        "K" => Some("Int, Float, Text, Duration, Size or Money"),
        "C" => Some("Text, List or Map"),
        _ => None,
    }
}

fn allowed(var: &str, ty: &Ty) -> bool {
    match var {
        "N" => matches!(
            ty,
            Ty::Int(_) | Ty::Float(_) | Ty::Duration | Ty::Size | Ty::Money | Ty::Never | Ty::Error
        ),
        "K" => allowed("N", ty) || matches!(ty, Ty::Text | Ty::Choice(_)),
        "C" => matches!(ty, Ty::Text | Ty::Choice(_) | Ty::List(_) | Ty::Map(_) | Ty::Never | Ty::Error),
        _ => true,
    }
}

/// Whether a variable is anywhere in it.
pub(crate) fn has_var(ty: &Ty) -> bool {
    match ty {
        Ty::Var(_) => true,
        Ty::List(item) | Ty::Map(item) | Ty::Optional(item) | Ty::Outcome(item) => has_var(item),
        Ty::Record(fields) => fields.iter().any(|(_, ty)| has_var(ty)),
        _ => false,
    }
}

impl Substitution {
    /// Learns from an argument of type `found` for a parameter of type `param`.
    ///
    /// # Errors
    /// The variable that cannot stand for what was found.
    pub(crate) fn learn(&mut self, db: &dyn Db, param: &Ty, found: &Ty) -> Result<(), Name> {
        match (param, found) {
            (Ty::Var(name), found) => {
                let found = match &**name {
                    // A sum of numbers from a range need not be in it.
                    "N" => match found {
                        Ty::Int(_) => Ty::Int(None),
                        Ty::Float(_) => Ty::Float(None),
                        other => other.clone(),
                    },
                    _ => widened(found),
                };
                let joined = match self.0.get(name) {
                    Some(known) => join(db, known, &found).ok_or_else(|| name.clone())?,
                    None => found,
                };
                if !allowed(name, &joined) {
                    return Err(name.clone());
                }
                self.0.insert(name.clone(), joined);
                Ok(())
            }
            (param, Ty::Recursive(_)) => {
                let found = expand(db, found);
                if matches!(found, Ty::Recursive(_)) { Ok(()) } else { self.learn(db, param, &found) }
            }
            (Ty::Optional(param), Ty::Optional(found)) => self.learn(db, param, found),
            (Ty::Optional(_), Ty::None) => Ok(()),
            (Ty::Optional(param), found) => self.learn(db, param, found),
            (Ty::List(param), Ty::List(found)) | (Ty::Map(param), Ty::Map(found)) => {
                self.learn(db, param, found)
            }
            (Ty::Record(params), Ty::Record(found)) => {
                for (name, param) in params.iter() {
                    if let Some((_, found)) = found.iter().find(|(other, _)| other == name) {
                        self.learn(db, param, found)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The type with every variable replaced; one that nothing is known of by what nothing can be.
    pub(crate) fn apply(&self, ty: &Ty) -> Ty {
        match ty {
            Ty::Var(name) => match self.0.get(name) {
                None | Some(Ty::Never) if &**name == "N" => Ty::Int(None),
                Some(ty) => ty.clone(),
                None => Ty::Never,
            },
            Ty::List(item) => Ty::List(Arc::new(self.apply(item))),
            Ty::Map(item) => Ty::Map(Arc::new(self.apply(item))),
            Ty::Optional(item) => optional(self.apply(item)),
            Ty::Outcome(item) => Ty::Outcome(Arc::new(self.apply(item))),
            Ty::Record(fields) => {
                Ty::Record(fields.iter().map(|(name, ty)| (name.clone(), self.apply(ty))).collect())
            }
            ty => ty.clone(),
        }
    }
}
