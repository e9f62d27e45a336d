//! `for`: an instance for each element as soon as the element is there, the values back in order. It knows nothing of steps.
use flowc_plan::{NodeKind, NodeRef, Value};

use super::Dispatcher;
use crate::EngineError;
use crate::eval::{EvalError, as_truth, check_max, check_weight};
use crate::graph::{Instance, NOWHERE};
use crate::shape::{Kind, index};

/// The state of a `for`.
#[derive(Debug)]
pub(super) struct Fan {
    slot: u32,
    /// How many elements come, when that is known.
    total: Option<u32>,
    elements: Vec<Element>,
    /// How many elements have come, those that are not taken among them.
    arrived: u32,
    /// How many of them wait for `if c`.
    undecided: u32,
    /// How many are taken.
    taken: u32,
    /// How many have their value.
    done: u32,
    /// `max n`.
    max: Option<Value>,
    /// Whether all elements are known and not too many.
    counted: bool,
    /// The `for`s that take the values one by one.
    consumers: Vec<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Element {
    Coming,
    NotTaken,
    Instance(u32),
}

impl Dispatcher<'_> {
    /// Prepares the `for`s of a new instance, so that others can ask for their elements from the start.
    pub(super) fn add_fans(&mut self, instance: u32, region: usize) {
        let first = self.graph.instances[instance as usize].first;
        let plan = std::sync::Arc::clone(&self.plan);
        for (local, node) in plan.regions[region].nodes.iter().enumerate() {
            if matches!(node.kind, NodeKind::For { .. }) {
                let slot = first + index(local);
                self.graph.slots[slot as usize].fan = index(self.fans.len());
                self.fans.push(Fan {
                    slot,
                    total: None,
                    elements: Vec::new(),
                    arrived: 0,
                    undecided: 0,
                    taken: 0,
                    done: 0,
                    max: None,
                    counted: false,
                    consumers: Vec::new(),
                });
            }
        }
    }

    /// A `for` whose list is there: all elements at once.
    pub(super) fn spread(&mut self, slot: u32, list: &Value, max: Option<Value>) -> Result<(), EngineError> {
        let fan = self.graph.slots[slot as usize].fan;
        let Value::List(items) = list else {
            let error = EvalError::Bug(format!("`for` over {}", list.kind()));
            return self.fail_evaluation(slot, &error);
        };
        self.fans[fan as usize].max = max;
        self.expect(fan, index(items.len()))?;
        for (at, item) in items.iter().enumerate() {
            self.arrive(fan, index(at), item.clone())?;
        }
        Ok(())
    }

