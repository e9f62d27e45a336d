//! Operators on values: checked integers, finite numbers, units that do not mix. They know no expression but its infix forms.
use std::cmp::Ordering;

use flowc_base::{Bytes, Micros, Millis, Name};
use flowc_plan::{BinaryOp, Expr, TEXT_BYTES_MAX, Value};

use super::{EvalError, Result};

/// An infix operator, those that look at the right side only if needed among them.
#[derive(Clone, Copy)]
pub(super) enum Infix {
    And,
    Or,
    Coalesce,
    Binary(BinaryOp),
}

impl Infix {
    /// The operator of an expression, with its left and right side.
    pub(super) fn of(expr: &Expr) -> Option<(Self, &Expr, &Expr)> {
        match expr {
            Expr::And(a, b) => Some((Self::And, a, b)),
            Expr::Or(a, b) => Some((Self::Or, a, b)),
            Expr::Coalesce(a, b) => Some((Self::Coalesce, a, b)),
            Expr::Binary(op, a, b) => Some((Self::Binary(*op), a, b)),
            _ => None,
        }
    }
}

/// A value in few words: what a person recognises it by.
pub(super) fn shown(value: &Value) -> String {
    const SHOWN_CHARS: usize = 40;
    match value {
        Value::Text(text) if text.chars().nth(SHOWN_CHARS).is_some() => {
            format!("{:?}…", text.chars().take(SHOWN_CHARS).collect::<String>())
        }
        Value::Text(text) => format!("{:?}", text.as_str()),
        Value::None => "`none`".to_owned(),
        Value::Unit => "`()`".to_owned(),
        Value::File(file) => format!("the file `{}`", file.name),
        Value::Dir(dir) => format!("the directory `{}`", dir.name),
        _ => flowc_stdlib::scalar_text(value)
            .map_or_else(|| value.kind().to_owned(), |text| format!("`{text}`")),
    }
}

pub(super) fn text_too_long() -> EvalError {
    EvalError::Value("a text of more than 16 MB: beyond that, use a `File`".to_owned())
}

pub(super) fn field(value: &Value, name: &Name) -> Result<Value> {
    match value {
        Value::Record(fields) => fields.get(name).cloned().ok_or_else(|| no_field(name)),
        Value::None => Err(EvalError::Value(format!("`none` has no field `{name}`"))),
        other => Err(EvalError::Value(format!("{} has no field `{name}`", other.kind()))),
    }
}

fn no_field(name: &str) -> EvalError {
    EvalError::Value(format!("there is no field `{name}`"))
}

pub(super) fn index(value: &Value, at: &Value) -> Result<Value> {
    match (value, at) {
        (Value::List(items), Value::Int(at)) => {
            let found = usize::try_from(*at).ok().and_then(|at| items.get(at));
            found.cloned().ok_or_else(|| {
                let elements = if items.len() == 1 { "element" } else { "elements" };
                EvalError::Value(format!("there is no element {at} in a list of {} {elements}", items.len()))
            })
        }
        (Value::Record(fields), Value::Text(name)) => fields.get(name).cloned().ok_or_else(|| no_field(name)),
        (value, at) => Err(EvalError::Value(format!("{} has no element {}", value.kind(), shown(at)))),
    }
}

pub(super) fn negate(value: &Value) -> Result<Value> {
    match value {
        Value::Int(value) => value.checked_neg().map(Value::Int).ok_or_else(|| beyond("Int")),
        Value::Float(value) => Ok(Value::Float(-value)),
        other => Err(EvalError::Bug(format!("`-` of {}", other.kind()))),
    }
}

/// What it costs to look at both operands.
pub(super) fn cost(a: &Value, b: &Value) -> u64 {
    let long = |value: &Value| match value {
        Value::Text(text) => text.len() as u64 / 32,
        Value::List(items) => items.len() as u64,
        Value::Record(fields) => fields.len() as u64,
        _ => 0,
    };
    long(a) + long(b)
}

