//! `flowc lsp`: the language server over standard input and output. What it answers is the server's business.
use std::sync::Arc;

use crate::args::LspArgs;
use crate::cmd::explain;
use crate::exit::{Exit, Stop};
use crate::system::{RealSystem, reason};

/// Serves an editor until it says goodbye.
pub(crate) fn lsp(args: &LspArgs) -> Result<Exit, Stop> {
    // The only way there is.
    let LspArgs { stdio: _ } = args;
    match flowc_lsp::serve(Arc::new(RealSystem), env!("CARGO_PKG_VERSION"), explain::page) {
        Ok(true) => Ok(Exit::DONE),
        Ok(false) => Ok(Exit::FAILED),
        Err(error) => Err(Stop::environment(format!("cannot speak with the editor: {}", reason(&error)))),
    }
}
