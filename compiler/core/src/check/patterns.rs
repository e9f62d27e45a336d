//! `match`: patterns against types, and whether they take everything.
use std::collections::{BTreeSet, HashSet};

use flowc_base::{Edit, Name, Span};
use flowc_grammar::ast;
use flowc_plan::Value;

use super::cx::{Binder, Cx, Mode};
use super::expr::strip;
use crate::db::Place;
use crate::diagnostics::control as d;
use crate::diagnostics::flows as f;
use crate::hir::{Arm, Expr, ExprKind, Pattern};
use crate::items::item_text;
use crate::mend::insert;
use crate::ty::Ty;
use crate::types::fits::{expand, has_error, widened};
use crate::types::{Fit, fits};

/// How the two variants of an outcome are shown.
const OK: &str = "ok { value }";
const FAILED: &str = "failed { kind, message, step }";

/// What no arm has taken yet.
struct Left {
    /// `none`, of an optional.
    none: bool,
    /// The values of a type that has few; `None` for types with too many to list.
    values: Option<BTreeSet<String>>,
    /// Literals that were taken of a type with too many.
    taken: HashSet<String>,
    /// The rest of a type with too many.
    rest: bool,
}

impl Left {
    fn of(ty: &Ty) -> Self {
        let values: Option<BTreeSet<String>> = match strip(ty) {
            Ty::Bool => Some(["false", "true"].map(str::to_owned).into()),
            Ty::Choice(words) => Some(words.iter().map(|word| format!("{:?}", word.as_str())).collect()),
            Ty::None | Ty::Never => Some(BTreeSet::new()),
            Ty::Outcome(_) => Some([OK, FAILED].map(str::to_owned).into()),
            _ => None,
        };
        let none = matches!(ty, Ty::Optional(_) | Ty::None | Ty::Json);
        Self { none, rest: values.is_none(), values, taken: HashSet::new() }
    }

    fn is_empty(&self) -> bool {
        !self.none && !self.rest && self.values.as_ref().is_none_or(BTreeSet::is_empty)
    }

    fn take_values(&mut self) -> bool {
        let new = self.rest || self.values.as_ref().is_some_and(|values| !values.is_empty());
        self.rest = false;
        if let Some(values) = &mut self.values {
            values.clear();
        }
        new
    }

    fn take_literal(&mut self, literal: &str) -> bool {
        match &mut self.values {
            Some(values) => values.remove(literal),
            None => self.rest && self.taken.insert(literal.to_owned()),
        }
    }
}

impl<'a> Cx<'a> {
    pub(crate) fn match_(
        &mut self,
        scrutinee: &'a ast::Expr,
        arms: &'a [ast::Arm],
        want: Option<&Ty>,
        (span, at_stmt): (Span, bool),
    ) -> Expr {
        let scrutinee = self.expr(scrutinee, None);
        let ty = expand(self.db, &scrutinee.ty);
        let failed = has_error(&ty);
        // A literal is one value of its type; a `match` over it means the type.
        let ty = if matches!(&scrutinee.kind, ExprKind::Const(_)) { widened(&ty) } else { ty };
        let mut left = Left::of(&ty);
        let before = self.diagnostics.len();
        let mut patterns = Vec::with_capacity(arms.len());
        let mut values = Vec::with_capacity(arms.len());
        for arm in arms {
            self.enter();
            let (pattern, new) = self.pattern(&arm.pattern, &scrutinee, &ty, &mut left, false);
            if !new && !failed && pattern.is_some() {
                let diag = f::unreachable_arm(self.place(arm.pattern.span));
                self.report(diag);
            }
            self.at_stmt = at_stmt;
            let value = match want {
                Some(Ty::Unit) => self.arm_unit(&arm.value),
                Some(want) => self.expect(&arm.value, want, None),
                None => self.expr(&arm.value, None),
            };
            self.leave();
            patterns.push(pattern.unwrap_or(Pattern::Any));
            values.push(value);
        }
        let wrong =
            self.diagnostics[before..].iter().any(|diag| diag.severity == flowc_base::Severity::Error);
        if !failed && !left.is_empty() && !wrong && !self.incomplete {
            let mut missing: Vec<String> = Vec::new();
            if left.none {
                missing.push("none".to_owned());
            }
            missing.extend(left.values.iter().flatten().take(6).cloned());
            if left.rest {
                missing.clear();
            }
            let word = Span::new(span.start, (span.start + 5).min(span.end));
            let arms = arms.last().and_then(|last| self.failing_arms(last, &missing));
            let diag = f::not_exhaustive(self.place(word), &missing, &self.show(&ty), arms);
            self.report(diag);
        }
        let (values, ty) = match want {
            Some(want) => {
                let failed = values.iter().any(|value| has_error(&value.ty));
                (values, if failed { Ty::Error } else { want.clone() })
            }
            None => self.common(values, "arms"),
        };
        let arms = patterns.into_iter().zip(values).map(|(pattern, value)| Arm { pattern, value }).collect();
        Expr { kind: ExprKind::Match { scrutinee: Box::new(scrutinee), arms }, ty, span }
    }

