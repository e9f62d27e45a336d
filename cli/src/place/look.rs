//! Whether what stands somewhere is what was put there: by its stamp, else by its content. It follows no link and writes nothing.
use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::SystemTime;

use flowc_plan::ContentHash;
use serde::{Deserialize, Serialize};

use super::manifest::{Part, Put, Seen};

/// How a file looks from outside. Any change of its content changes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Stamp {
    /// Bytes.
    size: u64,
    mode: u32,
    device: u64,
    inode: u64,
    /// Since the Unix epoch.
    modified_ns: u64,
    /// Since the Unix epoch.
    pub(super) changed_ns: u64,
}

impl Stamp {
    pub(super) fn of(meta: &Metadata) -> Self {
        let ns = |seconds: i64, ns: i64| seconds.wrapping_mul(1_000_000_000).wrapping_add(ns).cast_unsigned();
        Self {
            size: meta.size(),
            mode: meta.mode(),
            device: meta.dev(),
            inode: meta.ino(),
            modified_ns: ns(meta.mtime(), meta.mtime_nsec()),
            changed_ns: ns(meta.ctime(), meta.ctime_nsec()),
        }
    }
}

/// Nanoseconds since the Unix epoch.
pub(super) fn ns_of(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

pub(super) fn is_executable(meta: &Metadata) -> bool {
    meta.mode() & 0o100 != 0
}

/// `put` with its stamps of now, when just that stands at `path`.
pub(super) fn same(path: &Path, put: &Put) -> Option<Put> {
    let meta = path.symlink_metadata().ok()?;
    match put {
        Put::File(seen) => same_file(path, &meta, seen).map(Put::File),
        Put::Dir(tree, parts) => {
            let mut found = BTreeMap::new();
            let all = meta.is_dir() && same_parts(path, "", parts, &mut found).ok()?;
            (all && found.len() == parts.len()).then_some(Put::Dir(*tree, found))
        }
    }
}

fn same_file(path: &Path, meta: &Metadata, seen: &Seen) -> Option<Seen> {
    let stamp = Stamp::of(meta);
    if seen.stamp == Some(stamp) {
        return Some(seen.clone());
    }
    if !meta.is_file() || is_executable(meta) != seen.executable {
        return None;
    }
    let (hash, stamp) = content(path).ok()?;
    (hash == seen.hash).then_some(Seen { stamp: Some(stamp), ..seen.clone() })
}

/// What is in a file, and how it looked before that was read.
pub(super) fn content(path: &Path) -> io::Result<(ContentHash, Stamp)> {
    // A pipe that was put there just now must not hold up.
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let mut file =
        File::options().read(true).custom_flags(i32::try_from(flags.bits()).unwrap_or(0)).open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok((flowc_store::hash_of(&mut file)?.0, Stamp::of(&meta)))
}

/// Whether all below `dir` is in `parts`; what is found is added to `found`.
fn same_parts(
    dir: &Path,
    inside: &str,
    parts: &BTreeMap<String, Part>,
    found: &mut BTreeMap<String, Part>,
) -> io::Result<bool> {
    let mut empty = true;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        empty = false;
        let Ok(name) = entry.file_name().into_string() else { return Ok(false) };
        let name = if inside.is_empty() { name } else { format!("{inside}/{name}") };
        let (path, meta) = (entry.path(), entry.metadata()?);
        if meta.is_dir() {
            // Nothing that is not expected is gone down into.
            let expected = parts.contains_key(&name) || {
                let folder = format!("{name}/");
                parts.range(folder.clone()..).next().is_some_and(|(next, _)| next.starts_with(&folder))
            };
            if !expected || !same_parts(&path, &name, parts, found)? {
                return Ok(false);
            }
            continue;
        }
        let part = match parts.get(&name) {
            Some(Part::File(seen)) => same_file(&path, &meta, seen).map(Part::File),
            Some(Part::Link(target)) if meta.is_symlink() => {
                (fs::read_link(&path)?.as_os_str() == target.as_str()).then(|| Part::Link(target.clone()))
            }
            _ => None,
        };
        let Some(part) = part else { return Ok(false) };
        found.insert(name, part);
    }
    if empty && !inside.is_empty() {
        if parts.get(inside) != Some(&Part::EmptyDir) {
            return Ok(false);
        }
        found.insert(inside.to_owned(), Part::EmptyDir);
    }
    Ok(true)
}
