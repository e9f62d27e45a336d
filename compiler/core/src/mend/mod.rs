//! What a fix says in short is written out where places become absolute: what is removed goes with its comma and its line, and a name that
//! is written anew where it is bound is written anew where it is used. It decides nothing about what is wrong.
pub(crate) mod insert;
mod lines;
mod pieces;
mod renames;

use std::collections::HashMap;

use flowc_base::{Diagnostic, Fix, Location, Span};

use crate::Files;
use crate::db::{Anchor, Db, Diag, ItemId, Place, SourceFile};
use crate::diagnostics::codes as c;
use crate::items::{item_text, parse};
use pieces::Pieces;
use renames::Renames;

/// Writes out the fixes of one report.
pub(crate) struct Mender<'a> {
    db: &'a dyn Db,
    /// Made once for each item, which may have many fixes.
    pieces: HashMap<ItemId, Pieces>,
    renames: Renames,
}

impl<'a> Mender<'a> {
    /// `files`: all in which a name may be used.
    pub(crate) fn new(db: &'a dyn Db, files: Vec<SourceFile>) -> Self {
        Self { db, pieces: HashMap::new(), renames: Renames::new(files) }
    }

    /// The diagnostic with its fix as far as that is known without the file around it.
    pub(crate) fn complete(&mut self, mut diag: Diag) -> Diag {
        if diag.code == c::NAME_STYLE.code || diag.code == c::SHADOWED_LET.code {
            diag.fix = diag.fix.and_then(|fix| self.renamed(fix));
        }
        for edit in diag.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
            if edit.text.is_empty() {
                edit.place = self.piece(edit.place);
            }
        }
        diag
    }

    /// The fix that gives a name another name, wherever it is used; a free one, where the wanted one is taken.
    fn renamed(&mut self, fix: Fix<Place>) -> Option<Fix<Place>> {
        let edit = fix.edits.first()?;
        let edits = self.renames.edits(self.db, edit.place, &edit.text)?;
        Some(Fix { edits, ..fix })
    }

    /// All that goes with what stands at a place, where that is a part of a list or a block.
    fn piece(&mut self, place: Place) -> Place {
        let Anchor::Item(item) = place.anchor else { return place };
        let db = self.db;
        let pieces = self.pieces.entry(item).or_insert_with(|| {
            let tree = parse(db, item).item.as_ref();
            tree.map(|tree| Pieces::of(&tree.kind, offset(item_text(db, item).len()))).unwrap_or_default()
        });
        let span = pieces.removed(item_text(db, item), place.span).unwrap_or(place.span);
        Place { span, ..place }
    }
}

/// What is removed takes its line along.
pub(crate) fn tidy(diag: &mut Diagnostic, files: &Files) {
    for edit in diag.fix.iter_mut().flat_map(|fix| &mut fix.edits) {
        let Location { file, span } = edit.place;
        if edit.text.is_empty()
            && let Some(text) = files.text(file)
        {
            edit.place.span = lines::tidied(text, span);
        }
    }
}

fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// From the start of one to the end of another.
fn around(from: Span, to: Span) -> Span {
    Span::new(from.start, to.end.max(from.start))
}
