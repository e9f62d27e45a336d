//! Diagnostics for people and programs: drawn, on one line, as JSON. It finds nothing wrong by itself.
mod concise;
mod diff;
mod drawn;
mod failure;
mod github;
mod json;
mod page;
mod sarif;

use std::path::{Path, PathBuf};

use flowc_base::{Diagnostic, FileId, LineCol, LineIndex, Location, Severity};

pub(crate) use concise::concise;
pub(crate) use diff::{brief, diff};
pub(crate) use drawn::drawn;
pub(crate) use failure::{failure, skipped};
pub(crate) use github::github;
pub(crate) use json::json;
pub(crate) use page::page;
pub(crate) use sarif::sarif;

use crate::screen::{Screen, Style};

/// Diagnostics that are drawn; more say nothing that these do not.
const DRAWN_MAX: usize = 200;

/// More warnings than this are only counted before a run.
const WARNINGS_MAX: usize = 5;

/// The files that diagnostics point into.
pub(crate) trait Sources {
    /// The path, the text and the lines of a file; `None` for one that was never read.
    fn source(&self, file: FileId) -> Option<(&Path, &str, &LineIndex)>;
}

impl Sources for flowc_compiler::Files {
    fn source(&self, file: FileId) -> Option<(&Path, &str, &LineIndex)> {
        Some((self.path(file)?, self.text(file)?, self.lines(file)?))
    }
}

/// How many diagnostics of each severity.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Tally {
    /// Errors.
    pub(crate) errors: usize,
    /// Warnings.
    pub(crate) warnings: usize,
    /// Notes.
    pub(crate) notes: usize,
}

impl Tally {
    /// Counts.
    pub(crate) fn of(diagnostics: &[Diagnostic]) -> Self {
        let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
        }
    }

    /// `2 errors, 1 warning`; `None` when there is nothing to count.
    pub(crate) fn summary(self) -> Option<String> {
        let parts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let parts: Vec<String> =
            parts.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| plural(n, word)).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// `1 error`, `2 errors`.
pub(crate) fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// Draws diagnostics on the standard error, the first [`DRAWN_MAX`] of them, and a line that counts them all.
pub(crate) fn say_all(screen: Screen, diagnostics: &[Diagnostic], sources: &dyn Sources) {
    let width = screen.width();
    let mut order: Vec<&Diagnostic> = diagnostics.iter().collect();
    if order.len() > DRAWN_MAX {
        // What is left out is the least.
        order.sort_by_key(|diagnostic| diagnostic.severity);
    }
    for diagnostic in order.iter().take(DRAWN_MAX) {
        screen.say(&drawn(diagnostic, sources, screen.colour, width));
    }
    let tally = Tally::of(diagnostics);
    let Some(summary) = tally.summary() else { return };
    let style = if tally.errors > 0 { Style::Error } else { Style::Warning };
    let mut line = screen.paint(style, &summary);
    let first = diagnostics.iter().min_by_key(|d| d.severity);
    if let Some(first) = first.filter(|d| d.severity == Severity::Error && has_page(d.code.0)) {
        line.push_str(&screen.paint(Style::Dim, &format!(" (`flowc explain {}` says more)", first.code.0)));
    }
    if let Some(more @ 1..) = order.len().checked_sub(DRAWN_MAX) {
        screen.say(&format!("and {more} more: `flowc check --format concise` shows all"));
    }
    screen.say(&line);
}

/// The warnings of a program that is about to run, drawn, as many of them as leave room for the run itself; empty when there are none.
pub(crate) fn warnings(
    screen: Screen,
    diagnostics: &[Diagnostic],
    sources: &dyn Sources,
    file: &Path,
) -> String {
    let width = screen.width();
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(WARNINGS_MAX) {
        text.push_str(&drawn(diagnostic, sources, screen.colour, width));
        text.push('\n');
    }
    let summary = if diagnostics.len() > WARNINGS_MAX {
        let more = Tally::of(&diagnostics[WARNINGS_MAX..]).summary();
        let tail = format!(" more: `flowc check {}` shows all", file.display());
        more.map(|more| screen.paint(Style::Warning, &more) + &tail)
    } else {
        Tally::of(diagnostics).summary().map(|all| screen.paint(Style::Warning, &all))
    };
    text.extend(summary.map(|line| line + "\n"));
    text
}

fn has_page(code: &str) -> bool {
    crate::cmd::explain::page(code).is_some()
}

/// The path as a person would name it: relative where the file stands below the current directory.
pub(crate) fn shown(path: &Path) -> PathBuf {
    let below = || {
        let here = std::env::current_dir().ok()?;
        path.strip_prefix(&here).ok().map(Path::to_owned)
    };
    below().filter(|path| !path.as_os_str().is_empty()).unwrap_or_else(|| path.to_owned())
}

/// The path, as a person would name it, with line and column from 1.
fn place(location: Location, sources: &dyn Sources) -> (String, LineCol) {
    match sources.source(location.file) {
        Some((path, text, lines)) => {
            (shown(path).display().to_string(), lines.line_col(text, location.span.start))
        }
        None => ("(unknown file)".to_owned(), LineCol { line: 1, col: 1 }),
    }
}

/// `error`, `warning`, `note`.
pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

#[cfg(test)]
mod tests;
