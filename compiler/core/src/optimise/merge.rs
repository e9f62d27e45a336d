//! Equal steps are one, equal sources too: within a region, and where a region around it has one already.
use std::collections::HashMap;

use flowc_plan::{Expr, Node, NodeKind, NodeRef, Region, RegionId};

use super::Draft;

/// Redirects every use of a node that repeats an earlier one. The repeated nodes are taken out.
pub(super) fn merge<P: Copy>(mut draft: Draft<P>) -> Draft<P> {
    let count = draft.plan.regions.len();
    let mut merger = Merger {
        regions: std::mem::take(&mut draft.plan.regions).into_iter().map(Some).collect(),
        places: std::mem::take(&mut draft.places),
        moved: vec![Vec::new(); count],
        seen: HashMap::new(),
        done: (0..count).map(|_| None).collect(),
    };
    merger.region(RegionId(0));
    let regions = merger.done;
    draft.places = merger.places;
    // Every region has one node that owns it, so all were reached.
    draft.plan.regions = regions.into_iter().flatten().collect();
    draft
}

struct Merger<P> {
    regions: Vec<Option<Region>>,
    places: Vec<Vec<P>>,
    /// Where each node of each region is now.
    moved: Vec<Vec<NodeRef>>,
    /// What nodes do, by the bytes of it, with all their references redirected. Only what may be looked at from where we are.
    seen: HashMap<Vec<u8>, NodeRef>,
    done: Vec<Option<Region>>,
}

impl<P: Copy> Merger<P> {
    fn region(&mut self, id: RegionId) {
        let at = id.0 as usize;
        let Some(mut region) = self.regions.get_mut(at).and_then(Option::take) else { return };
        let old_places = std::mem::take(&mut self.places[at]);
        let mut nodes: Vec<Node> = Vec::with_capacity(region.nodes.len());
        let mut places = Vec::with_capacity(nodes.capacity());
        let mut added = Vec::new();
        for (mut node, place) in region.nodes.into_iter().zip(old_places) {
            node.kind.map_nodes(&mut |node| self.now(node));
            node.kind.for_each_region(&mut |inner| self.region(inner));
            let key = key(&node.kind);
            if let Some(first) = key.as_ref().and_then(|key| self.seen.get(key)) {
                self.moved[at].push(*first);
                continue;
            }
            let here = NodeRef { region: id, node: u32::try_from(nodes.len()).unwrap_or(u32::MAX) };
            if let Some(key) = key {
                added.push(key.clone());
                self.seen.insert(key, here);
            }
            self.moved[at].push(here);
            nodes.push(node);
            places.push(place);
        }
        region.nodes = nodes;
        region.result.map_nodes(&mut |node| self.now(node));
        self.places[at] = places;
        // What stands after this region cannot look into it.
        for key in added {
            self.seen.remove(&key);
        }
        self.done[at] = Some(region);
    }

    fn now(&self, node: NodeRef) -> NodeRef {
        self.moved
            .get(node.region.0 as usize)
            .and_then(|r| r.get(node.node as usize))
            .copied()
            .unwrap_or(node)
    }
}

/// What two nodes have in common when one can stand for the other.
fn key(kind: &NodeKind) -> Option<Vec<u8>> {
    match kind {
        NodeKind::Step(_) | NodeKind::Source(_) => rmp_serde::to_vec(kind).ok(),
        // A value that is no more than a reference is as good as what it refers to, but has a name of its own: a parameter.
        NodeKind::Value(Expr::Const(_)) => None,
        NodeKind::Value(_) => rmp_serde::to_vec(kind).ok(),
        NodeKind::For { .. } | NodeKind::If { .. } | NodeKind::Match { .. } => None,
    }
}
