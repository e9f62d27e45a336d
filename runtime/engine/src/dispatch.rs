//! The dispatcher: one thread owns a run's state, puts everything that happens in one order, and gives work out to others.
//! It knows no process, no thread of the workers and no text: what they did comes back as messages.
mod ending;
mod fan;
mod heal;
mod nodes;
mod steps;
#[cfg(test)]
mod tests;
mod tokens;

use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use flowc_plan::{ContentHash, Plan, Value};
use flowc_store::{RunFrame, RunId};

use crate::control::Stop;
use crate::graph::{Graph, Instance, NOWHERE};
use crate::job::{Message, Workers};
use crate::keeper::Keeper;
use crate::shape::Shape;
use crate::{Control, Counts, EngineError, Event, Options, StepFailure};

use fan::Fan;
use steps::{KeyState, Pending, Queued, Running};
pub(crate) use steps::{keeps, run_key};
#[cfg(test)]
pub(crate) use tests::test_kit;
use tokens::Tokens;
pub(crate) use tokens::{check_needs, running_max};

/// How long running steps get to end by themselves when a run is stopped.
const GRACE: Duration = Duration::from_secs(10);
/// How often another process is asked whether it has finished a step that this run needs too.
const POLL: Duration = Duration::from_millis(20);
/// How often what was written is made to survive a power cut, in the background.
const SYNC_EVERY: Duration = Duration::from_millis(200);
/// How many nodes are looked at before finished steps are: so that workers do not wait for a long list.
const SETTLE_MAX: usize = 1024;

/// What a dispatcher works with.
pub(crate) struct Setup<'a> {
    pub(crate) plan: Arc<Plan>,
    pub(crate) shape: Shape,
    pub(crate) run: RunId,
    pub(crate) keeper: Arc<dyn Keeper>,
    pub(crate) workers: &'a mut dyn Workers,
    pub(crate) inbox: Receiver<Message>,
    pub(crate) outbox: Sender<Message>,
    pub(crate) options: &'a Options,
    pub(crate) control: &'a Control,
    pub(crate) observer: &'a mut dyn FnMut(&Event),
    pub(crate) earlier: Earlier,
    /// Milliseconds since 1970.
    pub(crate) now_ms: fn() -> u64,
}

/// What the checkpoint of a run that is taken up says.
#[derive(Default)]
pub(crate) struct Earlier {
    pub(crate) resumed: bool,
    pub(crate) sources: BTreeMap<ContentHash, Value>,
    pub(crate) results: BTreeMap<ContentHash, Value>,
    pub(crate) finished: BTreeSet<ContentHash>,
}

/// How the dispatcher came to its end.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) value: Option<Value>,
    pub(crate) failures: Vec<StepFailure>,
    pub(crate) counts: Counts,
}

pub(crate) struct Dispatcher<'a> {
    plan: Arc<Plan>,
    shape: Shape,
    graph: Graph,
    fans: Vec<Fan>,
    run: RunId,
    keeper: Arc<dyn Keeper>,
    workers: &'a mut dyn Workers,
    inbox: Receiver<Message>,
    outbox: Sender<Message>,
    options: &'a Options,
    control: &'a Control,
    observer: &'a mut dyn FnMut(&Event),
    earlier: Earlier,
    now_ms: fn() -> u64,
    /// What was read from outside, or why it could not be.
    sources: HashMap<ContentHash, Result<Value, String>>,
    /// Every step so far, by key. Looked up, never walked through.
    keys: HashMap<ContentHash, KeyState>,
    queue: BinaryHeap<Queued>,
    queued: u64,
    /// Steps that another process is busy with.
    parked: Vec<Pending>,
    running: HashMap<u64, Running>,
    jobs: u64,
    tokens: Tokens,
    /// How many slots are being evaluated elsewhere.
    evaluating: u64,
    /// Keys that were computed again because their result was damaged: once each.
    healed: BTreeSet<ContentHash>,
    failures: Vec<StepFailure>,
    /// The slot of each failure, and further slots with the same step.
    failed: Vec<(u32, usize)>,
    /// Changes not yet in the checkpoint, of which nothing depends.
    frames: Vec<RunFrame>,
    counts: Counts,
    known: u64,
    told: u64,
    /// How many nodes have still to become instances.
    forks: u64,
    stop: Stop,
    kill_at: Option<Instant>,
    polled_at: Instant,
    syncing: bool,
    dirty: bool,
    synced_at: Instant,
}

impl<'a> Dispatcher<'a> {
    pub(crate) fn new(setup: Setup<'a>) -> Self {
        let tokens = Tokens::new(&setup.plan, setup.options);
        let Setup { plan, shape, run, keeper, workers, inbox, outbox, options, control, observer, .. } =
            setup;
        Self {
            plan,
            shape,
            graph: Graph::default(),
            fans: Vec::new(),
            run,
            keeper,
            workers,
            inbox,
            outbox,
            options,
            control,
            observer,
            earlier: setup.earlier,
            now_ms: setup.now_ms,
            sources: HashMap::new(),
            keys: HashMap::new(),
            queue: BinaryHeap::new(),
            queued: 0,
            parked: Vec::new(),
            running: HashMap::new(),
            jobs: 0,
            tokens,
            evaluating: 0,
            healed: BTreeSet::new(),
            failures: Vec::new(),
            failed: Vec::new(),
            frames: Vec::new(),
            counts: Counts::default(),
            known: 0,
            told: 0,
            forks: 0,
            stop: Stop::No,
            kill_at: None,
            polled_at: Instant::now(),
            syncing: false,
            dirty: false,
            synced_at: Instant::now(),
        }
    }

