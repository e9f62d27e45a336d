//! Whole runs: real processes, a real store in a directory that goes away.
use std::path::Path;

use flowc_plan::{Body, Expr, NodeKind, Output, Quoting, ShellPart, Type};

use super::*;
use crate::dispatch::test_kit::{Builder, element, int, node};

/// `let s = file("in.txt"); let n = count(s); let l = for x in [1, 2, 3] { plus(x, n) }; l`
fn plan(dir: &Path) -> Plan {
    let mut b = Builder::new();
    let (count, plus) = (b.task("count", 1), b.task("plus", 2));
    let splice = |at| ShellPart::Splice(Expr::Arg(at), Quoting::Bare);
    let text = |text: &str| ShellPart::Text(text.into());
    b.plan.tasks[count as usize].body =
        Body::Shell { shell: "sh".into(), text: vec![text("echo ran >&2; wc -c < "), splice(0)], form: None };
    b.plan.tasks[count as usize].params[0].1 = Type::File;
    b.plan.tasks[count as usize].output = Output::Stdout(Type::Int(None));
    b.plan.tasks[plus as usize].body =
        Body::Shell { shell: "sh".into(), text: vec![text("echo 0 "), splice(0), splice(1)], form: None };
    b.plan.tasks[plus as usize].params.iter_mut().for_each(|param| param.1 = Type::Int(None));
    b.plan.tasks[plus as usize].output = Output::Stdout(Type::Text);
    let s = b.file(0, "s", "in.txt", dir);
    let n = b.step(0, "n", count, vec![node(s)]);
    let (each, body) = b.each(0, "l", Expr::List(vec![int(1), int(2), int(3)]));
    let x = b.step(body, "", plus, vec![element(body), node(n)]);
    b.result(body, node(x));
    b.result(0, node(each));
    b.plan
}

fn about(dir: &Path) -> RunInfo {
    RunInfo {
        program: "words.flow".to_owned(),
        stem: "words".to_owned(),
        args: Vec::new(),
        project: dir.to_owned(),
        options: String::new(),
        flowc_version: "0".to_owned(),
    }
}

const OPTIONS: Options = Options { jobs: 2, memory: None, fresh: false, keep_going: false };

fn kept(store: &Store, plan: &Plan) -> StoredPlan {
    StoredPlan::keep(store, plan.clone()).unwrap()
}

fn run(store: &Store, plan: &Plan, dir: &Path) -> RunOutcome {
    start(store, kept(store, plan), about(dir), &OPTIONS, &Control::new(), &mut |_| {}).unwrap()
}

fn value(outcome: &RunOutcome) -> String {
    match &outcome.status {
        Status::Done(value) => flowc_stdlib::to_json(value).to_string(),
        other => format!("{other:?}"),
    }
}

#[test]
fn runs_finds_and_follows_its_inputs() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("in.txt"), "12345").unwrap();
    let store = Store::open(&dir.path().join(".flow")).unwrap();
    let plan = plan(dir.path());
    let first = run(&store, &plan, dir.path());
    assert_eq!(value(&first), r#"["0 15","0 25","0 35"]"#);
    assert_eq!((first.counts.ran, first.counts.found), (4, 0));
    let second = run(&store, &plan, dir.path());
    assert_eq!((second.counts.ran, second.counts.found), (0, 4));
    assert_eq!(value(&second), value(&first));

    // Another content of the same length: what comes after it is found.
    std::fs::write(dir.path().join("in.txt"), "54321").unwrap();
    let third = run(&store, &plan, dir.path());
    assert_eq!((third.counts.ran, third.counts.found), (1, 3));
    let forecast = forecast(&store, &plan, &OPTIONS).unwrap();
    assert!(forecast.complete && forecast.steps.len() == 4);

    // A resume reads nothing again, and goes by the plan in the store.
    std::fs::write(dir.path().join("in.txt"), "1").unwrap();
    // Nobody takes a run up before whoever has its outcome lets go of it.
    let (first_run, first_value) = (first.run.clone(), value(&first));
    drop(first);
    let again = resume(&store, &first_run, &OPTIONS, &Control::new(), &mut |_| {}).unwrap();
    assert_eq!((value(&again), again.counts.found), (first_value, 4));
    // Another process sees the same.
    drop(store);
    let store = Store::open(&dir.path().join(".flow")).unwrap();
    let fourth = run(&store, &plan, dir.path());
    assert_eq!(value(&fourth), r#"["0 11","0 21","0 31"]"#);
}

#[test]
fn a_failure_is_told_in_full_and_a_resume_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("in.txt"), "12345").unwrap();
    let store = Store::open(&dir.path().join(".flow")).unwrap();
    let mut plan = plan(dir.path());
    let text = "echo first; echo why it failed >&2; exit 3";
    plan.tasks[1].body =
        Body::Shell { shell: "sh".into(), text: vec![ShellPart::Text(text.into())], form: None };
    let failed = run(&store, &plan, dir.path());
    let Status::Failed(failures) = &failed.status else { panic!("{failed:?}") };
    assert_eq!((failures[0].kind, failures[0].message.as_str()), ("exit", "exit status 3"));
    assert!(failures[0].stderr_tail.contains("why it failed"));
    let log = failures[0].log.as_ref().unwrap();
    assert_eq!(std::fs::read_to_string(log).unwrap(), "why it failed\n");
    let run = failed.run.clone();
    drop(failed);
    let again = resume(&store, &run, &OPTIONS, &Control::new(), &mut |_| {}).unwrap();
    assert_eq!(again.counts.found, 1, "{again:?}");
    assert!(matches!(again.status, Status::Failed(_)));
}

