//! What is spoilt: every program of the repository, whole files and the `flow` blocks of its pages and suites.
use std::fs;
use std::path::Path;

/// Longer ones are left out: what they hold stands in shorter ones, too, and more of those are tried in a second.
const BYTES_MAX: usize = 6000;

/// All texts, in the order of their paths.
pub(crate) fn texts() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for folder in ["examples", "stdlib/flow", "book/src", "tests/suite", "grammar/tests"] {
        collect(&root.join(folder), &mut found);
    }
    found.retain(|text| !text.trim().is_empty() && text.len() <= BYTES_MAX);
    assert!(found.len() > 100, "the programs of the repository are found");
    found
}

fn collect(folder: &Path, found: &mut Vec<String>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, found);
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("flow") => found.push(text),
            Some("md") => {
                // "```flow", also with a name or more behind it.
                let blocks = text.split("\n```flow").skip(1);
                let blocks = blocks.filter_map(|rest| rest.split_once('\n')?.1.split("\n```").next());
                found.extend(blocks.map(str::to_owned));
            }
            _ => {}
        }
    }
}
