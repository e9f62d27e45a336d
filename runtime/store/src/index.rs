//! The index: which results and contents there are, in one log shared by all processes, and in memory. It knows where contents
//! stand, not how they are read.
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use flowc_plan::ContentHash;

use crate::frames::{Frame, Position, u32_at, u64_at};
use crate::shared_log::{SharedLog, Sink};
use crate::{Record, Result, StoreError, sys};

const MAGIC: [u8; 8] = *b"flowcidx";

/// Kinds of frames: their numbers are the format.
mod kind {
    pub(super) const RESULT: u8 = 1;
    pub(super) const RESULT_ELSEWHERE: u8 = 2;
    pub(super) const FORGET: u8 = 3;
    pub(super) const BLOBS: u8 = 4;
    pub(super) const LOST: u8 = 5;
    pub(super) const SESSION: u8 = 6;
    pub(super) const SYNCED: u8 = 7;
}

/// Results that take more bytes than this are contents of their own, so that opening the index stays cheap.
pub(crate) const INLINE_BYTES_MAX: usize = 8 << 10;
/// The bytes of one content's place in a frame.
const PLACE_BYTES: usize = 52;
/// Places in one frame.
const PLACES_MAX: usize = 10_000;

/// Keys and contents are hashes already: their first bytes will do.
#[derive(Default)]
pub(crate) struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = u64_at(bytes, 0) {
            // The map takes its buckets from the low bits and its tags from the high ones; both are here.
            self.0 = first;
        }
    }
    fn write_usize(&mut self, _: usize) {}
}

pub(crate) type HashedMap<V> = HashMap<ContentHash, V, BuildHasherDefault<FirstBytes>>;

/// Where a content stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// The number of the pack; 0: a file of its own.
    pub(crate) pack: u32,
    /// The offset of its bytes in the pack.
    pub(crate) offset: u64,
    /// How many bytes.
    pub(crate) size: u64,
}

/// A remembered result: decoded when somebody asks for it. There may be a hundred thousand: it is small.
struct Slot {
    bytes: SlotBytes,
    /// [`Table::losses`] when its contents were looked at.
    looked: u32,
    decoded: Option<Arc<Record>>,
}

/// Where the bytes of a result are, or the name of the content that holds them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct SlotBytes {
    start: u64,
    chunk: u32,
    length: u32,
    elsewhere: bool,
}

/// A result as the index has it.
pub(crate) enum Found {
    /// Decoded, its contents looked at.
    Ready(Arc<Record>),
    /// Its bytes.
    Here(Version, Vec<u8>),
    /// The content that holds its bytes.
    Elsewhere(Version, ContentHash),
}

/// Tells a result from a later one under the same key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version(SlotBytes, u32);

/// A content whose place is in the log behind the last mark that says "all before is durable".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Undurable {
    /// The offset of the frame that tells its place.
    at: u64,
    /// The content.
    pub(crate) hash: ContentHash,
    /// Where it stands.
    pub(crate) place: Place,
}

/// What the log says, in memory.
#[derive(Default)]
pub(crate) struct Table {
    results: HashedMap<Slot>,
    pub(crate) blobs: HashedMap<Place>,
    chunks: Vec<Vec<u8>>,
    /// How often contents were lost.
    losses: u32,
    /// Places that are not in the log yet.
    pending: Vec<(ContentHash, Place)>,
    undurable: Vec<Undurable>,
    durable_upto: u64,
    /// The end of the last frame that wants to be made durable.
    changed: u64,
    /// The start of the system under which the last frames were written.
    boot: Option<u64>,
}

/// The index of a store.
pub(crate) struct Index {
    log: Mutex<SharedLog>,
    table: RwLock<Table>,
}

/// What [`Index::dirty`] finds to be made durable.
pub(crate) struct Dirty {
    /// Everything before this offset of the log will be.
    pub(crate) upto: u64,
    /// The contents that are not known to be.
    pub(crate) contents: Vec<Undurable>,
    /// Whether the log has frames that no mark covers.
    pub(crate) unmarked: bool,
}

