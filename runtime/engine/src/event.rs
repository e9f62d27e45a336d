//! What a run tells whoever watches it, in one order, from the dispatcher's thread.
use flowc_base::Name;
use flowc_plan::{ContentHash, Origin};
use flowc_store::RunId;

/// What a person calls a step: `main.counts[3]`, `page`.
pub type StepName = Name;

/// Something that happened. Times are milliseconds since the Unix epoch, durations microseconds.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are named after what they hold; units are said above")]
pub enum Event {
    /// First of all.
    RunStarted { run: RunId, flow: Name, resumed: bool, at_ms: u64 },
    /// More steps are known of than before; `known` is their number so far, `complete` when no more can come.
    Known { known: u64, complete: bool },
    /// A step has been given to a worker.
    StepStarted { step: StepName, task: Name, key: ContentHash, cause: Cause, at_ms: u64 },
    /// A step has a result already, from an earlier run (or from an equal step of this one).
    StepFound { step: StepName, task: Name, key: ContentHash, from: RunId, at_ms: u64 },
    /// A step is done.
    StepFinished { step: StepName, task: Name, key: ContentHash, at_ms: u64, duration_us: u64 },
    /// A step has failed for good.
    StepFailed { failure: Box<StepFailure>, at_ms: u64, duration_us: u64 },
    /// A step cannot run, because of another's failure.
    StepSkipped { step: StepName, because: StepName, at_ms: u64 },
    /// The run is being stopped.
    Stopping { at_ms: u64 },
    /// Last of all.
    RunFinished { run: RunId, counts: Counts, at_ms: u64, duration_us: u64 },
}

/// Why a step runs rather than being found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// There is no result for what it was given.
    NoResult,
    /// `cache never`, or an expired result.
    NotKept,
    /// `--fresh`.
    Fresh,
    /// There was a result, and its artifacts are gone or damaged.
    Damaged,
}

/// How many steps came to which end.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    /// Ran and succeeded.
    pub ran: u64,
    /// Had a result.
    pub found: u64,
    /// Failed for good.
    pub failed: u64,
    /// Did not run because of a failure or a stop, as far as they are known.
    pub skipped: u64,
}

/// All that a person needs to know of a step that failed.
#[derive(Clone, Debug)]
pub struct StepFailure {
    /// The step.
    pub step: StepName,
    /// Its task.
    pub task: Name,
    /// Where the call, and where the task stands.
    pub origin: Origin,
    /// The kind, to branch on: `exit`, `signal`, `timeout`, `missing-output`, `bad-output`, `no-program`, `evaluation`, `store` …
    pub kind: &'static str,
    /// One sentence: "exit status 3", "no file `out.txt`".
    pub message: String,
    /// The command, as a person would type it.
    pub command: String,
    /// The end of its standard error, at most 2 KiB and 20 lines.
    pub stderr_tail: String,
    /// Where its whole output is, if it wrote any.
    pub log: Option<std::path::PathBuf>,
}
