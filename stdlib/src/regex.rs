//! The regular expressions of `std.regex`, and what may stand for a match that is replaced. It knows no natives.
use std::ops::Range;

use regex::{Captures, Regex, RegexBuilder};
use regex_syntax::ast::{ErrorKind, Span};

/// The longest expression: its tree takes some hundred bytes for each of its own.
const BYTES_MAX: usize = 64 * 1024;

/// The most memory of a compiled expression.
const MEMORY_MAX: usize = 10 << 20;

/// What is wrong with an expression or a replacement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegexError {
    /// Where it is wrong, in bytes of its text; all of it where that cannot be told.
    pub at: Range<usize>,
    /// What is wrong, without a capital letter.
    pub what: String,
    /// What to do about it.
    pub hint: String,
    /// What to write there instead, where that is known.
    pub instead: Option<String>,
}

/// An expression, ready to search.
///
/// # Errors
/// [`RegexError`], when it is none, or larger than is searched for.
pub fn regex(text: &str) -> Result<Regex, RegexError> {
    let wrong = |at, what: String, hint: &str| RegexError { at, what, hint: hint.to_owned(), instead: None };
    if text.len() > BYTES_MAX {
        let what = format!("it has {} bytes, expected at most {BYTES_MAX}", text.len());
        return Err(wrong(0..text.len(), what, "search for several shorter ones"));
    }
    RegexBuilder::new(text).size_limit(MEMORY_MAX).build().map_err(|error| {
        // The error of `regex` itself is a drawing.
        let (at, what, hint) = match regex_syntax::parse(text) {
            Err(regex_syntax::Error::Parse(error)) => {
                (*error.span(), error.kind().to_string(), hint(error.kind()))
            }
            Err(regex_syntax::Error::Translate(error)) => (*error.span(), error.kind().to_string(), CLASSES),
            _ => {
                let what = match error {
                    regex::Error::CompiledTooBig(_) => "it takes more than 10 MiB of memory".to_owned(),
                    error => error.to_string(),
                };
                let hint = "a count is as many copies: `\\w{1000}` is a thousand times `\\w`";
                return wrong(0..text.len(), what, hint);
            }
        };
        wrong(range(text, at), what, hint)
    })
}

/// What else than a letter, a digit or a sign a `\` may stand before.
const CLASSES: &str = "classes of characters are `\\d \\w \\s`, `\\p{Greek}` and `[a-z]`; `\\D \\W \\S \\P{Greek} [^a-z]` are all others";

fn hint(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UnsupportedLookAround => {
            "match what stands around it too, and take a group: `find(text, r\"total: (\\d+)\", group: 1)`"
        }
        ErrorKind::UnsupportedBackreference => {
            "find both with groups, and compare them in the program; in `new` of `replace` a group is `$1`"
        }
        ErrorKind::EscapeUnrecognized | ErrorKind::UnicodeClassInvalid => CLASSES,
        ErrorKind::GroupNameDuplicate { .. } => "give each group a name of its own",
        _ => {
            "a character that means something here, one of `\\.+*?()|[]{}^$`, is itself after a `\\`: `r\"\\(\"`"
        }
    }
}

/// A place in an expression, in whole characters and never empty, where there is text.
fn range(text: &str, span: Span) -> Range<usize> {
    let start = (0..=span.start.offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    let start = start.unwrap_or(0);
    let next = start + text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let end = span.end.offset.max(next).min(text.len());
    start..if text.is_char_boundary(end) { end } else { text.len() }
}

/// A group of an expression, by number; nought is the whole match.
///
/// # Errors
/// [`RegexError`] without a place, when there is no such group.
pub fn group(regex: &Regex, number: i64) -> Result<usize, RegexError> {
    let found = usize::try_from(number).ok().filter(|number| *number < regex.captures_len());
    found.ok_or_else(|| no_group(regex, &number.to_string(), 0..0))
}

fn no_group(regex: &Regex, name: &str, at: Range<usize>) -> RegexError {
    let groups = match regex.captures_len().saturating_sub(1) {
        0 => "it has none".to_owned(),
        1 => "it has one".to_owned(),
        many => format!("it has {many}"),
    };
    RegexError {
        at,
        what: format!("the regular expression has no group `{name}`: {groups}"),
        hint: "a group is `(…)` in the expression, and counted by its `(` from 1".to_owned(),
        instead: None,
    }
}

/// What takes the place of a match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replacement<'t>(Vec<Part<'t>>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Part<'t> {
    Text(&'t str),
    Group(usize),
}

impl<'t> Replacement<'t> {
    /// Reads `$1`, `${1}`, `${name}` and `$$`; any other `$` is itself.
    ///
    /// # Errors
    /// [`RegexError`], where it names a group that the expression does not have.
    pub fn new(text: &'t str, regex: &Regex) -> Result<Self, RegexError> {
        let mut parts = Vec::new();
        let mut done = 0;
        while let Some(dollar) = text.get(done..).and_then(|rest| rest.find('$')) {
            let dollar = done + dollar;
            parts.push(Part::Text(&text[done..dollar]));
            let rest = &text[dollar + 1..];
            if rest.starts_with('$') {
                parts.push(Part::Text("$"));
                done = dollar + 2;
                continue;
            }
            let braced = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map(|(name, _)| name);
            let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            let (name, length) = match braced {
                Some(name) => (name, name.len() + 2),
                None => (&rest[..word], word),
            };
            done = dollar + 1 + length;
            if name.is_empty() {
                parts.push(Part::Text(&text[dollar..done]));
                continue;
            }
            match number(name, regex) {
                Some(number) => parts.push(Part::Group(number)),
                None => return Err(unknown(name, braced.is_some(), regex, dollar..done)),
            }
        }
        parts.push(Part::Text(text.get(done..).unwrap_or("")));
        Ok(Self(parts))
    }

    /// The pieces that take the place of a match.
    pub(crate) fn pieces<'a>(&'a self, found: &'a Captures<'_>) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|part| match part {
            Part::Text(text) => text,
            Part::Group(number) => found.get(*number).map_or("", |group| group.as_str()),
        })
    }
}

