//! A file's text cut into items, by a cheap scan that a broken item cannot lead astray.
use std::sync::Arc;

use flowc_base::{Diagnostic, Name, Span, wrong_letters};

use crate::allow::{AllowComment, allows};
use crate::ast::Ident;
use crate::build::doc_text;
use crate::lex::{Fault, Lexer, Token, TokenKind, offset};
use crate::{MAX_FILE_BYTES, errors};

/// The word that an item begins with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "each is named after its word")]
pub enum ItemWord {
    Use,
    Type,
    Agent,
    Task,
    Flow,
    Settings,
    Test,
}

impl ItemWord {
    /// All of them, with their words.
    pub const ALL: [(&'static str, Self); 7] = [
        ("use", Self::Use),
        ("type", Self::Type),
        ("agent", Self::Agent),
        ("task", Self::Task),
        ("flow", Self::Flow),
        ("settings", Self::Settings),
        ("test", Self::Test),
    ];

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(text, _)| *text == word).map(|(_, kind)| *kind)
    }
}

/// An item as the splitter sees it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SplitItem {
    /// Which kind it is.
    pub word: ItemWord,
    /// Its name, where it has one that can be read; of a test, its title. Relative to the item's first byte.
    pub name: Option<Ident>,
    /// Where it stands in the file, documentation included.
    pub span: Span,
    /// Its text: what [`crate::parse_item`] takes.
    pub text: Arc<str>,
}

/// A file, cut into items.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Split {
    /// The text of its `//!` lines, without the slashes and one blank.
    pub docs: Name,
    /// Its items, in order.
    pub items: Vec<SplitItem>,
    /// What belongs to no item; places in the file.
    pub errors: Vec<Diagnostic<Span>>,
    /// Its comments that begin with the word `allow`; places in the file.
    pub allows: Vec<AllowComment>,
}

/// Cuts a file's text into items.
#[must_use]
pub fn split(text: &str) -> Split {
    if text.len() > MAX_FILE_BYTES {
        let errors = vec![errors::file_too_large(MAX_FILE_BYTES)];
        return Split { docs: Name::from(""), items: Vec::new(), errors, allows: Vec::new() };
    }
    let mut cutter = Cutter::new(text);
    if !cutter.run(false) {
        // A long text does not end: now what looks like an item at the start of a line ends it.
        cutter = Cutter::new(text);
        cutter.run(true);
    }
    cutter.finish()
}

/// The text from the first letter on that is in no comment.
fn without_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        match text.strip_prefix("//") {
            Some(comment) if !comment.starts_with(['/', '!']) => {
                text = comment.find('\n').and_then(|end| comment.get(end..)).unwrap_or_default();
            }
            _ => return text,
        }
    }
}

/// What the scan is inside of.
struct Part {
    /// `None` for text that belongs to no item.
    word: Option<ItemWord>,
    start: usize,
    head: usize,
    /// Where its first word ends.
    head_end: usize,
    end: usize,
    /// A brace was closed: another item may follow on the same line.
    closed: bool,
}

struct Cutter<'t> {
    text: &'t str,
    docs: Vec<&'t str>,
    parts: Vec<Part>,
    errors: Vec<Diagnostic<Span>>,
    depth: usize,
    /// The start of the `///` lines right above.
    pending_docs: Option<usize>,
}

