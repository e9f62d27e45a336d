//! What is known of files by their stamp: an unchanged file need not be read to know what is in it. It knows no contents.
use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use flowc_plan::ContentHash;

use crate::Result;
use crate::frames::{Frame, u64_at};
use crate::shared_log::{SharedLog, Sink};

const MAGIC: [u8; 8] = *b"flowcsta";
const KIND_STAMP: u8 = 1;
/// A file that was changed less than this before it was looked at can change once more and keep its times.
const RACY: Duration = Duration::from_millis(20);
/// How many may wait to be written.
const PENDING_MAX: usize = 1_000;

/// What changes when a file does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    modified_ns: u64,
    changed_ns: u64,
}

impl Stamp {
    pub(crate) fn of(meta: &Metadata) -> Self {
        let ns = |seconds: i64, ns: i64| seconds.wrapping_mul(1_000_000_000).wrapping_add(ns).cast_unsigned();
        Self {
            device: meta.dev(),
            inode: meta.ino(),
            size: meta.size(),
            modified_ns: ns(meta.mtime(), meta.mtime_nsec()),
            changed_ns: ns(meta.ctime(), meta.ctime_nsec()),
        }
    }

    /// False when the file was changed so shortly before `looked` that another change might leave the stamp as it is.
    pub(crate) fn is_settled(&self, looked: SystemTime) -> bool {
        let limit = looked.checked_sub(RACY).and_then(|t| t.duration_since(SystemTime::UNIX_EPOCH).ok());
        let limit = limit.map_or(0, |t| u64::try_from(t.as_nanos()).unwrap_or(u64::MAX));
        self.modified_ns < limit && self.changed_ns < limit
    }

    fn fields(&self) -> [u64; 5] {
        [self.device, self.inode, self.size, self.modified_ns, self.changed_ns]
    }
}

#[derive(Default)]
struct Known(HashMap<(u64, u64), (Stamp, ContentHash)>);

impl Sink for Known {
    fn reset(&mut self) {
        self.0.clear();
    }
    fn take(&mut self, bytes: Vec<u8>, frames: &[Frame]) {
        for frame in frames.iter().filter(|frame| frame.kind == KIND_STAMP) {
            let Some(payload) = bytes.get(frame.payload.clone()) else { continue };
            let field = |at: usize| u64_at(payload, 8 * at);
            if let (Some(device), Some(inode), Some(size), Some(modified_ns), Some(changed_ns), Some(hash)) = (
                field(0),
                field(1),
                field(2),
                field(3),
                field(4),
                payload.get(40..72).and_then(|hash| hash.try_into().ok()),
            ) {
                let stamp = Stamp { device, inode, size, modified_ns, changed_ns };
                self.0.insert((device, inode), (stamp, ContentHash(hash)));
            }
        }
    }
}

struct State {
    log: SharedLog,
    known: Known,
    pending: Vec<(Stamp, ContentHash)>,
}

/// The stamps of files whose content is known.
pub(crate) struct Stats(Mutex<State>);

impl Stats {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let mut known = Known::default();
        let log = SharedLog::open(&dir.join("files"), MAGIC, &mut known)?;
        Ok(Self(Mutex::new(State { log, known, pending: Vec::new() })))
    }

    /// What is in the file that has this stamp.
    pub(crate) fn get(&self, stamp: &Stamp) -> Option<ContentHash> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, hash) = state.known.0.get(&(stamp.device, stamp.inode))?;
        (known == stamp).then_some(*hash)
    }

    /// Remembers what is in the file that has this stamp: here at once, for others and later when it is flushed.
    pub(crate) fn add(&self, stamp: Stamp, hash: ContentHash) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.known.0.insert((stamp.device, stamp.inode), (stamp, hash));
        state.pending.push((stamp, hash));
        if state.pending.len() >= PENDING_MAX {
            state.flush();
        }
    }

    /// Writes what is pending. It only saves time later, so failing is no failure.
    pub(crate) fn flush(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush();
    }
}

impl State {
    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        let _ = self.log.append(&mut self.known, |_, at, out| {
            for (stamp, hash) in &pending {
                at.push(out, KIND_STAMP, |out| {
                    stamp.fields().iter().for_each(|field| out.extend_from_slice(&field.to_le_bytes()));
                    out.extend_from_slice(&hash.0);
                });
            }
        });
    }
}
