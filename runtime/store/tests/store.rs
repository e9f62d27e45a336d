//! The store from outside: what is put can be read, is kept once, survives its process, and is never wrong.
#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "tests: small numbers, and a panic is the answer"
)]
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use flowc_plan::{ContentHash, DirEntryKind, FileRef, Value};
use flowc_store::{Counts, Record, RunFrame, RunHeader, RunId, RunStatus, Store, StoreError};

fn fresh() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join(".flow")).unwrap();
    (dir, store)
}

fn again(store: &Store) -> Store {
    Store::open(store.root()).unwrap()
}

fn key(n: u64) -> ContentHash {
    ContentHash::of(&n.to_le_bytes())
}

fn record(value: Value) -> Record {
    Record {
        value,
        stdout: None,
        stderr: None,
        task: "count".into(),
        label: "main.counts[3]".into(),
        run: "words-k3f9".parse().unwrap(),
        finished_unix_ms: 1,
        duration_us: 2,
        expires_unix_ms: None,
    }
}

fn header(id: &RunId) -> RunHeader {
    RunHeader {
        id: id.clone(),
        started_unix_ms: 5,
        program: "words.flow".into(),
        flow: "main".into(),
        args: vec![("book".into(), "a b".into())],
        plan: key(0),
        project: "/p".into(),
        options: "{}".into(),
        flowc_version: "0.1.0".into(),
    }
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn contents_come_back_and_are_kept_once() {
    let (_dir, store) = fresh();
    for size in [0, 1, 4096, 65_536, 65_537, 3_000_000] {
        let bytes: Vec<u8> = (0..size).map(|i: u32| (i % 251) as u8).collect();
        let hash = store.put_bytes(&bytes).unwrap();
        assert_eq!(store.put_bytes(&bytes).unwrap(), hash);
        for store in [&store, &{
            store.sync(None).unwrap();
            again(&store)
        }] {
            assert_eq!(store.blob_size(&hash), Some(bytes.len() as u64));
            assert!(store.read(&hash, u64::MAX).unwrap() == bytes, "{size}");
            assert!(store.view(&hash).unwrap()[..] == bytes, "{size}");
            assert_eq!(store.object_path(&hash).is_some(), size > 65_536);
            let dest = store.work_dir().join("out");
            store.write_to(&hash, &dest, 0o644).unwrap();
            assert!(std::fs::read(&dest).unwrap() == bytes);
            assert!(store.write_to(&hash, &dest, 0o644).is_err(), "it exists");
            std::fs::remove_file(&dest).unwrap();
        }
    }
}

#[test]
fn files_are_taken_over_or_copied() {
    let (dir, store) = fresh();
    for size in [10usize, 100_000] {
        let path = store.work_dir().join("made");
        write(&path, &vec![7; size]);
        let (hash, found) = store.put_file(&path).unwrap();
        assert_eq!((hash, found), (ContentHash::of(&vec![7; size]), size as u64));
        assert!(!path.exists());
        let user = dir.path().join("user");
        write(&user, &vec![8; size]);
        for _ in 0..2 {
            let kept = store.ingest(&user).unwrap();
            assert_eq!(
                (kept.hash, kept.size, kept.executable),
                (ContentHash::of(&vec![8; size]), size as u64, false)
            );
        }
        // An edit right after: the same size, perhaps the same time.
        write(&user, &vec![9; size]);
        assert_eq!(store.ingest(&user).unwrap().hash, ContentHash::of(&vec![9; size]));
        assert!(user.exists());
    }
}

#[test]
fn directories_are_kept_and_hostile_ones_named() {
    let (dir, store) = fresh();
    let make = |name: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.join("a/empty")).unwrap();
        write(&path.join("a/x"), b"x");
        write(&path.join("a.txt"), &vec![1; 70_000]);
        std::os::unix::fs::symlink("a/x", path.join("link")).unwrap();
        path
    };
    let path = make("d");
    let kept = store.ingest_dir(&path).unwrap();
    assert_eq!((kept.name.as_str(), kept.size), ("d", 70_001));
    let tree = store.read_tree(&kept).unwrap();
    let paths: Vec<&str> = tree.entries.iter().map(|e| e.path.as_str()).collect();
    assert_eq!(paths, ["a.txt", "a/empty", "a/x", "link"]);
    assert!(matches!(&tree.entries[3].kind, DirEntryKind::Link { target } if *target == "a/x"));
    assert_eq!(store.put_dir(&make("e/d")).unwrap(), kept);
    let out = dir.path().join("out");
    store.write_dir_to(&kept, &out, false).unwrap();
    assert_eq!(store.ingest_dir(&out).unwrap().tree, kept.tree);
    // A project is taken without its store, this one wherever it stands.
    let project = make("project");
    std::fs::create_dir(project.join(".flow")).unwrap();
    write(&project.join(".flow/format"), b"flow");
    let inside = Store::open(&project.join("elsewhere")).unwrap();
    assert_eq!(inside.ingest_dir(&project).unwrap().tree, kept.tree);

    for target in ["/etc/passwd", "../x", "a/../../x", "a/../x", ".."] {
        let path = make("bad");
        std::os::unix::fs::symlink(target, path.join("evil")).unwrap();
        let error = store.put_dir(&path).unwrap_err();
        assert!(
            matches!(&error, StoreError::Unsupported { path, .. } if path.ends_with("evil")),
            "{target}: {error}"
        );
        assert!(path.join("a/x").exists(), "nothing was taken");
        std::fs::remove_dir_all(path).unwrap();
    }
}

