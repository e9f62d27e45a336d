//! Tests of the executor with real processes.
mod bench;
mod confined;
mod ended;
mod killed;
mod outputs;
mod words;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use crossbeam_channel::{Receiver, unbounded};
use flowc_base::{Millis, Name};
use flowc_plan::{
    Body, Cache, Expr, FileRef, Needs, Origin, Output, PLAN_VERSION, Plan, Quoting, ShellPart, Task, Type,
    Value,
};
use flowc_store::Store;

use super::{Config, Executor};
use crate::job::{Done, Job, JobFailure};

/// How long a test waits for what should come at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// Orphans come to this process as a whole. Whoever counts on theirs must be alone; who does not holds this for reading.
static ORPHANS: RwLock<()> = RwLock::new(());

/// An executor in a project of its own.
struct Lab {
    // Dropped first: it still works in the directory.
    executor: Option<Executor>,
    done: Receiver<Done>,
    store: Store,
    dir: tempfile::TempDir,
    _shared: Option<RwLockReadGuard<'static, ()>>,
}

impl Lab {
    fn new(slots: usize) -> Self {
        let shared = ORPHANS.read().unwrap_or_else(PoisonError::into_inner);
        Self { _shared: Some(shared), ..Self::alone(slots) }
    }

    /// For who holds [`ORPHANS`] for writing, or is alone in its process.
    fn alone(slots: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join(".flow")).unwrap();
        let (sender, done) = unbounded();
        let work_dir = store.work_dir().join("test-1");
        let executor =
            Executor::start(Config { store: store.clone(), slots, work_dir, done: sender }).unwrap();
        Self { _shared: None, executor: Some(executor), done, store, dir }
    }

    fn work_dir(&self) -> PathBuf {
        self.store.work_dir().join("test-1").canonicalize().unwrap()
    }

    fn submit(&self, id: u64, task: Task, args: &[Value], timeout: Option<Millis>) {
        let plan = Arc::new(Plan {
            version: PLAN_VERSION,
            flow: "main".into(),
            types: Vec::new(),
            tasks: vec![task],
            regions: Vec::new(),
            output: Type::Unit,
        });
        let job = Job { id, plan, task: 0, args: args.into(), timeout };
        self.executor.as_ref().unwrap().submit(job);
    }

    fn next(&self) -> Done {
        self.done.recv_timeout(PATIENCE).expect("every job is answered")
    }

    fn run(&self, task: Task, args: &[Value]) -> Done {
        self.submit(7, task, args, None);
        let done = self.next();
        assert_eq!(done.id, 7);
        done
    }

    fn value(&self, task: Task, args: &[Value]) -> Value {
        match self.run(task, args).result {
            Ok(value) => value,
            Err(failure) => panic!("{failure:?}"),
        }
    }

    fn text(&self, task: Task, args: &[Value]) -> String {
        match self.value(task, args) {
            Value::Text(text) => text.to_string(),
            other => panic!("{other:?} is no text"),
        }
    }

    fn failure(&self, task: Task, args: &[Value]) -> JobFailure {
        match self.run(task, args).result {
            Err(failure) => failure,
            Ok(value) => panic!("{value:?} is no failure"),
        }
    }

    fn timed_out(&self, script: &str, timeout: Millis) -> Done {
        self.submit(7, sh(script, stdout(Type::Text)), &[], Some(timeout));
        self.next()
    }

    fn file(&self, name: &str, content: &[u8]) -> Value {
        Value::File(FileRef {
            name: name.into(),
            hash: self.store.put_bytes(content).unwrap(),
            size: content.len() as u64,
            executable: false,
        })
    }

    fn content(&self, value: &Value) -> Vec<u8> {
        match value {
            Value::File(file) => self.store.read(&file.hash, file.size).unwrap(),
            other => panic!("{other:?} is no file"),
        }
    }

    /// Ends the executor; nothing of its folder may be left.
    fn finish(mut self) {
        let work_dir = self.work_dir();
        self.executor.take().unwrap().finish();
        assert!(!work_dir.exists());
    }
}

fn task(body: Body, output: Output) -> Task {
    Task {
        name: "t".into(),
        origin: Origin { file: "t.flow".into(), line: 1 },
        params: Vec::new(),
        body,
        programs: Vec::new(),
        output,
        env: Vec::new(),
        stdin: None,
        needs: Needs::default(),
        timeout: None,
        cache: Cache::Forever,
    }
}

fn sh(text: &str, output: Output) -> Task {
    splice(&[text], Quoting::Bare, output)
}

/// A shell text with the arguments spliced between its parts.
fn splice(parts: &[&str], quoting: Quoting, output: Output) -> Task {
    let mut text = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push(ShellPart::Splice(arg(at - 1), quoting));
        }
        text.push(ShellPart::Text(Name::from(*part)));
    }
    task(Body::Shell { shell: "sh".into(), text, form: None }, output)
}

fn exec(words: impl IntoIterator<Item = Expr>, output: Output) -> Task {
    task(Body::Exec(words.into_iter().collect()), output)
}

fn arg(at: usize) -> Expr {
    Expr::Arg(u32::try_from(at).unwrap())
}

fn text(text: &str) -> Expr {
    Expr::Const(Value::text(text))
}

fn stdout(ty: Type) -> Output {
    Output::Stdout(ty)
}

fn path(path: &str, ty: Type) -> Output {
    Output::Path { path: text(path), ty }
}

fn with_params(mut task: Task, params: &[(&str, Type)]) -> Task {
    task.params = params.iter().map(|(name, ty)| (Name::from(*name), ty.clone())).collect();
    task
}

/// Whether a process still lives; one that only waits to be reaped does not.
fn is_alive(pid: &str) -> bool {
    super::procs::stat(pid.trim().parse().unwrap()).is_some_and(|stat| !stat.zombie)
}
