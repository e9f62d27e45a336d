//! Between bytes of a text and the protocol's positions: a line, ended by `\n`, `\r\n` or `\r`, and a column in the units that client and
//! server agreed on. A position that is not in the text means the nearest one that is.
use flowc_base::Span;
use lsp_types::{Position, PositionEncodingKind, Range};

/// The units of columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Encoding {
    /// Bytes.
    Utf8,
    /// What every client can: two for a character outside of the first 65,536.
    Utf16,
}

impl Encoding {
    /// Its name in the protocol.
    pub(crate) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }
}

/// Where the lines of a text start, and end without their ends.
#[derive(Clone, Debug)]
pub(crate) struct Lines {
    starts: Vec<(u32, u32)>,
    encoding: Encoding,
}

impl Lines {
    /// Looks through a text once.
    pub(crate) fn new(text: &str, encoding: Encoding) -> Self {
        let bytes = text.as_bytes();
        let mut starts = Vec::new();
        let (mut start, mut at) = (0, 0);
        while at < bytes.len() {
            let end = match bytes[at] {
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => 2,
                b'\n' | b'\r' => 1,
                _ => 0,
            };
            if end > 0 {
                starts.push((to_u32(start), to_u32(at)));
                start = at + end;
            }
            at += end.max(1);
        }
        starts.push((to_u32(start), to_u32(bytes.len())));
        Self { starts, encoding }
    }

    /// The position of a byte.
    pub(crate) fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.starts.partition_point(|(start, _)| *start <= offset).max(1) - 1;
        let (start, end) = self.starts.get(line).copied().unwrap_or_default();
        let before = text.get(start as usize..offset.min(end) as usize).unwrap_or("");
        let character = match self.encoding {
            Encoding::Utf8 => before.len(),
            Encoding::Utf16 => before.chars().map(char::len_utf16).sum(),
        };
        Position { line: to_u32(line), character: to_u32(character) }
    }

    /// The byte of a position.
    pub(crate) fn offset(&self, text: &str, position: Position) -> u32 {
        let Some((start, end)) = self.starts.get(position.line as usize).copied() else {
            return to_u32(text.len());
        };
        let line = text.get(start as usize..end as usize).unwrap_or("");
        let mut units = 0;
        for (at, c) in line.char_indices() {
            if units >= position.character {
                return start + to_u32(at);
            }
            units += to_u32(match self.encoding {
                Encoding::Utf8 => c.len_utf8(),
                Encoding::Utf16 => c.len_utf16(),
            });
        }
        end
    }

    /// The range of a span.
    pub(crate) fn range(&self, text: &str, span: Span) -> Range {
        Range { start: self.position(text, span.start), end: self.position(text, span.end) }
    }

    /// The span of a range.
    pub(crate) fn span(&self, text: &str, range: Range) -> Span {
        let (start, end) = (self.offset(text, range.start), self.offset(text, range.end));
        Span::new(start.min(end), end.max(start))
    }

    /// The bytes of a line, without its end.
    pub(crate) fn line(&self, line: u32) -> Option<Span> {
        self.starts.get(line as usize).map(|(start, end)| Span::new(*start, *end))
    }
}

pub(crate) fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_bytes() {
        let text = "aä𐍈b\r\nc\rd\n";
        for (encoding, offset, line, character) in [
            (Encoding::Utf16, 0, 0, 0),
            (Encoding::Utf16, 3, 0, 2),
            (Encoding::Utf16, 7, 0, 4),
            (Encoding::Utf8, 7, 0, 7),
            (Encoding::Utf16, 8, 0, 5),
            (Encoding::Utf16, 10, 1, 0),
            (Encoding::Utf16, 12, 2, 0),
            (Encoding::Utf16, 14, 3, 0),
        ] {
            let lines = Lines::new(text, encoding);
            let position = Position { line, character };
            assert_eq!(lines.position(text, offset), position, "{offset}");
            assert_eq!(lines.offset(text, position), offset, "{position:?}");
        }
        let lines = Lines::new(text, Encoding::Utf16);
        // In the middle of a pair, past the line, past the text; between `\r` and `\n`.
        assert_eq!(lines.offset(text, Position { line: 0, character: 3 }), 7);
        assert_eq!(lines.offset(text, Position { line: 0, character: 99 }), 8);
        assert_eq!(lines.offset(text, Position { line: 99, character: 0 }), 14);
        assert_eq!(lines.position(text, 9), Position { line: 0, character: 5 });
        assert_eq!(lines.position(text, 99), Position { line: 3, character: 0 });
    }
}
