//! What flowc has put into a directory before: so that it is not written again, and so that what is the user's is never replaced.
//! Whoever has it has the directory's lock. When it is lost, what stands there and differs from a result counts as the user's.
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use flowc_plan::ContentHash;
use flowc_store::Store;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};

use super::look::{self, Stamp};
use super::write::{self, Work};
use crate::exit::Stop;

/// A file that was changed less than this before it was noted can change once more and keep its times.
const RACY: Duration = Duration::from_millis(10);

/// How the names begin under which things are written before they are renamed to their places; then the process and a number.
const ASIDE: &str = ".flowc-";

/// What is put to a path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Put {
    /// A file.
    File(Seen),
    /// A directory: its tree, and what is in it by path.
    Dir(ContentHash, BTreeMap<String, Part>),
}

/// A file and how it looked when it was last known to hold this.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    pub(super) hash: ContentHash,
    pub(super) executable: bool,
    /// `None` when only its content tells.
    pub(super) stamp: Option<Stamp>,
}

/// Something inside a directory.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) enum Part {
    /// A file.
    File(Seen),
    /// A link and where it points.
    Link(String),
    /// A directory with nothing in it.
    EmptyDir,
}

/// All that was put, by path relative to the directory.
type All = BTreeMap<String, Put>;

/// What was put into one directory.
#[derive(Debug)]
pub(super) struct Manifest {
    /// The directory, links followed.
    pub(super) out: PathBuf,
    file: PathBuf,
    all: All,
    changed: bool,
    asides: u64,
    _lock: File,
}

impl Manifest {
    /// Waits until no other process puts things into `out`, mends what one left that was killed, and reads what is known.
    pub(super) fn open(store: &Store, out: &Path) -> Result<Self, Stop> {
        let out = out.canonicalize().map_err(|error| write::cannot(out, &error))?;
        let folder = store.root().join("placed");
        let name = ContentHash::of(out.as_os_str().as_encoded_bytes()).short(32);
        let file = folder.join(name);
        let lock = lock(&folder, &file.with_extension("lock"))
            .map_err(|error| write::cannot(&file.with_extension("lock"), &error))?;
        let all = read(&file).unwrap_or_default();
        let mut manifest = Self { out, file, all, changed: false, asides: 0, _lock: lock };
        manifest.mend();
        Ok(manifest)
    }

    /// What was put to a path.
    pub(super) fn get(&self, path: &str) -> Option<&Put> {
        self.all.get(path)
    }

    /// Notes what stands at a path.
    pub(super) fn insert(&mut self, path: &str, put: Put) {
        if self.all.get(path) != Some(&put) {
            self.changed = true;
            self.all.insert(path.to_owned(), put);
        }
    }

    /// Says what is about to be put, so that it is known for flowc's if this process is killed before it can note it.
    pub(super) fn begin(&self, works: &[Work<'_>]) -> Result<(), Stop> {
        let journal = self.journal();
        let all: BTreeMap<&str, &Put> = works.iter().map(|work| (work.path, &work.put)).collect();
        write_whole(&journal, &(std::process::id(), all)).map_err(|error| write::cannot(&journal, &error))
    }

    /// A path in the directory that nobody else uses.
    pub(super) fn aside(&mut self) -> PathBuf {
        self.asides += 1;
        self.out.join(format!("{ASIDE}{}-{}", std::process::id(), self.asides))
    }

    /// Writes down what was noted. When it cannot be written, the journal still tells what was put.
    pub(super) fn save(mut self) {
        if self.changed {
            self.write();
        }
    }

    fn write(&mut self) {
        let settled = SystemTime::now().checked_sub(RACY).map_or(0, look::ns_of);
        self.all.values_mut().flat_map(seen_in).for_each(|seen| {
            seen.stamp = seen.stamp.filter(|stamp| stamp.changed_ns < settled);
        });
        if write_whole(&self.file, &self.all).is_ok() {
            let _ = fs::remove_file(self.journal());
        }
    }

    fn journal(&self) -> PathBuf {
        self.file.with_extension("journal")
    }

    /// A journal is there only when a process was killed: what it wrote aside is removed, and what it put to its place is noted.
    fn mend(&mut self) {
        let Some((pid, begun)) = read::<(u32, All)>(&self.journal()) else { return };
        let prefix = format!("{ASIDE}{pid}-");
        for entry in fs::read_dir(&self.out).into_iter().flatten().flatten() {
            if entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()) {
                remove(&entry.path());
            }
        }
        for (path, put) in begun {
            if let Some(found) = look::same(&self.out.join(&path), &put) {
                self.insert(&path, found);
            }
        }
        // Before the next journal takes this one's place.
        self.write();
    }
}

