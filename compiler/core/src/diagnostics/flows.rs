//! Diagnostics about the bodies of flows: statements, `match`, circles.
use flowc_base::{Applicability, Edit};

use super::codes as c;
use super::{diag, one_of, removing};
use crate::db::{Diag, Place};

/// `circle`: names from the flow back to itself.
pub(crate) fn flow_cycle(place: Place, circle: &[String], others: &[Place]) -> Diag {
    let d = diag(
        c::FLOW_CYCLE,
        format!("flows call each other in a circle: {}", circle.join(" -> ")),
        place,
        "called here",
    );
    others
        .iter()
        .fold(d, |d, place| d.with_label(*place, "and here"))
        .with_hint("a flow cannot call itself, not even through others: use `for` over a list")
}

pub(crate) fn unused_value(place: Place) -> Diag {
    let d =
        diag(c::UNUSED_VALUE, "this value goes nowhere", place, "neither bound nor the last of its block")
            .with_hint("bind it with `let`, make it the last of the block, or take it out");
    removing(d, place, "it", Applicability::Maybe)
}

pub(crate) fn misplaced(place: Place, what: &str, hint: &str) -> Diag {
    diag(c::MISPLACED_STATEMENT, format!("{what} cannot stand here"), place, "").with_hint(hint)
}

/// `arms`: adds what is missing.
pub(crate) fn not_exhaustive(place: Place, missing: &[String], ty: &str, arms: Option<Edit<Place>>) -> Diag {
    let d = if missing.is_empty() {
        diag(c::NOT_EXHAUSTIVE, format!("this `match` does not take every `{ty}`"), place, "")
    } else {
        diag(c::NOT_EXHAUSTIVE, format!("this `match` does not take {}", one_of(missing)), place, "")
    };
    let d = d.with_hint("add an arm for what is left, or `_ => …`");
    arms.into_iter()
        .fold(d, |d, arms| d.with_fix("add what is left, as a failure", Applicability::Maybe, vec![arms]))
}

pub(crate) fn unreachable_arm(place: Place) -> Diag {
    let d = diag(c::UNREACHABLE_ARM, "this arm is never taken", place, "the arms above take all of it")
        .with_hint("take it out, or move it up");
    removing(d, place, "the arm", Applicability::Maybe)
}

pub(crate) fn bad_pattern(place: Place, pattern: &str, scrutinee: (Place, &str)) -> Diag {
    let d = diag(
        c::BAD_PATTERN,
        format!("this pattern never fits `{}`", scrutinee.1),
        place,
        format!("this is `{pattern}`"),
    )
    .with_label(scrutinee.0, format!("this is `{}`", scrutinee.1))
    .with_hint("write a pattern that its values can fit, or remove the arm");
    removing(d, place, "the pattern", Applicability::Maybe)
}

pub(crate) fn binding_in_or(place: Place) -> Diag {
    diag(c::BAD_PATTERN, "a name cannot be bound inside `a | b`", place, "")
        .with_hint("write two arms, or `_`")
}
