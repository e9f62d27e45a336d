//! Where what was left open was to be closed, guessed from lines and their indentation, which the language itself gives no meaning: for fixes,
//! and for the way on after the error. It decides nothing about what is open.
use flowc_base::Span;

use crate::lex::{Lexer, TokenKind, offset};

/// Where something that closes goes, and how it is written there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Closing {
    pub(crate) at: u32,
    pub(crate) text: String,
}

/// Where the bracket that opens at a place was to be closed.
pub(crate) fn closing(text: &str, opening: Span, bracket: u8) -> Closing {
    let sign = closing_of(bracket);
    let at = if bracket == b'{' { end_of_block(text, opening) } else { end_of_list(text, opening) };
    let inside = Span::new(opening.end, at).slice(text);
    let own_line = if bracket == b'{' {
        inside.contains('\n')
    } else {
        inside.trim_start_matches([' ', '\t', '\r']).starts_with('\n')
    };
    let written = if own_line {
        format!("\n{}{sign}", indentation(text, opening.start))
    } else if bracket == b'{' && at > opening.end {
        format!(" {sign}")
    } else {
        sign.to_string()
    };
    Closing { at, text: written }
}

/// A block ends before the first line that is no deeper than its own.
fn end_of_block(text: &str, opening: Span) -> u32 {
    let own = indentation(text, opening.start).len();
    let mut end = opening.end;
    for token in Lexer::new(text, opening.end as usize) {
        let line_starts = Span::new(end, token.span.start).slice(text).contains('\n');
        if line_starts && indentation(text, token.span.start).len() <= own {
            break;
        }
        if !is_comment(token.kind) {
            end = token.span.end;
        }
    }
    end
}

/// A list ends with its line, unless that goes on below; or where something stands that no list holds.
fn end_of_list(text: &str, opening: Span) -> u32 {
    let own = indentation(text, opening.start).len();
    let (mut end, mut depth, mut last) = (opening.end, 0usize, TokenKind::Open(0));
    for token in Lexer::new(text, opening.end as usize) {
        let span = token.span;
        if is_comment(token.kind) {
            continue;
        }
        if depth == 0 {
            let goes_on = matches!(last, TokenKind::Sign(b',') | TokenKind::Open(_));
            let ends_line = Span::new(end, span.start).slice(text).contains('\n');
            let is_value = matches!(
                last,
                TokenKind::Word | TokenKind::Number | TokenKind::Close(_) | TokenKind::TextClose
            );
            let arrow = text.get(span.start as usize..).is_some_and(|rest| rest.starts_with("->"));
            if ends_line && (!goes_on || indentation(text, span.start).len() <= own)
                || matches!(token.kind, TokenKind::Close(_) | TokenKind::SpliceClose)
                || matches!(token.kind, TokenKind::Open(b'{')) && is_value
                || arrow
            {
                break;
            }
        }
        match token.kind {
            TokenKind::Open(_) | TokenKind::TextOpen | TokenKind::SpliceOpen => depth += 1,
            TokenKind::Close(_) | TokenKind::TextClose | TokenKind::SpliceClose => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        (end, last) = (span.end, token.kind);
    }
    end
}

/// Where a text of one line was to end: before what closes the brackets that its line opened, a comma and a comment. `open`: those brackets,
/// the innermost first; where it ends its line, they end with it. `None` where the quote seems to close another text, that was not opened.
pub(crate) fn end_of_text(text: &str, opening: u32, open: &[u8]) -> Option<Closing> {
    let before = text.get(..opening as usize).unwrap_or_default();
    if before.ends_with(|c: char| c.is_alphanumeric()) {
        return None;
    }
    let line = text.get(opening as usize..).unwrap_or_default();
    let line = line.split('\n').next().unwrap_or_default();
    let code = line.split(" //").next().unwrap_or_default().trim_end();
    let mut rest = code.strip_suffix(',').unwrap_or(code).trim_end();
    let goes_on = rest.len() < code.len();
    let signs: Vec<char> = open.iter().map(|bracket| closing_of(*bracket)).collect();
    // The last that stands there closes the outermost.
    let closed = (0..signs.len()).rev().map(|from| &signs[..=from]).find(|signs| {
        let mut left = rest;
        signs.iter().rev().all(|sign| {
            let before = left.strip_suffix(*sign);
            left = before.map_or(left, str::trim_end);
            before.is_some()
        })
    });
    let closed = closed.map_or(0, <[char]>::len);
    for sign in signs.iter().take(closed).rev() {
        rest = rest.strip_suffix(*sign).unwrap_or(rest).trim_end();
    }
    let mut written = "\"".to_owned();
    if closed == 0 && !goes_on {
        written.extend(signs.iter().take_while(|sign| **sign != '}'));
    }
    // Nothing but its own quote is left of an empty text.
    Some(Closing { at: opening + offset(rest.len().max(1)), text: written })
}

fn closing_of(bracket: u8) -> char {
    match bracket {
        b'(' => ')',
        b'[' => ']',
        _ => '}',
    }
}

/// Where a long text was to end: before the lines that close what is open around it. `None` where these are not to be told.
pub(crate) fn end_of_long_text(text: &str, opening: Span, open: usize) -> Option<Closing> {
    let inside = text.get(opening.end as usize..)?.trim_end();
    let mut lines: Vec<&str> = inside.split('\n').collect();
    let last = lines.len();
    while lines.len() > 1 && last - lines.len() < open && lines.last().is_some_and(|line| line.trim() == "}")
    {
        lines.pop();
    }
    if open == 0 || last - lines.len() != open {
        return None;
    }
    while lines.len() > 1 && lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let content = lines.iter().skip(1).filter(|line| !line.trim().is_empty());
    let blanks = content.map(|line| leading(line)).min_by_key(|blanks| blanks.len())?;
    let length = lines.iter().map(|line| line.len() + 1).sum::<usize>() - 1;
    let quotes = text
        .get(opening.start as usize..)
        .map_or(3, |rest| rest.trim_start_matches('r').bytes().take_while(|byte| *byte == b'"').count());
    Some(Closing { at: opening.end + offset(length), text: format!("\n{blanks}{}", "\"".repeat(quotes)) })
}

/// What closes a splice: behind the name that it begins with.
pub(crate) fn end_of_splice(text: &str, opening: Span) -> Option<Closing> {
    let inside = text.get(opening.end as usize..)?;
    let name = inside.trim_start_matches(' ');
    let lead = inside.len() - name.len();
    let length = name.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(name.len());
    let found = name.get(..length).filter(|name| name.starts_with(|c: char| c.is_alphabetic()))?;
    let end = lead + found.trim_end_matches('.').len();
    let rest = inside.get(end..)?;
    // A quote too many stands before what closes it.
    if rest.starts_with("\"}") {
        return None;
    }
    let blanks = rest.len() - rest.trim_start_matches(' ').len();
    let (end, text) = match rest.get(blanks..) {
        Some(rest) if rest.starts_with('}') => (end + blanks, "}"),
        _ => (end, "}}"),
    };
    Some(Closing { at: opening.end + offset(end), text: text.to_owned() })
}

fn is_comment(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Comment | TokenKind::Doc | TokenKind::FileDoc)
}

/// The blanks that the line of a byte begins with.
pub(crate) fn indentation(text: &str, at: u32) -> &str {
    let before = text.get(..at as usize).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    leading(text.get(start..).unwrap_or_default())
}

fn leading(line: &str) -> &str {
    line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
}
