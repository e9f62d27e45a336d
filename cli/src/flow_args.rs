//! The flow's own parameters, as they stand after the file: `--book other.txt --lines=5 --verbose`, and `--params FILE.json`.
//! It pairs names and texts; what a text means for its type is the compiler's to say.
use std::ffi::OsString;
use std::path::Path;

use flowc_plan::Type;

use crate::exit::Stop;
use flowc_compiler::{Arg, ParamInfo};

/// The options of `flowc run`, to tell a user who writes one after the file where it belongs.
const ENGINE_OPTIONS: [&str; 10] =
    ["jobs", "params", "out", "fresh", "keep-going", "store", "quiet", "json", "events", "color"];

/// True when the user may ask for help about the flow.
pub(crate) fn may_want_help(words: &[OsString]) -> bool {
    words.iter().any(is_help)
}

/// True when the user asks for help about the flow: where a parameter could stand, not where a parameter's value does.
pub(crate) fn wants_help(words: &[OsString], params: &[ParamInfo]) -> bool {
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        if is_help(word) {
            return true;
        }
        let name = word.to_str().and_then(|word| word.strip_prefix("--"));
        if name.and_then(|name| named(name, params)).is_some_and(|param| !is_bool(&param.ty)) {
            // What begins with `--` is no value.
            let _ = words.next_if(|word| !word.as_encoded_bytes().starts_with(b"--"));
        }
    }
    false
}

fn is_help(word: &OsString) -> bool {
    word == "--help" || word == "-h"
}

/// Pairs names with texts. A `Bool` needs no text: `--flag` is `--flag=true`. In names `-` stands for `_` as well. `command` is
/// what the user called: `run`, `plan`.
pub(crate) fn typed(
    words: &[OsString],
    params: &[ParamInfo],
    command: &str,
) -> Result<Vec<(String, Arg)>, Stop> {
    let mut given: Vec<(String, Arg)> = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(word) = word.to_str() else {
            return Err(Stop::wrong(format!("`{}` is not UTF-8", word.display()))
                .hint("a path that is not UTF-8 cannot be a parameter: rename the file, or link to it"));
        };
        let Some(option) = word.strip_prefix("--") else {
            return Err(not_a_parameter(word, params, command));
        };
        let (name, text) = match option.split_once('=') {
            Some((name, text)) => (name, Some(text.to_owned())),
            None => (option, None),
        };
        let param = find(name, params, command)?;
        let text = match text {
            Some(text) => text,
            None if is_bool(&param.ty) => words
                .next_if(|word| *word == "true" || *word == "false")
                .map_or_else(|| "true".to_owned(), |word| word.to_string_lossy().into_owned()),
            None => value_of(word, param, words.next())?,
        };
        let several = matches!(param.ty, Type::List(_));
        if !several && given.iter().any(|(other, _)| *other == *param.name) {
            return Err(Stop::wrong(format!("`--{}` is given twice", shown(&param.name))));
        }
        given.push((param.name.to_string(), Arg::Typed(text)));
    }
    Ok(given)
}

fn value_of(word: &str, param: &ParamInfo, next: Option<&OsString>) -> Result<String, Stop> {
    let missing = || Stop::wrong(format!("`{word}` needs a value: {}", param.ty));
    let next = next.ok_or_else(missing)?;
    let Some(text) = next.to_str() else {
        return Err(Stop::wrong(format!("the value of `{word}` is not UTF-8: `{}`", next.display())));
    };
    // `--book --lines 5` is a forgotten value; a value that begins with `--` is written after a `=`.
    if text.starts_with("--") {
        return Err(missing().hint(format!("write `{word}={text}` if that is the value")));
    }
    Ok(text.to_owned())
}

fn named<'a>(name: &str, params: &'a [ParamInfo]) -> Option<&'a ParamInfo> {
    let plain = name.replace('-', "_");
    params.iter().find(|param| *param.name == *name || *param.name == *plain)
}

fn find<'a>(name: &str, params: &'a [ParamInfo], command: &str) -> Result<&'a ParamInfo, Stop> {
    if let Some(param) = named(name, params) {
        return Ok(param);
    }
    let plain = name.replace('-', "_");
    let stop = Stop::wrong(format!("the flow has no parameter `--{name}`"));
    if let Some(near) = flowc_base::nearest(&plain, params.iter().map(|param| param.name.as_str())) {
        return Err(stop.hint(format!("a parameter `--{}` is near", shown(near))));
    }
    Err(if ENGINE_OPTIONS.contains(&name) {
        stop.hint(format!("options of flowc stand before the file: `flowc {command} --{name} … FILE`"))
    } else {
        list(stop, params)
    })
}

fn not_a_parameter(word: &str, params: &[ParamInfo], command: &str) -> Stop {
    let stop = Stop::wrong(format!("expected `--PARAMETER VALUE`, found `{word}`"));
    if word.starts_with('-') && word.len() > 1 {
        stop.hint(format!("options of flowc stand before the file: `flowc {command} {word} … FILE`"))
    } else {
        list(stop, params)
    }
}

fn list(stop: Stop, params: &[ParamInfo]) -> Stop {
    let names: Vec<String> = params.iter().map(|param| format!("`--{}`", shown(&param.name))).collect();
    stop.hint(if names.is_empty() {
        "the flow takes no parameters".to_owned()
    } else {
        format!("the flow takes {}", names.join(", "))
    })
}

