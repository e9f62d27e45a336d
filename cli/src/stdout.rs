//! The standard output: buffered, and content when its reader has gone. It does not know what is written.
use std::io::{self, Write};

use crate::exit::Stop;
use crate::system;

/// Writes all of `text` to the standard output.
///
/// A reader that has gone (`flowc runs | head -1`) has seen what it wanted: that is no error.
pub(crate) fn print(text: &str) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Stop::environment(format!("cannot write to the standard output: {}", system::reason(&error))))
        }
        _ => Ok(()),
    }
}

/// Writes a JSON document, indented, and a line end.
pub(crate) fn print_json(json: &serde_json::Value) -> Result<(), Stop> {
    print(&format!("{json:#}\n"))
}
