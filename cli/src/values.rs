//! The result of a run for the standard output: a scalar as text, anything else as JSON, files as the paths they were put to.
//! It puts no file anywhere.
use flowc_plan::Value;
use serde_json::{Map, Number, Value as Json};

use crate::place::Placed;

/// The text to print for a result, with its line end; empty for no value.
pub(crate) fn text(value: &Value, placed: &Placed) -> String {
    match value {
        Value::Unit => String::new(),
        Value::Text(text) => line(text.as_str()),
        Value::List(_) | Value::Record(_) | Value::None => format!("{:#}\n", json(value, placed)),
        _ => match json(value, placed) {
            Json::String(text) => line(&text),
            json => format!("{json}\n"),
        },
    }
}

/// A text with one line end, whether it has one already or not.
fn line(text: &str) -> String {
    if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

/// The JSON of a result. Durations, sizes and amounts are the texts that a program would write.
pub(crate) fn json(value: &Value, placed: &Placed) -> Json {
    match value {
        Value::None | Value::Unit => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::Number((*value).into()),
        Value::Float(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text.to_string()),
        Value::Duration(value) => Json::String(value.to_string()),
        Value::Size(value) => Json::String(value.to_string()),
        Value::Money(value) => Json::String(value.to_string()),
        Value::List(items) => Json::Array(items.iter().map(|item| json(item, placed)).collect()),
        Value::Record(fields) => Json::Object(
            fields.iter().map(|(name, value)| (name.to_string(), json(value, placed))).collect::<Map<_, _>>(),
        ),
        Value::File(_) | Value::Dir(_) => Json::String(placed.path_of(value).unwrap_or_default()),
    }
}
