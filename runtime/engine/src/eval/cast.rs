//! `e as T`: checks that a value is one of a type, and converts it where a conversion is meant. It knows no expression.
use std::fmt::Write as _;

use flowc_base::Name;
use flowc_plan::{Fields, Type, Value};
use flowc_stdlib::JsonError;

use super::operators::shown;

/// The value as one of a type: what fits stays as it is; a text is read as what it says, a scalar becomes its text, fields that a record
/// does not know are dropped, absent optional ones are `none`. `types` resolves [`Type::Named`].
///
/// # Errors
/// [`JsonError`] names the place in the value.
pub(super) fn cast(value: &Value, ty: &Type, types: &[Type]) -> Result<Value, JsonError> {
    Caster { types, path: String::new() }.cast(value, ty)
}

struct Caster<'a> {
    types: &'a [Type],
    path: String,
}

impl Caster<'_> {
    fn cast(&mut self, value: &Value, ty: &Type) -> Result<Value, JsonError> {
        match (ty, value) {
            (Type::Optional(_), Value::None) => Ok(Value::None),
            (Type::Optional(inner), _) => self.cast(value, inner),
            (Type::Named(at), _) => match self.types.get(*at as usize) {
                // A name for a name would never end.
                Some(ty) if !matches!(ty, Type::Named(_)) => self.cast(value, ty),
                _ => Err(self.error("a type that is known", "an unknown one".to_owned())),
            },
            (Type::Json, _) => self.json(value),
            (Type::Unit, Value::Unit | Value::None) => Ok(Value::Unit),
            (Type::Bool, Value::Bool(_))
            | (Type::Text, Value::Text(_))
            | (Type::Duration, Value::Duration(_))
            | (Type::Size, Value::Size(_))
            | (Type::Money, Value::Money(_))
            | (Type::File, Value::File(_))
            | (Type::Dir, Value::Dir(_)) => Ok(value.clone()),
            (Type::Int(_) | Type::Float(_), Value::Int(_) | Value::Float(_)) => {
                let json = flowc_stdlib::to_json(value);
                flowc_stdlib::from_json(&json, ty, self.types).map_err(|error| self.at(error))
            }
            (Type::Text, _) => match flowc_stdlib::scalar_text(value) {
                Some(text) => Ok(Value::text(text)),
                None => Err(self.unfit(value, ty)),
            },
            (Type::List(item), Value::List(items)) => self.list(items, item),
            (Type::Map(item), Value::Record(fields)) => self.map(fields, item),
            (Type::Record(types), Value::Record(fields)) => self.record(fields, types),
            (_, Value::Text(text)) => {
                flowc_stdlib::from_text(text, ty, self.types).map_err(|error| self.at(error))
            }
            _ => Err(self.unfit(value, ty)),
        }
    }

    /// The value in the kinds that JSON has.
    fn json(&mut self, value: &Value) -> Result<Value, JsonError> {
        match value {
            Value::None | Value::Unit => Ok(Value::None),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_) => Ok(value.clone()),
            Value::Duration(_) | Value::Size(_) | Value::Money(_) => {
                Ok(Value::text(flowc_stdlib::scalar_text(value).unwrap_or_default()))
            }
            Value::List(items) => self.list(items, &Type::Json),
            Value::Record(fields) => self.map(fields, &Type::Json),
            Value::File(_) | Value::Dir(_) => Err(self.error("what JSON can say", shown(value))),
        }
    }

    fn list(&mut self, items: &[Value], item: &Type) -> Result<Value, JsonError> {
        let mut values = Vec::with_capacity(items.len());
        for (at, value) in items.iter().enumerate() {
            let outside = self.path.len();
            // Writing into a `String` cannot fail.
            let _ = write!(self.path, "[{at}]");
            values.push(self.cast(value, item)?);
            self.path.truncate(outside);
        }
        Ok(Value::list(values))
    }

    fn map(&mut self, fields: &Fields, item: &Type) -> Result<Value, JsonError> {
        let mut values = Vec::with_capacity(fields.len());
        for (name, value) in fields.iter() {
            values.push((name.clone(), self.field(name, value, item)?));
        }
        Ok(Value::record(values))
    }

    fn record(&mut self, fields: &Fields, types: &[(Name, Type)]) -> Result<Value, JsonError> {
        let mut values = Vec::with_capacity(types.len());
        for (name, ty) in types {
            let value = match (fields.get(name), ty) {
                (Some(value), _) => self.field(name, value, ty)?,
                (None, Type::Optional(_)) => Value::None,
                (None, _) => {
                    return Err(self.error(&format!("a field `{name}`"), "none of that name".to_owned()));
                }
            };
            values.push((name.clone(), value));
        }
        Ok(Value::record(values))
    }

    fn field(&mut self, name: &Name, value: &Value, ty: &Type) -> Result<Value, JsonError> {
        let outside = self.path.len();
        self.path.push('.');
        self.path.push_str(name);
        let value = self.cast(value, ty)?;
        self.path.truncate(outside);
        Ok(value)
    }

    fn at(&self, mut error: JsonError) -> JsonError {
        error.path.insert_str(0, &self.path);
        error
    }

    fn error(&self, expected: &str, found: String) -> JsonError {
        JsonError { path: self.path.clone(), expected: expected.to_owned(), found }
    }

    fn unfit(&self, value: &Value, ty: &Type) -> JsonError {
        self.error(&format!("`{ty}`"), shown(value))
    }
}
