//! Diagnostics about types and the values that should have them.

use super::codes as c;
use super::{adding, diag, did_you_mean, one_of, removing, replacing};
use crate::db::{Diag, Place};
use flowc_base::{Applicability, Edit, nearest};

/// Why a type is expected: the place that says so, and what to write there.
pub(crate) type Because<'a> = Option<(Place, &'a str)>;

fn because(d: Diag, why: Because<'_>) -> Diag {
    match why {
        Some((place, text)) if place != d.primary.place => d.with_label(place, text),
        _ => d,
    }
}

pub(crate) fn mismatch(place: Place, expected: &str, found: &str, why: Because<'_>) -> Diag {
    let d = diag(
        c::TYPE_MISMATCH,
        format!("expected `{expected}`, found `{found}`"),
        place,
        format!("this is `{found}`"),
    );
    because(d, why)
}

/// As [`mismatch`], for what no type says: "Text, List or Map".
pub(crate) fn wanted(place: Place, expected: &str, found: &str) -> Diag {
    diag(
        c::TYPE_MISMATCH,
        format!("expected {expected}, found `{found}`"),
        place,
        format!("this is `{found}`"),
    )
}

pub(crate) fn unit_mismatch(
    place: Place,
    expected: &str,
    found: &str,
    example: &str,
    why: Because<'_>,
) -> Diag {
    let d = diag(
        c::UNIT_MISMATCH,
        format!("expected `{expected}`, found `{found}`"),
        place,
        format!("this is `{found}`"),
    )
    .with_hint(format!("a `{expected}` is written like {example}"));
    because(d, why)
}

pub(crate) fn not_in_range(place: Place, value: &str, range: &str, why: Because<'_>) -> Diag {
    because(diag(c::NOT_IN_RANGE, format!("`{value}` is not in `{range}`"), place, ""), why)
}

pub(crate) fn not_a_choice(place: Place, value: &str, choices: &[&str], why: Because<'_>) -> Diag {
    let quoted: Vec<String> = choices.iter().map(|choice| format!("{choice:?}")).collect();
    let d = diag(c::NOT_A_CHOICE, format!("`{value:?}` is not one of {}", one_of(&quoted)), place, "");
    let near = nearest(value, choices.iter().copied()).map(|near| format!("{near:?}"));
    because(did_you_mean(d, place, near.as_deref()), why)
}

pub(crate) fn optional(place: Place, found: &str, why: Because<'_>) -> Diag {
    let message = match found {
        "none" => "`none` stands where a value is needed".to_owned(),
        _ => format!("this `{found}` may be `none`"),
    };
    let label = if found == "none" { "" } else { "may be `none`" };
    let d = diag(c::OPTIONAL_VALUE, message, place, label)
        .with_hint("say what then: `value ?? other`, or take it apart with `match`");
    because(d, why)
}

/// `edits`: write the range that is meant.
pub(crate) fn empty_range(place: Place, why: &str, edits: Vec<Edit<Place>>) -> Diag {
    let d =
        diag(c::EMPTY_RANGE, why, place, "").with_hint("a range is written `Int(0..10)`, both ends included");
    match edits.as_slice() {
        [] => d,
        [_] => d.with_fix("write `Float`", Applicability::Maybe, edits),
        _ => d.with_fix("swap the bounds", Applicability::Maybe, edits),
    }
}

pub(crate) fn bad_choice(place: Place, why: &str) -> Diag {
    diag(c::BAD_CHOICE, why, place, "").with_hint("a choice is between texts: `\"low\" | \"high\"`")
}

/// `meant`: the type with the right ones.
pub(crate) fn type_arguments(
    place: Place,
    name: &str,
    wanted: usize,
    found: usize,
    meant: Option<&str>,
) -> Diag {
    let d = diag(
        c::TYPE_ARGUMENTS,
        format!("`{name}` takes {wanted} type argument{}, found {found}", if wanted == 1 { "" } else { "s" }),
        place,
        "",
    );
    let d = if wanted == 1 { d.with_hint(format!("write `{name}<Text>`, or what else is in it")) } else { d };
    meant.into_iter().fold(d, |d, meant| replacing(d, place, meant, Applicability::Maybe))
}

/// `circle`: names from the type back to itself.
pub(crate) fn type_cycle(place: Place, circle: &[String], others: &[Place]) -> Diag {
    let d = diag(c::TYPE_CYCLE, format!("a type contains itself: {}", circle.join(" -> ")), place, "");
    others
        .iter()
        .fold(d, |d, place| d.with_label(*place, "through this"))
        .with_hint("a type may mention itself below `List<…>` or `Map<…>` only")
}

pub(crate) fn too_large(place: Place, parts: u64) -> Diag {
    diag(c::TYPE_TOO_LARGE, format!("this type has more than {parts} parts when written out"), place, "")
        .with_hint("a type that holds another twice doubles it: keep the inner values in a `List` or `Map`, or hand over `Json`")
}

