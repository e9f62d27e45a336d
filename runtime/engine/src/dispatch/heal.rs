//! Damaged contents: what made one is done again, once. It knows which step or source that was, not what damage is.
use std::sync::Arc;

use flowc_plan::{KeyHasher, NodeKind, Ref, Value};

use super::Dispatcher;
use super::nodes::{KeeperFiles, source_id};
use super::steps::{Pending, Waiter};
use crate::eval::{EvalError, Scope, eval};
use crate::job::JobFailure;
use crate::shape::{Kind, index, inputs};
use crate::{Cause, EngineError};

/// What to do when a content is lost for good.
pub(super) const LOST: &str = "; nothing in this run makes it again: start a new run";

/// What came of an attempt.
enum Healing {
    /// It is there again.
    Whole,
    /// A step is to make it again.
    Started,
    /// Nothing can make it again.
    Lost,
}

impl Dispatcher<'_> {
    /// A step could not be given its files. Has those that are damaged or gone made again, and the step wait for that; gives the step
    /// back when that is not it, or cannot be done.
    pub(super) fn heal_step(&mut self, pending: Pending) -> Result<Option<(Pending, bool)>, EngineError> {
        let Some(lost) = pending.args.iter().find(|arg| !self.keeper.holds(arg)).cloned() else {
            // Another's healing may just have brought it back: what has failed for want of it is worth one more try.
            if !self.healed.is_empty() && self.healed.insert(pending.call.in_run) {
                self.enqueue(pending);
                return Ok(None);
            }
            return Ok(Some((pending, false)));
        };
        match self.heal(&lost, || Waiter::Step(Box::new(pending.clone())))? {
            Healing::Whole => self.enqueue(pending),
            Healing::Started => {}
            Healing::Lost => return Ok(Some((pending, true))),
        }
        Ok(None)
    }

    /// The expressions of a slot could not read a file.
    pub(super) fn heal_evaluation(&mut self, slot: u32, mut message: String) -> Result<(), EngineError> {
        let entry = &self.graph.slots[slot as usize];
        let region = self.graph.instances[entry.instance as usize].region as usize;
        let scope = self.graph.scope(entry.instance);
        let refs = &self.shape.regions[region].nodes[entry.local as usize].refs;
        let values = refs.iter().filter_map(|r| match r {
            Ref::Node(node) => scope.node(*node),
            Ref::Element(region) => scope.element(*region),
        });
        if let Some(lost) = values.into_iter().find(|value| !self.keeper.holds(value)) {
            match self.heal(&lost, || Waiter::Slot(slot))? {
                Healing::Whole => {
                    self.graph.ready.push_back(slot);
                    return Ok(());
                }
                Healing::Started => return Ok(()),
                Healing::Lost => message.push_str(LOST),
            }
        } else if !self.healed.is_empty()
            && self.healed.insert(KeyHasher::new("slot", 1).number(b's', u64::from(slot)).finish())
        {
            self.graph.ready.push_back(slot);
            return Ok(());
        }
        self.fail_evaluation(slot, &EvalError::File(message))
    }

    fn heal(&mut self, lost: &Value, waiter: impl FnOnce() -> Waiter) -> Result<Healing, EngineError> {
        if self.read_again(lost) {
            return Ok(Healing::Whole);
        }
        match self.maker(lost) {
            Some(mut maker) if self.healed.insert(maker.call.in_run) => {
                self.keeper.forget(&maker.call.key)?;
                self.earlier.results.remove(&maker.call.in_run);
                maker.heals.push(waiter());
                self.enqueue(maker);
                Ok(Healing::Started)
            }
            _ => Ok(self.join_healing(lost, waiter)),
        }
    }

    /// When what is lost is being made again for another already, waits with that.
    fn join_healing(&mut self, lost: &Value, waiter: impl FnOnce() -> Waiter) -> Healing {
        let Some(maker) = self.maker(lost) else { return Healing::Lost };
        if let Some(running) =
            self.running.values_mut().find(|running| running.pending.call.in_run == maker.call.in_run)
        {
            running.pending.heals.push(waiter());
            return Healing::Started;
        }
        // The heap is rebuilt only here, when something is damaged.
        let mut queue = std::mem::take(&mut self.queue).into_vec();
        let waiting = queue.iter_mut().find(|queued| queued.pending.call.in_run == maker.call.in_run);
        let outcome = match waiting {
            Some(queued) => {
                queued.pending.heals.push(waiter());
                Healing::Started
            }
            None => Healing::Lost,
        };
        self.queue = queue.into();
        outcome
    }

    /// Reads the source again that a lost content came from; whether that brought it back.
    fn read_again(&mut self, lost: &Value) -> bool {
        for region in &self.plan.regions {
            for node in &region.nodes {
                let NodeKind::Source(source) = &node.kind else { continue };
                let flowc_plan::Expr::Const(Value::Text(what)) = &source.what else { continue };
                let id = source_id(source, what);
                let read = matches!(self.sources.get(&id), Some(Ok(value)) if shares(value, lost));
                if read
                    && self.healed.insert(id)
                    && self.keeper.source(source.kind, what, &source.base).is_ok()
                    && self.keeper.holds(lost)
                {
                    return true;
                }
            }
        }
        false
    }

    /// A step of this run that made what is lost of a value.
    fn maker(&self, lost: &Value) -> Option<Pending> {
        let plan = Arc::clone(&self.plan);
        for (at, slot) in self.graph.slots.iter().enumerate() {
            let Some(made) = &slot.value else { continue };
            let instance = &self.graph.instances[slot.instance as usize];
            let region = instance.region as usize;
            let shape = &self.shape.regions[region].nodes[slot.local as usize];
            if shape.kind != Kind::Node {
                continue;
            }
            let kind = &plan.regions[region].nodes[slot.local as usize].kind;
            let NodeKind::Step(step) = kind else { continue };
            if !shares(made, lost) || self.keeper.holds(made) {
                continue;
            }
            let scope = self.graph.scope(slot.instance);
            let files = KeeperFiles(&self.keeper);
            let values = inputs(kind, false)
                .into_iter()
                .map(|expr| eval(expr, &scope, &plan.types, &files))
                .collect::<Result<Vec<_>, _>>()
                .ok()?;
            let (args, rest) = values.split_at_checked(step.args.len())?;
            let task = &plan.tasks[step.task as usize];
            return Some(Pending {
                call: self.call_key(step, args, rest).ok()?,
                slot: index(at),
                task: step.task,
                args: args.into(),
                cause: Cause::Damaged,
                need: self.tokens.need(&task.needs, args, &plan.types).ok()?,
                height: shape.height.saturating_add(1),
                heals: Vec::new(),
            });
        }
        None
    }

    /// A step has run again, for the sake of others: they go on if that brought back what they miss.
    pub(super) fn made_again(&mut self, pending: Pending) -> Result<(), EngineError> {
        for waiter in pending.heals {
            match waiter {
                // Once more; a step that is healed already fails when it still misses something.
                Waiter::Slot(slot) => self.graph.ready.push_back(slot),
                Waiter::Step(waiting) if waiting.args.iter().all(|arg| self.keeper.holds(arg)) => {
                    self.enqueue(*waiting);
                }
                Waiter::Step(waiting) => {
                    let step = self.name(pending.slot);
                    let message = format!(
                        "a content that `{step}` made was damaged, and running it again did not give the same: start a new run"
                    );
                    let failure = JobFailure {
                        kind: "store",
                        message,
                        command: String::new(),
                        stderr_tail: String::new(),
                    };
                    self.fail_step(&waiting, failure, None, 0)?;
                }
            }
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
