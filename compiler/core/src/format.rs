//! The one style of program text, on a thread that has room for deep programs. It knows nothing of what programs mean.
use flowc_base::{Diagnostic, Span};

use crate::stack::deep;

/// The text in the one style; formatting what comes out changes nothing.
///
/// # Errors
/// All errors of a text that cannot be read, with places in it.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic<Span>>> {
    deep(|| flowc_grammar::format(text))
}
