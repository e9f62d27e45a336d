//! Contents: put, read, written out; small ones in packs, large ones as files. It does not know what they mean.
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, Write};
use std::ops::Deref;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use flowc_plan::{ContentHash, FileRef};

use crate::error::IoContext;
use crate::index::Place;
use crate::objects::{copy_hashed, hash_of};
use crate::stats::Stamp;
use crate::{Result, Store, StoreError, sys};

/// Contents up to this many bytes are appended to a pack; larger ones are files of their own.
pub const PACKED_BYTES_MAX: u64 = 64 << 10;
/// How often a file that changes under our eyes is read again.
const TRIES: usize = 3;

/// What [`Store::ingest`] learned about a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ingested {
    /// What is in it.
    pub hash: ContentHash,
    /// How many bytes.
    pub size: u64,
    /// Whether its owner may execute it.
    pub executable: bool,
}

/// The bytes of a content, verified: copied for small ones, mapped for large ones.
#[derive(Debug)]
pub struct View(Bytes);

#[derive(Debug)]
enum Bytes {
    Copied(Vec<u8>),
    Mapped(memmap2::Mmap),
}

impl Deref for View {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Copied(bytes) => bytes,
            Bytes::Mapped(map) => map,
        }
    }
}

impl Store {
    /// Keeps some bytes. Other processes know of them from the next [`Store::record`], [`crate::RunLog::append`] or [`Store::sync`] on.
    ///
    /// # Errors
    /// [`StoreError::Io`]; a full disk leaves nothing behind.
    pub fn put_bytes(&self, bytes: &[u8]) -> Result<ContentHash> {
        let hash = ContentHash::of(bytes);
        self.put_hashed(&hash, bytes)?;
        Ok(hash)
    }

    fn put_hashed(&self, hash: &ContentHash, bytes: &[u8]) -> Result<()> {
        let size = bytes.len() as u64;
        if self.has(hash, size) {
            return Ok(());
        }
        if size > PACKED_BYTES_MAX {
            let mut file = self.inner.objects.unnamed()?;
            file.write_all(bytes).at("write", &self.inner.objects.path(hash))?;
            return self.publish(&file, hash, size);
        }
        let index = &self.inner.index;
        self.inner.packs.append(
            hash,
            bytes,
            || index.place(hash).is_some_and(|place| place.size == size && place.pack != 0),
            |hash, place| index.add_place(hash, place),
            |pack| index.refresh().map(|()| index.pack_end(pack)),
        )
    }

    /// Takes over a file: afterwards it is gone from `path`. Follows no link at its end, takes regular files only; for a path that a step may have
    /// a say in, use [`Store::put_file_in`]. Gives the hash and the size in bytes.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] for anything but a regular file; [`StoreError::Io`].
    pub fn put_file(&self, path: &Path) -> Result<(ContentHash, u64)> {
        let (file, meta) = regular(path, false)?;
        let kept = self.keep(file, &meta, path)?;
        std::fs::remove_file(path).at("remove", path)?;
        Ok((kept.hash, kept.size))
    }

    /// Takes over the file `relative` of the directory `dir`, whatever a step has put on the way there: no link leads out of `dir`.
    /// A link at the end is followed and left.
    ///
    /// # Errors
    /// As [`Store::put_file`]; [`StoreError::Unsupported`] also when the way leads out of `dir`.
    pub fn put_file_in(&self, dir: &Path, relative: &Path) -> Result<Ingested> {
        let path = dir.join(relative);
        let beneath = sys::Beneath::open(dir).at("open", dir)?;
        let (file, meta) =
            beneath.open_regular(relative).at("open", &path)?.ok_or_else(|| not_regular(&path))?;
        let kept = self.keep(file, &meta, &path)?;
        beneath.remove(relative).at("remove", &path)?;
        Ok(kept)
    }

    /// Keeps what is in an open file, which nobody will need any more.
    pub(crate) fn keep(&self, mut file: File, meta: &Metadata, path: &Path) -> Result<Ingested> {
        let small = if meta.size() <= PACKED_BYTES_MAX { self.put_small(&mut file, path)? } else { None };
        let (hash, size) = match small {
            Some(kept) => kept,
            None => self.put_large(file, meta, path)?,
        };
        Ok(Ingested { hash, size, executable: is_executable(meta) })
    }

