//! The names of a file: own items and imports, one namespace. Bodies do not read the scope but ask for one name each, so that a new
//! item re-checks only whoever mentions its name.
#![allow(clippy::needless_pass_by_value, reason = "queries take their keys by value")]
use std::collections::BTreeMap;

use flowc_base::{Name, Span};
use flowc_grammar::ast;

use super::imports::{circle_through, used_file};
use crate::db::{Anchor, Db, Diag, ItemId, ItemWord, PRELUDE, Place, SourceFile};
use crate::diagnostics::{files, names};
use crate::items::{items, name_place, parse, read_error};

/// What a name means in a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Def {
    /// An item of this or another file.
    Item(ItemId),
    /// A module: `use std.text`, `use "./a.flow" as a`.
    Module(SourceFile),
    /// An import that failed; reported there already.
    Broken,
}

/// The names of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Scope {
    /// What its own items and its imports are called.
    pub(crate) names: BTreeMap<Name, Def>,
    /// Its own items: what others may import.
    pub(crate) own: BTreeMap<Name, ItemId>,
    /// What it imports, with the places.
    pub(crate) imported: Vec<(Name, Place)>,
    /// What is wrong with imports and doubled names.
    pub(crate) diagnostics: Vec<Diag>,
}

#[salsa::tracked(returns(ref))]
pub(crate) fn scope(db: &dyn Db, file: SourceFile) -> Scope {
    let mut scope = Scope::default();
    for item in items(db, file) {
        let name = item.name(db);
        if name.is_empty() || matches!(item.word(db), ItemWord::Use | ItemWord::Settings | ItemWord::Test) {
            continue;
        }
        match scope.own.get(name) {
            Some(first) => {
                let diag = names::duplicate(name_place(db, *item), name, name_place(db, *first));
                scope.diagnostics.push(diag);
            }
            None => {
                scope.own.insert(name.clone(), *item);
                scope.names.insert(name.clone(), Def::Item(*item));
            }
        }
    }
    for item in items(db, file).iter().filter(|item| item.word(db) == ItemWord::Use) {
        if let Some(ast::ItemKind::Use(it)) = parse(db, *item).item.as_ref().map(|it| &it.kind) {
            Importer { db, file, item: *item, scope: &mut scope }.import(it);
        }
    }
    scope
}

/// What a name means in a file: own and imported names first, then those that are always at hand.
#[salsa::tracked(returns(copy))]
pub(crate) fn lookup(db: &dyn Db, file: SourceFile, name: Name) -> Option<Def> {
    if let Some(def) = scope(db, file).names.get(&name) {
        return Some(*def);
    }
    let prelude = db.library(PRELUDE)?;
    scope(db, prelude).own.get(&name).map(|item| Def::Item(*item))
}

/// What a name means to those who import it from a file.
#[salsa::tracked(returns(copy))]
pub(crate) fn exported(db: &dyn Db, file: SourceFile, name: Name) -> Option<ItemId> {
    scope(db, file).own.get(&name).copied()
}

/// What a definition is, in words: "a task".
pub(crate) fn what(db: &dyn Db, def: Def) -> &'static str {
    match def {
        Def::Module(_) => "a module",
        Def::Broken => "an import",
        Def::Item(item) => match item.word(db) {
            ItemWord::Use => "a `use`",
            ItemWord::Type => "a type",
            ItemWord::Agent => "an agent",
            ItemWord::Task => "a task",
            ItemWord::Flow => "a flow",
            ItemWord::Settings => "a settings block",
            ItemWord::Test => "a test",
        },
    }
}

struct Importer<'a> {
    db: &'a dyn Db,
    file: SourceFile,
    item: ItemId,
    scope: &'a mut Scope,
}

