//! Diagnostics about the programs that steps run.
use super::codes as c;
use super::{diag, did_you_mean};
use crate::db::{Diag, Place};

pub(crate) fn missing(place: Place, name: &str, near: Option<&str>) -> Diag {
    let d = diag(
        c::MISSING_PROGRAM,
        format!("the program `{name}` is not on the `PATH`"),
        place,
        "not found here",
    );
    match near {
        Some(_) => did_you_mean(d, place, near),
        None => d.with_hint("install it before the flow runs here: the step fails without it"),
    }
}
