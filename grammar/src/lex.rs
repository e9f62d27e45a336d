//! A cheap scan of flow text: where texts, splices, comments, words and brackets are. It needs no grammar, never fails
//! and never recurses; the splitter and the guards before parsing stand on it. It must agree with `flow.pest` about
//! where a text ends; a test holds the two together.
use flowc_base::Span;

/// What the scan found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// A word.
    Word,
    /// A number with all that touches it.
    Number,
    /// `(`, `[` or `{`.
    Open(u8),
    /// `)`, `]` or `}`.
    Close(u8),
    /// `{{` inside a text.
    SpliceOpen,
    /// The `}}` that belongs to it.
    SpliceClose,
    /// The quotes (and `r`) that open a text.
    TextOpen,
    /// The quotes that close it.
    TextClose,
    /// A sign: operators one by one, commas, colons, dots.
    Sign(u8),
    /// `// …`
    Comment,
    /// `/// …`
    Doc,
    /// `//! …`
    FileDoc,
    /// A text that does not end as it should: from its opening to where the scan went on.
    Unclosed(Fault),
    /// A character that means nothing in the language.
    Stray,
}

/// What is wrong with the end of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// One quote opened it, and its line has none that closes it.
    Line,
    /// Three quotes or more opened it, and as many do not follow.
    Long,
    /// A one-line text of the shell in which the quote at this byte is escaped: there is no such escape.
    Escape(u32),
}

/// One find.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where.
    pub span: Span,
}

/// Whose rules a text follows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Escapes and splices.
    Plain,
    /// Splices only.
    Shell,
    /// Neither.
    Raw,
}

/// Where the scan is; the stack holds the texts and splices around it.
#[derive(Clone, Copy)]
enum Mode {
    /// `escaped`: the first quote of a one-line shell text that a backslash stands before. It would end the text with a
    /// backslash, which no shell reads, so it was meant as part of it.
    Text {
        quotes: usize,
        form: Form,
        start: usize,
        escaped: Option<usize>,
    },
    Splice {
        braces: u32,
    },
}

/// Which clause's text may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Nothing,
    Shell,
    Interpreter,
    Script,
}

/// The scan, as an iterator over [`Token`]s.
pub struct Lexer<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    modes: Vec<Mode>,
    /// Where the last token ends.
    told: usize,
    expect: Expect,
    /// `ask` or `.` stood last: the next word is a plain name.
    plain_word: bool,
}

/// Texts within texts: more than anybody nests, few enough to stay small.
const MAX_MODES: usize = 512;

