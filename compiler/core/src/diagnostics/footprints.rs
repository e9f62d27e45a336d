//! Diagnostics about what steps touch outside of a directory of their own: footprints, effects, paths in commands.
use flowc_base::{Applicability, Edit};

use super::codes as c;
use super::{diag, replacing};
use crate::db::{Diag, Place};

pub(crate) fn bad_footprint(place: Place, why: &str, hint: &str) -> Diag {
    diag(c::BAD_FOOTPRINT, why, place, "").with_hint(hint)
}

/// `docs/` where `docs/**` is meant.
pub(crate) fn bare_directory(place: Place, path: &str) -> Diag {
    let all = format!("\"{path}**\"");
    let d = bad_footprint(place, "this pattern names a directory and no file in it", "all in it is `**`");
    replacing(d, place, &all, Applicability::Maybe)
}

/// One pattern under two words, or twice under one.
pub(crate) fn footprint_twice(place: Place, pattern: &str, word: &str, first: (Place, &str)) -> Diag {
    let (message, hint) = if word == first.1 {
        (format!("`{pattern}` stands twice under `{word}`"), "take one of the two out")
    } else {
        (
            format!("`{pattern}` stands under `{}` and under `{word}`", first.1),
            "what is read and changed stands under `edits` alone",
        )
    };
    diag(c::FOOTPRINT_TWICE, message, place, "again").with_label(first.0, "first here").with_hint(hint)
}

/// A task on the tree takes an output from where it may not write; `edits` declare it.
pub(crate) fn output_undeclared(place: Place, path: &str, edits: Vec<Edit<Place>>) -> Diag {
    let d = diag(
        c::OUTPUT_UNDECLARED,
        format!("the task may not write `{path}`, from which it takes its output"),
        place,
        "neither under `writes` nor under `edits`",
    )
    .with_hint("a task with a footprint runs in the project's root, and may change only what it declares");
    if edits.is_empty() { d } else { d.with_fix("declare it", Applicability::Maybe, edits) }
}

pub(crate) fn effect_cached(place: Place, cache: &str, effect: Option<Place>) -> Diag {
    let d = diag(
        c::EFFECT_CACHED,
        format!("an effect cannot be remembered with `cache {cache}`"),
        place,
        "longer than its run",
    )
    .with_hint("a deployment that was done once says nothing about today: an effect is remembered for its run and its resumes only");
    let d = effect.into_iter().fold(d, |d, place| d.with_label(place, "the effect"));
    replacing(d, place, "run", Applicability::Maybe)
}
