//! An append-only log that several processes read and write at a time: the index and what it knows of users' files. It knows frames, not
//! what is in them.
//!
//! Writers take the file's lock for the length of an append, and first take in what others have appended. Readers take none: a half
//! written frame is no frame yet. The file is replaced, never rewritten; whoever holds the old one notices by the inode.
use std::fs::File;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;

use crate::error::IoContext;
use crate::frames::{self, Frame, HEAD_BYTES, HEADER_BYTES, Position};
use crate::{Result, StoreError, sys};

/// The most that a log may hold, in bytes: more is damage, or wants another design.
const LOG_BYTES_MAX: u64 = 4 << 30;

/// Takes in what the log says.
pub(crate) trait Sink {
    /// Forgets everything: the log is read from its start again.
    fn reset(&mut self);
    /// Some bytes of the log and the whole frames in them, in order.
    fn take(&mut self, bytes: Vec<u8>, frames: &[Frame]);
}

/// The log, as far as this process has read it.
pub(crate) struct SharedLog {
    path: PathBuf,
    magic: [u8; 8],
    file: File,
    inode: (u64, u64),
    at: Position,
    /// The last head that was read, and where it stands: what is there as long as the file goes on from where this process knows it.
    last: (u64, [u8; HEAD_BYTES]),
    /// What was wrong when it was read, if anything: the file is kept beside, with `.bad` in its name.
    pub(crate) damage: Option<StoreError>,
}

/// Gives the lock of the file back at the end of a block.
struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = rustix::fs::flock(&self.0, FlockOperation::Unlock);
    }
}

impl SharedLog {
    /// Opens the log and reads all of it; makes it when it is not there.
    pub(crate) fn open(path: &Path, magic: [u8; 8], sink: &mut impl Sink) -> Result<Self> {
        let (file, inode) = open_file(path)?;
        let at = Position::start(0, 0, true);
        let mut log =
            Self { path: path.to_owned(), magic, file, inode, at, last: (0, [0; HEAD_BYTES]), damage: None };
        log.lock(sink, true)?;
        Ok(log)
    }

    /// Where the log ends, as far as it has been read.
    pub(crate) fn end(&self) -> u64 {
        self.at.offset
    }

    /// The open file, for syncing it.
    pub(crate) fn file(&self) -> Result<File> {
        self.file.try_clone().at("use", &self.path)
    }

    /// The log's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes in what others have appended, without waiting for them.
    pub(crate) fn refresh(&mut self, sink: &mut impl Sink) -> Result<()> {
        let moved = inode_of(&self.path).is_none_or(|inode| inode != self.inode);
        let size = self.file.metadata().at("look at", &self.path)?.size();
        if moved || size < self.at.offset || !self.goes_on() {
            // The file was replaced or cut: a half written frame is not to be told from a lost one without the lock.
            return self.lock(sink, false).map(drop);
        }
        if self.read_on(sink, size)? < size {
            // A frame that is being written, or one that was cut and written anew: with the lock it is clear which.
            self.lock(sink, false)?;
        }
        Ok(())
    }

    /// Appends the frames that `write` pushes, whole, in one write; gives them to `sink` as well. On errors nothing is left of them.
    pub(crate) fn append<S: Sink>(
        &mut self,
        sink: &mut S,
        write: impl FnOnce(&S, &mut Position, &mut Vec<u8>),
    ) -> Result<()> {
        let _locked = self.lock(sink, false)?;
        let (mut at, mut bytes) = (self.at, Vec::new());
        write(sink, &mut at, &mut bytes);
        if bytes.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.file.write_all_at(&bytes, self.at.offset) {
            // A full disk can take half a frame: it must not stand before the next one.
            let _ = self.file.set_len(self.at.offset);
            return Err(error).at("write", &self.path);
        }
        self.advance(sink, bytes);
        Ok(())
    }

    /// Waits for the lock, and then brings this process and the file to the same good end.
    fn lock(&mut self, sink: &mut impl Sink, first: bool) -> Result<Locked> {
        let mut reload = first;
        loop {
            let file = self.file()?;
            while let Err(error) = rustix::fs::flock(&file, FlockOperation::LockExclusive) {
                if error != rustix::io::Errno::INTR {
                    return Err(error).at("lock", &self.path);
                }
            }
            let locked = Locked(file);
            if inode_of(&self.path) == Some(self.inode) {
                if self.settle(sink, reload)? {
                    return Ok(locked);
                }
            } else {
                (self.file, self.inode) = open_file(&self.path)?;
            }
            reload = true;
        }
    }

