//! Walks over checked bodies: what an expression is made of, in the order of the text. It decides nothing.
use super::{Action, Ask, Block, Body, BodyKind, Expr, ExprKind, Stmt, With};
use crate::db::ItemId;
use flowc_base::Span;

impl Body {
    /// The calls of flows in the body of a flow or test, with their places.
    pub(crate) fn flow_calls(&self) -> Vec<(ItemId, Span)> {
        let mut found = Vec::new();
        if let BodyKind::Flow { block, .. } | BodyKind::Test(block) = &self.kind {
            block.for_each_part(&mut |part| calls_of(part, &mut found));
        }
        found
    }
}

impl Body {
    /// The tasks and flows that it calls, as often as it does.
    pub(crate) fn callees(&self) -> Vec<ItemId> {
        let mut found = Vec::new();
        self.defaults.iter().flatten().for_each(|default| callees_of(default, &mut found));
        if let BodyKind::Flow { block, .. } | BodyKind::Test(block) = &self.kind {
            block.for_each_part(&mut |part| callees_of(part, &mut found));
        }
        found
    }
}

impl Body {
    /// The agents that it names: asks, hands over, has as a default.
    pub(crate) fn agents(&self) -> Vec<ItemId> {
        let mut found = Vec::new();
        self.defaults.iter().flatten().for_each(|default| agents_of(default, &mut found));
        match &self.kind {
            BodyKind::Flow { block, .. } | BodyKind::Test(block) => {
                block.for_each_part(&mut |part| agents_of(part, &mut found));
            }
            BodyKind::Task(task) => {
                if let Action::Ask(ask) = &task.action {
                    ask.any_part(&mut |part| {
                        agents_of(part, &mut found);
                        false
                    });
                }
            }
            BodyKind::Native(_) | BodyKind::Agent(_) | BodyKind::Settings(_) => {}
        }
        found
    }
}

fn agents_of(expr: &Expr, found: &mut Vec<ItemId>) {
    if let ExprKind::Agent(agent) = &expr.kind {
        found.push(*agent);
    }
    expr.for_each_part(&mut |part| agents_of(part, found));
}

fn callees_of(expr: &Expr, found: &mut Vec<ItemId>) {
    if let ExprKind::Flow(call) | ExprKind::Step(call) = &expr.kind {
        found.push(call.callee);
    }
    expr.for_each_part(&mut |part| callees_of(part, found));
}

fn calls_of(expr: &Expr, found: &mut Vec<(ItemId, Span)>) {
    if let ExprKind::Flow(call) = &expr.kind {
        found.push((call.callee, expr.span));
    }
    expr.for_each_part(&mut |part| calls_of(part, found));
}

impl Expr {
    /// The task, flow or agent that a step names; of anything else, and of an agent that is a value, `None`.
    pub(crate) fn callee(&self) -> Option<ItemId> {
        match &self.kind {
            ExprKind::Step(call) | ExprKind::Flow(call) => Some(call.callee),
            ExprKind::Ask(ask) => match ask.agent.kind {
                ExprKind::Agent(agent) => Some(agent),
                _ => None,
            },
            _ => None,
        }
    }

