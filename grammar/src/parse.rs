//! One item: the guards before the parser, the parse, and the way on after an error.
use std::num::NonZeroUsize;
use std::sync::Once;

use flowc_base::{Diagnostic, Span};
use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};

use crate::ast::{Comment, Item};
use crate::build::{Builder, DocLine};
use crate::guard::{Guarded, guard};
use crate::recover::Recovery;
use crate::{FlowParser, MAX_ITEM_BYTES, Rule, errors};

/// What a text says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// The item; with holes (`Missing`) where it could not be read, `None` when nothing could be.
    pub item: Option<Item>,
    /// What is wrong, in the order of the text.
    pub errors: Vec<Diagnostic<Span>>,
    /// The comments that document nothing.
    pub comments: Vec<Comment>,
}

/// Parses the text of one item; all spans count from its first byte.
#[must_use]
pub fn parse_item(text: &str) -> Parsed {
    if text.len() > MAX_ITEM_BYTES {
        let error = errors::item_too_large(Span::new(0, 0), MAX_ITEM_BYTES);
        return Parsed { item: None, errors: vec![error], comments: Vec::new() };
    }
    limit_calls();
    let Guarded { comments, docs, errors, repaired, fatal } = guard(text);
    if fatal {
        return Parsed { item: None, errors, comments };
    }
    let mut recovery = Recovery::new(text, repaired, errors);
    loop {
        let attempt = recovery.text();
        match FlowParser::parse(Rule::item, attempt) {
            Ok(pairs) => {
                let docs = docs.iter().map(|&span| DocLine { span, used: false }).collect();
                let mut builder = Builder::new(attempt, docs);
                let item = builder.build(pairs);
                let Builder { errors: mut found, docs, .. } = builder;
                if recovery.is_whole() {
                    found.extend(unused_docs(&docs));
                }
                return recovery.finish(item, found, comments);
            }
            Err(error) => {
                let at = match error.location {
                    InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
                };
                let expected = match error.variant {
                    ErrorVariant::ParsingError { positives, .. } => positives,
                    // A limit of the parser itself: nothing more can be said about this text.
                    ErrorVariant::CustomError { .. } => {
                        recovery.limit(at);
                        return recovery.finish(None, Vec::new(), comments);
                    }
                };
                if !recovery.step(at, &expected) {
                    return recovery.finish(None, Vec::new(), comments);
                }
            }
        }
    }
}

/// One warning for each run of documentation that nothing took.
fn unused_docs(docs: &[DocLine]) -> impl Iterator<Item = Diagnostic<Span>> {
    docs.iter().filter(|line| !line.used).map(|line| errors::unused_docs(line.span))
}

/// A parse takes a few calls a byte; a hundred is a grammar gone wrong. The limit is the whole process's, so it is set once.
fn limit_calls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| pest::set_call_limit(NonZeroUsize::new(MAX_ITEM_BYTES * 100)));
}
