//! The right to compute a key: one holder among all processes, kept by the kernel. It knows no results.
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use flowc_plan::ContentHash;

use crate::error::IoContext;
use crate::{Result, sys};

/// The claims of this process. One open file: its locks do not keep its own holder out, so `held` does that.
pub(crate) struct Claims {
    path: PathBuf,
    file: File,
    held: Mutex<BTreeSet<u64>>,
}

/// The right to compute one key, among all processes that use the store. Given back on drop, and by the kernel when the process dies.
pub struct Claim {
    claims: Arc<Claims>,
    offset: u64,
}

impl Claims {
    pub(crate) fn open(dir: &Path) -> Result<Arc<Self>> {
        let path = dir.join("claims");
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .at("open", &path)?;
        Ok(Arc::new(Self { path, file, held: Mutex::default() }))
    }

    pub(crate) fn claim(self: &Arc<Self>, key: &ContentHash) -> Result<Option<Claim>> {
        // One byte of an empty file for each key: two keys that share one would only wait for each other.
        let offset = sys::first_u64(&key.0) >> 2;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.contains(&offset) || !sys::try_lock(&self.file, offset, 1).at("lock", &self.path)? {
            return Ok(None);
        }
        held.insert(offset);
        Ok(Some(Claim { claims: Arc::clone(self), offset }))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut held = self.claims.held.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = sys::unlock(&self.claims.file, self.offset, 1);
        held.remove(&self.offset);
    }
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Claim({:x})", self.offset)
    }
}
