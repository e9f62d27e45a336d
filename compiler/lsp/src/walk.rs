//! The `.flow` files below the folders of a workspace. It looks at names only, and not everywhere: hidden directories, and those that programs
//! fill, are left out.
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use flowc_compiler::{EntryKind, System};

/// Files that are looked at; a workspace with more is searched in part.
pub(crate) const FILES_MAX: usize = 10_000;
/// Entries that are looked at.
const ENTRIES_MAX: usize = 200_000;
/// Directories within each other: links may lead in a circle.
const DEPTH_MAX: usize = 24;

/// The files, in order.
pub(crate) fn flow_files(system: &dyn System, folders: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut left = ENTRIES_MAX;
    for folder in folders {
        walk(system, folder, 0, &mut left, &mut found);
    }
    found
}

fn walk(system: &dyn System, folder: &Path, depth: usize, left: &mut usize, found: &mut BTreeSet<PathBuf>) {
    if depth > DEPTH_MAX {
        return;
    }
    for name in system.list(folder) {
        *left = left.saturating_sub(1);
        if *left == 0 || found.len() >= FILES_MAX {
            return;
        }
        if skipped(&name) {
            continue;
        }
        let path = folder.join(&name);
        if is_flow(&path) {
            if system.kind(&path) == Some(EntryKind::File) {
                found.insert(path);
            }
        // Most names with a dot are files: they are not even looked at.
        } else if (!name.contains('.') || depth == 0) && system.kind(&path) == Some(EntryKind::Dir) {
            walk(system, &path, depth + 1, left, found);
        }
    }
}

fn skipped(name: &str) -> bool {
    name.starts_with('.') || matches!(name, "target" | "node_modules" | "__pycache__")
}

/// Whether a file is one of ours by its name.
pub(crate) fn is_flow(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "flow")
}

/// Whether a path lies below a folder, and not in a directory that is left out.
pub(crate) fn belongs(path: &Path, folders: &[PathBuf]) -> bool {
    is_flow(path)
        && folders
            .iter()
            .filter_map(|folder| path.strip_prefix(folder).ok())
            .any(|inside| inside.components().all(|part| !skipped(&part.as_os_str().to_string_lossy())))
}
