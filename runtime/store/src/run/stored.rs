//! The files of a checkpoint: `log.N`, segments of frames, and `snap.N`, the state at the end of segment N. It knows no run that is under way.
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use flowc_plan::ContentHash;

use super::{RunFrame, RunHeader, RunState};
use crate::error::IoContext;
use crate::frames::{self, HEADER_BYTES, Position};
use crate::index::INLINE_BYTES_MAX;
use crate::store::{ELSEWHERE_BYTES_MAX, check_depth, encode};
use crate::{Result, Store, StoreError, sys};

const LOG_MAGIC: [u8; 8] = *b"flowcrun";
const SNAPSHOT_MAGIC: [u8; 8] = *b"flowcsnp";
/// The kind of the first frame of segment 0.
pub(super) const KIND_HEADER: u8 = 1;
/// The kind of a frame that holds a change, or whose content does.
const KIND_CHANGE: u8 = 2;
const KIND_ELSEWHERE: u8 = 3;
/// The most bytes of a segment, and of a snapshot's plain form.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// What the files say.
pub(super) struct Loaded {
    pub(super) state: RunState,
    /// The last segment, open for going on; `None`: segment `next` is to be begun.
    pub(super) last: Option<Segment>,
    pub(super) next: u32,
    /// The plain size of the newest snapshot.
    pub(super) snapshot_bytes: u64,
}

/// A segment that can be gone on with.
pub(super) struct Segment {
    pub(super) number: u32,
    pub(super) file: File,
    pub(super) at: Position,
}

pub(super) fn segment_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("log.{number}"))
}

fn snapshot_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("snap.{number}"))
}

/// Begins a segment; whatever stood there is gone.
pub(super) fn begin_segment(dir: &Path, number: u32) -> Result<(File, Position)> {
    let (path, salt) = (segment_path(dir, number), sys::random());
    let file =
        File::options().read(true).write(true).create(true).truncate(true).open(&path).at("create", &path)?;
    file.write_all_at(&frames::header(LOG_MAGIC, number, salt), 0).at("write", &path)?;
    Ok((file, Position::start(salt, number, true)))
}

/// A change in bytes, with its kind.
pub(super) fn encode_frame(store: &Store, frame: &RunFrame, dir: &Path) -> Result<(u8, Vec<u8>)> {
    if let RunFrame::Source { value, .. } | RunFrame::Finished { value: Some(value), .. } = frame {
        check_depth(value)?;
    }
    let bytes = encode(frame, dir)?;
    if bytes.len() <= INLINE_BYTES_MAX {
        return Ok((KIND_CHANGE, bytes));
    }
    Ok((KIND_ELSEWHERE, store.put_bytes(&bytes)?.0.to_vec()))
}

/// The change in a frame; `None` for one that cannot be used: its content is gone, or that of its value.
fn decode_frame(store: &Store, kind: u8, payload: &[u8]) -> Option<RunFrame> {
    let read;
    let bytes = match kind {
        KIND_CHANGE => payload,
        KIND_ELSEWHERE => {
            read = store.read(&ContentHash(payload.try_into().ok()?), ELSEWHERE_BYTES_MAX).ok()?;
            &read
        }
        _ => return None,
    };
    let frame: RunFrame = rmp_serde::from_slice(bytes).ok()?;
    match &frame {
        RunFrame::Source { value, .. } | RunFrame::Finished { value: Some(value), .. } => {
            store.has_contents_of_value(value).then_some(frame)
        }
        _ => Some(frame),
    }
}

/// Replays a checkpoint. With `repair` (and the lease), a torn end is cut, and what is damaged is kept aside as `.bad`; without, nothing is changed.
pub(super) fn load(store: &Store, dir: &Path, repair: bool) -> Result<Loaded> {
    let files = numbered(dir)?;
    let (mut state, mut next, mut snapshot_bytes) = (None, 0, 0);
    for &number in files.snapshots.keys().rev() {
        if let Some((found, bytes)) = read_snapshot(dir, number)? {
            (state, next, snapshot_bytes) = (Some(found), number.saturating_add(1), bytes);
            break;
        }
        if repair {
            set_aside(&snapshot_path(dir, number));
        }
    }
    if let Some(state) = &mut state {
        state.results.retain(|key, value| {
            let there = store.has_contents_of_value(value);
            if !there {
                state.finished.remove(key);
            }
            there
        });
        state.sources.retain(|_, value| store.has_contents_of_value(value));
    }
    let mut last = None;
    while files.segments.contains_key(&next) {
        let path = segment_path(dir, next);
        let file = File::options().read(true).write(repair).open(&path).at("open", &path)?;
        let bytes = sys::read_from(&file, 0, FILE_BYTES_MAX).at("read", &path)?;
        let Some(salt) = frames::read_header(&bytes, LOG_MAGIC, next) else {
            if repair {
                set_aside(&path);
            }
            break;
        };
        let mut at = Position::start(salt, next, true);
        let body = bytes.get(HEADER_BYTES..).unwrap_or_default();
        let (found, good) = at.scan(body);
        for frame in found {
            let payload = body.get(frame.payload).unwrap_or_default();
            if frame.kind == KIND_HEADER {
                let header: Option<RunHeader> = rmp_serde::from_slice(payload).ok();
                state = state.or(header.map(RunState::new));
            } else if let (Some(state), Some(change)) = (&mut state, decode_frame(store, frame.kind, payload))
            {
                state.apply(change);
            }
        }
        let whole = good == body.len();
        let file = if !whole && repair {
            cut(file, &path, &at, body.get(good..).unwrap_or_default())?
        } else {
            file
        };
        last = Some(Segment { number: next, file, at });
        next = next.saturating_add(1);
        if !whole {
            break;
        }
    }
    if repair {
        // What stands behind a damaged place cannot be reached any more; new segments will need the names.
        files
            .segments
            .keys()
            .filter(|number| **number >= next)
            .for_each(|number| set_aside(&segment_path(dir, *number)));
    }
    let state = state.ok_or_else(|| StoreError::Corrupt {
        path: dir.to_owned(),
        reason: "what the run was started with cannot be read".to_owned(),
    })?;
    Ok(Loaded { state, last, next, snapshot_bytes })
}

