//! How much a flow is with all its sub-flows written out, known before a single one is: flows that call each other twice double
//! with every level.
use std::collections::HashMap;

use super::{At, Program, SIZE_MAX};
use crate::db::ItemId;
use crate::hir::Body;

/// The call in a flow that is too much by itself or together with those before it; each call of a flow is one entry of a plan
/// at least.
pub(super) fn too_large(program: &dyn Program, flow: ItemId) -> Option<At> {
    let mut total = 0usize;
    let calls = program.body(flow).map(Body::flow_calls).unwrap_or_default();
    calls.into_iter().find_map(|(callee, span)| {
        total = total.saturating_add(program.size(callee)).saturating_add(1);
        (total > SIZE_MAX).then_some((flow, span))
    })
}

/// Of flows, how many calls each is written out, and so of all that they call. `known` gives what is known already.
pub(crate) fn sizes(
    flows: impl Iterator<Item = ItemId>,
    calls: impl Fn(ItemId) -> Vec<ItemId>,
    known: impl Fn(ItemId) -> Option<usize>,
) -> HashMap<ItemId, usize> {
    let mut sizes = HashMap::new();
    for flow in flows {
        add(flow, &calls, &known, &mut sizes);
    }
    sizes
}

/// Adds a flow and all that it calls, however far down.
fn add(
    flow: ItemId,
    calls: &impl Fn(ItemId) -> Vec<ItemId>,
    known: &impl Fn(ItemId) -> Option<usize>,
    sizes: &mut HashMap<ItemId, usize>,
) {
    if sizes.contains_key(&flow) {
        return;
    }
    // A flow that calls itself is an error; zero until it is known always ends.
    sizes.insert(flow, 0);
    // A chain of calls may be longer than a stack is deep.
    let mut path = vec![(flow, calls(flow), 0usize, 0usize)];
    while let Some((item, callees, next, size)) = path.last_mut() {
        let Some(callee) = callees.get(*next).copied() else {
            sizes.insert(*item, *size);
            path.pop();
            continue;
        };
        if let Some(entries) = sizes.get(&callee).copied().or_else(|| known(callee)) {
            *size = size.saturating_add(entries).saturating_add(1);
            *next += 1;
        } else {
            sizes.insert(callee, 0);
            path.push((callee, calls(callee), 0, 0));
        }
    }
}
