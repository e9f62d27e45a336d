//! `flowc plan`: what a run would do, as text, JSON or a graph. It runs nothing.
use std::fmt::Write as _;

use flowc_engine::{Fate, Forecast, ForecastStep, Options};
use serde_json::{Value as Json, json};

use crate::args::{PlanArgs, PlanFormat};
use crate::events::cause_word;
use crate::exit::{Exit, Stop};
use crate::program::{self, Request};
use crate::screen::Screen;
use crate::session::{jobs, stop};
use crate::{render, stdout, system};

/// Shows the plan.
pub(crate) fn plan(screen: Screen, args: &PlanArgs) -> Result<Exit, Stop> {
    let ready = program::prepare(
        screen,
        &Request {
            command: "plan",
            words: &args.program,
            params: args.params.as_deref(),
            levels: &args.levels,
            store: args.store.store.as_deref(),
            keeps: false,
            json: args.format == PlanFormat::Json,
        },
    )?;
    let Some(ready) = ready else { return Ok(Exit::DONE) };
    let options =
        Options { jobs: jobs(None), memory: system::memory(), fresh: args.fresh, keep_going: false };
    let forecast =
        flowc_engine::forecast(&ready.store, ready.plan.plan(), &options).map_err(|error| stop(&error))?;
    match args.format {
        PlanFormat::Text => stdout::print(&text(&forecast))?,
        PlanFormat::Json => stdout::print_json(&as_json(&forecast))?,
        PlanFormat::Dot => stdout::print(&dot(&forecast))?,
    }
    Ok(Exit::DONE)
}

/// A line for each step under the level that it can start with, and a line that counts.
fn text(forecast: &Forecast) -> String {
    let mut order: Vec<&ForecastStep> = forecast.steps.iter().collect();
    // Stable: within a level the order of the plan.
    order.sort_by_key(|step| step.level);
    let width = order.iter().map(|step| step.step.chars().count()).max().unwrap_or(0);
    let tasks = order.iter().map(|step| step.task.chars().count()).max().unwrap_or(0);
    let (mut text, mut level) = (String::new(), None);
    for step in order {
        if level != Some(step.level) {
            let heading = if step.level == 0 { "at once" } else { "then" };
            let _ = writeln!(text, "{heading}:");
            level = Some(step.level);
        }
        let line =
            format!("  {:<width$}  {:<tasks$}  {}", step.step.as_str(), step.task.as_str(), fate(step));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let _ = writeln!(text, "{}", counts(forecast));
    text
}

/// `12 steps: 3 would run, 9 are found`
fn counts(forecast: &Forecast) -> String {
    let count = |wanted: fn(&Fate) -> bool| {
        let steps = forecast.steps.iter().filter(|step| wanted(&step.fate));
        steps.map(|step| step.count.unwrap_or(1)).sum::<u64>()
    };
    let runs = count(|fate| matches!(fate, Fate::Runs { .. }));
    let found = count(|fate| matches!(fate, Fate::Found { .. }));
    let waits = count(|fate| matches!(fate, Fate::Waits { .. }));
    let more = if forecast.complete { "" } else { " or more" };
    let steps = runs + found + waits;
    let word = if steps == 1 && forecast.complete { "step" } else { "steps" };
    let mut line = format!("{steps}{more} {word}: {runs} would run, {found} found");
    if waits > 0 {
        let _ = write!(line, ", {waits} not known yet");
    }
    line
}

fn fate(step: &ForecastStep) -> String {
    let fate = match &step.fate {
        Fate::Found { from } => format!("found, from {from}"),
        Fate::Runs { cause } => format!("runs: {}", cause_sentence(*cause)),
        Fate::Waits { on } => format!("not known before {}", render::skipped(on)),
    };
    match step.count {
        Some(1) => fate,
        Some(n) => format!("{fate} ({n} steps)"),
        None => format!("{fate} (one for each element)"),
    }
}

fn cause_sentence(cause: flowc_engine::Cause) -> &'static str {
    use flowc_engine::Cause;
    match cause {
        Cause::NoResult => "no result for what it is given",
        Cause::NotKept => "its result is not kept, or too old",
        Cause::Fresh => "`--fresh`",
        Cause::Damaged => "its result is gone or damaged",
    }
}

fn as_json(forecast: &Forecast) -> Json {
    let steps: Vec<Json> = forecast
        .steps
        .iter()
        .map(|step| {
            let mut json = json!({
                "step": step.step.as_str(), "task": step.task.as_str(), "level": step.level, "count": step.count,
                "file": step.origin.file.as_str(), "line": step.origin.line,
            });
            match &step.fate {
                Fate::Found { from } => {
                    json["fate"] = "found".into();
                    json["from"] = from.as_str().into();
                }
                Fate::Runs { cause } => {
                    json["fate"] = "runs".into();
                    json["cause"] = cause_word(*cause).into();
                }
                Fate::Waits { on } => {
                    json["fate"] = "waits".into();
                    json["on"] = on.iter().map(|step| Json::from(step.as_str())).collect();
                }
            }
            json
        })
        .collect();
    json!({ "steps": steps, "edges": forecast.edges, "complete": forecast.complete })
}

fn dot(forecast: &Forecast) -> String {
    let mut text =
        String::from("digraph plan {\n  rankdir=LR\n  node [shape=box, fontname=\"sans-serif\"]\n");
    for (at, step) in forecast.steps.iter().enumerate() {
        let look = match step.fate {
            Fate::Found { .. } => "style=filled, fillcolor=\"#d8f0d8\"",
            Fate::Runs { .. } => "style=filled, fillcolor=\"#fff0c8\"",
            Fate::Waits { .. } => "style=dashed",
        };
        let _ =
            writeln!(text, "  s{at} [label={}, {look}]", quoted(&format!("{}\n{}", step.step, step.task)));
    }
    for (from, to) in &forecast.edges {
        let _ = writeln!(text, "  s{from} -> s{to}");
    }
    text.push_str("}\n");
    text
}

/// A text of the graph language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
