//! Diagnostics about conditions: those that never or always hold, gates, and what is claimed to be independent.
use flowc_base::{Applicability, Edit};

use super::codes as c;
use super::{diag, removing, replacing};
use crate::db::{Diag, Place};

/// A side of a comparison: where it stands, and what is known of it.
type Side = (Place, Option<String>);

fn with_sides(d: Diag, sides: [Side; 2], why: Option<&str>) -> Diag {
    let d = sides
        .into_iter()
        .filter_map(|(place, what)| Some((place, what?)))
        .fold(d, |d, (place, what)| d.with_label(place, what));
    why.into_iter().fold(d, |mut d, why| {
        why.clone_into(&mut d.primary.text);
        d
    })
}

pub(crate) fn never_holds(place: Place, sides: [Side; 2], why: Option<&str>) -> Diag {
    let d = diag(c::NEVER_HOLDS, "this comparison can never hold", place, "");
    with_sides(d, sides, why)
        .with_hint("compare with a value that the other side can have, or take the comparison out")
}

pub(crate) fn always_holds(place: Place, sides: [Side; 2], why: Option<&str>) -> Diag {
    let d = diag(c::ALWAYS_HOLDS, "this comparison always holds", place, "");
    with_sides(d, sides, why).with_hint("take it out, or compare with a value that makes a difference")
}

/// Two comparisons of one value that exclude each other.
pub(crate) fn excluded(place: Place, first: Place) -> Diag {
    diag(c::NEVER_HOLDS, "these comparisons can never hold together", place, "excludes the other")
        .with_label(first, "this one")
        .with_hint("for one or the other write `||`")
}

pub(crate) fn constant_condition(place: Place, held: bool) -> Diag {
    let text = if held { "always holds" } else { "never holds" };
    diag(c::CONSTANT_CONDITION, format!("this condition {text}"), place, "")
        .with_hint("take it out, or let it depend on something")
}

pub(crate) fn unordered_choice(place: Place, ty: &str, other: (Place, &str)) -> Diag {
    diag(c::UNORDERED_CHOICE, format!("`{ty}` has no order"), place, format!("this is `{ty}`"))
        .with_label(other.0, format!("compared with this `{}`", other.1))
        .with_hint(
            "say which count: `value == \"a\" || value == \"b\"`, or `match` to numbers that can be compared",
        )
}

pub(crate) fn max_exceeded(place: Place, max: i64, count: usize, list: Place) -> Diag {
    let d = diag(c::MAX_EXCEEDED, format!("{count} elements are more than `max {max}`"), place, "")
        .with_label(list, format!("{count} elements"))
        .with_hint("such a `for` fails before its first element: raise `max`, or shorten the list");
    replacing(d, place, &count.to_string(), Applicability::Maybe)
}

/// `end`: where an action can be written.
pub(crate) fn gate_without_action(place: Place, end: Place, name: &str) -> Diag {
    let text = format!(" else fail {name:?}");
    diag(c::GATE_ACTION, "this gate does not say what happens when it does not pass", place, "")
        .with_hint("write `else fail \"…\"`, `else escalate \"…\"` or `else rollback`")
        .with_fix(
            format!("write `{}`", text.trim_start()),
            Applicability::Maybe,
            vec![Edit { place: end, text }],
        )
}

pub(crate) fn gate_action(place: Place) -> Diag {
    diag(c::GATE_ACTION, "a gate that does not pass ends the way", place, "this goes on")
        .with_hint("write `fail \"…\"`, `escalate \"…\"` or `rollback`; for another value use `if`")
}

pub(crate) fn gate_never_passes(place: Place) -> Diag {
    diag(c::GATE_NEVER_PASSES, "this gate can never pass", place, "never holds")
        .with_hint("let its condition depend on a result")
}

/// `gate`: all of it, here and below.
pub(crate) fn gate_always_passes(place: Place, gate: Place) -> Diag {
    let d = diag(c::GATE_GUARDS_NOTHING, "this gate always passes", place, "always holds")
        .with_hint("let its condition depend on a result, or take the gate out");
    removing(d, gate, "the gate", Applicability::Maybe)
}

pub(crate) fn unnamed_gate(place: Place) -> Diag {
    diag(c::NOT_CONSTANT, "a gate without a name", place, "")
        .with_hint("its name is what people read when it holds: `gate \"reviewed\" …`")
}

/// `outside`: a step further out that costs or changes something and that it does not hold.
pub(crate) fn gate_guards_nothing(place: Place, gate: Place, outside: Option<Place>) -> Diag {
    let d =
        diag(c::GATE_GUARDS_NOTHING, "this gate holds nothing", place, "nothing in its block comes after it");
    let d = removing(d, gate, "the gate", Applicability::Maybe);
    match outside {
        Some(outside) => d
            .with_label(outside, "this stands outside of its block and does not wait for it")
            .with_hint("a gate holds the later steps of its own block: put it there, with the condition in it"),
        None => d.with_hint(
            "a gate holds the agent calls, approvals, writes and effects that come after it in its block: move it before them",
        ),
    }
}

/// `word`: the word `speculate`.
pub(crate) fn useless_speculate(place: Place, word: Place) -> Diag {
    let d = diag(c::GATE_GUARDS_NOTHING, "`speculate` without an agent call after the gate", place, "")
        .with_hint("it lets agent calls run ahead of the gate: take it out, or move the gate before them");
    removing(d, word, "`speculate`", Applicability::Maybe)
}

/// `moved`: moves the step below the gate.
pub(crate) fn effect_before_gate(
    place: Place,
    gate: Place,
    (name, callee): (&str, &str),
    moved: Vec<Edit<Place>>,
) -> Diag {
    let d = diag(
        c::EFFECT_BEFORE_GATE,
        format!("the effect `{callee}` does not wait for the gate `{name}`"),
        place,
        "runs before the gate is decided",
    )
    .with_label(gate, "this gate needs nothing of it")
    .with_hint("a gate holds what stands below it: move the step below the gate");
    if moved.is_empty() { d } else { d.with_fix("move the step below the gate", Applicability::Maybe, moved) }
}

pub(crate) fn bad_independent(place: Place, why: &str, hint: &str) -> Diag {
    diag(c::BAD_INDEPENDENT, why, place, "").with_hint(hint)
}

/// `links`: each with the place where it is read.
pub(crate) fn not_independent(place: Place, names: &[String], links: &[(Place, String)]) -> Diag {
    let (from, to) = (names.first().cloned().unwrap_or_default(), names.last().cloned().unwrap_or_default());
    let d = diag(
        c::NOT_INDEPENDENT,
        format!("`{to}` depends on `{from}`: {}", names.join(" -> ")),
        place,
        "waits for the other",
    );
    links
        .iter()
        .fold(d, |d, (place, text)| d.with_label(*place, text.clone()))
        .with_hint("take the dependence out, or do not claim that they are independent")
}

pub(crate) fn contender_writes(
    place: Place,
    construct: &str,
    name: &str,
    what: &str,
    declared: Place,
) -> Diag {
    diag(
        c::CONTENDER_WRITES,
        format!("a contender of `{construct}` that {what}"),
        place,
        "may be stopped in the middle",
    )
    .with_label(declared, format!("`{name}` {what}"))
    .with_hint("let the contenders compute, and write with what has won")
}
