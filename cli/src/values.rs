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

#[cfg(test)]
mod tests {
    use flowc_base::{Bytes, Micros, Millis};

    use super::*;

    #[test]
    fn scalars_are_text_and_the_rest_is_json() {
        for (value, expected) in [
            (Value::Unit, ""),
            (Value::Int(-3), "-3\n"),
            (Value::Float(2.0), "2.0\n"),
            (Value::Bool(true), "true\n"),
            (Value::text("two\nlines"), "two\nlines\n"),
            (Value::text("ends\n"), "ends\n"),
            (Value::text(""), "\n"),
            (Value::Duration(Millis(5000)), "5s\n"),
            (Value::Size(Bytes(1024)), "1KiB\n"),
            (Value::Money(Micros(500_000)), "$0.50\n"),
            (Value::None, "null\n"),
            (Value::list([Value::Int(1), Value::text("a")]), "[\n  1,\n  \"a\"\n]\n"),
            (Value::list([]), "[]\n"),
            (Value::record([("a".into(), Value::None)]), "{\n  \"a\": null\n}\n"),
        ] {
            assert_eq!(text(&value, &Placed::default()), expected, "{value:?}");
        }
    }
}