    /// Runs the plan to its end.
    pub(crate) fn run(mut self) -> Result<Ended, EngineError> {
        let started = Instant::now();
        let at_ms = self.now();
        let event = Event::RunStarted {
            run: self.run.clone(),
            flow: self.plan.flow.clone(),
            resumed: self.earlier.resumed,
            at_ms,
        };
        self.emit(&event);
        let outcome = self.work();
        if outcome.is_err() {
            // Nobody will look at what they make.
            self.workers.interrupt(true);
        }
        outcome?;
        self.end(started)
    }

    fn work(&mut self) -> Result<(), EngineError> {
        self.read_sources()?;
        self.instantiate(Instance {
            region: 0,
            parent: NOWHERE,
            owner: NOWHERE,
            position: 0,
            first: 0,
            element: None,
            closed: false,
        });
        loop {
            self.obey();
            self.settle()?;
            self.start_steps()?;
            if self.is_over() {
                return Ok(());
            }
            self.tell_known();
            self.receive()?;
        }
    }

    fn is_over(&self) -> bool {
        if !self.running.is_empty() || self.evaluating > 0 {
            return false;
        }
        self.halted() || (self.graph.ready.is_empty() && self.queue.is_empty() && self.parked.is_empty())
    }

    /// Nothing new starts any more.
    fn halted(&self) -> bool {
        self.stop > Stop::No || (!self.options.keep_going && !self.failures.is_empty())
    }

    /// Does as [`Control`] says.
    fn obey(&mut self) {
        let stop = self.control.stop();
        if stop > self.stop {
            if self.stop == Stop::No {
                let at_ms = self.now();
                self.emit(&Event::Stopping { at_ms });
                self.kill_at = Some(Instant::now() + GRACE);
            }
            self.workers.interrupt(stop == Stop::Now);
            self.stop = stop;
        }
        if self.kill_at.is_some_and(|at| at <= Instant::now()) {
            self.kill_at = None;
            self.workers.interrupt(true);
        }
    }

    /// Looks at nodes whose inputs are there.
    fn settle(&mut self) -> Result<(), EngineError> {
        for _ in 0..SETTLE_MAX {
            if self.halted() {
                break;
            }
            let Some(slot) = self.graph.ready.pop_front() else { break };
            self.visit(slot)?;
        }
        Ok(())
    }

    /// Waits for messages and takes in all that are there.
    fn receive(&mut self) -> Result<(), EngineError> {
        let mut first = None;
        if self.graph.ready.is_empty() || self.halted() {
            self.flush()?;
            self.workers.idle();
            match self.patience() {
                None => first = self.inbox.recv().ok(),
                Some(patience) => match self.inbox.recv_timeout(patience) {
                    Ok(message) => first = Some(message),
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
                },
            }
        }
        let mut done = Vec::new();
        let inbox = self.inbox.clone();
        for message in first.into_iter().chain(inbox.try_iter()) {
            match message {
                Message::Done(job) => done.push(job),
                Message::Evaluated(slot, values) => {
                    self.evaluating -= 1;
                    if self.halted() && values.is_ok() {
                        continue;
                    }
                    self.proceed(slot, values)?;
                }
                Message::Synced(result) => {
                    self.syncing = false;
                    result?;
                }
                Message::Wake => {}
            }
        }
        // What was told to end is no failure.
        self.obey();
        if !done.is_empty() {
            self.commit(done)?;
        }
        if !self.parked.is_empty() && self.polled_at.elapsed() >= POLL && !self.halted() {
            self.poll_parked()?;
        }
        self.sync_in_background();
        Ok(())
    }

    /// How long to wait at most; `None` for as long as it takes.
    fn patience(&self) -> Option<Duration> {
        let now = Instant::now();
        let poll = (!self.parked.is_empty() && !self.halted()).then_some(POLL);
        let kill = self.kill_at.map(|at| at.saturating_duration_since(now));
        let sync = (self.dirty && !self.syncing).then(|| SYNC_EVERY.saturating_sub(self.synced_at.elapsed()));
        [poll, kill, sync].into_iter().flatten().min()
    }

    fn sync_in_background(&mut self) {
        if !self.dirty || self.syncing || self.synced_at.elapsed() < SYNC_EVERY {
            return;
        }
        let (keeper, outbox) = (Arc::clone(&self.keeper), self.outbox.clone());
        let thread = std::thread::Builder::new().name("sync".to_owned());
        // Nobody listens any more when the run is over.
        let sync = move || drop(outbox.send(Message::Synced(keeper.sync())));
        if thread.spawn(sync).is_ok() {
            self.syncing = true;
            self.dirty = false;
        }
        self.synced_at = Instant::now();
    }

    /// Writes what has not been written to the checkpoint yet.
    fn flush(&mut self) -> Result<(), EngineError> {
        if !self.frames.is_empty() {
            self.keeper.append(&self.frames)?;
            self.frames.clear();
            self.dirty = true;
        }
        Ok(())
    }

    fn instantiate(&mut self, instance: Instance) -> u32 {
        let region = instance.region as usize;
        let closed = instance.closed;
        let id = self.graph.add(&self.shape.regions[region], instance);
        if !closed {
            self.count_known(region);
        }
        self.add_fans(id, region);
        id
    }

    fn count_known(&mut self, region: usize) {
        self.known += self.shape.regions[region].steps;
        self.forks += self.shape.regions[region].forks;
    }

    fn tell_known(&mut self) {
        if self.told != self.known {
            self.told = self.known;
            let event = Event::Known { known: self.known, complete: self.forks == 0 };
            self.emit(&event);
        }
    }

    fn emit(&mut self, event: &Event) {
        (self.observer)(event);
    }

    fn now(&self) -> u64 {
        (self.now_ms)()
    }
}
