//! The formats of `flowc check` hold what they promise, on every program of the pages about errors. It must not know the messages.
#![allow(clippy::unwrap_used, reason = "helpers of tests: what is missing fails them")]

use std::path::Path;
use std::process::Command;

use flowc_tests::{flowc, root};
use serde_json::Value as Json;

/// The programs of the pages, each with its page.
fn programs() -> Vec<(String, String)> {
    let mut programs = Vec::new();
    let mut pages: Vec<_> =
        std::fs::read_dir(root().join("book/src/errors")).unwrap().map(|page| page.unwrap().path()).collect();
    pages.sort();
    for page in pages {
        let name = page.file_stem().unwrap().to_string_lossy().into_owned();
        for block in std::fs::read_to_string(&page).unwrap().split("\n```flow\n").skip(1) {
            programs.push((name.clone(), block.split_once("\n```").unwrap().0.to_owned() + "\n"));
        }
    }
    assert!(programs.len() > 100, "only {} programs", programs.len());
    programs
}

fn check(directory: &Path, format: &str) -> String {
    let output = Command::new(flowc())
        .args(["check", "--format", format, "a b/ä.flow"])
        .current_dir(directory)
        .output()
        .expect("flowc was built and can be started");
    String::from_utf8(output.stdout).expect("what is printed is UTF-8")
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).expect("the standard output is one JSON document")
}

fn list<'a>(json: &'a Json, field: &str) -> &'a [Json] {
    json[field].as_array().map_or(&[], Vec::as_slice)
}

/// Every format tells of the same problems, sorted, none twice.
#[test]
fn formats_agree() {
    for (page, program) in programs() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("a b")).unwrap();
        std::fs::write(directory.path().join("a b/ä.flow"), &program).unwrap();
        let [document, sarif] = ["json", "sarif"].map(|format| json(&check(directory.path(), format)));
        let [concise, github] = ["concise", "github"].map(|format| check(directory.path(), format));
        let found = list(&document, "diagnostics");
        let places: Vec<_> = found
            .iter()
            .map(|d| {
                (
                    d["labels"][0]["start"].as_u64(),
                    d["labels"][0]["end"].as_u64(),
                    d["code"].as_str(),
                    d["message"].as_str(),
                )
            })
            .collect();
        assert!(places.windows(2).all(|two| two[0].0 <= two[1].0 && two[0] != two[1]), "{page}: {places:?}");
        for (diagnostic, (line, command)) in found.iter().zip(concise.lines().zip(github.lines())) {
            let (word, code) =
                (diagnostic["severity"].as_str().unwrap(), diagnostic["code"].as_str().unwrap());
            let at = &diagnostic["labels"][0];
            assert!(
                line.starts_with(&format!("a b/ä.flow:{}:{}: {word}[{code}]: ", at["line"], at["column"])),
                "{page}: {line}"
            );
            let word = if word == "note" { "notice" } else { word };
            let head = format!("::{word} file=a b/ä.flow,line={},col={},", at["line"], at["column"]);
            assert!(command.starts_with(&head), "{page}: {command}");
        }
        let results = list(&sarif["runs"][0], "results");
        assert_eq!(
            [concise.lines().count(), github.lines().count(), results.len()],
            [found.len(); 3],
            "{page}"
        );
        for diagnostic in found {
            edits_fit(&page, &program, diagnostic);
        }
        for (result, diagnostic) in results.iter().zip(found) {
            assert_eq!(result["ruleId"], diagnostic["code"], "{page}");
            sarif_result(&page, &program, &sarif["runs"][0], result);
        }
        assert_eq!(sarif["version"], "2.1.0");
        assert_eq!(sarif["runs"][0]["columnKind"], "utf16CodeUnits");
    }
}

/// Edits lie within the text, between its characters, and do not overlap.
fn edits_fit(page: &str, program: &str, diagnostic: &Json) {
    let mut ends: Vec<(usize, usize)> = list(&diagnostic["fix"], "edits")
        .iter()
        .map(|edit| [&edit["start"], &edit["end"]].map(|at| usize::try_from(at.as_u64().unwrap()).unwrap()))
        .map(|[start, end]| (start, end))
        .collect();
    ends.sort_unstable();
    assert!(ends.iter().all(|(start, end)| program.get(*start..*end).is_some()), "{page}: {diagnostic}");
    assert!(ends.windows(2).all(|two| two[0].1 <= two[1].0), "{page}: {diagnostic}");
}

/// What the standard asks of a result (SARIF 2.1.0, §3.27) and of what it points to.
fn sarif_result(page: &str, program: &str, run: &Json, result: &Json) {
    let rules = list(&run["tool"]["driver"], "rules");
    let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
    assert_eq!(rule["id"], result["ruleId"], "{page}");
    assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()), "{page}: {result}");
    assert!(!result["message"]["text"].as_str().unwrap().is_empty(), "{page}: {result}");
    assert!(rule["help"]["markdown"].as_str().is_some_and(|text| text.starts_with("# `")), "{page}: {rule}");
    let places = list(result, "locations").iter().chain(list(result, "relatedLocations"));
    for place in places.map(|place| &place["physicalLocation"]) {
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%A4.flow", "{page}");
        assert!(
            !run["originalUriBaseIds"][place["artifactLocation"]["uriBaseId"].as_str().unwrap()].is_null()
        );
        region(page, program, &place["region"]);
    }
    assert_eq!(list(result, "locations").len(), 1, "{page}");
    for replacement in list(result, "fixes")
        .iter()
        .flat_map(|fix| list(fix, "artifactChanges"))
        .flat_map(|change| list(change, "replacements"))
    {
        region(page, program, &replacement["deletedRegion"]);
        assert!(replacement["insertedContent"]["text"].is_string(), "{page}: {replacement}");
    }
}

/// Lines and columns count from 1, columns in UTF-16, the end is behind the last character; all lie within the text.
fn region(page: &str, program: &str, region: &Json) {
    let [line, column, end_line, end_column] = ["startLine", "startColumn", "endLine", "endColumn"]
        .map(|field| usize::try_from(region[field].as_u64().unwrap()).unwrap());
    assert!((line, column) <= (end_line, end_column) && line >= 1 && column >= 1, "{page}: {region}");
    let lines: Vec<&str> = program.split('\n').collect();
    for (line, column) in [(line, column), (end_line, end_column)] {
        let units = lines.get(line - 1).map_or(0, |line| line.encode_utf16().count());
        assert!(column <= units + 1 && line <= lines.len(), "{page}: {region}");
    }
}
