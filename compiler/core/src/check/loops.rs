//! `loop` and `reduce`: values that go round. Their type is found from the first value and from what comes back; where that is more
//! than the first value says, the body is checked once more.
use flowc_base::Span;
use flowc_grammar::ast;
use flowc_plan::Value;

use super::cx::{Binder, Cx};
use super::jumps::{Rounds, block_ends, for_each_jump, open_end};
use crate::diagnostics::{control as d, types};
use crate::hir::{Block, Expr, ExprKind, LocalId, Stmt};
use crate::ty::Ty;
use crate::types::fits::{expand, has_error, widened};
use crate::types::{Fit, fits, join};

/// How often bodies of one item are checked once more. Each costs no more than the item, so that nesting costs nothing.
const AGAIN_MAX: usize = 16;

impl<'a> Cx<'a> {
    /// `loop x = first max n { … }` and its variable.
    pub(crate) fn loop_(
        &mut self,
        var: &'a ast::Ident,
        first: &'a ast::Expr,
        max: Option<&'a ast::Expr>,
        body: &'a ast::Block,
        want: Option<&Ty>,
        span: Span,
    ) -> (Expr, LocalId) {
        let first = self.expr(first, None);
        if first.ty == Ty::Unit {
            let diag = types::mismatch(self.place(first.span), "a value", "()", None);
            self.report(diag.with_hint("what is written before `max` is the value of the first round"));
        }
        let max = max.map(|max| self.rounds_max(max));
        if max.is_none() {
            let end = self.place(first.span).end();
            let diag = d::missing_max(self.place(word(span, "loop")), end);
            self.report(diag);
        }
        let mut ty = if first.ty == Ty::Unit { Ty::Error } else { widened(&first.ty) };
        let (local, mut block, rounds) = loop {
            let mark = self.mark();
            self.enter();
            let local = self.bind(&var.name, var.span, ty.clone(), Binder::Let);
            self.rounds.push(Rounds::new(want.cloned(), ty.clone()));
            self.at_stmt = true;
            let (block, _) = self.block(body, None);
            let rounds = self.rounds.pop().unwrap_or_else(|| Rounds::new(None, Ty::Error));
            self.leave();
            let next = rounds.continues.iter().try_fold(ty.clone(), |ty, (next, _)| join(self.db, &ty, next));
            match next {
                Some(next) if next != ty && !has_error(&next) && self.again < AGAIN_MAX => {
                    self.again += 1;
                    self.back_to(&mark);
                    ty = next;
                }
                _ => break (local, block, rounds),
            }
        };
        self.steps += 1;
        let wrong = self.paths_end(&block, &rounds, span, &var.name);
        let value = self.value_of_breaks(&rounds, want);
        let why = (self.place(first.span), format!("`{}` is `{}`", var.name, self.show(&ty)));
        for_each_jump(&mut block, &mut |stmt| match stmt {
            Stmt::Break(found) => {
                *found = found.take().map(|found| self.coerce(found, &value, None));
            }
            Stmt::Continue(found) => {
                *found = found.take().map(|found| self.coerce(found, &ty, Some((why.0, &why.1))));
            }
            _ => {}
        });
        let first = Box::new(self.coerce(first, &ty, None));
        let kind = ExprKind::Loop { var: local, first, max: max.map(Box::new), body: block };
        (Expr { kind, ty: if wrong { Ty::Error } else { value }, span }, local)
    }

    fn rounds_max(&mut self, max: &'a ast::Expr) -> Expr {
        let steps = self.steps;
        let max = self.expect(max, &Ty::Int(None), None);
        if let ExprKind::Const(Value::Int(n)) = max.kind
            && n < 1
        {
            let diag = types::not_in_range(self.place(max.span), &n.to_string(), "max 1 and more", None);
            self.report(diag.with_hint("a loop has one round at least"));
        }
        if self.steps > steps && !matches!(max.kind, ExprKind::Error) {
            let hint = "bind it with `let` above, and name it here";
            let diag = crate::diagnostics::flows::misplaced(self.place(max.span), "a step", hint);
            let diag = self.let_instead(diag, max.span, "rounds");
            self.report(diag);
        }
        max
    }

