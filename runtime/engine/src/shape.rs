//! What of a plan is the same for all instances of a region: what each node waits for, who waits for it, how much comes after it.
//! Also the one place where a plan is not trusted: what passes here has no reference that leads nowhere.
use flowc_plan::{ContentHash, Expr, NodeKind, NodeRef, Pattern, Plan, Ref, Region, RegionId, Step};

use crate::EngineError;
use crate::eval::is_heavy;

/// A plan, looked through once.
#[derive(Debug)]
pub(crate) struct Shape {
    /// By region.
    pub(crate) regions: Vec<RegionShape>,
    /// By task: [`flowc_plan::Task::identity`].
    pub(crate) identities: Vec<ContentHash>,
}

/// A region, looked through once.
#[derive(Debug, Default)]
pub(crate) struct RegionShape {
    /// The nodes of the plan, then the result, then the condition of the `for` that the region is the body of, if it has one.
    pub(crate) nodes: Vec<NodeShape>,
    /// How many of them are steps.
    pub(crate) steps: u64,
    /// How many of them become instances of other regions.
    pub(crate) forks: u64,
    /// The condition's place in `nodes`.
    pub(crate) cond: Option<u32>,
    /// The node that the region belongs to.
    pub(crate) owner: Option<NodeRef>,
}

/// A node, looked through once.
#[derive(Debug)]
pub(crate) struct NodeShape {
    /// What it is.
    pub(crate) kind: Kind,
    /// How many nodes of its own region it waits for.
    pub(crate) local_inputs: u32,
    /// The nodes of regions around that it waits for.
    pub(crate) outer_inputs: Box<[NodeRef]>,
    /// The nodes of its own region that wait for it.
    pub(crate) successors: Box<[u32]>,
    /// What its expressions look at.
    pub(crate) refs: Box<[Ref]>,
    /// Whether it waits for the decision about its instance (`if c`, `max n`).
    pub(crate) gated: bool,
    /// Whether its expressions may take long, depending on what they look at.
    pub(crate) heavy: bool,
    /// The most steps on a way from here to the end, this one included.
    pub(crate) height: u32,
    /// The `for` whose elements this `for` takes one by one.
    pub(crate) stream: Option<NodeRef>,
}

/// What a node of a shape is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// A node of the plan.
    Node,
    /// The value of the region.
    Result,
    /// Whether the element is taken.
    Cond,
}

impl Shape {
    /// Looks a plan through.
    ///
    /// # Errors
    /// A bug of ours, when the plan is none that a compiler may write.
    pub(crate) fn new(plan: &Plan) -> Result<Self, EngineError> {
        let mut bodies = vec![None; plan.regions.len()];
        let mut regions = Vec::with_capacity(plan.regions.len());
        for (id, region) in plan.regions.iter().enumerate() {
            let checker = Checker { plan, id, bodies: &bodies };
            let shape = checker.region(region)?;
            for (at, node) in region.nodes.iter().enumerate() {
                for body in branches(&node.kind) {
                    let owned = bodies.get_mut(body.0 as usize).filter(|owner| owner.is_none());
                    let inner = plan.regions.get(body.0 as usize);
                    match (owned, inner) {
                        (Some(owner), Some(inner))
                            if inner.parent == Some(region_id(id)) && body.0 as usize > id =>
                        {
                            *owner = Some(NodeRef { region: region_id(id), node: index(at) });
                        }
                        _ => {
                            return Err(bad(format!(
                                "region {} of node {at} of region {id} is not its own",
                                body.0
                            )));
                        }
                    }
                }
            }
            regions.push(shape);
        }
        if regions.is_empty() {
            return Err(bad("no regions"));
        }
        let mut shape =
            Self { regions, identities: plan.tasks.iter().map(|task| task.identity(&plan.types)).collect() };
        shape.measure(plan);
        Ok(shape)
    }

    /// Sets the heights: from the innermost regions outwards what is inside, then inwards again what comes after.
    fn measure(&mut self, plan: &Plan) {
        let mut inside = vec![0u32; self.regions.len()];
        for id in (0..self.regions.len()).rev() {
            self.measure_region(plan, id, 0, &inside);
            inside[id] = self.regions[id].nodes.iter().map(|node| node.height).max().unwrap_or(0);
        }
        for id in 0..self.regions.len() {
            let after = self.regions[id].owner.map_or(0, |owner| {
                let outer = &self.regions[owner.region.0 as usize].nodes;
                let after =
                    outer[owner.node as usize].successors.iter().map(|&next| outer[next as usize].height);
                after.max().unwrap_or(0)
            });
            self.measure_region(plan, id, after, &inside);
        }
    }