    /// What to write behind the last arm so that what no arm takes fails; where nothing may fail, and for a value that counts, nothing.
    fn failing_arms(&self, last: &ast::Arm, missing: &[String]) -> Option<Edit<Place>> {
        if self.mode != Mode::Flow || missing.iter().any(|left| left == OK) {
            return None;
        }
        let arm = |left: &String| match left.as_str() {
            FAILED => "failed { message } => fail message".to_owned(),
            "none" => "none => fail \"there is no value\"".to_owned(),
            left => format!("{left} => fail \"{}\"", left.trim_matches('"')),
        };
        let text = item_text(self.db, self.item);
        let place = self.place(last.pattern.span.to(last.value.span));
        let mut arms: Vec<String> = missing.iter().map(arm).collect();
        if arms.is_empty() {
            arms.push("_ => fail \"no arm takes this value\"".to_owned());
        }
        Some(insert::behind(text, place, &arms, ", "))
    }

    /// An arm of a `match` that stands for what it does.
    fn arm_unit(&mut self, value: &'a ast::Expr) -> Expr {
        if let ast::ExprKind::Block(block) = &value.kind {
            let (block, ty) = self.block(block, Some(&Ty::Unit));
            return Expr { kind: ExprKind::Block(block), ty, span: value.span };
        }
        let steps = self.steps;
        let found = self.expr(value, None);
        if self.steps > steps && found.ty != Ty::Unit && found.ty != Ty::Error {
            let span = found.span;
            let block = crate::hir::Block { stmts: vec![crate::hir::Stmt::Expr(found)], value: None, span };
            return Expr { kind: ExprKind::Block(block), ty: Ty::Unit, span };
        }
        if found.ty == Ty::Unit { found } else { self.coerce(found, &Ty::Unit, None) }
    }

    /// The pattern, and whether it takes anything that no arm above takes. `None` for one that is wrong, which is reported.
    fn pattern(
        &mut self,
        pattern: &'a ast::Pattern,
        scrutinee: &Expr,
        ty: &Ty,
        left: &mut Left,
        inside_or: bool,
    ) -> (Option<Pattern>, bool) {
        match &pattern.kind {
            ast::PatternKind::Any => {
                let none = std::mem::take(&mut left.none);
                let values = left.take_values();
                (Some(Pattern::Any), none || values)
            }
            ast::PatternKind::Bind(name) => self.binding(name, pattern.span, ty, left, inside_or),
            ast::PatternKind::Or(parts) => {
                let mut any = false;
                let mut all = Vec::with_capacity(parts.len());
                for part in parts {
                    let (part, new) = self.pattern(part, scrutinee, ty, left, true);
                    any |= new;
                    match part {
                        Some(part) => all.push(part),
                        None => any = true,
                    }
                }
                (Some(Pattern::Or(all)), any)
            }
            ast::PatternKind::Literal(literal) => self.literal(literal, scrutinee, ty, left),
            ast::PatternKind::Variant { name, fields } => self.variant(name, fields, scrutinee, ty, left),
            ast::PatternKind::Missing => {
                self.incomplete = true;
                (None, true)
            }
        }
    }

    fn binding(
        &mut self,
        name: &Name,
        span: Span,
        ty: &Ty,
        left: &mut Left,
        inside_or: bool,
    ) -> (Option<Pattern>, bool) {
        if inside_or {
            let diag = f::binding_in_or(self.place(span));
            self.report(diag);
            return (None, true);
        }
        if matches!(ty, Ty::Outcome(_)) && matches!(name.as_str(), "ok" | "failed") {
            let diag = d::bound_variant(self.place(span), name);
            self.report(diag);
            self.bind(name, span, Ty::Error, Binder::Let);
            return (None, true);
        }
        if let Ty::Optional(inner) = ty {
            let new = left.take_values();
            let local = self.bind(name, span, (**inner).clone(), Binder::Let);
            return (Some(Pattern::Bind(local)), new);
        }
        let none = std::mem::take(&mut left.none);
        let new = left.take_values() || none;
        let local = self.bind(name, span, ty.clone(), Binder::Let);
        (Some(Pattern::BindAny(local)), new)
    }

