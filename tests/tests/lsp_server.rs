//! How the language server behaves: what a client may do to it, and what it does with time and memory. It must not know how it is built.
#![allow(clippy::unwrap_used, reason = "in a test the line number is the message")]
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use flowc_tests::Client;
use serde_json::{Value, json};

const PROGRAM: &str = "task one(n: Int) -> Int { sh \"echo {{n}}\" }\n\nflow main() -> Int { one(1) }\n";

struct Folder {
    _directory: tempfile::TempDir,
    root: PathBuf,
}

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let folder = Self { _directory: directory, root };
        files.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn client(&self) -> Client {
        Client::start(&self.root, json!({}))
    }
}

fn codes(diagnostics: &Value) -> Vec<String> {
    let all = diagnostics.as_array().unwrap();
    all.iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn diagnostics_follow_the_text_and_say_of_which_version() {
    let folder = Folder::new(&[]);
    let mut client = folder.client();
    client.open("main.flow", PROGRAM);
    assert_eq!(codes(&client.diagnostics("main.flow", Some(1))), [""; 0]);
    // One character of a line with two-unit characters before it.
    client.replace("main.flow", 2, "flow main() -> Text { \"𐍈\" + x }\r\n");
    assert_eq!(codes(&client.diagnostics("main.flow", Some(2))), ["unknown-name"]);
    let range = json!({ "start": { "line": 0, "character": 26 }, "end": { "line": 0, "character": 30 } });
    client.edit("main.flow", 3, json!([{ "range": range, "text": "" }]));
    assert_eq!(codes(&client.diagnostics("main.flow", Some(3))), [""; 0]);
    // Two changes in one message: the second counts in what the first left.
    let start = json!({ "line": 0, "character": 0 });
    let changes = json!([
        { "range": { "start": start, "end": start }, "text": "// x\r\n" },
        { "range": { "start": { "line": 1, "character": 22 }, "end": { "line": 1, "character": 26 } }, "text": "1" },
    ]);
    client.edit("main.flow", 4, changes);
    let found = client.diagnostics("main.flow", Some(4));
    assert!(!codes(&found).is_empty());
    assert_eq!(found[0]["range"]["start"]["line"], 1);
    assert!(client.bye().success());
}

#[test]
fn what_is_open_counts_and_not_what_is_on_disk() {
    let folder = Folder::new(&[("lib.flow", "task two() -> Int { sh \"echo 2\" }\n")]);
    let mut client = folder.client();
    client.open(
        "main.flow",
        "use \"./lib.flow\".{two}\nuse \"./new.flow\".{three}\nflow main() -> Int { two() + three() }\n",
    );
    assert_eq!(codes(&client.diagnostics("main.flow", Some(1))), ["missing-file"]);
    // Never saved, and found.
    client.open("new.flow", "task three() -> Int { sh \"echo 3\" }\n");
    assert_eq!(codes(&client.diagnostics("main.flow", Some(1))), [""; 0]);
    // Renamed in the editor alone.
    client.open("lib.flow", "task deux() -> Int { sh \"echo 2\" }\n");
    assert_eq!(codes(&client.diagnostics("main.flow", Some(1))), ["unknown-import"]);
    client.close("lib.flow");
    assert_eq!(codes(&client.diagnostics("main.flow", Some(1))), [""; 0]);
}

#[test]
fn files_that_change_and_go_on_disk_are_seen() {
    let folder = Folder::new(&[
        ("lib.flow", "task two() -> Int { sh \"echo 2\" }\n"),
        ("bad.flow", "flow main() -> Int { x }\n"),
    ]);
    let mut client = folder.client();
    // Files of the folder are checked, open or not.
    assert_eq!(codes(&client.diagnostics("bad.flow", None)), ["unknown-name"]);
    client.open("main.flow", "use \"./lib.flow\".{two}\nflow main() -> Int { two() }\n");
    assert_eq!(codes(&client.diagnostics("main.flow", Some(1))), [""; 0]);
    folder.write("lib.flow", "task deux() -> Int { sh \"echo 2\" }\n");
    let changed = |client: &mut Client, file: &str, kind: u8| {
        let uri = client.uri(file);
        client
            .notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri, "type": kind }] }));
    };
    changed(&mut client, "lib.flow", 2);
    assert_eq!(codes(&client.diagnostics("main.flow", Some(1))), ["unknown-import"]);
    fs::remove_file(folder.root.join("bad.flow")).unwrap();
    changed(&mut client, "bad.flow", 3);
    assert_eq!(codes(&client.diagnostics("bad.flow", None)), [""; 0]);
}

