//! Comparisons whose outcome their types decide, and conditions that are always one way. What is not certain is never reported:
//! bounds are those of the types, of constants, and of what arithmetic makes of them.
use flowc_base::Name;
use flowc_grammar::ast::BinaryOp as Op;
use flowc_plan::{BinaryOp, Value};

use super::cx::Cx;
use super::expr::strip;
use crate::diagnostics::conditions as d;
use crate::hir::{Expr, ExprKind, LocalId};
use crate::ty::Ty;

/// Whole numbers and quantities up to here are `Float`s exactly.
const EXACT_MAX: i128 = 1 << 53;

/// Where a value certainly lies, both ends included. Of quantities the bounds are in their smallest unit.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Interval {
    Whole(i128, i128),
    Float(f64, f64),
}

impl Interval {
    /// Whether every pair of values stands in the relation, or none does; `None` when some do.
    fn compare(op: Op, a: Self, b: Self) -> Option<bool> {
        let (less, less_or_equal, disjoint, single) = match (a, b) {
            (Self::Whole(a, b), Self::Whole(c, d)) => {
                ([b < c, a >= d], [b <= c, a > d], b < c || a > d, a == b && c == d && a == c)
            }
            (Self::Float(a, b), Self::Float(c, d)) => {
                ([b < c, a >= d], [b <= c, a > d], b < c || a > d, a >= b && c >= d && a >= c && c >= a)
            }
            _ => return None,
        };
        let decided = |[yes, no]: [bool; 2]| if yes { Some(true) } else { no.then_some(false) };
        match op {
            Op::Lt => decided(less),
            Op::Le => decided(less_or_equal),
            Op::Gt => decided(less_or_equal).map(|held| !held),
            Op::Ge => decided(less).map(|held| !held),
            Op::Eq => decided([single, disjoint]),
            Op::Ne => decided([disjoint, single]),
            _ => None,
        }
    }

    /// As what it is compared beside another: a whole number beside a `Float` becomes one.
    fn beside(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Whole(low, high), Self::Float(..)) => {
                let exactly = low.abs() <= EXACT_MAX && high.abs() <= EXACT_MAX;
                exactly.then(|| Self::Float(exact(low), exact(high)))
            }
            _ => Some(self),
        }
    }

    /// What two have in common; `None` for nothing, and for different kinds.
    fn and(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Whole(a, b), Self::Whole(c, d)) => {
                (a.max(c) <= b.min(d)).then(|| Self::Whole(a.max(c), b.min(d)))
            }
            (Self::Float(a, b), Self::Float(c, d)) => {
                (a.max(c) <= b.min(d)).then(|| Self::Float(a.max(c), b.min(d)))
            }
            _ => None,
        }
    }
}

/// How far arithmetic, `!`, `&&` and `||` are looked into: sums may be of thousands.
const DEPTH_MAX: u32 = 32;

/// The bounds of an expression; `None` where there are none. Looks `depth` operators deep.
fn interval(expr: &Expr, depth: u32) -> Option<Interval> {
    let of_type = of_type(&expr.ty)?;
    let Some(depth) = depth.checked_sub(1) else { return Some(of_type) };
    let found = match &expr.kind {
        ExprKind::Const(value) => of_value(value),
        ExprKind::Native { name, .. } if name.as_str() == "value.len" => {
            Some(Interval::Whole(0, i64::MAX.into()))
        }
        ExprKind::Cast(inner) => match (interval(inner, depth)?, of_type) {
            (Interval::Whole(a, b), Interval::Float(..)) if is_int(&inner.ty) => {
                (a.abs() <= EXACT_MAX && b.abs() <= EXACT_MAX).then(|| Interval::Float(exact(a), exact(b)))
            }
            (inner @ Interval::Whole(..), Interval::Whole(..)) => Some(inner),
            _ => None,
        },
        ExprKind::Neg(inner) => match interval(inner, depth)? {
            Interval::Whole(low, high) => Some(Interval::Whole(-high, -low)),
            Interval::Float(low, high) => Some(Interval::Float(-high, -low)),
        },
        ExprKind::Binary(op @ (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul), a, b) => {
            match (interval(a, depth)?, interval(b, depth)?) {
                (Interval::Whole(a, b), Interval::Whole(c, d)) => match op {
                    BinaryOp::Add => Some(Interval::Whole(a.saturating_add(c), b.saturating_add(d))),
                    BinaryOp::Sub => Some(Interval::Whole(a.saturating_sub(d), b.saturating_sub(c))),
                    _ => {
                        let all = [(a, c), (a, d), (b, c), (b, d)].map(|(a, b)| a.saturating_mul(b));
                        all.iter().min().zip(all.iter().max()).map(|(low, high)| Interval::Whole(*low, *high))
                    }
                },
                _ => None,
            }
        }
        _ => None,
    };
    // What leaves the type's own range fails, so that no such value ever is.
    Some(found.and_then(|found| found.and(of_type)).unwrap_or(of_type))
}