    /// Whether a loop is wrong in how its paths end, which is reported.
    fn paths_end(&mut self, block: &Block, rounds: &Rounds, span: Span, var: &str) -> bool {
        if self.incomplete {
            return true;
        }
        if !block_ends(block) {
            let (open, is_value) = open_end(block);
            let diag = d::loop_end(self.place(open), self.place(word(span, "loop")), is_value);
            self.report(diag);
            return true;
        }
        if rounds.breaks.is_empty() {
            let diag = d::loop_without_break(self.place(word(span, "loop")));
            self.report(diag);
            return true;
        }
        if rounds.continues.is_empty() {
            let diag = d::loop_once(self.place(word(span, "loop")), var);
            self.report(diag);
        }
        false
    }

    /// The type that the values of all `break`s have in common.
    fn value_of_breaks(&mut self, rounds: &Rounds, want: Option<&Ty>) -> Ty {
        if let Some(want) = want {
            return want.clone();
        }
        let mut common = Ty::Never;
        for (ty, span) in &rounds.breaks {
            match join(self.db, &common, ty) {
                Some(ty) => common = ty,
                None => {
                    if let Some((first, first_span)) = rounds.breaks.first() {
                        let (one, other) = (self.show(first), self.show(ty));
                        let first = (self.place(*first_span), one.as_str());
                        let diag =
                            types::no_common_type(self.place(*span), "values of a loop", first, &other);
                        self.report(diag);
                    }
                    return Ty::Error;
                }
            }
        }
        widened(&common)
    }

    pub(crate) fn reduce(
        &mut self,
        names: [&'a ast::Ident; 2],
        list: &'a ast::Expr,
        body: &'a ast::Block,
        span: Span,
    ) -> Expr {
        let list = self.expr(list, None);
        let item = match expand(self.db, &list.ty) {
            Ty::List(item) => (*item).clone(),
            Ty::Error => Ty::Error,
            other => {
                let hint = match other {
                    Ty::Map(_) => Some("its entries are a list: `entries(map)` of `std.map`"),
                    Ty::Json => Some("say what it is: `value as List<Json>`"),
                    Ty::Optional(_) => Some("say what counts when it is `none`: `(value ?? [])`"),
                    _ => None,
                };
                let diag = d::not_a_list(self.place(list.span), "reduce", &self.show(&list.ty), hint);
                let diag = self.as_list(diag, &list);
                self.report(diag);
                Ty::Error
            }
        };
        let mut ty = widened(&item);
        let (locals, block) = loop {
            let mark = self.mark();
            self.enter();
            let locals = names.map(|name| self.bind(&name.name, name.span, ty.clone(), Binder::Let));
            let (block, found) = self.block(body, None);
            self.leave();
            match join(self.db, &ty, &found).map(|next| widened(&next)) {
                Some(next) if next != ty && !has_error(&next) && self.again < AGAIN_MAX => {
                    self.again += 1;
                    self.back_to(&mark);
                    ty = next;
                }
                _ => break (locals, block),
            }
        };
        let declared = (self.place(list.span), format!("its elements are `{}`", self.show(&ty)));
        let block = self.coerce_block(block, &ty, Some((declared.0, &declared.1)));
        let to = Ty::List(std::sync::Arc::new(ty.clone()));
        let list = if fits(self.db, &list.ty, &to) == Fit::No { list } else { self.coerce(list, &to, None) };
        let [left, right] = locals;
        Expr { kind: ExprKind::Reduce { left, right, list: Box::new(list), body: block }, ty, span }
    }
}

/// The word that a construct begins with.
pub(crate) fn word(span: Span, word: &str) -> Span {
    Span::new(span.start, (span.start + u32::try_from(word.len()).unwrap_or(0)).min(span.end))
}
