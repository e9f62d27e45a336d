//! Expressions. What has no step in it stays one expression inside its user; what has becomes a node, and its users refer to it.
use flowc_plan::{BinaryOp, Expr};

use super::flow::Lowerer;
use super::fold;
use super::frame::Frame;
use crate::hir::{self, Block, ExprKind, LocalId};

impl<'p> Lowerer<'p> {
    /// Any expression.
    pub(super) fn expr(&mut self, frame: &mut Frame<'p>, expr: &'p hir::Expr) -> Expr {
        let at = (frame.item(), expr.span);
        self.deeper(at, |s| match &expr.kind {
            ExprKind::Step(_)
            | ExprKind::Flow(_)
            | ExprKind::For { .. }
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Coalesce(..)
            | ExprKind::Block(_) => {
                let label = s.nested_label(frame, expr);
                s.construct(frame, expr, &label)
            }
            _ => s.pure_expr(frame, expr),
        })
    }

    fn all(&mut self, frame: &mut Frame<'p>, exprs: &'p [hir::Expr]) -> Vec<Expr> {
        exprs.iter().map(|expr| self.expr(frame, expr)).collect()
    }

    fn boxed(&mut self, frame: &mut Frame<'p>, expr: &'p hir::Expr) -> Box<Expr> {
        Box::new(self.expr(frame, expr))
    }

    /// An expression that is none of the constructs, or one without steps where it is decided what is evaluated.
    pub(super) fn pure_expr(&mut self, frame: &mut Frame<'p>, expr: &'p hir::Expr) -> Expr {
        match &expr.kind {
            ExprKind::Const(value) => Expr::Const(value.clone()),
            ExprKind::Local(local) => frame.read(*local),
            ExprKind::Field(base, name) => {
                let base = self.expr(frame, base);
                fold::field(base, name)
            }
            ExprKind::Index(base, index) => Expr::Index(self.boxed(frame, base), self.boxed(frame, index)),
            ExprKind::Native { name, args } => {
                Expr::Native { name: name.clone(), args: self.all(frame, args) }
            }
            ExprKind::Source { kind, what } => self.read_source(frame, *kind, what, expr.span, ""),
            ExprKind::Not(a) => Expr::Not(self.boxed(frame, a)),
            ExprKind::Neg(a) => {
                let operand = self.expr(frame, a);
                fold::neg(operand)
            }
            ExprKind::Binary(op, a, b) => self.binary(frame, *op, a, b),
            ExprKind::And(a, b) => Expr::And(self.boxed(frame, a), Box::new(self.lazy(frame, b))),
            ExprKind::Or(a, b) => Expr::Or(self.boxed(frame, a), Box::new(self.lazy(frame, b))),
            ExprKind::Coalesce(a, b) => Expr::Coalesce(self.boxed(frame, a), Box::new(self.lazy(frame, b))),
            ExprKind::List(items) => fold::list(self.all(frame, items)),
            ExprKind::Record(fields) => fold::record(
                fields.iter().map(|(name, value)| (name.clone(), self.expr(frame, value))).collect(),
            ),
            ExprKind::Text(parts) => fold::text(self.all(frame, parts)),
            ExprKind::If { cond, then, otherwise } => {
                let cond = self.boxed(frame, cond);
                let then = self.pure_block(frame, then);
                let otherwise = match otherwise {
                    Some(block) => self.pure_block(frame, block),
                    None => Expr::Const(flowc_plan::Value::Unit),
                };
                Expr::If(cond, Box::new(then), Box::new(otherwise))
            }
            ExprKind::Match { scrutinee, arms } => {
                let scrutinee = self.boxed(frame, scrutinee);
                let arms = arms
                    .iter()
                    .map(|arm| {
                        let pattern = self.pattern(frame, &arm.pattern, None);
                        (pattern, self.lazy(frame, &arm.value))
                    })
                    .collect();
                Expr::Match { scrutinee, arms }
            }
            ExprKind::For { var, list, cond, max, body } => {
                let list = self.expr(frame, list);
                let max = max.as_ref().map(|max| self.expr(frame, max));
                self.pure_for(frame, *var, list, cond.as_deref(), max, body)
            }
            ExprKind::Cast(inner) => {
                let inner = self.expr(frame, inner);
                fold::cast(inner, self.types.lower(self.program, &expr.ty))
            }
            ExprKind::Step(_) | ExprKind::Flow(_) | ExprKind::Block(_) => self.construct(frame, expr, ""),
            // A program with errors is never lowered, nor one that uses what cannot be run yet.
            ExprKind::Agent(_)
            | ExprKind::Secret(_)
            | ExprKind::Ask(_)
            | ExprKind::Approve { .. }
            | ExprKind::Reduce { .. }
            | ExprKind::Loop { .. }
            | ExprKind::Else { .. }
            | ExprKind::Try(_)
            | ExprKind::Race(_)
            | ExprKind::First { .. }
            | ExprKind::Fail(_)
            | ExprKind::Escalate(_)
            | ExprKind::Rollback
            | ExprKind::Error => Expr::Const(flowc_plan::Value::Unit),
        }
    }

    fn binary(&mut self, frame: &mut Frame<'p>, op: BinaryOp, a: &'p hir::Expr, b: &'p hir::Expr) -> Expr {
        Expr::Binary(op, self.boxed(frame, a), self.boxed(frame, b))
    }

    /// An expression that is evaluated only when its turn comes: what it binds is bound inside of it.
    fn lazy(&mut self, frame: &mut Frame<'p>, expr: &'p hir::Expr) -> Expr {
        let outer = std::mem::take(&mut self.lets);
        let value = self.pure(|s| s.expr(frame, expr));
        self.wrapped(outer, value)
    }

    fn pure_block(&mut self, frame: &mut Frame<'p>, block: &'p Block) -> Expr {
        self.pure(|s| s.block(frame, block, ""))
    }

    pub(super) fn pure_for(
        &mut self,
        frame: &mut Frame<'p>,
        var: LocalId,
        list: Expr,
        cond: Option<&'p hir::Expr>,
        max: Option<Expr>,
        body: &'p Block,
    ) -> Expr {
        let local = self.fresh();
        frame.bind_small(var.0 as usize, Expr::Local(local));
        let cond = cond.map(|cond| Box::new(self.lazy(frame, cond)));
        let body = Box::new(self.pure_block(frame, body));
        Expr::For { local, list: Box::new(list), cond, max: max.map(Box::new), body }
    }
}
