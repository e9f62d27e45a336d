//! What the dispatcher keeps and finds again, as one small interface: the store in earnest, maps in tests (with a kill after any write).
use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

use flowc_plan::{ContentHash, FileRef, SourceKind, Value};
use flowc_stdlib::Files;
use flowc_store::{Record, Result, RunFrame, RunLog, Store};

use crate::eval::StoreFiles;

/// What is there already: results by key, contents of files, what is outside.
pub(crate) trait Finder: Files + Send + Sync {
    /// See [`Store::lookup`].
    fn lookup(&self, key: &ContentHash) -> Option<Arc<Record>>;
    /// Reads a source; the error is a sentence.
    fn source(&self, kind: SourceKind, what: &str, base: &str) -> Result<Value, String>;
}

/// What a run adds: results, its checkpoint.
pub(crate) trait Keeper: Finder {
    /// See [`Store::record`].
    fn record(&self, records: &[(ContentHash, Record)]) -> Result<()>;
    /// See [`Store::refresh`].
    fn refresh(&self) -> Result<()>;
    /// See [`Store::forget`].
    fn forget(&self, key: &ContentHash) -> Result<()>;
    /// See [`Store::claim`]: the right is given back when what is given is dropped.
    fn claim(&self, key: &ContentHash) -> Result<Option<Box<dyn Any>>>;
    /// Whether all contents that a value names are there.
    fn holds(&self, value: &Value) -> bool;
    /// See [`RunLog::append`].
    fn append(&self, frames: &[RunFrame]) -> Result<()>;
    /// Puts what a failed step printed where a person can look at it; `None` when it printed nothing or that cannot be kept.
    fn keep_log(&self, key: &ContentHash, printed: Option<&ContentHash>) -> Option<PathBuf>;
    /// See [`Store::sync`].
    fn sync(&self) -> Result<()>;
}

/// The store.
pub(crate) struct StoreFinder(pub(crate) Store);

impl Files for StoreFinder {
    fn read(&self, file: &FileRef, max_bytes: u64) -> Result<Vec<u8>, String> {
        StoreFiles(&self.0).read(file, max_bytes)
    }
}

impl Finder for StoreFinder {
    fn lookup(&self, key: &ContentHash) -> Option<Arc<Record>> {
        self.0.lookup(key)
    }

    fn source(&self, kind: SourceKind, what: &str, base: &str) -> Result<Value, String> {
        crate::sources::read(&self.0, kind, what, base)
    }
}

/// The store, and the checkpoint of one run in it.
pub(crate) struct StoreKeeper {
    pub(crate) found: StoreFinder,
    pub(crate) log: RunLog,
}

impl StoreKeeper {
    fn store(&self) -> &Store {
        &self.found.0
    }
}

impl Files for StoreKeeper {
    fn read(&self, file: &FileRef, max_bytes: u64) -> Result<Vec<u8>, String> {
        self.found.read(file, max_bytes)
    }
}

impl Finder for StoreKeeper {
    fn lookup(&self, key: &ContentHash) -> Option<Arc<Record>> {
        self.found.lookup(key)
    }

    fn source(&self, kind: SourceKind, what: &str, base: &str) -> Result<Value, String> {
        self.found.source(kind, what, base)
    }
}

impl Keeper for StoreKeeper {
    fn record(&self, records: &[(ContentHash, Record)]) -> Result<()> {
        self.store().record(records)
    }

    fn refresh(&self) -> Result<()> {
        self.store().refresh()
    }

    fn forget(&self, key: &ContentHash) -> Result<()> {
        self.store().forget(key)
    }

    fn claim(&self, key: &ContentHash) -> Result<Option<Box<dyn Any>>> {
        Ok(self.store().claim(key)?.map(|claim| Box::new(claim) as Box<dyn Any>))
    }

    fn holds(&self, value: &Value) -> bool {
        match value {
            Value::File(file) => self.store().contains(&file.hash),
            Value::Dir(dir) => self.store().read_tree(dir).is_ok_and(|tree| {
                tree.entries.iter().all(|entry| match &entry.kind {
                    flowc_plan::DirEntryKind::File { hash, .. } => self.store().contains(hash),
                    _ => true,
                })
            }),
            Value::List(items) => items.iter().all(|item| self.holds(item)),
            Value::Record(fields) => fields.iter().all(|(_, value)| self.holds(value)),
            _ => true,
        }
    }

    fn append(&self, frames: &[RunFrame]) -> Result<()> {
        self.log.append(frames)
    }

    fn keep_log(&self, key: &ContentHash, printed: Option<&ContentHash>) -> Option<PathBuf> {
        let dir = self.log.dir().join("logs");
        let path = dir.join(format!("{}.log", key.short(16)));
        std::fs::create_dir_all(&dir).ok()?;
        // Of an earlier try: there may be none.
        let _ = std::fs::remove_file(&path);
        self.store().write_to(printed?, &path, 0o644).ok()?;
        Some(path)
    }

    fn sync(&self) -> Result<()> {
        self.store().sync(Some(&self.log))
    }
}
