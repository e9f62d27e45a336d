//! `summary`: how a run ended, in one small file, so that a list of runs replays only the checkpoints of those that are not over.
//! It may be lost: then the checkpoint says the same.
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flowc_plan::ContentHash;

use super::RunSummary;
use crate::error::IoContext;
use crate::frames::{self, HEADER_BYTES};
use crate::store::encode;
use crate::{Result, sys};

const MAGIC: [u8; 8] = *b"flowcsum";
/// The most bytes of it: arguments are as long as their user makes them.
const BYTES_MAX: u64 = 64 << 20;

fn path(dir: &Path) -> PathBuf {
    dir.join("summary")
}

/// Writes it, whole or not at all.
pub(super) fn write(dir: &Path, summary: &RunSummary) -> Result<()> {
    let (path, new) = (path(dir), dir.join("summary.new"));
    let plain = encode(summary, dir)?;
    let mut bytes = frames::header(MAGIC, 0, plain.len() as u64).to_vec();
    bytes.extend_from_slice(&ContentHash::of(&plain).0);
    bytes.extend(plain);
    let written = File::create(&new).and_then(|mut file| file.write_all(&bytes));
    written.and_then(|()| std::fs::rename(&new, &path)).at("write", &path)
}

/// Reads it; `None`: there is none, or it is damaged.
pub(super) fn read(dir: &Path) -> Option<RunSummary> {
    let file = File::open(path(dir)).ok()?;
    let bytes = sys::read_from(&file, 0, BYTES_MAX).ok()?;
    let size = frames::read_header(&bytes, MAGIC, 0)?;
    let hash = bytes.get(HEADER_BYTES..HEADER_BYTES + 32)?;
    let plain = bytes.get(HEADER_BYTES + 32..)?;
    if plain.len() as u64 != size || ContentHash::of(plain).0 != *hash {
        return None;
    }
    rmp_serde::from_slice(plain).ok()
}

/// Takes it away, before the run goes on.
pub(super) fn remove(dir: &Path) -> Result<()> {
    let path = path(dir);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).at("remove", &path),
        _ => Ok(()),
    }
}
