//! How bad each kind of diagnostic is taken to be: `--deny`, `--warn`, `--allow`. Plain values, read when a report is made and by no query,
//! so that another level checks nothing again.
use std::collections::BTreeMap;
use std::fmt;

use flowc_base::{Diagnostic, Severity, nearest};

use crate::diagnostics::codes::{self, CodeInfo};

/// What becomes of a kind of diagnostic.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// It is left out.
    Allow,
    /// It is a warning.
    Warn,
    /// It is an error: the program does not run.
    Deny,
}

impl Level {
    /// The word for it: `deny`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        }
    }
}

/// The name that stands for every code that is a warning by itself.
pub const WARNINGS: &str = "warnings";

/// The levels that were asked for. A code's own level comes before that of [`WARNINGS`], whichever was set first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Levels {
    warnings: Option<Level>,
    codes: BTreeMap<&'static str, Level>,
}

/// Why a level cannot be set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LevelError {
    /// There is no such code.
    Unknown {
        /// What was written.
        name: String,
        /// The code that it is near to.
        near: Option<&'static str>,
    },
    /// A program with this error means nothing: it cannot be made less than an error.
    Meaningless {
        /// The code.
        code: &'static str,
        /// What was asked for.
        level: Level,
    },
}

impl LevelError {
    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Unknown { near: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::Unknown { near: None, .. } => {
                format!("`flowc explain` lists all codes; `{WARNINGS}` stands for all that are warnings")
            }
            Self::Meaningless { code, .. } => format!("`flowc explain {code}` says how to mend it"),
        }
    }
}

impl fmt::Display for LevelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, .. } => write!(f, "there is no code `{name}`"),
            Self::Meaningless { code, level } => {
                let done = if *level == Level::Allow { "allowed" } else { "made a warning" };
                write!(f, "`{code}` is an error that leaves a program without a meaning: it cannot be {done}")
            }
        }
    }
}

impl std::error::Error for LevelError {}

impl Levels {
    /// Sets the level of a code, or of all [`WARNINGS`]; what is set later counts.
    ///
    /// # Errors
    /// When there is no such code, or it is an error that is to be less than one.
    pub fn set(&mut self, name: &str, level: Level) -> Result<(), LevelError> {
        if name == WARNINGS {
            self.warnings = Some(level);
            return Ok(());
        }
        let info = known(name)?;
        if info.severity == Severity::Error && level != Level::Deny {
            return Err(LevelError::Meaningless { code: info.code.0, level });
        }
        self.codes.insert(info.code.0, level);
        Ok(())
    }

    /// How bad a diagnostic is now; `None` when it is left out. What is an error by itself stays one.
    pub(crate) fn severity<P>(&self, diagnostic: &Diagnostic<P>) -> Option<Severity> {
        let own = diagnostic.severity;
        if own == Severity::Error {
            return Some(own);
        }
        let of_group = || self.warnings.filter(|_| own == Severity::Warning);
        match self.codes.get(diagnostic.code.0).copied().or_else(of_group) {
            None => Some(own),
            Some(Level::Allow) => None,
            Some(Level::Warn) => Some(Severity::Warning),
            Some(Level::Deny) => Some(Severity::Error),
        }
    }
}

/// The code of that name.
pub(crate) fn known(name: &str) -> Result<&'static CodeInfo, LevelError> {
    codes::code(name).ok_or_else(|| {
        let names = codes::codes().iter().map(|info| info.code.0).chain([WARNINGS]);
        LevelError::Unknown { name: name.to_owned(), near: nearest(name, names) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowc_base::Code;

    fn severity(levels: &Levels, code: &'static str) -> Option<Severity> {
        let info = codes::code(code).unwrap();
        levels.severity(&Diagnostic::new(Code(code), info.severity, "", (), ""))
    }

    fn levels(set: &[(&str, Level)]) -> Levels {
        let mut levels = Levels::default();
        for (name, level) in set {
            levels.set(name, *level).unwrap();
        }
        levels
    }

    #[test]
    fn a_code_of_its_own_comes_before_the_group() {
        for set in [
            [("unused-let", Level::Allow), (WARNINGS, Level::Deny)],
            [(WARNINGS, Level::Deny), ("unused-let", Level::Allow)],
        ] {
            let levels = levels(&set);
            assert_eq!(severity(&levels, "unused-let"), None);
            assert_eq!(severity(&levels, "unused-import"), Some(Severity::Error));
            assert_eq!(severity(&levels, "syntax"), Some(Severity::Error));
        }
    }

    #[test]
    fn the_last_counts() {
        let levels = levels(&[("unused-let", Level::Allow), ("unused-let", Level::Deny)]);
        assert_eq!(severity(&levels, "unused-let"), Some(Severity::Error));
    }

    #[test]
    fn an_error_stays_one() {
        let mut levels = levels(&[(WARNINGS, Level::Allow), ("unknown-name", Level::Deny)]);
        assert_eq!(severity(&levels, "unknown-name"), Some(Severity::Error));
        for level in [Level::Allow, Level::Warn] {
            let error = levels.set("unknown-name", level).unwrap_err();
            assert_eq!(error, LevelError::Meaningless { code: "unknown-name", level });
        }
    }

    #[test]
    fn an_unknown_code_is_told_what_is_near() {
        let mut levels = Levels::default();
        let near = |error| match error {
            LevelError::Unknown { near, .. } => near,
            LevelError::Meaningless { .. } => None,
        };
        assert_eq!(near(levels.set("unused-lte", Level::Deny).unwrap_err()), Some("unused-let"));
        assert_eq!(near(levels.set("warning", Level::Deny).unwrap_err()), Some(WARNINGS));
        assert_eq!(near(levels.set("x", Level::Deny).unwrap_err()), None);
    }
}
