//! What JSON from outside becomes: every rule of every type by an example. It must not know where JSON comes from.
#![expect(clippy::unwrap_used, reason = "a test: the line number is the message")]
use flowc_plan::{ContentHash, FileRef, Type, Value};
use flowc_stdlib::{from_json_noting, from_text, to_json};

fn optional(ty: Type) -> Type {
    Type::Optional(Box::new(ty))
}

fn list(ty: Type) -> Type {
    Type::List(Box::new(ty))
}

fn record(fields: &[(&str, Type)]) -> Type {
    Type::Record(fields.iter().map(|(name, ty)| ((*name).into(), ty.clone())).collect())
}

fn choice() -> Type {
    Type::Choice(vec!["low".into(), "high".into()])
}

/// `expected` is the value's JSON, then the dropped fields; or the error.
fn check(ty: &Type, json: &str, expected: &str) {
    // A tree: its own first type.
    let tree = record(&[("name", Type::Text), ("parts", list(Type::Named(0)))]);
    let mut dropped = Vec::new();
    let found = match from_json_noting(&serde_json::from_str(json).unwrap(), ty, &[tree], &mut dropped) {
        Ok(value) => {
            std::iter::once(to_json(&value).to_string()).chain(dropped).collect::<Vec<_>>().join(" -")
        }
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "{json} as {ty}");
}

#[test]
fn scalars() {
    check(&Type::Unit, "null", "null");
    check(&Type::Bool, "true", "true");
    check(&Type::Bool, "1", "expected `true` or `false`, found 1");
    check(&Type::Int(None), "-9223372036854775808", "-9223372036854775808");
    check(&Type::Int(None), "9223372036854775808", "expected an integer, found 9223372036854775808");
    check(&Type::Int(None), "3.0", "3");
    check(&Type::Int(None), "3.5", "expected an integer, found 3.5");
    check(&Type::Int(None), "\"3\"", "expected an integer, found the text \"3\"");
    check(&Type::Int(Some((0, 10))), "10", "10");
    check(&Type::Int(Some((0, 10))), "11", "expected an integer from 0 to 10, found 11");
    check(&Type::Float(None), "3", "3.0");
    check(&Type::Float(None), "0.1", "0.1");
    check(&Type::Float(Some((0.0, 1.0))), "1.5", "expected a number from 0 to 1, found 1.5");
    check(&Type::Text, "\"ä\\u0000\"", "\"ä\\u0000\"");
    check(&Type::Text, "null", "expected a text, found `null`");
    check(&choice(), "\"low\"", "\"low\"");
    check(&choice(), "\"mid\"", "expected one of \"low\" | \"high\", found the text \"mid\"");
    check(&Type::Duration, "\"1.5s\"", "\"1500ms\"");
    check(&Type::Duration, "1500", "expected a duration such as \"5s\", found 1500");
    check(&Type::Size, "\"5MB\"", "\"5MB\"");
    check(&Type::Money, "\"$0.5\"", "\"$0.50\"");
    check(&Type::File, "\"a\"", "expected a file, which JSON cannot say, found the text \"a\"");
}

#[test]
fn what_is_put_together() {
    check(&optional(Type::Int(None)), "null", "null");
    check(&optional(choice()), "3", "expected one of \"low\" | \"high\", found 3");
    check(&list(Type::Int(None)), "[1, 2]", "[1,2]");
    check(&list(Type::Int(None)), "[1, \"x\"]", "at `[1]`: expected an integer, found the text \"x\"");
    check(&list(Type::Int(None)), "{}", "expected a list, found an object");
    check(
        &Type::Map(Box::new(Type::Int(None))),
        "{\"a b\": true}",
        "at `[\"a b\"]`: expected an integer, found `true`",
    );
    let rating = record(&[("score", Type::Int(Some((0, 10)))), ("note", optional(Type::Text))]);
    check(&rating, "{\"score\": 7, \"why\": 1}", "{\"note\":null,\"score\":7} -.why");
    check(&rating, "{}", "expected a field `score`, found none of that name");
    check(
        &list(rating),
        "[{\"score\": 1}, {\"score\": 12}]",
        "at `[1].score`: expected an integer from 0 to 10, found 12",
    );
    check(&Type::Json, "{\"b\": [1, 1.0, null], \"a\": \"x\"}", "{\"a\":\"x\",\"b\":[1,1.0,null]}");
}

#[test]
fn types_that_mention_themselves() {
    let json = "{\"name\": \"a\", \"parts\": [{\"name\": \"b\", \"parts\": []}]}";
    check(&Type::Named(0), json, "{\"name\":\"a\",\"parts\":[{\"name\":\"b\",\"parts\":[]}]}");
    let json = "{\"name\": \"a\", \"parts\": [{\"name\": \"b\"}]}";
    check(&Type::Named(0), json, "at `.parts[0]`: expected a field `parts`, found none of that name");
    check(&Type::Named(7), "1", "expected a type that is known, found an unknown one");
}

#[test]
fn pieces_of_text() {
    let check = |ty: &Type, text: &str, expected: &str| {
        let found = from_text(text, ty, &[]).map(|value| to_json(&value).to_string());
        assert_eq!(found.unwrap_or_else(|error| error.to_string()), expected, "{text} as {ty}");
    };
    check(&Type::Text, "12", "\"12\"");
    check(&Type::Int(None), "12", "12");
    check(&Type::Int(None), " 12\n", "12");
    check(&Type::Int(None), "twelve", "expected an integer, found the text \"twelve\"");
    check(&choice(), "low", "\"low\"");
    check(&optional(Type::Duration), "5s", "\"5s\"");
    check(&list(Type::Int(None)), "[1]", "[1]");
    check(&Type::Bool, "yes", "expected `true` or `false`, found the text \"yes\"");
}

#[test]
fn what_is_found_is_shown_in_part() {
    let long = format!("\"{}\"", "x".repeat(1000));
    check(&Type::Bool, &long, &format!("expected `true` or `false`, found the text \"{}…\"", "x".repeat(40)));
}

#[test]
fn files_are_written_by_name() {
    let file = FileRef { name: "a.txt".into(), hash: ContentHash::of(b""), size: 0, executable: false };
    assert_eq!(to_json(&Value::list([Value::File(file)])).to_string(), "[\"a.txt\"]");
}
