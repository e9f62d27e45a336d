//! Diagnostics about what a flow is given and what becomes of it: arguments from outside, flows to run, plans.
use super::codes as c;
use super::{diag, one_of};
use crate::db::{Diag, Place};
use crate::lower::{DEPTH_MAX, Obstacle, SIZE_MAX};
use flowc_base::nearest;

/// An option of the command line: `-` stands for `_` in it as well.
fn option(name: &str) -> String {
    format!("--{}", name.replace('_', "-"))
}

pub(crate) fn missing_parameter(place: Place, name: &str, ty: &str) -> Diag {
    diag(c::MISSING_PARAMETER, format!("the parameter `{name}` was given nothing"), place, "has no default")
        .with_hint(format!("give it a `{ty}`: `{} …`", option(name)))
}

pub(crate) fn unknown_parameter(place: Place, flow: &str, name: &str, names: &[&str]) -> Diag {
    let d = diag(c::UNKNOWN_PARAMETER, format!("the flow `{flow}` has no parameter `{name}`"), place, "");
    match nearest(name, names.iter().copied()) {
        Some(near) => d.with_hint(format!("did you mean `{}`?", option(near))),
        None if names.is_empty() => d.with_hint("it has none"),
        None => d.with_hint(format!("it has {}", one_of(names).replace(" or ", " and "))),
    }
}

pub(crate) fn parameter_twice(place: Place, name: &str) -> Diag {
    diag(c::BAD_ARGUMENT, format!("the parameter `{name}` was given twice"), place, "takes one value")
        .with_hint("only a list may be given by several options of one name")
}

/// `path`: where in the value; empty for the value itself.
pub(crate) fn bad_argument(place: Place, name: &str, path: &str, expected: &str, found: &str) -> Diag {
    let message = format!("the argument `{name}{path}`: expected {expected}, found {found}");
    diag(c::BAD_ARGUMENT, message, place, "given to this parameter")
}

pub(crate) fn unknown_flow(place: Place, name: &str, names: &[&str]) -> Diag {
    let d = diag(c::UNKNOWN_FLOW, format!("the file has no flow `{name}`"), place, "");
    match nearest(name, names.iter().copied()) {
        Some(near) => d.with_hint(format!("did you mean `{near}`?")),
        None if names.is_empty() => d.with_hint("a file that is run needs a `flow main`"),
        None => d.with_hint(format!("it has {}: write `FILE:FLOW`", one_of(names).replace(" or ", " and "))),
    }
}

pub(crate) fn unread_step(place: Place) -> Diag {
    diag(c::UNREAD_STEP, "this step does not run: its result reaches no output", place, "")
        .with_hint("use its result, or take it out")
}

pub(crate) fn obstacle(place: Place, obstacle: Obstacle) -> Diag {
    match obstacle {
        Obstacle::Later(what) => super::names::not_yet(place, what),
        Obstacle::Size => {
            let message = format!(
                "the flow is more than {SIZE_MAX} steps and expressions with all its sub-flows written out"
            );
            diag(c::LOWERING, message, place, "").with_hint("use `for` over a list instead of calls of calls")
        }
        Obstacle::Depth => {
            let message = format!("more than {DEPTH_MAX} calls and expressions stand within each other");
            diag(c::LOWERING, message, place, "").with_hint("bind parts of it with `let`")
        }
    }
}
