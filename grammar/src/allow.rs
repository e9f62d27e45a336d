//! The comments that ask for silence, `// allow CODE: why`: where they stand and what they hold for. It knows no codes; whether one is
//! meant is decided by whoever does.
use flowc_base::Span;

use crate::lex::{Lexer, Token, TokenKind};
use crate::split::SplitItem;

/// A comment that begins with the word `allow`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AllowComment {
    /// From its slashes to its last character.
    pub span: Span,
    /// What follows the word `allow`, without blanks around it.
    pub rest: Span,
    /// What to remove so that nothing of it is left: the line, or from the end of the code before it.
    pub whole: Span,
    /// What it holds for: what begins there.
    pub holds: Holds,
}

/// What an [`AllowComment`] holds for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// `//!`: the file.
    File,
    /// This part of the file.
    Part(Span),
}

/// The word.
const WORD: &str = "allow";

/// All of them in a file that [`crate::split`] cut into `items`, in the order of the text. Items are scanned each alone, as they are
/// parsed: a broken one hides nothing in the others.
pub(crate) fn allows(text: &str, items: &[SplitItem]) -> Vec<AllowComment> {
    // Most files have none, and few as many as lines.
    if !text.contains(WORD) {
        return Vec::new();
    }
    let mut scan = Scan { text, found: Vec::new() };
    let mut end = 0;
    for item in items {
        scan.between(Span::new(end, item.span.start), Some(item.span));
        scan.inside(item);
        end = item.span.end;
    }
    let last = u32::try_from(text.len()).unwrap_or(u32::MAX);
    scan.between(Span::new(end, last), None);
    scan.found
}

struct Scan<'t> {
    text: &'t str,
    found: Vec<AllowComment>,
}

impl Scan<'_> {
    /// What stands between items: comments about the next item, about the file, or at the end of the line before.
    fn between(&mut self, gap: Span, next: Option<Span>) {
        for token in Lexer::new(gap.slice(self.text), 0) {
            let span = token.span.shift(gap.start);
            let holds = match token.kind {
                TokenKind::FileDoc => Holds::File,
                TokenKind::Comment if !self.alone(span) => Holds::Part(self.line(span)),
                // Below the last item there is nothing to hold for: what is empty silences nothing.
                TokenKind::Comment => Holds::Part(next.unwrap_or(Span::new(span.end, span.end))),
                _ => continue,
            };
            self.push(span, holds);
        }
    }

    /// What stands within an item. Every token is looked at once, and what an opening holds once more for each comment above it.
    fn inside(&mut self, item: &SplitItem) {
        if !item.text.contains(WORD) {
            return;
        }
        let base = item.span.start;
        let tokens: Vec<Token> = Lexer::new(&item.text, 0).collect();
        let mut code = false;
        // Comments that wait for what they stand above.
        let mut waiting = self.found.len();
        let mut texts = Vec::new();
        let mut last_text = Span::default();
        for (at, token) in tokens.iter().enumerate() {
            let span = token.span.shift(base);
            match token.kind {
                TokenKind::Comment if !code => self.push(span, Holds::Part(item.span)),
                TokenKind::Comment if self.alone(span) => {
                    self.push(span, Holds::Part(Span::new(span.end, span.end)));
                    continue;
                }
                TokenKind::Comment => {
                    // No comment can stand inside a text: it holds for all of one that ends on its line.
                    let line = self.line(span);
                    let start = if last_text.end > line.start { last_text.start } else { line.start };
                    self.push(span, Holds::Part(Span::new(start.min(line.start), line.end)));
                }
                kind if is_comment(kind) => continue,
                kind => {
                    code = true;
                    match kind {
                        TokenKind::TextOpen => texts.push(span.start),
                        TokenKind::TextClose => {
                            last_text = Span::new(texts.pop().unwrap_or(span.start), span.end);
                        }
                        TokenKind::Unclosed(_) => texts.clear(),
                        _ => {}
                    }
                    if waiting < self.found.len() {
                        let part = self.below(&tokens[at..], base);
                        self.found[waiting..].iter_mut().for_each(|allow| allow.holds = Holds::Part(part));
                    }
                }
            }
            waiting = self.found.len();
        }
    }

    /// From the next code to the end of the line on which all that was opened since is closed.
    fn below(&self, tokens: &[Token], base: u32) -> Span {
        let mut depth = 0i32;
        let mut part: Option<Span> = None;
        for token in tokens.iter().filter(|token| !is_comment(token.kind)) {
            let span = token.span.shift(base);
            if let Some(part) = part
                && depth <= 0
                && Span::new(part.end, span.start).slice(self.text).contains('\n')
            {
                break;
            }
            depth += match token.kind {
                TokenKind::Open(_) | TokenKind::TextOpen | TokenKind::SpliceOpen => 1,
                TokenKind::Close(_) | TokenKind::TextClose | TokenKind::SpliceClose => -1,
                _ => 0,
            };
            // What closes the block around belongs to nothing below the comment.
            if depth < 0 {
                break;
            }
            part = Some(part.map_or(span, |part| part.to(span)));
        }
        part.unwrap_or_default()
    }

    /// From the start of its line to the comment.
    fn line(&self, comment: Span) -> Span {
        Span::new(self.line_start(comment), comment.start)
    }

    fn line_start(&self, comment: Span) -> u32 {
        let before = Span::new(0, comment.start).slice(self.text);
        before.rfind('\n').map_or(0, |at| u32::try_from(at + 1).unwrap_or(u32::MAX))
    }

    /// Whether nothing stands before a comment on its line.
    fn alone(&self, comment: Span) -> bool {
        self.line(comment).slice(self.text).trim_matches(['\u{FEFF}', ' ', '\t', '\r']).is_empty()
    }

    fn push(&mut self, token: Span, holds: Holds) {
        let comment = token.slice(self.text).trim_end();
        let length = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let slashes = if holds == Holds::File { 3 } else { 2 };
        let Some(said) = comment.get(slashes..).map(str::trim_start) else { return };
        let Some(rest) = said.strip_prefix(WORD) else { return };
        if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
            return;
        }
        let span = Span::new(token.start, token.start + length(comment));
        let rest = Span::new(span.end - length(rest.trim_start()), span.end);
        let whole = if self.alone(token) {
            let line_end = self.text.get(token.end as usize..).is_some_and(|after| after.starts_with('\n'));
            Span::new(self.line_start(token), token.end + u32::from(line_end))
        } else {
            let code = self.line(token).slice(self.text).trim_end();
            Span::new(self.line_start(token) + length(code), span.end)
        };
        self.found.push(AllowComment { span, rest, whole, holds });
    }
}

