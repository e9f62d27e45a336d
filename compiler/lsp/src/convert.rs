//! From the compiler's places to the protocol's, and back. Lines of a file are counted once for one answer.
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use flowc_base::Span;
use flowc_compiler::ide::{Analysis, FileSpan};
use lsp_types::{Location, Position, Range, Uri};

use crate::client::Client;
use crate::library::Library;
use crate::lines::Lines;
use crate::open::OpenFiles;
use crate::uri;

/// What every answer needs.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) open: Arc<OpenFiles>,
    pub(crate) library: Arc<Library>,
    pub(crate) client: Arc<Client>,
}

impl Shared {
    /// The path of a URI: that of a library file for a file that shows it, and a made-up one for what is no file.
    pub(crate) fn path(&self, uri: &Uri) -> PathBuf {
        match uri::to_path(uri) {
            Some(path) => self.library.name(&path).unwrap_or(path),
            None => Path::new("/").join(uri.as_str()),
        }
    }
}

/// A text with its lines.
pub(crate) struct Text {
    pub(crate) text: Arc<str>,
    pub(crate) lines: Lines,
}

/// The places of one answer.
pub(crate) struct Places<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) shared: &'a Shared,
    texts: RefCell<HashMap<PathBuf, Rc<Text>>>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(analysis: &'a Analysis, shared: &'a Shared) -> Self {
        Self { analysis, shared, texts: RefCell::default() }
    }

    pub(crate) fn text(&self, path: &Path) -> Rc<Text> {
        let known = self.texts.borrow().get(path).cloned();
        known.unwrap_or_else(|| {
            let text = self.analysis.text(path).unwrap_or_default();
            let lines = Lines::new(&text, self.shared.client.encoding);
            let text = Rc::new(Text { text, lines });
            self.texts.borrow_mut().insert(path.to_owned(), Rc::clone(&text));
            text
        })
    }

    pub(crate) fn offset(&self, path: &Path, position: Position) -> u32 {
        let text = self.text(path);
        text.lines.offset(&text.text, position)
    }

    pub(crate) fn range(&self, path: &Path, span: Span) -> Range {
        let text = self.text(path);
        text.lines.range(&text.text, span)
    }

    pub(crate) fn span(&self, path: &Path, range: Range) -> Span {
        let text = self.text(path);
        text.lines.span(&text.text, range)
    }

    /// How the client calls a file.
    pub(crate) fn uri(&self, path: &Path) -> Option<Uri> {
        if let Some(document) = self.shared.open.get(path) {
            return Some(document.uri);
        }
        if path.is_absolute() {
            return uri::from_path(path);
        }
        let shown = self.shared.library.shown(path.to_str()?, &self.text(path).text)?;
        uri::from_path(&shown)
    }

    pub(crate) fn location(&self, place: &FileSpan) -> Option<Location> {
        Some(Location { uri: self.uri(&place.path)?, range: self.range(&place.path, place.span) })
    }
}
