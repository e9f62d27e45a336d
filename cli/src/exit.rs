//! How flowc ends: the documented exit codes, and the early end of a command with a message for the user. It does not know what a command does.
use std::fmt;

/// An exit code of the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Exit(pub(crate) u8);

impl Exit {
    /// Everything that was asked for is done.
    pub(crate) const DONE: Self = Self(0);
    /// The run failed: a step did, for good.
    pub(crate) const FAILED: Self = Self(1);
    /// `fmt --check` found files that are not in the one style.
    pub(crate) const DIFFERS: Self = Self(1);
    /// The program or the call is wrong; nothing ran.
    pub(crate) const WRONG: Self = Self(2);
    /// The environment failed: a full disk, a store that cannot be read, something in the way of results.
    pub(crate) const ENVIRONMENT: Self = Self(3);
    /// A bug of flowc.
    pub(crate) const BUG: Self = Self(70);
    /// Stopped by Ctrl-C.
    pub(crate) const INTERRUPTED: Self = Self(130);

    /// Stopped by a signal, as shells count: 128 and its number.
    pub(crate) fn by_signal(signal: i32) -> Self {
        u8::try_from(signal).map_or(Self::INTERRUPTED, |signal| Self(128u8.saturating_add(signal)))
    }
}

/// Why a command ends before it is through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Stop {
    /// How the process ends.
    pub(crate) exit: Exit,
    /// What to tell the user; `None` when all is said already.
    pub(crate) message: Option<String>,
    /// What the user can do, one sentence each.
    pub(crate) hints: Vec<String>,
}

impl Stop {
    /// The program or the call is wrong.
    pub(crate) fn wrong(message: impl Into<String>) -> Self {
        Self::new(Exit::WRONG, message)
    }

    /// The environment failed.
    pub(crate) fn environment(message: impl Into<String>) -> Self {
        Self::new(Exit::ENVIRONMENT, message)
    }

    /// An end with a message.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: Some(message.into()), hints: Vec::new() }
    }

    /// An end about which nothing more is to be said.
    pub(crate) fn silent(exit: Exit) -> Self {
        Self { exit, message: None, hints: Vec::new() }
    }

    /// The document that stands for a result; `None` when all is said already.
    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        let message = self.message.as_deref()?;
        let status = match self.exit {
            Exit::WRONG => "refused",
            Exit::BUG => "bug",
            _ => "error",
        };
        Some(serde_json::json!({ "status": status, "message": message, "hints": self.hints }))
    }

    /// Adds what the user can do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message.as_deref().unwrap_or_default())
    }
}

impl From<flowc_store::StoreError> for Stop {
    fn from(error: flowc_store::StoreError) -> Self {
        use flowc_store::StoreError as E;
        let stop = Self::environment(error.to_string());
        match error {
            E::NoRun(_) | E::BadRunId(_) => {
                Self { exit: Exit::WRONG, ..stop }.hint("`flowc runs` lists the runs of this project")
            }
            E::Busy(_) => stop.hint("wait for it, or stop it"),
            E::Format { .. } => stop.hint("remove the store, or name another one with `--store`"),
            error if error.is_full() => stop.hint("free some space and go on with `flowc resume`"),
            _ => stop,
        }
    }
}
