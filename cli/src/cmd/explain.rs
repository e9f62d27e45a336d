//! `flowc explain`: the book's pages about errors, embedded when flowc is built. It writes none of them.
use flowc_compiler::{code, codes};

use crate::args::ExplainArgs;
use crate::exit::{Exit, Stop};
use crate::stdout;
use flowc_base::nearest;

/// Code and page, sorted by code.
static PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page about a code.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    PAGES.binary_search_by_key(&code, |(code, _)| code).ok().map(|at| PAGES[at].1)
}

/// Prints a page, or the list of all codes.
pub(crate) fn explain(args: &ExplainArgs) -> Result<Exit, Stop> {
    let Some(typed) = &args.code else {
        let list: String =
            codes().iter().map(|info| format!("{:<22} {}\n", info.code.0, info.summary)).collect();
        stdout::print(&list)?;
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
    match page(info.code.0) {
        Some(page) => stdout::print(page)?,
        None => stdout::print(&format!("{}: {}\n", info.code.0, info.summary))?,
    }
    Ok(Exit::DONE)
}
