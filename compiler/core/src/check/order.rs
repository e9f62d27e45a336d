//! What the steps of one flow do to the same paths, in the order of the text: what is written twice and read never, what is read before
//! it is written, effects that would be kept. It sees of other items their summaries only.
use std::collections::HashSet;

use flowc_base::{Name, Span};
use flowc_plan::{Cache, SourceKind, Value};

use super::body;
use crate::db::{Anchor, Db, Diag, ItemId, Place, normalised};
use crate::diagnostics::footprints as f;
use crate::footprint::pattern::{escaped, overlap};
use crate::footprint::summary::{Summary, of_step};
use crate::hir::{Block, BodyKind, Expr, ExprKind, LocalId, Stmt};

/// More steps with a footprint in one flow than this are not compared with each other.
const STEPS_MAX: usize = 1_000;

/// What the order of a flow's steps says.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Order {
    /// What is wrong with it.
    pub(crate) diagnostics: Vec<Diag>,
    /// The files that are read where a step of the flow writes them.
    pub(crate) read: Vec<ReadOfWritten>,
}

/// A file that is read, and that a step of the flow may write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ReadOfWritten {
    /// Where its path is written.
    pub(crate) span: Span,
    /// The first step that writes it, when that stands further down; `None`: one above does.
    pub(crate) later: Option<(Span, Name)>,
}

/// Something that touches paths.
struct Event {
    what: What,
    span: Span,
    /// The constructs around it, outside first.
    around: Vec<Around>,
}

enum What {
    /// A step: how it is called, what it touches, and whether what it is given differs from round to round of a `for`.
    Step { name: Name, touches: Summary, varies: bool },
    /// `file(…)` and its like: the patterns that it may be, as [`Walk::places`] says.
    Read(Vec<String>),
    /// A person looks at the tree.
    Person,
}

/// A branch or a body, by the number of its construct.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Around {
    construct: usize,
    arm: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// One of several arms is taken.
    Branch,
    /// For each element.
    Each,
    /// Round after round.
    Round,
}

/// The order of the steps of a flow.
#[salsa::tracked(returns(ref))]
pub(crate) fn step_order(db: &dyn Db, item: ItemId) -> Order {
    let Some(of) = &body(db, item).body else { return Order::default() };
    let (BodyKind::Flow { block, .. } | BodyKind::Test(block)) = &of.kind else { return Order::default() };
    let mut walk = Walk {
        db,
        item,
        params: of.defaults.len(),
        events: Vec::new(),
        around: Vec::new(),
        constructs: 0,
        bound: HashSet::new(),
        found: Order::default(),
    };
    walk.block(block);
    let Walk { events, mut found, .. } = walk;
    let place = |span: Span| Place { anchor: Anchor::Item(item), span };
    if events.len() <= STEPS_MAX {
        found.diagnostics.extend(lost(&events, &place));
        reads(&events, &mut found.read);
    }
    found
}

struct Walk<'a> {
    db: &'a dyn Db,
    item: ItemId,
    params: usize,
    events: Vec<Event>,
    around: Vec<Around>,
    constructs: usize,
    /// Names that are bound inside a `for`, which may differ from element to element.
    bound: HashSet<LocalId>,
    found: Order,
}

