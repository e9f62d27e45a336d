//! Workers whose jobs end in an order drawn from a seed, a store of maps that can be killed after any write, and what a run did.
use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use crossbeam_channel::{Sender, unbounded};
use flowc_base::Millis;
use flowc_plan::{ContentHash, FileRef, Plan, SourceKind, Value};
use flowc_stdlib::Files;
use flowc_store::{Record, RunFrame, RunId, StoreError};

use crate::dispatch::{Dispatcher, Earlier, Ended, Setup};
use crate::job::{Done, Job, JobFailure, Message, Workers};
use crate::keeper::{Finder, Keeper};
use crate::shape::Shape;
use crate::{Control, Counts, EngineError, Event, Options};

/// What survives a kill.
#[derive(Default)]
pub(crate) struct Disk {
    pub(crate) records: BTreeMap<ContentHash, Arc<Record>>,
    pub(crate) frames: Vec<RunFrame>,
    pub(crate) claims: BTreeSet<ContentHash>,
    /// How many writes there were.
    pub(crate) writes: usize,
    /// After so many nothing is written any more.
    pub(crate) killed_after: Option<usize>,
    /// Contents that are gone: files by name.
    pub(crate) lost: BTreeSet<String>,
    /// How often each source was read.
    pub(crate) sources_read: BTreeMap<String, u32>,
}

#[derive(Clone, Default)]
pub(crate) struct MemoryKeeper(pub(crate) Arc<Mutex<Disk>>);

impl MemoryKeeper {
    pub(crate) fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap()
    }

    fn write(&self) -> Result<MutexGuard<'_, Disk>, StoreError> {
        let mut disk = self.disk();
        if disk.killed_after.is_some_and(|most| disk.writes >= most) {
            return Err(StoreError::NotDurable { path: "killed".into() });
        }
        disk.writes += 1;
        Ok(disk)
    }
}

struct Held(Arc<Mutex<Disk>>, ContentHash);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.lock().unwrap().claims.remove(&self.1);
    }
}

impl Files for MemoryKeeper {
    fn read(&self, file: &FileRef, _: u64) -> Result<Vec<u8>, String> {
        if self.disk().lost.contains(file.name.as_str()) {
            return Err(format!("cannot read `{}`", file.name));
        }
        Ok(file.name.as_bytes().to_vec())
    }
}

impl Finder for MemoryKeeper {
    fn lookup(&self, key: &ContentHash) -> Option<Arc<Record>> {
        self.disk().records.get(key).cloned()
    }

    fn source(&self, _: SourceKind, what: &str, _: &str) -> Result<Value, String> {
        let mut disk = self.disk();
        let read = disk.sources_read.entry(what.to_owned()).or_default();
        *read += 1;
        match what {
            "missing" => Err("there is no `missing`".to_owned()),
            // A file that is there whenever it is read.
            "file-0" => {
                disk.lost.remove(what);
                Ok(file(0))
            }
            _ => Ok(Value::Int(1)),
        }
    }
}

impl Keeper for MemoryKeeper {
    fn record(&self, records: &[(ContentHash, Record)]) -> Result<(), StoreError> {
        let mut disk = self.write()?;
        for (key, record) in records {
            disk.records.insert(*key, Arc::new(record.clone()));
        }
        Ok(())
    }

    fn refresh(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn forget(&self, key: &ContentHash) -> Result<(), StoreError> {
        self.disk().records.remove(key);
        Ok(())
    }

    fn claim(&self, key: &ContentHash) -> Result<Option<Box<dyn Any>>, StoreError> {
        let free = self.disk().claims.insert(*key);
        Ok(free.then(|| Box::new(Held(Arc::clone(&self.0), *key)) as Box<dyn Any>))
    }

    fn holds(&self, value: &Value) -> bool {
        match value {
            Value::File(file) => !self.disk().lost.contains(file.name.as_str()),
            Value::List(items) => items.iter().all(|item| self.holds(item)),
            _ => true,
        }
    }

    fn append(&self, frames: &[RunFrame]) -> Result<(), StoreError> {
        self.write()?.frames.extend_from_slice(frames);
        Ok(())
    }

    fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn keep_log(&self, _: &ContentHash, _: Option<&ContentHash>) -> Option<std::path::PathBuf> {
        None
    }
}

/// A generator of numbers: the same for the same seed.
#[derive(Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }
}

/// What the tasks of the tests give.
pub(crate) fn answer(task: &str, args: &[Value]) -> Result<Value, JobFailure> {
    let number = |at: usize| match args.get(at) {
        Some(Value::Int(value)) => *value,
        _ => 0,
    };
    match task {
        // The sum of all arguments and one.
        "add" => Ok(Value::Int((0..args.len()).map(number).fold(1, i64::wrapping_add) % 1000)),
        // Up to three numbers.
        "list" => Ok(Value::list((0..number(0).rem_euclid(4)).map(|at| Value::Int(number(0) + at)))),
        "file" => Ok(file(number(0))),
        "use" => Ok(Value::Int(1)),
        _ => Err(JobFailure {
            kind: "exit",
            message: "exit status 3".to_owned(),
            command: "fail".to_owned(),
            stderr_tail: String::new(),
        }),
    }
}

fn file(number: i64) -> Value {
    Value::File(FileRef {
        name: format!("file-{number}").into(),
        hash: ContentHash::of(&number.to_le_bytes()),
        size: 1,
        executable: false,
    })
}

