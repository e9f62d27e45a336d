//! Places in text: byte ranges, files, and the way from a byte offset to a line and column.
use serde::{Deserialize, Serialize};

/// A half-open range of bytes, `start <= end`, relative to whatever text its holder names: an item, or a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Debug, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from `start` up to, not including, `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The same span moved `by` bytes towards the end; offsets past 4 GiB saturate.
    #[must_use]
    pub fn shift(self, by: u32) -> Self {
        Self { start: self.start.saturating_add(by), end: self.end.saturating_add(by) }
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// True for a place between two bytes.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The text that the span covers; empty when it does not fit.
    #[must_use]
    pub fn slice(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// A file of one compilation; the compiler's file table gives its path and text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct FileId(pub u32);

/// An absolute place: only rendering makes these.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// Byte range in the file's text.
    pub span: Span,
}

/// A line and a column, both counted from 1; columns count Unicode scalar values.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct LineCol {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub col: u32,
}

/// The starts of a text's lines, for looking up many offsets in logarithmic time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineIndex {
    starts: Box<[u32]>,
}

impl LineIndex {
    /// Scans `text` once for line ends.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|&(_, b)| b == b'\n').map(|(at, _)| to_u32(at + 1));
        Self { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// The line and column of a byte offset of the same `text`; an offset past the end gives the end.
    #[must_use]
    pub fn line_col(&self, text: &str, offset: u32) -> LineCol {
        let line = self.starts.partition_point(|&start| start <= offset).max(1) - 1;
        let start = self.starts[line];
        let before = text.as_bytes().get(start as usize..(offset as usize).min(text.len())).unwrap_or(&[]);
        let chars = before.iter().filter(|&&b| b & 0xC0 != 0x80).count();
        LineCol { line: to_u32(line + 1), col: to_u32(chars + 1) }
    }

    /// How many line ends stand before a byte offset.
    #[must_use]
    pub fn before(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= offset).max(1) - 1
    }
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let text = "ä = 1\nb";
        let index = LineIndex::new(text);
        assert_eq!(index.line_col(text, 3), LineCol { line: 1, col: 3 });
        assert_eq!(index.line_col(text, 7), LineCol { line: 2, col: 1 });
        assert_eq!(index.line_col(text, 99), LineCol { line: 2, col: 2 });
        assert_eq!([0, 6, 7, 8].map(|offset| index.before(offset)), [0, 0, 1, 1]);
    }
}
