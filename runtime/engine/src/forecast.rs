//! What a run would do, without doing it: which results are there, which steps would run and why, what waits for what.
//! It starts nothing and changes nothing but that the store may take in contents of sources.
#[cfg(test)]
mod tests;
mod walk;

use flowc_base::Name;
use flowc_plan::Origin;
use flowc_store::RunId;

use crate::{Cause, StepName};
pub(crate) use walk::forecast;

/// What a run would do.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Forecast {
    /// The steps, each after those that it waits for.
    pub steps: Vec<ForecastStep>,
    /// From a step to one that uses its value: indices into `steps`, sorted, each once.
    pub edges: Vec<(u32, u32)>,
    /// Whether the number of steps is known: no list is still to be computed.
    pub complete: bool,
}

/// A step, or all steps of a `for` whose list is not known yet.
#[derive(Clone, PartialEq, Debug)]
pub struct ForecastStep {
    /// What a person calls it: `counts[3]`; `counts[…]` for all of an unknown list.
    pub step: StepName,
    /// Its task.
    pub task: Name,
    /// Where the call stands.
    pub origin: Origin,
    /// What would become of it.
    pub fate: Fate,
    /// How many steps it stands for: `None` when a list is not known yet.
    pub count: Option<u64>,
    /// From 0: steps of one level can run side by side, after those of the levels before.
    pub level: u32,
}

/// What would become of a step.
#[derive(Clone, PartialEq, Debug)]
pub enum Fate {
    /// Its result is there already.
    Found {
        /// The run that made it.
        from: RunId,
    },
    /// It would run.
    Runs {
        /// Why.
        cause: Cause,
    },
    /// Whether it runs depends on the results of steps that would run before it.
    Waits {
        /// Those steps.
        on: Vec<StepName>,
    },
}
