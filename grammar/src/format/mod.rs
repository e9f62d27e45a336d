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
use crate::{FlowParser, MAX_FILE_BYTES, Rule, Split, split};

/// The text in the one style. Formatting what comes out changes nothing. What would be larger than a file or an item may be
/// stays as it is.
///
/// # Errors
/// All errors of a text that cannot be read, with places in it: nothing is said about the rest of it.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic<Span>>> {
    let unix = line_ends(text);
    let (found, parsed) = match (read(&unix), &unix) {
        (Ok(read), _) => read,
        // The places are to be those of the text that was given.
        (Err(errors), Cow::Owned(_)) => return Err(read(text).err().unwrap_or(errors)),
        (Err(errors), Cow::Borrowed(_)) => return Err(errors),
    };
    let mut room = MAX_FILE_BYTES;
    let mut items = Vec::with_capacity(found.items.len());
    for (item, parsed) in found.items.iter().zip(&parsed) {
        let made = layout_or_keep(&item.text, parsed);
        let Some(left) = room.checked_sub(made.len()) else { return Ok(text.to_owned()) };
        room = left;
        let place = item.span.start as usize..item.span.end as usize;
        items.push(file::Item { word: item.word, place, text: made });
    }
    let made = file::assemble(&unix, items);
    Ok(if made.len() > MAX_FILE_BYTES { text.to_owned() } else { made })
}

/// The items of a text and what they say, or all its errors.
fn read(text: &str) -> Result<(Split, Vec<Parsed>), Vec<Diagnostic<Span>>> {
    let mut found = split(text);
    let mut errors = std::mem::take(&mut found.errors);
    let mut parsed = Vec::with_capacity(found.items.len());
    for item in &found.items {
        let mut of_item = parse_item(&item.text);
        let of_item_errors = std::mem::take(&mut of_item.errors).into_iter();
        errors.extend(of_item_errors.map(|error| error.map_places(|place| place.shift(item.span.start))));
        parsed.push(of_item);
    }
    errors.retain(|error| error.severity == Severity::Error);
    errors.sort_by_key(|error| error.primary.place);
    if errors.is_empty() { Ok((found, parsed)) } else { Err(errors) }
}

/// `\n` for `\r\n`. A text with `\r\r\n` keeps what it has: its literals would change.
fn line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') && !text.contains("\r\r\n") {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// An item in the one style, if that says the same and is not too large.
fn layout_or_keep(text: &str, parsed: &Parsed) -> String {
    match layout(text) {
        Some(made) if made == text || same(text, parsed, &made, &parse_item(&made)) => made,
        Some(made) => {
            debug_assert!(false, "the layout of an item says something else:\n{text}\n---\n{made}");
            text.to_owned()
        }
        None => text.to_owned(),
    }
}

/// An item in the one style; `None` for what does not parse, and where it would be too large.
fn layout(text: &str) -> Option<String> {
    let node = FlowParser::parse(Rule::item, text).ok()?.next()?;
    let mut writer = write::Writer::new(text);
    writer.item(&node);
    print::print(&writer.finish())
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
