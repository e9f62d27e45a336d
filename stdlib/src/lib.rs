//! The library that comes with flowc: signatures and docs in `.flow`, bodies in Rust.
//! It must not know syntax, how a program is checked, or how a plan is run; files come through [`Files`].
mod args;
mod error;
mod json;
mod natives;
mod pattern;
mod regex;
mod text;

pub use error::NativeError;
pub use json::{JsonError, from_json, from_json_noting, from_text, to_json};
pub use natives::{call, reads_files};
pub use pattern::pattern;
pub use regex::{RegexError, Replacement, group, regex};
pub use text::{scalar_text, to_text};

use flowc_plan::FileRef;

/// Where natives get the content of files from.
pub trait Files {
    /// The whole content of a file, which has at most `max_bytes` bytes.
    ///
    /// # Errors
    /// A sentence, when the content is not to be had or larger.
    fn read(&self, file: &FileRef, max_bytes: u64) -> Result<Vec<u8>, String>;
}

/// No files at all: for the evaluation of constants.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, file: &FileRef, _: u64) -> Result<Vec<u8>, String> {
        Err(format!("`{}` cannot be read here", file.name))
    }
}

/// The source of the names that are always at hand.
#[must_use]
pub fn prelude() -> &'static str {
    include_str!("../flow/prelude.flow")
}

/// The modules that `use std.…` finds: their names and sources, sorted by name.
#[must_use]
pub fn modules() -> &'static [(&'static str, &'static str)] {
    &[
        ("std.file", include_str!("../flow/file.flow")),
        ("std.html", include_str!("../flow/html.flow")),
        ("std.json", include_str!("../flow/json.flow")),
        ("std.list", include_str!("../flow/list.flow")),
        ("std.map", include_str!("../flow/map.flow")),
        ("std.math", include_str!("../flow/math.flow")),
        ("std.regex", include_str!("../flow/regex.flow")),
        ("std.text", include_str!("../flow/text.flow")),
    ]
}
