//! The grammar of `.flow` files: text in, syntax trees out, one item at a time, with every error in its place.
//! It knows nothing but text; the only crate that names `pest`. Parsing never fails: it returns a tree and errors.
//!
//! A file is first cut into items ([`split`]); each item is then parsed alone ([`parse_item`]), with places relative to
//! its first byte. So a broken item spoils no other, and an edit above an item changes nothing of its tree.
mod allow;
pub mod ast;
mod build;
mod closing;
mod erase;
pub mod errors;
mod expected;
mod format;
mod guard;
mod lex;
mod parse;
mod recover;
mod split;

pub use allow::{AllowComment, Holds};
pub use expected::RESERVED;
pub use format::{WIDTH, format};
pub use lex::{Fault, Lexer, Token, TokenKind};
pub use parse::{Parsed, parse_item};
pub use split::{ItemWord, Split, SplitItem, split};

/// The largest file that is read, in bytes; larger ones are taken for something else.
pub const MAX_FILE_BYTES: usize = 16_000_000;

/// The largest item that is read, in bytes.
pub const MAX_ITEM_BYTES: usize = 1 << 20;

/// How many brackets may stand within each other.
pub const MAX_NESTING: usize = 128;

pub(crate) use parser::{FlowParser, Rule};

mod parser {
    #![allow(
        missing_docs,
        unused_qualifications,
        unreachable_pub,
        reason = "the code is generated from the grammar"
    )]

    /// The parser that is generated from `flow.pest`.
    #[derive(pest_derive::Parser)]
    #[grammar = "flow.pest"]
    pub(crate) struct FlowParser;
}
