//! From what a step has left to a value: standard output, files, directories, all untrusted. Nothing is followed out of the
//! step's directory. It must not know how the step was run.
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use flowc_base::Name;
use flowc_plan::{FileRef, TEXT_BYTES_MAX, Type, Value};
use flowc_stdlib::{from_json, from_text};
use flowc_store::{PACKED_BYTES_MAX, Store, StoreError};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, openat2, statat};
use rustix::io::Errno;

use super::failure::{Failure, Result};
use super::launch::Outputs;
use super::sweep;

/// The most bytes of a JSON or text file that is read as a value: as much as a text may have.
const READ_BYTES_MAX: u64 = TEXT_BYTES_MAX;
/// How many of the names that a step left are shown when the right one is missing.
const NAMES_SHOWN: usize = 8;
/// The base name of a `File` made of standard output.
const STDOUT_NAME: &str = "stdout";

/// What a step has left.
#[derive(Debug)]
pub(super) struct Left<'a> {
    pub(super) store: &'a Store,
    /// The step's directory.
    pub(super) dir: &'a OwnedFd,
    pub(super) dir_path: &'a Path,
    pub(super) types: &'a [Type],
    pub(super) stdout: &'a File,
    pub(super) stdout_path: &'a Path,
    pub(super) stdout_bytes: u64,
    /// Set when the file of standard output was given to the store.
    pub(super) stdout_taken: bool,
}

