//! A case: files, and what must come of them. It must not know where cases are written down.
use std::collections::BTreeMap;
use std::fmt;

/// The text files of a program by their paths, `/` between parts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Project {
    /// Path and text.
    pub files: BTreeMap<String, String>,
}

/// Something that a compiler says about a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The file's path in the project.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// `error` or `warning`.
    pub severity: String,
    /// The stable code.
    pub code: String,
    /// The message.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: [{}] \"{}\"", self.severity, self.code, self.message)
    }
}

/// Whoever compiles.
pub trait Driver: Send + Sync + 'static {
    /// The errors and warnings of a program, by place.
    fn check(&self, project: &Project, main: &str) -> Vec<Finding>;

    /// The plan of a program's flow `main` as text, or why there is none.
    ///
    /// # Errors
    /// A sentence.
    fn plan(&self, project: &Project, main: &str) -> Result<String, String>;
}
