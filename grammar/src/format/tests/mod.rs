//! What must hold of every layout: nothing is lost or said otherwise, and a second time changes nothing. Of programs that are
//! made up, of the project's own, and of those with something changed in them.
mod generate;

use std::path::Path;

use flowc_base::Severity;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestCaseResult};

use super::{format, line_ends, normal};
use crate::ast::{Item, ItemKind};
use crate::lex::{Lexer, TokenKind};
use crate::{parse_item, split};
use generate::Choices;

/// What a program says: its documentation, its items and its comments.
#[derive(PartialEq, Debug)]
struct Meaning {
    docs: String,
    items: Vec<Item>,
    comments: Vec<String>,
}

/// What a program says; `None` where it cannot be read. `use`s are sorted, and comments with them.
fn meaning(text: &str) -> Option<Meaning> {
    let found = split(text);
    let mut items = Vec::new();
    let mut errors = found.errors;
    for item in &found.items {
        let parsed = parse_item(&item.text);
        errors.extend(parsed.errors);
        items.push(normal(&parsed.item?));
    }
    items.sort_by_key(|item| match &item.kind {
        ItemKind::Use(found) => format!("{found:?}"),
        _ => String::new(),
    });
    let has_uses = items.iter().any(|item| matches!(item.kind, ItemKind::Use(_)));
    let mut depth = 0usize;
    let mut comments = Vec::new();
    for token in Lexer::new(text, if text.starts_with('\u{FEFF}') { 3 } else { 0 }) {
        match token.kind {
            TokenKind::TextOpen => depth += 1,
            TokenKind::TextClose => depth -= 1,
            TokenKind::Comment | TokenKind::Doc | TokenKind::FileDoc if depth == 0 => {
                comments.push(token.span.slice(text).trim_end().to_owned());
            }
            _ => {}
        }
    }
    if has_uses {
        comments.sort();
    }
    let sound = errors.iter().all(|error| error.severity != Severity::Error);
    sound.then(|| Meaning { docs: found.docs.to_string(), items, comments })
}

/// Whether a text was laid out, and as it must be.
fn check(text: &str) -> Result<bool, TestCaseError> {
    let before = meaning(&line_ends(text));
    let Ok(made) = format(text) else {
        prop_assert!(before.is_none(), "a program that can be read was refused:\n{text}");
        return Ok(false);
    };
    prop_assert_eq!(before, meaning(&made), "it says something else:\n{}\n--- became\n{}", text, made);
    let again = format(&made);
    prop_assert_eq!(again.as_deref(), Ok(made.as_str()), "a second time changes it:\n{}", text);
    prop_assert!(
        !made.lines().any(ends_in_blanks) || text.contains("\"\"\""),
        "blanks at line ends:\n{made}"
    );
    Ok(true)
}

fn ends_in_blanks(line: &str) -> bool {
    line.ends_with([' ', '\t'])
}

