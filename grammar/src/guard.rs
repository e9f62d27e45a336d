//! What is settled before the grammar sees an item: comments, brackets that do not match, texts that do not end,
//! characters that mean nothing, nesting. What is wrong is reported here and covered, so that the grammar sees the rest.
use flowc_base::{Diagnostic, Edit, Span};

use crate::ast::Comment;
use crate::closing::{self, Closing, closing as closing_place, indentation};
use crate::errors::Mends;
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
    let mut misnested: Vec<Span> = Vec::new();
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
                    let place = closing_place(text, opening, bracket);
                    found.errors.push(errors::unclosed_bracket(opening, char::from(bracket), place));
                    covers.push((opening, COVER));
                }
            }
            TokenKind::Close(closing) => match open.last().copied() {
                Some((bracket, opening)) if closes(bracket, closing) => {
                    open.pop();
                    if bracket == b'{' && is_misnested(text, opening, span) {
                        misnested.push(opening);
                    }
                }
                Some((bracket, opening)) if bracket != b'"' => {
                    let wrong = |mends| {
                        let (open, found) = ((opening, char::from(bracket)), (span, char::from(closing)));
                        errors::wrong_bracket(open, found, mends)
                    };
                    // An outer bracket that it closes tells that the inner was forgotten.
                    let outer =
                        open.iter().rposition(|&(bracket, _)| closes(bracket, closing) || bracket == b'"');
                    match outer.filter(|&at| open.get(at).is_some_and(|&(b, _)| closes(b, closing))) {
                        Some(at) => {
                            let forgotten = open.split_off((at + 1).min(open.len()));
                            open.truncate(at);
                            let places: Vec<Closing> = forgotten
                                .iter()
                                .rev()
                                .map(|&(bracket, opening)| closing_place(text, opening, bracket))
                                .collect();
                            match blanks(text, &places) {
                                Some(blanks) => {
                                    let signs =
                                        forgotten.iter().rev().map(|&(bracket, _)| closing_byte(bracket));
                                    covers.extend(blanks.into_iter().zip(signs));
                                }
                                None => covers.extend(forgotten.iter().map(|&(_, opening)| (opening, b' '))),
                            }
                            found.errors.push(wrong(Mends::Insert(joined(places))));
                        }
                        None => {
                            // Written for the right one, unless that one follows: then it is too much.
                            let rest = text.get(span.end as usize..).unwrap_or_default();
                            let code = rest.lines().map(|line| line.split("//").next().unwrap_or_default());
                            let next = code.flat_map(str::bytes).find(|b| b")]}".contains(b));
                            if next.is_some_and(|next| closes(bracket, next)) {
                                found.errors.push(wrong(Mends::Remove));
                                covers.push((span, b' '));
                            } else {
                                found.errors.push(wrong(Mends::Replace));
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
                    (Fault::Escape(quote), _) => errors::escaped_quote(
                        Span::new(quote - 1, quote + 1),
                        between_long_quotes(text, span),
                    ),
                    (_, Some(&(_, splice))) => {
                        errors::unclosed_splice(splice, closing::end_of_splice(text, splice))
                    }
                    (Fault::Line, None) => {
                        let on_line = open.iter().rev().take_while(|(_, opening)| {
                            !Span::new(opening.end, span.start).slice(text).contains('\n')
                        });
                        let on_line: Vec<u8> = on_line.map(|(bracket, _)| *bracket).collect();
                        match whole_text(text, span) {
                            Some(quote) => errors::text_of_lines(opening, quote),
                            None => {
                                let at = closing::end_of_text(text, span.start, &on_line);
                                errors::unclosed_text(opening, at)
                            }
                        }
                    }
                    (Fault::Long, None) => {
                        let quotes = Span::new(span.start, span.start + 3);
                        let blocks = open.iter().filter(|(bracket, _)| *bracket == b'{').count();
                        let at = closing::end_of_long_text(text, quotes, blocks);
                        errors::unclosed_long_text(opening, at.filter(|_| blocks == open.len()))
                    }
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
                found.errors.push(errors::stray(span, c, between(text, span, c)));
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
    // Of blocks within each other it is the one whose lines are not closed that was left open, not the outermost.
    let mut lines = misnested.into_iter();
    for (bracket, opening) in open.iter_mut().rev() {
        if *bracket == b'{'
            && let Some(inner) = lines.next()
        {
            *opening = inner;
        }
    }
    open.sort_by_key(|&(_, opening)| opening);
    // A long text that does not end hides what closes them.
    let mut left: Vec<(u8, Span)> = Vec::new();
    for &(bracket, opening) in open.iter().rev().filter(|_| !long_unclosed) {
        // What closes it may stand in a text that runs to the end of its line.
        match swallowed.iter().position(|&closing| closes(bracket, closing)) {
            Some(at) => drop(swallowed.remove(at)),
            None => left.push((bracket, opening)),
        }
    }
    let places: Vec<Closing> =
        left.iter().map(|&(bracket, opening)| closing_place(text, opening, bracket)).collect();
    // Closed where they were meant to be, if blanks stand there, the rest of the item can be read.
    if let Some(blanks) = blanks(text, &places).filter(|_| left.len() == open.len()) {
        covers.extend(blanks.into_iter().zip(left.iter().map(|&(bracket, _)| closing_byte(bracket))));
        open.clear();
    }
    for ((bracket, opening), place) in left.into_iter().zip(places) {
        found.errors.push(errors::unclosed_bracket(opening, char::from(bracket), place));
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

/// A blank for each of several that close, the innermost first, where it was meant to stand.
fn blanks(text: &str, places: &[Closing]) -> Option<Vec<Span>> {
    let mut taken: Vec<Span> = Vec::new();
    for place in places {
        let rest = text.get(place.at as usize..)?.bytes();
        let mut all =
            rest.take_while(u8::is_ascii_whitespace).zip(place.at..).map(|(_, at)| Span::new(at, at + 1));
        taken.push(all.find(|blank| !taken.contains(blank))?);
    }
    Some(taken)
}

/// What goes to one place as one.
fn joined(places: Vec<Closing>) -> Vec<Closing> {
    let mut out: Vec<Closing> = Vec::new();
    for place in places {
        match out.iter_mut().find(|other| other.at == place.at) {
            Some(other) => other.text.push_str(&place.text),
            None => out.push(place),
        }
    }
    out
}

/// Whether what closes a block begins a line that stands further left than the block's.
fn is_misnested(text: &str, opening: Span, closing: Span) -> bool {
    let blanks = indentation(text, closing.start);
    let before = text.get(..closing.start as usize).unwrap_or_default();
    before.rsplit('\n').next() == Some(blanks) && blanks.len() < indentation(text, opening.start).len()
}

/// The quote that closes a text on a later line, where one does.
fn whole_text(text: &str, whole: Span) -> Option<Span> {
    let inside = whole.slice(text);
    (inside.contains('\n') && inside.ends_with('"')).then(|| Span::new(whole.end - 1, whole.end))
}

/// Writes a shell text of one line, with its quotes as they are meant, as one of several.
fn between_long_quotes(text: &str, whole: Span) -> Vec<Edit<Span>> {
    let inside = whole.slice(text);
    if inside.contains('\n') || !inside.starts_with('"') || !inside.ends_with('"') || inside.ends_with("\\\"")
    {
        return Vec::new();
    }
    let blanks = indentation(text, whole.start);
    let edit = |start: u32, length: u32, text: String| Edit { place: Span::new(start, start + length), text };
    let mut edits = vec![edit(whole.start, 1, format!("\"\"\"\n{blanks}  "))];
    for (at, _) in inside.match_indices("\\\"") {
        edits.push(edit(whole.start + offset(at), 1, String::new()));
    }
    edits.push(edit(whole.end - 1, 1, format!("\n{blanks}  \"\"\"")));
    edits
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
    let c = span.slice(text).chars().next().unwrap_or(' ');
    Some(match c {
        '#' => (Span::new(span.start, span.end + offset(rest.find('\n').unwrap_or(rest.len()))), b' '),
        '\'' | '`' | '‘' | '“' => match between(text, span, c) {
            Some((whole, _)) => (whole, COVER),
            None => (span, b' '),
        },
        _ => (span, b' '),
    })
}

/// What stands between a quote of another language and its like on its line, with both and without.
fn between(text: &str, opening: Span, quote: char) -> Option<(Span, &str)> {
    let other = match quote {
        '‘' => '’',
        '“' => '”',
        other => other,
    };
    let rest = text.get(opening.end as usize..)?;
    let inside = rest.split('\n').next()?.split_once(other)?.0;
    let end = opening.end + offset(inside.len() + other.len_utf8());
    Some((Span::new(opening.start, end), inside))
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
