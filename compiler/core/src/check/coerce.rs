//! From what is found to what is expected: conversions are written out, and what does not fit is explained.
use flowc_base::{Applicability, Span};
use flowc_grammar::ast::FloatBits;
use flowc_plan::Value;

use super::cx::{Cx, error};
use crate::db::Place;
use crate::diagnostics::types as d;
use crate::diagnostics::{agents, replacing, secrets, types::Because};
use crate::hir::{Block, Expr, ExprKind};
use crate::ty::Ty;
use crate::types::fits::{as_float, has_error, has_secret};
use crate::types::{Fit, fits, join};

impl Cx<'_> {
    /// The expression as one of type `to`.
    pub(crate) fn coerce(&mut self, expr: Expr, to: &Ty, why: Because<'_>) -> Expr {
        match fits(self.db, &expr.ty, to) {
            Fit::Same => expr,
            Fit::Change => convert(expr, to),
            Fit::No => {
                let span = expr.span;
                self.explain(&expr, to, why);
                Expr { ty: to.clone(), ..error(span) }
            }
        }
    }

    /// The block with its value as one of type `to`.
    pub(crate) fn coerce_block(&mut self, mut block: Block, to: &Ty, why: Because<'_>) -> Block {
        match block.value.take() {
            Some(value) => block.value = Some(Box::new(self.coerce(*value, to, why))),
            None if super::jumps::block_ends(&block) => {}
            // Where something could not be read, the value may be in it.
            None if fits(self.db, &Ty::Unit, to) == Fit::No && !has_error(to) && !self.incomplete => {
                let end = Span::new(block.span.end.saturating_sub(1), block.span.end);
                let found = Expr { ty: Ty::Unit, ..error(end) };
                self.explain(&found, to, why);
            }
            None => {}
        }
        block
    }

    /// Says why a value does not fit.
    fn explain(&mut self, expr: &Expr, to: &Ty, why: Because<'_>) {
        if has_error(&expr.ty) || has_error(to) {
            return;
        }
        let place = self.place(expr.span);
        let (expected, found) = (self.show(to), self.show(&expr.ty));
        let declared =
            self.declared.as_ref().filter(|(ty, _)| ty == to).map(|(_, place)| (*place, "declared here"));
        let why = why.or(declared);
        let inner = match to {
            Ty::Optional(inner) => inner,
            other => other,
        };
        let diag = match (&expr.ty, inner) {
            (Ty::Text | Ty::Choice(_), Ty::Secret) => agents::plain_secret(place),
            (from, to) if has_secret(self.db, from) && !has_secret(self.db, to) => {
                secrets::shown(place, &format!("as a `{expected}`"))
            }
            (Ty::Optional(from), _) if fits(self.db, from, inner) != Fit::No => {
                self.or_fail(d::optional(place, &found, why), expr, false)
            }
            (Ty::None, _) => d::optional(place, "none", why),
            (Ty::Choice(words), Ty::Choice(choices)) if words.len() == 1 => {
                let choices: Vec<&str> = choices.iter().map(|word| &**word).collect();
                d::not_a_choice(place, &words[0], &choices, why)
            }
            (Ty::Int(Some((a, b))), Ty::Int(Some(_)) | Ty::Float(Some(_))) if a == b => {
                self.within(d::not_in_range(place, &a.to_string(), &expected, why), expr, inner)
            }
            (Ty::Float(Some((a, b))), Ty::Float(Some(_))) if a == b => {
                let shown = f64::from_bits(a.0).to_string();
                self.within(d::not_in_range(place, &shown, &expected, why), expr, inner)
            }
            (found_ty, Ty::Duration | Ty::Size | Ty::Money) if is_quantity(found_ty) => {
                self.with_unit(d::unit_mismatch(place, &expected, &found, example(inner), why), expr, inner)
            }
            (Ty::Duration | Ty::Size | Ty::Money, Ty::Int(_) | Ty::Float(_)) => {
                self.with_unit(d::unit_mismatch(place, &expected, &found, "`10`", why), expr, inner)
            }
            _ => {
                let diag = d::mismatch(place, &expected, &found, why);
                let diag = self.with_advice(diag, expr, inner, place);
                if diag.fix.is_none() { self.converted(diag, expr, inner) } else { diag }
            }
        };
        self.report(diag);
    }

    fn with_advice(&self, diag: crate::db::Diag, expr: &Expr, to: &Ty, place: Place) -> crate::db::Diag {
        let text = match &expr.kind {
            ExprKind::Const(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        match (&expr.ty, to) {
            (Ty::Text | Ty::Choice(_), to) if text.is_some_and(|text| says(text, to)) => {
                let text = text.unwrap_or_default();
                replacing(diag.with_hint("take away the quotes"), place, text, Applicability::Maybe)
            }
            (Ty::Text | Ty::Choice(_), to) if text.is_some() && written(to).is_some() => {
                let example = written(to).unwrap_or_default();
                diag.with_hint(format!(
                    "a value of type `{}` is written like {example}, without quotes",
                    self.show(to)
                ))
            }
            (Ty::Text | Ty::Choice(_), Ty::File | Ty::Dir) => {
                let source = if *to == Ty::File { "file" } else { "dir" };
                match text {
                    Some(text) => {
                        let call = format!("{source}({text:?})");
                        let hint = format!("a text is no path: write `{call}`");
                        replacing(diag.with_hint(hint), place, &call, Applicability::Maybe)
                    }
                    None => diag.with_hint(format!("a text is no path: write `{source}(…)`")),
                }
            }
            (Ty::File, Ty::Text) => diag.with_hint("for its content write `\"{{file}}\"`"),
            (from, Ty::Text) if crate::types::cast::castable(self.db, from, to) => {
                diag.with_hint("for its text write `\"{{…}}\"` around it")
            }
            (Ty::Int(_), Ty::Int(Some(_))) => diag.with_hint(format!("check it with `as {}`", self.show(to))),
            (Ty::Float(_), Ty::Int(_)) => {
                diag.with_hint("say how to round it: `round`, `floor` or `ceil` of `std.math`")
            }
            (Ty::Json, to) if self.has_schema(to) => {
                diag.with_hint(format!("check it with `as {}`", self.show(to)))
            }
            (from, Ty::List(item)) if fits(self.db, from, item) != Fit::No => {
                diag.with_hint("for a list of one write `[…]` around it")
            }
            (Ty::List(item), to) if fits(self.db, item, to) != Fit::No => {
                diag.with_hint("take one element, `list[0]`, or go over all of them with `for`")
            }
            (Ty::Outcome(_), _) => diag.with_hint(OUTCOME),
            (Ty::Record(from), Ty::Record(fields)) => {
                let differs =
                    fields.iter().find_map(|(name, to)| match from.iter().find(|(other, _)| other == name) {
                        None => Some(format!("it has no field `{name}`")),
                        Some((_, from)) if fits(self.db, from, to) == Fit::No => Some(format!(
                            "the field `{name}` is `{}`, expected `{}`",
                            self.show(from),
                            self.show(to)
                        )),
                        Some(_) => None,
                    });
                let extra = || from.iter().find(|(name, _)| !fields.iter().any(|(other, _)| other == name));
                match differs.or_else(|| extra().map(|(name, _)| format!("the field `{name}` is too much"))) {
                    Some(hint) => diag.with_hint(hint),
                    None => diag,
                }
            }
            _ => diag,
        }
    }

    /// Gives all expressions the type that they have in common.
    pub(crate) fn common(&mut self, exprs: Vec<Expr>, what: &str) -> (Vec<Expr>, Ty) {
        let mut common = Ty::Never;
        let mut first: Option<(Span, Ty)> = None;
        for expr in &exprs {
            match join(self.db, &common, &expr.ty) {
                Some(ty) => common = ty,
                None => {
                    if let Some((span, ty)) = &first {
                        let (one, other) = (self.show(ty), self.show(&expr.ty));
                        let diag =
                            d::no_common_type(self.place(expr.span), what, (self.place(*span), &one), &other);
                        self.report(diag);
                    }
                    return (exprs, Ty::Error);
                }
            }
            if first.is_none() && !matches!(expr.ty, Ty::Never | Ty::None | Ty::Error) {
                first = Some((expr.span, expr.ty.clone()));
            }
        }
        let exprs = exprs.into_iter().map(|expr| self.coerce(expr, &common, None)).collect();
        (exprs, common)
    }
}

/// What to do with what `try` gave.
pub(crate) const OUTCOME: &str =
    "take it apart: `match outcome { ok { value } => …, failed { message } => … }`";

/// A conversion that nobody need write; of constants at once.
pub(crate) fn convert(expr: Expr, to: &Ty) -> Expr {
    if let (ExprKind::Const(Value::Int(value)), Ty::Float(_)) = (&expr.kind, to) {
        let value = as_float(*value);
        let bits = FloatBits(value.to_bits());
        return Expr {
            kind: ExprKind::Const(Value::Float(value)),
            ty: Ty::Float(Some((bits, bits))),
            span: expr.span,
        };
    }
    let span = expr.span;
    Expr { kind: ExprKind::Cast(Box::new(expr)), ty: to.clone(), span }
}

fn is_quantity(ty: &Ty) -> bool {
    matches!(ty, Ty::Int(_) | Ty::Float(_) | Ty::Duration | Ty::Size | Ty::Money)
}

fn example(ty: &Ty) -> &'static str {
    match ty {
        Ty::Duration => "`5s`, `2m` or `1h`",
        Ty::Size => "`5MB` or `1GiB`",
        _ => "`$0.50`",
    }
}

/// How a value of a type is written, where no unit says it.
fn written(ty: &Ty) -> Option<&'static str> {
    match ty {
        Ty::Int(_) => Some("`10`"),
        Ty::Duration | Ty::Size | Ty::Money => Some(example(ty)),
        _ => None,
    }
}

/// Whether a text is a literal of the type but for its quotes.
pub(crate) fn says(text: &str, ty: &Ty) -> bool {
    match ty {
        Ty::Bool => matches!(text, "true" | "false"),
        Ty::Int(_) => text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<i64>().is_ok(),
        Ty::Float(_) => text.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok(),
        Ty::Duration => flowc_base::parse_duration(text).is_ok(),
        Ty::Size => flowc_base::parse_size(text).is_ok(),
        Ty::Money => flowc_base::parse_money(text).is_ok(),
        _ => false,
    }
}
