//! Calls: of tasks, which become steps; of flows, which are written out.
use flowc_base::Span;
use flowc_plan::{Expr, NodeKind, NodeRef, Ref, Step, Value};

use super::ROOT;
use super::flow::Lowerer;
use super::frame::{Frame, join};
use crate::hir::{self, BodyKind, Call, ExprKind, LocalId};

impl<'p> Lowerer<'p> {
    pub(super) fn step(&mut self, frame: &mut Frame<'p>, call: &'p Call, span: Span, label: &str) -> Expr {
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

    /// The nodes that names stand for and those that the whole body waits for, each once, in order.
    pub(super) fn after(&mut self, frame: &Frame<'_>, names: &[LocalId]) -> Vec<NodeRef> {
        let mut nodes = frame.after.clone();
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
    pub(super) fn flow(&mut self, frame: &mut Frame<'p>, call: &'p Call, span: Span, label: &str) -> Expr {
        let Some(body) = self.program.body(call.callee) else { return Expr::Const(Value::Unit) };
        let BodyKind::Flow { block, .. } = &body.kind else { return Expr::Const(Value::Unit) };
        let (at, site) = frame.places(span);
        let mut inner = self.frame(call.callee, body);
        inner.site = Some(site);
        inner.after = self.after(frame, &call.with.after);
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
