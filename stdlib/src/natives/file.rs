//! `std.file`, and the file functions that are always at hand.
use flowc_base::Bytes;
use flowc_plan::{Type, Value};

use crate::args::{Args, Outcome, text as text_value};
use crate::{NativeError, from_json};

pub(super) fn name(args: &Args<'_>) -> Outcome {
    Ok(Value::Text(args.file(0)?.name.clone()))
}

pub(super) fn stem(args: &Args<'_>) -> Outcome {
    let name = args.file(0)?.name.as_str();
    Ok(Value::text(split_extension(name).map_or(name, |(stem, _)| stem)))
}

pub(super) fn extension(args: &Args<'_>) -> Outcome {
    let name = args.file(0)?.name.as_str();
    Ok(Value::text(split_extension(name).map_or("", |(_, extension)| extension)))
}

/// Both sides of the last dot, unless it is the first character: `.profile` has no extension.
fn split_extension(name: &str) -> Option<(&str, &str)> {
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty())
}

pub(super) fn size(args: &Args<'_>) -> Outcome {
    Ok(Value::Size(Bytes(args.file(0)?.size)))
}

pub(super) fn text(args: &Args<'_>) -> Outcome {
    text_value(args.content(0)?)
}

pub(super) fn lines(args: &Args<'_>) -> Outcome {
    Ok(Value::list(args.content(0)?.lines().map(Value::text)))
}

pub(super) fn json(args: &Args<'_>) -> Outcome {
    let name = &args.file(0)?.name;
    let json = serde_json::from_str(&args.content(0)?)
        .map_err(|error| NativeError::Value(format!("`{name}` is no JSON: {error}")))?;
    from_json(&json, &Type::Json, &[]).map_err(|error| NativeError::Value(format!("`{name}`: {error}")))
}
