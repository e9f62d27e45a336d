//! Values and JSON: how a value is written, and what a text from outside must be to become a value of a type.
//! It must not know where the text comes from.
use std::fmt;

use flowc_base::{Name, parse_duration, parse_money, parse_size};
use flowc_plan::{TEXT_BYTES_MAX, Type, Value};
use serde_json::{Map, Number, Value as Json};

use crate::scalar_text;

/// Why a JSON value does not fit a type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JsonError {
    /// The path in the value: `.plans[2].score`; empty for the value itself.
    pub path: String,
    /// What the type allows there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at `{}`: ", self.path)?;
        }
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl std::error::Error for JsonError {}

/// The JSON of a value, fields sorted by name: `none` and `()` are `null`, a duration, size or amount its written text,
/// a file or directory its base name.
#[must_use]
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::None | Value::Unit => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::Number((*value).into()),
        // Values are finite: what is not cannot be written and would be `null`.
        Value::Float(value) => Number::from_f64(*value).map_or(Json::Null, Json::Number),
        Value::Text(text) => Json::String(text.as_str().to_owned()),
        Value::Duration(_) | Value::Size(_) | Value::Money(_) => {
            Json::String(scalar_text(value).unwrap_or_default())
        }
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Record(fields) => Json::Object(
            fields.iter().map(|(name, value)| (name.as_str().to_owned(), to_json(value))).collect(),
        ),
        Value::File(file) => Json::String(file.name.as_str().to_owned()),
        Value::Dir(dir) => Json::String(dir.name.as_str().to_owned()),
    }
}

/// The value of a type that a JSON value says. `types` resolves [`Type::Named`]. Fields that the type does not know are
/// dropped, an absent optional field is `none`.
///
/// # Errors
/// [`JsonError`] at the first place that does not fit, in the order of the type.
pub fn from_json(json: &Json, ty: &Type, types: &[Type]) -> Result<Value, JsonError> {
    from_json_noting(json, ty, types, &mut Vec::new())
}

/// As [`from_json`]; adds the paths of the fields that were dropped to `dropped`.
///
/// # Errors
/// As [`from_json`].
pub fn from_json_noting(
    json: &Json,
    ty: &Type,
    types: &[Type],
    dropped: &mut Vec<String>,
) -> Result<Value, JsonError> {
    Reader { types, path: String::new(), dropped }.read(json, ty)
}

/// The value of a type that a piece of text says, such as a line of output or a parameter of the command line: a scalar as
/// it is written in a program (a text and a choice without quotes), anything else as JSON.
///
/// # Errors
/// [`JsonError`] when the text does not fit.
pub fn from_text(text: &str, ty: &Type, types: &[Type]) -> Result<Value, JsonError> {
    match ty {
        Type::Text | Type::Choice(_) | Type::Duration | Type::Size | Type::Money => {
            from_json(&Json::String(text.to_owned()), ty, types)
        }
        Type::Optional(inner) if is_text(inner) => from_text(text, inner, types),
        Type::Named(at) => match types.get(*at as usize) {
            Some(ty) if !matches!(ty, Type::Named(_)) => from_text(text, ty, types),
            _ => Err(error("", "a type that is known", "an unknown one")),
        },
        // Decimal digits are a number to a program and a person even where JSON has none: `007`.
        _ => match text_json(text, ty) {
            Ok(json) => from_json(&json, ty, types),
            Err(_) => Err(error("", &expected(ty), &found_text(text))),
        },
    }
}

/// Decimal digits are an integer to a program and a person even where JSON has none: `007`.
fn text_json(text: &str, ty: &Type) -> serde_json::Result<Json> {
    match (ty, text.parse::<i64>()) {
        (Type::Int(_), Ok(number)) => Ok(Json::from(number)),
        _ => serde_json::from_str(text),
    }
}

fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::Choice(_) | Type::Duration | Type::Size | Type::Money)
}

fn error(path: &str, expected: &str, found: &str) -> JsonError {
    JsonError { path: path.to_owned(), expected: expected.to_owned(), found: found.to_owned() }
}

