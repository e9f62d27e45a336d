//! A run from its first event to its last line: progress, signals, the result, what failed. It does not know how the run came about.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flowc_engine::{
    Control, Counts, EngineError, ErrorOrigin, Event, RunOutcome, Status, StepFailure, StepName,
};
use flowc_store::Store;
use serde_json::{Value as Json, json};

use crate::args::OutputArgs;
use crate::events::EventFile;
use crate::exit::{Exit, Stop};
use crate::place::place;
use crate::progress::Progress;
use crate::screen::{Screen, Style};
use crate::{duration, render, signals, stdout, store, system, values};

/// More failures than this are only counted.
const FAILURES_MAX: usize = 10;

/// What a run needs to be shown and its result to be handed out.
pub(crate) struct Session<'a> {
    /// Where everything but the result goes.
    pub(crate) screen: Screen,
    /// What is shown.
    pub(crate) output: &'a OutputArgs,
    /// Where results are kept.
    pub(crate) store: &'a Store,
    /// Where the flow's files are put.
    pub(crate) out: PathBuf,
}

/// How many cores the steps may use.
pub(crate) fn jobs(given: Option<u32>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    given.map_or_else(cores, |jobs| usize::try_from(jobs).unwrap_or(usize::MAX))
}

/// The steps that did not run, by the step whose failure is the cause.
type Skipped = BTreeMap<StepName, Vec<StepName>>;

impl Session<'_> {
    /// Runs, shows, hands out.
    pub(crate) fn drive(
        &self,
        run: impl FnOnce(&Control, &mut dyn FnMut(&Event)) -> Result<RunOutcome, EngineError>,
    ) -> Result<Exit, Stop> {
        let mut events = self.output.events.as_deref().map(EventFile::create).transpose()?;
        let control = Control::new();
        signals::listen(control.clone())?;
        let mut progress = Progress::new(self.screen, self.output.quiet);
        let mut skipped = Skipped::new();
        let outcome = run(&control, &mut |event| {
            if let Some(events) = &mut events {
                events.write(event);
            }
            if let Event::StepSkipped { step, because, .. } = event {
                skipped.entry(because.clone()).or_default().push(step.clone());
            }
            progress.event(event);
        });
        progress.finish();
        if let Some(error) = events.as_ref().and_then(EventFile::failure) {
            self.screen
                .say_warning(&format!("the events could not all be written: {}", system::reason(error)));
        }
        self.finish(&outcome.map_err(|error| stop(&error))?, &skipped)
    }

    fn finish(&self, outcome: &RunOutcome, skipped: &Skipped) -> Result<Exit, Stop> {
        let exit = match &outcome.status {
            Status::Done(value) => {
                let placed = place(self.store, value, &self.out).map_err(|stop| {
                    let command = self.resume_command(outcome);
                    stop.hint(format!("what ran is kept; then put its results in place with `{command}`"))
                })?;
                if self.output.json {
                    self.print_json(outcome, &values::json(value, &placed), skipped)?;
                } else {
                    stdout::print(&values::text(value, &placed))?;
                }
                // The result is printed: what is wrong now is only said.
                outcome.delivered().map_err(|error| {
                    let stop = stop(&error);
                    self.screen.say_stop(&stop);
                    Stop::silent(stop.exit)
                })?;
                Exit::DONE
            }
            Status::Failed(failures) => {
                for failure in failures.iter().take(FAILURES_MAX) {
                    let because = skipped.get(&failure.step).map_or(&[][..], Vec::as_slice);
                    self.screen.say(&render::failure(self.screen, failure, because));
                }
                if failures.len() > FAILURES_MAX {
                    self.screen.say(&format!("and {} more failed", failures.len() - FAILURES_MAX));
                }
                if self.output.json {
                    self.print_json(outcome, &Json::Null, skipped)?;
                }
                if failures.iter().any(|failure| failure.kind == "bug") { Exit::BUG } else { Exit::FAILED }
            }
            Status::Interrupted => {
                if self.output.json {
                    self.print_json(outcome, &Json::Null, skipped)?;
                }
                signals::first().map_or(Exit::INTERRUPTED, Exit::by_signal)
            }
        };
        if !self.output.quiet {
            self.screen.say(&self.last_line(outcome));
        }
        if matches!(outcome.status, Status::Interrupted) {
            let command = self.resume_command(outcome);
            self.screen.say(&format!("stopped; go on with: {}", self.screen.paint(Style::Strong, &command)));
        }
        Ok(exit)
    }

    fn resume_command(&self, outcome: &RunOutcome) -> String {
        format!("flowc resume {}{}", outcome.run, self.store_option())
    }

    /// `12 steps: 3 ran, 9 found, 0 failed, 1.2 s`
    fn last_line(&self, outcome: &RunOutcome) -> String {
        let Counts { ran, found, failed, skipped } = outcome.counts;
        let steps = ran + found + failed + skipped;
        let failed_text = format!("{failed} failed");
        let failed_text =
            if failed > 0 { self.screen.paint(Style::Error, &failed_text) } else { failed_text };
        let not_run = if skipped > 0 { format!(", {skipped} not run") } else { String::new() };
        let word = if steps == 1 { "step" } else { "steps" };
        let time = duration::shown(outcome.duration_us);
        format!("{steps} {word}: {ran} ran, {found} found, {failed_text}{not_run}, {time}")
    }

    /// The option that a command here needs to find the same store; empty when it finds it by itself.
    fn store_option(&self) -> String {
        let root = self.store.root();
        if store::here(None).is_ok_and(|here| here == root) {
            return String::new();
        }
        format!(" --store {}", shell_word(&render::shown(root)))
    }

    fn print_json(&self, outcome: &RunOutcome, result: &Json, skipped: &Skipped) -> Result<(), Stop> {
        let status = match &outcome.status {
            Status::Done(_) => "done",
            Status::Failed(_) => "failed",
            Status::Interrupted => "stopped",
        };
        let failures: Vec<Json> = match &outcome.status {
            Status::Failed(failures) => {
                failures.iter().map(|failure| failure_json(failure, skipped)).collect()
            }
            _ => Vec::new(),
        };
        let counts = outcome.counts;
        stdout::print_json(&json!({
            "run": outcome.run.as_str(),
            "status": status,
            "result": result,
            "failures": failures,
            "ran": counts.ran,
            "found": counts.found,
            "failed": counts.failed,
            "skipped": counts.skipped,
            "duration_us": outcome.duration_us,
        }))
    }
}

