//! The layout of a file: documentation, items, what stands between them, and the order of its `use`s.
use std::ops::Range;

use crate::ItemWord;
use crate::lex::{Lexer, TokenKind};

/// An item that is laid out.
pub(super) struct Item {
    pub(super) word: ItemWord,
    /// Where it stood.
    pub(super) place: Range<usize>,
    /// What it is now.
    pub(super) text: String,
}

/// What a file is made of, from top to bottom.
struct Entry {
    what: What,
    /// It, without a comment behind it.
    text: String,
    /// The comment behind it.
    behind: Option<String>,
    /// Whether an empty line stood above it.
    blank: bool,
}

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// `//! …`
    FileDoc,
    /// Any other comment.
    Comment,
    Item(ItemWord),
}

impl Entry {
    fn is_long(&self) -> bool {
        self.text.contains('\n')
    }

    fn is_short_use(&self) -> bool {
        self.what == What::Item(ItemWord::Use) && !self.is_long()
    }
}

/// Puts a file together again.
pub(super) fn assemble(text: &str, items: Vec<Item>) -> String {
    let mut entries = Vec::new();
    let mut at = 0;
    for item in items {
        comments(text, at..item.place.start, &mut entries);
        let blank = has_blank(text, item.place.start);
        at = item.place.end;
        entries.push(Entry { what: What::Item(item.word), text: item.text, behind: None, blank });
    }
    comments(text, at..text.len(), &mut entries);
    sort_uses(&mut entries);
    let mut out = String::with_capacity(text.len());
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            out.push_str(if entry.blank || needs_blank(&entries, at) { "\n\n" } else { "\n" });
        }
        out.push_str(&entry.text);
        if let Some(behind) = &entry.behind {
            out.push(' ');
            out.push_str(behind);
        }
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// The comments between two items; one on the line of what stands before it goes behind that.
fn comments(text: &str, place: Range<usize>, entries: &mut Vec<Entry>) {
    let from = if place.start == 0 && text.starts_with('\u{FEFF}') { 3 } else { place.start };
    let part = text.get(..place.end).unwrap_or("");
    for token in Lexer::new(part, from.min(part.len())) {
        let what = match token.kind {
            TokenKind::FileDoc => What::FileDoc,
            TokenKind::Comment | TokenKind::Doc => What::Comment,
            _ => continue,
        };
        let start = token.span.start as usize;
        let comment = token.span.slice(part).trim_end().to_owned();
        let between = part.get(from..start).unwrap_or("");
        match entries.last_mut() {
            Some(before)
                if what == What::Comment
                    && token.kind == TokenKind::Comment
                    && matches!(before.what, What::Item(_))
                    && before.behind.is_none()
                    && !between.contains('\n') =>
            {
                before.behind = Some(comment);
            }
            _ => entries.push(Entry { what, text: comment, behind: None, blank: has_blank(part, start) }),
        }
    }
}

/// Whether an empty line stands above a place.
fn has_blank(text: &str, place: usize) -> bool {
    let before = text.get(..place).unwrap_or("");
    let white = before.bytes().rev().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
    white.filter(|b| *b == b'\n').count() > 1
}

/// Whether an empty line must stand above an entry, also where none was written: around what takes several lines,
/// and under the documentation of the file.
fn needs_blank(entries: &[Entry], at: usize) -> bool {
    let (Some(above), Some(entry)) = (at.checked_sub(1).and_then(|at| entries.get(at)), entries.get(at))
    else {
        return false;
    };
    match (above.what, entry.what) {
        (What::FileDoc, What::Item(_)) => true,
        (What::FileDoc | What::Comment, _) => false,
        (What::Item(_), _) => above.is_long() || leads_to_long(&entries[at..]),
    }
}

/// Whether entries begin with an item of several lines, or with comments right above one.
fn leads_to_long(entries: &[Entry]) -> bool {
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 && entry.blank {
            return false;
        }
        if matches!(entry.what, What::Item(_)) {
            return entry.is_long();
        }
    }
    false
}

/// Sorts `use`s that stand on neighbouring lines: the library first, then files. Names are bound once in a file, so their order
/// means nothing. A comment above one begins a group of its own.
fn sort_uses(entries: &mut [Entry]) {
    let mut start = 0;
    while start < entries.len() {
        let run = &mut entries[start..];
        let len = 1 + run.iter().skip(1).take_while(|entry| entry.is_short_use() && !entry.blank).count();
        if let Some(group) = run.get_mut(..len).filter(|group| group[0].is_short_use()) {
            let blank = group[0].blank;
            group[0].blank = false;
            group.sort_by(|a, b| use_key(&a.text).cmp(&use_key(&b.text)));
            group[0].blank = blank;
            start += len;
        } else {
            start += 1;
        }
    }
}

/// What a `use` is sorted by.
fn use_key(text: &str) -> (bool, &str) {
    let from = text.trim_start_matches("use").trim_start();
    (from.starts_with('"'), from)
}
