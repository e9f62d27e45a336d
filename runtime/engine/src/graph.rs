//! The state of a run as flat arrays: instances of regions, a slot for each of their nodes, who waits for whom. It knows neither
//! steps nor the store: it counts, and says which slots have become ready.
use std::collections::VecDeque;

use flowc_plan::{NodeRef, Ref, RegionId, Value};

use crate::eval::Scope;
use crate::shape::{Kind, RegionShape, Shape, index};

/// No instance, no slot, no waiter.
pub(crate) const NOWHERE: u32 = u32::MAX;

/// A region made for one element, one branch, or the flow itself.
#[derive(Debug)]
pub(crate) struct Instance {
    /// The template.
    pub(crate) region: u32,
    /// The instance around it.
    pub(crate) parent: u32,
    /// The slot of the node that it was made for.
    pub(crate) owner: u32,
    /// Which element of a `for`, from 0.
    pub(crate) position: u32,
    /// Its first slot; the others follow in the order of the shape's nodes.
    pub(crate) first: u32,
    /// What it was made for.
    pub(crate) element: Option<Value>,
    /// Whether its nodes wait for a decision.
    pub(crate) closed: bool,
}

/// A node of an instance.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Its instance.
    pub(crate) instance: u32,
    /// Which of the shape's nodes.
    pub(crate) local: u32,
    /// How many inputs are not there yet.
    missing: u32,
    /// The first waiter of other instances.
    waiters: u32,
    /// Its value, when it is known.
    pub(crate) value: Option<Value>,
    /// Index of the further state of a `for`.
    pub(crate) fan: u32,
}

/// All instances.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    pub(crate) instances: Vec<Instance>,
    pub(crate) slots: Vec<Slot>,
    /// Linked lists: who waits, and the next.
    waiters: Vec<(u32, u32)>,
    /// Slots whose inputs are all there, in the order in which that came to be.
    pub(crate) ready: VecDeque<u32>,
}

impl Graph {
    /// Makes an instance. While it is `closed`, only what decides about it becomes ready.
    pub(crate) fn add(&mut self, shape: &RegionShape, mut instance: Instance) -> u32 {
        let id = index(self.instances.len());
        let first = index(self.slots.len());
        instance.first = first;
        let closed = instance.closed;
        self.instances.push(instance);
        self.slots.reserve(shape.nodes.len());
        for (local, node) in shape.nodes.iter().enumerate() {
            let slot = index(self.slots.len());
            let mut missing = node.local_inputs + u32::from(closed && node.gated);
            for &outer in &node.outer_inputs {
                let input = self.resolve(id, outer);
                if self.slots[input as usize].value.is_none() {
                    missing += 1;
                    self.waiters.push((slot, self.slots[input as usize].waiters));
                    self.slots[input as usize].waiters = index(self.waiters.len() - 1);
                }
            }
            self.slots.push(Slot {
                instance: id,
                local: index(local),
                missing,
                waiters: NOWHERE,
                value: None,
                fan: NOWHERE,
            });
            if missing == 0 {
                self.ready.push_back(slot);
            }
        }
        id
    }

    /// The decision is made: the instance's nodes no longer wait for it.
    pub(crate) fn open(&mut self, shape: &RegionShape, instance: u32) {
        let instance = &mut self.instances[instance as usize];
        if std::mem::replace(&mut instance.closed, false) {
            let first = instance.first;
            for (local, node) in shape.nodes.iter().enumerate() {
                if node.gated {
                    self.one_less(first + index(local));
                }
            }
        }
    }

    /// A slot's value is known.
    pub(crate) fn finish(&mut self, shape: &RegionShape, slot: u32, value: Value) {
        let entry = &mut self.slots[slot as usize];
        entry.value = Some(value);
        let mut waiter = std::mem::replace(&mut entry.waiters, NOWHERE);
        let (local, first) = (entry.local, self.instances[entry.instance as usize].first);
        for &next in &shape.nodes[local as usize].successors {
            self.one_less(first + next);
        }
        while waiter != NOWHERE {
            let (slot, next) = self.waiters[waiter as usize];
            self.one_less(slot);
            waiter = next;
        }
    }

