//! `std.list`, and the list functions that are always at hand.
use std::cmp::Ordering;
use std::collections::HashSet;

use flowc_base::{Bytes, Micros, Millis, Name};
use flowc_plan::{KeyHasher, Value};

use crate::NativeError;
use crate::args::{Args, Outcome, as_float, count as count_value, float};

/// The longest list that `range` makes.
const RANGE_MAX: u64 = 10_000_000;

pub(super) fn sum(args: &Args<'_>) -> Outcome {
    let list = alike(args.list(0)?);
    let Some((first, rest)) = list.split_first() else {
        return Ok(args.values.get(1).cloned().unwrap_or(Value::Int(0)));
    };
    let overflow = |what: &str| NativeError::Value(format!("the sum is beyond the range of `{what}`"));
    let add = |total: Value, item: &Value| match (&total, item) {
        (Value::Int(a), Value::Int(b)) => a.checked_add(*b).map(Value::Int).ok_or_else(|| overflow("Int")),
        (Value::Float(a), Value::Float(b)) => float(a + b).map_err(|_| overflow("Float")),
        (Value::Duration(a), Value::Duration(b)) => {
            a.0.checked_add(b.0).map(|v| Value::Duration(Millis(v))).ok_or_else(|| overflow("Duration"))
        }
        (Value::Size(a), Value::Size(b)) => {
            a.0.checked_add(b.0).map(|v| Value::Size(Bytes(v))).ok_or_else(|| overflow("Size"))
        }
        (Value::Money(a), Value::Money(b)) => {
            a.0.checked_add(b.0).map(|v| Value::Money(Micros(v))).ok_or_else(|| overflow("Money"))
        }
        _ => Err(args.wrong(0, &format!("a list of {}", total.kind()), item)),
    };
    let zero = match first {
        Value::Int(_) => Value::Int(0),
        // Minus zero is what adds to anything and leaves it as it is.
        Value::Float(_) => Value::Float(-0.0),
        Value::Duration(_) => Value::Duration(Millis(0)),
        Value::Size(_) => Value::Size(Bytes(0)),
        Value::Money(_) => Value::Money(Micros(0)),
        other => return Err(args.wrong(0, "a list of what can be added", other)),
    };
    std::iter::once(first).chain(rest).try_fold(zero, add)
}

pub(super) fn min(args: &Args<'_>) -> Outcome {
    extreme(args, "min", Ordering::Less)
}

pub(super) fn max(args: &Args<'_>) -> Outcome {
    extreme(args, "max", Ordering::Greater)
}

fn extreme(args: &Args<'_>, name: &str, wanted: Ordering) -> Outcome {
    let list = alike(args.list(0)?);
    let mut items = list.iter();
    let first = items.next().ok_or_else(|| NativeError::Value(format!("`{name}` of an empty list")))?;
    let mut best = first;
    // Compared even when alone: a single element without an order is a call that should not have checked.
    for item in std::iter::once(first).chain(items) {
        if compare(item, best).ok_or_else(|| unordered(args, item))? == wanted {
            best = item;
        }
    }
    Ok(best.clone())
}

pub(super) fn sort(args: &Args<'_>) -> Outcome {
    let mut list = alike(args.list(0)?);
    if let Some(first) = list.first()
        && let Some(odd) = list.iter().find(|item| compare(first, item).is_none())
    {
        return Err(unordered(args, odd));
    }
    list.sort_by(|a, b| compare(a, b).unwrap_or(Ordering::Equal));
    Ok(Value::list(list))
}

fn unordered(args: &Args<'_>, item: &Value) -> NativeError {
    args.wrong(0, "a list of what has an order", item)
}

