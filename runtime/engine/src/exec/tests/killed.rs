//! The engine killed by SIGKILL: its reaper ends all steps and removes their folder. This test binary plays engine and reaper.
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::*;

const ENGINE_DIR: &str = "FLOW_TEST_ENGINE_DIR";

/// The name is the argument that starts a reaper: the harness takes it for a filter and runs this.
#[test]
fn __reaper() {
    let args = std::env::args_os().skip(1);
    if std::env::args().nth(1).as_deref() == Some(crate::REAPER_ARG) {
        assert_eq!(crate::reaper_main(args), 0);
    }
}

/// The engine that is killed; does nothing unless [`the_killed_engine_leaves_nothing`] starts it.
#[test]
fn engine_to_be_killed() {
    let Ok(dir) = std::env::var(ENGINE_DIR) else { return };
    let store = Store::open(&Path::new(&dir).join(".flow")).unwrap();
    let (sender, done) = unbounded();
    let work_dir = store.work_dir().join("run-1.1");
    let executor =
        Executor::start(Config { store: store.clone(), slots: 3, work_dir, done: sender }).unwrap();
    let lab = Lab { _shared: None, executor: Some(executor), done, store, dir: tempfile::tempdir().unwrap() };
    for script in [
        "sleep 1000 & sleep 1000",
        "(setsid sleep 1000 &); trap '' TERM HUP; sleep 1000; sleep 1000",
        "(cd /; setsid sleep 1000 >/dev/null 2>&1 &); echo started; sleep 1000",
    ] {
        lab.submit(0, sh(script, Output::Unit), &[], None);
    }
    std::thread::sleep(Duration::from_secs(600));
}

fn processes_in(dir: &Path) -> Vec<i32> {
    super::super::procs::all().into_iter().filter(|&pid| super::super::procs::belongs(pid, dir)).collect()
}

fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let started = Instant::now();
    while !reached() {
        assert!(started.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn start_engine(dir: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "exec::tests::killed::engine_to_be_killed", "--nocapture"])
        .env(ENGINE_DIR, dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn the_killed_engine_leaves_nothing() {
    let _alone = ORPHANS.write().unwrap_or_else(PoisonError::into_inner);
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let mut engine = start_engine(&root);
    let work = root.join(".flow/work/run-1.1");
    until("steps run", || processes_in(&work).len() >= 6);
    engine.kill().unwrap();
    engine.wait().unwrap();
    until("no process is left", || processes_in(&work).is_empty());
    until("no folder is left", || !work.exists());
}

#[test]
fn a_later_run_clears_up_when_even_the_reaper_was_killed() {
    let _alone = ORPHANS.write().unwrap_or_else(PoisonError::into_inner);
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let mut engine = start_engine(&root);
    let work = root.join(".flow/work/run-1.1");
    until("steps run", || processes_in(&work).len() >= 6);
    let children =
        std::fs::read_dir(format!("/proc/{}/task", engine.id())).unwrap().flatten().flat_map(|task| {
            let list = std::fs::File::open(task.path().join("children")).ok();
            let line = list.and_then(|list| BufReader::new(list).lines().next()?.ok()).unwrap_or_default();
            line.split_whitespace().filter_map(|pid| pid.parse::<i32>().ok()).collect::<Vec<_>>()
        });
    let reaper = children.into_iter().find(|pid| {
        std::fs::read_to_string(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|line| line.contains(crate::REAPER_ARG))
    });
    super::super::procs::kill(reaper.expect("there is a reaper"));
    engine.kill().unwrap();
    engine.wait().unwrap();
    let other = root.join(".flow/work/live-1.1");
    std::fs::create_dir(&other).unwrap();
    crate::sweep_stale(&root.join(".flow/work"), |run| run.as_str() == "live-1");
    assert!(processes_in(&work).is_empty());
    assert!(!work.exists());
    assert!(other.exists());
}
