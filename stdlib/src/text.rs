//! The text of a value: what a splice in a string writes. It must not know shells: quoting is not its business.
use flowc_plan::Value;

use crate::args::{file_text, text};
use crate::{Files, NativeError, to_json};

/// What `{{value}}` writes into a string: the text of a scalar, the JSON of a list or record (on one line, fields sorted
/// by name), the content of a `File`.
///
/// # Errors
/// `none` and `()` have no text, a `Dir` neither; a file may not be had or be no text; more than 16 MB.
pub fn to_text(value: &Value, files: &dyn Files) -> Result<Value, NativeError> {
    match value {
        Value::Text(_) => Ok(value.clone()),
        Value::File(file) => text(file_text(file, files)?),
        Value::None => Err(NativeError::value("`none` has no text: give it one with `??`")),
        Value::Unit => Err(NativeError::value("`()` has no text")),
        Value::Dir(dir) => {
            Err(NativeError::Value(format!("the directory `{}` has no text: take a file of it", dir.name)))
        }
        Value::List(_) | Value::Record(_) => text(to_json(value).to_string()),
        _ => text(scalar_text(value).unwrap_or_default()),
    }
}

/// The text of a scalar: `true`, `12`, `2.5`, `5m`, `1GB`, `$0.50`, a text itself. `None` for anything else.
#[must_use]
pub fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Float(_) => Some(to_json(value).to_string()),
        Value::Text(value) => Some(value.as_str().to_owned()),
        Value::Duration(value) => Some(value.to_string()),
        Value::Size(value) => Some(value.to_string()),
        Value::Money(value) => Some(value.to_string()),
        _ => None,
    }
}
