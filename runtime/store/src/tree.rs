//! Directories as contents: a sorted list of what is in them, links as data. It does not know who made them.
use std::fs::{FileType, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Component, Path};

use flowc_base::Name;
use flowc_plan::{ContentHash, DirEntry, DirEntryKind, DirRef, Tree};

use crate::contents::{Ingested, mode, not_regular};
use crate::error::IoContext;
use crate::{Result, Store, StoreError, sys};

/// The most bytes of a directory's list.
const TREE_BYTES_MAX: u64 = 256 << 20;
/// How deep directories may be nested.
const DEPTH_MAX: usize = 128;

impl Store {
    /// Takes over the files of a directory that a step has made, links and empty directories as data; what is left of it is the caller's to remove.
    ///
    /// # Errors
    /// [`StoreError::Unsupported`] names a device, a socket, a pipe, a link out of the directory, a name that is no UTF-8; [`StoreError::Io`].
    pub fn put_dir(&self, path: &Path) -> Result<DirRef> {
        let root = sys::Beneath::open(path).at("open", path)?;
        self.keep_dir(path, &|_, _| false, &|relative| {
            let file = path.join(relative);
            let relative = Path::new(relative);
            let (open, meta) =
                root.open_regular(relative).at("open", &file)?.ok_or_else(|| not_regular(&file))?;
            let kept = self.keep(open, &meta, &file)?;
            root.remove(relative).at("remove", &file)?;
            Ok(kept)
        })
    }

    /// Keeps a copy of a user's directory, file by file like [`Store::ingest`], but follows no links below it. Stores are left out, as
    /// globs leave them out: what is called `.flow`, and this one.
    ///
    /// # Errors
    /// As [`Store::put_dir`] and [`Store::ingest`].
    pub fn ingest_dir(&self, path: &Path) -> Result<DirRef> {
        let own = std::fs::metadata(self.root()).at("look at", self.root())?;
        let is_store = |name: &str, meta: &Metadata| {
            name == ".flow" || (meta.dev(), meta.ino()) == (own.dev(), own.ino())
        };
        self.keep_dir(path, &is_store, &|relative| self.ingest_with(&path.join(relative), false))
    }

    // Looked at whole before any file is taken away, so that a directory that cannot be kept is left as it was.
    fn keep_dir(
        &self,
        path: &Path,
        leave_out: &dyn Fn(&str, &Metadata) -> bool,
        keep: &dyn Fn(&str) -> Result<Ingested>,
    ) -> Result<DirRef> {
        let resolved;
        let named = if path.file_name().is_some() {
            path
        } else {
            resolved = path.canonicalize().at("look at", path)?;
            &resolved
        };
        let name = named.file_name().map_or(Ok("root"), |name| name.to_str().ok_or(name));
        let name = name.map_err(|_| unsupported(path, "its name is not UTF-8"))?;
        let mut found = Vec::new();
        list(path, "", 0, leave_out, &mut found)?;
        let (mut entries, mut bytes) = (Vec::with_capacity(found.len()), 0u64);
        for Found { relative, kind } in found {
            let kind = match kind {
                FoundKind::EmptyDir => DirEntryKind::EmptyDir,
                FoundKind::Link(target) => DirEntryKind::Link { target: target.into() },
                FoundKind::File => {
                    let Ingested { hash, size, executable } = keep(&relative)?;
                    DirEntryKind::File { hash, size, executable }
                }
            };
            if let DirEntryKind::File { size, .. } = kind {
                bytes = bytes.saturating_add(size);
            }
            entries.push(DirEntry { path: relative.into(), kind });
        }
        entries.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        let tree = Tree { entries };
        let tree = rmp_serde::to_vec(&tree).map_err(|error| unsupported(path, &error.to_string()))?;
        Ok(DirRef { name: Name::from(name), tree: self.put_bytes(&tree)?, size: bytes })
    }

    /// What a directory holds; checked: sorted, no path and no link leaves it.
    ///
    /// # Errors
    /// As [`Store::read`]; [`StoreError::Corrupt`] when it is no tree.
    pub fn read_tree(&self, dir: &DirRef) -> Result<Tree> {
        self.read_tree_of(&dir.tree)
    }

    pub(crate) fn read_tree_of(&self, hash: &ContentHash) -> Result<Tree> {
        let corrupt =
            |reason: &str| StoreError::Corrupt { path: hash.to_string().into(), reason: reason.to_owned() };
        let bytes = self.read(hash, TREE_BYTES_MAX)?;
        let tree: Tree =
            rmp_serde::from_slice(&bytes).map_err(|_| corrupt("it is not the list of a directory"))?;
        for (at, entry) in tree.entries.iter().enumerate() {
            let inside = is_plain(&entry.path)
                && match &entry.kind {
                    DirEntryKind::Link { target } => stays_inside(&entry.path, target),
                    _ => true,
                };
            if !inside {
                return Err(corrupt(&format!("`{}` leaves the directory", entry.path)));
            }
            // No entry is twice there, and none stands below a file or a link.
            let sorted = at == 0 || tree.entries[at - 1].path < entry.path;
            let below = entry.path.match_indices('/').any(|(end, _)| {
                let parent = &entry.path[..end];
                tree.entries.binary_search_by(|other| other.path.as_str().cmp(parent)).is_ok()
            });
            if !sorted || below {
                return Err(corrupt(&format!("`{}` is out of place", entry.path)));
            }
        }
        Ok(tree)
    }

