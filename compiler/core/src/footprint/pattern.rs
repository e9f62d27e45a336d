//! Patterns of paths as sets: whether some path matches both of two. The rules are those of `flowc_stdlib::pattern`, read from the automaton
//! that it matches with, so the answer is exact: the product of both automata, and of one that takes the paths of files in a tree, is walked
//! breadth first until all three accept. (Intersection of regular languages by the product construction: Rabin and Scott, *Finite Automata
//! and Their Decision Problems*, 1959.) A pattern that is none, or one too large, counts as everything: it errs on the side of overlap.
use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use regex_automata::nfa::thompson::{Compiler, Config, NFA, State};
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;

/// The largest automaton, in bytes.
const AUTOMATON_MAX: usize = 1 << 20;

/// More pairs of states than this are not looked at.
const PAIRS_MAX: usize = 1 << 20;

/// What two patterns have in common.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Common {
    /// No path matches both.
    Nothing,
    /// This path does, and is one of the shortest.
    Path(String),
    /// Perhaps some does.
    Unknown,
}

/// Whether some path matches both patterns.
pub(crate) fn overlap(a: &str, b: &str) -> bool {
    common(a, b) != Common::Nothing
}

/// A path that matches both patterns.
pub(crate) fn common(a: &str, b: &str) -> Common {
    let (a, b) = (&*normalised(a), &*normalised(b));
    let (before_a, before_b) = (letters_before(a), letters_before(b));
    if !before_a.starts_with(before_b) && !before_b.starts_with(before_a) {
        return Common::Nothing;
    }
    if a != b && is_path(a) && is_path(b) {
        return Common::Nothing;
    }
    match (automaton(a), automaton(b)) {
        (Some(a), Some(b)) => meeting(&a, &b),
        _ => Common::Unknown,
    }
}

/// Whether a pattern is a path: nothing in it stands for anything else.
pub(crate) fn is_path(pattern: &str) -> bool {
    !pattern.contains(SPECIAL)
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

/// What stands for something else, or makes something stand for itself.
const SPECIAL: [char; 5] = ['*', '?', '[', '{', '\\'];

/// What every path that matches begins with.
fn letters_before(pattern: &str) -> &str {
    pattern.split(SPECIAL).next().unwrap_or_default()
}

/// The pattern without parts that stay where they are: `./a//b/` is `a/b`.
fn normalised(pattern: &str) -> Cow<'_, str> {
    if pattern.split('/').all(|part| !matches!(part, "" | ".")) {
        return Cow::Borrowed(pattern);
    }
    let parts: Vec<&str> = pattern.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    Cow::Owned(parts.join("/"))
}

/// The automaton of a pattern, over bytes.
fn automaton(pattern: &str) -> Option<NFA> {
    let matcher = flowc_stdlib::pattern(pattern).ok()?;
    Compiler::new()
        .syntax(syntax::Config::new().utf8(false).dot_matches_new_line(true))
        .configure(Config::new().utf8(false).nfa_size_limit(Some(AUTOMATON_MAX)))
        .build(matcher.glob().regex())
        .ok()
}

/// Where a path is in its last part.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Part {
    /// Nothing of it is there.
    Start,
    /// It is `.` or `..` so far.
    Dots(u8),
    /// It is a name.
    Name,
}

impl Part {
    /// What bytes lead to from here, for bytes of one kind; `None` where no path goes on so.
    fn then(self, kind: Kind) -> Option<Self> {
        match (self, kind) {
            (Self::Name, Kind::Slash) => Some(Self::Start),
            (Self::Start | Self::Dots(_), Kind::Slash) => None,
            (Self::Start, Kind::Dot) => Some(Self::Dots(1)),
            (Self::Dots(1), Kind::Dot) => Some(Self::Dots(2)),
            _ => Some(Self::Name),
        }
    }
}

/// The kinds of bytes that differ in a path; a NUL is in none.
#[derive(Clone, Copy)]
enum Kind {
    Slash,
    Dot,
    Other,
}

/// The byte to show of a range for each kind that is in it; a letter, where there is one, or something that can be seen.
fn bytes(low: u8, high: u8) -> impl Iterator<Item = (Kind, u8)> {
    let within = |byte: u8| (low..=high).contains(&byte);
    let other = (b'a'..=b'z').chain(b'0'..=b'9').chain(*b"-_").chain(b'!'..=b'~').chain(1..=u8::MAX);
    let mut other = other.filter(move |byte| within(*byte) && !matches!(byte, b'/' | b'.'));
    let kinds = [
        within(b'/').then_some((Kind::Slash, b'/')),
        within(b'.').then_some((Kind::Dot, b'.')),
        other.next().map(|byte| (Kind::Other, byte)),
    ];
    kinds.into_iter().flatten()
}

