//! What expressions mean, as a table.
use flowc_base::{Bytes, Millis};
use flowc_stdlib::NoFiles;

use super::*;
use flowc_plan::BinaryOp;

fn int(value: i64) -> Expr {
    Expr::Const(Value::Int(value))
}

fn float(value: f64) -> Expr {
    Expr::Const(Value::Float(value))
}

fn text(text: &str) -> Expr {
    Expr::Const(Value::text(text))
}

fn constant(value: Value) -> Expr {
    Expr::Const(value)
}

fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, Box::new(a), Box::new(b))
}

fn cast(value: Expr, ty: Type) -> Expr {
    Expr::Cast(Box::new(value), ty)
}

fn value_of(expr: &Expr) -> Result<Value> {
    eval(expr, &Args(&[Value::Int(7)]), &[], &NoFiles)
}

/// The JSON of the value, or the sentence of the error.
fn check(expr: &Expr, expected: &str) {
    let found = match value_of(expr) {
        Ok(value) => flowc_stdlib::to_json(&value).to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(found, expected, "{expr:?}");
}

#[test]
fn arithmetic_is_checked() {
    use BinaryOp::{Add, Div, Mul, Rem, Sub};
    check(&binary(Add, int(1), int(2)), "3");
    check(&binary(Add, int(i64::MAX), int(1)), "`9223372036854775807 + 1` is beyond the range of `Int`");
    check(&binary(Div, int(-7), int(2)), "-3");
    check(&binary(Div, int(1), int(0)), "division by zero");
    check(&binary(Rem, int(1), int(0)), "division by zero");
    check(&binary(Div, int(i64::MIN), int(-1)), "`-9223372036854775808 / -1` is beyond the range of `Int`");
    check(&binary(Mul, float(1e308), int(10)), "the result is beyond the range of `Float`");
    check(&binary(Div, float(1.0), float(0.0)), "division by zero");
    check(&binary(Add, int(1), float(0.5)), "1.5");
    check(&Expr::Neg(Box::new(int(i64::MIN))), "the result is beyond the range of `Int`");
    let size = |bytes| constant(Value::Size(Bytes(bytes)));
    check(&binary(Mul, int(2), size(500)), "\"1KB\"");
    check(&binary(Sub, size(1), size(2)), "a `Size` below zero");
    check(&binary(Div, size(3), size(2)), "1.5");
    check(&binary(Mul, constant(Value::Duration(Millis(1000))), float(1.5)), "\"1500ms\"");
    check(&binary(Add, size(1), int(1)), "`+` of a size and an integer");
}

#[test]
fn comparisons_lose_nothing() {
    use BinaryOp::{Eq, Lt};
    check(&binary(Eq, int(1), float(1.0)), "true");
    check(&binary(Eq, int(9_007_199_254_740_993), float(9_007_199_254_740_992.0)), "false");
    check(&binary(Lt, int(-1), float(-0.5)), "true");
    check(&binary(Lt, float(1.5), int(1)), "false");
    check(&binary(Lt, text("a"), text("b")), "true");
    check(&binary(Eq, Expr::List(vec![int(1)]), Expr::List(vec![float(1.0)])), "true");
}

#[test]
fn the_right_side_is_looked_at_when_needed() {
    let fails = || Box::new(binary(BinaryOp::Div, int(1), int(0)));
    let truth = |value| Box::new(constant(Value::Bool(value)));
    check(&Expr::And(truth(false), fails()), "false");
    check(&Expr::Or(truth(true), fails()), "true");
    check(&Expr::Coalesce(Box::new(int(1)), fails()), "1");
    check(&Expr::Coalesce(Box::new(constant(Value::None)), Box::new(int(2))), "2");
    check(&Expr::If(truth(true), Box::new(int(1)), fails()), "1");
}

#[test]
fn parts_of_values() {
    let list = || Box::new(Expr::List(vec![int(1), int(2)]));
    let record = || Box::new(Expr::Record(vec![("a".into(), int(1))]));
    check(&Expr::Index(list(), Box::new(int(1))), "2");
    check(&Expr::Index(list(), Box::new(int(2))), "there is no element 2 in a list of 2 elements");
    check(&Expr::Index(list(), Box::new(int(-1))), "there is no element -1 in a list of 2 elements");
    check(&Expr::Index(record(), Box::new(text("a"))), "1");
    check(&Expr::Index(record(), Box::new(text("b"))), "there is no field `b`");
    check(&Expr::Field(record(), "a".into()), "1");
    check(&Expr::Arg(0), "7");
    check(&Expr::Arg(1), "an argument is looked at before its value is known");
}

#[test]
fn texts_are_joined() {
    let parts = vec![text("n = "), int(1), text(", "), Expr::List(vec![int(1), text("x")])];
    check(&Expr::Text(parts), "\"n = 1, [1,\\\"x\\\"]\"");
    check(&Expr::Text(vec![constant(Value::None)]), "`none` has no text: give it one with `??`");
}

#[test]
fn for_counts_after_its_condition() {
    let native = |name: &str, args| Expr::Native { name: name.into(), args };
    let odd = binary(BinaryOp::Eq, binary(BinaryOp::Rem, Expr::Local(3), int(2)), int(1));
    let squares = |max| Expr::For {
        local: 3,
        list: Box::new(native("list.range", vec![int(0), int(6)])),
        cond: Some(Box::new(odd.clone())),
        max: Some(Box::new(int(max))),
        body: Box::new(binary(BinaryOp::Mul, Expr::Local(3), Expr::Local(3))),
    };
    check(&squares(3), "[1,9,25]");
    check(&squares(2), "the list has 3 elements, `max` allows 2");
}

#[test]
fn match_takes_the_first_arm_that_fits() {
    let arms = |value| Expr::Match {
        scrutinee: Box::new(constant(value)),
        arms: vec![
            (Pattern::Equal(Value::text("low")), int(1)),
            (Pattern::Or(vec![Pattern::Equal(Value::Int(5)), Pattern::Equal(Value::Int(6))]), int(2)),
            (Pattern::Bind(1), Expr::Local(1)),
            (Pattern::Any, int(4)),
        ],
    };
    check(&arms(Value::text("low")), "1");
    check(&arms(Value::Int(6)), "2");
    check(&arms(Value::Int(7)), "7");
    check(&arms(Value::None), "4");
}

#[test]
fn casts_check_and_convert() {
    let record = Type::Record(vec![
        ("score".into(), Type::Int(Some((0, 10)))),
        ("note".into(), Type::Optional(Box::new(Type::Text))),
    ]);
    let of = |score| Expr::Record(vec![("score".into(), score), ("more".into(), int(1))]);
    check(&cast(of(int(3)), record.clone()), r#"{"note":null,"score":3}"#);
    check(&cast(of(int(11)), record.clone()), "at `.score`: expected an integer from 0 to 10, found 11");
    check(&cast(Expr::Record(vec![]), record), "expected a field `score`, found none of that name");
    check(&cast(text("12"), Type::Int(None)), "12");
    check(&cast(text("x"), Type::Int(None)), "expected an integer, found the text \"x\"");
    check(&cast(int(12), Type::Text), "\"12\"");
    check(&cast(text("5m"), Type::Duration), "\"5m\"");
    check(
        &cast(text("mid"), Type::Choice(vec!["low".into()])),
        "expected one of \"low\", found the text \"mid\"",
    );
    check(
        &cast(Expr::List(vec![int(1), text("a")]), Type::List(Box::new(Type::Bool))),
        "at `[0]`: expected `Bool`, found `1`",
    );
    check(&cast(int(1), Type::Named(0)), "expected a type that is known, found an unknown one");
}

#[test]
fn no_expression_hangs_or_fills_the_memory() {
    // Each level doubles what the one before holds.
    let doubled = |levels: u32| {
        (0..levels).rev().fold(Expr::Local(levels), |body, at| Expr::Let {
            local: at + 1,
            value: Box::new(Expr::List(vec![Expr::Local(at), Expr::Local(at)])),
            body: Box::new(body),
        })
    };
    let all = |body| Expr::Let { local: 0, value: Box::new(text("x")), body: Box::new(body) };
    assert!(value_of(&all(doubled(3))).is_ok());
    let error = value_of(&all(doubled(60))).unwrap_err().to_string();
    assert!(error.contains("million"), "{error}");

    // More rounds than there is fuel.
    let range = |end| Expr::Native { name: "list.range".into(), args: vec![int(0), int(end)] };
    let each = |local, list, body| Expr::For {
        local,
        list: Box::new(list),
        cond: None,
        max: None,
        body: Box::new(body),
    };
    let rounds = each(0, range(100), each(1, range(100), int(1)));
    let with_fuel = |fuel| {
        let scope = Args(&[]);
        let files = NoFiles;
        Evaluation { scope: &scope, types: &[], files: &files, locals: Vec::new(), fuel, depth: 0 }
            .eval(&rounds)
    };
    assert!(with_fuel(100_000).is_ok());
    assert_eq!(with_fuel(10_000).unwrap_err().to_string(), "an expression takes more than 100 million steps");
}

#[test]
fn depth_is_bounded_and_chains_are_not() {
    // On a stack as small as a worker's may be.
    let run = || {
        let chain = (0..100_000).fold(int(0), |sum, _| binary(BinaryOp::Add, sum, int(1)));
        check(&chain, "100000");
        let deep = (0..5_000).fold(int(0), |sum, _| binary(BinaryOp::Add, int(1), sum));
        check(&deep, "an expression is nested more than 300 levels deep");
        // Whatever it is nested in.
        let nested: [fn(Expr) -> Expr; 7] = [
            |inner| Expr::Index(Box::new(Expr::List(vec![inner])), Box::new(int(0))),
            |inner| Expr::Field(Box::new(Expr::Record(vec![("a".into(), inner)])), "a".into()),
            |inner| Expr::Native { name: "list.sum".into(), args: vec![Expr::List(vec![inner])] },
            |inner| cast(Expr::Text(vec![inner]), Type::Int(None)),
            |inner| {
                Expr::Index(
                    Box::new(Expr::For {
                        local: 0,
                        list: Box::new(Expr::List(vec![int(1)])),
                        cond: None,
                        max: None,
                        body: Box::new(inner),
                    }),
                    Box::new(int(0)),
                )
            },
            |inner| Expr::Match {
                scrutinee: Box::new(inner),
                arms: vec![(Pattern::Bind(0), Expr::Local(0))],
            },
            |inner| {
                Expr::If(Box::new(binary(BinaryOp::Eq, inner, int(1))), Box::new(int(1)), Box::new(int(2)))
            },
        ];
        for (at, nest) in nested.iter().enumerate() {
            let deep = (0..140).fold(int(1), |inner, _| nest(inner));
            assert_eq!(value_of(&deep), Ok(Value::Int(1)), "{at}");
            let deeper = (0..400).fold(int(1), |inner, _| nest(inner));
            assert!(value_of(&deeper).is_err(), "{at}");
        }
        // Dropping a deep tree recurses: not what is tested here.
        std::mem::forget((chain, deep));
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}