impl<'t> Cutter<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, docs: Vec::new(), parts: Vec::new(), errors: Vec::new(), depth: 0, pending_docs: None }
    }

    /// False when a long text does not end and `careful` was not asked for.
    fn run(&mut self, careful: bool) -> bool {
        let mut start = if self.text.starts_with('\u{FEFF}') { 3 } else { 0 };
        loop {
            let lexer = Lexer::new(self.text, start);
            let mut again = None;
            let mut text_depth = 0usize;
            let mut text_start = 0usize;
            let mut scanned_from = start;
            for token in lexer {
                match token.kind {
                    TokenKind::TextOpen => {
                        if text_depth == 0 {
                            text_start = token.span.start as usize;
                            scanned_from = token.span.end as usize;
                        }
                        text_depth += 1;
                    }
                    TokenKind::TextClose => text_depth = text_depth.saturating_sub(1),
                    TokenKind::Unclosed(fault) => {
                        text_depth = 0;
                        if fault == Fault::Long && !careful {
                            return false;
                        }
                    }
                    _ => {}
                }
                if careful
                    && (text_depth == 0 || matches!(token.kind, TokenKind::TextClose | TokenKind::SpliceOpen))
                    && scanned_from > text_start
                {
                    // What the text between the last tokens hid.
                    if let Some(head) = self.head_inside(scanned_from, token.span.end as usize) {
                        self.extend(head);
                        again = Some(head);
                        break;
                    }
                    scanned_from = if text_depth == 0 { 0 } else { token.span.end as usize };
                    text_start = if text_depth == 0 { 0 } else { text_start };
                }
                let outermost = usize::from(token.kind == TokenKind::TextOpen);
                self.token(token, text_depth > outermost);
            }
            match again {
                Some(head) => start = head,
                None => return true,
            }
        }
    }

    /// The first start of a line between two places that looks like an item.
    fn head_inside(&self, from: usize, to: usize) -> Option<usize> {
        let inside = self.text.get(from..to)?;
        inside.match_indices('\n').map(|(at, _)| from + at + 1).find(|&line| self.head_at(line).is_some())
    }

    /// The item word at a place, when what follows has the shape of an item.
    fn head_at(&self, at: usize) -> Option<ItemWord> {
        let rest = self.text.get(at..)?;
        let len = rest.bytes().take_while(u8::is_ascii_lowercase).count();
        let word = ItemWord::from_word(rest.get(..len)?)?;
        let after = rest.get(len..)?;
        let next = without_comments(after).chars().next();
        let blank = after.starts_with([' ', '\t', '\n', '\r']) || after.starts_with("//");
        let name = next.is_some_and(|c| c.is_alphabetic() || c == '_');
        let fits = match word {
            ItemWord::Use => blank && (name || next == Some('"')) || after.starts_with('"'),
            ItemWord::Type | ItemWord::Agent | ItemWord::Task | ItemWord::Flow => blank && name,
            ItemWord::Settings => next == Some('{'),
            ItemWord::Test => next == Some('"'),
        };
        fits.then_some(word)
    }

    fn extend(&mut self, end: usize) {
        if let Some(part) = self.parts.last_mut() {
            part.end = part.end.max(end);
        }
    }

    fn token(&mut self, token: Token, in_text: bool) {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        if in_text {
            return;
        }
        match token.kind {
            TokenKind::Comment => return,
            TokenKind::Doc => {
                self.pending_docs = self.pending_docs.or(Some(start));
                return;
            }
            TokenKind::FileDoc => {
                if self.parts.is_empty() {
                    self.docs.push(doc_text(token.span.slice(self.text)));
                } else if self.depth == 0 {
                    self.errors.push(errors::late_file_docs(token.span));
                }
                return;
            }
            TokenKind::Word => {
                if self.begins_part(start) {
                    return;
                }
            }
            TokenKind::Open(_) => self.depth += 1,
            TokenKind::Close(closing) => {
                self.depth = self.depth.saturating_sub(1);
                if let (b'}', 0, Some(part)) = (closing, self.depth, self.parts.last_mut()) {
                    part.closed = true;
                }
            }
            TokenKind::Number
            | TokenKind::SpliceOpen
            | TokenKind::SpliceClose
            | TokenKind::TextOpen
            | TokenKind::TextClose
            | TokenKind::Sign(_)
            | TokenKind::Unclosed(_)
            | TokenKind::Stray => {}
        }
        self.pending_docs = None;
        match self.parts.last_mut() {
            Some(part) => part.end = part.end.max(end),
            None => {
                self.parts.push(Part { word: None, start, head: start, head_end: start, end, closed: false });
            }
        }
    }

    /// Opens a new part when a word begins one.
    fn begins_part(&mut self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or("");
        let bare = before.strip_suffix('\u{FEFF}').unwrap_or(before);
        let column_0 = bare.is_empty() || bare.ends_with('\n');
        let first_on_line = {
            let code = before.trim_end_matches(|c: char| c != '\n' && (c.is_whitespace() || c == '\u{FEFF}'));
            code.is_empty() || code.ends_with('\n')
        };
        let last = self.parts.last();
        let complete = self.depth == 0
            && last.is_none_or(|part| {
                part.closed
                    || first_on_line
                        && part.end > part.head_end
                        && matches!(part.word, None | Some(ItemWord::Use | ItemWord::Type))
            });
        let word = if column_0 || complete { self.head_at(at) } else { None };
        // A word at the margin outside of all brackets is the start of something, known or not.
        let unknown = word.is_none() && self.depth == 0 && (column_0 && complete || last.is_none());
        let continues_unknown = unknown && last.is_some_and(|part| part.word.is_none() && !column_0);
        if word.is_none() && (!unknown || continues_unknown) {
            return false;
        }
        self.depth = 0;
        let start = self.pending_docs.take().unwrap_or(at);
        let len = self
            .text
            .get(at..)
            .map_or(0, |rest| rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len()));
        // Of what is no item the first line is all.
        let head_end = if word.is_some() { at + len } else { at };
        self.parts.push(Part { word, start, head: at, head_end, end: at + len, closed: false });
        true
    }

    fn finish(self) -> Split {
        let mut errors = self.errors;
        if let Some(start) = self.pending_docs {
            let line = self.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("");
            errors.push(errors::unused_docs(Span::new(offset(start), offset(start + line.trim_end().len()))));
        }
        let mut items = Vec::new();
        for part in &self.parts {
            let whole = self.text.get(part.start..part.end).unwrap_or("");
            let text = whole.trim_end_matches(WHITE);
            let span = Span::new(offset(part.start), offset(part.start + text.len()));
            match part.word {
                Some(word) => {
                    let name = name_after(text, part.head - part.start, word);
                    items.push(SplitItem { word, name, span, text: Arc::from(text) });
                }
                None => {
                    let found = self.text.get(part.head..part.end).unwrap_or("");
                    errors.push(stray_text(found, part.head));
                }
            }
        }
        errors.sort_by_key(|error| error.primary.place);
        let allows = allows(self.text, &items);
        Split { docs: Name::from(self.docs.join("\n")), items, errors, allows }
    }
}