fn is_int(ty: &Ty) -> bool {
    matches!(ty, Ty::Int(_))
}

fn of_value(value: &Value) -> Option<Interval> {
    Some(match value {
        Value::Int(n) => Interval::Whole((*n).into(), (*n).into()),
        Value::Float(n) => Interval::Float(*n, *n),
        Value::Duration(n) => Interval::Whole(n.0.into(), n.0.into()),
        Value::Size(n) => Interval::Whole(n.0.into(), n.0.into()),
        Value::Money(n) => Interval::Whole(n.0.into(), n.0.into()),
        _ => return None,
    })
}

fn of_type(ty: &Ty) -> Option<Interval> {
    Some(match ty {
        Ty::Int(Some((a, b))) => Interval::Whole((*a).into(), (*b).into()),
        Ty::Int(None) => Interval::Whole(i64::MIN.into(), i64::MAX.into()),
        Ty::Float(Some((a, b))) => Interval::Float(f64::from_bits(a.0), f64::from_bits(b.0)),
        Ty::Float(None) => Interval::Float(f64::MIN, f64::MAX),
        Ty::Duration | Ty::Size | Ty::Money => Interval::Whole(0, u64::MAX.into()),
        _ => return None,
    })
}

#[expect(clippy::cast_precision_loss, reason = "its callers ask for what a `Float` holds exactly")]
fn exact(value: i128) -> f64 {
    value as f64
}

/// A name with the fields that are taken of it: two of the same path are the same value.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Path(LocalId, Vec<Name>);

fn path(expr: &Expr) -> Option<Path> {
    let (mut fields, mut at) = (Vec::new(), expr);
    loop {
        match &at.kind {
            ExprKind::Local(local) => {
                fields.reverse();
                return Some(Path(*local, fields));
            }
            ExprKind::Field(base, name) => {
                fields.push(name.clone());
                at = base;
            }
            ExprKind::Cast(inner) => at = inner,
            _ => return None,
        }
    }
}

impl Cx<'_> {
    /// Reports a comparison that its types decide. Neither side is converted yet.
    pub(crate) fn decided(&mut self, op: Op, left: &Expr, right: &Expr) {
        // Half of a chain of comparisons, which is refused, decides nothing.
        if self.incomplete {
            return;
        }
        let (held, why) = match (self.verdict(op, left, right), path(left).zip(path(right))) {
            (Some(held), _) => (held, None),
            (None, Some((one, other))) if one == other => match op {
                Op::Eq | Op::Le | Op::Ge => (true, Some("both sides are the same value")),
                Op::Ne | Op::Lt | Op::Gt => (false, Some("both sides are the same value")),
                _ => return,
            },
            _ => return,
        };
        let sides = [left, right].map(|side| {
            let what = if why.is_some() { None } else { self.described(side) };
            (self.place(side.span), what)
        });
        let place = self.place(left.span.to(right.span));
        let diag = if held { d::always_holds(place, sides, why) } else { d::never_holds(place, sides, why) };
        self.report(diag);
    }

    fn verdict(&self, op: Op, left: &Expr, right: &Expr) -> Option<bool> {
        if let (Ty::Choice(a), Ty::Choice(b)) = (strip(&left.ty), strip(&right.ty)) {
            let equal = match (&left.kind, &right.kind) {
                (ExprKind::Const(a), ExprKind::Const(b)) => Some(a == b),
                _ => (!a.iter().any(|word| b.contains(word))).then_some(false),
            };
            // Two that may be `none` may be so together.
            let none = matches!(left.ty, Ty::Optional(_)) && matches!(right.ty, Ty::Optional(_));
            return match op {
                Op::Eq if !none => equal,
                Op::Ne if !none => equal.map(|equal| !equal),
                _ => None,
            };
        }
        let (a, b) = (interval(left, DEPTH_MAX)?, interval(right, DEPTH_MAX)?);
        // Of a whole number and a `Float` the first becomes the second.
        let (a, b) = (a.beside(b)?, b.beside(a)?);
        Interval::compare(op, a, b)
    }

    /// What is known of one side, in words.
    fn described(&self, side: &Expr) -> Option<String> {
        if let ExprKind::Const(Value::Int(value)) = side.kind {
            return Some(format!("this is {value}"));
        }
        let (ty, found) = (of_type(strip(&side.ty)), interval(side, DEPTH_MAX));
        match (found, ty) {
            (Some(Interval::Whole(0, _)), Some(Interval::Whole(low, _))) if low != 0 => {
                Some("this is never below 0".to_owned())
            }
            (Some(Interval::Whole(low, high)), _) if is_int(&side.ty) && high < i64::MAX.into() => {
                Some(format!("this is from {low} to {high}"))
            }
            (Some(Interval::Whole(0, _)), _)
                if !is_int(&side.ty) && !matches!(side.kind, ExprKind::Const(_)) =>
            {
                Some("this is never below 0".to_owned())
            }
            _ => Some(format!("this is `{}`", self.show(&side.ty))),
        }
    }

    /// Looks at a condition as a whole: always one way, or asking for what excludes itself. `before`: how many diagnostics there were
    /// before it was checked; nothing is said twice.
    pub(crate) fn condition(&mut self, cond: &Expr, before: usize) -> Option<bool> {
        if self.diagnostics.len() > before {
            return None;
        }
        if let Some(held) = truth(cond, DEPTH_MAX) {
            return Some(held);
        }
        let mut known: Vec<(Path, Interval, &Expr)> = Vec::new();
        for part in conjuncts(cond) {
            let Some((path, allowed)) = constraint(part) else { continue };
            match known.iter_mut().find(|(other, ..)| *other == path) {
                None => known.push((path, allowed, part)),
                Some((_, before, first)) => match before.and(allowed) {
                    Some(both) => *before = both,
                    None => {
                        let diag = d::excluded(self.place(part.span), self.place(first.span));
                        self.report(diag);
                        return None;
                    }
                },
            }
        }
        None
    }

    /// [`Cx::condition`] of an `if`, a `for` or an `assert`.
    pub(crate) fn constant_condition(&mut self, cond: &Expr, before: usize) {
        if let Some(held) = self.condition(cond, before) {
            let diag = d::constant_condition(self.place(cond.span), held);
            self.report(diag);
        }
    }
}