/// The number of a group that is called by it or by its name.
fn number(name: &str, regex: &Regex) -> Option<usize> {
    match name.parse::<usize>() {
        Ok(number) => (number < regex.captures_len()).then_some(number),
        Err(_) => regex.capture_names().position(|known| known == Some(name)),
    }
}

fn unknown(name: &str, braced: bool, regex: &Regex, at: Range<usize>) -> RegexError {
    let wrong = no_group(regex, name, at);
    let hint = "`$$` is a `$` that names nothing";
    // `$1st` is one name: what is known of it stands in braces.
    let known = (1..name.len()).rev().filter(|_| !braced).find_map(|end| {
        let (known, rest) = name.split_at_checked(end)?;
        number(known, regex).map(|_| format!("${{{known}}}{rest}"))
    });
    match known {
        Some(instead) => RegexError {
            hint: format!("the name goes on as long as letters, digits and `_` follow: write `{instead}`"),
            instead: Some(instead),
            ..wrong
        },
        None => RegexError { hint: format!("{}; {hint}", wrong.hint), ..wrong },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (String, String) {
        let error = regex(text).unwrap_err();
        (text[error.at].to_owned(), error.what)
    }

    #[test]
    fn an_error_has_a_place_in_whole_characters() {
        for (text, at, what) in [
            ("ä(b", "(", "unclosed group"),
            ("a[é", "[", "unclosed character class"),
            ("*", "*", "repetition operator missing expression"),
            (r"é\", r"\", "incomplete escape sequence, reached end of pattern prematurely"),
            (r"a\q", r"\q", "unrecognized escape sequence"),
            ("(?=a)", "(?=", "look-around, including look-ahead and look-behind, is not supported"),
            (r"(a)\1", r"\1", "backreferences are not supported"),
            (r"\p{Nowhere}", r"\p{Nowhere}", "Unicode property not found"),
            ("é{2,1}", "{2,1}", "invalid repetition count range, the start must be <= the end"),
        ] {
            assert_eq!(wrong(text), (at.to_owned(), what.to_owned()));
        }
    }

    #[test]
    fn what_would_take_too_much_is_refused() {
        assert_eq!(wrong("((a{100}){100}){100}").1, "it takes more than 10 MiB of memory");
        assert_eq!(wrong(&"a".repeat(70_000)).1, "it has 70000 bytes, expected at most 65536");
        let deep = "(".repeat(30_000) + &")".repeat(30_000);
        assert!(wrong(&deep).1.contains("nest"), "{}", wrong(&deep).1);
    }

    #[test]
    fn a_replacement_names_groups_that_there_are() {
        let two = regex("(a)(?<word>b)").unwrap();
        for right in ["", "$0$1${2}$word${word}", "$$9 $ ${ $. 5$", "${", "a$$$1"] {
            assert!(Replacement::new(right, &two).is_ok(), "{right}");
        }
        for (wrong, at, instead) in [
            ("é$3", "$3", None),
            ("${words}!", "${words}", None),
            ("$1st", "$1st", Some("${1}st")),
            ("$word_", "$word_", Some("${word}_")),
            ("$12", "$12", Some("${1}2")),
            ("$99999999999999999999999", "$99999999999999999999999", None),
        ] {
            let error = Replacement::new(wrong, &two).unwrap_err();
            assert_eq!((&wrong[error.at], error.instead.as_deref()), (at, instead));
        }
    }
}
