//! Words of a shell text, and all that can stand inside one: quotes, expansions, substitutions. It knows no commands but those it calls back for.
use flowc_plan::Quoting;

use super::super::Place;
use super::{DEPTH_MAX, Dash, Refusal, Scanner, is_name};

impl Scanner<'_> {
    /// A word up to what ends it. `dash`: what a value at its beginning could be, if it began with `-`.
    pub(super) fn word(&mut self, dash: Dash) {
        let start = self.at;
        let outer = std::mem::replace(&mut self.lead, dash);
        let mut may_subscript = true;
        while let Some(byte) = self.peek(0) {
            if self.hole(Place::Quoted { quoting: Quoting::Bare, dash: self.lead, several: false }) {
                continue;
            }
            match byte {
                b'(' if self.at > start && b"@?*+!".contains(&self.text[self.at - 1]) => {
                    if !self.pattern_list(start) {
                        break;
                    }
                }
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'\'' => self.single(),
                b'"' => self.double(),
                b'`' | b'$' => self.expansion(false),
                b'\\' => self.escape(),
                b'[' if std::mem::take(&mut may_subscript)
                    && is_name(&self.text[start..self.at])
                    && self.hole_at(start).is_none() =>
                {
                    self.subscript();
                }
                _ => self.letter(),
            }
        }
        self.lead = outer;
    }

    /// A letter of a word: what follows does not begin it.
    fn letter(&mut self) {
        self.at += 1;
        self.lead = Dash::Plain;
    }

    /// `$…` or `` `…` ``: it may be empty, so that what follows begins the word. Where it were only a word that could be taken
    /// for an option, that is not looked at.
    fn expansion(&mut self, in_double: bool) {
        let lead = if self.lead == Dash::Code { Dash::Code } else { Dash::Plain };
        if self.peek(0) == Some(b'$') {
            self.dollar(in_double);
        } else {
            self.backquotes();
        }
        self.lead = lead;
    }

    /// `@(a|b)`. False where it is none: `!(` begins a subshell. More than plain letters in it shells read in different ways.
    fn pattern_list(&mut self, start: usize) -> bool {
        if self.text[start..self.at] == *b"!" {
            return false;
        }
        let rest = &self.text[self.at + 1..];
        let length = rest
            .iter()
            .position(|&b| !(b.is_ascii_alphanumeric() || b"_-./|*?[]^!,:%+=@".contains(&b) || b > 127));
        self.at += 1;
        match length {
            Some(length) if rest[length] == b')' => {
                // What is in it is part of the word.
                let end = self.at + length;
                while self.at < end {
                    let quoted = Place::Quoted { quoting: Quoting::Bare, dash: Dash::Plain, several: false };
                    if !self.hole(quoted) {
                        self.at += 1;
                    }
                }
                self.at += 1;
            }
            _ => {
                self.doubt(start);
                self.at -= 1;
                return false;
            }
        }
        true
    }

    pub(super) fn escape(&mut self) {
        self.at += 1;
        if self.peek(0) != Some(b'\n') {
            self.lead = Dash::Plain;
        }
        if !self.refused(Refusal::AfterBackslash) && self.at < self.text.len() {
            self.at += 1;
        }
    }

    /// From `'` to `'`.
    pub(super) fn single(&mut self) {
        let start = self.at;
        self.at += 1;
        loop {
            if self.hole(Place::Quoted { quoting: Quoting::Single, dash: self.lead, several: false }) {
                continue;
            }
            match self.peek(0) {
                Some(b'\'') => break self.at += 1,
                Some(_) => self.letter(),
                None => {
                    break self.error(
                        start,
                        "`'` without its partner in shell text",
                        Some("an apostrophe in a word is written `\\'`"),
                    );
                }
            }
        }
    }

    /// From `"` to `"`.
    pub(super) fn double(&mut self) {
        let start = self.at;
        self.at += 1;
        loop {
            if self.hole(Place::Quoted { quoting: Quoting::Double, dash: self.lead, several: false }) {
                continue;
            }
            match self.peek(0) {
                Some(b'"') => break self.at += 1,
                Some(b'\\') => self.escape(),
                Some(b'$' | b'`') => self.expansion(true),
                Some(_) => self.letter(),
                None => break self.error(start, "`\"` without its partner in shell text", None),
            }
        }
    }

    /// From a backquote to the next that no backslash stands before; quotes do not hide one.
    pub(super) fn backquotes(&mut self) {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek(0) {
                Some(b'`') => break self.at += 1,
                Some(b'\\') => self.at = (self.at + 2).min(self.text.len()),
                Some(_) => self.at += 1,
                None => {
                    self.error(start, "a backquote without its partner in shell text", Some("write `$(…)`"));
                    break;
                }
            }
        }
        self.opaque.push(start + 1..self.at.saturating_sub(1));
        self.refuse_range(start..self.at, Refusal::Backquotes);
    }

    pub(super) fn dollar(&mut self, in_double: bool) {
        let start = self.at;
        self.at += 1;
        if self.refused(Refusal::AfterDollar) {
            return;
        }
        if self.looking_at("\\\n") {
            self.doubt(start);
        }
        match self.peek(0) {
            Some(b'(') if self.peek(1) == Some(b'(') => {
                self.at += 2;
                self.arithmetic(start, b"))");
            }
            Some(b'(') => self.substitution(),
            Some(b'{') => self.braces(start, in_double),
            Some(b'[') => {
                self.at += 1;
                self.arithmetic(start, b"]");
                if !self.is_bash {
                    self.doubt(start);
                }
            }
            Some(b'\'') if !in_double => self.ansi_quotes(),
            // What stands in it is looked up in a table of translations, then read as in `"…"`.
            Some(b'"') if !in_double => self.refusing(Refusal::AfterDollar, Self::double),
            Some(b) if b == b'_' || b.is_ascii_alphabetic() => {
                while self.peek(0).is_some_and(|b| b == b'_' || b.is_ascii_alphanumeric())
                    && self.hole_at(self.at).is_none()
                {
                    self.at += 1;
                }
                if in_double {
                    self.refused(Refusal::AfterVariable);
                }
                if self.is_zsh && matches!(self.peek(0), Some(b'[' | b':')) || self.looking_at("\\\n") {
                    self.doubt(start);
                }
            }
            // `$1`, `$?`, `$$` …
            Some(b) if b.is_ascii_digit() || b"?#$!@*-".contains(&b) => {
                self.at += 1;
                if in_double && b.is_ascii_digit() {
                    // Some shells read `$10` as the tenth.
                    self.refused(Refusal::AfterVariable);
                }
                if self.looking_at("\\\n") {
                    self.doubt(start);
                }
            }
            _ => {}
        }
    }

    /// `(…)` of `$( )`, `<( )`, `>( )`: commands, where quoting starts anew.
    pub(super) fn substitution(&mut self) {
        let start = self.at;
        self.at += 1;
        let waiting = !self.heredocs.is_empty();
        self.commands(Some(start.saturating_sub(1)));
        if waiting && self.text[start..self.at].contains(&b'\n') {
            // Some shells look for the here-document of the line around it in it.
            self.doubt(start);
        }
        self.commands.push(start + 1..self.at);
        self.at = (self.at + 1).min(self.text.len());
    }

    pub(super) fn arithmetic(&mut self, start: usize, end: &[u8]) {
        if self.too_deep(start) {
            return;
        }
        self.depth += 1;
        let (inside, mut parens) = (self.at, 0usize);
        self.refusing(Refusal::Arithmetic, |s| {
            loop {
                if s.refused(Refusal::Arithmetic) {
                    continue;
                }
                match s.peek(0) {
                    Some(_) if parens == 0 && s.text[s.at..].starts_with(end) => break s.at += end.len(),
                    Some(b'(') => (parens, s.at) = (parens + 1, s.at + 1),
                    Some(b')') => {
                        if parens == 0 {
                            s.doubt(start);
                        }
                        (parens, s.at) = (parens.saturating_sub(1), s.at + 1);
                    }
                    Some(b'\'') => {
                        s.doubt(start);
                        s.at += 1;
                    }
                    Some(b'[') if end == b"]" => {
                        s.doubt(start);
                        s.at += 1;
                    }
                    Some(b'$') => s.dollar(true),
                    Some(b'`') => s.backquotes(),
                    Some(b'"') => {
                        let from = s.at;
                        s.double();
                        let plain = |b: &u8| b.is_ascii_alphanumeric() || b"\"$_{} +*-".contains(b);
                        if !s.text[from..s.at].iter().all(plain) {
                            s.doubt(start);
                        }
                    }
                    Some(b'\\') => {
                        s.doubt(start);
                        s.escape();
                    }
                    Some(_) => s.at += 1,
                    None => break s.error(start, "shell arithmetic does not end", None),
                }
            }
        });
        self.opaque.push(inside..self.at.saturating_sub(end.len()));
        self.depth -= 1;
    }

    pub(super) fn braces(&mut self, start: usize, in_double: bool) {
        if self.too_deep(start) {
            return;
        }
        self.depth += 1;
        self.at += 1;
        self.refusing(Refusal::Expansion, |s| {
            loop {
                if s.refused(Refusal::Expansion) {
                    continue;
                }
                match s.peek(0) {
                    Some(b'}') => break s.at += 1,
                    Some(b'\\') => s.escape(),
                    Some(b'\'') if !in_double => s.single(),
                    Some(b'\'') => s.quote_in_braces(),
                    Some(b'"') => {
                        let from = s.at;
                        s.double();
                        if in_double && s.text[from..s.at].contains(&b'}') {
                            s.doubt(from);
                        }
                    }
                    Some(b'{') => {
                        s.doubt(start);
                        s.at += 1;
                    }
                    Some(b'$') => s.dollar(in_double),
                    Some(b'`') => s.backquotes(),
                    Some(_) => s.at += 1,
                    None => break s.error(start, "`${` without `}` in shell text", None),
                }
            }
        });
        self.opaque.push(start + 2..self.at.saturating_sub(1));
        self.depth -= 1;
    }

    /// `'` in `"${…}"`: it is a quote behind some operators, and in some shells. Where what it holds is plain, that is the same.
    fn quote_in_braces(&mut self) {
        let rest = &self.text[self.at + 1..];
        match rest.iter().position(|b| b"'\"\\$`}".contains(b)) {
            Some(length) if rest[length] == b'\'' && self.doubt.is_none() => {
                self.refuse_range(self.at..self.at + length + 1, Refusal::Expansion);
                self.at += length + 2;
            }
            _ => {
                self.doubt(self.at);
                self.at += 1;
            }
        }
    }

    /// `$'…'`: with escapes in bash, without in older shells; where it ends is the same unless it holds `\'`.
    pub(super) fn ansi_quotes(&mut self) {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek(0) {
                Some(b'\'') => break self.at += 1,
                Some(b'\\') => {
                    if !self.is_bash && matches!(self.peek(1), Some(b'\'' | b'\\')) {
                        self.doubt(start);
                    }
                    self.at = (self.at + 2).min(self.text.len());
                }
                Some(_) => self.at += 1,
                None => break self.error(start, "`$'` without its partner in shell text", None),
            }
        }
        self.refuse_range(start..self.at, Refusal::AnsiQuotes);
    }

    /// `[…]` after a name: evaluated as arithmetic where the shell has arrays.
    pub(super) fn subscript(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let Some(length) = rest.iter().position(|&b| matches!(b, b']' | b' ' | b'\t' | b'\n')) else {
            self.at += 1;
            return;
        };
        if rest[length] == b']' {
            // What is inside is scanned as always, and refused.
            let end = start + length;
            self.at += 1;
            self.refusing(Refusal::Subscript, |s| {
                while s.at < end {
                    if s.refused(Refusal::Subscript) {
                        continue;
                    }
                    match s.peek(0) {
                        Some(b'\'') => s.single(),
                        Some(b'"') => s.double(),
                        Some(b'$') => s.dollar(false),
                        Some(b'`') => s.backquotes(),
                        Some(b'\\') => s.escape(),
                        _ => s.at += 1,
                    }
                }
            });
        } else {
            self.at += 1;
        }
    }

    /// `[[ … ]]`: words and operators; its operands are values, unless numbers are compared.
    pub(super) fn condition(&mut self) {
        let start = self.at;
        let (mut evaluates, mut nested) = (false, 0);
        self.at += 2;
        loop {
            self.blanks();
            nested += usize::from(matches!(self.peek(0), Some(b'(' | b'!')));
            if nested > DEPTH_MAX {
                self.give_up(start);
            }
            match self.peek(0) {
                None => break self.error(start, "`[[` without `]]` in shell text", None),
                Some(b'\n' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' | b';') => {
                    if self.looking_at("<<") || self.looking_at("<(") || self.looking_at(">(") {
                        self.doubt(start);
                    }
                    self.at += 1;
                }
                Some(b'#') => {
                    self.doubt(start);
                    self.at += 1;
                }
                Some(_) => {
                    let from = self.at;
                    self.word(Dash::Plain);
                    if self.at == from {
                        self.at += 1;
                    }
                    match self.plain(from) {
                        "]]" => break,
                        "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" | "-v" | "-R" => evaluates = true,
                        _ => {}
                    }
                }
            }
        }
        if evaluates {
            self.refuse_range(start..self.at, Refusal::Condition);
        }
    }
}
