//! From a file to its items: cutting, the wall that keeps offsets away from everything else, parsing. It knows no names and no types.
use std::collections::HashMap;
use std::sync::Arc;

use flowc_base::{Name, Span};
use flowc_grammar::ast;

use crate::db::{Anchor, Db, Diag, ItemId, ItemWord, Place, SourceFile};
use crate::diagnostics::files;

/// An item as it stands in its file.
#[derive(Debug)]
struct Piece {
    span: Span,
    text: Arc<str>,
    name: Name,
}

/// A file cut into items, with absolute offsets: never read by a check, only by the queries below and by rendering.
#[derive(Debug)]
pub(crate) struct Cut {
    /// The items in the order of the text.
    pub(crate) order: Vec<ItemId>,
    /// Where each stands, and its text. Looked up, never iterated.
    at: HashMap<ItemId, Piece>,
    /// What is wrong between the items.
    diagnostics: Vec<Diag>,
    /// Its comments that begin with the word `allow`.
    pub(crate) allows: Vec<flowc_grammar::AllowComment>,
}

#[salsa::tracked(returns(ref), no_eq)]
pub(crate) fn cut(db: &dyn Db, file: SourceFile) -> Cut {
    let text = match file.text(db) {
        Ok(text) => text,
        Err(why) => {
            let place = Place { anchor: Anchor::File(file), span: Span::default() };
            let diagnostics = vec![files::unreadable(place, &file.path(db).display().to_string(), why)];
            return Cut { order: Vec::new(), at: HashMap::new(), diagnostics, allows: Vec::new() };
        }
    };
    let split = flowc_grammar::split(text);
    let mut seen: HashMap<(ItemWord, Name), u32> = HashMap::new();
    let mut keys = Vec::with_capacity(split.items.len());
    for item in &split.items {
        let word = item_word(item.word);
        let name = item.name.as_ref().map_or_else(Name::default, |name| name.name.clone());
        let nth = seen.entry((word, name.clone())).or_default();
        keys.push((word, name, *nth));
        *nth += 1;
    }
    let mut order = Vec::with_capacity(split.items.len());
    let mut at = HashMap::with_capacity(split.items.len());
    for (item, number) in split.items.into_iter().zip(db.assign(file, keys)) {
        let id = ItemId::new(db, file, item_word(item.word), number);
        order.push(id);
        let name = item.name.map_or_else(Name::default, |name| name.name);
        at.insert(id, Piece { span: item.span, text: item.text, name });
    }
    let place = |span| Place { anchor: Anchor::File(file), span };
    let diagnostics = split.errors.into_iter().map(|d| d.map_places(place)).collect();
    Cut { order, at, diagnostics, allows: split.allows }
}

fn item_word(word: flowc_grammar::ItemWord) -> ItemWord {
    match word {
        flowc_grammar::ItemWord::Use => ItemWord::Use,
        flowc_grammar::ItemWord::Type => ItemWord::Type,
        flowc_grammar::ItemWord::Agent => ItemWord::Agent,
        flowc_grammar::ItemWord::Task => ItemWord::Task,
        flowc_grammar::ItemWord::Flow => ItemWord::Flow,
        flowc_grammar::ItemWord::Settings => ItemWord::Settings,
        flowc_grammar::ItemWord::Test => ItemWord::Test,
    }
}

/// The items of a file: identities only.
#[salsa::tracked(returns(ref))]
pub fn items(db: &dyn Db, file: SourceFile) -> Box<[ItemId]> {
    cut(db, file).order.clone().into()
}

/// What is wrong between the items of a file.
#[salsa::tracked(returns(ref))]
pub(crate) fn cut_errors(db: &dyn Db, file: SourceFile) -> Box<[Diag]> {
    cut(db, file).diagnostics.clone().into()
}

/// Why a file cannot be read. Whoever only asks that does not run again when its text changes.
#[salsa::tracked(returns(ref))]
pub(crate) fn read_error(db: &dyn Db, file: SourceFile) -> Option<Arc<str>> {
    file.text(db).as_ref().err().cloned()
}

