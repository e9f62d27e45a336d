//! The signature of the call around a place, and which parameter is being written.
use std::path::Path;

use flowc_base::Span;
use flowc_grammar::TokenKind;

use super::context::Context;
use super::{Analysis, words};
use crate::db::{ItemId, ItemWord, SourceFile};
use crate::items::item_text;
use crate::resolve::{Def, exported, lookup};
use crate::types::signature::signature;

/// The signature of a call that is being written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureHelp {
    /// `split(text: File, lines: Int = 1000) -> List<File>`
    pub label: String,
    /// Documentation.
    pub docs: String,
    /// Of each parameter its bytes in the label, and its documentation.
    pub params: Vec<(Span, String)>,
    /// The parameter that is being written.
    pub active: Option<usize>,
}

impl Analysis {
    /// The signature of the call around a byte.
    #[must_use]
    pub fn signature_help(&self, path: &Path, offset: u32) -> Option<SignatureHelp> {
        let file = self.file(path);
        let (item, start) = self.item_before(file, offset)?;
        let text = self.text_from(file, item, start, offset);
        let context = Context::at(&text, offset - start);
        let (at, frame) = context.frames.iter().enumerate().rev().find(|(_, frame)| frame.kind == b'(')?;
        // A block or a text in between is no argument any more.
        if context.frames.iter().skip(at + 1).any(|frame| frame.kind == b'"' || frame.kind == b's')
            && context.in_text()
        {
            return None;
        }
        let path = context.path(&text, frame.token.checked_sub(1)?);
        let words: Vec<&str> = path.iter().map(|(word, _)| *word).collect();
        // The parameters of an item's own signature are no arguments.
        if frame.token == 2 && at == 0 {
            return None;
        }
        let inside = context.inside(*frame);
        let commas = inside.iter().filter(|token| token.kind == TokenKind::Sign(b',')).count();
        let argument: Vec<_> =
            inside.rsplit(|token| token.kind == TokenKind::Sign(b',')).next().unwrap_or_default().to_vec();
        let label = match argument.as_slice() {
            [name, colon, ..] if name.kind == TokenKind::Word && colon.kind == TokenKind::Sign(b':') => {
                Some(name.span.slice(&text))
            }
            _ => None,
        };
        match self.called(file, &words) {
            Some(item) => Some(self.help_of(file, words.last()?, item, commas, label)),
            None => built_in(words.first()?, commas),
        }
    }

    /// The task or flow that a path names in a file.
    pub(crate) fn called(&self, file: SourceFile, path: &[&str]) -> Option<ItemId> {
        let db = &self.compiler.db;
        let item = match path {
            [name] => match lookup(db, file, (*name).into()) {
                Some(Def::Item(item)) => item,
                _ => return None,
            },
            [module, name] => match lookup(db, file, (*module).into()) {
                Some(Def::Module(module)) => exported(db, module, (*name).into())?,
                _ => return None,
            },
            _ => return None,
        };
        matches!(item.word(db), ItemWord::Task | ItemWord::Flow).then_some(item)
    }

    pub(crate) fn help_of(
        &self,
        file: SourceFile,
        name: &str,
        item: ItemId,
        commas: usize,
        written: Option<&str>,
    ) -> SignatureHelp {
        let names = self.type_names(file);
        let signature = signature(&self.compiler.db, item);
        let mut label = format!("{name}(");
        let mut params = Vec::new();
        for (at, param) in signature.params.iter().enumerate() {
            label.push_str(if at == 0 { "" } else { ", " });
            let start = label.len();
            label.push_str(&format!("{}: {}", param.name, self.shown_by(&names, &param.ty)));
            label.push_str(if param.has_default { " = …" } else { "" });
            let to_u32 = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            params.push((Span::new(to_u32(start), to_u32(label.len())), param.docs.to_string()));
        }
        label.push(')');
        if signature.output != crate::ty::Ty::Unit {
            label.push_str(&format!(" -> {}", self.shown_by(&names, &signature.output)));
        }
        let active = match written {
            Some(written) => signature.params.iter().position(|param| &*param.name == written),
            None => (commas < params.len()).then_some(commas),
        };
        SignatureHelp { label, docs: signature.docs.to_string(), params, active }
    }

    /// The item that a byte stands in or behind: a text that is being written may end before the byte.
    pub(crate) fn item_before(&self, file: SourceFile, offset: u32) -> Option<(ItemId, u32)> {
        let db = &self.compiler.db;
        let mut found = None;
        for item in crate::items::items(db, file) {
            let span = crate::items::item_span(db, *item);
            if span.start <= offset {
                found = Some((*item, span.start));
            }
        }
        found
    }

    /// The text from the start of an item to its end or to a byte behind it.
    pub(crate) fn text_from(&self, file: SourceFile, item: ItemId, start: u32, offset: u32) -> String {
        let own = item_text(&self.compiler.db, item);
        let whole = file.text(&self.compiler.db).as_ref().map_or("", |text| text);
        let behind = whole.get(start as usize..offset as usize).unwrap_or("");
        if behind.len() > own.len() { behind.to_owned() } else { own.to_string() }
    }
}

fn built_in(name: &str, commas: usize) -> Option<SignatureHelp> {
    let (head, docs) = words::function(name)?;
    let open = head.find('(')? + 1;
    let close = head.find(')')?;
    let to_u32 = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let params = vec![(Span::new(to_u32(open), to_u32(close)), String::new())];
    let active = (commas == 0).then_some(0);
    Some(SignatureHelp { label: head.to_owned(), docs: docs.to_owned(), params, active })
}