    fn measure_region(&mut self, plan: &Plan, id: usize, after: u32, inside: &[u32]) {
        let nodes = &mut self.regions[id].nodes;
        // Nodes refer to earlier nodes only: from the end, all successors are known.
        let order = (0..nodes.len()).rev().filter(|&at| nodes[at].kind != Kind::Node).collect::<Vec<_>>();
        let plan_nodes = &plan.regions[id].nodes;
        for at in order.into_iter().chain((0..plan_nodes.len()).rev()) {
            let rest =
                nodes[at].successors.iter().map(|&next| nodes[next as usize].height).max().unwrap_or(after);
            let own = match plan_nodes.get(at).map(|node| &node.kind) {
                Some(NodeKind::Step(_)) => 1,
                Some(kind) => branches(kind).map(|body| inside[body.0 as usize]).max().unwrap_or(0),
                None => 0,
            };
            nodes[at].height = rest.saturating_add(own);
        }
    }
}

/// The regions that a node makes instances of.
pub(crate) fn branches(kind: &NodeKind) -> impl Iterator<Item = RegionId> + '_ {
    let (fixed, arms): ([Option<RegionId>; 2], &[(Pattern, RegionId)]) = match kind {
        NodeKind::For { body, .. } => ([Some(*body), None], &[]),
        NodeKind::If { then, otherwise, .. } => ([Some(*then), Some(*otherwise)], &[]),
        NodeKind::Match { arms, .. } => ([None, None], arms),
        NodeKind::Step(_) | NodeKind::Source(_) | NodeKind::Value(_) => ([None, None], &[]),
    };
    fixed.into_iter().flatten().chain(arms.iter().map(|(_, region)| *region))
}

/// The expressions that a node evaluates when its inputs are there, in this order: of a step its arguments, then sample and timeout;
/// of a `for` its list (unless that comes one by one), then `max`.
pub(crate) fn inputs(kind: &NodeKind, streamed: bool) -> Vec<&Expr> {
    match kind {
        NodeKind::Step(Step { args, sample, timeout, .. }) => {
            args.iter().chain(sample).chain(timeout).collect()
        }
        NodeKind::Source(source) => vec![&source.what],
        NodeKind::Value(expr) => vec![expr],
        NodeKind::For { list, max, .. } => (!streamed).then_some(list).into_iter().chain(max).collect(),
        NodeKind::If { cond, .. } => vec![cond],
        NodeKind::Match { scrutinee, .. } => vec![scrutinee],
    }
}

struct Checker<'a> {
    plan: &'a Plan,
    id: usize,
    /// The nodes that regions so far belong to.
    bodies: &'a [Option<NodeRef>],
}

