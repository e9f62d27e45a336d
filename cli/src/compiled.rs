//! Programs that were compiled before. What the compiler asked of the world is kept with the plan that came of it: as long as the world
//! answers every question as it did then, the plan is the same, and nothing is compiled. It does not know what the questions mean.
//! (A constructive trace, after Mokhov, Mitchell and Peyton Jones, *Build systems à la carte*, 2018.)
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use flowc_compiler::{EntryKind, System};
use flowc_engine::StoredPlan;
use flowc_plan::{ContentHash, KeyHasher};
use flowc_store::Store;
use serde::{Deserialize, Serialize};

/// Counts up when what is kept changes its form or its meaning.
const VERSION: u32 = 2;

/// What came of compiling a program.
pub(crate) struct Compiled {
    /// What is to be done.
    pub(crate) plan: StoredPlan,
    /// The arguments as they were given: name, text.
    pub(crate) args: Vec<(String, String)>,
    /// What there was to say about the program, as it is shown.
    pub(crate) said: String,
}

/// A [`Compiled`] in the store.
#[derive(Serialize, Deserialize)]
struct Kept {
    asked: Vec<(Question, ContentHash)>,
    plan: ContentHash,
    args: Vec<(String, String)>,
    said: String,
}

/// Something that the compiler asks of the world.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
enum Question {
    /// [`System::read_text`].
    Text(PathBuf),
    /// [`System::kind`].
    Kind(PathBuf),
    /// [`System::list`].
    Names(PathBuf),
    /// [`System::has_program`].
    Program(String),
    /// [`System::programs`].
    Programs,
}

/// The name of a call of the command line, by all that can change what comes of it but the world: this very program, the directory that
/// paths start from, the words, and how things are `shown`. `None` where it cannot be told.
pub(crate) fn call(words: &[OsString], params: &str, shown: &str) -> Option<ContentHash> {
    let program = std::env::current_exe().ok()?.metadata().ok()?;
    let mut hasher = KeyHasher::new("call", VERSION);
    for part in [program.dev(), program.ino(), program.size()] {
        hasher.number(b'P', part);
    }
    for part in [program.mtime(), program.mtime_nsec(), program.ctime(), program.ctime_nsec()] {
        hasher.bytes(b'T', &part.to_le_bytes());
    }
    hasher.bytes(b'D', std::env::current_dir().ok()?.as_os_str().as_bytes());
    for word in words {
        hasher.bytes(b'W', word.as_bytes());
    }
    hasher.bytes(b'J', params.as_bytes()).bytes(b'S', shown.as_bytes());
    Some(hasher.finish())
}

/// What came of a call before, if the world is still as it was for it.
pub(crate) fn find(store: &Store, call: &ContentHash, world: &dyn System) -> Option<Compiled> {
    let kept: Kept = rmp_serde::from_slice(&store.derived(call)?).ok()?;
    let same = kept.asked.iter().all(|(question, answer)| question.ask(world) == *answer);
    let plan = same.then(|| StoredPlan::load(store, kept.plan).ok())??;
    Some(Compiled { plan, args: kept.args, said: kept.said })
}

/// Keeps what came of a call. That it cannot be kept is no failure: the next call compiles again.
pub(crate) fn keep(store: &Store, call: &ContentHash, compiled: &Compiled, asked: &Asked<impl System>) {
    let Some(asked) = asked.answers() else { return };
    let Compiled { plan, args, said } = compiled;
    let kept = Kept { asked, plan: plan.hash(), args: args.clone(), said: said.clone() };
    // A path that is not UTF-8 cannot be written: such a program is compiled each time.
    if let Ok(bytes) = rmp_serde::to_vec(&kept) {
        let _ = store.put_derived(call, &bytes);
    }
}

impl Question {
    fn ask(&self, world: &dyn System) -> ContentHash {
        match self {
            Self::Text(path) => of_text(&world.read_text(path)),
            Self::Kind(path) => of_kind(world.kind(path)),
            Self::Names(path) => of_names(&world.list(path)),
            Self::Program(name) => of_presence(world.has_program(name)),
            Self::Programs => of_names(&world.programs()),
        }
    }
}

fn of_text(text: &Result<String, String>) -> ContentHash {
    let mut hasher = KeyHasher::new("text", VERSION);
    match text {
        Ok(text) => hasher.bytes(b'T', text.as_bytes()),
        Err(reason) => hasher.bytes(b'E', reason.as_bytes()),
    };
    hasher.finish()
}

fn of_kind(kind: Option<EntryKind>) -> ContentHash {
    ContentHash::of(match kind {
        None => b"",
        Some(EntryKind::File) => b"f",
        Some(EntryKind::Dir) => b"d",
    })
}

fn of_presence(there: bool) -> ContentHash {
    ContentHash::of(if there { b"y" } else { b"n" })
}

fn of_names(names: &[String]) -> ContentHash {
    let mut hasher = KeyHasher::new("names", VERSION);
    for name in names {
        hasher.bytes(b'N', name.as_bytes());
    }
    hasher.finish()
}

/// The world, with all that it was asked.
pub(crate) struct Asked<S> {
    world: S,
    answers: Mutex<Answers>,
}

#[derive(Default)]
struct Answers {
    given: BTreeMap<Question, ContentHash>,
    /// Whether a question got two answers: the world changed under the compiler's eyes.
    unsteady: bool,
}

