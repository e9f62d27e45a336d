//! `std.html`.
use crate::args::{Args, Outcome, text};

pub(super) fn escape(args: &Args<'_>) -> Outcome {
    let source = args.text(0)?;
    let mut escaped = String::with_capacity(source.len());
    for c in source.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    text(escaped)
}
