//! What a command changes or would change: a unified diff, whole for programs and brief for people. It does not know why it changes.
use std::path::Path;

use similar::TextDiff;

use super::{plural, shown};
use crate::screen::{Screen, Style};

/// Lines around a change.
const CONTEXT_LINES: usize = 3;

/// Lines of a difference that people are shown; more say nothing that these do not.
const LINES_MAX: usize = 40;

/// Lines of one piece of it that they are shown.
const PIECE_LINES_MAX: usize = 10;

/// The change of a file as `patch -p1` and `git apply` take it.
pub(crate) fn diff(path: &Path, before: &str, after: &str) -> String {
    let name = shown(path).display().to_string();
    let name = name.trim_start_matches('/');
    TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(CONTEXT_LINES)
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string()
}

/// The first lines of a diff of one file, and of each piece of it, with colours. Its heading is left out: whoever shows it has named the file.
pub(crate) fn brief(screen: Screen, diff: &str) -> String {
    let lines: Vec<&str> = diff.split_terminator('\n').skip_while(|line| !line.starts_with("@@")).collect();
    let mut brief = Vec::new();
    for piece in lines.chunk_by(|a, b| a.get(..1) == b.get(..1)) {
        for line in piece.iter().take(PIECE_LINES_MAX) {
            // It would move the cursor.
            let text = line.replace('\r', "␍");
            brief.push(match text.get(..1) {
                Some("@" | "\\") => screen.paint(Style::Dim, &text),
                Some("-") => screen.paint(Style::Error, &text),
                Some("+") => screen.paint(Style::Good, &text),
                _ => text.trim_end().to_owned(),
            });
        }
        brief.extend(more(screen, piece.len().saturating_sub(PIECE_LINES_MAX)));
    }
    let rest = brief.len().saturating_sub(LINES_MAX);
    brief.truncate(LINES_MAX);
    brief.extend(more(screen, rest));
    brief.into_iter().map(|line| line + "\n").collect()
}

/// A line for lines that are not shown.
fn more(screen: Screen, lines: usize) -> Option<String> {
    (lines > 0).then(|| screen.paint(Style::Dim, &format!("… {} not shown", plural(lines, "line"))))
}
