//! The owner of the state: messages in their order, edits at once, questions to the workers, what they found to the client.
mod documents;
mod published;
mod start;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use flowc_compiler::System;
use flowc_compiler::ide::{Canceller, Stopped, Workspace};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde_json::{Value, json};

use crate::answers;
use crate::convert::Shared;
use crate::pool::Pool;
use crate::transport::{Incoming, Outgoing};
use published::Published;

/// The code of an answer that an edit made worthless.
const CONTENT_MODIFIED: i32 = ErrorCode::ContentModified as i32;
/// The code of an answer that the client does not want any more.
const REQUEST_CANCELED: i32 = ErrorCode::RequestCanceled as i32;

/// What a worker has done.
pub(crate) enum Done {
    /// An answer to the client.
    Answer(Response),
    /// The files of the workspace.
    Files(BTreeSet<PathBuf>),
    /// What is wrong with a file, found in a generation of texts.
    Diagnostics { generation: u64, path: PathBuf, version: Option<i32>, found: Vec<lsp_types::Diagnostic> },
    /// A bug of ours.
    Bug(String),
}

/// A question that is being answered.
struct Running {
    canceller: Canceller,
    taken_back: Arc<AtomicBool>,
}

/// The state.
pub(crate) struct Server {
    outgoing: Sender<Outgoing>,
    workspace: Workspace,
    shared: Shared,
    pool: Pool,
    running: HashMap<RequestId, Running>,
    done: Sender<Done>,
    /// The folders of the workspace, and the files in them.
    folders: Vec<PathBuf>,
    files: BTreeSet<PathBuf>,
    published: Published,
    /// When what is wrong is to be found out again.
    due: Option<Instant>,
    shutting_down: bool,
    requests: i32,
}

/// Serves until the client says goodbye or its stream ends; true when it did so in order.
pub(crate) fn run(
    system: Arc<dyn System>,
    version: &str,
    pages: crate::Pages,
    incoming: &Receiver<Incoming>,
    outgoing: Sender<Outgoing>,
) -> bool {
    let (done, finished) = unbounded();
    let Some(mut server) = start::start(system, version, pages, incoming, outgoing, done) else {
        return false;
    };
    loop {
        let timeout = server.due.map_or_else(crossbeam_channel::never, crossbeam_channel::at);
        select! {
            recv(incoming) -> message => match message {
                Ok(Incoming::Message(Message::Notification(it))) if it.method == "exit" => return server.shutting_down,
                Ok(Incoming::Message(message)) => server.take(message),
                Ok(Incoming::Malformed(why)) => server.malformed(why),
                Err(_) => return server.shutting_down,
            },
            recv(finished) -> done => if let Ok(done) = done {
                server.finish(done);
            },
            recv(timeout) -> _ => server.check(),
        }
    }
}

impl Server {
    pub(crate) fn send(&self, message: impl Into<Message>) {
        // When nobody reads any more, the reader ends the loop.
        let _ = self.outgoing.send(Outgoing::Message(message.into()));
    }

    pub(crate) fn notify(&self, method: &str, params: Value) {
        self.send(Notification { method: method.to_owned(), params });
    }

    /// Asks the client something whose answer nobody waits for.
    pub(crate) fn request(&mut self, method: &str, params: Value) {
        self.requests += 1;
        self.send(Request { id: self.requests.into(), method: method.to_owned(), params });
    }