    /// With the lock: reads to the end, cuts a torn tail, replaces a damaged file. False when it was replaced and is to be opened anew.
    fn settle(&mut self, sink: &mut impl Sink, mut reload: bool) -> Result<bool> {
        let size = self.file.metadata().at("look at", &self.path)?.size();
        reload |= !self.goes_on();
        if size == self.at.offset && !reload {
            return Ok(true);
        }
        if size > LOG_BYTES_MAX {
            return self.replace(HEADER_BYTES as u64, None, "it is too long").map(|()| false);
        }
        reload |= size < self.at.offset;
        if !reload && self.read_on(sink, size)? == size {
            return Ok(true);
        }
        // From the start: what stands behind the place that this process knew may not continue it, if another had to cut a tail.
        let head = sys::read_from(&self.file, 0, HEADER_BYTES as u64).at("read", &self.path)?;
        let Some(salt) = frames::read_header(&head, self.magic, 0) else {
            if size < HEADER_BYTES as u64 {
                return self.begin(sink).map(|()| true);
            }
            return self.replace(0, None, "its header is no header of this format").map(|()| false);
        };
        sink.reset();
        self.start(&head, salt);
        let good = self.read_on(sink, size)?;
        if good < size {
            let rest = sys::read_from(&self.file, good, LOG_BYTES_MAX).at("read", &self.path)?;
            if self.at.frame_follows(&rest) {
                let reason = format!("the frame at byte {good} does not pass its check, whole ones follow");
                return self.replace(good, Some(salt), &reason).map(|()| false);
            }
            self.file.set_len(good).at("cut the torn end of", &self.path)?;
        }
        Ok(true)
    }

    /// Reads whole frames from where this process stands; gives where they end.
    fn read_on(&mut self, sink: &mut impl Sink, size: u64) -> Result<u64> {
        if size > self.at.offset {
            let bytes =
                sys::read_all_from(&self.file, self.at.offset, LOG_BYTES_MAX).at("read", &self.path)?;
            self.advance(sink, bytes);
        }
        Ok(self.at.offset)
    }

    /// Takes in the whole frames of bytes that stand where this process knows the end.
    fn advance(&mut self, sink: &mut impl Sink, bytes: Vec<u8>) {
        let (frames, _) = self.at.scan(&bytes);
        let Some(last) = frames.last() else { return };
        let head = bytes.get(last.payload.start - HEAD_BYTES..last.payload.start);
        if let Some(head) = head.and_then(|head| head.try_into().ok()) {
            self.last = (last.offset, head);
        }
        sink.take(bytes, &frames);
    }

    /// Whether what this process read last is still there. A writer that fails, or dies, in the middle of several frames leaves
    /// whole ones that are read and then cut; others may stand in their place by now.
    fn goes_on(&self) -> bool {
        let mut head = [0; HEAD_BYTES];
        self.file.read_exact_at(&mut head, self.last.0).is_ok() && head == self.last.1
    }

    fn start(&mut self, header: &[u8], salt: u64) {
        self.at = Position::start(salt, 0, true);
        if let Some(end) =
            header.get(HEADER_BYTES - HEAD_BYTES..HEADER_BYTES).and_then(|end| end.try_into().ok())
        {
            self.last = ((HEADER_BYTES - HEAD_BYTES) as u64, end);
        }
    }

    /// Starts an empty file, with the lock.
    fn begin(&mut self, sink: &mut impl Sink) -> Result<()> {
        let salt = sys::random();
        let header = frames::header(self.magic, 0, salt);
        sink.reset();
        let written = self.file.set_len(0).and_then(|()| self.file.write_all_at(&header, 0));
        if let Err(error) = written {
            let _ = self.file.set_len(0);
            return Err(error).at("write", &self.path);
        }
        self.start(&header, salt);
        Ok(())
    }

    /// With the lock: puts a file with the good beginning in the place of a damaged one, and keeps that beside it.
    fn replace(&mut self, good: u64, salt: Option<u64>, reason: &str) -> Result<()> {
        let head = frames::header(self.magic, 0, salt.unwrap_or_else(sys::random));
        let mut bytes = if salt.is_some() {
            sys::read_from(&self.file, 0, good).at("read", &self.path)?
        } else {
            Vec::new()
        };
        if bytes.len() < HEADER_BYTES {
            bytes = head.to_vec();
        }
        self.swap(&bytes)?;
        self.damage = Some(StoreError::Corrupt { path: self.path.clone(), reason: reason.to_owned() });
        Ok(())
    }

    fn swap(&self, bytes: &[u8]) -> Result<()> {
        let (new, bad) = (self.path.with_extension("new"), self.path.with_extension("bad"));
        let _ = std::fs::remove_file(&new);
        let file = File::options().write(true).create_new(true).open(&new).at("create", &new)?;
        file.write_all_at(bytes, 0).and_then(|()| file.sync_data()).at("write", &new)?;
        let _ = std::fs::remove_file(&bad);
        std::fs::hard_link(&self.path, &bad).at("keep", &bad)?;
        std::fs::rename(&new, &self.path).at("replace", &self.path)
    }
}

fn open_file(path: &Path) -> Result<(File, (u64, u64))> {
    let file =
        File::options().read(true).write(true).create(true).truncate(false).open(path).at("open", path)?;
    let meta = file.metadata().at("look at", path)?;
    Ok((file, (meta.dev(), meta.ino())))
}

fn inode_of(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(test)]
mod tests;
