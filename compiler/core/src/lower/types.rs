//! Types of the checker to types of the plan. It must not know what a type is used for.
use std::collections::HashMap;

use flowc_plan::Type;

use super::Program;
use crate::db::ItemId;
use crate::ty::Ty;

/// The types that mention themselves, numbered as they turn up.
#[derive(Default)]
pub(crate) struct Types {
    /// For [`Type::Named`].
    pub(crate) named: Vec<Type>,
    numbers: HashMap<ItemId, u32>,
}

impl Types {
    /// The plan's form of a type. What can have no value (`Never`, errors) is `()`.
    pub(crate) fn lower(&mut self, program: &dyn Program, ty: &Ty) -> Type {
        match ty {
            Ty::Error | Ty::Never | Ty::Unit => Type::Unit,
            Ty::None => Type::Optional(Box::new(Type::Unit)),
            Ty::Bool => Type::Bool,
            Ty::Int(range) => Type::Int(*range),
            Ty::Float(range) => {
                Type::Float(range.map(|(from, to)| (f64::from_bits(from.0), f64::from_bits(to.0))))
            }
            // What only runs where it is known, or is no value at all, is its text.
            Ty::Text | Ty::Agent | Ty::Secret | Ty::Rate => Type::Text,
            Ty::Choice(words) => Type::Choice(words.to_vec()),
            Ty::Duration => Type::Duration,
            Ty::Size => Type::Size,
            Ty::Money => Type::Money,
            Ty::Json | Ty::Var(_) | Ty::Outcome(_) => Type::Json,
            Ty::File => Type::File,
            Ty::Dir => Type::Dir,
            Ty::List(item) => Type::List(Box::new(self.lower(program, item))),
            Ty::Map(item) => Type::Map(Box::new(self.lower(program, item))),
            Ty::Optional(inner) => Type::Optional(Box::new(self.lower(program, inner))),
            Ty::Record(fields) => Type::Record(
                fields.iter().map(|(name, ty)| (name.clone(), self.lower(program, ty))).collect(),
            ),
            Ty::Recursive(item) => Type::Named(self.number(program, *item)),
        }
    }

    fn number(&mut self, program: &dyn Program, item: ItemId) -> u32 {
        if let Some(number) = self.numbers.get(&item) {
            return *number;
        }
        let number = u32::try_from(self.named.len()).unwrap_or(u32::MAX);
        // Its place is taken before its definition is looked at, for that mentions it again.
        self.numbers.insert(item, number);
        self.named.push(Type::Unit);
        let definition = self.lower(program, &program.definition(item));
        if let Some(slot) = self.named.get_mut(number as usize) {
            *slot = definition;
        }
        number
    }
}
