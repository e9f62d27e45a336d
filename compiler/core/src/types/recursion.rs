//! Types that mention themselves, found on the plain graph of a file's types, so that no query asks itself. Types of different files
//! cannot, as files cannot use each other in a circle.
use std::collections::{HashMap, HashSet};

use flowc_base::Span;
use flowc_grammar::ast;

use super::eval::{Named, resolve_type};
use crate::db::{Anchor, Db, Diag, ItemId, ItemWord, Place, SourceFile};
use crate::diagnostics::types as d;
use crate::items::{items, parse};
use crate::resolve::graph::{circular_components, shortest_circle};

/// Which types of a file mention each other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Recursion {
    /// The circle that a type is on, by number. Looked up, never iterated.
    group: HashMap<ItemId, usize>,
    /// Types that contain themselves without a list or map between. Looked up, never iterated.
    pub(crate) broken: HashSet<ItemId>,
    /// One for each such circle.
    pub(crate) diagnostics: Vec<Diag>,
}

impl Recursion {
    /// Whether a mention of `b` in `a` is part of a circle.
    pub(crate) fn together(&self, a: ItemId, b: ItemId) -> bool {
        matches!((self.group.get(&a), self.group.get(&b)), (Some(a), Some(b)) if a == b)
    }
}

/// A mention of a type in another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mention {
    item: ItemId,
    /// Below a list or a map.
    guarded: bool,
    span: Span,
}

#[salsa::tracked(returns(ref))]
pub(crate) fn mentions(db: &dyn Db, item: ItemId) -> Box<[Mention]> {
    let mut found = Vec::new();
    if let Some(ast::ItemKind::Type(it)) = parse(db, item).item.as_ref().map(|it| &it.kind) {
        collect(db, item.file(db), &it.ty, false, &mut found);
    }
    found.into()
}

fn collect(db: &dyn Db, file: SourceFile, ty: &ast::TypeExpr, guarded: bool, found: &mut Vec<Mention>) {
    match &ty.kind {
        ast::TypeKind::Named { path, args } => match resolve_type(db, file, path) {
            Named::Type(item) => {
                if item.file(db) == file {
                    found.push(Mention { item, guarded, span: ty.span });
                }
            }
            Named::Other(_) | Named::Unknown => {
                // An outcome holds its value as a record does.
                let guarded = guarded || path.first().is_none_or(|name| &*name.name != "Outcome");
                args.iter().for_each(|arg| collect(db, file, arg, guarded, found));
            }
        },
        ast::TypeKind::Optional(inner) => collect(db, file, inner, guarded, found),
        ast::TypeKind::Record(fields) => {
            fields.iter().for_each(|field| collect(db, file, &field.ty, guarded, found));
        }
        ast::TypeKind::Choice(parts) => parts.iter().for_each(|part| collect(db, file, part, guarded, found)),
        _ => {}
    }
}

#[salsa::tracked(returns(ref))]
pub(crate) fn recursion(db: &dyn Db, file: SourceFile) -> Recursion {
    let types: Vec<ItemId> =
        items(db, file).iter().copied().filter(|item| item.word(db) == ItemWord::Type).collect();
    let number: HashMap<ItemId, usize> = types.iter().enumerate().map(|(at, item)| (*item, at)).collect();
    let edges = |all: bool| -> Vec<Vec<usize>> {
        let targets = |item: &ItemId| -> Vec<usize> {
            let mentions = mentions(db, *item).iter().filter(|mention| all || !mention.guarded);
            mentions.filter_map(|mention| number.get(&mention.item).copied()).collect()
        };
        types.iter().map(targets).collect()
    };
    let mut recursion = Recursion::default();
    for (group, nodes) in circular_components(&edges(true)).into_iter().enumerate() {
        recursion.group.extend(nodes.into_iter().map(|node| (types[node], group)));
    }
    let direct = edges(false);
    for nodes in circular_components(&direct) {
        let circle = shortest_circle(&direct, nodes[0]);
        let mut names: Vec<String> = circle.iter().map(|node| types[*node].name(db).to_string()).collect();
        names.extend(names.first().cloned());
        let places: Vec<Place> = (0..circle.len())
            .filter_map(|at| {
                let (from, to) = (types[circle[at]], types[circle[(at + 1) % circle.len()]]);
                let mention =
                    mentions(db, from).iter().find(|mention| mention.item == to && !mention.guarded)?;
                Some(Place { anchor: Anchor::Item(from), span: mention.span })
            })
            .collect();
        if let Some((first, others)) = places.split_first() {
            recursion.diagnostics.push(d::type_cycle(*first, &names, others));
        }
        recursion.broken.extend(nodes.into_iter().map(|node| types[node]));
    }
    recursion
}
