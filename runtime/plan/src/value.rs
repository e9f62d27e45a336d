//! Values: what flows along the edges of a plan. Immutable, cheap to clone, comparable by content.
use std::sync::Arc;

use flowc_base::{Bytes, Micros, Millis, Name};
use serde::{Deserialize, Serialize};

use crate::{ContentHash, KeyHasher};

/// A value. Maps and records are the same at run time: fields sorted by name.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Value {
    /// `none`, and JSON's `null`.
    None,
    /// `()`: a step that has no result.
    Unit,
    /// `true` or `false`.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A finite number.
    Float(f64),
    /// UTF-8 text, up to [`TEXT_BYTES_MAX`].
    Text(Name),
    /// A duration.
    Duration(Millis),
    /// A size.
    Size(Bytes),
    /// An amount of money.
    Money(Micros),
    /// A list.
    List(Arc<[Value]>),
    /// A record, a map or a JSON object.
    Record(Fields),
    /// A file.
    File(FileRef),
    /// A directory.
    Dir(DirRef),
}

/// The longest text, in bytes: 16 MB; larger content is a `File`.
pub const TEXT_BYTES_MAX: u64 = 16_000_000;

/// Fields of a record, sorted by name, each name once.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Fields(Arc<[(Name, Value)]>);

impl Fields {
    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.binary_search_by(|(field, _)| field.as_str().cmp(name)).ok().map(|at| &self.0[at].1)
    }

    /// All fields, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &(Name, Value)> {
        self.0.iter()
    }

    /// How many fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Name, Value)> for Fields {
    /// Sorts the fields; of two with one name the later counts.
    fn from_iter<I: IntoIterator<Item = (Name, Value)>>(fields: I) -> Self {
        let map: std::collections::BTreeMap<Name, Value> = fields.into_iter().collect();
        Self(map.into_iter().collect())
    }
}

/// A file: its base name, content and executable bit. Two are equal when those are.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct FileRef {
    /// The base name: no `/`, not `.` or `..`, not empty.
    pub name: Name,
    /// What is in it.
    pub hash: ContentHash,
    /// How many bytes.
    pub size: u64,
    /// Whether it may be executed.
    pub executable: bool,
}

/// A directory: its base name and the sorted tree of what is in it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct DirRef {
    /// The base name.
    pub name: Name,
    /// The artifact that lists its [`DirEntry`]s (msgpack of [`Tree`]).
    pub tree: ContentHash,
    /// The bytes of all files in it.
    pub size: u64,
}

/// What a directory holds, by path.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tree {
    /// Entries sorted by path; empty directories are entries too.
    pub entries: Vec<DirEntry>,
}

/// One entry of a directory's tree.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DirEntry {
    /// Path relative to the directory: `/` between parts, no `.` or `..`, not absolute.
    pub path: Name,
    /// What stands there.
    pub kind: DirEntryKind,
}

/// The kinds of entries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum DirEntryKind {
    /// A directory with nothing in it.
    EmptyDir,
    /// A file.
    File {
        /// Its content.
        hash: ContentHash,
        /// Its length in bytes.
        size: u64,
        /// Whether it may be executed.
        executable: bool,
    },
    /// A symbolic link, as data: a relative target that stays inside the directory.
    Link {
        /// Where it points.
        target: Name,
    },
}

impl Value {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<Name>) -> Self {
        Self::Text(text.into())
    }

    /// A list.
    #[must_use]
    pub fn list(items: impl IntoIterator<Item = Self>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// A record.
    #[must_use]
    pub fn record(fields: impl IntoIterator<Item = (Name, Self)>) -> Self {
        Self::Record(fields.into_iter().collect())
    }

    /// The kind, as a person would say it: "a text".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Unit => "nothing",
            Self::Bool(_) => "a truth value",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::Duration(_) => "a duration",
            Self::Size(_) => "a size",
            Self::Money(_) => "an amount of money",
            Self::List(_) => "a list",
            Self::Record(_) => "a record",
            Self::File(_) => "a file",
            Self::Dir(_) => "a directory",
        }
    }

    /// Feeds the value into a key; every kind has a tag of its own.
    pub fn hash_into(&self, hasher: &mut KeyHasher) {
        match self {
            Self::None => hasher.number(b'n', 0),
            Self::Unit => hasher.number(b'u', 0),
            Self::Bool(v) => hasher.number(b'b', u64::from(*v)),
            Self::Int(v) => hasher.number(b'i', v.cast_unsigned()),
            Self::Float(v) => hasher.number(b'f', v.to_bits()),
            Self::Text(v) => hasher.bytes(b't', v.as_bytes()),
            Self::Duration(v) => hasher.number(b'd', v.0),
            Self::Size(v) => hasher.number(b's', v.0),
            Self::Money(v) => hasher.number(b'm', v.0),
            Self::List(items) => {
                hasher.number(b'l', items.len() as u64);
                items.iter().for_each(|item| item.hash_into(hasher));
                hasher
            }
            Self::Record(fields) => {
                hasher.number(b'r', fields.len() as u64);
                for (name, value) in fields.iter() {
                    hasher.bytes(b'k', name.as_bytes());
                    value.hash_into(hasher);
                }
                hasher
            }
            Self::File(file) => hasher
                .bytes(b'F', file.name.as_bytes())
                .hash(b'c', &file.hash)
                .number(b'x', u64::from(file.executable)),
            Self::Dir(dir) => hasher.bytes(b'D', dir.name.as_bytes()).hash(b'c', &dir.tree),
        };
    }

    /// Calls `f` with every artifact that the value needs: contents of files, trees of directories (not what those list).
    pub fn for_each_artifact(&self, f: &mut impl FnMut(&ContentHash)) {
        match self {
            Self::File(file) => f(&file.hash),
            Self::Dir(dir) => f(&dir.tree),
            Self::List(items) => items.iter().for_each(|item| item.for_each_artifact(f)),
            Self::Record(fields) => fields.iter().for_each(|(_, value)| value.for_each_artifact(f)),
            _ => {}
        }
    }
}