impl<S> Asked<S> {
    pub(crate) fn new(world: S) -> Self {
        Self { world, answers: Mutex::default() }
    }

    fn note(&self, question: Question, answer: ContentHash) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let differs = match answers.given.entry(question) {
            Entry::Vacant(entry) => *entry.insert(answer) != answer,
            Entry::Occupied(entry) => *entry.get() != answer,
        };
        answers.unsteady |= differs;
    }

    /// All questions with their answers; `None` when one was answered in two ways.
    fn answers(&self) -> Option<Vec<(Question, ContentHash)>> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        (!answers.unsteady).then(|| answers.given.iter().map(|(q, a)| (q.clone(), *a)).collect())
    }
}

impl<S: System> System for Asked<S> {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        let text = self.world.read_text(path);
        self.note(Question::Text(path.to_owned()), of_text(&text));
        text
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let kind = self.world.kind(path);
        self.note(Question::Kind(path.to_owned()), of_kind(kind));
        kind
    }

    fn list(&self, path: &Path) -> Vec<String> {
        let names = self.world.list(path);
        self.note(Question::Names(path.to_owned()), of_names(&names));
        names
    }

    fn has_program(&self, name: &str) -> bool {
        let there = self.world.has_program(name);
        self.note(Question::Program(name.to_owned()), of_presence(there));
        there
    }

    fn programs(&self) -> Vec<String> {
        let names = self.world.programs();
        self.note(Question::Programs, of_names(&names));
        names
    }

    fn current_dir(&self) -> PathBuf {
        // A part of the call's name.
        self.world.current_dir()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use flowc_compiler::{Args, Compiler};

    use super::*;

    /// Two files, one of which the program only asks for.
    #[derive(Clone)]
    struct World {
        program: String,
        book: bool,
    }

    impl System for World {
        fn read_text(&self, path: &Path) -> Result<String, String> {
            if path == Path::new("/p/main.flow") {
                Ok(self.program.clone())
            } else {
                Err("no such file".into())
            }
        }
        fn kind(&self, path: &Path) -> Option<EntryKind> {
            (self.book && path == Path::new("/p/book.txt")).then_some(EntryKind::File)
        }
        fn has_program(&self, _name: &str) -> bool {
            true
        }
    }

    fn world() -> World {
        let program = "task words(b: File) -> Int { sh \"wc -w < {{b}}\" }\n\
                       flow main() -> Int { words(file(\"book.txt\")) }\n";
        World { program: program.to_owned(), book: true }
    }

    /// Compiles and keeps; the store, and the name of the call.
    fn kept(world: World) -> (tempfile::TempDir, Store, ContentHash) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let asked = Arc::new(Asked::new(world));
        let mut compiler = Compiler::new(Arc::<Asked<World>>::clone(&asked));
        let args = Args { given: Vec::new(), base: "/p".into() };
        let plan = compiler.plan(Path::new("/p/main.flow"), None, &args).unwrap().plan;
        let plan = StoredPlan::keep(&store, plan).unwrap();
        let call = call(&["main.flow".into()], "", "").unwrap();
        let args = vec![("a".to_owned(), "1".to_owned())];
        keep(&store, &call, &Compiled { plan, args, said: "a warning".to_owned() }, &*asked);
        (dir, store, call)
    }

    #[test]
    fn the_same_world_gives_the_same_plan() {
        let (_dir, store, call) = kept(world());
        let found = find(&store, &call, &world()).unwrap();
        assert_eq!((found.args, found.said.as_str()), (vec![("a".into(), "1".into())], "a warning"));
        assert_eq!(found.plan.plan().tasks[0].name.as_str(), "words");
        assert_eq!(found.plan.plan().id(), found.plan.hash());
    }

    #[test]
    fn another_answer_of_the_world_is_another_program() {
        let (_dir, store, call) = kept(world());
        assert!(find(&store, &call, &World { book: false, ..world() }).is_none());
        assert!(find(&store, &call, &World { program: world().program + "// more", ..world() }).is_none());
    }

    #[test]
    fn every_word_of_a_call_counts_and_where_words_end() {
        let name = |words: &[&str], params, shown| {
            call(&words.iter().map(OsString::from).collect::<Vec<_>>(), params, shown).unwrap()
        };
        let all = [
            name(&["a", "b"], "", ""),
            name(&["ab"], "", ""),
            name(&["a", "b", ""], "", ""),
            name(&["a"], "b", ""),
            name(&["a"], "", "b"),
        ];
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn what_was_compiled_while_a_file_changed_is_not_kept() {
        let asked = Asked::new(world());
        asked.note(Question::Kind("/x".into()), of_kind(None));
        assert!(asked.answers().is_some());
        asked.note(Question::Kind("/x".into()), of_kind(Some(EntryKind::File)));
        assert!(asked.answers().is_none());
    }

    #[test]
    fn a_plan_that_the_store_lost_is_compiled_again() {
        let (dir, store, call) = kept(world());
        let hash = find(&store, &call, &world()).unwrap().plan.hash();
        drop(store);
        for entry in std::fs::read_dir(dir.path().join("objects/pack")).unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
        let store = Store::open(dir.path()).unwrap();
        assert!(StoredPlan::load(&store, hash).is_err());
        assert!(find(&store, &call, &world()).is_none());
    }
}
