//! Words of a shell text, and all that can stand inside one: quotes, expansions, substitutions. It knows no commands but those it calls back for.
use flowc_plan::Quoting;

use super::super::Place;
use super::{DEPTH_MAX, Refusal, Scanner, is_name};

impl Scanner<'_> {
    /// A word up to what ends it. `option`: a value at its beginning could be taken for an option.
    pub(super) fn word(&mut self, option: bool) {
        let start = self.at;
        let mut empty_so_far = true;
        let mut parens = 0usize;
        while let Some(byte) = self.peek(0) {
            if self.hole(Place::Quoted {
                quoting: Quoting::Bare,
                option: option && empty_so_far,
                several: false,
            }) {
                continue;
            }
            match byte {
                b'(' if parens > 0 || (self.at > start && b"@?*+!".contains(&self.text[self.at - 1])) => {
                    parens += 1;
                    self.at += 1;
                    if parens > DEPTH_MAX {
                        self.give_up(start);
                    }
                }
                b')' if parens > 0 => {
                    parens -= 1;
                    self.at += 1;
                }
                b'|' if parens > 0 => self.at += 1,
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'\'' => {
                    self.single(option && empty_so_far);
                }
                b'"' => self.double(option && empty_so_far),
                b'`' => self.backquotes(),
                b'$' => self.dollar(false),
                b'\\' => self.escape(),
                b'[' if is_name(&self.text[start..self.at]) && self.hole_at(start).is_none() => {
                    self.subscript();
                }
                _ => self.at += 1,
            }
            empty_so_far = false;
        }
    }

    pub(super) fn escape(&mut self) {
        self.at += 1;
        if !self.refused(Refusal::AfterBackslash) && self.at < self.text.len() {
            self.at += 1;
        }
    }

    /// From `'` to `'`.
    pub(super) fn single(&mut self, option: bool) {
        let start = self.at;
        self.at += 1;
        loop {
            let first = self.at == start + 1;
            if self.hole(Place::Quoted { quoting: Quoting::Single, option: option && first, several: false })
            {
                continue;
            }
            match self.peek(0) {
                Some(b'\'') => break self.at += 1,
                Some(_) => self.at += 1,
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
    pub(super) fn double(&mut self, option: bool) {
        let start = self.at;
        self.at += 1;
        loop {
            let first = self.at == start + 1;
            if self.hole(Place::Quoted { quoting: Quoting::Double, option: option && first, several: false })
            {
                continue;
            }
            match self.peek(0) {
                Some(b'"') => break self.at += 1,
                Some(b'\\') => self.escape(),
                Some(b'$') => self.dollar(true),
                Some(b'`') => self.backquotes(),
                Some(_) => self.at += 1,
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
            }
            Some(b'\'') if !in_double => self.ansi_quotes(),
            Some(b) if b == b'_' || b.is_ascii_alphabetic() => {
                while self.peek(0).is_some_and(|b| b == b'_' || b.is_ascii_alphanumeric())
                    && self.hole_at(self.at).is_none()
                {
                    self.at += 1;
                }
                if in_double {
                    self.refused(Refusal::AfterVariable);
                }
            }
            // `$1`, `$?`, `$$` …
            Some(b) if b.is_ascii_digit() || b"?#$!@*-".contains(&b) => self.at += 1,
            _ => {}
        }
    }

    /// `(…)` of `$( )`, `<( )`, `>( )`: commands, where quoting starts anew.
    pub(super) fn substitution(&mut self) {
        let start = self.at;
        self.at += 1;
        self.commands(Some(start.saturating_sub(1)));
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
                    Some(b')') => (parens, s.at) = (parens.saturating_sub(1), s.at + 1),
                    Some(b'$') => s.dollar(true),
                    Some(b'`') => s.backquotes(),
                    Some(b'"') => s.double(false),
                    Some(b'\\') => s.escape(),
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
                    Some(b'\'') if !in_double => s.single(false),
                    Some(b'"') => s.double(false),
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

    /// `$'…'`: with escapes in bash, without in older shells; where it ends is the same unless it holds `\'`.
    pub(super) fn ansi_quotes(&mut self) {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek(0) {
                Some(b'\'') => break self.at += 1,
                Some(b'\\') => self.at = (self.at + 2).min(self.text.len()),
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
                        Some(b'\'') => s.single(false),
                        Some(b'"') => s.double(false),
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
                Some(b'\n' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' | b';') => self.at += 1,
                Some(_) => {
                    let from = self.at;
                    self.word(false);
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
