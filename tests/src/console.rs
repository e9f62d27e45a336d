//! Console sessions: `$ command` lines with what they print, run by a shell in a directory of their own. It must not know
//! the program under test, but for its path.
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::home;

/// A command that hangs is ended after this many seconds.
const LIMIT_S: u32 = 120;

/// Runs a session and gives it back as it went: each command, what it printed (both streams, as they came), and
/// `[exit N]` after one that failed. A command goes on in lines that begin with `> `.
///
/// # Errors
/// A sentence, when the session cannot be run at all.
pub(crate) fn run(session: &str, directory: &Path) -> Result<String, String> {
    let mut result = String::new();
    for (shown, command) in commands(session) {
        result.push_str(&shown);
        let mut printed = tempfile::tempfile().map_err(|error| error.to_string())?;
        let status = spawn(&command, directory, &printed).map_err(|error| error.to_string())?;
        let mut bytes = Vec::new();
        printed.rewind().map_err(|error| error.to_string())?;
        printed.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        result.push_str(&String::from_utf8_lossy(&bytes));
        if !result.ends_with('\n') {
            result.push('\n');
        }
        if !status.success() {
            match status.code() {
                Some(code) => result.push_str(&format!("[exit {code}]\n")),
                None => result.push_str("[killed]\n"),
            }
        }
    }
    Ok(result)
}

fn spawn(command: &str, directory: &Path, printed: &File) -> std::io::Result<std::process::ExitStatus> {
    let flowc = home::flowc();
    let mut path = flowc.parent().unwrap_or(Path::new(".")).as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut child = Command::new("timeout")
        .args(["-k", "5", &LIMIT_S.to_string(), "sh"])
        .current_dir(directory)
        .env("PATH", path)
        .env("HOME", directory)
        .env("LC_ALL", "C.UTF-8")
        .env("TZ", "UTC")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .env_remove("FLOW_STORE")
        .stdin(Stdio::piped())
        .stdout(printed.try_clone()?)
        .stderr(printed.try_clone()?)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // In one piece: the shell reads no more of it once its input is another.
        stdin.write_all(format!("exec </dev/null\n{command}").as_bytes())?;
    }
    child.wait()
}

/// The commands of a session: as shown, and as run.
fn commands(session: &str) -> Vec<(String, String)> {
    let mut commands: Vec<(String, String)> = Vec::new();
    let mut goes_on = false;
    for line in session.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            commands.push((format!("{line}\n"), format!("{command}\n")));
            goes_on = true;
        } else if let (true, Some(more), Some((shown, command))) =
            (goes_on, line.strip_prefix("> "), commands.last_mut())
        {
            shown.push_str(line);
            shown.push('\n');
            command.push_str(more);
            command.push('\n');
        } else {
            goes_on = false;
        }
    }
    commands
}

/// Whether a session went as written. Times are all alike; a line `…` stands for any lines, `…` in a line for any text.
pub(crate) fn matches(written: &str, found: &str) -> bool {
    let written: Vec<String> = written.lines().map(without_times).collect();
    let found: Vec<String> = found.lines().map(without_times).collect();
    lines_match(&written, &found)
}

fn lines_match(written: &[String], found: &[String]) -> bool {
    match written.split_first() {
        None => found.is_empty(),
        Some((line, rest)) if line == "…" => {
            (0..=found.len()).any(|skip| lines_match(rest, &found[skip..]))
        }
        Some((line, rest)) => found
            .split_first()
            .is_some_and(|(other, others)| line_matches(line, other) && lines_match(rest, others)),
    }
}

fn line_matches(written: &str, found: &str) -> bool {
    let mut parts = written.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = found.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// The line with every time in it (`1.2 s`, `35 ms`, `2 min`) written as `‹time›`.
fn without_times(line: &str) -> String {
    let mut result = String::new();
    let mut rest = line.trim_end();
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits =
            rest[at..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(rest.len(), |n| at + n);
        let unit = [" ms", " µs", " min", " s"].iter().find(|unit| {
            rest[digits..]
                .strip_prefix(**unit)
                .is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric()))
        });
        result.push_str(&rest[..at]);
        match unit {
            Some(unit) => {
                result.push_str("‹time›");
                rest = &rest[digits + unit.len()..];
            }
            None => {
                result.push_str(&rest[at..digits]);
                rest = &rest[digits..];
            }
        }
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_go_on_and_outputs_are_left_out() {
        let found = commands("$ a\n> b\nprinted\n> printed\n$ c\n");
        assert_eq!(found, [("$ a\n> b\n".into(), "a\nb\n".into()), ("$ c\n".into(), "c\n".into())]);
    }

    #[test]
    fn times_are_alike_and_dots_stand_for_anything() {
        assert!(matches("3 ran, 1.2 s\n", "3 ran, 35 ms\n"));
        assert!(!matches("3 ran, 1.2 s\n", "4 ran, 1.2 s\n"));
        assert!(!matches("3 steps\n", "4 steps\n"));
        assert!(matches("a\n…\nb\n", "a\nx\ny\nb\n"));
        assert!(!matches("a\n…\nb\n", "a\nx\n"));
        assert!(matches("log: …/stderr\n", "log: .flow/x/stderr\n"));
        assert!(!matches("log: …/stderr\n", "log: .flow/x/stdout\n"));
    }
}