fn seen_in(put: &mut Put) -> Vec<&mut Seen> {
    match put {
        Put::File(seen) => vec![seen],
        Put::Dir(_, parts) => parts
            .values_mut()
            .filter_map(|part| match part {
                Part::File(seen) => Some(seen),
                _ => None,
            })
            .collect(),
    }
}

fn lock(folder: &Path, path: &Path) -> io::Result<File> {
    let open = || File::options().create(true).truncate(false).write(true).open(path);
    let file = open().or_else(|_| fs::create_dir_all(folder).and_then(|()| open()))?;
    rustix::io::retry_on_intr(|| rustix::fs::flock(&file, rustix::fs::FlockOperation::LockExclusive))?;
    Ok(file)
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> Option<T> {
    rmp_serde::from_slice(&fs::read(path).ok()?).ok()
}

/// Writes a file whole or not at all. A power cut may still lose it.
fn write_whole(path: &Path, what: &impl Serialize) -> io::Result<()> {
    let bytes = rmp_serde::to_vec(what).map_err(io::Error::other)?;
    let aside = path.with_extension("tmp");
    // ext4 writes a file to the disk at once that is renamed over another, milliseconds long, but not one that changes places with it.
    let exchange = || renameat_with(CWD, &aside, CWD, path, RenameFlags::EXCHANGE).map_err(io::Error::from);
    let placed = fs::write(&aside, bytes).and_then(|()| match exchange() {
        Ok(()) => fs::remove_file(&aside),
        Err(_) => fs::rename(&aside, path),
    });
    placed.inspect_err(|_| remove(&aside))
}

/// Removes a file or a directory, if there is one.
pub(super) fn remove(path: &Path) {
    if fs::remove_file(path).is_err() {
        let _ = fs::remove_dir_all(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &str) -> Put {
        Put::File(Seen { hash: ContentHash::of(content.as_bytes()), executable: false, stamp: None })
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_it_put_is_known() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store")).unwrap();
        let out = dir.path().join("out");
        fs::create_dir_all(&out).unwrap();
        let killed = Manifest::open(&store, &out).unwrap();
        let value = flowc_plan::Value::Unit;
        let work = |path, content| Work { value: &value, path, put: file(content), replaces: false };
        killed.begin(&[work("a", "1"), work("b", "2")]).unwrap();
        drop(killed);
        let own = format!(".flowc-{}-", std::process::id());
        fs::create_dir_all(out.join(format!("{own}2/deep"))).unwrap();
        for (name, content) in [("a", "1"), ("b", "other"), (".flowc-1", ""), (&format!("{own}1"), "")] {
            fs::write(out.join(name), content).unwrap();
        }
        // One that is killed as well, while it puts something else.
        let killed_too = Manifest::open(&store, &out).unwrap();
        killed_too.begin(&[work("c", "3")]).unwrap();
        drop(killed_too);
        let mended = Manifest::open(&store, &out).unwrap();
        let mut names: Vec<_> = fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [".flowc-1", "a", "b"]);
        assert!(mended.get("a").is_some());
        assert!(mended.get("b").is_none());
        let journal = mended.journal();
        mended.save();
        assert!(!journal.exists());
        assert!(Manifest::open(&store, &out).unwrap().get("a").is_some());
    }
}
