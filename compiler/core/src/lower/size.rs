//! How much a flow is with all its sub-flows written out, known before a single one is: flows that call each other twice double
//! with every level.
use std::collections::HashMap;

use super::{At, Program, SIZE_MAX};
use crate::db::ItemId;
use crate::hir::Body;

/// Of flows of one program, how many calls each is written out; found out as they are met.
#[derive(Default)]
pub(crate) struct Sizes(HashMap<ItemId, usize>);

impl Sizes {
    /// The call in a flow that is too much by itself or together with those before it; each call of a flow is one entry of a plan
    /// at least.
    pub(super) fn too_large(&mut self, program: &dyn Program, flow: ItemId) -> Option<At> {
        add(program, flow, &mut self.0);
        let mut total = 0usize;
        let calls = program.body(flow).map(Body::flow_calls).unwrap_or_default();
        calls.into_iter().find_map(|(callee, span)| {
            total = total.saturating_add(entries(&self.0, callee));
            (total > SIZE_MAX).then_some((flow, span))
        })
    }
}

/// Adds a flow and all that it calls, however far down.
fn add(program: &dyn Program, flow: ItemId, sizes: &mut HashMap<ItemId, usize>) {
    let calls = |item| program.body(item).map(Body::flow_calls).unwrap_or_default();
    // A chain of calls may be longer than a stack is deep.
    let mut path = vec![(flow, calls(flow), 0usize, 0usize)];
    while let Some((item, callees, next, size)) = path.last_mut() {
        match callees.get(*next) {
            Some((callee, _)) if sizes.contains_key(callee) => {
                *size = size.saturating_add(entries(sizes, *callee));
                *next += 1;
            }
            Some((callee, _)) => {
                let callee = *callee;
                // No flow calls itself, or there would be no plan; zero until it is known costs nothing and always ends.
                sizes.insert(callee, 0);
                path.push((callee, calls(callee), 0, 0));
            }
            None => {
                sizes.insert(*item, *size);
                path.pop();
            }
        }
    }
}

fn entries(sizes: &HashMap<ItemId, usize>, callee: ItemId) -> usize {
    sizes.get(&callee).copied().unwrap_or(0).saturating_add(1)
}