/// The most conditions joined by `&&` that are compared with each other.
const CONJUNCTS_MAX: usize = 64;

/// The conditions that a chain of `&&` joins; chains lean to the left.
fn conjuncts(cond: &Expr) -> Vec<&Expr> {
    let (mut parts, mut at) = (Vec::new(), cond);
    while let ExprKind::And(a, b) = &at.kind
        && parts.len() < CONJUNCTS_MAX
    {
        parts.push(&**b);
        at = a;
    }
    parts.push(at);
    parts.reverse();
    parts
}

/// What a comparison of a name with a constant allows the name to be.
fn constraint(part: &Expr) -> Option<(Path, Interval)> {
    let ExprKind::Binary(op, a, b) = &part.kind else { return None };
    let (path, value, op) = match (path(a), path(b), &a.kind, &b.kind) {
        (Some(path), _, _, ExprKind::Const(value)) => (path, of_value(value)?, *op),
        (_, Some(path), ExprKind::Const(value), _) => {
            let turned = match op {
                BinaryOp::Lt => BinaryOp::Gt,
                BinaryOp::Le => BinaryOp::Ge,
                BinaryOp::Gt => BinaryOp::Lt,
                BinaryOp::Ge => BinaryOp::Le,
                op => *op,
            };
            (path, of_value(value)?, turned)
        }
        _ => return None,
    };
    let allowed = match value {
        Interval::Whole(value, _) => match op {
            BinaryOp::Eq => Interval::Whole(value, value),
            BinaryOp::Lt => Interval::Whole(i128::MIN, value - 1),
            BinaryOp::Le => Interval::Whole(i128::MIN, value),
            BinaryOp::Gt => Interval::Whole(value + 1, i128::MAX),
            BinaryOp::Ge => Interval::Whole(value, i128::MAX),
            _ => return None,
        },
        Interval::Float(value, _) => match op {
            BinaryOp::Eq => Interval::Float(value, value),
            // The ends are let in: what only they would allow is not found, and nothing is found that is not so.
            BinaryOp::Lt | BinaryOp::Le => Interval::Float(f64::MIN, value),
            BinaryOp::Gt | BinaryOp::Ge => Interval::Float(value, f64::MAX),
            _ => return None,
        },
    };
    Some((path, allowed))
}

/// The truth of what is constant; comparisons that are decided were reported where they stand.
fn truth(cond: &Expr, depth: u32) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    match &cond.kind {
        ExprKind::Const(Value::Bool(held)) => Some(*held),
        ExprKind::Not(inner) => truth(inner, depth).map(|held| !held),
        ExprKind::And(a, b) => match (truth(a, depth), truth(b, depth)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), other) | (other, Some(true)) => other,
            _ => None,
        },
        ExprKind::Or(a, b) => match (truth(a, depth), truth(b, depth)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), other) | (other, Some(false)) => other,
            _ => None,
        },
        _ => None,
    }
}
