//! What a forecast says before, halfway and after.
use flowc_plan::{Expr, Plan};

use super::{Fate, forecast};
use crate::dispatch::test_kit::{Builder, Trial, element, int, node};
use crate::shape::Shape;

/// `a = list(2); b = for x in a { add(x) }; c = for y in b { add(y) }; d = add(c[0]); e = add(100)`
fn plan() -> Plan {
    let mut b = Builder::new();
    let (list, add) = (b.task("list", 1), b.task("add", 1));
    let a = b.step(0, "a", list, vec![int(2)]);
    let (first, body) = b.each(0, "b", node(a));
    let x = b.step(body, "", add, vec![element(body)]);
    b.result(body, node(x));
    let (second, body) = b.each(0, "c", node(first));
    let y = b.step(body, "", add, vec![element(body)]);
    b.result(body, node(y));
    let d = b.step(0, "d", add, vec![Expr::Index(Box::new(node(second)), Box::new(int(0)))]);
    let e = b.step(0, "e", add, vec![int(100)]);
    b.result(0, Expr::List(vec![node(d), node(e)]));
    b.plan
}

fn check(trial: &Trial<'_>, expected: &[&str]) {
    let forecast =
        forecast(&trial.keeper, trial.plan, Shape::new(trial.plan).unwrap(), &trial.options, 0).unwrap();
    let lines: Vec<String> = forecast
        .steps
        .iter()
        .map(|step| {
            let fate = match &step.fate {
                Fate::Found { from } => format!("found of {from}"),
                Fate::Runs { cause } => format!("runs: {cause:?}"),
                Fate::Waits { on } => format!("waits for {on:?}"),
            };
            let count = step.count.map_or("?".to_owned(), |count| count.to_string());
            format!("{} {} ×{count}: {fate}", step.level, step.step)
        })
        .collect();
    assert_eq!(lines, expected, "complete: {}", forecast.complete);
}

#[test]
fn before_anything_has_run() {
    let plan = plan();
    check(
        &Trial::new(&plan),
        &[
            "0 main.a ×1: runs: NoResult",
            "1 main.b[…] ×?: waits for [\"main.a\"]",
            "2 main.c[…] ×?: waits for [\"main.a\", \"main.b[…]\"]",
            "3 main.d ×1: waits for [\"main.a\", \"main.b[…]\", \"main.c[…]\"]",
            "0 main.e ×1: runs: NoResult",
        ],
    );
}

#[test]
fn what_is_found_is_gone_through() {
    let plan = plan();
    let trial = Trial::new(&plan);
    trial.go();
    // 2, 3 → 3, 4 → 4, 5 → 5: the equal ones are one.
    check(
        &trial,
        &[
            "0 main.a ×1: found of run-a",
            "1 main.b[0] ×1: found of run-a",
            "1 main.b[1] ×1: found of run-a",
            "2 main.c[1] ×1: found of run-a",
            "0 main.e ×1: found of run-a",
        ],
    );
    let keys: Vec<_> =
        trial.keeper.disk().records.iter().map(|(key, record)| (*key, record.label.clone())).collect();
    for (key, label) in keys {
        if &*label != "main.a" {
            trial.keeper.disk().records.remove(&key);
        }
    }
    check(
        &trial,
        &[
            "0 main.a ×1: found of run-a",
            "1 main.b[0] ×1: runs: NoResult",
            "1 main.b[1] ×1: runs: NoResult",
            "2 main.c[0] ×1: waits for [\"main.b[0]\"]",
            "2 main.c[1] ×1: waits for [\"main.b[1]\"]",
            "3 main.d ×1: waits for [\"main.b[0]\", \"main.b[1]\", \"main.c[0]\", \"main.c[1]\"]",
            "0 main.e ×1: runs: NoResult",
        ],
    );
}
