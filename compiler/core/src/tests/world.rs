//! A world in memory: files by path, and a log of the queries that ran.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use flowc_base::LineIndex;

use crate::check::check_file;
use crate::db::{Database, Db, Diag};
use crate::items::locate;
use crate::resolve::program;
use crate::{EntryKind, System};

/// Files in memory.
#[derive(Default)]
pub(crate) struct Files(Mutex<BTreeMap<PathBuf, String>>);

impl System for Files {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        self.0.lock().unwrap().get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        self.0.lock().unwrap().contains_key(path).then_some(EntryKind::File)
    }
}

pub(crate) struct World {
    files: Arc<Files>,
    pub(crate) db: Database,
    log: Arc<Mutex<Vec<String>>>,
}

impl World {
    pub(crate) fn new() -> Self {
        let files = Arc::new(Files::default());
        let log = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&log);
        let events = move |event: salsa::Event| {
            if let salsa::EventKind::WillExecute { database_key } = event.kind {
                seen.lock().unwrap().push(format!("{database_key:?}"));
            }
        };
        let db = Database::with_events(Arc::clone(&files) as Arc<dyn System>, Some(Box::new(events)));
        Self { files, db, log }
    }

    /// Writes a file and tells the database.
    pub(crate) fn write(&mut self, path: &str, text: &str) {
        self.files.0.lock().unwrap().insert(full(path), text.to_owned());
        self.db.refresh();
    }

    /// Everything that is wrong with a file and what it uses, by place: `file:line:column-end` apart.
    pub(crate) fn check(&self, path: &str) -> Vec<Found> {
        let main = self.db.source(&full(path));
        let mut found = Vec::new();
        for file in program(&self.db, &[main]) {
            found.extend(check_file(&self.db, file).iter().map(|diag| self.found(diag)));
        }
        found.sort();
        found
    }

    fn found(&self, diag: &Diag) -> Found {
        let (file, span) = locate(&self.db, diag.primary.place);
        let text = file.text(&self.db).clone().unwrap_or_default();
        let at = LineIndex::new(&text).line_col(&text, span.start);
        Found {
            file: file.path(&self.db).file_name().unwrap().to_string_lossy().into_owned(),
            line: at.line,
            col: at.col,
            severity: format!("{:?}", diag.severity).to_lowercase(),
            code: diag.code.0.to_owned(),
            message: diag.message.clone(),
            marked: span.slice(&text).to_owned(),
            hints: diag.hints.clone(),
            fix: diag.fix.as_ref().map(|fix| fix.edits[0].text.clone()),
            labels: diag
                .secondary
                .iter()
                .map(|label| {
                    let (file, span) = locate(&self.db, label.place);
                    let text = file.text(&self.db).clone().unwrap_or_default();
                    format!("{}: {}", span.slice(&text), label.text)
                })
                .collect(),
        }
    }

    /// The queries that ran since the last call, without their keys, counted.
    pub(crate) fn ran(&self) -> Vec<String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for key in self.log.lock().unwrap().drain(..) {
            *counts.entry(key.split('(').next().unwrap().to_owned()).or_default() += 1;
        }
        counts.into_iter().map(|(name, count)| format!("{name} {count}")).collect()
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Found {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) col: u32,
    pub(crate) severity: String,
    pub(crate) code: String,
    pub(crate) message: String,
    /// The text that the place covers.
    pub(crate) marked: String,
    pub(crate) hints: Vec<String>,
    pub(crate) fix: Option<String>,
    pub(crate) labels: Vec<String>,
}

pub(crate) fn full(path: &str) -> PathBuf {
    Path::new("/project").join(path)
}