/// Workers that do nothing until the dispatcher waits; then some of the jobs end.
pub(crate) struct FakeWorkers {
    keeper: MemoryKeeper,
    outbox: Sender<Message>,
    random: Random,
    jobs: Vec<Job>,
    /// All jobs so far: task and arguments.
    pub(crate) executed: Vec<(String, Vec<Value>)>,
    /// The most jobs at one time.
    pub(crate) most: usize,
    control: Control,
    /// The run is interrupted when so many jobs have been given out.
    interrupt_at: Option<usize>,
}

impl Workers for FakeWorkers {
    fn submit(&mut self, job: Job) {
        let task = job.plan.tasks[job.task as usize].name.as_str().to_owned();
        self.executed.push((task, job.args.to_vec()));
        self.jobs.push(job);
        self.most = self.most.max(self.jobs.len());
        if self.interrupt_at == Some(self.executed.len()) {
            self.control.interrupt();
        }
    }

    fn interrupt(&mut self, _: bool) {
        for job in self.jobs.drain(..) {
            let failure = JobFailure {
                kind: "interrupted",
                message: "stopped".to_owned(),
                command: String::new(),
                stderr_tail: String::new(),
            };
            self.outbox.send(Message::Done(done(job.id, Err(failure)))).unwrap();
        }
    }

    fn idle(&mut self) {
        for _ in 0..=self.random.below(3) {
            if self.jobs.is_empty() {
                break;
            }
            let job = self.jobs.swap_remove(self.random.below(self.jobs.len()));
            let result = match job.args.iter().find(|arg| !self.keeper.holds(arg)) {
                Some(_) => Err(JobFailure {
                    kind: "store",
                    message: "the content was damaged".to_owned(),
                    command: String::new(),
                    stderr_tail: String::new(),
                }),
                None => answer(job.plan.tasks[job.task as usize].name.as_str(), &job.args),
            };
            if let Ok(Value::File(file)) = &result {
                self.keeper.disk().lost.remove(file.name.as_str());
            }
            self.outbox.send(Message::Done(done(job.id, result))).unwrap();
        }
    }
}

fn done(id: u64, result: Result<Value, JobFailure>) -> Done {
    Done { id, result, stdout: None, stderr: None, duration_us: 1 }
}

/// How a test runs a plan.
pub(crate) struct Trial<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) keeper: MemoryKeeper,
    pub(crate) seed: u64,
    pub(crate) options: Options,
    pub(crate) run: &'a str,
    pub(crate) interrupt_at: Option<usize>,
}

/// What a run did.
pub(crate) struct Seen {
    pub(crate) outcome: Result<Ended, EngineError>,
    pub(crate) executed: Vec<(String, Vec<Value>)>,
    pub(crate) most: usize,
    /// The events in few words.
    pub(crate) events: Vec<String>,
}

impl Seen {
    pub(crate) fn value(&self) -> Value {
        match &self.outcome {
            Ok(Ended { value: Some(value), .. }) => value.clone(),
            other => panic!("no value: {other:?}; events: {:#?}", self.events),
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.outcome.as_ref().unwrap().counts
    }
}

impl<'a> Trial<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            keeper: MemoryKeeper::default(),
            seed: 1,
            options: Options { jobs: 3, memory: None, fresh: false, keep_going: false },
            run: "run-a",
            interrupt_at: None,
        }
    }

    /// Runs the plan; what the checkpoint says of the run is taken up.
    pub(crate) fn go(&self) -> Seen {
        let mut earlier = Earlier::default();
        for frame in &self.keeper.disk().frames {
            match frame {
                RunFrame::Source { id, value } => drop(earlier.sources.insert(*id, value.clone())),
                RunFrame::Finished { key, value, .. } => {
                    earlier.finished.insert(*key);
                    if let Some(value) = value {
                        earlier.results.insert(*key, value.clone());
                    }
                }
                _ => {}
            }
        }
        let (outbox, inbox) = unbounded();
        let control = Control::new();
        control.wakes(Some(outbox.clone()));
        let mut workers = FakeWorkers {
            keeper: self.keeper.clone(),
            outbox: outbox.clone(),
            random: Random::new(self.seed),
            jobs: Vec::new(),
            executed: Vec::new(),
            most: 0,
            control: control.clone(),
            interrupt_at: self.interrupt_at,
        };
        let mut events = Vec::new();
        let outcome = Dispatcher::new(Setup {
            plan: Arc::new(self.plan.clone()),
            shape: Shape::new(self.plan).unwrap(),
            run: self.run.parse::<RunId>().unwrap(),
            keeper: Arc::new(self.keeper.clone()),
            workers: &mut workers,
            inbox,
            outbox,
            options: &self.options,
            control: &control,
            observer: &mut |event| events.push(shown(event)),
            earlier,
            now_ms: || 1_000_000,
        })
        .run();
        let FakeWorkers { executed, most, .. } = workers;
        Seen { outcome, executed, most, events }
    }
}

fn shown(event: &Event) -> String {
    match event {
        Event::RunStarted { .. } => "run started".to_owned(),
        Event::Known { known, complete } => {
            format!("known {known}{}", if *complete { "" } else { " or more" })
        }
        Event::StepStarted { step, cause, .. } => format!("started {step}: {cause:?}"),
        Event::StepFound { step, from, .. } => format!("found {step} of {from}"),
        Event::StepFinished { step, .. } => format!("finished {step}"),
        Event::StepFailed { failure, .. } => format!("failed {}: {}", failure.step, failure.message),
        Event::StepSkipped { step, because, .. } => format!("skipped {step} because of {because}"),
        Event::Stopping { .. } => "stopping".to_owned(),
        Event::RunFinished { .. } => "run finished".to_owned(),
    }
}

/// A time to live for tests.
pub(crate) const TTL: Millis = Millis(1000);
