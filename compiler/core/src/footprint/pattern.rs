//! Patterns of paths as sets: whether some path matches both. The rules are those of `flowc_stdlib::pattern`: `*` and `?` stay within a
//! directory, `**` as a whole part crosses them. What is not understood counts as everything: it errs on the side of overlap.
use std::iter::Peekable;
use std::str::Chars;

/// More alternatives of `{a,b}` than this are one `**`.
const ALTERNATIVES_MAX: usize = 64;

/// A part of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Part {
    /// `**`: any number of parts, none too.
    Deep,
    /// Letters of one part.
    One(Vec<Letter>),
}

/// What stands for letters of one part of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Letter {
    /// Itself.
    Is(char),
    /// `?`
    Any,
    /// `*`: any number of letters, none too.
    Many,
    /// `[a-z]`, `[!a-z]`
    Class { not: bool, ranges: Vec<(char, char)> },
}

/// Whether some path matches both patterns.
pub(crate) fn overlap(a: &str, b: &str) -> bool {
    let (a, b) = (alternatives(a), alternatives(b));
    a.iter().any(|a| {
        let a = parts(a);
        b.iter().any(|b| meet(&a, &parts(b), &|part| *part == Part::Deep, &parts_meet))
    })
}

/// Whether a pattern is a path: nothing in it stands for anything else.
pub(crate) fn is_path(pattern: &str) -> bool {
    !pattern.contains(['*', '?', '[', '{', '\\'])
}

/// The text as a pattern that matches it and nothing else.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// Whether two sequences have something in common, where `many` says which elements stand for any number of elements.
fn meet<T>(a: &[T], b: &[T], many: &dyn Fn(&T) -> bool, one: &dyn Fn(&T, &T) -> bool) -> bool {
    // `reach[j]`: whether `a[..i]` and `b[..j]` can have been taken together.
    let mut reach = vec![false; b.len() + 1];
    reach[0] = true;
    for (j, element) in b.iter().enumerate() {
        reach[j + 1] = reach[j] && many(element);
    }
    for element in a {
        let mut next = vec![false; b.len() + 1];
        next[0] = reach[0] && many(element);
        for (j, other) in b.iter().enumerate() {
            let skip_a = many(element) && (reach[j + 1] || next[j]);
            let skip_b = many(other) && (next[j] || reach[j + 1]);
            let both = reach[j] && !many(element) && !many(other) && one(element, other);
            next[j + 1] = skip_a || skip_b || both;
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

fn parts_meet(a: &Part, b: &Part) -> bool {
    match (a, b) {
        (Part::One(a), Part::One(b)) => meet(a, b, &|letter| *letter == Letter::Many, &letters_meet),
        _ => true,
    }
}

fn letters_meet(a: &Letter, b: &Letter) -> bool {
    match (a, b) {
        (Letter::Is(a), Letter::Is(b)) => a == b,
        (Letter::Class { not, ranges }, Letter::Is(letter))
        | (Letter::Is(letter), Letter::Class { not, ranges }) => {
            ranges.iter().any(|(from, to)| from <= letter && letter <= to) != *not
        }
        (Letter::Class { not: false, ranges: a }, Letter::Class { not: false, ranges: b }) => {
            a.iter().any(|a| b.iter().any(|b| a.0 <= b.1 && b.0 <= a.1))
        }
        _ => true,
    }
}

fn parts(pattern: &str) -> Vec<Part> {
    let mut found = Vec::new();
    let mut all = pattern.split('/').filter(|part| !part.is_empty() && *part != ".").peekable();
    while let Some(part) = all.next() {
        match part {
            "**" if all.peek().is_none() => {
                // `src/**` is what is in `src`, and not `src` itself.
                found.extend([Part::One(vec![Letter::Many]), Part::Deep]);
            }
            "**" => found.push(Part::Deep),
            part => found.push(Part::One(letters(part))),
        }
    }
    found
}

fn letters(part: &str) -> Vec<Letter> {
    let mut found = Vec::new();
    let mut rest = part.chars().peekable();
    while let Some(letter) = rest.next() {
        found.push(match letter {
            '*' => Letter::Many,
            '?' => Letter::Any,
            '\\' => Letter::Is(rest.next().unwrap_or('\\')),
            '[' => class(&mut rest),
            letter => Letter::Is(letter),
        });
    }
    found
}

fn class(rest: &mut Peekable<Chars<'_>>) -> Letter {
    let not = rest.next_if(|c| matches!(c, '!' | '^')).is_some();
    let mut ranges = Vec::new();
    let mut first = true;
    while let Some(from) = rest.next() {
        if from == ']' && !first {
            break;
        }
        first = false;
        let mut ahead = rest.clone();
        if ahead.next() == Some('-')
            && let Some(to) = ahead.next().filter(|to| *to != ']')
        {
            *rest = ahead;
            ranges.push((from, to));
        } else {
            ranges.push((from, from));
        }
    }
    Letter::Class { not, ranges }
}

/// The pattern without `{a,b}`: one for each choice between them.
fn alternatives(pattern: &str) -> Vec<String> {
    let mut open = vec![pattern.to_owned()];
    let mut done = Vec::new();
    while let Some(pattern) = open.pop() {
        let Some((start, end)) = braces(&pattern) else {
            done.push(pattern);
            continue;
        };
        let (before, after) = (&pattern[..start], &pattern[end + 1..]);
        for choice in choices(&pattern[start + 1..end]) {
            open.push(format!("{before}{choice}{after}"));
        }
        if open.len() + done.len() > ALTERNATIVES_MAX {
            return vec!["**".to_owned()];
        }
    }
    done
}

/// The first `{` with the `}` that closes it.
fn braces(pattern: &str) -> Option<(usize, usize)> {
    let (mut start, mut depth, mut escaped) = (None, 0_usize, false);
    for (at, letter) in pattern.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => {
                start = start.or(Some(at));
                depth += 1;
            }
            '}' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    return Some((start?, at));
                }
            }
            _ => {}
        }
    }
    None
}

