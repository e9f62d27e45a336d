//! What agents break together: circles, how each is reached in the end, those that nobody asks. Only agents of one file can form a
//! circle, since files cannot.
use std::collections::{BTreeSet, HashMap, HashSet};

use flowc_base::{Edit, Name, Span};
use flowc_grammar::ast;

use super::body;
use crate::db::{Anchor, Db, Diag, ItemId, ItemWord, Place, SourceFile};
use crate::diagnostics::agents as d;
use crate::hir::BodyKind;
use crate::items::{item_text, items, name_place, parse};
use crate::mend::insert::before;
use crate::resolve::graph::{circular_components, shortest_circle};

/// How an agent hangs together with others; what is written where. Of an agent with an error, nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Links {
    /// Whether it has no error.
    pub(crate) sound: bool,
    /// `from`
    pub(crate) from: Option<(ItemId, Span)>,
    /// `fallback`
    pub(crate) fallback: Box<[(ItemId, Span)]>,
    /// `pool`
    pub(crate) pool: Option<(Name, Span)>,
    /// How it says itself that it is reached.
    via: Option<Reached>,
    reply: Option<Span>,
    env: Option<Span>,
    model: Option<Span>,
}

/// How an agent is reached.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reached {
    /// The word of the clause.
    word: &'static str,
    /// Whether it is a program that is started.
    program: bool,
    /// Whether a model stands in the clause.
    model: bool,
    /// The agent that has the clause, and where.
    at: (ItemId, Span),
}

#[salsa::tracked(returns(ref))]
pub(crate) fn links(db: &dyn Db, item: ItemId) -> Links {
    let Some(BodyKind::Agent(agent)) = body(db, item).body.as_ref().map(|body| &body.kind) else {
        return Links::default();
    };
    let via = agent.via.as_ref().map(|(via, span)| Reached {
        word: via.word(),
        program: via.is_program(),
        model: via.has_model(),
        at: (item, *span),
    });
    Links {
        sound: true,
        from: agent.from,
        fallback: agent.fallback.clone().into(),
        pool: agent.pool.clone(),
        via,
        reply: agent.reply.as_ref().map(|(_, span)| *span),
        env: agent.env.as_ref().map(|(_, span)| *span),
        model: agent.model.as_ref().map(|model| model.span),
    }
}

/// Whether an agent can be asked, as far as that is known.
#[salsa::tracked(returns(copy))]
pub(crate) fn can_be_asked(db: &dyn Db, item: ItemId) -> bool {
    !matches!(reached(db, item), Some(None))
}

/// How an agent is reached, itself or through `from`; `Some(None)`: not at all; `None`: an error hides it.
fn reached(db: &dyn Db, item: ItemId) -> Option<Option<Reached>> {
    let (mut at, mut seen) = (item, HashSet::new());
    loop {
        let links = links(db, at);
        if !links.sound || !seen.insert(at) {
            return None;
        }
        match (links.via, links.from) {
            (Some(via), _) => return Some(Some(via)),
            (None, Some((of, _))) => at = of,
            (None, None) => return Some(None),
        }
    }
}

/// The agents whose fallbacks, and theirs, an agent has: those that may answer in its place, with the place where each is named.
pub(crate) fn fallbacks(db: &dyn Db, item: ItemId) -> Vec<(ItemId, Place)> {
    let (mut seen, mut open, mut found) = (HashSet::from([item]), vec![item], Vec::new());
    while let Some(at) = open.pop() {
        for (of, span) in &links(db, at).fallback {
            if seen.insert(*of) {
                found.push((*of, Place { anchor: Anchor::Item(at), span: *span }));
                open.push(*of);
            }
        }
    }
    found
}

/// The edit that takes all of the one other agent of the file that says how it is reached.
fn from_other<'d>(db: &'d dyn Db, item: ItemId, agents: &[ItemId]) -> Option<(&'d str, Edit<Place>)> {
    let is_reached = |other: &&ItemId| **other != item && matches!(reached(db, **other), Some(Some(_)));
    let mut others = agents.iter().filter(is_reached);
    let (Some(other), None) = (others.next(), others.next()) else { return None };
    let Some(ast::ItemKind::Agent(it)) = parse(db, item).item.as_ref().map(|it| &it.kind) else {
        return None;
    };
    let first = it.clauses.first().filter(|_| links(db, item).from.is_none())?;
    let (name, place) = (other.name(db), Place { anchor: Anchor::Item(item), span: first.span });
    Some((name, before(item_text(db, item), place, &format!("from {name}"), "  ")))
}

