//! From text to plan: names, types, checks and lowering over an incremental database. The only crate that names `salsa`; it touches no
//! disk, no clock and no environment but through [`System`].
#![allow(dead_code, unreachable_pub, reason = "the facade that uses these rooms is still being built")]
mod check;
mod db;
mod diagnostics;
mod hir;
mod items;
mod lower;
mod optimise;
mod resolve;
mod params;
mod shell;
mod system;
mod ty;
mod types;

pub use diagnostics::codes::{CodeInfo, code, codes};
pub use system::{EntryKind, System};

#[cfg(test)]
mod tests;
