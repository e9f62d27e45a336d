//! What the standard error can show: whether it is a terminal, its width, its colours. Asked once, and only the system, never the terminal itself.
use std::fmt::Write as _;
use std::io::{self, Write as _};

use crate::args::Colour;
use crate::exit::Stop;

/// Columns of a standard error that is no terminal.
const WIDTH_ELSEWHERE: usize = 100;
/// Diagnostics are unreadable in fewer columns.
const WIDTH_MIN: usize = 40;
/// And their lines too long to read in more.
const WIDTH_MAX: usize = 140;

/// The standard error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// Whether lines can be drawn over.
    pub(crate) terminal: bool,
    /// Whether colours can be seen and are wanted.
    pub(crate) colour: bool,
}

impl Screen {
    /// Looks at the standard error and the environment.
    pub(crate) fn new(colour: Colour) -> Self {
        Self::of(&io::stderr(), colour)
    }

    /// What the standard output can show, for texts that are printed there.
    pub(crate) fn of_stdout(colour: Colour) -> Self {
        Self::of(&io::stdout(), colour)
    }

    fn of(stream: &impl anstream::stream::RawStream, colour: Colour) -> Self {
        let terminal = stream.is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let colour = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
        };
        Self { terminal, colour }
    }

    /// Columns to write to, within what can be read.
    pub(crate) fn width(self) -> usize {
        if self.terminal { self.columns().clamp(WIDTH_MIN, WIDTH_MAX) } else { WIDTH_ELSEWHERE }
    }

    /// Columns of the terminal; 80 where it does not say.
    pub(crate) fn columns(self) -> usize {
        match rustix::termios::tcgetwinsize(io::stderr()) {
            Ok(size) if size.ws_col > 0 => usize::from(size.ws_col),
            _ => 80,
        }
    }

    /// Rows of the terminal; 24 where it does not say.
    pub(crate) fn height(self) -> usize {
        match rustix::termios::tcgetwinsize(io::stderr()) {
            Ok(size) if size.ws_row > 0 => usize::from(size.ws_row),
            _ => 24,
        }
    }

    /// The text in a style, where colours are seen.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        if self.colour { format!("\x1b[{}m{text}\x1b[0m", style.sequence()) } else { text.to_owned() }
    }

    /// Says a line. A standard error that is gone is no reason to stop.
    pub(crate) fn say(self, line: &str) {
        self.write(&format!("{line}\n"));
    }

    /// Writes a text as it is, in one piece.
    pub(crate) fn write(self, text: &str) {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Says why a command ends early.
    pub(crate) fn say_stop(self, stop: &Stop) {
        let Some(message) = &stop.message else { return };
        let mut text = format!("{} {message}", self.paint(Style::Error, "error:"));
        for hint in &stop.hints {
            let _ = write!(text, "\n  {} {hint}", self.paint(Style::Hint, "hint:"));
        }
        self.say(&text);
    }

    /// Says a warning.
    pub(crate) fn say_warning(self, message: &str) {
        self.say(&format!("{} {message}", self.paint(Style::Warning, "warning:")));
    }
}

/// What a piece of text is; how it looks follows from that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Style {
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// What to do.
    Hint,
    /// Something that goes on.
    Running,
    /// Something that went well.
    Good,
    /// A name that matters.
    Strong,
    /// What can be skipped.
    Dim,
}

impl Style {
    fn sequence(self) -> &'static str {
        match self {
            Self::Error => "1;31",
            Self::Warning => "1;33",
            Self::Hint | Self::Running => "36",
            Self::Good => "32",
            Self::Strong => "1",
            Self::Dim => "2",
        }
    }
}
