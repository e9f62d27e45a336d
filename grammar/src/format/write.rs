//! From tokens to the document: every token is written once, and every comment right where it stands among them. It
//! knows brackets, commas and lines; which construct gets which layout is said in `item`, `types` and `expr`.
use std::ops::Range;

use super::doc::{Doc, Elem, Long};
use crate::Rule;
use crate::build::Node;
use crate::lex::{Lexer, TokenKind};

/// A comment, of any kind.
#[derive(Clone, Copy)]
struct Comment {
    start: usize,
    end: usize,
    /// `///`: belongs to what comes after it.
    doc: bool,
}

/// How brackets are laid out.
#[derive(Clone, Copy)]
pub(super) struct Brackets {
    /// What stands inside both brackets when all is on one line.
    pub(super) pad: &'static str,
    /// Between two parts: a comma, or nothing but white space.
    pub(super) commas: bool,
    /// What stands between two parts on one line, after the comma.
    pub(super) between: &'static str,
    /// Several lines, whatever the width.
    pub(super) broken: bool,
    /// The brackets are a group; else their lines belong to the group around them.
    pub(super) group: bool,
    /// The last part may begin on the line of the opening bracket.
    pub(super) hug: bool,
    /// Where it breaks, as many parts on a line as fit.
    pub(super) fill: bool,
}

impl Brackets {
    /// `[a, b]`
    pub(super) const TIGHT: Self =
        Self { pad: "", commas: true, between: " ", broken: false, group: true, hug: false, fill: false };
    /// `{ a: b, c: d }`
    pub(super) const PADDED: Self = Self { pad: " ", ..Self::TIGHT };
    /// `{ statement }`
    pub(super) const BODY: Self = Self { commas: false, ..Self::PADDED };

    /// The same, broken if `broken` says so.
    pub(super) fn broken_if(self, broken: bool) -> Self {
        Self { broken: self.broken || broken, ..self }
    }
}

/// Writes the document of one item.
pub(super) struct Writer<'t> {
    pub(super) text: &'t str,
    pub(super) doc: Doc<'t>,
    comments: Vec<Comment>,
    /// The first comment that is not written.
    next: usize,
    /// The comment behind the last token, written before the next one; so groups that end here do not hold it.
    behind: Option<Comment>,
}

