//! Runs: what is kept of each so that it can go on after a kill. It knows values and keys, not how a step is run.
mod id;
mod log;
mod state;
mod stored;
mod summary;

use std::io;
use std::path::PathBuf;

pub use id::RunId;
pub use log::RunLog;
pub use state::{Counts, RunFrame, RunHeader, RunState, RunStatus, RunSummary};

use crate::error::IoContext;
use crate::{Result, Store, StoreError, sys};

impl Store {
    fn run_dir(&self, id: &RunId) -> PathBuf {
        self.root().join("runs").join(id.as_str())
    }

    /// Starts a run: picks its name from `stem` (the program's file stem), makes its directory, takes its lease, and writes the header
    /// that `make_header` gives for that name as the first frame.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn create_run(&self, stem: &str, make_header: impl FnOnce(&RunId) -> RunHeader) -> Result<RunLog> {
        for attempt in 0.. {
            let id = RunId::generate(stem, sys::random(), 4 + attempt / 4);
            let dir = self.run_dir(&id);
            match std::fs::create_dir(&dir) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 32 => continue,
                Err(error) => return Err(error).at("create", &dir),
            }
            let lease = log::take_lease(&dir)?.ok_or_else(|| StoreError::Busy(id.clone()))?;
            let header = RunHeader { id: id.clone(), ..make_header(&id) };
            self.inner.index.flush()?;
            return RunLog::create(self, dir.clone(), lease, &header)
                .inspect_err(|_| drop(std::fs::remove_dir_all(&dir)));
        }
        Err(StoreError::BadRunId(stem.to_owned()))
    }

    /// Takes up a run: takes its lease and replays its checkpoint.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while a living process has it; [`StoreError::NoRun`]; [`StoreError::Corrupt`] when not even its header can be read.
    pub fn open_run(&self, id: &RunId) -> Result<(RunState, RunLog)> {
        let dir = self.run_dir(id);
        if !dir.is_dir() {
            return Err(StoreError::NoRun(id.clone()));
        }
        let lease = log::take_lease(&dir)?.ok_or_else(|| StoreError::Busy(id.clone()))?;
        self.refresh()?;
        RunLog::resume(self, dir, lease)
    }

    /// Whether a living process works on a run. Only looks; false when there is no such run.
    #[must_use]
    pub fn is_live(&self, id: &RunId) -> bool {
        log::is_live(&self.run_dir(id))
    }

    /// All runs, newest first. Those that cannot be read are left out.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    pub fn runs(&self) -> Result<Vec<RunSummary>> {
        let dir = self.root().join("runs");
        let mut runs = Vec::new();
        for entry in std::fs::read_dir(&dir).at("list", &dir)? {
            let path = entry.at("list", &dir)?.path();
            let summary = match summary::read(&path) {
                Some(summary) => summary,
                None => match stored::load(self, &path, false) {
                    Ok(loaded) => loaded.state.into(),
                    Err(_) => continue,
                },
            };
            runs.push(RunSummary { live: log::is_live(&path), ..summary });
        }
        runs.sort_by(|a, b| {
            (b.header.started_unix_ms, &b.header.id).cmp(&(a.header.started_unix_ms, &a.header.id))
        });
        Ok(runs)
    }

    /// Removes a run's checkpoint and logs; contents and results stay.
    ///
    /// # Errors
    /// [`StoreError::Busy`], [`StoreError::NoRun`], [`StoreError::Io`].
    pub fn remove_run(&self, id: &RunId) -> Result<()> {
        let dir = self.run_dir(id);
        if !dir.is_dir() {
            return Err(StoreError::NoRun(id.clone()));
        }
        let _lease = log::take_lease(&dir)?.ok_or_else(|| StoreError::Busy(id.clone()))?;
        // Gone at once for everyone else, however long it takes to delete.
        let aside = sys::unique(&self.root().join("tmp"));
        std::fs::rename(&dir, &aside).at("remove", &dir)?;
        std::fs::remove_dir_all(&aside).at("remove", &aside)
    }
}

#[cfg(test)]
mod tests;
