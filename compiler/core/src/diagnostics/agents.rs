//! Diagnostics about agents: their clauses, what they take from each other, what they are asked.
use flowc_base::{Applicability, Edit, nearest};

use super::codes as c;
use super::{diag, did_you_mean, one_of, removing, replacing};
use crate::db::{Diag, Place};

pub(crate) fn unknown_clause(place: Place, word: &str, words: &[&str]) -> Diag {
    let near = nearest(word, words.iter().copied());
    let d = diag(c::UNKNOWN_CLAUSE, format!("an agent has no clause `{word}`"), place, "");
    let hint = match word {
        "sh" | "script" => {
            Some("an agent runs a program without a shell: `exec [\"program\", argument, …]`".to_owned())
        }
        "key" | "url" | "temperature" | "max_tokens" => {
            Some(format!("it belongs to the API: `openai {{ {word}: … }}`"))
        }
        "prompt" | "system" => Some("what it is told before each question is its `role`".to_owned()),
        _ if near.is_none() => Some(format!("it has {}", one_of(words).replace(" or ", " and "))),
        _ => None,
    };
    match hint {
        Some(hint) => d.with_hint(hint),
        None => did_you_mean(d, place, near),
    }
}

pub(crate) fn second_transport(place: Place, word: &str, first: Place, first_word: &str) -> Diag {
    let d = diag(
        c::SECOND_TRANSPORT,
        format!("an agent is reached one way: `{word}` after `{first_word}`"),
        place,
        "a second way",
    )
    .with_label(first, "the first")
    .with_hint("make it two agents; one can be the `fallback` of the other");
    removing(d, place, "the second", Applicability::Maybe)
}

/// `from`: takes it from the one other agent that has one.
pub(crate) fn missing_transport(
    place: Place,
    name: &str,
    used: Option<Place>,
    from: Option<(&str, Edit<Place>)>,
) -> Diag {
    let d = diag(
        c::MISSING_TRANSPORT,
        format!("the agent `{name}` does not say how it is reached"),
        place,
        "",
    )
    .with_hint("give it `exec [\"program\", …]`, `worker […]`, `openai { … }` or `anthropic { … }`, or `from` an agent that has one");
    let d = used.into_iter().fold(d, |d, place| d.with_label(place, "used here"));
    match from {
        Some((of, edit)) => d.with_fix(format!("write `from {of}`"), Applicability::Maybe, vec![edit]),
        None => d,
    }
}

pub(crate) fn missing_model(place: Place, api: &str) -> Diag {
    diag(c::MISSING_FIELD, format!("`{api}` needs a `model`"), place, "").with_hint(format!(
        "write `{api} {{ model: \"…\" }}`, or `model \"…\"` in the agent that takes this by `from`"
    ))
}

/// A clause of an agent, or of an ask, that its kind does not read.
pub(crate) fn unread_clause(place: Place, word: &str, beside: &str, other: Place, hint: &str) -> Diag {
    let d = diag(c::UNREAD_CLAUSE, format!("`{word}` means nothing beside `{beside}`"), place, "never read")
        .with_label(other, format!("`{beside}` is here"))
        .with_hint(hint);
    removing(d, place, &format!("`{word}`"), Applicability::Maybe)
}

pub(crate) fn budget_of_nothing(place: Place) -> Diag {
    let d = diag(c::UNREAD_CLAUSE, "`budget` means nothing without `context`", place, "never read")
        .with_hint(
            "it is what the context may take of the agent's: `with { context: [report], budget: 8000 }`",
        );
    removing(d, place, "`budget`", Applicability::Maybe)
}

pub(crate) fn not_an_agent(
    place: Place,
    name: &str,
    what: &str,
    declared: Option<Place>,
    near: Option<&str>,
) -> Diag {
    let d = diag(c::NOT_AN_AGENT, format!("expected an agent, found {what} `{name}`"), place, "");
    let d = declared.into_iter().fold(d, |d, place| d.with_label(place, "declared here"));
    match near {
        Some(_) => did_you_mean(d, place, near),
        None => d.with_hint("an agent is declared by `agent name { … }`"),
    }
}

/// `circle`: names from the agent back to itself.
pub(crate) fn inheritance_cycle(place: Place, circle: &[String], others: &[Place]) -> Diag {
    let d = diag(
        c::AGENT_CYCLE,
        format!("agents are made from each other in a circle: {}", circle.join(" -> ")),
        place,
        "taken from here",
    );
    others
        .iter()
        .fold(d, |d, place| d.with_label(*place, "and here"))
        .with_hint("one of them must stand for itself: say how it is reached, and take out its `from`")
}

