//! `flowc check`: what is wrong with programs, and, with `--fix`, mending them. It runs nothing.
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flowc_base::Applicability;
use flowc_compiler::{Compiler, Report, normalised};
use serde_json::{Value as Json, json};

use crate::args::{CheckArgs, CheckFormat, FixWhich};
use crate::exit::{Exit, Stop};
use crate::fix::{self, Applied, Fixed, Overlay};
use crate::render::{self, Tally};
use crate::screen::{Screen, Style};
use crate::stdout;
use crate::system::reason;
use crate::target::require_file;

/// The name that stands for the standard input.
const STDIN: &str = "-";

/// More fixes than this are only counted.
const FIXES_TOLD_MAX: usize = 20;

/// Checks the files and says what is wrong.
pub(crate) fn check(screen: Screen, args: &CheckArgs) -> Result<Exit, Stop> {
    let levels = args.levels.levels()?;
    let fixes = wanted_fixes(args)?;
    let overlay = Arc::new(Overlay::default());
    let files = args.files.iter().map(|file| named(file, &overlay)).collect::<Result<Vec<_>, _>>()?;
    let mut compiler = Compiler::new(Arc::<Overlay>::clone(&overlay));
    compiler.set_levels(levels);
    let Some(which) = fixes else {
        let report = compiler.check(&files);
        // The process ends soon: to take a large database apart would cost a tenth of the check.
        std::mem::forget(compiler);
        return show(screen, args, &report, None);
    };
    let fixed = fix::mend(&mut compiler, &overlay, &files, which);
    if args.dry_run {
        let diffs: String =
            fixed.changes.iter().map(|it| render::diff(&it.path, &it.before, &it.after)).collect();
        stdout::print(&diffs)?;
    } else {
        fix::write(&fixed.changes)?;
    }
    tell(screen, args, &fixed);
    show(screen, args, &fixed.report, Some(&fixed))
}

/// Which fixes are asked for.
fn wanted_fixes(args: &CheckArgs) -> Result<Option<Applicability>, Stop> {
    let which = args.fix.map(|which| match which {
        FixWhich::Always => Applicability::Always,
        FixWhich::Maybe => Applicability::Maybe,
    });
    if which.is_some() && !args.dry_run && args.files.iter().any(|file| file.as_os_str() == STDIN) {
        let stop = Stop::wrong("`--fix` cannot write to the standard input");
        return Err(stop.hint("`--fix --dry-run` prints what it would change"));
    }
    if args.dry_run && args.format != CheckFormat::Full {
        let stop =
            Stop::wrong("`--dry-run` prints a diff to the standard output, where this format goes too");
        return Err(stop.hint("leave out `--format`"));
    }
    Ok(which)
}

/// The file as the compiler knows it: absolute. The standard input is a file of that name in the current directory.
fn named(file: &Path, overlay: &Overlay) -> Result<PathBuf, Stop> {
    let path = normalised(&std::path::absolute(file).unwrap_or_else(|_| file.to_owned()));
    if file.as_os_str() == STDIN {
        let mut bytes = Vec::new();
        let limit = flowc_compiler::MAX_FILE_BYTES as u64 + 1;
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes).map_err(|error| {
            Stop::environment(format!("cannot read the standard input: {}", reason(&error)))
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            Stop::wrong(format!("the standard input cannot be read: not UTF-8: byte {at}"))
        })?;
        overlay.give(&path, text);
    } else {
        require_file(file)?;
    }
    Ok(path)
}

/// Says what was mended.
fn tell(screen: Screen, args: &CheckArgs, fixed: &Fixed) {
    for applied in fixed.applied.iter().take(FIXES_TOLD_MAX) {
        let Applied { path, at, code, title } = applied;
        let place = format!("{}:{}:{}", render::shown(path).display(), at.line, at.col);
        screen.say(&format!("{} {place}: {title} [{}]", screen.paint(Style::Good, "fixed:"), code.0));
    }
    if let Some(more @ 1..) = fixed.applied.len().checked_sub(FIXES_TOLD_MAX) {
        screen.say(&format!("and {more} more"));
    }
    if fixed.taken_back > 0 {
        let fixes = render::plural(fixed.taken_back, "fix").replace("fixs", "fixes");
        screen.say_warning(&format!("{fixes} would have made more errors, or changed nothing: not applied"));
    }
    let problems = render::plural(fixed.applied.len(), "problem");
    let files = render::plural(fixed.changes.len(), "file");
    screen.say(&match (fixed.applied.is_empty(), args.dry_run) {
        (true, _) => "nothing to fix".to_owned(),
        (false, true) => format!("would fix {problems} in {files}"),
        (false, false) => format!("fixed {problems} in {files}"),
    });
}

/// Shows what is wrong (now), as it is asked for.
fn show(screen: Screen, args: &CheckArgs, report: &Report, fixed: Option<&Fixed>) -> Result<Exit, Stop> {
    let tally = Tally::of(&report.diagnostics);
    let (diagnostics, files) = (&report.diagnostics, &report.files);
    match args.format {
        CheckFormat::Full if diagnostics.is_empty() => {
            let files = render::plural(args.files.len(), "file");
            screen.say(&format!("{} {files} checked", screen.paint(Style::Good, "ok:")));
        }
        CheckFormat::Full => {
            render::say_all(screen, diagnostics, files);
            if fixed.is_none() {
                say_fixes(screen, report);
            }
        }
        CheckFormat::Concise => {
            let mut text = String::new();
            for diagnostic in diagnostics {
                let _ = writeln!(text, "{}", render::concise(diagnostic, files));
            }
            stdout::print(&text)?;
        }
        CheckFormat::Github => {
            let mut text = String::new();
            for diagnostic in diagnostics {
                let _ = writeln!(text, "{}", render::github(diagnostic, files));
            }
            stdout::print(&text)?;
        }
        CheckFormat::Json => {
            let all: Vec<_> = diagnostics.iter().map(|d| render::json(d, files)).collect();
            let mut document = json!({
                "errors": tally.errors, "warnings": tally.warnings, "notes": tally.notes, "diagnostics": all,
            });
            if let Some(fixed) = fixed {
                document["fixed"] = fixed.applied.iter().map(applied_json).collect();
            }
            stdout::print_json(&document)?;
        }
        CheckFormat::Sarif => stdout::print_json(&render::sarif(diagnostics, files))?,
    }
    Ok(if tally.errors > 0 { Exit::WRONG } else { Exit::DONE })
}

fn applied_json(applied: &Applied) -> Json {
    json!({
        "file": render::shown(&applied.path).to_string_lossy(),
        "line": applied.at.line, "column": applied.at.col,
        "code": applied.code.0, "title": applied.title,
    })
}

/// Says how many problems `--fix` would mend.
fn say_fixes(screen: Screen, report: &Report) {
    let fixes = report.diagnostics.iter().filter_map(|diagnostic| diagnostic.fix.as_ref());
    let sure = fixes.filter(|fix| fix::fits(fix.applicability, Applicability::Always)).count();
    if sure > 0 {
        let line = format!("{sure} of them can be mended by `flowc check --fix`");
        screen.say(&screen.paint(Style::Dim, &line));
    }
}
