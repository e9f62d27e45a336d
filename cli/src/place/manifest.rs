//! What flowc has put into a directory before: so that it is not written again, and so that a directory of the user's is never
//! replaced. It is a hint that may be lost: then files are written once more.
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use flowc_plan::ContentHash;
use flowc_store::Store;
use serde_json::{Value as Json, json};

use super::aside::Asides;
use super::write;
use crate::exit::Stop;

/// What was put into one directory, by path relative to it.
#[derive(Debug)]
pub(super) struct Manifest {
    file: PathBuf,
    entries: BTreeMap<String, Entry>,
    changed: bool,
    /// Where what is put there is written first.
    pub(super) asides: Asides,
}

/// Something that was put there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    /// The content of the file, the tree of the directory.
    pub(super) hash: ContentHash,
    /// How it looked right after.
    pub(super) stamp: Stamp,
}

/// How something looks from outside: size in bytes, mode, inode, times of change in nanoseconds. Any change of a file's content changes it.
pub(super) type Stamp = (u64, u32, u64, i128, i128);

/// The stamp of a path.
pub(super) fn stamp(metadata: &std::fs::Metadata) -> Stamp {
    let nanos = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    (
        metadata.size(),
        metadata.mode(),
        metadata.ino(),
        nanos(metadata.mtime(), metadata.mtime_nsec()),
        nanos(metadata.ctime(), metadata.ctime_nsec()),
    )
}

impl Manifest {
    /// Reads what is known about `out`.
    pub(super) fn load(store: &Store, out: &Path) -> Result<Self, Stop> {
        let out = out.canonicalize().map_err(|error| write::cannot(out, &error))?;
        let name = ContentHash::of(out.as_os_str().as_encoded_bytes()).short(32);
        let folder = store.root().join("placed");
        let asides = Asides::new(&out, &folder, &name);
        let file = folder.join(format!("{name}.json"));
        let entries = std::fs::read(&file).ok().and_then(|bytes| parse(&bytes)).unwrap_or_default();
        Ok(Self { file, entries, changed: false, asides })
    }

    /// What was put to a path.
    pub(super) fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Notes what is put to a path.
    pub(super) fn insert(&mut self, path: &str, entry: Entry) {
        self.changed = true;
        self.entries.insert(path.to_owned(), entry);
    }

    /// Writes it, whole or not at all. That it cannot be written costs time at the next run and nothing else.
    pub(super) fn save(&self) {
        let Some(folder) = self.file.parent().filter(|_| self.changed) else { return };
        let all: serde_json::Map<String, Json> = self
            .entries
            .iter()
            .map(|(path, Entry { hash, stamp: (size, mode, inode, mtime, ctime) })| {
                let entry =
                    json!([hash.to_string(), size, mode, inode, mtime.to_string(), ctime.to_string()]);
                (path.clone(), entry)
            })
            .collect();
        let aside = self.file.with_extension(format!("{}.tmp", std::process::id()));
        let written = std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&aside, Json::Object(all).to_string()))
            .and_then(|()| std::fs::rename(&aside, &self.file));
        if written.is_err() {
            let _ = std::fs::remove_file(&aside);
        }
    }
}

fn parse(bytes: &[u8]) -> Option<BTreeMap<String, Entry>> {
    let Ok(Json::Object(all)) = serde_json::from_slice(bytes) else { return None };
    all.into_iter().map(|(path, entry)| Some((path, self::entry(&entry)?))).collect()
}

fn entry(json: &Json) -> Option<Entry> {
    let text = |at: usize| json.get(at)?.as_str();
    let number = |at: usize| json.get(at)?.as_u64();
    let stamp = (
        number(1)?,
        u32::try_from(number(2)?).ok()?,
        number(3)?,
        text(4)?.parse().ok()?,
        text(5)?.parse().ok()?,
    );
    Some(Entry { hash: text(0)?.parse().ok()?, stamp })
}
