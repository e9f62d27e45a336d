//! A step that failed, told so that a person can act: what, why, its command, its last words, its log, what did not run because of it.
use std::fmt::Write as _;

use flowc_engine::{StepFailure, StepName};

use super::shown;
use crate::screen::{Screen, Style};

/// More skipped steps than this are only counted.
const SKIPPED_NAMES_MAX: usize = 4;
/// More lines of a command than this are cut.
const COMMAND_LINES_MAX: usize = 12;

/// The block about a failed step; ends in a line end.
pub(crate) fn failure(screen: Screen, failure: &StepFailure, skipped: &[StepName]) -> String {
    let mut text = format!(
        "{} {}: {}\n",
        screen.paint(Style::Error, &format!("failed[{}]:", failure.kind)),
        screen.paint(Style::Strong, &failure.step),
        failure.message,
    );
    let dim = |word: &str| screen.paint(Style::Dim, word);
    let file = shown(std::path::Path::new(failure.origin.file.as_str()));
    let place = format!("{}:{}", file.display(), failure.origin.line);
    let _ = if failure.task.is_empty() {
        // A file that is read, an expression that fails: no task has to do with it.
        writeln!(text, "  {} {place}", dim("place:  "))
    } else {
        writeln!(text, "  {} {}, {place}", dim("task:   "), failure.task)
    };
    block(&mut text, &dim("command:"), &failure.command, COMMAND_LINES_MAX);
    block(&mut text, &dim("stderr: "), &failure.stderr_tail, usize::MAX);
    if let Some(log) = &failure.log {
        let _ = writeln!(text, "  {} {}", dim("log:    "), shown(log).display());
    }
    if !skipped.is_empty() {
        let _ = writeln!(text, "  {} {}", dim("not run:"), self::skipped(skipped));
    }
    text
}

/// `page, main.counts[3] and 7 more`
pub(crate) fn skipped(steps: &[StepName]) -> String {
    let shown = if steps.len() <= SKIPPED_NAMES_MAX + 1 { steps.len() } else { SKIPPED_NAMES_MAX };
    let names: Vec<&str> = steps[..shown].iter().map(StepName::as_str).collect();
    let names = names.join(", ");
    if shown < steps.len() { format!("{names} and {} more", steps.len() - shown) } else { names }
}

/// A text under its title: beside it when it is one line, else below.
fn block(text: &mut String, title: &str, body: &str, lines_max: usize) {
    let body = body.trim_end().trim_start_matches('\n');
    match body.lines().count() {
        0 => {}
        1 => {
            let _ = writeln!(text, "  {title} {}", body.trim_start());
        }
        lines => {
            let _ = writeln!(text, "{}", format!("  {title}").trim_end());
            for line in body.lines().take(lines_max) {
                let _ = writeln!(text, "{}", format!("    {line}").trim_end());
            }
            if lines > lines_max {
                let _ = writeln!(text, "    … {} more lines", lines - lines_max);
            }
        }
    }
}
