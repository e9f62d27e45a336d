//! Diagnostics about what steps touch outside of a directory of their own: footprints, effects, paths in commands.
use flowc_base::{Applicability, Edit};

use super::codes as c;
use super::{diag, removing, replacing};
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
    let d =
        diag(c::FOOTPRINT_TWICE, message, place, "again").with_label(first.0, "first here").with_hint(hint);
    match (word, first.1) {
        (one, other) if one == other => removing(d, place, "the second", Applicability::Always),
        ("edits", word) => removing(d, first.0, &format!("it from `{word}`"), Applicability::Always),
        (word, "edits") => removing(d, place, &format!("it from `{word}`"), Applicability::Always),
        _ => d,
    }
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

/// A step with an effect under `with { cache: forever }`.
pub(crate) fn effect_step_cached(place: Place, name: &str) -> Diag {
    let d = diag(
        c::EFFECT_CACHED,
        format!("`{name}` has an effect and cannot be remembered longer than its run"),
        place,
        "",
    )
    .with_hint("take `cache` out of `with`: an effect is remembered for its run and its resumes only");
    removing(d, place, "`cache`", Applicability::Maybe)
}

pub(crate) fn two_writers(place: Place, name: &str, path: &str, again: (Place, &str)) -> Diag {
    diag(
        c::TWO_WRITERS,
        format!(
            "what `{name}` writes to `{path}` is lost: `{}` writes it again, and nothing reads it before",
            again.1
        ),
        place,
        "written here",
    )
    .with_label(again.0, "and here again")
    .with_hint("give each a path of its own, or take the first as the task's output: `-> File from \"…\"`")
}

pub(crate) fn written_by_each(place: Place, name: &str, path: &str) -> Diag {
    diag(
        c::TWO_WRITERS,
        format!("each element writes `{path}` again: only what the last `{name}` writes is left"),
        place,
        "written for each element",
    )
    .with_hint(
        "splice a parameter into the path, `writes \"out/{{name}}.txt\"`, or take it as the task's output",
    )
}

/// `moved`: moves the reading below the step.
pub(crate) fn read_before_write(
    place: Place,
    path: &str,
    writer: (Place, &str),
    moved: Option<Vec<Edit<Place>>>,
) -> Diag {
    let d = diag(
        c::READ_BEFORE_WRITE,
        format!("`{path}` does not exist before `{}` has run, which stands further down", writer.1),
        place,
        "read here",
    )
    .with_label(writer.0, "written here")
    .with_hint("move the reading below the step that writes: what touches the same path runs in the order of the text");
    moved.into_iter().fold(d, |d, edits| d.with_fix("move the reading down", Applicability::Maybe, edits))
}

/// A path in a command that lies outside of the step's directory, or of the project.
/// `own`: put it into the directory for what is of no use later.
pub(crate) fn outside_path(place: Place, path: &str, writes: bool, own: Vec<Edit<Place>>) -> Diag {
    let d = diag(
        c::OUTSIDE_PATH,
        format!("`{path}` lies outside of the step's directory"),
        place,
        if writes { "written here" } else { "read here" },
    );
    let d = if own.is_empty() { d } else { d.with_fix("put it under `$TMPDIR`", Applicability::Maybe, own) };
    d.with_hint(if writes {
        "write to a relative path and declare it as an output, `-> File from \"…\"`, so that others get it; what is of no use later goes to `$TMPDIR`"
    } else {
        "take it as a parameter, `data: File`, and write `{{data}}`: then it is known when it changes"
    })
}

/// A redirection from or to a path that a task on the tree does not declare.
/// `word`: what is missing, `reads` or `writes`; `edits` declare it.
pub(crate) fn undeclared_path(place: Place, path: &str, word: &str, edits: Vec<Edit<Place>>) -> Diag {
    let d = diag(
        c::UNDECLARED_PATH,
        format!("the command {word} `{path}`, which the task does not declare"),
        place,
        "",
    )
    .with_hint(format!("add it to the footprint: `{word} {path:?}`; a task may touch nothing else"));
    if edits.is_empty() { d } else { d.with_fix("declare it", Applicability::Maybe, edits) }
}

/// A redirection from a file in a directory that is empty.
pub(crate) fn nothing_there(place: Place, path: &str) -> Diag {
    diag(c::UNDECLARED_PATH, format!("there is no `{path}`: a step starts in an empty directory"), place, "read here")
        .with_hint("take it as a parameter, `data: File`, and write `{{data}}`; a task that works on the project declares `reads`")
}
