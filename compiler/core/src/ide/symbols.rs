//! What stands in a file, as a tree of names; and the names of all files that match a few letters.
use std::path::Path;

use flowc_base::Span;
use flowc_grammar::ast;

use super::{Analysis, FileSpan};
use crate::check::facts;
use crate::db::{ItemId, ItemWord, SourceFile};
use crate::items::{item_span, items, name_place, parse};

/// What a name in an outline is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is named after what it is")]
pub enum SymbolKind {
    Type,
    Agent,
    Task,
    Flow,
    Settings,
    Test,
    Field,
    Let,
}

/// A name in an outline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Symbol {
    /// The name.
    pub name: String,
    /// A type or signature, in a line.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it.
    pub span: FileSpan,
    /// Its name.
    pub name_span: Span,
    /// What stands in it.
    pub children: Vec<Symbol>,
}

/// The most names that a search gives.
const FOUND_MAX: usize = 512;

impl Analysis {
    /// The items of a file with what they name.
    #[must_use]
    pub fn symbols(&self, path: &Path) -> Vec<Symbol> {
        let file = self.file(path);
        items(&self.compiler.db, file).iter().filter_map(|item| self.symbol(file, *item, true)).collect()
    }

    /// The items of all files whose names hold the letters of `query` in their order, the closest first.
    #[must_use]
    pub fn search(&self, query: &str) -> Vec<Symbol> {
        let mut found: Vec<(usize, Symbol)> = Vec::new();
        for path in self.files.iter() {
            let file = self.file(path);
            for item in items(&self.compiler.db, file) {
                self.check();
                let Some(far) = distance(query, item.name(&self.compiler.db)) else { continue };
                found.extend(self.symbol(file, *item, false).map(|symbol| (far, symbol)));
            }
        }
        found.sort_by(|(a, one), (b, other)| (a, &one.name, &one.span).cmp(&(b, &other.name, &other.span)));
        found.into_iter().take(FOUND_MAX).map(|(_, symbol)| symbol).collect()
    }

    fn symbol(&self, file: SourceFile, item: ItemId, whole: bool) -> Option<Symbol> {
        let db = &self.compiler.db;
        let kind = match item.word(db) {
            ItemWord::Use => return None,
            ItemWord::Type => SymbolKind::Type,
            ItemWord::Agent => SymbolKind::Agent,
            ItemWord::Task => SymbolKind::Task,
            ItemWord::Flow => SymbolKind::Flow,
            ItemWord::Settings => SymbolKind::Settings,
            ItemWord::Test => SymbolKind::Test,
        };
        let name =
            if kind == SymbolKind::Settings { "settings".to_owned() } else { item.name(db).to_string() };
        if name.is_empty() {
            return None;
        }
        let span = item_span(db, item);
        let name_span = name_place(db, item).span.shift(span.start);
        let name_span = if name_span.end > span.end { Span::new(span.start, span.start) } else { name_span };
        let mut symbol = Symbol {
            name,
            detail: String::new(),
            kind,
            span: FileSpan { path: file.path(db).clone(), span },
            name_span,
            children: Vec::new(),
        };
        if whole {
            if matches!(kind, SymbolKind::Task | SymbolKind::Flow) {
                let line = self.line(file, item);
                symbol.detail =
                    line.split_once(&*symbol.name).map_or(String::new(), |(_, rest)| rest.to_owned());
            }
            symbol.children = self.children(file, item, span.start);
        }
        Some(symbol)
    }

    fn children(&self, file: SourceFile, item: ItemId, start: u32) -> Vec<Symbol> {
        let child = |name: &ast::Ident, span: Span, kind, detail: String| Symbol {
            name: name.name.to_string(),
            detail,
            kind,
            span: FileSpan { path: file.path(&self.compiler.db).clone(), span: span.shift(start) },
            name_span: name.span.shift(start),
            children: Vec::new(),
        };
        let Some(tree) = parse(&self.compiler.db, item).item.as_ref() else { return Vec::new() };
        match &tree.kind {
            ast::ItemKind::Type(it) => match &it.ty.kind {
                ast::TypeKind::Record(fields) => {
                    let text = crate::items::item_text(&self.compiler.db, item);
                    let fields = fields.iter().map(|field| {
                        let detail =
                            field.ty.span.slice(text).split_whitespace().collect::<Vec<_>>().join(" ");
                        child(&field.name, field.name.span.to(field.ty.span), SymbolKind::Field, detail)
                    });
                    fields.collect()
                }
                _ => Vec::new(),
            },
            ast::ItemKind::Flow(it) => {
                let known = facts(&self.compiler.db, item);
                let names = self.type_names(file);
                let lets = it.body.stmts.iter().filter_map(|stmt| match &stmt.kind {
                    ast::StmtKind::Let { name, .. } => {
                        let ty = known.local_at(name.span).map(|local| self.shown_by(&names, &local.ty));
                        Some(child(name, stmt.span.to(name.span), SymbolKind::Let, ty.unwrap_or_default()))
                    }
                    _ => None,
                });
                lets.filter(|symbol| !symbol.name.is_empty()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// How far a name is from what is searched: none when its letters are not all in it, in order.
fn distance(query: &str, name: &str) -> Option<usize> {
    let (query, name) = (query.to_lowercase(), name.to_lowercase());
    if name.is_empty() {
        return None;
    }
    if let Some(at) = name.find(&query) {
        return Some(at);
    }
    let mut letters = name.chars();
    query.chars().filter(|c| !c.is_whitespace()).all(|wanted| letters.any(|c| c == wanted)).then_some(1000)
}
