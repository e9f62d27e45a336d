//! Which store a command uses. It keeps nothing itself.
use std::path::{Path, PathBuf};

use crate::exit::Stop;
use crate::target::{directory_of, project_of};

/// The store and the project of a program's file.
pub(crate) fn of_file(given: Option<&Path>, file: &Path) -> Result<(PathBuf, PathBuf), Stop> {
    let project = project_of(&directory_of(file)?);
    let root = match given {
        Some(root) => std::path::absolute(root)
            .map_err(|error| Stop::environment(format!("cannot use `{}`: {error}", root.display())))?,
        None => project.join(".flow"),
    };
    Ok((root, project))
}

/// The store of the current directory.
pub(crate) fn here(given: Option<&Path>) -> Result<PathBuf, Stop> {
    of_file(given, Path::new("here.flow")).map(|(root, _)| root)
}
