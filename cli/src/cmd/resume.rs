//! `flowc resume`: a run that did not finish goes on. It compiles nothing: the run has its plan.
use flowc_engine::Options;
use flowc_store::{RunId, RunSummary, Store};

use crate::args::ResumeArgs;
use crate::cmd::run::RunOptions;
use crate::cmd::runs::state;
use crate::exit::{Exit, Stop};
use crate::screen::Screen;
use crate::session::{Session, jobs};
use crate::{render, store, system};
use flowc_base::nearest;

/// Takes the run up again.
pub(crate) fn resume(screen: Screen, args: &ResumeArgs) -> Result<Exit, Stop> {
    let root = store::here(args.store.store.as_deref())?;
    if !root.is_dir() {
        return Err(no_runs(&root.display().to_string()));
    }
    let store = Store::open(&root)?;
    let runs = store.runs()?;
    let run = match &args.run {
        Some(name) => named(name, &runs)?,
        None => last_unfinished(&runs, &root.display().to_string())?,
    };
    let header = &run.header;
    if !args.output.quiet {
        let was = state(run);
        screen.say(&format!("resuming {}: {}:{}, {was}", header.id, header.program, header.flow));
    }
    let out = match (&args.out, RunOptions::from_text(&header.options)) {
        (Some(out), _) => out.clone(),
        (None, Some(options)) => render::shown(&options.out),
        (None, None) => "out".into(),
    };
    let options = Options {
        jobs: jobs(args.jobs),
        memory: system::memory(),
        fresh: false,
        keep_going: args.keep_going,
    };
    let session = Session { screen, output: &args.output, store: &store, out };
    let id = header.id.clone();
    session.drive(|control, observer| flowc_engine::resume(&store, &id, &options, control, observer))
}

fn named<'a>(name: &str, runs: &'a [RunSummary]) -> Result<&'a RunSummary, Stop> {
    // A name that no run can have is told apart from one that no run has.
    let id: RunId = name.parse()?;
    runs.iter().find(|run| run.header.id == id).ok_or_else(|| {
        let stop = Stop::wrong(format!("there is no run `{name}`"));
        match nearest(name, runs.iter().map(|run| run.header.id.as_str())) {
            Some(near) => stop.hint(format!("a run `{near}` is near")),
            None => stop.hint("`flowc runs` lists the runs of this project"),
        }
    })
}

fn last_unfinished<'a>(runs: &'a [RunSummary], root: &str) -> Result<&'a RunSummary, Stop> {
    let unfinished = |run: &&RunSummary| !run.live && !run.is_finished();
    if let Some(run) = runs.iter().find(unfinished) {
        return Ok(run);
    }
    let Some(newest) = runs.first() else { return Err(no_runs(root)) };
    Err(Stop::wrong("there is nothing to resume: no run is unfinished").hint(format!(
        "the newest is {}, {}",
        newest.header.id,
        state(newest)
    )))
}

fn no_runs(root: &str) -> Stop {
    Stop::wrong(format!("there are no runs in `{root}`"))
        .hint("name a store with `--store`, or start with `flowc run`")
}