/// The name or title behind an item's word.
fn name_after(text: &str, head: usize, word: ItemWord) -> Option<Ident> {
    let mut tokens = Lexer::new(text, head).skip(1).filter(|token| token.kind != TokenKind::Comment);
    let next = tokens.next()?;
    match (word, next.kind) {
        (ItemWord::Type | ItemWord::Agent | ItemWord::Task | ItemWord::Flow, TokenKind::Word) => {
            Some(Ident { name: Name::from(next.span.slice(text)), span: next.span })
        }
        (ItemWord::Test, TokenKind::TextOpen) => {
            let close = tokens.next().filter(|token| token.kind == TokenKind::TextClose)?;
            let inside = Span::new(next.span.end, close.span.start);
            Some(Ident { name: Name::from(inside.slice(text)), span: inside })
        }
        _ => None,
    }
}

/// The error for text that belongs to no item.
fn stray_text(found: &str, at: usize) -> Diagnostic<Span> {
    let len = found.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(found.len());
    let len = if len == 0 { found.chars().next().map_or(0, char::len_utf8) } else { len };
    let word = found.get(..len).unwrap_or("");
    let place = Span::new(offset(at), offset(at + len));
    let best = ItemWord::ALL
        .iter()
        .filter(|_| word.len() <= 20)
        .map(|(right, _)| (wrong_letters(word, right), *right))
        .chain(FOREIGN.iter().filter(|(wrong, _)| *wrong == word).map(|(_, right)| (0, *right)))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, right)| *distance <= right.len() / 2 && *distance < 3);
    errors::not_an_item(place, word, best.map(|(_, right)| right))
}

/// White space of the language, as the grammar has it: other blanks mean nothing anywhere.
const WHITE: [char; 4] = [' ', '\n', '\t', '\r'];

/// What items are called elsewhere.
const FOREIGN: [(&str, &str); 11] = [
    ("fn", "flow"),
    ("def", "task"),
    ("func", "flow"),
    ("function", "flow"),
    ("workflow", "flow"),
    ("pipeline", "flow"),
    ("import", "use"),
    ("include", "use"),
    ("struct", "type"),
    ("enum", "type"),
    ("config", "settings"),
];
