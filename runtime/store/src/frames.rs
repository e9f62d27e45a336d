//! The frame code that the index, the packs and the checkpoints share. It knows bytes only.
//!
//! A file is a header and frames. Each frame is checked by itself: its checksum is seeded with the file's salt and its own
//! offset, so neither stale bytes nor a frame of another file or place passes for one. In a chained file it also names the checksum of
//! the frame before it, so nothing can be taken out of the middle. A frame that is checked by itself can be found behind a damaged
//! place: that tells corruption (whole frames follow) from a torn tail (nothing does).
//!
//! ```text
//! header  magic 8 | version u32 | segment u32 | salt u64 | 0 u32 | crc u32
//! frame   length u32 | kind u8 | 0 u8 | head check u16 | crc of the frame before u32 | crc u32 | payload | zeros up to 8
//! ```
use std::ops::Range;

/// The bytes of a file's header.
pub(crate) const HEADER_BYTES: usize = 32;
/// The bytes before a frame's payload.
pub(crate) const HEAD_BYTES: usize = 16;
/// The longest payload.
pub(crate) const PAYLOAD_BYTES_MAX: usize = 16 << 20;
/// The version of this layout.
const VERSION: u32 = 1;

/// A place between two frames: what is needed to check or to write the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Position {
    /// The salt of the file.
    pub(crate) salt: u64,
    /// The offset of the next frame in the file.
    pub(crate) offset: u64,
    /// The checksum of the frame before; `None` in files that are not chained.
    pub(crate) chain: Option<u32>,
}

/// A whole frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// What is in it.
    pub(crate) kind: u8,
    /// Where it starts in the file.
    pub(crate) offset: u64,
    /// Where its payload stands in the bytes that were scanned.
    pub(crate) payload: Range<usize>,
}

