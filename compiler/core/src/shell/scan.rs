//! The scanner: follows quoting and nesting through a shell text, and says of every hole where it stands.
//! It is no parser: what it does not need in order to know where the holes are, it does not look at.
mod words;

use std::ops::Range;

use flowc_plan::Quoting;

use super::{Finding, Place, Refusal, STAND_IN};

/// What the scanner found.
pub(super) struct Scan {
    /// Of each hole.
    pub(super) splices: Vec<Place>,
    /// What is not closed, and closers of nothing.
    pub(super) findings: Vec<Finding>,
    /// Lists of commands: the whole text first, then what stands in each `$( )`.
    pub(super) commands: Vec<Range<usize>>,
    /// What stands inside other expansions (`${ }`, `$(( ))`, backquotes).
    pub(super) opaque: Vec<Range<usize>>,
}

/// Substitutions inside one another, and compound commands inside one another. People stay below ten; the parser recurses.
const DEPTH_MAX: usize = 40;

/// Scans `text`; `holes` are the offsets of its stand-ins, ascending.
pub(super) fn scan(text: &str, holes: &[usize]) -> Scan {
    let mut scanner = Scanner {
        text: text.as_bytes(),
        at: 0,
        holes,
        places: vec![Place::Quoted { quoting: Quoting::Bare, option: false, several: false }; holes.len()],
        refusing: None,
        heredocs: Vec::new(),
        findings: Vec::new(),
        commands: std::iter::once(0..text.len()).collect(),
        opaque: Vec::new(),
        depth: 0,
        coprocs: 0,
    };
    scanner.commands(None);
    Scan {
        splices: scanner.places,
        findings: scanner.findings,
        commands: scanner.commands,
        opaque: scanner.opaque,
    }
}

/// A here-document whose text has not come yet.
struct HereDoc {
    tag: Vec<u8>,
    at: usize,
    strips_tabs: bool,
}

/// What is open around a command.
enum Frame {
    /// `(` of a subshell or a function.
    Paren,
    /// `name=(` of an array: words.
    Array,
    /// `if`, `while`, `{` …: the word and its offset.
    Word(&'static str, usize),
    /// `case`, and how far it is.
    Case(Case, usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    /// The word to look at is next.
    Word,
    /// `in` is next.
    In,
    /// Patterns, up to `)`.
    Pattern,
    /// Commands, up to `;;`.
    Body,
}

/// How far a simple command is.
struct Command {
    /// The word that says what is done is still to come.
    start: bool,
    /// An argument may be an option.
    options: bool,
    /// After `printf` and `echo`: only the first argument may be one.
    first_only: bool,
    /// After `--name` or `-n`: what follows is far more likely its value than an option.
    value_next: bool,
    /// The next argument, or every one, is code of a shell.
    code: Code,
    /// A shell was named, as the command or behind one that runs others: its `-c` takes code.
    shell: bool,
    /// The command runs the command that its arguments name.
    runs_others: bool,
    /// The next word is where a redirection goes.
    redirect: bool,
    /// The next word is the name of a function.
    function: bool,
}

/// Which arguments of a command a shell reads as code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    None,
    Next,
    All,
}

impl Command {
    fn new() -> Self {
        Self {
            start: true,
            options: true,
            first_only: false,
            value_next: false,
            code: Code::None,
            shell: false,
            runs_others: false,
            redirect: false,
            function: false,
        }
    }
}

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    holes: &'a [usize],
    places: Vec<Place>,
    /// Set where every hole is refused, whatever stands around it.
    refusing: Option<Refusal>,
    heredocs: Vec<HereDoc>,
    findings: Vec<Finding>,
    commands: Vec<Range<usize>>,
    opaque: Vec<Range<usize>>,
    depth: usize,
    /// How many `coproc`: the parser recurses on them.
    coprocs: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    fn looking_at(&self, what: &str) -> bool {
        self.text[self.at.min(self.text.len())..].starts_with(what.as_bytes())
    }

    fn hole_at(&self, at: usize) -> Option<usize> {
        self.holes.binary_search(&at).ok()
    }

    /// Steps over the hole at this place, if there is one.
    fn hole(&mut self, place: Place) -> bool {
        let Some(hole) = self.hole_at(self.at) else { return false };
        self.places[hole] = self.refusing.map_or(place, Place::Refused);
        self.at += STAND_IN.len();
        true
    }