/// A state of each automaton.
type Triple = (StateID, StateID, Part);

fn meeting(a: &NFA, b: &NFA) -> Common {
    let start = (a.start_anchored(), b.start_anchored(), Part::Start);
    // Each triple with the one that it was first reached from, and by which byte.
    let mut from: HashMap<Triple, Option<(Triple, Option<u8>)>> = HashMap::from([(start, None)]);
    let mut open = VecDeque::from([start]);
    while let Some(here) = open.pop_front() {
        if from.len() > PAIRS_MAX {
            return Common::Unknown;
        }
        let (at_a, at_b, part) = here;
        let (state_a, state_b) = (a.state(at_a), b.state(at_b));
        if matches!((state_a, state_b, part), (State::Match { .. }, State::Match { .. }, Part::Name)) {
            return Common::Path(path(&from, here));
        }
        // What reads nothing comes first, so that paths of equal length are found in order.
        let mut reach = |next: Triple, byte: Option<u8>| {
            if let Entry::Vacant(new) = from.entry(next) {
                new.insert(Some((here, byte)));
                match byte {
                    Some(_) => open.push_back(next),
                    None => open.push_front(next),
                }
            }
        };
        let silent_a = silent(state_a);
        for &next in &silent_a {
            reach((next, at_b, part), None);
        }
        // One after the other: both orders lead to the same pairs.
        if silent_a.is_empty() {
            for next in silent(state_b) {
                reach((at_a, next, part), None);
            }
        }
        for (low_a, high_a, next_a) in ranges(state_a) {
            for (low_b, high_b, next_b) in ranges(state_b) {
                for (kind, byte) in bytes(low_a.max(low_b), high_a.min(high_b)) {
                    if let Some(part) = part.then(kind) {
                        reach((next_a, next_b, part), Some(byte));
                    }
                }
            }
        }
    }
    Common::Nothing
}

/// The bytes on the way to a triple.
fn path(from: &HashMap<Triple, Option<(Triple, Option<u8>)>>, mut here: Triple) -> String {
    let mut bytes = Vec::new();
    while let Some(Some((before, byte))) = from.get(&here) {
        bytes.extend(byte);
        here = *before;
    }
    bytes.reverse();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The states behind a state that reads nothing. A pattern's expression is anchored at both ends, and looks for nothing else.
fn silent(state: &State) -> Vec<StateID> {
    match state {
        State::Look { next, .. } | State::Capture { next, .. } => vec![*next],
        State::Union { alternates } => alternates.to_vec(),
        State::BinaryUnion { alt1, alt2 } => vec![*alt1, *alt2],
        State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) | State::Fail | State::Match { .. } => {
            Vec::new()
        }
    }
}