impl Walk<'_> {
    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            if let Stmt::Let { local, .. } = stmt
                && self.around.iter().any(|around| around.kind == Kind::Each)
            {
                self.bound.insert(*local);
            }
            stmt.any_part(&mut |part| {
                self.expr(part);
                false
            });
        }
        block.value.iter().for_each(|value| self.expr(value));
    }

    fn inside(&mut self, arm: usize, kind: Kind, inner: impl FnOnce(&mut Self)) {
        self.around.push(Around { construct: self.constructs, arm, kind });
        inner(self);
        self.around.pop();
    }

    fn expr(&mut self, expr: &Expr) {
        self.constructs += 1;
        match &expr.kind {
            ExprKind::If { cond, then, otherwise } => {
                self.expr(cond);
                self.constructs += 1;
                let construct = self.constructs;
                self.inside(0, Kind::Branch, |walk| walk.block(then));
                if let Some(otherwise) = otherwise {
                    self.around.push(Around { construct, arm: 1, kind: Kind::Branch });
                    self.block(otherwise);
                    self.around.pop();
                }
            }
            ExprKind::Match { scrutinee, arms } => {
                self.expr(scrutinee);
                self.constructs += 1;
                let construct = self.constructs;
                for (arm, of) in arms.iter().enumerate() {
                    self.around.push(Around { construct, arm, kind: Kind::Branch });
                    self.expr(&of.value);
                    self.around.pop();
                }
            }
            ExprKind::Else { step, otherwise } => {
                self.expr(step);
                self.constructs += 1;
                self.inside(1, Kind::Branch, |walk| walk.expr(otherwise));
            }
            ExprKind::For { var, list, body, .. } => {
                self.expr(list);
                self.constructs += 1;
                self.bound.insert(*var);
                self.inside(0, Kind::Each, |walk| walk.block(body));
            }
            ExprKind::Reduce { left, right, list, body } => {
                self.expr(list);
                self.constructs += 1;
                self.bound.extend([*left, *right]);
                self.inside(0, Kind::Each, |walk| walk.block(body));
            }
            ExprKind::Loop { first, body, .. } => {
                self.expr(first);
                self.constructs += 1;
                self.inside(0, Kind::Round, |walk| walk.block(body));
            }
            ExprKind::Block(block) => self.block(block),
            _ => {
                expr.for_each_part(&mut |part| self.expr(part));
                self.event(expr);
            }
        }
    }

    fn event(&mut self, expr: &Expr) {
        let what = match &expr.kind {
            ExprKind::Source { kind, what } if *kind != SourceKind::Env => {
                let patterns = match &what.kind {
                    ExprKind::Const(Value::Text(path)) => self.places(path, *kind),
                    _ => vec!["**".to_owned()],
                };
                self.push(what.span, What::Read(patterns));
                return;
            }
            ExprKind::Approve { .. } => What::Person,
            _ => {
                let Some(touches) = of_step(self.db, expr, self.params) else { return };
                // Whoever touches something is known by its name.
                let Some(callee) = expr.callee().filter(|_| touches.touches()) else { return };
                let name = callee.name(self.db).clone();
                let kept = match &expr.kind {
                    ExprKind::Step(call) | ExprKind::Flow(call) => call.with.cache.as_ref(),
                    ExprKind::Ask(ask) => ask.with.cache.as_ref(),
                    _ => None,
                };
                if touches.effect
                    && let Some(Cache::Forever | Cache::For(_)) = kept
                {
                    let place = Place { anchor: Anchor::Item(self.item), span: expr.span };
                    self.found.diagnostics.push(f::effect_step_cached(place, &name));
                }
                let mut varies = false;
                expr.for_each_part(&mut |part| varies |= self.mentions_bound(part));
                What::Step { name, touches, varies }
            }
        };
        self.push(expr.span, what);
    }

    /// A path that starts at the source file, as it may be called from the project's root: that is somewhere above the source file, and not
    /// known here.
    fn places(&self, path: &str, kind: SourceKind) -> Vec<String> {
        let file = self.item.file(self.db).path(self.db);
        let whole = normalised(&file.parent().unwrap_or(file).join(path));
        let parts: Vec<String> = whole
            .components()
            .filter_map(|part| match part {
                std::path::Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
                _ => None,
            })
            .collect();
        let written = path.split('/').filter(|part| !matches!(*part, "" | "." | "..")).count();
        let last = parts.len().saturating_sub(written.max(1));
        (0..=last)
            .filter_map(|from| parts.get(from..))
            .map(|parts| match kind {
                SourceKind::Glob => parts.join("/"),
                SourceKind::Dir => format!("{}/**", escaped(&parts.join("/"))),
                _ => escaped(&parts.join("/")),
            })
            .collect()
    }

    fn mentions_bound(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, ExprKind::Local(local) if self.bound.contains(local))
            || expr.any_part(&mut |part| self.mentions_bound(part))
    }

    fn push(&mut self, span: Span, what: What) {
        self.events.push(Event { what, span, around: self.around.clone() });
    }
}

impl Event {
    /// Whether both may happen in one run.
    fn beside(&self, other: &Self) -> bool {
        !self.around.iter().any(|a| {
            a.kind == Kind::Branch
                && other.around.iter().any(|b| a.construct == b.construct && a.arm != b.arm)
        })
    }

    /// Whether this happens whenever the other does.
    fn follows(&self, other: &Self) -> bool {
        other.around.starts_with(&self.around)
    }

    fn reads(&self, path: &str) -> bool {
        match &self.what {
            What::Step { touches, .. } => touches.reads(path),
            What::Read(patterns) => patterns.iter().any(|pattern| overlap(pattern, path)),
            What::Person => true,
        }
    }
}

/// Paths that a step writes and a later one writes again, or each element of a `for`, before anything reads them.
fn lost(events: &[Event], place: &dyn Fn(Span) -> Place) -> Vec<Diag> {
    let mut found = Vec::new();
    for (at, event) in events.iter().enumerate() {
        let What::Step { name, touches, varies } = &event.what else { continue };
        for path in touches.writes.iter().filter_map(|template| template.path()) {
            let pattern = escaped(path);
            if touches.keeps(&pattern) || touches.reads(&pattern) {
                continue;
            }
            let each = event.around.iter().rev().find(|around| around.kind != Kind::Branch);
            let read_inside = each.is_some_and(|each| {
                events.iter().any(|other| other.around.contains(each) && other.reads(&pattern))
            });
            if read_inside {
                continue;
            }
            let next = events[at + 1..].iter().filter(|other| other.beside(event)).find_map(|other| {
                if other.reads(&pattern) {
                    return Some(None);
                }
                match &other.what {
                    What::Step { name, touches, .. }
                        if other.follows(event) && touches.writes.iter().any(|t| t.path() == Some(path)) =>
                    {
                        Some(Some((other.span, name)))
                    }
                    _ => None,
                }
            });
            if let Some(Some((again, by))) = next {
                found.push(f::two_writers(place(event.span), name, path, (place(again), by)));
            } else if let Some(Around { kind: Kind::Each, .. }) = each
                && *varies
            {
                found.push(f::written_by_each(place(event.span), name, path));
            }
        }
    }
    found
}

fn reads(events: &[Event], found: &mut Vec<ReadOfWritten>) {
    for (at, event) in events.iter().enumerate() {
        let What::Read(patterns) = &event.what else { continue };
        let writer = |other: &&Event| match &other.what {
            What::Step { touches, .. } => {
                other.beside(event) && patterns.iter().any(|pattern| touches.changes(pattern))
            }
            _ => false,
        };
        if events[..at].iter().any(|other| writer(&other)) {
            found.push(ReadOfWritten { span: event.span, later: None });
        } else if let Some(Event { what: What::Step { name, .. }, span, .. }) =
            events[at + 1..].iter().find(writer)
        {
            found.push(ReadOfWritten { span: event.span, later: Some((*span, name.clone())) });
        }
    }
}
