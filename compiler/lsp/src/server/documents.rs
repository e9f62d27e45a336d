//! Documents that are opened, edited and closed; files that change on disk; folders that come and go.
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, FileChangeType, TextDocumentContentChangeEvent,
};
use serde_json::Value;

use super::start::read;
use super::{Done, Server};
use crate::lines::Lines;
use crate::open::Document;
use crate::{uri, walk};

impl Server {
    pub(super) fn opened(&mut self, params: Value) -> Result<(), serde_json::Error> {
        let document = read::<DidOpenTextDocumentParams>(params)?.text_document;
        let path = self.shared.path(&document.uri);
        if path.is_relative() {
            // A file of the library: what is shown of it is what it is.
            return Ok(());
        }
        let text = Arc::from(document.text);
        self.put(&path, Document { uri: document.uri, version: document.version, text });
        Ok(())
    }

    fn put(&mut self, path: &Path, document: Document) {
        self.shared.open.set(path, document);
        self.workspace.changed(path);
        self.check_edited(path);
    }

    pub(super) fn edited(&mut self, params: Value) -> Result<(), serde_json::Error> {
        let params = read::<DidChangeTextDocumentParams>(params)?;
        let path = self.shared.path(&params.text_document.uri);
        let Some(document) = self.shared.open.get(&path) else {
            self.log(1, &format!("an edit of {}, which is not open", params.text_document.uri.as_str()));
            return Ok(());
        };
        let mut text = document.text.to_string();
        for change in params.content_changes {
            self.apply(&mut text, &change);
        }
        let version = params.text_document.version;
        self.put(&path, Document { uri: document.uri, version, text: Arc::from(text) });
        Ok(())
    }

    fn apply(&self, text: &mut String, change: &TextDocumentContentChangeEvent) {
        match change.range {
            Some(range) => {
                let span = Lines::new(text, self.shared.client.encoding).span(text, range);
                text.replace_range(span.start as usize..span.end as usize, &change.text);
            }
            None => text.clone_from(&change.text),
        }
    }

    pub(super) fn closed(&mut self, params: Value) -> Result<(), serde_json::Error> {
        let params = read::<DidCloseTextDocumentParams>(params)?;
        let path = self.shared.path(&params.text_document.uri);
        if path.is_relative() {
            return Ok(());
        }
        self.shared.open.close(&path);
        self.workspace.changed(&path);
        if !self.files.contains(&path) {
            self.clear(&path, &params.text_document.uri);
        }
        self.check_soon();
        Ok(())
    }

    pub(super) fn changed_on_disk(&mut self, params: Value) -> Result<(), serde_json::Error> {
        let params = read::<DidChangeWatchedFilesParams>(params)?;
        let mut files = self.files.clone();
        for change in params.changes {
            let Some(path) = uri::to_path(&change.uri) else { continue };
            if change.typ == FileChangeType::DELETED {
                // With a directory all goes that is in it.
                let gone: Vec<PathBuf> =
                    files.iter().filter(|file| file.starts_with(&path)).cloned().collect();
                for file in gone {
                    files.remove(&file);
                    self.workspace.changed(&file);
                    if self.shared.open.get(&file).is_none() {
                        self.forget(&file);
                    }
                }
            } else if walk::belongs(&path, &self.folders) && files.len() < walk::FILES_MAX {
                files.insert(path.clone());
            }
            self.workspace.changed(&path);
        }
        if files != self.files {
            self.set_files(files);
        }
        self.check_soon();
        Ok(())
    }

    pub(super) fn folders_changed(&mut self, params: Value) -> Result<(), serde_json::Error> {
        let event = read::<DidChangeWorkspaceFoldersParams>(params)?.event;
        let paths = |folders: &[lsp_types::WorkspaceFolder]| -> Vec<PathBuf> {
            folders.iter().filter_map(|folder| uri::to_path(&folder.uri)).collect()
        };
        let removed = paths(&event.removed);
        self.folders.retain(|folder| !removed.contains(folder));
        self.folders.extend(paths(&event.added));
        self.look_for_files();
        Ok(())
    }

    /// Looks for the files of the workspace, beside everything else.
    pub(super) fn look_for_files(&self) {
        let (open, folders, done) = (Arc::clone(&self.shared.open), self.folders.clone(), self.done.clone());
        // A thread of its own: on a slow disk it takes long, and no handle of the database may wait behind it.
        std::thread::spawn(move || {
            let _ = done.send(Done::Files(walk::flow_files(&*open, &folders)));
        });
    }

    pub(super) fn files_found(&mut self, files: BTreeSet<PathBuf>) {
        let gone: Vec<PathBuf> = self.files.difference(&files).cloned().collect();
        for path in gone {
            if self.shared.open.get(&path).is_none() {
                self.forget(&path);
            }
        }
        self.set_files(files);
        self.check_soon();
    }

    fn set_files(&mut self, files: BTreeSet<PathBuf>) {
        self.workspace.set_files(files.clone());
        self.files = files;
    }
}
