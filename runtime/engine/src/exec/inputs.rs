//! The files that a step is given: where each stands under `in/`, and how it gets there. Places follow from the arguments
//! alone, so equal arguments give equal commands. It must not know how a program is run.
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{PoisonError, RwLockWriteGuard};

use flowc_base::Name;
use flowc_plan::{ContentHash, DirRef, FileRef, Value};
use flowc_store::Store;

use super::failure::{Failure, Result};
use super::spawner::SPAWNING;

/// What stands under `in/`.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    staged: Vec<(String, Content)>,
    /// The place of each file and directory, by name, content and executable bit.
    places: BTreeMap<(Name, ContentHash, bool), usize>,
    /// Names directly under `in/`: `true` for a numbered directory of ours.
    top: BTreeMap<String, bool>,
    /// The next number to try for a name that is taken.
    next: BTreeMap<String, u32>,
}

#[derive(Debug)]
enum Content {
    File(FileRef),
    Dir(DirRef),
    Json(Vec<u8>),
}

impl Inputs {
    pub(super) fn is_empty(&self) -> bool {
        self.staged.is_empty()
    }

    /// Gives a place to every file and directory in a value, in its order.
    pub(super) fn add_all(&mut self, value: &Value) -> Result<()> {
        match value {
            Value::File(file) => self.file(file).map(drop),
            Value::Dir(dir) => self.dir(dir).map(drop),
            Value::List(items) => items.iter().try_for_each(|item| self.add_all(item)),
            Value::Record(fields) => fields.iter().try_for_each(|(_, value)| self.add_all(value)),
            _ => Ok(()),
        }
    }

    /// The path of a file, relative to the step's directory.
    pub(super) fn file(&mut self, file: &FileRef) -> Result<&str> {
        self.known((file.name.clone(), file.hash, file.executable), || Content::File(file.clone()))
    }

    /// The path of a directory, relative to the step's directory.
    pub(super) fn dir(&mut self, dir: &DirRef) -> Result<&str> {
        // No content is both a file's and a tree's, so the keys of the two never meet.
        self.known((dir.name.clone(), dir.tree, false), || Content::Dir(dir.clone()))
    }

    /// The path of a new file that holds the JSON of a value.
    pub(super) fn json(&mut self, stem: &str, value: &Value) -> Result<&str> {
        let json = self.json_value(value)?;
        self.place(&format!("{stem}.json"), Content::Json(json.to_string().into_bytes()))
    }

    /// The JSON of a value, a file or directory in it as its path.
    pub(super) fn json_value(&mut self, value: &Value) -> Result<serde_json::Value> {
        Ok(match value {
            Value::File(file) => self.file(file)?.into(),
            Value::Dir(dir) => self.dir(dir)?.into(),
            Value::List(items) => {
                items.iter().map(|item| self.json_value(item)).collect::<Result<Vec<_>>>()?.into()
            }
            Value::Record(fields) => {
                let fields =
                    fields.iter().map(|(name, value)| Ok((name.to_string(), self.json_value(value)?)));
                serde_json::Value::Object(fields.collect::<Result<_>>()?)
            }
            _ => flowc_stdlib::to_json(value),
        })
    }

    fn known(&mut self, key: (Name, ContentHash, bool), content: impl FnOnce() -> Content) -> Result<&str> {
        if let Some(&at) = self.places.get(&key) {
            return Ok(&self.staged[at].0);
        }
        let name = key.0.clone();
        self.places.insert(key, self.staged.len());
        self.place(&name, content())
    }

    /// `in/name` for the first of a name, then `in/2/name`, `in/3/name` …
    fn place(&mut self, name: &str, content: Content) -> Result<&str> {
        if matches!(name, "" | "." | "..") || name.bytes().any(|b| b == b'/' || b == 0) {
            return Err(Failure::evaluation(format!("{name:?} is not the name of a file")));
        }
        let path = if self.top.contains_key(name) {
            let mut number = self.next.get(name).copied().unwrap_or(2);
            while self.top.get(&number.to_string()) == Some(&false) {
                number += 1;
            }
            self.next.insert(name.to_owned(), number + 1);
            self.top.insert(number.to_string(), true);
            format!("in/{number}/{name}")
        } else {
            self.top.insert(name.to_owned(), false);
            format!("in/{name}")
        };
        self.staged.push((path, content));
        Ok(&self.staged[self.staged.len() - 1].0)
    }

    /// Puts everything in its place. `step_dir` has an empty `in/`. What stands there are files of its own, sharing their blocks with the
    /// store's where the file system can: through a link a step could change the store, and programs that look at links would see one.
    pub(super) fn stage(&self, store: &Store, step_dir: &Path) -> Result<()> {
        let mut made = BTreeSet::new();
        for (path, content) in &self.staged {
            let dest = step_dir.join(path);
            if let (Some(parent), 3..) = (dest.parent(), path.split('/').count())
                && made.insert(parent.to_owned())
            {
                std::fs::create_dir(parent).map_err(|e| Failure::system("make a directory for inputs", e))?;
            }
            match content {
                Content::File(file) => {
                    let _no_spawn = file.executable.then(no_spawn);
                    store.write_file_to(file, &dest, false)?;
                }
                Content::Dir(dir) => {
                    let _no_spawn = no_spawn();
                    store.write_dir_to(dir, &dest, false)?;
                }
                Content::Json(bytes) => {
                    std::fs::write(&dest, bytes).map_err(|e| Failure::system("write an input", e))?;
                }
            }
        }
        Ok(())
    }
}

/// See [`SPAWNING`].
fn no_spawn() -> RwLockWriteGuard<'static, ()> {
    SPAWNING.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: &str) -> Value {
        Value::File(FileRef {
            name: name.into(),
            hash: ContentHash::of(content.as_bytes()),
            size: content.len() as u64,
            executable: false,
        })
    }

    #[test]
    fn places_follow_from_the_arguments() {
        let check = |args: &[Value], places: &[&str]| {
            let mut inputs = Inputs::default();
            args.iter().try_for_each(|arg| inputs.add_all(arg)).unwrap();
            assert_eq!(inputs.staged.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), places);
        };
        check(&[file("a", "1"), file("b", "1")], &["in/a", "in/b"]);
        check(&[file("a", "1"), file("a", "2"), file("a", "3")], &["in/a", "in/2/a", "in/3/a"]);
        // Equal files stand there once.
        check(&[file("a", "1"), Value::list([file("a", "1")])], &["in/a"]);
        // Names that are numbers.
        check(&[file("2", "1"), file("a", "1"), file("a", "2")], &["in/2", "in/a", "in/3/a"]);
        check(&[file("a", "1"), file("a", "2"), file("2", "1")], &["in/a", "in/2/a", "in/2/2"]);
        check(&[file("2", "1"), file("2", "2")], &["in/2", "in/3/2"]);
        assert!(Inputs::default().add_all(&file("..", "1")).is_err());
    }
}
