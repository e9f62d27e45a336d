//! How long a check takes after an edit, in one process, as an editor's server does it; and whether many edits make it grow. It knows the
//! facade only. `benches/check.py` runs it on a large program:
//! `cargo run --release -p flowc_compiler --example edits -- FOLDER/main.flow EDITED.flow EDITS`
//!
//! The edited file is an overlay, as in an editor; every edit gives one body another text, and each is followed by the diagnostics of that
//! file. Printed is JSON: microseconds of the first check, of opening the file, of edits (median, 99th of 100, longest, mean of CPU),
//! bytes of resident memory after 1,000 edits and at the end. With `--rename` each edit gives a task another name instead, which no earlier one had.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it prints what it measured")]
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use flowc_compiler::{Compiler, EntryKind, System};

/// The disk, but for one file.
struct Edited {
    path: PathBuf,
    text: Mutex<String>,
}

impl System for Edited {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        if path == self.path {
            return Ok(self.text.lock().unwrap_or_else(PoisonError::into_inner).clone());
        }
        std::fs::read_to_string(path).map_err(|error| error.to_string())
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        let found = std::fs::metadata(path).ok()?;
        Some(if found.is_dir() { EntryKind::Dir } else { EntryKind::File })
    }

    fn has_program(&self, _name: &str) -> bool {
        true
    }
}

/// Bytes of memory that the process holds now.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024
}

/// Milliseconds of CPU that the process has taken, of all its threads. The kernel counts in ticks of 10 ms.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name, in brackets; user and system time are the 14th and 15th.
    let after = stat.rsplit(')').next().unwrap_or("").split_whitespace();
    after.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}

fn run() -> Result<(), String> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let rename = args.iter().any(|arg| arg == "--rename");
    args.retain(|arg| arg != "--rename");
    let [main, edited, count] = args.as_slice() else {
        return Err("usage: edits MAIN.flow EDITED.flow EDITS [--rename]".to_owned());
    };
    let absolute = |path: &String| std::fs::canonicalize(path).map_err(|error| format!("{path}: {error}"));
    let (main, edited) = (absolute(main)?, absolute(edited)?);
    let count: usize = count.parse().map_err(|_| format!("{count}: no number of edits"))?;
    let text = std::fs::read_to_string(&edited).map_err(|error| error.to_string())?;
    // A task in the middle of the file, its name and its text.
    let middle = text.len() / 2;
    let body =
        text.get(middle..).and_then(|rest| rest.find("wc -w <")).ok_or("no `wc -w <` to edit")? + middle;
    let head = text.get(..body).and_then(|before| before.rfind("task ")).ok_or("no `task`")? + "task ".len();

    let world = Arc::new(Edited { path: edited.clone(), text: Mutex::new(text.clone()) });
    let mut compiler = Compiler::new(Arc::<Edited>::clone(&world));
    let start = Instant::now();
    let first = compiler.check(&[main]);
    let cold = start.elapsed();
    // An editor opens the file: from here on the database knows that it changes.
    let start = Instant::now();
    compiler.edited(&edited);
    let _ = compiler.diagnose(&edited);
    let open = start.elapsed();
    let mut times = Vec::with_capacity(count);
    let (mut resident, mut said) = (0, 0);
    let cpu = cpu_ms();
    for number in 0..count {
        let (at, with) =
            if rename { (head, format!("n{number}_")) } else { (body, format!("echo {number} && ")) };
        let mut next = text.clone();
        next.insert_str(at, &with);
        *world.text.lock().unwrap_or_else(PoisonError::into_inner) = next;
        let start = Instant::now();
        compiler.edited(&edited);
        said += compiler.diagnose(&edited).diagnostics.len();
        times.push(start.elapsed());
        if number == 999.min(count / 2) {
            resident = resident_bytes();
        }
    }
    let cpu = cpu_ms().saturating_sub(cpu) * 1000 / count.max(1) as u64;
    let resident_end = resident_bytes();
    let mut sorted: Vec<u128> = times.iter().map(Duration::as_micros).collect();
    sorted.sort_unstable();
    let at = |part: usize| {
        let place = (sorted.len() * part / 100).min(sorted.len().saturating_sub(1));
        sorted.get(place).copied().unwrap_or(0)
    };
    println!(
        "{{\"cold_us\": {}, \"found\": {}, \"open_us\": {}, \"edit_us\": {}, \"edit_p99_us\": {}, \"edit_max_us\": {}, \
         \"edit_cpu_us\": {cpu}, \"said\": {said}, \"resident_early\": {resident}, \"resident_end\": {resident_end}}}",
        cold.as_micros(),
        first.diagnostics.len(),
        open.as_micros(),
        at(50),
        at(99),
        at(100),
    );
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
