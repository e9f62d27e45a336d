//! Checkpoints cut at every byte, flipped, and with snapshots: the state is always that of a beginning of what was appended.
#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "tests: small numbers, and a panic is the answer"
)]
use flowc_plan::{ContentHash, Value};

use super::*;

fn header(id: &RunId) -> RunHeader {
    RunHeader {
        id: id.clone(),
        started_unix_ms: 5,
        program: "words.flow".into(),
        flow: "main".into(),
        args: vec![],
        plan: ContentHash::of(b"plan"),
        project: "/p".into(),
        options: String::new(),
        flowc_version: "0.1.0".into(),
    }
}

fn change(n: u64) -> RunFrame {
    let key = ContentHash::of(&n.to_le_bytes());
    match n % 5 {
        0 => RunFrame::Source { id: key, value: Value::text("s".repeat((n % 40) as usize)) },
        1 => RunFrame::Failed { key, label: "a".into(), message: "exit 1".into() },
        2 => RunFrame::Finished { key, value: Some(Value::list([Value::Int(1), Value::None])), ran: false },
        4 if n % 10 == 4 => RunFrame::Delivered,
        3 if n % 10 == 3 => RunFrame::Ended {
            status: RunStatus::Failed,
            counts: Counts { failed: n, ..Counts::default() },
            unix_ms: n,
        },
        _ => RunFrame::Finished { key, value: None, ran: true },
    }
}

/// The states after 0, 1, 2 … of the first `count` changes.
fn states(header: RunHeader, count: u64) -> Vec<RunState> {
    let mut states = vec![RunState::new(header)];
    for n in 0..count {
        let mut next = states[n as usize].clone();
        next.apply(change(n));
        states.push(next);
    }
    states
}

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join(".flow")).unwrap();
    (dir, store)
}

fn written(store: &Store, count: u64) -> (RunId, PathBuf) {
    let log = store.create_run("words", header).unwrap();
    for n in 0..count {
        log.append(&[change(n)]).unwrap();
    }
    (log.id().clone(), log.dir().to_owned())
}

#[test]
fn cut_at_every_byte_it_is_a_beginning_and_goes_on() {
    let (_dir, store) = store();
    let (id, dir) = written(&store, 20);
    let states = states(header(&id), 20);
    let path = dir.join("log.0");
    let bytes = std::fs::read(&path).unwrap();
    let mut last = 0;
    for cut in 0..=bytes.len() {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let Ok((state, log)) = store.open_run(&id) else {
            assert_eq!(last, 0, "cut at {cut}: only before its first frame is whole it cannot be read");
            let _ = std::fs::remove_file(dir.join("log.0.bad"));
            continue;
        };
        let kept = states.iter().position(|expected| *expected == state).expect("a state that there was");
        assert!(kept >= last, "cut at {cut}");
        last = kept;
        log.append(&[RunFrame::Finished { key: id_key(cut), value: None, ran: true }]).unwrap();
        drop(log);
        let (again, _log) = store.open_run(&id).unwrap();
        assert!(again.finished.contains(&id_key(cut)));
        assert!(state.finished.is_subset(&again.finished));
    }
    assert_eq!(last, 20);
}

fn id_key(n: usize) -> ContentHash {
    ContentHash::of(&(n as u128).to_le_bytes())
}

#[test]
fn with_any_bit_flipped_it_is_a_beginning() {
    let (_dir, store) = store();
    let (id, dir) = written(&store, 12);
    let states = states(header(&id), 12);
    let path = dir.join("log.0");
    let bytes = std::fs::read(&path).unwrap();
    for bit in (0..bytes.len() * 8).step_by(11) {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, damaged).unwrap();
        if let Ok((state, _log)) = store.open_run(&id) {
            let kept = states.iter().position(|expected| *expected == state);
            assert!(kept.is_some_and(|kept| kept < 12), "bit {bit}");
        }
    }
}

#[test]
fn snapshots_say_what_the_log_said() {
    let (_dir, store) = store();
    let log = store.create_run("words", header).unwrap();
    log.set_segment_bytes_max(700);
    let (id, dir) = (log.id().clone(), log.dir().to_owned());
    let states = states(header(&id), 200);
    for n in 0..200 {
        log.append(&[change(n)]).unwrap();
        if n % 17 == 0 {
            store.sync(Some(&log)).unwrap();
            let loaded = stored::load(&store, &dir, false).unwrap();
            assert_eq!(loaded.state, states[n as usize + 1], "after {n}");
        }
    }
    drop(log);
    let mut names: Vec<_> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let newest =
        names.iter().filter_map(|name| name.strip_prefix("snap.")?.parse::<u32>().ok()).max().unwrap();
    assert!(newest > 5 && names.len() <= 6, "{names:?}");
    assert_eq!(store.open_run(&id).unwrap().0, states[200]);
    // The newest snapshot damaged anywhere: the one before it and the segments say the same.
    let snapshot = dir.join(format!("snap.{newest}"));
    let bytes = std::fs::read(&snapshot).unwrap();
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        std::fs::write(&snapshot, damaged).unwrap();
        assert_eq!(stored::load(&store, &dir, false).unwrap().state, states[200], "byte {at}");
    }
    for cut in (0..bytes.len()).step_by(5) {
        std::fs::write(&snapshot, &bytes[..cut]).unwrap();
        assert_eq!(stored::load(&store, &dir, false).unwrap().state, states[200], "cut at {cut}");
    }
    assert_eq!(store.open_run(&id).unwrap().0, states[200]);
}

