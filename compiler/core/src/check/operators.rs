//! Operators: which types they take, and what comes out.
use flowc_base::Span;
use flowc_grammar::ast::{BinaryOp as Op, Expr as AstExpr, UnaryOp};
use flowc_plan::{BinaryOp, Value};

use super::coerce::convert;
use super::cx::{Cx, constant, error};
use super::expr::float_constant;
use crate::diagnostics::types as d;
use crate::hir::{Expr, ExprKind};
use crate::ty::Ty;
use crate::types::fits::{expand, has_error, has_secret, widened};
use crate::types::join;

impl<'a> Cx<'a> {
    pub(crate) fn unary(&mut self, op: UnaryOp, operand: &'a AstExpr, span: Span) -> Expr {
        let operand = self.expr(operand, None);
        let (sign, ty) = match (op, &operand.ty) {
            (_, Ty::Error) => return error(span),
            (UnaryOp::Not, Ty::Bool) => {
                return Expr { kind: ExprKind::Not(Box::new(operand)), ty: Ty::Bool, span };
            }
            (UnaryOp::Neg, Ty::Int(_)) => {
                if let ExprKind::Const(Value::Int(value)) = operand.kind
                    && let Some(value) = value.checked_neg()
                {
                    return constant(Value::Int(value), Ty::Int(Some((value, value))), span);
                }
                ("-", Ty::Int(None))
            }
            (UnaryOp::Neg, Ty::Float(_)) => {
                if let ExprKind::Const(Value::Float(value)) = operand.kind {
                    return constant(Value::Float(-value), float_constant(-value), span);
                }
                ("-", Ty::Float(None))
            }
            (UnaryOp::Not, _) => ("!", Ty::Error),
            (UnaryOp::Neg, _) => ("-", Ty::Error),
        };
        if ty == Ty::Error {
            let diag = d::bad_unary(self.place(span), sign, &self.show(&operand.ty));
            return self.wrong(span, diag);
        }
        Expr { kind: ExprKind::Neg(Box::new(operand)), ty, span }
    }

    /// Chains of one operator lean to the left and may be long: they are walked without recursion.
    pub(crate) fn binary(
        &mut self,
        op: Op,
        op_span: Span,
        left: &'a AstExpr,
        right: &'a AstExpr,
        want: Option<&Ty>,
    ) -> Expr {
        let mut chain = vec![(op, op_span, right)];
        let mut first = left;
        while let flowc_grammar::ast::ExprKind::Binary { op, op_span, left, right } = &first.kind {
            chain.push((*op, *op_span, right));
            first = left;
        }
        let mut value = self.expr(first, want.filter(|_| op == Op::Coalesce));
        for (op, op_span, right) in chain.into_iter().rev() {
            let wanted = if op == Op::Coalesce { Some(super::expr::strip(&value.ty).clone()) } else { None };
            let right = self.expr(right, wanted.as_ref());
            value = self.apply(op, op_span, value, right);
        }
        value
    }

    fn apply(&mut self, op: Op, op_span: Span, left: Expr, right: Expr) -> Expr {
        let span = left.span.to(right.span);
        match op {
            Op::And | Op::Or => self.logic(op, op_span, left, right, span),
            Op::Coalesce => self.coalesce(left, right, span),
            Op::Eq | Op::Ne => self.equality(op, op_span, left, right, span),
            Op::Lt | Op::Le | Op::Gt | Op::Ge => self.order(op, op_span, left, right, span),
            Op::Add | Op::Sub | Op::Mul | Op::Div | Op::Rem => {
                self.arithmetic(op, op_span, left, right, span)
            }
        }
    }

    fn logic(&mut self, op: Op, op_span: Span, left: Expr, right: Expr, span: Span) -> Expr {
        if has_error(&left.ty) || has_error(&right.ty) {
            return Expr { ty: Ty::Bool, ..error(span) };
        }
        if left.ty != Ty::Bool || right.ty != Ty::Bool {
            return self.bad(op, op_span, &left, &right, None, span);
        }
        let (left, right) = (Box::new(left), Box::new(right));
        let kind = if op == Op::And { ExprKind::And(left, right) } else { ExprKind::Or(left, right) };
        Expr { kind, ty: Ty::Bool, span }
    }

