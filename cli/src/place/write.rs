//! Puts one file or directory to its path: written aside, then renamed, so that nobody ever sees half of it. It chooses no path.
use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use flowc_plan::{ContentHash, Value};
use flowc_store::Store;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::aside::remove;
use super::manifest::{Entry, Manifest, stamp};
use crate::exit::Stop;

const MOVE_AWAY: &str = "move it away, or name another directory with `--out`";

/// Puts `value` to `out/path`, unless it stands there already.
pub(super) fn put(
    store: &Store,
    value: &Value,
    out: &Path,
    path: &str,
    manifest: &mut Manifest,
) -> Result<(), Stop> {
    let dest = out.join(path);
    let hash = match value {
        Value::File(file) => file.hash,
        Value::Dir(dir) => dir.tree,
        _ => return Ok(()),
    };
    let is_dir = matches!(value, Value::Dir(_));
    let there = dest.symlink_metadata().ok();
    let known = manifest.get(path).filter(|_| there.is_some()).cloned();
    match &there {
        // A directory's own stamp says nothing about what is deep in it: its content is compared.
        Some(there) if is_dir && there.is_dir() && holds(store, &dest, &hash) => {
            manifest.insert(path, Entry { hash, stamp: stamp(there) });
            return Ok(());
        }
        Some(there)
            if !is_dir && known.as_ref().is_some_and(|k| k.hash == hash && k.stamp == stamp(there)) =>
        {
            return Ok(());
        }
        Some(there) => refuse(&dest, there, is_dir, known.is_some())?,
        None => {}
    }
    if path.contains('/') {
        let parent = dest.parent().unwrap_or(out);
        fs::create_dir_all(parent).map_err(|error| cannot(parent, &error))?;
    }
    let aside = manifest.asides.next();
    let written = match value {
        Value::File(file) => store.write_file_to(file, &aside, true),
        Value::Dir(dir) => store.write_dir_to(dir, &aside, true),
        _ => Ok(()),
    };
    let renamed = match written {
        Ok(()) => rename(&aside, &dest, is_dir && there.is_some()),
        Err(error) => {
            remove(&aside);
            return Err(error.into());
        }
    };
    if let Err(error) = renamed {
        remove(&aside);
        return Err(cannot(&dest, &error));
    }
    let now = dest.symlink_metadata().map_err(|error| cannot(&dest, &error))?;
    manifest.insert(path, Entry { hash, stamp: stamp(&now) });
    Ok(())
}

/// What may not be replaced: a directory by a file, and a directory that flowc has not made.
fn refuse(dest: &Path, there: &Metadata, is_dir: bool, ours: bool) -> Result<(), Stop> {
    let shown = dest.display();
    let stop = if is_dir && !there.is_dir() {
        Stop::environment(format!("cannot put a directory to `{shown}`: something else stands there"))
    } else if !is_dir && there.is_dir() {
        Stop::environment(format!("cannot put a file to `{shown}`: a directory stands there"))
    } else if is_dir && !ours {
        Stop::environment(format!("cannot replace `{shown}`: it was not made by flowc"))
    } else {
        return Ok(());
    };
    Err(stop.hint(MOVE_AWAY))
}

/// Whether the directory at `dest` is exactly the tree `hash`.
fn holds(store: &Store, dest: &Path, hash: &ContentHash) -> bool {
    store.ingest_dir(dest).is_ok_and(|found| found.tree == *hash)
}

fn rename(aside: &Path, dest: &Path, exchange: bool) -> io::Result<()> {
    if !exchange {
        return fs::rename(aside, dest);
    }
    // A directory that is not empty cannot be renamed over; the two change places.
    match renameat_with(CWD, aside, CWD, dest, RenameFlags::EXCHANGE) {
        Ok(()) => {
            remove(aside);
            Ok(())
        }
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            fs::remove_dir_all(dest)?;
            fs::rename(aside, dest)
        }
        Err(error) => Err(error.into()),
    }
}

/// The error for a path that cannot be written.
pub(super) fn cannot(path: &Path, error: &io::Error) -> Stop {
    let stop =
        Stop::environment(format!("cannot write `{}`: {}", path.display(), crate::system::reason(error)));
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => stop.hint(MOVE_AWAY),
        _ => stop,
    }
}
