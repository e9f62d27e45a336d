//! The way in: a run is started or taken up again, and brought to an end. It knows plans and the store.
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Sender, unbounded};
use flowc_base::Bytes;
use flowc_plan::{Plan, Value};
use flowc_store::{RunFrame, RunHeader, RunId, RunLog, Store};

use crate::dispatch::{Dispatcher, Earlier, Ended, Setup, check_needs, running_max};
use crate::exec::{Config, Executor, work_dir};
use crate::job::{Done, Job, JobFailure, Message, Workers};
use crate::keeper::{StoreFinder, StoreKeeper};
use crate::shape::Shape;
use crate::stored_plan::StoredPlan;
use crate::{Control, Counts, EngineError, Event, Forecast, StepFailure};

/// How a run is to be run; nothing of it changes a result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// How many cores its steps may use; at least 1.
    pub jobs: usize,
    /// How much memory the `needs` of running steps may add up to; without, it is not counted.
    pub memory: Option<Bytes>,
    /// Whether results of earlier runs do not count.
    pub fresh: bool,
    /// Whether steps that do not depend on a failed one go on.
    pub keep_going: bool,
}

/// What a checkpoint says about where a run came from; for people and for taking it up again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunInfo {
    /// The program's path, as the user named it.
    pub program: String,
    /// The program's file stem: the beginning of the run's name.
    pub stem: String,
    /// The arguments as they were typed: name, text.
    pub args: Vec<(String, String)>,
    /// The project's directory; absolute.
    pub project: PathBuf,
    /// The options of the command line, for whoever wrote them.
    pub options: String,
    /// The version of flowc.
    pub flowc_version: String,
}

/// How a run came out.
#[derive(Clone, Debug)]
pub struct RunOutcome {
    /// Its name.
    pub run: RunId,
    /// How it ended.
    pub status: Status,
    /// How many steps came out how.
    pub counts: Counts,
    /// From its start (or from where it was taken up) to its end, microseconds.
    pub duration_us: u64,
    /// Its checkpoint; nobody else takes the run up while this is held.
    log: RunLog,
}

impl RunOutcome {
    /// Notes that the value has been handed out. Until then the run is not finished: taken up again, it gives its value once more.
    ///
    /// # Errors
    /// [`EngineError`] when that cannot be written.
    pub fn delivered(&self) -> Result<(), EngineError> {
        Ok(self.log.append(&[RunFrame::Delivered])?)
    }
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Status {
    /// With a value.
    Done(Value),
    /// Steps failed for good, in this order.
    Failed(Vec<StepFailure>),
    /// It was stopped.
    Interrupted,
}

/// Runs a plan to its end. Events come on the caller's thread.
///
/// # Errors
/// [`EngineError`] when it could not be started or the store can no longer keep its results; what was finished until then is kept.
pub fn start(
    store: &Store,
    plan: StoredPlan,
    about: RunInfo,
    options: &Options,
    control: &Control,
    observer: &mut dyn FnMut(&Event),
) -> Result<RunOutcome, EngineError> {
    let shape = shape_of(store, plan.plan())?;
    check_needs(plan.plan(), options)?;
    let Some(project) = about.project.to_str().map(str::to_owned) else {
        let message = format!("the path `{}` is not UTF-8", about.project.display());
        return Err(EngineError::environment("project", message));
    };
    let log = store.create_run(&about.stem, |id| RunHeader {
        id: id.clone(),
        started_unix_ms: now_ms(),
        program: about.program,
        flow: plan.plan().flow.clone(),
        args: about.args,
        plan: plan.hash(),
        project,
        options: about.options,
        flowc_version: about.flowc_version,
    })?;
    drive(store, plan.into_plan(), shape, log, Earlier::default(), options, control, observer)
}

/// Takes up a run that was stopped, failed or killed. What it read from outside is as it was at its start.
///
/// # Errors
/// As [`start`]; also when there is no such run, another process has it, or its plan is gone.
pub fn resume(
    store: &Store,
    run: &RunId,
    options: &Options,
    control: &Control,
    observer: &mut dyn FnMut(&Event),
) -> Result<RunOutcome, EngineError> {
    let (state, log) = store.open_run(run)?;
    let no_plan = |why: String| {
        let message = format!("run `{run}` cannot go on, its plan is lost ({why}): start it again");
        EngineError::environment("no-plan", message)
    };
    let plan = StoredPlan::load(store, state.header.plan).map_err(no_plan)?.into_plan();
    let shape = shape_of(store, &plan)?;
    check_needs(&plan, options)?;
    let earlier =
        Earlier { resumed: true, sources: state.sources, results: state.results, finished: state.finished };
    drive(store, plan, shape, log, earlier, options, control, observer)
}

#[expect(
    clippy::too_many_arguments,
    reason = "what `start` and `resume` have in common, called by them alone"
)]
fn drive(
    store: &Store,
    plan: Plan,
    shape: Shape,
    log: RunLog,
    earlier: Earlier,
    options: &Options,
    control: &Control,
    observer: &mut dyn FnMut(&Event),
) -> Result<RunOutcome, EngineError> {
    let started = Instant::now();
    let run = log.id().clone();
    let (outbox, inbox) = unbounded();
    let mut workers = Processes {
        store: store.clone(),
        slots: running_max(&plan, options.jobs),
        run: run.clone(),
        work_dir: work_dir(&store.work_dir(), &run),
        done: outbox.clone(),
        executor: None,
    };
    control.wakes(Some(outbox.clone()));
    let ended = Dispatcher::new(Setup {
        plan: Arc::new(plan),
        shape,
        run: run.clone(),
        keeper: Arc::new(StoreKeeper { found: StoreFinder(store.clone()), log: log.clone() }),
        workers: &mut workers,
        inbox,
        outbox,
        options,
        control,
        observer,
        earlier,
        now_ms,
    })
    .run();
    control.wakes(None);
    if let Some(executor) = workers.executor.take() {
        executor.finish();
    }
    let Ended { value, failures, counts } = ended?;
    let status = match value {
        Some(value) => Status::Done(value),
        None if failures.is_empty() => Status::Interrupted,
        None => Status::Failed(failures),
    };
    let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    Ok(RunOutcome { run, status, counts, duration_us, log })
}