impl Left<'_> {
    pub(super) fn collect(&mut self, output: &Outputs<'_>) -> Result<Value> {
        match output {
            Outputs::Unit => Ok(Value::Unit),
            Outputs::Stdout(Type::File) => self.stdout_file().map(Value::File),
            Outputs::Stdout(Type::Optional(inner)) if **inner == Type::File => {
                self.stdout_file().map(Value::File)
            }
            Outputs::Stdout(ty) => self.parse(self.stdout_text()?, ty, "standard output"),
            Outputs::Lines(ty) => self.lines(ty),
            Outputs::Path { path, ty } => self.path(path, ty),
            Outputs::Glob { pattern } => self.glob(pattern),
            Outputs::Record(fields) => {
                let fields = fields.iter().map(|(name, output)| Ok(((*name).clone(), self.collect(output)?)));
                Ok(Value::record(fields.collect::<Result<Vec<_>>>()?))
            }
        }
    }

    fn stdout_file(&mut self) -> Result<FileRef> {
        let (hash, size) = if self.stdout_bytes <= PACKED_BYTES_MAX || self.stdout_taken {
            let bytes = read_all(self.stdout, self.stdout_bytes, "standard output")?;
            (self.store.put_bytes(&bytes)?, self.stdout_bytes)
        } else {
            self.stdout_taken = true;
            self.store.put_file(self.stdout_path)?
        };
        Ok(FileRef { name: STDOUT_NAME.into(), hash, size, executable: false })
    }

    fn stdout_text(&self) -> Result<String> {
        if self.stdout_bytes > READ_BYTES_MAX {
            return Err(too_large("standard output", self.stdout_bytes));
        }
        text(read_all(self.stdout, self.stdout_bytes, "standard output")?, "standard output")
    }

    /// `Text` is all but the last line end; other types do not care for space around them.
    fn parse(&self, mut text: String, ty: &Type, what: &str) -> Result<Value> {
        if matches!(ty, Type::Unit) {
            return Ok(Value::Unit);
        }
        if is_text(ty) {
            if text.ends_with('\n') {
                text.pop();
            }
            return Ok(Value::text(text));
        }
        let text = text.trim();
        if text.is_empty() && matches!(ty, Type::Optional(_)) {
            return Ok(Value::None);
        }
        let value = from_text(text, ty, self.types).or_else(|error| {
            // A choice or a duration may also come as the JSON text that it is in JSON.
            match text.starts_with('"').then(|| serde_json::from_str(text)) {
                Some(Ok(json)) => from_json(&json, ty, self.types),
                _ => Err(error),
            }
        });
        value.map_err(|error| {
            if text.is_empty() {
                Failure::bad_output(format!("{what} is empty, expected `{ty}`"))
            } else {
                Failure::bad_output(format!("{what} is no `{ty}`: {error}"))
            }
        })
    }

    fn lines(&self, ty: &Type) -> Result<Value> {
        let mut ty = ty;
        while let Type::Named(at) = ty {
            let Some(named) = self.types.get(*at as usize) else { break };
            ty = named;
        }
        let Type::List(item) = ty else {
            return Err(Failure::bad_output(format!("`from lines` gives a list, not a `{ty}`")));
        };
        let text = self.stdout_text()?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        if text.is_empty() && self.stdout_bytes == 0 {
            return Ok(Value::list([]));
        }
        let lines = text.split('\n').enumerate().map(|(at, line)| {
            if is_text(item) {
                Ok(Value::text(line))
            } else {
                self.parse(line.to_owned(), item, &format!("line {} of standard output", at + 1))
            }
        });
        Ok(Value::list(lines.collect::<Result<Vec<_>>>()?))
    }

    fn path(&mut self, path: &str, ty: &Type) -> Result<Value> {
        let (ty, optional) = match ty {
            Type::Optional(inner) => (&**inner, true),
            ty => (ty, false),
        };
        let found = match self.find(path)? {
            None if optional => return Ok(Value::None),
            None => return Err(self.missing(path, if *ty == Type::Dir { "directory" } else { "file" })),
            Some(found) => found,
        };
        match ty {
            Type::Dir => {
                if found.kind != FileType::Directory {
                    return Err(wrong_kind(path, found.kind, "a directory"));
                }
                let mut dir =
                    self.store.put_dir(&found.place).map_err(|error| in_dir(path, &found.place, error))?;
                dir.name = base_name(path);
                Ok(Value::Dir(dir))
            }
            Type::File => self.take(path, &found).map(Value::File),
            ty => {
                if found.kind != FileType::RegularFile {
                    return Err(wrong_kind(path, found.kind, "a file"));
                }
                if found.size > READ_BYTES_MAX {
                    return Err(too_large(&format!("`{path}`"), found.size));
                }
                let file = File::open(&found.place).map_err(|e| Failure::system("read an output", e))?;
                let bytes = read_all(&file, found.size, path)?;
                self.parse(text(bytes, &format!("`{path}`"))?, ty, &format!("`{path}`"))
            }
        }
    }

    /// Looks a path up without following any link. `None` when nothing stands there.
    fn find(&self, path: &str) -> Result<Option<Found>> {
        let (parent, name) = match path.rsplit_once('/') {
            None => (None, path),
            Some((parent, name)) => {
                let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
                match openat2(self.dir, parent, flags, Mode::empty(), inside) {
                    Ok(fd) => (Some(fd), name),
                    Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
                    Err(Errno::LOOP | Errno::XDEV) => {
                        return Err(Failure::bad_output(format!(
                            "`{path}` is behind a symbolic link, expected it inside the step's directory"
                        )));
                    }
                    Err(error) => return Err(Failure::system("look for an output", error)),
                }
            }
        };
        let at = parent.as_ref().unwrap_or(self.dir);
        let stat = match statat(at, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG) => return Ok(None),
            Err(error) => return Err(Failure::system("look for an output", error)),
        };
        // A path through the open directory: what its parts are called can no longer change what it means.
        let place = match &parent {
            None => self.dir_path.join(name),
            Some(fd) => PathBuf::from(format!("/proc/self/fd/{}/{name}", fd.as_raw_fd())),
        };
        Ok(Some(Found::new(parent, place, &stat)))
    }

    /// Gives a file to the store.
    fn take(&self, path: &str, found: &Found) -> Result<FileRef> {
        let name = base_name(path);
        if found.kind != FileType::RegularFile {
            return Err(wrong_kind(path, found.kind, "a file"));
        }
        let (hash, size) = self.store.put_file(&found.place)?;
        Ok(FileRef { name, hash, size, executable: found.executable })
    }

    fn glob(&mut self, pattern: &str) -> Result<Value> {
        let matcher = flowc_stdlib::pattern(pattern).map_err(Failure::evaluation)?;
        let deep = pattern.split('/').count();
        let deep = if pattern.contains("**") || pattern.contains('{') { usize::MAX } else { deep };
        // As in a shell, what begins with a dot must be asked for.
        let hidden = pattern.split('/').any(|part| part.starts_with('.'));
        let mut matches = Vec::new();
        walk(self.dir, deep, hidden, &mut |path| {
            if matcher.is_match(path) {
                matches.push(path.to_owned());
            }
        })?;
        let mut paths = Vec::with_capacity(matches.len());
        for path in matches {
            paths.push(path.into_string().map_err(|path| {
                Failure::bad_output(format!("the name `{}` is not UTF-8", path.display()))
            })?);
        }
        paths.sort_unstable();
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            match self.find(&path)? {
                Some(found) if found.kind == FileType::Directory => {}
                Some(found) => files.push(Value::File(self.take(&path, &found)?)),
                None => return Err(self.missing(&path, "file")),
            }
        }
        Ok(Value::list(files))
    }

    fn missing(&self, path: &str, kind: &str) -> Failure {
        let mut names = Vec::new();
        let listed = sweep::for_each_entry(self.dir.as_fd(), |name, _| {
            let name = name.to_string_lossy();
            if name != "in" {
                names.push(format!("`{}`", name.escape_debug()));
            }
            Ok(())
        });
        names.sort_unstable();
        let more = names.len().saturating_sub(NAMES_SHOWN);
        names.truncate(NAMES_SHOWN);
        let left = match (listed, names.is_empty(), more) {
            (Err(_), ..) => String::new(),
            (_, true, _) => "; the step left nothing".to_owned(),
            (_, _, 0) => format!("; the step left {}", names.join(", ")),
            (_, _, more) => format!("; the step left {} and {more} more", names.join(", ")),
        };
        Failure::new("missing-output", format!("no {kind} `{path}`{left}"))
    }
}

