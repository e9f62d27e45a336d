//! Diagnostics about loops, failures that are caught, contenders, and code that nothing reaches.
use flowc_base::{Applicability, Edit};

use super::codes as c;
use super::{diag, removing, replacing};
use crate::db::{Diag, Place};

/// `in_loop`: a loop is around it, with something else in between.
pub(crate) fn misplaced_jump(place: Place, ends: bool, in_loop: bool) -> Diag {
    let what = if ends { "break" } else { "continue" };
    let hint = if in_loop {
        "it is a statement of the loop's body, or of an `if` or `match` that is one: not of a `for`, a `let` or an argument"
    } else {
        "it belongs in a `loop`; the elements of a `for` are chosen by `for x in xs if …`"
    };
    diag(c::MISPLACED_STATEMENT, format!("`{what}` cannot stand here"), place, "").with_hint(hint)
}

pub(crate) fn continue_without_value(place: Place) -> Diag {
    diag(c::LOOP_END, "`continue` without the value of the next round", place, "")
        .with_hint("say what the loop's variable is in the next round: `continue value`")
}

/// `value`: what stands where the path ends is a value.
pub(crate) fn loop_end(place: Place, head: Place, value: bool) -> Diag {
    let d = diag(
        c::LOOP_END,
        "this path of the loop ends in neither `break` nor `continue`",
        place,
        if value { "goes nowhere" } else { "this end is reached" },
    )
    .with_label(head, "of this loop");
    if value {
        let edits = vec![Edit { place: place.start(), text: "continue ".to_owned() }];
        return d
            .with_hint("`continue value` goes on with it, `break value` is the value of the loop")
            .with_fix("write `continue` before it", Applicability::Maybe, edits);
    }
    d.with_hint("end it with `break value` or with `continue value`")
}

pub(crate) fn loop_without_break(place: Place) -> Diag {
    diag(c::LOOP_WITHOUT_BREAK, "no path of this loop ends in `break`", place, "never has a value")
        .with_hint("say when it is done: `if … { break value }`")
}

pub(crate) fn loop_once(place: Place, var: &str) -> Diag {
    diag(c::LOOP_ONCE, "no path of this loop ends in `continue`", place, "has one round only").with_hint(
        format!(
            "write what is in it without the loop, or `continue value` where `{var}` should be tried again"
        ),
    )
}

pub(crate) fn missing_max(place: Place, end: Place) -> Diag {
    diag(c::MISSING_MAX, "this loop does not say how many rounds it may take", place, "")
        .with_hint("write how many at most: `loop x = first max 5 { … }`")
        .with_fix("write `max 5`", Applicability::Maybe, vec![Edit { place: end, text: " max 5".to_owned() }])
}

pub(crate) fn unreachable_code(place: Place, end: Place) -> Diag {
    let d = diag(c::UNREACHABLE_CODE, "nothing ever reaches this", place, "never runs")
        .with_label(end, "every path ends here")
        .with_hint("take it out, or move it up");
    removing(d, place, "it", Applicability::Maybe)
}

pub(crate) fn not_a_list(place: Place, what: &str, found: &str, hint: Option<&str>) -> Diag {
    let d = diag(
        c::NOT_A_LIST,
        format!("`{what}` takes a list, found `{found}`"),
        place,
        format!("this is `{found}`"),
    );
    hint.into_iter().fold(d, Diag::with_hint)
}

/// `holder`: the construct that stands there, when it holds steps.
/// `word`: the `else`; `rest`: from the end of the value to the end of what follows it.
pub(crate) fn else_needs_step(
    place: Place,
    holder: Option<&str>,
    optional: bool,
    (word, rest): (Place, Place),
) -> Diag {
    let d = diag(c::NEEDS_STEP, "`else` after something that cannot fail", place, "this is no step");
    match holder {
        _ if optional => {
            let d = d.with_hint("for a value that may be `none` write `value ?? other`");
            replacing(d, word, "??", Applicability::Maybe)
        }
        Some(holder) => d.with_hint(format!(
            "write `else` after the step inside the `{holder}`, or give the `{holder}` a flow of its own"
        )),
        None => {
            let d = d.with_hint("it stands after a call of a task or flow, `ask`, `race`, `first` or `loop`");
            removing(d, rest, "the `else`", Applicability::Maybe)
        }
    }
}

/// `word`: the `try`.
pub(crate) fn try_needs_step(place: Place, holder: Option<&str>, word: Place) -> Diag {
    let d = diag(c::NEEDS_STEP, "`try` before something that cannot fail", place, "this is no step");
    match holder {
        Some(holder) => d.with_hint(format!(
            "write `try` before the step inside the `{holder}`, or give the `{holder}` a flow of its own"
        )),
        None => {
            let d =
                d.with_hint("it stands before a call of a task or flow, `ask`, `race`, `first` or `loop`");
            removing(d, word, "`try`", Applicability::Maybe)
        }
    }
}

