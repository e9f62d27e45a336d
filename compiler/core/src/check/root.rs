//! What a whole program breaks that no file breaks alone: settings that have no say, pools that nothing sizes, needs that the limits never give.
//! A program is the file that is run with all that it uses.
use std::collections::{BTreeSet, HashSet};

use flowc_base::{Bytes, Name, Span};
use flowc_plan::Value;

use super::agents::links;
use super::body;
use crate::db::{Anchor, Db, Diag, ItemId, ItemWord, Place, SourceFile};
use crate::diagnostics::settings as d;
use crate::hir::{BodyKind, Expr, ExprKind, Settings};
use crate::items::{items, keyword_place, whole_place};
use crate::resolve::program;

/// Everything that is wrong with the program of a file, wherever in it.
#[salsa::tracked(returns(ref))]
pub(crate) fn check_root(db: &dyn Db, root: SourceFile) -> Box<[Diag]> {
    program_findings(db, root, &program(db, &[root])).into()
}

fn program_findings(db: &dyn Db, root: SourceFile, files: &[SourceFile]) -> Vec<Diag> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| **file != root) {
        if let Some(item) = settings_of(db, *file) {
            let name = root.path(db).file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.push(d::unread(keyword_place(db, item), &name, whole_place(db, item)));
        }
    }
    let Some(item) = settings_of(db, root) else { return found };
    let Some(BodyKind::Settings(settings)) = body(db, item).body.as_ref().map(|body| &body.kind) else {
        return found;
    };
    let reached = Reachable::from(db, root);
    pools(db, item, settings, files, &reached, &mut found);
    for task in &reached.tasks {
        needs(db, *task, item, settings, &mut found);
    }
    found
}

/// What an item asks for: others, cores, memory. An edit that leaves it as it was is nothing to the program.
#[derive(Clone, PartialEq, Debug, Default)]
struct Demands {
    /// The tasks, flows and agents that it names.
    reach: Box<[ItemId]>,
    /// `needs { cpu: … }` of a task, where it is a constant.
    cpu: Option<(f64, Span)>,
    /// `needs { memory: … }` of a task, where it is a constant.
    memory: Option<(Bytes, Span)>,
}

#[salsa::tracked(returns(ref))]
fn demands(db: &dyn Db, item: ItemId) -> Demands {
    if item.word(db) == ItemWord::Agent {
        let links = links(db, item);
        let reach = links.from.iter().chain(&links.fallback).map(|(of, _)| *of).collect();
        return Demands { reach, ..Demands::default() };
    }
    let Some(body) = body(db, item).body.as_ref() else { return Demands::default() };
    let reach = body.callees().into_iter().chain(body.agents()).collect();
    let BodyKind::Task(task) = &body.kind else { return Demands { reach, ..Demands::default() } };
    let cpu = task.cpu.as_ref().and_then(|cpu| Some((number(cpu)?, cpu.span)));
    let memory = task.memory.as_ref().and_then(|memory| match memory.kind {
        ExprKind::Const(Value::Size(size)) => Some((size, memory.span)),
        _ => None,
    });
    Demands { reach, cpu, memory }
}

fn settings_of(db: &dyn Db, file: SourceFile) -> Option<ItemId> {
    items(db, file).iter().copied().find(|item| item.word(db) == ItemWord::Settings)
}

fn pools(
    db: &dyn Db,
    item: ItemId,
    settings: &Settings,
    files: &[SourceFile],
    reached: &Reachable,
    found: &mut Vec<Diag>,
) {
    let limits = &settings.limits;
    let sized = limits.pools.iter().map(|(name, _, span)| (name, *span));
    let sized: Vec<(&Name, Span)> =
        sized.chain(limits.rates.iter().map(|(name, _, span)| (name, *span))).collect();
    let known: Vec<&str> = sized.iter().map(|(name, _)| name.as_str()).collect();
    for agent in &reached.agents {
        if let Some((pool, span)) = &links(db, *agent).pool
            && !known.contains(&pool.as_str())
        {
            let place = Place { anchor: Anchor::Item(*agent), span: *span };
            found.push(d::unknown_pool(place, pool, keyword_place(db, item), &known));
        }
    }
    let agents: Vec<ItemId> = files
        .iter()
        .flat_map(|file| items(db, *file).iter().copied())
        .filter(|item| item.word(db) == ItemWord::Agent)
        .collect();
    // An agent with an error may be in it.
    if agents.iter().all(|agent| links(db, *agent).sound) {
        let used: BTreeSet<&Name> =
            agents.iter().filter_map(|agent| links(db, *agent).pool.as_ref()).map(|(pool, _)| pool).collect();
        let mut said = BTreeSet::new();
        for (name, span) in sized {
            if !used.contains(name) && said.insert(name) {
                found.push(d::unused_pool(Place { anchor: Anchor::Item(item), span }, name));
            }
        }
    }
}

fn needs(db: &dyn Db, task: ItemId, settings: ItemId, limits: &Settings, found: &mut Vec<Diag>) {
    let place = |span| Place { anchor: Anchor::Item(task), span };
    let limit = |span| Place { anchor: Anchor::Item(settings), span };
    let demands = demands(db, task);
    if let (Some((cpu, at)), Some((cores, span))) = (demands.cpu, limits.limits.cpu)
        && cpu > cores
    {
        let (need, most) = (format!("{cpu} cores"), cores.to_string());
        found.push(d::impossible_need(place(at), task.name(db), &need, &most, limit(span)));
    }
    if let (Some((memory, at)), Some((most, span))) = (demands.memory, limits.limits.memory)
        && memory > most
    {
        let (need, most) = (format!("{memory} of memory"), most.to_string());
        found.push(d::impossible_need(place(at), task.name(db), &need, &most, limit(span)));
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Const(Value::Int(n)) => Some(crate::types::fits::as_float(*n)),
        ExprKind::Const(Value::Float(n)) => Some(*n),
        ExprKind::Cast(inner) => number(inner),
        _ => None,
    }
}

/// What the flows of a file reach, through the tasks and flows that they call; in a fixed order.
struct Reachable {
    tasks: Vec<ItemId>,
    agents: Vec<ItemId>,
}

impl Reachable {
    fn from(db: &dyn Db, root: SourceFile) -> Self {
        let own = items(db, root).iter().copied();
        let mut open: Vec<ItemId> =
            own.clone().filter(|item| matches!(item.word(db), ItemWord::Flow | ItemWord::Agent)).collect();
        open.reverse();
        let mut seen: HashSet<ItemId> = open.iter().copied().collect();
        let mut found = Self { tasks: Vec::new(), agents: Vec::new() };
        while let Some(item) = open.pop() {
            match item.word(db) {
                ItemWord::Task => found.tasks.push(item),
                ItemWord::Agent => found.agents.push(item),
                _ => {}
            }
            let next = demands(db, item).reach.iter().copied();
            open.extend(next.filter(|item| seen.insert(*item)));
        }
        found
    }
}
