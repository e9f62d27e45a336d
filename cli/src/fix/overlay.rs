//! The files of this machine with other texts laid over some of them. What was read is remembered, so that whoever writes can tell whether
//! a file is still what was checked.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flowc_compiler::{EntryKind, System};

use crate::system::RealSystem;

/// The file system, with texts of its own for some files.
#[derive(Debug, Default)]
pub(crate) struct Overlay(Mutex<Texts>);

#[derive(Debug, Default)]
struct Texts {
    /// As they were read first.
    read: BTreeMap<PathBuf, String>,
    /// What is said to stand there.
    laid: BTreeMap<PathBuf, String>,
}

impl Overlay {
    /// From now on `path` has this text.
    pub(crate) fn lay(&self, path: &Path, text: String) {
        self.texts(|texts| texts.laid.insert(path.to_owned(), text));
    }

    /// A file that stands nowhere else: this is how it was read.
    pub(crate) fn give(&self, path: &Path, text: String) {
        self.texts(|texts| texts.read.insert(path.to_owned(), text.clone()));
        self.lay(path, text);
    }

    /// What a file was when it was read first.
    pub(crate) fn first_read(&self, path: &Path) -> Option<String> {
        self.texts(|texts| texts.read.get(path).cloned())
    }

    fn texts<T>(&self, look: impl FnOnce(&mut Texts) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl System for Overlay {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        if let Some(text) = self.texts(|texts| texts.laid.get(path).cloned()) {
            return Ok(text);
        }
        let text = RealSystem.read_text(path)?;
        self.texts(|texts| {
            texts.read.entry(path.to_owned()).or_insert_with(|| text.clone());
        });
        Ok(text)
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        if self.texts(|texts| texts.laid.contains_key(path)) {
            Some(EntryKind::File)
        } else {
            RealSystem.kind(path)
        }
    }

    fn list(&self, path: &Path) -> Vec<String> {
        RealSystem.list(path)
    }

    fn has_program(&self, name: &str) -> bool {
        RealSystem.has_program(name)
    }

    fn programs(&self) -> Vec<String> {
        RealSystem.programs()
    }

    fn current_dir(&self) -> PathBuf {
        RealSystem.current_dir()
    }
}
