//! `std.math`. Only operations that IEEE 754 or integer arithmetic defines to the last bit.
use std::cmp::Ordering;

use flowc_plan::Value;

use super::list::compare;
use crate::NativeError;
use crate::args::{Args, Outcome, as_float, float};

pub(super) fn abs(args: &Args<'_>) -> Outcome {
    match args.value(0)? {
        Value::Int(value) => value.checked_abs().map(Value::Int).ok_or_else(beyond_int),
        Value::Float(value) => Ok(Value::Float(value.abs())),
        value @ (Value::Duration(_) | Value::Size(_) | Value::Money(_)) => Ok(value.clone()),
        other => Err(args.wrong(0, "a number", other)),
    }
}

pub(super) fn floor(args: &Args<'_>) -> Outcome {
    integer(args.float(0)?.floor())
}

pub(super) fn ceil(args: &Args<'_>) -> Outcome {
    integer(args.float(0)?.ceil())
}

pub(super) fn round(args: &Args<'_>) -> Outcome {
    integer(args.float(0)?.round())
}

#[expect(clippy::cast_possible_truncation, reason = "a whole number that is checked to be in the range")]
fn integer(value: f64) -> Outcome {
    // 2^63 is the first number past the range; -2^63 belongs to it.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&value) { Ok(Value::Int(value as i64)) } else { Err(beyond_int()) }
}

pub(super) fn pow(args: &Args<'_>) -> Outcome {
    let (base, exponent) = (args.int(0)?, args.int(1)?);
    let exponent = u64::try_from(exponent)
        .map_err(|_| NativeError::Value(format!("the exponent is negative: {exponent}")))?;
    match (base, exponent) {
        (0 | 1, 1..) => Ok(Value::Int(base)),
        (-1, _) => Ok(Value::Int(if exponent % 2 == 0 { 1 } else { -1 })),
        // Any other base leaves the range long before the exponent leaves 32 bits.
        _ => u32::try_from(exponent)
            .ok()
            .and_then(|exponent| base.checked_pow(exponent))
            .map(Value::Int)
            .ok_or_else(beyond_int),
    }
}

pub(super) fn sqrt(args: &Args<'_>) -> Outcome {
    let value = args.float(0)?;
    if value < 0.0 {
        return Err(NativeError::value("the square root of a negative number"));
    }
    float(value.sqrt())
}

pub(super) fn clamp(args: &Args<'_>) -> Outcome {
    let mut values = [args.value(0)?.clone(), args.value(1)?.clone(), args.value(2)?.clone()];
    if values.iter().any(|value| matches!(value, Value::Float(_))) {
        values = values.map(|value| as_float(&value).map_or(value, Value::Float));
    }
    let [value, low, high] = values;
    let order = |at, a: &Value, b: &Value| {
        compare(a, b).ok_or_else(|| args.wrong(at, &format!("{} with an order", a.kind()), b))
    };
    if order(2, &low, &high)? == Ordering::Greater {
        return Err(NativeError::value("the low bound is above the high bound"));
    }
    if order(1, &value, &low)? == Ordering::Less {
        return Ok(low);
    }
    Ok(if order(2, &value, &high)? == Ordering::Greater { high } else { value })
}

fn beyond_int() -> NativeError {
    NativeError::value("the result is beyond the range of `Int`")
}
