//! The store itself: its folders, its results, and what makes all of it durable. It does not know what a key is made of.
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use flowc_plan::{ContentHash, DirEntryKind, Value};

use crate::claim::{Claim, Claims};
use crate::error::IoContext;
use crate::index::{Encoded, Found, INLINE_BYTES_MAX, Index};
use crate::objects::Objects;
use crate::packs::Packs;
use crate::stats::Stats;
use crate::{Record, Result, RunLog, StoreError, sys};

/// The version of everything below the store's folder.
const FORMAT: u32 = 1;
/// How old something in `tmp` is when it is certainly nobody's.
const SWEEP_AFTER: Duration = Duration::from_secs(24 * 3600);
/// The deepest nesting of a value that is kept.
pub(crate) const VALUE_DEPTH_MAX: usize = 200;
/// The most bytes of a result that is a content of its own.
pub(crate) const ELSEWHERE_BYTES_MAX: u64 = 1 << 30;

/// A store: the folder `.flow` of a project. Cheap to clone; `Send + Sync`; several processes may use one folder at a time.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) root: PathBuf,
    pub(crate) index: Index,
    pub(crate) stats: Stats,
    pub(crate) packs: Packs,
    pub(crate) objects: Objects,
    claims: Arc<Claims>,
    sync: Mutex<Synced>,
}

/// What this process has made durable.
#[derive(Default)]
struct Synced {
    /// Up to where the index file is.
    index: u64,
    /// The packs whose names are.
    packs: BTreeSet<u32>,
    /// The file at which it went wrong.
    failed: Option<PathBuf>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.inner.root.display())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let _ = self.index.flush();
        self.stats.flush();
    }
}

