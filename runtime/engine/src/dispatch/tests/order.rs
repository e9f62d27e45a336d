//! What runs, when, how often, and what is said about it.
use flowc_plan::{BinaryOp, Cache, Expr, NodeKind, Pattern, Plan, RegionId, Value};

use super::build::{Builder, binary, element, int, ints, node, sum};
use super::fake::{TTL, Trial};

fn check(plan: &Plan, expected: &str, executed: usize) {
    for seed in 0..8 {
        let seen = Trial { seed, ..Trial::new(plan) }.go();
        assert_eq!(
            flowc_stdlib::to_json(&seen.value()).to_string(),
            expected,
            "seed {seed}: {:#?}",
            seen.events
        );
        assert_eq!(seen.executed.len(), executed, "seed {seed}: {:?}", seen.executed);
    }
}

/// `let a = list(3); let b = for x in a { add(x) }; let c = for y in b { add(y) }; c`
fn two_fors() -> Plan {
    let mut b = Builder::new();
    let (list, add) = (b.task("list", 1), b.task("add", 1));
    let a = b.step(0, "a", list, vec![int(3)]);
    let (first, body) = b.each(0, "b", node(a));
    let x = b.step(body, "", add, vec![element(body)]);
    b.result(body, node(x));
    let (second, body) = b.each(0, "c", node(first));
    let y = b.step(body, "", add, vec![element(body)]);
    b.result(body, node(y));
    b.result(0, node(second));
    b.plan
}

#[test]
fn elements_come_back_in_order() {
    // 3, 4, 5 → 4, 5, 6 → 5, 6, 7: of six calls two are the same.
    check(&two_fors(), "[5,6,7]", 1 + 4);
}

#[test]
fn elements_flow_on_one_by_one() {
    let mut b = Builder::new();
    let add = b.task("add", 1);
    let (first, body) = b.each(0, "b", ints([10, 20, 30, 40]));
    let x = b.step(body, "", add, vec![element(body)]);
    b.result(body, node(x));
    let (second, body) = b.each(0, "c", node(first));
    let y = b.step(body, "", add, vec![element(body)]);
    b.result(body, node(y));
    b.result(0, node(second));
    let mut trial = Trial::new(&b.plan);
    trial.options.jobs = 4;
    let early = (0..20).any(|seed| {
        trial.seed = seed;
        trial.keeper = super::fake::MemoryKeeper::default();
        let events = trial.go().events;
        let at = |wanted: &str| events.iter().position(|event| event.starts_with(wanted)).unwrap();
        let last = events.iter().rposition(|event| event.starts_with("finished main.b[")).unwrap();
        at("started main.c[") < last
    });
    assert!(early, "no element of the second `for` ever starts before the last of the first is done");
}

#[test]
fn conditions_max_and_order() {
    let plan = |max| {
        let mut b = Builder::new();
        let add = b.task("add", 1);
        let (first, body) = b.each(0, "b", ints(0..6));
        let odd = binary(BinaryOp::Eq, binary(BinaryOp::Rem, element(body), int(2)), int(1));
        b.set_cond(first, odd);
        let x = b.step(body, "", add, vec![element(body)]);
        b.result(body, node(x));
        let (second, body) = b.each(0, "c", node(first));
        b.set_max(second, int(max));
        let y = b.step(body, "", add, vec![element(body)]);
        b.result(body, node(y));
        b.result(0, node(second));
        b.plan
    };
    // 1, 3, 5 → 2, 4, 6 → 3, 5, 7
    check(&plan(3), "[3,5,7]", 6);
    let plan = plan(2);
    let seen = Trial::new(&plan).go();
    assert!(
        seen.events.contains(&"failed main.c: the list has 3 elements, `max` allows 2".to_owned()),
        "{:#?}",
        seen.events
    );
    assert!(!seen.events.iter().any(|event| event.starts_with("started main.c")), "{:#?}", seen.events);
}

#[test]
fn a_condition_may_hold_steps() {
    let mut b = Builder::new();
    let (add, use_) = (b.task("add", 1), b.task("list", 1));
    let (each, body) = b.each(0, "b", ints(0..4));
    let score = b.step(body, "score", add, vec![element(body)]);
    b.set_cond(each, binary(BinaryOp::Gt, node(score), int(2)));
    let y = b.step(body, "", use_, vec![element(body)]);
    b.result(body, node(y));
    b.result(0, node(each));
    check(&b.plan, "[[2,3],[3,4,5]]", 4 + 2);
}

#[test]
fn only_the_branch_that_is_taken_runs() {
    let mut b = Builder::new();
    let (add, fail) = (b.task("add", 1), b.task("fail", 0));
    let (list, body) = b.each(0, "l", ints([1, 2]));
    let (choice, then, otherwise) = b.branch(body, "", binary(BinaryOp::Lt, element(body), int(5)));
    let a = b.step(then, "", add, vec![element(body)]);
    b.result(then, node(a));
    let f = b.step(otherwise, "", fail, vec![]);
    b.result(otherwise, node(f));
    b.result(body, node(choice));
    b.result(0, node(list));
    check(&b.plan, "[2,3]", 2);
}