/// Everything that the agents of a file break together. `asked`: the names that its tasks, flows and tests mention.
pub(crate) fn check_agents(db: &dyn Db, file: SourceFile, asked: &BTreeSet<&Name>) -> Vec<Diag> {
    let agents: Vec<ItemId> =
        items(db, file).iter().copied().filter(|item| item.word(db) == ItemWord::Agent).collect();
    let mut found = Vec::new();
    if agents.is_empty() {
        return found;
    }
    let from = |item: ItemId| links(db, item).from.into_iter().collect::<Vec<_>>();
    circles(db, &agents, &from, d::inheritance_cycle, &mut found);
    let fallback = |item: ItemId| links(db, item).fallback.to_vec();
    circles(db, &agents, &fallback, d::fallback_cycle, &mut found);

    let bases: HashSet<ItemId> =
        agents.iter().filter_map(|item| links(db, *item).from).map(|(of, _)| of).collect();
    let mut needed: HashMap<ItemId, Place> = HashMap::new();
    for item in &agents {
        for (of, span) in &links(db, *item).fallback {
            needed.entry(*of).or_insert(Place { anchor: Anchor::Item(*item), span: *span });
        }
    }
    for item in &agents {
        let Some(via) = reached(db, *item) else { continue };
        let own = links(db, *item);
        let place = |span| Place { anchor: Anchor::Item(*item), span };
        let Some(via) = via else {
            // What only others are made from need not be reached.
            let used = needed.get(item).copied();
            if !bases.contains(item) || used.is_some() || asked.contains(item.name(db)) {
                let from = from_other(db, *item, &agents);
                found.push(d::missing_transport(name_place(db, *item), item.name(db), used, from));
            }
            continue;
        };
        let other = Place { anchor: Anchor::Item(via.at.0), span: via.at.1 };
        let of_program = "the answer of an API is found without it";
        let of_api = "give the program its model as an argument";
        let of_env = "an API is no process: what it is told stands in `headers`";
        let unread = if via.program {
            [own.model.map(|span| (span, "model", of_api)), None]
        } else {
            [own.reply.map(|span| (span, "reply", of_program)), own.env.map(|span| (span, "env", of_env))]
        };
        for (span, word, hint) in unread.into_iter().flatten() {
            found.push(d::unread_clause(place(span), word, via.word, other, hint));
        }
        if !via.program && !via.model && !has_model(db, *item) && !bases.contains(item) {
            let at = if via.at.0 == *item { other } else { name_place(db, *item) };
            found.push(d::missing_model(at, via.word));
        }
    }
    found
}

/// Whether an agent, or one that it is made from, has a `model`.
fn has_model(db: &dyn Db, item: ItemId) -> bool {
    let (mut at, mut seen) = (item, HashSet::new());
    while seen.insert(at) {
        let links = links(db, at);
        match links.from {
            _ if links.model.is_some() => return true,
            Some((of, _)) => at = of,
            None => return false,
        }
    }
    true
}

/// One diagnostic for each circle of the edges between the agents of a file.
fn circles(
    db: &dyn Db,
    agents: &[ItemId],
    edges: &dyn Fn(ItemId) -> Vec<(ItemId, Span)>,
    say: fn(Place, &[String], &[Place]) -> Diag,
    found: &mut Vec<Diag>,
) {
    let number: HashMap<ItemId, usize> = agents.iter().enumerate().map(|(at, item)| (*item, at)).collect();
    let graph: Vec<Vec<usize>> = agents
        .iter()
        .map(|item| edges(*item).iter().filter_map(|(of, _)| number.get(of).copied()).collect())
        .collect();
    for nodes in circular_components(&graph) {
        let circle = shortest_circle(&graph, nodes[0]);
        let mut shown: Vec<String> = circle.iter().map(|node| agents[*node].name(db).to_string()).collect();
        shown.extend(shown.first().cloned());
        let places: Vec<Place> = (0..circle.len())
            .filter_map(|at| {
                let (from, to) = (agents[circle[at]], agents[circle[(at + 1) % circle.len()]]);
                let (_, span) = edges(from).into_iter().find(|(of, _)| *of == to)?;
                Some(Place { anchor: Anchor::Item(from), span })
            })
            .collect();
        if let Some((first, others)) = places.split_first() {
            found.push(say(*first, &shown, others));
        }
    }
}

/// The agents of a program that it never mentions; of a file that only others use nobody knows.
pub(crate) fn unused_agents(db: &dyn Db, file: SourceFile, mentioned: &BTreeSet<&Name>) -> Vec<Diag> {
    let own = items(db, file);
    let program = own.iter().any(|item| item.word(db) == ItemWord::Flow && item.name(db).as_str() == "main");
    let unused = own.iter().filter(|item| {
        item.word(db) == ItemWord::Agent
            && !mentioned.contains(item.name(db))
            && !item.name(db).starts_with('_')
    });
    let unused = unused.map(|item| d::unused_agent(name_place(db, *item), item.name(db)));
    if program { unused.collect() } else { Vec::new() }
}
