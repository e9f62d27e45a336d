//! `flowc check --fix`: applies the fixes that diagnostics carry, again and again until none is left, and takes back those that make more
//! errors. Texts change in memory alone until all is done. Nothing here decides what a fix is.
mod edits;
mod overlay;
mod write;

use std::path::{Path, PathBuf};

use flowc_base::{Applicability, Code, Diagnostic, LineCol, Severity};
use flowc_compiler::{Compiler, Report, code};

use edits::{Edits, FileEdit};
pub(crate) use overlay::Overlay;
pub(crate) use write::write;

/// A program that is not mended after so many rounds is not going to be.
const ROUNDS_MAX: usize = 500;

/// A change of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Change {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// The text that was read.
    pub(crate) before: String,
    /// The text that is better.
    pub(crate) after: String,
}

/// A fix that was applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Applied {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// Where the problem was, in the text that the fix was applied to.
    pub(crate) at: LineCol,
    /// What the problem was.
    pub(crate) code: Code,
    /// What was done.
    pub(crate) title: String,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Fixed {
    /// What is wrong with the texts as they are now.
    pub(crate) report: Report,
    /// The files that are other than they were read, by path.
    pub(crate) changes: Vec<Change>,
    /// What was done, in the order in which it was.
    pub(crate) applied: Vec<Applied>,
    /// How many fixes were taken back because they made more errors.
    pub(crate) taken_back: usize,
}

/// A fix, ready to be applied.
struct Candidate {
    applied: Applied,
    /// Whether the problem is an error.
    error: bool,
    message: String,
    start: u32,
    edits: Vec<FileEdit>,
}

/// A fix that does harm, by its problem.
struct Refused {
    path: PathBuf,
    start: u32,
    code: Code,
}

/// Mends the program in memory: files among `named`, and no other, by fixes of this applicability or a surer one.
pub(crate) fn mend(
    compiler: &mut Compiler,
    overlay: &Overlay,
    named: &[PathBuf],
    which: Applicability,
) -> Fixed {
    let mut report = compiler.check(named);
    let mut fixed =
        Fixed { report: Report::default(), changes: Vec::new(), applied: Vec::new(), taken_back: 0 };
    let mut refused: Vec<Refused> = Vec::new();
    // One that does harm is looked for among many by trying each alone.
    let mut alone = false;
    for _ in 0..ROUNDS_MAX {
        let mut edits = Edits::default();
        let mut chosen: Vec<Candidate> = Vec::new();
        for candidate in candidates(&report, named, which) {
            if !is_refused(&refused, &candidate) && edits.add(&candidate.edits) {
                chosen.push(candidate);
                if alone {
                    break;
                }
            }
        }
        if chosen.is_empty() {
            break;
        }
        let before: Vec<(PathBuf, String)> = edits
            .paths()
            .filter_map(|path| Some((path.to_owned(), text_of(&report, path)?.to_owned())))
            .collect();
        for (path, text) in &before {
            if let Some(text) = edits.applied(path, text) {
                overlay.lay(path, text);
            }
        }
        let next = compiler.check(named);
        if !is_worse(&report, &next, &chosen)
            && chosen.iter().all(|candidate| helped(candidate, &edits, &next))
        {
            refused.iter_mut().for_each(|refused| refused.start = edits.moved(&refused.path, refused.start));
            fixed.applied.extend(chosen.into_iter().map(|candidate| candidate.applied));
            report = next;
            continue;
        }
        for (path, text) in before {
            overlay.lay(&path, text);
        }
        report = compiler.check(named);
        if let [only] = &chosen[..] {
            let (path, code) = (only.applied.path.clone(), only.applied.code);
            refused.push(Refused { path, start: only.start, code });
            fixed.taken_back += 1;
        }
        alone = true;
    }
    fixed.changes = changes(&report, overlay, named);
    fixed.report = report;
    fixed
}

