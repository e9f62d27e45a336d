//! Simple commands: what their words mean, and which of their arguments a shell reads once more. It knows the built-in commands
//! that evaluate what they are given, and those that start shells.
use super::super::Place;
use super::{Case, DEPTH_MAX, Dash, Frame, Refusal, STAND_IN, Scanner, closer, is_assignment, is_name};

/// How far a simple command is.
pub(super) struct Command {
    /// The word that says what is done is still to come.
    pub(super) start: bool,
    /// `command` or the like stood before it: reserved words are none any more.
    prefixed: bool,
    /// What it is.
    pub(super) kind: Kind,
    /// An argument may be an option.
    options: bool,
    /// After `printf` and `echo`: only the first argument may be one.
    first_only: bool,
    /// After `--name` or `-n`: what follows is far more likely its value than an option.
    value_next: bool,
    /// The next argument, or every one, is code of a shell.
    code: Code,
    /// A shell was named, as the command or among its arguments: its `-c` takes code.
    shell: bool,
    /// The next word is where a redirection goes.
    pub(super) redirect: bool,
    /// Whether that is written to; `None` where it is no path.
    pub(super) target: Option<bool>,
    /// And it is the text of `<<<`.
    pub(super) here_string: bool,
    /// The next word is the name of a function.
    function: bool,
    /// The next argument is the name of a variable.
    name_next: bool,
    /// The word that says what is done may be nothing.
    unsure: bool,
    /// The argument before held a value.
    after_value: bool,
}

/// Which arguments of a command a shell reads as code.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Code {
    None,
    Next,
    All,
}

/// What a command does with its arguments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It takes them as they are.
    Plain,
    /// `for`, `select`: what is listed goes to a variable.
    For,
    /// `test`, `[`: `-v` takes a name, and what is an operator is said by the words themselves.
    Test,
    /// `read`, `unset`: names of variables.
    Names,
    /// `declare`, `export`: `name=value`; with some options the value is evaluated.
    Declaration,
    /// The first argument may be `-v name`.
    Printf,
    /// The words behind the host are code.
    Ssh,
    /// `-S` takes a command line.
    Env,
    /// `.`, `source`: the first argument names code.
    Source,
    /// A script, which has the arguments that follow.
    Script,
    /// `su`, `flock`: `-c` may stand behind other arguments.
    Su,
}

impl Command {
    pub(super) fn new() -> Self {
        Self {
            start: true,
            prefixed: false,
            kind: Kind::Plain,
            options: true,
            first_only: false,
            value_next: false,
            code: Code::None,
            shell: false,
            redirect: false,
            target: None,
            here_string: false,
            function: false,
            name_next: false,
            unsure: false,
            after_value: false,
        }
    }

    /// What an option could do as the next argument.
    fn dash(&self) -> Dash {
        let evaluates = match self.kind {
            Kind::Printf | Kind::Env | Kind::Ssh => true,
            Kind::Source => return if self.after_value { Dash::Plain } else { Dash::Code },
            _ => self.shell,
        };
        match self.options && !self.value_next {
            true if evaluates => Dash::Code,
            true => Dash::Option,
            false => Dash::Plain,
        }
    }
}

