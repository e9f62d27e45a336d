//! Ctrl-C and its like: the first asks the run to stop, the second kills what runs, the third ends flowc at once. It knows nothing of steps.
use std::sync::atomic::{AtomicI32, Ordering};

use flowc_engine::Control;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit::{Exit, Stop};

/// The first signal that came; 0 for none.
static FIRST: AtomicI32 = AtomicI32::new(0);

/// Children can be waited for, whatever the program that started this one thought of its own: what it ignores stays ignored over an
/// exec, and the system keeps no exit status for who ignores the end of children.
#[expect(unsafe_code, reason = "the disposition of a signal has no safe wrapper")]
pub(crate) fn wait_for_children() {
    // SAFETY: called before any thread is there; sets the default, no handler.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// Listens on a thread of its own for as long as the process lives.
pub(crate) fn listen(control: Control) -> Result<(), Stop> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
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