    fn one_less(&mut self, slot: u32) {
        let missing = &mut self.slots[slot as usize].missing;
        *missing -= 1;
        if *missing == 0 {
            self.ready.push_back(slot);
        }
    }

    /// The slots of other instances that still wait for a slot.
    pub(crate) fn waiting_for(&self, slot: u32) -> impl Iterator<Item = u32> + '_ {
        let mut waiter = self.slots[slot as usize].waiters;
        std::iter::from_fn(move || {
            let (slot, next) = *self.waiters.get(waiter as usize)?;
            waiter = next;
            Some(slot)
        })
    }

    /// The slot of a node, seen from an instance.
    pub(crate) fn resolve(&self, from: u32, node: NodeRef) -> u32 {
        self.around(from, node.region).map_or(NOWHERE, |at| self.instances[at as usize].first + node.node)
    }

    fn around(&self, mut instance: u32, region: RegionId) -> Option<u32> {
        loop {
            let here = self.instances.get(instance as usize)?;
            if here.region == region.0 {
                return Some(instance);
            }
            instance = here.parent;
        }
    }

    /// The value of an instance.
    pub(crate) fn result(&self, shape: &Shape, instance: u32) -> u32 {
        let Instance { region, first, .. } = self.instances[instance as usize];
        let nodes = &shape.regions[region as usize].nodes;
        let local = nodes.iter().rposition(|node| node.kind == Kind::Result).unwrap_or(0);
        first + index(local)
    }

    /// What the expressions of an instance see.
    pub(crate) fn scope(&self, instance: u32) -> InstanceScope<'_> {
        InstanceScope { graph: self, instance }
    }
}

/// The scope of an instance's expressions.
#[derive(Clone, Copy)]
pub(crate) struct InstanceScope<'a> {
    graph: &'a Graph,
    instance: u32,
}

impl InstanceScope<'_> {
    /// What is looked at, to be evaluated elsewhere.
    pub(crate) fn snapshot(&self, refs: &[Ref]) -> Snapshot {
        Snapshot(refs.iter().filter_map(|r| Some((*r, self.value(*r)?))).collect())
    }

    fn value(&self, r: Ref) -> Option<Value> {
        match r {
            Ref::Node(node) => self.node(node),
            Ref::Element(region) => self.element(region),
        }
    }

    /// Roughly how much there is to look at.
    pub(crate) fn bulk(&self, refs: &[Ref]) -> usize {
        const FILE: usize = 100_000;
        refs.iter()
            .map(|r| match self.value(*r) {
                Some(Value::List(items)) => {
                    let files = matches!(items.first(), Some(Value::File(_)));
                    if files { FILE } else { items.len().saturating_mul(8) }
                }
                Some(Value::Record(fields)) => {
                    let files = fields.iter().any(|(_, value)| matches!(value, Value::File(_)));
                    if files { FILE } else { fields.len() }
                }
                Some(Value::Text(text)) => text.len() / 64,
                Some(Value::File(_)) => FILE,
                _ => 1,
            })
            .fold(0, usize::saturating_add)
    }
}

impl Scope for InstanceScope<'_> {
    fn node(&self, node: NodeRef) -> Option<Value> {
        let slot = self.graph.resolve(self.instance, node);
        self.graph.slots.get(slot as usize)?.value.clone()
    }

    fn element(&self, region: RegionId) -> Option<Value> {
        let at = self.graph.around(self.instance, region)?;
        self.graph.instances[at as usize].element.clone()
    }

    fn arg(&self, _: u32) -> Option<Value> {
        None
    }
}

/// Values taken along to another thread.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot(Vec<(Ref, Value)>);

impl Snapshot {
    fn get(&self, wanted: Ref) -> Option<Value> {
        self.0.iter().find(|(r, _)| *r == wanted).map(|(_, value)| value.clone())
    }
}

impl Scope for Snapshot {
    fn node(&self, node: NodeRef) -> Option<Value> {
        self.get(Ref::Node(node))
    }

    fn element(&self, region: RegionId) -> Option<Value> {
        self.get(Ref::Element(region))
    }

    fn arg(&self, _: u32) -> Option<Value> {
        None
    }
}
