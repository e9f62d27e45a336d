//! Text literals: escapes, indentation and line ends between the splices, with the way back to the source.
use flowc_base::{Name, Span};

use super::{Builder, Node, span_of};
use crate::Rule;
use crate::ast::{Expr, ExprKind, Fragment, TextLit, TextPart};
use crate::errors;
use crate::lex::{offset, span};

/// Whose escapes a literal knows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    All,
    /// `\{{` alone.
    Splice,
    None,
}

impl<'t> Builder<'t> {
    /// A `text`, `sh_text` or `script_text`.
    pub(super) fn text_lit(&mut self, node: Node<'t>) -> TextLit {
        let place = span_of(&node);
        let source = node.as_str();
        let rule = node.as_rule();
        let raw = source.starts_with('r');
        let unprefixed = source.strip_prefix('r').unwrap_or(source);
        let run = unprefixed.bytes().take_while(|&b| b == b'"').count();
        let quotes = if run >= 3 { run } else { 1 };
        let escapes = match (raw, rule) {
            (true, _) | (false, Rule::script_text) => Escapes::None,
            (false, Rule::sh_text) => Escapes::Splice,
            (false, _) => Escapes::All,
        };
        let base = node.as_span().start();
        let content = (base + usize::from(raw) + quotes, node.as_span().end().saturating_sub(quotes));
        let mut pieces = Pieces::new(self.text, content, quotes > 1, escapes);
        pieces.open();
        let mut parts = Vec::new();
        for splice in node.into_inner().filter(|part| part.as_rule() == Rule::splice) {
            let at = splice.as_span();
            pieces.fragment(at.start(), &mut parts);
            let whole = span_of(&splice);
            let expr = splice.into_inner().find(|part| part.as_rule() == Rule::expr);
            let expr =
                expr.map_or_else(|| Expr { kind: ExprKind::Missing, span: whole }, |node| self.expr(node));
            parts.push(TextPart::Splice { expr: Box::new(expr), span: whole });
            pieces.skip_to(at.end());
        }
        pieces.fragment(content.1, &mut parts);
        self.errors.append(&mut pieces.errors);
        TextLit { parts, raw, quotes: offset(quotes), span: place }
    }
}

/// A text that is not there.
pub(super) fn empty(span: Span) -> TextLit {
    TextLit { parts: Vec::new(), raw: false, quotes: 1, span }
}

/// Reads a literal's content from left to right, piece by piece between its splices.
struct Pieces<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    escapes: Escapes,
    /// What is taken off each line of a long text.
    indent: &'t str,
    long: bool,
    line_start: bool,
    errors: Vec<flowc_base::Diagnostic<Span>>,
}

impl<'t> Pieces<'t> {
    fn new(text: &'t str, (start, end): (usize, usize), long: bool, escapes: Escapes) -> Self {
        let end = end.max(start);
        let content = text.get(start..end).unwrap_or("");
        // The blanks before the closing quotes, when nothing else stands on their line.
        let last_line = content.rfind('\n').map(|at| &content[at + 1..]).filter(|_| long);
        let indent = last_line.filter(|line| line.bytes().all(|b| b == b' ' || b == b'\t')).unwrap_or("");
        Self { text, at: start, end, escapes, indent, long, line_start: false, errors: Vec::new() }
    }

    /// Takes the first line end away.
    fn open(&mut self) {
        if !self.long {
            return;
        }
        let content = self.text.get(self.at..self.end).unwrap_or("");
        let blanks = content.bytes().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        if content.as_bytes().get(blanks) == Some(&b'\n') {
            self.at += blanks + 1;
            self.line_start = true;
        }
    }

    fn skip_to(&mut self, at: usize) {
        self.at = at;
        self.line_start = false;
    }

