//! Damaged contents: the step that made one is run again, once. It knows which step that was, not what damage is.
use std::sync::Arc;

use flowc_plan::{NodeKind, Plan, Value};

use super::Dispatcher;
use super::steps::Pending;
use crate::eval::eval;
use crate::job::JobFailure;
use crate::shape::{Kind, inputs};
use crate::{Cause, EngineError};

impl Dispatcher<'_> {
    /// A step could not be given its files, for a content is damaged or gone. Has the steps that made it run again, and the step
    /// wait for them; gives the step back when that cannot be.
    pub(super) fn heal(&mut self, pending: Pending) -> Result<Option<Pending>, EngineError> {
        let lost: Vec<Value> = pending.args.iter().filter(|arg| !self.keeper.holds(arg)).cloned().collect();
        let Some(first) = lost.first() else {
            // It was something else.
            return Ok(Some(pending));
        };
        match self.maker(first) {
            Some(mut maker) if self.healed.insert(maker.key) => {
                self.keeper.forget(&maker.key)?;
                self.earlier.results.remove(&maker.key);
                maker.heals.push(pending);
                self.enqueue(maker);
                Ok(None)
            }
            _ => Ok(Some(pending)),
        }
    }

    /// A step of this run that made what is lost of a value.
    fn maker(&self, value: &Value) -> Option<Pending> {
        let plan = Arc::clone(&self.plan);
        for (at, slot) in self.graph.slots.iter().enumerate() {
            let Some(made) = &slot.value else { continue };
            let instance = &self.graph.instances[slot.instance as usize];
            let region = instance.region as usize;
            let shape = &self.shape.regions[region].nodes[slot.local as usize];
            if shape.kind != Kind::Node || self.keeper.holds(made) || !shares(made, value) {
                continue;
            }
            let NodeKind::Step(step) = &plan.regions[region].nodes[slot.local as usize].kind else {
                continue;
            };
            let scope = self.graph.scope(slot.instance);
            let files = super::nodes::KeeperFiles(&self.keeper);
            let values = inputs(&plan.regions[region].nodes[slot.local as usize].kind, false)
                .into_iter()
                .map(|expr| eval(expr, &scope, &plan.types, &files))
                .collect::<Result<Vec<_>, _>>()
                .ok()?;
            let (args, rest) = values.split_at_checked(step.args.len())?;
            let mut rest = rest.iter();
            let sample = step.sample.as_ref().and_then(|_| rest.next());
            let timeout = match step.timeout.as_ref().and_then(|_| rest.next()) {
                Some(Value::Duration(timeout)) => Some(*timeout),
                _ => None,
            };
            let task = &plan.tasks[step.task as usize];
            return Some(Pending {
                key: Plan::step_key(&self.shape.identities[step.task as usize], args, sample),
                slot: crate::shape::index(at),
                task: step.task,
                args: args.into(),
                timeout,
                cache: step.cache.unwrap_or(task.cache),
                cause: Cause::Damaged,
                need: self.tokens.need(&task.needs, args, &plan.types).ok()?,
                height: shape.height.saturating_add(1),
                heals: Vec::new(),
            });
        }
        None
    }

    /// A step has run again, for the sake of others: they go on if it gave what it gave before.
    pub(super) fn made_again(&mut self, pending: Pending, value: &Value) -> Result<(), EngineError> {
        let step = self.name(pending.slot);
        for waiting in pending.heals {
            if waiting.args.iter().all(|arg| self.keeper.holds(arg)) {
                self.enqueue(waiting);
                continue;
            }
            let message = format!(
                "a content that `{step}` made was damaged, and running it again gave another ({}): start a new run",
                value.kind()
            );
            let failure =
                JobFailure { kind: "store", message, command: String::new(), stderr_tail: String::new() };
            self.fail_step(&waiting, failure, None, 0)?;
        }
        Ok(())
    }
}

/// Whether a value names a content that another names too.
fn shares(a: &Value, b: &Value) -> bool {
    let mut names = Vec::new();
    a.for_each_artifact(&mut |hash| names.push(*hash));
    names.sort_unstable();
    let mut shared = false;
    b.for_each_artifact(&mut |hash| shared |= names.binary_search(hash).is_ok());
    shared
}
