//! The end of a run: what did not run and because of what, the last lines of the checkpoint. It starts nothing.
use std::collections::VecDeque;
use std::time::Instant;

use flowc_base::Name;
use flowc_store::{RunFrame, RunStatus};

use super::{Dispatcher, Ended};
use crate::control::Stop;
use crate::shape::{Kind, index};
use crate::{EngineError, Event};

impl Dispatcher<'_> {
    /// Tells what did not run, writes the end into the checkpoint, and makes all of it survive a power cut.
    pub(super) fn end(mut self, started: Instant) -> Result<Ended, EngineError> {
        self.tell_known();
        let result = self.graph.result(&self.shape, 0);
        let value = self.graph.slots[result as usize].value.clone();
        if value.is_none() {
            self.skip();
        }
        let status = match (&value, self.stop) {
            (Some(_), _) => RunStatus::Done,
            (None, Stop::No) => RunStatus::Failed,
            (None, _) => RunStatus::Cancelled,
        };
        if value.is_none() && self.stop == Stop::No && self.failures.is_empty() {
            return Err(EngineError::bug("the run cannot go on, and nothing has failed"));
        }
        let at_ms = self.now();
        let counts = flowc_store::Counts {
            ran: self.counts.ran,
            found: self.counts.found,
            failed: self.counts.failed,
            skipped: self.counts.skipped,
        };
        self.frames.push(RunFrame::Ended { status, counts, unix_ms: at_ms });
        self.flush()?;
        self.keeper.sync()?;
        let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (run, counts) = (self.run.clone(), self.counts);
        self.emit(&Event::RunFinished { run, counts, at_ms, duration_us });
        Ok(Ended { value, failures: self.failures, counts: self.counts })
    }

    /// Finds the steps that are known and have no value, and for each the failure that lies in its way.
    fn skip(&mut self) {
        let mut because: Vec<Option<usize>> = vec![None; self.graph.slots.len()];
        let mut todo: VecDeque<u32> = VecDeque::new();
        for &(slot, failure) in &self.failed {
            because[slot as usize] = Some(failure);
            todo.push_back(slot);
        }
        let mut blocked = Vec::new();
        while let Some(slot) = todo.pop_front() {
            let entry = &self.graph.slots[slot as usize];
            let instance = &self.graph.instances[entry.instance as usize];
            let node = &self.shape.regions[instance.region as usize].nodes[entry.local as usize];
            blocked.extend(node.successors.iter().map(|next| instance.first + next));
            blocked.extend(self.graph.waiting_for(slot));
            self.also_blocked(slot, &mut blocked);
            for next in blocked.drain(..) {
                if self.graph.slots[next as usize].value.is_none() && because[next as usize].is_none() {
                    because[next as usize] = because[slot as usize];
                    todo.push_back(next);
                }
            }
        }
        let own: Vec<u32> = self.first_slots();
        let at_ms = self.now();
        for (at, because) in because.iter().enumerate() {
            let slot = index(at);
            let entry = &self.graph.slots[at];
            let instance = &self.graph.instances[entry.instance as usize];
            let kind = self.shape.regions[instance.region as usize].nodes[entry.local as usize].kind;
            if entry.value.is_some() || instance.closed || kind != Kind::Node || self.step_of(slot).is_none()
            {
                continue;
            }
            if own.binary_search(&slot).is_ok() {
                continue;
            }
            self.counts.skipped += 1;
            // Without a way from a failure to it, it was the stop.
            let first = self.failures.first().map(|failure| failure.step.clone());
            let because = because.map(|failure| self.failures[failure].step.clone()).or(first);
            let because: Name = because.unwrap_or_else(|| self.plan.flow.clone());
            let step = self.name(slot);
            self.emit(&Event::StepSkipped { step, because, at_ms });
        }
    }

    /// The slots that failures are called after, sorted.
    fn first_slots(&self) -> Vec<u32> {
        let mut first: Vec<u32> = Vec::new();
        let mut next = 0;
        for &(slot, failure) in &self.failed {
            if failure == next {
                first.push(slot);
                next += 1;
            }
        }
        first.sort_unstable();
        first
    }
}