struct Reader<'a> {
    types: &'a [Type],
    path: String,
    dropped: &'a mut Vec<String>,
}

impl Reader<'_> {
    fn read(&mut self, json: &Json, ty: &Type) -> Result<Value, JsonError> {
        match (ty, json) {
            (Type::Unit, Json::Null) => Ok(Value::Unit),
            (Type::Bool, Json::Bool(value)) => Ok(Value::Bool(*value)),
            (Type::Int(range), Json::Number(number)) => match whole(number) {
                Some(value) if range.is_none_or(|(from, to)| (from..=to).contains(&value)) => {
                    Ok(Value::Int(value))
                }
                _ => self.refuse(json, ty),
            },
            (Type::Float(range), Json::Number(number)) => match number.as_f64() {
                Some(value)
                    if value.is_finite() && range.is_none_or(|(from, to)| (from..=to).contains(&value)) =>
                {
                    Ok(Value::Float(value))
                }
                _ => self.refuse(json, ty),
            },
            (Type::Text, Json::String(text)) => self.text(text),
            (Type::Choice(words), Json::String(text)) => {
                match words.iter().find(|word| word.as_str() == text) {
                    Some(word) => Ok(Value::Text(word.clone())),
                    None => self.refuse(json, ty),
                }
            }
            (Type::Duration, Json::String(text)) => {
                parse_duration(text).map(Value::Duration).or_else(|_| self.refuse(json, ty))
            }
            (Type::Size, Json::String(text)) => {
                parse_size(text).map(Value::Size).or_else(|_| self.refuse(json, ty))
            }
            (Type::Money, Json::String(text)) => {
                parse_money(text).map(Value::Money).or_else(|_| self.refuse(json, ty))
            }
            (Type::Json, _) => self.any(json),
            (Type::Optional(_), Json::Null) => Ok(Value::None),
            (Type::Optional(inner), _) => self.read(json, inner),
            (Type::List(item), Json::Array(items)) => {
                let items = items.iter().enumerate();
                items
                    .map(|(at, json)| self.inside(&index(at), |r| r.read(json, item)))
                    .collect::<Result<Vec<_>, _>>()
                    .map(Value::list)
            }
            (Type::Map(item), Json::Object(fields)) => fields
                .iter()
                .map(|(name, json)| {
                    Ok((Name::from(name.as_str()), self.inside(&field(name), |r| r.read(json, item))?))
                })
                .collect::<Result<Vec<_>, _>>()
                .map(Value::record),
            (Type::Record(types), Json::Object(fields)) => self.record(types, fields),
            (Type::Named(at), _) => match self.types.get(*at as usize) {
                // A name for a name would never end.
                Some(ty) if !matches!(ty, Type::Named(_)) => {
                    let ty = ty.clone();
                    self.read(json, &ty)
                }
                _ => Err(error(&self.path, "a type that is known", "an unknown one")),
            },
            _ => self.refuse(json, ty),
        }
    }

    fn record(&mut self, types: &[(Name, Type)], fields: &Map<String, Json>) -> Result<Value, JsonError> {
        let mut values = Vec::with_capacity(types.len());
        for (name, ty) in types {
            let value = match (fields.get(name.as_str()), ty) {
                (Some(json), _) => self.inside(&field(name), |r| r.read(json, ty))?,
                (None, Type::Optional(_)) => Value::None,
                (None, _) => {
                    return Err(error(&self.path, &format!("a field `{name}`"), "none of that name"));
                }
            };
            values.push((name.clone(), value));
        }
        for name in fields.keys().filter(|name| types.iter().all(|(known, _)| known.as_str() != *name)) {
            self.dropped.push(format!("{}{}", self.path, field(name)));
        }
        Ok(Value::record(values))
    }

    fn any(&mut self, json: &Json) -> Result<Value, JsonError> {
        match json {
            Json::Null => Ok(Value::None),
            Json::Bool(value) => Ok(Value::Bool(*value)),
            Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(value), _) => Ok(Value::Int(value)),
                (None, Some(value)) if value.is_finite() && !number.is_u64() => Ok(Value::Float(value)),
                _ => Err(error(&self.path, "a number of 64 bits", &number.to_string())),
            },
            Json::String(text) => self.text(text),
            Json::Array(items) => {
                let items = items.iter().enumerate();
                items
                    .map(|(at, json)| self.inside(&index(at), |r| r.any(json)))
                    .collect::<Result<Vec<_>, _>>()
                    .map(Value::list)
            }
            Json::Object(fields) => fields
                .iter()
                .map(|(name, json)| {
                    Ok((Name::from(name.as_str()), self.inside(&field(name), |r| r.any(json))?))
                })
                .collect::<Result<Vec<_>, _>>()
                .map(Value::record),
        }
    }

    fn text(&self, text: &str) -> Result<Value, JsonError> {
        if text.len() as u64 > TEXT_BYTES_MAX {
            return Err(error(
                &self.path,
                "a text of at most 16 MB",
                &format!("one of {} bytes", text.len()),
            ));
        }
        Ok(Value::text(text))
    }

    fn inside<T>(&mut self, part: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.path.len();
        self.path.push_str(part);
        let result = read(self);
        self.path.truncate(outside);
        result
    }

    fn refuse(&self, json: &Json, ty: &Type) -> Result<Value, JsonError> {
        Err(error(&self.path, &expected(ty), &found(json)))
    }
}

