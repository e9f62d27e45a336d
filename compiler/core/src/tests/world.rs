//! A world in memory: files by path, and a log of the queries that ran.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use flowc_base::{LineIndex, Location};

use crate::db::{Database, Db};
use crate::findings::of_file;
use crate::resolve::program;
use crate::{Compiler, EntryKind, Report, System};

/// Files in memory.
#[derive(Default)]
pub(crate) struct Files(Mutex<BTreeMap<PathBuf, String>>);

impl Files {
    pub(crate) fn write(&self, path: PathBuf, text: &str) {
        self.0.lock().unwrap().insert(path, text.to_owned());
    }
}

impl System for Files {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        self.0.lock().unwrap().get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let files = self.0.lock().unwrap();
        if files.contains_key(path) {
            return Some(EntryKind::File);
        }
        files.keys().any(|file| file.starts_with(path)).then_some(EntryKind::Dir)
    }

    fn has_program(&self, name: &str) -> bool {
        !name.starts_with("no-such-")
    }

    fn programs(&self) -> Vec<String> {
        ["cat", "sort", "no-such"].map(str::to_owned).into()
    }

    fn list(&self, path: &Path) -> Vec<String> {
        let files = self.0.lock().unwrap();
        let beside = files.keys().filter(|file| file.parent() == Some(path));
        beside.filter_map(|file| Some(file.file_name()?.to_str()?.to_owned())).collect()
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

    /// Says that a file will be edited.
    pub(crate) fn open(&mut self, path: &str) {
        self.db.reread(&full(path));
    }

    /// What the facade says of a file and of what it uses.
    pub(crate) fn report(&self, path: &str) -> Report {
        Compiler::new(Arc::clone(&self.files) as Arc<dyn System>).check(&[full(path)])
    }

    /// Everything that is wrong with a file and what it uses, by place, as the facade says it.
    pub(crate) fn check(&self, path: &str) -> Vec<Found> {
        let report = self.report(path);
        let name = |at: Location| {
            let path = report.files.path(at.file).unwrap();
            path.file_name().unwrap().to_string_lossy().into_owned()
        };
        let text = |at: Location| report.files.text(at.file).unwrap();
        let found = report.diagnostics.iter().map(|diag| {
            let at = diag.primary.place;
            let line_col = LineIndex::new(text(at)).line_col(text(at), at.span.start);
            Found {
                file: name(at),
                line: line_col.line,
                severity: format!("{:?}", diag.severity).to_lowercase(),
                code: diag.code.0.to_owned(),
                message: diag.message.clone(),
                marked: at.span.slice(text(at)).to_owned(),
                hints: diag.hints.clone(),
                fix: diag.fix.as_ref().map(|fix| fix.edits[0].text.clone()),
                labels: diag
                    .secondary
                    .iter()
                    .map(|label| format!("{}: {}", label.place.span.slice(text(label.place)), label.text))
                    .collect(),
            }
        });
        found.collect()
    }

    /// Everything that is found in a file and in what it uses, as an editor asks for it: for those who count queries.
    pub(crate) fn query(&self, path: &str) -> usize {
        let main = self.db.source(&full(path));
        let files = program(&self.db, &[main]).into_iter();
        files.map(|file| of_file(&self.db, &*self.files, file, true).len()).sum()
    }

    /// The items of a file, as the database tells them apart.
    pub(crate) fn items(&self, path: &str) -> Vec<String> {
        let file = self.db.source(&full(path));
        crate::items::items(&self.db, file).iter().map(|item| format!("{item:?}")).collect()
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
