//! The few things that the system offers and std does not: locks that die with their holder, files without a name, clones. It knows
//! nothing of the store.
use std::ffi::CString;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

/// What a lock request says.
#[derive(Clone, Copy)]
enum Request {
    Take,
    Release,
}

/// Tries to take an exclusive lock on `bytes` bytes (0: all) from `offset`, for this open file. False when another open file has it.
/// It ends with the last descriptor of the open file, so with the process: the kernel keeps it, no clock and no process id is asked.
pub(crate) fn try_lock(file: &File, offset: u64, bytes: u64) -> io::Result<bool> {
    match fcntl_lock(file, Request::Take, offset, bytes) {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives a lock back.
pub(crate) fn unlock(file: &File, offset: u64, bytes: u64) -> io::Result<()> {
    fcntl_lock(file, Request::Release, offset, bytes)
}

fn lock_of(kind: libc::c_int, offset: u64, bytes: u64) -> io::Result<libc::flock> {
    let number = |n: u64| i64::try_from(n).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
    Ok(libc::flock {
        l_type: i16::try_from(kind).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?,
        l_whence: 0, // SEEK_SET
        l_start: number(offset)?,
        l_len: number(bytes)?,
        l_pid: 0, // what open file description locks ask for
    })
}

#[expect(
    unsafe_code,
    reason = "open file description locks have no safe wrapper; POSIX locks are lost when any descriptor closes"
)]
fn fcntl_lock(file: &File, request: Request, offset: u64, bytes: u64) -> io::Result<()> {
    let kind = match request {
        Request::Take => libc::F_WRLCK,
        Request::Release => libc::F_UNLCK,
    };
    let lock = lock_of(kind, offset, bytes)?;
    loop {
        // SAFETY: the descriptor is open as long as `file` is borrowed; `lock` is a whole `struct flock` that the kernel only reads.
        if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_SETLK, &raw const lock) } == 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// True when another open file has a lock anywhere in `file`; takes none itself.
#[expect(unsafe_code, reason = "open file description locks have no safe wrapper")]
pub(crate) fn is_locked(file: &File) -> io::Result<bool> {
    let mut lock = lock_of(libc::F_WRLCK, 0, 0)?;
    // SAFETY: the descriptor is open as long as `file` is borrowed; `lock` is a whole `struct flock` that the kernel may write.
    if unsafe { libc::fcntl(file.as_raw_fd(), libc::F_OFD_GETLK, &raw mut lock) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(libc::c_int::from(lock.l_type) != libc::F_UNLCK)
}

/// Maps a file of the store to read it.
#[expect(unsafe_code, reason = "mapping a file")]
pub(crate) fn map(file: &File) -> io::Result<memmap2::Mmap> {
    // SAFETY: only objects of the store are mapped: they are whole when they get their name, read-only, and are renamed or
    // unlinked but never truncated or written, which is what would pull the bytes away from under the map.
    unsafe { memmap2::Mmap::map(file) }
}

/// A new file without a name on the file system of `dir`, to be given one by [`link`]; it goes away by itself.
pub(crate) fn unnamed(dir: &Path) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    match rustix::fs::open(dir, flags, Mode::RUSR | Mode::WUSR) {
        Ok(fd) => Ok(fd.into()),
        // File systems without O_TMPFILE: a name for as long as it takes to take it away.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::NOENT) => {
            let path = unique(dir);
            let file = File::options().read(true).write(true).create_new(true).open(&path)?;
            std::fs::remove_file(&path)?;
            Ok(file)
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives an open file a name, whatever its other names point at by now. Fails when `to` exists.
pub(crate) fn link(file: &File, to: &Path) -> io::Result<()> {
    let from = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(rustix::fs::linkat(CWD, from, CWD, to, AtFlags::SYMLINK_FOLLOW)?)
}

/// Makes `to` share the blocks of `from`. False where the file system cannot.
pub(crate) fn clone_into(from: &File, to: &File) -> bool {
    rustix::fs::ioctl_ficlone(to.as_fd(), from.as_fd()).is_ok()
}

/// A path in `dir` that nobody else uses.
pub(crate) fn unique(dir: &Path) -> PathBuf {
    dir.join(format!("{:016x}", random()))
}

/// A number that no other call gives, here or in another process: names and salts, nothing secret.
pub(crate) fn random() -> u64 {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |t| t.as_nanos());
    let mut hasher = blake3::Hasher::new();
    hasher.update(&now.to_le_bytes());
    hasher.update(&std::process::id().to_le_bytes());
    hasher.update(&COUNT.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    hasher.update(&boot().to_le_bytes());
    first_u64(hasher.finalize().as_bytes())
}

/// Tells this start of the system from all others; 0 when unknown.
pub(crate) fn boot() -> u64 {
    #[cfg(test)]
    if let Some(boot) = BOOT_OF_TEST.get() {
        return boot;
    }
    static BOOT: OnceLock<u64> = OnceLock::new();
    *BOOT.get_or_init(|| {
        std::fs::read("/proc/sys/kernel/random/boot_id")
            .map_or(0, |id| first_u64(blake3::hash(&id).as_bytes()))
    })
}

#[cfg(test)]
thread_local! {
    /// Tests of power cuts start the system as often as they like.
    pub(crate) static BOOT_OF_TEST: std::cell::Cell<Option<u64>> = const { std::cell::Cell::new(None) };
}

/// The first bytes of a hash as a number.
pub(crate) fn first_u64(bytes: &[u8; 32]) -> u64 {
    u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
}

/// Milliseconds since 1970, by the wall clock.
pub(crate) fn unix_ms() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |t| u64::try_from(t.as_millis()).unwrap_or(u64::MAX))
}

