//! The world outside the compiler, behind one trait: the command line gives the real one, tests one in memory.
use std::path::{Path, PathBuf};

/// What stands at a path.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum EntryKind {
    /// A file.
    File,
    /// A directory.
    Dir,
}

/// What the compiler may ask of the world.
pub trait System: Send + Sync {
    /// The text of a file, or why it cannot be had, in words: "no such file", "not UTF-8: byte 17", "is a directory".
    ///
    /// # Errors
    /// The reason, without the path.
    fn read_text(&self, path: &Path) -> Result<String, String>;
    /// What stands at a path (links followed); `None` when nothing does.
    fn kind(&self, path: &Path) -> Option<EntryKind>;
    /// The names of what stands in a directory, for "did you mean"; empty when that is not to be had.
    fn list(&self, _path: &Path) -> Vec<String> {
        Vec::new()
    }
    /// Whether a program of this name, no path, is where steps will look for it.
    fn has_program(&self, name: &str) -> bool;
    /// The names of all such programs, for "did you mean"; empty when that is not to be had.
    fn programs(&self) -> Vec<String> {
        Vec::new()
    }
    /// Where relative paths start, and what paths in messages are relative to; absolute.
    fn current_dir(&self) -> PathBuf {
        PathBuf::from("/")
    }
}
