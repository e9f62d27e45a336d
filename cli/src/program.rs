//! From the words after the options to a plan: `FILE[:FLOW] [--parameter value …]`, compiled. It runs nothing.
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flowc_compiler::{Arg, Args, Compiler, Report};
use flowc_engine::StoredPlan;
use flowc_store::Store;
use serde_json::json;

use crate::compiled::{Asked, Compiled};
use crate::exit::{Exit, Stop};
use crate::level_args::LevelArgs;
use crate::screen::Screen;
use crate::system::RealSystem;
use crate::target::Target;
use crate::{compiled, flow_args, flow_help, render, stdout, store};

/// A program that is ready to run.
pub(crate) struct Ready {
    /// What the user named.
    pub(crate) target: Target,
    /// The project's directory; absolute.
    pub(crate) project: PathBuf,
    /// Where results are kept.
    pub(crate) store: Store,
    /// What is to be done.
    pub(crate) plan: StoredPlan,
    /// The arguments as they were given: name, text.
    pub(crate) args: Vec<(String, String)>,
    /// The store's directory, where it goes when this does.
    _passing: Option<tempfile::TempDir>,
}

/// What to prepare, and how to talk about it.
pub(crate) struct Request<'a> {
    /// What the user called: `run`, `plan`.
    pub(crate) command: &'static str,
    /// `FILE[:FLOW] [--parameter value …]`.
    pub(crate) words: &'a [OsString],
    /// `--params`.
    pub(crate) params: Option<&'a Path>,
    /// `--deny`, `--warn`, `--allow`.
    pub(crate) levels: &'a LevelArgs,
    /// `--store`.
    pub(crate) store: Option<&'a Path>,
    /// Whether a store is made where there is none; else one is used that is gone afterwards.
    pub(crate) keeps: bool,
    /// Whether what is wrong is printed as a document too.
    pub(crate) json: bool,
}

/// Compiles, or finds what was compiled before; `None` when help was asked for, and printed.
pub(crate) fn prepare(screen: Screen, request: &Request<'_>) -> Result<Option<Ready>, Stop> {
    let (file, words) = request.words.split_first().ok_or_else(|| Stop::wrong("no file to run"))?;
    let target = Target::parse(file)?;
    let levels = request.levels.levels()?;
    let params = request.params.map(flow_args::from_file).transpose()?;
    let (root, project) = store::of_file(request.store, &target.file)?;
    // A program with errors leaves no store behind.
    let existing = root.is_dir().then(|| Store::open(&root)).transpose()?;
    let shown = format!("{} {} {levels:?}", screen.colour, screen.width());
    let call = compiled::call(request.words, &format!("{params:?}"), &shown);
    if let (Some(store), Some(call)) = (&existing, &call)
        && !flow_args::may_want_help(words)
        && let Some(Compiled { plan, args, said }) = compiled::find(store, call, &RealSystem)
    {
        screen.write(&said);
        return Ok(Some(Ready { target, project, store: store.clone(), plan, args, _passing: None }));
    }
    let world = Arc::new(Asked::new(RealSystem));
    let mut compiler = Compiler::new(Arc::<Asked<RealSystem>>::clone(&world));
    compiler.set_levels(levels);
    let path = std::path::absolute(&target.file).unwrap_or_else(|_| target.file.clone());
    let refuse = |report| refuse(screen, &report, request.json);
    let mut given = Vec::new();
    if !words.is_empty() || params.is_some() {
        let flow = compiler.flow(&path, target.flow.as_deref()).map_err(refuse)?;
        if flow_args::wants_help(words, &flow.params) {
            stdout::print(&flow_help::help(&target, &flow, request.command))?;
            return Ok(None);
        }
        let typed = flow_args::typed(words, &flow.params, request.command)?;
        given = flow_args::merge(typed, params.unwrap_or_default(), &flow.params)?;
    }
    let args = given.iter().map(|(name, arg)| (name.clone(), text(arg))).collect();
    let given = Args { given, base: here()? };
    let planned = compiler.plan(&path, target.flow.as_deref(), &given).map_err(refuse)?;
    let said = render::warnings(screen, &planned.report.diagnostics, &planned.report.files, &target.file);
    screen.write(&said);
    let (store, passing) = match existing {
        Some(store) => (store, None),
        None if request.keeps => (Store::open(&root)?, None),
        None => {
            let folder = tempfile::Builder::new().prefix("flowc-plan-").tempdir().map_err(|error| {
                let folder = std::env::temp_dir();
                let reason = crate::system::reason(&error);
                Stop::environment(format!("cannot write to `{}`: {reason}", folder.display()))
            })?;
            (Store::open(folder.path())?, Some(folder))
        }
    };
    let compiled = Compiled { plan: StoredPlan::keep(&store, planned.plan)?, args, said };
    if let Some(call) = &call {
        compiled::keep(&store, call, &compiled, &world);
    }
    let Compiled { plan, args, .. } = compiled;
    Ok(Some(Ready { target, project, store, plan, args, _passing: passing }))
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
