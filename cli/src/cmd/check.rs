//! `flowc check`: what is wrong with programs. It runs nothing.
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use crate::args::{CheckArgs, CheckFormat};
use crate::exit::{Exit, Stop};
use crate::render::{self, Tally};
use crate::screen::{Screen, Style};
use crate::stdout;
use crate::system::RealSystem;
use crate::target::require_file;
use flowc_compiler::Compiler;

/// Checks the files and says what is wrong.
pub(crate) fn check(screen: Screen, args: &CheckArgs) -> Result<Exit, Stop> {
    for file in &args.files {
        require_file(file)?;
    }
    let files: Vec<_> =
        args.files.iter().map(|file| std::path::absolute(file).unwrap_or_else(|_| file.clone())).collect();
    let report = Compiler::new(Arc::new(RealSystem)).check(&files);
    let tally = Tally::of(&report.diagnostics);
    match args.format {
        CheckFormat::Full if report.diagnostics.is_empty() => {
            let files = render::plural(args.files.len(), "file");
            screen.say(&format!("{} {files} checked", screen.paint(Style::Good, "ok:")));
        }
        CheckFormat::Full => render::say_all(screen, &report.diagnostics, &report.files),
        CheckFormat::Concise => {
            let mut text = String::new();
            for diagnostic in &report.diagnostics {
                let _ = writeln!(text, "{}", render::concise(diagnostic, &report.files));
            }
            stdout::print(&text)?;
        }
        CheckFormat::Json => {
            let all: Vec<_> = report.diagnostics.iter().map(|d| render::json(d, &report.files)).collect();
            stdout::print_json(&json!({
                "errors": tally.errors, "warnings": tally.warnings, "notes": tally.notes, "diagnostics": all,
            }))?;
        }
    }
    Ok(if tally.errors > 0 { Exit::WRONG } else { Exit::DONE })
}