fn cases(count: u32) -> Config {
    // `PROPTEST_CASES` asks for more.
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    Config {
        cases: wanted.unwrap_or(count),
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn made_up_programs_keep_what_they_say(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let program = generate::program(&bytes);
        prop_assert!(check(&program)?, "it does not parse: {:?}\n{}", format(&program), program);
    }

    #[test]
    fn programs_with_other_white_space_keep_what_they_say(
        which in any::<proptest::sample::Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let programs = real_programs();
        let program = which.get(&programs);
        check(&with_other_white_space(program, &bytes))?;
    }

    #[test]
    fn programs_with_something_changed_are_laid_out_or_refused(
        which in any::<proptest::sample::Index>(),
        bytes in proptest::collection::vec(any::<u8>(), 1..24),
    ) {
        let programs = real_programs();
        let program = which.get(&programs);
        check(&with_changes(program, &bytes))?;
    }

    #[test]
    fn any_text_is_laid_out_or_refused(text in "(?s).{0,80}") {
        check(&text)?;
    }

    #[test]
    fn any_row_of_tokens_is_laid_out_or_refused(
        parts in proptest::collection::vec(proptest::sample::select(PARTS), 0..40),
    ) {
        check(&parts.concat())?;
    }
}

/// What texts of the language are made of, and what breaks them.
const PARTS: &[&str] = &[
    "task a() { ",
    "flow f() -> Int { ",
    "type T = ",
    "use std.a.{",
    "test \"t\" ",
    "settings { ",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    "=",
    "->",
    "=>",
    " ",
    "\n",
    "\n\n",
    "// c\n",
    "/// d\n",
    "//! f\n",
    "sh \"",
    "\"",
    "\"\"\"",
    "{{",
    "}}",
    "let x = ",
    "if a ",
    "else ",
    "a",
    "1",
    "as Int",
    "with ",
    "\r\n",
    "\r",
    "\u{FEFF}",
    "é",
    "\t",
    "\\",
    "r\"",
    "|",
    "\u{1A}",
];

#[test]
fn the_projects_own_programs_keep_what_they_say() -> TestCaseResult {
    let programs = real_programs();
    let mut laid_out = 0;
    for program in &programs {
        laid_out += usize::from(check(program)?);
    }
    assert!(laid_out > 100, "only {laid_out} of {} programs were laid out", programs.len());
    Ok(())
}

#[test]
fn line_ends_and_marks_of_other_systems_go_and_places_of_errors_stay() {
    let made = format("\u{FEFF}task a() {\r\n  // c\r\n  sh \"\"\"\r\n    x\r\n    \"\"\"\r\n}\r\n");
    assert_eq!(made.as_deref(), Ok("task a() {\n  // c\n  sh \"\"\"\n    x\n    \"\"\"\n}\n"));
    let broken = "task a() { sh \"x\" }\r\n\r\nflow b() -> Int { 1 + }\r\n";
    let places: Vec<_> = format(broken).unwrap_err().iter().map(|error| error.primary.place.start).collect();
    assert_eq!(places, [u32::try_from(broken.find("+ }").unwrap()).unwrap() + 2]);
}

#[test]
fn what_would_be_too_large_stays_as_it_is() {
    let deep = |parts: usize| {
        let body = vec!["name"; parts].join(", ");
        format!("flow a() -> Json {{ {}{body}{} }}\n", "[".repeat(100), "]".repeat(100))
    };
    let (small, large) = (deep(1000), deep(10_000));
    assert!(format(&small).is_ok_and(|made| made.len() > 200 * 1000));
    assert_eq!(format(&large).as_ref(), Ok(&large));
}

#[test]
fn one_long_line_takes_time_that_grows_with_it() {
    let line = |parts: usize| format!("flow a() -> Json {{ [{}1] }}\n", "f(a), ".repeat(parts));
    let time = |text: &str| {
        let start = std::time::Instant::now();
        assert!(format(text).is_ok());
        start.elapsed()
    };
    let (short, long) = (time(&line(2_000)), time(&line(40_000)));
    // Twenty times as long: squares would take four hundred times as long.
    assert!(long < short * 100, "{short:?} and {long:?}");
}

/// All programs in the repository: files, and blocks of pages.
fn real_programs() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut programs = Vec::new();
    let mut folders: Vec<_> =
        ["examples", "stdlib/flow", "book/src", "tests/suite", "tests/cli", "grammar/tests"]
            .map(|folder| root.join(folder))
            .into();
    while let Some(folder) = folders.pop() {
        let mut paths: Vec<_> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or("");
            if path.is_dir() {
                folders.push(path);
            } else if kind == "flow" {
                programs.extend(std::fs::read_to_string(path));
            } else if kind == "md" {
                let page = std::fs::read_to_string(path).unwrap_or_default();
                let blocks = page.split("\n```flow").skip(1);
                let bodies = blocks.filter_map(|block| block.split_once('\n')?.1.split("\n```").next());
                programs.extend(bodies.map(|body| format!("{body}\n")));
            }
        }
    }
    programs
}

/// The same tokens with other white space and more comments between them.
fn with_other_white_space(program: &str, bytes: &[u8]) -> String {
    let mut choices = Choices::new(bytes);
    let mut out = String::new();
    let (mut at, mut depth) = (0, 0usize);
    for token in Lexer::new(program, 0) {
        let (start, end) = (token.span.start as usize, token.span.end as usize);
        if start < at {
            continue;
        }
        let gap = &program[at..start];
        let free = depth == 0 && choices.are_left() && choices.pick(3) == 1;
        let may_open = matches!(token.kind, TokenKind::Close(_) | TokenKind::Sign(b',' | b':' | b'='));
        if free && (!gap.is_empty() || may_open) {
            let line = if gap.contains('\n') { "\n" } else { "" };
            let made = match choices.pick(7) {
                0 => " ".to_owned(),
                1 => "\n  ".to_owned(),
                2 => "\n\n\n ".to_owned(),
                3 => format!(" // c{at}\n  "),
                4 => format!("\n // c{at}\n"),
                5 => format!("// c{at}\n\n // d{at}\n "),
                _ => "\t\n".to_owned(),
            };
            out.push_str(line);
            out.push_str(&made);
        } else {
            out.push_str(gap);
        }
        out.push_str(&program[start..end]);
        match token.kind {
            TokenKind::TextOpen => depth += 1,
            TokenKind::TextClose => depth = depth.saturating_sub(1),
            _ => {}
        }
        at = end;
    }
    out.push_str(program.get(at..).unwrap_or(""));
    out
}

/// Pieces taken out, doubled, or put in.
fn with_changes(program: &str, bytes: &[u8]) -> String {
    let mut choices = Choices::new(bytes);
    let mut text = program.to_owned();
    while choices.are_left() && !text.is_empty() {
        let at = (choices.pick(256) * 256 + choices.pick(256)) % text.len();
        let end = (at + choices.pick(12)).min(text.len());
        let (Some(piece), true) = (text.get(at..end).map(str::to_owned), text.is_char_boundary(at)) else {
            continue;
        };
        match choices.pick(3) {
            0 => text.replace_range(at..end, ""),
            1 => text.insert_str(at, &piece),
            _ => text.insert_str(at, PARTS[choices.pick(PARTS.len())]),
        }
    }
    text
}
