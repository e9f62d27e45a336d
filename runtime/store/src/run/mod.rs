//! Runs: what is kept of each so that it can go on after a kill. It knows values and keys, not how a step is run.
mod id;
mod log;
mod state;

pub use id::RunId;
pub use log::RunLog;
pub use state::{Counts, RunFrame, RunHeader, RunState, RunStatus, RunSummary};