    /// A `for` over another: elements as they come, those that are there already now.
    pub(super) fn subscribe(
        &mut self,
        slot: u32,
        to: NodeRef,
        max: Option<Value>,
    ) -> Result<(), EngineError> {
        let fan = self.graph.slots[slot as usize].fan;
        self.fans[fan as usize].max = max;
        let source = self.graph.resolve(self.graph.slots[slot as usize].instance, to);
        let source = self.graph.slots[source as usize].fan as usize;
        self.fans[source].consumers.push(fan);
        let Some(total) = self.fans[source].total else { return Ok(()) };
        self.expect(fan, total)?;
        for at in 0..total {
            match self.fans[source].elements[at as usize] {
                Element::Coming => {}
                Element::NotTaken => self.pass(fan, at)?,
                Element::Instance(instance) => {
                    let result = self.graph.result(&self.shape, instance);
                    if let Some(value) = self.graph.slots[result as usize].value.clone() {
                        self.arrive(fan, at, value)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The number of elements is known.
    fn expect(&mut self, fan: u32, total: u32) -> Result<(), EngineError> {
        let state = &mut self.fans[fan as usize];
        state.total = Some(total);
        state.elements = vec![Element::Coming; total as usize];
        for consumer in state.consumers.clone() {
            self.expect(consumer, total)?;
        }
        self.count(fan)
    }

    /// An element is there.
    fn arrive(&mut self, fan: u32, position: u32, element: Value) -> Result<(), EngineError> {
        let state = &self.fans[fan as usize];
        let (slot, capped) = (state.slot, state.max.is_some());
        let entry = &self.graph.slots[slot as usize];
        let parent = entry.instance;
        let region = self.graph.instances[parent as usize].region as usize;
        let NodeKind::For { body, cond, .. } = &self.plan.regions[region].nodes[entry.local as usize].kind
        else {
            return Err(EngineError::bug("an element of what is no `for`"));
        };
        let (body, conditional) = (*body, cond.is_some());
        let instance = self.instantiate(Instance {
            region: body.0,
            parent,
            owner: slot,
            position,
            first: 0,
            element: Some(element),
            closed: conditional || capped,
        });
        let state = &mut self.fans[fan as usize];
        state.elements[position as usize] = Element::Instance(instance);
        state.arrived += 1;
        if conditional {
            state.undecided += 1;
        } else {
            state.taken += 1;
        }
        self.count(fan)
    }

    /// An element will not come: it was not taken further up.
    fn pass(&mut self, fan: u32, position: u32) -> Result<(), EngineError> {
        let state = &mut self.fans[fan as usize];
        state.arrived += 1;
        self.leave_out(fan, position)
    }

    fn leave_out(&mut self, fan: u32, position: u32) -> Result<(), EngineError> {
        let state = &mut self.fans[fan as usize];
        state.elements[position as usize] = Element::NotTaken;
        for consumer in state.consumers.clone() {
            self.pass(consumer, position)?;
        }
        self.count(fan)
    }

    /// `if c` of an element is decided.
    pub(super) fn decide(&mut self, instance: u32, cond: &Value) -> Result<(), EngineError> {
        let Instance { owner, position, region, .. } = self.graph.instances[instance as usize];
        let taken = match as_truth(cond) {
            Ok(taken) => taken,
            Err(error) => return self.fail_evaluation(owner, &error),
        };
        let fan = self.graph.slots[owner as usize].fan;
        let state = &mut self.fans[fan as usize];
        state.undecided -= 1;
        if !taken {
            return self.leave_out(fan, position);
        }
        state.taken += 1;
        if state.max.is_none() {
            self.let_in(instance, region);
        }
        self.count(fan)
    }

    fn let_in(&mut self, instance: u32, region: u32) {
        if self.graph.instances[instance as usize].closed {
            self.count_known(region as usize);
            self.graph.open(&self.shape.regions[region as usize], instance);
        }
    }

    /// Looks whether all elements are known, and whether all are done.
    fn count(&mut self, fan: u32) -> Result<(), EngineError> {
        let state = &mut self.fans[fan as usize];
        if state.total != Some(state.arrived) || state.undecided > 0 {
            return Ok(());
        }
        if !std::mem::replace(&mut state.counted, true) {
            self.forks = self.forks.saturating_sub(1);
            if let Some(max) = state.max.clone() {
                let (slot, taken) = (state.slot, state.taken);
                if let Err(error) = check_max(&max, taken as usize) {
                    // Never done, so that nothing that waits for it starts.
                    self.fans[fan as usize].taken = u32::MAX;
                    return self.fail_evaluation(slot, &error);
                }
                for at in 0..self.fans[fan as usize].elements.len() {
                    if let Element::Instance(instance) = self.fans[fan as usize].elements[at] {
                        let region = self.graph.instances[instance as usize].region;
                        self.let_in(instance, region);
                    }
                }
            }
        }
        let state = &self.fans[fan as usize];
        if state.done == state.taken && self.graph.slots[state.slot as usize].value.is_none() {
            let slot = state.slot;
            let value = self.gather(fan);
            return match check_weight(&value) {
                Ok(_) => self.finish(slot, value),
                Err(error) => self.fail_evaluation(slot, &error),
            };
        }
        Ok(())
    }

    fn gather(&self, fan: u32) -> Value {
        let instances = self.fans[fan as usize].elements.iter().filter_map(|element| match element {
            Element::Instance(instance) => Some(*instance),
            Element::Coming | Element::NotTaken => None,
        });
        let values = instances.filter_map(|instance| {
            self.graph.slots[self.graph.result(&self.shape, instance) as usize].value.clone()
        });
        Value::list(values)
    }

    /// An instance has its value: so has the node that it was made for, or one element of it.
    pub(super) fn complete(&mut self, instance: u32, value: Value) -> Result<(), EngineError> {
        let Instance { owner, position, .. } = self.graph.instances[instance as usize];
        if owner == NOWHERE {
            return Ok(());
        }
        let fan = self.graph.slots[owner as usize].fan;
        if fan == NOWHERE {
            return self.finish(owner, value);
        }
        let state = &mut self.fans[fan as usize];
        state.done += 1;
        for consumer in state.consumers.clone() {
            self.arrive(consumer, position, value.clone())?;
        }
        self.count(fan)
    }

    /// The slots that a slot lies in the way of, beside those that the graph knows: of a `for` those that take its elements, of an
    /// instance's value its owner, of a condition all of its instance.
    pub(super) fn also_blocked(&self, slot: u32, blocked: &mut Vec<u32>) {
        let entry = &self.graph.slots[slot as usize];
        if entry.fan != NOWHERE {
            let consumers = &self.fans[entry.fan as usize].consumers;
            blocked.extend(consumers.iter().map(|&fan| self.fans[fan as usize].slot));
        }
        let instance = &self.graph.instances[entry.instance as usize];
        let nodes = &self.shape.regions[instance.region as usize].nodes;
        match nodes[entry.local as usize].kind {
            Kind::Result if instance.owner != NOWHERE => blocked.push(instance.owner),
            Kind::Cond => blocked.extend(instance.first..instance.first + index(nodes.len())),
            Kind::Result | Kind::Node => {}
        }
    }
}
