//! Every program of the repository, spoilt at random, through parser, checker, formatter and planner: nothing panics, hangs or ends the stack;
//! what is refused is refused with a place in its text; what is formatted says what it said before; and a compiler that saw ten thousand texts before says what a new one says.
//! It knows the public faces only.
//!
//! The suite takes 1,500. The long run:
//!
//! ```text
//! FLOWC_FUZZ=10000000 cargo test --release -p flowc_compiler --test fuzz -- --nocapture
//! ```
//!
//! `FLOWC_SEED=7` takes other texts, `FLOWC_FUZZ_SECONDS=600` ends sooner, `FLOWC_FUZZ_THREADS=2` says how many threads (as many as there are
//! cores). A text that fails is left in `target/tmp/fuzz/`, with the one that the same compiler saw before it; a case that ends the process
//! is named in `target/tmp/fuzz/at-*`: `FLOWC_FUZZ_FROM=17 FLOWC_FUZZ=1` runs that one alone.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test: the line number is the message, the numbers are for people"
)]
mod corpus;
mod mutate;
mod random;

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use flowc_base::{Diagnostic, Severity};
use flowc_compiler::{Args, Compiler, EntryKind, Report, System};

use random::Random;

/// Longer than this, and a case hangs: thousands of times what a case takes, for machines that do other things.
const HANG: Duration = Duration::from_secs(20);
/// As a thread of a library user has it: the parser must not need more. Frames of a build that is not optimised are some four times as large:
/// there the deepest tree that is let through (256 levels) takes more than 2 MiB.
const STACK_BYTES: usize = if cfg!(debug_assertions) { 8 << 20 } else { 2 << 20 };
/// After so many texts a compiler is compared with a new one.
const COMPARED_EVERY: u64 = 64;
/// So many texts, and a worker takes a new compiler: a run does not depend on how long it is.
const COMPILER_TEXTS: u64 = 10_000;

const MAIN: &str = "/p/main.flow";
const ALLOW: &str = "// allow";

/// One program; every other path is a file.
#[derive(Default)]
struct World(Mutex<String>);

impl System for World {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        if path == Path::new(MAIN) {
            Ok(self.0.lock().unwrap().clone())
        } else {
            Err("no such file".to_owned())
        }
    }

    fn kind(&self, _: &Path) -> Option<EntryKind> {
        Some(EntryKind::File)
    }

    fn has_program(&self, _name: &str) -> bool {
        true
    }
}

/// A compiler and the texts that it saw last.
struct Bench {
    world: Arc<World>,
    compiler: Compiler,
    texts: u64,
    before: String,
    now: String,
}

impl Bench {
    fn new() -> Self {
        let world = Arc::new(World::default());
        let mut compiler = Compiler::new(Arc::<World>::clone(&world));
        compiler.check(&[PathBuf::from(MAIN)]);
        Self { world, compiler, texts: 0, before: String::new(), now: String::new() }
    }

    fn tell(&mut self, text: &str) {
        text.clone_into(&mut self.world.0.lock().unwrap());
        self.compiler.edited(Path::new(MAIN));
        self.texts += 1;
        self.before = std::mem::replace(&mut self.now, text.to_owned());
    }
}

/// What a run counts.
#[derive(Default)]
struct Counts {
    done: AtomicU64,
    clean: AtomicU64,
    planned: AtomicU64,
    formatted: AtomicU64,
    slowest_us: AtomicU64,
}

fn inside(text: &str, start: u32, end: u32) -> bool {
    text.get(start as usize..end as usize).is_some()
}