fn failure_json(failure: &StepFailure, skipped: &Skipped) -> Json {
    let not_run: Vec<&str> = skipped.get(&failure.step).into_iter().flatten().map(StepName::as_str).collect();
    json!({
        "step": failure.step.as_str(),
        "task": failure.task.as_str(),
        "file": failure.origin.file.as_str(),
        "line": failure.origin.line,
        "kind": failure.kind,
        "message": failure.message,
        "command": failure.command,
        "stderr_tail": failure.stderr_tail,
        "log": failure.log.as_ref().map(|log| log.to_string_lossy()),
        "skipped": not_run,
    })
}

/// The end of a command that the engine could not serve.
pub(crate) fn stop(error: &EngineError) -> Stop {
    let exit = match error.origin {
        ErrorOrigin::Program => Exit::WRONG,
        ErrorOrigin::Environment => Exit::ENVIRONMENT,
        ErrorOrigin::Bug => Exit::BUG,
    };
    let stop = Stop::new(exit, error.message.clone());
    match error.kind {
        "disk-full" => stop.hint("what is finished is kept: free some space, then `flowc resume`"),
        "busy" => stop.hint("wait for it, or stop it"),
        "no-run" => stop.hint("`flowc runs` lists the runs of this project"),
        "bug" => stop.hint("this is a bug of flowc, not of your program: please report it"),
        _ => stop,
    }
}

/// A path as a word that can be copied into a shell.
fn shell_word(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@".contains(c);
    if text.chars().all(plain) { text.into_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