impl<'t> Lexer<'t> {
    /// Scans `text` from the byte `start` on, which lies outside all texts.
    #[must_use]
    pub fn new(text: &'t str, start: usize) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: start,
            modes: Vec::new(),
            told: start,
            expect: Expect::Nothing,
            plain_word: false,
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn token(&mut self, kind: TokenKind, start: usize) -> Option<Token> {
        self.told = self.at;
        Some(Token { kind, span: span(start, self.at) })
    }

    fn quotes_at(&self, at: usize) -> usize {
        self.bytes.get(at..).unwrap_or(&[]).iter().take_while(|&&b| b == b'"').count()
    }

    /// True when some text around the scan stands on one line, so that a line end closes it.
    fn outermost_short(&self) -> Option<usize> {
        self.modes.iter().position(|mode| matches!(mode, Mode::Text { quotes: 1, .. }))
    }

    /// Gives up the texts from `index` on; the scan goes on after them.
    fn abandon(&mut self, index: usize) -> Option<Token> {
        let (start, fault) = match self.modes.get(index) {
            Some(&Mode::Text { start, escaped: Some(quote), .. }) => {
                // What was told already is not told again.
                self.at = self.told.max(quote + 1);
                (start, Fault::Escape(offset(quote)))
            }
            Some(&Mode::Text { start, quotes: 1, .. }) => {
                self.at = self.closing_line().unwrap_or(self.at);
                (start, Fault::Line)
            }
            Some(&Mode::Text { start, .. }) => (start, Fault::Long),
            Some(Mode::Splice { .. }) | None => (self.at, Fault::Line),
        };
        self.modes.truncate(index);
        self.token(TokenKind::Unclosed(fault), start)
    }

    /// Where a text of several lines that one quote opened was meant to end: behind the first quote on a later line,
    /// when what follows it on its line can follow a text and what stands before it does not open one.
    fn closing_line(&self) -> Option<usize> {
        let mut start = self.at + 1;
        for line in self.text.get(start..)?.split('\n') {
            let word = line.split([' ', '\t']).next().unwrap_or("");
            if crate::ItemWord::ALL.iter().any(|(item, _)| *item == word) {
                return None;
            }
            if let Some((before, after)) = line.split_once('"') {
                let code = after.split("//").next().unwrap_or("");
                let closes = code.chars().all(|c| matches!(c, ')' | ']' | '}' | ',' | ' ' | '\t' | '\r'));
                let before = before.trim();
                let opens = before == "sh" || before.ends_with(['=', '(', '[', ',', ':', '+']);
                return (closes && !opens).then_some(start + line.len() - after.len());
            }
            start += line.len() + 1;
        }
        None
    }

    fn line_comment(&mut self) -> Option<Token> {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or("");
        let kind = match rest.as_bytes() {
            [_, _, b'/', b'/', ..] => TokenKind::Comment,
            [_, _, b'/', ..] => TokenKind::Doc,
            [_, _, b'!', ..] => TokenKind::FileDoc,
            _ => TokenKind::Comment,
        };
        self.at += rest.find('\n').unwrap_or(rest.len());
        self.token(kind, start)
    }

    fn open_text(&mut self) -> Option<Token> {
        let start = self.at;
        let raw = self.peek(0) == b'r';
        self.at += usize::from(raw);
        let found = self.quotes_at(self.at);
        let quotes = if found >= 3 { found } else { 1 };
        self.at += quotes;
        let form = match (raw, self.expect) {
            (true, _) | (false, Expect::Script) => Form::Raw,
            (false, Expect::Shell) => Form::Shell,
            (false, Expect::Nothing | Expect::Interpreter) => Form::Plain,
        };
        self.expect = if self.expect == Expect::Interpreter { Expect::Script } else { Expect::Nothing };
        self.modes.push(Mode::Text { quotes, form, start, escaped: None });
        self.token(TokenKind::TextOpen, start)
    }

    /// True when an odd number of backslashes stands before the scan.
    fn is_escaped(&self) -> bool {
        let before = self.bytes.get(..self.at).unwrap_or(&[]);
        before.iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 1
    }

    /// One step inside a text: to the next splice or to its end.
    fn in_text(&mut self, quotes: usize, form: Form) -> Option<Token> {
        let short = self.outermost_short();
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                // The end of the text: the outermost one is what was never closed.
                return self.abandon(0);
            };
            match byte {
                b'"' if quotes == 1 && form == Form::Shell && self.is_escaped() => {
                    if let Some(Mode::Text { escaped, .. }) = self.modes.last_mut() {
                        escaped.get_or_insert(self.at);
                    }
                    self.at += 1;
                }
                b'"' if quotes == 1 || self.quotes_at(self.at) >= quotes => {
                    let close = self.at;
                    self.at += quotes;
                    return match self.modes.pop() {
                        Some(Mode::Text { start, escaped: Some(quote), .. }) => {
                            self.token(TokenKind::Unclosed(Fault::Escape(offset(quote))), start)
                        }
                        _ => self.token(TokenKind::TextClose, close),
                    };
                }
                b'\n' => {
                    if let Some(index) = short {
                        return self.abandon(index);
                    }
                    self.at += 1;
                }
                b'\\' if form != Form::Raw && self.peek(1) == b'{' && self.peek(2) == b'{' => self.at += 3,
                b'\\' if form == Form::Plain && self.peek(1) != b'\n' => {
                    // The backslash may be the last byte there is.
                    self.at = (self.at + 2).min(self.bytes.len());
                }
                b'{' if form != Form::Raw && self.peek(1) == b'{' => {
                    let start = self.at;
                    self.at += 2;
                    if self.modes.len() >= MAX_MODES {
                        return self.abandon(0);
                    }
                    self.modes.push(Mode::Splice { braces: 0 });
                    return self.token(TokenKind::SpliceOpen, start);
                }
                _ => self.at += 1,
            }
        }
    }

    fn word(&mut self) -> Option<Token> {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or("");
        let len = rest
            .char_indices()
            .find(|&(_, c)| {
                !(c.is_ascii_alphanumeric() || c == '_' || (!c.is_ascii() && c.is_alphanumeric()))
            })
            .map_or(rest.len(), |(at, _)| at);
        self.at += len;
        let plain = std::mem::take(&mut self.plain_word);
        self.expect = match rest.get(..len) {
            Some("sh") if !plain => Expect::Shell,
            Some("script") if !plain => Expect::Interpreter,
            _ => Expect::Nothing,
        };
        self.plain_word = rest.get(..len) == Some("ask");
        self.token(TokenKind::Word, start)
    }

    fn number(&mut self) -> Option<Token> {
        let start = self.at;
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..).unwrap_or("");
            let Some(c) = rest.chars().next() else { break };
            let fraction = c == '.' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
            if !(c == '_' || c.is_alphanumeric() || fraction) {
                break;
            }
            self.at += c.len_utf8();
        }
        self.quiet();
        self.token(TokenKind::Number, start)
    }

    /// What stood before no longer says which text comes next.
    fn quiet(&mut self) {
        self.expect = Expect::Nothing;
        self.plain_word = false;
    }

    fn in_code(&mut self) -> Option<Token> {
        loop {
            let Some(&byte) = self.bytes.get(self.at) else {
                return if self.modes.is_empty() { None } else { self.abandon(0) };
            };
            let start = self.at;
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\n' => {
                    if let Some(index) = self.outermost_short() {
                        return self.abandon(index);
                    }
                    self.at += 1;
                }
                b'/' if self.peek(1) == b'/' => return self.line_comment(),
                b'"' => return self.open_text(),
                b'r' if self.peek(1) == b'"' => return self.open_text(),
                b'0'..=b'9' => return self.number(),
                b'$' if self.peek(1).is_ascii_digit() => return self.number(),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => return self.word(),
                b'(' | b'[' | b'{' => {
                    self.quiet();
                    if let (b'{', Some(Mode::Splice { braces })) = (byte, self.modes.last_mut()) {
                        *braces += 1;
                    }
                    self.at += 1;
                    return self.token(TokenKind::Open(byte), start);
                }
                b')' | b']' | b'}' => {
                    self.quiet();
                    let double = self.peek(1) == b'}';
                    if let (b'}', Some(Mode::Splice { braces })) = (byte, self.modes.last_mut()) {
                        if *braces == 0 && double {
                            self.modes.pop();
                            self.at += 2;
                            return self.token(TokenKind::SpliceClose, start);
                        }
                        *braces = braces.saturating_sub(1);
                    }
                    self.at += 1;
                    return self.token(TokenKind::Close(byte), start);
                }
                b'.' | b',' | b':' | b'=' | b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b'%' | b'!' | b'&'
                | b'|' | b'?' => {
                    self.quiet();
                    self.plain_word = byte == b'.';
                    self.at += 1;
                    return self.token(TokenKind::Sign(byte), start);
                }
                _ => {
                    let c = self.text.get(start..).and_then(|rest| rest.chars().next()).unwrap_or('\u{1A}');
                    if c.is_alphabetic() {
                        return self.word();
                    }
                    self.quiet();
                    self.at += c.len_utf8();
                    return self.token(TokenKind::Stray, start);
                }
            }
        }
    }
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        match self.modes.last() {
            Some(&Mode::Text { quotes, form, .. }) => self.in_text(quotes, form),
            Some(Mode::Splice { .. }) | None => self.in_code(),
        }
    }
}

