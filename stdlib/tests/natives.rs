//! Every native function by examples: one call a line in `natives.txt`. It must not know how a program calls them.
#![expect(clippy::unwrap_used, reason = "a test: the line number is the message")]
use std::collections::BTreeSet;

use flowc_base::{parse_duration, parse_money, parse_size};
use flowc_plan::{ContentHash, FileRef, Type, Value};
use flowc_stdlib::{Files, call, from_json, modules, prelude};
use serde_json::Value as Json;

/// Files whose content stands in their cases, by hash; the rest is gone.
struct Known(Vec<(ContentHash, Vec<u8>)>);

impl Files for Known {
    fn read(&self, file: &FileRef, _: u64) -> Result<Vec<u8>, String> {
        let known = self.0.iter().find(|(hash, _)| *hash == file.hash);
        known.map(|(_, bytes)| bytes.clone()).ok_or_else(|| format!("`{}` is gone", file.name))
    }
}

#[test]
fn calls_give_what_they_say() {
    let mut called = BTreeSet::new();
    let mut wrong = Vec::new();
    for (number, line) in include_str!("natives.txt").lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (left, right) = line.split_once(" => ").expect("a case has ` => `");
        let (name, args) = left.split_once(' ').expect("a case has arguments");
        called.insert(name);
        let mut files = Known(Vec::new());
        let args: Vec<Value> = serde_json::Deserializer::from_str(args)
            .into_iter::<Json>()
            .map(|json| value(&json.expect("arguments are JSON"), &mut files))
            .collect();
        let found = call(name, &args, &files).map_err(|error| error.to_string());
        let expected = match right.strip_prefix("! ") {
            Some(error) => Err(error.to_owned()),
            None => Ok(value(&serde_json::from_str(right).expect("a result is JSON"), &mut files)),
        };
        if found != expected {
            wrong.push(format!(
                "stdlib/tests/natives.txt:{}: {left}\n  expected {expected:?}\n  got      {found:?}",
                number + 1
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}\nagain: cargo test -p flowc_stdlib --test natives", wrong.join("\n"));
    let sources = modules().iter().map(|(_, source)| *source).chain([prelude()]);
    for name in sources.flat_map(|source| source.split("native \"").skip(1)) {
        let name = name.split('"').next().unwrap();
        assert!(called.contains(name), "`{name}` has no case in stdlib/tests/natives.txt");
    }
}

/// The value that a case writes, lists and records inside out.
fn value(json: &Json, files: &mut Known) -> Value {
    let word = |name: &str| json.get(name).and_then(Json::as_str);
    if let Some(text) = word("duration") {
        return Value::Duration(parse_duration(text).unwrap());
    }
    if let Some(text) = word("size") {
        return Value::Size(parse_size(text).unwrap());
    }
    if let Some(text) = word("money") {
        return Value::Money(parse_money(text).unwrap());
    }
    if let Some(name) = word("file") {
        let bytes = match (word("content"), json.get("bytes")) {
            (Some(text), _) => Some(text.as_bytes().to_vec()),
            (None, Some(bytes)) => Some(serde_json::from_value(bytes.clone()).unwrap()),
            (None, None) => None,
        };
        let hash = ContentHash::of(bytes.as_deref().unwrap_or(b"gone"));
        let size = bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        files.0.extend(bytes.map(|bytes| (hash, bytes)));
        return Value::File(FileRef { name: name.into(), hash, size, executable: false });
    }
    match json {
        Json::Array(items) => Value::list(items.iter().map(|item| value(item, files)).collect::<Vec<_>>()),
        Json::Object(fields) => Value::record(
            fields
                .iter()
                .map(|(name, field)| (name.as_str().into(), value(field, files)))
                .collect::<Vec<_>>(),
        ),
        scalar => from_json(scalar, &Type::Json, &[]).unwrap(),
    }
}
