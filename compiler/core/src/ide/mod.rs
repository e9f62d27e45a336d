//! What an editor asks of the compiler: pure functions over the database, with places as byte offsets of files. It knows no protocol and no
//! clock. One [`Workspace`] owns the database and is told of changes; each question is answered by an [`Analysis`], a handle of its own
//! that may be used on another thread, and that a change stops.
mod complete;
mod context;
mod definition;
mod diagnostics;
mod folding;
mod hints;
mod hover;
pub(crate) mod references;
pub(crate) mod rename;
mod shown;
mod signature_help;
pub(crate) mod symbol;
mod symbols;
mod tokens;
mod visible;
pub(crate) mod walk;
mod words;

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flowc_base::Span;
use salsa::Database as _;

pub use complete::{Completion, CompletionKind};
pub use folding::{Fold, FoldKind};
pub use hints::{Hint, HintKind};
pub use hover::Hover;
pub use references::Reference;
pub use rename::Renamed;
pub use signature_help::SignatureHelp;
pub use symbols::{Symbol, SymbolKind};
pub use tokens::{SemanticKind, SemanticToken};

use crate::db::{Database, Db, ItemId, SourceFile};
use crate::items::{item_span, items};
use crate::{Compiler, System};

/// A place in a file. The path is absolute; `std.text` for files of the library.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileSpan {
    /// The file.
    pub path: PathBuf,
    /// Bytes of its text.
    pub span: Span,
}

/// Why a question has no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// A file changed, or the question was taken back.
    Cancelled,
    /// A bug of ours, with what it said.
    Bug(String),
}

/// Stops the work of one [`Analysis`] from another thread.
#[derive(Clone, Debug)]
pub struct Canceller(salsa::CancellationToken);

impl Canceller {
    /// Stops it at the next query. More than once does nothing more.
    pub fn cancel(&self) {
        self.0.cancel();
    }
}

/// The files of an editor: the owner of the database. What it is told stops every [`Analysis`] that is at work, and waits until all are gone:
/// whoever holds one gives it up soon.
pub struct Workspace {
    db: Database,
    system: Arc<dyn System>,
    files: Arc<BTreeSet<PathBuf>>,
}

impl Workspace {
    /// A workspace without files.
    #[must_use]
    pub fn new(system: Arc<dyn System>) -> Self {
        Self { db: Database::new(Arc::clone(&system)), system, files: Arc::default() }
    }

    /// Says which files there are: where names are searched for. Absolute paths.
    pub fn set_files(&mut self, files: BTreeSet<PathBuf>) {
        self.files = Arc::new(files);
    }

    /// Says that the text of a file may have changed, or that it came or went.
    pub fn changed(&mut self, path: &Path) {
        self.db.reread(path);
    }

    /// A handle to ask with.
    #[must_use]
    pub fn analysis(&self) -> Analysis {
        Analysis {
            compiler: Compiler::over(self.db.clone(), Arc::clone(&self.system)),
            files: Arc::clone(&self.files),
        }
    }
}

/// A handle to ask with, about the files as they are now.
pub struct Analysis {
    compiler: Compiler,
    files: Arc<BTreeSet<PathBuf>>,
}

/// Bytes of stack that a thread needs to ask about the deepest program.
pub const STACK_BYTES: usize = crate::stack::STACK_BYTES;

impl Analysis {
    /// What stops this handle.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        Canceller(self.compiler.db.cancellation_token())
    }

    /// Asks; the one way to call the others, so that being stopped is an answer, and a bug ends one question and not the program.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn ask<T>(&self, question: impl FnOnce(&Self) -> T) -> Result<T, Stopped> {
        // Attached as a whole: a query that is asked alone forgets at its end that it was to be stopped.
        let asked = || self.compiler.db.attach(|_| question(self));
        catch_unwind(AssertUnwindSafe(asked)).map_err(|panic| why(&*panic))
    }

    /// Stops here when the handle was told to.
    pub(crate) fn check(&self) {
        self.compiler.db.unwind_if_revision_cancelled();
    }

    /// The text of a file, if it can be read.
    #[must_use]
    pub fn text(&self, path: &Path) -> Option<Arc<str>> {
        self.file(path).text(&self.compiler.db).as_ref().ok().cloned()
    }

    /// The files of the library: their names, each a path that the other questions take.
    #[must_use]
    pub fn library(&self) -> Vec<(String, Arc<str>)> {
        let names = flowc_stdlib::modules().iter().map(|(name, _)| *name).chain([crate::db::PRELUDE]);
        names.filter_map(|name| Some((name.to_owned(), self.text(Path::new(name))?))).collect()
    }

    fn file(&self, path: &Path) -> SourceFile {
        path.to_str()
            .and_then(|name| self.compiler.db.library(name))
            .unwrap_or_else(|| self.compiler.db.source(path))
    }

    /// All files in which a name of `here` may be mentioned: those of the workspace, and what the file itself uses.
    fn searched(&self, here: SourceFile) -> Vec<SourceFile> {
        let mut files: Vec<SourceFile> = vec![here];
        files.extend(self.files.iter().map(|path| self.compiler.db.source(path)));
        crate::resolve::program(&self.compiler.db, &files)
    }

    /// The item that a byte of a file touches, and where the item begins.
    fn item_at(&self, file: SourceFile, offset: u32) -> Option<(ItemId, u32)> {
        let mut found = None;
        for item in items(&self.compiler.db, file) {
            let span = item_span(&self.compiler.db, *item);
            if span.start <= offset && offset <= span.end {
                found = Some((*item, span.start));
            }
        }
        found
    }

    fn locate(&self, item: ItemId, span: Span) -> FileSpan {
        let start = item_span(&self.compiler.db, item).start;
        FileSpan {
            path: item.file(&self.compiler.db).path(&self.compiler.db).clone(),
            span: span.shift(start),
        }
    }
}

fn why(panic: &(dyn Any + Send)) -> Stopped {
    if panic.is::<salsa::Cancelled>() {
        return Stopped::Cancelled;
    }
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Stopped::Bug(text.unwrap_or_else(|| "a panic without words".to_owned()))
}
