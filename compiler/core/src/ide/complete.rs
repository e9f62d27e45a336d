//! What may stand at a place, while the text is half written: the place is known from its tokens, names from the scope, types from what the
//! checker could still make of the item.
mod members;
mod names;
mod paths;

use std::path::Path;

use flowc_base::Span;
use flowc_grammar::TokenKind;

use super::Analysis;
use super::context::{Context, Frame};
use super::words::{self, Word};
use crate::check::{Facts, facts};
use crate::db::{ItemId, ItemWord, SourceFile};
use crate::items::item_span;
use crate::ty::Ty;

/// What a completion is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "each is named after what it is")]
pub enum CompletionKind {
    Keyword,
    Clause,
    Task,
    Flow,
    Agent,
    Type,
    Module,
    Variable,
    Argument,
    Field,
    Option,
    Value,
    File,
    Folder,
}

/// Something that may be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Completion {
    /// What a person reads.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Its type or signature.
    pub detail: String,
    /// Its documentation, in Markdown.
    pub docs: String,
    /// What is written; with `$0` and `${1:…}` where `snippet` is set.
    pub insert: String,
    /// Whether `insert` has places to fill in.
    pub snippet: bool,
    /// What is replaced.
    pub replace: Span,
    /// How near it is: 0 is the nearest.
    pub rank: u8,
    /// What else is written, such as a `use`.
    pub extra: Option<(u32, String)>,
}

/// A place where something is to be completed.
pub(crate) struct Place<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) file: SourceFile,
    pub(crate) item: ItemId,
    pub(crate) word: ItemWord,
    /// Where the item begins.
    pub(crate) start: u32,
    /// The byte of the item.
    pub(crate) at: u32,
    /// The item's text, to the place at least.
    pub(crate) text: String,
    pub(crate) context: Context,
    pub(crate) facts: &'a Facts,
    /// What is replaced, in the file.
    pub(crate) replace: Span,
}

impl Analysis {
    /// What may stand at a byte.
    #[must_use]
    pub fn complete(&self, path: &Path, offset: u32) -> Vec<Completion> {
        let file = self.file(path);
        let Ok(whole) = file.text(&self.compiler.db) else { return Vec::new() };
        let offset = offset.min(u32::try_from(whole.len()).unwrap_or(u32::MAX));
        let Some(before) = whole.get(..offset as usize) else { return Vec::new() };
        if before.rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with("//")) {
            return Vec::new();
        }
        let margin = margin_word(before);
        let Some((item, start)) = self.item_before(file, offset) else {
            return margin.map(item_words).unwrap_or_default();
        };
        let text = self.text_from(file, item, start, offset);
        let context = Context::at(&text, offset - start);
        if context.comment {
            return Vec::new();
        }
        // At the margin outside of all brackets a new item begins, whatever the one above lacks.
        let behind = offset > item_span(&self.compiler.db, item).end || context.before.is_empty();
        if let Some(prefix) = margin.filter(|_| context.frames.is_empty() || context.before.is_empty()) {
            return item_words(prefix);
        }
        if behind
            && context.frames.is_empty()
            && matches!(item.word(&self.compiler.db), ItemWord::Task | ItemWord::Flow)
            && closed(&context)
        {
            return Vec::new();
        }
        let replace = Span::new(context.prefix.start + start, offset);
        let place = Place {
            analysis: self,
            file,
            item,
            word: item.word(&self.compiler.db),
            start,
            at: offset - start,
            text,
            context,
            facts: facts(&self.compiler.db, item),
            replace,
        };
        let mut found = place.all();
        found.sort_by(|a, b| (a.rank, &a.label).cmp(&(b.rank, &b.label)));
        found.dedup_by(|a, b| a.label == b.label);
        found
    }
}

