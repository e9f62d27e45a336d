//! Where the files and directories of a result are put: under `--out`, by their own names. It prints nothing.
//!
//! A name that two different results have is resolved by their places in the value: `pages/3/index.html`.
mod look;
mod manifest;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use flowc_plan::{ContentHash, Value};
use flowc_store::Store;

use self::manifest::Manifest;
use self::write::Work;
use crate::exit::Stop;

/// The results that were put somewhere.
#[derive(Default, Debug)]
pub(crate) struct Placed {
    out: PathBuf,
    paths: BTreeMap<Identity, String>,
}

/// Two files are one when name, content and executable bit are.
type Identity = (String, ContentHash, bool);

impl Placed {
    /// The path that a file or directory of the result was put to.
    pub(crate) fn path_of(&self, value: &Value) -> Option<String> {
        let path = self.paths.get(&identity(value)?)?;
        Some(self.out.join(path).to_string_lossy().into_owned())
    }
}

fn identity(value: &Value) -> Option<Identity> {
    match value {
        Value::File(file) => Some((file.name.to_string(), file.hash, file.executable)),
        Value::Dir(dir) => Some((dir.name.to_string(), dir.tree, false)),
        _ => None,
    }
}

/// Puts all files and directories of `value` under `out`. What stands there already as it should is left alone; what is the user's
/// is never replaced.
pub(crate) fn place(store: &Store, value: &Value, out: &Path) -> Result<Placed, Stop> {
    let mut found = Vec::new();
    collect(value, &mut Vec::new(), &mut found);
    if found.is_empty() {
        return Ok(Placed::default());
    }
    let targets = targets(&found);
    std::fs::create_dir_all(out).map_err(|error| write::cannot(out, &error))?;
    let mut manifest = Manifest::open(store, out)?;
    // All is looked at before anything is written: when something is in the way, nothing is put anywhere.
    let mut works = Vec::new();
    for (value, path) in &targets {
        works.extend(write::look(store, value, out, path, &mut manifest)?);
    }
    let done = put_all(store, works, out, &mut manifest);
    manifest.save();
    done?;
    let paths = targets.into_iter().filter_map(|(value, path)| Some((identity(value)?, path))).collect();
    Ok(Placed { out: out.to_owned(), paths })
}

fn put_all(store: &Store, works: Vec<Work<'_>>, out: &Path, manifest: &mut Manifest) -> Result<(), Stop> {
    if works.is_empty() {
        return Ok(());
    }
    manifest.begin(&works)?;
    works.into_iter().try_for_each(|work| write::put(store, work, out, manifest))
}

/// All files and directories with their places in the value.
fn collect<'a>(value: &'a Value, place: &mut Vec<String>, found: &mut Vec<(&'a Value, Vec<String>)>) {
    match value {
        Value::File(_) | Value::Dir(_) => found.push((value, place.clone())),
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                place.push(at.to_string());
                collect(item, place, found);
                place.pop();
            }
        }
        Value::Record(fields) => {
            for (name, item) in fields.iter() {
                place.push(segment(name));
                collect(item, place, found);
                place.pop();
            }
        }
        _ => {}
    }
}

/// A key of a map may be any text; a segment of a path may not.
fn segment(name: &str) -> String {
    let text: String = name.chars().map(|c| if c == '/' || c == '\0' { '_' } else { c }).collect();
    match text.as_str() {
        "" => "_".to_owned(),
        "." | ".." => text.replace('.', "_"),
        _ => text,
    }
}

/// A path for each, relative to the directory, none twice.
fn targets<'a>(found: &[(&'a Value, Vec<String>)]) -> Vec<(&'a Value, String)> {
    let mut by_name: BTreeMap<&str, BTreeSet<Identity>> = BTreeMap::new();
    for (value, _) in found {
        if let (Some(name), Some(identity)) = (name(value), identity(value)) {
            by_name.entry(name).or_default().insert(identity);
        }
    }
    let (mut seen, mut targets) = (BTreeSet::new(), Vec::new());
    let mut taken = Taken::default();
    for (value, place) in found {
        let (Some(name), Some(identity)) = (name(value), identity(value)) else { continue };
        if !seen.insert(identity) {
            continue;
        }
        let alone = by_name.get(name).is_none_or(|all| all.len() == 1);
        let mut path = if alone { name.to_owned() } else { format!("{}/{name}", place.join("/")) };
        // A directory of the one kind may have the name of a file of the other.
        while taken.overlaps(&path) {
            path = format!("_/{path}");
        }
        taken.insert(&path);
        targets.push((*value, path));
    }
    targets
}

/// Paths that are given out.
#[derive(Default)]
struct Taken {
    paths: BTreeSet<String>,
    /// The directories that they stand in.
    folders: BTreeSet<String>,
}

impl Taken {
    /// Whether a path is one of them, or stands inside one, or one inside it.
    fn overlaps(&self, path: &str) -> bool {
        self.paths.contains(path)
            || self.folders.contains(path)
            || folders(path).any(|folder| self.paths.contains(folder))
    }

    fn insert(&mut self, path: &str) {
        self.paths.insert(path.to_owned());
        self.folders.extend(folders(path).map(str::to_owned));
    }
}

/// The directories around a path, within the one that all is put under.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

fn name(value: &Value) -> Option<&str> {
    match value {
        Value::File(file) => Some(file.name.as_str()),
        Value::Dir(dir) => Some(dir.name.as_str()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
