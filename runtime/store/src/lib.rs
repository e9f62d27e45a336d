//! What is kept: artifacts by content, results by key, checkpoints of runs. It does not know what a plan means.
mod error;
mod record;
mod run;
mod store;

pub use error::{Result, StoreError};
pub use record::Record;
pub use run::{Counts, RunFrame, RunHeader, RunId, RunLog, RunState, RunStatus, RunSummary};
pub use store::{Claim, Ingested, PACKED_BYTES_MAX, Store, View};
