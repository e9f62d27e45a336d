//! How a run is stopped from outside its thread. It knows no signals: who catches them calls [`Control::interrupt`].
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// A handle to stop a run with: cheap to clone, to be used from any thread.
#[derive(Clone, Debug, Default)]
pub struct Control {
    requests: Arc<AtomicU8>,
}

/// How urgently a run is to stop.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Stop {
    /// It goes on.
    No,
    /// Nothing new starts; running steps are asked to end.
    Gently,
    /// Running steps are killed.
    Now,
}

impl Control {
    /// A control that nothing has been asked of.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The first time: nothing new starts, the running steps are asked to end (and are killed after a grace), everything finished is
    /// kept. The second time: the running steps are killed at once. Returns at once.
    pub fn interrupt(&self) {
        // Saturates: who keeps asking gets no more than a kill.
        let _ = self.requests.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| Some(n.saturating_add(1)));
    }

    pub(crate) fn stop(&self) -> Stop {
        match self.requests.load(Ordering::Relaxed) {
            0 => Stop::No,
            1 => Stop::Gently,
            _ => Stop::Now,
        }
    }
}