#[test]
fn results_are_seen_by_others_and_need_their_contents() {
    let (_dir, store) = fresh();
    let other = again(&store);
    let hash = store.put_bytes(b"content").unwrap();
    let big = store.put_bytes(&vec![3; 100_000]).unwrap();
    let file = |hash, size| Value::File(FileRef { name: "f".into(), hash, size, executable: false });
    let results = [
        (key(1), record(file(hash, 7))),
        (key(2), record(Value::text("t".repeat(20_000)))),
        (key(3), record(file(big, 100_000))),
    ];
    store.record(&results).unwrap();
    assert!(other.lookup(&key(1)).is_none());
    other.refresh().unwrap();
    for store in [&store, &other, &again(&store)] {
        for (key, expected) in &results {
            assert_eq!(store.lookup(key).as_deref(), Some(expected));
        }
    }
    store
        .record(&[
            (key(4), record(file(key(99), 1))),
            (key(5), Record { expires_unix_ms: Some(1), ..record(Value::Unit) }),
        ])
        .unwrap();
    assert!(store.lookup(&key(4)).is_none(), "its content was never put");
    assert!(store.lookup(&key(5)).is_none(), "it has expired");
    other.forget(&key(2)).unwrap();
    store.refresh().unwrap();
    assert!(store.lookup(&key(2)).is_none());
    // Damage: a miss from then on, and the bytes can be put again.
    let path = store.object_path(&big).unwrap();
    std::fs::remove_file(&path).unwrap();
    write(&path, &vec![4; 100_000]);
    assert!(matches!(store.read(&big, u64::MAX), Err(StoreError::Damaged { .. })));
    assert!(store.lookup(&key(3)).is_none());
    store.put_bytes(&vec![3; 100_000]).unwrap();
    assert!(store.lookup(&key(3)).is_some());
}

#[test]
fn one_holder_has_a_claim() {
    let (_dir, store) = fresh();
    let other = again(&store);
    let claim = store.claim(&key(1)).unwrap().unwrap();
    assert!(store.claim(&key(1)).unwrap().is_none());
    assert!(other.claim(&key(1)).unwrap().is_none());
    assert!(other.claim(&key(2)).unwrap().is_some());
    drop(claim);
    assert!(other.claim(&key(1)).unwrap().is_some());
}

#[test]
fn a_run_goes_on_where_it_was() {
    let (_dir, store) = fresh();
    let log = store.create_run("words", header).unwrap();
    let id = log.id().clone();
    let frames = [
        RunFrame::Source { id: key(7), value: Value::text("x".repeat(30_000)) },
        RunFrame::Finished { key: key(1), value: None, ran: true },
        RunFrame::Finished { key: key(2), value: Some(Value::Int(2)), ran: false },
        RunFrame::Failed { key: key(3), label: "a".into(), message: "exit 1".into() },
    ];
    log.append(&frames).unwrap();
    store.sync(Some(&log)).unwrap();
    assert!(matches!(store.open_run(&id), Err(StoreError::Busy(_))));
    assert!(matches!(again(&store).open_run(&id), Err(StoreError::Busy(_))));
    assert!(store.runs().unwrap()[0].live);
    drop(log);
    let (state, log) = again(&store).open_run(&id).unwrap();
    assert_eq!(state.header.args, header(&id).args);
    assert_eq!(state.sources[&key(7)], Value::text("x".repeat(30_000)));
    assert_eq!(state.finished.iter().copied().collect::<Vec<_>>(), {
        let mut k = [key(1), key(2)];
        k.sort();
        k
    });
    assert_eq!(state.results[&key(2)], Value::Int(2));
    assert_eq!(state.counts, Counts { ran: 1, found: 1, failed: 1, skipped: 0 });
    let counts = Counts { ran: 9, ..Counts::default() };
    log.append(&[RunFrame::Ended { status: RunStatus::Done, counts, unix_ms: 3 }]).unwrap();
    drop(log);
    let runs = store.runs().unwrap();
    assert_eq!(
        (runs.len(), runs[0].live, runs[0].ended, runs[0].counts),
        (1, false, Some(RunStatus::Done), counts)
    );
    store.remove_run(&id).unwrap();
    assert!(matches!(store.open_run(&id), Err(StoreError::NoRun(_))));
}

