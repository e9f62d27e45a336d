//! Progress where there is no terminal: one line for each step that ran, and a sign of life in long silences.
use std::time::{Duration, Instant};

use flowc_engine::Event;

use super::View;
use super::state::State;
use crate::duration::shown;
use crate::screen::Screen;

/// A silence that is broken, so that nobody takes the run for dead.
const SILENCE: Duration = Duration::from_secs(30);
/// More running steps than this are only counted.
const NAMES_MAX: usize = 4;

/// The line for an event that is worth one.
pub(super) fn line(state: &mut State, event: &Event) -> Option<String> {
    let fraction = state.fraction();
    let line = match event {
        Event::StepFinished { step, duration_us, .. } => {
            format!("[{fraction}] {step} {}", shown(*duration_us))
        }
        Event::StepFailed { failure, .. } => {
            format!("[{fraction}] {} failed: {}", failure.step, failure.message)
        }
        Event::Stopping { .. } => "stopping: waiting for the steps that run to end".to_owned(),
        _ => return None,
    };
    state.shown = Instant::now();
    Some(line)
}

/// Breaks long silences.
pub(super) struct Lines {
    screen: Screen,
}

impl Lines {
    pub(super) fn new(screen: Screen) -> Self {
        Self { screen }
    }
}

impl View for Lines {
    fn tick(&mut self, state: &mut State) {
        state.to_say.clear();
        if state.shown.elapsed() < SILENCE || state.running.is_empty() {
            return;
        }
        state.shown = Instant::now();
        let mut running: Vec<String> = state
            .running
            .iter()
            .take(NAMES_MAX)
            .map(|(step, since)| format!("{step} {}", shown(micros(since.elapsed()))))
            .collect();
        if state.running.len() > NAMES_MAX {
            running.push(format!("{} more", state.running.len() - NAMES_MAX));
        }
        self.screen.say(&format!("[{}] running: {}", state.fraction(), running.join(", ")));
    }

    fn clear(&mut self, _: &mut State) {}
}

/// A duration in microseconds.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
