//! What a display needs to know of a run, gathered from its events. It shows nothing.
use std::time::{Duration, Instant};

use flowc_engine::{Event, StepName};

/// Fewer finished steps than this say nothing about those that are left.
const ESTIMATE_STEPS_MIN: u64 = 3;

/// The run so far.
#[derive(Debug)]
pub(super) struct State {
    pub(super) started: Instant,
    /// When anything was last heard of the run.
    pub(super) shown: Instant,
    pub(super) known: u64,
    pub(super) complete: bool,
    pub(super) ran: u64,
    pub(super) found: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
    pub(super) stopping: bool,
    /// The steps that run, the oldest first.
    pub(super) running: Vec<(StepName, Instant)>,
    /// Lines to leave on a terminal above what is drawn over.
    pub(super) to_say: Vec<String>,
}

impl Default for State {
    fn default() -> Self {
        let now = Instant::now();
        Self {
            started: now,
            shown: now,
            known: 0,
            complete: false,
            ran: 0,
            found: 0,
            failed: 0,
            skipped: 0,
            stopping: false,
            running: Vec::new(),
            to_say: Vec::new(),
        }
    }
}

impl State {
    /// Takes in what happened.
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::Known { known, complete } => {
                self.known = *known;
                self.complete = *complete;
            }
            Event::StepStarted { step, .. } => self.running.push((step.clone(), Instant::now())),
            Event::StepFound { .. } => self.found += 1,
            Event::StepFinished { step, .. } => {
                self.ran += 1;
                self.ended(step);
            }
            Event::StepFailed { failure, .. } => {
                self.failed += 1;
                self.ended(&failure.step);
                self.to_say.push(format!("{} failed: {}", failure.step, failure.message));
            }
            Event::StepSkipped { .. } => self.skipped += 1,
            Event::Stopping { .. } => self.stopping = true,
            Event::RunStarted { .. } | Event::RunFinished { .. } => {}
        }
    }

    fn ended(&mut self, step: &StepName) {
        if let Some(at) = self.running.iter().position(|(running, _)| running == step) {
            self.running.remove(at);
        }
    }

    /// Steps of which nothing more is to come.
    pub(super) fn done(&self) -> u64 {
        self.ran + self.found + self.failed + self.skipped
    }

    /// `3/12`, or `3/12+` while more steps may become known.
    pub(super) fn fraction(&self) -> String {
        let more = if self.complete { "" } else { "+" };
        format!("{}/{}{more}", self.done(), self.known.max(self.done()))
    }

    /// About how long it will take from now on, taking the steps to come for such as have run; `None` when that cannot be said.
    pub(super) fn left(&self) -> Option<Duration> {
        let left = self.known.checked_sub(self.done())?;
        let ran = self.ran + self.failed;
        if !self.complete || left == 0 || ran < ESTIMATE_STEPS_MIN || self.stopping || self.failed > 0 {
            return None;
        }
        let per_step = self.started.elapsed().as_secs_f64() / ran as f64;
        Duration::try_from_secs_f64(per_step * left as f64).ok()
    }
}
