//! `FILE[:FLOW]` and where the file's project and its store stand. It reads no program.
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::exit::Stop;

/// What the user wants to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Target {
    /// The program, as typed.
    pub(crate) file: PathBuf,
    /// The flow in it; `None` for `main`.
    pub(crate) flow: Option<String>,
}

impl Target {
    /// Reads `FILE` or `FILE:FLOW`. A file whose own name holds the `:` is taken as it is when it exists.
    pub(crate) fn parse(text: &OsStr) -> Result<Self, Stop> {
        let whole = Self { file: PathBuf::from(text), flow: None };
        let split = text.to_str().and_then(|text| text.rsplit_once(':'));
        let target = match split {
            Some((file, flow)) if !file.is_empty() && !whole.file.exists() => {
                if !is_identifier(flow) {
                    return Err(Stop::wrong(format!("`{flow}` is not the name of a flow"))
                        .hint("write `FILE:FLOW`, such as `words.flow:main`"));
                }
                Self { file: PathBuf::from(file), flow: Some(flow.to_owned()) }
            }
            _ => whole,
        };
        require_file(&target.file)?;
        Ok(target)
    }

    /// The target as a user would type it.
    pub(crate) fn typed(&self) -> String {
        let file = self.file.display();
        self.flow.as_ref().map_or_else(|| file.to_string(), |flow| format!("{file}:{flow}"))
    }
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Says at once that a file the user named is not there, and which one may be meant.
pub(crate) fn require_file(file: &Path) -> Result<(), Stop> {
    let metadata = match file.metadata() {
        Ok(metadata) => metadata,
        Err(error) => {
            let stop =
                Stop::wrong(format!("cannot read `{}`: {}", file.display(), crate::system::reason(&error)));
            let with_extension = PathBuf::from(format!("{}.flow", file.display()));
            return Err(if with_extension.is_file() {
                stop.hint(format!("`{}` is there", with_extension.display()))
            } else {
                stop
            });
        }
    };
    if metadata.is_dir() {
        return Err(Stop::wrong(format!("`{}` is a directory, expected a .flow file", file.display())));
    }
    Ok(())
}

/// The project that a directory belongs to: the nearest directory upwards that has a `.flow` or a `.git`, else itself.
pub(crate) fn project_of(directory: &Path) -> PathBuf {
    let marked = |dir: &&Path| dir.join(".flow").is_dir() || dir.join(".git").exists();
    directory.ancestors().find(marked).unwrap_or(directory).to_owned()
}

/// The absolute path of the directory that a file stands in, links followed.
pub(crate) fn directory_of(file: &Path) -> Result<PathBuf, Stop> {
    let parent = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    parent.canonicalize().map_err(|error| {
        Stop::environment(format!("cannot read `{}`: {}", parent.display(), crate::system::reason(&error)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_stands_behind_the_last_colon() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name).into_os_string();
        for name in ["a.flow", "b:c.flow", "d:e"] {
            std::fs::write(at(name), "").unwrap();
        }
        for (text, file, flow) in [
            ("a.flow", "a.flow", None),
            ("a.flow:count", "a.flow", Some("count")),
            ("b:c.flow", "b:c.flow", None),
            ("b:c.flow:x", "b:c.flow", Some("x")),
            ("d:e", "d:e", None),
        ] {
            let target = Target::parse(&at(text)).unwrap();
            assert_eq!((target.file, target.flow.as_deref()), (PathBuf::from(at(file)), flow), "{text}");
        }
        for text in ["a", "a.flow:", "a.flow:a b", "a.flow:1", "none.flow:x"] {
            assert!(Target::parse(&at(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_project_begins_at_its_store_or_its_repository() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        std::fs::create_dir_all(root.join("repo/.git")).unwrap();
        std::fs::create_dir_all(root.join("repo/a/.flow")).unwrap();
        std::fs::create_dir_all(root.join("repo/a/b")).unwrap();
        std::fs::create_dir_all(root.join("repo/c")).unwrap();
        assert_eq!(project_of(&root.join("repo/a/b")), root.join("repo/a"));
        assert_eq!(project_of(&root.join("repo/c")), root.join("repo"));
    }
}
