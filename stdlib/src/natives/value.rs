//! Functions on any value.
use flowc_plan::Value;

use crate::args::{Args, Outcome, count};
use crate::to_text;

pub(super) fn text(args: &Args<'_>) -> Outcome {
    to_text(args.value(0)?, args.files)
}

pub(super) fn len(args: &Args<'_>) -> Outcome {
    match args.value(0)? {
        Value::List(items) => Ok(count(items.len())),
        Value::Record(fields) => Ok(count(fields.len())),
        Value::Text(text) => Ok(count(text.chars().count())),
        other => Err(args.wrong(0, "a list, a map or a text", other)),
    }
}
