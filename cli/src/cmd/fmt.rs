//! `flowc fmt`: programs in the one style. It finds the files and writes them; what the style is, it does not know.
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flowc_base::{Diagnostic, FileId, LineIndex, Location, Span};
use flowc_compiler::{MAX_FILE_BYTES, System as _};

use crate::args::FmtArgs;
use crate::exit::{Exit, Stop};
use crate::overwrite::{Overwrite, overwrite};
use crate::render::{self, Sources, plural};
use crate::screen::{Screen, Style};
use crate::stdout;
use crate::system::{RealSystem, reason};
use crate::target::require_file;

/// What the standard input is called.
const STDIN: &str = "<stdin>";

/// Directories within each other: more than anybody makes.
const DEPTH_MAX: usize = 64;

/// Formats files, or the standard input.
pub(crate) fn fmt(screen: Screen, args: &FmtArgs) -> Result<Exit, Stop> {
    if args.stdin {
        return from_stdin(screen, args.check);
    }
    let files = files(screen, &args.paths)?;
    let mut found = Found::default();
    for file in &files {
        found.file(screen, file, args.check)?;
    }
    found.finish(screen, args.check)
}

/// What became of the files.
#[derive(Default)]
struct Found {
    /// Not in the style: written, or listed.
    differ: usize,
    /// In the style.
    same: usize,
    /// Not a text that can be read.
    unread: usize,
    /// With syntax errors: left as they are.
    wrong: Broken,
}

impl Found {
    fn file(&mut self, screen: Screen, path: &Path, only_check: bool) -> Result<(), Stop> {
        let shown = path.display();
        let text = match RealSystem.read_text(path) {
            Ok(text) => text,
            Err(why) => {
                screen.say_stop(&Stop::wrong(format!("cannot read `{shown}`: {why}")));
                self.unread += 1;
                return Ok(());
            }
        };
        let made = match flowc_compiler::format(&text) {
            Err(errors) => {
                self.wrong.add(path, text, errors);
                return Ok(());
            }
            Ok(made) if made == text => {
                self.same += 1;
                return Ok(());
            }
            Ok(made) => made,
        };
        self.differ += 1;
        if only_check {
            stdout::print(&format!("{shown}\n"))?;
            screen.write(&render::brief(screen, &render::diff(path, &text, &made)));
            return Ok(());
        }
        match overwrite(path, &text, &made) {
            Ok(Overwrite::Done) => {
                stdout::print(&format!("{shown}\n"))?;
                Ok(())
            }
            Ok(Overwrite::Changed) => Err(Stop::environment(format!("`{shown}` was changed meanwhile"))
                .hint("nothing was written over: run `flowc fmt` again")),
            Err(error) => Err(Stop::environment(format!("cannot write `{shown}`: {}", reason(&error)))),
        }
    }

    fn finish(self, screen: Screen, only_check: bool) -> Result<Exit, Stop> {
        self.wrong.say(screen);
        let counts = [
            (self.differ, if only_check { "to be formatted" } else { "formatted" }),
            (self.same, "in the style"),
            (self.wrong.texts.len(), "with syntax errors left as they are"),
            (self.unread, "not read"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let line: Vec<_> = counts.map(|(count, what)| format!("{} {what}", plural(count, "file"))).collect();
        let exit = if self.wrong.texts.len() + self.unread > 0 {
            Exit::WRONG
        } else if only_check && self.differ > 0 {
            Exit::DIFFERS
        } else {
            Exit::DONE
        };
        let ok = if exit == Exit::DONE { screen.paint(Style::Good, "ok:") + " " } else { String::new() };
        if !line.is_empty() {
            screen.say(&format!("{ok}{}", line.join(", ")));
        }
        Ok(exit)
    }
}

/// Texts with syntax errors, and the errors.
#[derive(Default)]
struct Broken {
    texts: Vec<(PathBuf, String, LineIndex)>,
    errors: Vec<Diagnostic>,
}

impl Broken {
    fn add(&mut self, path: &Path, text: String, errors: Vec<Diagnostic<Span>>) {
        let file = FileId(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        let placed = errors.into_iter().map(|error| error.map_places(|span| Location { file, span }));
        self.errors.extend(placed);
        let lines = LineIndex::new(&text);
        self.texts.push((path.to_owned(), text, lines));
    }

    fn say(&self, screen: Screen) {
        if !self.errors.is_empty() {
            render::say_all(screen, &self.errors, self);
        }
    }
}

impl Sources for Broken {
    fn source(&self, file: FileId) -> Option<(&Path, &str, &LineIndex)> {
        let (path, text, lines) = self.texts.get(file.0 as usize)?;
        Some((path, text, lines))
    }
}

/// From the standard input to the standard output.
fn from_stdin(screen: Screen, only_check: bool) -> Result<Exit, Stop> {
    let mut bytes = Vec::new();
    let limit = MAX_FILE_BYTES as u64 + 1;
    std::io::stdin()
        .lock()
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| Stop::environment(format!("cannot read the standard input: {}", reason(&error))))?;
    if bytes.len() > MAX_FILE_BYTES {
        let why = format!("more than {MAX_FILE_BYTES} bytes");
        return Err(Stop::wrong(format!("cannot read the standard input: {why}")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Stop::wrong(format!("cannot read the standard input: not UTF-8: byte {at}"))
    })?;
    match flowc_compiler::format(&text) {
        Ok(made) if only_check && made == text => Ok(Exit::DONE),
        Ok(made) if only_check => {
            stdout::print(&format!("{STDIN}\n"))?;
            screen.write(&render::brief(screen, &render::diff(Path::new(STDIN), &text, &made)));
            Ok(Exit::DIFFERS)
        }
        Ok(made) => {
            stdout::print(&made)?;
            Ok(Exit::DONE)
        }
        Err(errors) => {
            let mut broken = Broken::default();
            broken.add(Path::new(STDIN), text, errors);
            broken.say(screen);
            Ok(Exit::WRONG)
        }
    }
}

/// The files that are meant, each once, in the order of the call; those of a directory by name.
fn files(screen: Screen, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Stop> {
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    for path in paths {
        let mut below = Vec::new();
        if path.is_dir() {
            walk(path, 0, &mut below)?;
            if below.is_empty() {
                screen.say_warning(&format!("no .flow files in `{}`", path.display()));
            }
        } else {
            require_file(path)?;
            below.push(path.clone());
        }
        files.extend(
            below
                .into_iter()
                .filter(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone()))),
        );
    }
    Ok(files)
}

/// The .flow files in a directory and below it. What is hidden is left out, and so are links: what they lead to is
/// formatted where it stands.
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Stop> {
    let wrong = |error: std::io::Error| {
        Stop::environment(format!("cannot read `{}`: {}", folder.display(), reason(&error)))
    };
    if depth > DEPTH_MAX {
        return Ok(());
    }
    let entries: Result<Vec<_>, _> = std::fs::read_dir(folder).map_err(wrong)?.collect();
    let mut entries = entries.map_err(wrong)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let kind = entry.file_type().map_err(wrong)?;
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // `.` is what the user typed, not a part of every name.
        let path = if folder == Path::new(".") { PathBuf::from(&name) } else { entry.path() };
        if kind.is_dir() {
            walk(&path, depth + 1, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "flow") {
            files.push(path);
        }
    }
    Ok(())
}
