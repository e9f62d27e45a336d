//! What becomes of failures: `else`, `try`, `race`, `first`, and the actions that end a way: `fail`, `escalate`, `rollback`.
use std::sync::Arc;

use flowc_base::Span;
use flowc_grammar::ast;
use flowc_plan::Value;

use super::cx::{Cx, Mode, error};
use super::loops::word;
use crate::diagnostics::{control as d, types};
use crate::hir::{Expr, ExprKind};
use crate::items::item_text;
use crate::ty::Ty;
use crate::types::fits::{has_error, widened};
use crate::types::join;

impl<'a> Cx<'a> {
    /// `step else other`
    pub(crate) fn else_(
        &mut self,
        step: &'a ast::Expr,
        otherwise: &'a ast::Expr,
        want: Option<&Ty>,
        span: Span,
    ) -> Expr {
        let (step, var) = match &step.kind {
            ast::ExprKind::Loop { var, first, max, body } => {
                let (step, local) = self.loop_(var, first, max.as_deref(), body, want, step.span);
                (step, Some((&var.name, local)))
            }
            _ => (self.expr(step, want), None),
        };
        let head = Span::new(step.span.end, otherwise.span.start);
        let (mut refused, mut never) = (false, false);
        match &step.kind {
            ExprKind::Try(_) => {
                never = true;
                let place = self.place(head.to(otherwise.span));
                let diag = d::useless_else(place, self.place(word(step.span, "try")));
                self.report(diag);
            }
            kind if may_fail(kind) => {}
            kind => {
                let optional = matches!(step.ty, Ty::Optional(_) | Ty::None);
                let at = head.slice(item_text(self.db, self.item)).find("else").unwrap_or_default();
                let at = head.start + u32::try_from(at).unwrap_or_default();
                let places = (self.place(Span::new(at, at + 4)), self.place(head.to(otherwise.span)));
                let diag = d::else_needs_step(self.place(step.span), construct(kind), optional, places);
                self.report(diag);
                refused = true;
            }
        }
        self.enter();
        if let Some((name, local)) = var {
            // The `else` of a loop sees the value of its last round.
            self.rebind(name, local);
        }
        let otherwise = self.otherwise(otherwise, want);
        self.leave();
        self.steps += 1;
        if refused || has_error(&step.ty) || has_error(&otherwise.ty) {
            return error(span);
        }
        if never {
            return step;
        }
        let Some(ty) = join(self.db, &step.ty, &otherwise.ty) else {
            let (one, other) = (self.show(&step.ty), self.show(&otherwise.ty));
            let place = self.place(otherwise.span);
            let first = (self.place(step.span), one.as_str());
            let diag = types::no_common_type(place, "the two sides of `else` are", first, &other);
            return self.wrong(span, diag);
        };
        let ty = if step.ty == otherwise.ty { ty } else { widened(&ty) };
        let (step, otherwise) = (self.coerce(step, &ty, None), self.coerce(otherwise, &ty, None));
        Expr { kind: ExprKind::Else { step: Box::new(step), otherwise: Box::new(otherwise) }, ty, span }
    }

    /// What stands after an `else`: an action, or another value.
    fn otherwise(&mut self, expr: &'a ast::Expr, want: Option<&Ty>) -> Expr {
        self.action(expr).unwrap_or_else(|| self.expr(expr, want))
    }

    /// `fail "…"`, `escalate "…"`, `rollback`; `None` for anything else.
    pub(crate) fn action(&mut self, expr: &'a ast::Expr) -> Option<Expr> {
        let kind = match &expr.kind {
            ast::ExprKind::Fail(text) => ExprKind::Fail(Box::new(self.expect(text, &Ty::Text, None))),
            ast::ExprKind::Escalate(text) => ExprKind::Escalate(Box::new(self.expect(text, &Ty::Text, None))),
            ast::ExprKind::Rollback => ExprKind::Rollback,
            _ => return None,
        };
        self.steps += 1;
        Some(Expr { kind, ty: Ty::Never, span: expr.span })
    }

    /// An action where any expression may stand: only `fail` needs no `else` before it.
    pub(crate) fn bare_action(&mut self, expr: &'a ast::Expr) -> Expr {
        let span = expr.span;
        let place = match self.mode {
            Mode::Flow => None,
            Mode::Task => {
                Some("a task fails when its program does: let it end with another exit code than 0")
            }
            Mode::Default => Some("a default is a value"),
            Mode::Agent | Mode::Settings => Some("it is an action of a flow"),
            Mode::Test => Some("a test fails by `assert`"),
        };
        let name = match &expr.kind {
            ast::ExprKind::Fail(_) => "fail",
            ast::ExprKind::Escalate(_) => "escalate",
            _ => "rollback",
        };
        let hint =
            place.or((name != "fail").then_some("it stands after the `else` of a gate, a loop or a step"));
        let action = self.action(expr);
        if let Some(hint) = hint {
            let place = self.place(word(span, name));
            let diag = crate::diagnostics::flows::misplaced(place, &format!("`{name}`"), hint);
            return self.wrong(span, diag);
        }
        action.unwrap_or_else(|| error(span))
    }

    pub(crate) fn try_(&mut self, step: &'a ast::Expr, span: Span) -> Expr {
        let step = self.expr(step, None);
        self.steps += 1;
        if has_error(&step.ty) {
            return error(span);
        }
        if matches!(step.kind, ExprKind::Try(_)) || !may_fail(&step.kind) {
            let place = self.place(word(span, "try"));
            let diag = d::try_needs_step(self.place(step.span), construct(&step.kind), place);
            return self.wrong(span, diag);
        }
        let ty = Ty::Outcome(Arc::new(step.ty.clone()));
        Expr { kind: ExprKind::Try(Box::new(step)), ty, span }
    }