    fn refused(&mut self, why: Refusal) -> bool {
        self.hole(Place::Refused(why))
    }

    /// Does `inner` with every hole in it refused.
    fn refusing(&mut self, why: Refusal, inner: impl FnOnce(&mut Self)) {
        let outer = self.refusing;
        self.refusing = outer.or(Some(why));
        inner(self);
        self.refusing = outer;
    }

    /// Refuses every hole of a range that was stepped over without a look.
    fn refuse_range(&mut self, range: Range<usize>, why: Refusal) {
        let first = self.holes.partition_point(|&hole| hole < range.start);
        let last = self.holes.partition_point(|&hole| hole < range.end);
        for hole in first..last {
            self.places[hole] = Place::Refused(self.refusing.unwrap_or(why));
        }
    }

    fn error(&mut self, at: usize, message: impl Into<String>, hint: Option<&'static str>) {
        self.findings.push(Finding { at, message: message.into(), hint });
    }

    fn too_deep(&mut self, at: usize) -> bool {
        let too_deep = self.depth >= DEPTH_MAX;
        if too_deep {
            self.give_up(at);
        }
        too_deep
    }

    /// Nothing more is looked at, so nothing more is safe.
    fn give_up(&mut self, at: usize) {
        self.error(at, "shell text is nested too deeply", Some("split the task, or write a script"));
        self.at = self.text.len();
    }

