//! Every diagnostic of the compiler, built in one place so that they sound alike: one function each, by theme. Nothing here decides
//! whether something is wrong.
pub(crate) mod codes;

pub(crate) mod calls;
pub(crate) mod files;
pub(crate) mod flows;
pub(crate) mod names;
pub(crate) mod params;
pub(crate) mod shell;
pub(crate) mod tasks;
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

/// "did you mean …?" with its fix, when there is something near.
pub(crate) fn did_you_mean(diag: Diag, place: Place, near: Option<&str>) -> Diag {
    match near {
        Some(near) => {
            replacing(diag.with_hint(format!("did you mean `{near}`?")), place, near, Applicability::Maybe)
        }
        None => diag,
    }
}

/// The candidate that is nearest to `name`, when it is near enough to be what was meant; of equally near ones the first in alphabetical order.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    let short = name.chars().count() <= 2;
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name && !candidate.is_empty() && !(short && candidate.len() > 3))
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= limit.max(2))
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters are written wrong, letters in the wrong case and swapped neighbours counting once.
fn distance(a: &str, b: &str) -> usize {
    strsim::damerau_levenshtein(&a.to_lowercase(), &b.to_lowercase())
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
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_suggested() {
        let names = ["chunk", "count", "sum", "x"];
        assert_eq!(nearest("chnk", names), Some("chunk"));
        assert_eq!(nearest("cuont", names), Some("count"));
        assert_eq!(nearest("Count", names), Some("count"));
        assert_eq!(nearest("banana", names), None);
        assert_eq!(nearest("y", ["count"]), None);
    }

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
