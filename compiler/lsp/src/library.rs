//! The files of the library, and the pages about errors, as files that an editor can open: written into a directory of this server when they
//! are first needed, read-only, and gone with it.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use lsp_types::Uri;
use tempfile::TempDir;

use crate::uri;

/// What a page about a code says, by the code.
pub type Pages = fn(&str) -> Option<&'static str>;

pub(crate) struct Library {
    folder: OnceLock<Option<TempDir>>,
    pages: Pages,
    /// Of each code the place of its page; `None` when there is none.
    written: Mutex<BTreeMap<&'static str, Option<Uri>>>,
}

impl Library {
    pub(crate) fn new(pages: Pages) -> Self {
        Self { folder: OnceLock::new(), pages, written: Mutex::default() }
    }

    /// The file that shows a file of the library; `std.text` is `text.flow`.
    pub(crate) fn shown(&self, name: &str, text: &str) -> Option<PathBuf> {
        let folder = self.folder()?;
        let path = folder.join(format!("{}.flow", name.strip_prefix("std.").unwrap_or(name)));
        write(&path, text)?;
        Some(path)
    }

    /// The name in the library of a file that shows it.
    pub(crate) fn name(&self, path: &Path) -> Option<PathBuf> {
        let folder = self.folder.get()?.as_ref()?.path();
        let inside = path.strip_prefix(folder).ok()?;
        let name = inside.to_str()?.strip_suffix(".flow")?;
        Some(PathBuf::from(format!("std.{name}")))
    }

    /// The page about a code.
    pub(crate) fn page(&self, code: &'static str) -> Option<Uri> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let page = written.entry(code).or_insert_with(|| {
            let text = (self.pages)(code)?;
            let path = self.folder()?.join(format!("{code}.md"));
            write(&path, text)?;
            uri::from_path(&path)
        });
        page.clone()
    }

    fn folder(&self) -> Option<&Path> {
        let made =
            self.folder.get_or_init(|| tempfile::Builder::new().prefix("flowc-library-").tempdir().ok());
        made.as_ref().map(TempDir::path)
    }
}

/// Writes a file once.
fn write(path: &Path, text: &str) -> Option<()> {
    if path.exists() {
        return Some(());
    }
    std::fs::write(path, text).ok()?;
    let mut permissions = path.metadata().ok()?.permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(path, permissions).ok()
}
