//! From a JSON Schema (any draft from 4 to 2020-12) to a type. What a type cannot say is noted with its place, never passed over: a rule
//! that is not checked, a part that becomes `Json`, a schema that no value fits. It reports nothing itself.
use std::sync::Arc;

use flowc_base::{Name, Span};
use flowc_grammar::ast::FloatBits;
use serde_json::{Map, Value as Json};

use super::words::{RULES, SILENT};
use super::{Kind, Problem};
use crate::db::Db;
use crate::ty::Ty;
use crate::types::fits::{PARTS_MAX, join, optional};

/// Schemas within schemas, through references too.
const DEPTH_MAX: usize = 64;

type Object = Map<String, Json>;

pub(super) struct Reader<'a> {
    db: &'a dyn Db,
    root: &'a Json,
    pub(super) problems: Vec<Problem>,
    /// The references around the present place.
    open: Vec<&'a str>,
    depth: usize,
    parts: u64,
    /// That they were too many, which is said.
    full: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(db: &'a dyn Db, root: &'a Json) -> Self {
        Self { db, root, problems: Vec::new(), open: Vec::new(), depth: 0, parts: 0, full: false }
    }

    /// The type of the whole schema.
    pub(super) fn root(&mut self) -> Ty {
        self.read(self.root, "")
    }

    fn note(&mut self, kind: Kind, pointer: &str, what: impl Into<String>) {
        let (pointer, what) = (pointer.to_owned(), what.into());
        let problem = Problem { kind, pointer, span: Span::default(), what };
        // The same definition may be read through several references.
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn wrong(&mut self, pointer: &str, what: impl Into<String>) -> Ty {
        self.note(Kind::Wrong, pointer, what);
        Ty::Error
    }

    fn json(&mut self, pointer: &str, what: impl Into<String>) -> Ty {
        self.note(Kind::Widened, pointer, what);
        Ty::Json
    }

    fn read(&mut self, schema: &'a Json, pointer: &str) -> Ty {
        self.parts += 1;
        if self.parts > PARTS_MAX {
            if std::mem::replace(&mut self.full, true) {
                return Ty::Error;
            }
            return self.wrong(pointer, format!("the type has more than {PARTS_MAX} parts when written out"));
        }
        if self.depth >= DEPTH_MAX {
            return self.wrong(pointer, format!("more than {DEPTH_MAX} schemas stand within each other"));
        }
        self.depth += 1;
        let ty = match schema {
            Json::Bool(true) => Ty::Json,
            Json::Bool(false) => self.wrong(pointer, "no value fits `false`"),
            Json::Object(object) => {
                let ty = self.object(object, pointer);
                if object.get("nullable") == Some(&Json::Bool(true)) { optional(ty) } else { ty }
            }
            _ => self.wrong(pointer, format!("expected a schema, found {}", kind_of(schema))),
        };
        self.depth -= 1;
        ty
    }

    fn object(&mut self, schema: &'a Object, pointer: &str) -> Ty {
        for rule in RULES.iter().filter(|rule| schema.contains_key(**rule)) {
            self.note(Kind::Rule, &below(pointer, rule), format!("`{rule}`"));
        }
        if let Some(reference) = schema.get("$ref") {
            return self.reference(reference, &below(pointer, "$ref"));
        }
        if let Some(word) =
            ["$dynamicRef", "$recursiveRef"].into_iter().find(|word| schema.contains_key(*word))
        {
            return self.json(&below(pointer, word), format!("`{word}` is not followed"));
        }
        if let Some(value) = schema.get("const") {
            return self.constants(std::slice::from_ref(value), &below(pointer, "const"));
        }
        if let Some(values) = schema.get("enum") {
            let at = below(pointer, "enum");
            return match values {
                Json::Array(values) if !values.is_empty() => self.constants(values, &at),
                Json::Array(_) => self.wrong(&at, "an `enum` without values: nothing fits"),
                _ => self.wrong(&at, format!("expected a list of values, found {}", kind_of(values))),
            };
        }
        if let Some(all) = schema.get("allOf") {
            return self.all_of(schema, all, pointer);
        }
        for word in ["oneOf", "anyOf"] {
            let Some(choices) = schema.get(word) else { continue };
            let at = below(pointer, word);
            if describes(schema) {
                // What is said beside it holds for each: they only narrow it.
                self.note(Kind::Rule, &at, format!("`{word}`"));
                break;
            }
            return match choices {
                Json::Array(choices) if !choices.is_empty() => self.any_of(choices, &at),
                _ => self.wrong(&at, "expected a list of schemas with at least one"),
            };
        }
        self.typed(schema, pointer)
    }

    /// By the word `type`, or by what is said of a type.
    fn typed(&mut self, schema: &'a Object, pointer: &str) -> Ty {
        let at = below(pointer, "type");
        match schema.get("type") {
            Some(Json::String(name)) => self.named(name, schema, pointer),
            Some(Json::Array(names)) => {
                let mut found = Ty::Never;
                for name in names {
                    let Json::String(name) = name else {
                        return self
                            .wrong(&at, format!("expected the name of a type, found {}", kind_of(name)));
                    };
                    let next = self.named(name, schema, pointer);
                    found = match join(self.db, &found, &next) {
                        Some(ty) => ty,
                        None => return self.json(&at, "a value of several types is `Json`"),
                    };
                }
                if found == Ty::Never {
                    self.wrong(&at, "a list of types without one: nothing fits")
                } else {
                    found
                }
            }
            Some(other) => self.wrong(&at, format!("expected the name of a type, found {}", kind_of(other))),
            None if has(schema, &["properties", "required", "additionalProperties", "patternProperties"]) => {
                self.named("object", schema, pointer)
            }
            None if has(schema, &["items", "prefixItems"]) => self.named("array", schema, pointer),
            None if has(schema, &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]) => {
                self.named("number", schema, pointer)
            }
            None if has(schema, &["minLength", "maxLength", "pattern"]) => Ty::Text,
            None => {
                self.misspelled(schema, pointer);
                Ty::Json
            }
        }
    }

    /// A schema of which nothing is understood probably means something.
    fn misspelled(&mut self, schema: &'a Object, pointer: &str) {
        const WORDS: [&str; 14] = [
            "type",
            "properties",
            "required",
            "items",
            "enum",
            "const",
            "oneOf",
            "anyOf",
            "allOf",
            "minimum",
            "maximum",
            "additionalProperties",
            "$ref",
            "prefixItems",
        ];
        for word in
            schema.keys().filter(|word| !SILENT.contains(&word.as_str()) && !RULES.contains(&word.as_str()))
        {
            if let Some(near) = flowc_base::nearest(word, WORDS) {
                self.wrong(&below(pointer, word), format!("unknown word `{word}`: did you mean `{near}`?"));
            }
        }
    }

    fn named(&mut self, name: &str, schema: &'a Object, pointer: &str) -> Ty {
        match name {
            "null" => Ty::None,
            "boolean" => Ty::Bool,
            "string" => Ty::Text,
            "integer" => self.integer(schema, pointer),
            "number" => self.number(schema, pointer),
            "array" => self.array(schema, pointer),
            "object" => self.record(schema, pointer),
            _ => {
                const NAMES: [&str; 7] =
                    ["null", "boolean", "string", "integer", "number", "array", "object"];
                let what = match flowc_base::nearest(name, NAMES) {
                    Some(near) => format!("unknown type `{name}`: did you mean `{near}`?"),
                    None => format!("unknown type `{name}`"),
                };
                self.wrong(&below(pointer, "type"), what)
            }
        }
    }

    fn integer(&mut self, schema: &'a Object, pointer: &str) -> Ty {
        let (mut from, mut to) = (None::<i64>, None::<i64>);
        for (word, exclusive) in [("minimum", false), ("exclusiveMinimum", true)] {
            let Some(bound) = self.bound(schema, word, pointer) else { continue };
            let strict = exclusive || schema.get("exclusiveMinimum") == Some(&Json::Bool(true));
            let whole = bound.ceil() + f64::from(u8::from(strict && bound.ceil() == bound));
            let bound = integer_of(schema.get(word)).filter(|_| !strict).unwrap_or_else(|| saturating(whole));
            from = Some(from.map_or(bound, |from| from.max(bound)));
        }
        for (word, exclusive) in [("maximum", false), ("exclusiveMaximum", true)] {
            let Some(bound) = self.bound(schema, word, pointer) else { continue };
            let strict = exclusive || schema.get("exclusiveMaximum") == Some(&Json::Bool(true));
            let whole = bound.floor() - f64::from(u8::from(strict && bound.floor() == bound));
            let bound = integer_of(schema.get(word)).filter(|_| !strict).unwrap_or_else(|| saturating(whole));
            to = Some(to.map_or(bound, |to| to.min(bound)));
        }
        match (from, to) {
            (None, None) => Ty::Int(None),
            (from, to) => {
                let (from, to) = (from.unwrap_or(i64::MIN), to.unwrap_or(i64::MAX));
                if from > to {
                    return self.wrong(pointer, format!("no integer is at least {from} and at most {to}"));
                }
                Ty::Int(Some((from, to)))
            }
        }
    }

    fn number(&mut self, schema: &'a Object, pointer: &str) -> Ty {
        let (mut from, mut to) = (None::<f64>, None::<f64>);
        for (word, exclusive) in [("minimum", false), ("exclusiveMinimum", true)] {
            let Some(bound) = self.bound(schema, word, pointer) else { continue };
            let strict = exclusive || schema.get("exclusiveMinimum") == Some(&Json::Bool(true));
            let bound = if strict { bound.next_up() } else { bound };
            from = Some(from.map_or(bound, |from| from.max(bound)));
        }
        for (word, exclusive) in [("maximum", false), ("exclusiveMaximum", true)] {
            let Some(bound) = self.bound(schema, word, pointer) else { continue };
            let strict = exclusive || schema.get("exclusiveMaximum") == Some(&Json::Bool(true));
            let bound = if strict { bound.next_down() } else { bound };
            to = Some(to.map_or(bound, |to| to.min(bound)));
        }
        match (from, to) {
            (None, None) => Ty::Float(None),
            (from, to) => {
                let (from, to) = (from.unwrap_or(f64::MIN), to.unwrap_or(f64::MAX));
                if from > to {
                    return self.wrong(pointer, format!("no number is at least {from} and at most {to}"));
                }
                Ty::Float(Some((FloatBits(from.to_bits()), FloatBits(to.to_bits()))))
            }
        }
    }

    /// A bound that is a number; of draft 4, where `exclusiveMinimum` is `true`, the other word is the bound.
    fn bound(&mut self, schema: &'a Object, word: &str, pointer: &str) -> Option<f64> {
        match schema.get(word)? {
            Json::Number(number) => number.as_f64(),
            Json::Bool(_) if word.starts_with("exclusive") => None,
            other => {
                self.wrong(&below(pointer, word), format!("expected a number, found {}", kind_of(other)));
                None
            }
        }
    }

    fn array(&mut self, schema: &'a Object, pointer: &str) -> Ty {
        if let Some((word, Json::Array(all))) =
            ["prefixItems", "items"].into_iter().find_map(|word| Some((word, schema.get(word)?)))
        {
            let at = below(pointer, word);
            let mut found = Ty::Never;
            for (number, item) in all.iter().enumerate() {
                let next = self.read(item, &below(&at, &number.to_string()));
                found = join(self.db, &found, &next).unwrap_or(Ty::Json);
            }
            self.note(Kind::Widened, &at, "a list has one type for all its elements, at every place");
            return Ty::List(Arc::new(if found == Ty::Never { Ty::Json } else { found }));
        }
        let item = match schema.get("items") {
            Some(items) => self.read(items, &below(pointer, "items")),
            None => Ty::Json,
        };
        Ty::List(Arc::new(item))
    }

    fn record(&mut self, schema: &'a Object, pointer: &str) -> Ty {
        let properties = match schema.get("properties") {
            Some(Json::Object(properties)) => Some(properties),
            None => None,
            Some(other) => {
                let what = format!("expected schemas by name, found {}", kind_of(other));
                return self.wrong(&below(pointer, "properties"), what);
            }
        };
        let required = self.required(schema, pointer);
        let others = schema.get("additionalProperties");
        if properties.is_none_or(Map::is_empty) && required.is_empty() {
            return self.map(schema, others, pointer);
        }
        for word in ["additionalProperties", "patternProperties"] {
            if matches!(schema.get(word), Some(Json::Object(inner)) if !inner.is_empty()) {
                let what = "fields that are not named are dropped";
                self.note(Kind::Widened, &below(pointer, word), what);
            }
        }
        let mut fields: Vec<(Name, Ty)> = Vec::new();
        let at = below(pointer, "properties");
        for (name, property) in properties.into_iter().flatten() {
            let ty = self.read(property, &below(&at, name));
            let ty = if required.contains(&name.as_str()) { ty } else { optional(ty) };
            fields.push((Name::from(name.as_str()), ty));
        }
        for name in required {
            if properties.is_some_and(|properties| properties.contains_key(name)) {
                continue;
            }
            if others == Some(&Json::Bool(false)) {
                let what = format!("`{name}` is required, and is none of the properties that are allowed");
                return self.wrong(&below(pointer, "required"), what);
            }
            fields.push((Name::from(name), Ty::Json));
        }
        Ty::Record(fields.into())
    }

    fn required(&mut self, schema: &'a Object, pointer: &str) -> Vec<&'a str> {
        let at = below(pointer, "required");
        match schema.get("required") {
            // Of draft 3: said of the property itself.
            None | Some(Json::Bool(_)) => Vec::new(),
            Some(Json::Array(names)) => {
                let found: Option<Vec<&str>> = names.iter().map(Json::as_str).collect();
                found.unwrap_or_else(|| {
                    self.wrong(&at, "expected a list of names");
                    Vec::new()
                })
            }
            Some(other) => {
                self.wrong(&at, format!("expected a list of names, found {}", kind_of(other)));
                Vec::new()
            }
        }
    }

    /// An object without named fields.
    fn map(&mut self, schema: &'a Object, others: Option<&'a Json>, pointer: &str) -> Ty {
        let at = below(pointer, "patternProperties");
        let patterns = schema.get("patternProperties").and_then(Json::as_object);
        if let Some(patterns) = patterns.filter(|patterns| !patterns.is_empty()) {
            let mut found = Ty::Never;
            for (pattern, value) in patterns {
                let next = self.read(value, &below(&at, pattern));
                found = join(self.db, &found, &next).unwrap_or(Ty::Json);
            }
            self.note(Kind::Rule, &at, "`patternProperties`");
            return Ty::Map(Arc::new(found));
        }
        match others {
            Some(Json::Bool(false)) => Ty::Record(Arc::from([])),
            None | Some(Json::Bool(true)) => Ty::Map(Arc::new(Ty::Json)),
            Some(others) => Ty::Map(Arc::new(self.read(others, &below(pointer, "additionalProperties")))),
        }
    }

    /// Written out values: texts are a choice, the others what they have in common.
    fn constants(&mut self, values: &[Json], at: &str) -> Ty {
        let mut words: Vec<Name> = Vec::new();
        let mut rest = Ty::Never;
        let mut none = false;
        for value in values {
            let next = match value {
                Json::Null => {
                    none = true;
                    continue;
                }
                Json::String(word) => {
                    let word = Name::from(word.as_str());
                    if !words.contains(&word) {
                        words.push(word);
                    }
                    continue;
                }
                Json::Bool(_) => Ty::Bool,
                Json::Number(number) => match (number.as_i64(), number.as_f64()) {
                    (Some(n), _) => Ty::Int(Some((n, n))),
                    (None, Some(n)) => Ty::Float(Some((FloatBits(n.to_bits()), FloatBits(n.to_bits())))),
                    (None, None) => Ty::Float(None),
                },
                Json::Array(_) | Json::Object(_) => Ty::Json,
            };
            rest = join(self.db, &rest, &next).unwrap_or(Ty::Json);
        }
        let ty = match (words.is_empty(), rest) {
            (true, Ty::Never) => Ty::None,
            (false, Ty::Never) => Ty::Choice(words.into()),
            (true, rest) => {
                let exact = match &rest {
                    Ty::Int(Some((from, to))) => {
                        usize::try_from(to.abs_diff(*from)).is_ok_and(|range| range < values.len())
                    }
                    Ty::Bool => values.len() > 1,
                    _ => false,
                };
                match (&rest, exact) {
                    (_, true) => {}
                    (Ty::Json, _) => {
                        self.note(Kind::Widened, at, "a choice between lists or objects is `Json`");
                    }
                    _ => self.note(Kind::Rule, at, "which of these values it is"),
                }
                rest
            }
            (false, _) => return self.json(at, "a choice between texts and other values is `Json`"),
        };
        if none { optional(ty) } else { ty }
    }

    fn any_of(&mut self, choices: &'a [Json], at: &str) -> Ty {
        let mut found = Ty::Never;
        for (number, choice) in choices.iter().enumerate() {
            let next = self.read(choice, &below(at, &number.to_string()));
            found = match join(self.db, &found, &next) {
                // A choice of texts beside any text is any text; beside a number it is `Json`.
                Some(ty) => ty,
                None => return self.json(at, "a choice between values of different types is `Json`"),
            };
        }
        found
    }

    /// Records are put together; of anything else the first says the type.
    fn all_of(&mut self, schema: &'a Object, all: &'a Json, pointer: &str) -> Ty {
        let at = below(pointer, "allOf");
        let Json::Array(all) = all else { return self.wrong(&at, "expected a list of schemas") };
        let mut found: Vec<Ty> = Vec::new();
        if describes(schema) {
            found.push(self.typed(schema, pointer));
        }
        for (number, part) in all.iter().enumerate() {
            let at = below(&at, &number.to_string());
            match part {
                Json::Object(part)
                    if !describes(part)
                        && !has(part, &["$ref", "allOf", "oneOf", "anyOf", "enum", "const"]) =>
                {
                    self.note(Kind::Rule, &at, "a rule of `allOf`");
                }
                _ => found.push(self.read(part, &at)),
            }
        }
        let mut found = found.into_iter();
        let Some(mut whole) = found.next() else { return Ty::Json };
        for next in found {
            whole = match (whole, next) {
                (Ty::Error, _) | (_, Ty::Error) => Ty::Error,
                (a, b) if a == b => a,
                (Ty::Json, other) | (other, Ty::Json) => other,
                (Ty::Record(a), Ty::Record(b)) => {
                    let mut fields = a.to_vec();
                    for (name, ty) in b.iter() {
                        match fields.iter_mut().find(|(known, _)| known == name) {
                            // What one of them requires is there.
                            Some((_, known)) if matches!(known, Ty::Optional(_) | Ty::Json) => {
                                *known = ty.clone();
                            }
                            Some(_) => {}
                            None => fields.push((name.clone(), ty.clone())),
                        }
                    }
                    Ty::Record(fields.into())
                }
                (first, _) => {
                    self.note(Kind::Rule, &at, "`allOf`");
                    first
                }
            };
        }
        whole
    }

    fn reference(&mut self, reference: &'a Json, at: &str) -> Ty {
        let Json::String(reference) = reference else {
            return self.wrong(at, format!("expected a reference, found {}", kind_of(reference)));
        };
        let Some(target) = reference.strip_prefix('#') else {
            return self.wrong(
                at,
                format!("`{reference}` is in another file: only references like `#/$defs/name` are followed"),
            );
        };
        if self.open.contains(&reference.as_str()) {
            return self.json(at, format!("`{reference}` refers to itself: there it is `Json`"));
        }
        let Some(schema) = self.root.pointer(target).filter(|_| target.is_empty() || target.starts_with('/'))
        else {
            return self.wrong(at, format!("`{reference}` names nothing in this file"));
        };
        // The root is open from the start.
        if target.is_empty() {
            return self.json(at, "`#` refers to itself: there it is `Json`");
        }
        self.open.push(reference);
        let ty = self.read(schema, target);
        self.open.pop();
        ty
    }
}

/// Whether a schema says of which type its values are.
fn describes(schema: &Object) -> bool {
    has(schema, &["type", "properties", "items", "prefixItems", "additionalProperties", "patternProperties"])
}

fn has(schema: &Object, words: &[&str]) -> bool {
    words.iter().any(|word| schema.contains_key(*word))
}

fn below(pointer: &str, part: &str) -> String {
    format!("{pointer}/{}", part.replace('~', "~0").replace('/', "~1"))
}

fn kind_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "`null`",
        Json::Bool(_) => "`true` or `false`",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

fn integer_of(json: Option<&Json>) -> Option<i64> {
    json.and_then(Json::as_i64)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "saturates, which is what a bound beyond all integers means"
)]
fn saturating(value: f64) -> i64 {
    value as i64
}
