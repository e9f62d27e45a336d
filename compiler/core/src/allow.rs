//! `// allow CODE: why`: which diagnostics a comment silences, and which comments say nothing. Read when a report is made and by no query;
//! where comments stand and what they hold for is the grammar's to say.
use std::cell::Cell;
use std::collections::HashMap;

use flowc_base::{Code, Severity, Span};
use flowc_grammar::{AllowComment, Holds};

use crate::db::{Anchor, Database, Diag, Place, SourceFile};
use crate::diagnostics::allow as d;
use crate::diagnostics::codes::{self, CodeInfo};
use crate::items::{cut, locate};

/// What is left when the comments of a program have had their say, with what is wrong with them.
pub(crate) fn silenced(db: &Database, program: &[SourceFile], found: Vec<Diag>) -> Vec<Diag> {
    let mut allows = Allows::read(db, program);
    let mut found = allows.pass(db, found);
    let bad = std::mem::take(&mut allows.bad);
    found.extend(allows.pass(db, bad));
    found
}

/// As [`silenced`], with the comments in `whole` that silence nothing: files in which all was found that there is to find.
pub(crate) fn silenced_and_unused(
    db: &Database,
    program: &[SourceFile],
    whole: &[SourceFile],
    found: Vec<Diag>,
) -> Vec<Diag> {
    // Behind an error there may be more to silence.
    if found.iter().any(|diag| diag.severity == Severity::Error) {
        return silenced(db, program, found);
    }
    let mut allows = Allows::read(db, program);
    let mut found = allows.pass(db, found);
    let mut about = std::mem::take(&mut allows.bad);
    about.extend(allows.unused(whole, |code| !is_about_comments(code)));
    found.extend(allows.pass(db, about));
    found.extend(allows.unused(whole, is_about_comments));
    found
}

fn is_about_comments(code: Code) -> bool {
    code == codes::BAD_ALLOW.code || code == codes::UNUSED_ALLOW.code
}

/// A code that a comment allows.
struct Allow {
    code: Code,
    place: Place,
    /// What to remove when it is not needed.
    remove: Place,
    used: Cell<bool>,
    /// Whether something else was said about it already.
    told: bool,
}

/// Where a code is allowed in a file.
#[derive(Default)]
struct Parts {
    /// Sorted by start. `reach`: the last byte that this part or one before it holds.
    parts: Vec<Part>,
    /// `//!`
    file: Option<usize>,
}

struct Part {
    span: Span,
    reach: u32,
    allow: usize,
}

impl Parts {
    /// The innermost comment that holds for a byte.
    fn of(&self, at: u32) -> Option<usize> {
        let before = self.parts.partition_point(|part| part.span.start <= at);
        let mut nearer = self.parts[..before].iter().rev().take_while(|part| part.reach >= at);
        nearer.find(|part| part.span.end >= at).map(|part| part.allow).or(self.file)
    }
}

#[derive(Default)]
struct Allows {
    all: Vec<Allow>,
    by_code: HashMap<(SourceFile, Code), Parts>,
    bad: Vec<Diag>,
}

impl Allows {
    fn read(db: &Database, program: &[SourceFile]) -> Self {
        let mut allows = Self::default();
        for file in program.iter().filter(|file| !file.library(db)) {
            let Ok(text) = file.text(db) else { continue };
            for comment in &cut(db, *file).allows {
                allows.comment(*file, text, comment);
            }
        }
        #[expect(clippy::iter_over_hash_type, reason = "each entry is put in order by itself")]
        for parts in allows.by_code.values_mut() {
            parts.parts.sort_by_key(|part| (part.span.start, std::cmp::Reverse(part.span.end)));
            let mut reach = 0;
            for part in &mut parts.parts {
                reach = part.span.end.max(reach);
                part.reach = reach;
            }
        }
        allows
    }

