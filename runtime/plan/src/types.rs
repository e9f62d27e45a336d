//! Types as the runtime needs them: to check what comes from outside a program.
use std::fmt;

use flowc_base::Name;
use serde::{Deserialize, Serialize};

/// The type of a value.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Type {
    /// `()`
    Unit,
    /// `Bool`
    Bool,
    /// `Int`, with the bounds of `Int(from..to)`, both included.
    Int(Option<(i64, i64)>),
    /// `Float`, with the bounds of `Float(from..to)`, both included.
    Float(Option<(f64, f64)>),
    /// `Text`
    Text,
    /// `"low" | "high"`
    Choice(Vec<Name>),
    /// `Duration`
    Duration,
    /// `Size`
    Size,
    /// `Money`
    Money,
    /// `Json`: anything that JSON can say.
    Json,
    /// `File`
    File,
    /// `Dir`
    Dir,
    /// `List<T>`
    List(Box<Type>),
    /// `Map<T>`
    Map(Box<Type>),
    /// `T?`
    Optional(Box<Type>),
    /// `{ a: T }`, in the order of the text.
    Record(Vec<(Name, Type)>),
    /// A type that mentions itself, below a list or a map, by its index in [`crate::Plan::types`].
    Named(u32),
}

impl Type {
    /// Calls `f` with every index in [`Self::Named`] that stands in the type itself.
    pub(crate) fn for_each_named(&self, f: &mut dyn FnMut(u32)) {
        match self {
            Self::Named(name) => f(*name),
            Self::List(inner) | Self::Map(inner) | Self::Optional(inner) => inner.for_each_named(f),
            Self::Record(fields) => fields.iter().for_each(|(_, ty)| ty.for_each_named(f)),
            _ => {}
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit => f.write_str("()"),
            Self::Bool => f.write_str("Bool"),
            Self::Int(None) => f.write_str("Int"),
            Self::Int(Some((from, to))) => write!(f, "Int({from}..{to})"),
            Self::Float(None) => f.write_str("Float"),
            Self::Float(Some((from, to))) => write!(f, "Float({from}..{to})"),
            Self::Text => f.write_str("Text"),
            Self::Choice(words) => {
                for (i, word) in words.iter().enumerate() {
                    write!(f, "{}{:?}", if i == 0 { "" } else { " | " }, word.as_str())?;
                }
                Ok(())
            }
            Self::Duration => f.write_str("Duration"),
            Self::Size => f.write_str("Size"),
            Self::Money => f.write_str("Money"),
            Self::Json => f.write_str("Json"),
            Self::File => f.write_str("File"),
            Self::Dir => f.write_str("Dir"),
            Self::List(item) => write!(f, "List<{item}>"),
            Self::Map(item) => write!(f, "Map<{item}>"),
            Self::Optional(inner) if matches!(**inner, Self::Choice(_)) => write!(f, "({inner})?"),
            Self::Optional(inner) => write!(f, "{inner}?"),
            Self::Record(fields) => {
                for (i, (name, ty)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {ty}", if i == 0 { "{ " } else { ", " })?;
                }
                f.write_str(if fields.is_empty() { "{}" } else { " }" })
            }
            Self::Named(_) => f.write_str("a recursive type"),
        }
    }
}
