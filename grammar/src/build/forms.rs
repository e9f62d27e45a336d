//! The forms that begin with a word and have parts of their own: questions, repetitions, branches.
use flowc_base::{Name, Span};

use super::expr::missing;
use super::item::is_body;
use super::{Builder, Node, ident_of, span_of};
use crate::Rule;
use crate::ast::{Arm, Block, Expr, ExprKind, Ident, Pattern, PatternKind, TypeExpr};
use crate::errors;

impl<'t> Builder<'t> {
    pub(super) fn ask(&mut self, node: Node<'t>) -> ExprKind {
        let place = span_of(&node);
        let mut agent = missing(place);
        let mut prompt = missing(place);
        let mut ty: Option<TypeExpr> = None;
        let mut with = None;
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::agent {
                agent = self.expr_node(part);
            } else if rule == Rule::simple {
                prompt = self.expr_node(part);
            } else if rule == Rule::ty {
                ty = Some(self.ty(part));
            } else if rule == Rule::record || rule == Rule::record_empty {
                with = Some(self.fields(part));
            }
        }
        ExprKind::Ask { agent: Box::new(agent), prompt: Box::new(prompt), ty, with }
    }

    /// `for`, `reduce` and `loop`: names, then what they go over, then a body.
    pub(super) fn repetition(&mut self, node: Node<'t>) -> ExprKind {
        let rule = node.as_rule();
        let place = span_of(&node);
        let nobody = Ident { name: Name::from(""), span: Span::new(place.start, place.start) };
        let mut names = Vec::new();
        let mut over = missing(place);
        let (mut cond, mut max) = (None, None);
        let mut body = Block { stmts: Vec::new(), span: place };
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::ident {
                names.push(ident_of(&part));
            } else if rule == Rule::cond {
                over = self.expr(part);
            } else if rule == Rule::for_if {
                cond = Some(Box::new(self.child(part, Rule::cond)));
            } else if rule == Rule::for_max {
                max = Some(Box::new(self.child(part, Rule::cond)));
            } else if is_body(rule) {
                body = self.body(part);
            }
        }
        let mut names = names.into_iter();
        let var = names.next().unwrap_or_else(|| nobody.clone());
        let over = Box::new(over);
        if rule == Rule::for_expr {
            ExprKind::For { var, list: over, cond, max, body }
        } else if rule == Rule::loop_expr {
            ExprKind::Loop { var, first: over, max, body }
        } else {
            ExprKind::Reduce { left: var, right: names.next().unwrap_or(nobody), list: over, body }
        }
    }

    /// The chain of `else if`s is flat in the grammar and leans to the right in the tree.
    pub(super) fn if_expr(&mut self, node: Node<'t>) -> ExprKind {
        let end = span_of(&node).end;
        let place = span_of(&node);
        let links = u32::try_from(node.clone().into_inner().filter(|p| p.as_rule() == Rule::cond).count());
        let by = links.unwrap_or(u32::MAX).saturating_sub(1);
        self.deeper(by, place, |this| {
            let mut heads: Vec<(u32, Expr, Option<Block>)> = Vec::new();
            let mut otherwise = None;
            let mut start = place.start;
            for part in node.into_inner() {
                let rule = part.as_rule();
                if rule == Rule::kw_if {
                    start = span_of(&part).start;
                } else if rule == Rule::compat_elif {
                    start = span_of(&part).start;
                    this.errors.push(errors::foreign_operator(span_of(&part), part.as_str(), "else if"));
                } else if rule == Rule::cond {
                    heads.push((start, this.expr(part), None));
                } else if is_body(rule) {
                    let span = span_of(&part);
                    let body = this.body(part);
                    match heads.last_mut() {
                        Some((_, _, then @ None)) => *then = Some(body),
                        Some(_) | None => {
                            otherwise = Some(Box::new(Expr { kind: ExprKind::Block(body), span }));
                        }
                    }
                }
            }
            let mut kind = ExprKind::Missing;
            while let Some((start, cond, then)) = heads.pop() {
                let then = then.unwrap_or_else(|| Block { stmts: Vec::new(), span: cond.span });
                kind = ExprKind::If { cond: Box::new(cond), then, otherwise: otherwise.take() };
                if !heads.is_empty() {
                    otherwise = Some(Box::new(Expr { kind, span: Span::new(start, end) }));
                    kind = ExprKind::Missing;
                }
            }
            kind
        })
        .unwrap_or(ExprKind::Missing)
    }

    pub(super) fn match_expr(&mut self, node: Node<'t>) -> ExprKind {
        let place = span_of(&node);
        let mut scrutinee = missing(place);
        let mut arms: Vec<Arm> = Vec::new();
        // An arm that ends in a brace needs no comma before the next.
        let mut separated = true;
        let mut before = 0;
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::cond {
                scrutinee = self.expr(part);
            } else if rule == Rule::comma {
                separated = true;
            } else if rule == Rule::arm {
                let span = span_of(&part);
                if !separated {
                    self.errors.push(errors::missing_comma(before, span, "arm"));
                }
                separated = span.slice(self.text).ends_with(['}', '\u{1A}']);
                before = span.end;
                arms.extend(self.arm(part));
            }
        }
        ExprKind::Match { scrutinee: Box::new(scrutinee), arms }
    }

    fn arm(&mut self, node: Node<'t>) -> Option<Arm> {
        let mut pattern = None;
        let mut value = None;
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::pattern {
                pattern = Some(self.pattern(part));
            } else if rule == Rule::compat_arrow {
                self.errors.push(errors::wrong_arrow(span_of(&part), "->", "=>"));
            } else if rule == Rule::expr {
                value = Some(self.expr(part));
            }
        }
        Some(Arm { pattern: pattern?, value: value? })
    }

    fn pattern(&mut self, node: Node<'t>) -> Pattern {
        let span = span_of(&node);
        let mut patterns: Vec<_> = node
            .into_inner()
            .filter(|part| part.as_rule() != Rule::bar)
            .map(|part| self.pattern_one(part))
            .collect();
        match patterns.pop() {
            Some(one) if patterns.is_empty() => one,
            Some(last) => {
                patterns.push(last);
                Pattern { kind: PatternKind::Or(patterns), span }
            }
            None => Pattern { kind: PatternKind::Missing, span },
        }
    }

    fn pattern_one(&mut self, node: Node<'t>) -> Pattern {
        let span = span_of(&node);
        let rule = node.as_rule();
        let kind = if rule == Rule::pattern_any {
            PatternKind::Any
        } else if rule == Rule::pattern_literal {
            PatternKind::Literal(Box::new(self.bound(node)))
        } else if rule == Rule::pattern_name {
            let mut inner = node.into_inner();
            match (inner.next(), inner.next()) {
                (Some(name), None) => PatternKind::Bind(Name::from(name.as_str())),
                (Some(name), Some(fields)) => {
                    PatternKind::Variant { name: ident_of(&name), fields: super::words_of(fields) }
                }
                (None, _) => PatternKind::Missing,
            }
        } else {
            PatternKind::Missing
        };
        Pattern { kind, span }
    }
}