impl<'t> Writer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut depth = 0usize;
        let mut comments = Vec::new();
        for token in Lexer::new(text, 0) {
            match token.kind {
                TokenKind::TextOpen => depth += 1,
                TokenKind::TextClose => depth = depth.saturating_sub(1),
                TokenKind::Comment | TokenKind::FileDoc | TokenKind::Doc if depth == 0 => {
                    let end = token.span.start as usize + token.span.slice(text).trim_end().len();
                    let doc = token.kind == TokenKind::Doc;
                    comments.push(Comment { start: token.span.start as usize, end, doc });
                }
                _ => {}
            }
        }
        Self { text, doc: Doc::default(), comments, next: 0, behind: None }
    }

    // --- Tokens ------------------------------------------------------------------------------------------------

    /// A token, and the comments at it.
    pub(super) fn token(&mut self, node: &Node<'t>) {
        let place = node.as_span();
        self.token_at(place.start()..place.end());
    }

    /// A token by its place.
    pub(super) fn token_at(&mut self, place: Range<usize>) {
        self.comments_in_line(place.start);
        let text = self.text.get(place.clone()).unwrap_or("");
        self.push(Elem::Text(text));
        self.take_behind(place.end);
    }

    /// A text literal.
    pub(super) fn literal(&mut self, node: &Node<'t>) {
        let place = node.as_span();
        let source = place.as_str();
        if !source.contains('\n') {
            return self.token(node);
        }
        self.comments_in_line(place.start());
        let first = self.doc.splices.len();
        for part in node.clone().into_inner().filter(|part| part.as_rule() == Rule::splice) {
            let at = part.as_span();
            self.doc.splices.push((at.start() - place.start(), at.end() - place.start()));
        }
        let splices = (first, self.doc.splices.len());
        self.push(Elem::Long(Long { source, indent: literal_indent(source), splices }));
        self.take_behind(place.end());
    }

    /// One blank.
    pub(super) fn space(&mut self) {
        self.push(Elem::Space);
    }

    /// One blank before what begins like what stands before it: a branch.
    pub(super) fn beside(&mut self) {
        self.push(Elem::Beside);
    }

    /// A line end where the group is broken, else one blank.
    pub(super) fn line(&mut self) {
        self.push(Elem::Line { flat: " ", blank: false });
    }

    /// So many levels more, or fewer.
    pub(super) fn indent(&mut self, by: i32) {
        self.doc.push(Elem::Indent(by));
    }

    /// Begins a group.
    pub(super) fn open(&mut self) {
        self.flush_behind();
        self.doc.open();
    }

    /// Ends a group.
    pub(super) fn close(&mut self) {
        self.doc.close();
    }

    fn push(&mut self, elem: Elem<'t>) {
        self.flush_behind();
        self.doc.push(elem);
    }

    // --- Comments ----------------------------------------------------------------------------------------------

    fn comment_text(&self, comment: Comment) -> &'t str {
        self.text.get(comment.start..comment.end).unwrap_or("")
    }

    /// The next comment, if it begins before a place.
    fn comment_before(&mut self, place: usize) -> Option<Comment> {
        let comment = self.comments.get(self.next).copied().filter(|comment| comment.start < place)?;
        self.next += 1;
        Some(comment)
    }

    /// Remembers a comment on the line of a token that ends here.
    fn take_behind(&mut self, end: usize) {
        let Some(comment) = self.comments.get(self.next).copied() else { return };
        let between = self.text.get(end..comment.start).unwrap_or("\n");
        if !comment.doc && between.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\r')) {
            self.flush_behind();
            self.next += 1;
            self.behind = Some(comment);
        }
    }

    fn flush_behind(&mut self) {
        if let Some(comment) = self.behind.take() {
            let text = self.comment_text(comment);
            self.doc.push(Elem::Comment { text, trailing: true });
        }
    }

    /// Comments before a token in the midst of something.
    fn comments_in_line(&mut self, place: usize) {
        while let Some(comment) = self.comment_before(place) {
            let text = self.comment_text(comment);
            self.push(Elem::Comment { text, trailing: false });
        }
    }

    /// Comments above something that begins a line.
    pub(super) fn comments_above(&mut self, place: usize) {
        while let Some(comment) = self.comment_before(place) {
            let text = self.comment_text(comment);
            self.push(Elem::Comment { text, trailing: false });
            let blank = !comment.doc && self.blank_above(place);
            self.doc.push(Elem::Hard { blank });
        }
    }

    /// Whether an empty line stands above what is written next: a comment, or else what begins at this place.
    fn blank_above(&self, place: usize) -> bool {
        let comment = self.comments.get(self.next).map(|comment| comment.start);
        let before = self.text.get(..comment.unwrap_or(place).min(place)).unwrap_or("");
        let white = before.bytes().rev().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
        white.filter(|b| *b == b'\n').count() > 1
    }

    /// Whether nothing but blanks stands before a place on its line.
    fn begins_line(&self, place: usize) -> bool {
        let before = self.text.get(..place).unwrap_or("");
        before.trim_end_matches([' ', '\t', '\r']).ends_with('\n')
    }

    /// Whether a line ends between a bracket and what follows it.
    pub(super) fn ends_line(&self, bracket: &Node<'_>) -> bool {
        let after = self.text.get(bracket.as_span().end()..).unwrap_or("");
        after.trim_start_matches([' ', '\t', '\r']).starts_with('\n')
    }

    /// Whether one of these, or what closes them, begins a line.
    pub(super) fn any_begins_line(&self, parts: &[Node<'_>]) -> bool {
        parts.iter().skip(1).any(|part| self.begins_line(part.as_span().start()))
    }

    /// Whether a comment stands between two places.
    pub(super) fn has_comment(&self, place: Range<usize>) -> bool {
        let first = self.comments.partition_point(|comment| comment.start < place.start);
        self.comments.get(first).is_some_and(|comment| comment.start < place.end)
    }

    // --- Brackets ----------------------------------------------------------------------------------------------

    /// A bracket, parts with or without commas, and the closing bracket; `part` writes one part.
    pub(super) fn brackets(
        &mut self,
        nodes: &[Node<'t>],
        style: Brackets,
        mut part: impl FnMut(&mut Self, &Node<'t>),
    ) {
        let ([opening, inner @ .., closing], true) = (nodes, nodes.len() > 1) else { return };
        let end = closing.as_span().start();
        let is_part = |node: &&Node<'t>| node.as_rule() != Rule::comma;
        let count = inner.iter().filter(is_part).count();
        if count == 0 && !self.has_comment(opening.as_span().end()..end) {
            self.token(opening);
            return self.token(closing);
        }
        if style.group {
            self.open();
        }
        if style.broken {
            self.doc.break_group();
        }
        self.token(opening);
        self.indent(1);
        self.push(Elem::Line { flat: style.pad, blank: false });
        let mut written = 0;
        for (at, node) in inner.iter().enumerate() {
            if node.as_rule() == Rule::comma {
                let is_last = written == count;
                self.comma(node, is_last);
                continue;
            }
            let start = node.as_span().start();
            if written > 0 {
                if style.commas && inner.get(at - 1).is_some_and(|before| before.as_rule() != Rule::comma) {
                    self.doc.push(Elem::Text(","));
                }
                let blank = !style.fill && self.blank_above(start);
                if style.fill {
                    self.open();
                }
                self.push(Elem::Line { flat: style.between, blank });
            }
            self.comments_above(start);
            written += 1;
            if style.hug && written == count {
                self.doc.hug();
            }
            part(self, node);
            if style.fill && written > 1 {
                self.close();
            }
        }
        let has_last_comma = inner.last().is_some_and(|node| node.as_rule() == Rule::comma);
        if style.commas && !has_last_comma && count > 0 {
            self.doc.push(Elem::LastComma);
        }
        self.comments_below(end, count > 0);
        self.indent(-1);
        self.push(Elem::Line { flat: style.pad, blank: false });
        self.token(closing);
        if style.group {
            self.close();
        }
    }

    /// Comments before a closing bracket.
    fn comments_below(&mut self, end: usize, mut after_something: bool) {
        while self.comments.get(self.next).is_some_and(|comment| comment.start < end) {
            if after_something {
                let blank = self.blank_above(end);
                self.push(Elem::Hard { blank });
            }
            let Some(comment) = self.comment_before(end) else { break };
            let text = self.comment_text(comment);
            self.push(Elem::Comment { text, trailing: false });
            after_something = true;
        }
    }

    /// A comma. It stands before the comment behind what it follows; where both have comments, all stay as they are.
    fn comma(&mut self, node: &Node<'t>, is_last: bool) {
        let place = node.as_span();
        let above = self.comments.get(self.next).is_some_and(|comment| comment.start < place.start());
        let after = self.text.get(place.end()..).unwrap_or("").trim_start_matches([' ', '\t', '\r']);
        let has_own = after.starts_with("//") && !after.starts_with("///");
        if above || self.behind.is_some() && has_own {
            return self.token(node);
        }
        self.doc.push(if is_last { Elem::LastComma } else { Elem::Text(",") });
        self.take_behind(place.end());
    }

    /// What was found: the document, with the comments that stand after the last token.
    pub(super) fn finish(mut self) -> Doc<'t> {
        self.flush_behind();
        self.comments_in_line(self.text.len() + 1);
        self.doc
    }
}

/// The blanks before the closing quotes of a text of several lines, where all of it can be moved.
fn literal_indent(source: &str) -> Option<&str> {
    let last = source.rfind('\n').and_then(|at| source.get(at + 1..))?;
    let indent = last.trim_end_matches('"');
    let can_move = indent.bytes().all(|b| b == b' ' || b == b'\t') && !source.contains('\r');
    can_move.then_some(indent)
}
