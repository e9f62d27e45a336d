//! What checks and cannot be run yet: the constructs whose running this version does not have. Empty when the engine has caught up.
use flowc_base::Span;

use super::{Action, Block, Body, BodyKind, Expr, ExprKind, Footprint, Pattern, Stmt};
use crate::ty::Ty;

impl Body {
    /// The first construct of a body that cannot be run yet: how it is called, and where it stands.
    pub(crate) fn later(&self) -> Option<(&'static str, Span)> {
        let mut found = None;
        let mut look = |expr| {
            found = of_expr(expr);
            found.is_some()
        };
        let whole = Span::default();
        match &self.kind {
            BodyKind::Flow { block, .. } => {
                // The values of these types come from constructs that are found where they stand, or are the flow's parameters.
                let param = self.locals.iter().take(self.defaults.len()).find_map(|local| {
                    is_later(&local.ty)
                        .then_some(("a parameter of type `Agent`, `Secret` or `Outcome`", local.span))
                });
                if param.is_some() {
                    return param;
                }
                self.defaults.iter().flatten().any(&mut look);
                found.or_else(|| of_block(block))
            }
            BodyKind::Agent(_) => Some(("an agent", whole)),
            BodyKind::Settings(_) => Some(("`settings`", whole)),
            BodyKind::Test(_) => Some(("`test`", whole)),
            BodyKind::Native(_) => None,
            BodyKind::Task(task) => match &task.action {
                Action::Ask(ask) => Some(("`ask`", ask.agent.span)),
                _ if self.locals.iter().any(|local| is_later(&local.ty)) => {
                    Some(("a parameter of type `Agent`, `Secret` or `Outcome`", whole))
                }
                _ if task.env.iter().any(|(_, value)| matches!(value.kind, ExprKind::Secret(_))) => {
                    Some(("`secret(\"…\")`", whole))
                }
                _ if task.footprint.as_ref().is_some_and(Footprint::on_tree) => {
                    Some(("a task that works on the project's tree", whole))
                }
                _ if task.footprint.is_some() => Some(("`effect` and `exclusive`", whole)),
                _ => task.retry.as_ref().map(|retry| ("`retry`", retry.times.span)),
            },
        }
    }
}

fn of_block(block: &Block) -> Option<(&'static str, Span)> {
    let stmt = block.stmts.iter().find_map(|stmt| match stmt {
        Stmt::Gate(gate) => Some(("`gate`", gate.span)),
        Stmt::Assert(value) => Some(("`assert`", value.span)),
        Stmt::AssertIndependent(values) => {
            Some(("`assert independent`", values.first().map_or(block.span, |value| value.span)))
        }
        Stmt::Break(_) => Some(("`break`", block.span)),
        Stmt::Continue(_) => Some(("`continue`", block.span)),
        Stmt::Mock(mock) => Some(("`mock`", mock.answer.span)),
        Stmt::Let { value, .. } | Stmt::Expr(value) => of_expr(value),
    });
    stmt.or_else(|| of_expr(block.value.as_deref()?))
}

fn of_expr(expr: &Expr) -> Option<(&'static str, Span)> {
    let what = match &expr.kind {
        ExprKind::Agent(_) => "an agent",
        ExprKind::Secret(_) => "`secret(\"…\")`",
        ExprKind::Step(call) | ExprKind::Flow(call) if call.with.retry.is_some() => {
            "the option `retry` of `with`"
        }
        ExprKind::Ask(_) => "`ask`",
        ExprKind::Approve { .. } => "`approve`",
        ExprKind::Reduce { .. } => "`reduce`",
        ExprKind::Loop { .. } => "`loop`",
        ExprKind::Else { .. } => "`else` after a step",
        ExprKind::Try(_) => "`try`",
        ExprKind::Race(_) => "`race`",
        ExprKind::First { .. } => "`first`",
        ExprKind::Fail(_) => "`fail`",
        ExprKind::Escalate(_) => "`escalate`",
        ExprKind::Rollback => "`rollback`",
        ExprKind::Match { arms, .. } if arms.iter().any(|arm| has_variant(&arm.pattern)) => {
            "a pattern of an outcome"
        }
        _ => {
            let mut found = None;
            expr.any_part(&mut |part| {
                found = of_expr(part);
                found.is_some()
            });
            return found;
        }
    };
    Some((what, expr.span))
}

/// Whether an agent, a secret or an outcome is in a value of the type.
fn is_later(ty: &Ty) -> bool {
    match ty {
        Ty::Agent | Ty::Secret | Ty::Outcome(_) => true,
        Ty::List(item) | Ty::Map(item) | Ty::Optional(item) => is_later(item),
        Ty::Record(fields) => fields.iter().any(|(_, ty)| is_later(ty)),
        _ => false,
    }
}

fn has_variant(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Variant { .. } => true,
        Pattern::Or(all) => all.iter().any(has_variant),
        _ => false,
    }
}
