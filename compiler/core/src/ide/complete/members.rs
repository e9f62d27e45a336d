//! What stands behind a dot: the fields of a value, the names of a module. And what stands in a call: labels.
use flowc_base::Name;
use flowc_grammar::TokenKind;

use super::{Completion, CompletionKind, Place};
use crate::db::ItemWord;
use crate::ide::context::Frame;
use crate::resolve::{Def, lookup, scope};
use crate::ty::Ty;
use crate::types::fits::expand;
use crate::types::signature::signature;

impl Place<'_> {
    /// What may follow the dot before the place.
    pub(super) fn members(&self) -> Vec<Completion> {
        let Some(base) = self.context.before.len().checked_sub(2) else { return Vec::new() };
        let path = self.context.path(&self.text, base);
        let db = &self.analysis.compiler.db;
        if let [(module, _)] = path.as_slice()
            && !self.visible().iter().any(|(name, _)| name.as_str() == *module)
            && let Some(Def::Module(file)) = lookup(db, self.file, Name::from(*module))
        {
            let own = &scope(db, file).own;
            return own.iter().map(|(name, item)| self.item_completion(name, *item, 0)).collect();
        }
        let Some(ty) = self.base_type(base, &path) else { return Vec::new() };
        let names = self.analysis.type_names(self.file);
        match expand(db, &ty) {
            Ty::Record(fields) => fields
                .iter()
                .map(|(name, ty)| {
                    let record = expand(db, &self.base_type(base, &path).unwrap_or(Ty::Error));
                    let site = self.analysis.field_sites(self.file, &record, name).into_iter().next();
                    Completion {
                        detail: self.analysis.shown_by(&names, ty),
                        docs: site
                            .map(|(item, span)| self.analysis.field_docs(item, span))
                            .unwrap_or_default(),
                        ..self.one(name, CompletionKind::Field, 0)
                    }
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The type of what stands before the dot: as it was checked, else from the names that lead to it.
    fn base_type(&self, last: usize, path: &[(&str, flowc_base::Span)]) -> Option<Ty> {
        let end = self.context.before.get(last)?.span.end;
        let checked =
            self.facts.types.iter().filter(|(span, _)| span.end == end).max_by_key(|(span, _)| span.len());
        if let Some((_, ty)) = checked {
            return Some(ty.clone());
        }
        let db = &self.analysis.compiler.db;
        let ((first, _), rest) = path.split_first()?;
        let visible = self.visible();
        let (_, span) = visible.iter().rev().find(|(name, _)| name.as_str() == *first)?;
        let mut ty = self.facts.local_at(*span)?.ty.clone();
        for (field, _) in rest {
            let Ty::Record(fields) = expand(db, &ty) else { return None };
            ty = fields.iter().find(|(name, _)| name.as_str() == *field)?.1.clone();
        }
        Some(ty)
    }

    /// The labels of the call around the place that are not written yet.
    pub(super) fn labels(&self, frame: Frame) -> Vec<Completion> {
        let Some(callee) = frame.token.checked_sub(1) else { return Vec::new() };
        let path: Vec<&str> =
            self.context.path(&self.text, callee).into_iter().map(|(word, _)| word).collect();
        let Some(item) = self.analysis.called(self.file, &path) else { return Vec::new() };
        let inside = self.context.inside(frame);
        let written: Vec<&str> = inside
            .windows(2)
            .filter(|pair| pair[1].kind == TokenKind::Sign(b':'))
            .map(|pair| pair[0].span.slice(&self.text))
            .collect();
        let given = inside.iter().filter(|token| token.kind == TokenKind::Sign(b',')).count();
        let positional = given.saturating_sub(written.len());
        let names = self.analysis.type_names(self.file);
        let params = signature(&self.analysis.compiler.db, item).params.iter().enumerate();
        params
            .filter(|(at, param)| *at >= positional && !written.contains(&&*param.name))
            .map(|(_, param)| Completion {
                insert: format!("{}: ", param.name),
                detail: self.analysis.shown_by(&names, &param.ty),
                docs: param.docs.to_string(),
                ..self.one(&format!("{}:", param.name), CompletionKind::Argument, 1)
            })
            .collect()
    }

    /// The agents that can be asked.
    pub(super) fn agents(&self) -> Vec<Completion> {
        let db = &self.analysis.compiler.db;
        let mut found: Vec<Completion> = self
            .visible()
            .into_iter()
            .filter(|(_, span)| self.facts.local_at(*span).is_some_and(|local| local.ty == Ty::Agent))
            .map(|(name, _)| self.one(&name, CompletionKind::Variable, 0))
            .collect();
        for (name, def) in &scope(db, self.file).names {
            match def {
                Def::Item(item) if item.word(db) == ItemWord::Agent && *item != self.item => {
                    found.push(self.item_completion(name, *item, 0));
                }
                Def::Module(_) => found.push(self.one(name, CompletionKind::Module, 2)),
                _ => {}
            }
        }
        found
    }
}
