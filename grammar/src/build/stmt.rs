//! Blocks and statements.
use flowc_base::{Diagnostic, Name, Span};

use super::{Builder, Node, ident_of, span_of, words_of};
use crate::Rule;
use crate::ast::{Block, Expr, ExprKind, Ident, Mock, Stmt, StmtKind};
use crate::errors;
use crate::lex::offset;

impl<'t> Builder<'t> {
    pub(super) fn block(&mut self, node: Node<'t>) -> Block {
        let span = span_of(&node);
        let mut stmts = Vec::new();
        for part in node.into_inner() {
            if matches!(part.as_rule(), Rule::lbrace | Rule::rbrace) {
                continue;
            }
            let place = span_of(&part);
            let apart =
                stmts.last().and_then(|before: &Stmt| self.apart(before.span, place, place.slice(self.text)));
            let mut stmt = self.stmt(part);
            if let Some(error) = apart {
                // Both halves were meant as one: neither says anything alone.
                self.errors.push(error);
                stmt.kind = StmtKind::Missing;
                match stmts.last_mut().map(|before| &mut before.kind) {
                    Some(StmtKind::Let { value, .. }) => value.kind = ExprKind::Missing,
                    Some(kind @ StmtKind::Expr(_)) => *kind = StmtKind::Missing,
                    _ => {}
                }
            }
            stmts.push(stmt);
        }
        Block { stmts, span }
    }

    /// What is wrong with a statement that reads as the rest of the one before.
    fn apart(&self, before: Span, place: Span, found: &str) -> Option<Diagnostic<Span>> {
        // To some these continue the statement before, to others they begin a new one.
        if let Some(opener) = found.chars().next().filter(|c| matches!(c, '(' | '[' | '-')) {
            return Some(errors::statement_begins_with(place, opener));
        }
        let unit =
            matches!(found, "ms" | "s" | "m" | "h" | "d" | "B" | "KB" | "MB" | "GB" | "KiB" | "MiB" | "GiB");
        let number =
            before.slice(self.text).rsplit(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).next()?;
        let between = Span::new(before.end, place.start).slice(self.text);
        (unit && !number.is_empty() && between.chars().all(|c| c == ' ')).then(|| {
            let start = before.end.saturating_sub(offset(number.len()));
            errors::apart_unit(Span::new(start, place.end), number, found)
        })
    }

    fn stmt(&mut self, node: Node<'t>) -> Stmt {
        let span = span_of(&node);
        let rule = node.as_rule();
        let kind = if rule == Rule::let_stmt {
            self.let_stmt(node)
        } else if rule == Rule::gate_stmt {
            self.gate_stmt(node)
        } else if rule == Rule::assert_stmt {
            self.assert_stmt(node)
        } else if rule == Rule::break_stmt {
            StmtKind::Break(self.children(node, Rule::expr).pop())
        } else if rule == Rule::continue_stmt {
            StmtKind::Continue(self.children(node, Rule::expr).pop())
        } else if rule == Rule::mock_stmt {
            self.mock_stmt(node)
        } else if rule == Rule::expr_stmt {
            if let Some(word) = node.clone().into_inner().find(|part| part.as_rule() == Rule::compat_return) {
                self.errors.push(errors::foreign_statement(span_of(&word), word.as_str()));
            }
            let assigns = node.clone().into_inner().any(|expr| {
                let mut parts = expr.into_inner();
                parts.nth(1).is_some_and(|sign| sign.as_rule() == Rule::compat_eq)
            });
            match self.children(node, Rule::expr).pop() {
                Some(Expr { kind: ExprKind::Missing, .. }) | None => StmtKind::Missing,
                // `name = value`, which is refused: its value was to go somewhere.
                Some(_) if assigns => StmtKind::Missing,
                Some(expr) => StmtKind::Expr(expr),
            }
        } else {
            StmtKind::Missing
        };
        Stmt { kind, span }
    }

    fn let_stmt(&mut self, node: Node<'t>) -> StmtKind {
        let mut name = None;
        let mut ty = None;
        let mut value = None;
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::ident {
                name = Some(ident_of(&part));
            } else if rule == Rule::compat_let {
                self.errors.push(errors::foreign_statement(span_of(&part), part.as_str()));
            } else if rule == Rule::ty {
                ty = Some(self.ty(part));
            } else if rule == Rule::expr {
                value = Some(self.expr(part));
            }
        }
        match (name, value) {
            (Some(name), Some(value)) => StmtKind::Let { name, ty, value },
            _ => StmtKind::Missing,
        }
    }

    fn gate_stmt(&mut self, node: Node<'t>) -> StmtKind {
        let mut name = None;
        let mut speculate = false;
        let mut conds = Vec::new();
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::text {
                name = Some(self.text_lit(part));
            } else if rule == Rule::kw_speculate {
                speculate = true;
            } else if rule == Rule::cond {
                conds.push(self.expr(part));
            }
        }
        let mut conds = conds.into_iter();
        match (name, conds.next()) {
            (Some(name), Some(cond)) => StmtKind::Gate { name, speculate, cond, action: conds.next() },
            _ => StmtKind::Missing,
        }
    }

    fn assert_stmt(&mut self, node: Node<'t>) -> StmtKind {
        for part in node.into_inner() {
            if part.as_rule() == Rule::list {
                return StmtKind::AssertIndependent(self.children(part, Rule::expr));
            }
            if part.as_rule() == Rule::expr {
                return StmtKind::Assert(self.expr(part));
            }
        }
        StmtKind::Missing
    }

    fn mock_stmt(&mut self, node: Node<'t>) -> StmtKind {
        let place = span_of(&node);
        let mut mock = Mock {
            what: Ident { name: Name::from(""), span: Span::new(place.start, place.start) },
            target: Vec::new(),
            params: None,
            each: false,
            failed: false,
            answer: Expr { kind: ExprKind::Missing, span: place },
        };
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::word {
                mock.what = ident_of(&part);
            } else if rule == Rule::use_path {
                mock.target = words_of(part);
            } else if rule == Rule::mock_params {
                mock.params = Some(words_of(part));
            } else if rule == Rule::compat_fat_arrow {
                self.errors.push(errors::wrong_arrow(span_of(&part), "=>", "->"));
            } else if rule == Rule::kw_each {
                mock.each = true;
            } else if rule == Rule::kw_failed {
                mock.failed = true;
            } else if rule == Rule::expr {
                mock.answer = self.expr(part);
            }
        }
        StmtKind::Mock(mock)
    }
}
