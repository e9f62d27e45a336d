//! Progress on a terminal: a line for each step that runs, a bar for the whole, drawn over in place. It knows terminals only as far as
//! ECMA-48 goes: up, clear to the end of the line, clear below.
//!
//! Why by hand: a progress library fills its last line to the terminal's end, so that the `^C` a terminal writes begins a line of its
//! own and what is drawn cannot be taken back. Here every line ends before the terminal does.
use std::fmt::Write as _;
use std::time::Duration;

use super::View;
use super::lines::micros;
use super::state::State;
use crate::duration::shown;
use crate::screen::{Screen, Style};

/// Runs shorter than this draw nothing: a flicker tells nobody anything.
const FIRST_DRAWN: Duration = Duration::from_millis(250);
/// Steps that run and are shown by name.
const ROWS_MAX: usize = 8;
/// Columns of the bar.
const BAR_COLUMNS: usize = 28;
/// Columns that stay empty at the end of a line.
const COLUMNS_FREE: usize = 4;
/// Between what is said of the whole.
const SEPARATOR: &str = " · ";
/// What turns beside a step that runs.
const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// What is drawn.
pub(super) struct Bars {
    screen: Screen,
    /// Lines on the screen that are drawn over; the cursor stands in the last.
    drawn: usize,
    /// Draws so far: turns the spinner.
    ticks: usize,
}

impl Bars {
    pub(super) fn new(screen: Screen) -> Self {
        Self { screen, drawn: 0, ticks: 0 }
    }

    /// Puts lines that stay and lines that are drawn over where the last drawn ones are, in one write: nothing flickers.
    fn draw(&mut self, staying: &[String], lines: &[String]) {
        let mut text = String::from("\r");
        if self.drawn > 1 {
            let _ = write!(text, "\x1b[{}A", self.drawn - 1);
        }
        for line in staying {
            text.push_str(line);
            text.push_str("\x1b[K\n");
        }
        for (at, line) in lines.iter().enumerate() {
            text.push_str(if at == 0 { "" } else { "\n" });
            text.push_str(line);
            text.push_str("\x1b[K");
        }
        text.push_str("\x1b[J");
        self.drawn = lines.len();
        self.screen.write(&text);
    }
}

impl View for Bars {
    fn tick(&mut self, state: &mut State) {
        if state.started.elapsed() < FIRST_DRAWN {
            return;
        }
        self.ticks += 1;
        // Asked each time: terminals change their size.
        let columns = self.screen.columns().saturating_sub(COLUMNS_FREE);
        // A row stays for the bar, one for the line above, one for the prompt that comes after.
        let rows_max = self.screen.height().saturating_sub(3).clamp(1, ROWS_MAX);
        let mut lines = rows(self.screen, state, SPINNER[self.ticks % SPINNER.len()], rows_max, columns);
        lines.push(whole(self.screen, state, columns));
        let failed = self.screen.paint(Style::Error, "✗");
        let staying: Vec<String> = state.to_say.drain(..).map(|line| format!("{failed} {line}")).collect();
        self.draw(&staying, &lines);
    }

    fn clear(&mut self, state: &mut State) {
        // Failures are told in full after this.
        state.to_say.clear();
        if self.drawn > 0 {
            self.draw(&[], &[]);
        }
    }
}

