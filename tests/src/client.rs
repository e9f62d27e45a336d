//! An editor that speaks the language server protocol with the program `flowc lsp`, over its standard streams. It must not know how the
//! server works, nor share its code.
#![allow(
    clippy::needless_pass_by_value,
    reason = "parameters of messages read as `json!({ … })` at the place where they are sent"
)]
use std::collections::VecDeque;
use std::io::{BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::home;

/// How long an answer may take before a test fails: machines that build something else at the same time are slow.
const PATIENCE: Duration = Duration::from_secs(120);

/// An editor with a server of its own.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    incoming: Receiver<Value>,
    waiting: VecDeque<Value>,
    root: PathBuf,
    last_id: i64,
}

/// Why a question has no answer: the protocol's code, and what is said.
pub type Refusal = (i64, String);

impl Client {
    /// Starts a server for a folder, and says hello. `capabilities` is what the editor can.
    ///
    /// # Panics
    /// When the server does not start or does not answer.
    #[must_use]
    pub fn start(root: &Path, capabilities: Value) -> Self {
        let mut client = Self::silent(root);
        let folder = json!({ "uri": uri(root), "name": "test" });
        let hello = json!({ "processId": null, "rootUri": uri(root), "workspaceFolders": [folder], "capabilities": capabilities });
        client.ask("initialize", hello).expect("the server says what it can");
        client.notify("initialized", json!({}));
        client
    }

    /// Starts a server and says nothing.
    ///
    /// # Panics
    /// When the server does not start.
    #[must_use]
    pub fn silent(root: &Path) -> Self {
        let mut child = Command::new(home::flowc())
            .arg("lsp")
            .current_dir(root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("flowc was built and can be started");
        let output = child.stdout.take().expect("it has an output");
        let (sender, incoming) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let input = child.stdin.take();
        Self { child, input, incoming, waiting: VecDeque::new(), root: root.to_owned(), last_id: 0 }
    }

    /// Writes bytes as they are.
    ///
    /// # Panics
    /// When the server does not take them.
    pub fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("the conversation goes on");
        input.write_all(bytes).and_then(|()| input.flush()).expect("the server listens");
    }

    fn write(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    /// Says something.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Asks something, and does not wait for the answer; the question's id.
    pub fn send(&mut self, method: &str, params: Value) -> i64 {
        self.last_id += 1;
        self.write(&json!({ "jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params }));
        self.last_id
    }

    /// The answer to a question.
    ///
    /// # Errors
    /// The server's refusal.
    ///
    /// # Panics
    /// When there is no answer for too long.
    pub fn wait(&mut self, id: i64) -> Result<Value, Refusal> {
        let answer = self.next("an answer", |message| message.get("method").is_none() && message["id"] == id);
        match answer.get("error") {
            Some(error) => {
                let message = error["message"].as_str().unwrap_or_default().to_owned();
                Err((error["code"].as_i64().unwrap_or_default(), message))
            }
            None => Ok(answer["result"].clone()),
        }
    }

    /// Asks and waits.
    ///
    /// # Errors
    /// The server's refusal.
    pub fn ask(&mut self, method: &str, params: Value) -> Result<Value, Refusal> {
        let id = self.send(method, params);
        self.wait(id)
    }

    /// The next message that is wanted; others stay for later.
    ///
    /// # Panics
    /// When there is none for too long.
    pub fn next(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        self.next_until(until, wanted).unwrap_or_else(|why| panic!("waited for {what}: {why}"))
    }

    /// The next message that is wanted within some time.
    ///
    /// # Errors
    /// Why there is none.
    pub fn next_until(&mut self, until: Instant, wanted: impl Fn(&Value) -> bool) -> Result<Value, String> {
        if let Some(at) = self.waiting.iter().position(&wanted) {
            return self.waiting.remove(at).ok_or_else(|| "gone".to_owned());
        }
        loop {
            match self.incoming.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(message) if wanted(&message) => return Ok(message),
                Ok(message) => self.waiting.push_back(message),
                Err(RecvTimeoutError::Timeout) => return Err("it took too long".to_owned()),
                Err(RecvTimeoutError::Disconnected) => return Err("the server is gone".to_owned()),
            }
        }
    }

    /// The URI of a file of the folder.
    #[must_use]
    pub fn uri(&self, file: &str) -> String {
        uri(&self.root.join(file))
    }

    /// Opens a document.
    pub fn open(&mut self, file: &str, text: &str) {
        let document = json!({ "uri": self.uri(file), "languageId": "flow", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Gives a document another text.
    pub fn replace(&mut self, file: &str, version: i64, text: &str) {
        self.edit(file, version, json!([{ "text": text }]));
    }

    /// Changes parts of a document.
    pub fn edit(&mut self, file: &str, version: i64, changes: Value) {
        let document = json!({ "uri": self.uri(file), "version": version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Closes a document.
    pub fn close(&mut self, file: &str) {
        let document = json!({ "uri": self.uri(file) });
        self.notify("textDocument/didClose", json!({ "textDocument": document }));
    }

    /// What is wrong with a file, as soon as it is said of this version of it (`None`: of what stands on disk).
    ///
    /// # Panics
    /// When nothing is said for too long.
    pub fn diagnostics(&mut self, file: &str, version: Option<i64>) -> Value {
        let uri = self.uri(file);
        let said = self.next("diagnostics", |message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == *uri
                && message["params"].get("version").and_then(Value::as_i64) == version
        });
        said["params"]["diagnostics"].clone()
    }

    /// A question about a place of a file: a line and a column, from 0.
    pub fn ask_at(
        &mut self,
        method: &str,
        file: &str,
        (line, character): (u32, u32),
    ) -> Result<Value, Refusal> {
        let uri = self.uri(file);
        let position = json!({ "line": line, "character": character });
        self.ask(method, json!({ "textDocument": { "uri": uri }, "position": position }))
    }

    /// How much memory the server holds, in bytes.
    ///
    /// # Panics
    /// Where the system does not tell.
    #[must_use]
    pub fn memory_bytes(&self) -> u64 {
        let statm =
            std::fs::read_to_string(format!("/proc/{}/statm", self.child.id())).expect("the server runs");
        let pages: u64 =
            statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("a number of pages");
        pages * 4096
    }

    /// Ends the conversation in order, and waits for the server's end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn bye(mut self) -> ExitStatus {
        self.ask("shutdown", Value::Null).expect("the server ends");
        self.notify("exit", Value::Null);
        self.ended()
    }

    /// Hangs up, and waits for the server's end.
    pub fn hang_up(mut self) -> ExitStatus {
        self.input = None;
        self.ended()
    }

    /// Waits for the server's end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn ended(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the server does not end");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // A test that fails leaves no process behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The URI of a path whose letters need no escapes.
fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn read(output: &mut impl std::io::BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => {
                if let Some(value) = header.strip_prefix("Content-Length: ") {
                    length = value.parse().ok()?;
                }
            }
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
