//! What can be folded away, and what is selected when a selection grows: from tokens and trees alone.
use std::path::Path;

use flowc_base::Span;
use flowc_grammar::{Lexer, TokenKind, ast};

use super::Analysis;
use super::walk::{Visitor, walk};
use crate::db::ItemWord;
use crate::items::{item_span, items, parse};

/// What is folded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FoldKind {
    /// A block, a bracket, a text.
    Region,
    /// Comments that follow each other.
    Comment,
    /// `use` after `use`.
    Imports,
}

/// Something that can be folded: it begins and ends on different lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fold {
    /// From its first byte to its last.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

impl Analysis {
    /// What can be folded in a file, in the order of its beginnings.
    #[must_use]
    pub fn folds(&self, path: &Path) -> Vec<Fold> {
        let file = self.file(path);
        let Ok(text) = file.text(&self.compiler.db) else { return Vec::new() };
        let mut found = Vec::new();
        let mut open: Vec<u32> = Vec::new();
        let mut comments: Option<Span> = None;
        let mut push = |span: Span, kind| {
            if span.slice(text).contains('\n') {
                found.push(Fold { span, kind });
            }
        };
        for token in Lexer::new(text, 0) {
            match token.kind {
                TokenKind::Comment | TokenKind::Doc | TokenKind::FileDoc => {
                    let joined = comments.filter(|before| {
                        let between =
                            text.get(before.end as usize..token.span.start as usize).unwrap_or("\n\n");
                        between.matches('\n').count() == 1
                    });
                    if let (None, Some(done)) = (joined, comments) {
                        push(done, FoldKind::Comment);
                    }
                    comments = Some(joined.map_or(token.span, |before| before.to(token.span)));
                }
                TokenKind::Open(_) | TokenKind::TextOpen => open.push(token.span.start),
                TokenKind::Close(_) | TokenKind::TextClose => {
                    if let Some(start) = open.pop() {
                        push(Span::new(start, token.span.end), FoldKind::Region);
                    }
                }
                _ => {}
            }
        }
        if let Some(done) = comments {
            push(done, FoldKind::Comment);
        }
        let mut imports: Option<Span> = None;
        for item in items(&self.compiler.db, file) {
            let span = item_span(&self.compiler.db, *item);
            if item.word(&self.compiler.db) == ItemWord::Use {
                imports = Some(imports.map_or(span, |before| before.to(span)));
            } else if let Some(done) = imports.take() {
                push(done, FoldKind::Imports);
            }
        }
        if let Some(done) = imports {
            push(done, FoldKind::Imports);
        }
        found.sort_by_key(|fold| (fold.span.start, std::cmp::Reverse(fold.span.end)));
        found
    }

    /// What a selection at a byte grows to, the smallest first.
    #[must_use]
    pub fn selections(&self, path: &Path, offset: u32) -> Vec<Span> {
        struct Around(u32, Vec<Span>);
        impl Around {
            fn add(&mut self, span: Span) {
                if span.start <= self.0 && self.0 <= span.end {
                    self.1.push(span);
                }
            }
        }
        impl<'a> Visitor<'a> for Around {
            fn expr(&mut self, expr: &'a ast::Expr) {
                self.add(expr.span);
            }
            fn block(&mut self, block: &'a ast::Block) {
                self.add(block.span);
            }
            fn stmt(&mut self, stmt: &'a ast::Stmt) {
                self.add(stmt.span);
            }
            fn ty(&mut self, ty: &'a ast::TypeExpr) {
                self.add(ty.span);
            }
            fn clause(&mut self, clause: &'a ast::Clause) {
                self.add(clause.span);
            }
        }
        let file = self.file(path);
        let Ok(text) = file.text(&self.compiler.db) else { return Vec::new() };
        let whole = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
        let mut spans = vec![whole];
        if let Some((item, start)) = self.item_at(file, offset) {
            let own = item_span(&self.compiler.db, item);
            spans.push(own);
            let mut around = Around(offset - start, Vec::new());
            if let Some(tree) = parse(&self.compiler.db, item).item.as_ref() {
                walk(&tree.kind, &mut around);
            }
            spans.extend(around.1.into_iter().map(|span| span.shift(start)));
            let context = super::context::Context::at(own.slice(text), offset - start);
            spans.extend(context.word.map(|span| span.shift(start)));
        }
        spans.sort_by_key(|span| (span.len(), span.start));
        // Each holds the one before it: what only touches the place from the other side is left out.
        let mut grown: Vec<Span> = Vec::new();
        for span in spans {
            let fits = grown
                .last()
                .is_none_or(|last| span.start <= last.start && last.end <= span.end && span != *last);
            if fits {
                grown.push(span);
            }
        }
        grown
    }
}