    fn malformed(&self, why: String) {
        let _ = self.outgoing.send(Outgoing::Malformed(why));
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Request(request) => self.question(request),
            Message::Notification(notification) => self.notified(notification),
            Message::Response(_) => {}
        }
    }

    fn question(&mut self, request: Request) {
        let Request { id, method, params } = request;
        let refuse = |code: ErrorCode, why: String| Response::new_err(id.clone(), code as i32, why);
        if self.shutting_down {
            return self.send(refuse(ErrorCode::InvalidRequest, "the server is shutting down".to_owned()));
        }
        if method == "shutdown" {
            self.shutting_down = true;
            return self.send(Response::new_ok(id, Value::Null));
        }
        if method == "initialize" {
            return self
                .send(refuse(ErrorCode::InvalidRequest, "the server is initialized already".to_owned()));
        }
        let Some(answer) = answers::of_method(&method) else {
            return self.send(refuse(ErrorCode::MethodNotFound, format!("there is no `{method}`")));
        };
        if self.running.contains_key(&id) {
            return self.send(refuse(ErrorCode::InvalidRequest, "another request has this id".to_owned()));
        }
        let analysis = self.workspace.analysis();
        let taken_back = Arc::new(AtomicBool::new(false));
        let running = Running { canceller: analysis.canceller(), taken_back: Arc::clone(&taken_back) };
        self.running.insert(id.clone(), running);
        let (shared, done) = (self.shared.clone(), self.done.clone());
        self.pool.ask(move || {
            let answered = analysis.ask(|analysis| answers::answer(analysis, &shared, answer, params));
            // An edit waits for this handle: it goes before anything else is done.
            drop(analysis);
            let response = match answered {
                Ok(Ok(value)) => Response::new_ok(id, value),
                Ok(Err((code, why))) => Response::new_err(id, code, why),
                Err(Stopped::Cancelled) if taken_back.load(Ordering::Relaxed) => {
                    Response::new_err(id, REQUEST_CANCELED, "the request was taken back".to_owned())
                }
                Err(Stopped::Cancelled) => {
                    Response::new_err(id, CONTENT_MODIFIED, "the text changed meanwhile".to_owned())
                }
                Err(Stopped::Bug(why)) => {
                    let _ = done.send(Done::Bug(format!("`{method}`: {why}")));
                    Response::new_err(id, ErrorCode::InternalError as i32, format!("a bug of flowc: {why}"))
                }
            };
            let _ = done.send(Done::Answer(response));
        });
    }

    fn notified(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        let known = match &*method {
            "$/cancelRequest" => {
                self.take_back(&params);
                Ok(())
            }
            "textDocument/didOpen" => self.opened(params),
            "textDocument/didChange" => self.edited(params),
            "textDocument/didClose" => self.closed(params),
            "workspace/didChangeWatchedFiles" => self.changed_on_disk(params),
            "workspace/didChangeWorkspaceFolders" => self.folders_changed(params),
            "textDocument/didSave" => {
                // What stands on disk beside the text may have changed with it.
                self.check_soon();
                Ok(())
            }
            // What is not known may be left out.
            _ => Ok(()),
        };
        if let Err(error) = known {
            self.log(1, &format!("`{method}`: {error}"));
        }
    }

    fn take_back(&self, params: &Value) {
        let id = match params.get("id") {
            Some(Value::Number(number)) => {
                number.as_i64().and_then(|n| i32::try_from(n).ok()).map(RequestId::from)
            }
            Some(Value::String(text)) => Some(RequestId::from(text.clone())),
            _ => None,
        };
        if let Some(running) = id.and_then(|id| self.running.get(&id)) {
            running.taken_back.store(true, Ordering::Relaxed);
            running.canceller.cancel();
        }
    }

    fn finish(&mut self, done: Done) {
        match done {
            Done::Answer(response) => {
                self.running.remove(&response.id);
                self.send(response);
            }
            Done::Files(files) => self.files_found(files),
            Done::Diagnostics { generation, path, version, found } => {
                self.publish(generation, path, version, found);
            }
            Done::Bug(why) => self.log(1, &format!("a bug of flowc: {why}")),
        }
    }

    /// Says something in the client's log; 1 is an error, 3 is for information.
    pub(crate) fn log(&self, level: u8, text: &str) {
        self.notify("window/logMessage", json!({ "type": level, "message": text }));
    }

    /// The versions of the open documents.
    pub(crate) fn versions(&self) -> BTreeMap<PathBuf, i32> {
        self.shared.open.versions()
    }
}
