//! What an execution costs over the bare process, in turn in one run. By hand:
//! `cargo test --release -p flowc_engine -- --ignored --nocapture bench::`; with `FLOW_BENCH=steps` without the bare processes.
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use rustix::process::{Pid, WaitOptions, waitpid};

use super::*;

const ROUNDS: usize = 11;
const COUNT: u64 = 300;

/// What something took, microseconds for each of [`COUNT`].
#[derive(Clone, Copy)]
struct Cost {
    wall: f64,
    /// Of the threads of this process alone, in nanoseconds by the scheduler's count.
    own: f64,
    /// Of this process and its children, in clock ticks.
    all: f64,
}

fn cost(f: impl FnOnce()) -> Cost {
    #[expect(clippy::cast_precision_loss, reason = "a measurement of some seconds")]
    let each = |us: u64| us as f64 / COUNT as f64;
    let (own, all, wall) = (own_us(), all_us(), Instant::now());
    f();
    Cost {
        wall: wall.elapsed().as_secs_f64() * 1e6 / each(COUNT * COUNT),
        own: each(own_us() - own),
        all: each(all_us() - all),
    }
}

fn own_us() -> u64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let ns = threads.filter_map(|thread| {
        let line = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    });
    ns.sum::<u64>() / 1000
}

fn all_us() -> u64 {
    const TICK_US: u64 = 10_000;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace();
    fields.skip(11).take(4).map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>() * TICK_US
}

#[expect(clippy::zombie_processes, reason = "waited for by its id, as the executor does")]
fn bare(script: &str, dir: &Path) {
    for _ in 0..COUNT {
        // A child starts the slower the larger its environment.
        let mut command = Command::new("/bin/sh");
        command.args(["-euc", script]).current_dir(dir).env_clear().env("PATH", "/usr/bin:/bin");
        let child = command.spawn().unwrap();
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
        waitpid(pid, WaitOptions::empty()).unwrap();
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
#[ignore = "a measurement"]
fn overhead() {
    let steps_only = std::env::var("FLOW_BENCH").is_ok_and(|what| what == "steps");
    let lab = Lab::new(1);
    let dir = tempfile::tempdir().unwrap();
    // What writes a file leaves it there under a new name, as it does in an engine without isolation.
    for (name, script, output, plain) in [
        ("nothing", ":", Output::Unit, ":"),
        ("a number from stdout", "echo 1", stdout(Type::Int(None)), "echo 1 >/dev/null"),
        ("a file", "echo 1 > o", path("o", Type::File), "echo 1 > o$$"),
    ] {
        let mut pairs = Vec::new();
        for _ in 0..ROUNDS {
            let bare = if steps_only { cost(|| ()) } else { cost(|| bare(plain, dir.path())) };
            let steps = cost(|| {
                for id in 0..COUNT {
                    lab.submit(id, sh(script, output.clone()), &[], None);
                }
                for _ in 0..COUNT {
                    lab.next().result.unwrap();
                }
            });
            pairs.push((bare, steps));
        }
        let of = |f: &dyn Fn(&(Cost, Cost)) -> f64| median(pairs.iter().map(f));
        let _ = writeln!(
            std::io::stdout(),
            "{name}: wall {:.2} of bare {:.0} us; CPU {:.2} of bare {:.0} us; in the engine {:+.1} us",
            of(&|(bare, steps)| steps.wall / bare.wall),
            of(&|(bare, _)| bare.wall),
            of(&|(bare, steps)| steps.all / bare.all),
            of(&|(bare, _)| bare.all),
            of(&|(bare, steps)| steps.own - bare.own),
        );
    }
    lab.finish();
}