/// The bytes that a state reads, from and to, and the state behind them.
fn ranges(state: &State) -> Vec<(u8, u8, StateID)> {
    match state {
        State::ByteRange { trans } => vec![(trans.start, trans.end, trans.next)],
        State::Sparse(sparse) => sparse.transitions.iter().map(|t| (t.start, t.end, t.next)).collect(),
        State::Dense(dense) => {
            (0..=u8::MAX).filter_map(|byte| Some((byte, byte, dense.matches_byte(byte)?))).collect()
        }
        State::Look { .. }
        | State::Union { .. }
        | State::BinaryUnion { .. }
        | State::Capture { .. }
        | State::Fail
        | State::Match { .. } => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::seeded::Seeded;

    #[test]
    fn patterns_overlap_when_some_path_matches_both() {
        for (a, b, expected) in [
            ("a", "a", Some("a")),
            ("a", "b", None),
            ("src/**", "src/a/b.rs", Some("src/a/b.rs")),
            ("src/**", "src", None),
            ("src/**", "docs/**", None),
            ("**", "a/b", Some("a/b")),
            ("**/*.rs", "src/**", Some("src/.rs")),
            ("**/*.rs", "a.rs", Some("a.rs")),
            ("*.rs", "src/a.rs", None),
            ("src/*.rs", "src/*.md", None),
            ("src/*.rs", "src/ma*", Some("src/ma.rs")),
            ("src/?.rs", "src/ab.rs", None),
            ("[a-c]", "b", Some("b")),
            ("[!a-c]", "b", None),
            ("[a-c]", "[d-f]", None),
            ("[a-c]", "[c-f]", Some("c")),
            ("[!a]", "[!b-z]", Some("-")),
            ("[!a-m]", "[!n-z]x", None),
            ("x.{md,rs}", "x.rs", Some("x.rs")),
            ("x.{md,rs}", "x.py", None),
            ("x{,y/{z,w}}", "xy/w", Some("xy/w")),
            ("a/**/b", "a/b", Some("a/b")),
            ("a/**/b", "a/x/y/b", Some("a/x/y/b")),
            ("a/**/b", "a/x/c", None),
            ("./a//b/", "a/./b", Some("a/b")),
            ("\\*", "\\*", Some("*")),
            ("\\*", "a", None),
            ("\\[x\\]", "[x]", None),
            ("a*b*c", "axxbyyc", Some("axxbyyc")),
            ("a*b*c", "axxbyy", None),
            ("**/x/**", "a/x", None),
            ("**/x/**", "x/y", Some("x/y")),
            // `.` and `..` are no names.
            ("?", ".", None),
            ("a/[!b]", "a/.", None),
            (".?", "..*", None),
            (".*", "..?", Some("...")),
        ] {
            let expected = expected.map_or(Common::Nothing, |path| Common::Path(path.to_owned()));
            assert_eq!(common(a, b), expected, "{a} {b}");
            assert_eq!(overlap(b, a), expected != Common::Nothing, "{b} {a}");
        }
    }

    #[test]
    fn many_alternatives_are_no_trouble() {
        let many = "{a,b}".repeat(20);
        assert!(!overlap(&many, "z"));
        assert!(overlap(&many, &"{b,c}".repeat(20)));
        assert_eq!(common("[a", "b*"), Common::Unknown);
    }

    #[test]
    fn an_escaped_text_is_a_path_of_its_own() {
        assert!(overlap(&escaped("a[1]*"), "a\\[1\\]\\*"));
        assert!(!overlap(&escaped("*"), "b"));
    }

    /// Pieces of patterns and the letters of the paths that are tried with them.
    const PIECES: [&str; 16] = [
        "a", "b", ".", "/", "*", "?", "**", "/**", "**/", "/**/", "[ab]", "[!a]", "{a,b}", "{a/b,.}", "\\*",
        "{*,b}",
    ];
    const LETTERS: [char; 5] = ['a', 'b', '.', '/', '*'];
    const LENGTH_MAX: usize = 5;

    /// Of 10,000 random pairs the answer is that of all short paths; and where it names a path, both match that.
    #[test]
    fn random_patterns_overlap_exactly_when_a_path_says_so() {
        let mut paths = vec![String::new()];
        let mut from = 0;
        for _ in 0..LENGTH_MAX {
            let longer: Vec<String> = paths[from..]
                .iter()
                .flat_map(|path| LETTERS.map(|letter| format!("{path}{letter}")))
                .collect();
            from = paths.len();
            paths.extend(longer);
        }
        paths.retain(|path| path.split('/').all(|part| !matches!(part, "" | "." | "..")));
        let mut random = Seeded(9);
        let mut all = Vec::new();
        while all.len() < 400 {
            let pattern: String = (0..=random.below(4)).map(|_| PIECES[random.below(PIECES.len())]).collect();
            let pattern = normalised(&pattern).into_owned();
            let Ok(matcher) = flowc_stdlib::pattern(&pattern) else { continue };
            let matched: Vec<bool> = paths.iter().map(|path| matcher.is_match(path)).collect();
            all.push((pattern, matcher, matched));
        }
        let mut counts = [0, 0];
        for _ in 0..10_000 {
            let (a, match_a, paths_a) = &all[random.below(all.len())];
            let (b, match_b, paths_b) = &all[random.below(all.len())];
            let brute = paths_a.iter().zip(paths_b).any(|(a, b)| *a && *b);
            match common(a, b) {
                Common::Nothing => assert!(!brute, "`{a}` and `{b}` have a path in common"),
                Common::Path(path) => {
                    assert!(match_a.is_match(&path) && match_b.is_match(&path), "`{path}`: `{a}` `{b}`");
                    assert!(brute || path.len() > LENGTH_MAX, "`{a}` `{b}`: {path}");
                }
                Common::Unknown => panic!("`{a}` `{b}`"),
            }
            counts[usize::from(brute)] += 1;
        }
        assert!(counts.iter().all(|count| *count > 1_000), "{counts:?}");
    }
}
