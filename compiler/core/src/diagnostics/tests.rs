//! Diagnostics about tests: mocks and asserts.
use flowc_base::{Applicability, Edit};

use super::codes as c;
use super::{diag, did_you_mean, removing, replacing};
use crate::db::{Diag, Place};

/// `claim`: where a condition stands that goes nowhere.
pub(crate) fn test_without_assert(place: Place, claim: Option<Place>) -> Diag {
    let d = diag(c::TEST_WITHOUT_ASSERT, "this test asserts nothing", place, "passes whatever comes out")
        .with_hint("say what must hold: `assert result == …`");
    let Some(claim) = claim else { return d };
    let edits = vec![Edit { place: claim.start(), text: "assert ".to_owned() }];
    d.with_fix("write `assert` before the condition", Applicability::Maybe, edits)
}

pub(crate) fn bad_mock(place: Place, message: &str, hint: &str) -> Diag {
    diag(c::BAD_MOCK, message, place, "").with_hint(hint)
}

/// `mock flow …`, `mock tsk …`
pub(crate) fn mock_of_what(place: Place, found: &str) -> Diag {
    let d = diag(c::BAD_MOCK, format!("expected `ask` or `task` after `mock`, found `{found}`"), place, "");
    if found == "flow" {
        return d.with_hint("flows run in tests: mock the tasks and asks in it");
    }
    did_you_mean(d, place, flowc_base::nearest(found, ["ask", "task"]))
}

/// The wrong one of the two words.
pub(crate) fn other_mock(place: Place, name: &str, is: &str, word: &str) -> Diag {
    let d = diag(c::BAD_MOCK, format!("`{name}` is {is}"), place, "")
        .with_hint(format!("write `mock {word} {name}`"));
    replacing(d, place, word, Applicability::Always)
}

pub(crate) fn mocked_twice(place: Place, first: Place) -> Diag {
    let d = diag(c::BAD_MOCK, "two mocks of one name", place, "again")
        .with_label(first, "first here")
        .with_hint("for one answer after the other write `-> each [a, b]`");
    removing(d, place, "the second", Applicability::Maybe)
}

/// `names`: the parameters of the task; empty for an ask, which has one question.
pub(crate) fn mock_arity(
    place: Place,
    names: &[&str],
    takes: usize,
    found: usize,
    declared: Option<Place>,
) -> Diag {
    let s = if takes == 1 { "" } else { "s" };
    let d = diag(c::BAD_MOCK, format!("expected {takes} argument{s} in this mock, found {found}"), place, "");
    let d = declared.into_iter().fold(d, |d, place| d.with_label(place, "declared here"));
    d.with_hint(match (names, takes) {
        ([], 0) => "leave the parentheses out".to_owned(),
        ([], _) => {
            "an ask has one argument, its question; leave the parentheses out where it does not matter"
                .to_owned()
        }
        (names, _) => {
            format!("write `({})`, with `_` for what does not matter, or no parentheses", names.join(", "))
        }
    })
}

pub(crate) fn unused_mock(place: Place, name: &str, ask: bool) -> Diag {
    let what = if ask { "asks" } else { "calls" };
    let d = diag(c::UNUSED_MOCK, format!("nothing in this test {what} `{name}`"), place, "never answers")
        .with_hint("take it out, or call the flow that it is for");
    removing(d, place, "the mock", Applicability::Maybe)
}
