//! The way on after an error: the broken statement, clause or element is covered and the item is parsed again, so that
//! one mistake gives one error and the rest of the item is still checked.
use flowc_base::{Diagnostic, Span};

use crate::ast::{Comment, Item};
use crate::guard::{COVER, cover};
use crate::lex::{Lexer, TokenKind, offset};
use crate::parse::Parsed;
use crate::{MAX_NESTING, Rule};
use crate::{errors, expected};

/// More errors than this in one item help nobody.
const MAX_ERRORS: usize = 10;

/// How much text may be parsed again, in all attempts at one item together.
const MAX_BYTES_AGAIN: usize = 4 << 20;

/// An item on its way through several attempts.
pub(crate) struct Recovery<'t> {
    source: &'t str,
    repaired: Option<String>,
    errors: Vec<Diagnostic<Span>>,
    covered: Vec<Span>,
    bytes_again: usize,
    attempts: usize,
}

impl<'t> Recovery<'t> {
    pub(crate) fn new(source: &'t str, repaired: Option<String>, errors: Vec<Diagnostic<Span>>) -> Self {
        Self { source, repaired, errors, covered: Vec::new(), bytes_again: 0, attempts: 0 }
    }

    /// What is to be parsed next.
    pub(crate) fn text(&self) -> &str {
        self.repaired.as_deref().unwrap_or(self.source)
    }

    /// True while nothing was wrong.
    pub(crate) fn is_whole(&self) -> bool {
        self.repaired.is_none()
    }

    /// The parser gave up for a reason of its own.
    pub(crate) fn limit(&mut self, at: usize) {
        let at = offset(at.min(self.source.len()));
        self.errors.push(errors::brackets_too_deep(Span::new(at, at), MAX_NESTING));
    }

    /// Reports an error at a byte and covers what is broken; false when there is no way on.
    pub(crate) fn step(&mut self, at: usize, wanted: &[Rule]) -> bool {
        let at32 = offset(at);
        // An error inside or right behind something that was reported is its consequence.
        let consequence = self.attempts == 0 && !self.errors.is_empty() && self.repaired.is_some()
            || self.text().as_bytes().get(at) == Some(&COVER)
            || self.covered.iter().any(|span| span.start <= at32 && at32 <= span.end);
        if !consequence {
            if self.errors.len() >= MAX_ERRORS {
                return false;
            }
            self.errors.push(expected::syntax(self.text(), at, wanted));
        }
        self.attempts += 1;
        self.bytes_again += self.source.len();
        if self.attempts > 2 * MAX_ERRORS || self.bytes_again > MAX_BYTES_AGAIN {
            return false;
        }
        let Some(broken) =
            broken_part(self.text(), at32, !expected::expects_statement(wanted), &self.covered)
        else {
            return false;
        };
        let mut bytes = self.text().as_bytes().to_vec();
        cover(&mut bytes, broken, COVER);
        self.covered.retain(|span| !(broken.start <= span.start && span.end <= broken.end));
        self.covered.push(broken);
        self.repaired = Some(String::from_utf8_lossy(&bytes).into_owned());
        true
    }

    /// The result, with every place inside the text and the errors in its order.
    pub(crate) fn finish(
        self,
        item: Option<Item>,
        found: Vec<Diagnostic<Span>>,
        comments: Vec<Comment>,
    ) -> Parsed {
        let end = offset(self.source.len());
        let clamp = |span: Span| Span::new(span.start.min(end), span.end.min(end));
        let mut errors: Vec<_> =
            self.errors.into_iter().chain(found).map(|error| error.map_places(clamp)).collect();
        errors.sort_by_key(|error| error.primary.place);
        Parsed { item, errors, comments }
    }
}

/// An opened bracket around the error, with the tokens directly inside it.
struct Group {
    bracket: u8,
    start: u32,
    tokens: Vec<(TokenKind, Span)>,
}

