//! Every diagnostic of the compiler, built in one place so that they sound alike: one function each, by theme. Nothing here decides
//! whether something is wrong.
pub(crate) mod codes;

pub(crate) mod agents;
pub(crate) mod allow;
pub(crate) mod calls;
pub(crate) mod conditions;
pub(crate) mod control;
pub(crate) mod files;
pub(crate) mod flows;
pub(crate) mod footprints;
pub(crate) mod names;
pub(crate) mod params;
pub(crate) mod programs;
pub(crate) mod schemas;
pub(crate) mod secrets;
pub(crate) mod settings;
pub(crate) mod shell;
pub(crate) mod tasks;
pub(crate) mod tests;
pub(crate) mod types;

use flowc_base::{Applicability, Diagnostic, Edit};

use crate::db::{Diag, Place};
use codes::CodeInfo;

/// A diagnostic of a code, at a place, with a few words to be seen there.
pub(crate) fn diag(
    info: CodeInfo,
    message: impl Into<String>,
    place: Place,
    label: impl Into<String>,
) -> Diag {
    Diagnostic::new(info.code, info.severity, message, place, label)
}

/// A fix that replaces one place.
pub(crate) fn replacing(diag: Diag, place: Place, text: &str, applicability: Applicability) -> Diag {
    let edits = vec![Edit { place, text: text.to_owned() }];
    diag.with_fix(format!("write `{text}`"), applicability, edits)
}

/// A fix that takes something out: what belongs to it, a comma or a line, goes along.
pub(crate) fn removing(diag: Diag, place: Place, what: &str, applicability: Applicability) -> Diag {
    let edits = vec![Edit { place, text: String::new() }];
    diag.with_fix(format!("remove {what}"), applicability, edits)
}

/// A fix that gives what is missing the values of its names.
pub(crate) fn adding(diag: Diag, names: &[&str], given: Option<Edit<Place>>) -> Diag {
    let Some(edit) = given else { return diag };
    let all: Vec<String> = names.iter().map(|name| format!("{name}: {name}")).collect();
    diag.with_fix(format!("add `{}`", all.join(", ")), Applicability::Maybe, vec![edit])
}

/// "did you mean …?" with its fix, when there is something near.
pub(crate) fn did_you_mean(diag: Diag, place: Place, near: Option<&str>) -> Diag {
    match near {
        Some(near) => {
            replacing(diag.with_hint(format!("did you mean `{near}`?")), place, near, Applicability::Maybe)
        }
        None => diag,
    }
}

/// `a`, `b` or `c`
pub(crate) fn one_of<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod table {
    use super::*;

    #[test]
    fn codes_are_kebab_case_and_unique() {
        let mut names: Vec<&str> = codes::codes().iter().map(|info| info.code.0).collect();
        for name in &names {
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{name}");
        }
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
