//! The example programs, spoilt at random: each is planned or refused with a place in its text, and nothing panics. It knows the facade only.
//!
//! The suite takes 1,000; the long one is `FLOWC_MUTATIONS=10000 FLOWC_SEED=1 cargo test --release -p flowc_compiler --test mutations -- --nocapture`,
//! which also prints how long the slowest took.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test: the line number is the message, the slowest is for people"
)]
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flowc_base::Severity;
use flowc_compiler::{Args, Compiler, EntryKind, System};

/// One program; every other path is a file.
struct World(String);

impl System for World {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        if path == Path::new("/p/main.flow") { Ok(self.0.clone()) } else { Err("no such file".to_owned()) }
    }

    fn kind(&self, _: &Path) -> Option<EntryKind> {
        Some(EntryKind::File)
    }
}

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % n.max(1) as u64).unwrap()
    }
}

/// Pieces that mean something where they do not belong.
const PIECES: [&str; 24] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"\"\"",
    "{{",
    "}}",
    "let ",
    "for x in ",
    "task ",
    "?",
    "->",
    "none",
    ":",
    ",",
    "5m",
    "//",
    "\\",
    "$(",
    "'",
    "\u{e4}",
];

/// Words, runs of blanks, single signs.
fn tokens(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let like = |c: char| {
            c.is_alphanumeric() == first.is_alphanumeric() && c.is_whitespace() == first.is_whitespace()
        };
        let single = !first.is_alphanumeric() && !first.is_whitespace();
        let end = if single { first.len_utf8() } else { rest.find(|c| !like(c)).unwrap_or(rest.len()) };
        let (token, after) = rest.split_at(end);
        all.push(token);
        rest = after;
    }
    all
}

/// One to three changes: a token gone, doubled, changed for another of the text or for a piece; or the end cut off.
fn spoil(text: &str, random: &mut Random) -> String {
    let mut tokens = tokens(text);
    for _ in 0..=random.below(3) {
        if tokens.is_empty() {
            break;
        }
        let (at, other) = (random.below(tokens.len()), random.below(tokens.len()));
        match random.below(6) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[at]),
            2 => tokens.swap(at, other),
            3 => tokens[at] = tokens[other],
            4 => tokens.insert(at, PIECES[random.below(PIECES.len())]),
            _ => tokens.truncate(at.max(1)),
        }
    }
    tokens.concat()
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn a_spoilt_program_is_planned_or_refused_at_a_place() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let texts = ["words/words.flow", "sources/sources.flow", "cproject/calc.flow"]
        .map(|name| std::fs::read_to_string(examples.join(name)).unwrap());
    let (count, seed) = (setting("FLOWC_MUTATIONS", 1000), setting("FLOWC_SEED", 1));
    let mut random = Random(seed);
    let (mut planned, mut slowest) = (0, Duration::ZERO);
    for number in 0..count {
        let text = spoil(&texts[random.below(texts.len())], &mut random);
        let before = Instant::now();
        let mut compiler = Compiler::new(Arc::new(World(text.clone())));
        let args = Args { given: Vec::new(), base: PathBuf::from("/p") };
        let report = match compiler.plan(Path::new("/p/main.flow"), None, &args) {
            Ok(ready) => {
                planned += 1;
                assert!(
                    ready.report.diagnostics.iter().all(|d| d.severity != Severity::Error),
                    "seed {seed}, {number}\n{text}"
                );
                ready.report
            }
            Err(report) => {
                assert!(
                    report.diagnostics.iter().any(|d| d.severity == Severity::Error),
                    "refused without a word: seed {seed}, {number}\n{text}"
                );
                report
            }
        };
        slowest = slowest.max(before.elapsed());
        for diagnostic in &report.diagnostics {
            let place = diagnostic.primary.place;
            let file = report.files.text(place.file).unwrap_or_default();
            let covered = file.get(place.span.start as usize..place.span.end as usize);
            assert!(covered.is_some(), "seed {seed}, {number}: {diagnostic:?} points outside of\n{text}");
        }
    }
    println!("{count} programs, {planned} of them planned; the slowest took {slowest:?}");
    assert!(planned > 0 && planned < count, "some hold and some do not, else nothing was tried");
}
