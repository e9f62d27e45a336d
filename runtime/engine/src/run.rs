//! The way in: a run is started or taken up again, and brought to an end. It knows plans and the store.
use std::path::PathBuf;

use flowc_base::Bytes;
use flowc_plan::{Plan, Value};
use flowc_store::{RunId, Store};

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
    plan: &Plan,
    about: RunInfo,
    options: &Options,
    control: &Control,
    observer: &mut dyn FnMut(&Event),
) -> Result<RunOutcome, EngineError> {
    let _ = (store, plan, about, options, control, observer);
    Err(EngineError::bug("runs are not there yet"))
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
    let _ = (store, run, options, control, observer);
    Err(EngineError::bug("runs are not there yet"))
}

/// What [`start`] would do.
///
/// # Errors
/// [`EngineError`] when the sources cannot be read.
pub fn forecast(store: &Store, plan: &Plan, options: &Options) -> Result<Forecast, EngineError> {
    let _ = (store, plan, options);
    Err(EngineError::bug("forecasts are not there yet"))
}