pub(crate) fn unknown_field(place: Place, name: &str, of: &str, fields: &[&str]) -> Diag {
    let near = nearest(name, fields.iter().copied());
    let d = diag(c::UNKNOWN_FIELD, format!("`{of}` has no field `{name}`"), place, "");
    let d = if near.is_none() && !fields.is_empty() {
        d.with_hint(format!("it has {}", one_of(fields).replace(" or ", " and ")))
    } else {
        d
    };
    did_you_mean(d, place, near)
}

/// `given`: gives each the value of its name that is in sight.
pub(crate) fn missing_fields(place: Place, names: &[&str], given: Option<Edit<Place>>) -> Diag {
    let list = one_of(names).replace(" or ", " and ");
    let s = if names.len() == 1 { "" } else { "s" };
    let fields: Vec<String> = names.iter().map(|name| format!("{name}: …")).collect();
    let d = diag(c::MISSING_FIELD, format!("field{s} {list} missing"), place, "")
        .with_hint(format!("add `{}`", fields.join(", ")));
    adding(d, names, given)
}

pub(crate) fn duplicate_field(place: Place, name: &str, first: Place) -> Diag {
    let d = diag(c::DUPLICATE_FIELD, format!("`{name}` stands twice"), place, "again")
        .with_label(first, "first here")
        .with_hint("remove one of the two, or give it another name");
    removing(d, place, "the second", Applicability::Maybe)
}

pub(crate) fn no_fields(place: Place, name: &str, found: &str, hint: Option<&str>) -> Diag {
    let d = diag(c::NO_FIELDS, format!("`{found}` has no fields"), place, format!("no `{name}` in it"));
    hint.into_iter().fold(d, Diag::with_hint)
}

/// `rest`: from the end of the value to the end of what follows `??`.
pub(crate) fn useless_coalesce(place: Place, found: &str, rest: Place) -> Diag {
    diag(
        c::USELESS_COALESCE,
        format!("this `{found}` is never `none`"),
        place,
        "what follows `??` is never used",
    )
    .with_hint("remove `??` and what follows it")
    .with_fix(
        "remove `??` and what follows it",
        Applicability::Always,
        vec![Edit { place: rest, text: String::new() }],
    )
}

pub(crate) fn bad_operand(
    op: Place,
    sign: &str,
    left: (Place, &str),
    right: (Place, &str),
    hint: Option<String>,
) -> Diag {
    let d = diag(c::BAD_OPERAND, format!("`{sign}` between `{}` and `{}`", left.1, right.1), op, "")
        .with_label(left.0, format!("this is `{}`", left.1))
        .with_label(right.0, format!("this is `{}`", right.1));
    hint.into_iter().fold(d, Diag::with_hint)
}

pub(crate) fn bad_unary(place: Place, sign: &str, found: &str) -> Diag {
    diag(c::BAD_OPERAND, format!("`{sign}` before `{found}`"), place, format!("this is `{found}`"))
}

pub(crate) fn divide_by_zero(place: Place) -> Diag {
    diag(c::DIVIDE_BY_ZERO, "division by zero", place, "this is zero")
}

pub(crate) fn bad_index(place: Place, found: &str, hint: Option<&str>) -> Diag {
    let d = diag(c::BAD_INDEX, format!("`{found}` has no elements to take by `[…]`"), place, "");
    hint.into_iter().fold(d, Diag::with_hint)
}

pub(crate) fn negative_index(place: Place, hint: &str) -> Diag {
    diag(c::BAD_INDEX, "no element stands before the first", place, "").with_hint(hint)
}

pub(crate) fn not_a_list(place: Place, found: &str, hint: Option<&str>) -> Diag {
    let d =
        diag(c::NOT_A_LIST, format!("expected a list, found `{found}`"), place, format!("this is `{found}`"));
    hint.into_iter().fold(d, Diag::with_hint)
}

pub(crate) fn impossible_cast(place: Place, from: &str, to: &str, hint: Option<&str>) -> Diag {
    let d = diag(c::IMPOSSIBLE_CAST, format!("`{from}` cannot be converted to `{to}`"), place, "");
    hint.into_iter().fold(d, Diag::with_hint)
}

pub(crate) fn no_text(place: Place, found: &str, hint: &str) -> Diag {
    diag(c::NO_TEXT, format!("`{found}` has no text"), place, "spliced here").with_hint(hint)
}

/// Branches, elements or arms that have no type in common.
pub(crate) fn no_common_type(place: Place, what: &str, first: (Place, &str), found: &str) -> Diag {
    diag(
        c::TYPE_MISMATCH,
        format!("{what} of different types: `{}` and `{found}`", first.1),
        place,
        format!("this is `{found}`"),
    )
    .with_label(first.0, format!("this is `{}`", first.1))
    .with_hint("make them of one type: write another value, or convert one with `as`")
}

pub(crate) fn missing_signature(place: Place, what: &str) -> Diag {
    diag(c::MISSING_SIGNATURE, format!("the type of {what} is missing"), place, "")
        .with_hint("signatures are always written out")
}
