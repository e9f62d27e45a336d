//! Large contents: read-only files named by their hash, whole from the moment they have that name. It does not know the index.
use std::fs::{File, Metadata, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use flowc_plan::ContentHash;

use crate::error::IoContext;
use crate::{Result, sys};

/// How much is read, hashed and written at a time: as fast as a map, and safe on files that others may cut.
const BUFFER_BYTES: usize = 1 << 20;

/// The files of a store that hold one content each.
pub(crate) struct Objects {
    dir: PathBuf,
    tmp: PathBuf,
    quarantine: PathBuf,
}

impl Objects {
    pub(crate) fn new(root: &Path) -> Self {
        Self { dir: root.join("objects"), tmp: root.join("tmp"), quarantine: root.join("quarantine") }
    }

    /// The path that a content has, or would have.
    pub(crate) fn path(&self, hash: &ContentHash) -> PathBuf {
        let hex = hash.to_string();
        self.dir.join(&hex[..2]).join(hex)
    }

    /// A file to be filled and then published; it goes away by itself.
    pub(crate) fn unnamed(&self) -> Result<File> {
        sys::unnamed(&self.tmp).at("create a file in", &self.tmp)
    }

    /// Gives `file`, which holds exactly this content, its name. Where there is a file of that name already, it stays if it holds the same:
    /// if it is `known` to, or read through. Gives what the system says of the one that has the name now.
    pub(crate) fn publish(
        &self,
        file: &File,
        hash: &ContentHash,
        size: u64,
        known: impl Fn(&Metadata) -> bool,
    ) -> Result<Metadata> {
        let path = self.path(hash);
        file.set_permissions(Permissions::from_mode(0o444)).at("protect", &path)?;
        let mut linked = sys::link(file, &path);
        if linked.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            let shard = path.parent().unwrap_or(&self.dir);
            match std::fs::create_dir(shard) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(error).at("create", shard);
                }
                _ => linked = sys::link(file, &path),
            }
        }
        match linked {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if let Ok(Some((mut there, meta))) = sys::open_regular(&path, false)
                    && meta.size() == size
                    && (known(&meta) || hash_of(&mut there).is_ok_and(|(found, _)| found == *hash))
                {
                    return Ok(meta);
                }
                // The one that is there is not what its name says: the good one takes its place.
                let aside = sys::unique(&self.tmp);
                sys::link(file, &aside).at("create", &aside)?;
                std::fs::rename(&aside, &path).at("replace", &path)?;
            }
            linked => linked.at("create", &path)?,
        }
        file.metadata().at("look at", &path)
    }

    /// The open file of a content, of exactly this size; `None`: missing or of another size.
    pub(crate) fn open(&self, hash: &ContentHash, size: u64) -> Result<Option<File>> {
        let path = self.path(hash);
        match sys::open_regular(&path, false) {
            Ok(Some((file, meta))) if meta.size() == size => Ok(Some(file)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).at("open", &path),
        }
    }

    /// Takes a file that is not what its name says out of the way, and keeps it for whoever wants to look at it.
    pub(crate) fn set_aside(&self, hash: &ContentHash) {
        let _ = std::fs::create_dir(&self.quarantine);
        let _ = std::fs::rename(self.path(hash), self.quarantine.join(hash.to_string()));
    }

    /// The directory of the files.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }
}

/// The hash and the length of all that `from` still has to give, which is also written to `to`. The outer error is of reading, the inner of writing.
pub(crate) fn copy_hashed(
    from: &mut impl Read,
    to: &mut impl Write,
) -> io::Result<io::Result<(ContentHash, u64)>> {
    let (mut hasher, mut buffer, mut size) = (blake3::Hasher::new(), vec![0; BUFFER_BYTES], 0);
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => return Ok(Ok((ContentHash(*hasher.finalize().as_bytes()), size))),
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..n]);
        size += n as u64;
        if let Err(error) = to.write_all(&buffer[..n]) {
            return Ok(Err(error));
        }
    }
}

/// The hash and the length in bytes of all that `from` still has to give.
///
/// # Errors
/// Those of reading.
pub fn hash_of(from: &mut impl Read) -> io::Result<(ContentHash, u64)> {
    copy_hashed(from, &mut io::sink())?
}
