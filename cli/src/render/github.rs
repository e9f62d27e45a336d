//! Diagnostics as GitHub's workflow commands: lines that its runner turns into annotations. It draws nothing.
use std::fmt::Write as _;

use flowc_base::{Diagnostic, Severity};

use super::{Sources, place};

/// `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=…::MESSAGE`, without a line end.
pub(crate) fn github(diagnostic: &Diagnostic, sources: &dyn Sources) -> String {
    let command = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let location = diagnostic.primary.place;
    let (path, at) = place(location, sources);
    let mut line = format!("::{command} file={},line={},col={}", property(&path), at.line, at.col);
    if let Some((_, text, lines)) = sources.source(location.file) {
        let end = lines.line_col(text, location.span.end);
        let _ = write!(line, ",endLine={}", end.line);
        // Columns are only taken when both ends stand on one line.
        if end.line == at.line {
            let _ = write!(line, ",endColumn={}", end.col);
        }
    }
    let _ = write!(line, ",title={}::", property(&format!("{command}[{}]", diagnostic.code.0)));
    let mut message = diagnostic.message.clone();
    for hint in &diagnostic.hints {
        message.push('\n');
        message.push_str(hint);
    }
    line.push_str(&data(&message));
    line
}

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property: there `:` and `,` mean something as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
