//! Steps: their keys, results found again, the queue, jobs given out, what came of them. It knows no process.
use std::any::Any;
use std::cmp::Ordering;
use std::path::PathBuf;
use std::sync::Arc;

use flowc_base::{Millis, Name};
use flowc_plan::{Cache, ContentHash, KeyHasher, Plan, Step, Value};
use flowc_store::{Record, RunFrame, RunId};

use super::Dispatcher;
use super::tokens::Need;
use crate::control::Stop;
use crate::eval::{EvalError, check_weight};
use crate::job::{Done, Job, JobFailure};
use crate::{Cause, EngineError, Event, StepFailure};

/// What is known of a step, by its [`run_key`].
#[derive(Debug)]
pub(super) enum KeyState {
    /// It waits or runs, for these slots.
    Pending(Vec<u32>),
    /// It has a value, made by that run.
    Done(Value, RunId),
    /// It has failed for good; the failure's number.
    Failed(usize),
}

/// What a step is told from others by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct CallKey {
    /// What it makes: other runs find its result by this.
    pub(super) key: ContentHash,
    /// The step in this run: also what its call says of time and of remembering.
    pub(super) in_run: ContentHash,
    pub(super) timeout: Option<Millis>,
    pub(super) cache: Cache,
}

/// A step that is to run.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) call: CallKey,
    /// The slot that it is called after.
    pub(super) slot: u32,
    pub(super) task: u32,
    pub(super) args: Arc<[Value]>,
    pub(super) cause: Cause,
    pub(super) need: Need,
    /// The most steps on a way to the end.
    pub(super) height: u32,
    /// Who waits for what it makes again.
    pub(super) heals: Vec<Waiter>,
}

/// Who misses a content.
#[derive(Clone, Debug)]
pub(super) enum Waiter {
    /// A step that could not be given its files.
    Step(Box<Pending>),
    /// A slot whose expressions read them.
    Slot(u32),
}

/// A place in the queue: the longest way to the end first, then the oldest.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) pending: Pending,
    number: u64,
}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> Ordering {
        self.pending.height.cmp(&other.pending.height).then(other.number.cmp(&self.number))
    }
}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Queued {}

/// A step that a worker has.
pub(super) struct Running {
    pub(super) pending: Pending,
    /// The right to compute its key, given back when its result is there.
    _claim: Option<Box<dyn Any>>,
}

