//! Types: from what is written to what is meant, what fits in what, what two have in common, what can be converted.
pub(crate) mod cast;
pub(crate) mod eval;
pub(crate) mod fits;
pub(crate) mod recursion;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod signature;
pub(crate) mod unify;

pub(crate) use fits::{Fit, fits, has_schema, join};
pub(crate) use show::show;
