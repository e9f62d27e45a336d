//! From text to plan: names, types, checks and lowering over an incremental database. The only crate that names `salsa`; it touches no
//! disk, no clock and no environment but through [`System`].
mod allow;
mod check;
mod compiler;
mod db;
mod diagnostics;
mod findings;
mod footprint;
mod format;
mod hir;
pub mod ide;
mod items;
mod levels;
mod lower;
mod mend;
mod optimise;
mod params;
mod program;
mod resolve;
mod shell;
mod slots;
mod stack;
mod system;
mod ty;
mod types;

pub use flowc_grammar::MAX_FILE_BYTES;

pub use compiler::{Compiler, Files, FlowInfo, ParamInfo, Planned, Report};
pub use db::normalised;
pub use diagnostics::codes::{CodeInfo, SYNTAX_THEME, code, codes};
pub use format::format;
pub use levels::{Level, LevelError, Levels, WARNINGS};
pub use params::{Arg, Args};
pub use shell::is_parsing_shell;
pub use system::{EntryKind, System};

#[cfg(test)]
mod tests;
