//! Here-documents: their tags, and where their texts end. Values are refused in all of them; what matters is that all shells see
//! the same end.
use super::{Refusal, STAND_IN, Scanner};

/// A here-document whose text has not come yet.
pub(super) struct HereDoc {
    tag: Vec<u8>,
    at: usize,
    strips_tabs: bool,
    /// The shell reads its text letter for letter.
    quoted: bool,
}

impl Scanner<'_> {
    pub(super) fn here_tag(&mut self, start: usize, strips_tabs: bool) {
        self.blanks();
        let from = self.at;
        self.refusing(Refusal::HereDocumentTag, |s| s.word(super::Dash::Plain));
        let word = &self.text[from..self.at];
        // The tag is the word without its quotes.
        let tag: Vec<u8> = word.iter().copied().filter(|b| !matches!(b, b'\'' | b'"' | b'\\')).collect();
        let quoted = tag.len() < word.len();
        let inside = match word {
            [b'\'', inside @ .., b'\''] | [b'"', inside @ .., b'"'] | [b'\\', inside @ ..] => inside,
            _ => word,
        };
        if inside.iter().any(|b| b"'\"\\$`\n".contains(b)) {
            self.doubt(from);
        }
        self.heredocs.push(HereDoc { tag, at: start, strips_tabs, quoted });
    }

    /// The texts of the here-documents of the line that has just ended.
    pub(super) fn here_documents(&mut self) {
        for doc in std::mem::take(&mut self.heredocs) {
            let start = self.at;
            let mut ended = false;
            let mut end = start;
            // The line goes on from the one before, which ends with a backslash.
            let mut joined = false;
            while !ended && self.at < self.text.len() {
                end = self.at;
                let rest = &self.text[self.at..];
                let length = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
                let mut line = &rest[..length];
                if doc.strips_tabs {
                    line = &line[line.iter().take_while(|&&b| b == b'\t').count()..];
                }
                ended = line == doc.tag.as_slice();
                let slashes = line.iter().rev().take_while(|&&b| b == b'\\').count();
                let joins = !doc.quoted && slashes % 2 == 1;
                // Some shells look for the tag after they have joined the lines.
                if (joined && doc.tag.ends_with(line))
                    || (joins && doc.tag.starts_with(&line[..line.len() - 1]))
                {
                    self.doubt(doc.at);
                }
                joined = joins;
                self.at = (self.at + length + 1).min(self.text.len());
            }
            self.refuse_range(start..self.at, Refusal::HereDocument);
            if !ended {
                let tag = String::from_utf8_lossy(&doc.tag).replace(STAND_IN, "{{…}}");
                let hint = "its tag stands alone on a line, without blanks around it";
                self.error(doc.at, format!("here-document `{tag}` does not end"), Some(hint));
            } else if !doc.quoted && !self.is_closed(start, end) {
                self.doubt(doc.at);
            }
        }
    }

    /// Whether all that the text of a here-document opens is closed in it. Some shells look for the tag only outside of it.
    fn is_closed(&self, start: usize, end: usize) -> bool {
        let mut inside = Scanner::new("bash", &self.text[start..end], &[]);
        inside.depth = self.depth;
        while let Some(byte) = inside.peek(0) {
            match byte {
                b'\\' => inside.escape(),
                b'$' => inside.dollar(true),
                b'`' => inside.backquotes(),
                _ => inside.at += 1,
            }
        }
        inside.findings.is_empty() && inside.doubt.is_none()
    }
}
