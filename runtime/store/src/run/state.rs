//! What a checkpoint says: its frames, and the state that they add up to.
use std::collections::{BTreeMap, BTreeSet};

use flowc_base::Name;
use flowc_plan::{ContentHash, Value};
use serde::{Deserialize, Serialize};

use super::RunId;

/// What a run was started with; the first thing in its checkpoint.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunHeader {
    /// The run.
    pub id: RunId,
    /// When it was started, in milliseconds since 1970.
    pub started_unix_ms: u64,
    /// The program, as the user named it.
    pub program: String,
    /// The flow.
    pub flow: Name,
    /// The flow's arguments as they were typed: name, text.
    pub args: Vec<(String, String)>,
    /// The serialised plan: a content of the store.
    pub plan: ContentHash,
    /// The project's directory; absolute.
    pub project: String,
    /// The options of the run, for whoever wrote them; the store does not look into it.
    pub options: String,
    /// The version of the flowc that started it.
    pub flowc_version: String,
}

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Everything that was asked for is there.
    Done,
    /// A step failed for good.
    Failed,
    /// A person stopped it.
    Cancelled,
    /// It waits for a person.
    Waiting,
}

/// How many steps came out how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Steps that ran.
    pub ran: u64,
    /// Steps whose result was there already.
    pub found: u64,
    /// Steps that failed for good.
    pub failed: u64,
    /// Steps that did not run because another failed or the run was stopped.
    pub skipped: u64,
}

/// One change of a run's state.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum RunFrame {
    /// Something was read from the user's tree or environment; a resume takes it from here.
    Source {
        /// Which source: the engine's own name for it.
        id: ContentHash,
        /// What was read.
        value: Value,
    },
    /// A step finished, or its result was found.
    Finished {
        /// Its key.
        key: ContentHash,
        /// Its value, where the index may not keep it (`cache never`, `cache run`); else `None`: the index has it.
        value: Option<Value>,
        /// Whether it ran; else its result was found.
        ran: bool,
    },
    /// A step failed for good.
    Failed {
        /// Its key.
        key: ContentHash,
        /// What a person calls it.
        label: Name,
        /// Why.
        message: String,
    },
    /// The run stopped in good order. A frame after this one, other than [`RunFrame::Delivered`], means that it was taken up again.
    Ended {
        /// How.
        status: RunStatus,
        /// How many steps came out how.
        counts: Counts,
        /// When, in milliseconds since 1970.
        unix_ms: u64,
    },
    /// What the run made has been handed out: it is finished.
    Delivered,
}

/// What the checkpoint of a run adds up to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunState {
    /// What it was started with.
    pub header: RunHeader,
    /// What was read from outside, by [`RunFrame::Source`]'s id.
    pub sources: BTreeMap<ContentHash, Value>,
    /// The values that only the checkpoint has. One whose content is gone is not here and not in `finished`.
    pub results: BTreeMap<ContentHash, Value>,
    /// The keys of all finished steps. The index can have lost what it knew of one (damage, another version): then it runs again.
    pub finished: BTreeSet<ContentHash>,
    /// The steps that failed since the run was last taken up: label and message, by key.
    pub failed: BTreeMap<ContentHash, (Name, String)>,
    /// How it ended: status, counts, and when (milliseconds since 1970); `None` while it runs or after a kill.
    pub ended: Option<(RunStatus, Counts, u64)>,
    /// Steps so far.
    pub counts: Counts,
    /// Whether what it made has been handed out since it ended.
    #[serde(default)]
    pub delivered: bool,
}

impl RunState {
    /// A run in which nothing has happened.
    #[must_use]
    pub fn new(header: RunHeader) -> Self {
        Self {
            header,
            sources: BTreeMap::new(),
            results: BTreeMap::new(),
            finished: BTreeSet::new(),
            failed: BTreeMap::new(),
            ended: None,
            counts: Counts::default(),
            delivered: false,
        }
    }

    /// Takes in one change.
    pub fn apply(&mut self, frame: RunFrame) {
        self.delivered = matches!(frame, RunFrame::Delivered) && self.ended.is_some();
        if self.delivered {
            return;
        }
        if self.ended.take().is_some() {
            self.failed.clear();
            self.counts.failed = 0;
        }
        match frame {
            RunFrame::Source { id, value } => {
                self.sources.insert(id, value);
            }
            RunFrame::Finished { key, value, ran } => {
                self.failed.remove(&key);
                if self.finished.insert(key) {
                    *(if ran { &mut self.counts.ran } else { &mut self.counts.found }) += 1;
                }
                if let Some(value) = value {
                    self.results.insert(key, value);
                }
            }
            RunFrame::Failed { key, label, message } => {
                self.failed.insert(key, (label, message));
                self.counts.failed = self.failed.len() as u64;
            }
            RunFrame::Ended { status, counts, unix_ms } => self.ended = Some((status, counts, unix_ms)),
            // Of an end that is not there.
            RunFrame::Delivered => {}
        }
    }
}

/// A run in a list of runs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunSummary {
    /// What it was started with.
    pub header: RunHeader,
    /// Whether a living process works on it.
    #[serde(skip)]
    pub live: bool,
    /// How it ended: `None` while it runs or after a kill.
    pub ended: Option<RunStatus>,
    /// When it ended, in milliseconds since 1970: for a run that was taken up again, the last time.
    pub ended_unix_ms: Option<u64>,
    /// How many steps came out how: of the last session when it ended in good order, else as far as its checkpoint says.
    pub counts: Counts,
    /// Whether what it made has been handed out since it ended.
    pub delivered: bool,
}

impl RunSummary {
    /// Whether there is nothing left to do for it: it is done, and what it made has been handed out.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.ended == Some(RunStatus::Done) && self.delivered
    }
}

impl From<RunState> for RunSummary {
    fn from(state: RunState) -> Self {
        let RunState { header, ended, counts, delivered, .. } = state;
        let (ended, ended_unix_ms, counts) = match ended {
            Some((status, counts, unix_ms)) => (Some(status), Some(unix_ms), counts),
            None => (None, None, counts),
        };
        Self { header, live: false, ended, ended_unix_ms, counts, delivered }
    }
}