pub(crate) fn useless_else(place: Place, attempt: Place) -> Diag {
    let d = diag(c::USELESS_ELSE, "this `else` is never taken", place, "")
        .with_label(attempt, "`try` does not fail: a failure is a value of it")
        .with_hint("take out `try`, or take its value apart with `match`");
    removing(d, place, "the `else`", Applicability::Maybe)
}

pub(crate) fn no_contenders(place: Place, construct: &str) -> Diag {
    diag(c::BAD_CONTENDER, format!("`{construct}` between nothing"), place, "")
        .with_hint(format!("write the calls into it: `{construct}{} [a(), b()]`", of(construct)))
}

fn of(construct: &str) -> &'static str {
    if construct == "first" { " 1 of" } else { "" }
}

/// `bound`: the name that stands there, and where it is bound.
pub(crate) fn no_contender(place: Place, construct: &str, bound: Option<(&str, Place)>) -> Diag {
    let message = format!("a contender of `{construct}` that is no step");
    match bound {
        Some((name, bound)) => diag(c::BAD_CONTENDER, message, place, "is there before the others start")
            .with_label(bound, format!("`{name}` is computed here"))
            .with_hint("write the call itself between the brackets"),
        None => diag(c::BAD_CONTENDER, message, place, "always wins at once")
            .with_hint("for a value when all steps fail write it behind: `race [a(), b()] else value`"),
    }
}

pub(crate) fn contenders_elsewhere(place: Place, construct: &str) -> Diag {
    diag(
        c::BAD_CONTENDER,
        format!("the contenders of `{construct}` are not written in it"),
        place,
        "they are there before the choice begins",
    )
    .with_hint(format!(
        "write `{construct}{0} [a(), b()]`, or `{construct}{0} (for x in xs {{ … }})`",
        of(construct)
    ))
}

/// `alone`: writes the contender without the race.
pub(crate) fn race_of_one(place: Place, alone: Option<Edit<Place>>) -> Diag {
    let d = diag(c::USELESS_RACE, "a race with one contender", place, "").with_hint("call it without `race`");
    alone.into_iter().fold(d, |d, edit| d.with_fix("remove `race`", Applicability::Maybe, vec![edit]))
}

/// `alone`: writes the list without `first`.
pub(crate) fn first_of_all(place: Place, count: i64, alone: Option<Edit<Place>>) -> Diag {
    let message = format!("`first {count}` of {count} contenders waits for all of them");
    let d = diag(c::USELESS_RACE, message, place, "").with_hint("write the list alone, or a smaller number");
    let title = format!("remove `first {count} of`");
    alone.into_iter().fold(d, |d, edit| d.with_fix(title.clone(), Applicability::Maybe, vec![edit]))
}

pub(crate) fn too_few_contenders(place: Place, wanted: i64, count: i64, of: Place) -> Diag {
    let s = if count == 1 { "" } else { "s" };
    diag(
        c::NOT_IN_RANGE,
        format!("`first {wanted}` of {count} contender{s} never has its results"),
        place,
        "more than there are",
    )
    .with_label(of, format!("{count} contender{s}"))
    .with_hint("write a smaller number, or more contenders")
}

/// A name that looks like a variant of an outcome and binds all of it.
pub(crate) fn bound_variant(place: Place, name: &str) -> Diag {
    let pattern = if name == "ok" { "ok { value }" } else { "failed { message }" };
    replacing(
        diag(c::BAD_PATTERN, format!("`{name}` alone binds every outcome to that name"), place, "")
            .with_hint(format!("write `{pattern}`, or `{name} {{}}` to bind nothing")),
        place,
        pattern,
        Applicability::Maybe,
    )
}

/// `known`: the fields of the variant, or the variants of an outcome.
pub(crate) fn unknown_variant(place: Place, name: &str) -> Diag {
    let variants = ["ok", "failed"];
    let near = flowc_base::nearest(name, variants);
    let d = diag(c::BAD_PATTERN, format!("an outcome is never `{name}`"), place, "")
        .with_hint("it is `ok { value }` or `failed { kind, message, step }`");
    super::did_you_mean(d, place, near)
}

/// `ok { … }` against something that is no outcome.
pub(crate) fn no_outcome(place: Place, name: &str, scrutinee: (Place, &str)) -> Diag {
    diag(c::BAD_PATTERN, format!("`{name} {{ … }}` never fits `{}`", scrutinee.1), place, "")
        .with_label(scrutinee.0, format!("this is `{}`", scrutinee.1))
        .with_hint("only what `try` gives is taken apart so")
}
