//! The checkpoint of one run while it is worked on: segments of an append-only log, and snapshots that take the place of their head.
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::stored::{self, Segment};
use super::{Counts, RunFrame, RunHeader, RunId, RunState, RunStatus, RunSummary, summary};
use crate::error::IoContext;
use crate::frames::Position;
use crate::{Result, Store, StoreError, sys};

/// A segment that has grown past this many bytes, and past its snapshot, is replaced by a new snapshot.
pub(super) const SEGMENT_BYTES_MAX: u64 = 4 << 20;

/// The checkpoint of a run, held by this process alone until the last clone is dropped. Cheap to clone; `Send + Sync`.
#[derive(Clone)]
pub struct RunLog {
    inner: Arc<Shared>,
}

struct Shared {
    header: RunHeader,
    dir: PathBuf,
    store: Store,
    _lease: Lease,
    state: Mutex<Writer>,
}

struct Writer {
    file: File,
    number: u32,
    at: Position,
    /// Bytes of all segments before this one, so that ends grow for ever.
    before: u64,
    synced: u64,
    named: bool,
    snapshot_bytes: u64,
    segment_bytes_max: u64,
    /// A segment could not be synced and has been left: the log is not durable any more.
    broken: bool,
    /// How it ended, if nothing came after.
    ended: Option<(RunStatus, Counts, u64)>,
}

impl std::fmt::Debug for RunLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RunLog({})", self.id())
    }
}

impl RunLog {
    /// Begins the log of a new run, whose directory and lease the caller has made.
    pub(super) fn create(store: &Store, dir: PathBuf, lease: Lease, header: &RunHeader) -> Result<Self> {
        let (file, at) = stored::begin_segment(&dir, 0)?;
        let log = Self::hold(store, dir, lease, header.clone(), file, 0, at, 0);
        let bytes = crate::store::encode(header, log.dir())?;
        log.write(|at, out| at.push(out, stored::KIND_HEADER, |out| out.extend_from_slice(&bytes)))?;
        Ok(log)
    }

    /// Goes on with the log of a run, whose lease the caller has taken.
    pub(super) fn resume(store: &Store, dir: PathBuf, lease: Lease) -> Result<(RunState, Self)> {
        summary::remove(&dir)?;
        let loaded = stored::load(store, &dir, true)?;
        let Segment { number, file, at } = match loaded.last {
            Some(segment) => segment,
            None => {
                let (file, at) = stored::begin_segment(&dir, loaded.next)?;
                Segment { number: loaded.next, file, at }
            }
        };
        let log = Self::hold(
            store,
            dir,
            lease,
            loaded.state.header.clone(),
            file,
            number,
            at,
            loaded.snapshot_bytes,
        );
        Ok((loaded.state, log))
    }

    #[expect(clippy::too_many_arguments, reason = "the two ways to get a log share what it is made of")]
    fn hold(
        store: &Store,
        dir: PathBuf,
        lease: Lease,
        header: RunHeader,
        file: File,
        number: u32,
        at: Position,
        snapshot_bytes: u64,
    ) -> Self {
        let state = Mutex::new(Writer {
            file,
            number,
            at,
            before: 0,
            synced: 0,
            named: false,
            snapshot_bytes,
            segment_bytes_max: SEGMENT_BYTES_MAX,
            broken: false,
            ended: None,
        });
        Self { inner: Arc::new(Shared { header, dir, store: store.clone(), _lease: lease, state }) }
    }

