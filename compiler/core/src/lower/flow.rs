//! Blocks and the names they bind; the state that all of lowering shares.
use std::collections::HashMap;

use flowc_base::{Name, Span};
use flowc_plan::{Expr, Node, NodeKind, NodeRef, RegionId, SourceKind, Task, Value};

use super::frame::{Bound, Frame, RegionDraft, SHALLOW, is_shallow, join};
use super::uses::Facts;
use super::{At, DEPTH_MAX, Given, Obstacle, Program, ROOT, SIZE_MAX, Types, fold, is_small};
use crate::db::ItemId;
use crate::hir::{self, Block, Body, BodyKind, ExprKind, LocalId, Stmt};

/// The state of lowering one flow.
pub(super) struct Lowerer<'p> {
    pub(super) program: &'p dyn Program,
    pub(super) facts: Facts,
    pub(super) types: Types,
    pub(super) tasks: Vec<Task>,
    pub(super) task_numbers: HashMap<ItemId, u32>,
    pub(super) regions: Vec<RegionDraft>,
    /// Set when the flow is more than a plan can hold: from then on nothing is done.
    pub(super) obstacle: Option<(At, Obstacle)>,
    /// Inside an expression that is evaluated as a whole, or not at all: no nodes.
    pub(super) pure: bool,
    /// Names bound in the pure block that is being lowered, in order.
    pub(super) lets: Vec<(u32, Expr)>,
    pub(super) current: RegionId,
    pub(super) sources: HashMap<(SourceKind, Name, Name), NodeRef>,
    locals: u32,
    size: usize,
    depth: usize,
}

impl<'p> Lowerer<'p> {
    pub(super) fn new(program: &'p dyn Program) -> Self {
        Self {
            program,
            facts: Facts::default(),
            types: Types::default(),
            tasks: Vec::new(),
            task_numbers: HashMap::new(),
            regions: vec![RegionDraft::new(None)],
            obstacle: None,
            pure: false,
            lets: Vec::new(),
            current: ROOT,
            sources: HashMap::new(),
            locals: 0,
            size: 0,
            depth: 0,
        }
    }

