//! What an item touches in sum: of a task its footprint, of a flow those of all that it calls, with what is known of their arguments.
//! Whoever calls it knows no more of its body. It reports nothing.
use std::collections::BTreeSet;

use flowc_base::Name;
use flowc_plan::Value;

use super::pattern::{escaped, overlap};
use crate::check::body;
use crate::db::{Db, ItemId};
use crate::hir::{Action, Agent, BodyKind, Call, Expr, ExprKind, Footprint, LocalId, Output, TaskBody};

/// More patterns of one kind than this are the whole project.
const PATTERNS_MAX: usize = 64;

/// A pattern of paths in which parameters of its item may stand.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Piece {
    /// A part of the pattern.
    Text(Name),
    /// The parameter of that number.
    Param(u32),
    /// Something that is known when the step runs.
    Any,
}

impl Template {
    /// The pattern, where whatever is not known counts as `*`.
    pub(crate) fn pattern(&self) -> String {
        let parts = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.as_str(),
            Piece::Param(_) | Piece::Any => "*",
        });
        parts.collect()
    }

    /// The one path that it is, when nothing in it stands for anything else.
    pub(crate) fn path(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Piece::Text(text)] if super::pattern::is_path(text) => Some(text.trim_start_matches("./")),
            _ => None,
        }
    }

    /// Of a text in an item whose first locals are its parameters.
    fn of(text: &Expr, params: usize) -> Self {
        let parts = match &text.kind {
            ExprKind::Text(parts) => parts.as_slice(),
            _ => std::slice::from_ref(text),
        };
        Self(parts.iter().map(|part| piece(part, params, false)).collect())
    }

    fn with(&self, args: &[Piece]) -> Self {
        let mut pieces: Vec<Piece> = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            let piece = match piece {
                Piece::Param(number) => args.get(*number as usize).cloned().unwrap_or(Piece::Any),
                piece => piece.clone(),
            };
            match (pieces.last_mut(), piece) {
                (Some(Piece::Text(before)), Piece::Text(text)) => {
                    *before = Name::from(format!("{before}{text}"));
                }
                (_, piece) => pieces.push(piece),
            }
        }
        Self(pieces)
    }
}

/// What is known of a part of a pattern, or of an argument, which is a part of a path as it is.
fn piece(part: &Expr, params: usize, as_it_is: bool) -> Piece {
    match &part.kind {
        ExprKind::Const(Value::Text(text)) if as_it_is => Piece::Text(Name::from(escaped(text))),
        ExprKind::Const(Value::Text(text)) => Piece::Text(text.clone()),
        ExprKind::Const(Value::Int(number)) => Piece::Text(Name::from(number.to_string())),
        ExprKind::Const(Value::Bool(value)) => Piece::Text(Name::from(value.to_string())),
        ExprKind::Local(LocalId(number)) if (*number as usize) < params => Piece::Param(*number),
        _ => Piece::Any,
    }
}

/// What an item touches outside of directories of its steps' own.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Summary {
    /// What it reads.
    pub(crate) reads: BTreeSet<Template>,
    /// What it makes from scratch.
    pub(crate) writes: BTreeSet<Template>,
    /// What it reads and changes.
    pub(crate) edits: BTreeSet<Template>,
    /// What of it is taken as an output, and so is kept whatever becomes of the tree.
    pub(crate) kept: BTreeSet<Template>,
    /// It changes something outside.
    pub(crate) effect: bool,
    /// It asks an agent.
    pub(crate) asks: bool,
    /// It waits for a person.
    pub(crate) waits: bool,
}

impl Summary {
    /// Whether it touches anything outside; to ask or to wait does not.
    pub(crate) fn touches(&self) -> bool {
        self.effect || [&self.reads, &self.writes, &self.edits, &self.kept].iter().any(|set| !set.is_empty())
    }

    /// Whether it reads something that the pattern matches.
    pub(crate) fn reads(&self, pattern: &str) -> bool {
        any(&self.reads, pattern) || any(&self.edits, pattern)
    }

    /// Whether it changes something that the pattern matches.
    pub(crate) fn changes(&self, pattern: &str) -> bool {
        any(&self.writes, pattern) || any(&self.edits, pattern)
    }

    /// Whether an output is taken from something that the pattern matches.
    pub(crate) fn keeps(&self, pattern: &str) -> bool {
        any(&self.kept, pattern)
    }

    fn sets(&mut self) -> [&mut BTreeSet<Template>; 4] {
        [&mut self.reads, &mut self.writes, &mut self.edits, &mut self.kept]
    }

    fn add(&mut self, other: &Self, args: &[Piece]) {
        let others = [&other.reads, &other.writes, &other.edits, &other.kept];
        for (set, other) in self.sets().into_iter().zip(others) {
            set.extend(other.iter().map(|template| template.with(args)));
            if set.len() > PATTERNS_MAX {
                *set = BTreeSet::from([Template(vec![Piece::Text(Name::from("**"))])]);
            }
        }
        self.effect |= other.effect;
        self.asks |= other.asks;
        self.waits |= other.waits;
    }

    /// What is declared to be touched; the first `params` locals are parameters.
    fn declared(&mut self, footprint: &Footprint, params: usize) {
        let all = |patterns: &[Expr]| patterns.iter().map(|pattern| Template::of(pattern, params)).collect();
        self.reads = all(&footprint.reads);
        self.writes = all(&footprint.writes);
        self.edits = all(&footprint.edits);
        self.effect = footprint.effect.is_some();
    }
}

fn any(set: &BTreeSet<Template>, pattern: &str) -> bool {
    set.iter().any(|template| overlap(&template.pattern(), pattern))
}

