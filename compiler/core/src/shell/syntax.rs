//! Syntax errors of shell text, found by a parser of the whole language. It knows nothing of splices.
use std::cell::Cell;
use std::ops::Range;

use brush_parser::{ParseError, Parser, ParserOptions};

use super::{Finding, STAND_IN};

thread_local! {
    static PARSING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside the parser of shell text, which panics on some broken texts; such a panic is caught, and is
/// an error in the text. A panic hook that ends the process asks here first.
#[must_use]
pub fn is_parsing_shell() -> bool {
    PARSING.get()
}

/// Parses every list of commands: the whole text, and what stands in each `$( )`. What is inside an expansion is hidden
/// from the parser while it reads what is around it: to it that is but a word, and not always one that it gets right.
pub(super) fn check(
    shell: &str,
    text: &str,
    commands: &[Range<usize>],
    opaque: &[Range<usize>],
) -> Option<Finding> {
    // Outer ranges first: what a range holds follows it.
    let mut nested: Vec<&Range<usize>> =
        commands.iter().chain(opaque).filter(|range| !range.is_empty()).collect();
    nested.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    commands.iter().find_map(|range| {
        let mut part = text.get(range.clone())?.as_bytes().to_vec();
        let mut at = range.start;
        loop {
            let next = nested.partition_point(|inner| inner.start < at);
            let Some(inner) = nested[next..].iter().find(|inner| **inner != range) else { break };
            if inner.start >= range.end {
                break;
            }
            // Only a range that is unfinished ends outside.
            let end = inner.end.min(range.end);
            part[inner.start - range.start..end - range.start].fill(b'x');
            at = end;
        }
        parse(shell, std::str::from_utf8(&part).ok()?, range.start)
    })
}

fn parse(shell: &str, part: &str, start: usize) -> Option<Finding> {
    let options = ParserOptions {
        enable_extended_globbing: shell.ends_with("bash"),
        posix_mode: false,
        ..ParserOptions::default()
    };
    PARSING.set(true);
    let parsed = std::panic::catch_unwind(|| Parser::new(part.as_bytes(), &options).parse_program().err());
    PARSING.set(false);
    let Ok(error) = parsed else {
        let message = "shell text cannot be read".to_owned();
        return Some(Finding { at: start, message, hint: None });
    };
    let error = error?;
    let (inside, message) = match error {
        ParseError::ParsingNear(position) => {
            let at = byte_of(part, position.index);
            (at, format!("unexpected {} in shell text", shown(&part[at..])))
        }
        ParseError::ParsingAtEndOfInput => {
            (part.trim_end().len(), "shell text is not complete, or a word in it is out of place".to_owned())
        }
        ParseError::Tokenizing { inner, position } => {
            let at = position.map_or(part.len(), |position| byte_of(part, position.index));
            (at, format!("shell text cannot be read: {inner}"))
        }
    };
    Some(Finding { at: start + inside, message, hint: None })
}

/// The parser counts characters.
fn byte_of(text: &str, chars: usize) -> usize {
    text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at)
}

/// The word or operator that a text begins with, as the person wrote it.
fn shown(text: &str) -> String {
    const SHOWN_CHARS: usize = 20;
    if text.starts_with('\n') {
        return "line end".to_owned();
    }
    let operator = text.len() - text.trim_start_matches(|c| ";&|<>()".contains(c)).len();
    let word = match operator {
        0 => text.split(|c: char| c.is_whitespace() || ";&|<>()".contains(c)).next().unwrap_or(""),
        n => &text[..n],
    };
    match word {
        "" => "end".to_owned(),
        word => {
            format!("`{}`", word.chars().take(SHOWN_CHARS).collect::<String>().replace(STAND_IN, "{{…}}"))
        }
    }
}
