//! The arguments of a native function, taken out by type. It must not know any function.
use flowc_base::Name;
use flowc_plan::{Fields, FileRef, TEXT_BYTES_MAX, Value};

use crate::{Files, NativeError};

/// What every native function gives.
pub(crate) type Outcome = Result<Value, NativeError>;

/// The arguments of one call.
pub(crate) struct Args<'a> {
    /// The function's name, for messages.
    pub(crate) name: &'a str,
    pub(crate) values: &'a [Value],
    pub(crate) files: &'a dyn Files,
}

impl<'a> Args<'a> {
    pub(crate) fn value(&self, at: usize) -> Result<&'a Value, NativeError> {
        self.values
            .get(at)
            .ok_or_else(|| NativeError::Call(format!("`{}`: argument {} is missing", self.name, at + 1)))
    }

    pub(crate) fn wrong(&self, at: usize, expected: &str, found: &Value) -> NativeError {
        NativeError::Call(format!(
            "`{}`: argument {}: expected {expected}, found {}",
            self.name,
            at + 1,
            found.kind()
        ))
    }

    pub(crate) fn list(&self, at: usize) -> Result<&'a [Value], NativeError> {
        match self.value(at)? {
            Value::List(items) => Ok(items),
            other => Err(self.wrong(at, "a list", other)),
        }
    }

    pub(crate) fn text(&self, at: usize) -> Result<&'a str, NativeError> {
        match self.value(at)? {
            Value::Text(text) => Ok(text.as_str()),
            other => Err(self.wrong(at, "a text", other)),
        }
    }

    pub(crate) fn int(&self, at: usize) -> Result<i64, NativeError> {
        match self.value(at)? {
            Value::Int(value) => Ok(*value),
            other => Err(self.wrong(at, "an integer", other)),
        }
    }

    /// A count or position: an integer that is not negative. What does not fit in memory counts as the largest that does.
    pub(crate) fn count(&self, at: usize, what: &str) -> Result<usize, NativeError> {
        let value = self.int(at)?;
        let value =
            u64::try_from(value).map_err(|_| NativeError::Value(format!("{what} is negative: {value}")))?;
        Ok(usize::try_from(value).unwrap_or(usize::MAX))
    }

    pub(crate) fn float(&self, at: usize) -> Result<f64, NativeError> {
        let value = self.value(at)?;
        as_float(value).ok_or_else(|| self.wrong(at, "a number", value))
    }

    pub(crate) fn record(&self, at: usize) -> Result<&'a Fields, NativeError> {
        match self.value(at)? {
            Value::Record(fields) => Ok(fields),
            other => Err(self.wrong(at, "a map", other)),
        }
    }

    pub(crate) fn file(&self, at: usize) -> Result<&'a FileRef, NativeError> {
        match self.value(at)? {
            Value::File(file) => Ok(file),
            other => Err(self.wrong(at, "a file", other)),
        }
    }

    /// The content of a file that is an argument, as text.
    pub(crate) fn content(&self, at: usize) -> Result<String, NativeError> {
        file_text(self.file(at)?, self.files)
    }
}

/// The number that an integer or a number is.
#[expect(clippy::cast_precision_loss, reason = "an `Int` fits in `Float` as the nearest number")]
pub(crate) fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(value) => Some(*value),
        Value::Int(value) => Some(*value as f64),
        _ => None,
    }
}

/// A text, if it is not too long for one.
pub(crate) fn text(text: impl Into<Name>) -> Outcome {
    let text = text.into();
    if text.len() as u64 > TEXT_BYTES_MAX { Err(too_long()) } else { Ok(Value::Text(text)) }
}

/// A finite number.
pub(crate) fn float(value: f64) -> Outcome {
    if value.is_finite() {
        Ok(Value::Float(value))
    } else {
        Err(NativeError::value("the result is beyond the range of `Float`"))
    }
}

/// A number of things.
pub(crate) fn count(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

pub(crate) fn too_long() -> NativeError {
    NativeError::value("a text of more than 16 MB: beyond that, use a `File`")
}

/// The content of a file, as text.
pub(crate) fn file_text(file: &FileRef, files: &dyn Files) -> Result<String, NativeError> {
    if file.size > TEXT_BYTES_MAX {
        return Err(NativeError::Value(format!(
            "`{}` has {} bytes, more than a text may hold (16 MB)",
            file.name, file.size
        )));
    }
    let bytes = files.read(file, TEXT_BYTES_MAX).map_err(NativeError::File)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        NativeError::Value(format!(
            "`{}` is not UTF-8 (first wrong byte: {at}), so it has no text",
            file.name
        ))
    })
}