#[test]
fn match_binds_what_it_takes() {
    let mut b = Builder::new();
    let (add, fail) = (b.task("add", 1), b.task("fail", 0));
    let (bad, good) = (b.region(0), b.region(0));
    let f = b.step(bad, "", fail, vec![]);
    b.result(bad, node(f));
    let a = b.step(good, "", add, vec![element(good)]);
    b.result(good, node(a));
    let arms = vec![(Pattern::Equal(Value::Int(4)), RegionId(bad)), (Pattern::Bind(0), RegionId(good))];
    let choice = b.node(0, "m", NodeKind::Match { scrutinee: int(5), arms });
    b.result(0, node(choice));
    check(&b.plan, "6", 1);
}

#[test]
fn an_empty_list_is_done_at_once() {
    let mut b = Builder::new();
    let fail = b.task("fail", 0);
    let (each, body) = b.each(0, "b", ints([]));
    let f = b.step(body, "", fail, vec![]);
    b.result(body, node(f));
    b.result(0, sum(node(each)));
    check(&b.plan, "0", 0);
}

#[test]
fn steps_that_nobody_uses_belong_to_the_run() {
    let mut b = Builder::new();
    let add = b.task("add", 1);
    b.step(0, "a", add, vec![int(1)]);
    b.result(0, int(7));
    check(&b.plan, "7", 1);
}

#[test]
fn after_waits_without_data() {
    let mut b = Builder::new();
    let add = b.task("add", 1);
    let a = b.step(0, "a", add, vec![int(1)]);
    let z = b.step(0, "z", add, vec![int(2)]);
    let NodeKind::Step(step) = b.kind(z) else { panic!() };
    step.after.push(a);
    b.result(0, node(z));
    let seen = Trial::new(&b.plan).go();
    let at = |wanted: &str| seen.events.iter().position(|event| event.starts_with(wanted)).unwrap();
    assert!(at("finished main.a") < at("started main.z"));
}

#[test]
fn found_again_and_fresh() {
    let plan = two_fors();
    let mut trial = Trial::new(&plan);
    trial.go();
    trial.keeper.disk().frames.clear();
    trial.run = "run-b";
    let seen = trial.go();
    assert_eq!((seen.executed.len(), seen.counts().found), (0, 7));
    assert!(seen.events.contains(&"found main.b[1] of run-a".to_owned()), "{:#?}", seen.events);
    trial.options.fresh = true;
    trial.run = "run-c";
    trial.keeper.disk().frames.clear();
    let seen = trial.go();
    assert_eq!((seen.executed.len(), seen.counts().ran), (5, 5));
    // Taken up again, what this run has made counts.
    assert_eq!(trial.go().executed.len(), 0);
}

#[test]
fn cache_says_how_long() {
    for (cache, in_resume, in_next) in
        [(Cache::Never, 0, 1), (Cache::Run, 0, 1), (Cache::Forever, 0, 0), (Cache::For(TTL), 0, 0)]
    {
        let mut b = Builder::new();
        let add = b.task("add", 1);
        b.plan.tasks[add as usize].cache = cache;
        let a = b.step(0, "a", add, vec![int(1)]);
        b.result(0, node(a));
        let mut trial = Trial::new(&b.plan);
        assert_eq!(trial.go().executed.len(), 1);
        assert_eq!(trial.go().executed.len(), in_resume, "{cache:?}");
        trial.keeper.disk().frames.clear();
        trial.run = "run-b";
        assert_eq!(trial.go().executed.len(), in_next, "{cache:?}");
    }
}

#[test]
fn cores_and_memory_are_given_out() {
    let mut b = Builder::new();
    let add = b.task("add", 1);
    b.plan.tasks[add as usize].needs.cpu = Some(int(2));
    let (each, body) = b.each(0, "b", ints(1..10));
    let x = b.step(body, "", add, vec![element(body)]);
    b.result(body, node(x));
    b.result(0, node(each));
    let mut trial = Trial::new(&b.plan);
    for (jobs, most) in [(1, 1), (4, 2), (9, 4)] {
        trial.options.jobs = jobs;
        trial.keeper = super::fake::MemoryKeeper::default();
        assert_eq!(trial.go().most, most, "{jobs} cores");
    }
    let mut plan = b.plan.clone();
    plan.tasks[add as usize].needs.memory = Some(Expr::Const(Value::Size(flowc_base::Bytes(10))));
    let mut trial = Trial::new(&plan);
    trial.options.memory = Some(flowc_base::Bytes(5));
    let seen = trial.go();
    assert!(
        seen.events.iter().any(|event| event.contains("it needs 10B of memory, and this machine has 5B")),
        "{:#?}",
        seen.events
    );
}

