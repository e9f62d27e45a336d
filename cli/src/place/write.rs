//! Puts one file or directory to its path: written aside, then renamed, so that nobody ever sees half of it, and only in place of
//! nothing or of what flowc has put there. It chooses no path.
use std::fs::{self, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use flowc_plan::{DirEntryKind, Value};
use flowc_store::Store;
use rustix::fs::{CWD, Mode, OFlags, RenameFlags, mkdirat, openat, renameat, renameat_with};
use rustix::io::Errno;

use super::folders;
use super::look::{self, Stamp};
use super::manifest::{Manifest, Part, Put, Seen, remove};
use crate::exit::Stop;

const MOVE_AWAY: &str = "move it away, or name another directory with `--out`";

/// Something that is to be written.
pub(super) struct Work<'a> {
    pub(super) value: &'a Value,
    pub(super) path: &'a str,
    /// What will stand there.
    pub(super) put: Put,
    /// Whether something of flowc's is replaced.
    pub(super) replaces: bool,
}

/// What has to be written so that `value` stands at `path` in `out`; `None` when it does.
pub(super) fn look<'a>(
    store: &Store,
    value: &'a Value,
    out: &Path,
    path: &'a str,
    manifest: &mut Manifest,
) -> Result<Option<Work<'a>>, Stop> {
    let dest = manifest.out.join(path);
    let known = manifest.get(path);
    let there = dest.symlink_metadata().ok();
    if let (Some(known), Some(there)) = (known, &there)
        && let Some(found) = unchanged(value, known, &dest, there)
    {
        if let Some(found) = found {
            manifest.insert(path, found);
        }
        return Ok(None);
    }
    for folder in folders(path) {
        match manifest.out.join(folder).symlink_metadata() {
            Ok(meta) if meta.is_dir() => {}
            Ok(meta) => {
                let what = if meta.is_symlink() { "link" } else { "file" };
                let shown = out.join(folder);
                let message = format!("expected a directory at `{}`, found a {what}", shown.display());
                return Err(Stop::environment(message).hint(MOVE_AWAY));
            }
            Err(_) => break,
        }
    }
    let put = wanted(store, value)?;
    let work = |put, replaces| Ok(Some(Work { value, path, put, replaces }));
    let Some(there) = there else { return work(put, false) };
    if let Some(found) = look::same(&dest, &put) {
        manifest.insert(path, found);
        return Ok(None);
    }
    let ours = known.is_some_and(|known| look::same(&dest, known).is_some());
    if ours || look::same(&dest, &other_mode(&put)).is_some() {
        return work(put, true);
    }
    Err(refused(&out.join(path), &there, &put, known.is_some()))
}

/// Whether the value stands there, going by the stamps alone for a file: then with what is to be noted, if anything.
#[expect(clippy::option_option, reason = "unchanged is one question, what there is to note another")]
fn unchanged(value: &Value, known: &Put, dest: &Path, there: &Metadata) -> Option<Option<Put>> {
    match (value, known) {
        (Value::File(file), Put::File(seen)) => {
            let same = seen.hash == file.hash && seen.executable == file.executable;
            (same && seen.stamp == Some(Stamp::of(there))).then_some(None)
        }
        // A directory's own stamp says nothing about what is deep in it.
        (Value::Dir(dir), Put::Dir(tree, _)) if dir.tree == *tree => look::same(dest, known).map(Some),
        _ => None,
    }
}

fn wanted(store: &Store, value: &Value) -> Result<Put, Stop> {
    let seen = |hash, executable| Seen { hash, executable, stamp: None };
    Ok(match value {
        Value::File(file) => Put::File(seen(file.hash, file.executable)),
        Value::Dir(dir) => {
            let entries = store.read_tree(dir)?.entries;
            let parts = entries.into_iter().map(|entry| {
                let part = match entry.kind {
                    DirEntryKind::EmptyDir => Part::EmptyDir,
                    DirEntryKind::File { hash, executable, .. } => Part::File(seen(hash, executable)),
                    DirEntryKind::Link { target } => Part::Link(target.to_string()),
                };
                (entry.path.to_string(), part)
            });
            Put::Dir(dir.tree, parts.collect())
        }
        _ => return Err(Stop::new(crate::exit::Exit::BUG, "only files and directories are put somewhere")),
    })
}

