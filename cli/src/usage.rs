//! A command line that cannot be read, in the words of every other error. It knows no option: what is near is clap's to say.
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::exit::Stop;

/// The end of a command whose `words` cannot be read; `None` when help or the version was asked for, which are no errors.
pub(crate) fn stop(error: &clap::Error, words: &[OsString]) -> Option<Stop> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => None,
        ErrorKind::UnknownArgument => Some(unknown(error, words)),
        _ => {
            let text = error.render().to_string();
            Some(Stop::wrong(text.strip_prefix("error: ").unwrap_or(&text).trim_end()))
        }
    }
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
