//! Diagnostics about calls and their options.
use super::codes as c;
use super::{adding, diag, did_you_mean, one_of, removing, replacing};
use crate::db::{Diag, Place};
use flowc_base::{Applicability, Edit, nearest};
use flowc_stdlib::RegexError;

/// Whom a diagnostic about a call is about: how it is called, and where it is declared.
#[derive(Clone, Copy)]
pub(crate) struct Callee<'a> {
    pub(crate) name: &'a str,
    pub(crate) declared: Option<Place>,
}

fn declared(d: Diag, callee: Callee<'_>) -> Diag {
    callee
        .declared
        .into_iter()
        .fold(d, |d, place| d.with_label(place, format!("`{}` is declared here", callee.name)))
}

/// `given`: gives each the value of its name that is in sight.
pub(crate) fn missing_arguments(
    place: Place,
    callee: Callee<'_>,
    names: &[&str],
    given: Option<Edit<Place>>,
) -> Diag {
    let s = if names.len() == 1 { "" } else { "s" };
    let list = one_of(names).replace(" or ", " and ");
    let d = declared(
        diag(c::MISSING_ARGUMENT, format!("`{}` needs the argument{s} {list}", callee.name), place, ""),
        callee,
    )
    .with_hint(format!(
        "add `{}`",
        names.iter().map(|name| format!("{name}: …")).collect::<Vec<_>>().join(", ")
    ));
    adding(d, names, given)
}

pub(crate) fn unknown_argument(place: Place, callee: Callee<'_>, name: &str, params: &[&str]) -> Diag {
    let d = diag(c::UNKNOWN_ARGUMENT, format!("`{}` has no parameter `{name}`", callee.name), place, "");
    let near = nearest(name, params.iter().copied());
    let d = if near.is_none() && !params.is_empty() {
        d.with_hint(format!("it has {}", one_of(params).replace(" or ", " and ")))
    } else {
        d
    };
    declared(did_you_mean(d, place, near), callee)
}

pub(crate) fn too_many_arguments(place: Place, callee: Callee<'_>, takes: usize, given: usize) -> Diag {
    let s = if takes == 1 { "" } else { "s" };
    let d = declared(
        diag(
            c::UNKNOWN_ARGUMENT,
            format!("`{}` takes {takes} argument{s}, found {given}", callee.name),
            place,
            "one too many",
        ),
        callee,
    )
    .with_hint("remove it");
    removing(d, place, "it", Applicability::Maybe)
}

pub(crate) fn duplicate_argument(place: Place, name: &str, first: Place) -> Diag {
    let d = diag(c::DUPLICATE_ARGUMENT, format!("`{name}` is given twice"), place, "again")
        .with_label(first, "first here")
        .with_hint("remove one of the two");
    removing(d, place, "the second", Applicability::Maybe)
}

/// `name`: the parameter that it is for.
pub(crate) fn argument_order(place: Place, name: Option<&str>) -> Diag {
    let d = diag(c::ARGUMENT_ORDER, "an argument without a name follows one with a name", place, "")
        .with_hint("give it a name, or put it first");
    let Some(name) = name else { return d };
    let edits = vec![Edit { place: place.start(), text: format!("{name}: ") }];
    d.with_fix(format!("name it `{name}`"), Applicability::Maybe, edits)
}

pub(crate) fn step_in_task(place: Place, name: &str, what: &str) -> Diag {
    diag(c::STEP_IN_TASK, format!("`{name}` is a step and cannot be called {what}"), place, "")
        .with_hint("call it in a flow and hand its result over as an argument")
}

pub(crate) fn needs_step(place: Place) -> Diag {
    diag(c::NEEDS_STEP, "`with { … }` belongs to a call of a task or a flow", place, "this is no step")
        .with_hint("remove it, or put it right behind the call")
}

pub(crate) fn unknown_option(place: Place, name: &str, options: &[&str]) -> Diag {
    let d = diag(c::BAD_OPTION, format!("`with` has no option `{name}`"), place, "");
    let near = nearest(name, options.iter().copied());
    let d = if near.is_none() {
        d.with_hint(format!("it has {}", one_of(options).replace(" or ", " and ")))
    } else {
        d
    };
    did_you_mean(d, place, near)
}

pub(crate) fn bad_option(place: Place, name: &str, wanted: &str) -> Diag {
    diag(c::BAD_OPTION, format!("`{name}` takes {wanted}"), place, "")
}

/// An option that one step has, given to a flow.
pub(crate) fn option_of_step(place: Place, name: &str) -> Diag {
    let d = diag(c::BAD_OPTION, format!("a flow has no `{name}`"), place, "")
        .with_hint("give it to the steps in the flow; a flow takes `name` and `after`");
    removing(d, place, &format!("`{name}`"), Applicability::Maybe)
}

pub(crate) fn not_constant(place: Place, what: &str) -> Diag {
    diag(c::NOT_CONSTANT, format!("{what} must be written out as a constant"), place, "not a constant")
        .with_hint("write the value itself here, without names, calls and splices")
}

/// A regular expression that is none.
pub(crate) fn bad_regex(place: Place, error: RegexError) -> Diag {
    let message = format!("this is no regular expression: {}", error.what);
    diag(c::REGEX_SYNTAX, message, place, "").with_hint(error.hint)
}

/// A group that a regular expression does not have.
pub(crate) fn no_group(place: Place, error: RegexError) -> Diag {
    let d = diag(c::REGEX_SYNTAX, error.what, place, "").with_hint(error.hint);
    match error.instead {
        Some(instead) => replacing(d, place, &instead, Applicability::Maybe),
        None => d,
    }
}