    /// The run.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.inner.header.id
    }

    /// The run's directory, for the logs of its steps.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Appends changes, whole, in one write: they survive a kill of the process from here on, a power cut after [`Store::sync`].
    ///
    /// # Errors
    /// [`StoreError`]; nothing of `frames` is left in the log then.
    pub fn append(&self, frames: &[RunFrame]) -> Result<()> {
        let store = &self.inner.store;
        let mut payloads = Vec::with_capacity(frames.len());
        for frame in frames {
            payloads.push(stored::encode_frame(store, frame, self.dir())?);
        }
        // A checkpoint names no content that the index does not.
        store.inner.index.flush()?;
        self.write(|at, out| {
            for (kind, payload) in &payloads {
                at.push(out, *kind, |out| out.extend_from_slice(payload));
            }
        })?;
        self.snapshot_if_large(store);
        frames.iter().for_each(|frame| self.note_end(frame));
        Ok(())
    }

    /// Writes a summary when the run is over: it has been handed out, or there is nothing to hand out.
    fn note_end(&self, frame: &RunFrame) {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let delivered = matches!(frame, RunFrame::Delivered);
        match frame {
            RunFrame::Ended { status, counts, unix_ms } => state.ended = Some((*status, *counts, *unix_ms)),
            RunFrame::Delivered => {}
            _ => state.ended = None,
        }
        let Some((status, counts, unix_ms)) = state.ended else { return };
        if delivered || status != RunStatus::Done {
            let header = self.inner.header.clone();
            let (ended, ended_unix_ms) = (Some(status), Some(unix_ms));
            let summary = RunSummary { header, live: false, ended, ended_unix_ms, counts, delivered };
            // Without it the checkpoint is read.
            let _ = summary::write(self.dir(), &summary);
        }
    }

    fn write(&self, push: impl FnOnce(&mut Position, &mut Vec<u8>)) -> Result<()> {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut at, mut bytes) = (state.at, Vec::new());
        push(&mut at, &mut bytes);
        if let Err(error) = state.file.write_all_at(&bytes, state.at.offset) {
            // A full disk can take half a frame: it must not stand before the next one.
            let _ = state.file.set_len(state.at.offset);
            return Err(error).at("write", &stored::segment_path(self.dir(), state.number));
        }
        state.at = at;
        Ok(())
    }

    /// Goes on in a new segment when this one has grown large, behind a snapshot of all before. Failing is no failure of the
    /// append: the old segments say the same.
    fn snapshot_if_large(&self, store: &Store) {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.at.offset < state.segment_bytes_max.max(state.snapshot_bytes) {
            return;
        }
        let next = state.number.saturating_add(1);
        // The new segment first: behind a snapshot of segment N, what stands in N is not read any more.
        let Ok((file, at)) = stored::begin_segment(self.dir(), next) else {
            state.segment_bytes_max = state.at.offset.saturating_mul(2);
            return;
        };
        let snapshot = stored::write_snapshot(store, self.dir(), state.number);
        // Without a snapshot nobody has synced the old segment: it must not be left behind unsynced.
        let durable = snapshot.is_ok() || state.file.sync_data().is_ok();
        state.before += state.at.offset;
        (state.file, state.at, state.number, state.named) = (file, at, next, false);
        if durable {
            state.synced = state.before;
        } else {
            state.broken = true;
        }
        if let Ok(bytes) = snapshot {
            state.snapshot_bytes = bytes;
            stored::retire(self.dir());
        }
    }

    /// For tests: snapshots after fewer bytes.
    #[cfg(test)]
    pub(crate) fn set_segment_bytes_max(&self, bytes: u64) {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner).segment_bytes_max = bytes;
    }

    /// How much has been appended, ever.
    pub(crate) fn end(&self) -> u64 {
        let state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.before + state.at.offset
    }

    /// Makes the log durable at least up to `end`.
    pub(crate) fn sync(&self, end: u64) -> Result<()> {
        let (file, path, named) = {
            let state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.broken {
                return Err(StoreError::NotDurable { path: self.inner.dir.clone() });
            }
            if state.synced >= end {
                return Ok(());
            }
            let path = stored::segment_path(self.dir(), state.number);
            (state.file.try_clone().at("use", &path)?, path, state.named)
        };
        file.sync_data().at("sync", &path)?;
        if !named {
            for dir in [Some(self.dir()), self.dir().parent()].into_iter().flatten() {
                File::open(dir).and_then(|dir| dir.sync_data()).at("sync", dir)?;
            }
        }
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.synced = state.synced.max(end);
        state.named |= stored::segment_path(self.dir(), state.number) == path;
        Ok(())
    }
}

/// The right to write a run: a lock that the kernel gives back when the process dies.
///
/// It is given back by name and not by closing the file alone: a process that is just being spawned holds a copy of the file for a moment.
pub(super) struct Lease(File);

impl Drop for Lease {
    fn drop(&mut self) {
        let _ = sys::unlock(&self.0, 0, 0);
    }
}

/// Takes the lease of a run's directory; `None`: a living process has it.
pub(super) fn take_lease(dir: &Path) -> Result<Option<Lease>> {
    let path = dir.join("lease");
    let file =
        File::options().read(true).write(true).create(true).truncate(false).open(&path).at("open", &path)?;
    Ok(sys::try_lock(&file, 0, 0).at("lock", &path)?.then(|| Lease(file)))
}

/// Whether a living process has the lease. Only looks: it never keeps anyone from taking it.
pub(super) fn is_live(dir: &Path) -> bool {
    match File::options().read(true).write(true).open(dir.join("lease")) {
        Ok(file) => sys::is_locked(&file).unwrap_or(true),
        // Only who has no lease is certainly dead: too many open files or missing rights say nothing.
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}
