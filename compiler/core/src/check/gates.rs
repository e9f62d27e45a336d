//! `gate` and `assert independent` where they stand: their parts. What they hold, and whether it is so, is found by [`super::waits`].
use flowc_base::Span;
use flowc_grammar::ast;

use super::cx::{Cx, Mode};
use super::loops::word;
use super::text::text_constant;
use crate::diagnostics::{calls, conditions as d, flows, names};
use crate::hir::{Expr, ExprKind, Gate, Stmt};
use crate::ty::Ty;

/// The parts of a `gate`.
pub(crate) struct GateParts<'a> {
    pub(crate) name: &'a ast::TextLit,
    pub(crate) speculate: bool,
    pub(crate) cond: &'a ast::Expr,
    pub(crate) action: Option<&'a ast::Expr>,
}

impl<'a> Cx<'a> {
    pub(crate) fn gate(&mut self, parts: &GateParts<'a>, span: Span, stmts: &mut Vec<Stmt>) {
        if self.mode != Mode::Flow {
            let diag = flows::misplaced(self.place(word(span, "gate")), "a gate", "gates stand in flows");
            self.report(diag);
        }
        let name = self.gate_name(parts.name);
        let before = self.diagnostics.len();
        let cond = self.expect(parts.cond, &Ty::Bool, None);
        match self.condition(&cond, before) {
            Some(true) => {
                let diag = d::gate_always_passes(self.place(cond.span), self.place(span));
                self.report(diag);
            }
            Some(false) => {
                let diag = d::gate_never_passes(self.place(cond.span));
                self.report(diag);
            }
            None => {}
        }
        let action = match parts.action {
            None => {
                let end = self.place(cond.span).end();
                let shown = parts.name.as_plain().unwrap_or_default();
                let diag = d::gate_without_action(self.place(word(span, "gate")), end, shown);
                self.report(diag);
                None
            }
            Some(action) => {
                let found = self.action(action);
                if found.is_none() {
                    self.expr(action, None);
                    let diag = d::gate_action(self.place(action.span));
                    self.report(diag);
                }
                found
            }
        };
        self.steps += 1;
        let speculate = parts.speculate;
        stmts.push(Stmt::Gate(Box::new(Gate { name, speculate, cond, action, span })));
    }

    /// The name of a gate: a constant, and no other gate's of its item.
    fn gate_name(&mut self, lit: &'a ast::TextLit) -> Expr {
        let Some(text) = lit.as_plain() else {
            self.text(lit);
            let diag = calls::not_constant(self.place(lit.span), "the name of a gate");
            self.report(diag);
            return text_constant("", lit.span);
        };
        if text.is_empty() {
            let diag = d::unnamed_gate(self.place(lit.span));
            self.report(diag);
        } else if let Some(first) = self.gate_named(text, lit.span) {
            let diag = names::duplicate_title(self.place(lit.span), "gates", text, self.place(first));
            self.report(diag);
        }
        text_constant(text, lit.span)
    }

    /// `assert independent [a, b]`: names of results.
    pub(crate) fn assert_independent(&mut self, values: &'a [ast::Expr], span: Span, stmts: &mut Vec<Stmt>) {
        let mut found: Vec<Expr> = Vec::with_capacity(values.len());
        let mut wrong = false;
        for value in values {
            let value = self.expr(value, None);
            wrong |= value.ty == Ty::Error;
            match value.kind {
                ExprKind::Local(_) => {
                    let same = |other: &&Expr| other.kind == value.kind;
                    if let Some(first) = found.iter().find(same) {
                        let diag = names::duplicate_mention(self.place(value.span), self.place(first.span));
                        self.report(diag);
                        wrong = true;
                    }
                    found.push(value);
                }
                ExprKind::Error => wrong = true,
                _ => {
                    let hint = "bind it with `let`, and name it here";
                    let diag =
                        d::bad_independent(self.place(value.span), "expected the name of a result", hint);
                    let diag = self.let_instead(diag, value.span, "result");
                    self.report(diag);
                    wrong = true;
                }
            }
        }
        if self.mode != Mode::Flow {
            let place = self.place(word(span, "assert independent"));
            let diag =
                flows::misplaced(place, "`assert independent`", "it stands in the flow that it is about");
            self.report(diag);
        } else if found.len() < 2 && !wrong {
            let hint = "name the results that must not wait for each other: `assert independent [a, b]`";
            let place = self.place(word(span, "assert independent"));
            let diag = d::bad_independent(place, "this claims nothing: it takes two names or more", hint);
            let diag = self.no_claim(diag, span);
            self.report(diag);
        }
        self.steps += 1;
        stmts.push(Stmt::AssertIndependent(found));
    }
}
