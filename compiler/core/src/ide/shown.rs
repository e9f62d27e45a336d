//! Types and definitions as a person reads them in an editor: types by their names where they have one, signatures as they are written.
use std::sync::Arc;

use flowc_grammar::ast;

use super::Analysis;
use crate::db::{ItemId, ItemWord, SourceFile};
use crate::items::{item_text, parse};
use crate::ty::Ty;
use crate::types::eval::type_def;
use crate::types::show;

/// Lines of a type that are shown.
const LINES_MAX: usize = 30;

impl Analysis {
    /// A type as this file would write it: by a name that the file knows, where one means the same.
    pub(crate) fn shown(&self, file: SourceFile, ty: &Ty) -> String {
        let names = self.type_names(file);
        self.shown_by(&names, ty)
    }

    /// As [`Analysis::shown`], with the names at hand.
    pub(crate) fn shown_by(&self, names: &[(String, ItemId)], ty: &Ty) -> String {
        let worth = match ty {
            Ty::Record(fields) => !fields.is_empty(),
            Ty::Choice(words) => words.len() > 1,
            Ty::Int(Some((from, to))) => from != to,
            _ => false,
        };
        if worth {
            let same = names.iter().find(|(_, item)| is_same(&type_def(&self.compiler.db, *item).ty, ty));
            if let Some((name, _)) = same {
                return name.clone();
            }
        }
        match ty {
            Ty::List(item) => format!("List<{}>", self.shown_by(names, item)),
            Ty::Map(item) => format!("Map<{}>", self.shown_by(names, item)),
            Ty::Optional(item) if !matches!(**item, Ty::Choice(_)) => {
                format!("{}?", self.shown_by(names, item))
            }
            _ => show(&self.compiler.db, ty),
        }
    }

    /// What stands before an item's body: its word, name, parameters and type; of a type all of it.
    pub(crate) fn head(&self, item: ItemId) -> String {
        let text = item_text(&self.compiler.db, item);
        let Some(tree) = parse(&self.compiler.db, item).item.as_ref() else {
            return text.lines().find(|line| !line.starts_with("///")).unwrap_or("").to_owned();
        };
        let (start, end) = match &tree.kind {
            ast::ItemKind::Task(it) => (it.name.span.start, it.body_span.start),
            ast::ItemKind::Flow(it) => (it.name.span.start, it.body.span.start),
            ast::ItemKind::Type(it) => (it.name.span.start, it.ty.span.end),
            ast::ItemKind::Agent(it) => (it.name.span.start, it.name.span.end),
            _ => return String::new(),
        };
        let word = match &tree.kind {
            ast::ItemKind::Task(_) => "task",
            ast::ItemKind::Flow(_) => "flow",
            ast::ItemKind::Type(_) => "type",
            _ => "agent",
        };
        let head = text.get(start as usize..end as usize).unwrap_or("").trim();
        let mut lines: Vec<&str> = head.lines().take(LINES_MAX).collect();
        if head.lines().count() > LINES_MAX {
            lines.push("…");
        }
        format!("{word} {}", lines.join("\n"))
    }

    /// An item in one line: its signature, or what a type stands for.
    pub(crate) fn line(&self, file: SourceFile, item: ItemId) -> String {
        let head = self.head(item);
        match item.word(&self.compiler.db) {
            ItemWord::Task | ItemWord::Flow => {
                let word = head.split(' ').next().unwrap_or_default();
                format!("{word} {}", self.help_of(file, item.name(&self.compiler.db), item, 0, None).label)
            }
            _ => {
                let lines = head.lines().filter(|line| !line.trim_start().starts_with("//"));
                lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// The documentation of an item.
    pub(crate) fn docs(&self, item: ItemId) -> String {
        parse(&self.compiler.db, item).item.as_ref().map(|tree| tree.docs.to_string()).unwrap_or_default()
    }

    /// The documentation of a file: its `//!` lines.
    pub(crate) fn file_docs(&self, file: SourceFile) -> String {
        file.text(&self.compiler.db)
            .as_ref()
            .map(|text| flowc_grammar::split(text).docs.to_string())
            .unwrap_or_default()
    }
}

/// Equal, found out quickly where one was copied from the other.
fn is_same(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::Record(a), Ty::Record(b)) => Arc::ptr_eq(a, b) || a == b,
        (a, b) => a == b,
    }
}
