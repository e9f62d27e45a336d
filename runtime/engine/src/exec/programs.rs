//! Programs by name: found on the `PATH` that the engine was started with. It must not know steps.
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{Access, AtFlags, CWD, accessat};

/// What is searched when the engine has no `PATH`.
const PATH_DEFAULT: &str = "/usr/local/bin:/usr/bin:/bin";

/// Where programs are found; what was found is remembered.
#[derive(Debug)]
pub(crate) struct Programs {
    path: String,
    found: Mutex<BTreeMap<String, PathBuf>>,
}

impl Programs {
    /// The `PATH` of this process. Folders that are not absolute are left out: they would mean another place in every step.
    pub(crate) fn from_environment() -> Self {
        Self::new(&std::env::var("PATH").unwrap_or_default())
    }

    /// Of a `PATH`.
    pub(crate) fn new(path: &str) -> Self {
        let path: Vec<&str> = path.split(':').filter(|dir| dir.starts_with('/')).collect();
        let path = if path.is_empty() { PATH_DEFAULT.to_owned() } else { path.join(":") };
        Self { path, found: Mutex::default() }
    }

    /// The `PATH` of every step.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The file of a program; `None` when there is none of this name. A name with a `/` is a path already.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        if name.contains('/') {
            return Some(name.into());
        }
        if let Some(found) = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Some(found.clone());
        }
        let found =
            self.path.split(':').map(|dir| Path::new(dir).join(name)).find(|file| is_program(file))?;
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), found.clone());
        Some(found)
    }

    /// Forgets where a program was: it is there no longer.
    pub(super) fn forget(&self, name: &str) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

fn is_program(file: &Path) -> bool {
    file.as_os_str().as_bytes().last() != Some(&b'/')
        && file.is_file()
        && accessat(CWD, file, Access::EXEC_OK, AtFlags::empty()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_in_absolute_folders_only() {
        let programs = Programs::new(".::/usr/bin:bin:/bin");
        assert_eq!(programs.path(), "/usr/bin:/bin");
        assert!(programs.find("env").is_some_and(|file| file.is_absolute()));
        assert_eq!(programs.find("no-such-program"), None);
        assert_eq!(programs.find(""), None);
        assert_eq!(programs.find("in/tool"), Some("in/tool".into()));
        assert_eq!(Programs::new("").path(), PATH_DEFAULT);
    }
}
