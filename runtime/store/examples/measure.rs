//! What the store's operations cost on this machine, in microseconds: a measurement to look at, not a test.
//! `cargo run --release -p flowc_store --example measure [DIR]`
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    reason = "a measurement for people"
)]
use std::path::Path;
use std::time::Instant;

use flowc_plan::{ContentHash, FileRef, Value};
use flowc_store::{Record, RunFrame, RunHeader, Store};

fn key(n: u64) -> ContentHash {
    ContentHash::of(&n.to_le_bytes())
}

fn record(hash: ContentHash) -> Record {
    Record {
        value: Value::File(FileRef { name: "part-aa".into(), hash, size: 200, executable: false }),
        stdout: None,
        stderr: None,
        task: "count".into(),
        label: "main.counts[3]".into(),
        run: "words-k3f9".parse().unwrap(),
        finished_unix_ms: 1_700_000_000_000,
        duration_us: 1234,
        expires_unix_ms: None,
    }
}

/// The median of `rounds` measurements, each of `count` operations, per operation.
fn measure(what: &str, rounds: usize, count: u64, mut work: impl FnMut(u64)) {
    let mut times: Vec<f64> = (0..rounds)
        .map(|round| {
            let start = Instant::now();
            (0..count).for_each(|n| work(round as u64 * count + n));
            start.elapsed().as_secs_f64() * 1e6 / count as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!("{what:<58} {:>10.2} µs", times[rounds / 2]);
}

fn main() {
    let dir = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let dir = tempfile::tempdir_in(dir).unwrap();
    let root = dir.path().join(".flow");
    let store = Store::open(&root).unwrap();
    contents(&store, dir.path());
    results(&store);
    for count in [10_000u64, 100_000] {
        let root = dir.path().join(format!("{count}"));
        let store = Store::open(&root).unwrap();
        let records: Vec<_> =
            (0..count).map(|n| (key(n), record(store.put_bytes(&n.to_le_bytes()).unwrap()))).collect();
        records.chunks(100).for_each(|batch| store.record(batch).unwrap());
        store.sync(None).unwrap();
        drop((store, records));
        measure(&format!("open a store of {count} results"), 11, 1, |_| drop(Store::open(&root).unwrap()));
        let store = Store::open(&root).unwrap();
        measure(&format!("first lookup of each of {count}"), 1, count, |n| {
            assert!(store.lookup(&key(n)).is_some());
        });
        measure(&format!("lookup of each of {count} again"), 3, count, |n| {
            assert!(store.lookup(&key(n % count)).is_some());
        });
    }
}

fn contents(store: &Store, dir: &Path) {
    for size in [200usize, 4096, 65_536] {
        let mut bytes = vec![7; size];
        measure(&format!("put_bytes, {size} new bytes"), 9, 500, |n| {
            bytes[..8].copy_from_slice(&n.to_le_bytes());
            store.put_bytes(&bytes).unwrap();
        });
    }
    let bytes = vec![8; 200];
    let hash = store.put_bytes(&bytes).unwrap();
    measure("put_bytes, 200 known bytes", 9, 1000, |_| {
        store.put_bytes(&bytes).unwrap();
    });
    measure("read, 200 bytes", 9, 1000, |_| drop(store.read(&hash, 1000).unwrap()));
    let file = dir.join("file");
    measure("write a 1 MiB file and put_file", 9, 10, |n| {
        let mut bytes = vec![9; 1 << 20];
        bytes[..8].copy_from_slice(&n.to_le_bytes());
        std::fs::write(&file, bytes).unwrap();
        store.put_file(&file).unwrap();
    });
    measure("write a 200 byte file and put_file", 9, 100, |n| {
        std::fs::write(&file, [&n.to_le_bytes()[..], &bytes].concat()).unwrap();
        store.put_file(&file).unwrap();
    });
    std::fs::write(&file, &bytes).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(50));
    measure("ingest, unchanged", 9, 1000, |_| {
        store.ingest(&file).unwrap();
    });
    let out = dir.join("out");
    measure("write_to, 200 bytes, and unlink", 9, 100, |_| {
        store.write_to(&hash, &out, 0o444).unwrap();
        std::fs::remove_file(&out).unwrap();
    });
}

fn results(store: &Store) {
    let header = |id: &flowc_store::RunId| RunHeader {
        id: id.clone(),
        started_unix_ms: 0,
        program: "p".into(),
        flow: "main".into(),
        args: vec![],
        plan: key(0),
        project: "/".into(),
        options: String::new(),
        flowc_version: "0".into(),
    };
    let log = store.create_run("measure", header).unwrap();
    let mut at = 0u64;
    for batch in [1u64, 16, 64] {
        for sync in [false, true] {
            let what = format!(
                "a step: put, record, checkpoint{}; batches of {batch}",
                if sync { ", sync" } else { "" }
            );
            measure(&what, 9, if sync { 8 } else { 100 }, |_| {
                let mut records = Vec::new();
                let mut frames = Vec::new();
                for _ in 0..batch {
                    at += 1;
                    let mut bytes = [3; 200];
                    bytes[..8].copy_from_slice(&at.to_le_bytes());
                    records.push((key(at), record(store.put_bytes(&bytes).unwrap())));
                    frames.push(RunFrame::Finished { key: key(at), value: None, ran: true });
                }
                store.record(&records).unwrap();
                log.append(&frames).unwrap();
                if sync {
                    store.sync(Some(&log)).unwrap();
                }
            });
        }
    }
    measure("sync with nothing new", 9, 100, |_| store.sync(Some(&log)).unwrap());
    measure("refresh with nothing new", 9, 1000, |_| store.refresh().unwrap());
    measure("claim and give back", 9, 1000, |n| drop(store.claim(&key(n)).unwrap()));
}