/// A file of the same content that differs in its executable bit: to replace it loses nothing.
fn other_mode(put: &Put) -> Put {
    match put {
        Put::File(seen) => Put::File(Seen { executable: !seen.executable, ..seen.clone() }),
        Put::Dir(..) => put.clone(),
    }
}

fn refused(shown: &Path, there: &Metadata, put: &Put, known: bool) -> Stop {
    let shown = shown.display();
    let message = match put {
        Put::File(_) if there.is_dir() => format!("cannot put a file to `{shown}`: a directory stands there"),
        Put::Dir(..) if there.is_file() => {
            format!("cannot put a directory to `{shown}`: a file stands there")
        }
        _ if known => format!("cannot replace `{shown}`: it was changed since flowc put it there"),
        _ => format!("cannot replace `{shown}`: flowc did not put it there"),
    };
    Stop::environment(message).hint(MOVE_AWAY)
}

/// Does the work, and notes it.
pub(super) fn put(store: &Store, work: Work<'_>, out: &Path, manifest: &mut Manifest) -> Result<(), Stop> {
    let Work { value, path, put, replaces } = work;
    let dest = manifest.out.join(path);
    let (parent, name) = parent(&manifest.out, path).map_err(|error| cannot(&out.join(path), &error))?;
    let aside = manifest.aside();
    let written = match value {
        Value::File(file) => store.write_file_to(file, &aside, true),
        Value::Dir(dir) => store.write_dir_to(dir, &aside, true),
        _ => Ok(()),
    };
    let placed = written.map_err(Stop::from).and_then(|()| {
        rename(&aside, &parent, name, replaces).map_err(|error| cannot(&out.join(path), &error))
    });
    // What was replaced, or what could not be placed.
    if replaces || placed.is_err() {
        remove(&aside);
    }
    placed?;
    let stamped = stamped(&dest, put).map_err(|error| cannot(&out.join(path), &error))?;
    manifest.insert(path, stamped);
    Ok(())
}

/// The directory that `path` in `out` stands in, made where it is missing, and the last name. No link is followed, whoever puts one there.
fn parent<'a>(out: &Path, path: &'a str) -> io::Result<(OwnedFd, &'a str)> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let mut dir = openat(CWD, out, flags, Mode::empty())?;
    let mut names = path.split('/');
    let last = names.next_back().unwrap_or(path);
    for name in names {
        match mkdirat(&dir, name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        dir = openat(&dir, name, flags | OFlags::NOFOLLOW, Mode::empty())?;
    }
    Ok((dir, last))
}

/// Moves what is at `aside` to its place; what it replaces stands at `aside` then, or is gone.
fn rename(aside: &Path, parent: &OwnedFd, name: &str, replaces: bool) -> io::Result<()> {
    let flags = if replaces { RenameFlags::EXCHANGE } else { RenameFlags::NOREPLACE };
    match renameat_with(CWD, aside, parent, name, flags) {
        // A file system without either.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            if replaces {
                let old = aside.with_extension("old");
                renameat(parent, name, CWD, &old)?;
                renameat(CWD, aside, parent, name)?;
                remove(&old);
                return Ok(());
            }
            Ok(renameat(CWD, aside, parent, name)?)
        }
        done => Ok(done?),
    }
}

/// `put` as it stands at `dest` now.
fn stamped(dest: &Path, put: Put) -> io::Result<Put> {
    let stamp = |path: &Path, seen: Seen| {
        fs::symlink_metadata(path).map(|meta| Seen { stamp: Some(Stamp::of(&meta)), ..seen })
    };
    Ok(match put {
        Put::File(seen) => Put::File(stamp(dest, seen)?),
        Put::Dir(tree, parts) => {
            let parts = parts.into_iter().map(|(path, part)| {
                let part = match part {
                    Part::File(seen) => Part::File(stamp(&dest.join(&path), seen)?),
                    part => part,
                };
                Ok((path, part))
            });
            Put::Dir(tree, parts.collect::<io::Result<_>>()?)
        }
    })
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
