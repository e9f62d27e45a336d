//! The open documents, laid over the files of the machine: what an editor shows is what is there. It knows no positions.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use flowc_compiler::{EntryKind, MAX_FILE_BYTES, System};
use lsp_types::Uri;

/// An open document.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// How the client calls it.
    pub(crate) uri: Uri,
    /// The version that the client gave its text.
    pub(crate) version: i32,
    /// Its text.
    pub(crate) text: Arc<str>,
}

/// The open documents by path, and what is below them.
pub(crate) struct OpenFiles {
    below: Arc<dyn System>,
    open: RwLock<BTreeMap<PathBuf, Document>>,
}

impl OpenFiles {
    pub(crate) fn new(below: Arc<dyn System>) -> Self {
        Self { below, open: RwLock::default() }
    }

    /// Opens a document, or gives it another text.
    pub(crate) fn set(&self, path: &Path, document: Document) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), document);
    }

    /// Closes a document: what stands on disk counts again.
    pub(crate) fn close(&self, path: &Path) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).remove(path);
    }

    pub(crate) fn get(&self, path: &Path) -> Option<Document> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).get(path).cloned()
    }

    /// The open documents with their versions.
    pub(crate) fn versions(&self) -> BTreeMap<PathBuf, i32> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.iter().map(|(path, document)| (path.clone(), document.version)).collect()
    }
}

impl System for OpenFiles {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        if let Some(document) = self.get(path) {
            if document.text.len() > MAX_FILE_BYTES {
                return Err(format!("{} bytes, expected at most {MAX_FILE_BYTES}", document.text.len()));
            }
            return Ok(document.text.to_string());
        }
        // Editors do not show a byte order mark, nor count it.
        let text = self.below.read_text(path)?;
        Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        self.below.kind(path).or_else(|| self.get(path).map(|_| EntryKind::File))
    }

    fn list(&self, path: &Path) -> Vec<String> {
        self.below.list(path)
    }

    fn has_program(&self, name: &str) -> bool {
        self.below.has_program(name)
    }

    fn programs(&self) -> Vec<String> {
        self.below.programs()
    }

    fn current_dir(&self) -> PathBuf {
        self.below.current_dir()
    }
}
