//! What a text or a `use` names: files and directories beside the source file, modules of the library, their names, alternatives of a choice.
use std::path::Path;

use flowc_base::Span;
use flowc_grammar::TokenKind;

use super::{Completion, CompletionKind, Place};
use crate::EntryKind;
use crate::db::{Db, ItemWord, SourceFile, normalised};
use crate::ide::context::Frame;
use crate::resolve::scope;
use crate::ty::Ty;
use crate::types::fits::expand;

impl Place<'_> {
    /// What may stand in a text.
    pub(super) fn in_text(&self, frame: Frame) -> Vec<Completion> {
        let Some(open) = self.context.before.get(frame.token) else { return Vec::new() };
        let start = if open.kind == TokenKind::TextOpen { open.span.end } else { open.span.start + 1 };
        let typed = self.text.get(start as usize..self.at as usize).unwrap_or("");
        let before = |back: usize| frame.token.checked_sub(back).and_then(|at| self.context.before.get(at));
        let word = |back: usize| {
            before(back)
                .filter(|token| token.kind == TokenKind::Word)
                .map(|token| token.span.slice(&self.text))
        };
        if self.word == ItemWord::Use && word(1) == Some("use") {
            return self.entries(typed, |name, kind| kind == EntryKind::Dir || name.ends_with(".flow"));
        }
        let called =
            before(1).is_some_and(|token| token.kind == TokenKind::Open(b'(')).then(|| word(2)).flatten();
        match called {
            Some("file" | "read" | "glob") => return self.entries(typed, |_, _| true),
            Some("dir") => return self.entries(typed, |_, kind| kind == EntryKind::Dir),
            _ => {}
        }
        let wanted = self.facts.wanted.iter().rev().find(|(span, _)| span.start == open.span.start);
        let Some((_, wanted)) = wanted else { return Vec::new() };
        let ty = expand(&self.analysis.compiler.db, wanted);
        let words = match &ty {
            Ty::Choice(words) => words,
            Ty::Optional(inner) => match &**inner {
                Ty::Choice(words) => words,
                _ => return Vec::new(),
            },
            _ => return Vec::new(),
        };
        let replace = Span::new(self.start + start, self.start + self.at);
        let alternatives =
            words.iter().map(|word| Completion { replace, ..self.one(word, CompletionKind::Value, 0) });
        alternatives.collect()
    }

    /// What stands at a path that is being written, relative to the source file.
    fn entries(&self, typed: &str, fits: impl Fn(&str, EntryKind) -> bool) -> Vec<Completion> {
        let (folder, _) = typed.rsplit_once('/').map_or(("", typed), |(folder, name)| (folder, name));
        let own = self.file.path(&self.analysis.compiler.db);
        let base = own.parent().unwrap_or_else(|| Path::new("/"));
        let folder = normalised(&base.join(folder));
        let name = typed.rsplit('/').next().unwrap_or("");
        let length = u32::try_from(name.len()).unwrap_or(0);
        let replace = Span::new(self.start + self.at - length, self.start + self.at);
        let mut found = Vec::new();
        for entry in self.analysis.compiler.system.list(&folder) {
            let path = folder.join(&entry);
            let Some(kind) = self.analysis.compiler.system.kind(&path) else { continue };
            if (entry.starts_with('.') && !name.starts_with('.')) || !fits(&entry, kind) || path == *own {
                continue;
            }
            let completion = match kind {
                EntryKind::Dir => {
                    let insert = format!("{entry}/");
                    Completion { insert, ..self.one(&entry, CompletionKind::Folder, 1) }
                }
                EntryKind::File => self.one(&entry, CompletionKind::File, 0),
            };
            found.push(Completion { replace, ..completion });
        }
        found
    }

    /// What follows `use`: a module of the library, step by step.
    pub(super) fn use_module(&self) -> Vec<Completion> {
        let words: Vec<&str> = self
            .context
            .before
            .iter()
            .filter(|token| token.kind == TokenKind::Word)
            .map(|token| token.span.slice(&self.text))
            .collect();
        match (words.as_slice(), self.context.after_sign(b'.')) {
            (["use"], false) => {
                vec![Completion { insert: "std.".to_owned(), ..self.one("std", CompletionKind::Module, 0) }]
            }
            (["use", "std"], true) => {
                let modules = flowc_stdlib::modules().iter().filter_map(|(name, _)| {
                    let short = name.strip_prefix("std.")?;
                    let file = self.analysis.compiler.db.library(name)?;
                    let insert = format!("{short}.{{$0}}");
                    Some(Completion {
                        docs: self.analysis.file_docs(file),
                        insert,
                        snippet: true,
                        ..self.one(short, CompletionKind::Module, 0)
                    })
                });
                modules.collect()
            }
            (["use", "std", module], true) => {
                match self.analysis.compiler.db.library(&format!("std.{module}")) {
                    Some(file) => {
                        let mut names = self.exports(file, &[]);
                        names.iter_mut().for_each(|it| it.insert = format!("{{{}}}", it.label));
                        names
                    }
                    None => Vec::new(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// What may stand in the braces of a `use`.
    pub(super) fn use_names(&self) -> Vec<Completion> {
        let Some(frame) = self.context.frames.last() else { return Vec::new() };
        let Some(dot) = frame.token.checked_sub(2) else { return Vec::new() };
        let db = &self.analysis.compiler.db;
        let file = match self.context.before.get(dot).map(|token| token.kind) {
            Some(TokenKind::Word) => {
                let path: Vec<&str> =
                    self.context.path(&self.text, dot).into_iter().map(|(word, _)| word).collect();
                db.library(&path.join("."))
            }
            Some(TokenKind::TextClose) => {
                let open = dot.checked_sub(1).and_then(|at| self.context.before.get(at));
                let close = self.context.before.get(dot);
                open.zip(close).map(|(open, close)| {
                    let path = Span::new(open.span.end, close.span.start).slice(&self.text);
                    crate::resolve::used_file(db, self.file, path)
                })
            }
            _ => None,
        };
        let written: Vec<&str> =
            self.context.inside(*frame).iter().map(|token| token.span.slice(&self.text)).collect();
        file.map(|file| self.exports(file, &written)).unwrap_or_default()
    }

    fn exports(&self, file: SourceFile, written: &[&str]) -> Vec<Completion> {
        let own = scope(&self.analysis.compiler.db, file)
            .own
            .iter()
            .filter(|(name, _)| !written.contains(&name.as_str()));
        own.map(|(name, item)| {
            let completion = self.item_completion(name, *item, 0);
            Completion { insert: name.to_string(), snippet: false, ..completion }
        })
        .collect()
    }
}
