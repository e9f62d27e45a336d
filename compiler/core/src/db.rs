//! The database: what is put in from outside (files) and the identities that queries are asked by. It does no input or output of its own.
use std::path::PathBuf;
use std::sync::Arc;

use flowc_base::Name;

/// A file of the program or of the library, present or not.
#[salsa::input(debug)]
pub struct SourceFile {
    /// Its path, absolute and normalised; `std.text` for files of the library.
    #[returns(ref)]
    pub path: PathBuf,
    /// Its text; `Err` says why it could not be read.
    #[returns(ref)]
    pub text: Result<Arc<str>, Arc<str>>,
    /// True for files of the library.
    #[returns(copy)]
    pub library: bool,
}

/// The word that an item begins with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ItemWord {
    /// `use`
    Use,
    /// `type`
    Type,
    /// `agent`
    Agent,
    /// `task`
    Task,
    /// `flow`
    Flow,
    /// `settings`
    Settings,
    /// `test`
    Test,
}

/// An item, named by what it is called and never by where it stands: an edit above it changes nothing about it.
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct ItemId {
    /// The file that it stands in.
    #[returns(copy)]
    pub file: SourceFile,
    /// Its kind.
    #[returns(copy)]
    pub word: ItemWord,
    /// Its name; for `use` and `settings` the empty name.
    #[returns(ref)]
    pub name: Name,
    /// Which among those of the same file, kind and name, from 0.
    #[returns(copy)]
    pub nth: u32,
}
