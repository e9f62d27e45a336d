//! A command line that cannot be read, in the words of every other error. It knows no option: what is near is clap's to say.
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::exit::Stop;

/// The end of a command whose `words` cannot be read; `None` when help or the version was asked for, which are no errors.
pub(crate) fn stop(error: &clap::Error, words: &[OsString]) -> Option<Stop> {
    match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => None,
        ErrorKind::UnknownArgument => Some(unknown(error, words)),
        _ => Some(told(&error.render().to_string())),
    }
}

/// What clap says, by its paragraphs: the error, tips, the usage, where to find more.
fn told(text: &str) -> Stop {
    let mut paragraphs = text.split("\n\n");
    let error: Vec<&str> = paragraphs.next().unwrap_or_default().split_whitespace().collect();
    let error = error.join(" ");
    let stop = Stop::wrong(error.strip_prefix("error: ").unwrap_or(&error));
    paragraphs.flat_map(str::lines).fold(stop, |stop, line| match line.trim().split_once(": ") {
        Some(("tip", tip)) => stop.hint(tip),
        Some(("Usage", usage)) => stop.hint(format!("usage: `{usage}`")),
        _ => stop,
    })
}

/// Whether `words` ask for a JSON document, as far as can be told of words that may not be readable.
pub(crate) fn wants_json(words: &[OsString]) -> bool {
    words.iter().any(|word| word == "--json" || word == "--format=json")
        || words.windows(2).any(|two| two[0] == "--format" && two[1] == "json")
}

fn unknown(error: &clap::Error, words: &[OsString]) -> Stop {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let word = context(ContextKind::InvalidArg).unwrap_or_default();
    let command = words.iter().find_map(|word| word.to_str().filter(|word| !word.starts_with('-')));
    let command = command.unwrap_or_default();
    let stop = Stop::wrong(if word.starts_with('-') {
        format!("`flowc {command}` has no option `{word}`")
    } else {
        format!("`flowc {command}` takes no `{word}`")
    });
    let stop = match context(ContextKind::SuggestedArg) {
        Some(near) => stop.hint(format!("an option `{near}` is near")),
        None => stop,
    };
    if word.starts_with("--") && matches!(command, "run" | "plan") {
        stop.hint(format!("the flow's own parameters stand after the file: `flowc {command} FILE {word} …`"))
    } else {
        stop.hint(format!("`flowc {command} --help` lists all options"))
    }
}
