//! Flows: blocks, steps and the constructs that are decided during the run, as nodes of regions.
use std::collections::HashMap;
use std::rc::Rc;

use flowc_base::{Name, Span};
use flowc_plan::{
    Expr, Node, NodeKind, NodeRef, Pattern, Ref, RegionId, Source, SourceKind, Step, Task, Value,
};

use super::uses::Facts;
use super::{At, DEPTH_MAX, Given, Program, ROOT, SIZE_MAX, TooMuch, Types, is_small};
use crate::db::ItemId;
use crate::hir::{self, Block, Body, BodyKind, Call, ExprKind, LocalId, Stmt};

/// A region that is being filled.
pub(super) struct RegionDraft {
    pub(super) parent: Option<RegionId>,
    pub(super) nodes: Vec<Node>,
    /// Of each node the place in the flow that is lowered that it comes from: the call, where it is in a sub-flow.
    pub(super) places: Vec<At>,
    pub(super) result: Expr,
    /// How often each label is taken.
    labels: HashMap<Name, u32>,
}

/// What a name stands for.
struct Bound {
    expr: Expr,
    /// Used in one place only: its expression can move there.
    once: bool,
}

/// A body that is being lowered, once for each call of a flow.
pub(super) struct Frame<'p> {
    item: ItemId,
    locals: Vec<Option<Bound>>,
    uses: Rc<[u8]>,
    body: &'p Body,
    /// What labels of this body begin with, in the current region: empty, or the `let` that its call stands in.
    prefix: String,
    /// The `let` that is being lowered, with the prefix.
    label: String,
    /// Where in the flow that is lowered the call of this one stands; `None` for that flow itself.
    site: Option<At>,
}

impl Frame<'_> {
    pub(super) fn bind_small(&mut self, local: usize, expr: Expr) {
        if let Some(slot) = self.locals.get_mut(local) {
            *slot = Some(Bound { expr, once: false });
        }
    }

    /// What a name stands for. Checked bodies use no name before it is bound.
    pub(super) fn read(&mut self, local: LocalId) -> Expr {
        match self.locals.get_mut(local.0 as usize) {
            Some(Some(bound)) if bound.once => std::mem::replace(&mut bound.expr, Expr::Const(Value::Unit)),
            Some(Some(bound)) => bound.expr.clone(),
            _ => Expr::Const(Value::Unit),
        }
    }

    pub(super) fn used_once(&self, local: LocalId) -> bool {
        self.uses.get(local.0 as usize).is_none_or(|uses| *uses < 2)
    }

    pub(super) fn item(&self) -> ItemId {
        self.item
    }
}

