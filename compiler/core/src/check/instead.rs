//! What may be meant where a value does not fit: another way to write it, as a fix. It says how to write things, and never that something is
//! wrong.
use flowc_base::{Applicability, Edit, Name, Span};
use flowc_grammar::ast::{self, BinaryOp as Op, FloatBits};
use flowc_plan::Value;

use super::coerce::says;
use super::cx::{Cx, Mode};
use crate::db::{Diag, Place};
use crate::hir::{Expr, ExprKind};
use crate::items::item_text;
use crate::mend::insert::behind;
use crate::resolve::{Def, exported, lookup};
use crate::ty::Ty;
use crate::types::cast::castable;
use crate::types::fits::{as_float, has_error, widened};
use crate::types::unify::has_var;
use crate::types::{Fit, fits};

/// What stands for the text of the expression in a template: `round(…)`.
const HOLE: char = '…';

/// A longer text is not shown in a title.
const SHOWN_MAX: usize = 60;

impl Cx<'_> {
    /// The text of the program at a place.
    pub(crate) fn written(&self, span: Span) -> &str {
        span.slice(item_text(self.db, self.item))
    }

    /// The text of the program up to a place, without the blanks before that.
    pub(crate) fn before(&self, span: Span) -> &str {
        item_text(self.db, self.item).get(..span.start as usize).unwrap_or_default().trim_end()
    }

    /// What writes something else in place of what stands there.
    pub(crate) fn rewritten(&self, span: Span, text: impl Into<String>) -> Edit<Place> {
        Edit { place: self.place(span), text: text.into() }
    }

    /// A fix that writes something else around what stands at a place: `round(…)`. `module`: where the function comes from, which is imported
    /// where that is needed; no fix where its name means something else.
    pub(crate) fn instead(&self, diag: Diag, span: Span, template: &str, module: Option<&str>) -> Diag {
        let written = self.written(span);
        let (before, after) = template.split_once(HOLE).unwrap_or((template, ""));
        let insert =
            |at: u32, text: &str| Edit { place: self.place(Span::new(at, at)), text: text.to_owned() };
        let mut edits = match template.contains(HOLE) {
            true => vec![insert(span.start, before), insert(span.end, after)],
            false => vec![Edit { place: self.place(span), text: template.to_owned() }],
        };
        edits.retain(|edit| !edit.text.is_empty() || !edit.place.span.is_empty());
        if let Some(module) = module {
            let name = template.split('(').next().unwrap_or_default();
            let Some(import) = self.imported(module, name) else { return diag };
            edits.extend(import);
        }
        let whole = template.replacen(HOLE, written, 1);
        let shown = if whole.len() <= SHOWN_MAX && !whole.contains('\n') { whole.as_str() } else { template };
        diag.with_fix(format!("write `{shown}`"), Applicability::Maybe, edits)
    }

    /// What gives each of these, behind the last argument or field, the value of its name that is in sight; `whole` ends in the closing
    /// bracket.
    pub(crate) fn in_sight(
        &self,
        wanted: &[(&Name, &Ty)],
        last: Option<Span>,
        whole: Span,
    ) -> Option<Edit<Place>> {
        let text = item_text(self.db, self.item);
        let given = |(name, ty): &(&Name, &Ty)| {
            let found = self.ty_of(self.bound_to(name)?);
            let fitting = !has_var(ty) && !has_error(&found) && fits(self.db, &found, ty) != Fit::No;
            fitting.then(|| format!("{name}: {name}"))
        };
        let new: Vec<String> = wanted.iter().map(given).collect::<Option<_>>()?;
        if let Some(last) = last {
            return Some(behind(text, self.place(last), &new, ", "));
        }
        let all = new.join(", ");
        let all = match self.written(whole).chars().next_back() {
            Some(')') => all,
            Some('}') => format!(" {all} "),
            _ => return None,
        };
        let close = whole.end.checked_sub(1)?;
        Some(Edit { place: self.place(Span::new(close, close)), text: all })
    }

    /// A fix that writes a method of other languages as a function: `split(text, …)`, imported where that is needed.
    pub(crate) fn as_function(
        &self,
        diag: Diag,
        (base, name): (&Expr, &ast::Ident),
        args: &[ast::Arg],
        span: Span,
    ) -> Diag {
        let name = &name.name;
        let known = lookup(self.db, self.file, name.clone());
        let module = flowc_stdlib::modules().iter().map(|(module, _)| *module).find(|module| {
            let file = self.db.library(module);
            file.is_some_and(|file| exported(self.db, file, name.clone()).is_some())
        });
        let module = match (known, module) {
            (Some(Def::Item(_)), _) => None,
            (None, Some(module)) => Some(module),
            _ => return diag,
        };
        let mut all = vec![self.written(base.span)];
        all.extend(args.iter().map(|arg| {
            self.written(arg.name.as_ref().map_or(arg.value.span, |label| label.span.to(arg.value.span)))
        }));
        let text = format!("{name}({})", all.join(", "));
        if text.contains(HOLE) {
            return diag;
        }
        self.instead(diag, span, &text, module)
    }

    /// What imports a function, which may be nothing; `None` where its name means something else already.
    fn imported(&self, module: &str, name: &str) -> Option<Option<Edit<Place>>> {
        if self.is_bound(name) {
            return None;
        }
        let own = self.db.library(module);
        match lookup(self.db, self.file, name.into()) {
            Some(Def::Item(item)) if Some(item.file(self.db)) == own => Some(None),
            Some(_) => None,
            None => Some(Some(self.import(module, &name.into())?)),
        }
    }

    /// A fix for a value that may be `none`: then the flow fails. `part`: something of it is taken behind it.
    pub(crate) fn or_fail(&self, diag: Diag, value: &Expr, part: bool) -> Diag {
        if self.mode != Mode::Flow || matches!(value.ty, Ty::None) {
            return diag;
        }
        let written = self.written(value.span);
        let is_name =
            !written.is_empty() && written.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
        let why = if is_name { format!("no {written}") } else { "there is no value".to_owned() };
        let inner = if is_compound(&value.kind) { "(…)" } else { "…" };
        let whole = format!("{inner} ?? fail \"{why}\"");
        self.instead(diag, value.span, &if part { format!("({whole})") } else { whole }, None)
    }

    /// A constant number as a quantity of a type, or a quantity as the number in it; as it would be written.
    pub(crate) fn in_unit(&self, value: &Expr, to: &Ty) -> Option<String> {
        let written = self.written(value.span);
        let found = match (&value.kind, to) {
            (ExprKind::Const(Value::Int(_) | Value::Float(_)), Ty::Money) => format!("${written}"),
            // Elsewhere times without a unit are seconds; sizes are anything.
            (ExprKind::Const(Value::Int(_) | Value::Float(_)), Ty::Duration) => format!("{written}s"),
            (
                ExprKind::Const(Value::Duration(_) | Value::Size(_) | Value::Money(_)),
                Ty::Int(_) | Ty::Float(_),
            ) => {
                let number = written.trim_start_matches('$').trim_end_matches(|c: char| c.is_alphabetic());
                number.to_owned()
            }
            _ => return None,
        };
        says(&found, to).then_some(found)
    }

    /// A fix that writes the end of a range instead of a constant beyond it.
    pub(crate) fn within(&self, diag: Diag, value: &Expr, range: &Ty) -> Diag {
        let float = |bits: FloatBits| f64::from_bits(bits.0);
        let end = match (&value.kind, range) {
            (ExprKind::Const(Value::Int(found)), Ty::Int(Some((low, high)))) => {
                (*found).clamp(*low, *high).to_string()
            }
            (ExprKind::Const(Value::Int(found)), Ty::Float(Some((low, high)))) => {
                let end = if as_float(*found) < float(*low) { low } else { high };
                format!("{:?}", float(*end))
            }
            (ExprKind::Const(Value::Float(found)), Ty::Float(Some((low, high)))) => {
                format!("{:?}", if *found < float(*low) { float(*low) } else { float(*high) })
            }
            _ => return diag,
        };
        self.instead(diag, value.span, &end, None)
    }

    /// A fix that writes a constant in the unit that is wanted.
    pub(crate) fn with_unit(&self, diag: Diag, value: &Expr, to: &Ty) -> Diag {
        match self.in_unit(value, to) {
            Some(text) => self.instead(diag, value.span, &text, None),
            None => diag,
        }
    }

    /// A fix for a value of another type than is wanted, where there is one way from the one to the other.
    pub(crate) fn converted(&self, diag: Diag, value: &Expr, to: &Ty) -> Diag {
        let span = value.span;
        let constant = match &value.kind {
            ExprKind::Const(value) => Some(value),
            _ => None,
        };
        let literal = self.written(span);
        let shown = || self.show(to);
        let template = match (&value.ty, to) {
            (Ty::Unit, _)
                if matches!(value.kind, ExprKind::If { otherwise: None, .. }) && self.mode == Mode::Flow =>
            {
                "… else { fail \"there is no value\" }".to_owned()
            }
            (Ty::Float(_), Ty::Int(_)) => match literal.strip_suffix(".0") {
                Some(whole) if says(whole, to) => whole.to_owned(),
                _ => return self.instead(diag, span, "round(…)", Some("std.math")),
            },
            (Ty::Int(_) | Ty::Float(_) | Ty::Bool | Ty::Duration | Ty::Size | Ty::Money, Ty::Text)
                if constant.is_some() =>
            {
                "\"…\"".to_owned()
            }
            (Ty::File, Ty::Text) if self.mode == Mode::Flow => "\"{{…}}\"".to_owned(),
            (from, Ty::Text) if !matches!(from, Ty::Optional(_)) && castable(self.db, from, to) => {
                "\"{{…}}\"".to_owned()
            }
            (from, Ty::List(item)) if fits(self.db, from, item) != Fit::No => "[…]".to_owned(),
            (Ty::Outcome(inner), to) if fits(self.db, inner, to) != Fit::No => {
                match literal.strip_prefix("try ") {
                    Some(step) => step.to_owned(),
                    None => return diag,
                }
            }
            (Ty::Optional(_), Ty::Bool) => "… != none".to_owned(),
            (Ty::List(_) | Ty::Map(_), Ty::Bool) => "len(…) > 0".to_owned(),
            (Ty::Int(_), Ty::Bool) if constant.is_none() => "… != 0".to_owned(),
            (Ty::Text, Ty::Bool) if constant.is_none() => "… != \"\"".to_owned(),
            (from, to) if constant.is_none() && self.can_be_written(to) && castable(self.db, from, to) => {
                let inner = if is_compound(&value.kind) { "(…)" } else { "…" };
                format!("{inner} as {}", shown())
            }
            _ => return diag,
        };
        self.instead(diag, span, &template, None)
    }

    /// A fix for what is gone over and is no list.
    pub(crate) fn as_list(&self, diag: Diag, value: &Expr) -> Diag {
        let (template, module) = match &value.ty {
            Ty::Int(_) => ("range(0, …)", None),
            Ty::Map(_) => ("entries(…)", Some("std.map")),
            Ty::File => ("lines(…)", None),
            Ty::Optional(inner) if matches!(**inner, Ty::List(_)) => ("(… ?? [])", None),
            Ty::Json if is_compound(&value.kind) => ("(…) as List<Json>", None),
            Ty::Json => ("… as List<Json>", None),
            _ => return diag,
        };
        self.instead(diag, value.span, template, module)
    }

    /// A fix for a conversion that there is not. `span`: the value with its `as`.
    pub(crate) fn other_cast(&self, diag: Diag, value: &Expr, to: &Ty, span: Span) -> Diag {
        let of = |template: &str| template.replacen(HOLE, self.written(value.span), 1);
        let (template, module) = match (&value.ty, to) {
            (Ty::Float(_), Ty::Int(None)) => (of("round(…)"), Some("std.math")),
            (Ty::Text | Ty::Choice(_), Ty::File) if matches!(value.kind, ExprKind::Const(_)) => {
                (of("file(…)"), None)
            }
            (Ty::Text, Ty::Record(_) | Ty::List(_) | Ty::Map(_)) if self.can_be_written(to) => {
                (format!("{} as {}", of("parse(…)"), self.show(to)), Some("std.json"))
            }
            (Ty::Text, Ty::Json) => (of("parse(…)"), Some("std.json")),
            (Ty::File, Ty::Text) if self.mode == Mode::Flow => (of("\"{{…}}\""), None),
            (Ty::File, to) if self.can_be_written(to) && castable(self.db, &Ty::Json, to) => {
                (format!("{} as {}", of("json(…)"), self.show(to)), None)
            }
            _ => return diag,
        };
        self.instead(diag, span, &template, module)
    }

    /// Whether a type is shown as it is written.
    pub(crate) fn can_be_written(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Error | Ty::Never | Ty::None | Ty::Var(_) | Ty::Recursive(_) | Ty::Outcome(_) => false,
            Ty::List(item) | Ty::Map(item) | Ty::Optional(item) => self.can_be_written(item),
            Ty::Record(fields) => fields.iter().all(|(_, ty)| self.can_be_written(ty)),
            _ => true,
        }
    }

    /// A fix for two sides that an operator does not take together.
    pub(crate) fn operands(&self, diag: Diag, op: Op, left: &Expr, right: &Expr, span: Span) -> Diag {
        let compares = matches!(op, Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge);
        let is_text = |ty: &Ty| matches!(ty, Ty::Text | Ty::Choice(_));
        for (one, other) in [(left, right), (right, left)] {
            if compares || matches!(op, Op::Add | Op::Sub) {
                let text = match &one.kind {
                    ExprKind::Const(Value::Text(text)) if says(text, &other.ty) => Some(text.to_string()),
                    _ => self.in_unit(one, &other.ty),
                };
                if let Some(text) = text {
                    return self.instead(diag, one.span, &text, None);
                }
            }
            if matches!(one.ty, Ty::Json) && !matches!(other.ty, Ty::Json | Ty::None) {
                let wide = widened(&other.ty);
                let wide = if is_text(&wide) { Ty::Text } else { wide };
                return self.instead(diag, one.span, &format!("(… as {})", self.show(&wide)), None);
            }
        }
        match (op, &left.ty, &right.ty) {
            (Op::Add, a, b) if is_text(a) && b_has_text(b) || is_text(b) && b_has_text(a) => {
                match self.spliced(left).zip(self.spliced(right)) {
                    Some((left, right)) => self.instead(diag, span, &format!("\"{left}{right}\""), None),
                    None => diag,
                }
            }
            (Op::Add, Ty::List(_), Ty::List(_)) => {
                let both = format!("flatten([{}, {}])", self.written(left.span), self.written(right.span));
                self.instead(diag, span, &both, None)
            }
            _ => diag,
        }
    }

    /// A value as a part of a text: the inside of a plain literal, or a splice. Nothing of several lines.
    fn spliced(&self, value: &Expr) -> Option<String> {
        let written = self.written(value.span);
        if written.contains('\n') || written.starts_with("r\"") || written.starts_with("\"\"\"") {
            return None;
        }
        let inside = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match inside {
            Some(inside) if matches!(value.kind, ExprKind::Const(_) | ExprKind::Text(_)) => {
                Some(inside.to_owned())
            }
            _ => Some(format!("{{{{{written}}}}}")),
        }
    }

    /// A choice compared by an order that it does not have: the values from there on, as they stand in its type.
    pub(crate) fn in_order(&self, diag: Diag, op: Op, left: &Expr, right: &Expr, span: Span) -> Diag {
        let word = |side: &Expr| match &side.kind {
            ExprKind::Const(Value::Text(word)) => Some(word.clone()),
            _ => None,
        };
        let (choice, bound, op) = match (&left.ty, word(left), &right.ty, word(right)) {
            (Ty::Choice(words), None, _, Some(word)) => ((left, words), word, op),
            (_, Some(word), Ty::Choice(words), None) => ((right, words), word, turned(op)),
            _ => return diag,
        };
        let (value, words) = choice;
        let (name, Some(at)) = (self.written(value.span), words.iter().position(|word| *word == bound))
        else {
            return diag;
        };
        let meant = match op {
            Op::Lt => &words[..at],
            Op::Le => &words[..=at],
            Op::Gt => &words[at + 1..],
            _ => &words[at..],
        };
        if meant.is_empty()
            || meant.len() == words.len()
            || !matches!(value.kind, ExprKind::Local(_) | ExprKind::Field(..))
        {
            return diag;
        }
        let all: Vec<String> = meant.iter().map(|word| format!("{name} == {:?}", word.as_str())).collect();
        let all = if all.len() == 1 { all.concat() } else { format!("({})", all.join(" || ")) };
        self.instead(diag, span, &all, None)
    }
}

/// A comparison seen from its other side.
fn turned(op: Op) -> Op {
    match op {
        Op::Lt => Op::Gt,
        Op::Le => Op::Ge,
        Op::Gt => Op::Lt,
        Op::Ge => Op::Le,
        op => op,
    }
}

fn b_has_text(ty: &Ty) -> bool {
    matches!(
        ty,
        Ty::Text | Ty::Choice(_) | Ty::Int(_) | Ty::Float(_) | Ty::Bool | Ty::Duration | Ty::Size | Ty::Money
    )
}

/// Whether something behind it would belong to a part of it only.
fn is_compound(kind: &ExprKind) -> bool {
    matches!(
        kind,
        ExprKind::Binary(..)
            | ExprKind::And(..)
            | ExprKind::Or(..)
            | ExprKind::Not(_)
            | ExprKind::Neg(_)
            | ExprKind::Coalesce(..)
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::For { .. }
            | ExprKind::Loop { .. }
            | ExprKind::Reduce { .. }
            | ExprKind::Else { .. }
            | ExprKind::Try(_)
            | ExprKind::Race(_)
            | ExprKind::First { .. }
            | ExprKind::Ask(_)
    )
}