/// A line for each step that runs.
fn rows(screen: Screen, state: &State, spinner: char, rows_max: usize, columns: usize) -> Vec<String> {
    let more = state.running.len() > rows_max;
    let named = if more { rows_max - 1 } else { state.running.len() };
    let spinner = screen.paint(Style::Running, &spinner.to_string());
    let mut lines = Vec::with_capacity(named + 2);
    for (step, since) in &state.running[..named] {
        let time = shown(micros(since.elapsed()));
        let name = cut(step, columns.saturating_sub(time.chars().count() + 6).max(3));
        lines.push(format!("  {spinner} {name}  {}", screen.paint(Style::Dim, &time)));
    }
    if more {
        let rest = format!("and {} more", state.running.len() - named);
        lines.push(format!("    {}", screen.paint(Style::Dim, &rest)));
    }
    lines
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

/// `━━━━╸─────── 3/12 · 1 failed · 4.2 s · about 6 s left`, as much of it as the columns hold.
fn whole(screen: Screen, state: &State, columns: usize) -> String {
    let mut parts = vec![(None, state.fraction())];
    if state.stopping {
        parts.push((Some(Style::Warning), "stopping (Ctrl-C again: kill)".to_owned()));
    }
    if state.failed > 0 {
        parts.push((Some(Style::Error), format!("{} failed", state.failed)));
    }
    parts.push((Some(Style::Dim), shown(micros(state.started.elapsed()))));
    if let Some(left) = state.left() {
        parts.push((Some(Style::Dim), format!("about {} left", rounded(left))));
    }
    let bar_columns = BAR_COLUMNS.min(columns / 3);
    let mut room = columns.saturating_sub(bar_columns);
    let mut text = bar(screen, state, bar_columns);
    for (at, (style, part)) in parts.into_iter().enumerate() {
        let separator = if at == 0 { " " } else { SEPARATOR };
        let wanted = separator.chars().count() + part.chars().count();
        if wanted > room {
            break;
        }
        room -= wanted;
        text.push_str(separator);
        text.push_str(&style.map_or_else(|| part.clone(), |style| screen.paint(style, &part)));
    }
    text
}

/// How much is done of what is known.
fn bar(screen: Screen, state: &State, columns: usize) -> String {
    let (done, known) = (state.done(), state.known.max(state.done()).max(1));
    // Half columns: the end of the filled part is half a line.
    let halves = (u128::from(done) * columns as u128 * 2 / u128::from(known)) as usize;
    let mut filled = "━".repeat(halves / 2);
    if halves % 2 == 1 {
        filled.push('╸');
    }
    let rest = "─".repeat(columns - filled.chars().count());
    format!("{}{}", screen.paint(Style::Good, &filled), screen.paint(Style::Dim, &rest))
}

/// An estimate does not show tenths.
fn rounded(left: Duration) -> String {
    let seconds = left.as_secs_f64().ceil().max(1.0);
    shown(micros(Duration::from_secs_f64(seconds))).replace(".0 s", " s")
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::args::Colour;

    fn state(known: u64, ran: u64, running: &[&str]) -> State {
        let running = running.iter().map(|name| ((*name).into(), Instant::now())).collect();
        State { known, ran, running, ..State::default() }
    }

    #[test]
    fn no_line_reaches_the_end_of_the_terminal() {
        let screen = Screen::new(Colour::Never);
        let mut state = state(400, 123, &["a", &"main.counts".repeat(9), "c", "d"]);
        (state.failed, state.stopping) = (7, true);
        for columns in [10, 20, 40, 76, 200] {
            let mut lines = rows(screen, &state, '*', 3, columns);
            assert_eq!(lines.len(), 3, "two by name, the others counted");
            lines.push(whole(screen, &state, columns));
            let longest = lines.iter().map(|line| line.chars().count()).max();
            assert!(longest <= Some(columns.max(16)), "{columns}: {lines:#?}");
        }
    }

    #[test]
    fn the_bar_fills_by_half_columns() {
        let screen = Screen::new(Colour::Never);
        for (known, ran, expected) in [(0, 0, "────"), (8, 3, "━╸──"), (8, 4, "━━──"), (8, 8, "━━━━")]
        {
            assert_eq!(bar(screen, &state(known, ran, &[]), 4), expected, "{ran} of {known}");
        }
    }

    #[test]
    fn both_ends_of_a_long_name_stay() {
        assert_eq!(cut("main.counts[3]", 9), "main…s[3]");
        assert_eq!(cut("page", 9), "page");
    }
}
