//! Diagnostics about names: unknown, doubled, of the wrong kind, never mentioned.
use flowc_base::{Applicability, Edit};

use super::codes as c;
use super::{diag, did_you_mean, removing, replacing};
use crate::db::{Diag, Place};

/// Where the library has a name that is not imported, and what to put where to import it.
pub(crate) struct InModule<'a> {
    pub(crate) module: &'a str,
    pub(crate) import: Option<Edit<Place>>,
}

pub(crate) fn unknown_name(
    place: Place,
    name: &str,
    near: Option<&str>,
    module: Option<InModule<'_>>,
) -> Diag {
    let d = diag(c::UNKNOWN_NAME, format!("unknown name `{name}`"), place, "not defined here");
    match (near, module) {
        (_, Some(InModule { module, import })) => {
            let d = d.with_hint(format!(
                "the library has it: add `use {module}.{{{name}}}` at the top of the file"
            ));
            let title = || format!("add `use {module}.{{{name}}}`");
            import.into_iter().fold(d, |d, edit| d.with_fix(title(), Applicability::Maybe, vec![edit]))
        }
        (None, None) => d.with_hint("bind it with `let`, make it a parameter, or import it with `use`"),
        (near, None) => did_you_mean(d, place, near),
    }
}

pub(crate) fn unknown_in_module(place: Place, name: &str, module: &str, near: Option<&str>) -> Diag {
    did_you_mean(diag(c::UNKNOWN_NAME, format!("`{module}` has no `{name}`"), place, ""), place, near)
}

pub(crate) fn unknown_type(place: Place, name: &str, near: Option<&str>) -> Diag {
    let d = diag(c::UNKNOWN_TYPE, format!("unknown type `{name}`"), place, "not defined");
    let d = if near.is_none() {
        d.with_hint(format!("define it: `type {name} = …`, or import it with `use`"))
    } else {
        d
    };
    did_you_mean(d, place, near)
}

pub(crate) fn not_a_type(place: Place, name: &str, what: &str, declared: Option<Place>) -> Diag {
    let d = diag(c::NOT_A_TYPE, format!("`{name}` is {what}, expected a type"), place, "");
    declared.into_iter().fold(d, |d, place| d.with_label(place, "declared here"))
}

pub(crate) fn not_a_value(place: Place, name: &str, what: &str, declared: Option<Place>, hint: &str) -> Diag {
    let d = diag(c::NOT_A_VALUE, format!("`{name}` is {what}, expected a value"), place, "").with_hint(hint);
    declared.into_iter().fold(d, |d, place| d.with_label(place, "declared here"))
}

pub(crate) fn not_callable(place: Place, what: &str, declared: Option<Place>, hint: Option<String>) -> Diag {
    let d = diag(
        c::NOT_CALLABLE,
        format!("{what} cannot be called"),
        place,
        "only tasks and flows can be called",
    );
    let d = declared.into_iter().fold(d, |d, place| d.with_label(place, "declared here"));
    hint.into_iter().fold(d, Diag::with_hint)
}

pub(crate) fn duplicate(place: Place, name: &str, first: Place) -> Diag {
    let d = diag(c::DUPLICATE_NAME, format!("`{name}` is defined twice"), place, "defined again")
        .with_label(first, "first defined here")
        .with_hint("rename one of the two");
    removing(d, place, "the second", Applicability::Maybe)
}

/// Two gates, or two tests, of one name: a text. `what`: "gates".
pub(crate) fn duplicate_title(place: Place, what: &str, title: &str, first: Place) -> Diag {
    let d = diag(c::DUPLICATE_NAME, format!("two {what} are called {title:?}"), place, "again")
        .with_label(first, "first here")
        .with_hint("rename one of the two");
    replacing(d, place, &format!("{:?}", format!("{title} 2")), Applicability::Maybe)
}

pub(crate) fn duplicate_mention(place: Place, first: Place) -> Diag {
    let d = diag(c::DUPLICATE_NAME, "one name stands twice in this list", place, "again")
        .with_label(first, "first here")
        .with_hint("take one of the two out");
    removing(d, place, "the second", Applicability::Maybe)
}

pub(crate) fn shadowed(place: Place, name: &str, first: Place) -> Diag {
    let d = diag(c::SHADOWED_LET, format!("`{name}` is bound already"), place, "bound again")
        .with_label(first, "first bound here")
        .with_hint("a name means one thing within its block: choose another");
    renaming(d, place, &format!("{name}_2"))
}

pub(crate) fn used_before_let(place: Place, name: &str, bound: Place) -> Diag {
    diag(c::USED_BEFORE_LET, format!("`{name}` is used above its `let`"), place, "used here")
        .with_label(bound, "bound here")
        .with_hint(
            "move the `let` up: what runs first follows from the data, not from the order of the lines",
        )
}

pub(crate) fn style(place: Place, name: &str, wanted: &str, suggestion: &str) -> Diag {
    let d = diag(c::NAME_STYLE, format!("`{name}` is not in `{wanted}`"), place, "")
        .with_hint(format!("call it `{suggestion}`, here and where it is used"));
    renaming(d, place, suggestion)
}

/// A fix that gives what is bound at a place another name; that it is written wherever it is used is seen to later.
fn renaming(diag: Diag, place: Place, name: &str) -> Diag {
    let edits = vec![Edit { place, text: name.to_owned() }];
    diag.with_fix(format!("call it `{name}`"), Applicability::Maybe, edits)
}

pub(crate) fn unused_import(place: Place, name: &str) -> Diag {
    let d = diag(c::UNUSED_IMPORT, format!("`{name}` is imported and never mentioned"), place, "")
        .with_hint(format!("use it, or remove `{name}`"));
    removing(d, place, &format!("`{name}`"), Applicability::Always)
}

pub(crate) fn unused_let(place: Place, name: &str) -> Diag {
    let d = diag(c::UNUSED_LET, format!("`{name}` is never mentioned"), place, "bound here")
        .with_hint(format!("use it, take it out, or call it `_{name}`"));
    replacing(d, place, &format!("_{name}"), Applicability::Maybe)
}

pub(crate) fn unused_parameter(place: Place, name: &str, kind: &str, near: Option<(&str, Place)>) -> Diag {
    let d = diag(
        c::UNUSED_PARAMETER,
        format!("this {kind} never uses its parameter `{name}`"),
        place,
        "declared here",
    );
    match near {
        Some((text, at)) => d.with_label(at, format!("plain text: did you mean `{text}`?")).with_fix(
            format!("write `{text}`"),
            Applicability::Maybe,
            vec![Edit { place: at, text: text.to_owned() }],
        ),
        None => d.with_hint(format!("use it, take it out, or call it `_{name}`")),
    }
}

pub(crate) fn not_yet(place: Place, what: &str) -> Diag {
    diag(c::NOT_YET, format!("{what} is not supported by this version yet"), place, "")
}

/// A name as `snake_case` would have it.
pub(crate) fn to_snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut chars = name.chars().peekable();
    let mut before = None;
    while let Some(c) = chars.next() {
        // Capitals in a row are one word: `parseHTMLPage` is `parse_html_page`.
        let begins = before.is_some_and(|before: char| !before.is_uppercase())
            || chars.peek().is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && begins && !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(c.to_lowercase());
        before = Some(c);
    }
    out
}
