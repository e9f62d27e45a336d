//! Arguments from outside, by the types of a flow's parameters: text from the command line, JSON from a file. They are untrusted:
//! each is checked, and an error names the parameter and the path in its value. Nothing is read here: a path stays a path.
use std::collections::BTreeMap;
use std::path::PathBuf;

use flowc_base::Name;
use flowc_plan::{SourceKind, Type};
use flowc_stdlib::{JsonError, from_json, from_text};
use serde_json::Value as Json;

use crate::lower::Given;
use crate::system::EntryKind;

/// The arguments of a run.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// Name and value, in the order they were given. A list of files may be given by several of one name.
    pub given: Vec<(String, Arg)>,
    /// Where relative paths in them start; absolute.
    pub base: PathBuf,
}

/// One argument.
#[derive(Clone, PartialEq, Debug)]
pub enum Arg {
    /// As typed on a command line: a scalar as a program writes it (a text without quotes), a path, or JSON.
    Typed(String),
    /// From a file of parameters.
    Json(Json),
}

/// What an argument is checked against.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) name: Name,
    pub(crate) ty: Type,
    pub(crate) has_default: bool,
}

/// What is wrong with the arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ArgError {
    /// A parameter without default was given nothing.
    Missing { index: usize },
    /// No parameter has this name.
    Unknown { name: String },
    /// Given more than once, and no list.
    Twice { index: usize },
    /// The value does not fit.
    Bad { index: usize, error: JsonError },
}

/// One entry for each parameter; `None` takes the default. `types` resolves [`Type::Named`].
pub(crate) fn bind(wanted: &[Wanted], types: &[Type], args: &Args) -> (Vec<Option<Given>>, Vec<ArgError>) {
    let mut by_name: BTreeMap<&str, Vec<&Arg>> = BTreeMap::new();
    let mut errors = Vec::new();
    for (name, arg) in &args.given {
        if wanted.iter().any(|param| param.name.as_str() == name) {
            by_name.entry(name).or_default().push(arg);
        } else if !errors.contains(&ArgError::Unknown { name: name.clone() }) {
            errors.push(ArgError::Unknown { name: name.clone() });
        }
    }
    let mut bound = Vec::with_capacity(wanted.len());
    for (index, param) in wanted.iter().enumerate() {
        let given = match by_name.get(param.name.as_str()).map(Vec::as_slice) {
            None | Some([]) => {
                if !param.has_default && !matches!(param.ty, Type::Optional(_)) {
                    errors.push(ArgError::Missing { index });
                }
                bound.push(absent(param));
                continue;
            }
            Some([one]) => read(one, &param.ty, types),
            Some(several) => match item_of(&param.ty) {
                Some(item) => several
                    .iter()
                    .enumerate()
                    .map(|(at, arg)| {
                        read_item(arg, item, types).map_err(|error| inside(&format!("[{at}]"), error))
                    })
                    .collect::<Result<_, _>>()
                    .map(Given::List),
                None => {
                    errors.push(ArgError::Twice { index });
                    bound.push(None);
                    continue;
                }
            },
        };
        bound.push(match given {
            Ok(given) => Some(given),
            Err(error) => {
                errors.push(ArgError::Bad { index, error });
                None
            }
        });
    }
    (bound, errors)
}

/// An optional parameter that nothing was given for is `none`, unless it has a default.
fn absent(param: &Wanted) -> Option<Given> {
    let optional = matches!(param.ty, Type::Optional(_)) && !param.has_default;
    optional.then_some(Given::Value(flowc_plan::Value::None))
}

/// The element of a list that may be given one by one: of files, directories and scalars.
fn item_of(ty: &Type) -> Option<&Type> {
    match ty {
        Type::List(item) if !matches!(**item, Type::List(_)) => Some(item),
        Type::Optional(inner) => item_of(inner),
        _ => None,
    }
}

