//! What each word of a file is, for colours: from the tokens of its text, and from what the checker knows of its names.
use std::collections::HashMap;
use std::path::Path;

use flowc_base::Span;
use flowc_grammar::{Lexer, RESERVED, Token, TokenKind, ast};

use super::Analysis;
use super::symbol::{Named, target};
use super::walk::{Visitor, walk};
use crate::check::facts;
use crate::db::{ItemId, ItemWord};
use crate::items::{item_span, items, name_place, parse};
use crate::types::signature::signature;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "each is named after what it is")]
pub enum SemanticKind {
    Comment,
    Keyword,
    Text,
    Number,
    Operator,
    Type,
    Agent,
    Task,
    Flow,
    Variable,
    Parameter,
    Property,
    Module,
}

/// A token with its colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SemanticToken {
    /// Where; it may cross line ends.
    pub span: Span,
    /// What it is.
    pub kind: SemanticKind,
    /// It is defined here.
    pub declaration: bool,
    /// It is documentation.
    pub documentation: bool,
    /// It belongs to the library or the language.
    pub library: bool,
}

/// Words that are the language's only where they stand between others.
const JOINING: [&str; 12] = [
    "in",
    "max",
    "of",
    "per",
    "from",
    "stdout",
    "lines",
    "independent",
    "speculate",
    "each",
    "failed",
    "native",
];

impl Analysis {
    /// The tokens of a file that touch `range`, in order.
    #[must_use]
    pub fn semantic_tokens(&self, path: &Path, range: Span) -> Vec<SemanticToken> {
        let file = self.file(path);
        let Ok(text) = file.text(&self.compiler.db) else { return Vec::new() };
        let mut known: HashMap<Span, SemanticToken> = HashMap::new();
        for item in items(&self.compiler.db, file) {
            let span = item_span(&self.compiler.db, *item);
            if span.start <= range.end && range.start <= span.end {
                self.check();
                self.known_words(*item, span.start, &mut known);
            }
        }
        let mut found = Vec::new();
        Colours { text, known: &known, texts: Vec::new(), last: [None; 2], found: &mut found }.run();
        found.retain(|token| token.span.start <= range.end && range.start <= token.span.end);
        found
    }

    /// The words of an item that the checker or the tree knows.
    fn known_words(&self, item: ItemId, start: u32, known: &mut HashMap<Span, SemanticToken>) {
        let db = &self.compiler.db;
        let facts = facts(db, item);
        let mut add = |span: Span, kind, declaration, library| {
            let span = span.shift(start);
            known.insert(span, SemanticToken { span, kind, declaration, documentation: false, library });
        };
        let name = name_place(db, item).span;
        if !name.is_empty() && item.word(db) != ItemWord::Test {
            add(name, of_item(item.word(db)), true, false);
        }
        let params = &signature(db, item).params;
        for local in &facts.locals {
            let param = params.iter().any(|param| param.span == local.span);
            add(
                local.span,
                if param { SemanticKind::Parameter } else { SemanticKind::Variable },
                true,
                false,
            );
        }
        for it in &facts.uses {
            let Some(named) = target(db, item, &it.target) else { continue };
            let (kind, library) = match &named {
                Named::Item(item) => (of_item(item.word(db)), item.file(db).library(db)),
                Named::Param(..) => (SemanticKind::Parameter, false),
                Named::Local(..) => (SemanticKind::Variable, false),
                Named::Module(file) => (SemanticKind::Module, file.library(db)),
                Named::Field(..) => (SemanticKind::Property, false),
                Named::BuiltIn(name) if name.starts_with(char::is_uppercase) => (SemanticKind::Type, true),
                Named::BuiltIn(_) => (SemanticKind::Task, true),
            };
            add(it.span, kind, false, library);
        }
        if let Some(ast::ItemKind::Use(it)) = parse(db, item).item.as_ref().map(|tree| &tree.kind)
            && let ast::UseFrom::Path(path) = &it.from
        {
            path.iter().for_each(|part| add(part.span, SemanticKind::Module, false, true));
        }
        let mut clauses = Clauses(Vec::new());
        if let Some(tree) = parse(db, item).item.as_ref() {
            walk(&tree.kind, &mut clauses);
        }
        clauses.0.into_iter().for_each(|span| add(span, SemanticKind::Keyword, false, false));
    }
}

