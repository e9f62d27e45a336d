//! What an execution costs over the bare process. Run by hand:
//! `cargo test --release -p flowc_engine -- --ignored --nocapture bench::`
use std::io::Write;
use std::process::Command;
use std::time::Instant;

use rustix::process::{Pid, WaitOptions, waitpid};

use super::*;

/// CPU time of the threads of this process, microseconds: what the scheduler counted, in nanoseconds.
fn cpu_us() -> u64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let ns = threads.filter_map(|thread| {
        let line = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    ns.sum::<u64>() / 1000
}

fn bare(count: u64, script: &str, dir: &std::path::Path) {
    for _ in 0..count {
        let child = Command::new("/bin/sh").args(["-c", script]).current_dir(dir).spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
        waitpid(pid, WaitOptions::empty()).unwrap();
    }
}

#[test]
#[ignore = "a measurement"]
fn overhead() {
    const ROUNDS: usize = 9;
    const COUNT: u64 = 300;
    let lab = Lab::new(1);
    let dir = tempfile::tempdir().unwrap();
    let shapes = [
        ("nothing", ":", Output::Unit, ":"),
        ("a number from stdout", "echo 1", stdout(Type::Int(None)), "echo 1 > o"),
        ("a file", "echo 1 > o", path("o", Type::File), "echo 1 > o"),
    ];
    for (name, script, output, bare_script) in shapes {
        let mut ratios = Vec::new();
        let mut costs = Vec::new();
        for _ in 0..ROUNDS {
            let (wall, cpu) = (Instant::now(), cpu_us());
            bare(COUNT, bare_script, dir.path());
            let (bare_wall, bare_cpu) = (wall.elapsed(), cpu_us() - cpu);
            let (wall, cpu) = (Instant::now(), cpu_us());
            for id in 0..COUNT {
                lab.submit(id, sh(script, output.clone()), &[], None);
            }
            for _ in 0..COUNT {
                lab.next().result.unwrap();
            }
            ratios.push(wall.elapsed().as_secs_f64() / bare_wall.as_secs_f64());
            costs.push((cpu_us() - cpu).saturating_sub(bare_cpu) / COUNT);
        }
        ratios.sort_by(f64::total_cmp);
        costs.sort_unstable();
        let (ratio, cost) = (ratios[ROUNDS / 2], costs[ROUNDS / 2]);
        let _ = writeln!(
            std::io::stdout(),
            "{name}: wall {ratio:.2} of bare ({:.2}-{:.2}), {cost} us of CPU more in the engine",
            ratios[0],
            ratios[ROUNDS - 1]
        );
    }
    lab.finish();
}
