//! What is done to a plan before it is run: equal things once, nothing that nobody reads. One pass a file, each from plan to plan;
//! none knows what the plan was made of.
mod merge;
mod unread;

use flowc_plan::Plan;

/// A plan with the place of each node in whatever it was made of, region by region.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Draft<P> {
    /// The plan.
    pub(crate) plan: Plan,
    /// One for each node.
    pub(crate) places: Vec<Vec<P>>,
}

/// All passes. Gives back the places of the steps that will not run because nobody reads them, in order, each once.
pub(crate) fn optimise<P: Copy + Eq + std::hash::Hash>(draft: Draft<P>) -> (Plan, Vec<P>) {
    // First what nobody reads: else an equal step in a branch would be one with it, and it would run whether or not the branch does.
    let (kept, dropped) = unread::drop_unread(draft);
    (merge::merge(kept).plan, dropped)
}

/// The places of the steps that will not run because nobody reads them, in order, each once.
pub(crate) fn unread<P: Copy + Eq + std::hash::Hash>(draft: Draft<P>) -> Vec<P> {
    unread::drop_unread(draft).1
}
