//! Ctrl-C and its like: the first asks the run to stop, the second kills what runs, the third ends flowc at once. It knows nothing of steps.
use std::sync::atomic::{AtomicI32, Ordering};

use flowc_engine::Control;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::exit::{Exit, Stop};

/// The first signal that came; 0 for none.
static FIRST: AtomicI32 = AtomicI32::new(0);

/// Listens on a thread of its own for as long as the process lives.
pub(crate) fn listen(control: Control) -> Result<(), Stop> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
        .map_err(|error| Stop::environment(format!("cannot listen for signals: {error}")))?;
    std::thread::spawn(move || {
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
    });
    Ok(())
}

/// The first signal that came.
pub(crate) fn first() -> Option<i32> {
    Some(FIRST.load(Ordering::SeqCst)).filter(|signal| *signal != 0)
}