impl Store {
    /// Opens the store at `root` (a project's `.flow`), and makes it if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Format`] for a store of another version; [`StoreError::Io`].
    pub fn open(root: &Path) -> Result<Self> {
        std::fs::create_dir_all(root).at("create", root)?;
        let root = root.canonicalize().at("look at", root)?;
        check_format(&root)?;
        let dir = |name: &str| -> Result<PathBuf> {
            let path = root.join(name);
            match std::fs::create_dir(&path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error).at("create", &path),
                _ => Ok(path),
            }
        };
        for name in ["objects", "tmp", "work", "runs", crate::derived::DIR] {
            dir(name)?;
        }
        let (packs, index) = (dir("objects/pack")?, dir("index")?);
        let inner = Inner {
            index: Index::open(&index)?,
            stats: Stats::open(&index)?,
            packs: Packs::new(packs),
            objects: Objects::new(&root),
            claims: Claims::open(&index)?,
            sync: Mutex::default(),
            root,
        };
        let store = Self { inner: Arc::new(inner) };
        store.recover()?;
        Ok(store)
    }

    /// What a kill, a power cut or damage calls for, before anyone asks for anything.
    fn recover(&self) -> Result<()> {
        self.sweep();
        let index = &self.inner.index;
        // A power cut can take the bytes of contents whose places it leaves in the index, where nothing was synced in between.
        for hash in index.suspects() {
            match self.check(&hash) {
                Ok(()) | Err(StoreError::Missing(_) | StoreError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        if index.is_damaged() {
            // The index has lost places of contents that are still in the packs: checkpoints may need them.
            self.inner.packs.rescan(|hash, place| {
                if index.place(&hash).is_none() {
                    index.add_place(hash, place);
                }
            })?;
        }
        Ok(())
    }

    /// Removes what a kill has left in `tmp`: what is old, so that nobody is working on it.
    fn sweep(&self) {
        let Ok(entries) = std::fs::read_dir(self.inner.root.join("tmp")) else { return };
        for entry in entries.flatten() {
            let age =
                entry.metadata().and_then(|meta| meta.modified()).ok().and_then(|time| time.elapsed().ok());
            if age.is_some_and(|age| age > SWEEP_AFTER) {
                let _ = std::fs::remove_file(entry.path()).or_else(|_| std::fs::remove_dir_all(entry.path()));
            }
        }
    }

    /// The store's folder; absolute.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// Where steps run: on the store's file system, so that outputs can be taken over without copying.
    #[must_use]
    pub fn work_dir(&self) -> PathBuf {
        self.inner.root.join("work")
    }

    /// What was wrong with the index when it was opened, once: the good part is in use, and the file kept beside it.
    #[must_use]
    pub fn take_damage(&self) -> Option<StoreError> {
        self.inner.index.take_damage()
    }

    /// The result remembered under a key. One that has expired or whose contents are missing is none.
    #[must_use]
    pub fn lookup(&self, key: &ContentHash) -> Option<Arc<Record>> {
        let index = &self.inner.index;
        let (version, bytes) = match index.find(key)? {
            Found::Ready(record) => return Some(record).filter(is_valid),
            Found::Here(version, bytes) => (version, bytes),
            Found::Elsewhere(version, hash) => (version, self.read(&hash, ELSEWHERE_BYTES_MAX).ok()?),
        };
        let record: Arc<Record> = Arc::new(rmp_serde::from_slice(&bytes).ok()?);
        if !self.has_contents_of(&record) {
            return None;
        }
        index.keep_decoded(key, version, &record);
        Some(record).filter(is_valid)
    }

    fn has_contents_of(&self, record: &Record) -> bool {
        let logs = record.stdout.iter().chain(&record.stderr);
        self.has_contents_of_value(&record.value) && logs.into_iter().all(|hash| self.is_there(hash))
    }

    /// Whether everything that a value names is there, what its directories list included.
    pub(crate) fn has_contents_of_value(&self, value: &Value) -> bool {
        match value {
            Value::File(file) => self.is_there(&file.hash),
            Value::Dir(dir) => self.read_tree(dir).is_ok_and(|tree| {
                tree.entries.iter().all(|entry| match &entry.kind {
                    DirEntryKind::File { hash, .. } => self.is_there(hash),
                    DirEntryKind::EmptyDir | DirEntryKind::Link { .. } => true,
                })
            }),
            Value::List(items) => items.iter().all(|item| self.has_contents_of_value(item)),
            Value::Record(fields) => fields.iter().all(|(_, value)| self.has_contents_of_value(value)),
            _ => true,
        }
    }

    /// Remembers results: appended whole, in one write, and visible to all processes. A later record of a key replaces the earlier.
    /// The contents that they name must have been put before.
    ///
    /// # Errors
    /// [`StoreError::TooDeep`]; [`StoreError::Io`]: then none of them is remembered.
    pub fn record(&self, records: &[(ContentHash, Record)]) -> Result<()> {
        let mut encoded = Vec::with_capacity(records.len());
        for (key, record) in records {
            check_depth(&record.value)?;
            let bytes = encode(record, &self.inner.root)?;
            encoded.push((
                *key,
                if bytes.len() > INLINE_BYTES_MAX {
                    Encoded::Elsewhere(self.put_bytes(&bytes)?)
                } else {
                    Encoded::Here(bytes)
                },
            ));
        }
        self.inner.index.record(&encoded)
    }

    /// Takes in what other processes have remembered and kept since.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn refresh(&self) -> Result<()> {
        self.inner.index.refresh()
    }

    /// Forgets the result of a key.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn forget(&self, key: &ContentHash) -> Result<()> {
        self.inner.index.forget(key)
    }

    /// Claims a key for computing it: `None` while anyone else (a process, or another holder in this one) has it. After getting it, call
    /// [`Store::refresh`] and [`Store::lookup`] once more: the one before may just have finished.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn claim(&self, key: &ContentHash) -> Result<Option<Claim>> {
        self.inner.claims.claim(key)
    }

    /// Makes everything so far survive a power cut: contents first, then the index, then the run's checkpoint. Cheap when nothing is new.
    ///
    /// # Errors
    /// [`StoreError::NotDurable`] from the first failure on, for good; [`StoreError::Io`] at that failure.
    pub fn sync(&self, run: Option<&RunLog>) -> Result<()> {
        // Who waits here finds most of its work done by the one before.
        let mut synced = self.inner.sync.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = &synced.failed {
            return Err(StoreError::NotDurable { path: path.clone() });
        }
        // A frame that is in the checkpoint by now names only what the index has by now.
        let upto = run.map(RunLog::end);
        self.sync_index(&mut synced)?;
        if let (Some(run), Some(upto)) = (run, upto) {
            run.sync(upto).inspect_err(|_| synced.failed = Some(run.dir().to_owned()))?;
        }
        Ok(())
    }

    fn sync_index(&self, synced: &mut Synced) -> Result<()> {
        let Inner { index, packs, objects, .. } = &*self.inner;
        let dirty = index.dirty()?;
        let mut durable = |file: &File, path: &Path| {
            file.sync_data().at("sync", path).inspect_err(|_| synced.failed = Some(path.to_owned()))
        };
        if dirty.unmarked {
            let mut dirs = BTreeMap::new();
            let mut in_packs = BTreeSet::new();
            for content in &dirty.contents {
                if content.place.pack != 0 {
                    in_packs.insert(content.place.pack);
                    continue;
                }
                let path = objects.path(&content.hash);
                match File::open(&path) {
                    Ok(file) => durable(&file, &path)?,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error).at("open", &path),
                }
                dirs.extend(path.parent().map(|dir| (dir.to_owned(), ())));
                dirs.insert(objects.dir().to_owned(), ());
            }
            for pack in &in_packs {
                match packs.reader(*pack) {
                    Ok(file) => durable(&file, &packs.path(*pack))?,
                    Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
            if !in_packs.is_subset(&synced.packs) {
                dirs.insert(packs.dir().to_owned(), ());
            }
            for dir in dirs.keys() {
                durable(&File::open(dir).at("open", dir)?, dir)?;
            }
            index.mark_durable(dirty.upto)?;
            synced.packs.extend(in_packs);
        }
        let (end, file, path) = {
            let log = index.log();
            (log.end(), log.file()?, log.path().to_owned())
        };
        if end != synced.index {
            let mut durable = |file: &File, path: &Path| {
                file.sync_data().at("sync", path).inspect_err(|_| synced.failed = Some(path.to_owned()))
            };
            durable(&file, &path)?;
            if synced.index == 0 {
                for dir in path.parent().into_iter().chain([self.root()]) {
                    durable(&File::open(dir).at("open", dir)?, dir)?;
                }
            }
            synced.index = end;
        }
        Ok(())
    }
}

