//! Runs a plan: which steps are ready, what they are given, where their results are kept. One thread, the dispatcher, owns a run's state;
//! it knows plans and the store, and neither text nor terminals.
mod event;
mod job;

pub use event::{Cause, Counts, Event, StepFailure, StepName};
