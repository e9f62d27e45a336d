//! A remembered result: plain data, written once, never changed. It does not know what a key is made of.
use flowc_base::Name;
use flowc_plan::{ContentHash, Value};
use serde::{Deserialize, Serialize};

use crate::RunId;

/// What is remembered of a finished step, under its key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// Its value.
    pub value: Value,
    /// What it wrote to its standard output, if that was kept.
    pub stdout: Option<ContentHash>,
    /// What it wrote to its standard error, if that was kept.
    pub stderr: Option<ContentHash>,
    /// The task's name.
    pub task: Name,
    /// What a person calls the step: `main.counts[3]`.
    pub label: Name,
    /// The run that made it.
    pub run: RunId,
    /// When it finished, in milliseconds since 1970; for people and for [`Record::expires_unix_ms`].
    pub finished_unix_ms: u64,
    /// How long it ran, in microseconds.
    pub duration_us: u64,
    /// From when on it no longer counts, in milliseconds since 1970; `None`: never.
    pub expires_unix_ms: Option<u64>,
}

impl Record {
    /// Calls `f` with every content that the record names: of its value (trees of directories, not what they list), and its logs.
    pub fn for_each_artifact(&self, f: &mut impl FnMut(&ContentHash)) {
        self.value.for_each_artifact(f);
        self.stdout.iter().chain(&self.stderr).for_each(f);
    }
}
