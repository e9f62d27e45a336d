//! The rules of the house: which crate may name which, and what every file must be. Reads `cargo metadata` and the sources.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use flowc_tests::root;
use serde_json::Value;

/// The rooms that each room may name.
const ROOMS: &[(&str, &[&str])] = &[
    ("flowc_base", &[]),
    ("flowc_grammar", &["flowc_base"]),
    ("flowc_plan", &["flowc_base"]),
    ("flowc_stdlib", &["flowc_base", "flowc_plan"]),
    ("flowc_compiler", &["flowc_base", "flowc_grammar", "flowc_plan", "flowc_stdlib"]),
    // The server speaks of places and of what the compiler answers, and knows no syntax.
    ("flowc_lsp", &["flowc_base", "flowc_compiler"]),
    ("flowc_store", &["flowc_base", "flowc_plan"]),
    // The engine evaluates expressions: it calls the library's bodies.
    ("flowc_engine", &["flowc_base", "flowc_plan", "flowc_stdlib", "flowc_store"]),
    ("flowc", &["flowc_base", "flowc_compiler", "flowc_engine", "flowc_lsp", "flowc_plan", "flowc_store"]),
];

/// Crates from outside that only these rooms may name.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("pest", &["flowc_grammar"]),
    ("pest_derive", &["flowc_grammar"]),
    ("salsa", &["flowc_compiler"]),
    ("brush-parser", &["flowc_compiler"]),
    ("lsp-server", &["flowc_lsp"]),
    ("lsp-types", &["flowc_lsp"]),
    ("regex", &["flowc_stdlib"]),
    ("regex-syntax", &["flowc_stdlib"]),
    ("regex-automata", &["flowc_compiler"]),
    ("miette", &["flowc"]),
    ("clap", &["flowc"]),
    ("clap_complete", &["flowc"]),
    ("anstream", &["flowc"]),
    ("jiff", &["flowc"]),
    ("signal-hook", &["flowc"]),
    ("landlock", &["flowc_engine"]),
    ("crossbeam-channel", &["flowc_engine", "flowc_lsp"]),
    ("memmap2", &["flowc_store"]),
    ("zstd", &["flowc_store"]),
    ("crc32c", &["flowc_store"]),
];

/// The longest file, in lines.
const LINES_MAX: usize = 600;

/// Every crate of the workspace with the crates that it names, those for its tests left out.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("metadata has packages");
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    packages
        .iter()
        .map(|package| {
            let named = package["dependencies"].as_array().expect("a package has dependencies");
            let named = named.iter().filter(|named| named["kind"] != "dev");
            (text(&package["name"]), named.map(|named| text(&named["name"])).collect())
        })
        .collect()
}

#[test]
fn rooms_know_only_the_rooms_before_them() {
    let mut wrong = Vec::new();
    let dependencies = dependencies();
    for (name, named) in &dependencies {
        if name == "flowc_tests" {
            continue;
        }
        let Some((_, allowed)) = ROOMS.iter().find(|(room, _)| room == name) else {
            wrong.push(format!("`{name}` is not in the table of rooms"));
            continue;
        };
        for other in named.iter().filter(|other| dependencies.contains_key(*other)) {
            if !allowed.contains(&other.as_str()) {
                wrong.push(format!("`{name}` must not know `{other}`"));
            }
        }
        for (outside, rooms) in OUTSIDE {
            if named.contains(*outside) && !rooms.contains(&name.as_str()) {
                wrong.push(format!("`{name}` must not name `{outside}`: only {} may", rooms.join(", ")));
            }
        }
    }
    for (room, _) in ROOMS {
        if !dependencies.contains_key(*room) {
            wrong.push(format!("`{room}` is in the table of rooms and not in the workspace"));
        }
    }
    assert!(wrong.is_empty(), "\n{}\nthe table: tests/tests/architecture.rs", wrong.join("\n"));
}

/// All files with this extension that belong to the project.
fn files(extension: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of the project can be read").flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let made = ["target", "out", "dist", "node_modules"].contains(&&*name)
                || (name.starts_with('.') && name != ".ci");
            if path.is_dir() && !made {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|found| found == extension) && path.is_file() {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(root(), extension, &mut found);
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[test]
fn every_source_opens_with_what_it_is_for_and_is_short() {
    let mut wrong = Vec::new();
    let sources = files("rs");
    assert!(sources.len() > 20, "the walk found the sources");
    for path in &sources {
        let text = fs::read_to_string(path).expect("a source is text");
        if !text.starts_with("//! ") {
            wrong.push(format!("{}: opens without `//!`", shown(path)));
        }
        let lines = text.lines().count();
        if lines > LINES_MAX {
            wrong.push(format!(
                "{}: {lines} lines, more than {LINES_MAX}: it wants a second room",
                shown(path)
            ));
        }
        if path.file_stem().is_some_and(|stem| stem == "utils" || stem == "util" || stem == "helpers") {
            wrong.push(format!("{}: a name that says nothing", shown(path)));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The developer pages say of each query what it is and what it reads.
#[test]
fn every_query_is_in_the_book() {
    let page = fs::read_to_string(root().join("book/src/internals/compiler.md")).unwrap();
    let mut count = 0;
    for source in files("rs").iter().filter(|source| shown(source).starts_with("compiler/core/src/")) {
        let text = fs::read_to_string(source).unwrap();
        for part in text.split("#[salsa::tracked").skip(1) {
            let name = part.split("fn ").nth(1).and_then(|rest| rest.split(['(', '<']).next()).unwrap();
            count += 1;
            assert!(
                page.contains(&format!("`{name}`")),
                "{}: the page does not name `{name}`",
                shown(source)
            );
        }
    }
    assert!(count > 30, "the walk found the queries");
}

#[test]
fn crates_share_the_lints_and_publish_nothing() {
    let mut wrong = Vec::new();
    for path in
        files("toml").iter().filter(|path| path.ends_with("Cargo.toml") && path.parent() != Some(root()))
    {
        let text = fs::read_to_string(path).expect("a manifest is text");
        // What an editor builds by itself stands outside the workspace.
        if !text.contains("[package]") || path.starts_with(root().join("editors")) {
            continue;
        }
        for line in ["[lints]\nworkspace = true", "license.workspace = true", "publish.workspace = true"] {
            if !text.contains(line) {
                wrong.push(format!("{}: `{}` is missing", shown(path), line.replace('\n', " ")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut wrong = Vec::new();
    let pages = files("md");
    assert!(pages.len() > 4, "the walk found the pages");
    for path in &pages {
        let text = fs::read_to_string(path).expect("a page is text");
        let folder = path.parent().unwrap_or(root());
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or("");
            let local = !file.is_empty() && !file.contains("://") && !file.contains(char::is_whitespace);
            if local && !folder.join(file).exists() {
                wrong.push(format!("{}: `{target}` leads nowhere", shown(path)));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
