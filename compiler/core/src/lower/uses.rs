//! What lowering has to know of a body before it starts: how often each name is used, and which expressions have steps in them.
use std::collections::HashMap;
use std::rc::Rc;

use super::{DEPTH_MAX, Program};
use crate::db::ItemId;
use crate::hir::{Arm, Block, Body, BodyKind, Call, Expr, ExprKind, LocalId, Stmt};

/// What is known of bodies so far.
#[derive(Default)]
pub(super) struct Facts {
    uses: HashMap<ItemId, Rc<[u8]>>,
    /// `None` while it is being found out.
    steps: HashMap<ItemId, Option<bool>>,
    /// How many flows are being looked into.
    depth: usize,
}

impl Facts {
    /// Of each name of a body how often it is used: 0, 1, or 2 for more. A use inside a `for` is more than one, for what is bound outside of it.
    pub(super) fn uses(&mut self, item: ItemId, body: &Body) -> Rc<[u8]> {
        let count = || {
            let mut counter =
                Counter { uses: vec![0; body.locals.len()], depths: vec![0; body.locals.len()], depth: 0 };
            body.defaults.iter().flatten().for_each(|default| counter.expr(default));
            match &body.kind {
                BodyKind::Flow { block, .. } => counter.block(block),
                // The few names in a task are not worth counting.
                _ => counter.uses.fill(2),
            }
            counter.uses.into()
        };
        Rc::clone(self.uses.entry(item).or_insert_with(count))
    }

    /// Whether an expression has a step in it, written there or in a flow that it calls. Files read by a constant path are none: they
    /// are read when the run starts, wherever they are written.
    pub(super) fn has_steps(&mut self, program: &dyn Program, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Step(_) => true,
            ExprKind::Source { what, .. } => {
                !matches!(what.kind, ExprKind::Const(_)) || self.has_steps(program, what)
            }
            ExprKind::Flow(call) => {
                self.flow_has_steps(program, call.callee)
                    || call.args.iter().flatten().any(|arg| self.has_steps(program, arg))
            }
            ExprKind::Ask(_) | ExprKind::Approve { .. } => true,
            _ => expr.any_part(&mut |part| self.has_steps(program, part)),
        }
    }

    pub(super) fn arms_have_steps(&mut self, program: &dyn Program, arms: &[Arm]) -> bool {
        arms.iter().any(|arm| self.has_steps(program, &arm.value))
    }

    pub(super) fn block_has_steps(&mut self, program: &dyn Program, block: &Block) -> bool {
        block.any_part(&mut |part| self.has_steps(program, part))
    }

    fn flow_has_steps(&mut self, program: &dyn Program, flow: ItemId) -> bool {
        if let Some(known) = self.steps.get(&flow) {
            // A flow that calls itself is an error; it must not hang us all the same.
            return known.unwrap_or(true);
        }
        if self.depth >= DEPTH_MAX {
            // It is refused for its depth when it is written out.
            return true;
        }
        self.depth += 1;
        self.steps.insert(flow, None);
        let body = program.body(flow);
        let found = body.is_some_and(|body| {
            matches!(&body.kind, BodyKind::Flow { block, .. } if self.block_has_steps(program, block))
                || body.defaults.iter().flatten().any(|default| self.has_steps(program, default))
        });
        self.steps.insert(flow, Some(found));
        self.depth -= 1;
        found
    }
}

struct Counter {
    uses: Vec<u8>,
    /// In how many `for` each name is bound.
    depths: Vec<u32>,
    depth: u32,
}

impl Counter {
    fn bind(&mut self, local: LocalId) {
        if let Some(depth) = self.depths.get_mut(local.0 as usize) {
            *depth = self.depth;
        }
    }

    fn count(&mut self, local: LocalId, times: u8) {
        let at = local.0 as usize;
        let again = self.depths.get(at).is_some_and(|depth| *depth < self.depth);
        if let Some(uses) = self.uses.get_mut(at) {
            *uses = uses.saturating_add(if again { 2 } else { times }).min(2);
        }
    }

    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let { local, value } => {
                    self.expr(value);
                    self.bind(*local);
                }
                _ => {
                    stmt.any_part(&mut |part| {
                        self.expr(part);
                        false
                    });
                }
            }
        }
        if let Some(value) = &block.value {
            self.expr(value);
        }
    }

    fn call(&mut self, call: &Call) {
        let with = &call.with;
        call.args.iter().flatten().chain(&with.timeout).chain(&with.sample).for_each(|e| self.expr(e));
        // Named and not only read: it has to stay a node.
        with.after.iter().for_each(|local| self.count(*local, 2));
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Local(local) => self.count(*local, 1),
            ExprKind::Step(call) | ExprKind::Flow(call) => self.call(call),
            ExprKind::If { cond, then, otherwise } => {
                self.expr(cond);
                self.block(then);
                otherwise.iter().for_each(|block| self.block(block));
            }
            ExprKind::Match { scrutinee, arms } => {
                self.expr(scrutinee);
                for arm in arms {
                    self.pattern(&arm.pattern);
                    self.expr(&arm.value);
                }
            }
            ExprKind::For { var, list, cond, max, body } => {
                self.expr(list);
                max.iter().for_each(|e| self.expr(e));
                self.depth += 1;
                self.bind(*var);
                cond.iter().for_each(|e| self.expr(e));
                self.block(body);
                self.depth -= 1;
            }
            ExprKind::Block(block) => self.block(block),
            _ => expr.for_each_part(&mut |part| self.expr(part)),
        }
    }

    fn pattern(&mut self, pattern: &crate::hir::Pattern) {
        match pattern {
            crate::hir::Pattern::Bind(local) | crate::hir::Pattern::BindAny(local) => self.bind(*local),
            crate::hir::Pattern::Or(all) => all.iter().for_each(|pattern| self.pattern(pattern)),
            _ => {}
        }
    }
}
