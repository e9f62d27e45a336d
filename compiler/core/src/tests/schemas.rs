//! What a JSON Schema is as a type, and what is said of what it is not.
use expect_test::{Expect, expect};

use super::world::{World, full};
use crate::db::Db;
use crate::types::schema::schema_type;
use crate::types::show;

/// The type of a schema, then each problem: how bad, the pointer, the text that its place covers, what it is.
#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn check(schema: &str, expected: Expect) {
    let mut world = World::new();
    world.write("s.json", schema);
    let found = schema_type(&world.db, world.db.source(&full("s.json")));
    let mut lines = vec![show(&world.db, found.ty())];
    for (kind, pointer, span, what) in found.problems() {
        lines.push(format!("{kind}: {pointer} `{}` {what}", span.slice(schema)));
    }
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn objects_are_records() {
    check(
        r#"{"type": "object", "required": ["a", "b"], "additionalProperties": false, "title": "T",
            "properties": {"a": {"type": "integer"}, "b": {"type": ["string", "null"]}, "c": {"type": "boolean"}}}"#,
        expect!["{ a: Int, b: Text?, c: Bool? }"],
    );
    check(r#"{"properties": {"a": {"nullable": true, "type": "number"}}}"#, expect!["{ a: Float? }"]);
    check(r#"{"type": "object"}"#, expect!["Map<Json>"]);
    check(r#"{"type": "object", "additionalProperties": {"type": "string"}}"#, expect!["Map<Text>"]);
    check(r#"{"type": "object", "additionalProperties": false}"#, expect!["{}"]);
    check(r#"{"type": "object", "required": ["x"]}"#, expect!["{ x: Json }"]);
}

#[test]
fn numbers_have_ranges() {
    check(r#"{"type": "integer", "minimum": 0, "maximum": 10}"#, expect!["Int(0..10)"]);
    check(r#"{"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 10}"#, expect!["Int(1..9)"]);
    check(
        r#"{"type": "integer", "minimum": 0, "exclusiveMinimum": true, "maximum": 9.5}"#,
        expect!["Int(1..9)"],
    );
    check(r#"{"type": "integer", "minimum": 0}"#, expect!["Int(0..9223372036854775807)"]);
    check(r#"{"type": "number", "minimum": 0, "maximum": 1}"#, expect!["Float(0..1)"]);
    check(r#"{"minimum": -1.5, "maximum": 1}"#, expect!["Float(-1.5..1)"]);
    check(r#"{"type": "number", "minimum": 0}"#, expect!["Float(0..1.7976931348623157e308)"]);
    check(
        r#"{"type": "integer", "minimum": 5, "maximum": 3}"#,
        expect![[r#"
        ?
        wrong:  `{"type": "integer", "minimum": 5, "maximum": 3}` no integer is at least 5 and at most 3"#]],
    );
    check(
        r#"{"type": "integer", "minimum": "5"}"#,
        expect![[r#"
        ?
        wrong: /minimum `"5"` expected a number, found a text"#]],
    );
}

#[test]
fn written_out_values_are_choices() {
    check(r#"{"enum": ["low", "high", "low"]}"#, expect![[r#""low" | "high""#]]);
    check(r#"{"enum": ["low", "high", null]}"#, expect![[r#"("low" | "high")?"#]]);
    check(r#"{"const": "plan"}"#, expect!["Text"]);
    check(r#"{"enum": [1, 2, 3]}"#, expect!["Int(1..3)"]);
    check(
        r#"{"enum": [1, 3]}"#,
        expect![[r#"
        Int(1..3)
        rule: /enum `[1, 3]` which of these values it is"#]],
    );
    check(r#"{"enum": [true, false]}"#, expect!["Bool"]);
    check(
        r#"{"enum": ["a", 1]}"#,
        expect![[r#"
        Json
        widened: /enum `["a", 1]` a choice between texts and other values is `Json`"#]],
    );
    check(
        r#"{"enum": [[1], {}]}"#,
        expect![[r#"
        Json
        widened: /enum `[[1], {}]` a choice between lists or objects is `Json`"#]],
    );
    check(
        r#"{"enum": []}"#,
        expect![[r#"
        ?
        wrong: /enum `[]` an `enum` without values: nothing fits"#]],
    );
    check(
        r#"{"enum": "a"}"#,
        expect![[r#"
        ?
        wrong: /enum `"a"` expected a list of values, found a text"#]],
    );
}

#[test]
fn choices_between_schemas_are_what_they_have_in_common() {
    check(r#"{"oneOf": [{"type": "integer"}, {"type": "null"}]}"#, expect!["Int?"]);
    check(r#"{"anyOf": [{"const": "a"}, {"const": "b"}]}"#, expect![[r#""a" | "b""#]]);
    check(r#"{"anyOf": [{"type": "integer"}, {"type": "number"}]}"#, expect!["Float"]);
    check(
        r#"{"oneOf": [{"type": "integer"}, {"type": "string"}]}"#,
        expect![[r#"
        Json
        widened: /oneOf `[{"type": "integer"}, {"type": "string"}]` a choice between values of different types is `Json`"#]],
    );
    check(
        r#"{"type": ["integer", "string", "null"]}"#,
        expect![[r#"
        Json
        widened: /type `["integer", "string", "null"]` a value of several types is `Json`"#]],
    );
    check(
        r#"{"type": "object", "properties": {"a": {"type": "string"}}, "oneOf": [{"required": ["a"]}]}"#,
        expect![[r#"
            { a: Text? }
            rule: /oneOf `[{"required": ["a"]}]` `oneOf`"#]],
    );
    check(
        r#"{"oneOf": []}"#,
        expect![[r#"
        ?
        wrong: /oneOf `[]` expected a list of schemas with at least one"#]],
    );
    check(
        r#"{"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}]}"#,
        expect!["{ a: Text, b: Json }"],
    );
    check(
        r#"{"type": "string", "allOf": [{"minLength": 3}]}"#,
        expect![[r#"
        Text
        rule: /allOf/0 `{"minLength": 3}` a rule of `allOf`"#]],
    );
}

#[test]
fn lists_have_one_type() {
    check(r#"{"type": "array", "items": {"type": "string"}}"#, expect!["List<Text>"]);
    check(r#"{"type": "array"}"#, expect!["List<Json>"]);
    check(
        r#"{"items": [{"type": "string"}, {"type": "integer"}]}"#,
        expect![[r#"
        List<Json>
        widened: /items `[{"type": "string"}, {"type": "integer"}]` a list has one type for all its elements, at every place"#]],
    );
    check(
        r#"{"prefixItems": [{"type": "integer"}, {"type": "integer"}]}"#,
        expect![[r#"
        List<Int>
        widened: /prefixItems `[{"type": "integer"}, {"type": "integer"}]` a list has one type for all its elements, at every place"#]],
    );
}

#[test]
fn references_are_followed() {
    check(
        r##"{"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "array", "items": {"$ref": "#/definitions/n"}}},
             "definitions": {"n": {"type": "integer"}}}"##,
        expect!["List<Int>"],
    );
    check(
        r##"{"type": "object", "required": ["kids"], "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}}}"##,
        expect![[r##"
            { kids: List<Json> }
            widened: /properties/kids/items/$ref `"#"` `#` refers to itself: there it is `Json`"##]],
    );
    check(
        r##"{"$ref": "#/$defs/t", "$defs": {"t": {"properties": {"next": {"$ref": "#/$defs/t"}}}}}"##,
        expect![[r##"
            { next: Json }
            widened: /$defs/t/properties/next/$ref `"#/$defs/t"` `#/$defs/t` refers to itself: there it is `Json`"##]],
    );
    check(
        r##"{"$ref": "#/$defs/t"}"##,
        expect![[r##"
        ?
        wrong: /$ref `"#/$defs/t"` `#/$defs/t` names nothing in this file"##]],
    );
    check(
        r#"{"$ref": "other.json#/a"}"#,
        expect![[r#"
        ?
        wrong: /$ref `"other.json#/a"` `other.json#/a` is in another file: only references like `#/$defs/name` are followed"#]],
    );
    check(
        r#"{"$ref": 5}"#,
        expect![[r#"
        ?
        wrong: /$ref `5` expected a reference, found a number"#]],
    );
}

#[test]
fn rules_are_named() {
    check(
        r#"{"type": "object", "minProperties": 1, "properties": {"a": {"type": "string", "pattern": "^x", "maxLength": 5}},
            "additionalProperties": {"type": "string"}}"#,
        expect![[r#"
            { a: Text? }
            rule: /minProperties `1` `minProperties`
            widened: /additionalProperties `{"type": "string"}` fields that are not named are dropped
            rule: /properties/a/maxLength `5` `maxLength`
            rule: /properties/a/pattern `"^x"` `pattern`"#]],
    );
    check(
        r#"{"type": "object", "patternProperties": {"^a": {"type": "integer"}}}"#,
        expect![[r#"
        Map<Int>
        rule: /patternProperties `{"^a": {"type": "integer"}}` `patternProperties`"#]],
    );
}

#[test]
fn what_is_no_schema_is_said() {
    check(
        r#"{"type": "object",}"#,
        expect![[r#"
        ?
        wrong:  `}` trailing comma"#]],
    );
    check(
        "",
        expect![[r#"
        ?
        wrong:  `` EOF while parsing a value"#]],
    );
    check(
        "5",
        expect![[r#"
        ?
        wrong:  `5` expected a schema, found a number"#]],
    );
    check(
        "false",
        expect![[r#"
        ?
        wrong:  `false` no value fits `false`"#]],
    );
    check("true", expect!["Json"]);
    check(
        r#"{"type": "strin"}"#,
        expect![[r#"
        ?
        wrong: /type `"strin"` unknown type `strin`: did you mean `string`?"#]],
    );
    check(
        r#"{"typ": "string"}"#,
        expect![[r#"
        ?
        wrong: /typ `"string"` unknown word `typ`: did you mean `type`?"#]],
    );
    check(
        r#"{"properties": {"a": {"type": 5}, "b": [], "c": {"items": {"requird": []}}}}"#,
        expect![[r#"
        ?
        wrong: /properties/a/type `5` expected the name of a type, found a number
        wrong: /properties/b `[]` expected a schema, found a list
        wrong: /properties/c/items/requird `[]` unknown word `requird`: did you mean `required`?"#]],
    );
    check(
        r#"{"properties": 5}"#,
        expect![[r#"
        ?
        wrong: /properties `5` expected schemas by name, found a number"#]],
    );
    check(
        r#"{"required": ["a"], "properties": {"b": {}}, "additionalProperties": false}"#,
        expect![[r#"
        ?
        wrong: /required `["a"]` `a` is required, and is none of the properties that are allowed"#]],
    );
    check(
        r#"{"type": []}"#,
        expect![[r#"
        ?
        wrong: /type `[]` a list of types without one: nothing fits"#]],
    );
}

#[test]
fn a_schema_that_doubles_is_refused_soon() {
    let mut defs = vec![r#""a0": {"type": "string"}"#.to_owned()];
    for n in 1..25 {
        let below = n - 1;
        defs.push(format!(
            r##""a{n}": {{"properties": {{"l": {{"$ref": "#/$defs/a{below}"}}, "r": {{"$ref": "#/$defs/a{below}"}}}}}}"##
        ));
    }
    let schema = format!(r##"{{"$ref": "#/$defs/a24", "$defs": {{{}}}}}"##, defs.join(","));
    let mut world = World::new();
    world.write("s.json", &schema);
    let found = schema_type(&world.db, world.db.source(&full("s.json")));
    assert_eq!(found.problems().count(), 1);
    assert!(found.problems().any(|(_, _, _, what)| what.contains("10000 parts")));
}
