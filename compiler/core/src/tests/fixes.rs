//! Every fix mends: applied alone, to the programs of the suites and of the book, it takes its problem away and brings no error. Which
//! codes have one stands in the book.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use flowc_base::{Applicability, Diagnostic, Fix, Severity};

use super::programs::{Program, pages, programs};
use super::world::World;
use crate::{Report, SYNTAX_THEME, code};

/// The page that says which codes have a fix, and the line above the list.
const PAGE: &str = "book/src/errors/README.md";
/// So long are lines in the one style.
const LINE_MAX: usize = 100;
const HEAD: &str = "## What a machine can mend\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files after a fix.
fn mended(report: &Report, fix: &Fix, program: &Program) -> Program {
    let mut program = program.clone();
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.span.start));
    for edit in edits {
        let path = report.files.path(edit.place.file).unwrap();
        let file = program.files.iter_mut().find(|(name, ..)| super::world::full(name) == path).unwrap();
        file.2.replace_range(edit.place.span.start as usize..edit.place.span.end as usize, &edit.text);
    }
    program
}

fn checked(program: &Program) -> Report {
    let mut world = World::new();
    for (file, _, text) in &program.files {
        world.write(file, text);
    }
    world.report(program.main())
}

fn is_unread(diag: &Diagnostic) -> bool {
    code(diag.code.0).is_some_and(|info| info.theme == SYNTAX_THEME)
}

fn count(report: &Report, which: impl Fn(&Diagnostic) -> bool) -> usize {
    report.diagnostics.iter().filter(|diag| which(diag)).count()
}

/// What is wrong with a fix; `alone`: the program has no other mistakes, which a fix may bring to light.
fn wrong(before: &Report, diag: &Diagnostic, program: &Program, alone: bool) -> Option<String> {
    let fix = diag.fix.as_ref()?;
    let mut spans: Vec<_> = fix.edits.iter().map(|edit| edit.place).collect();
    spans.sort();
    if spans.windows(2).any(|pair| pair[0].file == pair[1].file && pair[0].span.end > pair[1].span.start) {
        return Some("its edits overlap".to_owned());
    }
    let next = mended(before, fix, program);
    let after = checked(&next);
    let same = |other: &Diagnostic| other.code == diag.code;
    let is_error = |other: &Diagnostic| other.severity == Severity::Error;
    let unread = |other: &Diagnostic| is_unread(other) && is_error(other);
    let mended = count(before, same) > count(&after, same);
    let own = usize::from(is_error(diag));
    // In the suites columns may move.
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let same_style = |a: &str, b: &str| if alone { a == b } else { squeezed(a) == squeezed(b) };
    // What gets too long for its line is for `flowc fmt`.
    let is_styled = |text: &str| {
        text.lines().any(|line| line.chars().count() > LINE_MAX)
            || crate::format(text).is_ok_and(|it| same_style(&it, text))
    };
    let styled = |program: &Program| {
        program.files.iter().all(|(path, _, text)| !path.ends_with(".flow") || is_styled(text))
    };
    let why = if !mended {
        "the problem is there as before"
    } else if count(&after, unread) > count(before, unread) {
        "the text cannot be read any more"
    } else if alone && !is_unread(diag) && count(&after, is_error) + own > count(before, is_error) {
        "there are more errors"
    } else if styled(program) && !styled(&next) {
        "it is not in style any more"
    } else {
        return None;
    };
    let mut said = format!("{why}\n");
    for (path, _, text) in &next.files {
        let _ = write!(said, "--- {path}\n{text}");
    }
    for diag in &after.diagnostics {
        let _ = writeln!(said, "{:?}[{}] {}", diag.severity, diag.code.0, diag.message);
    }
    Some(said)
}

/// Looks at every fix of a page; gives what is wrong with them, and notes which codes have one.
fn look(page: &Path, each_block: bool, known: &mut BTreeMap<&'static str, BTreeSet<bool>>) -> String {
    let text = std::fs::read_to_string(page).unwrap();
    let mut said = String::new();
    for program in programs(&text, each_block) {
        let report = checked(&program);
        for diag in &report.diagnostics {
            let Some(fix) = &diag.fix else { continue };
            known.entry(diag.code.0).or_default().insert(fix.applicability == Applicability::Always);
            if let Some(why) = wrong(&report, diag, &program, each_block) {
                let place = page.file_name().unwrap().to_string_lossy();
                let (title, code, fix) = (&program.title, diag.code.0, &fix.title);
                let _ = writeln!(said, "{place} ({title}) [{code}] {}: {fix}: {why}", diag.message);
            }
        }
    }
    said
}

#[test]
fn every_fix_mends_and_the_book_names_those_with_one() {
    let mut known = BTreeMap::new();
    let mut said = String::new();
    for (folder, each_block) in
        [("tests/suite", false), ("tests/suite/check", false), ("book/src/errors", true)]
    {
        for page in pages(folder) {
            said += &look(&page, each_block, &mut known);
        }
    }
    assert!(said.is_empty(), "\n{said}");
    let list = |always: bool| {
        let codes = known.iter().filter(|(_, which)| which.contains(&always));
        let codes: Vec<String> = codes.map(|(code, _)| format!("[`{code}`]({code}.md)")).collect();
        codes.join(",\n")
    };
    let expected = format!(
        "Certainly meant, by `--fix`:\n\n{}.\n\nProbably meant, by `--fix=maybe`:\n\n{}.\n",
        list(true),
        list(false)
    );
    let path = root().join(PAGE);
    let page = std::fs::read_to_string(&path).unwrap();
    let (above, below) = page.split_once(HEAD).unwrap();
    let found = below.split_once("\n\n").map_or("", |(_, list)| list);
    if found != expected && std::env::var_os("UPDATE_EXPECT").is_some() {
        let lead = below.split_once("\n\n").map_or(below, |(lead, _)| lead);
        std::fs::write(&path, format!("{above}{HEAD}{lead}\n\n{expected}")).unwrap();
        return;
    }
    assert_eq!(found, expected, "to write what is true: UPDATE_EXPECT=1");
}
