//! From pest's pairs to the syntax tree, at once. Pairs that do not fit become `Missing`: a change of the grammar that
//! this code does not follow shows in tests as a hole in a tree, never as a panic.
mod expr;
mod forms;
mod item;
mod number;
mod stmt;
mod text;
mod types;

use flowc_base::{Diagnostic, Name, Span};
use pest::iterators::{Pair, Pairs};

use crate::Rule;
use crate::ast::{Ident, Item};
use crate::lex::span;

pub(crate) type Node<'t> = Pair<'t, Rule>;

/// Deeper trees than this are refused: whoever walks them recurses.
pub(crate) const MAX_TREE_DEPTH: u32 = 256;

/// A line of documentation, and whether something took it.
pub(crate) struct DocLine {
    pub(crate) span: Span,
    pub(crate) used: bool,
}

/// Builds one item.
pub(crate) struct Builder<'t> {
    pub(crate) text: &'t str,
    pub(crate) errors: Vec<Diagnostic<Span>>,
    pub(crate) docs: Vec<DocLine>,
    /// How deep the tree is at the place being built.
    level: u32,
    too_deep: bool,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(text: &'t str, docs: Vec<DocLine>) -> Self {
        Self { text, errors: Vec::new(), docs, level: 0, too_deep: false }
    }

    /// The item of a parse.
    pub(crate) fn build(&mut self, pairs: Pairs<'t, Rule>) -> Option<Item> {
        pairs.into_iter().next().and_then(|pair| self.item(pair))
    }

    /// Runs `f` one or more levels deeper; `None`, with one error an item, when that is too deep.
    fn deeper<T>(&mut self, by: u32, at: Span, f: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let level = self.level;
        self.level = level.saturating_add(by);
        let built = if self.level > MAX_TREE_DEPTH {
            if !self.too_deep {
                self.too_deep = true;
                self.errors.push(crate::errors::tree_too_deep(at));
            }
            None
        } else {
            Some(f(self))
        };
        self.level = level;
        built
    }

    /// The `///` lines that stand right above the byte `start`, joined.
    fn docs_before(&mut self, start: u32) -> Name {
        let end = self.docs.partition_point(|line| line.span.start < start);
        let mut first = end;
        let mut below = start;
        while let Some(line) = first.checked_sub(1).and_then(|at| self.docs.get_mut(at)) {
            let between = Span::new(line.span.end, below).slice(self.text);
            if line.used || !only_blank_or_comments(between) {
                break;
            }
            line.used = true;
            below = line.span.start;
            first -= 1;
        }
        let lines = self.docs.get(first..end).unwrap_or(&[]);
        Name::from(
            lines.iter().map(|line| doc_text(line.span.slice(self.text))).collect::<Vec<_>>().join("\n"),
        )
    }
}

fn only_blank_or_comments(text: &str) -> bool {
    text.lines().all(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with("//")
    })
}

/// A line of documentation without its slashes and one blank.
pub(crate) fn doc_text(line: &str) -> &str {
    let line = line.get(3..).unwrap_or("");
    line.strip_prefix(' ').unwrap_or(line).trim_end()
}

/// Where a pair stands. White space that the grammar skipped while it looked for more is not part of it: then the
/// last token inside tells the end.
fn span_of(node: &Node<'_>) -> Span {
    let place = node.as_span();
    if !place.as_str().ends_with([' ', '\n', '\t', '\r']) {
        return span(place.start(), place.end());
    }
    let end = match node.clone().into_inner().next_back() {
        Some(last) => span_of(&last).end as usize,
        None => return span(place.start(), place.end()),
    };
    // Signs may stand behind the last part that has a name: a bracket, a quote.
    let rest = place.as_str().get(end.saturating_sub(place.start())..).unwrap_or_default();
    span(place.start(), end.max(place.start()) + without_blanks(rest))
}

/// The length of a text up to its last sign that is no blank and in no comment.
fn without_blanks(text: &str) -> usize {
    let (mut end, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let code = line.split("//").next().unwrap_or_default().trim_end();
        if !code.trim_start().is_empty() {
            end = at + code.len();
        }
        at += line.len();
    }
    end
}

fn ident_of(node: &Node<'_>) -> Ident {
    Ident { name: Name::from(node.as_str()), span: span_of(node) }
}

/// `name:` without the colon.
fn field_name_of(node: Node<'_>) -> Ident {
    let place = span_of(&node);
    node.into_inner()
        .next()
        .map_or_else(|| Ident { name: Name::from(""), span: place }, |word| ident_of(&word))
}

/// All words among the children: `a, b` and `a.b`.
fn words_of(node: Node<'_>) -> Vec<Ident> {
    node.into_inner()
        .filter(|part| matches!(part.as_rule(), Rule::word | Rule::ident))
        .map(|part| ident_of(&part))
        .collect()
}
