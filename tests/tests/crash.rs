//! Kill −9 at random moments, then go on: nothing finished runs again, nothing survives, nothing is left, and the result is that of an
//! undisturbed run. It sees flowc from outside only: its command line, its events, its output, the process table.
//!
//! A slice runs with the suite; the long one is `FLOWC_KILLS=200 cargo test -p flowc_tests --test crash`, and
//! `FLOWC_SEED=…` repeats the choice of moments (the machine's own timing still differs).
#![expect(clippy::unwrap_used, reason = "a test: the line number is the message")]
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use flowc_tests::flowc;
use serde_json::Value as Json;

/// Three steps for each of 100 numbers, files small and large, one task that is kept for its run only, and a join.
const PROGRAM: &str = r#"
task seed(i: Int) -> File from "n" { sh "echo {{i}} > n" }
task square(n: File) -> Int { cache run sh "read a < {{n}} && echo $(( a * a ))" }
task grow(s: Int) -> File from "big" { sh "yes {{s}} | head -c 100000 > big" }
task join_all(parts: List<File>) -> File from "all" { sh "cat {{parts}} | cksum > all" }
flow main() -> { total: Int, all: File, parts: List<File> } {
  let seeds = for i in range(0, 100) { seed(i) }
  let squares = for n in seeds { square(n) }
  let parts = for s in squares { grow(s) }
  { total: sum(squares), all: join_all(parts), parts: parts }
}
"#;
const STEPS: u64 = 301;

struct Lab {
    directory: tempfile::TempDir,
}

impl Lab {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("crash.flow"), PROGRAM).unwrap();
        Self { directory }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn start(&self, args: &[&str], events: &Path) -> Child {
        let mut command = Command::new(flowc());
        command
            .arg(args[0])
            .args(["-j4", "--quiet", "--store", ".flow", "--events"])
            .arg(events)
            .args(&args[1..]);
        command.current_dir(self.directory.path()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// The processes whose working directory or environment lies in this lab.
    fn processes(&self) -> Vec<String> {
        let home = self.directory.path().to_str().unwrap();
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let pid = entry.file_name().to_string_lossy().into_owned();
            if !pid.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            let cwd = std::fs::read_link(entry.path().join("cwd")).unwrap_or_default();
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            if cwd.starts_with(home) || String::from_utf8_lossy(&environment).contains(home) {
                let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
                found.push(format!("{pid}: {}", String::from_utf8_lossy(&line).replace('\0', " ")));
            }
        }
        found
    }

    /// What a run has made: its output and the files under `out/`.
    fn made(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.path("out"), &mut files);
        files
            .into_iter()
            .map(|(path, bytes)| (path.strip_prefix(self.directory.path()).unwrap().into(), bytes))
            .collect()
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
}

/// The steps that an attempt began and finished: key and task. Results of `square` belong to one run, so its name is part of their keys.
/// A last line may be torn.
fn steps(events: &Path) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let (mut started, mut finished) = (BTreeMap::new(), BTreeMap::new());
    let mut run = String::new();
    for line in std::fs::read_to_string(events).unwrap_or_default().lines() {
        let Ok(event) = serde_json::from_str::<Json>(line) else { continue };
        let word = |name: &str| event[name].as_str().unwrap().to_owned();
        if event["event"] == "run_started" {
            run = word("run");
        }
        let of = match event["event"].as_str() {
            Some("step_started") => &mut started,
            Some("step_finished") => &mut finished,
            _ => continue,
        };
        let (task, key) = (word("task"), word("key"));
        let key = if task == "square" { format!("{run} {key}") } else { key };
        assert_eq!(of.insert(key, task), None, "twice in one attempt: {event}");
    }
    (started, finished)
}

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// Kills at a random moment of so long a time, unless the run ends before.
fn kill_within(child: &mut Child, whole: Duration, random: &mut Random) {
    let micros = u64::try_from(whole.as_micros()).unwrap().max(1);
    let moment = Instant::now() + Duration::from_micros(random.next() % micros);
    while child.try_wait().unwrap().is_none() {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return child.kill().unwrap();
        }
        std::thread::sleep(left.min(Duration::from_millis(1)));
    }
}

