//! From text to plan: names, types, checks and lowering over an incremental database. The only crate that names `salsa`; it touches no
//! disk, no clock and no environment but through [`System`].
#![allow(
    dead_code,
    unreachable_pub,
    reason = "the checker and lowering that use these rooms are still being built"
)]
mod db;
mod hir;
mod lower;
mod optimise;
mod shell;
mod system;
mod ty;

pub use system::{EntryKind, System};