impl Dispatcher<'_> {
    /// A step's arguments are there: it has a result, or is put into the queue.
    pub(super) fn step_ready(
        &mut self,
        slot: u32,
        step: &Step,
        mut values: Vec<Value>,
    ) -> Result<(), EngineError> {
        let rest = values.split_off(step.args.len());
        let call = match self.call_key(step, &values, rest.as_slice()) {
            Ok(call) => call,
            Err(error) => return self.fail_evaluation(slot, &error),
        };
        let CallKey { key, in_run, cache, .. } = call;
        match self.keys.get_mut(&in_run) {
            Some(KeyState::Done(value, from)) => {
                let (value, from) = (value.clone(), from.clone());
                return self.found(slot, key, value, from);
            }
            Some(KeyState::Pending(slots)) => {
                slots.push(slot);
                return Ok(());
            }
            Some(KeyState::Failed(failure)) => {
                let failure = *failure;
                self.failed.push((slot, failure));
                return Ok(());
            }
            None => {}
        }
        if let Some((value, from)) = self.recall(&call) {
            self.keys.insert(in_run, KeyState::Done(value.clone(), from.clone()));
            self.note_found(&call, &value);
            return self.found(slot, key, value, from);
        }
        let cause = if !keeps(cache) {
            Cause::NotKept
        } else if self.earlier.finished.contains(&in_run) {
            Cause::Damaged
        } else if self.options.fresh {
            Cause::Fresh
        } else {
            Cause::NoResult
        };
        let args: Arc<[Value]> = values.into();
        let task = &self.plan.tasks[step.task as usize];
        let need = match self.tokens.need(&task.needs, &args, &self.plan.types) {
            Ok(need) => need,
            Err(message) => return self.fail_node(slot, "needs", message),
        };
        let instance = self.graph.slots[slot as usize].instance;
        let region = self.graph.instances[instance as usize].region as usize;
        let height = self.shape.regions[region].nodes[self.graph.slots[slot as usize].local as usize].height;
        self.keys.insert(in_run, KeyState::Pending(vec![slot]));
        let heals = Vec::new();
        self.enqueue(Pending { call, slot, task: step.task, args, cause, need, height, heals });
        Ok(())
    }

    /// What a step is told from others by, with its arguments and the values of its sample and its timeout, where it has them.
    pub(super) fn call_key(&self, step: &Step, args: &[Value], rest: &[Value]) -> Result<CallKey, EvalError> {
        let mut rest = rest.iter();
        let sample = step.sample.as_ref().and_then(|_| rest.next());
        let timeout = match step.timeout.as_ref().and_then(|_| rest.next()) {
            None | Some(Value::None) => None,
            Some(Value::Duration(timeout)) => Some(*timeout),
            Some(other) => return Err(EvalError::Bug(format!("a timeout of {}", other.kind()))),
        };
        let key = Plan::step_key(&self.shape.identities[step.task as usize], args, sample);
        let cache = step.cache.unwrap_or(self.plan.tasks[step.task as usize].cache);
        Ok(CallKey { key, in_run: run_key(&key, cache, timeout), timeout, cache })
    }

    /// The result of a step, if it is remembered and may be used.
    pub(super) fn recall(&self, call: &CallKey) -> Option<(Value, RunId)> {
        if let Some(value) = self.earlier.results.get(&call.in_run) {
            return Some((value.clone(), self.run.clone()));
        }
        if !keeps(call.cache) {
            return None;
        }
        let record = self.keeper.lookup(&call.key)?;
        // What this run has made counts, however old it is: no step runs twice in one run.
        if record.run != self.run {
            let expired = |ttl: Millis| record.finished_unix_ms.saturating_add(ttl.0) <= self.now();
            if self.options.fresh || matches!(call.cache, Cache::For(ttl) if expired(ttl)) {
                return None;
            }
        }
        Some((record.value.clone(), record.run.clone()))
    }

    fn note_found(&mut self, call: &CallKey, value: &Value) {
        if !self.earlier.finished.contains(&call.in_run) {
            // What may expire before the run is taken up again is kept with it.
            let value = (call.cache != Cache::Forever).then(|| value.clone());
            self.frames.push(RunFrame::Finished { key: call.in_run, value, ran: false });
        }
    }

    fn found(&mut self, slot: u32, key: ContentHash, value: Value, from: RunId) -> Result<(), EngineError> {
        self.counts.found += 1;
        let (step, task, at_ms) = (self.name(slot), self.task_of(slot), self.now());
        self.emit(&Event::StepFound { step, task, key, from, at_ms });
        self.finish(slot, value)
    }

    pub(super) fn enqueue(&mut self, pending: Pending) {
        self.queued += 1;
        self.queue.push(Queued { pending, number: self.queued });
    }

    /// Gives out steps for as long as there are tokens. The first of the queue is never overtaken, so that none waits for ever.
    pub(super) fn start_steps(&mut self) -> Result<(), EngineError> {
        while !self.halted() {
            match self.queue.peek() {
                Some(first) if self.tokens.fits(first.pending.need) => {}
                _ => break,
            }
            if let Some(queued) = self.queue.pop() {
                self.launch(queued.pending)?;
            }
        }
        Ok(())
    }

    fn launch(&mut self, pending: Pending) -> Result<(), EngineError> {
        let mut claim = None;
        if keeps(pending.call.cache) {
            claim = self.keeper.claim(&pending.call.key)?;
            if claim.is_none() {
                self.parked.push(pending);
                return Ok(());
            }
            // Another process may just have finished it, between our look and our claim.
            self.keeper.refresh()?;
            if pending.cause != Cause::Damaged
                && let Some((value, from)) = self.recall(&pending.call)
            {
                return self.found_meanwhile(&pending, &value, &from);
            }
        }
        self.flush()?;
        self.jobs += 1;
        let id = self.jobs;
        let job = Job {
            id,
            plan: Arc::clone(&self.plan),
            task: pending.task,
            args: Arc::clone(&pending.args),
            timeout: pending.call.timeout,
        };
        self.tokens.take(pending.need);
        let event = Event::StepStarted {
            step: self.name(pending.slot),
            task: self.plan.tasks[pending.task as usize].name.clone(),
            key: pending.call.key,
            cause: pending.cause,
            at_ms: self.now(),
        };
        self.workers.submit(job);
        self.running.insert(id, Running { pending, _claim: claim });
        self.emit(&event);
        Ok(())
    }

    fn found_meanwhile(&mut self, pending: &Pending, value: &Value, from: &RunId) -> Result<(), EngineError> {
        let CallKey { key, in_run, .. } = pending.call;
        self.note_found(&pending.call, value);
        for slot in self.settled(in_run, value, from) {
            self.found(slot, key, value.clone(), from.clone())?;
        }
        Ok(())
    }

    /// A step has a value: the slots that wait for it.
    fn settled(&mut self, in_run: ContentHash, value: &Value, from: &RunId) -> Vec<u32> {
        match self.keys.insert(in_run, KeyState::Done(value.clone(), from.clone())) {
            Some(KeyState::Pending(slots)) => slots,
            _ => Vec::new(),
        }
    }

    /// Looks whether other processes have finished what this one waits for, or have given up.
    pub(super) fn poll_parked(&mut self) -> Result<(), EngineError> {
        self.polled_at = std::time::Instant::now();
        self.keeper.refresh()?;
        for pending in std::mem::take(&mut self.parked) {
            match self.recall(&pending.call) {
                Some((value, from)) => self.found_meanwhile(&pending, &value, &from)?,
                None => self.enqueue(pending),
            }
        }
        Ok(())
    }

    /// Takes in what came of jobs: everything is remembered in one write and in the checkpoint in another; only then whoever waits
    /// for it may go on.
    pub(super) fn commit(&mut self, done: Vec<Done>) -> Result<(), EngineError> {
        let mut finished = Vec::with_capacity(done.len());
        let mut failed = Vec::new();
        let mut records = Vec::new();
        let at_ms = self.now();
        for done in done {
            let Some(running) = self.running.remove(&done.id) else {
                return Err(EngineError::bug(format!("job {} was never given out", done.id)));
            };
            self.tokens.give(running.pending.need);
            let result = done.result.and_then(|value| match check_weight(&value) {
                Ok(_) => Ok(value),
                Err(error) => Err(JobFailure {
                    kind: "bad-output",
                    message: error.to_string(),
                    command: String::new(),
                    stderr_tail: String::new(),
                }),
            });
            match result {
                Ok(value) => {
                    let pending = &running.pending;
                    let call = &pending.call;
                    if keeps(call.cache) {
                        let expires_unix_ms = match call.cache {
                            Cache::For(ttl) => Some(at_ms.saturating_add(ttl.0)),
                            _ => None,
                        };
                        let record = Record {
                            value: value.clone(),
                            stdout: done.stdout,
                            stderr: done.stderr,
                            task: self.plan.tasks[pending.task as usize].name.clone(),
                            label: self.name(pending.slot),
                            run: self.run.clone(),
                            finished_unix_ms: at_ms,
                            duration_us: done.duration_us,
                            expires_unix_ms,
                        };
                        records.push((call.key, record));
                    }
                    let kept = (call.cache != Cache::Forever).then(|| value.clone());
                    self.frames.push(RunFrame::Finished { key: call.in_run, value: kept, ran: true });
                    finished.push((running, value, done.duration_us));
                }
                Err(failure) => {
                    let printed = done.stderr.or(done.stdout);
                    let log = self.keeper.keep_log(&running.pending.call.key, printed.as_ref());
                    failed.push((running, failure, log, done.duration_us));
                }
            }
        }
        if !records.is_empty() {
            self.keeper.record(&records)?;
            self.dirty = true;
        }
        self.flush()?;
        for (running, value, duration_us) in finished {
            self.finished(running, &value, duration_us, at_ms)?;
        }
        for (running, failure, log, duration_us) in failed {
            self.failed(running.pending, failure, log, duration_us)?;
        }
        Ok(())
    }

    fn finished(
        &mut self,
        running: Running,
        value: &Value,
        duration_us: u64,
        at_ms: u64,
    ) -> Result<(), EngineError> {
        let pending = running.pending;
        let CallKey { key, in_run, .. } = pending.call;
        let task: Name = self.plan.tasks[pending.task as usize].name.clone();
        let step = self.name(pending.slot);
        self.emit(&Event::StepFinished { step, task, key, at_ms, duration_us });
        let run = self.run.clone();
        let before = match self.keys.get(&in_run) {
            Some(KeyState::Done(before, _)) => Some(before.clone()),
            _ => None,
        };
        self.counts.ran += u64::from(before.is_none());
        let slots = self.settled(in_run, before.as_ref().unwrap_or(value), &run);
        if before.is_some() || !pending.heals.is_empty() {
            self.made_again(pending)?;
        }
        for (at, slot) in slots.into_iter().enumerate() {
            if at == 0 {
                self.finish(slot, value.clone())?;
            } else {
                self.found(slot, key, value.clone(), run.clone())?;
            }
        }
        Ok(())
    }

    fn failed(
        &mut self,
        pending: Pending,
        failure: JobFailure,
        log: Option<PathBuf>,
        duration_us: u64,
    ) -> Result<(), EngineError> {
        if self.stop > Stop::No {
            // It was told to end: no fault of its own. What waits for it is skipped.
            return Ok(());
        }
        // Perhaps for want of a file that this run can make again.
        if matches!(failure.kind, "store" | "evaluation") {
            return match self.heal_step(pending)? {
                None => Ok(()),
                Some((pending, lost)) => {
                    let mut failure = failure;
                    failure.message.push_str(if lost { super::heal::LOST } else { "" });
                    self.fail_step(&pending, failure, log, duration_us)
                }
            };
        }
        self.fail_step(&pending, failure, log, duration_us)
    }

    pub(super) fn fail_step(
        &mut self,
        pending: &Pending,
        failure: JobFailure,
        log: Option<PathBuf>,
        duration_us: u64,
    ) -> Result<(), EngineError> {
        let number = self.failures.len();
        let slots = match self.keys.insert(pending.call.in_run, KeyState::Failed(number)) {
            Some(KeyState::Pending(slots)) => slots,
            _ => vec![pending.slot],
        };
        let failure = StepFailure {
            step: self.name(pending.slot),
            task: self.plan.tasks[pending.task as usize].name.clone(),
            origin: self.origin(pending.slot),
            kind: failure.kind,
            message: failure.message,
            command: failure.command,
            stderr_tail: failure.stderr_tail,
            log,
        };
        self.fail(pending.call.key, &slots, failure, duration_us)
    }
}

/// Whether results go into the index, for other runs.
pub(crate) fn keeps(cache: Cache) -> bool {
    matches!(cache, Cache::Forever | Cache::For(_))
}

/// What tells a step from others in one run. Of two calls that would make the same, one may be told to hurry and the other not, and
/// one to use what was made before and the other not: they are two steps, and one of them finds what the other made if it may.
pub(crate) fn run_key(key: &ContentHash, cache: Cache, timeout: Option<Millis>) -> ContentHash {
    if cache == Cache::Forever && timeout.is_none() {
        return *key;
    }
    let mut hasher = KeyHasher::new("step-in-run", 1);
    hasher.hash(b'K', key);
    match cache {
        Cache::Forever => {}
        Cache::Never => drop(hasher.number(b'N', 0)),
        Cache::Run => drop(hasher.number(b'R', 0)),
        Cache::For(ttl) => drop(hasher.number(b'F', ttl.0)),
    }
    if let Some(timeout) = timeout {
        hasher.number(b'T', timeout.0);
    }
    hasher.finish()
}
