//! Where a name is used: in its item, its file, and every file that is known. Only items whose text has the name are looked at closely.
use std::path::Path;

use flowc_base::Span;

use super::symbol::{Named, target};
use super::{Analysis, FileSpan};
use crate::check::facts;
use crate::db::{Db, ItemId, SourceFile};
use crate::items::{item_text, items};

/// A place where a name stands.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Reference {
    /// Where.
    pub place: FileSpan,
    /// Whether it is defined there.
    pub defines: bool,
}

impl Analysis {
    /// Every place of the name at a byte, its definition among them, in the order of files and places. Empty when there is no name.
    #[must_use]
    pub fn references(&self, path: &Path, offset: u32) -> Vec<Reference> {
        let file = self.file(path);
        let Some(found) = self.named_at(file, offset) else { return Vec::new() };
        self.occurrences(file, &self.searched(file), &found.named)
    }

    /// The places of the name at a byte in its own file.
    #[must_use]
    pub fn highlights(&self, path: &Path, offset: u32) -> Vec<Reference> {
        let file = self.file(path);
        let Some(found) = self.named_at(file, offset) else { return Vec::new() };
        let mut all = self.occurrences(file, &[file], &found.named);
        all.retain(|reference| reference.place.path == *file.path(&self.compiler.db));
        all
    }

    /// All places of something in these files, and where it is defined.
    pub(crate) fn occurrences(
        &self,
        here: SourceFile,
        files: &[SourceFile],
        named: &Named,
    ) -> Vec<Reference> {
        let db = &self.compiler.db;
        let mut found: Vec<Reference> = Vec::new();
        if !matches!(named, Named::Module(_)) {
            found.extend(
                self.defined(here, named).into_iter().map(|place| Reference { place, defines: true }),
            );
        }
        let items = files.iter().flat_map(|file| items(db, *file).iter().copied());
        for (item, span) in uses(db, items, named) {
            found.push(Reference { place: self.locate(item, span), defines: false });
        }
        found.sort_by(|a, b| (&a.place, !a.defines).cmp(&(&b.place, !b.defines)));
        found.dedup_by(|a, b| a.place == b.place);
        found
    }
}

/// Where something is mentioned in these items, other than where it is defined.
pub(crate) fn uses(db: &dyn Db, items: impl Iterator<Item = ItemId>, named: &Named) -> Vec<(ItemId, Span)> {
    let text = match named {
        Named::Item(item) => Some(item.name(db)),
        Named::Param(_, name) | Named::Local(_, name, _) | Named::Field(_, name) | Named::BuiltIn(name) => {
            Some(name)
        }
        Named::Module(_) => None,
    };
    let mut found = Vec::new();
    for item in items {
        db.unwind_if_revision_cancelled();
        let elsewhere = matches!(named, Named::Local(own, ..) if *own != item);
        if elsewhere || text.is_some_and(|text| !item_text(db, item).contains(text.as_str())) {
            continue;
        }
        let of_item = facts(db, item).uses.iter();
        let same = of_item.filter(|it| target(db, item, &it.target).is_some_and(|other| *named == other));
        found.extend(same.map(|it| (item, it.span)));
    }
    found
}
