//! Plans by hand, in few words.
use std::path::Path;

use flowc_base::Name;
use flowc_plan::{
    BinaryOp, Body, Cache, Expr, Needs, Node, NodeKind, NodeRef, Origin, Output, PLAN_VERSION, Plan, Region,
    RegionId, Source, SourceKind, Step, Task, Type, Value,
};

/// A plan that grows region by region, node by node.
pub(crate) struct Builder {
    pub(crate) plan: Plan,
}

impl Builder {
    pub(crate) fn new() -> Self {
        let region = Region { parent: None, nodes: Vec::new(), result: Expr::Const(Value::Unit) };
        Self {
            plan: Plan {
                version: PLAN_VERSION,
                flow: "main".into(),
                types: Vec::new(),
                tasks: Vec::new(),
                regions: vec![region],
                output: Type::Json,
            },
        }
    }

    /// A task that the fake workers know by its name.
    pub(crate) fn task(&mut self, name: &str, params: usize) -> u32 {
        let param = |at: usize| (Name::from(format!("p{at}")), Type::Json);
        self.plan.tasks.push(Task {
            name: name.into(),
            origin: origin(1),
            params: (0..params).map(param).collect(),
            // What it executes is what makes it another task.
            body: Body::Exec(vec![Expr::Const(Value::text(name))]),
            programs: Vec::new(),
            output: Output::Unit,
            env: Vec::new(),
            stdin: None,
            needs: Needs::default(),
            timeout: None,
            cache: Cache::Forever,
        });
        u32::try_from(self.plan.tasks.len() - 1).unwrap()
    }

    pub(crate) fn region(&mut self, parent: u32) -> u32 {
        self.plan.regions.push(Region {
            parent: Some(RegionId(parent)),
            nodes: Vec::new(),
            result: Expr::Const(Value::Unit),
        });
        u32::try_from(self.plan.regions.len() - 1).unwrap()
    }

    pub(crate) fn result(&mut self, region: u32, result: Expr) {
        self.plan.regions[region as usize].result = result;
    }

    pub(crate) fn node(&mut self, region: u32, label: &str, kind: NodeKind) -> NodeRef {
        let nodes = &mut self.plan.regions[region as usize].nodes;
        let node = u32::try_from(nodes.len()).unwrap();
        nodes.push(Node { label: label.into(), origin: origin(node + 1), kind });
        NodeRef { region: RegionId(region), node }
    }

    pub(crate) fn step(&mut self, region: u32, label: &str, task: u32, args: Vec<Expr>) -> NodeRef {
        let step = Step { task, args, timeout: None, cache: None, sample: None, after: Vec::new() };
        self.node(region, label, NodeKind::Step(step))
    }

    pub(crate) fn value(&mut self, region: u32, label: &str, value: Expr) -> NodeRef {
        self.node(region, label, NodeKind::Value(value))
    }

    pub(crate) fn source(&mut self, region: u32, label: &str, what: &str) -> NodeRef {
        let what = Expr::Const(Value::text(what));
        self.node(region, label, NodeKind::Source(Source { kind: SourceKind::Read, what, base: "/".into() }))
    }

    pub(crate) fn file(&mut self, region: u32, label: &str, what: &str, base: &Path) -> NodeRef {
        let what = Expr::Const(Value::text(what));
        let base = base.to_str().unwrap().into();
        self.node(region, label, NodeKind::Source(Source { kind: SourceKind::File, what, base }))
    }

    /// `for` over a list; gives its body.
    pub(crate) fn each(&mut self, region: u32, label: &str, list: Expr) -> (NodeRef, u32) {
        let body = self.region(region);
        let kind = NodeKind::For { list, cond: None, max: None, body: RegionId(body) };
        (self.node(region, label, kind), body)
    }

    pub(crate) fn set_cond(&mut self, node: NodeRef, new: Expr) {
        let NodeKind::For { cond, .. } = self.kind(node) else { panic!("no `for`") };
        *cond = Some(new);
    }

    pub(crate) fn set_max(&mut self, node: NodeRef, new: Expr) {
        let NodeKind::For { max, .. } = self.kind(node) else { panic!("no `for`") };
        *max = Some(new);
    }

    pub(crate) fn kind(&mut self, node: NodeRef) -> &mut NodeKind {
        &mut self.plan.regions[node.region.0 as usize].nodes[node.node as usize].kind
    }

    /// `if`; gives both branches.
    pub(crate) fn branch(&mut self, region: u32, label: &str, cond: Expr) -> (NodeRef, u32, u32) {
        let (then, otherwise) = (self.region(region), self.region(region));
        let kind = NodeKind::If { cond, then: RegionId(then), otherwise: RegionId(otherwise) };
        (self.node(region, label, kind), then, otherwise)
    }
}

fn origin(line: u32) -> Origin {
    Origin { file: "test.flow".into(), line }
}

pub(crate) fn node(node: NodeRef) -> Expr {
    Expr::Node(node)
}

pub(crate) fn element(region: u32) -> Expr {
    Expr::Element(RegionId(region))
}

pub(crate) fn int(value: i64) -> Expr {
    Expr::Const(Value::Int(value))
}

pub(crate) fn ints(values: impl IntoIterator<Item = i64>) -> Expr {
    Expr::Const(Value::list(values.into_iter().map(Value::Int)))
}

pub(crate) fn binary(op: BinaryOp, a: Expr, b: Expr) -> Expr {
    Expr::Binary(op, Box::new(a), Box::new(b))
}

pub(crate) fn sum(list: Expr) -> Expr {
    Expr::Native { name: "list.sum".into(), args: vec![list] }
}
