//! Diagnostics about settings: groups, fields, pools, and what asks for more than they give.
use flowc_base::{Applicability, Edit, nearest};

use super::codes as c;
use super::{diag, did_you_mean, one_of, removing};
use crate::db::{Diag, Place};

/// A group of `settings`, or a field of a group, that there is not. `of`: "`settings`", "`limits`".
pub(crate) fn unknown(place: Place, name: &str, of: &str, known: &[&str], elsewhere: Option<&str>) -> Diag {
    let d = diag(c::UNKNOWN_SETTING, format!("{of} has no `{name}`"), place, "");
    if let Some(group) = elsewhere {
        return d.with_hint(format!("it stands in `{group} {{ … }}`"));
    }
    let near = nearest(name, known.iter().copied());
    match near {
        Some(_) => did_you_mean(d, place, near),
        None => d.with_hint(format!("it has {}", one_of(known).replace(" or ", " and "))),
    }
}

pub(crate) fn bad(place: Place, name: &str, wanted: &str) -> Diag {
    diag(c::BAD_SETTING, format!("`{name}` takes {wanted}"), place, "")
}

/// `moved`: puts what only the second has into the first; `whole`: all of the second.
pub(crate) fn duplicate(place: Place, first: Place, moved: Vec<Edit<Place>>, whole: Place) -> Diag {
    let d = diag(c::DUPLICATE_SETTINGS, "a file has one `settings`", place, "again")
        .with_label(first, "first here")
        .with_hint("put all groups into one");
    let title = if moved.is_empty() { "remove the second" } else { "put its groups into the first" };
    let edits = moved.into_iter().chain([Edit { place: whole, text: String::new() }]).collect();
    d.with_fix(title, Applicability::Maybe, edits)
}

/// `whole`: all of the settings.
pub(crate) fn unread(place: Place, root: &str, whole: Place) -> Diag {
    let d = diag(c::UNREAD_SETTINGS, "these settings have no say", place, "never read").with_hint(format!(
        "only the settings of the file that is run count, here `{root}`: move them there, or take them out"
    ));
    removing(d, whole, "them", Applicability::Maybe)
}

pub(crate) fn unknown_pool(place: Place, name: &str, settings: Place, known: &[&str]) -> Diag {
    let d = diag(
        c::UNKNOWN_POOL,
        format!("no setting sizes the pool `{name}`"),
        place,
        "so that nothing limits it",
    )
    .with_label(settings, "the settings of the program");
    let near = nearest(name, known.iter().copied());
    match near {
        Some(_) => did_you_mean(d, place, near),
        None => d.with_hint(format!(
            "say how many of it are asked at once: `limits {{ pools: {{ {name}: 4 }} }}`"
        )),
    }
}

pub(crate) fn unused_pool(place: Place, name: &str) -> Diag {
    let d = diag(c::UNUSED_POOL, format!("no agent is in the pool `{name}`"), place, "limits nothing")
        .with_hint(format!("put an agent in it by `pool {name}`, or take it out"));
    removing(d, place, "the pool", Applicability::Maybe)
}

/// `need`: "64 cores"; `limit`: "8".
pub(crate) fn impossible_need(place: Place, task: &str, need: &str, limit: &str, settings: Place) -> Diag {
    diag(
        c::IMPOSSIBLE_NEED,
        format!("the task `{task}` needs {need}, and no run gives it more than {limit}"),
        place,
        "needed here",
    )
    .with_label(settings, "the limit")
    .with_hint("raise the limit, or need less")
}
