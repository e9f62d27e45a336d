//! Changed texts, shown or put in place. A file that is not as it was read is never written, and none is ever half written.
use std::io::{self, Write as _};
use std::path::Path;

use similar::TextDiff;

use super::Change;
use crate::exit::Stop;
use crate::render::shown;
use crate::system::reason;

/// Lines around a change.
const CONTEXT_LINES: usize = 3;

/// The change as `patch -p1` and `git apply` take it.
pub(crate) fn diff(change: &Change) -> String {
    let name = shown(&change.path).display().to_string();
    let name = name.trim_start_matches('/');
    TextDiff::from_lines(&change.before, &change.after)
        .unified_diff()
        .context_radius(CONTEXT_LINES)
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string()
}

/// Puts all changes in place, or, when a file is not as it was read, none.
pub(crate) fn write(changes: &[Change]) -> Result<(), Stop> {
    for change in changes {
        let now = std::fs::read(&change.path).map_err(|error| cannot(&change.path, &error))?;
        if now != change.before.as_bytes() {
            let path = shown(&change.path);
            let message =
                format!("`{}` was changed while it was being checked: nothing was written", path.display());
            return Err(Stop::environment(message).hint("call `flowc check --fix` again"));
        }
    }
    for change in changes {
        replace(&change.path, &change.after).map_err(|error| cannot(&change.path, &error))?;
    }
    Ok(())
}

fn cannot(path: &Path, error: &io::Error) -> Stop {
    Stop::environment(format!("cannot write `{}`: {}", shown(path).display(), reason(error)))
}

/// Written aside, synced, renamed; a link stays one, and the permissions stay.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let permissions = path.metadata()?.permissions();
    if permissions.readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let folder = path.parent().unwrap_or_else(|| Path::new("/"));
    let mut aside = tempfile::Builder::new().prefix(".flowc-fix-").tempfile_in(folder)?;
    aside.write_all(text.as_bytes())?;
    aside.as_file().set_permissions(permissions)?;
    aside.as_file().sync_all()?;
    aside.persist(&path).map_err(|error| error.error)?;
    Ok(())
}