    /// Visits the expressions right inside this one, those in its blocks and arms too.
    pub(crate) fn for_each_part<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        self.any_part(&mut |part| {
            visit(part);
            false
        });
    }

    /// Whether something holds of one of the expressions right inside this one; asks no further once it does.
    pub(crate) fn any_part<'e>(&'e self, holds: &mut dyn FnMut(&'e Expr) -> bool) -> bool {
        match &self.kind {
            ExprKind::Const(_)
            | ExprKind::Local(_)
            | ExprKind::Agent(_)
            | ExprKind::Secret(_)
            | ExprKind::Rollback
            | ExprKind::Error => false,
            ExprKind::Field(a, _)
            | ExprKind::Not(a)
            | ExprKind::Neg(a)
            | ExprKind::Cast(a)
            | ExprKind::Source { what: a, .. }
            | ExprKind::Try(a)
            | ExprKind::Race(a)
            | ExprKind::Fail(a)
            | ExprKind::Escalate(a) => holds(a),
            ExprKind::Index(a, b)
            | ExprKind::Binary(_, a, b)
            | ExprKind::And(a, b)
            | ExprKind::Or(a, b)
            | ExprKind::Coalesce(a, b)
            | ExprKind::Else { step: a, otherwise: b }
            | ExprKind::First { n: a, of: b } => holds(a) || holds(b),
            ExprKind::Native { args, .. } | ExprKind::List(args) | ExprKind::Text(args) => {
                args.iter().any(holds)
            }
            ExprKind::Record(fields) => fields.iter().any(|(_, value)| holds(value)),
            ExprKind::Step(call) | ExprKind::Flow(call) => {
                call.args.iter().flatten().any(&mut *holds) || call.with.any_part(holds)
            }
            ExprKind::Ask(ask) => ask.any_part(holds),
            ExprKind::Approve { question, with } => holds(question) || with.any_part(holds),
            ExprKind::If { cond, then, otherwise } => {
                holds(cond)
                    || then.any_part(holds)
                    || otherwise.as_ref().is_some_and(|block| block.any_part(holds))
            }
            ExprKind::Match { scrutinee, arms } => {
                holds(scrutinee) || arms.iter().any(|arm| holds(&arm.value))
            }
            ExprKind::For { list, cond, max, body, .. } => {
                holds(list) || cond.iter().chain(max).any(|e| holds(e)) || body.any_part(holds)
            }
            ExprKind::Reduce { list, body, .. } => holds(list) || body.any_part(holds),
            ExprKind::Loop { first, max, body, .. } => {
                holds(first) || max.iter().any(|e| holds(e)) || body.any_part(holds)
            }
            ExprKind::Block(block) => block.any_part(holds),
        }
    }
}

impl Ask {
    /// See [`Expr::any_part`].
    pub(crate) fn any_part<'e>(&'e self, holds: &mut dyn FnMut(&'e Expr) -> bool) -> bool {
        holds(&self.agent)
            || holds(&self.prompt)
            || self.context.iter().chain(&self.budget).any(&mut *holds)
            || self.with.any_part(holds)
    }
}

impl With {
    /// See [`Expr::any_part`].
    fn any_part<'e>(&'e self, holds: &mut dyn FnMut(&'e Expr) -> bool) -> bool {
        self.timeout.iter().chain(&self.retry).chain(&self.sample).any(holds)
    }
}

impl Block {
    /// See [`Expr::for_each_part`].
    pub(crate) fn for_each_part<'e>(&'e self, visit: &mut dyn FnMut(&'e Expr)) {
        self.any_part(&mut |part| {
            visit(part);
            false
        });
    }

    /// See [`Expr::any_part`].
    pub(crate) fn any_part<'e>(&'e self, holds: &mut dyn FnMut(&'e Expr) -> bool) -> bool {
        self.stmts.iter().any(|stmt| stmt.any_part(holds))
            || self.value.as_ref().is_some_and(|value| holds(value))
    }
}

impl Stmt {
    /// See [`Expr::any_part`].
    pub(crate) fn any_part<'e>(&'e self, holds: &mut dyn FnMut(&'e Expr) -> bool) -> bool {
        match self {
            Self::Let { value, .. } | Self::Expr(value) | Self::Assert(value) => holds(value),
            Self::Gate(gate) => {
                holds(&gate.name) || holds(&gate.cond) || gate.action.as_ref().is_some_and(holds)
            }
            Self::AssertIndependent(values) => values.iter().any(holds),
            Self::Break(value) | Self::Continue(value) => value.iter().any(holds),
            Self::Mock(mock) => holds(&mock.answer),
        }
    }
}
