//! The patterns of `glob("…")` and of outputs: `*` and `?` stay within a directory, `**` crosses them, `[a-z]` is a letter, `{a,b}` either,
//! `\\` takes the next letter as it is.
use globset::{GlobBuilder, GlobMatcher};

/// What a pattern matches.
///
/// # Errors
/// A sentence, when it is none: a bracket that is never closed, a range the wrong way round.
pub fn pattern(pattern: &str) -> Result<GlobMatcher, String> {
    GlobBuilder::new(pattern)
        .literal_separator(true)
        .backslash_escape(true)
        .build()
        .map(|glob| glob.compile_matcher())
        .map_err(|error| format!("`{pattern}` is no pattern: {}", error.kind()))
}