    /// `race [a(), b()]`
    pub(crate) fn race(&mut self, of: &'a ast::Expr, want: Option<&Ty>, span: Span) -> Expr {
        let (list, item, count) = self.contenders("race", of, want);
        if count == Some(1) {
            let only = match &of.kind {
                ast::ExprKind::List(items) => items.first(),
                _ => None,
            };
            // An `else` in it would become another's.
            let only = only.filter(|only| !matches!(only.kind, ast::ExprKind::Else { .. }));
            let alone = only.map(|only| self.rewritten(span, self.written(only.span)));
            let diag = d::race_of_one(self.place(word(span, "race")), alone);
            self.report(diag);
        }
        Expr { kind: ExprKind::Race(Box::new(list)), ty: item, span }
    }

    /// `first n of [a(), b(), c()]`
    pub(crate) fn first_of(
        &mut self,
        n: &'a ast::Expr,
        of: &'a ast::Expr,
        want: Option<&Ty>,
        span: Span,
    ) -> Expr {
        let n = self.expect(n, &Ty::Int(None), None);
        let want = match want {
            Some(Ty::List(item)) => Some(&**item),
            _ => None,
        };
        let (list, item, count) = self.contenders("first", of, want);
        if let ExprKind::Const(Value::Int(n_value)) = n.kind {
            let (place, of_place) = (self.place(n.span), self.place(list.span));
            let count = count.and_then(|count| i64::try_from(count).ok());
            let diag = match count {
                _ if n_value < 1 => Some(
                    types::not_in_range(place, &n_value.to_string(), "first 1 and more", None)
                        .with_hint("say how many results are waited for"),
                ),
                Some(count) if n_value > count => {
                    Some(d::too_few_contenders(place, n_value, count, of_place))
                }
                Some(count) if n_value == count => {
                    // No statement begins with a list.
                    let alone = self.before(span).ends_with(['=', '(', ',', '[', ':']);
                    let alone = alone.then(|| self.rewritten(span, self.written(list.span)));
                    Some(d::first_of_all(place, count, alone))
                }
                _ => None,
            };
            diag.into_iter().for_each(|diag| self.report(diag));
        }
        let ty = Ty::List(Arc::new(item));
        Expr { kind: ExprKind::First { n: Box::new(n), of: Box::new(list) }, ty, span }
    }

    /// The contenders, the type that they have in common, and how many they are when they are written out.
    fn contenders(
        &mut self,
        construct: &'static str,
        of: &'a ast::Expr,
        want: Option<&Ty>,
    ) -> (Expr, Ty, Option<usize>) {
        let want = want.map(|want| Ty::List(Arc::new(want.clone())));
        let list = match &of.kind {
            ast::ExprKind::List(items) => {
                let mut steps = Vec::with_capacity(items.len());
                let mut found = Vec::with_capacity(items.len());
                for item in items {
                    let before = self.steps;
                    found.push(self.expr(item, None));
                    steps.push(self.steps > before);
                }
                for (item, has_step) in found.iter().zip(&steps) {
                    if !has_step && !has_error(&item.ty) {
                        let bound = match item.kind {
                            ExprKind::Local(local) => self.locals.get(local.0 as usize).cloned(),
                            _ => None,
                        };
                        let bound = bound.map(|local| (local.name.clone(), self.place(local.span)));
                        let bound = bound.as_ref().map(|(name, place)| (name.as_str(), *place));
                        let diag = d::no_contender(self.place(item.span), construct, bound);
                        self.report(diag);
                    }
                }
                if items.is_empty() {
                    let diag = d::no_contenders(self.place(of.span), construct);
                    self.report(diag);
                }
                let (found, ty) = self.common(found, "contenders");
                let ty = if items.is_empty() { Ty::Error } else { ty };
                let ty = Ty::List(Arc::new(ty));
                Expr { kind: ExprKind::List(found), ty, span: of.span }
            }
            ast::ExprKind::For { .. } => self.expr(of, want.as_ref()),
            _ => {
                let list = self.expr(of, want.as_ref());
                if !has_error(&list.ty) {
                    let diag = d::contenders_elsewhere(self.place(list.span), construct);
                    self.report(diag);
                }
                error(of.span)
            }
        };
        self.steps += 1;
        let count = match &list.kind {
            ExprKind::List(items) => Some(items.len()),
            _ => None,
        };
        let item = match &list.ty {
            Ty::List(item) => widened(item),
            _ => Ty::Error,
        };
        (list, item, count)
    }
}

/// Whether it is a construct whose failure can be caught.
fn may_fail(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::Step(_)
            | ExprKind::Flow(_)
            | ExprKind::Ask(_)
            | ExprKind::Approve { .. }
            | ExprKind::Try(_)
            | ExprKind::Race(_)
            | ExprKind::First { .. }
            | ExprKind::Loop { .. }
            | ExprKind::Else { .. }
            | ExprKind::Error
    )
}

/// The constructs that hold steps and are none.
fn construct(kind: &ExprKind) -> Option<&'static str> {
    match kind {
        ExprKind::For { .. } => Some("for"),
        ExprKind::Reduce { .. } => Some("reduce"),
        ExprKind::If { .. } => Some("if"),
        ExprKind::Match { .. } => Some("match"),
        _ => None,
    }
}
