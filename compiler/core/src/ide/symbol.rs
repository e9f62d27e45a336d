//! What a name in a text is the name of: one identity for its definition and all its uses. It knows how to find it at a place.
use flowc_base::{Name, Span};
use flowc_grammar::ast;

use super::Analysis;
use super::context::Context;
use super::visible::visible;
use super::walk::{TypeWalk, record_fields};
use crate::check::{Target, facts};
use crate::db::{Db, ItemId, ItemWord, SourceFile};
use crate::items::{item_text, name_place, parse};
use crate::resolve::{Def, lookup};
use crate::ty::Ty;
use crate::types::eval::TypeReader;
use crate::types::fits::expand;
use crate::types::signature::signature;

/// What a name is the name of.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Named {
    /// An item.
    Item(ItemId),
    /// A parameter of a task or flow.
    Param(ItemId, Name),
    /// A name bound in a body, by the place where it is bound.
    Local(ItemId, Name, Span),
    /// A module.
    Module(SourceFile),
    /// A field of all records of this type.
    Field(Ty, Name),
    /// A function or type that needs no definition.
    BuiltIn(Name),
}

/// A name at a place of a file.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Found {
    /// What it names.
    pub(crate) named: Named,
    /// The item that it stands in.
    pub(crate) item: ItemId,
    /// Where, relative to the item.
    pub(crate) span: Span,
}

impl Analysis {
    /// The name that a byte of a file touches.
    pub(crate) fn named_at(&self, file: SourceFile, offset: u32) -> Option<Found> {
        let (item, start) = self.item_at(file, offset)?;
        let at = offset.checked_sub(start)?;
        let db = &self.compiler.db;
        let known = facts(db, item);
        if let Some(it) = known.use_at(at) {
            return Some(Found { named: target(db, item, &it.target)?, item, span: it.span });
        }
        let touches = |span: &Span| span.start <= at && at <= span.end && !span.is_empty();
        if let Some(local) = known.locals.iter().find(|local| touches(&local.span)) {
            return Some(Found {
                named: local_name(db, item, &local.name, local.span),
                item,
                span: local.span,
            });
        }
        let name = name_place(db, item).span;
        if touches(&name) && !item.name(db).is_empty() && item.word(db) != ItemWord::Test {
            return Some(Found { named: Named::Item(item), item, span: name });
        }
        self.field_at(item, at).or_else(|| self.guessed_at(file, item, at))
    }

    /// Of a word in a statement that could not be read, what it would mean in one that could.
    fn guessed_at(&self, file: SourceFile, item: ItemId, at: u32) -> Option<Found> {
        let db = &self.compiler.db;
        let parsed = parse(db, item);
        if parsed.errors.is_empty() {
            return None;
        }
        let text = item_text(db, item);
        let context = Context::at(text, at);
        let span = context.word.filter(|_| !context.after_sign(b'.') && !context.in_text())?;
        let name = span.slice(text);
        let tree = parsed.item.as_ref()?;
        let bound = visible(&tree.kind, at).into_iter().rev().find(|(bound, _)| bound.as_str() == name);
        let named = match (bound, lookup(db, file, Name::from(name))) {
            (Some((_, place)), _) => local_name(db, item, &facts(db, item).local_at(place)?.name, place),
            (None, Some(Def::Item(item))) => Named::Item(item),
            (None, Some(Def::Module(module))) => Named::Module(module),
            (None, _) => return None,
        };
        Some(Found { named, item, span })
    }

    /// The field of a written type that a byte of an item touches.
    fn field_at(&self, item: ItemId, at: u32) -> Option<Found> {
        let mut found = None;
        for record in records(&self.compiler.db, item) {
            for (name, span) in record.fields {
                if span.start <= at && at <= span.end {
                    found = Some(Found { named: Named::Field(record.ty.clone(), name), item, span });
                }
            }
        }
        found
    }
}

/// What a target recorded in an item is, wherever it is asked from.
pub(crate) fn target(db: &dyn Db, item: ItemId, target: &Target) -> Option<Named> {
    Some(match target {
        Target::Local(local) => {
            let local = facts(db, item).locals.get(local.0 as usize)?;
            local_name(db, item, &local.name, local.span)
        }
        Target::Item(item) => Named::Item(*item),
        Target::Module(file) => Named::Module(*file),
        Target::Param(item, name) => Named::Param(*item, name.clone()),
        Target::Field(ty, name) => Named::Field(ty.clone(), name.clone()),
        Target::BuiltIn(name) => Named::BuiltIn(name.clone()),
    })
}

pub(crate) fn local_name(db: &dyn Db, item: ItemId, name: &Name, span: Span) -> Named {
    if signature(db, item).params.iter().any(|param| param.span == span) {
        Named::Param(item, name.clone())
    } else {
        Named::Local(item, name.clone(), span)
    }
}

/// A record type as it is written.
pub(crate) struct WrittenRecord {
    /// The type that it is.
    pub(crate) ty: Ty,
    /// Its fields with the places of their names.
    pub(crate) fields: Vec<(Name, Span)>,
}

/// The record types that are written in an item.
pub(crate) fn records(db: &dyn Db, item: ItemId) -> Vec<WrittenRecord> {
    let Some(tree) = parse(db, item).item.as_ref() else { return Vec::new() };
    let mut found = Vec::new();
    let mut walk = TypeWalk::default();
    walk.item(&tree.kind);
    for ty in walk.found {
        if let ast::TypeKind::Record(fields) = &ty.kind {
            let read = expand(db, &TypeReader::new(db, item).read(ty));
            let fields = fields.iter().map(|field| (field.name.name.clone(), field.name.span)).collect();
            found.push(WrittenRecord { ty: read, fields });
        }
    }
    if let ast::ItemKind::Task(task) = &tree.kind
        && let Some(fields) = record_fields(task)
    {
        let ty = expand(db, &signature(db, item).output);
        let fields = fields.iter().map(|field| (field.name.name.clone(), field.name.span)).collect();
        found.push(WrittenRecord { ty, fields });
    }
    found
}
