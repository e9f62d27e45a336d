//! Emptying directories that hostile programs may have filled: any depth, any permissions, nothing followed. It must not know
//! slots or steps.
use std::ffi::CString;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, RawDir, RenameFlags, SeekFrom, Stat, chmodat, fchmod, fstat, openat,
    renameat_with, seek, unlinkat,
};
use rustix::io::{Errno, Result};

const DIR: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// How much older than the clock a time must be for a later change to be sure to get another one: some ticks of the coarsest
/// kernel clock.
const CLOCK_GRAIN: Duration = Duration::from_millis(50);

/// A directory that is emptied again and again, and mostly has nothing in it.
#[derive(Debug)]
pub(super) struct Scratch {
    dir: OwnedFd,
    /// When it was last changed, from a moment when it was empty and that time safely past. Nobody can set this time.
    empty_since: Option<(i64, u64)>,
    /// Its permissions, for the next step as they were for the first.
    mode: Mode,
}

impl Scratch {
    pub(super) fn new(dir: OwnedFd) -> Result<Self> {
        let mode = mode(&fstat(&dir)?);
        Ok(Self { dir, empty_since: None, mode })
    }

    pub(super) fn dir(&self) -> &OwnedFd {
        &self.dir
    }

    /// Removes all that stands in it; one system call where nothing ever stood in it.
    pub(super) fn empty(&mut self) -> Result<()> {
        let stat = fstat(&self.dir)?;
        if self.empty_since == Some(changed_at(&stat)) {
            return Ok(());
        }
        self.empty_since = None;
        if mode(&stat) != self.mode {
            fchmod(&self.dir, self.mode)?;
        }
        empty(self.dir.as_fd())?;
        let changed = changed_at(&fstat(&self.dir)?);
        let then = u64::try_from(changed.0)
            .ok()
            .map(|secs| Duration::new(secs, u32::try_from(changed.1).unwrap_or(0)));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        if now.zip(then).and_then(|(now, then)| now.checked_sub(then)).is_some_and(|age| age > CLOCK_GRAIN) {
            self.empty_since = Some(changed);
        }
        Ok(())
    }
}

/// The time of the last change of a directory's entries or attributes: seconds and nanoseconds.
fn changed_at(stat: &Stat) -> (i64, u64) {
    (stat.st_ctime, stat.st_ctime_nsec)
}

fn mode(stat: &Stat) -> Mode {
    Mode::from_raw_mode(stat.st_mode)
}

/// Opens a directory for reading its entries.
pub(super) fn open_dir(at: impl AsFd, name: impl rustix::path::Arg) -> Result<OwnedFd> {
    openat(at, name, DIR, Mode::empty())
}

/// Removes all that stands in a directory. An empty one costs two or three system calls.
///
/// Directories in it are moved up beside each other and emptied one by one: no depth exhausts stack or descriptors.
pub(super) fn empty(dir: BorrowedFd<'_>) -> Result<()> {
    let mut moved = 0_u64;
    loop {
        let before = moved;
        for_each_entry(dir, |name, kind| remove_entry(dir, dir, name, kind, &mut moved))?;
        if moved == before {
            return Ok(());
        }
    }
}

/// Removes a directory with all that stands in it; one that is not there is no error.
pub(super) fn remove(path: &Path) -> Result<()> {
    let dir = match open_dir(rustix::fs::CWD, path) {
        Err(Errno::NOENT) => return Ok(()),
        dir => dir?,
    };
    empty(dir.as_fd())?;
    unlinkat(rustix::fs::CWD, path, AtFlags::REMOVEDIR)
}

/// Calls `f` with the name and kind of every entry but `.` and `..`.
pub(super) fn for_each_entry(
    dir: BorrowedFd<'_>,
    mut f: impl FnMut(&CString, FileType) -> Result<()>,
) -> Result<()> {
    seek(dir, SeekFrom::Start(0))?;
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut entries = RawDir::new(dir, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.file_name();
        if !matches!(name.to_bytes(), b"." | b"..") {
            f(&name.to_owned(), entry.file_type())?;
        }
    }
    Ok(())
}

