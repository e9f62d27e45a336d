//! Where in a text of JSON a pointer points. The text was read already, so it is JSON; it does not know what a schema is.
use flowc_base::Span;

/// The place of the value that a pointer names; of the whole text's first byte where it names none.
pub(super) fn of(text: &str, pointer: &str) -> Span {
    let mut at = Walk { text: text.as_bytes(), at: 0 };
    at.blanks();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if !at.enter(&part) {
            return Span::new(0, 0);
        }
    }
    let start = at.at;
    at.skip();
    span(start, at.at)
}

/// The place of a line and a column (of bytes), both from 1, as serde counts them.
pub(super) fn of_line_column(text: &str, line: usize, column: usize) -> Span {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let mut at = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let length = text[at..].chars().next().map_or(0, char::len_utf8);
    span(at, at + length)
}

fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

struct Walk<'a> {
    text: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Goes to the element of that name or number; whether there is one.
    fn enter(&mut self, part: &str) -> bool {
        let open = self.peek();
        let is_object = match open {
            Some(b'{') => true,
            Some(b'[') => false,
            _ => return false,
        };
        self.at += 1;
        let wanted = part.parse::<usize>().ok();
        for number in 0.. {
            self.blanks();
            if matches!(self.peek(), None | Some(b'}' | b']')) {
                return false;
            }
            let mut here = wanted == Some(number);
            if is_object {
                let start = self.at;
                self.skip();
                let key = self.text.get(start..self.at).unwrap_or_default();
                here = serde_json::from_slice::<String>(key).is_ok_and(|key| key == part);
                self.blanks();
                self.at += 1; // `:`
                self.blanks();
            }
            if here {
                return true;
            }
            self.skip();
            self.blanks();
            if self.peek() == Some(b',') {
                self.at += 1;
            }
        }
        false
    }

    /// Goes behind the value that stands here.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    while let Some(byte) = self.peek().filter(|byte| *byte != b'"') {
                        self.at += if byte == b'\\' { 2 } else { 1 };
                    }
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth == 0 => return,
                b'}' | b']' => depth -= 1,
                b',' | b':' if depth == 0 => return,
                _ if depth == 0 && byte.is_ascii_whitespace() => return,
                _ if depth == 0 => {
                    // A word or a number.
                    while self.peek().is_some_and(|b| !b.is_ascii_whitespace() && !b",:]}".contains(&b)) {
                        self.at += 1;
                    }
                    return;
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                self.at = self.at.min(self.text.len());
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_found() {
        let text = r#" {"a": [1, {"b/c": "x\"}"}, true], "d": {"e~": null} }"#;
        for (pointer, expected) in [
            ("", text.trim()),
            ("/a", r#"[1, {"b/c": "x\"}"}, true]"#),
            ("/a/0", "1"),
            ("/a/1/b~1c", r#""x\"}""#),
            ("/a/2", "true"),
            ("/d/e~0", "null"),
            ("/x", ""),
            ("/a/7", ""),
        ] {
            assert_eq!(of(text, pointer).slice(text), expected, "{pointer}");
        }
    }

    #[test]
    fn lines_and_columns_are_found() {
        assert_eq!(of_line_column("{\n  ö}", 2, 3).slice("{\n  ö}"), "ö");
        assert_eq!(of_line_column("{", 1, 1).slice("{"), "{");
        assert_eq!(of_line_column("", 1, 0).slice(""), "");
    }
}
