//! What a run reads from the user's tree and environment, at its start. It knows nothing of who uses it.
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use flowc_base::Name;
use flowc_plan::{FileRef, SourceKind, TEXT_BYTES_MAX, Value};
use flowc_store::{Store, StoreError};
use globset::GlobMatcher;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

/// The most files that one pattern may match.
const GLOB_FILES_MAX: usize = 1_000_000;
/// The deepest directory that a pattern is looked for in, below where it starts.
const GLOB_DEPTH_MAX: usize = 64;

/// Reads a source. Relative paths start at `base`.
///
/// # Errors
/// One sentence that names the path.
pub(crate) fn read(store: &Store, kind: SourceKind, what: &str, base: &str) -> Result<Value, String> {
    if what.contains('\0') {
        return Err("a path or name has a zero byte in it".to_owned());
    }
    match kind {
        SourceKind::File => file(store, &Path::new(base).join(what), what).map(Value::File),
        SourceKind::Dir => {
            let path = Path::new(base).join(what);
            match path.metadata() {
                Ok(found) if found.is_dir() => {}
                Ok(_) => return Err(format!("`{what}` is no directory")),
                Err(error) => return Err(unreadable(what, &error)),
            }
            let mut dir = store.ingest_dir(&path).map_err(|error| explained(what, &error))?;
            dir.name = base_name(&path, what)?;
            Ok(Value::Dir(dir))
        }
        SourceKind::Glob => glob(store, what, Path::new(base)),
        SourceKind::Read => text(&Path::new(base).join(what), what),
        SourceKind::Env => match std::env::var_os(what) {
            None => Ok(Value::None),
            Some(value) => match value.into_string() {
                Ok(value) => Ok(Value::text(value)),
                Err(_) => Err(format!("the environment variable `{what}` is not UTF-8")),
            },
        },
    }
}

fn file(store: &Store, path: &Path, what: &str) -> Result<FileRef, String> {
    // Asked first, so that a pipe is refused rather than waited for.
    match path.metadata() {
        Ok(found) if found.is_file() => {}
        Ok(found) if found.is_dir() => return Err(format!("`{what}` is a directory: read it with `dir`")),
        Ok(_) => return Err(format!("`{what}` is no regular file")),
        Err(error) => return Err(unreadable(what, &error)),
    }
    let ingested = store.ingest(path).map_err(|error| explained(what, &error))?;
    Ok(FileRef {
        name: base_name(path, what)?,
        hash: ingested.hash,
        size: ingested.size,
        executable: ingested.executable,
    })
}

fn text(path: &Path, what: &str) -> Result<Value, String> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    match path.metadata() {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(format!("`{what}` is no regular file")),
        Err(error) => return Err(unreadable(what, &error)),
    }
    let opened = std::fs::File::open(path);
    let read = opened.and_then(|file| file.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes));
    read.map_err(|error| unreadable(what, &error))?;
    if bytes.len() as u64 > TEXT_BYTES_MAX {
        return Err(format!("`{what}` has more than 16 MB: take it with `file`"));
    }
    String::from_utf8(bytes).map(Value::text).map_err(|_| format!("`{what}` is not UTF-8"))
}

/// Files that match a pattern, sorted by path. `*` stays within a directory, `**` crosses them; hidden files and directories are matched
/// only where the pattern says their dot; links to files count, links to directories are not followed.
fn glob(store: &Store, pattern: &str, base: &Path) -> Result<Value, String> {
    let matcher = flowc_stdlib::pattern(pattern)?;
    let (fixed, walks) = fixed_part(pattern);
    let start = base.join(&fixed);
    let mut paths = Vec::new();
    if walks {
        let finder = Finder { matcher, hidden: says_hidden(pattern), pattern };
        finder.walk(&start, &fixed, 0, &mut paths)?;
    } else if start.is_file() {
        paths.push((fixed, start));
    }
    paths.sort_unstable();
    let files: Result<Vec<FileRef>, String> =
        paths.into_par_iter().map(|(shown, path)| file(store, &path, &shown.to_string_lossy())).collect();
    Ok(Value::list(files?.into_iter().map(Value::File)))
}

/// The directories of a pattern before the first wildcard, and whether there is one.
fn fixed_part(pattern: &str) -> (PathBuf, bool) {
    let mut fixed = PathBuf::new();
    for part in Path::new(pattern).components() {
        let wild = matches!(part, Component::Normal(part)
            if part.as_encoded_bytes().iter().any(|b| b"*?[{\\".contains(b)));
        if wild {
            return (fixed, true);
        }
        fixed.push(part);
    }
    (fixed, false)
}

fn says_hidden(pattern: &str) -> bool {
    pattern.split(['/', '{', ',']).any(|part| part.starts_with('.') && part.len() > 1 && part != "..")
}

struct Finder<'a> {
    matcher: GlobMatcher,
    hidden: bool,
    pattern: &'a str,
}

impl Finder<'_> {
    fn walk(
        &self,
        dir: &Path,
        shown: &Path,
        depth: usize,
        found: &mut Vec<(PathBuf, PathBuf)>,
    ) -> Result<(), String> {
        let entries = match std::fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(unreadable(&dir.to_string_lossy(), &error)),
        };
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&dir.to_string_lossy(), &error))?;
            let name = entry.file_name();
            if !self.hidden && is_hidden(&name) {
                continue;
            }
            let (path, shown) = (entry.path(), shown.join(&name));
            let kind = entry.file_type().map_err(|error| unreadable(&path.to_string_lossy(), &error))?;
            if kind.is_dir() {
                // Our own store is no input of anyone.
                if depth < GLOB_DEPTH_MAX && name != ".flow" {
                    self.walk(&path, &shown, depth + 1, found)?;
                }
            } else if self.matcher.is_match(&shown) && (kind.is_file() || kind.is_symlink() && path.is_file())
            {
                found.push((shown, path));
                if found.len() > GLOB_FILES_MAX {
                    return Err(format!("`{}` matches more than a million files", self.pattern));
                }
            }
        }
        Ok(())
    }
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn base_name(path: &Path, what: &str) -> Result<Name, String> {
    let named = path.file_name().map(OsStr::to_owned);
    // `.` and `..` have the name of the directory that they are.
    let named = named.or_else(|| Some(path.canonicalize().ok()?.file_name()?.to_owned()));
    match named.as_deref().map(OsStr::to_str) {
        Some(Some(name)) => Ok(name.into()),
        Some(None) => Err(format!("the name of `{what}` is not UTF-8")),
        None => Err(format!("`{what}` has no name")),
    }
}

fn unreadable(what: &str, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("there is no `{what}`"),
        std::io::ErrorKind::PermissionDenied => format!("`{what}` may not be read"),
        _ => format!("cannot read `{what}`: {error}"),
    }
}

fn explained(what: &str, error: &StoreError) -> String {
    match error {
        StoreError::Io { source, .. } => unreadable(what, source),
        StoreError::Changed { .. } => format!("`{what}` changed while it was read"),
        other => format!("cannot keep `{what}`: {other}"),
    }
}
