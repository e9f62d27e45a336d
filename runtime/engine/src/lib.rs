//! Runs a plan: which steps are ready, what they are given, where their results are kept. One thread, the dispatcher, owns a run's state;
//! it knows plans and the store, and neither text nor terminals.
mod control;
mod dispatch;
mod error;
mod eval;
mod event;
mod exec;
mod forecast;
mod graph;
mod job;
mod keeper;
mod run;
mod shape;
mod sources;
mod stored_plan;
mod tools;

pub use control::Control;
pub use error::{EngineError, ErrorOrigin};
pub use event::{Cause, Counts, Event, StepFailure, StepName};
pub use exec::{REAPER_ARG, reaper_main, sweep_stale};
pub use forecast::{Fate, Forecast, ForecastStep};
pub use run::{Options, RunInfo, RunOutcome, Status, forecast, resume, start};
pub use stored_plan::StoredPlan;
