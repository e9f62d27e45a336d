//! The `flowc` command: arguments in, exit code out. What is done stands in `cmd/`, how it is shown in `render/` and `progress/`;
//! nothing here knows how a program is compiled or run.
mod args;
mod bug;
mod cmd;
mod compiled;
mod duration;
mod events;
mod exit;
mod fix;
mod flow_args;
mod flow_help;
mod level_args;
mod overwrite;
mod place;
mod program;
mod progress;
mod render;
mod screen;
mod session;
mod signals;
mod stdout;
mod store;
mod system;
mod target;
mod usage;
mod values;

use std::process::ExitCode;

use clap::Parser as _;

use crate::args::{Cli, Colour, Command};
use crate::exit::Stop;
use crate::screen::Screen;

fn main() -> ExitCode {
    // The engine starts this program once more to clean up after it, should it be killed: that is no business of the command line.
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == flowc_engine::REAPER_ARG) {
        return ExitCode::from(flowc_engine::reaper_main(std::env::args_os().skip(1)));
    }
    let words: Vec<_> = std::env::args_os().skip(1).collect();
    bug::report_panics(usage::wants_json(&words));
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let Some(stop) = usage::stop(&error, &words) else { error.exit() };
            return end(Screen::new(Colour::Auto), &stop, usage::wants_json(&words));
        }
    };
    let screen = Screen::new(cli.color);
    let done = match &cli.command {
        Command::Check(args) => cmd::check::check(screen, args),
        Command::Fmt(args) => cmd::fmt::fmt(screen, args),
        Command::Run(args) => cmd::run::run(screen, args),
        Command::Resume(args) => cmd::resume::resume(screen, args),
        Command::Plan(args) => cmd::plan::plan(screen, args),
        Command::Runs(args) => cmd::runs::runs(screen, args),
        Command::Explain(args) => cmd::explain::explain(cli.color, args),
        Command::Lsp(args) => cmd::lsp::lsp(args),
        Command::Completions(args) => cmd::completions::completions(args),
    };
    match done {
        Ok(exit) => ExitCode::from(exit.0),
        Err(stop) => end(screen, &stop, cli.command.wants_json()),
    }
}

/// Says why a command ends early: to the person, and to the program that waits for a document.
fn end(screen: Screen, stop: &Stop, json: bool) -> ExitCode {
    screen.say_stop(stop);
    if let Some(document) = stop.json().filter(|_| json) {
        // Where nothing can be written, the exit code tells.
        let _ = stdout::print_json(&document);
    }
    ExitCode::from(stop.exit.0)
}