/// One lab at a time: two share the cores, and the time of an undisturbed run says nothing any more.
static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let (kills, seed) = (setting("FLOWC_KILLS", 8), setting("FLOWC_SEED", 1));
    let undisturbed = Lab::new();
    let before = Instant::now();
    let done =
        undisturbed.start(&["run", "crash.flow"], &undisturbed.path("events")).wait_with_output().unwrap();
    let whole = before.elapsed();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(steps(&undisturbed.path("events")).1.len() as u64, STEPS);
    let expected = undisturbed.made();

    let mut random = Random(seed);
    let (mut killed, mut rounds) = (0, 0);
    while killed < kills {
        let lab = Lab::new();
        let mut finished = BTreeMap::new();
        let mut nothing_to_resume = false;
        rounds += 1;
        for attempt in 0.. {
            let events = lab.path(&format!("events-{attempt}"));
            // A resume needs a run to go on with: a kill may have come before there was one.
            let resumes = random.next() & 1 == 0
                && !nothing_to_resume
                && lab.path(".flow/runs").read_dir().is_ok_and(|mut runs| runs.next().is_some());
            let mut child = lab.start(if resumes { &["resume"] } else { &["run", "crash.flow"] }, &events);
            let last = attempt >= 4 || killed >= kills;
            if !last {
                kill_within(&mut child, whole, &mut random);
            }
            let output = child.wait_with_output().unwrap();
            let (started, newly) = steps(&events);
            let again: Vec<_> = started.keys().filter(|key| finished.contains_key(*key)).collect();
            assert!(
                again.is_empty(),
                "seed {seed}, round {rounds}, attempt {attempt} ({}): {} finished steps ran again, of {:?}",
                if resumes { "resume" } else { "run" },
                again.len(),
                again.iter().map(|key| &started[key.as_str()]).collect::<std::collections::BTreeSet<_>>()
            );
            finished.extend(newly);
            if output.status.success() {
                let said =
                    |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
                assert_eq!(said(&output), said(&done), "seed {seed}, round {rounds}");
                break;
            }
            // The kill may have come after the end of the run and before that of its process: then there is none to resume.
            if resumes && String::from_utf8_lossy(&output.stderr).contains("nothing to resume") {
                nothing_to_resume = true;
                continue;
            }
            assert!(!last, "seed {seed}, round {rounds}: {}", String::from_utf8_lossy(&output.stderr));
            killed += 1;
            let deadline = Instant::now() + Duration::from_secs(5);
            while !lab.processes().is_empty() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
            assert_eq!(
                lab.processes(),
                Vec::<String>::new(),
                "seed {seed}, round {rounds}: these survived the kill"
            );
        }
        assert!(
            lab.made() == expected,
            "seed {seed}, round {rounds}: other files than those of an undisturbed run"
        );
        let work = lab.path(".flow/work");
        let left: Vec<_> =
            work.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        assert_eq!(left, Vec::<PathBuf>::new(), "seed {seed}, round {rounds}: left behind");
    }
}

#[test]
fn two_runs_at_once_share_the_work() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let lab = Lab::new();
    let mut children = Vec::new();
    for name in ["events-a", "events-b"] {
        children.push((lab.path(name), lab.start(&["run", "crash.flow"], &lab.path(name))));
    }
    let mut ran: BTreeMap<String, u32> = BTreeMap::new();
    for (events, child) in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        for key in steps(&events).0.into_keys() {
            *ran.entry(key).or_default() += 1;
        }
    }
    // Each run makes the 100 results that are its own; every other step runs in one of the two.
    assert_eq!(ran.len() as u64, STEPS + 100);
    assert!(ran.values().all(|&times| times == 1), "a step ran twice: {ran:?}");
}
