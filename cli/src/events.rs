//! `--events FILE`: what happens in a run, as JSON lines. The field names are an interface, documented in the book. It decides nothing.
//!
//! Every line has `event` and `at_ms` (milliseconds since the Unix epoch). The rest by event:
//!
//! | `event` | fields |
//! |---|---|
//! | `run_started` | `run`, `flow`, `resumed` |
//! | `step_started` | `step`, `task`, `key`, `cause`: `no-result`, `not-kept`, `fresh`, `damaged` |
//! | `step_found` | `step`, `task`, `key`, `from`: the run that made the result |
//! | `step_finished` | `step`, `task`, `key`, `duration_us` |
//! | `step_failed` | `step`, `task`, `kind`, `message`, `command`, `stderr_tail`, `log`, `file`, `line`, `duration_us` |
//! | `step_skipped` | `step`, `because`: the step that failed |
//! | `stopping` | |
//! | `run_finished` | `run`, `ran`, `found`, `failed`, `skipped`, `duration_us` |
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use flowc_engine::{Cause, Event};
use serde_json::{Value as Json, json};

use crate::exit::Stop;

/// The file that events are written to. A line is written whole as soon as its event happens, so that it can be followed.
#[derive(Debug)]
pub(crate) struct EventFile {
    file: File,
    /// The first failure to write; told at the end, for a run is worth more than its diary.
    failed: Option<std::io::Error>,
}

impl EventFile {
    /// Makes the file, or empties it.
    pub(crate) fn create(path: &Path) -> Result<Self, Stop> {
        let file = File::create(path).map_err(|error| {
            let reason = match error.kind() {
                std::io::ErrorKind::NotFound => "no such directory".to_owned(),
                _ => crate::system::reason(&error),
            };
            Stop::environment(format!("cannot write `{}`: {reason}", path.display()))
        })?;
        Ok(Self { file, failed: None })
    }

    /// Writes an event.
    pub(crate) fn write(&mut self, event: &Event) {
        if self.failed.is_some() {
            return;
        }
        let Some(json) = json(event) else { return };
        let mut line = json.to_string();
        line.push('\n');
        self.failed = self.file.write_all(line.as_bytes()).err();
    }

    /// What went wrong, if anything did.
    pub(crate) fn failure(&self) -> Option<&std::io::Error> {
        self.failed.as_ref()
    }
}

/// The JSON of an event; `None` for what only a progress display needs.
fn json(event: &Event) -> Option<Json> {
    Some(match event {
        Event::RunStarted { run, flow, resumed, at_ms } => json!({
            "event": "run_started", "at_ms": at_ms, "run": run.as_str(), "flow": flow.as_str(), "resumed": resumed,
        }),
        Event::Known { .. } => return None,
        Event::StepStarted { step, task, key, cause, at_ms } => json!({
            "event": "step_started", "at_ms": at_ms, "step": step.as_str(), "task": task.as_str(),
            "key": key.to_string(), "cause": cause_word(*cause),
        }),
        Event::StepFound { step, task, key, from, at_ms } => json!({
            "event": "step_found", "at_ms": at_ms, "step": step.as_str(), "task": task.as_str(),
            "key": key.to_string(), "from": from.as_str(),
        }),
        Event::StepFinished { step, task, key, at_ms, duration_us } => json!({
            "event": "step_finished", "at_ms": at_ms, "step": step.as_str(), "task": task.as_str(),
            "key": key.to_string(), "duration_us": duration_us,
        }),
        Event::StepFailed { failure, at_ms, duration_us } => json!({
            "event": "step_failed", "at_ms": at_ms, "step": failure.step.as_str(), "task": failure.task.as_str(),
            "kind": failure.kind, "message": failure.message, "command": failure.command,
            "stderr_tail": failure.stderr_tail, "log": failure.log.as_ref().map(|log| log.to_string_lossy()),
            "file": failure.origin.file.as_str(), "line": failure.origin.line, "duration_us": duration_us,
        }),
        Event::StepSkipped { step, because, at_ms } => json!({
            "event": "step_skipped", "at_ms": at_ms, "step": step.as_str(), "because": because.as_str(),
        }),
        Event::Stopping { at_ms } => json!({ "event": "stopping", "at_ms": at_ms }),
        Event::RunFinished { run, counts, at_ms, duration_us } => json!({
            "event": "run_finished", "at_ms": at_ms, "run": run.as_str(), "ran": counts.ran, "found": counts.found,
            "failed": counts.failed, "skipped": counts.skipped, "duration_us": duration_us,
        }),
    })
}

/// The word for a cause, in events and plans.
pub(crate) fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::NoResult => "no-result",
        Cause::NotKept => "not-kept",
        Cause::Fresh => "fresh",
        Cause::Damaged => "damaged",
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use flowc_engine::{Counts, StepFailure};
    use flowc_plan::{ContentHash, Origin};

    use super::*;

    #[test]
    fn every_event_has_its_documented_fields() {
        let (run, step, task) = ("words-k3f9".parse().unwrap(), "counts[3]".into(), "count".into());
        let key = ContentHash([7; 32]);
        let failure = StepFailure {
            step: "page".into(),
            task: "render".into(),
            origin: Origin { file: "words.flow".into(), line: 3 },
            kind: "exit",
            message: "exit status 3".to_owned(),
            command: "render".to_owned(),
            stderr_tail: "oops".to_owned(),
            log: None,
        };
        let counts = Counts { ran: 1, found: 2, failed: 3, skipped: 4 };
        let events = [
            Event::RunStarted { run, flow: "main".into(), resumed: false, at_ms: 1 },
            Event::Known { known: 3, complete: true },
            Event::StepStarted { step, task, key, cause: Cause::NoResult, at_ms: 2 },
            Event::StepFound {
                step: "a".into(),
                task: "b".into(),
                key,
                from: "words-aaaa".parse().unwrap(),
                at_ms: 3,
            },
            Event::StepFinished { step: "a".into(), task: "b".into(), key, at_ms: 4, duration_us: 5 },
            Event::StepFailed { failure: Box::new(failure), at_ms: 6, duration_us: 7 },
            Event::StepSkipped { step: "sum".into(), because: "page".into(), at_ms: 8 },
            Event::Stopping { at_ms: 9 },
            Event::RunFinished { run: "words-k3f9".parse().unwrap(), counts, at_ms: 10, duration_us: 11 },
        ];
        let lines: String = events
            .iter()
            .filter_map(json)
            .map(|json| format!("{json}\n"))
            .collect::<String>()
            .replace(&key.to_string(), "KEY");
        expect![[r#"
            {"event":"run_started","at_ms":1,"run":"words-k3f9","flow":"main","resumed":false}
            {"event":"step_started","at_ms":2,"step":"counts[3]","task":"count","key":"KEY","cause":"no-result"}
            {"event":"step_found","at_ms":3,"step":"a","task":"b","key":"KEY","from":"words-aaaa"}
            {"event":"step_finished","at_ms":4,"step":"a","task":"b","key":"KEY","duration_us":5}
            {"event":"step_failed","at_ms":6,"step":"page","task":"render","kind":"exit","message":"exit status 3","command":"render","stderr_tail":"oops","log":null,"file":"words.flow","line":3,"duration_us":7}
            {"event":"step_skipped","at_ms":8,"step":"sum","because":"page"}
            {"event":"stopping","at_ms":9}
            {"event":"run_finished","at_ms":10,"run":"words-k3f9","ran":1,"found":2,"failed":3,"skipped":4,"duration_us":11}
        "#]].assert_eq(&lines);
    }
}