impl Checker<'_> {
    fn region(&self, region: &Region) -> Result<RegionShape, EngineError> {
        let parent_fits = match region.parent {
            None => self.id == 0,
            Some(parent) => (parent.0 as usize) < self.id && self.bodies[self.id].is_some(),
        };
        if !parent_fits {
            return Err(bad(format!("region {} stands nowhere", self.id)));
        }
        let mut shape = RegionShape { owner: self.bodies[self.id], ..RegionShape::default() };
        let mut inputs_of = Vec::new();
        for (at, node) in region.nodes.iter().enumerate() {
            let (node_shape, local) = self.node(at, &node.kind)?;
            shape.steps += u64::from(matches!(node.kind, NodeKind::Step(_)));
            shape.forks += u64::from(branches(&node.kind).next().is_some());
            shape.nodes.push(node_shape);
            inputs_of.push(local);
        }
        let result = shape.nodes.len();
        let (mut node, mut local) = self.shape(Kind::Result, &[&region.result], &[], result)?;
        // Nodes that nobody uses here are part of the region all the same: it is done when they are.
        let mut used = vec![false; result];
        inputs_of.iter().flatten().for_each(|&at| used[at as usize] = true);
        local.extend((0..result).filter(|&at| !used[at]).map(index));
        local.sort_unstable();
        local.dedup();
        node.local_inputs = index(local.len());
        shape.nodes.push(node);
        inputs_of.push(local);
        if let Some(cond) = self.cond() {
            let (node, local) = self.shape(Kind::Cond, &[cond], &[], result)?;
            shape.cond = Some(index(shape.nodes.len()));
            shape.nodes.push(node);
            inputs_of.push(local);
        }
        self.gate(&mut shape, &inputs_of);
        let mut successors = vec![Vec::new(); shape.nodes.len()];
        for (at, inputs) in inputs_of.iter().enumerate() {
            inputs.iter().for_each(|&input| successors[input as usize].push(index(at)));
        }
        for (node, successors) in shape.nodes.iter_mut().zip(successors) {
            node.successors = successors.into();
        }
        Ok(shape)
    }

    /// The condition of the `for` that this region is the body of.
    fn cond(&self) -> Option<&Expr> {
        let owner = self.bodies[self.id]?;
        match &self.plan.regions[owner.region.0 as usize].nodes[owner.node as usize].kind {
            NodeKind::For { cond, .. } => cond.as_ref(),
            _ => None,
        }
    }

    /// Everything waits for the decision about its instance but what decides it.
    fn gate(&self, shape: &mut RegionShape, inputs_of: &[Vec<u32>]) {
        let mut free = vec![false; shape.nodes.len()];
        if let Some(cond) = shape.cond {
            free[cond as usize] = true;
            let mut todo = vec![cond];
            while let Some(at) = todo.pop() {
                for &input in &inputs_of[at as usize] {
                    if !std::mem::replace(&mut free[input as usize], true) {
                        todo.push(input);
                    }
                }
            }
        }
        shape.nodes.iter_mut().zip(free).for_each(|(node, free)| node.gated = !free);
    }

    fn node(&self, at: usize, kind: &NodeKind) -> Result<(NodeShape, Vec<u32>), EngineError> {
        let stream = match kind {
            NodeKind::For { list: Expr::Node(node), .. } => self.streams(*node).then_some(*node),
            _ => None,
        };
        let after: &[NodeRef] = match kind {
            NodeKind::Step(step) => {
                let task = self.plan.tasks.get(step.task as usize);
                if task.is_none_or(|task| task.params.len() != step.args.len()) {
                    return Err(bad(format!("node {at} of region {} calls no task", self.id)));
                }
                &step.after
            }
            _ => &[],
        };
        let (mut shape, local) = self.shape(Kind::Node, &inputs(kind, stream.is_some()), after, at)?;
        if let Some(stream) = stream {
            self.check(stream, at)?;
        }
        shape.stream = stream;
        Ok((shape, local))
    }

    fn streams(&self, node: NodeRef) -> bool {
        let region = self.plan.regions.get(node.region.0 as usize);
        let node = region.and_then(|region| region.nodes.get(node.node as usize));
        node.is_some_and(|node| matches!(node.kind, NodeKind::For { .. }))
    }

    /// What some expressions wait for: the shape, and the nodes of this region.
    fn shape(
        &self,
        kind: Kind,
        exprs: &[&Expr],
        after: &[NodeRef],
        at: usize,
    ) -> Result<(NodeShape, Vec<u32>), EngineError> {
        let mut refs = Vec::new();
        exprs.iter().for_each(|expr| expr.for_each_ref(&mut |r| refs.push(r)));
        sort(&mut refs);
        let (mut local, mut outer) = (Vec::new(), Vec::new());
        let nodes = refs.iter().filter_map(|r| if let Ref::Node(node) = r { Some(node) } else { None });
        for node in nodes.chain(after) {
            self.check(*node, at)?;
            if node.region.0 as usize == self.id { local.push(node.node) } else { outer.push(*node) }
        }
        for r in &refs {
            if let Ref::Element(region) = r
                && !self.around(region.0 as usize)
            {
                return Err(bad(format!("node {at} of region {} takes an element from elsewhere", self.id)));
            }
        }
        local.sort_unstable();
        local.dedup();
        outer.sort_unstable();
        outer.dedup();
        let heavy = exprs.iter().any(|expr| is_heavy(expr));
        let shape = NodeShape {
            kind,
            local_inputs: index(local.len()),
            outer_inputs: outer.into(),
            successors: Box::default(),
            refs: refs.into(),
            gated: false,
            heavy,
            height: 0,
            stream: None,
        };
        Ok((shape, local))
    }

    /// An earlier node of this region, or one before this region of a region around.
    fn check(&self, node: NodeRef, at: usize) -> Result<(), EngineError> {
        let mut before = at;
        let mut id = self.id;
        while id != node.region.0 as usize {
            match self.bodies.get(id).copied().flatten() {
                Some(owner) => (id, before) = (owner.region.0 as usize, owner.node as usize),
                None => {
                    return Err(bad(format!("node {at} of region {} uses a node from elsewhere", self.id)));
                }
            }
        }
        if (node.node as usize) < before {
            Ok(())
        } else {
            Err(bad(format!("node {at} of region {} uses a node that comes later", self.id)))
        }
    }

    fn around(&self, region: usize) -> bool {
        let mut id = self.id;
        while id != region {
            match self.bodies.get(id).copied().flatten() {
                Some(owner) => id = owner.region.0 as usize,
                None => return false,
            }
        }
        true
    }
}

fn sort(refs: &mut Vec<Ref>) {
    refs.sort_unstable_by_key(|r| match r {
        Ref::Node(node) => (0, *node),
        Ref::Element(region) => (1, NodeRef { region: *region, node: 0 }),
    });
    refs.dedup();
}

fn bad(what: impl Into<String>) -> EngineError {
    EngineError::bug(format!("the plan is none: {}", what.into()))
}

fn region_id(id: usize) -> RegionId {
    RegionId(index(id))
}

/// Plans and runs with more than 2^32 nodes do not fit in memory.
pub(crate) fn index(at: usize) -> u32 {
    u32::try_from(at).expect("fewer than 2^32 nodes: each takes more than a byte of memory")
}
