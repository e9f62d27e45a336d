//! How a text is spoilt: by tokens, by what stands between brackets, by whole items, by bytes.
use crate::random::Random;

/// Pieces that mean something where they do not belong.
const PIECES: [&str; 64] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "\"",
    "\"\"\"",
    "\"\"\"\"",
    "r\"",
    "{{",
    "}}",
    "\\{{",
    "\\",
    "'",
    "`",
    "$(",
    "${",
    "$((",
    "<<EOF\n",
    "#",
    "//",
    "///",
    "//!",
    "->",
    "=>",
    "=",
    "==",
    "|",
    "||",
    "?",
    "??",
    ".",
    "..",
    ",",
    ":",
    ";",
    "-",
    "!",
    "let ",
    "for x in ",
    "if ",
    "else ",
    "match ",
    "loop x = 1 max 2 ",
    "try ",
    "race ",
    "ask ",
    "gate ",
    "task t() ",
    "flow f() ",
    "type T = ",
    "use ",
    "none",
    "5m",
    "1_0",
    "$0.5",
    "9223372036854775807",
    "\u{1A}",
    "\u{FEFF}",
    "\u{e4}",
    "\r\n",
];

/// What stands around an expression, and is one.
const AROUND: [(&str, &str); 12] = [
    ("(", ")"),
    ("[", "]"),
    ("{ a: ", " }"),
    ("{ \"k\": ", " }"),
    ("\"{{", "}}\""),
    ("if true { ", " } else { none }"),
    ("for x in ", " { x }"),
    ("match ", " { _ => 1 }"),
    ("try ", ""),
    ("-", ""),
    ("len(", ")"),
    ("raw(", ")"),
];

/// Words, runs of blanks, single signs.
fn tokens(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let like = |c: char| word(c) == word(first) && c.is_whitespace() == first.is_whitespace();
        let single = !word(first) && !first.is_whitespace();
        let end = if single { first.len_utf8() } else { rest.find(|c| !like(c)).unwrap_or(rest.len()) };
        let (token, after) = rest.split_at(end);
        all.push(token);
        rest = after;
    }
    all
}

/// From an opening bracket to what closes it, both included, by counting; to the end where nothing does.
fn bracketed(tokens: &[&str], open: usize) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match *token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// A text made of one of the corpus: with one to four changes, sometimes with items of another, sometimes bytes that are no text at all.
pub(crate) fn spoilt(corpus: &[String], random: &mut Random) -> String {
    let text = &corpus[random.below(corpus.len())];
    let other = &corpus[random.below(corpus.len())];
    let joined;
    let text = if random.below(8) == 0 {
        joined = format!("{text}\n{other}");
        &joined
    } else {
        text
    };
    if random.below(8) == 0 {
        return bytes(text, random);
    }
    let others = tokens(other);
    let mut tokens = tokens(text);
    // Mostly one: a program with a single fault goes furthest.
    let changes = 1 + random.below(5) * random.below(2);
    for _ in 0..changes {
        if tokens.is_empty() {
            break;
        }
        change(&mut tokens, &others, random);
    }
    tokens.concat()
}

fn change<'t>(tokens: &mut Vec<&'t str>, others: &[&'t str], random: &mut Random) {
    let (at, to) = (random.below(tokens.len()), random.below(tokens.len()));
    let brackets = |tokens: &[&str]| -> Vec<usize> {
        tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| matches!(**token, "(" | "[" | "{"))
            .map(|(at, _)| at)
            .collect()
    };
    match random.below(11) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[at]),
        2 => tokens.swap(at, to),
        3 => tokens[at] = tokens[to],
        4 => tokens.insert(at, random.pick(&PIECES)),
        5 if !others.is_empty() => tokens[at] = others[random.below(others.len())],
        6 => tokens.truncate(at.max(1)),
        // What stands between brackets, for what stands between others.
        7 | 8 => {
            let (mine, theirs) = (brackets(tokens), brackets(others));
            if let (Some(mine), Some(theirs)) =
                (mine.get(random.below(mine.len())), theirs.get(random.below(theirs.len())))
            {
                let with = &others[*theirs..bracketed(others, *theirs)];
                let range = *mine..bracketed(tokens, *mine);
                tokens.splice(range, with.iter().copied());
            }
        }
        // A word or a bracket with something around it, now and then many times.
        9 => {
            let (open, close) = AROUND[random.below(AROUND.len())];
            let times = if random.below(20) == 0 { random.below(300) } else { 1 + random.below(3) };
            let end = bracketed(tokens, at);
            tokens.splice(end..end, std::iter::repeat_n(close, times));
            tokens.splice(at..at, std::iter::repeat_n(open, times));
        }
        // A stretch again, somewhere else.
        _ => {
            let end = (at + random.below(30)).min(tokens.len());
            let again: Vec<&str> = tokens[at..end].to_vec();
            tokens.splice(to..to, again);
        }
    }
}

/// Bytes changed, put in and taken out; what is no UTF-8 is read as the command would refuse to: with marks in its place.
fn bytes(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=random.below(6) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        let byte = u8::try_from(random.below(256)).unwrap();
        match random.below(4) {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            2 => drop(bytes.remove(at)),
            _ => bytes[at] ^= 1 << random.below(8),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