fn is_comment(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Comment | TokenKind::Doc | TokenKind::FileDoc)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
    fn check(text: &str, expected: Expect) {
        let mut shown = String::new();
        for allow in crate::split(text).allows {
            let holds = match allow.holds {
                Holds::File => "the file".to_owned(),
                Holds::Part(part) => format!("{:?}", part.slice(text)),
            };
            shown.push_str(&format!("{:?} holds for {holds}\n", allow.rest.slice(text)));
        }
        expected.assert_eq(&shown);
    }

    #[test]
    fn above_an_item_or_for_the_file() {
        check(
            "//! allow a-b: c\n// allow d: e\n/// Docs.\n// allow f\ntask t() { sh \"x\" } // allow g\n// allow h\n",
            expect![[r#"
                "a-b: c" holds for the file
                "d: e" holds for "/// Docs.\n// allow f\ntask t() { sh \"x\" }"
                "f" holds for "/// Docs.\n// allow f\ntask t() { sh \"x\" }"
                "g" holds for "task t() { sh \"x\" } "
                "h" holds for ""
            "#]],
        );
    }

    #[test]
    fn in_a_body() {
        check(
            "flow f() -> Int {\n  // allow a\n  let x = g(\n    1,\n  )\n  let y = 2 // allow b\n  // allow c\n\n  y\n  // allow d\n}\n",
            expect![[r#"
                "a" holds for "let x = g(\n    1,\n  )"
                "b" holds for "  let y = 2 "
                "c" holds for "y"
                "d" holds for ""
            "#]],
        );
    }

    #[test]
    fn texts_are_whole_and_no_comments() {
        check(
            "task t() {\n  // allow a\n  sh \"\"\"\n    x // allow b\n    \"\"\"\n}\ntask u() {\n  sh \"\"\"\n    x\n    \"\"\" // allow c\n}\ntask v() { sh \"http://allow x\" }",
            expect![[r#"
                "a" holds for "sh \"\"\"\n    x // allow b\n    \"\"\""
                "c" holds for "\"\"\"\n    x\n    \"\"\" "
            "#]],
        );
    }

    #[test]
    fn other_words_are_not_meant() {
        check("// allowed: x\n//allow: y\n// disallow z\n//// allow x\nflow f() {}", expect![[""]]);
    }

    #[test]
    fn a_broken_item_hides_nothing() {
        check(
            "task t() { sh \"\"\"\n\n// allow a\ntask u() { sh \"x\" } // allow b\n",
            expect![[r#"
                "b" holds for "task u() { sh \"x\" } "
            "#]],
        );
    }
}
