//! What is settled before the grammar sees an item: comments, brackets that do not match, texts that do not end,
//! characters that mean nothing, nesting. What is wrong is reported here and covered, so that the grammar sees the rest.
use flowc_base::{Diagnostic, Span};

use crate::ast::Comment;
use crate::lex::{Fault, Lexer, TokenKind, offset};
use crate::{MAX_NESTING, errors};

/// Stands for a byte of text that was reported already; the grammar knows it as `missing`.
pub(crate) const COVER: u8 = 0x1A;

/// An item's text, ready to be parsed.
pub(crate) struct Guarded {
    pub(crate) comments: Vec<Comment>,
    pub(crate) docs: Vec<Span>,
    pub(crate) errors: Vec<Diagnostic<Span>>,
    /// The text with what was reported covered, and with the brackets closed that were left open; `None` if it is sound.
    pub(crate) repaired: Option<String>,
    /// Nothing more can be read.
    pub(crate) fatal: bool,
}

/// Scans an item once.
pub(crate) fn guard(text: &str) -> Guarded {
    let mut found =
        Guarded { comments: Vec::new(), docs: Vec::new(), errors: Vec::new(), repaired: None, fatal: false };
    let mut open: Vec<(u8, Span)> = Vec::new();
    let mut covers: Vec<(Span, u8)> = Vec::new();
    let mut long_unclosed = false;
    let mut swallowed: Vec<u8> = Vec::new();
    // Types nest by angles, which are no brackets in expressions: a run of `Name<` counts.
    let (mut angles, mut after_angle, mut after_word) = (0usize, false, false);
    for token in Lexer::new(text, 0) {
        let span = token.span;
        let word = matches!(token.kind, TokenKind::Word);
        if matches!(token.kind, TokenKind::Sign(b'<')) && after_word {
            angles += 1;
            after_angle = true;
        } else if !(word && after_angle) {
            angles = 0;
            after_angle = false;
        }
        after_word = word;
        if angles > MAX_NESTING {
            found.errors.push(errors::brackets_too_deep(span, MAX_NESTING));
            found.fatal = true;
            return found;
        }
        match token.kind {
            TokenKind::Comment | TokenKind::FileDoc => {
                found.comments.push(Comment { span: trim_end(text, span) });
            }
            TokenKind::Doc => found.docs.push(trim_end(text, span)),
            TokenKind::Open(bracket) => open.push((bracket, span)),
            TokenKind::SpliceOpen => open.push((b'"', span)),
            TokenKind::SpliceClose => {
                // Brackets that the splice leaves open end with it.
                while let Some((bracket, opening)) = open.pop() {
                    if bracket == b'"' {
                        break;
                    }
                    found.errors.push(errors::unclosed_bracket(opening, char::from(bracket)));
                    covers.push((opening, COVER));
                }
            }
            TokenKind::Close(closing) => match open.last().copied() {
                Some((bracket, _)) if closes(bracket, closing) => {
                    open.pop();
                }
                Some((bracket, opening)) if bracket != b'"' => {
                    // An outer bracket that it closes tells that the inner was forgotten.
                    let outer =
                        open.iter().rposition(|&(bracket, _)| closes(bracket, closing) || bracket == b'"');
                    match outer.filter(|&at| open.get(at).is_some_and(|&(b, _)| closes(b, closing))) {
                        Some(at) => {
                            found.errors.push(errors::wrong_bracket(
                                opening,
                                char::from(bracket),
                                span,
                                char::from(closing),
                            ));
                            for &(_, forgotten) in open.get(at + 1..).unwrap_or(&[]) {
                                covers.push((forgotten, b' '));
                            }
                            open.truncate(at);
                        }
                        None => {
                            found.errors.push(errors::wrong_bracket(
                                opening,
                                char::from(bracket),
                                span,
                                char::from(closing),
                            ));
                            // Written for the right one, unless that one follows: then it is too much.
                            let rest = text.get(span.end as usize..).unwrap_or_default();
                            let code = rest.lines().map(|line| line.split("//").next().unwrap_or_default());
                            let next = code.flat_map(str::bytes).find(|b| b")]}".contains(b));
                            if next.is_some_and(|next| closes(bracket, next)) {
                                covers.push((span, b' '));
                            } else {
                                open.pop();
                                covers.push((span, closing_byte(bracket)));
                            }
                        }
                    }
                }
                Some(_) | None => {
                    found.errors.push(errors::unopened_bracket(span, char::from(closing)));
                    covers.push((span, b' '));
                }
            },
            TokenKind::Unclosed(fault) => {
                // What is wrong inside of it follows from it; a splice that does not end is why it does not end.
                found.errors.retain(|error| error.primary.place.start < span.start);
                let inner = open.iter().position(|&(_, place)| place.start >= span.start);
                let splice = inner.and_then(|at| open.get(at)).filter(|(bracket, _)| *bracket == b'"');
                let opening = Span::new(span.start, (span.start + 1).min(span.end));
                found.errors.push(match (fault, splice) {
                    (Fault::Escape(quote), _) => errors::escaped_quote(Span::new(quote - 1, quote + 1)),
                    (_, Some(&(_, splice))) => errors::unclosed_splice(splice),
                    (Fault::Line, None) => errors::unclosed_text(opening, false),
                    (Fault::Long, None) => errors::unclosed_text(opening, true),
                });
                open.truncate(inner.unwrap_or(open.len()));
                let mut whole = trim_end(text, span);
                let long = fault == Fault::Long;
                let to_line_end = text
                    .get(span.end as usize..)
                    .is_none_or(|rest| rest.is_empty() || rest.starts_with('\n'));
                // What its line opened before it was to be closed inside of it, with the name that is called.
                while let Some(&(bracket, opening)) = open.last()
                    && !long
                    && to_line_end
                    && bracket != b'{'
                    && !Span::new(opening.end, span.start).slice(text).contains('\n')
                {
                    let before = text.get(..opening.start as usize).unwrap_or("");
                    let called =
                        before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
                    whole.start = offset(called.len());
                    open.pop();
                }
                if to_line_end {
                    swallowed.extend(whole.slice(text).bytes().filter(|byte| b")]}".contains(byte)));
                }
                long_unclosed |= long;
                covers.push((whole, COVER));
            }
            TokenKind::Stray => {
                let place = cover_stray(text, span, covers.last().map(|(span, _)| *span));
                let Some((place, by)) = place else { continue };
                let c = span.slice(text).chars().next().unwrap_or(' ');
                found.errors.push(errors::stray(span, c));
                covers.push((place, by));
            }
            TokenKind::Word
            | TokenKind::Number
            | TokenKind::TextOpen
            | TokenKind::TextClose
            | TokenKind::Sign(_) => {}
        }
        if open.len() > MAX_NESTING {
            found.errors.push(errors::brackets_too_deep(span, MAX_NESTING));
            found.fatal = true;
            return found;
        }
    }
    // A long text that does not end hides what closes them.
    if !long_unclosed {
        for &(bracket, opening) in open.iter().rev() {
            // What closes it may stand in a text that runs to the end of its line.
            if let Some(at) = swallowed.iter().position(|&closing| closes(bracket, closing)) {
                swallowed.remove(at);
                continue;
            }
            found.errors.push(errors::unclosed_bracket(opening, char::from(bracket)));
        }
    }
    if !(covers.is_empty() && open.is_empty()) {
        let mut bytes = text.as_bytes().to_vec();
        for (span, by) in covers {
            cover(&mut bytes, span, by);
        }
        // A last line comment would swallow what closes the brackets.
        if !open.is_empty() {
            bytes.push(b'\n');
        }
        bytes.extend(open.iter().rev().map(|&(bracket, _)| closing_byte(bracket)));
        found.repaired = Some(String::from_utf8_lossy(&bytes).into_owned());
    }
    found
}