/// The name as it is typed on a command line.
pub(crate) fn shown(name: &str) -> String {
    name.replace('_', "-")
}

fn is_bool(ty: &Type) -> bool {
    match ty {
        Type::Bool => true,
        Type::Optional(inner) => is_bool(inner),
        _ => false,
    }
}

/// Reads `--params FILE.json`: an object with a member for each parameter that it gives.
pub(crate) fn from_file(path: &Path) -> Result<Vec<(String, Arg)>, Stop> {
    let shown = path.display();
    let text = std::fs::read(path)
        .map_err(|error| Stop::wrong(format!("cannot read `{shown}`: {}", crate::system::reason(&error))))?;
    let json: serde_json::Value = serde_json::from_slice(&text)
        .map_err(|error| Stop::wrong(format!("`{shown}` is not JSON: {error}")))?;
    let serde_json::Value::Object(fields) = json else {
        return Err(Stop::wrong(format!("`{shown}` is no JSON object"))
            .hint("write the flow's parameters as `{ \"name\": value }`"));
    };
    Ok(fields.into_iter().map(|(name, value)| (name, Arg::Json(value))).collect())
}

/// Both together: what is typed comes before what the file says. A member of the file that is no parameter is an error.
pub(crate) fn merge(
    typed: Vec<(String, Arg)>,
    file: Vec<(String, Arg)>,
    params: &[ParamInfo],
) -> Result<Vec<(String, Arg)>, Stop> {
    // A list that is typed replaces the file's: it does not go on with it.
    let mut all = typed;
    for (name, value) in file {
        if !params.iter().any(|param| *param.name == *name) {
            let stop = Stop::wrong(format!("the flow has no parameter `{name}`, which `--params` gives"));
            return Err(list(stop, params));
        }
        if !all.iter().any(|(other, _)| *other == name) {
            all.push((name, value));
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params() -> Vec<ParamInfo> {
        [
            ("book", Type::File),
            ("lines", Type::Int(None)),
            ("dry_run", Type::Bool),
            ("parts", Type::List(Box::new(Type::File))),
        ]
        .into_iter()
        .map(|(name, ty)| ParamInfo { name: name.into(), docs: String::new(), ty, default: None })
        .collect()
    }

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn names_are_paired_with_texts() {
        for (line, expected) in [
            ("", "[]"),
            ("--book a.txt", r#"[("book", Typed("a.txt"))]"#),
            ("--book=a=b --lines -5", r#"[("book", Typed("a=b")), ("lines", Typed("-5"))]"#),
            ("--book=--x", r#"[("book", Typed("--x"))]"#),
            ("--dry-run --lines 1", r#"[("dry_run", Typed("true")), ("lines", Typed("1"))]"#),
            ("--dry_run=false", r#"[("dry_run", Typed("false"))]"#),
            ("--parts a --parts b", r#"[("parts", Typed("a")), ("parts", Typed("b"))]"#),
            ("--dry-run false", r#"[("dry_run", Typed("false"))]"#),
        ] {
            assert_eq!(format!("{:?}", typed(&words(line), &params(), "run").unwrap()), expected, "{line}");
        }
    }

    #[test]
    fn help_is_asked_for_where_a_parameter_could_stand() {
        for (line, expected) in [
            ("", false),
            ("-h", true),
            ("--book a --help", true),
            ("--book -h", false),
            ("--book -h -h", true),
            ("--book --help", true),
            ("--book=a -h", true),
            ("--dry-run -h", true),
            ("--zzz -h", true),
        ] {
            assert_eq!(wants_help(&words(line), &params()), expected, "{line}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_a_way_out() {
        for (line, message, hint) in [
            ("--boko x", "the flow has no parameter `--boko`", "a parameter `--book` is near"),
            (
                "--zzz x",
                "the flow has no parameter `--zzz`",
                "the flow takes `--book`, `--lines`, `--dry-run`, `--parts`",
            ),
            (
                "--jobs 4",
                "the flow has no parameter `--jobs`",
                "options of flowc stand before the file: `flowc run --jobs … FILE`",
            ),
            (
                "-j4",
                "expected `--PARAMETER VALUE`, found `-j4`",
                "options of flowc stand before the file: `flowc run -j4 … FILE`",
            ),
            (
                "other.txt",
                "expected `--PARAMETER VALUE`, found `other.txt`",
                "the flow takes `--book`, `--lines`, `--dry-run`, `--parts`",
            ),
            ("--book", "`--book` needs a value: File", ""),
            (
                "--book --lines 1",
                "`--book` needs a value: File",
                "write `--book=--lines` if that is the value",
            ),
            ("--lines 1 --lines 2", "`--lines` is given twice", ""),
        ] {
            let stop = typed(&words(line), &params(), "run").unwrap_err();
            assert_eq!(
                (stop.message.as_deref(), stop.hints.join("; ").as_str()),
                (Some(message), hint),
                "{line}"
            );
        }
    }

    #[test]
    fn what_is_typed_comes_before_the_file() {
        let typed = vec![("lines".to_owned(), Arg::Typed("1".into()))];
        let file = |name: &str| vec![(name.to_owned(), Arg::Json(2.into()))];
        assert_eq!(merge(typed.clone(), file("lines"), &params()).unwrap().len(), 1);
        assert_eq!(merge(typed.clone(), file("book"), &params()).unwrap().len(), 2);
        assert!(merge(typed, file("nobody"), &params()).is_err());
    }
}
