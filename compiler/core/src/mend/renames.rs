//! A name that is written anew where it is bound is written anew wherever it is used, as far as files are known; or not at all, where it would
//! mean something else then. It decides nothing about names.
use flowc_base::Edit;
use flowc_grammar::RESERVED;
use flowc_grammar::ast::ItemKind;

use crate::check::facts;
use crate::db::{Anchor, Db, Place, SourceFile};
use crate::ide::references::uses;
use crate::ide::rename::{binds_field, clash, is_name};
use crate::ide::symbol::{Named, local_name};
use crate::items::{items, name_place, parse};

/// How many names of one report are looked for in all files: each look reads all texts.
const SEARCHES_MAX: usize = 100;

/// Looks for names.
pub(super) struct Renames {
    files: Vec<SourceFile>,
    searches: usize,
}

impl Renames {
    /// `files`: all that there are.
    pub(super) fn new(files: Vec<SourceFile>) -> Self {
        Self { files, searches: 0 }
    }

    /// The edits that give what is bound at a place another name.
    pub(super) fn edits(&mut self, db: &dyn Db, place: Place, new: &str) -> Option<Vec<Edit<Place>>> {
        let Anchor::Item(item) = place.anchor else { return None };
        let local = facts(db, item).local_at(place.span);
        let named = match local {
            Some(local) => local_name(db, item, &local.name, local.span),
            None if name_place(db, item) == place => Named::Item(item),
            None => return None,
        };
        let tree = parse(db, item).item.as_ref();
        // A script reads its parameters by their names.
        let is_read = matches!(named, Named::Param(..))
            && matches!(tree.map(|it| &it.kind), Some(ItemKind::Task(it)) if it.clauses.iter().any(|it| it.word.name == "script"));
        let is_taken = RESERVED.contains(&new) || !is_name(new);
        if is_taken || is_read || binds_field(tree, place.span) {
            return None;
        }
        let own = [item.file(db)];
        let files = match &named {
            Named::Local(..) => &own[..],
            _ if self.searches == SEARCHES_MAX => return None,
            _ => {
                self.searches += 1;
                &self.files[..]
            }
        };
        if clash(db, own[0], files, &named, new).is_some() {
            return None;
        }
        let all = files.iter().flat_map(|file| items(db, *file).iter().copied());
        // Who gives a parameter by its name mentions its item.
        let calls = all.filter(|other| match &named {
            Named::Local(..) => *other == item,
            Named::Param(..) => crate::items::item_text(db, *other).contains(item.name(db).as_str()),
            _ => true,
        });
        let used = uses(db, calls, &named)
            .into_iter()
            .map(|(item, span)| Place { anchor: Anchor::Item(item), span });
        let mut places: Vec<Place> = std::iter::once(place).chain(used).collect();
        let mut seen = std::collections::HashSet::new();
        places.retain(|place| seen.insert(*place));
        Some(places.into_iter().map(|place| Edit { place, text: new.to_owned() }).collect())
    }
}