/// Removes an entry of `dir`, or finds it gone; false for a directory that has something in it.
fn is_removed(dir: BorrowedFd<'_>, name: &CString, kind: FileType) -> Result<bool> {
    if kind != FileType::Directory {
        match unlinkat(dir, name, AtFlags::empty()) {
            Err(Errno::ISDIR) => {}
            Ok(()) | Err(Errno::NOENT) => return Ok(true),
            Err(error) => return Err(error),
        }
    }
    match unlinkat(dir, name, AtFlags::REMOVEDIR) {
        Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(false),
        Ok(()) | Err(Errno::NOENT) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Removes an entry of `dir`; a directory with something in it is emptied first, those in it are moved to `top`.
fn remove_entry(
    top: BorrowedFd<'_>,
    dir: BorrowedFd<'_>,
    name: &CString,
    kind: FileType,
    moved: &mut u64,
) -> Result<()> {
    if is_removed(dir, name, kind)? {
        return Ok(());
    }
    // Entries can only be removed from a directory that may be read, written and searched.
    let inner = match open_dir(dir, name) {
        Err(Errno::ACCESS) => {
            chmodat(dir, name, Mode::RWXU, AtFlags::empty())?;
            open_dir(dir, name)?
        }
        inner => inner?,
    };
    for_each_entry(inner.as_fd(), |entry, kind| {
        let removed = remove_inner(top, inner.as_fd(), entry, kind, moved);
        if removed == Err(Errno::ACCESS) {
            fchmod(&inner, Mode::RWXU)?;
            return remove_inner(top, inner.as_fd(), entry, kind, moved);
        }
        removed
    })?;
    unlinkat(dir, name, AtFlags::REMOVEDIR)
}

fn remove_inner(
    top: BorrowedFd<'_>,
    dir: BorrowedFd<'_>,
    name: &CString,
    kind: FileType,
    moved: &mut u64,
) -> Result<()> {
    if is_removed(dir, name, kind)? {
        return Ok(());
    }
    loop {
        *moved += 1;
        let place = format!(".swept-{moved}");
        match renameat_with(dir, name, top, place.as_str(), RenameFlags::NOREPLACE) {
            Err(Errno::EXIST) => {}
            // Moving a directory writes its `..`.
            Err(Errno::ACCESS) => {
                chmodat(dir, name, Mode::RWXU, AtFlags::empty())?;
                return renameat_with(dir, name, top, place.as_str(), RenameFlags::NOREPLACE);
            }
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_later_is_noticed() {
        let temp = tempfile::tempdir().unwrap();
        let mut scratch = Scratch::new(open_dir(rustix::fs::CWD, temp.path()).unwrap()).unwrap();
        let mut trusted = 0;
        for round in 0..40 {
            let file = temp.path().join("f");
            if round % 4 == 3 {
                std::fs::write(&file, "x").unwrap();
                // Setting times back does not help.
                let _ =
                    std::process::Command::new("touch").args(["-d", "2000-01-01"]).arg(temp.path()).status();
            } else if round % 4 == 0 {
                std::thread::sleep(CLOCK_GRAIN + CLOCK_GRAIN / 10);
            }
            scratch.empty().unwrap();
            assert!(!file.exists(), "{round}");
            trusted += u32::from(scratch.empty_since.is_some());
        }
        assert!(trusted > 0);
    }

    #[test]
    fn any_tree_goes_away() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("root");
        std::fs::create_dir(&root).unwrap();
        let outside = temp.path().join("outside");
        std::fs::write(&outside, "stays").unwrap();
        let script = r#"
            set -eu
            ln -s ../outside link; ln -s .. up; mkfifo pipe
            mkdir -p a/b/c .swept-1/x; echo 1 > a/b/c/f; echo 2 > a/f; echo 3 > .swept-1/x/y; chmod 000 a/b
            i=0; while [ $i -lt 1200 ]; do mkdir d; cd d; echo $i > f; i=$((i + 1)); done
        "#;
        let made = std::process::Command::new("sh").args(["-c", script]).current_dir(&root).status().unwrap();
        assert!(made.success());
        remove(&root).unwrap();
        assert!(!root.exists());
        assert_eq!(std::fs::read_to_string(outside).unwrap(), "stays");
        remove(&root).unwrap();
    }
}