    fn put_large(&self, mut file: File, meta: &Metadata, path: &Path) -> Result<(ContentHash, u64)> {
        // A file with another name could be written through that one, one of another owner not be protected.
        let own = meta.nlink() == 1 && meta.uid() == rustix::process::geteuid().as_raw();
        let same_device =
            std::fs::metadata(self.inner.objects.dir()).is_ok_and(|dir| dir.dev() == meta.dev());
        if !(own && same_device) {
            let (hash, size) = self.copy_in(&mut file, path)?;
            return Ok((hash, size));
        }
        let (hash, size) = hash_of(&mut file).at("read", path)?;
        if !self.has(&hash, size) {
            self.publish(&file, &hash, size)?;
        }
        Ok((hash, size))
    }

    /// Keeps a small file's bytes; `None` when it has grown too large meanwhile.
    fn put_small(&self, file: &mut File, path: &Path) -> Result<Option<(ContentHash, u64)>> {
        let mut bytes = Vec::new();
        Read::take(&mut *file, PACKED_BYTES_MAX + 1).read_to_end(&mut bytes).at("read", path)?;
        if bytes.len() as u64 > PACKED_BYTES_MAX {
            file.rewind().at("read", path)?;
            return Ok(None);
        }
        Ok(Some((self.put_bytes(&bytes)?, bytes.len() as u64)))
    }

    /// Copies the rest of a file in. What is hashed is what was written, not what was read a second time.
    fn copy_in(&self, file: &mut File, path: &Path) -> Result<(ContentHash, u64)> {
        let mut copy = self.inner.objects.unnamed()?;
        let dir = self.inner.objects.dir();
        let (hash, size) = if sys::clone_into(file, &copy) {
            hash_of(&mut copy).at("read", path)?
        } else {
            copy_hashed(file, &mut copy).at("read", path)?.at("write to", dir)?
        };
        if size <= PACKED_BYTES_MAX {
            copy.rewind().at("read", path)?;
            if let Some(kept) = self.put_small(&mut copy, path)? {
                return Ok(kept);
            }
        } else if !self.has(&hash, size) {
            self.publish(&copy, &hash, size)?;
        }
        Ok((hash, size))
    }

    fn publish(&self, file: &File, hash: &ContentHash, size: u64) -> Result<()> {
        let stats = &self.inner.stats;
        let known = |meta: &Metadata| stats.get(&Stamp::of(meta)) == Some(*hash);
        let meta = self.inner.objects.publish(file, hash, size, known)?;
        self.inner.index.add_place(*hash, Place { pack: 0, offset: 0, size });
        // What was hashed a moment ago need not be hashed again before it is used, unless its file changes.
        stats.add(Stamp::of(&meta), *hash);
        Ok(())
    }

    /// Whether a content of this size is known, and its file there.
    fn has(&self, hash: &ContentHash, size: u64) -> bool {
        self.inner.index.place(hash).is_some_and(|place| place.size == size) && self.is_there(hash)
    }

    /// [`Store::contains`], with a look at the file of a large content.
    pub(crate) fn is_there(&self, hash: &ContentHash) -> bool {
        self.inner.index.place(hash).is_some_and(|place| {
            place.pack != 0
                || std::fs::symlink_metadata(self.inner.objects.path(hash))
                    .is_ok_and(|meta| meta.is_file() && meta.size() == place.size)
        })
    }

    /// Keeps a copy of a user's file, which stays as it is. Follows links. An unchanged file costs one `stat`.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it does not hold still; [`StoreError::Unsupported`] for anything but a regular file; [`StoreError::Io`].
    pub fn ingest(&self, path: &Path) -> Result<Ingested> {
        self.ingest_with(path, true)
    }

    pub(crate) fn ingest_with(&self, path: &Path, follow: bool) -> Result<Ingested> {
        let meta = if follow { std::fs::metadata(path) } else { std::fs::symlink_metadata(path) };
        let meta = meta.at("look at", path)?;
        if let Some(hash) = self.inner.stats.get(&Stamp::of(&meta)).filter(|hash| self.is_there(hash)) {
            return Ok(Ingested { hash, size: meta.size(), executable: is_executable(&meta) });
        }
        for _ in 0..TRIES {
            let looked = SystemTime::now();
            let (mut file, before) = regular(path, follow)?;
            let small =
                if before.size() <= PACKED_BYTES_MAX { self.put_small(&mut file, path)? } else { None };
            let (hash, size) = match small {
                Some(kept) => kept,
                None => self.copy_in(&mut file, path)?,
            };
            let (stamp, after) = (Stamp::of(&before), file.metadata().at("look at", path)?);
            if Stamp::of(&after) == stamp && size == before.size() {
                if stamp.is_settled(looked) {
                    self.inner.stats.add(stamp, hash);
                }
                return Ok(Ingested { hash, size, executable: is_executable(&after) });
            }
        }
        Err(StoreError::Changed { path: path.to_owned() })
    }

