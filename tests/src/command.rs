//! The program `flowc` as a [`Driver`]: each program is put into a directory and checked as a user would. It must not know how
//! flowc works, only what it prints.
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::case::{Driver, Finding, Project};
use crate::home;

/// Compiles with the program `flowc`.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommandLine;

impl Driver for CommandLine {
    fn check(&self, project: &Project, main: &str) -> Vec<Finding> {
        let output = run(project, &["check", "--format", "concise", main]);
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut found: Vec<Finding> = printed.lines().filter_map(finding).collect();
        if output.status.code() != Some(if found.iter().any(|f| f.severity == "error") { 2 } else { 0 }) {
            found.push(Finding {
                file: main.to_owned(),
                line: 0,
                severity: "error".to_owned(),
                code: "harness".to_owned(),
                message: format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr)),
            });
        }
        found.retain(|finding| finding.severity != "note");
        found
    }

    fn plan(&self, project: &Project, main: &str) -> Result<String, String> {
        let output = run(project, &["plan", main]);
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}

/// Programs that the suites and the book speak of and that not every machine has: there for whoever checks.
const PROGRAMS: [&str; 5] = ["cargo", "deploy", "flowc", "make", "render"];

/// A directory with [`PROGRAMS`] in it, made once.
fn programs() -> &'static Path {
    static DIRECTORY: OnceLock<tempfile::TempDir> = OnceLock::new();
    let directory = DIRECTORY.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a directory for temporary files");
        for program in PROGRAMS {
            let file = directory.path().join(program);
            fs::write(&file, "")
                .and_then(|()| fs::set_permissions(&file, fs::Permissions::from_mode(0o755)))
                .expect("a temporary directory can be written");
        }
        directory
    });
    directory.path()
}

/// Runs flowc in a directory that holds the project.
fn run(project: &Project, args: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a directory for temporary files");
    for (path, text) in &project.files {
        let path = directory.path().join(path);
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, text))
            .expect("a temporary directory can be written");
    }
    let path = std::env::var("PATH").unwrap_or_default();
    Command::new(home::flowc())
        .args(args)
        .current_dir(directory.path())
        .env("PATH", format!("{}:{path}", programs().display()))
        .env("NO_COLOR", "1")
        .output()
        .expect("flowc was built and can be started")
}

/// Reads `FILE:LINE:COLUMN: error[code]: message`.
fn finding(line: &str) -> Option<Finding> {
    let (place, rest) = line.split_once(": ")?;
    let (head, message) = rest.split_once("]: ")?;
    let (severity, code) = head.split_once('[')?;
    let mut place = place.rsplitn(3, ':');
    let (_column, line, file) = (place.next()?, place.next()?, place.next()?);
    Some(Finding {
        file: file.to_owned(),
        line: line.parse().ok()?,
        severity: severity.to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concise_lines_are_read() {
        let found = finding("lib/a b.flow:3:7: error[unknown-name]: no name `a]: b`").unwrap();
        assert_eq!((found.file.as_str(), found.line), ("lib/a b.flow", 3));
        assert_eq!(found.to_string(), "error: [unknown-name] \"no name `a]: b`\"");
        assert_eq!(finding("2 errors"), None);
    }
}