fn read(arg: &Arg, ty: &Type, types: &[Type]) -> Result<Given, JsonError> {
    match (arg, ty) {
        (Arg::Json(json), _) => read_json(json, ty, types),
        (Arg::Typed(text), Type::Optional(inner)) => read(&Arg::Typed(text.clone()), inner, types),
        (Arg::Typed(text), Type::File | Type::Dir) => path(text, ty),
        // A list of one, given without its brackets: the first of several flags, or the only one.
        (Arg::Typed(text), Type::List(item)) if !text.trim_start().starts_with('[') => {
            read_item(arg, item, types).map(|item| Given::List(vec![item]))
        }
        (Arg::Typed(text), _) if has_paths(ty, types, 0) => match serde_json::from_str::<Json>(text) {
            Ok(json) => read_json(&json, ty, types),
            // The error is about the text: it says what is expected.
            Err(_) => from_text(text, ty, types).map(Given::Value),
        },
        (Arg::Typed(text), _) => from_text(text, ty, types).map(Given::Value),
    }
}

fn read_item(arg: &Arg, item: &Type, types: &[Type]) -> Result<Given, JsonError> {
    read(arg, item, types)
}

/// JSON, where a file or directory is its path as a text.
fn read_json(json: &Json, ty: &Type, types: &[Type]) -> Result<Given, JsonError> {
    if !has_paths(ty, types, 0) {
        return from_json(json, ty, types).map(Given::Value);
    }
    match (ty, json) {
        (Type::File | Type::Dir, Json::String(text)) => path(text, ty),
        (Type::File | Type::Dir, _) => Err(JsonError {
            path: String::new(),
            expected: format!(
                "the path of a {}",
                if matches!(ty, Type::File) { "file" } else { "directory" }
            ),
            found: shown(json),
        }),
        (Type::Optional(_), Json::Null) => Ok(Given::Value(flowc_plan::Value::None)),
        (Type::Optional(inner), _) => read_json(json, inner, types),
        (Type::List(item), Json::Array(items)) => items
            .iter()
            .enumerate()
            .map(|(at, json)| read_json(json, item, types).map_err(|error| inside(&format!("[{at}]"), error)))
            .collect::<Result<_, _>>()
            .map(Given::List),
        (Type::Map(item), Json::Object(fields)) => fields
            .iter()
            .map(|(name, json)| {
                let value =
                    read_json(json, item, types).map_err(|error| inside(&format!(".{name}"), error))?;
                Ok((Name::from(name.as_str()), value))
            })
            .collect::<Result<_, _>>()
            .map(Given::Record),
        (Type::Record(fields), Json::Object(given)) => fields
            .iter()
            .map(|(name, ty)| {
                let value = match (given.get(name.as_str()), ty) {
                    (Some(json), _) => {
                        read_json(json, ty, types).map_err(|error| inside(&format!(".{name}"), error))?
                    }
                    (None, Type::Optional(_)) => Given::Value(flowc_plan::Value::None),
                    (None, _) => {
                        return Err(JsonError {
                            path: String::new(),
                            expected: format!("a field `{name}`"),
                            found: "none of that name".to_owned(),
                        });
                    }
                };
                Ok((name.clone(), value))
            })
            .collect::<Result<_, _>>()
            .map(Given::Record),
        (Type::Named(at), _) => match types.get(*at as usize) {
            Some(ty) if !matches!(ty, Type::Named(_)) => read_json(json, ty, types),
            _ => from_json(json, ty, types).map(Given::Value),
        },
        // Refused, with the words that everything else is refused with.
        _ => from_json(json, ty, types).map(Given::Value),
    }
}

const FILE_PATH: &str = "the path of a file";
const DIR_PATH: &str = "the path of a directory";