/// Writes a header.
pub(crate) fn header(magic: [u8; 8], segment: u32, salt: u64) -> [u8; HEADER_BYTES] {
    let mut bytes = [0; HEADER_BYTES];
    bytes[..8].copy_from_slice(&magic);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes[12..16].copy_from_slice(&segment.to_le_bytes());
    bytes[16..24].copy_from_slice(&salt.to_le_bytes());
    let crc = crc32c::crc32c(&bytes[..28]);
    bytes[28..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// The salt in a header, when it is whole and of this kind and segment.
pub(crate) fn read_header(bytes: &[u8], magic: [u8; 8], segment: u32) -> Option<u64> {
    let bytes: &[u8; HEADER_BYTES] = bytes.get(..HEADER_BYTES)?.try_into().ok()?;
    let salt = u64_at(bytes, 16)?;
    (header(magic, segment, salt) == *bytes).then_some(salt)
}

impl Position {
    /// The place behind the header.
    pub(crate) fn start(salt: u64, segment: u32, chained: bool) -> Self {
        // The first link of the chain depends on the segment, so segments of one log cannot stand in for each other.
        let chain = chained
            .then(|| crc32c::crc32c_append(crc32c::crc32c(&salt.to_le_bytes()), &segment.to_le_bytes()));
        Self { salt, offset: HEADER_BYTES as u64, chain }
    }

    fn seed(self) -> u32 {
        crc32c::crc32c_append(crc32c::crc32c(&self.salt.to_le_bytes()), &self.offset.to_le_bytes())
    }

    /// Appends a frame to `out`, whose end is this place, and moves behind it. `payload` writes the payload to `out`.
    ///
    /// The caller keeps payloads under [`PAYLOAD_BYTES_MAX`]: a longer one would not be read back.
    pub(crate) fn push(&mut self, out: &mut Vec<u8>, kind: u8, payload: impl FnOnce(&mut Vec<u8>)) {
        let start = out.len();
        out.extend_from_slice(&[0; HEAD_BYTES]);
        payload(out);
        let length = out.len() - start - HEAD_BYTES;
        debug_assert!(length <= PAYLOAD_BYTES_MAX, "a payload of {length} bytes");
        let seed = self.seed();
        let head = head(seed, u32::try_from(length).unwrap_or(u32::MAX), kind, self.chain.unwrap_or(0));
        out[start..start + 12].copy_from_slice(&head);
        let crc = frame_crc(seed, &head, &out[start + HEAD_BYTES..]);
        out[start + 12..start + HEAD_BYTES].copy_from_slice(&crc.to_le_bytes());
        out.resize(start + padded(length), 0);
        self.advance(crc, length);
    }

    fn advance(&mut self, crc: u32, length: usize) {
        self.offset += padded(length) as u64;
        if let Some(chain) = &mut self.chain {
            *chain = crc;
        }
    }

    /// The whole frame at `at` in `bytes`, which is this place of the file; moves behind it. `None`: there is none.
    pub(crate) fn next(&mut self, bytes: &[u8], at: usize) -> Option<Frame> {
        let (kind, link, crc, payload) = checked(bytes, at, self.seed())?;
        if self.chain.is_some_and(|chain| chain != link) {
            return None;
        }
        let frame = Frame { kind, offset: self.offset, payload };
        self.advance(crc, frame.payload.len());
        Some(frame)
    }

    /// All whole frames of `bytes`, which start at this place; moves behind the last of them. Gives how many bytes they take.
    pub(crate) fn scan(&mut self, bytes: &[u8]) -> (Vec<Frame>, usize) {
        let (mut frames, mut at) = (Vec::new(), 0);
        while let Some(frame) = self.next(bytes, at) {
            at += padded(frame.payload.len());
            frames.push(frame);
        }
        (frames, at)
    }

    /// True when a whole frame stands anywhere behind this place, so that what is wrong here is no torn tail. `bytes` start here.
    pub(crate) fn frame_follows(self, bytes: &[u8]) -> bool {
        // Every candidate costs a checksum over the length it claims; crafted bytes must not make that quadratic.
        let mut budget = 16 * bytes.len() + (1 << 20);
        (8..bytes.len().saturating_sub(HEAD_BYTES - 1)).step_by(8).any(|at| {
            let place = Self { offset: self.offset + at as u64, ..self };
            let Some((length, ..)) = read_head(bytes, at, place.seed()) else { return false };
            budget = budget.saturating_sub(length);
            budget == 0 || checked(bytes, at, place.seed()).is_some()
        })
    }
}

/// The bytes that a frame takes.
pub(crate) fn padded(payload_bytes: usize) -> usize {
    (HEAD_BYTES + payload_bytes).next_multiple_of(8)
}

fn head(seed: u32, length: u32, kind: u8, link: u32) -> [u8; 12] {
    let mut head = [0; 12];
    head[..4].copy_from_slice(&length.to_le_bytes());
    head[4] = kind;
    head[8..].copy_from_slice(&link.to_le_bytes());
    let check = crc32c::crc32c_append(seed, &head).to_le_bytes();
    head[6..8].copy_from_slice(&check[..2]);
    head
}

fn frame_crc(seed: u32, head: &[u8; 12], payload: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c_append(seed, head), payload)
}

/// Length, kind and link of a head that is consistent in itself.
fn read_head(bytes: &[u8], at: usize, seed: u32) -> Option<(usize, u8, u32, [u8; 12])> {
    let found: [u8; 12] = bytes.get(at..at + 12)?.try_into().ok()?;
    let (length, kind, link) = (u32_at(&found, 0)?, found[4], u32_at(&found, 8)?);
    let fits = length as usize <= PAYLOAD_BYTES_MAX && head(seed, length, kind, link) == found;
    fits.then_some((length as usize, kind, link, found))
}

fn checked(bytes: &[u8], at: usize, seed: u32) -> Option<(u8, u32, u32, Range<usize>)> {
    let (length, kind, link, head) = read_head(bytes, at, seed)?;
    let payload = at + HEAD_BYTES..at + HEAD_BYTES + length;
    let crc = u32_at(bytes, at + 12)?;
    let padding = bytes.get(payload.end..at + padded(length))?;
    let whole = padding.iter().all(|&b| b == 0) && frame_crc(seed, &head, bytes.get(payload.clone())?) == crc;
    whole.then_some((kind, link, crc, payload))
}

/// A little-endian number, if the bytes are there.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// A little-endian number, if the bytes are there.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

#[cfg(test)]
mod tests;
