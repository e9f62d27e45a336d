//! What can go wrong in the store: kinds to branch on, each naming the path it is about. It knows no language and no run.
use std::io;
use std::path::{Path, PathBuf};

use flowc_plan::ContentHash;

use crate::RunId;

/// The result of a store operation.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system refused; [`StoreError::is_full`] tells a full disk from the rest.
    #[error("cannot {action} `{path}`: {source}")]
    Io {
        /// What was tried, as an infinitive: `write`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The store was made by a flowc with another format.
    #[error("the store `{path}` has format {found}, this flowc reads format {expected}")]
    Format {
        /// The store.
        path: PathBuf,
        /// What its format file says.
        found: String,
        /// What this code reads and writes.
        expected: u32,
    },
    /// The content is not in the store, or no longer.
    #[error("the store has no content `{0}`")]
    Missing(ContentHash),
    /// The content was there and is not what its name says; it has been set aside and counts as missing from now on.
    #[error("the content `{hash}` was damaged in `{path}` and has been set aside")]
    Damaged {
        /// The name of the content.
        hash: ContentHash,
        /// Where it stood.
        path: PathBuf,
    },
    /// More bytes than the caller or the format allows.
    #[error("`{what}` has {size} bytes, expected at most {max}")]
    TooLarge {
        /// A path or the name of a content.
        what: String,
        /// Its size in bytes.
        size: u64,
        /// The most that is allowed, in bytes.
        max: u64,
    },
    /// A value that is nested deeper than the store keeps.
    #[error("a value is nested more than {max} levels deep")]
    TooDeep {
        /// The most levels.
        max: usize,
    },
    /// A path whose kind the store does not keep: a device, a socket, a link that leaves its directory, a name that is no UTF-8.
    #[error("cannot keep `{path}`: {reason}")]
    Unsupported {
        /// The path.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file of the user kept changing while it was read.
    #[error("`{path}` changed while it was read")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The run is being worked on by a process that is alive.
    #[error("run `{0}` is in use by another process")]
    Busy(RunId),
    /// There is no run of this name.
    #[error("there is no run `{0}`")]
    NoRun(RunId),
    /// Not a name that a run can have.
    #[error("`{0}` is not the name of a run")]
    BadRunId(String),
    /// A log or snapshot says something that cannot be; what could be read has been kept.
    #[error("`{path}` is damaged: {reason}")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An earlier sync failed, so what was written since the last good one may not survive a power cut. Never retried: the
    /// system forgets which pages it could not write.
    #[error("the store can no longer promise durability: writing to `{path}` failed earlier")]
    NotDurable {
        /// The file that could not be synced.
        path: PathBuf,
    },
}

impl StoreError {
    /// True when the disk, a quota or a file size limit is exhausted: what the user can mend and resume.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Io { source, .. } if matches!(
            source.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        ))
    }
}

/// Adds what was tried, and on what, to a system error.
pub(crate) trait IoContext<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T, E: Into<io::Error>> IoContext<T> for std::result::Result<T, E> {
    fn at(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|error| StoreError::Io { action, path: path.to_owned(), source: error.into() })
    }
}
