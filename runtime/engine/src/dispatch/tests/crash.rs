//! A kill after every single write: taken up again, a run gives what it would have given, and repeats nothing that it had finished.
use std::collections::BTreeSet;

use flowc_plan::{BinaryOp, Cache, Plan, Value};
use flowc_store::RunFrame;

use super::build::{Builder, binary, element, int, node, sum};
use super::fake::{MemoryKeeper, Trial};

/// Lists, conditions, a source, a join; one task is not kept beyond its run.
fn plan() -> Plan {
    let mut b = Builder::new();
    let (list, add, never) = (b.task("list", 1), b.task("add", 2), b.task("add", 1));
    b.plan.tasks[never as usize].body = flowc_plan::Body::Exec(vec![int(1)]);
    b.plan.tasks[never as usize].cache = Cache::Never;
    let s = b.source(0, "s", "in.txt");
    let a = b.step(0, "a", list, vec![binary(BinaryOp::Add, node(s), int(2))]);
    let (first, body) = b.each(0, "b", node(a));
    let x = b.step(body, "x", add, vec![element(body), node(s)]);
    let y = b.step(body, "y", never, vec![node(x)]);
    b.result(body, node(y));
    let (second, body) = b.each(0, "c", node(first));
    b.set_cond(second, binary(BinaryOp::Gt, element(body), int(6)));
    let z = b.step(body, "", add, vec![element(body), int(1)]);
    b.result(body, node(z));
    let end = b.step(0, "end", add, vec![sum(node(second)), int(0)]);
    b.result(0, node(end));
    b.plan
}

#[test]
fn killed_after_any_write_a_run_goes_on() {
    let plan = plan();
    for seed in 0..20 {
        let whole = Trial { seed, ..Trial::new(&plan) };
        let value = whole.go().value();
        let writes = whole.keeper.disk().writes;
        assert!(writes > 5);
        for cut in 0..writes {
            let trial = Trial { seed, keeper: MemoryKeeper::default(), ..Trial::new(&plan) };
            trial.keeper.disk().killed_after = Some(cut);
            let killed = trial.go();
            assert!(killed.outcome.is_err(), "seed {seed}, cut {cut}");
            let finished: BTreeSet<_> = {
                let mut disk = trial.keeper.disk();
                disk.killed_after = None;
                // The kernel gives back what a dead process held.
                disk.claims.clear();
                let in_log = disk.frames.iter().filter_map(|frame| match frame {
                    RunFrame::Finished { key, .. } => Some(*key),
                    _ => None,
                });
                in_log.chain(disk.records.keys().copied()).collect()
            };
            let resumed =
                Trial { seed: seed + 100, run: "run-a", keeper: trial.keeper.clone(), ..Trial::new(&plan) };
            let seen = resumed.go();
            assert_eq!(seen.value(), value, "seed {seed}, cut {cut}");
            for (task, args) in &seen.executed {
                let again = plan.tasks.iter().filter(|known| known.name.as_str() == task);
                let mut keys = again.map(|task| Plan::step_key(&task.identity(&[]), args, None));
                assert!(
                    !keys.any(|key| finished.contains(&key)),
                    "seed {seed}, cut {cut}: {task} {args:?} ran again"
                );
            }
            assert_eq!(trial.keeper.disk().sources_read["in.txt"], if cut == 0 { 2 } else { 1 });
        }
        assert_ne!(value, Value::Unit);
    }
}