    /// What is in a user's file, of which no copy is kept. Follows links. An unchanged file costs one `stat`.
    ///
    /// # Errors
    /// [`StoreError::Changed`] when it does not hold still; [`StoreError::Unsupported`] for anything but a regular file; [`StoreError::Io`].
    pub fn hash_of_file(&self, path: &Path) -> Result<ContentHash> {
        let meta = std::fs::metadata(path).at("look at", path)?;
        if let Some(hash) = self.inner.stats.get(&Stamp::of(&meta)) {
            return Ok(hash);
        }
        for _ in 0..TRIES {
            let looked = SystemTime::now();
            let (mut file, before) = regular(path, true)?;
            let (hash, _) = hash_of(&mut file).at("read", path)?;
            let stamp = Stamp::of(&before);
            if Stamp::of(&file.metadata().at("look at", path)?) == stamp {
                if stamp.is_settled(looked) {
                    self.inner.stats.add(stamp, hash);
                }
                return Ok(hash);
            }
        }
        Err(StoreError::Changed { path: path.to_owned() })
    }

    /// Whether a content is there, as far as the store knows without looking at the disk.
    #[must_use]
    pub fn contains(&self, hash: &ContentHash) -> bool {
        self.inner.index.place(hash).is_some()
    }

    /// The size of a content in bytes.
    #[must_use]
    pub fn blob_size(&self, hash: &ContentHash) -> Option<u64> {
        self.inner.index.place(hash).map(|place| place.size)
    }

    /// The bytes of a content, verified, up to `max_bytes`.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Damaged`] (it is set aside and missing from now on), [`StoreError::TooLarge`], [`StoreError::Io`].
    pub fn read(&self, hash: &ContentHash, max_bytes: u64) -> Result<Vec<u8>> {
        let place = self.inner.index.place(hash).ok_or(StoreError::Missing(*hash))?;
        if place.size > max_bytes {
            return Err(StoreError::TooLarge { what: hash.to_string(), size: place.size, max: max_bytes });
        }
        let bytes = if place.pack != 0 {
            match self.inner.packs.read(&place) {
                Err(StoreError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                    return Err(self.lose(hash, true));
                }
                bytes => bytes?,
            }
        } else {
            let file = self.open_object(hash, place.size)?;
            sys::read_from(&file, 0, place.size).at("read", &self.inner.objects.path(hash))?
        };
        if ContentHash::of(&bytes) == *hash { Ok(bytes) } else { Err(self.lose(hash, false)) }
    }