#[test]
fn the_longest_way_goes_first() {
    let mut b = Builder::new();
    let add = b.task("add", 1);
    let short = b.step(0, "short", add, vec![int(100)]);
    let mut long = b.step(0, "long", add, vec![int(1)]);
    for _ in 0..3 {
        long = b.step(0, "next", add, vec![node(long)]);
    }
    b.result(0, Expr::List(vec![node(short), node(long)]));
    let mut trial = Trial::new(&b.plan);
    trial.options.jobs = 1;
    let seen = trial.go();
    let started: Vec<_> = seen.events.iter().filter(|event| event.starts_with("started")).collect();
    assert_eq!(started[0], "started main.long: NoResult");
}

#[test]
fn what_another_process_does_is_waited_for() {
    let mut b = Builder::new();
    let add = b.task("add", 1);
    let a = b.step(0, "a", add, vec![int(1)]);
    b.result(0, node(a));
    let plan = b.plan;
    let key = Plan::step_key(&plan.tasks[0].identity(&plan.types), &[Value::Int(1)], None);
    let trial = Trial::new(&plan);
    // Another holds the key; it gives up, or comes to a result.
    trial.keeper.disk().claims.insert(key);
    let other = trial.keeper.clone();
    let release = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        other.disk().claims.remove(&key);
    });
    let seen = trial.go();
    release.join().unwrap();
    assert_eq!((seen.value(), seen.executed.len()), (Value::Int(2), 1));
}

#[test]
fn two_runs_at_once_run_each_step_once() {
    let plan = two_fors();
    let first = Trial::new(&plan);
    let second = Trial { keeper: first.keeper.clone(), run: "run-b", seed: 5, ..Trial::new(&plan) };
    let (a, b) = std::thread::scope(|scope| {
        let a = scope.spawn(|| first.go());
        let b = scope.spawn(|| second.go());
        (a.join().unwrap(), b.join().unwrap())
    });
    assert_eq!(a.value(), b.value());
    assert_eq!(a.executed.len() + b.executed.len(), 5);
}

#[test]
fn a_source_is_read_once_for_a_run() {
    let mut b = Builder::new();
    let add = b.task("add", 1);
    let (s, t) = (b.source(0, "s", "in.txt"), b.source(0, "t", "in.txt"));
    let (choice, then, otherwise) = b.branch(0, "", Expr::Const(Value::Bool(false)));
    let missing = b.source(then, "m", "missing");
    b.result(then, node(missing));
    b.result(otherwise, node(t));
    let a = b.step(0, "a", add, vec![node(s)]);
    b.result(0, Expr::List(vec![node(a), node(choice)]));
    let trial = Trial::new(&b.plan);
    assert_eq!(trial.go().value(), Value::list([Value::Int(2), Value::Int(1)]));
    // A resume takes it from the checkpoint.
    assert_eq!(trial.go().executed.len(), 0);
    assert_eq!(trial.keeper.disk().sources_read["in.txt"], 1);
}

#[test]
fn events_tell_the_whole_story() {
    let plan = two_fors();
    let mut trial = Trial::new(&plan);
    trial.options.jobs = 1;
    let events = trial.go().events;
    let expected = [
        "run started",
        "started main.a: NoResult",
        "known 1 or more",
        "finished main.a",
        "started main.b[0]: NoResult",
        "known 4 or more",
        "finished main.b[0]",
        "started main.b[1]: NoResult",
        "known 5 or more",
        "found main.c[0] of run-a",
    ];
    let story: Vec<&str> = events.iter().map(String::as_str).collect();
    for line in expected {
        assert!(story.contains(&line) || line.starts_with("known"), "{line}: {story:#?}");
    }
    assert_eq!(story.first(), Some(&"run started"));
    assert_eq!(story.last(), Some(&"run finished"));
    assert!(story.contains(&"known 7"), "{story:#?}");
}

/// What the dispatcher itself takes for a step: run by hand, `cargo test -p flowc_engine --release -- --ignored --nocapture cost`.
#[test]
#[ignore = "measures, proves nothing"]
#[expect(clippy::print_stderr, reason = "a measurement is for reading")]
fn cost_of_a_step() {
    for count in [10_000, 100_000] {
        let mut b = Builder::new();
        let add = b.task("add", 1);
        let (each, body) = b.each(0, "b", ints(0..count));
        let x = b.step(body, "", add, vec![element(body)]);
        b.result(body, node(x));
        b.result(0, node(each));
        let mut trial = Trial::new(&b.plan);
        for run in ["run-a", "run-b"] {
            trial.run = run;
            trial.keeper.disk().frames.clear();
            let started = std::time::Instant::now();
            let seen = trial.go();
            let nanos = started.elapsed().as_nanos() / u128::from(count.unsigned_abs());
            eprintln!("{:?}: {nanos} ns a step", seen.counts());
        }
    }
}
