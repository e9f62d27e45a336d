//! The database: what is put in from outside (files) and the identities that queries are asked by. It does no input or output of its own.
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use flowc_base::Span;
use salsa::{Durability, Setter};

use crate::System;
use crate::slots::{Key, Slots};

/// A file of the program or of the library, present or not.
#[salsa::input(debug)]
pub struct SourceFile {
    /// Its path, absolute and normalised; `std.text` for files of the library.
    #[returns(ref)]
    pub path: PathBuf,
    /// Its text; `Err` says why it could not be read.
    #[returns(ref)]
    pub text: Result<Arc<str>, Arc<str>>,
    /// True for files of the library.
    #[returns(copy)]
    pub library: bool,
}

/// The word that an item begins with.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum ItemWord {
    /// `use`
    Use,
    /// `type`
    Type,
    /// `agent`
    Agent,
    /// `task`
    Task,
    /// `flow`
    Flow,
    /// `settings`
    Settings,
    /// `test`
    Test,
}

/// An item of a file, known by its kind and a number ([`crate::slots`]) and never by where it stands: an edit above it changes nothing
/// about it. Its name is a thing to ask for: [`ItemId::name`].
#[salsa::interned(unsafe(no_lifetime), revisions = usize::MAX, debug)]
pub struct ItemId {
    /// The file that it stands in.
    #[returns(copy)]
    pub file: SourceFile,
    /// Its kind.
    #[returns(copy)]
    pub word: ItemWord,
    /// Which among those of the same file and kind.
    #[returns(copy)]
    pub number: u32,
}

/// What a place in a query's result is relative to: never the file, so that an edit elsewhere in it changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Anchor {
    /// The first byte of an item.
    Item(ItemId),
    /// The first byte of a file: only for what stands between items.
    File(SourceFile),
}

/// A place, relative to its anchor. Only rendering makes it absolute.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Place {
    /// What the span is relative to.
    pub anchor: Anchor,
    /// Where.
    pub span: Span,
}

impl Place {
    /// The empty place before it.
    pub(crate) fn start(self) -> Self {
        Self { span: Span::new(self.span.start, self.span.start), ..self }
    }

    /// The empty place behind it.
    pub(crate) fn end(self) -> Self {
        Self { span: Span::new(self.span.end, self.span.end), ..self }
    }
}

/// A diagnostic as queries return it.
pub(crate) type Diag = flowc_base::Diagnostic<Place>;

/// The file of the names that are always at hand.
pub(crate) const PRELUDE: &str = "std.prelude";

/// What queries may ask the database for: files by their path.
#[salsa::db]
pub(crate) trait Db: salsa::Database {
    /// The file at a normalised absolute path, present or not; read when it is asked for the first time.
    fn source(&self, path: &Path) -> SourceFile;
    /// A file of the library: [`PRELUDE`], `std.text`.
    fn library(&self, name: &str) -> Option<SourceFile>;
    /// The numbers of a file's items, given that these are all that there are.
    fn assign(&self, file: SourceFile, items: Vec<Key>) -> Vec<u32>;
}

/// The files that are known: path to input. It only grows, and an entry never changes, so that no query can see it change.
type Known = Arc<Mutex<BTreeMap<PathBuf, SourceFile>>>;

/// The database.
#[salsa::db]
#[derive(Clone)]
pub(crate) struct Database {
    storage: salsa::Storage<Self>,
    system: Arc<dyn System>,
    known: Known,
    library: Arc<BTreeMap<&'static str, SourceFile>>,
    /// The files that somebody edits.
    edited: BTreeSet<PathBuf>,
    /// Looked up, never iterated.
    slots: Arc<Mutex<HashMap<SourceFile, Slots>>>,
}

#[salsa::db]
impl salsa::Database for Database {}

#[salsa::db]
impl Db for Database {
    fn source(&self, path: &Path) -> SourceFile {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = known.get(path) {
            return *file;
        }
        // Until somebody edits it: what does not depend on edited files is then known to hold without a look at it.
        let file = SourceFile::builder(path.to_owned(), read(&*self.system, path), false)
            .durability(Durability::MEDIUM)
            .new(self);
        known.insert(path.to_owned(), file);
        file
    }

    fn library(&self, name: &str) -> Option<SourceFile> {
        self.library.get(name).copied()
    }

    fn assign(&self, file: SourceFile, items: Vec<Key>) -> Vec<u32> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(file).or_default().assign(items)
    }
}

/// What salsa reports about queries, for tests.
pub(crate) type EventCallback = Box<dyn Fn(salsa::Event) + Send + Sync>;

impl Database {
    /// A database with the library in it and no other file.
    #[must_use]
    pub(crate) fn new(system: Arc<dyn System>) -> Self {
        Self::with_events(system, None)
    }

    /// As [`Database::new`], with somebody who is told what salsa does.
    #[must_use]
    pub(crate) fn with_events(system: Arc<dyn System>, events: Option<EventCallback>) -> Self {
        let mut db = Self {
            storage: salsa::Storage::new(events),
            system,
            known: Known::default(),
            library: Arc::default(),
            edited: BTreeSet::new(),
            slots: Arc::default(),
        };
        let prelude = std::iter::once((PRELUDE, flowc_stdlib::prelude()));
        let files = prelude.chain(flowc_stdlib::modules().iter().copied()).map(|(name, text)| {
            let file = SourceFile::builder(PathBuf::from(name), Ok(Arc::from(text)), true)
                .durability(Durability::HIGH)
                .new(&db);
            (name, file)
        });
        let library = files.collect();
        db.library = Arc::new(library);
        db
    }

    /// The files that are known and not the library's, by path.
    pub(crate) fn sources(&self) -> Vec<SourceFile> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().copied().collect()
    }

    /// Reads every known file again and tells the queries of those that changed, and of no other.
    pub(crate) fn refresh(&mut self) {
        let known: Vec<(PathBuf, SourceFile)> = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.iter().map(|(path, file)| (path.clone(), *file)).collect()
        };
        for (path, file) in known {
            let text = read(&*self.system, &path);
            self.set_text(file, text);
        }
    }

    /// Reads one file again, if it is known. Every other handle of the database is told to stop, and waited for.
    pub(crate) fn reread(&mut self, path: &Path) {
        let file = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        let Some(file) = file else { return };
        let text = read(&*self.system, path);
        if self.edited.insert(path.to_owned()) {
            // Somebody edits it. Said before the first letter, for what depends on it is looked at once more.
            let _before = file.set_text(self).with_durability(Durability::LOW).to(text);
        } else {
            self.set_text(file, text);
        }
    }

    /// Gives a file a text; an equal text changes nothing.
    pub(crate) fn set_text(&mut self, file: SourceFile, text: Result<Arc<str>, Arc<str>>) {
        if *file.text(self) != text {
            let _before = file.set_text(self).to(text);
        }
    }
}

fn read(system: &dyn System, path: &Path) -> Result<Arc<str>, Arc<str>> {
    system.read_text(path).map(Arc::from).map_err(Arc::from)
}

/// `path` without `.` and `..`, as text alone: links are not followed.
#[must_use]
pub fn normalised(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                if !out.pop() {
                    out.push("..");
                }
            }
            other => out.push(other),
        }
    }
    out
}