#[test]
fn a_snapshot_that_was_written_and_not_gone_on_from_is_no_loss() {
    // A kill between the new segment and the snapshot, and one right behind the snapshot.
    for snapshot in [false, true] {
        let (_dir, store) = store();
        let (id, dir) = written(&store, 20);
        stored::begin_segment(&dir, 1).unwrap();
        if snapshot {
            stored::write_snapshot(&store, &dir, 0).unwrap();
        }
        let (state, log) = store.open_run(&id).unwrap();
        assert_eq!(state, states(header(&id), 20)[20]);
        log.append(&[change(20)]).unwrap();
        drop(log);
        assert_eq!(store.open_run(&id).unwrap().0, states(header(&id), 21)[21]);
    }
}

#[test]
fn a_large_value_whose_content_is_gone_is_not_finished() {
    let (_dir, store) = store();
    let log = store.create_run("words", header).unwrap();
    let (large, small) = (ContentHash::of(b"large"), ContentHash::of(b"small"));
    log.append(&[
        RunFrame::Finished { key: large, value: Some(Value::text("x".repeat(100_000))), ran: true },
        RunFrame::Finished { key: small, value: Some(Value::Int(1)), ran: true },
    ])
    .unwrap();
    let id = log.id().clone();
    drop(log);
    assert_eq!(store.open_run(&id).unwrap().0.finished.len(), 2);
    std::fs::remove_dir_all(store.root().join("objects")).unwrap();
    let (state, _log) = store.open_run(&id).unwrap();
    assert_eq!(state.finished.into_iter().collect::<Vec<_>>(), [small]);
}

#[test]
fn the_deepest_value_is_read_back_and_a_deeper_one_refused() {
    let (_dir, store) = store();
    let nested = |levels: usize| (1..levels).fold(Value::Int(1), |value, _| Value::list([value]));
    let log = store.create_run("deep", header).unwrap();
    let finished = |value| RunFrame::Finished { key: ContentHash::of(b"k"), value: Some(value), ran: true };
    log.append(&[finished(nested(crate::store::VALUE_DEPTH_MAX))]).unwrap();
    assert!(matches!(
        log.append(&[finished(nested(crate::store::VALUE_DEPTH_MAX + 1))]),
        Err(StoreError::TooDeep { .. })
    ));
    let id = log.id().clone();
    drop(log);
    assert_eq!(store.open_run(&id).unwrap().0.results.len(), 1);
}

/// The list of runs as states: what it says of the one run there is.
fn listed(store: &Store) -> (Option<RunStatus>, bool) {
    let runs = store.runs().unwrap();
    assert_eq!(runs.len(), 1);
    (runs[0].ended, runs[0].delivered)
}

fn ended(status: RunStatus) -> RunFrame {
    RunFrame::Ended { status, counts: Counts::default(), unix_ms: 7 }
}

#[test]
fn a_run_is_over_when_it_is_delivered_and_its_log_is_not_read_any_more() {
    let (_dir, store) = store();
    let log = store.create_run("words", header).unwrap();
    let (id, path) = (log.id().clone(), log.dir().join("log.0"));
    log.append(&[change(2), ended(RunStatus::Done)]).unwrap();
    assert_eq!(listed(&store), (Some(RunStatus::Done), false));
    log.append(&[RunFrame::Delivered]).unwrap();
    drop(log);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, b"").unwrap();
    assert_eq!(listed(&store), (Some(RunStatus::Done), true), "the summary says so");
    std::fs::write(&path, &bytes).unwrap();
    std::fs::write(path.with_file_name("summary"), b"flowcsum, and damaged").unwrap();
    assert_eq!(listed(&store), (Some(RunStatus::Done), true), "the log says so");
    // Taken up again, it is not over before it is handed out again.
    let (state, log) = store.open_run(&id).unwrap();
    assert!(state.delivered);
    log.append(&[change(7)]).unwrap();
    assert_eq!(listed(&store), (None, false));
    log.append(&[ended(RunStatus::Failed)]).unwrap();
    drop(log);
    std::fs::write(&path, b"").unwrap();
    assert_eq!(listed(&store), (Some(RunStatus::Failed), false), "there is nothing to hand out");
}

#[test]
fn a_lease_that_cannot_be_opened_says_nothing_of_a_death() {
    let dir = tempfile::tempdir().unwrap();
    assert!(!log::is_live(dir.path()), "nobody ever took it");
    // Whatever the reason is: rights keep no root out of a file, so the test takes a directory.
    std::fs::create_dir(dir.path().join("lease")).unwrap();
    assert!(log::is_live(dir.path()));
}