fn path(text: &str, ty: &Type) -> Result<Given, JsonError> {
    let (kind, expected) = match ty {
        Type::Dir => (SourceKind::Dir, DIR_PATH),
        _ => (SourceKind::File, FILE_PATH),
    };
    if text.is_empty() || text.contains('\0') {
        let found = if text.is_empty() { "the empty text" } else { "a text with a NUL in it" };
        return Err(JsonError {
            path: String::new(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        });
    }
    Ok(Given::Path(kind, Name::from(text)))
}

/// The arguments that name a file or directory which is not there, or the other of the two: what can be said before anything runs.
pub(crate) fn not_there(given: &[Option<Given>], look: &dyn Fn(&str) -> Option<EntryKind>) -> Vec<ArgError> {
    let given = given.iter().enumerate();
    given
        .filter_map(|(index, given)| {
            Some(ArgError::Bad { index, error: not_fitting(given.as_ref()?, look)? })
        })
        .collect()
}

/// The first path in a value at which the right thing does not stand.
fn not_fitting(given: &Given, look: &dyn Fn(&str) -> Option<EntryKind>) -> Option<JsonError> {
    match given {
        Given::Value(_) => None,
        Given::Path(kind, path) => {
            let wants_dir = *kind == SourceKind::Dir;
            let found = match look(path) {
                None => format!("`{path}`, which is not there"),
                Some(EntryKind::Dir) if !wants_dir => format!("`{path}`, which is a directory"),
                Some(EntryKind::File) if wants_dir => format!("`{path}`, which is no directory"),
                Some(_) => return None,
            };
            let expected = if wants_dir { DIR_PATH } else { FILE_PATH }.to_owned();
            Some(JsonError { path: String::new(), expected, found })
        }
        Given::List(items) => items
            .iter()
            .enumerate()
            .find_map(|(at, item)| Some(inside(&format!("[{at}]"), not_fitting(item, look)?))),
        Given::Record(fields) => fields
            .iter()
            .find_map(|(name, field)| Some(inside(&format!(".{name}"), not_fitting(field, look)?))),
    }
}

/// Whether a value of the type may hold a file or directory.
fn has_paths(ty: &Type, types: &[Type], depth: usize) -> bool {
    // A type that mentions itself does so below one of its own parts, which are all looked at on the way.
    const DEPTH_MAX: usize = 16;
    match ty {
        Type::File | Type::Dir => true,
        Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => has_paths(inner, types, depth),
        Type::Record(fields) => fields.iter().any(|(_, ty)| has_paths(ty, types, depth)),
        Type::Named(at) => {
            depth < DEPTH_MAX && types.get(*at as usize).is_some_and(|ty| has_paths(ty, types, depth + 1))
        }
        _ => false,
    }
}

fn inside(part: &str, mut error: JsonError) -> JsonError {
    error.path.insert_str(0, part);
    error
}

fn shown(json: &Json) -> String {
    match json {
        Json::Null => "`null`".to_owned(),
        Json::Bool(value) => format!("`{value}`"),
        Json::Number(number) => number.to_string(),
        Json::String(_) => "a text".to_owned(),
        Json::Array(items) => format!("a list of {}", items.len()),
        Json::Object(_) => "an object".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ty: &Type, args: &[&str], expected: &str) {
        let args = Args {
            given: args
                .iter()
                .map(|arg| {
                    let arg = match arg.strip_prefix("json ") {
                        Some(json) => Arg::Json(serde_json::from_str(json).unwrap()),
                        None => Arg::Typed((*arg).to_owned()),
                    };
                    ("x".to_owned(), arg)
                })
                .collect(),
            base: PathBuf::new(),
        };
        let wanted = [Wanted { name: Name::from("x"), ty: ty.clone(), has_default: false }];
        let (given, errors) = bind(&wanted, &[], &args);
        let said = match errors.first() {
            Some(ArgError::Bad { error, .. }) => error.to_string(),
            Some(error) => format!("{error:?}"),
            None => say(given[0].as_ref().unwrap()),
        };
        assert_eq!(said, expected, "{ty}: {:?}", args.given);
    }

    fn say(given: &Given) -> String {
        match given {
            Given::Value(value) => flowc_stdlib::to_json(value).to_string(),
            Given::Path(kind, path) => format!("{kind:?} {path}"),
            Given::List(items) => format!("[{}]", items.iter().map(say).collect::<Vec<_>>().join(", ")),
            Given::Record(fields) => {
                let fields = fields.iter().map(|(name, value)| format!("{name}: {}", say(value)));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
            }
        }
    }

    #[test]
    fn arguments_are_read_by_their_types() {
        let list = |ty| Type::List(Box::new(ty));
        let optional = |ty| Type::Optional(Box::new(ty));
        let record =
            Type::Record(vec![(Name::from("f"), Type::File), (Name::from("n"), optional(Type::Int(None)))]);
        check(&Type::Text, &["5"], "\"5\"");
        check(&Type::Text, &["json \"a\""], "\"a\"");
        check(&Type::Int(None), &["5"], "5");
        check(&Type::Int(Some((0, 10))), &["11"], "expected an integer from 0 to 10, found 11");
        check(&Type::Int(None), &["five"], "expected an integer, found the text \"five\"");
        check(&Type::Bool, &["true"], "true");
        check(&Type::Duration, &["5m"], "\"5m\"");
        check(&Type::Choice(vec![Name::from("low"), Name::from("high")]), &["low"], "\"low\"");
        check(&Type::Int(None), &[], "Missing { index: 0 }");
        check(&Type::Int(None), &["1", "2"], "Twice { index: 0 }");
        check(&optional(Type::Int(None)), &[], "null");
        check(&optional(Type::File), &["a"], "File a");
        check(&Type::File, &["a/b.txt"], "File a/b.txt");
        check(&Type::Dir, &["json \"d\""], "Dir d");
        check(&Type::File, &[""], "expected the path of a file, found the empty text");
        check(&Type::File, &["json 5"], "expected the path of a file, found 5");
        check(&list(Type::File), &["a", "b"], "[File a, File b]");
        check(&list(Type::File), &["a"], "[File a]");
        check(&list(Type::File), &["[\"a\", \"b\"]"], "[File a, File b]");
        check(&list(Type::Int(None)), &["[1, 2]"], "[1,2]");
        check(&list(Type::Int(None)), &["1", "x"], "at `[1]`: expected an integer, found the text \"x\"");
        check(&record, &["json {\"f\": \"a\", \"n\": 1}"], "{f: File a, n: 1}");
        check(&record, &["{\"f\": \"a\"}"], "{f: File a, n: null}");
        check(
            &list(record.clone()),
            &["json [{\"f\": 1}]"],
            "at `[0].f`: expected the path of a file, found 1",
        );
        check(&record, &["json {}"], "expected a field `f`, found none of that name");
    }

    #[test]
    fn a_path_at_which_nothing_fitting_stands_is_told() {
        let look = |path: &str| match path {
            "f" => Some(EntryKind::File),
            "d" => Some(EntryKind::Dir),
            _ => None,
        };
        let path = |kind, path: &str| Given::Path(kind, Name::from(path));
        let said = |given: Given| match not_there(&[None, Some(given)], &look).pop() {
            Some(ArgError::Bad { index: 1, error }) => error.to_string(),
            other => format!("{other:?}"),
        };
        for (given, expected) in [
            (path(SourceKind::File, "f"), "None"),
            (path(SourceKind::Dir, "d"), "None"),
            (path(SourceKind::File, "g"), "expected the path of a file, found `g`, which is not there"),
            (path(SourceKind::File, "d"), "expected the path of a file, found `d`, which is a directory"),
            (
                path(SourceKind::Dir, "f"),
                "expected the path of a directory, found `f`, which is no directory",
            ),
            (
                Given::Record(vec![(
                    Name::from("books"),
                    Given::List(vec![path(SourceKind::File, "f"), path(SourceKind::File, "g")]),
                )]),
                "at `.books[1]`: expected the path of a file, found `g`, which is not there",
            ),
        ] {
            assert_eq!(said(given), expected);
        }
    }

    #[test]
    fn unknown_names_are_told_once() {
        let given = vec![("y".to_owned(), Arg::Typed(String::new())); 2];
        let (_, errors) = bind(&[], &[], &Args { given, base: PathBuf::new() });
        assert_eq!(errors, [ArgError::Unknown { name: "y".to_owned() }]);
    }
}
