//! Where a byte of an item stands, from its tokens alone: so it is known in a text that is half written, too. It knows no names.
use flowc_base::Span;
use flowc_grammar::{Lexer, Token, TokenKind};

/// An open bracket, splice or text around a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Frame {
    /// `(`, `[`, `{`; `"` for a text; `s` for a splice.
    pub(crate) kind: u8,
    /// The opening token's number in [`Context::before`].
    pub(crate) token: usize,
}

/// What stands before a byte, and the brackets around it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Context {
    /// The word that the byte touches.
    pub(crate) word: Option<Span>,
    /// The part of it before the byte; empty where there is none.
    pub(crate) prefix: Span,
    /// The tokens before the word, comments left out.
    pub(crate) before: Vec<Token>,
    /// What is open, the outermost first.
    pub(crate) frames: Vec<Frame>,
    /// The byte is in a comment.
    pub(crate) comment: bool,
}

impl Context {
    /// The context of the byte `at` of an item's text.
    pub(crate) fn at(text: &str, at: u32) -> Self {
        let mut context = Self { prefix: Span::new(at, at), ..Self::default() };
        for token in Lexer::new(text, 0) {
            let Span { start, end } = token.span;
            if start >= at && !(token.kind == TokenKind::Word && start == at) {
                break;
            }
            match token.kind {
                TokenKind::Comment | TokenKind::Doc | TokenKind::FileDoc => {
                    context.comment = at <= end;
                    continue;
                }
                TokenKind::Word | TokenKind::Number if at <= end => {
                    if token.kind == TokenKind::Word {
                        context.word = Some(token.span);
                    }
                    context.prefix = Span::new(start, at);
                    break;
                }
                TokenKind::Open(kind) => context.open(kind, token),
                TokenKind::TextOpen => context.open(b'"', token),
                TokenKind::SpliceOpen => context.open(b's', token),
                TokenKind::Close(closing) => context.close(closing, token),
                TokenKind::TextClose if at < end => break,
                TokenKind::TextClose => {
                    context.close_to(|frame| frame.kind == b'"');
                    context.before.push(token);
                }
                TokenKind::SpliceClose => {
                    context.close_to(|frame| frame.kind == b's');
                    context.before.push(token);
                }
                TokenKind::Unclosed(_) => {
                    if at <= end {
                        break;
                    }
                    while context.in_text() || context.frames.last().is_some_and(|frame| frame.kind == b's') {
                        context.frames.pop();
                    }
                }
                TokenKind::Word | TokenKind::Number | TokenKind::Sign(_) | TokenKind::Stray => {
                    context.before.push(token);
                }
            }
        }
        context
    }

    fn open(&mut self, kind: u8, token: Token) {
        self.frames.push(Frame { kind, token: self.before.len() });
        self.before.push(token);
    }

    fn close(&mut self, closing: u8, token: Token) {
        let opening = match closing {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        if self.frames.iter().any(|frame| frame.kind == opening) {
            self.close_to(|frame| frame.kind == opening);
        }
        self.before.push(token);
    }

    fn close_to(&mut self, is: impl Fn(&Frame) -> bool) {
        while let Some(frame) = self.frames.pop() {
            if is(&frame) {
                break;
            }
        }
    }

    /// Whether the byte is in a text, outside of its splices.
    pub(crate) fn in_text(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.kind == b'"')
    }

    /// The last token before the word.
    pub(crate) fn last(&self) -> Option<Token> {
        self.before.last().copied()
    }

    /// Whether the last token before the word is this sign.
    pub(crate) fn after_sign(&self, sign: u8) -> bool {
        self.last().is_some_and(|token| token.kind == TokenKind::Sign(sign))
    }

    /// The word that a frame's opening touches or follows: `f` of `f(`, `needs` of `needs {`.
    pub(crate) fn head<'t>(&self, text: &'t str, frame: Frame) -> Option<&'t str> {
        let token = self.before.get(frame.token.checked_sub(1)?)?;
        (token.kind == TokenKind::Word).then(|| token.span.slice(text))
    }

    /// The dotted path whose last word is the token of this number: its words with their places.
    pub(crate) fn path<'t>(&self, text: &'t str, last: usize) -> Vec<(&'t str, Span)> {
        let mut path = Vec::new();
        let mut at = last;
        while let Some(token) = self.before.get(at).filter(|token| token.kind == TokenKind::Word) {
            path.push((token.span.slice(text), token.span));
            let dot = at.checked_sub(1).and_then(|dot| self.before.get(dot));
            match (dot.map(|token| token.kind), at.checked_sub(2)) {
                (Some(TokenKind::Sign(b'.')), Some(next)) => at = next,
                _ => break,
            }
        }
        path.reverse();
        path
    }

    /// The tokens in a frame that stand directly in it.
    pub(crate) fn inside(&self, frame: Frame) -> Vec<Token> {
        let mut depth = 0usize;
        let mut found = Vec::new();
        for token in self.before.iter().skip(frame.token + 1) {
            match token.kind {
                TokenKind::Open(_) | TokenKind::TextOpen | TokenKind::SpliceOpen => {
                    if depth == 0 {
                        found.push(*token);
                    }
                    depth += 1;
                }
                TokenKind::Close(_) | TokenKind::TextClose | TokenKind::SpliceClose => {
                    depth = depth.saturating_sub(1);
                }
                _ if depth == 0 => found.push(*token),
                _ => {}
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(marked: &str) -> (String, Context) {
        let cursor = marked.find('$').unwrap();
        let text = marked.replacen('$', "", 1);
        let context = Context::at(&text, u32::try_from(cursor).unwrap());
        (text, context)
    }

    #[test]
    fn brackets_words_and_texts_around_a_place() {
        for (marked, frames, prefix) in [
            ("flow main() { f(a, b$", "{(", "b"),
            ("flow main() { f(a, $)", "{(", ""),
            ("flow main() { \"a {{ x.$", "{\"s", ""),
            ("flow main() { \"a $ b\" }", "{\"", ""),
            ("flow main() { \"a\"$ }", "{", ""),
            ("flow main() { let x = \"ab$\n}", "{\"", ""),
            ("flow main() { f(a) sp$lit }", "{", "sp"),
        ] {
            let (text, context) = at(marked);
            let found: String = context.frames.iter().map(|frame| char::from(frame.kind)).collect();
            assert_eq!((found.as_str(), context.prefix.slice(&text)), (frames, prefix), "{marked}");
        }
        assert!(at("flow f() { // he$re").1.comment);
        let (text, context) = at("flow f() { a.b.c$ }");
        let path = context.path(&text, context.before.len() - 2);
        assert_eq!(path.iter().map(|(word, _)| *word).collect::<Vec<_>>(), ["a", "b"]);
    }
}
