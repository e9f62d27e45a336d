//! The checkpoint of one run while it is worked on.
use std::path::Path;
use std::sync::Arc;

use crate::{Result, RunFrame, RunId};

/// The checkpoint of a run, held by this process alone until it is dropped. Cheap to clone; `Send + Sync`.
#[derive(Clone)]
pub struct RunLog {
    inner: Arc<RunId>,
}

impl RunLog {
    /// The run.
    #[must_use]
    pub fn id(&self) -> &RunId {
        &self.inner
    }

    /// The run's directory, for the logs of its steps.
    #[must_use]
    pub fn dir(&self) -> &Path {
        Path::new("")
    }

    /// Appends changes, whole, in one write: they survive a kill of the process from here on, a power cut after [`crate::Store::sync`].
    ///
    /// # Errors
    /// [`crate::StoreError`]; nothing of `frames` is left in the log then.
    pub fn append(&self, frames: &[RunFrame]) -> Result<()> {
        let _ = frames;
        Ok(())
    }
}