/// Overwrites a span; spans lie on character boundaries, so the text stays UTF-8.
pub(crate) fn cover(bytes: &mut [u8], span: Span, by: u8) {
    if let Some(range) = bytes.get_mut(span.start as usize..span.end as usize) {
        range.fill(by);
    }
}

/// What to cover for a character that means nothing; `None` when it lies in something covered.
fn cover_stray(text: &str, span: Span, last: Option<Span>) -> Option<(Span, u8)> {
    if last.is_some_and(|last| span.start < last.end) {
        return None;
    }
    let rest = text.get(span.end as usize..).unwrap_or("");
    let line = rest.find('\n').unwrap_or(rest.len());
    let line_text = rest.get(..line).unwrap_or("");
    let made = match span.slice(text) {
        quote @ ("'" | "`") => match line_text.find(quote) {
            Some(len) => (Span::new(span.start, span.end + offset(len + 1)), COVER),
            None => (span, b' '),
        },
        "#" => (Span::new(span.start, span.end + offset(line)), b' '),
        _ => (span, b' '),
    };
    Some(made)
}

fn closes(bracket: u8, closing: u8) -> bool {
    closing_byte(bracket) == closing && bracket != b'"'
}

fn closing_byte(bracket: u8) -> u8 {
    match bracket {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    }
}

fn trim_end(text: &str, span: Span) -> Span {
    Span::new(span.start, span.start + offset(span.slice(text).trim_end().len()))
}
