//! Why an execution gave no value, and how what a program printed is made fit for a person's terminal. It knows no plan.
use std::fmt::Display;

use flowc_store::StoreError;

/// The most that is shown of standard error, in bytes and in lines.
const TAIL_BYTES_MAX: usize = 2 << 10;
const TAIL_LINES_MAX: usize = 20;
/// The most that is shown of a command, in bytes.
const COMMAND_BYTES_MAX: usize = 2 << 10;

/// A kind to branch on and a sentence to read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failure {
    /// See [`crate::StepFailure::kind`].
    pub(super) kind: &'static str,
    /// One sentence.
    pub(super) message: String,
}

pub(super) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    pub(super) fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// An expression of the task has no value for these arguments.
    pub(super) fn evaluation(message: impl Into<String>) -> Self {
        Self::new("evaluation", message)
    }

    /// What the program left is not what the task promises.
    pub(super) fn bad_output(message: impl Into<String>) -> Self {
        Self::new("bad-output", message)
    }

    /// The system refused what the executor itself needs.
    pub(super) fn system(what: &str, error: impl Display) -> Self {
        Self::new("system", format!("cannot {what}: {error}"))
    }

    /// The run is being stopped.
    pub(super) fn interrupted() -> Self {
        Self::new("interrupted", "stopped with its run")
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unsupported { .. } => Self::bad_output(error.to_string()),
            _ => Self::new("store", error.to_string()),
        }
    }
}

/// The sentence for an exit status or a signal.
pub(super) fn ended(status: Ended) -> Failure {
    match status {
        Ended::Exited(code) => Failure::new("exit", format!("exit status {code}")),
        Ended::Signaled(signal) => Failure::new("signal", format!("killed by {}", signal_name(signal))),
    }
}

/// The sentence for a step that waits for a person.
pub(super) fn wants_terminal() -> Failure {
    Failure::new(
        "terminal",
        "it wants the terminal, which no step has: give it what it asks for by `stdin` or an option",
    )
}

/// What is likely behind a failure where nothing can be written any more.
pub(super) const FULL: &str = "; the file system of the store is full";

/// What may be behind a failure whose last words are these: the kernel refuses what a step may not do without telling us.
pub(super) fn hint(stderr_tail: &str) -> &'static str {
    if ["Permission denied", "Invalid cross-device link", "EACCES"]
        .iter()
        .any(|word| stderr_tail.contains(word))
    {
        "; a step may write only to its directory, `$HOME` and `$TMPDIR`, and connect only with `needs { network: true }`"
    } else {
        ""
    }
}

/// How a process ended by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ended {
    /// With this exit status.
    Exited(i32),
    /// By this signal.
    Signaled(i32),
}

/// The names of the signals that end processes; their numbers are those of x86, ARM and RISC-V.
fn signal_name(signal: i32) -> String {
    let name = match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}

/// The end of what was printed: the last lines, with nothing in them that could command a terminal.
pub(super) fn tail(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(4 * TAIL_BYTES_MAX)..]).into_owned();
    let text = harmless(&text);
    let mut start = text.len().saturating_sub(TAIL_BYTES_MAX);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let cut = &text[start..];
    let lines: Vec<&str> = cut.trim_end().lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES_MAX)..].join("\n")
}

/// How many bytes at the end of a stream are enough for [`tail`].
pub(super) const TAIL_BYTES_READ: u64 = 4 * TAIL_BYTES_MAX as u64;

/// A command as it is shown: as typed, its end cut when it is long.
pub(super) fn shown_command(command: &str) -> String {
    let command = harmless(command.trim());
    if command.len() <= COMMAND_BYTES_MAX {
        return command;
    }
    let mut end = COMMAND_BYTES_MAX;
    while !command.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &command[..end])
}

/// A text without escape sequences, overwritten lines, control characters and characters that turn the direction of writing.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut line_start = 0;
    while let Some(c) = chars.next() {
        match c {
            '\n' => {
                out.push('\n');
                line_start = out.len();
            }
            '\t' => out.push('\t'),
            // A progress bar writes its line again and again: what counts is the last.
            '\r' => match chars.peek() {
                Some('\n') | None => {}
                Some(_) => out.truncate(line_start),
            },
            '\u{1b}' => skip_escape(&mut chars),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push('\u{fffd}');
            }
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Skips what follows an escape character: `[…m` and its like up to the final byte, `]…` up to a bell, else one character.
fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            while let Some(&c) = chars.peek() {
                if !(' '..='~').contains(&c) {
                    break;
                }
                chars.next();
                if ('@'..='~').contains(&c) {
                    break;
                }
            }
        }
        Some(']') => {
            while let Some(&c) = chars.peek() {
                if c == '\n' || c == '\u{1b}' {
                    break;
                }
                chars.next();
                if c == '\u{7}' {
                    break;
                }
            }
        }
        Some('\n') | None => {}
        Some(_) => {
            chars.next();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_shows_the_last_lines_and_commands_no_terminal() {
        let check = |printed: &str, shown: &str| assert_eq!(tail(printed.as_bytes()), shown, "{printed:?}");
        check("", "");
        check("one\ntwo\n", "one\ntwo");
        check("\u{1b}[31;1mred\u{1b}[0m!\n", "red!");
        check("\u{1b}]0;title\u{7}text", "text");
        check(" 10%\r 50%\r100%\ndone\r\n", "100%\ndone");
        check("a\u{8}b\u{202e}c", "a\u{fffd}b\u{fffd}c");
        let many: String = (0..100).map(|n| format!("{n}\n")).collect();
        check(&many, &(80..100).map(|n| n.to_string()).collect::<Vec<_>>().join("\n"));
        let long = "ä".repeat(10_000);
        assert!(tail(long.as_bytes()).len() <= TAIL_BYTES_MAX);
        assert_eq!(tail(b"\xff\xfe"), "\u{fffd}\u{fffd}");
    }
}
