//! Several processes on one store, and processes that die: the test program starts itself again as the other process.
#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "tests: small numbers, and a panic is the answer"
)]
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use flowc_plan::{ContentHash, FileRef, Value};
use flowc_store::{Record, RunHeader, RunId, Store, StoreError};

const ROLE: &str = "STORE_TEST_ROLE";

fn key(n: u64) -> ContentHash {
    ContentHash::of(&n.to_le_bytes())
}

fn content(n: u64) -> Vec<u8> {
    let size = if n.is_multiple_of(50) { 70_000 } else { 10 + n as usize % 900 };
    (0..size).map(|i| (i as u64 * 31 + n) as u8).collect()
}

fn record(store: &Store, n: u64) -> Result<(ContentHash, Record), StoreError> {
    let bytes = content(n);
    let hash = store.put_bytes(&bytes)?;
    let file = FileRef { name: "f".into(), hash, size: bytes.len() as u64, executable: false };
    let record = Record {
        value: Value::File(file),
        stdout: None,
        stderr: None,
        task: "t".into(),
        label: "l".into(),
        run: "r".parse()?,
        finished_unix_ms: 0,
        duration_us: 0,
        expires_unix_ms: None,
    };
    Ok((key(n), record))
}

fn header(id: &RunId) -> RunHeader {
    RunHeader {
        id: id.clone(),
        started_unix_ms: 0,
        program: String::new(),
        flow: "main".into(),
        args: vec![],
        plan: key(0),
        project: String::new(),
        options: String::new(),
        flowc_version: String::new(),
    }
}

/// What the other process does; in this one a test without effect.
#[test]
fn other_process() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let words: Vec<&str> = role.split(' ').collect();
    let store = Store::open(Path::new(words[1])).unwrap();
    let number = |at: usize| words[at].parse::<u64>().unwrap();
    let say = |text: &str| {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush())
            .unwrap();
    };
    match words[0] {
        "hold" => {
            let _claim = store.claim(&key(1)).unwrap().unwrap();
            let log = store.create_run("held", header).unwrap();
            say(&format!("held {}", log.id()));
            std::thread::sleep(std::time::Duration::from_secs(60));
        }
        "record" => {
            for n in number(2)..number(3) {
                store.record(&[record(&store, n).unwrap()]).unwrap();
                say(&format!("done {n}"));
            }
        }
        "fill" => {
            let mut n = 0;
            let error = loop {
                match record(&store, n).and_then(|record| store.record(&[record])) {
                    Ok(()) => say(&format!("done {n}")),
                    Err(error) => break error,
                }
                n += 1;
            };
            say(&format!("full {} {error}", error.is_full()));
        }
        role => panic!("no role {role}"),
    }
}

fn start(role: &str) -> Child {
    start_by(Command::new(std::env::current_exe().unwrap()), role)
}

fn start_by(mut command: Command, role: &str) -> Child {
    let command = command.args(["--exact", "other_process", "--nocapture"]).env(ROLE, role);
    command.stdout(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap()
}

fn lines(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    // The harness writes the test's name first, on the line of what the test says.
    lines.filter_map(|line| {
        let at = ["held ", "done ", "full "].iter().filter_map(|word| line.find(word)).min()?;
        Some(line[at..].to_owned())
    })
}

fn fresh() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join(".flow");
    (dir, root)
}

fn expect_whole(store: &Store, n: u64) {
    let record = store.lookup(&key(n)).unwrap_or_else(|| panic!("{n} was recorded"));
    let Value::File(file) = &record.value else { panic!("a file") };
    assert!(store.read(&file.hash, u64::MAX).unwrap() == content(n), "{n}");
}

#[test]
fn claims_and_leases_end_with_their_process() {
    let (_dir, root) = fresh();
    let mut child = start(&format!("hold {}", root.display()));
    let held = lines(&mut child).next().unwrap();
    let id: RunId = held.strip_prefix("held ").unwrap().parse().unwrap();
    let store = Store::open(&root).unwrap();
    assert!(store.claim(&key(1)).unwrap().is_none());
    assert!(store.claim(&key(2)).unwrap().is_some());
    assert!(store.runs().unwrap()[0].live);
    assert!(matches!(store.open_run(&id), Err(StoreError::Busy(_))));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(store.claim(&key(1)).unwrap().is_some());
    assert!(!store.runs().unwrap()[0].live);
    store.open_run(&id).unwrap();
}

#[test]
fn processes_share_one_index() {
    let (_dir, root) = fresh();
    let store = Store::open(&root).unwrap();
    let children: Vec<Child> =
        (0..3).map(|n| start(&format!("record {} {} {}", root.display(), n * 100, n * 100 + 150))).collect();
    for n in 1000..1100 {
        store.record(&[record(&store, n).unwrap()]).unwrap();
    }
    for mut child in children {
        lines(&mut child).for_each(drop);
        assert!(child.wait().unwrap().success());
    }
    store.refresh().unwrap();
    for store in [&store, &Store::open(&root).unwrap()] {
        (0..350).chain(1000..1100).for_each(|n| expect_whole(store, n));
        assert!(store.lookup(&key(350)).is_none());
        assert!(store.take_damage().is_none());
    }
}

#[test]
fn what_was_recorded_before_a_kill_is_whole() {
    let (_dir, root) = fresh();
    let mut next = 0;
    for round in 0..12u64 {
        let mut child = start(&format!("record {} {next} 1000000", root.display()));
        let mut said = lines(&mut child);
        for _ in 0..=round * 7 {
            next = said.next().unwrap().strip_prefix("done ").unwrap().parse::<u64>().unwrap() + 1;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        for line in said {
            next = line.strip_prefix("done ").and_then(|n| n.parse::<u64>().ok()).map_or(next, |n| n + 1);
        }
        let store = Store::open(&root).unwrap();
        assert!(store.take_damage().is_none());
        (0..next).for_each(|n| expect_whole(&store, n));
    }
    // What the dead have left is gone on with: no pack a process.
    let packs = std::fs::read_dir(root.join("objects/pack")).unwrap().count();
    assert!(packs <= 2, "{packs} packs");
    assert_eq!(std::fs::read_dir(root.join("tmp")).unwrap().count(), 0);
}

#[test]
fn a_full_disk_leaves_no_half_frame() {
    // A limit on the size of files stands for the disk: `ulimit -f` counts in 512 bytes, the signal is ignored.
    for blocks in [1, 2, 5, 9, 40, 300] {
        let (_dir, root) = fresh();
        Store::open(&root).unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", &blocks.to_string()]);
        shell.arg(std::env::current_exe().unwrap());
        let mut child = start_by(shell, &format!("fill {}", root.display()));
        let said: Vec<String> = lines(&mut child).collect();
        assert!(child.wait().unwrap().success(), "{said:?}");
        let (last, done) = said.split_last().unwrap();
        assert!(last.starts_with("full true"), "{last}");
        let store = Store::open(&root).unwrap();
        assert!(store.take_damage().is_none());
        (0..done.len() as u64).for_each(|n| expect_whole(&store, n));
        assert!(store.lookup(&key(done.len() as u64)).is_none());
        // There is room again.
        for n in 0..done.len() as u64 + 5 {
            store.record(&[record(&store, n).unwrap()]).unwrap();
        }
        (0..done.len() as u64 + 5).for_each(|n| expect_whole(&Store::open(&root).unwrap(), n));
    }
}
