//! Which number each item of a file is known by. An item keeps its number for as long as its file has one of its kind and name; a new one
//! takes the smallest that is free. So what the database keeps does not grow with the names that a person tried, and renaming an item is to
//! all queries an edit of it. It knows nothing of texts.
//!
//! The numbers that a cut gives depend on the cuts before it. No query can tell: within one cut they are distinct, and whatever is kept of
//! a number is looked at again when its item's text or name is another.
use std::collections::{BTreeSet, HashMap};

use flowc_base::Name;

use crate::db::ItemWord;

/// What tells an item from others of its file: its kind, its name, and which among equals it is, from 0.
pub(crate) type Key = (ItemWord, Name, u32);

/// The numbers that the items of one file have now.
#[derive(Default, Debug)]
pub(crate) struct Slots(HashMap<Key, u32>);

impl Slots {
    /// The number of each key, given that these are all that there are; in their order. Numbers are distinct among items of a kind.
    pub(crate) fn assign(&mut self, keys: Vec<Key>) -> Vec<u32> {
        let before = std::mem::take(&mut self.0);
        let mut used: HashMap<ItemWord, BTreeSet<u32>> = HashMap::new();
        for key in &keys {
            if let Some(number) = before.get(key) {
                used.entry(key.0).or_default().insert(*number);
            }
        }
        let mut next: HashMap<ItemWord, u32> = HashMap::new();
        let mut numbers = Vec::with_capacity(keys.len());
        for key in keys {
            let number = before.get(&key).copied().unwrap_or_else(|| {
                let (used, next) = (used.entry(key.0).or_default(), next.entry(key.0).or_default());
                while used.contains(next) {
                    *next += 1;
                }
                used.insert(*next);
                *next
            });
            numbers.push(number);
            self.0.insert(key, number);
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assign(slots: &mut Slots, names: &[&str]) -> Vec<u32> {
        slots.assign(names.iter().map(|name| (ItemWord::Task, Name::from(*name), 0)).collect())
    }

    #[test]
    fn numbers_are_kept_and_given_again() {
        let mut slots = Slots::default();
        assert_eq!(assign(&mut slots, &["a", "b", "c"]), [0, 1, 2]);
        assert_eq!(assign(&mut slots, &["c", "new", "b", "a"]), [2, 3, 1, 0]);
        assert_eq!(assign(&mut slots, &["c", "b"]), [2, 1]);
        assert_eq!(assign(&mut slots, &["x", "c", "y", "b"]), [0, 2, 3, 1]);
        for number in 0..1000 {
            assert_eq!(
                assign(&mut slots, &[&format!("n{number}")]),
                [0],
                "a name that is gone leaves its number"
            );
        }
    }
}
