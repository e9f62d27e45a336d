//! The world as the compiler sees it: files of this machine. It does not know what the compiler looks for.
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use flowc_base::Bytes;
use flowc_compiler::{EntryKind, MAX_FILE_BYTES, System};

/// Entries of a directory that are looked at for what may have been meant.
const LISTED_MAX: usize = 10_000;

/// The memory of this machine, or of the part of it that this process may use; `None` when the system does not tell.
pub(crate) fn memory() -> Option<Bytes> {
    let text = |path: &str| std::fs::read_to_string(path).ok();
    let machine = text("/proc/meminfo").and_then(|text| total(&text));
    let group = text("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok()).map(Bytes);
    machine.into_iter().chain(group).min()
}

/// `MemTotal` of `/proc/meminfo`.
fn total(meminfo: &str) -> Option<Bytes> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(Bytes(kib.checked_mul(1024)?))
}

/// The real file system.
#[derive(Debug)]
pub(crate) struct RealSystem;

impl System for RealSystem {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        let metadata = std::fs::metadata(path).map_err(|error| reason(&error))?;
        if metadata.is_dir() {
            return Err("is a directory".to_owned());
        }
        if metadata.len() > MAX_FILE_BYTES as u64 {
            return Err(format!("{} bytes, expected at most {MAX_FILE_BYTES}", metadata.len()));
        }
        // A pipe or a device says nothing of its size, and may have no end.
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(|error| reason(&error))?;
        file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|error| reason(&error))?;
        if bytes.len() > MAX_FILE_BYTES {
            return Err(format!("more than {MAX_FILE_BYTES} bytes, expected at most {MAX_FILE_BYTES}"));
        }
        String::from_utf8(bytes)
            .map_err(|error| format!("not UTF-8: byte {}", error.utf8_error().valid_up_to()))
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(if metadata.is_dir() { EntryKind::Dir } else { EntryKind::File })
    }

    fn list(&self, path: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).take(LISTED_MAX).collect();
        names.sort_unstable();
        names
    }

    fn has_program(&self, name: &str) -> bool {
        path_dirs().iter().any(|dir| is_program(&dir.join(name)))
    }

    fn programs(&self) -> Vec<String> {
        let mut names: Vec<String> = path_dirs().iter().flat_map(|dir| self.list(dir)).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn current_dir(&self) -> PathBuf {
        std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
    }
}

/// Where steps look for programs: the folders of the `PATH` of this process that are absolute, as for the engine.
fn path_dirs() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).filter(|dir| dir.is_absolute()).collect();
    if dirs.is_empty() { ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from).into() } else { dirs }
}

fn is_program(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// What the system said, in a person's words and without the number.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::AlreadyExists => "a file stands there".to_owned(),
        io::ErrorKind::NotADirectory => "a part of the path is no directory".to_owned(),
        _ => {
            let text = error.to_string();
            let text = text.split(" (os error").next().unwrap_or(&text);
            text.to_lowercase()
        }
    }
}