/// The state of lowering one flow.
pub(super) struct Lowerer<'p> {
    pub(super) program: &'p dyn Program,
    pub(super) facts: Facts,
    pub(super) types: Types,
    pub(super) tasks: Vec<Task>,
    pub(super) task_numbers: HashMap<ItemId, u32>,
    pub(super) regions: Vec<RegionDraft>,
    /// Set when the flow is more than a plan can hold: from then on nothing is done.
    pub(super) too_much: Option<(At, TooMuch)>,
    /// Inside an expression that is evaluated as a whole, or not at all: no nodes.
    pub(super) pure: bool,
    /// Names bound in the pure block that is being lowered, in order.
    pub(super) lets: Vec<(u32, Expr)>,
    current: RegionId,
    sources: HashMap<(SourceKind, Name, Name), NodeRef>,
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
            too_much: None,
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
        Frame { item, locals, uses, body, prefix: String::new(), label: String::new(), site: None }
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
    fn default(&mut self, item: ItemId, body: &'p Body, default: &'p hir::Expr, label: &str) -> Expr {
        let mut frame = self.frame(item, body);
        self.labelled(&mut frame, default, label)
    }

    fn given(&mut self, place: At, label: &Name, given: Given, base: &Name) -> Expr {
        match given {
            Given::Value(value) => Expr::Const(value),
            Given::Path(kind, path) => self.source(place, place, label, kind, path, base.clone()),
            Given::List(items) => {
                let item = |(at, item)| self.given(place, &Name::from(format!("{label}[{at}]")), item, base);
                super::fold::list(items.into_iter().enumerate().map(item).collect())
            }
            Given::Record(fields) => super::fold::record(
                fields
                    .into_iter()
                    .map(|(name, value)| {
                        let value = self.given(place, &Name::from(format!("{label}.{name}")), value, base);
                        (name, value)
                    })
                    .collect(),
            ),
        }
    }

    /// What is read from a constant path is read when the run starts, once, whoever uses it.
    fn source(&mut self, at: At, site: At, label: &str, kind: SourceKind, what: Name, base: Name) -> Expr {
        // The environment is the same everywhere.
        let base = if kind == SourceKind::Env { Name::from("/") } else { base };
        let key = (kind, what.clone(), base.clone());
        if let Some(node) = self.sources.get(&key) {
            return Expr::Node(*node);
        }
        let source = Source { kind, what: Expr::Const(Value::Text(what)), base };
        let inner = std::mem::replace(&mut self.current, ROOT);
        let node = self.push(at, site, label, NodeKind::Source(source));
        self.current = inner;
        if let Expr::Node(node) = node {
            self.sources.insert(key, node);
        }
        node
    }

    /// `file(…)` and its like.
    pub(super) fn read_source(
        &mut self,
        frame: &mut Frame<'p>,
        kind: SourceKind,
        what: Expr,
        span: Span,
        label: &str,
    ) -> Expr {
        let base = self.program.base(frame.item);
        let (at, site) = Self::places(frame, span);
        match what {
            Expr::Const(Value::Text(what)) => {
                let label = if label.is_empty() { what.as_str() } else { label };
                self.source(at, site, label, kind, what.clone(), base)
            }
            // In a pure expression its path is constant: the checker and `has_steps` see to it.
            what => self.push(at, site, label, NodeKind::Source(Source { kind, what, base })),
        }
    }

    /// Where something stands, and where that is in the flow that is lowered.
    fn places(frame: &Frame<'_>, span: Span) -> (At, At) {
        let at = (frame.item, span);
        (at, frame.site.unwrap_or(at))
    }

    /// A new node of the current region.
    fn push(&mut self, at: At, site: At, label: &str, kind: NodeKind) -> Expr {
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
        if self.size > SIZE_MAX && self.too_much.is_none() {
            self.too_much = Some((at, TooMuch::Size));
        }
        self.too_much.is_none()
    }

    /// Does something one level deeper, unless that is too deep.
    pub(super) fn deeper(&mut self, at: At, inner: impl FnOnce(&mut Self) -> Expr) -> Expr {
        if self.depth >= DEPTH_MAX && self.too_much.is_none() {
            self.too_much = Some((at, TooMuch::Depth));
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
            let (at, site) = Self::places(frame, span);
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
    fn within(
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
    fn labelled(&mut self, frame: &mut Frame<'p>, value: &'p hir::Expr, label: &str) -> Expr {
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
            ExprKind::Source { kind, what } => {
                let what = self.expr(frame, what);
                self.read_source(frame, *kind, what, value.span, label)
            }
            ExprKind::Cast(inner) => {
                let inner = self.deeper(at, |s| s.labelled(frame, inner, label));
                super::fold::cast(inner, self.types.lower(self.program, &value.ty))
            }
            _ => self.within(frame, label.to_owned(), |s, frame| s.expr(frame, value)),
        }
    }

    /// What is a node, or may be one when there are steps in it.
    pub(super) fn construct(&mut self, frame: &mut Frame<'p>, expr: &'p hir::Expr, label: &str) -> Expr {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Step(call) => self.step(frame, call, span, label),
            ExprKind::Flow(call) => self.flow(frame, call, span, label),
            ExprKind::Block(block) => self.block(frame, block, label),
            ExprKind::For { .. } if self.has_steps(expr) => self.for_node(frame, expr, label),
            ExprKind::If { cond, then, otherwise } if self.branch_has_steps(then, otherwise.as_ref()) => {
                let cond = self.expr(frame, cond);
                // What is decided already, by an argument of a sub-flow, is no branch.
                if let Expr::Const(Value::Bool(taken)) = cond {
                    return match (taken, otherwise) {
                        (true, _) => self.block(frame, then, label),
                        (false, Some(block)) => self.block(frame, block, label),
                        (false, None) => Expr::Const(Value::Unit),
                    };
                }
                let then = self.region(frame, |s, frame, _| s.block(frame, then, ""));
                let otherwise = self.region(frame, |s, frame, _| match otherwise {
                    Some(block) => s.block(frame, block, ""),
                    None => Expr::Const(Value::Unit),
                });
                self.push_here(frame, span, label, NodeKind::If { cond, then, otherwise })
            }
            ExprKind::Match { scrutinee, arms } if self.arms_have_steps(arms) => {
                let scrutinee = self.expr(frame, scrutinee);
                let arms = arms
                    .iter()
                    .map(|arm| {
                        let mut pattern = Pattern::Any;
                        let region = self.region(frame, |s, frame, region| {
                            pattern = s.pattern(frame, &arm.pattern, Some(region));
                            s.labelled(frame, &arm.value, "")
                        });
                        (pattern, region)
                    })
                    .collect();
                self.push_here(frame, span, label, NodeKind::Match { scrutinee, arms })
            }
            ExprKind::And(a, b) if self.has_steps(b) => {
                let cond = self.expr(frame, a);
                let then = self.region(frame, |s, frame, _| s.labelled(frame, b, ""));
                let otherwise = self.region(frame, |_, _, _| Expr::Const(Value::Bool(false)));
                self.push_here(frame, span, label, NodeKind::If { cond, then, otherwise })
            }
            ExprKind::Or(a, b) if self.has_steps(b) => {
                let cond = self.expr(frame, a);
                let then = self.region(frame, |_, _, _| Expr::Const(Value::Bool(true)));
                let otherwise = self.region(frame, |s, frame, _| s.labelled(frame, b, ""));
                self.push_here(frame, span, label, NodeKind::If { cond, then, otherwise })
            }
            ExprKind::Coalesce(a, b) if self.has_steps(b) => {
                let scrutinee = self.expr(frame, a);
                let number = self.fresh();
                let there = self.region(frame, |_, _, region| Expr::Element(region));
                let absent = self.region(frame, |s, frame, _| s.labelled(frame, b, ""));
                let arms = vec![(Pattern::Bind(number), there), (Pattern::Any, absent)];
                self.push_here(frame, span, label, NodeKind::Match { scrutinee, arms })
            }
            _ => self.pure_expr(frame, expr),
        }
    }

    fn push_here(&mut self, frame: &Frame<'p>, span: Span, label: &str, kind: NodeKind) -> Expr {
        let (at, site) = Self::places(frame, span);
        self.push(at, site, label, kind)
    }

    fn has_steps(&mut self, expr: &hir::Expr) -> bool {
        !self.pure && self.facts.has_steps(self.program, expr)
    }

    fn branch_has_steps(&mut self, then: &Block, otherwise: Option<&Block>) -> bool {
        !self.pure
            && (self.facts.block_has_steps(self.program, then)
                || otherwise.is_some_and(|block| self.facts.block_has_steps(self.program, block)))
    }

    fn arms_have_steps(&mut self, arms: &[hir::Arm]) -> bool {
        !self.pure && self.facts.arms_have_steps(self.program, arms)
    }

    /// A region inside the current one; labels in it start anew.
    fn region(
        &mut self,
        frame: &mut Frame<'p>,
        inner: impl FnOnce(&mut Self, &mut Frame<'p>, RegionId) -> Expr,
    ) -> RegionId {
        let id = RegionId(u32::try_from(self.regions.len()).unwrap_or(u32::MAX));
        self.regions.push(RegionDraft::new(Some(self.current)));
        let outer = std::mem::replace(&mut self.current, id);
        let prefix = std::mem::take(&mut frame.prefix);
        let label = std::mem::take(&mut frame.label);
        let result = inner(self, frame, id);
        (frame.prefix, frame.label) = (prefix, label);
        self.current = outer;
        if let Some(region) = self.regions.get_mut(id.0 as usize) {
            region.result = result;
        }
        id
    }

    fn for_node(&mut self, frame: &mut Frame<'p>, expr: &'p hir::Expr, label: &str) -> Expr {
        let ExprKind::For { var, list, cond, max, body } = &expr.kind else {
            return Expr::Const(Value::Unit);
        };
        let span = expr.span;
        let elements = self.expr(frame, list);
        let max = max.as_ref().map(|max| self.expr(frame, max));
        // The checker sees to it that there are no steps in conditions.
        if !self.facts.block_has_steps(self.program, body) {
            // Only the list had steps.
            return self.pure_for(frame, *var, elements, cond.as_deref(), max, body);
        }
        let mut condition = None;
        let body = self.region(frame, |s, frame, region| {
            frame.bind_small(var.0 as usize, Expr::Element(region));
            condition = cond.as_ref().map(|cond| s.pure(|s| s.expr(frame, cond)));
            s.block(frame, body, "")
        });
        self.push_here(frame, span, label, NodeKind::For { list: elements, cond: condition, max, body })
    }

    /// Everything in it stays one expression.
    pub(super) fn pure(&mut self, inner: impl FnOnce(&mut Self) -> Expr) -> Expr {
        let outer = std::mem::replace(&mut self.pure, true);
        let expr = inner(self);
        self.pure = outer;
        expr
    }

    /// A pattern. In a region (`Some`) the value that it binds is the region's element, otherwise a name in the expression.
    pub(super) fn pattern(
        &mut self,
        frame: &mut Frame<'p>,
        pattern: &hir::Pattern,
        region: Option<RegionId>,
    ) -> Pattern {
        let mut bind = |s: &mut Self, local: &LocalId| {
            let number = s.fresh();
            let value = region.map_or(Expr::Local(number), Expr::Element);
            frame.bind_small(local.0 as usize, value);
            number
        };
        match pattern {
            hir::Pattern::Any => Pattern::Any,
            hir::Pattern::Equal(value) => Pattern::Equal(value.clone()),
            hir::Pattern::Bind(local) => Pattern::Bind(bind(self, local)),
            hir::Pattern::BindAny(local) => Pattern::BindAny(bind(self, local)),
            hir::Pattern::Or(all) => {
                Pattern::Or(all.iter().map(|pattern| self.pattern(frame, pattern, region)).collect())
            }
        }
    }

    fn step(&mut self, frame: &mut Frame<'p>, call: &'p Call, span: Span, label: &str) -> Expr {
        let mut args = Vec::with_capacity(call.args.len());
        let callee = self.program.body(call.callee);
        for (at, arg) in call.args.iter().enumerate() {
            args.push(match (arg, callee) {
                (Some(arg), _) => self.expr(frame, arg),
                (None, Some(body)) => match body.defaults.get(at) {
                    Some(Some(default)) => self.default(call.callee, body, default, &frame.label),
                    _ => Expr::Const(Value::None),
                },
                (None, None) => Expr::Const(Value::None),
            });
        }
        let with = &call.with;
        let timeout = with.timeout.as_ref().map(|e| self.expr(frame, e));
        let sample = with.sample.as_ref().map(|e| self.expr(frame, e));
        let after = self.after(frame, &with.after);
        let task = self.task(call.callee);
        let label = match &with.name {
            Some(name) => join(&frame.prefix, name),
            None if label.is_empty() && self.current == ROOT => {
                self.program.name(call.callee).as_str().to_owned()
            }
            None => label.to_owned(),
        };
        let step = Step { task, args, timeout, cache: with.cache, sample, after };
        self.push_here(frame, span, &label, NodeKind::Step(step))
    }

    /// The nodes that names stand for, each once, in order.
    fn after(&mut self, frame: &Frame<'_>, names: &[LocalId]) -> Vec<NodeRef> {
        let mut nodes = Vec::new();
        for local in names {
            if let Some(Some(bound)) = frame.locals.get(local.0 as usize) {
                bound.expr.for_each_ref(&mut |r| {
                    if let Ref::Node(node) = r {
                        nodes.push(node);
                    }
                });
            }
        }
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// A call of a flow is written out.
    fn flow(&mut self, frame: &mut Frame<'p>, call: &'p Call, span: Span, label: &str) -> Expr {
        let Some(body) = self.program.body(call.callee) else { return Expr::Const(Value::Unit) };
        let BodyKind::Flow { block, .. } = &body.kind else { return Expr::Const(Value::Unit) };
        let (at, site) = Self::places(frame, span);
        let mut inner = self.frame(call.callee, body);
        inner.site = Some(site);
        inner.prefix = match &call.with.name {
            Some(name) => join(&frame.prefix, name),
            None if label.is_empty() && self.current == ROOT => {
                self.program.name(call.callee).as_str().to_owned()
            }
            None => label.to_owned(),
        };
        let outer_lets = std::mem::take(&mut self.lets);
        for (index, arg) in call.args.iter().enumerate() {
            let value = match (arg, body.defaults.get(index)) {
                (Some(arg), _) => self.expr(frame, arg),
                (None, Some(Some(default))) => self.default(call.callee, body, default, &frame.label),
                (None, _) => Expr::Const(Value::None),
            };
            let Some(local) = body.locals.get(index) else { continue };
            let id = LocalId(u32::try_from(index).unwrap_or(u32::MAX));
            let label = join(&inner.prefix, &local.name);
            self.bind(&mut inner, id, value, local.span, &label);
        }
        let prefix = inner.prefix.clone();
        let value = self.deeper(at, |s| s.block(&mut inner, block, &prefix));
        self.wrapped(outer_lets, value)
    }

    /// The label of a step inside another expression: the `let` and what is called.
    pub(super) fn nested_label(&self, frame: &Frame<'p>, expr: &hir::Expr) -> String {
        match &expr.kind {
            ExprKind::Step(call) | ExprKind::Flow(call) => {
                join(&frame.label, &self.program.name(call.callee))
            }
            ExprKind::For { .. } => join(&frame.label, "for"),
            ExprKind::Match { .. } => join(&frame.label, "match"),
            ExprKind::If { .. } => join(&frame.label, "if"),
            _ => frame.label.clone(),
        }
    }
}

impl RegionDraft {
    fn new(parent: Option<RegionId>) -> Self {
        Self {
            parent,
            nodes: Vec::new(),
            places: Vec::new(),
            result: Expr::Const(Value::Unit),
            labels: HashMap::new(),
        }
    }

    /// The label, with a number where it is taken.
    fn label(&mut self, label: &str) -> Name {
        let name = Name::from(label);
        let taken = self.labels.entry(name.clone()).or_insert(0);
        *taken += 1;
        if *taken == 1 { name } else { Name::from(format!("{label}#{taken}")) }
    }
}

/// How many expressions within each other a `let` may put into its user.
const SHALLOW: u32 = 16;

fn is_shallow(expr: &Expr, limit: u32) -> bool {
    let Some(limit) = limit.checked_sub(1) else { return false };
    let all = |items: &[Expr]| items.iter().all(|item| is_shallow(item, limit));
    match expr {
        Expr::Const(_) | Expr::Node(_) | Expr::Element(_) | Expr::Arg(_) | Expr::Local(_) => true,
        Expr::Field(a, _) | Expr::Not(a) | Expr::Neg(a) | Expr::Cast(a, _) => is_shallow(a, limit),
        Expr::Index(a, b)
        | Expr::Binary(_, a, b)
        | Expr::And(a, b)
        | Expr::Or(a, b)
        | Expr::Coalesce(a, b)
        | Expr::Let { value: a, body: b, .. } => is_shallow(a, limit) && is_shallow(b, limit),
        Expr::Native { args, .. } | Expr::List(args) | Expr::Text(args) => all(args),
        Expr::Record(fields) => fields.iter().all(|(_, value)| is_shallow(value, limit)),
        Expr::If(a, b, c) => [a, b, c].into_iter().all(|e| is_shallow(e, limit)),
        Expr::Match { scrutinee, arms } => {
            is_shallow(scrutinee, limit) && arms.iter().all(|(_, value)| is_shallow(value, limit))
        }
        Expr::For { list, cond, max, body, .. } => {
            [list, body].into_iter().chain(cond).chain(max).all(|e| is_shallow(e, limit))
        }
    }
}

/// `report.page`; an empty side leaves the other.
fn join(prefix: &str, name: &str) -> String {
    match (prefix, name) {
        ("", name) => name.to_owned(),
        (prefix, "") => prefix.to_owned(),
        _ => format!("{prefix}.{name}"),
    }
}