/// What stands between the commas that are in no braces of their own.
fn choices(inside: &str) -> Vec<&str> {
    let (mut found, mut from, mut depth, mut escaped) = (Vec::new(), 0, 0_usize, false);
    for (at, letter) in inside.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&inside[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&inside[from..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_overlap_when_some_path_matches_both() {
        for (a, b, expected) in [
            ("a", "a", true),
            ("a", "b", false),
            ("src/**", "src/a/b.rs", true),
            ("src/**", "src", false),
            ("src/**", "docs/**", false),
            ("**", "a/b", true),
            ("**/*.rs", "src/**", true),
            ("**/*.rs", "a.rs", true),
            ("*.rs", "src/a.rs", false),
            ("src/*.rs", "src/*.md", false),
            ("src/*.rs", "src/ma*", true),
            ("src/?.rs", "src/ab.rs", false),
            ("[a-c]", "b", true),
            ("[!a-c]", "b", false),
            ("[a-c]", "[d-f]", false),
            ("[a-c]", "[c-f]", true),
            ("x.{md,rs}", "x.rs", true),
            ("x.{md,rs}", "x.py", false),
            ("x{,y/{z,w}}", "xy/w", true),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "a/x/c", false),
            ("./a", "a", true),
            ("\\*", "*", true),
            ("\\*", "a", false),
            ("\\[x\\]", "[x]", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("**/x/**", "a/x", false),
            ("**/x/**", "x/y", true),
        ] {
            assert_eq!(overlap(a, b), expected, "{a} {b}");
            assert_eq!(overlap(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn many_alternatives_are_everything() {
        assert!(overlap(&"{a,b}".repeat(20), "z"));
    }

    #[test]
    fn an_escaped_text_is_a_path_of_its_own() {
        assert!(overlap(&escaped("a[1]*"), "a\\[1\\]\\*"));
        assert!(!overlap(&escaped("*"), "b"));
    }

    /// Every path that two patterns of the library match is one by which they overlap here.
    #[test]
    fn whatever_both_match_is_an_overlap() {
        const PATTERNS: [&str; 12] =
            ["a", "a/*", "a/**", "**", "**/b", "*", "a*", "?b", "[ab]", "{a,b/c}", "a/**/c", "**/c/**"];
        const PATHS: [&str; 11] = ["a", "b", "ab", "bb", "a/b", "a/c", "b/c", "a/b/c", "c", "c/d", "x/c/d"];
        let matches = |pattern: &str, path: &str| flowc_stdlib::pattern(pattern).unwrap().is_match(path);
        for a in PATTERNS {
            for b in PATTERNS {
                let both = PATHS.iter().any(|path| matches(a, path) && matches(b, path));
                assert!(!both || overlap(a, b), "{a} {b}");
            }
        }
    }
}