    fn coalesce(&mut self, left: Expr, right: Expr, span: Span) -> Expr {
        if has_error(&left.ty) || has_error(&right.ty) {
            return error(span);
        }
        let inner = match expand(self.db, &left.ty) {
            Ty::Optional(inner) => (*inner).clone(),
            Ty::None => Ty::Never,
            Ty::Json => Ty::Json,
            other => {
                let rest = self.place(Span::new(left.span.end, span.end));
                let diag = d::useless_coalesce(self.place(left.span), &self.show(&left.ty), rest);
                self.report(diag);
                other
            }
        };
        let Some(ty) = join(self.db, &inner, &right.ty) else {
            let (one, other) = (self.show(&inner), self.show(&right.ty));
            let place = self.place(right.span);
            let diag =
                d::no_common_type(place, "the two sides of `??` are", (self.place(left.span), &one), &other);
            return self.wrong(span, diag);
        };
        // The left side keeps its `?`: what is converted is its value, when it is there.
        let left = if matches!(left.ty, Ty::None) {
            left
        } else {
            self.coerce(left, &crate::types::fits::optional(ty.clone()), None)
        };
        let right = self.coerce(right, &ty, None);
        Expr { kind: ExprKind::Coalesce(Box::new(left), Box::new(right)), ty, span }
    }

    fn equality(&mut self, op: Op, op_span: Span, left: Expr, right: Expr, span: Span) -> Expr {
        if has_error(&left.ty) || has_error(&right.ty) {
            return Expr { ty: Ty::Bool, ..error(span) };
        }
        // A literal that is none of the choices is never equal: surely a slip.
        for (literal, other) in [(&right, &left), (&left, &right)] {
            let choices = match super::expr::strip(&other.ty) {
                Ty::Choice(choices) if choices.len() > 1 => choices,
                _ => continue,
            };
            if let (ExprKind::Const(Value::Text(text)), Ty::Choice(_)) = (&literal.kind, &literal.ty)
                && !choices.contains(text)
            {
                let choices: Vec<&str> = choices.iter().map(|word| &**word).collect();
                let why = Some((self.place(other.span), "compared with this"));
                let diag = d::not_a_choice(self.place(literal.span), text, &choices, why);
                self.report(diag);
                return Expr { ty: Ty::Bool, ..error(span) };
            }
        }
        let Some(common) = join(self.db, &left.ty, &right.ty) else {
            return self.bad(op, op_span, &left, &right, None, span);
        };
        if has_secret(self.db, &common) {
            // One bit of it at a time is all of it.
            let place = self.place(op_span);
            let diag = crate::diagnostics::secrets::shown(place, "in what a comparison gives");
            return Expr { ty: Ty::Bool, ..self.wrong(span, diag) };
        }
        if matches!(common, Ty::Unit | Ty::Agent | Ty::Outcome(_)) {
            return self.bad(op, op_span, &left, &right, None, span);
        }
        self.decided(op, &left, &right);
        let (left, right) = (self.coerce(left, &common, None), self.coerce(right, &common, None));
        pair(op, left, right, Ty::Bool, span)
    }

    fn order(&mut self, op: Op, op_span: Span, left: Expr, right: Expr, span: Span) -> Expr {
        if has_error(&left.ty) || has_error(&right.ty) {
            return Expr { ty: Ty::Bool, ..error(span) };
        }
        for (choice, other) in [(&left, &right), (&right, &left)] {
            if let (Ty::Choice(words), Ty::Choice(_) | Ty::Text) = (&choice.ty, &other.ty)
                && words.len() > 1
            {
                let (ty, shown) = (self.show(&choice.ty), self.show(&other.ty));
                let other = (self.place(other.span), shown.as_str());
                let diag =
                    crate::diagnostics::conditions::unordered_choice(self.place(choice.span), &ty, other);
                let diag = self.in_order(diag, op, &left, &right, span);
                self.report(diag);
                return Expr { ty: Ty::Bool, ..error(span) };
            }
        }
        let common = join(self.db, &left.ty, &right.ty).map(|ty| widened(&ty));
        match common {
            Some(common)
                if matches!(
                    common,
                    Ty::Int(_)
                        | Ty::Float(_)
                        | Ty::Text
                        | Ty::Choice(_)
                        | Ty::Duration
                        | Ty::Size
                        | Ty::Money
                ) =>
            {
                self.decided(op, &left, &right);
                let (left, right) = (self.coerce(left, &common, None), self.coerce(right, &common, None));
                pair(op, left, right, Ty::Bool, span)
            }
            _ => {
                // That comparisons do not chain is said by the parser.
                if left.ty == Ty::Bool && matches!(left.kind, ExprKind::Binary(..)) {
                    return Expr { ty: Ty::Bool, ..error(span) };
                }
                let hint = optional_hint(&left.ty, &right.ty);
                self.bad(op, op_span, &left, &right, hint, span)
            }
        }
    }

