//! What happens when the inputs of a node are there. It knows how each kind of node gets its value, not how a step is run.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use flowc_base::Name;
use flowc_plan::{ContentHash, Expr, KeyHasher, NodeKind, NodeRef, Origin, Plan, Source, SourceKind, Value};
use flowc_store::RunFrame;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::Dispatcher;
use crate::eval::{EvalError, as_truth, eval, eval_briefly, takes};
use crate::graph::{Instance, NOWHERE};
use crate::job::Message;
use crate::shape::{Kind, inputs};
use crate::{EngineError, Event, StepFailure};

/// What may be looked at on the dispatcher's thread; more goes elsewhere.
const BULK_MAX: usize = 4096;

impl Dispatcher<'_> {
    /// A node's inputs are there: evaluates its expressions, here or elsewhere.
    pub(super) fn visit(&mut self, slot: u32) -> Result<(), EngineError> {
        let entry = &self.graph.slots[slot as usize];
        let (instance, local) = (entry.instance, entry.local as usize);
        let region = self.graph.instances[instance as usize].region as usize;
        let node = &self.shape.regions[region].nodes[local];
        let scope = self.graph.scope(instance);
        let source = match self.plan.regions[region].nodes.get(local).map(|node| &node.kind) {
            Some(NodeKind::Source(source)) => Some(source),
            _ => None,
        };
        let mut elsewhere = source.is_some() || node.heavy && scope.bulk(&node.refs) > BULK_MAX;
        if !elsewhere {
            let exprs = self.exprs(region, local);
            let mut values = Vec::with_capacity(exprs.len());
            for expr in exprs {
                match eval_briefly(expr, &scope, &self.plan.types, &KeeperFiles(&self.keeper)) {
                    Ok(value) => values.push(value),
                    // Too much for here: from the start, elsewhere.
                    Err(EvalError::Long(_)) => {
                        elsewhere = true;
                        break;
                    }
                    Err(error) => return self.proceed(slot, Err(error)),
                }
            }
            if !elsewhere {
                return self.proceed(slot, Ok(values));
            }
        }
        if let Some(source) = source
            && let Expr::Const(Value::Text(what)) = &source.what
            && let Some(read) = self.sources.get(&source_id(source, what))
        {
            return match read.clone() {
                Ok(value) => self.finish(slot, value),
                Err(message) => self.fail_node(slot, "missing-source", message),
            };
        }
        let snapshot = scope.snapshot(&node.refs);
        let (plan, keeper, outbox) = (Arc::clone(&self.plan), Arc::clone(&self.keeper), self.outbox.clone());
        let (streamed, owner) = (node.stream.is_some(), self.shape.regions[region].owner);
        self.evaluating += 1;
        rayon::spawn(move || {
            let evaluate = || {
                let files = KeeperFiles(&keeper);
                exprs_of(&plan, region, local, streamed, owner)
                    .into_iter()
                    .map(|expr| eval(expr, &snapshot, &plan.types, &files))
                    .collect()
            };
            // A message that never comes would be waited for for ever.
            let values = catch_unwind(AssertUnwindSafe(evaluate)).unwrap_or_else(|_| {
                Err(EvalError::Bug("the evaluation of an expression broke off".to_owned()))
            });
            // Nobody listens any more when the run is over.
            let _ = outbox.send(Message::Evaluated(slot, values));
        });
        Ok(())
    }

    fn exprs(&self, region: usize, local: usize) -> Vec<&Expr> {
        let streamed = self.shape.regions[region].nodes[local].stream.is_some();
        exprs_of(&self.plan, region, local, streamed, self.shape.regions[region].owner)
    }

    /// A node's expressions have their values: goes on to what the node does with them.
    pub(super) fn proceed(
        &mut self,
        slot: u32,
        values: Result<Vec<Value>, EvalError>,
    ) -> Result<(), EngineError> {
        let values = match values {
            Ok(values) => values,
            Err(EvalError::File(message)) => return self.heal_evaluation(slot, message),
            Err(error) => return self.fail_evaluation(slot, &error),
        };
        let entry = &self.graph.slots[slot as usize];
        let (instance, local) = (entry.instance, entry.local as usize);
        let region = self.graph.instances[instance as usize].region as usize;
        let shape = &self.shape.regions[region].nodes[local];
        let stream = shape.stream;
        let kind = shape.kind;
        let mut values = values.into_iter();
        let mut next = || values.next().unwrap_or(Value::None);
        match kind {
            Kind::Result => {
                let value = next();
                self.finish(slot, value.clone())?;
                return self.complete(instance, value);
            }
            Kind::Cond => {
                let cond = next();
                self.finish(slot, cond.clone())?;
                return self.decide(instance, &cond);
            }
            Kind::Node => {}
        }
        let plan = Arc::clone(&self.plan);
        match &plan.regions[region].nodes[local].kind {
            NodeKind::Value(_) => {
                let value = next();
                self.finish(slot, value)
            }
            NodeKind::Step(step) => self.step_ready(slot, step, values.collect()),
            NodeKind::Source(source) => {
                let what = next();
                self.read_late(slot, source, &what)
            }
            NodeKind::For { .. } => match stream {
                Some(stream) => self.subscribe(slot, stream, values.next()),
                None => {
                    let list = next();
                    self.spread(slot, &list, values.next())
                }
            },
            NodeKind::If { then, otherwise, .. } => match as_truth(&next()) {
                Ok(truth) => self.branch(slot, instance, if truth { then.0 } else { otherwise.0 }, None),
                Err(error) => self.fail_evaluation(slot, &error),
            },
            NodeKind::Match { arms, .. } => {
                let value = next();
                match arms.iter().find(|(pattern, _)| takes(pattern, &value)) {
                    Some((_, region)) => self.branch(slot, instance, region.0, Some(value)),
                    None => {
                        let error = EvalError::Value(format!("no arm of the `match` takes {}", value.kind()));
                        self.fail_evaluation(slot, &error)
                    }
                }
            }
        }
    }

    fn branch(
        &mut self,
        owner: u32,
        parent: u32,
        region: u32,
        element: Option<Value>,
    ) -> Result<(), EngineError> {
        self.forks = self.forks.saturating_sub(1);
        self.instantiate(Instance { region, parent, owner, position: 0, first: 0, element, closed: false });
        Ok(())
    }

    /// A node has its value.
    #[expect(clippy::unnecessary_wraps, reason = "so that every way to go on reads the same")]
    pub(super) fn finish(&mut self, slot: u32, value: Value) -> Result<(), EngineError> {
        let instance = self.graph.slots[slot as usize].instance;
        let region = self.graph.instances[instance as usize].region as usize;
        self.graph.finish(&self.shape.regions[region], slot, value);
        Ok(())
    }

    // ---- sources

    /// Reads all sources whose place is known, side by side, and keeps in the checkpoint what was read. One that cannot be read is a
    /// failure only when its turn comes: it may stand in a branch that is not taken.
    pub(super) fn read_sources(&mut self) -> Result<(), EngineError> {
        let nodes = self.plan.regions.iter().flat_map(|region| &region.nodes);
        let mut wanted: Vec<(ContentHash, &Source, &Name)> = nodes
            .filter_map(|node| match &node.kind {
                NodeKind::Source(source) => match &source.what {
                    Expr::Const(Value::Text(what)) => Some((source_id(source, what), source, what)),
                    _ => None,
                },
                _ => None,
            })
            .collect();
        wanted.sort_unstable_by_key(|(id, ..)| *id);
        wanted.dedup_by_key(|(id, ..)| *id);
        for (id, value) in &self.earlier.sources {
            self.sources.insert(*id, Ok(value.clone()));
        }
        wanted.retain(|(id, ..)| !self.sources.contains_key(id));
        let keeper = &self.keeper;
        let read: Vec<_> = wanted
            .into_par_iter()
            .map(|(id, source, what)| (id, keeper.source(source.kind, what, &source.base)))
            .collect();
        for (id, result) in read {
            if let Ok(value) = &result {
                self.frames.push(RunFrame::Source { id, value: value.clone() });
            }
            self.sources.insert(id, result);
        }
        self.flush()
    }

    /// Reads a source whose place has only just become known.
    fn read_late(&mut self, slot: u32, source: &Source, what: &Value) -> Result<(), EngineError> {
        let Value::Text(what) = what else {
            let error = EvalError::Bug(format!("the place of a source is {}", what.kind()));
            return self.fail_evaluation(slot, &error);
        };
        let id = source_id(source, what);
        if !self.sources.contains_key(&id) {
            let result = self.keeper.source(source.kind, what, &source.base);
            if let Ok(value) = &result {
                self.frames.push(RunFrame::Source { id, value: value.clone() });
                self.flush()?;
            }
            self.sources.insert(id, result);
        }
        match self.sources[&id].clone() {
            Ok(value) => self.finish(slot, value),
            Err(message) => self.fail_node(slot, "missing-source", message),
        }
    }

    // ---- failures and names

    pub(super) fn fail_evaluation(&mut self, slot: u32, error: &EvalError) -> Result<(), EngineError> {
        let kind = match error {
            EvalError::Value(_) | EvalError::Long(_) => "evaluation",
            EvalError::File(_) => "store",
            EvalError::Bug(_) => "bug",
        };
        self.fail_node(slot, kind, error.to_string())
    }

    /// A node has no value and will have none.
    pub(super) fn fail_node(
        &mut self,
        slot: u32,
        kind: &'static str,
        message: String,
    ) -> Result<(), EngineError> {
        let step = self.name(slot);
        let key = KeyHasher::new("node", 1).bytes(b'n', step.as_bytes()).finish();
        let failure = StepFailure {
            task: self.task_of(slot),
            origin: self.origin(slot),
            step,
            kind,
            message,
            command: String::new(),
            stderr_tail: String::new(),
            log: None,
        };
        self.fail(key, &[slot], failure, 0)
    }

    /// A failure for good, of one slot or of several that are the same step.
    pub(super) fn fail(
        &mut self,
        key: ContentHash,
        slots: &[u32],
        failure: StepFailure,
        duration_us: u64,
    ) -> Result<(), EngineError> {
        self.frames.push(RunFrame::Failed {
            key,
            label: failure.step.clone(),
            message: failure.message.clone(),
        });
        self.flush()?;
        self.failed.extend(slots.iter().map(|&slot| (slot, self.failures.len())));
        self.counts.failed += 1;
        self.failures.push(failure.clone());
        let at_ms = self.now();
        self.emit(&Event::StepFailed { failure: Box::new(failure), at_ms, duration_us });
        Ok(())
    }

    /// What a person calls a node: `main.counts[3].count`.
    pub(super) fn name(&self, slot: u32) -> Name {
        let mut parts = Vec::new();
        let mut slot = slot;
        let mut suffix = None;
        while slot != NOWHERE {
            let entry = &self.graph.slots[slot as usize];
            let instance = &self.graph.instances[entry.instance as usize];
            let nodes = &self.plan.regions[instance.region as usize].nodes;
            let label = nodes.get(entry.local as usize).map_or("", |node| node.label.as_str());
            let mut part = label.to_owned();
            if let Some(position) = suffix {
                part.push_str(&format!("[{position}]"));
            }
            if !part.is_empty() {
                parts.push(part);
            }
            slot = instance.owner;
            suffix = (slot != NOWHERE && self.graph.slots[slot as usize].fan != NOWHERE)
                .then_some(instance.position);
        }
        let mut name = self.plan.flow.as_str().to_owned();
        for part in parts.iter().rev() {
            if !part.starts_with('[') {
                name.push('.');
            }
            name.push_str(part);
        }
        name.into()
    }

    /// Where a node stands; of the value of a region, where the node stands that the region belongs to.
    pub(super) fn origin(&self, mut slot: u32) -> Origin {
        while slot != NOWHERE {
            let entry = &self.graph.slots[slot as usize];
            let instance = &self.graph.instances[entry.instance as usize];
            let nodes = &self.plan.regions[instance.region as usize].nodes;
            if let Some(node) = nodes.get(entry.local as usize) {
                return node.origin.clone();
            }
            slot = instance.owner;
        }
        let first = self.plan.regions[0].nodes.last().map(|node| node.origin.clone());
        first.unwrap_or(Origin { file: "".into(), line: 1 })
    }

    pub(super) fn task_of(&self, slot: u32) -> Name {
        match self.step_of(slot) {
            Some(task) => self.plan.tasks[task as usize].name.clone(),
            None => "".into(),
        }
    }

    /// The task that a slot's step calls.
    pub(super) fn step_of(&self, slot: u32) -> Option<u32> {
        let entry = &self.graph.slots[slot as usize];
        let region = self.graph.instances[entry.instance as usize].region as usize;
        match self.plan.regions[region].nodes.get(entry.local as usize).map(|node| &node.kind) {
            Some(NodeKind::Step(step)) => Some(step.task),
            _ => None,
        }
    }
}

