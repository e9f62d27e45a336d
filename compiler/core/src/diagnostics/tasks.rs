//! Diagnostics about tasks: their clauses, bodies and outputs.
use super::codes as c;
use super::{diag, did_you_mean, one_of, removing, replacing};
use crate::db::{Diag, Place};
use flowc_base::{Applicability, Edit, nearest};

pub(crate) fn unknown_clause(place: Place, word: &str, words: &[&str]) -> Diag {
    let near = nearest(word, words.iter().copied());
    let d = diag(c::UNKNOWN_CLAUSE, format!("a task has no clause `{word}`"), place, "");
    let d = if near.is_none() {
        d.with_hint(format!("it has {}", one_of(words).replace(" or ", " and ")))
    } else {
        d
    };
    did_you_mean(d, place, near)
}

pub(crate) fn duplicate_clause(place: Place, word: &str, first: Place) -> Diag {
    let d = diag(c::DUPLICATE_CLAUSE, format!("`{word}` stands twice"), place, "again")
        .with_label(first, "first here")
        .with_hint("remove one of the two");
    removing(d, place, "the second", Applicability::Maybe)
}

pub(crate) fn bad_clause(place: Place, word: &str, wanted: &str) -> Diag {
    diag(c::BAD_CLAUSE, format!("`{word}` takes {wanted}"), place, "")
}

pub(crate) fn missing_body(place: Place, name: &str) -> Diag {
    diag(c::MISSING_BODY, format!("the task `{name}` does not say what is executed"), place, "")
        .with_hint("give it a body: `sh \"…\"`, `exec [\"program\", …]` or `script \"python3\" \"…\"`")
}

pub(crate) fn second_body(place: Place, word: &str, first: Place, first_word: &str) -> Diag {
    let d = diag(
        c::SECOND_BODY,
        format!("a task has one body: `{word}` after `{first_word}`"),
        place,
        "a second body",
    )
    .with_label(first, "the first")
    .with_hint("make it two tasks, or one text");
    removing(d, place, "the second", Applicability::Maybe)
}

pub(crate) fn output_source(
    place: Place,
    ty: &str,
    source: &str,
    wanted: &str,
    label: Option<Place>,
) -> Diag {
    let d = diag(c::OUTPUT_SOURCE, format!("`{ty}` cannot come from {source}"), place, "").with_hint(wanted);
    label.into_iter().fold(d, |d, place| d.with_label(place, ""))
}

/// `inside`: the path without what leads out, and the places that name it.
pub(crate) fn output_path(place: Place, why: &str, inside: Option<(&str, Vec<Edit<Place>>)>) -> Diag {
    let d = diag(c::OUTPUT_PATH, why, place, "")
        .with_hint("an output is a path inside the step's own directory, like `\"result/page.html\"`");
    match inside {
        Some((path, edits)) => d.with_fix(format!("write `{path}`"), Applicability::Maybe, edits),
        None => d,
    }
}

/// `why` says what is wrong with it; `meant`: the text with the pattern that is meant.
pub(crate) fn bad_glob(place: Place, why: String, meant: Option<&str>) -> Diag {
    let d = diag(c::BAD_GLOB, why, place, "")
        .with_hint("`*` and `?` match within a directory, `**` across them, `[ab]` one of these letters; `\\\\[` is the letter itself");
    meant.into_iter().fold(d, |d, meant| replacing(d, place, meant, Applicability::Maybe))
}

/// `text`: another path that the command writes to.
pub(crate) fn output_unwritten(place: Place, path: &str, text: Place) -> Diag {
    let d =
        diag(c::OUTPUT_UNWRITTEN, format!("nothing in the command names `{path}`"), place, "declared here")
            .with_label(text, "the command")
            .with_hint("the step fails when the file is not there: write to it, or correct the name");
    // A pattern is no path to write to.
    if path.contains(['*', '?', '[', '{']) { d } else { replacing(d, text, path, Applicability::Maybe) }
}

/// `name`: of the second output.
pub(crate) fn duplicate_output(place: Place, path: &str, first: Place, name: Place) -> Diag {
    let d = diag(c::DUPLICATE_OUTPUT, format!("two outputs come from {path}"), place, "again")
        .with_label(first, "first here")
        .with_hint("give each output a source of its own, or remove one of the two");
    removing(d, name, "the second", Applicability::Maybe)
}
