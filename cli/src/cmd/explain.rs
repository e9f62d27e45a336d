//! `flowc explain`: the book's pages about errors, embedded when flowc is built. It writes none of them.
use std::fmt::Write as _;

use flowc_base::{Severity, nearest};
use flowc_compiler::{code, codes};

use crate::args::{Colour, ExplainArgs};
use crate::exit::{Exit, Stop};
use crate::screen::{Screen, Style};
use crate::{render, stdout};

/// Code and page, sorted by code.
static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page about a code.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    PAGES.binary_search_by_key(&code, |(code, _)| code).ok().map(|at| PAGES[at].1)
}

/// Prints a page, or the list of all codes.
pub(crate) fn explain(colour: Colour, args: &ExplainArgs) -> Result<Exit, Stop> {
    let screen = Screen::of_stdout(colour);
    let Some(typed) = &args.code else {
        stdout::print(&list(screen))?;
        return Ok(Exit::DONE);
    };
    // As it is copied from a message: `error[unknown-name]`.
    let typed = typed.rsplit_once('[').map_or(typed.as_str(), |(_, rest)| rest).trim_end_matches([']', ':']);
    let Some(info) = code(typed) else {
        let stop = Stop::wrong(format!("there is no error `{typed}`"));
        return Err(match nearest(typed, codes().iter().map(|info| info.code.0)) {
            Some(near) => stop.hint(format!("`{near}` is near: `flowc explain {near}`")),
            None => stop.hint("`flowc explain` lists all"),
        });
    };
    let text = match page(info.code.0) {
        Some(page) if screen.terminal || screen.colour => {
            render::page(page, screen.width(), &|style, text| screen.paint(style, text))
        }
        Some(page) => page.to_owned(),
        None => format!("{}: {}\n", info.code.0, info.summary),
    };
    stdout::print(&text)?;
    Ok(Exit::DONE)
}

/// All codes, by theme: their severity and what they are about.
fn list(screen: Screen) -> String {
    let width = codes().iter().map(|info| info.code.0.len()).max().unwrap_or(0);
    let (mut text, mut theme) = (String::new(), "");
    for info in codes() {
        if info.theme != theme {
            let gap = if theme.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{}", screen.paint(Style::Strong, info.theme));
            theme = info.theme;
        }
        // Padded before it is painted: colours have no columns.
        let word = format!("{:<7}", render::severity_word(info.severity));
        let style = match info.severity {
            Severity::Error => Style::Error,
            Severity::Warning => Style::Warning,
            Severity::Note => Style::Hint,
        };
        let _ = writeln!(text, "  {:<width$}  {}  {}", info.code.0, screen.paint(style, &word), info.summary);
    }
    text
}