impl Scanner<'_> {
    /// Why no value may be in the argument that begins here, whatever its quotes.
    fn refusal(&self, command: &Command) -> Option<Refusal> {
        let rest = self.text.get(self.at..).unwrap_or(&[]);
        let dashed = rest.iter().find(|b| !b"'\"\\\n".contains(b)) == Some(&b'-');
        if command.redirect {
            let read = command.shell || command.kind == Kind::Source;
            return (command.here_string && read).then_some(Refusal::Code);
        }
        if command.code != Code::None || (dashed && (command.shell || command.kind == Kind::Ssh)) {
            return Some(Refusal::Code);
        }
        match command.kind {
            Kind::Env if dashed => Some(Refusal::Code),
            Kind::Printf if dashed && command.options => Some(Refusal::Name),
            Kind::Test if dashed || command.after_value => Some(Refusal::Name),
            Kind::Names => Some(Refusal::Name),
            Kind::Declaration => {
                let length = rest.iter().take_while(|&&b| b == b'_' || b.is_ascii_alphanumeric()).count();
                let name = rest.get(..length).unwrap_or(&[]);
                let behind = rest.get(length..).unwrap_or(&[]);
                let hole = self.holes.partition_point(|&hole| hole < self.at);
                let written = self.holes.get(hole).is_none_or(|&hole| hole >= self.at + length);
                let value = behind.starts_with(b"=") || behind.starts_with(b"+=");
                let assigns = is_name(name) && written && value && !is_special(name);
                (!assigns || command.name_next).then_some(Refusal::Name)
            }
            _ => command.name_next.then_some(Refusal::Name),
        }
    }

    /// A word, and what it means for the command it stands in.
    pub(super) fn word_of_command(&mut self, frames: &mut Vec<Frame>, command: &mut Command) {
        let start = self.at;
        let in_array = matches!(frames.last(), Some(Frame::Array));
        let in_pattern = match frames.last() {
            Some(Frame::Case(case, _)) => *case != Case::Body,
            Some(Frame::Array) => true,
            _ => false,
        };
        let argument = !in_pattern && !command.start && !command.redirect;
        let dash = if argument { command.dash() } else { Dash::Plain };
        let refusal = if argument || command.redirect { self.refusal(command) } else { None };
        // `[…]` of an array's element, which some shells read with blanks in it.
        let at_subscript = in_array && self.peek(0) == Some(b'[')
            || command.start && !in_pattern && self.opens_subscript(start);
        match refusal {
            Some(why) => self.refusing(why, |s| s.word(dash)),
            None => self.word(dash),
        }
        if self.at == start {
            self.at += 1; // A byte that begins no word: never stand still.
        }
        if at_subscript {
            let closed = self.text[start..self.at].windows(2).rposition(is_subscript_end);
            let end = closed.map_or_else(|| self.last_subscript(), |length| start + length);
            self.late.push((start..end.max(start), Refusal::Subscript));
        }
        if self.text[start] == b'{' && matches!(self.peek(0), Some(b'<' | b'>')) {
            self.refuse_range(start..self.at, Refusal::Subscript);
        }
        if argument && command.kind != Kind::For && self.is_variable(start) {
            self.variables.push(start..self.at);
        }
        let word = self.plain(start);
        if word.contains("\\\n") && is_reserved(&word.replace("\\\n", "")) {
            self.doubt(start);
        }
        let several = argument
            && !matches!(command.kind, Kind::Test | Kind::Ssh | Kind::Env | Kind::Printf)
            && !(command.shell && command.options)
            || argument && !command.options && matches!(command.kind, Kind::Env | Kind::Printf)
            || in_array
            || (command.start && !in_pattern && !command.redirect && !command.function);
        if several
            && let Some(hole) = self.hole_at(start)
            && self.at == start + STAND_IN.len()
            && let Place::Quoted { several, .. } = &mut self.places[hole]
        {
            *several = true;
        }
        if in_array || (argument && (command.kind == Kind::For || command.name_next)) || command.here_string {
            self.assign(start);
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
            if let Some(writes) = command.target.take()
                && self.is_written_out(start)
            {
                self.redirects.push((start..self.at, writes));
            }
            (command.redirect, command.here_string) = (false, false);
        } else if command.function {
            *command = Command::new();
        } else if command.start {
            self.first_word(word, start, frames, command);
        } else {
            self.argument(start, command);
        }
    }

    /// Remembers the values of a word that goes to a variable.
    fn assign(&mut self, start: usize) {
        if self.holds_value(start) {
            self.assigned.push(start..self.at);
        }
    }

    /// Whether a value is part of the word from `start` to here.
    fn holds_value(&self, start: usize) -> bool {
        let first = self.holes.partition_point(|&hole| hole < start);
        self.holes.get(first).is_some_and(|&hole| hole < self.at)
    }

    /// Whether `name[` stands here.
    fn opens_subscript(&self, start: usize) -> bool {
        let rest = self.text.get(start..).unwrap_or(&[]);
        let length = rest.iter().take_while(|&&b| b == b'_' || b.is_ascii_alphanumeric()).count();
        is_name(&rest[..length]) && rest.get(length) == Some(&b'[')
    }

    /// The end of the last subscript that something could be assigned to.
    fn last_subscript(&mut self) -> usize {
        if let Some(end) = self.last_subscript {
            return end;
        }
        let end = self.text.windows(2).rposition(is_subscript_end).unwrap_or(0);
        self.last_subscript = Some(end);
        end
    }

    /// The word from `start` to here up to its first value, without its quotes.
    fn letters(&self, start: usize) -> String {
        let first = self.holes.partition_point(|&hole| hole < start);
        let end = self.holes.get(first).map_or(self.at, |&hole| hole.min(self.at)).min(self.text.len());
        let word = String::from_utf8_lossy(&self.text[start..end]).replace("\\\n", "");
        word.chars().filter(|c| !matches!(c, '\'' | '"' | '\\')).collect()
    }

    /// What an argument means for those behind it.
    fn argument(&mut self, start: usize, command: &mut Command) {
        let word = self.letters(start);
        let value = self.holds_value(start);
        let option = word.len() > 1 && word.starts_with(['-', '+']);
        let vanishes = self.may_vanish(start);
        if command.unsure {
            // What names the command may be nothing; then this does.
            let mut other = Command::new();
            self.command_word(start, &mut other);
            if other.code != Code::None || other.kind != Kind::Plain || other.shell || other.prefixed {
                *command = other;
                return;
            }
            command.unsure = vanishes;
        }
        if vanishes && command.kind != Kind::For {
            // What follows may stand in its place.
            command.after_value = true;
            if command.kind == Kind::Ssh && !command.value_next {
                command.code = Code::All;
            }
            return;
        }
        if command.kind == Kind::Declaration {
            if option {
                self.evaluating |= word.contains(['i', 'n']);
                self.arrays |= word.contains(['a', 'A']);
                command.name_next |= word.contains(['i', 'n', 'a', 'A']);
            } else if value {
                self.declared.push(start..self.at);
            }
            return;
        }
        if command.kind == Kind::Printf && command.name_next {
            // What is printed goes to a variable.
            command.name_next = false;
            (command.kind, command.options) = (Kind::For, false);
            return;
        }
        command.name_next = false;
        command.after_value = value || command.kind == Kind::Source;
        if matches!(command.kind, Kind::Test) {
            command.name_next = matches!(word.as_str(), "-v" | "-R");
            return;
        }
        if command.kind == Kind::Printf && command.options && word.starts_with("-v") {
            // `-vname` or `-v name`.
            command.name_next = word == "-v";
            if !command.name_next {
                (command.kind, command.options) = (Kind::For, false);
            }
            return;
        }
        if command.code == Code::Next {
            if option {
                // Of `sh -c -e code`, `trap -- code`.
                command.value_next = command.shell && word.ends_with(['o', 'O']);
            } else if !std::mem::take(&mut command.value_next) {
                // What follows the code of `sh -c`, or the signals of `trap`.
                (command.code, command.shell, command.options) = (Code::None, false, false);
                command.kind = Kind::Script;
            }
        } else if command.kind == Kind::Ssh {
            if std::mem::take(&mut command.value_next) {
            } else if word.starts_with('-') && command.options && word != "--" {
                command.value_next = word.ends_with(|c| "BbcDEeFIiJLlmOoPpQRSWw".contains(c));
                command.name_next = word.ends_with('o');
            } else if word == "--" {
                command.options = false;
            } else {
                command.code = Code::All;
            }
        } else if command.shell && takes_code(&word) {
            command.code = Code::Next;
        } else if command.shell && option {
            command.options &= word != "--";
            command.value_next = word.ends_with(['o', 'O']) || word.contains("file");
        } else if command.shell {
            // The script: what follows is its own.
            if !std::mem::take(&mut command.value_next) {
                command.shell = command.kind == Kind::Su;
                command.options = true;
                command.kind = if command.shell { Kind::Su } else { Kind::Script };
            }
        } else if command.kind == Kind::Env && option {
            command.code =
                if word.contains('S') || word.starts_with("--s") { Code::Next } else { Code::None };
            command.options = word != "--";
            command.value_next = matches!(word.as_str(), "-u" | "-C" | "--unset" | "--chdir");
        } else if matches!(command.kind, Kind::Plain | Kind::Env) && !command.first_only && is_shell(&word) {
            (command.shell, command.options, command.value_next) = (true, true, false);
            command.kind = if is_su(&word) { Kind::Su } else { Kind::Plain };
        } else if command.kind == Kind::Env {
            // The program, unless it is the value of an option or of a variable.
            if !std::mem::take(&mut command.value_next) && !word.contains('=') {
                (command.kind, command.options) = (Kind::Plain, true);
            }
        } else if word == "--" || command.first_only {
            command.options = false;
        } else {
            let letter = word.len() == 2 && word.starts_with('-') && word.as_bytes()[1].is_ascii_alphabetic();
            command.value_next = !value && (letter || word.starts_with("--") && !word.contains('='));
        }
    }

    fn first_word(&mut self, word: &str, start: usize, frames: &mut Vec<Frame>, command: &mut Command) {
        match word {
            _ if command.prefixed => self.command_word(start, command),
            "if" => frames.push(Frame::Word("if", start)),
            "while" => frames.push(Frame::Word("while", start)),
            "until" => frames.push(Frame::Word("until", start)),
            "{" => frames.push(Frame::Word("{", start)),
            "for" | "select" => {
                frames.push(Frame::Word(if word == "for" { "for" } else { "select" }, start));
                (command.start, command.options, command.kind) = (false, false, Kind::For);
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
            _ if is_assignment(word) => {
                self.assign(start);
                let hole = self.holes.partition_point(|&hole| hole < start);
                if self.holds_value(start) {
                    self.given.push((word_name(self.text, start), hole));
                }
                let name = word.split(['=', '+']).next().unwrap_or("");
                if is_special(name.as_bytes()) {
                    self.refuse_range(start..self.at, Refusal::Name);
                }
            }
            // A number right before `<` or `>` belongs to the redirection.
            _ if word.bytes().all(|b| b.is_ascii_digit())
                && matches!(self.peek(0), Some(b'<' | b'>'))
                && !word.is_empty() => {}
            _ => {
                if self.is_written_out(start) {
                    self.programs.push(start..self.at);
                }
                self.command_word(start, command);
            }
        }
    }

    /// The word that says what is done.
    fn command_word(&mut self, start: usize, command: &mut Command) {
        let name = self.letters(start);
        if self.holds_value(start) {
            command.start = false;
            return;
        }
        match name.as_str() {
            "command" | "builtin" => {
                command.prefixed = true;
                return;
            }
            // Their own options.
            _ if command.prefixed && name.starts_with('-') => return,
            _ => {}
        }
        command.start = false;
        command.options = !matches!(name.as_str(), "[" | "test" | ":" | "exit" | "return" | "shift");
        command.first_only = matches!(name.as_str(), "printf" | "echo");
        command.code = match name.as_str() {
            "eval" | "let" | "alias" | "bind" | "complete" | "compgen" | "parallel" | "watch" => Code::All,
            "trap" => Code::Next,
            _ => Code::None,
        };
        command.kind = match name.as_str() {
            "test" | "[" => Kind::Test,
            "read" | "unset" | "mapfile" | "readarray" | "getopts" | "wait" | "enable" => Kind::Names,
            "declare" | "typeset" | "local" | "export" | "readonly" => Kind::Declaration,
            "printf" => Kind::Printf,
            "ssh" => Kind::Ssh,
            "env" => Kind::Env,
            "." | "source" => Kind::Source,
            _ if is_su(&name) => Kind::Su,
            _ => Kind::Plain,
        };
        self.arrays |= matches!(name.as_str(), "read" | "mapfile" | "readarray");
        command.shell = is_shell(&name);
        command.unsure = self.may_vanish(start) && !command.shell;
    }

    /// Whether the word from `start` to here is `$name` or `${name}` and nothing else.
    fn is_variable(&self, start: usize) -> bool {
        let word = self.text.get(start..self.at).unwrap_or(&[]);
        let inner = word
            .strip_prefix(b"${")
            .and_then(|rest| rest.strip_suffix(b"}"))
            .or_else(|| word.strip_prefix(b"$"));
        inner.is_some_and(is_name)
    }

    /// Whether the word from `start` to here is what it will be: no value, no expansion, no quote in it.
    fn is_written_out(&self, start: usize) -> bool {
        let word = self.text.get(start..self.at).unwrap_or(&[]);
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b"_./+-@:,%".contains(b) || *b >= 0x80;
        !word.is_empty() && word.iter().all(plain) && !self.holds_value(start)
    }

    /// Whether the word from `start` to here is no word when what it expands to is empty.
    fn may_vanish(&self, start: usize) -> bool {
        let word = &self.text[start..self.at];
        matches!(word.first(), Some(b'$' | b'`' | b'\\'))
            && word.iter().any(|b| b"$`".contains(b))
            && !word.iter().any(|b| b"'\"".contains(b))
    }
}