#[test]
fn a_file_outside_of_the_folder_is_silent_when_it_closes() {
    let (folder, outside) = (Folder::new(&[]), Folder::new(&[]));
    let mut client = folder.client();
    let file = outside.root.join("a.flow").display().to_string();
    client.open(&file, "flow main() -> Int { x }\n");
    assert_eq!(codes(&client.diagnostics(&file, Some(1))), ["unknown-name"]);
    client.close(&file);
    assert_eq!(codes(&client.diagnostics(&file, None)), [""; 0]);
}

#[test]
fn a_byte_order_mark_on_disk_moves_nothing() {
    let folder = Folder::new(&[("lib.flow", "\u{FEFF}task two() -> Int { sh \"echo 2\" }\n")]);
    let mut client = folder.client();
    client.open("main.flow", "use \"./lib.flow\".{two}\nflow main() -> Int { two() }\n");
    let found = client.ask_at("textDocument/definition", "main.flow", (1, 22)).unwrap();
    assert_eq!(found[0]["range"]["start"], json!({ "line": 0, "character": 5 }));
}

#[test]
fn columns_are_bytes_where_the_client_wants_it() {
    let folder = Folder::new(&[]);
    let mut client =
        Client::start(&folder.root, json!({ "general": { "positionEncodings": ["utf-16", "utf-8"] } }));
    client.open("main.flow", "flow main() -> Text { \"𐍈\" + x }\n");
    let found = client.diagnostics("main.flow", Some(1));
    assert_eq!(found[0]["range"]["start"]["character"], 31);
}

#[test]
fn nonsense_is_answered_and_the_conversation_goes_on() {
    let folder = Folder::new(&[]);
    let mut client = Client::silent(&folder.root);
    let code = |answer: Result<Value, (i64, String)>| answer.err().map(|(code, _)| code);
    assert_eq!(code(client.ask("textDocument/hover", json!({}))), Some(-32002));
    client.raw(b"Content-Length: 9\r\n\r\n{\"a\": b }");
    let error = client.next("an error", |message| message.get("error").is_some() && message["id"].is_null());
    assert_eq!(error["error"]["code"], -32700);
    assert_eq!(code(client.ask("initialize", json!(5))), Some(-32602));
    client.ask("initialize", json!({ "capabilities": {} })).unwrap();
    assert_eq!(code(client.ask("initialize", json!({ "capabilities": {} }))), Some(-32600));
    assert_eq!(code(client.ask("textDocument/brew", json!({}))), Some(-32601));
    assert_eq!(code(client.ask("textDocument/hover", json!({ "textDocument": 5 }))), Some(-32602));
    client.notify("textDocument/didOpen", json!({ "textDocument": "none" }));
    client.notify("textDocument/didChange", json!([]));
    client.notify("$/cancelRequest", json!({ "id": 99 }));
    client.notify("$/unheard", json!({}));
    // Places that are not in the text, files that are not there.
    client.open("main.flow", PROGRAM);
    for place in [(0, 999), (999, 0), (u32::MAX, u32::MAX)] {
        for method in
            ["hover", "definition", "references", "completion", "signatureHelp", "documentHighlight"]
        {
            let _ = client.ask_at(&format!("textDocument/{method}"), "main.flow", place);
            let _ = client.ask_at(&format!("textDocument/{method}"), "none.flow", place);
        }
    }
    let far = json!({ "start": { "line": 5, "character": 9 }, "end": { "line": 2, "character": 99 } });
    client.edit("main.flow", 2, json!([{ "range": far, "text": "x" }]));
    client.edit("none.flow", 2, json!([{ "text": "x" }]));
    assert!(client.ask_at("textDocument/hover", "main.flow", (0, 6)).unwrap().is_object());
    client.ask("shutdown", Value::Null).unwrap();
    assert_eq!(code(client.ask_at("textDocument/hover", "main.flow", (0, 6))), Some(-32600));
    client.notify("exit", Value::Null);
    assert_eq!(client.ended().code(), Some(0));
}

