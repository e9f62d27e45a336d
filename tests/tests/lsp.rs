//! Questions to the language server, as data: `tests/lsp/*.md`. A case is a heading with `flow` blocks (the files; `¦` is the place that is asked
//! about), an `ask` block (one question a line) and the `answer` that is found, which `UPDATE=1` rewrites. It must not know how the server works.
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use flowc_tests::{Client, Section, root, sections};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Value, json};

/// The mark of the place.
const MARK: char = '¦';

fn main() -> ExitCode {
    let mut trials = Vec::new();
    let folder = root().join("tests/lsp");
    let mut pages: Vec<_> =
        fs::read_dir(&folder).expect("the cases").flatten().map(|entry| entry.path()).collect();
    pages.sort();
    for page in pages {
        let name = page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        trials.push(Trial::test(name, move || check(&page)));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// All cases of a page: each with a server of its own.
fn check(page: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(page)?;
    let mut rewritten = text.clone();
    let mut wrong = Vec::new();
    let mut cases = 0;
    for section in sections(&text).iter().rev() {
        let Some(answer) = section.blocks.iter().find(|block| block.lang == "answer") else { continue };
        cases += 1;
        let found = ask(section)?;
        if found != answer.text {
            rewritten.replace_range(answer.range.clone(), &found);
            wrong.push(format!(
                "{}:{} {}\nexpected:\n{}found:\n{found}",
                page.display(),
                answer.line,
                section.title,
                answer.text
            ));
        }
    }
    if cases == 0 {
        return Err("no case: a page has `answer` blocks".into());
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(page, rewritten)?;
        return Ok(());
    }
    if wrong.is_empty() {
        return Ok(());
    }
    wrong.reverse();
    let again = "UPDATE=1 cargo test -p flowc_tests --test lsp";
    Err(format!("{}\nto take what was found: {again}", wrong.join("\n")).into())
}

/// Puts the files of a case into a folder, opens the marked one, and asks.
fn ask(section: &Section) -> Result<String, Failed> {
    let directory = tempfile::tempdir()?;
    let root = directory.path().canonicalize()?;
    let mut place = None;
    let mut main = None;
    for block in section.blocks.iter().filter(|block| block.lang == "flow" || block.lang == "text") {
        let name = block.path().unwrap_or("main.flow");
        let mut text = block.text.clone();
        if let Some(at) = text.find(MARK) {
            text = text.replacen(MARK, "", 1);
            let before = &text[..at];
            let line = before.matches('\n').count();
            let column = before.rsplit('\n').next().unwrap_or("").encode_utf16().count();
            place = Some((name.to_owned(), u32::try_from(line)?, u32::try_from(column)?));
        }
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&root))?;
        fs::write(path, &text)?;
        main = main.or(Some(name.to_owned()));
    }
    let main = main.ok_or("a case has files")?;
    let (file, line, column) = place.unwrap_or((main, 0, 0));
    let mut client = Client::start(&root, capabilities());
    let text = fs::read_to_string(root.join(&file))?;
    client.open(&file, &text);
    // What is said of the whole workspace is said when all files are known.
    let published = client.diagnostics(&file, Some(1));
    let questions = section.blocks.iter().find(|block| block.lang == "ask").ok_or("a case asks something")?;
    let mut out = String::new();
    for question in questions.text.lines() {
        let (method, argument) = question.split_once(' ').unwrap_or((question, ""));
        let uri = client.uri(&file);
        let at = json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": column } });
        let whole =
            json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 9999, "character": 0 } });
        let mut params = at.clone();
        let answer = match method {
            "diagnostics" => Ok(published.clone()),
            "codeAction" => {
                let here = at["position"].clone();
                let only = if argument.is_empty() { Value::Null } else { json!([argument]) };
                params = json!({
                    "textDocument": at["textDocument"],
                    "range": { "start": here, "end": here },
                    "context": { "diagnostics": [], "only": only },
                });
                client.ask("textDocument/codeAction", params)
            }
            "references" => {
                params["context"] = json!({ "includeDeclaration": argument != "uses" });
                client.ask("textDocument/references", params)
            }
            "rename" => {
                params["newName"] = json!(argument);
                client.ask("textDocument/rename", params)
            }
            "symbol" => client.ask("workspace/symbol", json!({ "query": argument })),
            "selectionRange" => {
                params["positions"] = json!([at["position"]]);
                client.ask("textDocument/selectionRange", params)
            }
            "inlayHint" | "semanticTokens/range" => {
                params["range"] = whole;
                client.ask(&format!("textDocument/{method}"), params)
            }
            "formatting" => {
                params["options"] = json!({ "tabSize": 2, "insertSpaces": true });
                client.ask("textDocument/formatting", params)
            }
            "completion" => client.ask("textDocument/completion", params).map(|answer| shortened(&answer)),
            method => client.ask(&format!("textDocument/{method}"), params),
        };
        let answer = answer.unwrap_or_else(|(code, why)| json!({ "refused": why, "code": code }));
        let answer = shown(answer, &format!("file://{}/", root.display()));
        out.push_str(&format!("{question}: {}\n", serde_json::to_string_pretty(&answer)?));
    }
    let status = client.bye();
    if !status.success() {
        return Err(format!("the server ended with {status}").into());
    }
    Ok(out)
}

fn capabilities() -> Value {
    json!({
        "textDocument": {
            "completion": { "completionItem": { "snippetSupport": true } },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } },
            "publishDiagnostics": { "relatedInformation": true },
        },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    })
}

/// Of completions the nearest, a line each.
fn shortened(answer: &Value) -> Value {
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    let line = |item: &Value| {
        let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
        let insert = item["textEdit"]["newText"].as_str().unwrap_or_default();
        json!(format!("{} | {} | {insert}", text("label"), text("detail")))
    };
    items.iter().take(8).map(line).collect()
}

/// An answer for people: places as `LINE:COLUMN` from 1, files by their names in the folder, tokens a line each.
fn shown(value: Value, root: &str) -> Value {
    match value {
        Value::Object(map) => {
            let number = |value: &Value, key: &str| value[key].as_u64().map(|number| number + 1);
            let position = |value: &Value| {
                number(value, "line")
                    .zip(number(value, "character"))
                    .map(|(line, column)| format!("{line}:{column}"))
            };
            let whole = Value::Object(map.clone());
            if map.len() == 2
                && let Some(position) = position(&whole)
            {
                return json!(position);
            }
            if map.len() == 2
                && let (Some(start), Some(end)) = (position(&whole["start"]), position(&whole["end"]))
            {
                return json!(format!("{start}-{end}"));
            }
            let inner = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(inner.map(|(key, value)| (key, shown(value, root))).collect())
        }
        Value::Array(values) if values.len() > 20 && values.iter().all(Value::is_number) => {
            let numbers: Vec<String> = values.iter().map(ToString::to_string).collect();
            json!(numbers.chunks(5).map(|token| token.join(" ")).collect::<Vec<_>>())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(|value| shown(value, root)).collect()),
        Value::String(text) => match text.strip_prefix(root) {
            Some(rest) => json!(rest),
            None if text.starts_with("file://") && text.contains("/flowc-library-") => {
                json!(format!("library/{}", text.rsplit('/').next().unwrap_or_default()))
            }
            None => json!(text),
        },
        other => other,
    }
}