/// The name that an assignment begins with.
fn word_name(text: &[u8], start: usize) -> &str {
    let rest = text.get(start..).unwrap_or(&[]);
    let length = rest.iter().take_while(|&&b| b == b'_' || b.is_ascii_alphanumeric()).count();
    std::str::from_utf8(&rest[..length]).unwrap_or("")
}

/// Words that open or close something.
fn is_reserved(word: &str) -> bool {
    const RESERVED: [&str; 18] = [
        "[[", "]]", "{", "}", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for",
        "function", "if", "select", "then", "time",
    ];
    RESERVED.contains(&word) || matches!(word, "!" | "in" | "until" | "while")
}

fn is_subscript_end(pair: &[u8]) -> bool {
    matches!(pair, b"]=" | b"]+")
}

/// Variables that shells evaluate when something is given to them, or whose value is code.
fn is_special(name: &[u8]) -> bool {
    const SPECIAL: [&str; 11] = [
        "BASH_ENV",
        "ENV",
        "HISTCMD",
        "OPTIND",
        "PROMPT_COMMAND",
        "PS0",
        "PS1",
        "PS4",
        "RANDOM",
        "SECONDS",
        "SRANDOM",
    ];
    SPECIAL.iter().any(|special| special.as_bytes() == name)
}

/// Whether a word names a program that reads what stands behind its `-c` as code of a shell.
fn is_shell(word: &str) -> bool {
    if let Some(variable) = word.strip_prefix('$') {
        return variable == "0" || variable.to_ascii_lowercase().contains("sh");
    }
    let name = word.rsplit('/').next().unwrap_or("");
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    super::super::is_known(name)
        || matches!(
            name,
            "rbash" | "csh" | "tcsh" | "fish" | "yash" | "posh" | "lksh" | "oksh" | "pdksh" | "rksh"
        )
        || is_su(word)
}

/// Whether an option of a shell has code behind it: `-c`, `-euc`, `--command`.
fn takes_code(option: &str) -> bool {
    match option.strip_prefix("--") {
        Some(long) => long.contains("command"),
        None => option.starts_with('-') && option.contains('c'),
    }
}

/// Of those, what takes other arguments before its `-c`.
fn is_su(word: &str) -> bool {
    matches!(word.rsplit('/').next(), Some("su" | "runuser" | "script" | "flock"))
}