/// The order of two values of one kind; `None` when they have none.
pub(super) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Size(a), Value::Size(b)) => Some(a.cmp(b)),
        (Value::Money(a), Value::Money(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// The list, its integers made numbers where it holds numbers too: an order between the two kinds would not be transitive.
fn alike(list: &[Value]) -> Vec<Value> {
    if list.iter().any(|item| matches!(item, Value::Float(_))) {
        list.iter().map(|item| as_float(item).map_or_else(|| item.clone(), Value::Float)).collect()
    } else {
        list.to_vec()
    }
}

pub(super) fn range(args: &Args<'_>) -> Outcome {
    let (start, end) = (args.int(0)?, args.int(1)?);
    let length = u64::try_from(i128::from(end) - i128::from(start)).unwrap_or(0);
    if length > RANGE_MAX {
        return Err(NativeError::Value(format!(
            "the range from {start} to {end} has {length} elements, more than ten million"
        )));
    }
    Ok(Value::list((start..end).map(Value::Int)))
}

pub(super) fn zip(args: &Args<'_>) -> Outcome {
    let (left, right) = (args.list(0)?, args.list(1)?);
    if left.len() != right.len() {
        return Err(NativeError::Value(format!(
            "the lists are of different lengths: {} and {}",
            left.len(),
            right.len()
        )));
    }
    let (left_name, right_name) = (Name::from("left"), Name::from("right"));
    Ok(Value::list(left.iter().zip(right).map(|(left, right)| {
        Value::record([(left_name.clone(), left.clone()), (right_name.clone(), right.clone())])
    })))
}

pub(super) fn flatten(args: &Args<'_>) -> Outcome {
    let mut all = Vec::new();
    for list in args.list(0)? {
        match list {
            Value::List(items) => all.extend(items.iter().cloned()),
            other => return Err(args.wrong(0, "a list of lists", other)),
        }
    }
    Ok(Value::list(all))
}

pub(super) fn pick(args: &Args<'_>) -> Outcome {
    Ok(Value::list(args.list(0)?.iter().filter(|item| !matches!(item, Value::None)).cloned()))
}

pub(super) fn contains(args: &Args<'_>) -> Outcome {
    let item = args.value(1)?;
    Ok(Value::Bool(args.list(0)?.contains(item)))
}

pub(super) fn index_of(args: &Args<'_>) -> Outcome {
    let wanted = args.value(1)?;
    Ok(args.list(0)?.iter().position(|item| item == wanted).map_or(Value::None, count_value))
}

pub(super) fn count(args: &Args<'_>) -> Outcome {
    let wanted = args.value(1)?;
    Ok(count_value(args.list(0)?.iter().filter(|item| *item == wanted).count()))
}

pub(super) fn head(args: &Args<'_>) -> Outcome {
    Ok(args.list(0)?.first().cloned().unwrap_or(Value::None))
}

pub(super) fn last(args: &Args<'_>) -> Outcome {
    Ok(args.list(0)?.last().cloned().unwrap_or(Value::None))
}

pub(super) fn take(args: &Args<'_>) -> Outcome {
    Ok(Value::list(args.list(0)?.iter().take(args.count(1, "the count")?).cloned()))
}

pub(super) fn drop(args: &Args<'_>) -> Outcome {
    Ok(Value::list(args.list(0)?.iter().skip(args.count(1, "the count")?).cloned()))
}

pub(super) fn reverse(args: &Args<'_>) -> Outcome {
    Ok(Value::list(args.list(0)?.iter().rev().cloned()))
}

pub(super) fn unique(args: &Args<'_>) -> Outcome {
    let mut seen = HashSet::new();
    let is_new = |item: &&Value| {
        let mut hasher = KeyHasher::new("unique", 1);
        item.hash_into(&mut hasher);
        seen.insert(hasher.finish())
    };
    Ok(Value::list(args.list(0)?.iter().filter(is_new).cloned()))
}

pub(super) fn concat(args: &Args<'_>) -> Outcome {
    Ok(Value::list(args.list(0)?.iter().chain(args.list(1)?).cloned()))
}

pub(super) fn chunks(args: &Args<'_>) -> Outcome {
    let size = args.count(1, "the size")?;
    if size == 0 {
        return Err(NativeError::value("the size of chunks must be at least 1"));
    }
    Ok(Value::list(args.list(0)?.chunks(size).map(|chunk| Value::list(chunk.iter().cloned()))))
}

pub(super) fn enumerate(args: &Args<'_>) -> Outcome {
    let (index, value) = (Name::from("index"), Name::from("value"));
    Ok(Value::list(
        args.list(0)?.iter().enumerate().map(|(at, item)| {
            Value::record([(index.clone(), count_value(at)), (value.clone(), item.clone())])
        }),
    ))
}