/// The integer that a number is, exactly: `3`, and also `3.0` and `1e3`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked: a whole number below 2^53 is exact in both types"
)]
fn whole(number: &Number) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    number.as_i64().or_else(|| {
        number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() <= EXACT).map(|value| value as i64)
    })
}

/// `.name`, or `["na me"]` where the name is no identifier.
fn field(name: &str) -> String {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.is_empty();
    if plain { format!(".{name}") } else { format!("[{}]", Json::from(name)) }
}

fn index(at: usize) -> String {
    format!("[{at}]")
}

fn expected(ty: &Type) -> String {
    match ty {
        Type::Unit => "`null`".to_owned(),
        Type::Bool => "`true` or `false`".to_owned(),
        Type::Int(None) => "an integer".to_owned(),
        Type::Int(Some((from, to))) => format!("an integer from {from} to {to}"),
        Type::Float(None) => "a number".to_owned(),
        Type::Float(Some((from, to))) => format!("a number from {from} to {to}"),
        Type::Text => "a text".to_owned(),
        Type::Choice(_) => format!("one of {ty}"),
        Type::Duration => "a duration such as \"5s\"".to_owned(),
        Type::Size => "a size such as \"5MB\"".to_owned(),
        Type::Money => "an amount of money such as \"$0.50\"".to_owned(),
        Type::Json => "JSON".to_owned(),
        Type::File => "a file, which JSON cannot say".to_owned(),
        Type::Dir => "a directory, which JSON cannot say".to_owned(),
        Type::List(_) => "a list".to_owned(),
        Type::Map(_) => "an object".to_owned(),
        Type::Optional(inner) => format!("{} or `null`", expected(inner)),
        Type::Record(_) => "an object".to_owned(),
        Type::Named(_) => "a value of its type".to_owned(),
    }
}

fn found(json: &Json) -> String {
    match json {
        Json::Null => "`null`".to_owned(),
        Json::Bool(value) => format!("`{value}`"),
        Json::Number(number) => number.to_string(),
        Json::String(text) => found_text(text),
        Json::Array(items) => format!("a list of {}", items.len()),
        Json::Object(_) => "an object".to_owned(),
    }
}

/// The beginning of a text, quoted: what comes from outside may be of any length.
fn found_text(text: &str) -> String {
    const SHOWN_CHARS: usize = 40;
    let mut shown: String = text.chars().take(SHOWN_CHARS).collect();
    if text.chars().nth(SHOWN_CHARS).is_some() {
        shown.push('…');
    }
    format!("the text {}", Json::from(shown))
}