/// The smallest statement, clause or element around a place that is not covered as a whole yet.
fn broken_part(text: &str, at: u32, unfinished: bool, covered: &[Span]) -> Option<Span> {
    let mut groups = vec![Group { bracket: 0, start: 0, tokens: Vec::new() }];
    let mut candidates: Vec<Span> = Vec::new();
    for token in Lexer::new(text, 0) {
        let span = token.span;
        match token.kind {
            TokenKind::Open(_) | TokenKind::SpliceOpen | TokenKind::TextOpen => {
                let bracket = if let TokenKind::Open(bracket) = token.kind { bracket } else { b'"' };
                if let Some(group) = groups.last_mut() {
                    group.tokens.push((token.kind, span));
                }
                groups.push(Group { bracket, start: span.end, tokens: Vec::new() });
            }
            TokenKind::Close(_) | TokenKind::SpliceClose | TokenKind::TextClose => {
                if groups.len() > 1
                    && let Some(group) = groups.pop()
                {
                    if group.start <= at && at <= span.start {
                        candidates.extend(part_of(text, &group, (at, unfinished), span.start));
                    }
                    if let Some(outer) = groups.last_mut() {
                        outer.tokens.push((token.kind, span));
                    }
                }
            }
            TokenKind::Comment | TokenKind::Doc | TokenKind::FileDoc => {}
            TokenKind::Word
            | TokenKind::Number
            | TokenKind::Sign(_)
            | TokenKind::Stray
            | TokenKind::Unclosed(_) => {
                if let Some(group) = groups.last_mut() {
                    group.tokens.push((token.kind, span));
                }
            }
        }
    }
    candidates.into_iter().find(|part| {
        !part.is_empty() && !covered.iter().any(|span| span.start <= part.start && part.end <= span.end)
    })
}

/// The element or statement of a group that holds a place; of a `let` its value first, so that its name stays known.
fn part_of(text: &str, group: &Group, (at, unfinished): (u32, bool), end: u32) -> Vec<Span> {
    if group.bracket == b'"' {
        return Vec::new();
    }
    let mut value = None;
    let has_comma = group.tokens.iter().any(|(kind, _)| matches!(kind, TokenKind::Sign(b',')));
    let listed = group.bracket != b'{' || has_comma || opens_record(text, group);
    let mut start = group.start;
    let mut stop = end;
    let mut previous: Option<(TokenKind, Span)> = None;
    for &(kind, span) in &group.tokens {
        let boundary = if listed {
            matches!(kind, TokenKind::Sign(b','))
        } else {
            begins_statement(text, previous, (kind, span))
        };
        if boundary {
            // An error at the start of a statement belongs to it, unless the one before lacks its end.
            if span.start > at || (span.start == at && !listed && unfinished && previous.is_some()) {
                stop = span.start;
                break;
            }
            start = if listed { span.end } else { span.start };
            value = None;
            if listed && span.start == at {
                // Found a comma where an element was expected.
                start = previous.map_or(group.start, |(_, before)| before.end).min(at);
                stop = span.start;
                break;
            }
        }
        if kind == TokenKind::Sign(b'=')
            && value.is_none()
            && text.get(start as usize..).is_some_and(|rest| rest.starts_with("let"))
        {
            value = Some(span.end).filter(|&value| value <= at);
        }
        previous = Some((kind, span));
    }
    let starts = value.into_iter().chain([start]);
    starts.filter_map(|start| trimmed(text, Span::new(start, stop.max(start)))).collect()
}

/// A part without the white space around it, unless it is nothing else.
fn trimmed(text: &str, part: Span) -> Option<Span> {
    let inside = part.slice(text);
    let lead = inside.len() - inside.trim_start().len();
    let trimmed = inside.trim();
    (!trimmed.is_empty())
        .then(|| Span::new(part.start + offset(lead), part.start + offset(lead + trimmed.len())))
}

fn opens_record(text: &str, group: &Group) -> bool {
    let mut tokens = group.tokens.iter();
    let first = matches!(tokens.next(), Some((TokenKind::Word | TokenKind::TextOpen, _)));
    let colon = group
        .tokens
        .iter()
        .find(|(kind, _)| !matches!(kind, TokenKind::Word | TokenKind::TextOpen | TokenKind::TextClose));
    first
        && matches!(colon, Some((TokenKind::Sign(b':'), span)) if text.get(group.start as usize..span.start as usize)
        .is_some_and(|before| !before.contains('\n') || before.trim_start().lines().count() <= 1))
}

/// True when a token begins a statement or clause: a word that begins statements, or a first word on its line that
/// continues nothing.
fn begins_statement(
    text: &str,
    previous: Option<(TokenKind, Span)>,
    (kind, span): (TokenKind, Span),
) -> bool {
    let Some((before_kind, before)) = previous else { return true };
    if !matches!(kind, TokenKind::Word) {
        return false;
    }
    let word = span.slice(text);
    let continues = matches!(before_kind, TokenKind::Sign(_));
    if matches!(word, "let" | "gate" | "assert" | "break" | "continue" | "mock") {
        // After `let` it is a name that is not allowed, after a dot a field.
        return !matches!(before_kind, TokenKind::Sign(b'.')) && before.slice(text) != "let";
    }
    let new_line = Span::new(before.end, span.start).slice(text).contains('\n');
    new_line && !continues && !matches!(word, "else" | "as" | "with" | "max" | "in" | "of" | "per")
}