/// `circle`: names from the agent back to itself.
pub(crate) fn fallback_cycle(place: Place, circle: &[String], others: &[Place]) -> Diag {
    let message = match circle {
        [one, _] => format!("`{one}` is its own fallback"),
        _ => format!("fallbacks form a circle: {}", circle.join(" -> ")),
    };
    let d = diag(c::FALLBACK_CYCLE, message, place, "asked when it has failed");
    let d = others.iter().fold(d, |d, place| d.with_label(*place, "and here")).with_hint(
        "an agent that has failed for good is not asked again: take it out of the list of the last one",
    );
    let last = others.last().copied().unwrap_or(place);
    removing(d, last, &format!("`{}`", circle.first().map_or("", String::as_str)), Applicability::Maybe)
}

pub(crate) fn unused_agent(place: Place, name: &str) -> Diag {
    let d = diag(c::UNUSED_AGENT, format!("the agent `{name}` is never asked"), place, "")
        .with_hint(format!("ask it, take it out, or call it `_{name}`"));
    replacing(d, place, &format!("_{name}"), Applicability::Maybe)
}

pub(crate) fn plain_secret(place: Place) -> Diag {
    let d = diag(
        c::PLAIN_SECRET,
        "a secret is never written in the program",
        place,
        "expected `Secret`, found a text",
    )
    .with_hint("name it, and give it from the environment or by `--secrets`: `secret(\"API_KEY\")`");
    replacing(d, place, "secret(\"API_KEY\")", Applicability::Maybe)
}

/// `retry … { on: [kind] }`
pub(crate) fn unknown_failure(place: Place, kind: &str, kinds: &[&str], of: &str) -> Diag {
    let d = diag(c::UNKNOWN_FAILURE, format!("{of} has no failure of the kind `{kind}`"), place, "");
    let hint = match kind {
        "auth" | "quota" | "budget" => {
            Some("it does not pass by itself: a retry would fail the same way".to_owned())
        }
        "cancelled" => Some("what was stopped by a person is not tried again".to_owned()),
        _ => None,
    };
    let near = nearest(kind, kinds.iter().copied());
    match (hint, near) {
        (Some(hint), _) => removing(d.with_hint(hint), place, &format!("`{kind}`"), Applicability::Maybe),
        (None, Some(near)) => did_you_mean(d, place, Some(near)),
        (None, None) => d.with_hint(format!("it has {}", one_of(kinds).replace(" or ", " and "))),
    }
}

/// An answer of a type that no JSON can say.
pub(crate) fn answer_type(place: Place, ty: &str, who: &str, hint: &str) -> Diag {
    diag(c::ANSWER_TYPE, format!("an agent cannot answer with a `{ty}`"), place, who).with_hint(hint)
}

/// `context` and `budget` at a step that asks nobody.
pub(crate) fn option_of_ask(place: Place, name: &str) -> Diag {
    let d = diag(c::BAD_OPTION, format!("only an `ask` has `{name}`"), place, "")
        .with_hint("a task takes what it reads as arguments");
    removing(d, place, &format!("`{name}`"), Applicability::Maybe)
}

/// A step in an agent, settings, or anywhere else where nothing runs.
pub(crate) fn equal_asks(
    place: Place,
    what: &str,
    other: Place,
    label: &str,
    fix: Option<(Place, String)>,
) -> Diag {
    let d = diag(c::EQUAL_ASKS, what, place, "the same question again")
        .with_label(other, label)
        .with_hint("equal asks are one, with one answer: tell them apart by `with { sample: … }`");
    match fix {
        Some((place, text)) => {
            d.with_fix("sample the answers", Applicability::Maybe, vec![Edit { place, text }])
        }
        None => d,
    }
}

/// `by`: the agent that judges; `author`: the one whose work it is. Equal for the plain case.
pub(crate) fn own_work(
    place: Place,
    reviewer: &str,
    author: &str,
    written: Option<Place>,
    through: Option<(Place, &str)>,
) -> Diag {
    let message = match through {
        None => format!("`{reviewer}` judges its own work"),
        Some((_, shared)) if shared == author => {
            format!("as the fallback of `{reviewer}`, `{author}` would judge its own work")
        }
        Some((_, shared)) if shared == reviewer => {
            format!("as the fallback of `{author}`, `{reviewer}` would judge its own work")
        }
        Some((_, shared)) => {
            format!(
                "as the fallback of both `{author}` and `{reviewer}`, `{shared}` would judge its own work"
            )
        }
    };
    let d = diag(c::OWN_WORK, message, place, "judged here");
    let d = written.into_iter().fold(d, |d, place| d.with_label(place, format!("`{author}` wrote it here")));
    match through {
        None => d.with_hint("ask another agent, with another model or role, to judge it"),
        Some((place, _)) => {
            let d = d
                .with_label(place, "the fallback")
                .with_hint("give it a fallback that is no author of what it judges");
            removing(d, place, "the fallback", Applicability::Maybe)
        }
    }
}
