//! Diagnostics about the comments that ask for silence.
use flowc_base::{Applicability, Edit, nearest};

use super::codes as c;
use super::{diag, did_you_mean};
use crate::db::{Diag, Place};
use crate::levels::WARNINGS;

pub(crate) fn without_reason(place: Place, codes: &str) -> Diag {
    diag(c::BAD_ALLOW, "this `allow` does not say why", place, "")
        .with_hint(format!("write the reason behind the code: `allow {codes}: …`"))
}

pub(crate) fn without_colon(place: Place, code: &str) -> Diag {
    diag(c::BAD_ALLOW, format!("expected `:` or `,` after `{code}`"), place, "")
        .with_hint(format!("write `allow {code}: why`"))
}

pub(crate) fn of_unknown(place: Place, name: &str) -> Diag {
    let d = diag(c::BAD_ALLOW, format!("there is no code `{name}` to allow"), place, "");
    if name == WARNINGS {
        return d.with_hint("a comment names the codes that it allows, one by one");
    }
    let near = nearest(name, c::codes().iter().map(|info| info.code.0));
    let d = if near.is_none() { d.with_hint("`flowc explain` lists all codes") } else { d };
    did_you_mean(d, place, near)
}

pub(crate) fn of_error(place: Place, code: &str) -> Diag {
    diag(c::BAD_ALLOW, format!("`{code}` is an error and cannot be allowed"), place, "")
        .with_hint(format!("mend what is wrong: `flowc explain {code}` says how; then take this out"))
}

/// `remove`: what to remove, where no other code of the comment silences anything either, the comment itself.
pub(crate) fn unused(place: Place, code: &str, remove: Place) -> Diag {
    let edits = vec![Edit { place: remove, text: String::new() }];
    diag(c::UNUSED_ALLOW, format!("no `{code}` is here to allow"), place, "silences nothing")
        .with_hint("take it out; a comment holds for what begins in the line below it, or for its own line")
        .with_fix(format!("remove `allow {code}`"), Applicability::Always, edits)
}
