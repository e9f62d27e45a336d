//! `flowc completions`: a script for a shell. It knows no option by itself.
use clap::CommandFactory as _;

use crate::args::{Cli, CompletionsArgs};
use crate::exit::{Exit, Stop};
use crate::stdout;

/// Prints the script.
pub(crate) fn completions(args: &CompletionsArgs) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "flowc", &mut script);
    stdout::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::DONE)
}