impl Importer<'_> {
    fn place(&self, span: Span) -> Place {
        Place { anchor: Anchor::Item(self.item), span }
    }

    fn import(&mut self, it: &ast::Use) {
        if let (Some(alias), Some(_)) = (&it.alias, &it.names) {
            let place = self.place(alias.span);
            self.scope.diagnostics.push(files::use_with_both(place));
        }
        match &it.from {
            ast::UseFrom::Path(path) => self.library(it, path),
            ast::UseFrom::File(path) => self.source(it, path),
        }
    }

    fn library(&mut self, it: &ast::Use, path: &[ast::Ident]) {
        let Some(last) = path.last() else { return };
        let text = path.iter().map(|part| &*part.name).collect::<Vec<_>>().join(".");
        let target = self.db.library(&text);
        if target.is_none() {
            let span = path.iter().fold(last.span, |span, part| span.to(part.span));
            let modules: Vec<&str> = flowc_stdlib::modules().iter().map(|(name, _)| *name).collect();
            let place = self.place(span);
            self.scope.diagnostics.push(files::unknown_module(place, &text, &modules));
        }
        self.bind(it, target, &text, Some(last));
    }

    fn source(&mut self, it: &ast::Use, path: &ast::TextLit) {
        let place = self.place(path.span);
        let Some(text) = path.as_plain() else {
            self.scope
                .diagnostics
                .push(crate::diagnostics::calls::not_constant(place, "the path of a `use`"));
            return self.bind(it, None, "", None);
        };
        if it.names.is_none() && it.alias.is_none() {
            self.scope.diagnostics.push(files::use_without_names(place, text));
        }
        let target = used_file(self.db, self.file, text);
        if let Some(why) = read_error(self.db, target) {
            self.scope.diagnostics.push(files::unreadable_use(place, text, why));
            return self.bind(it, None, text, None);
        }
        if let Some(circle) = circle_through(self.db, self.file, (target, place)) {
            // Every file on the circle finds it; the one whose path comes first tells.
            let first = circle.iter().map(|(file, _)| file.path(self.db)).min();
            if first == Some(self.file.path(self.db)) {
                let name = |file: SourceFile| {
                    file.path(self.db)
                        .file_name()
                        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
                };
                let mut shown: Vec<String> = circle.iter().map(|(file, _)| name(*file)).collect();
                shown.push(name(self.file));
                let others: Vec<Place> = circle.iter().skip(1).map(|(_, place)| *place).collect();
                self.scope.diagnostics.push(files::use_cycle(place, &shown, &others));
            }
            return self.bind(it, None, text, None);
        }
        self.bind(it, Some(target), text, None);
    }

    /// Binds what a `use` names; without a target to [`Def::Broken`], so that nothing more is said.
    fn bind(&mut self, it: &ast::Use, target: Option<SourceFile>, from: &str, last: Option<&ast::Ident>) {
        let Some(names) = &it.names else {
            if let Some(name) = it.alias.as_ref().or(last) {
                self.define(name, target.map_or(Def::Broken, Def::Module));
            }
            return;
        };
        for name in names {
            let found = target.map(|file| exported(self.db, file, name.name.clone()));
            if let (Some(file), Some(None)) = (target, found) {
                let place = self.place(name.span);
                let known: Vec<&str> = scope(self.db, file).own.keys().map(Name::as_str).collect();
                self.scope.diagnostics.push(files::unknown_import(place, &name.name, from, &known));
            }
            self.define(name, found.flatten().map_or(Def::Broken, Def::Item));
        }
    }

    fn define(&mut self, name: &ast::Ident, def: Def) {
        let place = self.place(name.span);
        if self.scope.names.contains_key(&name.name) {
            let own = self.scope.own.get(&name.name).map(|item| name_place(self.db, *item));
            let earlier =
                self.scope.imported.iter().find(|(other, _)| *other == name.name).map(|(_, place)| *place);
            if let Some(first) = own.or(earlier) {
                self.scope.diagnostics.push(names::duplicate(place, &name.name, first));
            }
            return;
        }
        self.scope.names.insert(name.name.clone(), def);
        self.scope.imported.push((name.name.clone(), place));
    }
}
