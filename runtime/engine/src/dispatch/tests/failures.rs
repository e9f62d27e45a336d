//! What becomes of a run when something fails, is damaged, or is stopped.
use flowc_plan::{BinaryOp, Expr, Plan};

use super::build::{Builder, binary, element, int, ints, node};
use super::fake::Trial;

/// `a = fail(); b = add(a); c = for x in [1, 2, 3] { add(x) }; d = add(c[0])`
fn failing() -> Plan {
    let mut b = Builder::new();
    let (add, fail) = (b.task("add", 1), b.task("fail", 0));
    let a = b.step(0, "a", fail, vec![]);
    let after = b.step(0, "b", add, vec![node(a)]);
    let (each, body) = b.each(0, "c", ints(1..20));
    let x = b.step(body, "", add, vec![element(body)]);
    b.result(body, node(x));
    let d = b.step(0, "d", add, vec![Expr::Index(Box::new(node(each)), Box::new(int(0)))]);
    b.result(0, Expr::List(vec![node(after), node(d)]));
    b.plan
}

#[test]
fn after_a_failure_nothing_new_starts() {
    let plan = failing();
    let seen = Trial::new(&plan).go();
    let failed = seen.events.iter().position(|event| event == "failed main.a: exit status 3").unwrap();
    assert!(!seen.events[failed..].iter().any(|event| event.starts_with("started")), "{:#?}", seen.events);
    assert!(seen.events.contains(&"skipped main.b because of main.a".to_owned()));
    let counts = seen.counts();
    assert_eq!(counts.failed, 1);
    assert_eq!(counts.ran + counts.skipped, 21, "{counts:?}");
    // What was running has been kept.
    let finished = seen.events.iter().filter(|event| event.starts_with("finished")).count();
    assert_eq!(seen.executed.len(), finished + 1);
}

#[test]
fn keep_going_runs_all_that_does_not_depend_on_it() {
    let plan = failing();
    let mut trial = Trial::new(&plan);
    trial.options.keep_going = true;
    let seen = trial.go();
    let counts = seen.counts();
    assert_eq!((counts.ran + counts.found, counts.failed, counts.skipped), (20, 1, 1), "{:#?}", seen.events);
}

#[test]
fn a_failed_element_takes_what_follows_from_it() {
    let mut b = Builder::new();
    let (add, fail) = (b.task("add", 1), b.task("fail", 1));
    let (first, body) = b.each(0, "b", ints([1, 2]));
    let (choice, then, otherwise) = b.branch(body, "", binary(BinaryOp::Eq, element(body), int(1)));
    let x = b.step(then, "", fail, vec![element(body)]);
    b.result(then, node(x));
    let y = b.step(otherwise, "", add, vec![element(body)]);
    b.result(otherwise, node(y));
    b.result(body, node(choice));
    let (second, body) = b.each(0, "c", node(first));
    let z = b.step(body, "", add, vec![element(body)]);
    b.result(body, node(z));
    let end = b.step(0, "end", add, vec![Expr::Index(Box::new(node(second)), Box::new(int(0)))]);
    b.result(0, node(end));
    let mut trial = Trial::new(&b.plan);
    trial.options.keep_going = true;
    let seen = trial.go();
    assert!(seen.events.contains(&"finished main.c[1]".to_owned()), "{:#?}", seen.events);
    assert!(seen.events.contains(&"skipped main.end because of main.b[0]".to_owned()), "{:#?}", seen.events);
}

#[test]
fn a_stop_keeps_what_is_done_and_starts_nothing() {
    let plan = failing();
    let trial = Trial { interrupt_at: Some(3), ..Trial::new(&plan) };
    let seen = trial.go();
    assert!(seen.events.contains(&"stopping".to_owned()));
    assert_eq!(seen.executed.len(), 3);
    assert_eq!(seen.counts().failed, 0, "{:#?}", seen.events);
    assert!(seen.outcome.as_ref().unwrap().value.is_none());
}

#[test]
fn a_missing_source_fails_where_it_is_used() {
    let mut b = Builder::new();
    let s = b.source(0, "s", "missing");
    b.result(0, node(s));
    let seen = Trial::new(&b.plan).go();
    assert!(seen.events.contains(&"failed main.s: there is no `missing`".to_owned()), "{:#?}", seen.events);
}

#[test]
fn an_expression_that_fails_names_its_node() {
    let mut b = Builder::new();
    let v = b.value(0, "ratio", binary(BinaryOp::Div, int(1), int(0)));
    b.result(0, node(v));
    let seen = Trial::new(&b.plan).go();
    assert!(seen.events.contains(&"failed main.ratio: division by zero".to_owned()), "{:#?}", seen.events);
}

/// `s = file-0 of the user's tree; f = file(1); u = for x in [f, s, f] { use(x, index) }; v = text(f)`, all found but the users.
fn damaged(lost: &str) -> (Plan, super::fake::MemoryKeeper) {
    let mut b = Builder::new();
    let (file, use_) = (b.task("file", 1), b.task("use", 2));
    let s = b.source(0, "s", "file-0");
    let f = b.step(0, "f", file, vec![int(1)]);
    let u = b.step(0, "u", use_, vec![node(f), int(1)]);
    let v = b.step(0, "v", use_, vec![node(f), int(2)]);
    let w = b.step(0, "w", use_, vec![node(s), int(3)]);
    let text = Expr::Native { name: "file.text".into(), args: vec![node(f)] };
    let t = b.value(0, "t", text);
    b.result(0, Expr::List(vec![node(u), node(v), node(w), node(t)]));
    let trial = Trial::new(&b.plan);
    trial.go();
    let keeper = trial.keeper.clone();
    keeper.disk().frames.clear();
    keeper.disk().records.retain(|_, record| &*record.task == "file");
    keeper.disk().lost.insert(lost.to_owned());
    (b.plan.clone(), keeper)
}

#[test]
fn what_is_damaged_is_made_again_once() {
    for seed in 0..8 {
        let (plan, keeper) = damaged("file-1");
        let seen = Trial { keeper, run: "run-b", seed, ..Trial::new(&plan) }.go();
        assert_eq!(
            flowc_stdlib::to_json(&seen.value()).to_string(),
            r#"[1,1,1,"file-1"]"#,
            "{:#?}",
            seen.events
        );
        let again = seen.executed.iter().filter(|(task, _)| task == "file").count();
        assert_eq!(again, 1, "seed {seed}: {:#?}", seen.events);
        assert!(seen.events.contains(&"started main.f: Damaged".to_owned()), "{:#?}", seen.events);
    }
}

#[test]
fn a_damaged_source_is_read_again() {
    let (plan, keeper) = damaged("file-0");
    // Damaged after it was read: the fake reads it back on the second look.
    let trial = Trial { keeper, run: "run-b", ..Trial::new(&plan) };
    trial.go().value();
    trial.keeper.disk().records.retain(|_, record| &*record.task == "file");
    let users: Vec<_> = trial
        .keeper
        .disk()
        .frames
        .iter()
        .filter(|frame| matches!(frame, flowc_store::RunFrame::Source { .. }))
        .cloned()
        .collect();
    trial.keeper.disk().frames = users;
    trial.keeper.disk().lost.insert("file-0".to_owned());
    let seen = trial.go();
    assert_eq!(
        seen.executed.iter().filter(|(task, _)| task == "use").count(),
        4,
        "one of three twice: {:?}",
        seen.executed
    );
    seen.value();
}
