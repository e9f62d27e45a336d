//! What reaches no output does not run: it is taken out, and the places of steps that fell are given back for a warning.
use std::collections::HashSet;

use flowc_plan::{Expr, NodeKind, NodeRef, Ref, RegionId};

use super::Draft;

/// Drops nodes that nobody reads, regions that nobody enters, tasks that nobody calls, and numbers the rest anew.
pub(super) fn drop_unread<P: Copy + Eq + std::hash::Hash>(draft: Draft<P>) -> (Draft<P>, Vec<P>) {
    let Draft { mut plan, places } = draft;
    let live = Live::of(&plan.regions);

    // A place is named when all that came from it falls: a sub-flow of which something is read does run.
    let kept: HashSet<P> =
        each_node(&places).filter(|(at, _)| live.node(*at)).map(|(_, place)| place).collect();
    let mut named = HashSet::new();
    let mut dropped = Vec::new();
    for (at, place) in each_node(&places) {
        let is_step = plan.regions[at.region.0 as usize].nodes.get(at.node as usize).is_some_and(|node| {
            matches!(
                node.kind,
                NodeKind::Step(_) | NodeKind::For { .. } | NodeKind::If { .. } | NodeKind::Match { .. }
            )
        });
        // What stands in a region that falls is told of by the node that owns it.
        if is_step
            && !live.node(at)
            && live.region(at.region)
            && !kept.contains(&place)
            && named.insert(place)
        {
            dropped.push(place);
        }
    }

    let regions = numbers(live.regions.iter().copied());
    let nodes: Vec<Vec<u32>> = live.nodes.iter().map(|nodes| numbers(nodes.iter().copied())).collect();
    let mut tasks_used = vec![false; plan.tasks.len()];
    let new_region = |id: RegionId| RegionId(regions.get(id.0 as usize).copied().unwrap_or(id.0));
    let new_node = |node: NodeRef| NodeRef {
        region: new_region(node.region),
        node: nodes
            .get(node.region.0 as usize)
            .and_then(|n| n.get(node.node as usize))
            .copied()
            .unwrap_or(node.node),
    };
    let mut kept_places = Vec::with_capacity(places.len());
    let mut kept_regions = Vec::with_capacity(plan.regions.len());
    for (at, (mut region, places)) in std::mem::take(&mut plan.regions).into_iter().zip(places).enumerate() {
        if !live.regions[at] {
            continue;
        }
        let mut index = 0;
        region.nodes.retain(|_| {
            index += 1;
            live.nodes[at][index - 1]
        });
        kept_places.push(
            places.into_iter().zip(&live.nodes[at]).filter(|(_, live)| **live).map(|(p, _)| p).collect(),
        );
        region.parent = region.parent.map(new_region);
        for node in &mut region.nodes {
            node.kind.map_nodes(&mut |node| new_node(node));
            node.kind.map_regions(&mut |id| new_region(id));
            if let NodeKind::Step(step) = &node.kind
                && let Some(used) = tasks_used.get_mut(step.task as usize)
            {
                *used = true;
            }
        }
        region.result.map_nodes(&mut |node| new_node(node));
        region.result.map_regions(&mut |id| new_region(id));
        kept_regions.push(region);
    }
    let tasks = numbers(tasks_used.iter().copied());
    for node in kept_regions.iter_mut().flat_map(|region| &mut region.nodes) {
        if let NodeKind::Step(step) = &mut node.kind {
            step.task = tasks.get(step.task as usize).copied().unwrap_or(step.task);
        }
    }
    plan.regions = kept_regions;
    let mut used = tasks_used.into_iter();
    plan.tasks.retain(|_| used.next().unwrap_or(false));
    (Draft { plan, places: kept_places }, dropped)
}

fn each_node<P: Copy>(places: &[Vec<P>]) -> impl Iterator<Item = (NodeRef, P)> {
    places.iter().enumerate().flat_map(|(region, places)| {
        places.iter().enumerate().map(move |(node, place)| {
            let region = RegionId(u32::try_from(region).unwrap_or(u32::MAX));
            (NodeRef { region, node: u32::try_from(node).unwrap_or(u32::MAX) }, *place)
        })
    })
}

/// The new number of each that stays.
fn numbers(stays: impl Iterator<Item = bool>) -> Vec<u32> {
    let mut next = 0;
    stays
        .map(|stays| {
            let number = next;
            next += u32::from(stays);
            number
        })
        .collect()
}

/// What is read, from the value of the flow backwards.
struct Live {
    nodes: Vec<Vec<bool>>,
    regions: Vec<bool>,
    todo: Vec<NodeRef>,
}

impl Live {
    fn of(regions: &[flowc_plan::Region]) -> Self {
        let mut live = Self {
            nodes: regions.iter().map(|region| vec![false; region.nodes.len()]).collect(),
            regions: vec![false; regions.len()],
            todo: Vec::new(),
        };
        live.enter(regions, RegionId(0));
        while let Some(at) = live.todo.pop() {
            let Some(node) = regions.get(at.region.0 as usize).and_then(|r| r.nodes.get(at.node as usize))
            else {
                continue;
            };
            node.kind.for_each_ref(&mut |r| live.mark(r));
            let mut inner = Vec::new();
            node.kind.for_each_region(&mut |id| inner.push(id));
            inner.into_iter().for_each(|id| live.enter(regions, id));
        }
        live
    }

    fn enter(&mut self, regions: &[flowc_plan::Region], id: RegionId) {
        if let (Some(live), Some(region)) = (self.regions.get_mut(id.0 as usize), regions.get(id.0 as usize))
        {
            *live = true;
            self.expr(&region.result);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        expr.for_each_ref(&mut |r| self.mark(r));
    }

    fn mark(&mut self, r: Ref) {
        if let Ref::Node(at) = r
            && let Some(live) =
                self.nodes.get_mut(at.region.0 as usize).and_then(|n| n.get_mut(at.node as usize))
            && !*live
        {
            *live = true;
            self.todo.push(at);
        }
    }

    fn node(&self, at: NodeRef) -> bool {
        self.nodes[at.region.0 as usize][at.node as usize]
    }

    fn region(&self, id: RegionId) -> bool {
        self.regions[id.0 as usize]
    }
}
