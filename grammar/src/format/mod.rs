//! The one style of `.flow` text: text in, text out. It knows trees and tokens, and neither files nor terminals.
//!
//! Each item is laid out alone: its tokens are written into a document ([`doc`]) with the comments where they stand,
//! and the document is printed within [`WIDTH`] columns. What comes out is read again and compared with what went in; an
//! item that would not say the same stays as it is. Texts keep their value to the last byte.
mod doc;
mod expr;
mod file;
mod item;
mod print;
#[cfg(test)]
mod tests;
mod write;

use std::borrow::Cow;

use flowc_base::{Diagnostic, Severity, Span};
use pest::Parser as _;

pub use print::WIDTH;

use crate::ast::{Item, ItemKind};
use crate::parse::{Parsed, parse_item};
use crate::{FlowParser, Rule, split};

/// The text in the one style. Formatting what comes out changes nothing.
///
/// # Errors
/// All errors of a text that cannot be read, with places in it: nothing is said about the rest of it.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic<Span>>> {
    let text = line_ends(text);
    let found = split(&text);
    let mut errors = found.errors.clone();
    let mut parsed = Vec::with_capacity(found.items.len());
    for item in &found.items {
        let mut of_item = parse_item(&item.text);
        let moved = std::mem::take(&mut of_item.errors).into_iter();
        errors.extend(moved.map(|error| {
            error.map_places(|place| Span::new(place.start + item.span.start, place.end + item.span.start))
        }));
        parsed.push(of_item);
    }
    errors.retain(|error| error.severity == Severity::Error);
    if !errors.is_empty() {
        errors.sort_by_key(|error| error.primary.place);
        return Err(errors);
    }
    let items = found.items.iter().zip(&parsed).map(|(item, parsed)| file::Item {
        word: item.word,
        place: item.span.start as usize..item.span.end as usize,
        text: layout_or_keep(&item.text, parsed),
    });
    Ok(file::assemble(&text, items.collect()))
}

/// `\n` for `\r\n`. A text with `\r\r\n` keeps what it has: its literals would change.
fn line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') && !text.contains("\r\r\n") {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// An item in the one style, if that says the same.
fn layout_or_keep(text: &str, parsed: &Parsed) -> String {
    let made = layout(text).filter(|made| made == text || same(text, parsed, made, &parse_item(made)));
    debug_assert!(
        made.is_some(),
        "the layout of an item says something else:\n{text}\n---\n{:?}",
        layout(text)
    );
    made.unwrap_or_else(|| text.to_owned())
}

/// An item in the one style; `None` for what does not parse.
fn layout(text: &str) -> Option<String> {
    let node = FlowParser::parse(Rule::item, text).ok()?.next()?;
    let mut writer = write::Writer::new(text);
    writer.item(&node);
    Some(print::print(&writer.finish()))
}

/// Whether two texts of an item say the same: the same tree but for places, the same comments in the same order.
fn same(before: &str, one: &Parsed, after: &str, other: &Parsed) -> bool {
    let comments = |text, parsed: &Parsed| -> Vec<String> {
        parsed.comments.iter().map(|comment| comment.span.slice(text).to_owned()).collect()
    };
    let (Some(one_tree), Some(other_tree)) = (&one.item, &other.item) else { return false };
    other.errors.iter().all(|error| error.severity != Severity::Error)
        && normal(one_tree) == normal(other_tree)
        && comments(before, one) == comments(after, other)
}

/// A tree without what the style may change.
fn normal(item: &Item) -> Item {
    let mut item = item.clone().without_places();
    if let ItemKind::Use(found) = &mut item.kind
        && let Some(names) = &mut found.names
    {
        names.sort_by(|a, b| a.name.cmp(&b.name));
    }
    item
}
