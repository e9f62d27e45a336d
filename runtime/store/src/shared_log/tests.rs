//! The shared log under cuts, flips and several hands: the good beginning is kept, goes on, and everyone comes to agree.
use super::*;

const MAGIC: [u8; 8] = *b"flowctst";

#[derive(Default, Debug, PartialEq, Clone)]
struct Seen(Vec<Vec<u8>>);

impl Sink for Seen {
    fn reset(&mut self) {
        self.0.clear();
    }
    fn take(&mut self, bytes: Vec<u8>, frames: &[Frame]) {
        self.0.extend(frames.iter().map(|frame| bytes[frame.payload.clone()].to_vec()));
    }
}

fn open(path: &Path) -> (SharedLog, Seen) {
    let mut seen = Seen::default();
    (SharedLog::open(path, MAGIC, &mut seen).unwrap(), seen)
}

fn add(log: &mut SharedLog, seen: &mut Seen, texts: &[&str]) {
    log.append(seen, |_, at, out| {
        for text in texts {
            at.push(out, 1, |out| out.extend_from_slice(text.as_bytes()));
        }
    })
    .unwrap();
}

fn texts(seen: &Seen) -> Vec<&str> {
    seen.0.iter().map(|text| std::str::from_utf8(text).unwrap()).collect()
}

const TEXTS: [&str; 6] = ["a", "bb", "", "0123456789abcdef", "c", "dd"];

fn written() -> (tempfile::TempDir, PathBuf, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log");
    let (mut log, mut seen) = open(&path);
    add(&mut log, &mut seen, &TEXTS);
    let bytes = std::fs::read(&path).unwrap();
    (dir, path, bytes)
}

/// Opens damaged bytes, and goes on with them: what was read is kept, and read again. Gives how many frames were read and whether it counted as damage.
fn survive(path: &Path, bytes: &[u8]) -> (usize, bool) {
    std::fs::write(path, bytes).unwrap();
    let (mut log, mut seen) = open(path);
    let (kept, damaged) = (seen.0.len(), log.damage.is_some());
    assert_eq!(texts(&seen), TEXTS[..kept]);
    add(&mut log, &mut seen, &["next"]);
    let (again, read) = open(path);
    assert!(again.damage.is_none(), "mended once, whole from then on");
    assert_eq!(read, seen);
    assert_eq!(texts(&read)[..], [&TEXTS[..kept], &["next"]].concat());
    (kept, damaged)
}

#[test]
fn cut_at_every_byte_it_keeps_whole_frames_and_goes_on() {
    let (_dir, path, bytes) = written();
    let mut last = 0;
    for cut in 0..=bytes.len() {
        let (kept, damaged) = survive(&path, &bytes[..cut]);
        assert!(!damaged && kept >= last, "cut at {cut}");
        last = kept;
    }
    assert_eq!(last, TEXTS.len());
}

#[test]
fn with_any_bit_flipped_it_keeps_what_stands_before() {
    let (_dir, path, bytes) = written();
    let last_frame = bytes.len() - 24;
    // Every bit by itself is tried on the frames alone, in memory; here some go through files, which are synced when they are replaced.
    for bit in (0..bytes.len() * 8).step_by(7) {
        let mut bytes = bytes.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let (kept, damaged) = survive(&path, &bytes);
        assert!(kept < TEXTS.len(), "bit {bit}");
        assert_eq!(damaged, bit / 8 < last_frame, "bit {bit}");
        assert!(
            !damaged || std::fs::read(path.with_extension("bad")).unwrap() == bytes,
            "the damaged file is kept"
        );
    }
}

#[test]
fn several_hands_append_and_read_in_one_order() {
    let (_dir, path, _) = written();
    let mut hands: Vec<_> = (0..3).map(|_| open(&path)).collect();
    for round in 0..30 {
        let text = format!("{round}");
        let (log, seen) = &mut hands[round % 3];
        add(log, seen, &[&text, &text]);
    }
    let (_, expected) = open(&path);
    assert_eq!(expected.0.len(), TEXTS.len() + 60);
    for (log, seen) in &mut hands {
        log.refresh(seen).unwrap();
        assert_eq!(*seen, expected);
    }
}

#[test]
fn whoever_holds_a_file_that_was_cut_or_replaced_reads_it_anew() {
    for replaced in [false, true] {
        let (_dir, path, bytes) = written();
        let (mut old, mut old_seen) = open(&path);
        // Another process finds a torn or a damaged file; this one holds it open and has read all of it.
        let mut damaged = bytes.clone();
        if replaced {
            damaged[HEADER_BYTES + 20] ^= 1;
        } else {
            damaged.truncate(bytes.len() - 3);
        }
        let file = File::options().write(true).open(&path).unwrap();
        file.set_len(damaged.len() as u64).unwrap();
        file.write_all_at(&damaged, 0).unwrap();
        let (mut new, mut new_seen) = open(&path);
        assert_eq!(new.damage.is_some(), replaced);
        add(&mut new, &mut new_seen, &["new"]);
        old.refresh(&mut old_seen).unwrap();
        assert_eq!(old_seen, new_seen);
        add(&mut old, &mut old_seen, &["old"]);
        new.refresh(&mut new_seen).unwrap();
        assert_eq!(old_seen, new_seen);
        assert!(texts(&new_seen).ends_with(&["new", "old"]));
    }
}