    /// The bytes of a content, verified; large ones are mapped, not copied.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn view(&self, hash: &ContentHash) -> Result<View> {
        let place = self.inner.index.place(hash).ok_or(StoreError::Missing(*hash))?;
        if place.pack != 0 {
            return self.read(hash, PACKED_BYTES_MAX).map(Bytes::Copied).map(View);
        }
        let file = self.verified(hash, place.size)?;
        sys::map(&file).map(Bytes::Mapped).map(View).at("map", &self.inner.objects.path(hash))
    }

    /// The read-only file of a large content, verified when its file was changed since it was last; `None` for small ones (they stand in
    /// packs) and for missing ones. For links from places where nobody may write *through* them: a hard link in a directory
    /// that a step may write to would let it change the store.
    #[must_use]
    pub fn object_path(&self, hash: &ContentHash) -> Option<PathBuf> {
        let place = self.inner.index.place(hash).filter(|place| place.pack == 0)?;
        self.verified(hash, place.size).ok()?;
        Some(self.inner.objects.path(hash))
    }

    /// Writes a content to a new file with permissions `mode`: cloned where the file system can, else copied; verified.
    ///
    /// # Errors
    /// As [`Store::read`]; [`StoreError::Io`] also when `dest` exists. Nothing is left at `dest` on errors.
    pub fn write_to(&self, hash: &ContentHash, dest: &Path, mode: u32) -> Result<()> {
        let place = self.inner.index.place(hash).ok_or(StoreError::Missing(*hash))?;
        let source = if place.pack == 0 {
            Ok(self.open_object(hash, place.size)?)
        } else {
            Err(self.read(hash, PACKED_BYTES_MAX)?)
        };
        let mut file =
            File::options().write(true).create_new(true).mode(0o600).open(dest).at("create", dest)?;
        let written = match source {
            Ok(object) => self.copy_out(hash, object, &mut file, dest),
            Err(bytes) => file.write_all(&bytes).at("write", dest),
        };
        written
            .and_then(|()| file.set_permissions(std::fs::Permissions::from_mode(mode)).at("protect", dest))
            .inspect_err(|_| drop(std::fs::remove_file(dest)))
    }

    fn copy_out(&self, hash: &ContentHash, mut object: File, file: &mut File, dest: &Path) -> Result<()> {
        let path = self.inner.objects.path(hash);
        let verified = self.is_verified(hash, &object);
        let cloned = sys::clone_into(&object, file);
        if verified {
            // The kernel copies without a detour through this process.
            return if cloned { Ok(()) } else { io::copy(&mut object, file).map(drop).at("write", dest) };
        }
        let found = if cloned {
            hash_of(&mut object).at("read", &path)?.0
        } else {
            copy_hashed(&mut object, file).at("read", &path)?.at("write", dest)?.0
        };
        if found == *hash { Ok(()) } else { Err(self.lose(hash, false)) }
    }

    /// [`Store::write_to`] for a file value, with its executable bit; read-only unless `writable`.
    ///
    /// # Errors
    /// As [`Store::write_to`].
    pub fn write_file_to(&self, file: &FileRef, dest: &Path, writable: bool) -> Result<()> {
        self.write_to(&file.hash, dest, mode(file.executable, writable))
    }

    fn open_object(&self, hash: &ContentHash, size: u64) -> Result<File> {
        match self.inner.objects.open(hash, size)? {
            Some(file) => Ok(file),
            None => Err(self.lose(hash, !self.inner.objects.path(hash).exists())),
        }
    }

    fn is_verified(&self, hash: &ContentHash, file: &File) -> bool {
        file.metadata().is_ok_and(|meta| self.inner.stats.get(&Stamp::of(&meta)) == Some(*hash))
    }

    /// The open file of a large content, read through unless that was done since its file last changed.
    fn verified(&self, hash: &ContentHash, size: u64) -> Result<File> {
        let mut file = self.open_object(hash, size)?;
        if !self.is_verified(hash, &file) {
            self.verify(hash, &mut file)?;
        }
        Ok(file)
    }

    fn verify(&self, hash: &ContentHash, file: &mut File) -> Result<()> {
        let path = self.inner.objects.path(hash);
        let stamp = Stamp::of(&file.metadata().at("look at", &path)?);
        if hash_of(file).at("read", &path)?.0 != *hash {
            return Err(self.lose(hash, false));
        }
        self.inner.stats.add(stamp, *hash);
        Ok(())
    }

    /// Reads a content through, whatever is known of it.
    pub(crate) fn check(&self, hash: &ContentHash) -> Result<()> {
        match self.inner.index.place(hash) {
            Some(place) if place.pack == 0 => self.verify(hash, &mut self.open_object(hash, place.size)?),
            _ => self.read(hash, PACKED_BYTES_MAX).map(drop),
        }
    }

    /// A content is gone or is not what its name says: from now on it is missing, for everyone.
    fn lose(&self, hash: &ContentHash, missing: bool) -> StoreError {
        let place = self.inner.index.place(hash);
        let path = match place {
            Some(Place { pack, .. }) if pack != 0 => self.inner.packs.path(pack),
            _ => self.inner.objects.path(hash),
        };
        if !missing && place.is_some_and(|place| place.pack == 0) {
            self.inner.objects.set_aside(hash);
        }
        // Where even this cannot be written, this process still knows.
        let _ = self.inner.index.lost(&[*hash]);
        if missing { StoreError::Missing(*hash) } else { StoreError::Damaged { hash: *hash, path } }
    }
}

/// The permissions of a file that is written out.
pub(crate) fn mode(executable: bool, writable: bool) -> u32 {
    match (executable, writable) {
        (false, false) => 0o444,
        (true, false) => 0o555,
        (false, true) => 0o644,
        (true, true) => 0o755,
    }
}

pub(crate) fn is_executable(meta: &Metadata) -> bool {
    meta.mode() & 0o100 != 0
}

fn regular(path: &Path, follow: bool) -> Result<(File, Metadata)> {
    sys::open_regular(path, follow).at("open", path)?.ok_or_else(|| not_regular(path))
}

pub(crate) fn not_regular(path: &Path) -> StoreError {
    StoreError::Unsupported {
        path: path.to_owned(),
        reason: "it is not a regular file inside its directory".to_owned(),
    }
}
