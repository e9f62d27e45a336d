//! Power cuts, simulated: what was not synced may be lost in any way, places before bytes included; what was synced is looked up as ever.
#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    reason = "tests: small numbers, and a panic is the answer"
)]
use flowc_plan::FileRef;

use super::*;

fn content(n: u64) -> Vec<u8> {
    let size = if n.is_multiple_of(3) { 70_000 } else { 100 };
    (0..size).map(|i: u64| (i * 7 + n).to_le_bytes()[0]).collect()
}

fn key(n: u64) -> ContentHash {
    ContentHash::of(&n.to_le_bytes())
}

fn remember(store: &Store, n: u64) -> ContentHash {
    let hash = store.put_bytes(&content(n)).unwrap();
    let file = FileRef { name: "f".into(), hash, size: 1, executable: false };
    let record = Record {
        value: Value::File(file),
        stdout: None,
        stderr: None,
        task: "t".into(),
        label: "l".into(),
        run: "r".parse().unwrap(),
        finished_unix_ms: 0,
        duration_us: 0,
        expires_unix_ms: None,
    };
    store.record(&[(key(n), record)]).unwrap();
    hash
}

/// What a cut can do to the bytes of a content that was not synced: never written, cut off, zeros, something else.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Zeros,
    Short,
    Gone,
}

fn lose(store: &Store, hash: &ContentHash, loss: Loss) {
    use std::os::unix::fs::FileExt;
    let place = store.inner.index.place(hash).unwrap();
    let (path, offset) = if place.pack == 0 {
        let path = store.inner.objects.path(hash);
        // The modes of objects do not keep root out, and need not keep the test out.
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        (path, 0)
    } else {
        (store.inner.packs.path(place.pack), place.offset)
    };
    let file = File::options().write(true).open(&path).unwrap();
    match loss {
        Loss::Zeros => file.write_all_at(&vec![0; usize::try_from(place.size).unwrap()], offset).unwrap(),
        Loss::Short => file.set_len(offset + place.size / 2).unwrap(),
        Loss::Gone if place.pack == 0 => std::fs::remove_file(&path).unwrap(),
        Loss::Gone => file.set_len(offset).unwrap(),
    }
}

#[test]
fn after_a_power_cut_no_result_names_what_was_lost() {
    for loss in [Loss::Zeros, Loss::Short, Loss::Gone] {
        for lost in [4, 5, 6] {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path().join(".flow");
            sys::BOOT_OF_TEST.set(Some(1));
            let store = Store::open(&root).unwrap();
            for n in 0..3 {
                remember(&store, n);
            }
            store.sync(None).unwrap();
            let hashes: Vec<_> = (3..7).map(|n| remember(&store, n)).collect();
            lose(&store, &hashes[lost - 3], loss);
            drop(store);
            // Twice: the first process to come makes it known to all others, whether or not it syncs.
            for boot in [2, 2, 3] {
                sys::BOOT_OF_TEST.set(Some(boot));
                let store = Store::open(&root).unwrap();
                for n in 0..7u64 {
                    // Cutting a pack short takes what stands behind as well.
                    let may_miss = n as usize == lost || (n as usize > lost && !n.is_multiple_of(3));
                    match store.lookup(&key(n)) {
                        None => assert!(may_miss, "{loss:?} of {lost}, boot {boot}: {n} was not lost"),
                        Some(record) => {
                            assert_ne!(n as usize, lost, "{loss:?} of {lost}, boot {boot}");
                            let Value::File(file) = &record.value else { panic!("a file") };
                            assert!(store.read(&file.hash, u64::MAX).unwrap() == content(n));
                        }
                    }
                }
            }
            // It is computed anew, and then there for good.
            let store = Store::open(&root).unwrap();
            for n in 0..7 {
                remember(&store, n);
            }
            store.sync(None).unwrap();
            drop(store);
            sys::BOOT_OF_TEST.set(Some(4));
            let store = Store::open(&root).unwrap();
            assert!((0..7).all(|n| store.lookup(&key(n)).is_some()), "{loss:?} of {lost}");
            assert!(store.inner.index.suspects().is_empty());
        }
    }
}

#[test]
fn what_another_process_has_not_synced_is_synced_by_who_uses_it() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join(".flow");
    sys::BOOT_OF_TEST.set(Some(1));
    let (one, two) = (Store::open(&root).unwrap(), Store::open(&root).unwrap());
    for n in 0..4 {
        remember(&one, n);
    }
    two.refresh().unwrap();
    let dirty = two.inner.index.dirty().unwrap();
    assert_eq!((dirty.contents.len(), dirty.unmarked), (4, true));
    two.sync(None).unwrap();
    one.refresh().unwrap();
    for store in [&one, &two] {
        let dirty = store.inner.index.dirty().unwrap();
        assert_eq!((dirty.contents.len(), dirty.unmarked), (0, false));
    }
}

#[test]
fn a_format_that_a_power_cut_has_emptied_is_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).unwrap();
    let hash = remember(&store, 1);
    drop(store);
    let format = dir.path().join("format");
    let whole = std::fs::read(&format).unwrap();
    for left in [vec![], vec![0; whole.len()]] {
        std::fs::write(&format, left).unwrap();
        let store = Store::open(dir.path()).unwrap();
        assert!(store.lookup(&key(1)).is_some());
        assert_eq!(store.read(&hash, 1000).unwrap(), content(1));
        assert_eq!(std::fs::read(&format).unwrap(), whole);
    }
    // Without an index it is an empty folder, or somebody's.
    let other = tempfile::tempdir().unwrap();
    std::fs::write(other.path().join("format"), "").unwrap();
    std::fs::write(other.path().join("mine"), "").unwrap();
    assert!(matches!(Store::open(other.path()), Err(StoreError::Unsupported { .. })));
    std::fs::remove_file(other.path().join("mine")).unwrap();
    Store::open(other.path()).unwrap();
}

#[test]
fn who_comes_second_to_a_new_store_finds_that_it_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    // What a process that was killed has left goes away.
    std::fs::write(root.join("format.new-1"), "flo").unwrap();
    Store::open(root).unwrap();
    assert!(!root.join("format.new-1").exists());
    // The second saw no format a moment ago, and sees the folders of the first now.
    let expected = format!("flowc store {FORMAT}\n");
    begin(root, &root.join("format"), &expected).unwrap();
}
