//! **The border** between compiler and runtime: a plan as plain, versioned, serialisable data with content ids.
//! It knows neither syntax nor how a plan is run.
mod hash;

pub use hash::{ContentHash, KeyHasher};