/// Ends a segment at `at`: a torn end is cut, a damaged file is replaced by its good beginning and kept aside.
fn cut(file: File, path: &Path, at: &Position, rest: &[u8]) -> Result<File> {
    if !at.frame_follows(rest) {
        file.set_len(at.offset).at("cut the torn end of", path)?;
        return Ok(file);
    }
    let good = sys::read_from(&file, 0, at.offset).at("read", path)?;
    let aside = path.with_file_name("new");
    let new = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&aside)
        .at("create", &aside)?;
    new.write_all_at(&good, 0).and_then(|()| new.sync_data()).at("write", &aside)?;
    let _ = std::fs::remove_file(bad(path));
    std::fs::hard_link(path, bad(path)).at("keep", path)?;
    std::fs::rename(&aside, path).at("replace", path)?;
    Ok(new)
}

fn bad(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".bad");
    name.into()
}

fn set_aside(path: &Path) {
    let _ = std::fs::rename(path, bad(path));
}

/// Writes the state at the end of segment `number`, durably; gives its plain size in bytes.
pub(super) fn write_snapshot(store: &Store, dir: &Path, number: u32) -> Result<u64> {
    let plain = encode(&load(store, dir, false)?.state, dir)?;
    let (path, new) = (snapshot_path(dir, number), dir.join("snap.new"));
    // The header's salt is the plain size: reading is bounded by it.
    let mut bytes = frames::header(SNAPSHOT_MAGIC, number, plain.len() as u64).to_vec();
    bytes.extend_from_slice(&ContentHash::of(&plain).0);
    bytes.extend(zstd::bulk::compress(&plain, 1).at("compress", &path)?);
    let written =
        File::create(&new).and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_data()));
    written.at("write", &new).inspect_err(|_| drop(std::fs::remove_file(&new)))?;
    std::fs::rename(&new, &path).at("create", &path)?;
    File::open(dir).and_then(|dir| dir.sync_data()).at("sync", dir)?;
    Ok(plain.len() as u64)
}

/// The state in a snapshot and its plain size; `None` when it is damaged.
fn read_snapshot(dir: &Path, number: u32) -> Result<Option<(RunState, u64)>> {
    let path = snapshot_path(dir, number);
    let file = File::open(&path).at("open", &path)?;
    let bytes = sys::read_from(&file, 0, FILE_BYTES_MAX).at("read", &path)?;
    Ok(decode_snapshot(&bytes, number))
}

fn decode_snapshot(bytes: &[u8], number: u32) -> Option<(RunState, u64)> {
    let size = frames::read_header(bytes, SNAPSHOT_MAGIC, number).filter(|size| *size <= FILE_BYTES_MAX)?;
    let hash = bytes.get(HEADER_BYTES..HEADER_BYTES + 32)?;
    let packed = bytes.get(HEADER_BYTES + 32..)?;
    let mut plain = Vec::new();
    zstd::stream::read::Decoder::new(packed).ok()?.take(size + 1).read_to_end(&mut plain).ok()?;
    if plain.len() as u64 != size || ContentHash::of(&plain).0 != *hash {
        return None;
    }
    Some((rmp_serde::from_slice(&plain).ok()?, size))
}

/// Removes what the two newest snapshots make superfluous; the older of them is there for when the newer is damaged.
pub(super) fn retire(dir: &Path) {
    let Ok(files) = numbered(dir) else { return };
    let Some(older) = files.snapshots.keys().rev().nth(1).copied() else { return };
    for number in files.snapshots.keys().filter(|number| **number < older) {
        let _ = std::fs::remove_file(snapshot_path(dir, *number));
    }
    for number in files.segments.keys().filter(|number| **number <= older) {
        let _ = std::fs::remove_file(segment_path(dir, *number));
    }
}

struct Numbered {
    segments: BTreeMap<u32, ()>,
    snapshots: BTreeMap<u32, ()>,
}

fn numbered(dir: &Path) -> Result<Numbered> {
    let mut files = Numbered { segments: BTreeMap::new(), snapshots: BTreeMap::new() };
    for entry in std::fs::read_dir(dir).at("list", dir)? {
        let name = entry.at("list", dir)?.file_name();
        let Some((kind, number)) = name.to_str().and_then(|name| name.split_once('.')) else { continue };
        let Ok(number) = number.parse() else { continue };
        match kind {
            "log" => files.segments.insert(number, ()),
            "snap" => files.snapshots.insert(number, ()),
            _ => None,
        };
    }
    Ok(files)
}
