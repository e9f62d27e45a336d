//! How a run is stopped from outside its thread. It knows no signals: who catches them calls [`Control::interrupt`].
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::Sender;

use crate::job::Message;

/// A handle to stop a run with: cheap to clone, to be used from any thread (not from inside a signal handler).
#[derive(Clone, Debug, Default)]
pub struct Control {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    requests: AtomicU8,
    waker: Mutex<Option<Sender<Message>>>,
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
        let more = |n: u8| Some(n.saturating_add(1));
        let _ = self.inner.requests.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
        let waker = self.inner.waker.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waker) = &*waker {
            // A run that is over has no ears; then there is nothing to stop.
            let _ = waker.send(Message::Wake);
        }
    }

    pub(crate) fn stop(&self) -> Stop {
        match self.inner.requests.load(Ordering::SeqCst) {
            0 => Stop::No,
            1 => Stop::Gently,
            _ => Stop::Now,
        }
    }

    /// From now on, [`Control::interrupt`] wakes whoever waits for messages.
    pub(crate) fn wakes(&self, waker: Option<Sender<Message>>) {
        *self.inner.waker.lock().unwrap_or_else(PoisonError::into_inner) = waker;
    }
}
