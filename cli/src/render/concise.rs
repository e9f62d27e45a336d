//! A diagnostic on one line, for `grep` and editors. It draws nothing.
use flowc_base::Diagnostic;

use super::{Sources, place, severity_word};

/// `FILE:LINE:COLUMN: error[code]: message`, without a line end.
pub(crate) fn concise(diagnostic: &Diagnostic, sources: &dyn Sources) -> String {
    let (path, at) = place(diagnostic.primary.place, sources);
    let (word, code) = (severity_word(diagnostic.severity), diagnostic.code.0);
    // A message may quote a piece of the program that has several lines.
    let message = diagnostic.message.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{path}:{}:{}: {word}[{code}]: {message}", at.line, at.col)
}
