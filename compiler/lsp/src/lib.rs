//! The language server: an editor's questions to the compiler, over the same database that `flowc check` uses. It knows the protocol and
//! nothing of the language; how a program is run is none of its business.
//!
//! One thread owns the state: it reads messages in their order, tells the compiler of edits, hands questions to a few workers, and sends what
//! they found. It never computes itself, so that an edit is taken at once; an edit stops the questions that are being answered.
mod answers;
mod capabilities;
mod client;
mod convert;
mod diagnostics;
mod library;
mod lines;
mod open;
mod pool;
mod server;
mod transport;
mod uri;
mod walk;

use std::io;
use std::sync::Arc;

use flowc_compiler::System;

pub use library::Pages;
pub use transport::{read_message, write_message};

/// Serves one editor over standard input and output until it says goodbye. True when it did so in order: `shutdown`, then `exit`.
/// `pages` gives the text about an error's code.
///
/// # Errors
/// What the system says when messages cannot be read or written any more.
pub fn serve(system: Arc<dyn System>, version: &str, pages: Pages) -> io::Result<bool> {
    let (incoming, outgoing, writer) = transport::stdio();
    let done = server::run(system, version, pages, &incoming, outgoing);
    // All that was said is written before the process ends.
    writer.join().unwrap_or_else(|_| Err(io::Error::other("the writer ended")))?;
    Ok(done)
}
