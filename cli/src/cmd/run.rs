//! `flowc run`: a flow from its file to its result. How steps are run is the engine's business.
use std::path::{Path, PathBuf};

use flowc_engine::{Options, RunInfo};
use serde_json::json;

use crate::args::RunArgs;
use crate::exit::{Exit, Stop};
use crate::program::{self, Ready, Request};
use crate::screen::Screen;
use crate::session::{Session, jobs};
use crate::system;

/// Runs the flow.
pub(crate) fn run(screen: Screen, args: &RunArgs) -> Result<Exit, Stop> {
    let ready = program::prepare(
        screen,
        &Request {
            command: "run",
            words: &args.program,
            params: args.params.as_deref(),
            levels: &args.levels,
            store: args.store.store.as_deref(),
            keeps: true,
            json: args.output.json,
        },
    )?;
    let Some(Ready { target, project, store, plan, args: given, .. }) = ready else { return Ok(Exit::DONE) };
    let about = RunInfo {
        program: target.file.display().to_string(),
        stem: target.file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        args: given,
        project,
        options: RunOptions { out: absolute(&args.out)? }.to_text(),
        flowc_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let options = Options {
        jobs: jobs(args.jobs),
        memory: system::memory(),
        fresh: args.fresh,
        keep_going: args.keep_going,
    };
    let session = Session { screen, output: &args.output, store: &store, out: args.out.clone() };
    session.drive(|control, observer| flowc_engine::start(&store, plan, about, &options, control, observer))
}

/// What `flowc resume` needs to know of the command line of the run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RunOptions {
    /// `--out`; absolute.
    pub(crate) out: PathBuf,
}

impl RunOptions {
    /// As it is kept in the checkpoint.
    fn to_text(&self) -> String {
        json!({ "out": self.out.to_string_lossy() }).to_string()
    }

    /// Reads what is kept in a checkpoint; `None` when it says nothing.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let json: serde_json::Value = serde_json::from_str(text).ok()?;
        Some(Self { out: json.get("out")?.as_str()?.into() })
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Stop> {
    std::path::absolute(path)
        .map_err(|error| Stop::environment(format!("cannot use `{}`: {error}", path.display())))
}