    /// `ok { value }`, `failed { kind, message, step }`
    fn variant(
        &mut self,
        name: &'a ast::Ident,
        fields: &'a [ast::Ident],
        scrutinee: &Expr,
        ty: &Ty,
        left: &mut Left,
    ) -> (Option<Pattern>, bool) {
        let known: Vec<(&str, Ty)> = match (ty, name.name.as_str()) {
            (Ty::Outcome(value), "ok") => vec![("value", (**value).clone())],
            (Ty::Outcome(_), "failed") => {
                ["kind", "message", "step"].map(|name| (name, Ty::Text)).into_iter().collect()
            }
            (ty, _) => {
                let diag = match ty {
                    Ty::Error => None,
                    Ty::Outcome(_) => Some(d::unknown_variant(self.place(name.span), &name.name)),
                    _ => {
                        let shown = self.show(ty);
                        let scrutinee = (self.place(scrutinee.span), shown.as_str());
                        Some(d::no_outcome(self.place(name.span), &name.name, scrutinee))
                    }
                };
                diag.into_iter().for_each(|diag| self.report(diag));
                for field in fields {
                    self.bind(&field.name, field.span, Ty::Error, Binder::Let);
                }
                return (None, true);
            }
        };
        let mut bound = Vec::with_capacity(fields.len());
        for field in fields {
            let ty = match known.iter().find(|(known, _)| *known == field.name.as_str()) {
                Some((_, Ty::Unit)) => {
                    let diag =
                        crate::diagnostics::types::mismatch(self.place(field.span), "a value", "()", None);
                    self.report(diag.with_hint("the step has no value: write `ok {}`"));
                    Ty::Error
                }
                Some((_, ty)) => ty.clone(),
                None => {
                    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                    let place = self.place(field.span);
                    let diag =
                        crate::diagnostics::types::unknown_field(place, &field.name, &name.name, &names);
                    self.report(diag);
                    Ty::Error
                }
            };
            bound.push((field.name.clone(), self.bind(&field.name, field.span, ty, Binder::Let)));
        }
        let new = left.take_literal(if name.name.as_str() == "ok" { OK } else { FAILED });
        (Some(Pattern::Variant { name: name.name.clone(), fields: bound }), new)
    }

    fn literal(
        &mut self,
        literal: &'a ast::Expr,
        scrutinee: &Expr,
        ty: &Ty,
        left: &mut Left,
    ) -> (Option<Pattern>, bool) {
        let found = self.expr(literal, None);
        if has_error(&found.ty) || has_error(ty) {
            return (None, true);
        }
        let inner = strip(ty).clone();
        if found.ty == Ty::None {
            if matches!(ty, Ty::Optional(_) | Ty::None | Ty::Json) {
                return (Some(Pattern::Equal(Value::None)), std::mem::take(&mut left.none));
            }
        } else if fits(self.db, &found.ty, &inner) != Fit::No || matches!(inner, Ty::Json) {
            let found = self.coerce(found, &inner, None);
            let ExprKind::Const(value) = found.kind else {
                let diag = crate::diagnostics::calls::not_constant(self.place(literal.span), "a pattern");
                self.report(diag);
                return (None, true);
            };
            let key = match &value {
                Value::Text(text) => format!("{:?}", text.as_str()),
                Value::Bool(value) => value.to_string(),
                other => format!("{other:?}"),
            };
            let new = left.take_literal(&key);
            return (Some(Pattern::Equal(value)), new);
        } else if matches!(
            (&inner, &found.ty),
            (Ty::Choice(_), Ty::Choice(_))
                | (Ty::Int(Some(_)) | Ty::Float(Some(_)), Ty::Int(_) | Ty::Float(_))
        ) {
            // "not one of", "not in": with its did-you-mean.
            let why = Some((self.place(scrutinee.span), "matched with this"));
            self.coerce(found, &inner, why);
            return (None, true);
        }
        let (pattern, shown) = (self.show(&found.ty), self.show(ty));
        let diag = f::bad_pattern(self.place(literal.span), &pattern, (self.place(scrutinee.span), &shown));
        self.report(diag);
        (None, true)
    }
}