fn is_valid(record: &Arc<Record>) -> bool {
    record.expires_unix_ms.is_none_or(|expires| sys::unix_ms() < expires)
}

/// Plain data in bytes.
pub(crate) fn encode<T: serde::Serialize>(data: &T, path: &Path) -> Result<Vec<u8>> {
    rmp_serde::to_vec(data)
        .map_err(|error| StoreError::Unsupported { path: path.to_owned(), reason: error.to_string() })
}

/// Refuses what could be written and not be read again.
pub(crate) fn check_depth(value: &Value) -> Result<()> {
    fn fits(value: &Value, levels: usize) -> bool {
        let Some(levels) = levels.checked_sub(1) else { return false };
        match value {
            Value::List(items) => items.iter().all(|item| fits(item, levels)),
            Value::Record(fields) => fields.iter().all(|(_, value)| fits(value, levels)),
            _ => true,
        }
    }
    if fits(value, VALUE_DEPTH_MAX) { Ok(()) } else { Err(StoreError::TooDeep { max: VALUE_DEPTH_MAX }) }
}

/// Makes or checks the file that says which format the store has.
fn check_format(root: &Path) -> Result<()> {
    let path = root.join("format");
    let expected = format!("flowc store {FORMAT}\n");
    let found = match sys::open_regular(&path, false) {
        Ok(Some((file, _))) => sys::read_from(&file, 0, 64).at("read", &path)?,
        Ok(None) => b"unreadable".to_vec(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return begin(root, &path, &expected),
        Err(error) => return Err(error).at("open", &path),
    };
    if found == expected.as_bytes() {
        return Ok(());
    }
    // A power cut can take the bytes of a file and leave its name.
    if found.iter().all(|byte| *byte == 0) {
        let known = root.join("index").is_dir();
        return if known { write_format(root, &path, &expected) } else { begin(root, &path, &expected) };
    }
    let found = String::from_utf8_lossy(&found).trim().chars().take(40).collect::<String>();
    let found = found.strip_prefix("flowc store ").map_or(found.clone(), str::to_owned);
    Err(StoreError::Format { path: root.to_owned(), found, expected: FORMAT })
}

/// Makes a store of an empty folder. One that holds anything else is somebody's, and no store.
fn begin(root: &Path, path: &Path, expected: &str) -> Result<()> {
    let ignore = root.join(".gitignore");
    let mut left = Vec::new();
    for entry in std::fs::read_dir(root).at("list", root)? {
        let found = entry.at("list", root)?.path();
        if found.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"format.new")) {
            left.push(found);
        } else if found != ignore && found != *path {
            // Another process may have made a store of it meanwhile: it writes the format before anything else.
            if std::fs::read(path).is_ok_and(|found| found == expected.as_bytes()) {
                return Ok(());
            }
            let reason = format!("it is not empty and not a store: it holds `{}`", found.display());
            return Err(StoreError::Unsupported { path: root.to_owned(), reason });
        }
    }
    // What is kept can be made again: version control leaves it alone.
    if !ignore.exists() {
        std::fs::write(&ignore, "*\n").at("write", &ignore)?;
    }
    write_format(root, path, expected)?;
    // Whoever was still at it finds the format there.
    for found in left {
        let _ = std::fs::remove_file(found);
    }
    Ok(())
}

/// Puts the format file there, so that a power cut leaves it whole or not there at all.
fn write_format(root: &Path, path: &Path, expected: &str) -> Result<()> {
    let new = root.join(format!("format.new-{:016x}", sys::random()));
    let written = File::create_new(&new)
        .and_then(|mut file| file.write_all(expected.as_bytes()).and_then(|()| file.sync_all()));
    let placed = written.and_then(|()| std::fs::rename(&new, path));
    if let Err(error) = placed {
        let _ = std::fs::remove_file(&new);
        // Who was first removes what others have begun.
        let there = std::fs::read(path).is_ok_and(|found| found == expected.as_bytes());
        return if there { Ok(()) } else { Err(error).at("create", path) };
    }
    File::open(root).and_then(|dir| dir.sync_all()).at("sync", root)
}

#[cfg(test)]
mod tests;
