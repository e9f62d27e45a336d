//! `std.map`.
use flowc_base::Name;
use flowc_plan::Value;

use crate::NativeError;
use crate::args::{Args, Outcome};

pub(super) fn keys(args: &Args<'_>) -> Outcome {
    Ok(Value::list(args.record(0)?.iter().map(|(key, _)| Value::Text(key.clone()))))
}

pub(super) fn values(args: &Args<'_>) -> Outcome {
    Ok(Value::list(args.record(0)?.iter().map(|(_, value)| value.clone())))
}

pub(super) fn has(args: &Args<'_>) -> Outcome {
    Ok(Value::Bool(args.record(0)?.get(args.text(1)?).is_some()))
}

pub(super) fn get(args: &Args<'_>) -> Outcome {
    Ok(args.record(0)?.get(args.text(1)?).cloned().unwrap_or(Value::None))
}

pub(super) fn entries(args: &Args<'_>) -> Outcome {
    let (key_name, value_name) = (Name::from("key"), Name::from("value"));
    Ok(Value::list(args.record(0)?.iter().map(|(key, value)| {
        Value::record([(key_name.clone(), Value::Text(key.clone())), (value_name.clone(), value.clone())])
    })))
}

pub(super) fn from_entries(args: &Args<'_>) -> Outcome {
    let entries = args.list(0)?;
    let mut fields = std::collections::BTreeMap::new();
    for entry in entries {
        let (key, value) = match entry {
            Value::Record(entry) => match (entry.get("key"), entry.get("value")) {
                (Some(Value::Text(key)), Some(value)) => (key.clone(), value.clone()),
                _ => return Err(args.wrong(0, "a list of entries", &Value::Record(entry.clone()))),
            },
            other => return Err(args.wrong(0, "a list of entries", other)),
        };
        if fields.insert(key.clone(), value).is_some() {
            return Err(NativeError::Value(format!("the key `{key}` occurs twice")));
        }
    }
    Ok(Value::record(fields))
}

pub(super) fn merge(args: &Args<'_>) -> Outcome {
    Ok(Value::record(args.record(0)?.iter().chain(args.record(1)?.iter()).cloned()))
}
