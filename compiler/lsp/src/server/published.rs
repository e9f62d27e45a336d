//! What is wrong, told as one types: in the file that is edited at once, in all others a little after the last edit; sent where it differs
//! from what was sent before. What was found in texts that are not there any more is not sent.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flowc_compiler::ide::Analysis;
use lsp_types::{Diagnostic, PublishDiagnosticsParams, Uri};

use super::{Done, Server};
use crate::convert::{Places, Shared};
use crate::diagnostics::convert;

/// How long nothing is to be typed before it is looked what is wrong in other files.
const PAUSE: Duration = Duration::from_millis(80);

/// What was sent of a file.
struct Sent {
    uri: Uri,
    version: Option<i32>,
    found: Vec<Diagnostic>,
}

/// What the client was told.
#[derive(Default)]
pub(crate) struct Published {
    /// Counts up with every change of a text.
    generation: u64,
    sent: BTreeMap<PathBuf, Sent>,
    /// The file that was edited last.
    last: Option<PathBuf>,
}

impl Server {
    /// Looks what is wrong when nothing has changed for a little while.
    pub(super) fn check_soon(&mut self) {
        self.published.generation += 1;
        self.due = Some(Instant::now() + PAUSE);
    }

    /// Looks what is wrong in one file, which was edited, and in the others when nothing has changed for a little while.
    pub(super) fn check_edited(&mut self, path: &Path) {
        self.published.last = Some(path.to_owned());
        self.check_soon();
        self.look(vec![path.to_owned()]);
    }

    /// Looks what is wrong: in the file that was edited last, in those that are open, in all others.
    pub(super) fn check(&mut self) {
        self.due = None;
        let versions = self.versions();
        let last = self.published.last.clone().filter(|path| versions.contains_key(path));
        let others = self.files.iter().filter(|path| !versions.contains_key(*path));
        let open = versions.keys().filter(|path| last.as_ref() != Some(path));
        self.look(last.iter().chain(open).chain(others).cloned().collect());
    }

    /// Looks what is wrong in these files, one after the other, aside.
    fn look(&self, paths: Vec<PathBuf>) {
        let versions = self.versions();
        let generation = self.published.generation;
        let (analysis, shared, done) = (self.workspace.analysis(), self.shared.clone(), self.done.clone());
        self.pool.background(move || {
            for path in paths {
                let version = versions.get(&path).copied();
                match analysis.ask(|analysis| found(analysis, &shared, &path)) {
                    Ok(found) => {
                        let _ = done.send(Done::Diagnostics { generation, path, version, found });
                    }
                    // The edit that stopped this asks for another look.
                    Err(flowc_compiler::ide::Stopped::Cancelled) => return,
                    Err(flowc_compiler::ide::Stopped::Bug(why)) => {
                        let _ = done.send(Done::Bug(format!("checking {}: {why}", path.display())));
                    }
                }
            }
        });
    }

    /// Tells the client what was found in a file, if its text is still the one that was looked at and it was told something else.
    pub(super) fn publish(
        &mut self,
        generation: u64,
        path: PathBuf,
        version: Option<i32>,
        found: Vec<Diagnostic>,
    ) {
        if generation != self.published.generation {
            return;
        }
        let document = self.shared.open.get(&path);
        let before = self.published.sent.get(&path);
        let same = match before {
            Some(sent) => sent.found == found && (sent.version == version || found.is_empty()),
            // Of a file that is not open nobody waits to hear that nothing is wrong.
            None => found.is_empty() && document.is_none(),
        };
        if same {
            return;
        }
        let uri = document.map(|document| document.uri).or_else(|| before.map(|sent| sent.uri.clone()));
        let Some(uri) = uri.or_else(|| crate::uri::from_path(&path)) else { return };
        self.tell(uri.clone(), version, found.clone());
        self.published.sent.insert(path, Sent { uri, version, found });
    }

    /// Nothing is wrong with a file that nobody looks at any more.
    pub(super) fn clear(&mut self, path: &Path, uri: &Uri) {
        self.published.sent.remove(path);
        self.tell(uri.clone(), None, Vec::new());
    }

    /// Nothing is wrong with a file that is gone.
    pub(super) fn forget(&mut self, path: &Path) {
        if let Some(sent) = self.published.sent.remove(path)
            && !sent.found.is_empty()
        {
            self.tell(sent.uri, None, Vec::new());
        }
    }

    fn tell(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        let params = PublishDiagnosticsParams { uri, diagnostics, version };
        if let Ok(params) = serde_json::to_value(params) {
            self.notify("textDocument/publishDiagnostics", params);
        }
    }
}

fn found(analysis: &Analysis, shared: &Shared, path: &Path) -> Vec<Diagnostic> {
    let places = Places::new(analysis, shared);
    analysis.diagnostics(path).iter().map(|diagnostic| convert(&places, diagnostic)).collect()
}
