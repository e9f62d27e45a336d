//! **The border** between compiler and runtime: a plan as plain, versioned, serialisable data with content ids.
//! It knows neither syntax nor how a plan is run.
mod expr;
mod hash;
mod plan;
mod quote;
mod text;
mod types;
mod value;

pub use expr::{BinaryOp, Expr, NodeRef, Pattern, Ref, RegionId};
pub use hash::{ContentHash, KeyHasher};
pub use plan::{
    Body, Cache, Needs, Node, NodeKind, Origin, Output, PLAN_VERSION, Plan, Quoting, Region, ShellPart,
    Source, SourceKind, Step, Task,
};
pub use quote::quote;
pub use types::Type;
pub use value::{DirEntry, DirEntryKind, DirRef, Fields, FileRef, TEXT_BYTES_MAX, Tree, Value};
