//! `std.json`.
use flowc_plan::{Type, Value};

use crate::args::{Args, Outcome, text};
use crate::{NativeError, from_json, to_json};

pub(super) fn parse(args: &Args<'_>) -> Outcome {
    let json = serde_json::from_str(args.text(0)?)
        .map_err(|error| NativeError::Value(format!("the text is no JSON: {error}")))?;
    from_json(&json, &Type::Json, &[]).map_err(|error| NativeError::Value(error.to_string()))
}

pub(super) fn print(args: &Args<'_>) -> Outcome {
    text(json(args)?.to_string())
}

pub(super) fn pretty(args: &Args<'_>) -> Outcome {
    text(format!("{:#}", json(args)?))
}

fn json(args: &Args<'_>) -> Result<serde_json::Value, NativeError> {
    match args.value(0)? {
        value @ (Value::File(_) | Value::Dir(_)) => Err(args.wrong(0, "JSON", value)),
        value => Ok(to_json(value)),
    }
}
