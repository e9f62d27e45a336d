//! The scanner: follows quoting and nesting through a shell text, and says of every hole where it stands.
//! It is no parser: what it does not need in order to know where the holes are, it does not look at.
mod commands;
mod heredocs;
mod words;

use std::ops::Range;

use flowc_plan::Quoting;

use self::commands::{Command, Kind};
use self::heredocs::HereDoc;
use super::{Dash, Finding, Place, Refusal, STAND_IN};

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
    /// The words that name what is run, as far as they are written out.
    pub(super) programs: Vec<Range<usize>>,
    /// The paths of redirections, as far as they are written out, and whether they are written to.
    pub(super) redirects: Vec<(Range<usize>, bool)>,
    /// Variables without quotes as arguments, which may become several words, each with the hole whose value it was given.
    pub(super) unquoted: Vec<(Range<usize>, usize)>,
    /// Blanks and comments between words, in their order.
    pub(super) gaps: Vec<Range<usize>>,
    /// Line ends between commands.
    pub(super) line_ends: Vec<usize>,
    /// Whether all shells read the whole text in the same way.
    pub(super) certain: bool,
}

/// Substitutions inside one another, and compound commands inside one another. People stay below ten; the parser recurses.
const DEPTH_MAX: usize = 40;

/// Scans `text`; `holes` are the offsets of its stand-ins, ascending.
pub(super) fn scan(shell: &str, text: &str, holes: &[usize]) -> Scan {
    let mut scanner = Scanner::new(shell, text.as_bytes(), holes);
    scanner.commands(None);
    scanner.finish()
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

struct Scanner<'a> {
    text: &'a [u8],
    at: usize,
    holes: &'a [usize],
    places: Vec<Place>,
    /// What a value that begins with `-` would be here, as long as nothing of the word stands before it.
    lead: Dash,
    /// Set where every hole is refused, whatever stands around it.
    refusing: Option<Refusal>,
    heredocs: Vec<HereDoc>,
    findings: Vec<Finding>,
    commands: Vec<Range<usize>>,
    opaque: Vec<Range<usize>>,
    programs: Vec<Range<usize>>,
    redirects: Vec<(Range<usize>, bool)>,
    /// Arguments that are a variable without quotes.
    variables: Vec<Range<usize>>,
    /// Variables that were given a value, with the hole.
    given: Vec<(&'a str, usize)>,
    depth: usize,
    /// How many `coproc`: the parser recurses on them.
    coprocs: usize,
    gaps: Vec<Range<usize>>,
    line_ends: Vec<usize>,
    /// Whether the shell reads `$'…'` and `((…))` as bash does. What `sh` is differs from machine to machine.
    is_bash: bool,
    is_zsh: bool,
    /// From here on shells do not agree how the text is to be read.
    doubt: Option<usize>,
    /// What is refused whatever else is said of it.
    late: Vec<(Range<usize>, Refusal)>,
    /// What is given to variables, where it matters whether one of them evaluates it.
    assigned: Vec<Range<usize>>,
    /// A variable was declared with `-i` or `-n`: it evaluates what it is given.
    evaluating: bool,
    /// What is given to variables by `declare` and its like, which evaluates it when the variable is an array.
    declared: Vec<Range<usize>>,
    /// There are arrays.
    arrays: bool,
    /// The last `]=` of the text, where somebody asked.
    last_subscript: Option<usize>,
}

impl<'a> Scanner<'a> {
    fn new(shell: &str, text: &'a [u8], holes: &'a [usize]) -> Self {
        let name = shell.rsplit('/').next().unwrap_or("");
        Self {
            text,
            at: 0,
            holes,
            places: vec![
                Place::Quoted { quoting: Quoting::Bare, dash: Dash::Plain, several: false };
                holes.len()
            ],
            lead: Dash::Plain,
            refusing: None,
            heredocs: Vec::new(),
            findings: Vec::new(),
            commands: std::iter::once(0..text.len()).collect(),
            opaque: Vec::new(),
            programs: Vec::new(),
            redirects: Vec::new(),
            variables: Vec::new(),
            given: Vec::new(),
            gaps: Vec::new(),
            line_ends: Vec::new(),
            depth: 0,
            coprocs: 0,
            is_bash: matches!(name, "bash" | "ksh" | "mksh" | "zsh"),
            is_zsh: name == "zsh",
            doubt: None,
            late: Vec::new(),
            assigned: Vec::new(),
            evaluating: false,
            declared: Vec::new(),
            arrays: false,
            last_subscript: None,
        }
    }

    /// What is known only when the whole text was seen.
    fn finish(mut self) -> Scan {
        if let Some(from) = self.doubt {
            self.refuse_range(from..self.text.len(), Refusal::Doubt);
        }
        for (range, why) in std::mem::take(&mut self.late) {
            self.refuse_range(range, why);
        }
        for (ranges, evaluated) in [
            (std::mem::take(&mut self.assigned), self.evaluating),
            (std::mem::take(&mut self.declared), self.evaluating || self.arrays),
        ] {
            for range in ranges.into_iter().filter(|_| evaluated) {
                self.refuse_range(range, Refusal::Name);
            }
        }
        // A text that says how words are split means them to be.
        let splits = self.text.windows(4).any(|word| word == b"IFS=") || self.is_zsh;
        let variables = std::mem::take(&mut self.variables).into_iter().filter(|_| !splits);
        let unquoted = variables.filter_map(|range| {
            let word = std::str::from_utf8(self.text.get(range.clone())?).ok()?;
            let name = word.trim_start_matches(['$', '{']).trim_end_matches('}');
            let (_, hole) = self.given.iter().find(|(given, _)| *given == name)?;
            Some((range, *hole))
        });
        let unquoted = unquoted.collect();
        Scan {
            splices: self.places,
            findings: self.findings,
            commands: self.commands,
            opaque: self.opaque,
            programs: self.programs,
            redirects: self.redirects,
            unquoted,
            gaps: self.gaps,
            line_ends: self.line_ends,
            certain: self.doubt.is_none(),
        }
    }

    /// From `at` on, some shell may read the text in another way.
    fn doubt(&mut self, at: usize) {
        self.doubt = Some(self.doubt.map_or(at, |doubt| doubt.min(at)));
    }

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
            if let Place::Quoted { .. } = self.places[hole] {
                self.places[hole] = Place::Refused(self.refusing.unwrap_or(why));
            }
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
            let start = self.at;
            self.blanks();
            // A line end after a backslash alone joins what stands around it.
            if self.text[start..self.at].iter().any(|byte| b" \t".contains(byte)) {
                self.gaps.push(start..self.at);
            }
            let Some(byte) = self.peek(0) else { break };
            if matches!(frames.last(), Some(Frame::Array)) && b"(;&|".contains(&byte) {
                // An error that bash goes on after, in the middle of the text.
                self.doubt(0);
            }
            let hole = self.hole_at(self.at).is_some();
            match byte {
                b'\n' => {
                    self.line_ends.push(self.at);
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
        if opened.is_some() && !self.heredocs.is_empty() {
            self.doubt(self.at);
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
                let before = self.at.checked_sub(1).map(|at| self.text[at]);
                // Some shells join the two to one operator.
                if before.is_some_and(|b| b"<>&|;(=".contains(&b))
                    && self.peek(2).is_some_and(|b| b"<>&|;(-\\".contains(&b))
                {
                    self.doubt(self.at);
                }
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
        self.gaps.push(start..self.at);
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
        } else if self.looking_at("((") && (command.start || command.kind == Kind::For) {
            let start = self.at;
            self.at += 2;
            self.arithmetic(start, b"))");
            if !command.start {
                // The parser reads the three parts of a `for` itself.
                self.opaque.pop();
            }
            // In other shells it is a subshell in a subshell.
            let plain = |b: &u8| !b"'\"\\`#;\n".contains(b);
            let inside = &self.text[start..self.at];
            let same =
                inside.iter().all(plain) && !inside.windows(2).any(|pair| matches!(pair, b"<<" | b"$("));
            if !self.is_bash && !same {
                self.doubt(start);
            }
        } else {
            let array = self.at > 0 && self.text[self.at - 1] == b'=';
            self.arrays |= array;
            frames.push(if array { Frame::Array } else { Frame::Paren });
            self.at += 1;
            *command = Command::new();
        }
    }

    fn redirect(&mut self, command: &mut Command) {
        let start = self.at;
        if self.looking_at("<<<") {
            self.at += 3;
            command.here_string = true;
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
            let both = rest == Some(b'>') && self.peek(0) == Some(b'<');
            command.target = match (self.peek(0), rest) {
                // Of another descriptor, or read and written.
                (_, Some(b'&')) => None,
                _ if both => None,
                (Some(byte), _) => Some(byte == b'>'),
                (None, _) => None,
            };
            self.at += if matches!(rest, Some(b'>' | b'&' | b'|')) { 2 } else { 1 };
        }
        command.redirect = true;
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
