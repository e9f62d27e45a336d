//! `flowc runs`: the runs of a project as a table or JSON. It changes nothing.
use std::fmt::Write as _;

use flowc_store::{RunStatus, RunSummary, Store};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value as Json, json};

use crate::args::RunsArgs;
use crate::exit::{Exit, Stop};
use crate::screen::Screen;
use crate::{duration, stdout, store};

/// Prints the runs.
pub(crate) fn runs(screen: Screen, args: &RunsArgs) -> Result<Exit, Stop> {
    let root = store::here(args.store.store.as_deref())?;
    // Looking makes no store.
    let runs = if root.is_dir() { Store::open(&root)?.runs()? } else { Vec::new() };
    if args.json {
        stdout::print_json(&Json::Array(runs.iter().map(json).collect()))?;
    } else if runs.is_empty() {
        screen.say(&format!("no runs in `{}`", crate::render::shown(&root).display()));
    } else {
        stdout::print(&table(&runs, &TimeZone::system()))?;
    }
    Ok(Exit::DONE)
}

/// The word for how a run stands.
pub(crate) fn state(run: &RunSummary) -> &'static str {
    match (run.live, run.ended) {
        (true, _) => "running",
        (false, None) => "killed",
        (false, Some(RunStatus::Done)) if !run.delivered => "undelivered",
        (false, Some(RunStatus::Done)) => "done",
        (false, Some(RunStatus::Failed)) => "failed",
        (false, Some(RunStatus::Cancelled)) => "stopped",
        (false, Some(RunStatus::Waiting)) => "waiting",
    }
}

fn table(runs: &[RunSummary], zone: &TimeZone) -> String {
    let mut rows = vec![["RUN", "STARTED", "FLOW", "STATE", "TIME", "STEPS"].map(str::to_owned)];
    rows.extend(runs.iter().map(|run| {
        [
            run.header.id.to_string(),
            when(run.header.started_unix_ms, zone),
            format!("{}:{}", run.header.program, run.header.flow),
            state(run).to_owned(),
            took(run),
            steps(run),
        ]
    }));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let line: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "{}", line.join("  ").trim_end());
    }
    text
}

fn when(unix_ms: u64, zone: &TimeZone) -> String {
    let stamp = i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    stamp.map_or_else(
        || "-".to_owned(),
        |at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// From the start to the (last) end, pauses between resumes included; `-` without an end.
fn took(run: &RunSummary) -> String {
    let took_ms = run.ended_unix_ms.map(|end| end.saturating_sub(run.header.started_unix_ms));
    took_ms.map_or_else(|| "-".to_owned(), |ms| duration::shown(ms.saturating_mul(1000)))
}

/// `3 ran, 9 found, 1 failed`
fn steps(run: &RunSummary) -> String {
    let counts = run.counts;
    let mut text = format!("{} ran, {} found", counts.ran, counts.found);
    if counts.failed > 0 {
        let _ = write!(text, ", {} failed", counts.failed);
    }
    text
}

fn json(run: &RunSummary) -> Json {
    let header = &run.header;
    let args: serde_json::Map<String, Json> =
        header.args.iter().map(|(name, text)| (name.clone(), text.clone().into())).collect();
    json!({
        "run": header.id.as_str(),
        "started_at_ms": header.started_unix_ms,
        "ended_at_ms": run.ended_unix_ms,
        "program": header.program,
        "flow": header.flow.as_str(),
        "parameters": args,
        "state": state(run),
        "ran": run.counts.ran,
        "found": run.counts.found,
        "failed": run.counts.failed,
        "skipped": run.counts.skipped,
        "flowc_version": header.flowc_version,
    })
}
