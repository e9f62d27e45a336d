//! Where a name is defined, and where the type of a value is.
use std::path::Path;

use flowc_base::{Name, Span};

use super::symbol::{Named, records};
use super::{Analysis, FileSpan};
use crate::check::facts;
use crate::db::{ItemId, ItemWord, SourceFile};
use crate::items::{item_text, items, name_place};
use crate::resolve::Def;
use crate::ty::Ty;
use crate::types::eval::type_def;
use crate::types::signature::signature;

impl Analysis {
    /// Where the name at a byte is defined: the name itself and the place; several for a field that several types write.
    #[must_use]
    pub fn definition(&self, path: &Path, offset: u32) -> Option<(Span, Vec<FileSpan>)> {
        let file = self.file(path);
        let found = self.named_at(file, offset)?;
        let origin = self.locate(found.item, found.span).span;
        Some((origin, self.defined(file, &found.named)))
    }

    /// Where something is defined.
    pub(crate) fn defined(&self, here: SourceFile, named: &Named) -> Vec<FileSpan> {
        let db = &self.compiler.db;
        match named {
            Named::Item(item) => vec![self.locate(*item, name_place(db, *item).span)],
            Named::Param(item, name) => {
                let param = signature(db, *item).params.iter().find(|param| param.name == *name);
                param.map(|param| self.locate(*item, param.span)).into_iter().collect()
            }
            Named::Local(item, _, span) => vec![self.locate(*item, *span)],
            Named::Module(file) => vec![FileSpan { path: file.path(db).clone(), span: Span::default() }],
            Named::Field(ty, name) => {
                let sites = self.field_sites(here, ty, name);
                sites.into_iter().map(|(item, span)| self.locate(item, span)).collect()
            }
            Named::BuiltIn(_) => Vec::new(),
        }
    }

    /// Where the fields of a record type are written: those of this file and what it uses first, else anywhere.
    pub(crate) fn field_sites(&self, here: SourceFile, ty: &Ty, name: &Name) -> Vec<(ItemId, Span)> {
        let near = self.sites_in(&crate::resolve::program(&self.compiler.db, &[here]), ty, name);
        if near.is_empty() { self.sites_in(&self.searched(here), ty, name) } else { near }
    }

    fn sites_in(&self, files: &[SourceFile], ty: &Ty, name: &Name) -> Vec<(ItemId, Span)> {
        let db = &self.compiler.db;
        let mut found = Vec::new();
        for item in files.iter().flat_map(|file| items(db, *file).iter()) {
            self.check();
            if item.word(db) == ItemWord::Use || !item_text(db, *item).contains(name.as_str()) {
                continue;
            }
            for record in records(db, *item).into_iter().filter(|record| record.ty == *ty) {
                let field = record.fields.into_iter().find(|(field, _)| field == name);
                found.extend(field.map(|(_, span)| (*item, span)));
            }
        }
        found
    }

    /// Where the type of the value at a byte is defined.
    #[must_use]
    pub fn type_definition(&self, path: &Path, offset: u32) -> Vec<FileSpan> {
        let file = self.file(path);
        let db = &self.compiler.db;
        let Some(ty) = self.type_at(file, offset) else { return Vec::new() };
        let defs = self.type_names(file);
        let mut found = Vec::new();
        let mut inner = &ty;
        // Of a list the type of its elements, as deep as it goes.
        loop {
            if let Ty::Recursive(item) = inner {
                found.push(*item);
            }
            found.extend(
                defs.iter().filter(|(_, item)| type_def(db, *item).ty == *inner).map(|(_, item)| *item),
            );
            match inner {
                Ty::List(item) | Ty::Map(item) | Ty::Optional(item) | Ty::Outcome(item)
                    if found.is_empty() =>
                {
                    inner = item;
                }
                _ => break,
            }
        }
        found.dedup();
        found.into_iter().map(|item| self.locate(item, name_place(db, item).span)).collect()
    }

    /// The type of the smallest expression, or of the name, that a byte touches.
    pub(crate) fn type_at(&self, file: SourceFile, offset: u32) -> Option<Ty> {
        let (item, start) = self.item_at(file, offset)?;
        let at = offset.checked_sub(start)?;
        let known = facts(&self.compiler.db, item);
        let touches = |span: Span| span.start <= at && at <= span.end;
        if let Some(local) = known.locals.iter().find(|local| touches(local.span)) {
            return Some(local.ty.clone());
        }
        let types = known.types.iter().filter(|(span, _)| touches(*span));
        types.min_by_key(|(span, _)| span.len()).map(|(_, ty)| ty.clone())
    }

    /// The types that a file can name, by their names: its own and imported ones first, then those of its modules.
    pub(crate) fn type_names(&self, file: SourceFile) -> Vec<(String, ItemId)> {
        let db = &self.compiler.db;
        let is_type = |item: &ItemId| item.word(db) == ItemWord::Type;
        let mut named = Vec::new();
        let mut in_modules = Vec::new();
        for (name, def) in &crate::resolve::scope(db, file).names {
            match def {
                Def::Item(item) if is_type(item) => named.push((name.to_string(), *item)),
                Def::Module(module) => {
                    let own = crate::resolve::scope(db, *module).own.iter();
                    let own = own.filter(|(_, item)| is_type(item));
                    in_modules.extend(own.map(|(inner, item)| (format!("{name}.{inner}"), *item)));
                }
                _ => {}
            }
        }
        named.append(&mut in_modules);
        named
    }
}
