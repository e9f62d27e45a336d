//! From the words after the options to a plan: `FILE[:FLOW] [--parameter value …]`, compiled. It runs nothing.
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flowc_plan::Plan;
use serde_json::json;

use crate::exit::{Exit, Stop};
use crate::screen::Screen;
use crate::system::RealSystem;
use crate::target::Target;
use crate::{flow_args, flow_help, render, stdout};
use flowc_compiler::{Arg, Args, Compiler, Report};

/// A program that is ready to run.
pub(crate) struct Ready {
    /// What the user named.
    pub(crate) target: Target,
    /// What is to be done.
    pub(crate) plan: Plan,
    /// The arguments as they were given: name, text.
    pub(crate) args: Vec<(String, String)>,
}

/// Compiles; `None` when help was asked for, and printed. With `json`, what is wrong is printed as a document too.
pub(crate) fn prepare(
    screen: Screen,
    words: &[OsString],
    params: Option<&Path>,
    json: bool,
) -> Result<Option<Ready>, Stop> {
    let (file, words) = words.split_first().ok_or_else(|| Stop::wrong("no file to run"))?;
    let target = Target::parse(file)?;
    let path = std::path::absolute(&target.file).unwrap_or_else(|_| target.file.clone());
    let mut compiler = Compiler::new(Arc::new(RealSystem));
    let mut given = Vec::new();
    if !words.is_empty() || params.is_some() {
        let flow =
            compiler.flow(&path, target.flow.as_deref()).map_err(|report| refuse(screen, &report, json))?;
        if flow_args::wants_help(words) {
            stdout::print(&flow_help::help(&target, &flow))?;
            return Ok(None);
        }
        let file = params.map_or_else(|| Ok(Vec::new()), flow_args::from_file)?;
        given = flow_args::merge(flow_args::typed(words, &flow.params)?, file, &flow.params)?;
    }
    let args = given.iter().map(|(name, arg)| (name.clone(), text(arg))).collect();
    let given = Args { given, base: here()? };
    let planned = compiler
        .plan(&path, target.flow.as_deref(), &given)
        .map_err(|report| refuse(screen, &report, json))?;
    render::say_all(screen, &planned.report.diagnostics, &planned.report.files);
    Ok(Some(Ready { target, plan: planned.plan, args }))
}

/// Says what is wrong with a program.
fn refuse(screen: Screen, report: &Report, json: bool) -> Stop {
    render::say_all(screen, &report.diagnostics, &report.files);
    let stop = Stop::silent(Exit::WRONG);
    if json {
        let all: Vec<_> = report.diagnostics.iter().map(|d| render::json(d, &report.files)).collect();
        return stdout::print_json(&json!({ "status": "refused", "diagnostics": all })).err().unwrap_or(stop);
    }
    stop
}

fn text(arg: &Arg) -> String {
    match arg {
        Arg::Typed(text) => text.clone(),
        Arg::Json(json) => json.to_string(),
    }
}

fn here() -> Result<PathBuf, Stop> {
    std::env::current_dir()
        .map_err(|error| Stop::environment(format!("cannot find the current directory: {error}")))
}