    /// A list of commands, up to the end of the text, or up to (not over) the `)` of the `$(` at `opened`.
    fn commands(&mut self, opened: Option<usize>) {
        if self.too_deep(self.at) {
            return;
        }
        self.depth += 1;
        let outer_heredocs = std::mem::take(&mut self.heredocs);
        let mut frames: Vec<Frame> = Vec::new();
        let mut command = Command::new();
        loop {
            self.blanks();
            let Some(byte) = self.peek(0) else { break };
            let hole = self.hole_at(self.at).is_some();
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.here_documents();
                    command = Command::new();
                }
                b'#' => self.comment(),
                b';' | b'&' | b'|' => self.separator(&mut frames, &mut command),
                b'(' => self.open(&mut frames, &mut command),
                b')' => {
                    match frames.last_mut() {
                        Some(Frame::Case(case @ Case::Pattern, _)) => *case = Case::Body,
                        Some(Frame::Paren | Frame::Array) => drop(frames.pop()),
                        _ if opened.is_some() => break,
                        // Nothing is open: the parser says so.
                        _ => {}
                    }
                    self.at += 1;
                    command = Command::new();
                }
                b'<' | b'>' => self.redirect(&mut command),
                _ if hole || !self.looking_at("[[") || !command.start || !self.word_ends(2) => {
                    self.word_of_command(&mut frames, &mut command);
                }
                _ => self.condition(),
            }
            if frames.len() > DEPTH_MAX {
                self.give_up(self.at);
                return;
            }
        }
        self.here_documents();
        for frame in &frames {
            if let Frame::Word(word, at) = frame {
                let end = closer(word);
                self.findings.push(Finding {
                    at: *at,
                    message: format!("`{word}` without `{end}` in shell text"),
                    hint: None,
                });
            } else if let Frame::Case(_, at) = frame {
                self.error(*at, "`case` without `esac` in shell text", None);
            }
        }
        if let (Some(opened), None) = (opened, self.peek(0)) {
            self.error(opened, "`$(` without `)` in shell text", None);
        }
        self.heredocs = outer_heredocs;
        self.depth -= 1;
    }

    /// Spaces, tabs, and line ends after a backslash.
    fn blanks(&mut self) {
        loop {
            if self.looking_at("\\\n") {
                self.at += 2;
            } else if matches!(self.peek(0), Some(b' ' | b'\t')) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        self.at += self.text[start..].iter().position(|&b| b == b'\n').unwrap_or(self.text.len() - start);
        self.refuse_range(start..self.at, Refusal::Comment);
    }

    fn separator(&mut self, frames: &mut [Frame], command: &mut Command) {
        if self.looking_at("&>") {
            self.at += 1;
            return self.redirect(command);
        }
        if self.looking_at(";;") || self.looking_at(";&") {
            if let Some(Frame::Case(case @ Case::Body, _)) = frames.last_mut() {
                *case = Case::Pattern;
            }
            self.at += if self.looking_at(";;&") { 3 } else { 2 };
        } else {
            self.at += 1;
        }
        *command = Command::new();
    }

    fn open(&mut self, frames: &mut Vec<Frame>, command: &mut Command) {
        if let Some(Frame::Case(Case::Pattern, _)) = frames.last() {
            self.at += 1;
        } else if self.looking_at("((") && command.start {
            let start = self.at;
            self.at += 2;
            self.arithmetic(start, b"))");
        } else {
            let array = self.at > 0 && self.text[self.at - 1] == b'=';
            frames.push(if array { Frame::Array } else { Frame::Paren });
            self.at += 1;
            *command = Command::new();
        }
    }

    fn redirect(&mut self, command: &mut Command) {
        let start = self.at;
        if self.looking_at("<<<") {
            self.at += 3;
        } else if self.looking_at("<<") {
            self.at += 2;
            let strips_tabs = self.peek(0) == Some(b'-');
            self.at += usize::from(strips_tabs);
            return self.here_tag(start, strips_tabs);
        } else if self.looking_at("<(") || self.looking_at(">(") {
            self.at += 1;
            return self.substitution();
        } else {
            let rest = self.peek(1);
            self.at += if matches!(rest, Some(b'>' | b'&' | b'|')) { 2 } else { 1 };
        }
        command.redirect = true;
    }

    fn here_tag(&mut self, start: usize, strips_tabs: bool) {
        self.blanks();
        let from = self.at;
        self.refusing(Refusal::HereDocumentTag, |s| s.word(false));
        // The tag is the word without its quotes.
        let tag: Vec<u8> =
            self.text[from..self.at].iter().copied().filter(|b| !matches!(b, b'\'' | b'"' | b'\\')).collect();
        self.heredocs.push(HereDoc { tag, at: start, strips_tabs });
    }

    /// The texts of the here-documents of the line that has just ended.
    fn here_documents(&mut self) {
        for doc in std::mem::take(&mut self.heredocs) {
            let start = self.at;
            let mut ended = false;
            while !ended && self.at < self.text.len() {
                let rest = &self.text[self.at..];
                let length = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
                let mut line = &rest[..length];
                if doc.strips_tabs {
                    line = &line[line.iter().take_while(|&&b| b == b'\t').count()..];
                }
                ended = line == doc.tag.as_slice();
                self.at = (self.at + length + 1).min(self.text.len());
            }
            self.refuse_range(start..self.at, Refusal::HereDocument);
            if !ended {
                let tag = String::from_utf8_lossy(&doc.tag).replace(STAND_IN, "{{…}}");
                let hint = "its tag stands alone on a line, without blanks around it";
                self.error(doc.at, format!("here-document `{tag}` does not end"), Some(hint));
            }
        }
    }

    /// A word, and what it means for the command it stands in.
    fn word_of_command(&mut self, frames: &mut Vec<Frame>, command: &mut Command) {
        let start = self.at;
        let in_array = matches!(frames.last(), Some(Frame::Array));
        let in_pattern = match frames.last() {
            Some(Frame::Case(case, _)) => *case != Case::Body,
            Some(Frame::Array) => true,
            _ => false,
        };
        let argument = !in_pattern && !command.start && !command.redirect;
        let option = argument && command.options && !command.value_next;
        let word_of = |s: &mut Self| s.word(option);
        if argument && command.code != Code::None {
            self.refusing(Refusal::Code, word_of);
        } else {
            word_of(self);
        }
        if self.at == start {
            self.at += 1; // A byte that begins no word: never stand still.
        }
        let word = self.plain(start);
        let several =
            argument || in_array || (command.start && !in_pattern && !command.redirect && !command.function);
        if several
            && let Some(hole) = self.hole_at(start)
            && self.at == start + STAND_IN.len()
            && let Place::Quoted { several, .. } = &mut self.places[hole]
        {
            *several = true;
        }
        if let Some(Frame::Case(case, at)) = frames.last_mut()
            && *case != Case::Body
        {
            *case = match (*case, word) {
                (Case::Word, _) => Case::In,
                (Case::In, "in") => Case::Pattern,
                (Case::In, _) => {
                    let at = *at;
                    self.error(at, "`case` without `in` in shell text", None);
                    Case::Pattern
                }
                (Case::Pattern, "esac") => {
                    frames.pop();
                    return;
                }
                (case, _) => case,
            };
            return;
        }
        if in_pattern {
        } else if command.redirect {
            command.redirect = false;
        } else if command.function {
            *command = Command::new();
        } else if command.start {
            self.first_word(word, start, frames, command);
        } else {
            self.argument(word, command);
        }
    }

    /// What an argument means for those behind it.
    fn argument(&self, word: &str, command: &mut Command) {
        if command.code == Code::Next {
            // What follows the code of `sh -c`, or the signals of `trap`.
            (command.code, command.shell, command.options) = (Code::None, false, false);
        } else if command.shell && word.starts_with('-') && !word.starts_with("--") && word.ends_with('c') {
            command.code = Code::Next;
        } else if command.runs_others && is_shell(word) {
            command.shell = true;
        } else if word == "--" || command.first_only {
            command.options = false;
        } else {
            let letter = word.len() == 2 && word.starts_with('-') && word.as_bytes()[1].is_ascii_alphabetic();
            command.value_next = letter || word.starts_with("--") && !word.contains('=');
        }
    }

    fn first_word(&mut self, word: &str, start: usize, frames: &mut Vec<Frame>, command: &mut Command) {
        match word {
            "if" => frames.push(Frame::Word("if", start)),
            "while" => frames.push(Frame::Word("while", start)),
            "until" => frames.push(Frame::Word("until", start)),
            "{" => frames.push(Frame::Word("{", start)),
            "for" | "select" => {
                frames.push(Frame::Word(if word == "for" { "for" } else { "select" }, start));
                (command.start, command.options) = (false, false);
            }
            "case" => frames.push(Frame::Case(Case::Word, start)),
            "fi" | "done" | "}" => match frames.last() {
                Some(Frame::Word(opener, _)) if closer(opener) == word => drop(frames.pop()),
                _ => self.error(start, format!("`{word}` closes nothing in shell text"), None),
            },
            "esac" => match frames.last() {
                Some(Frame::Case(..)) => drop(frames.pop()),
                _ => self.error(start, "`esac` closes nothing in shell text", None),
            },
            "then" | "elif" | "else" | "do" | "!" | "time" => {}
            "coproc" => {
                self.coprocs += 1;
                if self.coprocs > DEPTH_MAX {
                    self.give_up(start);
                }
            }
            "function" => command.function = true,
            _ if is_assignment(word) => {}
            // A number right before `<` or `>` belongs to the redirection.
            _ if word.bytes().all(|b| b.is_ascii_digit())
                && matches!(self.peek(0), Some(b'<' | b'>'))
                && !word.is_empty() => {}
            _ => {
                command.start = false;
                command.options = !matches!(word, "[" | "test" | ":" | "exit" | "return" | "shift");
                command.first_only = matches!(word, "printf" | "echo");
                command.code = match word {
                    "eval" | "let" => Code::All,
                    "trap" => Code::Next,
                    _ => Code::None,
                };
                command.shell = is_shell(word);
                command.runs_others = RUNS_OTHERS.contains(&word);
            }
        }
    }

    /// The letters of the word from `start` to here; empty when a value is part of it.
    fn plain(&self, start: usize) -> &'a str {
        let first = self.holes.partition_point(|&hole| hole < start);
        match self.holes.get(first) {
            // An assignment is one whatever its value.
            Some(&hole) if hole < self.at && !self.text[start..hole].contains(&b'=') => "",
            _ => std::str::from_utf8(&self.text[start..self.at.min(self.text.len())]).unwrap_or(""),
        }
    }

    fn word_ends(&self, ahead: usize) -> bool {
        self.peek(ahead).is_none_or(|b| matches!(b, b' ' | b'\t' | b'\n'))
    }
}

/// Commands that run the command that their arguments name.
const RUNS_OTHERS: [&str; 14] = [
    "busybox", "chroot", "command", "env", "exec", "find", "nice", "nohup", "setsid", "stdbuf", "sudo",
    "time", "timeout", "xargs",
];

fn is_shell(word: &str) -> bool {
    super::is_known(word)
}

/// The word that ends what this one begins.
fn closer(word: &str) -> &'static str {
    match word {
        "if" => "fi",
        "{" => "}",
        _ => "done",
    }
}

fn is_name(text: &[u8]) -> bool {
    text.first().is_some_and(|b| *b == b'_' || b.is_ascii_alphabetic())
        && text.iter().all(|b| *b == b'_' || b.is_ascii_alphanumeric())
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.strip_suffix('+').unwrap_or(name);
        is_name(name.split('[').next().unwrap_or("").as_bytes())
    })
}
