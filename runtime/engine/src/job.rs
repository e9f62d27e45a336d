//! The border between the dispatcher and the workers: what is to be executed, and what came of it.
use std::sync::Arc;

use flowc_base::Millis;
use flowc_plan::{ContentHash, Plan, Value};
use flowc_store::StoreError;

use crate::eval::EvalError;

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
    /// `with { timeout: … }` of the call; without, the worker takes the task's own.
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

/// What the dispatcher is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// A job came to its end.
    Done(Done),
    /// The expressions of a slot were evaluated elsewhere.
    Evaluated(u32, Result<Vec<Value>, EvalError>),
    /// Everything up to some moment survives a power cut, or cannot be made to.
    Synced(Result<(), StoreError>),
    /// Look around: someone wants the run stopped.
    Wake,
}

impl From<Done> for Message {
    fn from(done: Done) -> Self {
        Self::Done(done)
    }
}

/// Who executes jobs: threads and processes in earnest, a table of answers in tests.
pub(crate) trait Workers {
    /// Takes on a job; [`Message::Done`] says what came of it. Never waits.
    fn submit(&mut self, job: Job);
    /// Asks all running jobs to end, or kills them; each still gives its `Done`.
    fn interrupt(&mut self, kill: bool);
    /// The dispatcher has nothing to do but wait.
    fn idle(&mut self) {}
}
