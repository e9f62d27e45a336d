//! The checked program as lowering sees it: bodies by the queries, places as lines of files. Plain look-ups, nothing is decided here.
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::PathBuf;

use flowc_base::{LineIndex, Name};
use flowc_plan::Origin;

use crate::check::body;
use crate::db::{Database, ItemId, SourceFile};
use crate::findings::{flow_size, later};
use crate::hir;
use crate::items::item_span;
use crate::lower::{At, Program};
use crate::ty::Ty;
use crate::types::eval::type_def;
use crate::types::signature::signature;

/// A program without errors.
pub(crate) struct Checked<'db> {
    db: &'db Database,
    /// What paths are shown relative to.
    here: PathBuf,
    files: RefCell<HashMap<SourceFile, Shown>>,
    /// Where items begin in their files.
    starts: RefCell<HashMap<ItemId, u32>>,
}

/// A file as it is named in messages.
struct Shown {
    name: Name,
    base: Name,
    lines: LineIndex,
}

impl<'db> Checked<'db> {
    pub(crate) fn new(db: &'db Database, here: PathBuf) -> Self {
        Self { db, here, files: RefCell::default(), starts: RefCell::default() }
    }

    fn shown<T>(&self, file: SourceFile, read: impl FnOnce(&Shown, &str) -> T) -> T {
        let text = file.text(self.db).as_ref().map_or("", |text| text);
        let mut files = self.files.borrow_mut();
        let shown = files.entry(file).or_insert_with(|| {
            let path = file.path(self.db);
            let name = path.strip_prefix(&self.here).unwrap_or(path).to_string_lossy().into_owned();
            let base = path.parent().map(|base| base.to_string_lossy().into_owned()).unwrap_or_default();
            Shown { name: name.into(), base: base.into(), lines: LineIndex::new(text) }
        });
        read(shown, text)
    }
}

impl Program for Checked<'_> {
    fn body(&self, item: ItemId) -> Option<&hir::Body> {
        body(self.db, item).body.as_ref()
    }

    fn name(&self, item: ItemId) -> Name {
        item.name(self.db).clone()
    }

    fn output(&self, item: ItemId) -> Ty {
        signature(self.db, item).output.clone()
    }

    fn definition(&self, item: ItemId) -> Ty {
        type_def(self.db, item).ty.clone()
    }

    fn size(&self, flow: ItemId) -> usize {
        flow_size(self.db, flow)
    }

    fn later(&self, flow: ItemId) -> Option<(At, &'static str)> {
        later(self.db, flow)
    }

    fn origin(&self, (item, span): At) -> Origin {
        // Asking where an item starts is a query; thousands of nodes stand in one item.
        let file = item.file(self.db);
        let start = *self.starts.borrow_mut().entry(item).or_insert_with(|| item_span(self.db, item).start);
        self.shown(file, |shown, text| Origin {
            file: shown.name.clone(),
            line: shown.lines.line_col(text, span.shift(start).start).line,
        })
    }

    fn base(&self, item: ItemId) -> Name {
        self.shown(item.file(self.db), |shown, _| shown.base.clone())
    }
}