    /// Makes the directory `dest` (which must not exist) and writes all of `dir` into it. Files are `0444`, or `0555` when executable, if
    /// `writable` is false, else `0644` and `0755`. On errors what has been written stands there: the caller's to remove.
    ///
    /// # Errors
    /// As [`Store::write_to`] and [`Store::read_tree`].
    pub fn write_dir_to(&self, dir: &DirRef, dest: &Path, writable: bool) -> Result<()> {
        let tree = self.read_tree(dir)?;
        std::fs::create_dir(dest).at("create", dest)?;
        // Links last: nothing is ever written through one.
        let (links, rest): (Vec<_>, Vec<_>) =
            tree.entries.iter().partition(|entry| matches!(entry.kind, DirEntryKind::Link { .. }));
        let mut made = "";
        for entry in rest.into_iter().chain(links) {
            let path = dest.join(entry.path.as_str());
            let parent = entry.path.rsplit_once('/').map_or("", |(parent, _)| parent);
            if parent != made {
                std::fs::create_dir_all(dest.join(parent)).at("create", &dest.join(parent))?;
                made = parent;
            }
            match &entry.kind {
                DirEntryKind::EmptyDir => std::fs::create_dir_all(&path).at("create", &path)?,
                DirEntryKind::File { hash, executable, .. } => {
                    self.write_to(hash, &path, mode(*executable, writable))?;
                }
                DirEntryKind::Link { target } => {
                    std::os::unix::fs::symlink(target.as_str(), &path).at("create", &path)?;
                }
            }
        }
        Ok(())
    }
}

struct Found {
    relative: String,
    kind: FoundKind,
}

enum FoundKind {
    EmptyDir,
    File,
    Link(String),
}

/// Everything below `root`/`relative`; an error names the first thing that cannot be kept.
fn list(
    root: &Path,
    relative: &str,
    depth: usize,
    leave_out: &dyn Fn(&str, &Metadata) -> bool,
    found: &mut Vec<Found>,
) -> Result<()> {
    let dir = root.join(relative);
    if depth > DEPTH_MAX {
        return Err(unsupported(&dir, &format!("directories are nested more than {DEPTH_MAX} deep")));
    }
    let mut empty = true;
    for entry in std::fs::read_dir(&dir).at("list", &dir)? {
        let entry = entry.at("list", &dir)?;
        empty = false;
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_str().ok_or_else(|| unsupported(&path, "its name is not UTF-8"))?;
        let inner = if relative.is_empty() { name.to_owned() } else { format!("{relative}/{name}") };
        let meta = std::fs::symlink_metadata(&path).at("look at", &path)?;
        let kind = meta.file_type();
        if kind.is_dir() {
            if !leave_out(name, &meta) {
                list(root, &inner, depth + 1, leave_out, found)?;
            }
        } else if kind.is_file() {
            found.push(Found { relative: inner, kind: FoundKind::File });
        } else if kind.is_symlink() {
            let target = std::fs::read_link(&path).at("read", &path)?;
            let target = target.to_str().ok_or_else(|| unsupported(&path, "its target is not UTF-8"))?;
            if !stays_inside(&inner, target) {
                return Err(unsupported(
                    &path,
                    &format!("it is a link to `{target}`, outside the directory"),
                ));
            }
            found.push(Found { relative: inner, kind: FoundKind::Link(target.to_owned()) });
        } else {
            return Err(unsupported(&path, kind_name(kind)));
        }
    }
    if empty && !relative.is_empty() {
        found.push(Found { relative: relative.to_owned(), kind: FoundKind::EmptyDir });
    }
    Ok(())
}

fn kind_name(kind: FileType) -> &'static str {
    if kind.is_fifo() {
        "it is a pipe"
    } else if kind.is_socket() {
        "it is a socket"
    } else {
        "it is a device"
    }
}

/// A relative path of plain parts.
fn is_plain(path: &str) -> bool {
    !path.contains('\0') && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// True when a link at `path` to `target` points into the directory that `path` is relative to, going by the text alone.
fn stays_inside(path: &str, target: &str) -> bool {
    let mut depth = path.split('/').count() - 1;
    let mut named = false;
    for part in Path::new(target).components() {
        match part {
            Component::Normal(_) => {
                named = true;
                depth += 1;
            }
            Component::CurDir => {}
            // Going up after going down could go through another link, to somewhere else.
            Component::ParentDir if depth > 0 && !named => depth -= 1,
            _ => return false,
        }
    }
    !target.is_empty() && !target.contains('\0')
}

fn unsupported(path: &Path, reason: &str) -> StoreError {
    StoreError::Unsupported { path: path.to_owned(), reason: reason.to_owned() }
}