    fn arithmetic(&mut self, op: Op, op_span: Span, left: Expr, right: Expr, span: Span) -> Expr {
        if has_error(&left.ty) || has_error(&right.ty) {
            return error(span);
        }
        let quantity = |ty: &Ty| matches!(ty, Ty::Duration | Ty::Size | Ty::Money);
        let number = |ty: &Ty| matches!(ty, Ty::Int(_) | Ty::Float(_));
        if matches!(op, Op::Div | Op::Rem)
            && matches!(right.kind, ExprKind::Const(Value::Int(0)) | ExprKind::Const(Value::Float(0.0)))
        {
            let diag = d::divide_by_zero(self.place(right.span));
            return self.wrong(span, diag);
        }
        match (&left.ty, &right.ty) {
            (Ty::Int(_), Ty::Int(_)) => pair(op, left, right, Ty::Int(None), span),
            (a, b) if number(a) && number(b) => {
                let to = Ty::Float(None);
                let (left, right) = (as_float(left, &to), as_float(right, &to));
                pair(op, left, right, to, span)
            }
            (a, b) if quantity(a) && a == b => match op {
                Op::Add | Op::Sub | Op::Rem => {
                    let ty = a.clone();
                    pair(op, left, right, ty, span)
                }
                Op::Div => pair(op, left, right, Ty::Float(None), span),
                _ => self.bad(
                    op,
                    op_span,
                    &left,
                    &right,
                    Some("one of the two must be a number".to_owned()),
                    span,
                ),
            },
            (a, b) if quantity(a) && number(b) && matches!(op, Op::Mul | Op::Div) => {
                let ty = a.clone();
                pair(op, left, right, ty, span)
            }
            (a, b) if number(a) && quantity(b) && op == Op::Mul => {
                let ty = b.clone();
                pair(op, left, right, ty, span)
            }
            (a, b) => {
                let hint = match (op, a, b) {
                    (Op::Add, Ty::Text | Ty::Choice(_), _) | (Op::Add, _, Ty::Text | Ty::Choice(_)) => {
                        Some("texts are put together by splices: `\"{{a}}{{b}}\"`".to_owned())
                    }
                    (Op::Add, Ty::List(_), Ty::List(_)) => Some("write `flatten([a, b])`".to_owned()),
                    (_, a, b) if quantity(a) || quantity(b) => {
                        Some("quantities are added to their like, and multiplied by numbers".to_owned())
                    }
                    (_, a, b) => optional_hint(a, b),
                };
                self.bad(op, op_span, &left, &right, hint, span)
            }
        }
    }

    fn bad(
        &mut self,
        op: Op,
        op_span: Span,
        left: &Expr,
        right: &Expr,
        hint: Option<String>,
        span: Span,
    ) -> Expr {
        let (l, r) = (self.show(&left.ty), self.show(&right.ty));
        let diag = d::bad_operand(
            self.place(op_span),
            sign(op),
            (self.place(left.span), &l),
            (self.place(right.span), &r),
            hint,
        );
        let diag = self.operands(diag, op, left, right, span);
        self.wrong(span, diag)
    }
}

fn optional_hint(a: &Ty, b: &Ty) -> Option<String> {
    let optional = |ty: &Ty| matches!(ty, Ty::Optional(_) | Ty::None);
    let json = |ty: &Ty| matches!(ty, Ty::Json);
    if matches!(a, Ty::Outcome(_)) || matches!(b, Ty::Outcome(_)) {
        return Some(super::coerce::OUTCOME.to_owned());
    }
    if optional(a) || optional(b) {
        Some("say what counts when it is `none`: `(value ?? other)`".to_owned())
    } else if json(a) || json(b) {
        Some("say what it is first: `(value as Int)`".to_owned())
    } else {
        None
    }
}

fn as_float(expr: Expr, to: &Ty) -> Expr {
    if matches!(expr.ty, Ty::Int(_)) { convert(expr, to) } else { expr }
}

fn pair(op: Op, left: Expr, right: Expr, ty: Ty, span: Span) -> Expr {
    let op = match op {
        Op::Add => BinaryOp::Add,
        Op::Sub => BinaryOp::Sub,
        Op::Mul => BinaryOp::Mul,
        Op::Div => BinaryOp::Div,
        Op::Rem => BinaryOp::Rem,
        Op::Eq => BinaryOp::Eq,
        Op::Ne => BinaryOp::Ne,
        Op::Lt => BinaryOp::Lt,
        Op::Le => BinaryOp::Le,
        Op::Gt => BinaryOp::Gt,
        // The others are no pairs; they were taken before.
        Op::Ge | Op::And | Op::Or | Op::Coalesce => BinaryOp::Ge,
    };
    Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), ty, span }
}

fn sign(op: Op) -> &'static str {
    match op {
        Op::Add => "+",
        Op::Sub => "-",
        Op::Mul => "*",
        Op::Div => "/",
        Op::Rem => "%",
        Op::Eq => "==",
        Op::Ne => "!=",
        Op::Lt => "<",
        Op::Le => "<=",
        Op::Gt => ">",
        Op::Ge => ">=",
        Op::And => "&&",
        Op::Or => "||",
        Op::Coalesce => "??",
    }
}
