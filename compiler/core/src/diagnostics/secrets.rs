//! Diagnostics about secrets: where one would be seen.
use super::codes as c;
use super::diag;
use crate::db::{Diag, Place};

/// `place`: where it would be seen; `how`: in words, after "a secret would be seen".
pub(crate) fn shown(place: Place, how: &str) -> Diag {
    diag(c::SECRET_SHOWN, format!("a secret would be seen {how}"), place, "this is a `Secret`")
        .with_hint("a secret goes into `env { NAME: … }` of a task or agent, or is the `key` or a header of an agent; a command reads it as `$NAME`")
}

pub(crate) fn unnamed(place: Place) -> Diag {
    diag(c::NOT_CONSTANT, "the name of a secret must be written out as a constant", place, "not a name")
        .with_hint("which secrets a program reads is known before it runs: `secret(\"API_KEY\")`")
}
