//! What an item touches in sum: of a task its footprint, of a flow those of all that it calls, with what is known of their arguments.
//! Whoever calls it knows no more of its body. It reports nothing.
use std::collections::BTreeSet;

use flowc_base::Name;
use flowc_grammar::ast;
use flowc_plan::Value;

use super::pattern::{escaped, overlap};
use crate::check::body;
use crate::db::{Db, ItemId, ItemWord};
use crate::hir::{BodyKind, Call, Expr, ExprKind, LocalId, Output, TaskBody};
use crate::items::parse;
use crate::resolve::{Def, lookup};

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
}

impl Summary {
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
    }
}

fn any(set: &BTreeSet<Template>, pattern: &str) -> bool {
    set.iter().any(|template| overlap(&template.pattern(), pattern))
}

/// The summary of a task, a flow or an agent; of anything else an empty one.
#[salsa::tracked(returns(ref), cycle_initial = nothing)]
pub(crate) fn summary(db: &dyn Db, item: ItemId) -> Summary {
    let mut found = Summary::default();
    if item.word(db) == ItemWord::Agent {
        of_agent(db, item, &mut found);
        return found;
    }
    let Some(body) = &body(db, item).body else { return found };
    let params = body.defaults.len();
    match &body.kind {
        BodyKind::Task(task) => of_task(task, params, &mut found),
        BodyKind::Flow { block, .. } | BodyKind::Test(block) => {
            block.for_each_part(&mut |part| of_expr(db, part, params, &mut found));
        }
        BodyKind::Native(_) | BodyKind::Agent(_) | BodyKind::Settings(_) => {}
    }
    found
}

/// Flows that call each other in a circle are reported; what they touch is found all the same.
fn nothing(_db: &dyn Db, _id: salsa::Id, _item: ItemId) -> Summary {
    Summary::default()
}

fn of_task(task: &TaskBody, params: usize, found: &mut Summary) {
    let Some(footprint) = &task.footprint else { return };
    let all = |patterns: &[Expr]| patterns.iter().map(|pattern| Template::of(pattern, params)).collect();
    found.reads = all(&footprint.reads);
    found.writes = all(&footprint.writes);
    found.edits = all(&footprint.edits);
    found.effect = footprint.effect.is_some();
    if footprint.on_tree() {
        outputs(&task.output, params, &mut found.kept);
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
        ExprKind::Ask(ask) => match ask.agent.kind {
            ExprKind::Agent(agent) => found.add(summary(db, agent), &[]),
            // Any agent may be meant.
            _ => return None,
        },
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

/// What an agent declares, with what it has `from` another.
fn of_agent(db: &dyn Db, item: ItemId, found: &mut Summary) {
    let Some(ast::ItemKind::Agent(agent)) = parse(db, item).item.as_ref().map(|it| &it.kind) else { return };
    for clause in &agent.clauses {
        let texts = clause.args.iter().flat_map(|arg| match &arg.kind {
            ast::ExprKind::List(items) => items.iter().collect::<Vec<_>>(),
            _ => vec![arg],
        });
        let patterns = texts.filter_map(|arg| match &arg.kind {
            ast::ExprKind::Text(text) => Some(Template(vec![Piece::Text(Name::from(text.as_plain()?))])),
            _ => None,
        });
        match &*clause.word.name {
            "reads" => found.reads.extend(patterns),
            "writes" => found.writes.extend(patterns),
            "edits" => found.edits.extend(patterns),
            "effect" => found.effect = true,
            "from" => {
                if let Some(ast::ExprKind::Name(name)) = clause.args.first().map(|arg| &arg.kind)
                    && let Some(Def::Item(base)) = lookup(db, item.file(db), name.clone())
                    && base.word(db) == ItemWord::Agent
                {
                    found.add(summary(db, base), &[]);
                }
            }
            _ => {}
        }
    }
}
