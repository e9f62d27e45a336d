//! What is wrong with one file, as an editor shows it: what `flowc check` says of it, comments that allow it heard.
use std::path::Path;

use flowc_base::{Diagnostic, Location};

use super::{Analysis, FileSpan};

impl Analysis {
    /// What is wrong with a file, by place, each thing once. What is wrong in files that it uses is said there.
    #[must_use]
    pub fn diagnostics(&self, path: &Path) -> Vec<Diagnostic<FileSpan>> {
        let file = self.file(path);
        let path = file.path(&self.compiler.db);
        let report = self.compiler.diagnose_file(file);
        let place = |at: Location| {
            let path = report.files.path(at.file).unwrap_or(path).to_owned();
            FileSpan { path, span: at.span }
        };
        let found = report.diagnostics.into_iter().map(|diag| diag.map_places(place));
        found.filter(|diag| diag.primary.place.path == *path).collect()
    }

    /// The text of a file in the one style; `None` when it cannot be read, or is formatted already.
    #[must_use]
    pub fn formatted(&self, path: &Path) -> Option<String> {
        let text = self.text(path)?;
        crate::format(&text).ok().filter(|formatted| **formatted != *text)
    }
}
