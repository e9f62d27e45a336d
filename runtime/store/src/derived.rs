//! What can be made again at any time, kept under the name of the question that it answers. Nothing waits for it and nothing is lost with
//! it: it is never synced, whatever looks wrong is taken for missing, and only the newest stay. It does not know what the answers are.
use std::path::PathBuf;
use std::time::SystemTime;

use flowc_plan::ContentHash;

use crate::error::IoContext as _;
use crate::{Result, Store, sys};

/// The folder in the store.
pub(crate) const DIR: &str = "derived";
/// How many answers stay.
const KEPT_MAX: usize = 64;
/// The bytes of the hash that an answer ends with.
const SEAL_BYTES: usize = 32;

impl Store {
    /// The answer that was kept for a question, as it was given to [`Store::put_derived`].
    #[must_use]
    pub fn derived(&self, question: &ContentHash) -> Option<Vec<u8>> {
        let mut bytes = std::fs::read(self.derived_path(question)).ok()?;
        let seal = bytes.split_off(bytes.len().checked_sub(SEAL_BYTES)?);
        (ContentHash::of(&bytes).0 == *seal).then_some(bytes)
    }

    /// Keeps the answer to a question, in place of the one before.
    ///
    /// # Errors
    /// [`StoreError::Io`](crate::StoreError::Io); whoever asks again has to find the answer again.
    pub fn put_derived(&self, question: &ContentHash, answer: &[u8]) -> Result<()> {
        let aside = sys::unique(&self.inner.root.join("tmp"));
        let sealed = [answer, &ContentHash::of(answer).0].concat();
        std::fs::write(&aside, sealed).at("write", &aside)?;
        let path = self.derived_path(question);
        std::fs::rename(&aside, &path).at("create", &path)?;
        self.forget_old_answers();
        Ok(())
    }

    fn derived_path(&self, question: &ContentHash) -> PathBuf {
        self.inner.root.join(DIR).join(question.to_string())
    }

    fn forget_old_answers(&self) {
        let Ok(entries) = std::fs::read_dir(self.inner.root.join(DIR)) else { return };
        let mut answers: Vec<(SystemTime, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        if answers.len() > KEPT_MAX {
            answers.sort_unstable();
            for (_, path) in answers.iter().take(answers.len() - KEPT_MAX) {
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(n: usize) -> ContentHash {
        ContentHash::of(&n.to_le_bytes())
    }

    #[test]
    fn an_answer_is_found_again_unless_its_file_is_not_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(store.derived(&question(1)), None);
        store.put_derived(&question(1), b"one").unwrap();
        store.put_derived(&question(1), b"another").unwrap();
        assert_eq!(store.derived(&question(1)).as_deref(), Some(&b"another"[..]));

        let path = store.derived_path(&question(1));
        let whole = std::fs::read(&path).unwrap();
        for spoilt in
            [&whole[1..], &whole[..whole.len() - 1], &whole[..9], b"", &[&b"x"[..], &whole].concat()]
        {
            std::fs::write(&path, spoilt).unwrap();
            assert_eq!(store.derived(&question(1)), None);
        }
    }

    #[test]
    fn only_the_newest_stay() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        for n in 0..KEPT_MAX + 3 {
            store.put_derived(&question(n), b"answer").unwrap();
            // One clock tick may hold several of them.
            let time = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(n as u64);
            let file = std::fs::File::options().write(true).open(store.derived_path(&question(n))).unwrap();
            file.set_modified(time).unwrap();
        }
        store.put_derived(&question(1000), b"answer").unwrap();
        let found = |n| store.derived(&question(n)).is_some();
        assert_eq!((0..KEPT_MAX + 3).filter(|n| !found(*n)).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert!(found(1000));
    }
}
