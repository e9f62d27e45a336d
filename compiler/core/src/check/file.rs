//! What a whole file has to say: everything found in its items, and what they break together. Items are checked each alone; this
//! gathers and looks at the graph between them.
use std::collections::{BTreeSet, HashMap};

use flowc_base::{Name, Severity, Span};
use flowc_grammar::ast;

use super::agents::{check_agents, unused_agents};
use super::review::own_work;
use super::waits::{unused_mocks, waits};
use super::{body, step_order};
use crate::db::{Anchor, Db, Diag, ItemId, ItemWord, Place, SourceFile};
use crate::diagnostics::{flows, names};
use crate::hir;
use crate::items::{
    cut_errors, item_text, items, keyword_place, name_place, parse, parse_errors, whole_place,
};
use crate::mend::insert::behind;
use crate::resolve::graph::{circular_components, shortest_circle};
use crate::resolve::scope;
use crate::types::eval::type_def;
use crate::types::recursion::recursion;
use crate::types::signature::signature;

/// Everything that is wrong with a file, in the order of its items; each thing once. What is wrong in files that it uses is said there.
#[salsa::tracked(returns(ref))]
pub(crate) fn check_file(db: &dyn Db, file: SourceFile) -> Box<[Diag]> {
    let mut found: Vec<Diag> = cut_errors(db, file).to_vec();
    found.extend(scope(db, file).diagnostics.iter().cloned());
    found.extend(recursion(db, file).diagnostics.iter().cloned());
    let mut mentioned: BTreeSet<&Name> = BTreeSet::new();
    let mut asked: BTreeSet<&Name> = BTreeSet::new();
    let mut settings: Option<ItemId> = None;
    let mut complete = true;
    for item in items(db, file) {
        found.extend(parse_errors(db, *item));
        complete &= parse(db, *item).errors.is_empty();
        match item.word(db) {
            ItemWord::Type => {
                let def = type_def(db, *item);
                found.extend(def.diagnostics.iter().cloned());
                mentioned.extend(&def.mentioned);
            }
            ItemWord::Task | ItemWord::Flow => {
                let signature = signature(db, *item);
                found.extend(signature.diagnostics.iter().cloned());
                mentioned.extend(&signature.mentioned);
                let checked = body(db, *item);
                found.extend(checked.diagnostics.iter().cloned());
                mentioned.extend(&checked.mentioned);
                asked.extend(&signature.mentioned);
                asked.extend(&checked.mentioned);
                if item.word(db) == ItemWord::Flow {
                    found.extend(own_work(db, *item));
                }
                complete &= !checked.incomplete;
                if item.word(db) == ItemWord::Flow {
                    found.extend(step_order(db, *item).diagnostics.iter().cloned());
                    found.extend(waits(db, *item).iter().cloned());
                }
            }
            ItemWord::Test => {
                let checked = body(db, *item);
                found.extend(checked.diagnostics.iter().cloned());
                found.extend(unused_mocks(db, *item).iter().cloned());
                mentioned.extend(&checked.mentioned);
                complete &= !checked.incomplete;
            }
            ItemWord::Agent | ItemWord::Settings => {
                let checked = body(db, *item);
                found.extend(checked.diagnostics.iter().cloned());
                mentioned.extend(&checked.mentioned);
                complete &= !checked.incomplete;
                if item.word(db) == ItemWord::Settings {
                    match settings {
                        Some(first) => found.push(doubled_settings(db, first, *item)),
                        None => settings = Some(*item),
                    }
                }
            }
            ItemWord::Use => {}
        }
        found.extend(style(db, *item));
    }
    found.extend(doubled_tests(db, file));
    found.extend(flow_circles(db, file).iter().cloned());
    found.extend(check_agents(db, file, &asked));
    complete &= !found.iter().any(|diag| diag.severity == Severity::Error);
    if complete {
        found.extend(unused_agents(db, file, &mentioned));
        for (name, place) in &scope(db, file).imported {
            if !mentioned.contains(name) {
                found.push(names::unused_import(*place, name));
            }
        }
    }
    found.into()
}

