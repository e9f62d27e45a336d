//! The first messages: who the client is, what it can, which folders it opens.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};
use flowc_compiler::System;
use flowc_compiler::ide::Workspace;
use lsp_server::{ErrorCode, Message, Response};
use lsp_types::InitializeParams;
use serde_json::{Value, json};

use super::published::Published;
use super::{Done, Server};
use crate::capabilities::capabilities;
use crate::client::{Client, folders};
use crate::convert::Shared;
use crate::library::{Library, Pages};
use crate::open::OpenFiles;
use crate::pool::Pool;
use crate::transport::{Incoming, Outgoing};

/// Waits for `initialize` and answers it; `None` when the client goes away before.
pub(super) fn start(
    system: Arc<dyn System>,
    version: &str,
    pages: Pages,
    incoming: &Receiver<Incoming>,
    outgoing: Sender<Outgoing>,
    done: Sender<Done>,
) -> Option<Server> {
    let (id, params) = loop {
        match incoming.recv().ok()? {
            Incoming::Message(Message::Request(request)) if request.method == "initialize" => {
                match serde_json::from_value::<InitializeParams>(request.params) {
                    Ok(params) => break (request.id, params),
                    Err(error) => {
                        let code = ErrorCode::InvalidParams as i32;
                        let response = Response::new_err(request.id, code, error.to_string());
                        outgoing.send(Outgoing::Message(response.into())).ok()?;
                    }
                }
            }
            Incoming::Message(Message::Request(request)) => {
                let code = ErrorCode::ServerNotInitialized as i32;
                let response = Response::new_err(request.id, code, "`initialize` comes first".to_owned());
                outgoing.send(Outgoing::Message(response.into())).ok()?;
            }
            Incoming::Message(Message::Notification(it)) if it.method == "exit" => return None,
            Incoming::Message(Message::Notification(_) | Message::Response(_)) => {}
            Incoming::Malformed(why) => outgoing.send(Outgoing::Malformed(why)).ok()?,
        }
    };
    let client = Client::new(&params);
    let told = json!({
        "capabilities": capabilities(&client),
        "serverInfo": { "name": "flowc", "version": version },
    });
    outgoing.send(Outgoing::Message(Response::new_ok(id, told).into())).ok()?;
    let open = Arc::new(OpenFiles::new(system));
    let watches = client.watches;
    let mut server = Server {
        outgoing,
        workspace: Workspace::new(Arc::clone(&open) as Arc<dyn System>),
        shared: Shared { open, library: Arc::new(Library::new(pages)), client: Arc::new(client) },
        pool: Pool::new(),
        running: HashMap::new(),
        done,
        folders: folders(&params),
        files: BTreeSet::new(),
        published: Published::default(),
        due: None,
        shutting_down: false,
        requests: 0,
    };
    // Whether `initialized` came yet is not waited for: clients that take a request before it are the rule, and the answer is not read.
    if watches {
        let watcher = json!({ "watchers": [{ "globPattern": "**/*.flow" }] });
        let registration =
            json!({ "id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": watcher });
        server.request("client/registerCapability", json!({ "registrations": [registration] }));
    }
    server.look_for_files();
    Some(server)
}

/// The parameters of a message.
pub(super) fn read<T: for<'de> serde::Deserialize<'de>>(params: Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(params)
}