impl Index {
    /// Opens the log in `dir`.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let mut table = Table::default();
        let log = SharedLog::open(&dir.join("results"), MAGIC, &mut table)?;
        Ok(Self { log: Mutex::new(log), table: RwLock::new(table) })
    }

    // A panic while one of these is held cannot leave them half changed: what is behind a lock is changed after all that can fail.
    pub(crate) fn log(&self) -> MutexGuard<'_, SharedLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn table(&self) -> RwLockReadGuard<'_, Table> {
        self.table.read().unwrap_or_else(PoisonError::into_inner)
    }
    fn table_mut(&self) -> RwLockWriteGuard<'_, Table> {
        self.table.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a content stands.
    pub(crate) fn place(&self, hash: &ContentHash) -> Option<Place> {
        self.table().blobs.get(hash).copied()
    }

    /// Says where a new content stands: known here at once, in the log with the next append.
    pub(crate) fn add_place(&self, hash: ContentHash, place: Place) {
        let mut table = self.table_mut();
        table.blobs.insert(hash, place);
        table.pending.push((hash, place));
    }

    /// A remembered result.
    pub(crate) fn find(&self, key: &ContentHash) -> Option<Found> {
        let table = self.table();
        let slot = table.results.get(key)?;
        if let Some(record) = slot.decoded.as_ref().filter(|_| slot.looked == table.losses) {
            return Some(Found::Ready(Arc::clone(record)));
        }
        let (version, start) = (Version(slot.bytes, table.losses), usize::try_from(slot.bytes.start).ok()?);
        let bytes =
            table.chunks.get(slot.bytes.chunk as usize)?.get(start..start + slot.bytes.length as usize)?;
        Some(if slot.bytes.elsewhere {
            Found::Elsewhere(version, ContentHash(bytes.try_into().ok()?))
        } else {
            Found::Here(version, bytes.to_vec())
        })
    }

    /// Keeps a decoded result for the next look-up, unless another took its place meanwhile.
    pub(crate) fn keep_decoded(&self, key: &ContentHash, version: Version, record: &Arc<Record>) {
        if let Some(slot) = self.table_mut().results.get_mut(key)
            && slot.bytes == version.0
        {
            slot.looked = version.1;
            slot.decoded = Some(Arc::clone(record));
        }
    }

    /// Appends results with the places of the contents they may need before them.
    pub(crate) fn record(&self, records: &[(ContentHash, Encoded)]) -> Result<()> {
        self.append(|at, out| {
            for (key, record) in records {
                match record {
                    Encoded::Here(bytes) => at.push(out, kind::RESULT, |out| {
                        out.extend_from_slice(&key.0);
                        out.extend_from_slice(bytes);
                    }),
                    Encoded::Elsewhere(hash) => at.push(out, kind::RESULT_ELSEWHERE, |out| {
                        out.extend_from_slice(&key.0);
                        out.extend_from_slice(&hash.0);
                    }),
                }
            }
        })
    }

    /// Forgets a result.
    pub(crate) fn forget(&self, key: &ContentHash) -> Result<()> {
        self.append(|at, out| at.push(out, kind::FORGET, |out| out.extend_from_slice(&key.0)))
    }

    /// Says that contents are gone or damaged: results that need them are looked at anew.
    pub(crate) fn lost(&self, hashes: &[ContentHash]) -> Result<()> {
        self.table_mut().lose(hashes);
        self.append(|at, out| {
            for hash in hashes {
                at.push(out, kind::LOST, |out| out.extend_from_slice(&hash.0));
            }
        })
    }

    /// Writes the places that are not in the log yet.
    pub(crate) fn flush(&self) -> Result<()> {
        if self.table().pending.is_empty() { Ok(()) } else { self.append(|_, _| {}) }
    }

    /// Takes in what others have written.
    pub(crate) fn refresh(&self) -> Result<()> {
        let mut log = self.log();
        log.refresh(&mut *self.table_mut())
    }

    fn append(&self, write: impl FnOnce(&mut Position, &mut Vec<u8>)) -> Result<()> {
        let mut log = self.log();
        let mut table = self.table_mut();
        let pending = std::mem::take(&mut table.pending);
        let result = log.append(&mut *table, |table, at, out| {
            if table.boot != Some(sys::boot()) {
                at.push(out, kind::SESSION, |out| out.extend_from_slice(&sys::boot().to_le_bytes()));
            }
            for places in pending.chunks(PLACES_MAX) {
                at.push(out, kind::BLOBS, |out| {
                    for (hash, place) in places {
                        out.extend_from_slice(&hash.0);
                        out.extend_from_slice(&place.pack.to_le_bytes());
                        out.extend_from_slice(&place.offset.to_le_bytes());
                        out.extend_from_slice(&place.size.to_le_bytes());
                    }
                });
            }
            write(at, out);
        });
        if result.is_err() {
            for (hash, place) in &pending {
                table.blobs.insert(*hash, *place);
            }
            table.pending.splice(0..0, pending);
        }
        result
    }

    /// Where the last content of a pack ends, as far as the log says; 0 when it names none.
    pub(crate) fn pack_end(&self, pack: u32) -> u64 {
        let table = self.table();
        let ends = table.blobs.values().filter(|place| place.pack == pack);
        ends.map(|place| place.offset.saturating_add(place.size).next_multiple_of(8)).max().unwrap_or(0)
    }

    /// What is not known to be durable, after what is pending has been written.
    pub(crate) fn dirty(&self) -> Result<Dirty> {
        self.flush()?;
        let log = self.log();
        let table = self.table();
        let unmarked = table.changed > table.durable_upto;
        Ok(Dirty { upto: log.end(), contents: table.undurable.clone(), unmarked })
    }

    /// Marks everything before `upto` as durable: the caller has just made it so.
    pub(crate) fn mark_durable(&self, upto: u64) -> Result<()> {
        self.append(|at, out| at.push(out, kind::SYNCED, |out| out.extend_from_slice(&upto.to_le_bytes())))
    }

    /// The contents that were written under an earlier start of the system and never made durable: a power cut may have taken their bytes
    /// and left their places.
    pub(crate) fn suspects(&self) -> Vec<ContentHash> {
        let table = self.table();
        if table.boot.is_some_and(|boot| boot != 0 && boot == sys::boot()) {
            return Vec::new();
        }
        table.undurable.iter().map(|content| content.hash).collect()
    }

    /// Whether something was.
    pub(crate) fn is_damaged(&self) -> bool {
        self.log().damage.is_some()
    }

    /// What was wrong with the log when it was read.
    pub(crate) fn take_damage(&self) -> Option<StoreError> {
        self.log().damage.take()
    }
}

