//! Changed texts, put in place. A file that is not as it was read is never written, and none is ever half written.
use std::io;
use std::path::Path;

use super::Change;
use crate::exit::Stop;
use crate::overwrite::{Overwrite, overwrite};
use crate::render::shown;
use crate::system::reason;

/// Puts all changes in place, or, when a file is not as it was read, none.
pub(crate) fn write(changes: &[Change]) -> Result<(), Stop> {
    for change in changes {
        let now = std::fs::read(&change.path).map_err(|error| cannot(&change.path, &error))?;
        if now != change.before.as_bytes() {
            return Err(changed(&change.path, "nothing was written"));
        }
    }
    for change in changes {
        match overwrite(&change.path, &change.before, &change.after) {
            Ok(Overwrite::Done) => {}
            Ok(Overwrite::Changed) => return Err(changed(&change.path, "it was not written")),
            Err(error) => return Err(cannot(&change.path, &error)),
        }
    }
    Ok(())
}

fn changed(path: &Path, so: &str) -> Stop {
    let message = format!("`{}` was changed while it was being checked: {so}", shown(path).display());
    Stop::environment(message).hint("call `flowc check --fix` again")
}

fn cannot(path: &Path, error: &io::Error) -> Stop {
    Stop::environment(format!("cannot write `{}`: {}", shown(path).display(), reason(error)))
}