/// One text through everything; panics where something is not as promised.
fn execute(bench: &mut Bench, text: &str, case: u64, counts: &Counts) {
    // The parser, on a thread with a usual stack.
    let split = flowc_grammar::split(text);
    for item in &split.items {
        assert_eq!(item.span.slice(text), &*item.text);
        let parsed = flowc_grammar::parse_item(&item.text);
        assert!(parsed.item.is_some() || !parsed.errors.is_empty(), "an item is lost without a word");
        for error in parsed.errors {
            error.map_places(|at| {
                assert!(inside(&item.text, at.start, at.end), "{at:?} is outside of its item");
            });
        }
    }
    // The checker, incremental.
    bench.tell(text);
    let found = bench.compiler.diagnose(Path::new(MAIN));
    places(&found, text);
    if case.is_multiple_of(COMPARED_EVERY) {
        let mut fresh = Bench::new();
        fresh.tell(text);
        let anew = fresh.compiler.diagnose(Path::new(MAIN));
        assert_eq!(
            found.diagnostics, anew.diagnostics,
            "a compiler that saw other texts before says something else"
        );
    }
    formatted(bench, text, &found, counts);
    if found.has_errors() {
        return;
    }
    counts.clean.fetch_add(1, Ordering::Relaxed);
    // The planner, as `flowc run` would ask.
    if text.contains("flow main") {
        let args = Args { given: Vec::new(), base: PathBuf::from("/p") };
        match bench.compiler.plan(Path::new(MAIN), None, &args) {
            Ok(ready) => {
                assert!(!ready.report.has_errors(), "planned with errors");
                counts.planned.fetch_add(1, Ordering::Relaxed);
            }
            Err(report) => {
                assert!(report.has_errors(), "refused without a word");
                places(&report, text);
            }
        }
    }
}

/// The formatter: what it makes stays as it is when it is formatted again, and the checker finds the same in it.
fn formatted(bench: &mut Bench, text: &str, found: &Report, counts: &Counts) {
    let made = match flowc_compiler::format(text) {
        Ok(made) => made,
        Err(errors) => {
            assert!(!errors.is_empty(), "not formatted, without a word");
            assert!(found.has_errors(), "not formatted, though nothing is wrong: {errors:?}");
            return;
        }
    };
    counts.formatted.fetch_add(1, Ordering::Relaxed);
    assert_eq!(flowc_compiler::format(&made).as_deref(), Ok(made.as_str()), "formatted again, it changes");
    if made == text {
        return;
    }
    let codes = |report: &Report| {
        let mut codes: Vec<_> = report.diagnostics.iter().map(|found| found.code).collect();
        codes.sort_unstable();
        codes
    };
    let mut told = |text: &str| {
        bench.tell(text);
        codes(&bench.compiler.diagnose(Path::new(MAIN)))
    };
    let (before, after) = if text.contains(ALLOW) {
        // Such a comment holds for its line, and lines are what the formatter changes: here it is a comment like others.
        let (before, after) = (text.replace(ALLOW, "// other"), made.replace(ALLOW, "// other"));
        (told(&before), told(&after))
    } else {
        (codes(found), told(&made))
    };
    assert_eq!(before, after, "formatted, it means something else:\n{made}");
    bench.tell(text);
}

/// Every place lies in its text, on the borders of characters, those of fixes too; of these none overlaps another.
fn places(report: &Report, text: &str) {
    for diagnostic in &report.diagnostics {
        let Diagnostic { primary, secondary, .. } = diagnostic;
        for place in std::iter::once(primary).chain(secondary).map(|label| label.place) {
            let file = report.files.text(place.file).unwrap_or(text);
            assert!(
                inside(file, place.span.start, place.span.end),
                "{diagnostic:?} points outside of its text"
            );
        }
        assert!(diagnostic.severity != Severity::Error || !diagnostic.message.is_empty());
        let mut edits: Vec<_> =
            diagnostic.fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.place).collect();
        for place in &edits {
            let file = report.files.text(place.file).unwrap_or(text);
            assert!(
                inside(file, place.span.start, place.span.end),
                "{diagnostic:?} mends outside of its text"
            );
        }
        edits.sort();
        let overlap = edits
            .windows(2)
            .any(|pair| pair[0].file == pair[1].file && pair[0].span.end > pair[1].span.start);
        assert!(!overlap, "the edits of {diagnostic:?} overlap");
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.replace('_', "").parse().unwrap())
}

/// What a worker is at: the case, and since when (milliseconds since the start; 0 while it is between two).
#[derive(Default)]
struct At {
    case: AtomicU64,
    since_ms: AtomicU64,
}

