//! The store. First slice: the interface only; bodies follow.
#![expect(
    unused_variables,
    clippy::unused_self,
    missing_debug_implementations,
    reason = "interface ahead of its bodies"
)]
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flowc_plan::{ContentHash, DirRef, FileRef, Tree};

use crate::{Record, Result, RunFrame, RunHeader, RunId, RunLog, RunState, RunSummary, StoreError};

/// Contents up to this many bytes are appended to a pack; larger ones are files of their own.
pub const PACKED_BYTES_MAX: u64 = 64 << 10;

/// A store: the folder `.flow` of a project. Cheap to clone; `Send + Sync`; several processes may use one folder at a time.
#[derive(Clone)]
pub struct Store {
    root: Arc<PathBuf>,
}

/// What [`Store::ingest`] learned about a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ingested {
    /// What is in it.
    pub hash: ContentHash,
    /// How many bytes.
    pub size: u64,
    /// Whether its owner may execute it.
    pub executable: bool,
}

/// The bytes of a content, verified: copied for small ones, mapped for large ones.
pub struct View(Vec<u8>);

impl Deref for View {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

/// The right to compute one key, among all processes that use the store; given back on drop, and by the kernel when the process dies.
pub struct Claim(());

impl Store {
    /// Opens the store at `root` (a project's `.flow`), and makes it if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Format`] for a store of another version; [`StoreError::Io`].
    pub fn open(root: &Path) -> Result<Self> {
        Ok(Self { root: Arc::new(root.to_owned()) })
    }

    /// The store's folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where steps run: on the store's file system, so that outputs can be renamed into the store.
    #[must_use]
    pub fn work_dir(&self) -> PathBuf {
        self.root.join("work")
    }

    // ---- contents

    /// Keeps some bytes.
    ///
    /// # Errors
    /// [`StoreError::Io`]; a full disk leaves nothing behind.
    pub fn put_bytes(&self, bytes: &[u8]) -> Result<ContentHash> {
        unimplemented(self.root())
    }

    /// Takes over a file that a step has made: afterwards it is gone from `path`. Follows no link, takes regular files only.
    /// Gives the hash and the size in bytes.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] for anything but a regular file; [`StoreError::Io`].
    pub fn put_file(&self, path: &Path) -> Result<(ContentHash, u64)> {
        unimplemented(path)
    }

    /// Keeps a copy of a user's file, which stays as it is. Follows links. An unchanged file costs one `stat`.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it does not hold still; [`StoreError::Unsupported`] for anything but a regular file; [`StoreError::Io`].
    pub fn ingest(&self, path: &Path) -> Result<Ingested> {
        unimplemented(path)
    }

    /// Whether a content is there, as far as the store knows without reading it.
    #[must_use]
    pub fn contains(&self, hash: &ContentHash) -> bool {
        false
    }

    /// The size of a content in bytes.
    #[must_use]
    pub fn blob_size(&self, hash: &ContentHash) -> Option<u64> {
        None
    }

    /// The bytes of a content, verified, up to `max_bytes`.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Damaged`] (it is set aside and missing from now on), [`StoreError::TooLarge`], [`StoreError::Io`].
    pub fn read(&self, hash: &ContentHash, max_bytes: u64) -> Result<Vec<u8>> {
        Err(StoreError::Missing(*hash))
    }

    /// The bytes of a content, verified; large ones are mapped, not copied.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn view(&self, hash: &ContentHash) -> Result<View> {
        Err(StoreError::Missing(*hash))
    }

    /// The read-only file of a large content, verified when it is asked for the first time; `None` for small ones (they stand in
    /// packs) and for missing ones. For links from places where nobody may write *through* them: a hard link in a directory
    /// that a step may write to would let it change the store.
    #[must_use]
    pub fn object_path(&self, hash: &ContentHash) -> Option<PathBuf> {
        None
    }

    /// Writes a content to a new file with permissions `mode`: cloned where the file system can, else copied; verified.
    ///
    /// # Errors
    /// As [`Store::read`]; [`StoreError::Io`] also when `dest` exists. Nothing is left at `dest` on errors.
    pub fn write_to(&self, hash: &ContentHash, dest: &Path, mode: u32) -> Result<()> {
        Err(StoreError::Missing(*hash))
    }

    // ---- directories

