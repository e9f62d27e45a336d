//! What is seen of a run while it goes on: bars on a terminal, lines elsewhere, nothing with `--quiet`. It decides nothing about the run.
mod bars;
mod lines;
mod state;

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use flowc_engine::Event;

use self::bars::Bars;
use self::lines::Lines;
use self::state::State;
use crate::screen::Screen;

/// How often a terminal is drawn.
const DRAW_PERIOD: Duration = Duration::from_millis(100);
/// How often it is looked whether a long silence should be broken, where there is no terminal.
const SILENCE_PERIOD: Duration = Duration::from_secs(1);

/// The progress display of one run.
pub(crate) struct Progress {
    screen: Screen,
    quiet: bool,
    state: Arc<Mutex<State>>,
    /// Started with the first step that runs: a run that finds everything needs none.
    ticker: Option<Ticker>,
}

/// A thread that shows the state now and then.
struct Ticker {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Progress {
    /// A display on `screen`.
    pub(crate) fn new(screen: Screen, quiet: bool) -> Self {
        Self { screen, quiet, state: Arc::default(), ticker: None }
    }

    /// Takes in what happened.
    pub(crate) fn event(&mut self, event: &Event) {
        if self.quiet {
            return;
        }
        let line = {
            let mut state = lock(&self.state);
            state.apply(event);
            if self.screen.terminal { None } else { lines::line(&mut state, event) }
        };
        if let Some(line) = line {
            self.screen.say(&line);
        }
        if self.ticker.is_none() && matches!(event, Event::StepStarted { .. }) {
            self.ticker = Some(Ticker::start(self.screen, Arc::clone(&self.state)));
        }
    }

    /// Takes the display off the screen.
    pub(crate) fn finish(&mut self) {
        if let Some(Ticker { stop, thread }) = self.ticker.take() {
            drop(stop);
            // A panic of the thread has said what it had to say.
            let _ = thread.join();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Ticker {
    fn start(screen: Screen, state: Arc<Mutex<State>>) -> Self {
        let (stop, stopped) = channel();
        let thread = std::thread::spawn(move || {
            let mut view: Box<dyn View> =
                if screen.terminal { Box::new(Bars::new(screen)) } else { Box::new(Lines::new(screen)) };
            let period = if screen.terminal { DRAW_PERIOD } else { SILENCE_PERIOD };
            while stopped.recv_timeout(period) == Err(RecvTimeoutError::Timeout) {
                view.tick(&mut lock(&state));
            }
            view.clear(&mut lock(&state));
        });
        Self { stop, thread }
    }
}

/// A way to show the state.
trait View {
    /// Shows it as it is now.
    fn tick(&mut self, state: &mut State);
    /// Leaves the screen as it was.
    fn clear(&mut self, state: &mut State);
}

/// The state, also after a panic elsewhere: a display is not worth a second one.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