/// A result in bytes.
pub(crate) enum Encoded {
    /// These.
    Here(Vec<u8>),
    /// Those of a content.
    Elsewhere(ContentHash),
}

impl Table {
    fn lose(&mut self, hashes: &[ContentHash]) {
        let lost: HashSet<&ContentHash> = hashes.iter().collect();
        self.blobs.retain(|hash, _| !lost.contains(hash));
        self.pending.retain(|(hash, _)| !lost.contains(hash));
        self.undurable.retain(|content| !lost.contains(&content.hash));
        // Decoding looks at the contents of a result: it has to happen again.
        self.losses = self.losses.wrapping_add(1);
    }

    /// What one frame says; one of an unknown kind or length says nothing.
    fn apply(&mut self, frame: &Frame, chunk: u32, payload: &[u8]) {
        let hash_at = |at: usize| -> Option<ContentHash> {
            Some(ContentHash(payload.get(at..at + 32)?.try_into().ok()?))
        };
        match frame.kind {
            kind::RESULT | kind::RESULT_ELSEWHERE => {
                let elsewhere = frame.kind == kind::RESULT_ELSEWHERE;
                let length = u32::try_from(payload.len().saturating_sub(32)).unwrap_or(0);
                if let Some(key) = hash_at(0)
                    && (!elsewhere || length == 32)
                {
                    let bytes =
                        SlotBytes { start: frame.payload.start as u64 + 32, chunk, length, elsewhere };
                    self.results.insert(key, Slot { bytes, looked: 0, decoded: None });
                }
            }
            kind::FORGET => {
                if let Some(key) = hash_at(0) {
                    self.results.remove(&key);
                }
            }
            kind::BLOBS => {
                for at in (0..payload.len()).step_by(PLACE_BYTES) {
                    let (Some(hash), Some(pack), Some(offset), Some(size)) = (
                        hash_at(at),
                        u32_at(payload, at + 32),
                        u64_at(payload, at + 36),
                        u64_at(payload, at + 44),
                    ) else {
                        break;
                    };
                    let place = Place { pack, offset, size };
                    self.blobs.insert(hash, place);
                    if frame.offset >= self.durable_upto {
                        self.undurable.push(Undurable { at: frame.offset, hash, place });
                    }
                }
            }
            kind::LOST => {
                if let Some(hash) = hash_at(0) {
                    self.lose(&[hash]);
                }
            }
            kind::SESSION => self.boot = u64_at(payload, 0),
            kind::SYNCED => {
                if let Some(upto) = u64_at(payload, 0) {
                    self.durable_upto = self.durable_upto.max(upto);
                    self.undurable.retain(|content| content.at >= upto);
                }
            }
            _ => {}
        }
        if !matches!(frame.kind, kind::SESSION | kind::SYNCED) {
            self.changed = frame.offset + 1;
        }
    }
}

impl Sink for Table {
    fn reset(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        *self = Self::default();
        self.blobs.extend(pending.iter().copied());
        self.pending = pending;
    }

    fn take(&mut self, bytes: Vec<u8>, frames: &[Frame]) {
        let chunk = u32::try_from(self.chunks.len()).unwrap_or(u32::MAX);
        let (mut results, mut places, mut synced) = (0, 0, None);
        for frame in frames {
            match frame.kind {
                kind::RESULT | kind::RESULT_ELSEWHERE => results += 1,
                kind::BLOBS => places += frame.payload.len() / PLACE_BYTES,
                kind::SYNCED => {
                    synced = bytes.get(frame.payload.clone()).and_then(|payload| u64_at(payload, 0));
                }
                _ => {}
            }
        }
        self.results.reserve(results);
        self.blobs.reserve(places);
        // The last mark says at once what all before it need not be listed for.
        self.durable_upto = self.durable_upto.max(synced.unwrap_or(0));
        for frame in frames {
            if let Some(payload) = bytes.get(frame.payload.clone()) {
                self.apply(frame, chunk, payload);
            }
        }
        self.chunks.push(bytes);
    }
}
