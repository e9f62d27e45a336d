//! Why a run could not be started or could not go on: apart from the failures of its steps, which are an outcome.
use flowc_store::StoreError;

/// Why the engine could not do its work.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct EngineError {
    /// To branch on: `missing-source`, `needs`, `store`, `disk-full`, `busy`, `no-run`, `no-plan`, `bug` …
    pub kind: &'static str,
    /// Whose fault it is: it decides the exit code.
    pub origin: ErrorOrigin,
    /// What is wrong, and where; one sentence or two, the second saying what to do.
    pub message: String,
}

/// Whose fault an error is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorOrigin {
    /// The program's, or what it was given.
    Program,
    /// The machine's: disk, permissions, processes.
    Environment,
    /// Ours.
    Bug,
}

impl EngineError {
    pub(crate) fn program(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, origin: ErrorOrigin::Program, message: message.into() }
    }

    pub(crate) fn environment(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, origin: ErrorOrigin::Environment, message: message.into() }
    }

    pub(crate) fn bug(message: impl Into<String>) -> Self {
        Self { kind: "bug", origin: ErrorOrigin::Bug, message: message.into() }
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Busy(_) => "busy",
            StoreError::NoRun(_) | StoreError::BadRunId(_) => {
                return Self::program("no-run", error.to_string());
            }
            StoreError::Format { .. } => "format",
            StoreError::NotDurable { .. } => "not-durable",
            _ if error.is_full() => "disk-full",
            _ => "store",
        };
        Self::environment(kind, error.to_string())
    }
}
