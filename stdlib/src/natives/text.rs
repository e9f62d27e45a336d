//! `std.text`. Positions and lengths count characters.
use flowc_plan::{TEXT_BYTES_MAX, Value};

use crate::NativeError;
use crate::args::{Args, Outcome, count, text, too_long};

pub(super) fn length(args: &Args<'_>) -> Outcome {
    Ok(count(args.text(0)?.chars().count()))
}

pub(super) fn lines(args: &Args<'_>) -> Outcome {
    Ok(Value::list(args.text(0)?.lines().map(Value::text)))
}

pub(super) fn words(args: &Args<'_>) -> Outcome {
    Ok(Value::list(args.text(0)?.split_whitespace().map(Value::text)))
}

pub(super) fn join(args: &Args<'_>) -> Outcome {
    let separator = args.text(1)?;
    let mut joined = String::new();
    for (at, item) in args.list(0)?.iter().enumerate() {
        let Value::Text(item) = item else { return Err(args.wrong(0, "a list of texts", item)) };
        if at > 0 {
            joined.push_str(separator);
        }
        joined.push_str(item);
        if joined.len() as u64 > TEXT_BYTES_MAX {
            return Err(too_long());
        }
    }
    text(joined)
}

pub(super) fn split(args: &Args<'_>) -> Outcome {
    let separator = args.text(1)?;
    if separator.is_empty() {
        return Err(NativeError::value("the separator is empty"));
    }
    Ok(Value::list(args.text(0)?.split(separator).map(Value::text)))
}

pub(super) fn trim(args: &Args<'_>) -> Outcome {
    text(args.text(0)?.trim())
}

pub(super) fn replace(args: &Args<'_>) -> Outcome {
    let (source, old, new) = (args.text(0)?, args.text(1)?, args.text(2)?);
    if old.is_empty() {
        return Err(NativeError::value("the text to replace is empty"));
    }
    if new.len() > old.len() {
        // Known before it is made: a short program must not fill the memory.
        let grown = (source.matches(old).count() as u64).saturating_mul((new.len() - old.len()) as u64);
        if grown.saturating_add(source.len() as u64) > TEXT_BYTES_MAX {
            return Err(too_long());
        }
    }
    text(source.replace(old, new))
}

pub(super) fn upper(args: &Args<'_>) -> Outcome {
    text(args.text(0)?.to_uppercase())
}

pub(super) fn lower(args: &Args<'_>) -> Outcome {
    text(args.text(0)?.to_lowercase())
}

pub(super) fn contains(args: &Args<'_>) -> Outcome {
    Ok(Value::Bool(args.text(0)?.contains(args.text(1)?)))
}

pub(super) fn starts_with(args: &Args<'_>) -> Outcome {
    Ok(Value::Bool(args.text(0)?.starts_with(args.text(1)?)))
}

pub(super) fn ends_with(args: &Args<'_>) -> Outcome {
    Ok(Value::Bool(args.text(0)?.ends_with(args.text(1)?)))
}

pub(super) fn index_of(args: &Args<'_>) -> Outcome {
    let source = args.text(0)?;
    Ok(match source.find(args.text(1)?) {
        Some(at) => count(source.get(..at).unwrap_or("").chars().count()),
        None => Value::None,
    })
}

pub(super) fn slice(args: &Args<'_>) -> Outcome {
    let (start, end) = (args.count(1, "the start")?, args.count(2, "the end")?);
    if end < start {
        return Err(NativeError::Value(format!("the end {end} is before the start {start}")));
    }
    text(args.text(0)?.chars().skip(start).take(end - start).collect::<String>())
}

pub(super) fn repeat(args: &Args<'_>) -> Outcome {
    let (source, times) = (args.text(0)?, args.count(1, "the count")?);
    if (source.len() as u64).saturating_mul(times as u64) > TEXT_BYTES_MAX {
        return Err(too_long());
    }
    text(source.repeat(if source.is_empty() { 0 } else { times }))
}

pub(super) fn pad_left(args: &Args<'_>) -> Outcome {
    text(format!("{}{}", padding(args)?, args.text(0)?))
}

pub(super) fn pad_right(args: &Args<'_>) -> Outcome {
    text(format!("{}{}", args.text(0)?, padding(args)?))
}

fn padding(args: &Args<'_>) -> Result<String, NativeError> {
    let (source, width, fill) = (args.text(0)?, args.count(1, "the width")?, args.text(2)?);
    let mut chars = fill.chars();
    let (Some(_), None) = (chars.next(), chars.next()) else {
        return Err(NativeError::Value(format!(
            "expected one character to fill with, found {}",
            fill.chars().count()
        )));
    };
    let missing = width.saturating_sub(source.chars().count());
    if (missing as u64).saturating_mul(fill.len() as u64) > TEXT_BYTES_MAX {
        return Err(too_long());
    }
    Ok(fill.repeat(missing))
}

pub(super) fn without_prefix(args: &Args<'_>) -> Outcome {
    let source = args.text(0)?;
    text(source.strip_prefix(args.text(1)?).unwrap_or(source))
}

pub(super) fn without_suffix(args: &Args<'_>) -> Outcome {
    let source = args.text(0)?;
    text(source.strip_suffix(args.text(1)?).unwrap_or(source))
}

pub(super) fn parse_int(args: &Args<'_>) -> Outcome {
    Ok(args.text(0)?.parse().map_or(Value::None, Value::Int))
}

pub(super) fn parse_float(args: &Args<'_>) -> Outcome {
    let number = serde_json::from_str::<serde_json::Number>(args.text(0)?).ok().and_then(|n| n.as_f64());
    Ok(number.filter(|number| number.is_finite()).map_or(Value::None, Value::Float))
}