/// What the store has against a directory, with the paths that the step knows: those of our own folders say nothing to its author.
fn in_dir(path: &str, place: &Path, error: StoreError) -> Failure {
    match error {
        StoreError::Unsupported { path: inner, reason } => {
            let inner = inner.strip_prefix(place).unwrap_or(&inner);
            let shown = Path::new(path).join(inner);
            Failure::bad_output(format!("cannot keep `{}`: {reason}", shown.display()))
        }
        error => error.into(),
    }
}

/// Something that stands at a path.
struct Found {
    /// Keeps [`Found::place`] meaning what it says.
    _parent: Option<OwnedFd>,
    place: PathBuf,
    kind: FileType,
    size: u64,
    executable: bool,
}

impl Found {
    fn new(parent: Option<OwnedFd>, place: PathBuf, stat: &Stat) -> Self {
        Self {
            _parent: parent,
            place,
            kind: FileType::from_raw_mode(stat.st_mode),
            size: u64::try_from(stat.st_size).unwrap_or(0),
            executable: Mode::from_raw_mode(stat.st_mode).contains(Mode::XUSR),
        }
    }
}

/// Calls `f` with the path of all but directories, up to `deep` names, without following links; not with what stands in `in/`.
fn walk(top: &OwnedFd, deep: usize, hidden: bool, f: &mut impl FnMut(&OsStr)) -> Result<()> {
    let wrong = |error: Errno| Failure::system("list the outputs", error);
    let mut dirs = vec![OsString::new()];
    while let Some(dir) = dirs.pop() {
        let opened = if dir.is_empty() {
            None
        } else {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
            Some(openat2(top, dir.as_os_str(), flags, Mode::empty(), inside).map_err(wrong)?)
        };
        let depth = dir.as_bytes().iter().filter(|byte| **byte == b'/').count() + 1;
        let fd = opened.as_ref().unwrap_or(top);
        sweep::for_each_entry(fd.as_fd(), |name, kind| {
            let name = name.to_bytes();
            if name.starts_with(b".") && !hidden || dir.is_empty() && name == b"in" {
                return Ok(());
            }
            let mut path = dir.clone();
            path.push(OsStr::from_bytes(name));
            if kind == FileType::Directory {
                if depth < deep {
                    path.push("/");
                    dirs.push(path);
                }
            } else {
                f(&path);
            }
            Ok(())
        })
        .map_err(wrong)?;
    }
    Ok(())
}

fn is_text(ty: &Type) -> bool {
    match ty {
        Type::Text => true,
        Type::Optional(inner) => **inner == Type::Text,
        _ => false,
    }
}

fn base_name(path: &str) -> Name {
    path.rsplit('/').next().unwrap_or(path).into()
}

fn wrong_kind(path: &str, kind: FileType, expected: &str) -> Failure {
    let (found, hint) = match kind {
        FileType::Symlink => ("a symbolic link", ": copy what it points to"),
        FileType::Directory => ("a directory", ""),
        FileType::RegularFile => ("a file", ""),
        FileType::Fifo => ("a pipe", ""),
        FileType::Socket => ("a socket", ""),
        _ => ("a device", ""),
    };
    Failure::bad_output(format!("`{path}` is {found}, expected {expected}{hint}"))
}

fn too_large(what: &str, bytes: u64) -> Failure {
    Failure::bad_output(format!(
        "{what} has {bytes} bytes, a value has at most {READ_BYTES_MAX}: make it a `File`"
    ))
}

fn text(bytes: Vec<u8>, what: &str) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::bad_output(format!("{what} is not UTF-8 from byte {at} on: make it a `File`"))
    })
}

/// The first `bytes` of a file, whatever its offset.
pub(super) fn read_all(file: &File, bytes: u64, what: &str) -> Result<Vec<u8>> {
    let wrong = |error: io::Error| Failure::system(&format!("read {what}"), error);
    let mut buffer =
        vec![0; usize::try_from(bytes).map_err(|e| Failure::system(&format!("read {what}"), e))?];
    file.read_exact_at(&mut buffer, 0).map_err(wrong)?;
    Ok(buffer)
}
