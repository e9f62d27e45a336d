//! What is kept: artifacts by content, results by key, checkpoints of runs. It does not know what a plan means.
mod claim;
mod contents;
mod derived;
mod error;
mod frames;
mod index;
mod objects;
mod packs;
mod record;
mod run;
mod shared_log;
mod stats;
mod store;
mod sys;
mod tree;

pub use claim::Claim;
pub use contents::{Ingested, PACKED_BYTES_MAX, View};
pub use error::{Result, StoreError};
pub use objects::hash_of;
pub use record::Record;
pub use run::{Counts, RunFrame, RunHeader, RunId, RunLog, RunState, RunStatus, RunSummary};
pub use store::Store;