    pub(super) fn frame(&mut self, item: ItemId, body: &'p Body) -> Frame<'p> {
        let uses = self.facts.uses(item, body);
        let locals = std::iter::repeat_with(|| None).take(body.locals.len()).collect();
        Frame {
            item,
            locals,
            uses,
            body,
            prefix: String::new(),
            label: String::new(),
            site: None,
            after: Vec::new(),
        }
    }

    /// The flow itself: its parameters are nodes, so that what they are given stands in one place.
    pub(super) fn root(&mut self, flow: ItemId, given: Vec<Option<Given>>, base: &Name) -> Expr {
        let Some(body) = self.program.body(flow) else { return Expr::Const(Value::Unit) };
        let BodyKind::Flow { block, .. } = &body.kind else { return Expr::Const(Value::Unit) };
        let mut frame = self.frame(flow, body);
        let mut given = given.into_iter();
        for (at, default) in body.defaults.iter().enumerate() {
            let Some(local) = body.locals.get(at) else { continue };
            let place = (flow, local.span);
            let value = match (given.next().flatten(), default) {
                (Some(given), _) => self.given(place, &local.name, given, base),
                (None, Some(default)) => self.default(flow, body, default, &local.name),
                (None, None) => Expr::Const(Value::Unit),
            };
            // A source is a node already.
            let value = match value {
                Expr::Node(node) => Expr::Node(node),
                value => self.push(place, (flow, local.span), &local.name, NodeKind::Value(value)),
            };
            frame.bind_small(at, value);
        }
        self.block(&mut frame, block, "")
    }

    /// A default is lowered in the scope of the item that it belongs to, where no other parameter is known.
    pub(super) fn default(
        &mut self,
        item: ItemId,
        body: &'p Body,
        default: &'p hir::Expr,
        label: &str,
    ) -> Expr {
        let mut frame = self.frame(item, body);
        self.labelled(&mut frame, default, label)
    }

    /// A new node of the current region.
    pub(super) fn push(&mut self, at: At, site: At, label: &str, kind: NodeKind) -> Expr {
        self.grow(at, 1);
        let origin = self.program.origin(at);
        let current = self.current;
        let Some(region) = self.regions.get_mut(current.0 as usize) else { return Expr::Const(Value::Unit) };
        let node = u32::try_from(region.nodes.len()).unwrap_or(u32::MAX);
        let label = region.label(label);
        region.nodes.push(Node { label, origin, kind });
        region.places.push(site);
        Expr::Node(NodeRef { region: current, node })
    }

    /// Counts what the plan grows by; true when it may.
    pub(super) fn grow(&mut self, at: At, by: usize) -> bool {
        self.size += by;
        if self.size > SIZE_MAX && self.obstacle.is_none() {
            self.obstacle = Some((at, Obstacle::Size));
        }
        self.obstacle.is_none()
    }

    /// Does something one level deeper, unless that is too deep.
    pub(super) fn deeper(&mut self, at: At, inner: impl FnOnce(&mut Self) -> Expr) -> Expr {
        if self.depth >= DEPTH_MAX && self.obstacle.is_none() {
            self.obstacle = Some((at, Obstacle::Depth));
        }
        if !self.grow(at, 1) {
            return Expr::Const(Value::Unit);
        }
        self.depth += 1;
        let expr = inner(self);
        self.depth -= 1;
        expr
    }

    /// A number for a name that is bound inside an expression.
    pub(super) fn fresh(&mut self) -> u32 {
        self.locals += 1;
        self.locals - 1
    }

    /// Binds a name. What is used in several places and is more than a reference gets a place of its own: a node, or a name in its expression.
    pub(super) fn bind(
        &mut self,
        frame: &mut Frame<'p>,
        local: LocalId,
        value: Expr,
        span: Span,
        label: &str,
    ) {
        let once = frame.used_once(local);
        let bound = if is_small(&value) {
            Bound { expr: value, once: false }
        } else if self.pure && !(once && is_shallow(&value, SHALLOW)) {
            let number = self.fresh();
            self.lets.push((number, value));
            // Each stands around the rest of its block: a level of nesting. `wrapped` gives it back.
            self.depth += 1;
            Bound { expr: Expr::Local(number), once: false }
        } else if once && is_shallow(&value, SHALLOW) {
            Bound { expr: value, once }
        } else {
            let (at, site) = frame.places(span);
            Bound { expr: self.push(at, site, label, NodeKind::Value(value)), once: false }
        };
        if let Some(slot) = frame.locals.get_mut(local.0 as usize) {
            *slot = Some(bound);
        }
    }

    /// A block. Its value is labelled `label`; empty in a region means the region itself.
    pub(super) fn block(&mut self, frame: &mut Frame<'p>, block: &'p Block, label: &str) -> Expr {
        let outer_lets = std::mem::take(&mut self.lets);
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let { local, value } => {
                    let name =
                        frame.body.locals.get(local.0 as usize).map_or("", |local| local.name.as_str());
                    let label = join(&frame.prefix, name);
                    let expr = self.labelled(frame, value, &label);
                    self.bind(frame, *local, expr, value.span, &label);
                }
                Stmt::Expr(expr) => {
                    let label = frame.prefix.clone();
                    // For what it does: its value is nobody's.
                    self.within(frame, label, |s, frame| s.expr(frame, expr));
                }
                // See `Obstacle::Later`.
                Stmt::Gate(_)
                | Stmt::Assert(_)
                | Stmt::AssertIndependent(_)
                | Stmt::Break(_)
                | Stmt::Continue(_)
                | Stmt::Mock(_) => {}
            }
        }
        let value = match &block.value {
            Some(value) => self.labelled(frame, value, label),
            None => Expr::Const(Value::Unit),
        };
        self.wrapped(outer_lets, value)
    }

    /// Names bound since `outer` was put aside, around a value; the first outermost.
    pub(super) fn wrapped(&mut self, outer: Vec<(u32, Expr)>, value: Expr) -> Expr {
        let lets = std::mem::replace(&mut self.lets, outer);
        self.depth = self.depth.saturating_sub(lets.len());
        lets.into_iter().rev().fold(value, |body, (local, value)| Expr::Let {
            local,
            value: Box::new(value),
            body: Box::new(body),
        })
    }

    /// Something in it is labelled after `label`.
    pub(super) fn within(
        &mut self,
        frame: &mut Frame<'p>,
        label: String,
        inner: impl FnOnce(&mut Self, &mut Frame<'p>) -> Expr,
    ) -> Expr {
        let outer = std::mem::replace(&mut frame.label, label);
        let expr = inner(self, frame);
        frame.label = outer;
        expr
    }

    /// The value of a `let` or a block: when it is a step, that step's name is `label` and nothing more.
    pub(super) fn labelled(&mut self, frame: &mut Frame<'p>, value: &'p hir::Expr, label: &str) -> Expr {
        let at = (frame.item, value.span);
        match &value.kind {
            ExprKind::Step(_)
            | ExprKind::Flow(_)
            | ExprKind::For { .. }
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Coalesce(..)
            | ExprKind::Block(_) => self.deeper(at, |s| {
                s.within(frame, label.to_owned(), |s, frame| s.construct(frame, value, label))
            }),
            ExprKind::Source { kind, what } => self.read_source(frame, *kind, what, value.span, label),
            ExprKind::Cast(inner) => {
                let inner = self.deeper(at, |s| s.labelled(frame, inner, label));
                fold::cast(inner, self.types.lower(self.program, &value.ty))
            }
            _ => self.within(frame, label.to_owned(), |s, frame| s.expr(frame, value)),
        }
    }
}
