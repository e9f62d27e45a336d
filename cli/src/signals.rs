//! Ctrl-C and its like: the first asks the run to stop, the second kills what runs, the third ends flowc at once. It knows nothing of steps.
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use flowc_engine::Control;
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit::{Exit, Stop};

/// The first signal that came; 0 for none.
static FIRST: AtomicI32 = AtomicI32::new(0);

/// Children can be waited for, whatever the program that started this one thought of its own: what it ignores stays ignored over an
/// exec, and the system keeps no exit status for who ignores the end of children.
fn wait_for_children() -> Result<(), Stop> {
    // Any handler will do; nobody asks whether it was called.
    let called = signal_hook::flag::register(SIGCHLD, Arc::default());
    called.map(drop).map_err(|error| {
        Stop::environment(format!("cannot wait for children: {}", crate::system::reason(&error)))
    })
}

/// The signals that this program was started with ignored, the first the lowest bit.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Listens on a thread of its own for as long as the process lives. To be called before anything is started.
pub(crate) fn listen(control: Control) -> Result<(), Stop> {
    let ignored = ignored();
    let is_ignored = |signal: i32| ignored >> (signal - 1) & 1 == 1;
    if is_ignored(SIGCHLD) {
        wait_for_children()?;
    }
    // `nohup` wants a program to go on when its terminal is closed.
    let heard = [SIGINT, SIGTERM].into_iter().chain((!is_ignored(SIGHUP)).then_some(SIGHUP));
    let mut signals = Signals::new(heard)
        .map_err(|error| Stop::environment(format!("cannot listen for signals: {error}")))?;
    let listener = move || {
        for (nth, signal) in signals.forever().enumerate() {
            if nth == 0 {
                FIRST.store(signal, Ordering::SeqCst);
            }
            match nth {
                // The engine counts: the first time gently, the second at once.
                0 | 1 => control.interrupt(),
                _ => std::process::exit(Exit::by_signal(signal).0.into()),
            }
        }
    };
    // A user who may have no more threads is told so: that is no bug.
    let started = std::thread::Builder::new().spawn(listener);
    started.map(drop).map_err(|error| {
        Stop::environment(format!("cannot start a thread: {}", crate::system::reason(&error)))
    })
}

/// The first signal that came.
pub(crate) fn first() -> Option<i32> {
    Some(FIRST.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
}
