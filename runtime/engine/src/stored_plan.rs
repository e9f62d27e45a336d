//! A plan that the store holds: what a run starts from, and what it is taken up again with. It does not know where the plan came from.
use flowc_plan::{ContentHash, Plan};
use flowc_store::{Store, StoreError};

/// The largest plan that is read, in bytes.
const PLAN_BYTES_MAX: u64 = 1 << 30;

/// A plan, and the name of the content that it is in the store.
#[derive(Clone, Debug)]
pub struct StoredPlan {
    plan: Plan,
    hash: ContentHash,
}

impl StoredPlan {
    /// Puts a plan into the store.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot keep it.
    pub fn keep(store: &Store, plan: Plan) -> Result<Self, StoreError> {
        let hash = store.put_bytes(&plan.to_bytes())?;
        Ok(Self { plan, hash })
    }

    /// Reads a plan from the store.
    ///
    /// # Errors
    /// A sentence, when it is missing, damaged, or none that this flowc reads.
    pub fn load(store: &Store, hash: ContentHash) -> Result<Self, String> {
        let bytes = store.read(&hash, PLAN_BYTES_MAX).map_err(|error| error.to_string())?;
        Ok(Self { plan: Plan::from_bytes(&bytes)?, hash })
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The plan, to be used up.
    #[must_use]
    pub(crate) fn into_plan(self) -> Plan {
        self.plan
    }

    /// Its content's name.
    #[must_use]
    pub fn hash(&self) -> ContentHash {
        self.hash
    }
}