fn of_item(word: ItemWord) -> SemanticKind {
    match word {
        ItemWord::Type => SemanticKind::Type,
        ItemWord::Agent => SemanticKind::Agent,
        ItemWord::Flow => SemanticKind::Flow,
        ItemWord::Task | ItemWord::Use | ItemWord::Settings | ItemWord::Test => SemanticKind::Task,
    }
}

/// The words of clauses.
struct Clauses(Vec<Span>);

impl<'a> Visitor<'a> for Clauses {
    fn clause(&mut self, clause: &'a ast::Clause) {
        self.0.push(clause.word.span);
    }
}

/// A text that is open: where the part of it began that is not told yet, and whether it is the text of another language, which its own
/// colours are for.
struct Open {
    from: u32,
    foreign: bool,
}

struct Colours<'a> {
    text: &'a str,
    known: &'a HashMap<Span, SemanticToken>,
    texts: Vec<Open>,
    /// The last two tokens, the later first.
    last: [Option<Token>; 2],
    found: &'a mut Vec<SemanticToken>,
}

impl Colours<'_> {
    fn run(mut self) {
        for token in Lexer::new(self.text, if self.text.starts_with('\u{FEFF}') { 3 } else { 0 }) {
            self.token(token);
            if !matches!(token.kind, TokenKind::Comment | TokenKind::Doc | TokenKind::FileDoc) {
                self.last = [Some(token), self.last[0]];
            }
        }
    }

    fn push(&mut self, span: Span, kind: SemanticKind) {
        if !span.is_empty() {
            let token =
                SemanticToken { span, kind, declaration: false, documentation: false, library: false };
            self.found.push(token);
        }
    }

    fn token(&mut self, token: Token) {
        let span = token.span;
        match token.kind {
            TokenKind::Comment => self.push(span, SemanticKind::Comment),
            TokenKind::Doc | TokenKind::FileDoc => {
                self.push(span, SemanticKind::Comment);
                if let Some(last) = self.found.last_mut() {
                    last.documentation = true;
                }
            }
            TokenKind::Number => self.push(span, SemanticKind::Number),
            TokenKind::Sign(_) => {}
            TokenKind::TextOpen => {
                let foreign =
                    span.len() >= 3 || self.words_before().any(|word| matches!(word, "sh" | "script"));
                self.texts.push(Open { from: span.start, foreign });
            }
            TokenKind::SpliceOpen => {
                self.part(span.start);
                self.push(span, SemanticKind::Operator);
            }
            TokenKind::SpliceClose => {
                self.push(span, SemanticKind::Operator);
                if let Some(open) = self.texts.last_mut() {
                    open.from = span.end;
                }
            }
            TokenKind::TextClose => {
                self.part(span.end);
                self.texts.pop();
            }
            TokenKind::Unclosed(_) => {
                self.part(span.end);
                self.texts.clear();
            }
            TokenKind::Word => self.word(span),
            TokenKind::Open(_) | TokenKind::Close(_) | TokenKind::Stray => {}
        }
    }

    /// The words right before, the nearest first.
    fn words_before(&self) -> impl Iterator<Item = &str> {
        let words = self.last.iter().flatten().take_while(|token| token.kind == TokenKind::Word);
        words.map(|token| token.span.slice(self.text))
    }

    /// Tells the part of the text that ends here.
    fn part(&mut self, end: u32) {
        if let Some(open) = self.texts.last() {
            let span = Span::new(open.from, end.max(open.from));
            if !open.foreign {
                self.push(span, SemanticKind::Text);
            }
        }
    }

    fn word(&mut self, span: Span) {
        if let Some(token) = self.known.get(&span) {
            return self.found.push(*token);
        }
        let word = span.slice(self.text);
        let behind = self.text.get(span.end as usize..).unwrap_or("").trim_start();
        let after_dot = self.last[0].is_some_and(|token| token.kind == TokenKind::Sign(b'.'));
        if after_dot || behind.starts_with(':') {
            self.push(span, SemanticKind::Property);
        } else if RESERVED.binary_search(&word).is_ok()
            || JOINING.contains(&word)
            || flowc_grammar::ItemWord::ALL.iter().any(|(item, _)| *item == word)
        {
            self.push(span, SemanticKind::Keyword);
        }
    }
}
