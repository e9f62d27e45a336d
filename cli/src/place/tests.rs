//! Which paths results get, as examples.
use flowc_plan::{ContentHash, FileRef, Value};

use super::{collect, targets};

fn file(name: &str, content: &str) -> Value {
    Value::File(FileRef {
        name: name.into(),
        hash: ContentHash::of(content.as_bytes()),
        size: content.len() as u64,
        executable: false,
    })
}

fn check(value: &Value, expected: &[&str]) {
    let mut found = Vec::new();
    collect(value, &mut Vec::new(), &mut found);
    let paths: Vec<String> = targets(&found).into_iter().map(|(_, path)| path).collect();
    assert_eq!(paths, expected);
}

#[test]
fn names_of_their_own_stay() {
    check(&file("a.txt", "1"), &["a.txt"]);
    check(&Value::list([file("part-aa", "1"), file("part-ab", "2"), Value::Int(3)]), &["part-aa", "part-ab"]);
}

#[test]
fn equal_files_are_put_once() {
    check(&Value::list([file("a", "1"), file("a", "1")]), &["a"]);
}

#[test]
fn equal_names_are_told_apart_by_their_places() {
    let pages = Value::list([file("index.html", "1"), file("index.html", "2"), file("style.css", "3")]);
    let record = Value::record([("pages".into(), pages), ("../x".into(), file("y", "4"))]);
    check(&record, &["y", "pages/0/index.html", "pages/1/index.html", "style.css"]);
}

#[test]
fn a_name_never_stands_inside_another() {
    let value = Value::record([
        ("a".into(), Value::list([file("f", "1"), file("f", "2")])),
        ("b".into(), file("a", "3")),
    ]);
    check(&value, &["a/0/f", "a/1/f", "_/a"]);
}
