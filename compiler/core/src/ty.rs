//! Types as the checker sees them: names resolved, aliases unfolded, compared by structure. It knows no text.
use std::sync::Arc;

use flowc_base::Name;
use flowc_grammar::ast::FloatBits;

use crate::db::ItemId;

/// A type. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[expect(
    dead_code,
    reason = "types of the language whose values are `not-yet`: agents, secrets, outcomes, rates"
)]
pub(crate) enum Ty {
    /// Something whose error is reported already: fits everywhere, and nothing more is said about it.
    Error,
    /// The type of what cannot be there: the element of `[]`. Fits everywhere.
    Never,
    /// The type of `none`: fits in every `T?`.
    None,
    /// `()`
    Unit,
    /// `Bool`
    Bool,
    /// `Int`, `Int(from..to)`, both ends included.
    Int(Option<(i64, i64)>),
    /// `Float`, `Float(from..to)`, both ends included.
    Float(Option<(FloatBits, FloatBits)>),
    /// `Text`
    Text,
    /// `"low" | "high"`, in the order of the text.
    Choice(Arc<[Name]>),
    /// `Duration`
    Duration,
    /// `Size`
    Size,
    /// `Money`
    Money,
    /// `60 per 1m`; only in settings.
    Rate,
    /// `Json`
    Json,
    /// `File`
    File,
    /// `Dir`
    Dir,
    /// `Agent`
    Agent,
    /// `Secret`
    Secret,
    /// `List<T>`
    List(Arc<Ty>),
    /// `Map<T>`
    Map(Arc<Ty>),
    /// `T?`
    Optional(Arc<Ty>),
    /// `{ a: T }`, in the order of the text.
    Record(Arc<[(Name, Ty)]>),
    /// `Outcome<T>`: what `try` gives.
    Outcome(Arc<Ty>),
    /// A mention of a type inside its own definition, below a list or a map.
    Recursive(ItemId),
    /// A type variable of a signature of the library: one capital letter.
    Var(Name),
}