/// The executor, made when the first job comes: a run that finds everything needs none.
struct Processes {
    store: Store,
    slots: usize,
    run: RunId,
    work_dir: PathBuf,
    done: Sender<Message>,
    executor: Option<Executor>,
}

impl Workers for Processes {
    fn submit(&mut self, job: Job) {
        if self.executor.is_none() {
            sweep_left_overs(&self.store, &self.run);
            let config = Config {
                store: self.store.clone(),
                slots: self.slots,
                work_dir: self.work_dir.clone(),
                done: self.done.clone(),
            };
            match Executor::start(config) {
                Ok(executor) => self.executor = Some(executor),
                Err(error) => {
                    let failure = JobFailure {
                        kind: "system",
                        message: format!("cannot prepare `{}`: {error}", self.work_dir.display()),
                        command: String::new(),
                        stderr_tail: String::new(),
                    };
                    let (stdout, stderr) = (None, None);
                    let done = Done { id: job.id, result: Err(failure), stdout, stderr, duration_us: 0 };
                    // The dispatcher holds the other end for as long as it gives out jobs.
                    let _ = self.done.send(done.into());
                    return;
                }
            }
        }
        if let Some(executor) = &self.executor {
            executor.submit(job);
        }
    }

    fn interrupt(&mut self, kill: bool) {
        if let Some(executor) = &self.executor {
            executor.interrupt(kill);
        }
    }
}

/// Clears what killed processes have left where steps run; of this run itself too, whose folder is not made yet.
fn sweep_left_overs(store: &Store, own: &RunId) {
    crate::sweep_stale(&store.work_dir(), |run| run != own && store.is_live(run));
}

/// Milliseconds since 1970.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// What [`start`] would do.
///
/// # Errors
/// [`EngineError`] when the plan is none.
pub fn forecast(store: &Store, plan: &Plan, options: &Options) -> Result<Forecast, EngineError> {
    check_needs(plan, options)?;
    crate::forecast::forecast(&StoreFinder(store.clone()), plan, shape_of(store, plan)?, options, now_ms())
}

/// The shape of a plan, as its tasks are on this machine.
fn shape_of(store: &Store, plan: &Plan) -> Result<Shape, EngineError> {
    let mut shape = Shape::new(plan)?;
    crate::tools::on_this_machine(store, plan, &mut shape);
    Ok(shape)
}
