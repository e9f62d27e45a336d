//! Progress on a terminal: a bar for the whole, a line for each step that runs. The only place that knows `indicatif`.
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::View;
use super::lines::micros;
use super::state::State;
use crate::duration::shown;
use crate::screen::{Screen, Style};

/// Runs shorter than this draw nothing: a flicker tells nobody anything.
const FIRST_DRAWN: Duration = Duration::from_millis(250);
/// Steps that run and are shown by name.
const ROWS_MAX: usize = 8;
/// Draws a second at most.
const DRAWS_PER_S: u8 = 30;
/// What turns beside a step that runs.
const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// What is drawn: one bar whose prefix holds the lines of the steps, so that a draw never shows half of a change.
pub(super) struct Bars {
    screen: Screen,
    bar: Option<ProgressBar>,
    rows_max: usize,
    name_chars_max: usize,
    /// Draws so far: turns the spinners.
    ticks: usize,
}

impl Bars {
    pub(super) fn new(screen: Screen) -> Self {
        // A row of the terminal stays for the bar, one for the cursor, one for the line above.
        let rows_max = screen.height().saturating_sub(3).clamp(1, ROWS_MAX);
        let name_chars_max = screen.columns().saturating_sub(20).max(10);
        Self { screen, bar: None, rows_max, name_chars_max, ticks: 0 }
    }

    fn bar(&mut self) -> &ProgressBar {
        let colour = self.screen.colour;
        self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr_with_hz(DRAWS_PER_S));
            let template =
                if colour { "{prefix}{bar:28.green/dim} {wide_msg}" } else { "{prefix}{bar:28} {wide_msg}" };
            let style =
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style.progress_chars("━╸─"));
            bar
        })
    }

    /// A line for each step that runs, with its line end.
    fn rows(&self, state: &State) -> String {
        let more = state.running.len() > self.rows_max;
        let named = if more { self.rows_max - 1 } else { state.running.len() };
        let spinner = SPINNER[self.ticks % SPINNER.len()];
        let mut text = String::new();
        for (step, since) in &state.running[..named] {
            let time = self.screen.paint(Style::Dim, &shown(micros(since.elapsed())));
            text.push_str(&format!("  {spinner} {}  {time}\n", cut(step, self.name_chars_max)));
        }
        if more {
            let rest = format!("and {} more", state.running.len() - named);
            text.push_str(&format!("    {}\n", self.screen.paint(Style::Dim, &rest)));
        }
        text
    }
}

/// The name, its middle left out where it is too long: both ends tell steps apart.
fn cut(name: &str, chars_max: usize) -> String {
    let count = name.chars().count();
    if count <= chars_max {
        return name.to_owned();
    }
    let half = (chars_max - 1) / 2;
    let (head, tail): (String, String) =
        (name.chars().take(half).collect(), name.chars().skip(count - half).collect());
    format!("{head}…{tail}")
}

/// `3/12 · 1 failed · 4.2 s, about 6 s left`
fn whole(screen: Screen, state: &State) -> String {
    let mut parts = vec![state.fraction()];
    if state.stopping {
        parts.push(screen.paint(Style::Warning, "stopping (Ctrl-C again: kill)"));
    }
    if state.failed > 0 {
        parts.push(screen.paint(Style::Error, &format!("{} failed", state.failed)));
    }
    let mut time = shown(micros(state.started.elapsed()));
    if let Some(left) = state.left() {
        time.push_str(&format!(", about {} left", rounded(left)));
    }
    parts.push(screen.paint(Style::Dim, &time));
    parts.join(" · ")
}

/// An estimate does not show tenths.
fn rounded(left: Duration) -> String {
    let seconds = left.as_secs_f64().ceil().max(1.0);
    let text = shown(micros(Duration::from_secs_f64(seconds)));
    text.replace(".0 s", " s")
}

impl View for Bars {
    fn tick(&mut self, state: &mut State) {
        if state.started.elapsed() < FIRST_DRAWN {
            return;
        }
        self.ticks += 1;
        let (screen, rows) = (self.screen, self.rows(state));
        let bar = self.bar();
        for line in state.to_say.drain(..) {
            bar.println(format!("{} {line}", screen.paint(Style::Error, "✗")));
        }
        bar.set_length(state.known.max(state.done()).max(1));
        bar.set_prefix(rows);
        bar.set_message(whole(screen, state));
        bar.set_position(state.done());
    }

    fn clear(&mut self, state: &mut State) {
        // Failures are told in full after this.
        state.to_say.clear();
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