/// Settings that stand twice; what only the second says goes into the first.
fn doubled_settings(db: &dyn Db, first: ItemId, second: ItemId) -> Diag {
    let groups = |item: ItemId| match parse(db, item).item.as_ref().map(|it| &it.kind) {
        Some(ast::ItemKind::Settings(it)) => it.groups.as_slice(),
        _ => &[],
    };
    let (known, text, other) = (groups(first), item_text(db, first), item_text(db, second));
    let written = |span: Span| span.slice(other).to_owned();
    let behind = |span, new: &[String], sign| {
        let place = Place { anchor: Anchor::Item(first), span };
        (!new.is_empty()).then(|| behind(text, place, new, sign))
    };
    let (mut moved, mut whole) = (Vec::new(), Vec::new());
    for group in groups(second) {
        match known.iter().find(|known| known.word.name == group.word.name) {
            Some(known) => {
                let known = fields(known);
                let is_new = |field: &&ast::FieldInit| known.iter().all(|it| it.name.name != field.name.name);
                let new = fields(group).iter().filter(is_new);
                let new: Vec<String> =
                    new.map(|field| written(field.name.span.to(field.value.span))).collect();
                let last = known.last().map(|last| last.name.span.to(last.value.span));
                moved.extend(last.and_then(|last| behind(last, &new, ", ")));
            }
            None => whole.push(written(group.span)),
        }
    }
    moved.extend(known.last().and_then(|last| behind(last.span, &whole, " ")));
    let (place, whole) = (keyword_place(db, second), whole_place(db, second));
    crate::diagnostics::settings::duplicate(place, keyword_place(db, first), moved, whole)
}

/// What stands in a group of settings.
fn fields(group: &ast::Clause) -> &[ast::FieldInit] {
    match group.args.first().map(|arg| &arg.kind) {
        Some(ast::ExprKind::Record(fields)) => fields,
        _ => &[],
    }
}

/// Tests of one name: which of them failed could not be said.
fn doubled_tests(db: &dyn Db, file: SourceFile) -> Vec<Diag> {
    let mut first: HashMap<&str, Place> = HashMap::new();
    let mut found = Vec::new();
    for item in items(db, file).iter().filter(|item| item.word(db) == ItemWord::Test) {
        let Some(ast::ItemKind::Test(it)) = parse(db, *item).item.as_ref().map(|it| &it.kind) else {
            continue;
        };
        let place = Place { anchor: Anchor::Item(*item), span: it.name.span };
        let Some(name) = it.name.as_plain().filter(|name| !name.is_empty()) else { continue };
        match first.get(name) {
            Some(first) => found.push(names::duplicate_title(place, "tests", name, *first)),
            None => {
                first.insert(name, place);
            }
        }
    }
    found
}

/// Names in another style than everybody's: a note, never in the way.
fn style(db: &dyn Db, item: ItemId) -> Option<Diag> {
    let name = item.name(db);
    let place = || name_place(db, item);
    let camel = name.starts_with(|c: char| c.is_uppercase()) && !name.contains('_');
    let snake = !name.chars().any(char::is_uppercase);
    match item.word(db) {
        ItemWord::Type if !camel && !name.is_empty() => {
            Some(names::style(place(), name, "CamelCase", &to_camel(name)))
        }
        ItemWord::Task | ItemWord::Flow | ItemWord::Agent if !snake => {
            Some(names::style(place(), name, "snake_case", &names::to_snake(name)))
        }
        _ => None,
    }
}

fn to_camel(name: &str) -> String {
    name.split('_')
        .flat_map(|part| {
            let mut chars = part.chars();
            chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<Vec<_>>()
        })
        .collect()
}

/// The flows that a flow calls, with the places.
#[salsa::tracked(returns(ref))]
pub(crate) fn flow_calls(db: &dyn Db, item: ItemId) -> Box<[(ItemId, Span)]> {
    body(db, item).body.as_ref().map(hir::Body::flow_calls).unwrap_or_default().into()
}

/// Flows that call each other in a circle; one diagnostic for each circle. Flows of different files cannot.
#[salsa::tracked(returns(ref))]
pub(crate) fn flow_circles(db: &dyn Db, file: SourceFile) -> Box<[Diag]> {
    let flows: Vec<ItemId> =
        items(db, file).iter().copied().filter(|item| item.word(db) == ItemWord::Flow).collect();
    let number: HashMap<ItemId, usize> = flows.iter().enumerate().map(|(at, item)| (*item, at)).collect();
    let edges: Vec<Vec<usize>> = flows
        .iter()
        .map(|item| {
            flow_calls(db, *item).iter().filter_map(|(callee, _)| number.get(callee).copied()).collect()
        })
        .collect();
    let mut found = Vec::new();
    for nodes in circular_components(&edges) {
        let circle = shortest_circle(&edges, nodes[0]);
        let mut shown: Vec<String> = circle.iter().map(|node| flows[*node].name(db).to_string()).collect();
        shown.extend(shown.first().cloned());
        let places: Vec<Place> = (0..circle.len())
            .filter_map(|at| {
                let (from, to) = (flows[circle[at]], flows[circle[(at + 1) % circle.len()]]);
                let (_, span) = flow_calls(db, from).iter().find(|(callee, _)| *callee == to)?;
                Some(Place { anchor: Anchor::Item(from), span: *span })
            })
            .collect();
        if let Some((first, others)) = places.split_first() {
            found.push(flows::flow_cycle(*first, &shown, others));
        }
    }
    found.into()
}
