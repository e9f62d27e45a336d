//! Progress on a terminal: a bar for the whole, a line for each step that runs. The only place that knows `indicatif`.
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

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
const DRAWS_PER_S: u8 = 20;

/// What is drawn.
pub(super) struct Bars {
    screen: Screen,
    multi: MultiProgress,
    rows: Vec<ProgressBar>,
    whole: Option<ProgressBar>,
    rows_max: usize,
}

impl Bars {
    pub(super) fn new(screen: Screen) -> Self {
        let target = ProgressDrawTarget::stderr_with_hz(DRAWS_PER_S);
        // One row of the terminal stays for the bar, one for the line above it.
        let rows_max = screen.height().saturating_sub(3).clamp(1, ROWS_MAX);
        Self {
            screen,
            multi: MultiProgress::with_draw_target(target),
            rows: Vec::new(),
            whole: None,
            rows_max,
        }
    }

    fn say_pending(&self, state: &mut State) {
        for line in state.to_say.drain(..) {
            let line = format!("{} {line}", self.screen.paint(Style::Error, "✗"));
            if self.multi.println(line).is_err() {
                // A terminal that is gone is no reason to stop.
            }
        }
    }

    fn show_rows(&mut self, state: &State) {
        let more = state.running.len().saturating_sub(self.rows_max);
        let named = if more > 0 { self.rows_max - 1 } else { state.running.len() };
        let mut texts: Vec<String> = state.running[..named]
            .iter()
            .map(|(step, since)| {
                let time = self.screen.paint(Style::Dim, &shown(micros(since.elapsed())));
                format!("{step}  {time}")
            })
            .collect();
        if more > 0 {
            texts.push(self.screen.paint(Style::Dim, &format!("and {} more", state.running.len() - named)));
        }
        while self.rows.len() > texts.len() {
            if let Some(row) = self.rows.pop() {
                row.finish_and_clear();
                self.multi.remove(&row);
            }
        }
        while self.rows.len() < texts.len() {
            let row = self.multi.insert(self.rows.len(), ProgressBar::new_spinner());
            row.set_style(style(if self.screen.colour {
                "  {spinner:.cyan} {wide_msg}"
            } else {
                "  {spinner} {wide_msg}"
            }));
            self.rows.push(row);
        }
        for (row, text) in self.rows.iter().zip(texts) {
            row.set_message(text);
            row.tick();
        }
    }

    fn show_whole(&mut self, state: &State) {
        let bar = self.whole.get_or_insert_with(|| {
            let bar = self.multi.add(ProgressBar::new(0));
            let template =
                if self.screen.colour { "{bar:28.green/dim} {wide_msg}" } else { "{bar:28} {wide_msg}" };
            bar.set_style(style(template).progress_chars("━╸─"));
            bar
        });
        bar.set_length(state.known.max(state.done()).max(1));
        bar.set_position(state.done());
        bar.set_message(whole(self.screen, state));
    }
}

/// `3/12 · 2 running · 1 failed · 4.2 s, about 6 s left`
fn whole(screen: Screen, state: &State) -> String {
    let mut parts = vec![state.fraction()];
    if state.stopping {
        parts.push(screen.paint(Style::Warning, "stopping, Ctrl-C again kills what runs"));
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

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
}

impl View for Bars {
    fn tick(&mut self, state: &mut State) {
        if state.started.elapsed() < FIRST_DRAWN {
            return;
        }
        self.say_pending(state);
        self.show_rows(state);
        self.show_whole(state);
    }

    fn clear(&mut self, state: &mut State) {
        // Failures are told in full after this.
        state.to_say.clear();
        for bar in self.rows.drain(..).chain(self.whole.take()) {
            bar.finish_and_clear();
        }
    }
}