/// The text of an item: the wall. What reads it does not run again when the item only moved.
#[salsa::tracked(returns(ref))]
pub fn item_text(db: &dyn Db, item: ItemId) -> Arc<str> {
    cut(db, item.file(db)).at.get(&item).map_or_else(|| Arc::from(""), |piece| Arc::clone(&piece.text))
}

/// What an item is called.
#[salsa::tracked(returns(ref))]
fn item_name(db: &dyn Db, item: ItemId) -> Name {
    cut(db, item.file(db)).at.get(&item).map_or_else(Name::default, |piece| piece.name.clone())
}

impl ItemId {
    /// Its name; of a test its title, of `use` and `settings` the empty name, also of an item that is gone.
    pub(crate) fn name(self, db: &dyn Db) -> &Name {
        item_name(db, self)
    }
}

/// Where an item stands in its file; for rendering. Empty for an item that is gone.
pub(crate) fn item_span(db: &dyn Db, item: ItemId) -> Span {
    cut(db, item.file(db)).at.get(&item).map_or_else(Span::default, |piece| piece.span)
}

/// The file of a place, and where it stands in it.
pub(crate) fn locate(db: &dyn Db, place: Place) -> (SourceFile, Span) {
    match place.anchor {
        Anchor::Item(item) => {
            // The tree of an item that ends too early has places in the brackets that were closed for it.
            let whole = item_span(db, item);
            let span = place.span.shift(whole.start);
            (item.file(db), Span::new(span.start.min(whole.end), span.end.min(whole.end)))
        }
        Anchor::File(file) => (file, place.span),
    }
}

/// The tree of an item, with what could not be read.
#[salsa::tracked(returns(ref))]
pub fn parse(db: &dyn Db, item: ItemId) -> flowc_grammar::Parsed {
    flowc_grammar::parse_item(item_text(db, item))
}

/// What the parser said about an item.
pub(crate) fn parse_errors(db: &dyn Db, item: ItemId) -> impl Iterator<Item = Diag> {
    let place = move |span| Place { anchor: Anchor::Item(item), span };
    parse(db, item).errors.iter().cloned().map(move |error| error.map_places(place))
}

/// The place of the word that an item begins with: for those that have no name.
pub(crate) fn keyword_place(db: &dyn Db, item: ItemId) -> Place {
    let text = item_text(db, item);
    // Comments and documentation stand before it.
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if !trimmed.is_empty() && !trimmed.starts_with("//") {
            start += line.len() - trimmed.len();
            break;
        }
        start += line.len();
    }
    let length = text.get(start..).map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_lowercase).count());
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Place { anchor: Anchor::Item(item), span: Span::new(offset(start), offset(start + length)) }
}

/// All of an item, with the documentation before it.
pub(crate) fn whole_place(db: &dyn Db, item: ItemId) -> Place {
    let length = u32::try_from(item_text(db, item).len()).unwrap_or(u32::MAX);
    Place { anchor: Anchor::Item(item), span: Span::new(0, length) }
}

/// The place of an item's name, or its first line where it has none.
pub(crate) fn name_place(db: &dyn Db, item: ItemId) -> Place {
    Place { anchor: Anchor::Item(item), span: name_span(parse(db, item).item.as_ref()) }
}

fn name_span(item: Option<&ast::Item>) -> Span {
    match item.map(|item| &item.kind) {
        Some(ast::ItemKind::Type(it)) => it.name.span,
        Some(ast::ItemKind::Agent(it)) => it.name.span,
        Some(ast::ItemKind::Task(it)) => it.name.span,
        Some(ast::ItemKind::Flow(it)) => it.name.span,
        Some(ast::ItemKind::Test(it)) => it.name.span,
        Some(ast::ItemKind::Use(_) | ast::ItemKind::Settings(_)) | None => Span::new(0, 0),
    }
}
