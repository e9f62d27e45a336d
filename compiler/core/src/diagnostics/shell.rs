//! Diagnostics about the text of shell lines.
use flowc_base::{Applicability, Edit};

use super::codes as c;
use super::{diag, replacing};
use crate::db::{Diag, Place};

pub(crate) fn syntax(place: Place, message: &str) -> Diag {
    diag(c::SHELL_SYNTAX, format!("the shell cannot read this: {message}"), place, "")
}

pub(crate) fn refused(place: Place, why: &str, instead: &str) -> Diag {
    diag(c::SHELL_SPLICE, why, place, "no quoting is safe here").with_hint(instead)
}

pub(crate) fn list_in_quotes(place: Place, found: &str) -> Diag {
    diag(
        c::SHELL_SPLICE,
        format!("a `{found}` becomes several words and cannot stand inside quotes"),
        place,
        "",
    )
    .with_hint("take away the quotes around it, or join it: `{{join(list, \" \")}}`")
}

pub(crate) fn list_in_word(place: Place, found: &str) -> Diag {
    diag(
        c::SHELL_SPLICE,
        format!("a `{found}` becomes several words and cannot stand where one is expected"),
        place,
        "",
    )
    .with_hint("make it an argument of its own, or join it: `{{join(list, \" \")}}`")
}

pub(crate) fn cannot_splice(place: Place, found: &str, hint: &str) -> Diag {
    diag(c::SHELL_SPLICE, format!("a `{found}` cannot be spliced into a shell text"), place, "")
        .with_hint(hint)
}

/// `program`: whose argument it is.
pub(crate) fn option(place: Place, program: &str) -> Diag {
    let hint = match program {
        "echo" => "`echo` knows no `--`: write `printf '%s\\n' {{…}}`",
        "printf" => "write the format out: `printf '%s' {{…}}`",
        _ => "put `--` before it, if the program knows it, or `./` if it is a path",
    };
    diag(c::SHELL_OPTION, "this text may begin with `-` and be taken for an option", place, "")
        .with_hint(hint)
}

/// `alone`: writes the value without `raw`.
pub(crate) fn raw_not_constant(place: Place, alone: Option<Edit<Place>>) -> Diag {
    let d = diag(c::RAW_SPLICE, "only constants of the program may be raw", place, "not a constant")
        .with_hint("splice the value itself: it is quoted for the place where it stands");
    without_raw(d, alone)
}

/// `alone`: writes the value without `raw`.
pub(crate) fn raw_outside(place: Place, alone: Option<Edit<Place>>) -> Diag {
    let d = diag(c::RAW_SPLICE, "`raw` stands only directly in a splice of `sh`", place, "")
        .with_hint("write `{{raw(\"…\")}}` in the shell text");
    without_raw(d, alone)
}

fn without_raw(diag: Diag, alone: Option<Edit<Place>>) -> Diag {
    alone.into_iter().fold(diag, |d, edit| d.with_fix("remove `raw`", Applicability::Maybe, vec![edit]))
}

/// A variable that was given a value, without quotes. In a text of one line there can be none around it.
pub(crate) fn unquoted(place: Place, word: &str, quotable: bool) -> Diag {
    let d = diag(
        c::SHELL_UNQUOTED,
        format!("`{word}` without quotes becomes several words where its value has blanks"),
        place,
        "",
    )
    .with_hint("splice the value where it is used, `{{…}}`, which is always one word; or put quotes around the variable");
    if quotable { replacing(d, place, &format!("\"{word}\""), Applicability::Always) } else { d }
}
