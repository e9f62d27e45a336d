//! The border between the dispatcher and the workers: what is to be executed, and what came of it.
use std::sync::Arc;

use flowc_base::Millis;
use flowc_plan::{ContentHash, Plan, Value};

/// One execution of a task. A worker evaluates the task's expressions with these arguments, stages the files in them,
/// runs the program, collects the outputs into the store.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// Given back with the outcome.
    pub(crate) id: u64,
    /// Holds the task.
    pub(crate) plan: Arc<Plan>,
    /// Index into [`Plan::tasks`].
    pub(crate) task: u32,
    /// One for each parameter.
    pub(crate) args: Arc<[Value]>,
    /// For this try; `None` without bound.
    pub(crate) timeout: Option<Millis>,
}

/// What came of a job.
#[derive(Debug)]
pub(crate) struct Done {
    /// The job's.
    pub(crate) id: u64,
    /// Its value, kept in the store already (not yet recorded), or why there is none.
    pub(crate) result: Result<Value, JobFailure>,
    /// What it printed, kept in the store; `None` when nothing.
    pub(crate) stdout: Option<ContentHash>,
    /// What it printed to standard error; `None` when nothing.
    pub(crate) stderr: Option<ContentHash>,
    /// From start to end, microseconds.
    pub(crate) duration_us: u64,
}

/// Why a job gave no value.
#[derive(Debug)]
pub(crate) struct JobFailure {
    /// See [`crate::StepFailure::kind`].
    pub(crate) kind: &'static str,
    /// One sentence.
    pub(crate) message: String,
    /// The command, as a person would type it.
    pub(crate) command: String,
    /// The end of standard error.
    pub(crate) stderr_tail: String,
}