/// The word at the start of the last line, when there is nothing else on it.
fn margin_word(before: &str) -> Option<Span> {
    let line = before.rsplit('\n').next().unwrap_or("");
    let word = line.chars().all(|c| c.is_alphanumeric() || c == '_');
    let to_u32 = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    word.then(|| Span::new(to_u32(before.len() - line.len()), to_u32(before.len())))
}

fn closed(context: &Context) -> bool {
    context.last().is_some_and(|token| token.kind == TokenKind::Close(b'}'))
}

fn item_words(replace: Span) -> Vec<Completion> {
    from_table(&words::ITEMS, CompletionKind::Keyword, replace, 0)
}

/// The words of a table as completions.
pub(crate) fn from_table(table: &[Word], kind: CompletionKind, replace: Span, rank: u8) -> Vec<Completion> {
    table
        .iter()
        .map(|(label, insert, docs)| Completion {
            label: (*label).to_owned(),
            kind,
            detail: String::new(),
            docs: (*docs).to_owned(),
            insert: (*insert).to_owned(),
            snippet: insert.contains('$'),
            replace,
            rank,
            extra: None,
        })
        .collect()
}

impl Place<'_> {
    fn all(&self) -> Vec<Completion> {
        let Some(frame) = self.context.frames.last().copied() else { return self.outermost() };
        if self.context.in_text() {
            return self.in_text(frame);
        }
        if self.word == ItemWord::Use {
            return self.use_names();
        }
        if self.context.after_sign(b'.') {
            return self.members();
        }
        if self.wants_type(frame) {
            return self.types();
        }
        let head = self.context.head(&self.text, frame);
        let key = self
            .context
            .last()
            .is_some_and(|token| matches!(token.kind, TokenKind::Open(b'{') | TokenKind::Sign(b',')));
        let last_word = self.context.last().filter(|token| token.kind == TokenKind::Word);
        let last_word = last_word.map(|token| token.span.slice(&self.text));
        match (frame.kind, head, key) {
            (b'{', Some("with"), true) => return self.unused(&words::OPTIONS, frame),
            (b'{', Some("needs"), true) if self.word == ItemWord::Task => {
                return self.unused(&words::NEEDS, frame);
            }
            (b'{', Some("limits"), true) if self.word == ItemWord::Settings => {
                return self.unused(&words::LIMITS, frame);
            }
            (b'{', Some("checkpoint"), true) if self.word == ItemWord::Settings => {
                return self.unused(&words::CHECKPOINT, frame);
            }
            (b'{', Some("env"), true) => return Vec::new(),
            _ => {}
        }
        if last_word == Some("cache") || self.after_label("cache") {
            return self.words(&["never", "run", "forever"]);
        }
        if last_word == Some("ask") || last_word == Some("fallback") {
            return self.agents();
        }
        let body = self.context.frames.len() == 1 && frame.kind == b'{';
        match self.word {
            ItemWord::Settings if body => return self.table(&words::SETTINGS, CompletionKind::Option),
            ItemWord::Settings => return Vec::new(),
            ItemWord::Agent if body => {
                return if last_word == Some("from") {
                    self.agents()
                } else {
                    self.clauses(&words::AGENT_CLAUSES, frame)
                };
            }
            ItemWord::Agent if head_is(&self.context, &self.text, "fallback") => return self.agents(),
            ItemWord::Task if body && !matches!(last_word, Some("timeout" | "stdin" | "retry")) => {
                return self.clauses(&words::TASK_CLAUSES, frame);
            }
            ItemWord::Type => return Vec::new(),
            _ => {}
        }
        let mut found = Vec::new();
        if frame.kind == b'(' && self.at_argument(frame) {
            found.extend(self.labels(frame));
        }
        if frame.kind == b'{' && key {
            found.extend(self.wanted_fields(frame));
        }
        found.extend(self.names());
        let in_flow = matches!(self.word, ItemWord::Flow | ItemWord::Test);
        if frame.kind == b'{' && in_flow && self.begins_line(frame) {
            found.extend(self.table(&words::STATEMENTS, CompletionKind::Keyword));
            if self.word == ItemWord::Test {
                found.extend(
                    self.table(&words::JOINING, CompletionKind::Keyword)
                        .into_iter()
                        .filter(|it| it.label == "mock"),
                );
            }
        } else if in_flow {
            let begins = ["for", "if", "match", "loop", "reduce", "ask", "try", "race", "first", "approve"];
            let words = self.table(&words::STATEMENTS, CompletionKind::Keyword);
            found.extend(words.into_iter().filter(|it| begins.contains(&&*it.label)));
            found.extend(self.words(&["none", "true", "false"]));
        } else {
            found.extend(self.words(&["none", "true", "false"]));
        }
        if self.after_value() {
            let joining = ["else", "with", "as", "in", "max", "of"];
            let words = self.table(&words::JOINING, CompletionKind::Keyword);
            found.extend(words.into_iter().filter(|it| joining.contains(&&*it.label)));
        }
        found
    }

    fn outermost(&self) -> Vec<Completion> {
        match self.word {
            ItemWord::Use => self.use_module(),
            _ if self.wants_type_outside() => self.types(),
            ItemWord::Task | ItemWord::Flow
                if self.context.last().is_some_and(|it| it.kind == TokenKind::Close(b')')) =>
            {
                Vec::new()
            }
            // `-> Text from stdout`
            ItemWord::Task
                if self
                    .context
                    .last()
                    .is_some_and(|it| it.kind == TokenKind::Word && it.span.slice(&self.text) == "from") =>
            {
                self.words(&["stdout", "lines"])
            }
            ItemWord::Task => {
                let words = self.table(&words::JOINING, CompletionKind::Keyword);
                words.into_iter().filter(|it| it.label == "from").collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a type is to follow, outside of all brackets.
    fn wants_type_outside(&self) -> bool {
        let signs: Vec<u8> = self.context.before.iter().rev().map_while(|it| sign(it.kind)).take(2).collect();
        match signs.as_slice() {
            [b'>', b'-', ..] | [b'<' | b'|', ..] => true,
            [b'=', ..] => self.word == ItemWord::Type,
            _ => false,
        }
    }

    /// Whether a type is to follow, in brackets.
    fn wants_type(&self, frame: Frame) -> bool {
        let before = &self.context.before;
        let Some(last) = before.last() else { return false };
        let word =
            |at: usize| before.get(before.len().checked_sub(at)?).filter(|it| it.kind == TokenKind::Word);
        match last.kind {
            TokenKind::Word => last.span.slice(&self.text) == "as",
            TokenKind::Sign(b':') => {
                let params = frame.kind == b'(' && frame.token == 2 && self.context.frames.len() == 1;
                let of_let = word(3).is_some_and(|it| it.span.slice(&self.text) == "let");
                let outputs = frame.kind == b'{' && self.in_signature(frame);
                params || of_let || self.word == ItemWord::Type || outputs
            }
            // `List<`: a name in capitals stands before it.
            TokenKind::Sign(b'<') => {
                word(2).is_some_and(|it| matches!(it.span.slice(&self.text), "List" | "Map"))
            }
            TokenKind::Sign(b'|') => self.word == ItemWord::Type || self.in_signature(frame),
            _ => false,
        }
    }

    /// Whether a brace belongs to the type behind `->` and not to a body.
    fn in_signature(&self, frame: Frame) -> bool {
        let before = |back: usize| frame.token.checked_sub(back).and_then(|at| self.context.before.get(at));
        let arrow = before(1).is_some_and(|it| it.kind == TokenKind::Sign(b'>'))
            && before(2).is_some_and(|it| it.kind == TokenKind::Sign(b'-'));
        arrow && self.context.frames.len() == 1
    }

    /// Whether the place is right behind `label:`.
    fn after_label(&self, label: &str) -> bool {
        let before = &self.context.before;
        self.context.after_sign(b':')
            && before.len() >= 2
            && before.get(before.len() - 2).is_some_and(|it| it.span.slice(&self.text) == label)
    }

    /// Whether a value is complete before the place, on its line.
    fn after_value(&self) -> bool {
        let Some(last) = self.context.last() else { return false };
        let between =
            self.text.get(last.span.end as usize..self.context.prefix.start as usize).unwrap_or("\n");
        !between.contains('\n')
            && !between.is_empty()
            && matches!(
                last.kind,
                TokenKind::Word | TokenKind::Number | TokenKind::Close(_) | TokenKind::TextClose
            )
    }

    /// Whether nothing stands before the word on its line, or only the brace of its block.
    fn begins_line(&self, frame: Frame) -> bool {
        let Some(last) = self.context.last() else { return true };
        let between = self.text.get(last.span.end as usize..self.context.prefix.start as usize).unwrap_or("");
        between.contains('\n') || self.context.before.len() == frame.token + 1
    }

    fn at_argument(&self, frame: Frame) -> bool {
        self.context.before.len() == frame.token + 1 || self.context.after_sign(b',')
    }

    fn clauses(&self, table: &[Word], frame: Frame) -> Vec<Completion> {
        let inside = self.context.inside(frame);
        let written: Vec<&str> = inside.iter().map(|token| token.span.slice(&self.text)).collect();
        let mut found = self.table(table, CompletionKind::Clause);
        found.retain(|it| !written.contains(&&*it.label));
        found
    }

    fn unused(&self, table: &[Word], frame: Frame) -> Vec<Completion> {
        let mut found = self.clauses(table, frame);
        found.iter_mut().for_each(|it| it.kind = CompletionKind::Option);
        found
    }

    pub(crate) fn table(&self, table: &[Word], kind: CompletionKind) -> Vec<Completion> {
        from_table(table, kind, self.replace, 4)
    }

    pub(crate) fn words(&self, words: &[&str]) -> Vec<Completion> {
        words.iter().map(|word| self.one(word, CompletionKind::Keyword, 4)).collect()
    }

    /// A completion that is its own label.
    pub(crate) fn one(&self, label: &str, kind: CompletionKind, rank: u8) -> Completion {
        Completion {
            label: label.to_owned(),
            kind,
            detail: String::new(),
            docs: String::new(),
            insert: label.to_owned(),
            snippet: false,
            replace: self.replace,
            rank,
            extra: None,
        }
    }

    /// The fields that the record at a brace is wanted to have and has not.
    fn wanted_fields(&self, frame: Frame) -> Vec<Completion> {
        let Some(open) = self.context.before.get(frame.token) else { return Vec::new() };
        let wanted = self.facts.wanted.iter().rev().find(|(span, _)| span.start == open.span.start);
        let Some((_, wanted)) = wanted else { return Vec::new() };
        let ty = crate::types::fits::expand(&self.analysis.compiler.db, wanted);
        let ty = if let Ty::Optional(inner) = &ty { (**inner).clone() } else { ty };
        let Ty::Record(fields) = ty else { return Vec::new() };
        let inside = self.context.inside(frame);
        let written: Vec<&str> = inside.iter().map(|token| token.span.slice(&self.text)).collect();
        let names = self.analysis.type_names(self.file);
        let missing = fields.iter().filter(|(name, _)| !written.contains(&&**name));
        missing
            .map(|(name, ty)| Completion {
                insert: format!("{name}: "),
                detail: self.analysis.shown_by(&names, ty),
                ..self.one(name, CompletionKind::Field, 0)
            })
            .collect()
    }
}

fn head_is(context: &Context, text: &str, word: &str) -> bool {
    context.frames.last().is_some_and(|frame| context.head(text, *frame) == Some(word))
}

fn sign(kind: TokenKind) -> Option<u8> {
    match kind {
        TokenKind::Sign(sign) => Some(sign),
        _ => None,
    }
}