/// Opens a regular file for reading: never blocks on a pipe, never follows a link in the last part unless told to. `None`: it is no regular file.
pub(crate) fn open_regular(path: &Path, follow: bool) -> io::Result<Option<(File, std::fs::Metadata)>> {
    let mut flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    if !follow {
        flags |= OFlags::NOFOLLOW;
    }
    let path = CString::new(path.as_os_str().as_bytes())?;
    let file: File = match rustix::fs::open(&path, flags, Mode::empty()) {
        Ok(fd) => fd.into(),
        Err(Errno::LOOP | Errno::NXIO) if !follow => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let meta = file.metadata()?;
    Ok(meta.is_file().then_some((file, meta)))
}

/// A directory, and only what is in it: no link that a step has put there leads out, not even one that is put there meanwhile.
pub(crate) struct Beneath(File);

impl Beneath {
    /// Opens a directory that is no link itself.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::open(dir, flags, Mode::empty())?.into()))
    }

    fn at(&self, path: &Path, flags: OFlags) -> io::Result<Option<File>> {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        loop {
            match rustix::fs::openat2(&self.0, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve) {
                Ok(fd) => return Ok(Some(fd.into())),
                Err(Errno::XDEV | Errno::LOOP | Errno::NXIO) => return Ok(None),
                // The kernel saw a rename on the way and wants to be asked again.
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Opens a regular file for reading; `None`: it is none, or its way leads out.
    pub(crate) fn open_regular(&self, path: &Path) -> io::Result<Option<(File, std::fs::Metadata)>> {
        let Some(file) = self.at(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)? else {
            return Ok(None);
        };
        let meta = file.metadata()?;
        Ok(meta.is_file().then_some((file, meta)))
    }

    /// Removes a file; a link stays.
    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        let Some(name) = path.file_name() else { return Ok(()) };
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Some(parent) = self.at(parent, OFlags::PATH | OFlags::DIRECTORY)? else { return Ok(()) };
        let stat = rustix::fs::statat(&parent, name, AtFlags::SYMLINK_NOFOLLOW)?;
        if rustix::fs::FileType::from_raw_mode(stat.st_mode) != rustix::fs::FileType::RegularFile {
            return Ok(());
        }
        Ok(rustix::fs::unlinkat(&parent, name, AtFlags::empty())?)
    }
}

/// [`read_from`] for large files: nothing is written twice. Moves the place in the open file, so only for files that one thread reads at a time.
pub(crate) fn read_all_from(mut file: &File, offset: u64, max: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.size().saturating_sub(offset).min(max);
    let size = usize::try_from(size).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    file.seek(io::SeekFrom::Start(offset))?;
    file.take(size as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads from `offset` up to the end of the file, at most `max` bytes; the file may grow or shrink meanwhile.
pub(crate) fn read_from(file: &File, offset: u64, max: u64) -> io::Result<Vec<u8>> {
    let size = file.metadata()?.size().saturating_sub(offset).min(max);
    let size = usize::try_from(size).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
    bytes.resize(size, 0);
    let mut filled = 0;
    while filled < size {
        match file.read_at(&mut bytes[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