/// The summary of a task, a flow or an agent; of anything else, and of what has an error, an empty one.
#[salsa::tracked(returns(ref), cycle_initial = nothing)]
pub(crate) fn summary(db: &dyn Db, item: ItemId) -> Summary {
    let mut found = Summary::default();
    let Some(body) = &body(db, item).body else { return found };
    let params = body.defaults.len();
    match &body.kind {
        BodyKind::Task(task) => of_task(db, task, params, &mut found),
        BodyKind::Agent(agent) => of_agent(db, agent, &mut found),
        BodyKind::Flow { block, .. } | BodyKind::Test(block) => {
            block.for_each_part(&mut |part| of_expr(db, part, params, &mut found));
        }
        BodyKind::Native(_) | BodyKind::Settings(_) => {}
    }
    found
}

/// Flows that call each other in a circle are reported; what they touch is found all the same.
fn nothing(_db: &dyn Db, _id: salsa::Id, _item: ItemId) -> Summary {
    Summary::default()
}

fn of_task(db: &dyn Db, task: &TaskBody, params: usize, found: &mut Summary) {
    if let Some(footprint) = &task.footprint {
        found.declared(footprint, params);
        if footprint.on_tree() {
            outputs(&task.output, params, &mut found.kept);
        }
    }
    if let Action::Ask(ask) = &task.action {
        found.asks = true;
        if let ExprKind::Agent(agent) = ask.agent.kind {
            found.add(summary(db, agent), &[]);
        }
    }
}

/// What an agent declares, with what it has `from` another.
fn of_agent(db: &dyn Db, agent: &Agent, found: &mut Summary) {
    if let Some(footprint) = &agent.footprint {
        found.declared(footprint, 0);
    }
    if let Some((base, _)) = agent.from {
        found.add(summary(db, base), &[]);
    }
}

fn outputs(output: &Output, params: usize, found: &mut BTreeSet<Template>) {
    match output {
        Output::Path { path, .. } => drop(found.insert(Template::of(path, params))),
        Output::Glob { pattern } => drop(found.insert(Template::of(pattern, params))),
        Output::Record(fields) => fields.iter().for_each(|(_, output)| outputs(output, params, found)),
        Output::Unit | Output::Stdout(_) | Output::Lines(_) => {}
    }
}

fn of_expr(db: &dyn Db, expr: &Expr, params: usize, found: &mut Summary) {
    if let Some(step) = of_step(db, expr, params) {
        found.add(
            &step,
            &(0..params).filter_map(|n| u32::try_from(n).ok()).map(Piece::Param).collect::<Vec<_>>(),
        );
    }
    expr.for_each_part(&mut |part| of_expr(db, part, params, found));
}

/// What a step touches by itself; `None` for what is no step.
pub(crate) fn of_step(db: &dyn Db, expr: &Expr, params: usize) -> Option<Summary> {
    let mut found = Summary::default();
    match &expr.kind {
        ExprKind::Step(call) | ExprKind::Flow(call) => {
            found.add(summary(db, call.callee), &arguments(db, call, params));
        }
        ExprKind::Ask(ask) => {
            found.asks = true;
            // Else any agent may be meant.
            if let ExprKind::Agent(agent) = ask.agent.kind {
                found.add(summary(db, agent), &[]);
            }
        }
        ExprKind::Approve { .. } => found.waits = true,
        _ => return None,
    }
    Some(found)
}

fn arguments(db: &dyn Db, call: &Call, params: usize) -> Vec<Piece> {
    let of_callee = || body(db, call.callee).body.as_ref();
    let arg = |(at, arg): (usize, &Option<Expr>)| match arg {
        Some(arg) => piece(arg, params, true),
        // A default sees no parameter.
        None => of_callee()
            .and_then(|body| body.defaults.get(at)?.as_ref())
            .map_or(Piece::Any, |default| piece(default, 0, true)),
    };
    call.args.iter().enumerate().map(arg).collect()
}

/// What a step does that a gate holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Touch {
    /// It asks an agent.
    pub(crate) asks: bool,
    /// It waits for a person.
    pub(crate) waits: bool,
    /// It changes the project's tree.
    pub(crate) writes: bool,
    /// It changes something outside.
    pub(crate) effect: bool,
}

impl Touch {
    /// Whether a gate holds it.
    pub(crate) fn is_held(self) -> bool {
        self != Self::default()
    }

    /// Whether something is another when it has run.
    pub(crate) fn changes(self) -> bool {
        self.writes || self.effect
    }

    fn or(self, other: Self) -> Self {
        Self {
            asks: self.asks | other.asks,
            waits: self.waits | other.waits,
            writes: self.writes | other.writes,
            effect: self.effect | other.effect,
        }
    }
}

/// What a call of a task or flow does, or an answer of an agent: of its summary what does not change with every pattern.
#[salsa::tracked(returns(copy))]
pub(crate) fn touch(db: &dyn Db, item: ItemId) -> Touch {
    let Summary { writes, edits, effect, asks, waits, .. } = summary(db, item);
    let writes = !(writes.is_empty() && edits.is_empty());
    Touch { asks: *asks, waits: *waits, writes, effect: *effect }
}

/// What all steps in an expression do.
pub(crate) fn touches(db: &dyn Db, expr: &Expr) -> Touch {
    let mut found = expr.callee().map(|callee| touch(db, callee)).unwrap_or_default();
    found.asks |= matches!(expr.kind, ExprKind::Ask(_));
    found.waits |= matches!(expr.kind, ExprKind::Approve { .. });
    expr.for_each_part(&mut |part| found = found.or(touches(db, part)));
    found
}