fn exprs_of(plan: &Plan, region: usize, local: usize, streamed: bool, owner: Option<NodeRef>) -> Vec<&Expr> {
    let template = &plan.regions[region];
    match (template.nodes.get(local), owner) {
        (Some(node), _) => inputs(&node.kind, streamed),
        (None, Some(owner)) if local > template.nodes.len() => {
            match &plan.regions[owner.region.0 as usize].nodes[owner.node as usize].kind {
                NodeKind::For { cond, .. } => cond.iter().collect(),
                _ => Vec::new(),
            }
        }
        (None, _) => vec![&template.result],
    }
}

/// What a source is called in the checkpoint.
pub(crate) fn source_id(source: &Source, what: &str) -> ContentHash {
    let kind = match source.kind {
        SourceKind::File => 0,
        SourceKind::Dir => 1,
        SourceKind::Glob => 2,
        SourceKind::Read => 3,
        SourceKind::Env => 4,
    };
    let mut hasher = KeyHasher::new("source", 1);
    hasher.number(b'k', kind).bytes(b'w', what.as_bytes());
    // The environment is the same wherever it is read.
    if source.kind != SourceKind::Env {
        hasher.bytes(b'b', source.base.as_bytes());
    }
    hasher.finish()
}

pub(super) struct KeeperFiles<'a>(pub(super) &'a Arc<dyn crate::keeper::Keeper>);

impl flowc_stdlib::Files for KeeperFiles<'_> {
    fn read(&self, file: &flowc_plan::FileRef, max_bytes: u64) -> Result<Vec<u8>, String> {
        self.0.read(file, max_bytes)
    }
}
