//! Diagnostics about files and `use`.
use super::codes as c;
use super::{diag, did_you_mean, replacing};
use crate::db::{Diag, Place};
use flowc_base::{Applicability, Edit, nearest};

pub(crate) fn unreadable(place: Place, path: &str, why: &str) -> Diag {
    diag(c::UNREADABLE_FILE, format!("`{path}` cannot be read: {why}"), place, "")
}

pub(crate) fn unreadable_use(place: Place, path: &str, why: &str) -> Diag {
    diag(c::MISSING_FILE, format!("`{path}` cannot be read: {why}"), place, "used here")
        .with_hint("paths of `use` start at the file that they stand in")
}

/// `file("…")` and its like; asked when all is checked.
pub(crate) fn missing_path(place: Place, path: &str, wanted: &str, found: Option<&str>) -> Diag {
    match found {
        Some(found) => diag(c::MISSING_FILE, format!("`{path}` is {found}, expected {wanted}"), place, ""),
        None => {
            diag(c::MISSING_FILE, format!("`{path}` does not exist"), place, format!("expected {wanted}"))
        }
    }
    .with_hint("paths start at the file that they stand in")
}

/// Of a path that stands for nothing, with what stands there under a name that is nearly the same.
pub(crate) fn near_path(d: Diag, place: Place, path: &str, near: &str) -> Diag {
    let d = d.with_hint(format!("did you mean `{near}`?"));
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| &path[..=folder.len()]);
    // What would have to be escaped is left to the person.
    match format!("{folder}{near}") {
        right if right.contains(['\\', '"', '{']) => d,
        right => replacing(d, place, &format!("\"{right}\""), Applicability::Maybe),
    }
}

pub(crate) fn unknown_module(place: Place, path: &str, modules: &[&str]) -> Diag {
    let d = diag(c::UNKNOWN_MODULE, format!("the library has no module `{path}`"), place, "")
        .with_hint(format!("it has {}", modules.join(", ")));
    did_you_mean(d, place, nearest(path, modules.iter().copied()))
}

pub(crate) fn unknown_import(place: Place, name: &str, from: &str, names: &[&str]) -> Diag {
    let near = nearest(name, names.iter().copied());
    let d = diag(c::UNKNOWN_IMPORT, format!("`{from}` has no `{name}`"), place, "");
    let d = if near.is_none() && !names.is_empty() && names.len() <= 12 {
        d.with_hint(format!("it has {}", names.join(", ")))
    } else {
        d
    };
    did_you_mean(d, place, near)
}

pub(crate) fn use_without_names(place: Place, path: &str) -> Diag {
    let d = diag(c::USE_FORM, "this `use` names nothing", place, "")
        .with_hint(format!("write `use \"{path}\" as name`, or `use \"{path}\".{{name, …}}`"));
    let stem = path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    let mut bytes = stem.bytes();
    let name = bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && !flowc_grammar::RESERVED.contains(&stem);
    if !name {
        return d;
    }
    let edits = vec![Edit { place: place.end(), text: format!(" as {stem}") }];
    d.with_fix(format!("add `as {stem}`"), Applicability::Maybe, edits)
}

pub(crate) fn use_with_both(place: Place) -> Diag {
    diag(c::USE_FORM, "a `use` has either `as` or `.{…}`", place, "").with_hint("write two `use`s")
}

/// `circle`: the paths from the file through what it uses, ending in itself.
pub(crate) fn use_cycle(place: Place, circle: &[String], others: &[Place]) -> Diag {
    let d = diag(
        c::USE_CYCLE,
        format!("files use each other in a circle: {}", circle.join(" -> ")),
        place,
        "used here",
    );
    others
        .iter()
        .fold(d, |d, place| d.with_label(*place, "and here"))
        .with_hint("move what both need into a third file")
}
