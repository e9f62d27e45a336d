//! A diagnostic: a plain, comparable value. Where it points (`P`) is the holder's business: the compiler's queries
//! use places relative to an item, rendering uses [`Location`].
use serde::{Deserialize, Serialize};

use crate::Location;

/// The stable, kebab-case name of a kind of diagnostic, as in `error[unknown-name]`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize)]
pub struct Code(pub &'static str);

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The program means nothing: it does not run.
    Error,
    /// It runs, and probably not as meant.
    Warning,
    /// Style, or a fact worth knowing.
    Note,
}

/// A place with a few words about it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Label<P = Location> {
    /// Where.
    pub place: P,
    /// What is to be seen there; may be empty.
    pub text: String,
}

/// Whether a machine may apply a fix without a person looking at it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Certainly what is meant.
    Always,
    /// Probably: a person decides.
    Maybe,
}

/// Replace what stands at `place` by `text`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Edit<P = Location> {
    /// What is replaced; empty to insert.
    pub place: P,
    /// What is put there.
    pub text: String,
}

/// A change that mends the program.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Fix<P = Location> {
    /// What it does, as an imperative: "write `count`".
    pub title: String,
    /// All of its edits, none overlapping another.
    pub edits: Vec<Edit<P>>,
    /// Who may apply it.
    pub applicability: Applicability,
}

/// One thing to tell the user.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Diagnostic<P = Location> {
    /// Which kind.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// One terse phrase, lower case, names in backticks, no final period; meaningful alone.
    pub message: String,
    /// The place it is about.
    pub primary: Label<P>,
    /// Other places that matter, such as the declaration.
    pub secondary: Vec<Label<P>>,
    /// What to do, one sentence each.
    pub hints: Vec<String>,
    /// The change that mends it, where there is one.
    pub fix: Option<Fix<P>>,
}

impl<P> Diagnostic<P> {
    /// A diagnostic with nothing but its message and its place.
    pub fn new(
        code: Code,
        severity: Severity,
        message: impl Into<String>,
        place: P,
        label: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            primary: Label { place, text: label.into() },
            secondary: Vec::new(),
            hints: Vec::new(),
            fix: None,
        }
    }

    /// Adds another place.
    #[must_use]
    pub fn with_label(mut self, place: P, text: impl Into<String>) -> Self {
        self.secondary.push(Label { place, text: text.into() });
        self
    }

    /// Adds a sentence that says what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds the change that mends it.
    #[must_use]
    pub fn with_fix(
        mut self,
        title: impl Into<String>,
        applicability: Applicability,
        edits: Vec<Edit<P>>,
    ) -> Self {
        self.fix = Some(Fix { title: title.into(), edits, applicability });
        self
    }

    /// The same diagnostic with every place translated.
    pub fn map_places<Q>(self, mut f: impl FnMut(P) -> Q) -> Diagnostic<Q> {
        Diagnostic {
            code: self.code,
            severity: self.severity,
            message: self.message,
            primary: Label { place: f(self.primary.place), text: self.primary.text },
            secondary: self
                .secondary
                .into_iter()
                .map(|l| Label { place: f(l.place), text: l.text })
                .collect(),
            hints: self.hints,
            fix: self.fix.map(|fix| Fix {
                title: fix.title,
                applicability: fix.applicability,
                edits: fix.edits.into_iter().map(|e| Edit { place: f(e.place), text: e.text }).collect(),
            }),
        }
    }
}