/// A span of byte offsets; texts are bounded well below 4 GiB before they come here.
pub(crate) fn span(start: usize, end: usize) -> Span {
    Span::new(offset(start), offset(end))
}

/// A byte offset as spans hold it.
pub(crate) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use pest::Parser as _;

    use super::*;
    use crate::{FlowParser, Rule};

    /// The places of all texts in an item, in the order of their openings, as the grammar sees them.
    fn texts_of_grammar(text: &str) -> Option<Vec<Span>> {
        let pairs = FlowParser::parse(Rule::item, text).ok()?.flatten();
        let texts =
            pairs.filter(|pair| matches!(pair.as_rule(), Rule::text | Rule::sh_text | Rule::script_text));
        Some(texts.map(|pair| span(pair.as_span().start(), pair.as_span().end())).collect())
    }

    /// The same, as the scan sees them.
    fn texts_of_scan(text: &str) -> Vec<Span> {
        let (mut open, mut found) = (Vec::new(), Vec::new());
        for token in Lexer::new(text, 0) {
            match token.kind {
                TokenKind::TextOpen => open.push(token.span),
                TokenKind::TextClose => found.extend(open.pop().map(|opening: Span| opening.to(token.span))),
                _ => {}
            }
        }
        found.sort_by_key(|place| place.start);
        found
    }

    #[test]
    fn a_text_may_end_with_a_backslash() {
        for source in
            ["flow a() -> Text { \"a\\", "flow a() -> Text { \"\"\"\na\\", "flow a() -> Text { sh \"\\"]
        {
            let items = crate::split(source).items;
            let texts: Vec<&str> = items.iter().map(|item| &*item.text).collect();
            assert_eq!(texts, [source]);
            let errors = crate::parse_item(source).errors;
            assert_eq!(errors[0].code, crate::errors::UNCLOSED, "{source}");
        }
    }

    #[test]
    fn scan_and_grammar_agree_where_texts_end() {
        let cases = [include_str!("../tests/cases/examples.md"), include_str!("../tests/cases/trees.md")];
        let more =
            "```flow\ntask sh_in_names() { needs { sh: \"a\\\"b\" } shell \"bash\" sh \"a\\\\\" }\n```";
        let odd =
            "```flow\ntask t() { ask sh \"a\\\"{{ {a: {b: \"}}\"}} }}b\" script r\"p\" \"{{ \\\" }\n```";
        let mut seen = 0;
        for block in cases.iter().chain([&more, &odd]).flat_map(|text| text.split("```flow\n").skip(1)) {
            let source = block.split("\n```").next().unwrap_or("");
            for item in crate::split(source).items {
                let texts = texts_of_grammar(&item.text);
                assert_eq!(Some(texts_of_scan(&item.text)), texts, "{}", item.text);
                seen += texts.map_or(0, |texts| texts.len());
            }
        }
        assert!(seen > 60, "only {seen} texts were compared");
    }
}