#[test]
fn the_end_without_a_goodbye_shows() {
    let folder = Folder::new(&[]);
    assert_eq!(folder.client().hang_up().code(), Some(1));
    let mut client = folder.client();
    client.notify("exit", Value::Null);
    assert_eq!(client.ended().code(), Some(1));
    let mut client = folder.client();
    client.raw(b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(client.ended().code(), Some(1));
}

/// A program whose references take a while to find.
fn large(flows: usize) -> String {
    let mut text = String::from("task one(n: Int) -> Int { sh \"echo {{n}}\" }\n");
    for at in 0..flows {
        let _ = write!(
            text,
            "flow f{at}(n: Int) -> Int {{\n  let a = one(n)\n  let b = one(a + {at})\n  let c = for x in range(0, n) {{ one(x + b) }}\n  sum(c) + a\n}}\n"
        );
    }
    text
}

#[test]
fn a_question_stops_when_it_is_taken_back_and_when_the_text_changes() {
    let folder = Folder::new(&[]);
    let mut client = folder.client();
    let text = large(4000);
    client.open("main.flow", &text);
    let references = |client: &mut Client| {
        let uri = client.uri("main.flow");
        let place = json!({ "line": 0, "character": 6 });
        client.send(
            "textDocument/references",
            json!({ "textDocument": { "uri": uri }, "position": place, "context": { "includeDeclaration": true } }),
        )
    };
    // Taken back; what it may still find is not sent.
    let id = references(&mut client);
    client.notify("$/cancelRequest", json!({ "id": id }));
    let stopped = client.wait(id).map(|_| "an answer");
    assert_eq!(stopped.map_err(|(code, _)| code), Err(-32800));
    // Stopped by an edit, which waits for nothing that is asked.
    let id = references(&mut client);
    client.replace("main.flow", 2, &text.replace("echo {{n}}", "echo -n {{n}}"));
    let stopped = client.wait(id).map(|_| "an answer");
    assert_eq!(stopped.map_err(|(code, _)| code), Err(-32801));
    // Left alone: all of it is found.
    let id = references(&mut client);
    let found = client.wait(id).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 1 + 3 * 4000);
    assert!(client.bye().success());
}

#[test]
fn thousands_of_edits_leave_no_trace() {
    let folder = Folder::new(&[]);
    let mut client = folder.client();
    client.open("main.flow", PROGRAM);
    let mut version = 1;
    // Every fifth edit is looked at: a hover waits for it.
    let mut storm = |client: &mut Client, edits: i64| {
        for _ in 0..edits {
            version += 1;
            // Another name, another number of items, another text each time.
            let more =
                "\ntask more() -> Int { sh \"echo 1\" }\n".repeat(usize::try_from(version % 3).unwrap());
            client.replace(
                "main.flow",
                version,
                &format!("{}{more}", PROGRAM.replace("one", &format!("one_{version}"))),
            );
            if version % 5 == 0 {
                let hover = client.ask_at("textDocument/hover", "main.flow", (2, 23)).unwrap();
                assert!(hover.to_string().contains(&format!("one_{version}")), "{hover}");
            }
        }
        client.memory_bytes()
    };
    let before = storm(&mut client, 2_000);
    let after = storm(&mut client, 10_000);
    let grown = after.saturating_sub(before);
    assert!(grown < 8 << 20, "{} KB more after ten thousand edits, from {} KB", grown >> 10, before >> 10);
    client.replace("main.flow", 99_999, &PROGRAM.replace("one(1)", "two(1)"));
    assert_eq!(codes(&client.diagnostics("main.flow", Some(99_999))), ["unknown-name"]);
    assert!(client.bye().success());
}

#[test]
fn texts_that_nobody_writes_stop_nothing() {
    let folder = Folder::new(&[]);
    let mut client = folder.client();
    let deep = format!("flow main() -> Int {{ {}1{} }}\n", "(".repeat(120), ")".repeat(120));
    let unclosed = "flow main() -> Text { \"{{ \"{{ \"{{ ".to_owned();
    let wide = format!(
        "flow main() -> Int {{ {} }}\n",
        (0..2000).map(|n| n.to_string()).collect::<Vec<_>>().join(" + ")
    );
    client.open("main.flow", "");
    for (version, text) in
        [deep, unclosed, wide, "\u{0}\u{FEFF}\r\r\n".to_owned(), "use std.".to_owned()].iter().enumerate()
    {
        client.replace("main.flow", i64::try_from(version).unwrap() + 2, text);
        let end = u32::try_from(text.len()).unwrap();
        for method in ["hover", "completion", "signatureHelp", "definition", "foldingRange", "documentSymbol"]
        {
            client.ask_at(&format!("textDocument/{method}"), "main.flow", (0, end)).unwrap();
        }
        let uri = client.uri("main.flow");
        let document = json!({ "textDocument": { "uri": uri } });
        client.ask("textDocument/semanticTokens/full", document).unwrap();
    }
    assert!(client.bye().success());
}