    /// The text from here to `to`, unless it is empty.
    fn fragment(&mut self, to: usize, parts: &mut Vec<TextPart>) {
        let start = self.at;
        let mut out = String::with_capacity(to.saturating_sub(start));
        let mut map: Vec<(u32, u32)> = Vec::new();
        let mut in_step = false;
        while self.at < to {
            if self.line_start {
                self.line_start = false;
                let skipped = self.indentation(to);
                if skipped > 0 {
                    self.at += skipped;
                    in_step = false;
                    continue;
                }
            }
            if !in_step {
                map.push((offset(out.len()), offset(self.at)));
                in_step = true;
            }
            let rest = self.text.get(self.at..to).unwrap_or("");
            let plain = rest.bytes().position(|b| matches!(b, b'\\' | b'\n' | b'\r')).unwrap_or(rest.len());
            if plain > 0 {
                out.push_str(rest.get(..plain).unwrap_or(""));
                self.at += plain;
                continue;
            }
            if rest.starts_with("\r\n") {
                self.at += 1;
                in_step = false;
            } else if rest.starts_with('\n') {
                out.push('\n');
                self.at += 1;
                self.line_start = self.long;
            } else if rest.starts_with('\\') && self.escapes != Escapes::None {
                let used = self.escape(rest, &mut out);
                self.at += used;
                in_step = used == 1 && self.escapes == Escapes::Splice;
            } else {
                out.push_str(rest.get(..1).unwrap_or(""));
                self.at += 1;
            }
        }
        self.at = to;
        if !out.is_empty() {
            // A place where nothing was written yet is no place of the text.
            map.dedup_by(|later, earlier| {
                let same = later.0 == earlier.0;
                if same {
                    *earlier = *later;
                }
                same
            });
            parts.push(TextPart::Fragment(Fragment { text: Name::from(out), span: span(start, to), map }));
        }
    }

    /// How much of a line's start is the literal's own indentation.
    fn indentation(&mut self, to: usize) -> usize {
        let rest = self.text.get(self.at..to.max(self.at)).unwrap_or("");
        if rest.starts_with(self.indent) {
            return self.indent.len();
        }
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let empty_line =
            rest.get(blank..).is_some_and(|after| after.starts_with('\n') || after.starts_with("\r\n"));
        if !empty_line {
            let common = rest.bytes().zip(self.indent.bytes()).take_while(|(a, b)| a == b).count();
            if self.errors.is_empty() {
                let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
                let place = span(self.at, self.at + line.max(common));
                let blanks = span(self.end - self.indent.len(), self.end);
                self.errors.push(errors::text_indentation(place, blanks, self.common()));
            }
            return common;
        }
        blank
    }

    /// The blanks that all lines from here on have in common with the closing quotes.
    fn common(&self) -> &'t str {
        let lines = self.text.get(self.at..self.end).unwrap_or("").split('\n');
        let lengths = lines
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.bytes().zip(self.indent.bytes()).take_while(|(a, b)| a == b).count());
        self.indent.get(..lengths.min().unwrap_or(0)).unwrap_or("")
    }

    /// Writes what the escape at the start of `rest` means; gives its length in the source.
    fn escape(&mut self, rest: &str, out: &mut String) -> usize {
        if rest.starts_with("\\{{") {
            out.push_str("{{");
            return 3;
        }
        if self.escapes == Escapes::Splice {
            out.push('\\');
            return 1;
        }
        let Some(next) = rest[1..].chars().next() else {
            self.errors.push(errors::bad_escape(span(self.at, self.at + 1), rest));
            return 1;
        };
        let simple = match next {
            'n' => Some('\n'),
            't' => Some('\t'),
            '"' => Some('"'),
            '\\' => Some('\\'),
            _ => None,
        };
        if let Some(c) = simple {
            out.push(c);
            return 2;
        }
        let braces = rest.strip_prefix("\\u{").and_then(|hex| hex.find('}').filter(|&at| at <= 8));
        let hex = braces.and_then(|len| rest.get(3..3 + len));
        let valid = hex.filter(|hex| !hex.is_empty() && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        if let Some(c) = valid.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32) {
            out.push(c);
            return 4 + hex.map_or(0, str::len);
        }
        // As other languages write the number of a character.
        let digits = match next {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let digits = rest.get(2..2 + digits).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let len = braces.map_or(1 + next.len_utf8() + digits.map_or(0, str::len), |len| 4 + len);
        let shown = rest.get(..len).unwrap_or(rest);
        self.errors.push(errors::bad_escape(span(self.at, self.at + shown.len()), shown));
        if next == '\n' { 1 } else { shown.len() }
    }
}
