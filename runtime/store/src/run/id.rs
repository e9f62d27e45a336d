//! The name of a run: short, readable, made unique by the directory of that name.
use std::fmt;
use std::str::FromStr;

use flowc_base::Name;
use serde::{Deserialize, Serialize};

use crate::StoreError;

/// The most bytes in the name of a run.
const ID_BYTES_MAX: usize = 64;
/// The most bytes that the program's name adds to it.
const STEM_BYTES_MAX: usize = 24;

/// The name of a run, such as `words-k3f9`: letters, digits, `-`, `_` and `.`, not starting with a `.`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Name", into = "Name")]
pub struct RunId(Name);

impl RunId {
    /// The text of the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// A name made of a program's file stem and some digits of randomness.
    pub(crate) fn generate(stem: &str, random: u64, digits: usize) -> Self {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut text: String = stem
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || c == '_' { c.to_ascii_lowercase() } else { '-' })
            .take(STEM_BYTES_MAX)
            .collect();
        text = text.trim_matches('-').to_owned();
        if text.is_empty() {
            "run".clone_into(&mut text);
        }
        text.push('-');
        let digit = |at: usize| char::from(ALPHABET[(random >> (5 * at) & 31) as usize]);
        text.extend((0..digits.min(12)).map(digit));
        Self(text.into())
    }
}

impl TryFrom<Name> for RunId {
    type Error = StoreError;
    fn try_from(name: Name) -> Result<Self, StoreError> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if name.is_empty() || name.len() > ID_BYTES_MAX || name.starts_with('.') || !name.bytes().all(fits) {
            return Err(StoreError::BadRunId(name.as_str().to_owned()));
        }
        Ok(Self(name))
    }
}

impl FromStr for RunId {
    type Err = StoreError;
    fn from_str(text: &str) -> Result<Self, StoreError> {
        Self::try_from(Name::from(text))
    }
}

impl From<RunId> for Name {
    fn from(id: RunId) -> Self {
        id.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_readable_and_read_back() {
        for (stem, expected) in [
            ("words", "words-aaaa"),
            ("My Flow", "my-flow-aaaa"),
            ("../..", "run-aaaa"),
            ("", "run-aaaa"),
            ("é", "run-aaaa"),
        ] {
            let id = RunId::generate(stem, 0, 4);
            assert_eq!(id.as_str(), expected);
            assert_eq!(id.as_str().parse::<RunId>().unwrap(), id);
        }
    }

    #[test]
    fn what_could_leave_the_folder_is_refused() {
        for text in ["", ".", "..", "a/b", ".hidden", "a b", "ä", &"x".repeat(65)] {
            assert!(text.parse::<RunId>().is_err(), "{text}");
        }
    }
}
