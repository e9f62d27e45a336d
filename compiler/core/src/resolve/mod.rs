//! What names mean in a file: its own items, what it imports, what is always at hand. Imports reach one file deep, so that no query
//! ever asks itself; circles are found on plain graphs.
pub(crate) mod graph;
mod imports;
mod names;

pub(crate) use imports::{program, used_file};
pub(crate) use names::{Def, exported, lookup, scope, what};
