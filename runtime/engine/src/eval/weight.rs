//! How much a value holds when it is written out. Parts are shared, so thirty doublings are small in memory and endless for whoever
//! walks them (keys, JSON, the store): every value that is made is held to a bound. It knows no expression.
use flowc_plan::Value;

use super::EvalError;

/// The most that a value weighs: one for each value in it, and one for each 32 bytes of text.
const WEIGHT_MAX: u64 = 32_000_000;
/// The deepest nesting of lists and records.
const NESTING_MAX: u32 = 120;

/// The weight of a value: how many values are in it, text counted by its length.
///
/// # Errors
/// [`EvalError::Value`] when it is too large or nested too deeply.
pub(crate) fn check_weight(value: &Value) -> Result<u64, EvalError> {
    let mut left = WEIGHT_MAX;
    weigh(value, &mut left, NESTING_MAX)?;
    Ok(WEIGHT_MAX - left)
}

fn weigh(value: &Value, left: &mut u64, nesting: u32) -> Result<(), EvalError> {
    let cost = match value {
        Value::Text(text) => 1 + text.len() as u64 / 32,
        _ => 1,
    };
    *left = left.checked_sub(cost).ok_or_else(|| {
        EvalError::Value(format!("a value holds more than {} million parts", WEIGHT_MAX / 1_000_000))
    })?;
    let inside = || {
        nesting
            .checked_sub(1)
            .ok_or_else(|| EvalError::Value(format!("a value is nested more than {NESTING_MAX} levels deep")))
    };
    match value {
        Value::List(items) => {
            let nesting = inside()?;
            items.iter().try_for_each(|item| weigh(item, left, nesting))
        }
        Value::Record(fields) => {
            let nesting = inside()?;
            fields.iter().try_for_each(|(_, value)| weigh(value, left, nesting))
        }
        _ => Ok(()),
    }
}