#[test]
fn a_store_of_another_format_is_refused() {
    let (_dir, store) = fresh();
    write(&store.root().join("format"), b"flowc store 2\n");
    let error = Store::open(store.root()).unwrap_err();
    assert!(error.to_string().ends_with("has format 2, this flowc reads format 1"), "{error}");
}

/// The only pack, and where `content` stands in it.
fn in_pack(store: &Store, content: &[u8]) -> (std::path::PathBuf, usize) {
    let path = store.root().join("objects/pack/1.pack");
    let bytes = std::fs::read(&path).unwrap();
    let at = bytes.windows(content.len()).position(|window| window == content).unwrap();
    (path, at)
}

#[test]
fn a_damaged_pack_costs_what_was_damaged() {
    let (_dir, store) = fresh();
    let contents: Vec<Vec<u8>> = (0..20).map(|n| format!("content number {n}").into_bytes()).collect();
    let hashes: Vec<ContentHash> = contents.iter().map(|content| store.put_bytes(content).unwrap()).collect();
    store.sync(None).unwrap();
    let (path, at) = in_pack(&store, &contents[7]);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[at] ^= 1;
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &bytes, 0).unwrap();
    drop(store.clone());
    for (n, hash) in hashes.iter().enumerate() {
        match store.read(hash, 100) {
            Ok(found) => assert_eq!(found, contents[n]),
            Err(error) => assert!(n == 7 && matches!(error, StoreError::Damaged { .. }), "{n}: {error}"),
        }
    }
    assert!(!store.contains(&hashes[7]) && !again(&store).contains(&hashes[7]));
    store.put_bytes(&contents[7]).unwrap();
    store.sync(None).unwrap();
    assert_eq!(again(&store).read(&hashes[7], 100).unwrap(), contents[7]);
}

#[test]
fn without_its_index_a_store_still_has_its_packs() {
    let (_dir, store) = fresh();
    let hash = store.put_bytes(b"still there").unwrap();
    store.record(&[(key(1), record(Value::Int(1)))]).unwrap();
    store.record(&[(key(2), record(Value::Int(2)))]).unwrap();
    let path = store.root().join("index/results");
    let root = store.root().to_owned();
    drop(store);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[60] ^= 1;
    write(&path, &bytes);
    let store = Store::open(&root).unwrap();
    assert!(store.take_damage().unwrap().to_string().contains("is damaged"));
    assert_eq!(store.read(&hash, 100).unwrap(), b"still there");
    assert!(path.with_extension("bad").exists());
    assert!(Store::open(&root).unwrap().take_damage().is_none());
}

#[test]
fn the_links_of_a_step_lead_nowhere() {
    let (dir, store) = fresh();
    let secret = dir.path().join("secret");
    std::fs::create_dir(&secret).unwrap();
    write(&secret.join("key"), b"secret");
    let work = store.work_dir().join("slot");
    std::fs::create_dir(&work).unwrap();
    write(&work.join("real"), b"real");
    for (name, target) in
        [("out", secret.as_path()), ("leaf", &secret.join("key")), ("inside", Path::new("real"))]
    {
        std::os::unix::fs::symlink(target, work.join(name)).unwrap();
    }
    assert!(store.put_dir(&work.join("out")).is_err());
    assert!(matches!(store.put_file(&work.join("leaf")), Err(StoreError::Unsupported { .. })));
    for path in ["out/key", "leaf", "../../format", "/etc/passwd"] {
        assert!(
            matches!(store.put_file_in(&work, Path::new(path)), Err(StoreError::Unsupported { .. })),
            "{path}"
        );
    }
    assert_eq!(std::fs::read(secret.join("key")).unwrap(), b"secret");
    assert_eq!(store.put_file_in(&work, Path::new("inside")).unwrap().hash, ContentHash::of(b"real"));
    assert_eq!(store.put_file_in(&work, Path::new("real")).unwrap().hash, ContentHash::of(b"real"));
    assert!(!work.join("real").exists());
    // A pipe neither blocks nor is read.
    let status = std::process::Command::new("mkfifo").arg(work.join("pipe")).status().unwrap();
    assert!(status.success());
    let pipe = work.join("pipe");
    for error in [
        store.put_file(&pipe).unwrap_err(),
        store.ingest(&pipe).unwrap_err(),
        store.put_dir(&work).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Unsupported { .. }), "{error}");
    }
}

