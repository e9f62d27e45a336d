//! The grammar of `.flow` files: text in, syntax trees out, one item at a time, with every error in its place.
//! It knows nothing but text; the only crate that names `pest`. Parsing never fails: it returns a tree and errors.
//!
//! A file is first cut into items ([`split`]); each item is then parsed alone ([`parse_item`]), with places relative to
//! its first byte. So a broken item spoils no other, and an edit above an item changes nothing of its tree.
pub mod ast;
