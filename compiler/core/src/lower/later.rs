//! Whether a flow reaches something that checks and cannot be run yet.
use std::collections::HashSet;

use super::{At, Program};
use crate::db::ItemId;

/// The first construct that cannot be run yet, in a flow, in the tasks and flows that it calls, and in theirs.
pub(super) fn first(program: &dyn Program, flow: ItemId) -> Option<(At, &'static str)> {
    let (mut seen, mut open) = (HashSet::from([flow]), vec![flow]);
    while let Some(item) = open.pop() {
        let Some(body) = program.body(item) else { continue };
        if let Some((what, span)) = body.later() {
            return Some(((item, span), what));
        }
        open.extend(body.callees().into_iter().filter(|callee| seen.insert(*callee)));
    }
    None
}