#[test]
fn a_taken_file_that_has_another_name_is_copied() {
    let (_dir, store) = fresh();
    let (made, other) = (store.work_dir().join("made"), store.work_dir().join("other"));
    write(&made, &vec![5; 100_000]);
    std::fs::hard_link(&made, &other).unwrap();
    let (hash, _) = store.put_file(&made).unwrap();
    write(&other, b"written through its other name");
    assert!(store.read(&hash, u64::MAX).unwrap() == vec![5; 100_000]);
}

#[test]
fn a_bad_file_under_a_good_name_is_replaced_by_the_next_put() {
    let (_dir, store) = fresh();
    let bytes = vec![6; 100_000];
    let hash = store.put_bytes(&bytes).unwrap();
    let path = store.object_path(&hash).unwrap();
    std::fs::remove_file(&path).unwrap();
    write(&path, b"");
    assert_eq!(store.put_bytes(&bytes).unwrap(), hash);
    assert!(store.read(&hash, u64::MAX).unwrap() == bytes);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o444);
}

#[test]
fn bytes_that_changed_in_place_are_not_taken_for_what_is_put() {
    use std::os::unix::fs::FileExt;
    let (_dir, store) = fresh();
    let bytes = vec![6; 100_000];
    let hash = store.put_bytes(&bytes).unwrap();
    let (root, path) = (store.root().to_owned(), store.object_path(&hash).unwrap());
    drop(store);
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().write_all_at(b"EVIL", 50).unwrap();
    std::fs::remove_dir_all(root.join("index")).unwrap();
    let store = Store::open(&root).unwrap();
    assert_eq!(store.put_bytes(&bytes).unwrap(), hash);
    assert!(store.read(&hash, u64::MAX).unwrap() == bytes);
    let served = store.object_path(&hash).unwrap();
    assert!(std::fs::read(served).unwrap() == bytes);
    // One that is what its name says stays.
    let inode = |path: &Path| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).unwrap());
    let before = inode(&path);
    drop(store);
    std::fs::remove_dir_all(root.join("index")).unwrap();
    let store = Store::open(&root).unwrap();
    assert_eq!(store.put_bytes(&bytes).unwrap(), hash);
    assert_eq!(inode(&path), before);
}

#[test]
fn a_folder_that_is_somebody_elses_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("thesis.txt"), b"");
    let error = Store::open(dir.path()).unwrap_err();
    assert!(error.to_string().contains("not a store"), "{error}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_tree_that_leaves_its_directory_is_not_read() {
    use flowc_plan::{DirEntry, DirRef, Tree};
    let (_dir, store) = fresh();
    let entry = |path: &str, kind: DirEntryKind| DirEntry { path: path.into(), kind };
    let link = |target: &str| DirEntryKind::Link { target: target.into() };
    let file = || DirEntryKind::File { hash: key(1), size: 1, executable: false };
    for entries in [
        vec![entry("../x", file())],
        vec![entry("/x", file())],
        vec![entry("a//x", file())],
        vec![entry("", file())],
        vec![entry("x", link("../y"))],
        vec![entry("x", link("/y"))],
        vec![entry("x", link("a/../../y"))],
        vec![entry("x", link("y")), entry("x/z", file())],
        vec![entry("b", file()), entry("a", file())],
        vec![entry("a", file()), entry("a", file())],
    ] {
        let names: Vec<String> = entries.iter().map(|entry| entry.path.to_string()).collect();
        let tree = store.put_bytes(&rmp_serde::to_vec(&Tree { entries }).unwrap()).unwrap();
        let dir = DirRef { name: "d".into(), tree, size: 1 };
        assert!(matches!(store.read_tree(&dir), Err(StoreError::Corrupt { .. })), "{names:?}");
    }
}
