//! What is decided during the run: `for`, `if`, `match` and the operators that may not need their right side. With steps in it each is a
//! node with regions, without it stays an expression.
use flowc_base::Span;
use flowc_plan::{Expr, NodeKind, Pattern, RegionId, Value};

use super::flow::Lowerer;
use super::frame::{Frame, RegionDraft};
use crate::hir::{self, Block, ExprKind, LocalId};

impl<'p> Lowerer<'p> {
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

    pub(super) fn push_here(&mut self, frame: &Frame<'p>, span: Span, label: &str, kind: NodeKind) -> Expr {
        let (at, site) = frame.places(span);
        self.push(at, site, label, kind)
    }

    pub(super) fn has_steps(&mut self, expr: &hir::Expr) -> bool {
        !self.pure && self.facts.has_steps(self.program, expr)
    }

    pub(super) fn branch_has_steps(&mut self, then: &Block, otherwise: Option<&Block>) -> bool {
        !self.pure
            && (self.facts.block_has_steps(self.program, then)
                || otherwise.is_some_and(|block| self.facts.block_has_steps(self.program, block)))
    }

    pub(super) fn arms_have_steps(&mut self, arms: &[hir::Arm]) -> bool {
        !self.pure && self.facts.arms_have_steps(self.program, arms)
    }

    /// A region inside the current one; labels in it start anew.
    pub(super) fn region(
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

    pub(super) fn for_node(&mut self, frame: &mut Frame<'p>, expr: &'p hir::Expr, label: &str) -> Expr {
        let ExprKind::For { var, list, cond, max, body } = &expr.kind else {
            return Expr::Const(Value::Unit);
        };
        let span = expr.span;
        let elements = self.expr(frame, list);
        let max = max.as_ref().map(|max| self.expr(frame, max));
        let reads = cond.as_ref().is_some_and(|cond| self.has_steps(cond));
        if !reads && !self.facts.block_has_steps(self.program, body) {
            // Only the list had steps.
            return self.pure_for(frame, *var, elements, cond.as_deref(), max, body);
        }
        let mut condition = None;
        let body = self.region(frame, |s, frame, region| {
            frame.bind_small(var.0 as usize, Expr::Element(region));
            // No tasks, as the checker sees to it, but it may read files: nodes that do not wait for the decision.
            condition = cond.as_ref().map(|cond| s.expr(frame, cond));
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
            // A program with patterns of outcomes cannot be run yet.
            hir::Pattern::Any | hir::Pattern::Variant { .. } => Pattern::Any,
            hir::Pattern::Equal(value) => Pattern::Equal(value.clone()),
            hir::Pattern::Bind(local) => Pattern::Bind(bind(self, local)),
            hir::Pattern::BindAny(local) => Pattern::BindAny(bind(self, local)),
            hir::Pattern::Or(all) => {
                Pattern::Or(all.iter().map(|pattern| self.pattern(frame, pattern, region)).collect())
            }
        }
    }
}