#[test]
fn an_interrupt_ends_the_run_soon() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("in.txt"), "12345").unwrap();
    let store = Store::open(&dir.path().join(".flow")).unwrap();
    let mut plan = plan(dir.path());
    plan.tasks[1].body =
        Body::Shell { shell: "sh".into(), text: vec![ShellPart::Text("sleep 100".into())], form: None };
    let control = Control::new();
    let stopper = control.clone();
    let mut observer = |event: &Event| {
        if matches!(event, Event::StepStarted { task, .. } if task.as_str() == "plus") {
            stopper.interrupt();
        }
    };
    let outcome =
        start(&store, kept(&store, &plan), about(dir.path()), &OPTIONS, &control, &mut observer).unwrap();
    assert!(matches!(outcome.status, Status::Interrupted), "{outcome:?}");
    assert_eq!((outcome.counts.ran, outcome.counts.skipped), (1, 3));
    let run = outcome.run.clone();
    drop(outcome);
    let run = store.runs().unwrap().into_iter().find(|listed| listed.header.id == run).unwrap();
    assert_eq!((run.live, run.ended), (false, Some(flowc_store::RunStatus::Cancelled)));
}

/// What the dispatcher takes for a step: run by hand, `cargo test -p flowc_engine --release -- --ignored --nocapture cost`.
#[test]
#[ignore = "measures, proves nothing"]
#[expect(clippy::print_stderr, reason = "a measurement is for reading")]
fn cost_of_a_found_step() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join(".flow")).unwrap();
    let mut b = Builder::new();
    let echo = b.task("echo", 1);
    b.plan.tasks[echo as usize].body = Body::Exec(vec![Expr::Const(Value::text("echo")), Expr::Arg(0)]);
    b.plan.tasks[echo as usize].params[0].1 = Type::Int(None);
    b.plan.tasks[echo as usize].output = Output::Stdout(Type::Int(None));
    let list = Expr::Const(Value::list((0..10_000).map(Value::Int)));
    let (each, body) = b.each(0, "l", list);
    let x = b.step(body, "", echo, vec![element(body)]);
    b.result(body, node(x));
    b.result(0, node(each));
    for _ in 0..4 {
        let outcome = run(&store, &b.plan, dir.path());
        eprintln!("{:?}: {} µs a step", outcome.counts, outcome.duration_us / 10_000);
    }
}

#[test]
fn a_damaged_content_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join(".flow");
    let mut b = Builder::new();
    let (make, size) = (b.task("make", 0), b.task("size", 2));
    let text = |text: &str| ShellPart::Text(text.into());
    // Too large for a pack: a file of its own.
    b.plan.tasks[make as usize].body = Body::Shell {
        shell: "sh".into(),
        text: vec![text("head -c 200000 /dev/zero > big.bin")],
        form: None,
    };
    b.plan.tasks[make as usize].output =
        Output::Path { path: Expr::Const(Value::text("big.bin")), ty: Type::File };
    b.plan.tasks[size as usize].params = vec![("f".into(), Type::File), ("n".into(), Type::Int(None))];
    b.plan.tasks[size as usize].body = Body::Shell {
        shell: "sh".into(),
        text: vec![text("wc -c < "), ShellPart::Splice(Expr::Arg(0), Quoting::Bare)],
        form: None,
    };
    b.plan.tasks[size as usize].output = Output::Stdout(Type::Int(None));
    let f = b.step(0, "f", make, vec![]);
    let s = b.step(0, "s", size, vec![node(f), int(1)]);
    b.result(0, Expr::List(vec![node(s), node(f)]));
    let store = Store::open(&root).unwrap();
    let first = run(&store, &b.plan, dir.path());
    let Status::Done(Value::List(values)) = &first.status else { panic!("{first:?}") };
    let Value::File(file) = &values[1] else { panic!() };
    let object = store.object_path(&file.hash).unwrap();
    drop(store);

    // Bytes turn over on the disk, and a step that has not run yet wants the file.
    let mut permissions = std::fs::metadata(&object).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    std::fs::set_permissions(&object, permissions).unwrap();
    std::fs::write(&object, vec![1u8; 200_000]).unwrap();
    let NodeKind::Step(step) = b.kind(s) else { panic!() };
    step.args[1] = int(2);
    let store = Store::open(&root).unwrap();
    let mut causes = Vec::new();
    let mut observer = |event: &Event| {
        if let Event::StepStarted { step, cause, .. } = event {
            causes.push(format!("{step}: {cause:?}"));
        }
    };
    let second =
        start(&store, kept(&store, &b.plan), about(dir.path()), &OPTIONS, &Control::new(), &mut observer)
            .unwrap();
    assert!(matches!(second.status, Status::Done(_)), "{second:?}");
    assert!(causes.contains(&"main.f: Damaged".to_owned()) || causes[0] == "main.f: NoResult", "{causes:?}");
    assert!(store.object_path(&file.hash).is_some());
}