#[test]
fn spoilt_programs_are_read_checked_and_planned_or_refused_at_a_place() {
    // Panics of the shell's parser are caught, and are errors in the text.
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !flowc_compiler::is_parsing_shell() {
            tell(panic);
        }
    }));
    let corpus = corpus::texts();
    let count = setting("FLOWC_FUZZ").unwrap_or(1_500);
    let (from, seed) = (setting("FLOWC_FUZZ_FROM").unwrap_or(0), setting("FLOWC_SEED").unwrap_or(1));
    let until = setting("FLOWC_FUZZ_SECONDS").map(Duration::from_secs);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = setting("FLOWC_FUZZ_THREADS").map_or(cores, |n| usize::try_from(n).unwrap()).max(1);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    fs::create_dir_all(&folder).unwrap();

    let (next, stop, counts) = (AtomicU64::new(from), AtomicBool::new(false), Counts::default());
    let failed = Mutex::new(Vec::new());
    let at: Vec<At> = (0..threads).map(|_| At::default()).collect();
    let start = Instant::now();
    let now_ms = || u64::try_from(start.elapsed().as_millis()).unwrap() + 1;
    let over = || until.is_some_and(|until| start.elapsed() > until);

    let work = |worker: usize| {
        let log = fs::File::create(folder.join(format!("at-{seed}-{worker}"))).unwrap();
        let mut bench = Bench::new();
        while !stop.load(Ordering::Relaxed) && !over() {
            let case = next.fetch_add(1, Ordering::Relaxed);
            if case >= from + count {
                break;
            }
            let text = mutate::spoilt(&corpus, &mut Random::of_case(seed, case));
            // Written before: a stack that ends takes the process with it.
            log.write_at(format!("{case:020}\n").as_bytes(), 0).unwrap();
            at[worker].case.store(case, Ordering::Relaxed);
            at[worker].since_ms.store(now_ms(), Ordering::Release);
            let began = Instant::now();
            let done = catch_unwind(AssertUnwindSafe(|| execute(&mut bench, &text, case, &counts)));
            at[worker].since_ms.store(0, Ordering::Release);
            let took = u64::try_from(began.elapsed().as_micros()).unwrap();
            counts.slowest_us.fetch_max(took, Ordering::Relaxed);
            counts.done.fetch_add(1, Ordering::Relaxed);
            if done.is_err() {
                let path = folder.join(format!("failed-{seed}-{case}.flow"));
                fs::write(&path, &text).unwrap();
                fs::write(path.with_extension("before.flow"), &bench.before).unwrap();
                failed.lock().unwrap().push(path);
                bench = Bench::new();
                if failed.lock().unwrap().len() >= 20 {
                    stop.store(true, Ordering::Relaxed);
                }
            }
            if bench.texts >= COMPILER_TEXTS {
                bench = Bench::new();
            }
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let work = &work;
                thread::Builder::new()
                    .stack_size(STACK_BYTES)
                    .spawn_scoped(scope, move || work(worker))
                    .unwrap()
            })
            .collect();
        let mut told = Instant::now();
        while workers.iter().any(|worker| !worker.is_finished()) {
            thread::sleep(Duration::from_millis(20));
            for at in &at {
                let since = at.since_ms.load(Ordering::Acquire);
                if since > 0 && now_ms().saturating_sub(since) > u64::try_from(HANG.as_millis()).unwrap() {
                    let case = at.case.load(Ordering::Relaxed);
                    let path = folder.join(format!("hangs-{seed}-{case}.flow"));
                    fs::write(&path, mutate::spoilt(&corpus, &mut Random::of_case(seed, case))).unwrap();
                    eprintln!("seed {seed}, case {case} takes longer than {HANG:?}: {}", path.display());
                    // No thread can be stopped from outside: all end here.
                    std::process::exit(101);
                }
            }
            if told.elapsed() > Duration::from_secs(30) {
                told = Instant::now();
                println!("{} texts in {:.0?}", counts.done.load(Ordering::Relaxed), start.elapsed());
            }
        }
        workers.into_iter().for_each(|worker| worker.join().unwrap());
    });
    let [done, clean, planned, formatted, slowest] =
        [&counts.done, &counts.clean, &counts.planned, &counts.formatted, &counts.slowest_us]
            .map(|n| n.load(Ordering::Relaxed));
    println!(
        "{done} texts from seed {seed} in {:.1?} on {threads} threads: {clean} without errors, {planned} planned, {formatted} formatted; \
         the slowest took {:?}",
        start.elapsed(),
        Duration::from_micros(slowest),
    );
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(count < 1000 || clean > 0 && clean < done, "some hold and some do not, else nothing was tried");
}