pub(super) fn binary(op: BinaryOp, a: &Value, b: &Value) -> Result<Value> {
    match op {
        BinaryOp::Eq => Ok(Value::Bool(equal(a, b))),
        BinaryOp::Ne => Ok(Value::Bool(!equal(a, b))),
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
            let order = compare(a, b).ok_or_else(|| unfit(op, a, b))?;
            Ok(Value::Bool(match op {
                BinaryOp::Lt => order.is_lt(),
                BinaryOp::Le => order.is_le(),
                BinaryOp::Gt => order.is_gt(),
                _ => order.is_ge(),
            }))
        }
        _ => arithmetic(op, a, b),
    }
}

fn arithmetic(op: BinaryOp, a: &Value, b: &Value) -> Result<Value> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => int(op, *a, *b).map(Value::Int),
        (Value::Float(a), Value::Float(b)) => float(op, *a, *b),
        (Value::Float(a), Value::Int(b)) => float(op, *a, to_float(*b)),
        (Value::Int(a), Value::Float(b)) => float(op, to_float(*a), *b),
        (Value::Text(a), Value::Text(b)) if op == BinaryOp::Add => {
            if (a.len() + b.len()) as u64 > TEXT_BYTES_MAX {
                return Err(text_too_long());
            }
            Ok(Value::text(format!("{a}{b}")))
        }
        (Value::List(a), Value::List(b)) if op == BinaryOp::Add => {
            Ok(Value::list(a.iter().chain(b.iter()).cloned()))
        }
        _ => match (Unit::of(a), Unit::of(b)) {
            (Some((unit, a)), Some((other, b))) if unit == other => match op {
                BinaryOp::Add => a.checked_add(b).ok_or_else(|| beyond(unit.name())).map(|v| unit.value(v)),
                BinaryOp::Sub => a
                    .checked_sub(b)
                    .ok_or_else(|| EvalError::Value(format!("a `{}` below zero", unit.name())))
                    .map(|v| unit.value(v)),
                // A ratio has no unit.
                BinaryOp::Div => divide_float(unsigned_to_float(a), unsigned_to_float(b)),
                BinaryOp::Rem => a.checked_rem(b).ok_or_else(by_zero).map(|v| unit.value(v)),
                _ => Err(unfit(op, &unit.value(a), &unit.value(b))),
            },
            (Some((unit, amount)), None) if matches!(op, BinaryOp::Mul | BinaryOp::Div) => {
                scale(op, unit, amount, b)
            }
            (None, Some((unit, amount))) if op == BinaryOp::Mul => scale(op, unit, amount, a),
            _ => Err(unfit(op, a, b)),
        },
    }
}

fn int(op: BinaryOp, a: i64, b: i64) -> Result<i64> {
    let value = match op {
        BinaryOp::Add => a.checked_add(b),
        BinaryOp::Sub => a.checked_sub(b),
        BinaryOp::Mul => a.checked_mul(b),
        _ if b == 0 => return Err(by_zero()),
        BinaryOp::Div => a.checked_div(b),
        _ => a.checked_rem(b),
    };
    value.ok_or_else(|| EvalError::Value(format!("`{a} {} {b}` is beyond the range of `Int`", sign(op))))
}

fn float(op: BinaryOp, a: f64, b: f64) -> Result<Value> {
    let value = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => return divide_float(a, b),
        _ if b == 0.0 => return Err(by_zero()),
        _ => a % b,
    };
    finite(value)
}

fn divide_float(a: f64, b: f64) -> Result<Value> {
    if b == 0.0 { Err(by_zero()) } else { finite(a / b) }
}

fn finite(value: f64) -> Result<Value> {
    if value.is_finite() { Ok(Value::Float(value)) } else { Err(beyond("Float")) }
}

/// What is counted in whole parts and is not a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Duration,
    Size,
    Money,
}

impl Unit {
    fn of(value: &Value) -> Option<(Self, u64)> {
        match value {
            Value::Duration(amount) => Some((Self::Duration, amount.0)),
            Value::Size(amount) => Some((Self::Size, amount.0)),
            Value::Money(amount) => Some((Self::Money, amount.0)),
            _ => None,
        }
    }

