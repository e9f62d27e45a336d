//! The names that can be mentioned at a place: locals, items, imports, what is always at hand, and what a `use` would bring.
use flowc_base::{Name, Span};
use flowc_grammar::{TokenKind, ast};

use super::{Completion, CompletionKind, Place};
use crate::db::{Db, ItemId, ItemWord, PRELUDE};
use crate::ide::visible::visible;
use crate::ide::words;
use crate::items::{item_span, items, parse};
use crate::resolve::{Def, scope};
use crate::types::signature::{interface, signature};

impl Place<'_> {
    /// The names that are bound at the place, with where they are bound, relative to the item.
    pub(super) fn visible(&self) -> Vec<(Name, Span)> {
        match parse(&self.analysis.compiler.db, self.item).item.as_ref() {
            Some(tree) => visible(&tree.kind, self.at),
            // Of a text that means nothing, what looks like a binding.
            None => {
                let pairs = self.context.before.windows(2);
                let bound = pairs.filter(|pair| {
                    pair[1].kind == TokenKind::Word
                        && matches!(pair[0].span.slice(&self.text), "let" | "for" | "loop")
                });
                bound.map(|pair| (Name::from(pair[1].span.slice(&self.text)), pair[1].span)).collect()
            }
        }
    }

    /// Every name that can stand in an expression.
    pub(super) fn names(&self) -> Vec<Completion> {
        let db = &self.analysis.compiler.db;
        let types = self.analysis.type_names(self.file);
        let mut found = Vec::new();
        for (name, span) in self.visible() {
            let ty = self.facts.local_at(span).map(|local| self.analysis.shown_by(&types, &local.ty));
            let detail = ty.unwrap_or_default();
            found.push(Completion { detail, ..self.one(&name, CompletionKind::Variable, 0) });
        }
        for (name, def) in &scope(db, self.file).names {
            match def {
                Def::Item(item) if *item != self.item && self.may_call(*item) => {
                    found.push(self.item_completion(name, *item, 2));
                }
                Def::Module(_) => found.push(self.one(name, CompletionKind::Module, 2)),
                _ => {}
            }
        }
        if let Some(prelude) = db.library(PRELUDE) {
            found.extend(
                scope(db, prelude).own.iter().map(|(name, item)| self.item_completion(name, *item, 3)),
            );
        }
        if self.word != ItemWord::Task {
            for (name, head, docs) in words::FUNCTIONS {
                let insert = if self.called_already() { name.to_owned() } else { format!("{name}(\"$0\")") };
                let function = Completion {
                    detail: head.to_owned(),
                    docs: docs.to_owned(),
                    snippet: insert.contains('$'),
                    insert,
                    ..self.one(name, CompletionKind::Task, 3)
                };
                found.push(function);
            }
        }
        found.extend(self.not_imported());
        found
    }

    /// Whether a thing of the file can be mentioned in an expression here.
    fn may_call(&self, item: ItemId) -> bool {
        let db = &self.analysis.compiler.db;
        match item.word(db) {
            ItemWord::Task => self.word != ItemWord::Task || interface(db, item).native.is_some(),
            ItemWord::Flow => self.word != ItemWord::Task,
            ItemWord::Agent => matches!(self.word, ItemWord::Flow | ItemWord::Test),
            _ => false,
        }
    }

    fn called_already(&self) -> bool {
        let end = self.context.word.map_or(self.context.prefix.end, |word| word.end);
        self.text.get(end as usize..).is_some_and(|rest| rest.starts_with('('))
    }

    /// An item by a name.
    pub(super) fn item_completion(&self, name: &str, item: ItemId, rank: u8) -> Completion {
        let db = &self.analysis.compiler.db;
        let kind = match item.word(db) {
            ItemWord::Task => CompletionKind::Task,
            ItemWord::Flow => CompletionKind::Flow,
            ItemWord::Agent => CompletionKind::Agent,
            _ => CompletionKind::Type,
        };
        let detail = self.analysis.line(self.file, item);
        let calls = matches!(kind, CompletionKind::Task | CompletionKind::Flow) && !self.called_already();
        let insert = match calls {
            true if signature(db, item).params.is_empty() => format!("{name}()"),
            true => format!("{name}($0)"),
            false => name.to_owned(),
        };
        Completion {
            detail,
            docs: self.analysis.docs(item),
            snippet: insert.contains('$'),
            insert,
            ..self.one(name, kind, rank)
        }
    }

    /// What the library has and the file has not asked for; each comes with its `use`.
    fn not_imported(&self) -> Vec<Completion> {
        let prefix = self.context.prefix.slice(&self.text);
        if prefix.is_empty() {
            return Vec::new();
        }
        let db = &self.analysis.compiler.db;
        let known = &scope(db, self.file).names;
        let mut found = Vec::new();
        for (module, _) in flowc_stdlib::modules() {
            let Some(file) = db.library(module) else { continue };
            let own = scope(db, file)
                .own
                .iter()
                .filter(|(name, _)| name.starts_with(prefix) && !known.contains_key(*name));
            for (name, item) in own {
                let mut completion = self.item_completion(name, *item, 6);
                completion.detail = format!("{module}: {}", completion.detail);
                completion.extra = Some(self.import(module, name));
                found.push(completion);
            }
        }
        found
    }

    /// The text, and where to put it, that imports a name of a module.
    fn import(&self, module: &str, name: &str) -> (u32, String) {
        let db = &self.analysis.compiler.db;
        let mut behind = None;
        for item in items(db, self.file).iter().filter(|item| item.word(db) == ItemWord::Use) {
            let span = item_span(db, *item);
            behind = Some(span.end);
            let Some(ast::ItemKind::Use(it)) = parse(db, *item).item.as_ref().map(|tree| &tree.kind) else {
                continue;
            };
            let ast::UseFrom::Path(path) = &it.from else { continue };
            let text = path.iter().map(|part| &*part.name).collect::<Vec<_>>().join(".");
            if let (true, Some(last)) = (text == module, it.names.as_ref().and_then(|names| names.last())) {
                return (span.start + last.span.end, format!(", {name}"));
            }
        }
        match behind {
            Some(end) => (end, format!("\nuse {module}.{{{name}}}")),
            None => {
                let first = items(db, self.file).first().map_or(0, |item| item_span(db, *item).start);
                (first, format!("use {module}.{{{name}}}\n\n"))
            }
        }
    }

    /// The types that can be written.
    pub(super) fn types(&self) -> Vec<Completion> {
        let db = &self.analysis.compiler.db;
        let mut found: Vec<Completion> = self
            .analysis
            .type_names(self.file)
            .into_iter()
            .map(|(name, item)| self.item_completion(&name, item, 0))
            .collect();
        for (name, form, docs) in words::TYPES {
            let insert = match name {
                "List" | "Map" | "Outcome" => format!("{name}<$0>"),
                _ => name.to_owned(),
            };
            found.push(Completion {
                detail: form.to_owned(),
                docs: docs.to_owned(),
                snippet: insert.contains('$'),
                insert,
                ..self.one(name, CompletionKind::Type, 1)
            });
        }
        let modules = scope(db, self.file).names.iter().filter(|(_, def)| matches!(def, Def::Module(_)));
        found.extend(modules.map(|(name, _)| self.one(name, CompletionKind::Module, 2)));
        found
    }
}
