//! Every way to damage a log that can be counted out: cut anywhere, any bit flipped, foreign or stale bytes behind it.
#![allow(
    clippy::cast_possible_truncation,
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "tests: small numbers, and a panic is the answer"
)]
use super::*;

const SALT: u64 = 0x1234_5678_9abc_def0;

/// Payload lengths that meet every padding, and the log they make.
fn log(salt: u64, chained: bool) -> (Vec<u8>, Vec<usize>) {
    let mut at = Position::start(salt, 0, chained);
    let (mut bytes, mut ends) = (Vec::new(), vec![0]);
    for n in 0..40usize {
        at.push(&mut bytes, (n % 5) as u8 + 1, |out| out.extend((0..n * 3 % 29).map(|i| (i * n) as u8)));
        ends.push(bytes.len());
    }
    (bytes, ends)
}

/// How many frames are read, and whether whole ones stand behind the first that is not.
fn scan(bytes: &[u8], chained: bool) -> (usize, bool) {
    let mut at = Position::start(SALT, 0, chained);
    let (frames, good) = at.scan(bytes);
    assert_eq!(at.offset, HEADER_BYTES as u64 + good as u64);
    (frames.len(), at.frame_follows(&bytes[good..]))
}

#[test]
fn a_cut_log_gives_its_whole_frames_and_is_no_corruption() {
    for chained in [true, false] {
        let (bytes, ends) = log(SALT, chained);
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
            assert_eq!(scan(&bytes[..cut], chained), (whole, false), "cut at {cut}");
        }
    }
}

#[test]
fn no_flipped_bit_passes_and_none_but_in_the_last_frame_looks_torn() {
    for chained in [true, false] {
        let (bytes, ends) = log(SALT, chained);
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let frame = ends.iter().filter(|end| **end <= bit / 8).count() - 1;
            assert_eq!(scan(&bytes, chained), (frame, frame + 2 < ends.len()), "bit {bit}");
        }
    }
}

#[test]
fn bytes_of_other_files_and_places_are_no_frames() {
    let (bytes, ends) = log(SALT, true);
    let (foreign, _) = log(SALT + 1, true);
    for (n, end) in ends.iter().enumerate() {
        for tail in [&foreign[*end..], &bytes[..], &[0; 64][..], &[255; 64][..]] {
            if tail == &bytes[..] && n == 0 {
                continue;
            }
            let damaged = [&bytes[..*end], tail].concat();
            assert_eq!(scan(&damaged, true), (n, false), "after {n} frames");
        }
    }
}

#[test]
fn a_chain_cannot_be_cut_out_of() {
    // Two histories of one file: the second frame was written, cut, and written anew; the third is of the first history.
    let mut at = Position::start(SALT, 0, true);
    let mut first = Vec::new();
    for byte in [1, 2, 3] {
        at.push(&mut first, 1, |out| out.push(byte));
    }
    let mut at = Position::start(SALT, 0, true);
    let mut second = Vec::new();
    for byte in [1, 9] {
        at.push(&mut second, 1, |out| out.push(byte));
    }
    let mixed = [&second[..], &first[second.len()..]].concat();
    assert_eq!(scan(&mixed, true).0, 2);
    assert_eq!(scan(&mixed, false).0, 3, "without a chain nobody could tell");
}

#[test]
fn crafted_lengths_cost_no_more_than_the_bytes_are_long() {
    let (bytes, _) = log(SALT, true);
    let mut crafted = bytes[..80].to_vec();
    // Heads that pass their own check and claim all that follows, everywhere.
    for at in (80..400_000u64).step_by(16) {
        let place = Position { salt: SALT, offset: HEADER_BYTES as u64 + at, chain: None };
        crafted.extend_from_slice(&head(place.seed(), 390_000u32.saturating_sub(at as u32), 1, 0));
        crafted.extend_from_slice(&[0; 4]);
    }
    scan(&crafted, true);
}

#[test]
fn headers_are_read_back_and_nothing_else_is() {
    let good = header(*b"testtest", 7, SALT);
    assert_eq!(read_header(&good, *b"testtest", 7), Some(SALT));
    assert_eq!(read_header(&good, *b"testtesT", 7), None);
    assert_eq!(read_header(&good, *b"testtest", 8), None);
    for bit in 0..HEADER_BYTES * 8 {
        let mut bad = good;
        bad[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(read_header(&bad, *b"testtest", 7), None, "bit {bit}");
        assert_eq!(read_header(&good[..bit / 8], *b"testtest", 7), None);
    }
}