    fn value(self, amount: u64) -> Value {
        match self {
            Self::Duration => Value::Duration(Millis(amount)),
            Self::Size => Value::Size(Bytes(amount)),
            Self::Money => Value::Money(Micros(amount)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Duration => "Duration",
            Self::Size => "Size",
            Self::Money => "Money",
        }
    }
}

/// An amount times or by a number: exactly for integers, to the nearest part for others.
fn scale(op: BinaryOp, unit: Unit, amount: u64, by: &Value) -> Result<Value> {
    let amount = match by {
        Value::Int(by) => {
            let by = u64::try_from(*by)
                .map_err(|_| EvalError::Value(format!("a `{}` below zero", unit.name())))?;
            if op == BinaryOp::Mul {
                amount.checked_mul(by).ok_or_else(|| beyond(unit.name()))?
            } else {
                amount.checked_div(by).ok_or_else(by_zero)?
            }
        }
        Value::Float(by) => {
            let Value::Float(scaled) = float(op, unsigned_to_float(amount), *by)? else {
                return Err(beyond(unit.name()));
            };
            rounded(scaled).ok_or_else(|| beyond(unit.name()))?
        }
        other => return Err(unfit(op, &unit.value(amount), other)),
    };
    Ok(unit.value(amount))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked: between zero and 2^63")]
fn rounded(value: f64) -> Option<u64> {
    let value = value.round();
    (0.0..9_223_372_036_854_775_808.0).contains(&value).then_some(value as u64)
}

#[expect(clippy::cast_precision_loss, reason = "an `Int` fits in `Float` as the nearest number")]
fn to_float(value: i64) -> f64 {
    value as f64
}

#[expect(clippy::cast_precision_loss, reason = "a ratio of amounts is the nearest number")]
fn unsigned_to_float(value: u64) -> f64 {
    value as f64
}

/// Whether two values are equal; an integer equals the same number. `Value` is compared part by part and stops at the first difference.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(int), Value::Float(float)) | (Value::Float(float), Value::Int(int)) => {
            exactly(*int, *float)
        }
        (Value::List(a), Value::List(b)) => {
            std::ptr::eq(a.as_ref(), b.as_ref())
                || a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal(a, b))
        }
        (Value::Record(a), Value::Record(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((n, a), (m, b))| n == m && equal(a, b))
        }
        _ => a == b,
    }
}

fn exactly(int: i64, float: f64) -> bool {
    compare_mixed(int, float) == Some(Ordering::Equal)
}

/// An integer beside a number, without loss.
#[expect(clippy::cast_possible_truncation, reason = "checked: within the range of `i64`")]
fn compare_mixed(int: i64, float: f64) -> Option<Ordering> {
    const RANGE: f64 = 9_223_372_036_854_775_808.0;
    if float >= RANGE {
        Some(Ordering::Less)
    } else if float < -RANGE {
        Some(Ordering::Greater)
    } else {
        let whole = int.cmp(&(float.trunc() as i64));
        if whole.is_eq() { 0.0.partial_cmp(&float.fract()) } else { Some(whole) }
    }
}

fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Float(b)) => compare_mixed(*a, *b),
        (Value::Float(a), Value::Int(b)) => compare_mixed(*b, *a).map(Ordering::reverse),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => match (Unit::of(a), Unit::of(b)) {
            (Some((unit, a)), Some((other, b))) if unit == other => Some(a.cmp(&b)),
            _ => None,
        },
    }
}

fn by_zero() -> EvalError {
    EvalError::Value("division by zero".to_owned())
}

fn beyond(ty: &str) -> EvalError {
    EvalError::Value(format!("the result is beyond the range of `{ty}`"))
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
    }
}

fn unfit(op: BinaryOp, a: &Value, b: &Value) -> EvalError {
    EvalError::Bug(format!("`{}` of {} and {}", sign(op), a.kind(), b.kind()))
}