    /// Takes over the files of a directory that a step has made, links and empty directories as data; what is left of it is the caller's to remove.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] names a device, a socket, a pipe, a link out of the directory, a name that is no UTF-8; [`StoreError::Io`].
    pub fn put_dir(&self, path: &Path) -> Result<DirRef> {
        unimplemented(path)
    }

    /// Keeps a copy of a user's directory, file by file like [`Store::ingest`].
    ///
    /// # Errors
    /// As [`Store::put_dir`] and [`Store::ingest`].
    pub fn ingest_dir(&self, path: &Path) -> Result<DirRef> {
        unimplemented(path)
    }

    /// What a directory holds; checked: sorted, no path leaves it.
    ///
    /// # Errors
    /// As [`Store::read`]; [`StoreError::Corrupt`] when it is no tree.
    pub fn read_tree(&self, dir: &DirRef) -> Result<Tree> {
        Err(StoreError::Missing(dir.tree))
    }

    /// Makes the directory `dest` (which must not exist) and writes all of `dir` into it. Files are `0444`, or `0555` when executable, if
    /// `writable` is false, else `0644` and `0755`.
    ///
    /// # Errors
    /// As [`Store::write_to`] and [`Store::read_tree`].
    pub fn write_dir_to(&self, dir: &DirRef, dest: &Path, writable: bool) -> Result<()> {
        Err(StoreError::Missing(dir.tree))
    }

    /// [`Store::write_to`] for a file value, with its executable bit.
    ///
    /// # Errors
    /// As [`Store::write_to`].
    pub fn write_file_to(&self, file: &FileRef, dest: &Path, writable: bool) -> Result<()> {
        Err(StoreError::Missing(file.hash))
    }

    // ---- results

    /// The result remembered under a key. One that has expired or whose contents are missing is none.
    #[must_use]
    pub fn lookup(&self, key: &ContentHash) -> Option<Arc<Record>> {
        None
    }

    /// Remembers results: appended whole, in one write, and visible to all processes. A later record of a key replaces the earlier.
    /// The contents that they name must have been put before.
    ///
    /// # Errors
    /// [`StoreError::TooDeep`]; [`StoreError::Io`]: then none of them is remembered.
    pub fn record(&self, records: &[(ContentHash, Record)]) -> Result<()> {
        Ok(())
    }

    /// Takes in what other processes have remembered and kept since.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn refresh(&self) -> Result<()> {
        Ok(())
    }

    /// Forgets the result of a key.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn forget(&self, key: &ContentHash) -> Result<()> {
        Ok(())
    }

    /// Claims a key for computing it: `None` while anyone else (a process, or another holder in this one) has it. After getting it, call
    /// [`Store::refresh`] and [`Store::lookup`] once more: the one before may just have finished.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn claim(&self, key: &ContentHash) -> Result<Option<Claim>> {
        Ok(Some(Claim(())))
    }

    // ---- runs

    /// Starts a run: picks its name from `stem` (the program's file stem), makes its directory, takes its lease, and writes the header
    /// that `make_header` gives as the first frame.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn create_run(&self, stem: &str, make_header: impl FnOnce(&RunId) -> RunHeader) -> Result<RunLog> {
        unimplemented(self.root())
    }

    /// Takes up a run: replays its checkpoint and takes its lease.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while a living process has it; [`StoreError::NoRun`]; [`StoreError::Corrupt`] when not even its header can be read.
    pub fn open_run(&self, id: &RunId) -> Result<(RunState, RunLog)> {
        Err(StoreError::NoRun(id.clone()))
    }

    /// All runs, newest first. Those that cannot be read are left out.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn runs(&self) -> Result<Vec<RunSummary>> {
        Ok(Vec::new())
    }

    /// Removes a run's checkpoint and logs; contents and results stay.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::NoRun`], [`StoreError::Io`].
    pub fn remove_run(&self, id: &RunId) -> Result<()> {
        Err(StoreError::NoRun(id.clone()))
    }

    // ---- durability

    /// Makes everything so far survive a power cut: contents first, then the index, then the run's checkpoint. Cheap when nothing is new.
    ///
    /// # Errors
    /// [`StoreError::NotDurable`] from the first failure on, for good; [`StoreError::Io`] at that failure.
    pub fn sync(&self, run: Option<&RunLog>) -> Result<()> {
        Ok(())
    }
}

fn unimplemented<T>(path: &Path) -> Result<T> {
    Err(StoreError::Unsupported { path: path.to_owned(), reason: "not there yet".to_owned() })
}