/// The fixes of a report that may be applied, in the order of their places.
fn candidates<'a>(
    report: &'a Report,
    named: &'a [PathBuf],
    which: Applicability,
) -> impl Iterator<Item = Candidate> + 'a {
    report.diagnostics.iter().filter_map(move |diagnostic| {
        let fix = diagnostic.fix.as_ref()?;
        if !fits(fix.applicability, which) {
            return None;
        }
        let edit = |edit: &flowc_base::Edit| {
            let path =
                report.files.path(edit.place.file).filter(|path| named.iter().any(|name| name == path))?;
            Some(FileEdit { path: path.to_owned(), span: edit.place.span, text: edit.text.clone() })
        };
        let edits: Vec<FileEdit> = fix.edits.iter().map(edit).collect::<Option<_>>()?;
        let applied = applied(report, diagnostic, fix.title.clone())?;
        let start = diagnostic.primary.place.span.start;
        let error = diagnostic.severity == Severity::Error;
        Some(Candidate { applied, error, message: diagnostic.message.clone(), start, edits })
    })
}

/// Whether a fix is as sure as is asked for.
pub(crate) fn fits(applicability: Applicability, which: Applicability) -> bool {
    which == Applicability::Maybe || applicability == Applicability::Always
}

fn applied(report: &Report, diagnostic: &Diagnostic, title: String) -> Option<Applied> {
    let place = diagnostic.primary.place;
    let (path, text) = (report.files.path(place.file)?, report.files.text(place.file)?);
    let at = report.files.lines(place.file)?.line_col(text, place.span.start);
    Some(Applied { path: path.to_owned(), at, code: diagnostic.code, title })
}

fn is_refused(refused: &[Refused], candidate: &Candidate) -> bool {
    let applied = &candidate.applied;
    refused.iter().any(|no| no.start == candidate.start && no.code == applied.code && no.path == applied.path)
}

/// How many errors there are: texts that could not be read, and others.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Errors {
    unread: usize,
    others: usize,
}

impl Errors {
    fn of(report: &Report) -> Self {
        let errors = report.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        let (unread, others): (Vec<_>, Vec<_>) = errors.partition(|d| is_unread(d.code));
        Self { unread: unread.len(), others: others.len() }
    }

    /// Without those that fixes are for.
    fn without(self, fixes: &[Candidate]) -> Self {
        let errors = fixes.iter().filter(|fix| fix.error);
        let (unread, others): (Vec<_>, Vec<_>) = errors.partition(|fix| is_unread(fix.applied.code));
        let (unread, others) = (unread.len(), others.len());
        Self { unread: self.unread.saturating_sub(unread), others: self.others.saturating_sub(others) }
    }
}

/// Whether there are more errors than before. What could not be read may hold any number of others, so with fewer such texts two
/// programs cannot be compared. Of several fixes one may hide the harm of another: together, each must take its error away.
fn is_worse(before: &Report, after: &Report, fixes: &[Candidate]) -> bool {
    let (all, after) = (Errors::of(before), Errors::of(after));
    let expected = if fixes.len() > 1 { all.without(fixes) } else { all };
    after.unread > expected.unread || after.unread == all.unread && after.others > expected.others
}

fn is_unread(found: Code) -> bool {
    code(found.0).is_some_and(|info| info.theme == flowc_compiler::SYNTAX_THEME)
}

/// Whether the problem is gone from its place.
fn helped(candidate: &Candidate, edits: &Edits, after: &Report) -> bool {
    let start = edits.moved(&candidate.applied.path, candidate.start);
    !after.diagnostics.iter().any(|d| {
        d.code == candidate.applied.code
            && d.primary.place.span.start == start
            && d.message == candidate.message
            && after.files.path(d.primary.place.file) == Some(&candidate.applied.path)
    })
}

fn text_of<'a>(report: &'a Report, path: &Path) -> Option<&'a str> {
    report.files.all().find(|(other, _)| *other == path).map(|(_, text)| text)
}

fn changes(report: &Report, overlay: &Overlay, named: &[PathBuf]) -> Vec<Change> {
    let mut changes: Vec<Change> = report
        .files
        .all()
        .filter(|(path, _)| named.iter().any(|name| name == path))
        .filter_map(|(path, after)| {
            let before = overlay.first_read(path)?;
            (before != after).then(|| Change { path: path.to_owned(), before, after: after.to_owned() })
        })
        .collect();
    changes.sort_by(|a, b| a.path.cmp(&b.path));
    changes
}

#[cfg(test)]
mod tests;