    fn comment(&mut self, file: SourceFile, text: &str, comment: &AllowComment) {
        let place = |span| Place { anchor: Anchor::File(file), span };
        let said = comment.rest.slice(text);
        let (list, reason) = match said.split_once(':') {
            Some((list, reason)) => (list, Some(reason.trim())),
            None => (said, None),
        };
        let names: Vec<(&str, Span)> = words(list, comment.rest.start).collect();
        if !names.iter().all(|(name, _)| is_code(name)) {
            // Prose, but for what begins with a code.
            let first = said.split([' ', '\t']).next().unwrap_or_default();
            if codes::code(first).is_some() {
                let start = comment.rest.start;
                self.bad.push(d::without_colon(place(Span::new(start, start + length(first))), first));
            }
            return;
        }
        // `// allow spaces` is prose.
        let near =
            |name: &str| flowc_base::nearest(name, codes::codes().iter().map(|info| info.code.0)).is_some();
        let meant =
            |name: &str| codes::code(name).is_some() || name.contains('-') || reason.is_some() && near(name);
        if !names.iter().any(|(name, _)| meant(name)) {
            return;
        }
        let without_reason = reason.is_none_or(str::is_empty);
        let before = self.bad.len();
        for (at, (name, span)) in names.iter().enumerate() {
            let wrong = match codes::code(name) {
                Some(info) if info.severity != Severity::Error => None,
                Some(_) => Some(d::of_error(place(*span), name)),
                None => Some(d::of_unknown(place(*span), name)),
            };
            let (Some(info), None) = (codes::code(name), &wrong) else {
                self.bad.extend(wrong);
                continue;
            };
            let remove = match (names.get(at + 1), at.checked_sub(1).and_then(|before| names.get(before))) {
                (Some((_, next)), _) => Span::new(span.start, next.start),
                (None, Some((_, before))) => Span::new(before.end, span.end),
                (None, None) => comment.whole,
            };
            let allow = Allow {
                code: info.code,
                place: place(*span),
                remove: place(remove),
                used: Cell::new(false),
                told: without_reason,
            };
            self.add(file, info, comment.holds, allow);
        }
        // One mistake at a time.
        if without_reason && self.bad.len() == before {
            self.bad.push(d::without_reason(place(comment.span), list.trim_end()));
        }
    }

    fn add(&mut self, file: SourceFile, info: &CodeInfo, holds: Holds, allow: Allow) {
        let at = self.all.len();
        self.all.push(allow);
        let parts = self.by_code.entry((file, info.code)).or_default();
        match holds {
            Holds::File => {
                parts.file.get_or_insert(at);
            }
            Holds::Part(span) if span.is_empty() => {}
            Holds::Part(span) => parts.parts.push(Part { span, reach: 0, allow: at }),
        }
    }

    /// The diagnostics that nothing silences.
    fn pass(&self, db: &Database, mut found: Vec<Diag>) -> Vec<Diag> {
        if !self.by_code.is_empty() {
            found.retain(|diag| {
                let (file, span) = locate(db, diag.primary.place);
                let parts = self.by_code.get(&(file, diag.code)).filter(|_| diag.severity != Severity::Error);
                let allow = parts.and_then(|parts| parts.of(span.start)).and_then(|at| self.all.get(at));
                allow.inspect(|allow| allow.used.set(true)).is_none()
            });
        }
        found
    }

    fn unused(&self, files: &[SourceFile], which: fn(Code) -> bool) -> Vec<Diag> {
        let unused = |allow: &&Allow| !allow.used.get() && !allow.told && which(allow.code);
        let whole =
            |allow: &&Allow| matches!(allow.place.anchor, Anchor::File(file) if files.contains(&file));
        self.all
            .iter()
            .filter(unused)
            .filter(whole)
            .map(|allow| d::unused(allow.place, allow.code.0, allow.remove))
            .collect()
    }
}

/// The names of a list, with their places.
fn words(list: &str, start: u32) -> impl Iterator<Item = (&str, Span)> {
    list.split(',').scan(start, |at, part| {
        let lead = length(part) - length(part.trim_start());
        let name = part.trim();
        let span = Span::new(*at + lead, *at + lead + length(name));
        *at += length(part) + 1;
        Some((name, span))
    })
}

fn is_code(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}
