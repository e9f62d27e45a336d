//! `flowc explain`: the book's pages about errors, embedded when flowc is built. It writes none of them.
use crate::args::ExplainArgs;
use crate::exit::{Exit, Stop};
use crate::nearest::nearest;
use crate::stdout;

/// Code and page, sorted by code.
static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page about a code.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    PAGES.binary_search_by_key(&code, |(code, _)| code).ok().map(|at| PAGES[at].1)
}

/// Prints a page, or the list of all.
pub(crate) fn explain(args: &ExplainArgs) -> Result<Exit, Stop> {
    let Some(typed) = &args.code else {
        let list: String = PAGES.iter().map(|(code, page)| format!("{code:<28} {}\n", title(page))).collect();
        stdout::print(&list)?;
        return Ok(Exit::DONE);
    };
    // As it is copied from a message: `error[unknown-name]`.
    let code = typed.rsplit_once('[').map_or(typed.as_str(), |(_, rest)| rest).trim_end_matches([']', ':']);
    if let Some(page) = page(code) {
        stdout::print(page)?;
        return Ok(Exit::DONE);
    }
    let stop = Stop::wrong(format!("there is no error `{code}`"));
    Err(match nearest(code, PAGES.iter().map(|(code, _)| *code)) {
        Some(near) => stop.hint(format!("`{near}` is near: `flowc explain {near}`")),
        None => stop.hint("`flowc explain` lists all"),
    })
}

/// What the page's first sentence says.
fn title(page: &str) -> &str {
    page.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default().trim()
}
