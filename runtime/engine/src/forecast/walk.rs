//! Goes through a plan in the order of the text, with values as far as they are known. It knows no dispatcher: that works in the order
//! in which things happen, this in the order in which they are written.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use flowc_plan::{Cache, ContentHash, Expr, Node, NodeKind, NodeRef, Plan, Ref, RegionId, Step, Value};

use super::{Fate, Forecast, ForecastStep};
use crate::dispatch::{keeps, run_key};
use crate::eval::{Scope, as_truth, eval, takes};
use crate::keeper::Finder;
use crate::shape::{Shape, index, inputs};
use crate::{Cause, EngineError, Options, StepName};

/// What a run of a plan would do.
pub(crate) fn forecast(
    found: &dyn Finder,
    plan: &Plan,
    shape: Shape,
    options: &Options,
    now_ms: u64,
) -> Result<Forecast, EngineError> {
    let mut walker = Walker {
        found,
        plan,
        shape,
        fresh: options.fresh,
        now_ms,
        frames: Vec::new(),
        around: Vec::new(),
        keys: HashMap::new(),
        forecast: Forecast { complete: true, ..Forecast::default() },
        edges: BTreeSet::new(),
    };
    walker.region(RegionId(0), None, plan.flow.as_str())?;
    Ok(Forecast { edges: walker.edges.into_iter().collect(), ..walker.forecast })
}

/// What is known of a value before the run.
#[derive(Clone, Default)]
struct Outlook {
    /// The value, when nothing has to run for it.
    value: Option<Value>,
    /// The steps that it comes from directly: indices, sorted.
    from: Arc<[u32]>,
    /// The level that comes after those.
    level: u32,
    /// Of a `for` with a known number of elements: each.
    elements: Option<Arc<[Outlook]>>,
}

struct Frame {
    region: RegionId,
    element: Option<Outlook>,
    nodes: Vec<Outlook>,
}

/// What decides whether steps run.
struct Around {
    /// All that it comes from.
    outlook: Outlook,
    /// Whether it is decided, so that they do.
    decided: bool,
}

struct Walker<'a> {
    found: &'a dyn Finder,
    plan: &'a Plan,
    shape: Shape,
    fresh: bool,
    now_ms: u64,
    /// The regions that are being walked, innermost last.
    frames: Vec<Frame>,
    /// What decides whether the steps here run at all, innermost last.
    around: Vec<Around>,
    /// Steps so far, by key: equal ones are one.
    keys: HashMap<ContentHash, Outlook>,
    forecast: Forecast,
    edges: BTreeSet<(u32, u32)>,
}

impl Scope for Walker<'_> {
    fn node(&self, node: NodeRef) -> Option<Value> {
        self.look(Ref::Node(node))?.value.clone()
    }

    fn element(&self, region: RegionId) -> Option<Value> {
        self.look(Ref::Element(region))?.value.clone()
    }

    fn arg(&self, _: u32) -> Option<Value> {
        None
    }
}

impl<'a> Walker<'a> {
    fn look(&self, r: Ref) -> Option<&Outlook> {
        let region = match r {
            Ref::Node(node) => node.region,
            Ref::Element(region) => region,
        };
        let frame = self.frames.iter().rev().find(|frame| frame.region == region)?;
        match r {
            Ref::Node(node) => frame.nodes.get(node.node as usize),
            Ref::Element(_) => frame.element.as_ref(),
        }
    }

    /// All that some expressions look at, and all that decides whether they matter.
    fn inputs_of<'e>(&self, exprs: impl IntoIterator<Item = &'e Expr>) -> (Outlook, bool) {
        let mut seen: Vec<&Outlook> = Vec::new();
        let mut known = true;
        for expr in exprs {
            expr.for_each_ref(&mut |r| match self.look(r) {
                Some(outlook) => {
                    known &= outlook.value.is_some();
                    seen.push(outlook);
                }
                None => known = false,
            });
        }
        (joined(seen.into_iter().chain(self.around.last().map(|around| &around.outlook))), known)
    }

    /// The value of some expression, when everything that it looks at is known.
    fn evaluate(&self, expr: &Expr, node: &Node) -> Result<Outlook, EngineError> {
        let (mut outlook, known) = self.inputs_of([expr]);
        if known {
            outlook.value = Some(self.value(expr, node)?);
        }
        Ok(outlook)
    }

    fn value(&self, expr: &Expr, node: &Node) -> Result<Value, EngineError> {
        eval(expr, self, &self.plan.types, self.found).map_err(|error| {
            let message = format!("{}:{}: {error}", node.origin.file, node.origin.line);
            EngineError::program("evaluation", message)
        })
    }

    fn region(&mut self, id: RegionId, element: Option<Outlook>, name: &str) -> Result<Outlook, EngineError> {
        let plan = self.plan;
        let region = &plan.regions[id.0 as usize];
        self.frames.push(Frame { region: id, element, nodes: Vec::with_capacity(region.nodes.len()) });
        for node in &region.nodes {
            let outlook = self.node_outlook(node, name)?;
            if let Some(frame) = self.frames.last_mut() {
                frame.nodes.push(outlook);
            }
        }
        let (mut outlook, known) = self.inputs_of([&region.result]);
        if known {
            // A mistake here is told when the value is used; the run tells it in any case.
            outlook.value = eval(&region.result, self, &plan.types, self.found).ok();
        }
        self.frames.pop();
        Ok(outlook)
    }

    fn node_outlook(&mut self, node: &Node, name: &str) -> Result<Outlook, EngineError> {
        let name = if node.label.is_empty() { name.to_owned() } else { format!("{name}.{}", node.label) };
        match &node.kind {
            NodeKind::Value(expr) => self.evaluate(expr, node),
            NodeKind::Source(source) => {
                let mut outlook = self.evaluate(&source.what, node)?;
                if let Some(Value::Text(what)) = &outlook.value {
                    let read = self.found.source(source.kind, what, &source.base);
                    outlook.value = Some(read.map_err(|message| {
                        let message = format!("{}:{}: {message}", node.origin.file, node.origin.line);
                        EngineError::program("missing-source", message)
                    })?);
                }
                Ok(outlook)
            }
            NodeKind::Step(step) => self.step(step, node, name),
            NodeKind::For { list, cond, body, .. } => self.each(list, cond.as_ref(), *body, node, &name),
            NodeKind::If { cond, then, otherwise } => {
                let outlook = self.evaluate(cond, node)?;
                match outlook.value.as_ref().map(as_truth) {
                    Some(Ok(true)) => self.within(&outlook, true, *then, None, &name),
                    Some(Ok(false)) => self.within(&outlook, true, *otherwise, None, &name),
                    Some(Err(error)) => Err(EngineError::bug(error.to_string())),
                    None => self.any_of(&outlook, &[*then, *otherwise], &name),
                }
            }
            NodeKind::Match { scrutinee, arms } => {
                let outlook = self.evaluate(scrutinee, node)?;
                match &outlook.value {
                    Some(value) => match arms.iter().find(|(pattern, _)| takes(pattern, value)) {
                        Some((_, region)) => {
                            self.within(&outlook, true, *region, Some(outlook.clone()), &name)
                        }
                        None => Ok(Outlook { value: None, ..outlook }),
                    },
                    None => {
                        let regions: Vec<RegionId> = arms.iter().map(|(_, region)| *region).collect();
                        self.any_of(&outlook, &regions, &name)
                    }
                }
            }
        }
    }

    /// A region whose turn depends on something.
    fn within(
        &mut self,
        on: &Outlook,
        decided: bool,
        region: RegionId,
        element: Option<Outlook>,
        name: &str,
    ) -> Result<Outlook, EngineError> {
        let around = self.around.last();
        let decided = decided && around.is_none_or(|around| around.decided);
        let outlook = joined(around.map(|around| &around.outlook).into_iter().chain([on]));
        self.around.push(Around { outlook, decided });
        let outlook = self.region(region, element, name);
        self.around.pop();
        outlook
    }

    /// Branches of which one will be taken, nobody knows which.
    fn any_of(&mut self, on: &Outlook, regions: &[RegionId], name: &str) -> Result<Outlook, EngineError> {
        self.forecast.complete = false;
        let mut all = vec![on.clone()];
        for region in regions {
            all.push(self.within(on, false, *region, Some(on.clone()), name)?);
        }
        Ok(joined(&all))
    }

    fn each(
        &mut self,
        list: &Expr,
        cond: Option<&Expr>,
        body: RegionId,
        node: &Node,
        name: &str,
    ) -> Result<Outlook, EngineError> {
        let outlook = self.evaluate(list, node)?;
        let before = match list {
            Expr::Node(node) => self.look(Ref::Node(*node)).and_then(|list| list.elements.clone()),
            _ => None,
        };
        let elements: Vec<Outlook> = match (&outlook.value, before) {
            (_, Some(elements)) => elements.to_vec(),
            (Some(Value::List(items)), None) => {
                let element = |value: &Value| Outlook { value: Some(value.clone()), ..outlook.clone() };
                items.iter().map(element).collect()
            }
            _ => {
                self.forecast.complete = false;
                let first = index(self.forecast.steps.len());
                let element = Outlook { value: None, elements: None, ..outlook };
                let result =
                    self.within(&element.clone(), false, body, Some(element), &format!("{name}[…]"))?;
                for step in &mut self.forecast.steps[first as usize..] {
                    step.count = None;
                }
                return Ok(Outlook { value: None, elements: None, ..result });
            }
        };
        let mut results = Vec::with_capacity(elements.len());
        let mut sure = true;
        for (at, element) in elements.into_iter().enumerate() {
            let (mut on, mut decided) = (element.clone(), true);
            if let Some(cond) = cond {
                self.frames.push(Frame { region: body, element: Some(element.clone()), nodes: Vec::new() });
                let outlook = self.evaluate(cond, node);
                self.frames.pop();
                on = outlook?;
                match on.value.as_ref().map(as_truth) {
                    Some(Ok(false)) => continue,
                    Some(Ok(true)) => {}
                    _ => {
                        (sure, decided) = (false, false);
                        self.forecast.complete = false;
                    }
                }
            }
            results.push(self.within(&on, decided, body, Some(element), &format!("{name}[{at}]"))?);
        }
        let mut all = joined(results.iter().chain([&outlook]));
        let values: Option<Vec<Value>> = results.iter().map(|result| result.value.clone()).collect();
        all.value = values.filter(|_| sure).map(Value::list);
        all.elements = sure.then(|| results.into());
        Ok(all)
    }

    fn step(&mut self, step: &Step, node: &Node, name: String) -> Result<Outlook, EngineError> {
        let after: Vec<Expr> = step.after.iter().map(|node| Expr::Node(*node)).collect();
        let (inputs_outlook, _) = self.inputs_of(inputs(&node.kind, false).into_iter().chain(&after));
        let (_, known) = self.inputs_of(step.args.iter().chain(&step.sample).chain(&step.timeout));
        let task = &self.plan.tasks[step.task as usize];
        let sure = self.around.last().is_none_or(|around| around.decided);
        let mut value = None;
        let mut key = None;
        let fate = if known {
            let args: Result<Vec<Value>, EngineError> =
                step.args.iter().map(|arg| self.value(arg, node)).collect();
            let sample = step.sample.as_ref().map(|sample| self.value(sample, node)).transpose()?;
            let timeout = step.timeout.as_ref().map(|timeout| self.value(timeout, node)).transpose()?;
            let timeout = if let Some(Value::Duration(timeout)) = timeout { Some(timeout) } else { None };
            let its = Plan::step_key(&self.shape.identities[step.task as usize], &args?, sample.as_ref());
            let cache = step.cache.unwrap_or(task.cache);
            let in_run = run_key(&its, cache, timeout);
            if let Some(same) = self.keys.get(&in_run) {
                return Ok(same.clone());
            }
            key = Some(in_run);
            match self.recall(&its, cache) {
                Ok((found, fate)) => {
                    value = Some(found);
                    fate
                }
                Err(_) if !sure => Fate::Waits { on: self.unfinished(&inputs_outlook) },
                Err(cause) => Fate::Runs { cause },
            }
        } else {
            Fate::Waits { on: self.unfinished(&inputs_outlook) }
        };
        let at = index(self.forecast.steps.len());
        self.edges.extend(inputs_outlook.from.iter().map(|&from| (from, at)));
        self.forecast.steps.push(ForecastStep {
            step: name.into(),
            task: task.name.clone(),
            origin: node.origin.clone(),
            fate,
            count: Some(1),
            level: inputs_outlook.level,
        });
        let outlook =
            Outlook { value, from: Arc::new([at]), level: inputs_outlook.level + 1, elements: None };
        if let Some(key) = key {
            self.keys.insert(key, outlook.clone());
        }
        Ok(outlook)
    }

    fn recall(&self, key: &ContentHash, cache: Cache) -> Result<(Value, Fate), Cause> {
        if !keeps(cache) {
            return Err(Cause::NotKept);
        }
        if self.fresh {
            return Err(Cause::Fresh);
        }
        let record = self.found.lookup(key).ok_or(Cause::NoResult)?;
        match cache {
            Cache::For(ttl) if record.finished_unix_ms.saturating_add(ttl.0) <= self.now_ms => {
                Err(Cause::NotKept)
            }
            _ => Ok((record.value.clone(), Fate::Found { from: record.run.clone() })),
        }
    }

    /// The steps of an outlook that have no result yet.
    fn unfinished(&self, outlook: &Outlook) -> Vec<StepName> {
        let steps = outlook.from.iter().map(|&at| &self.forecast.steps[at as usize]);
        steps.filter(|step| !matches!(step.fate, Fate::Found { .. })).map(|step| step.step.clone()).collect()
    }
}

/// Several at once, without a value.
fn joined<'o>(outlooks: impl IntoIterator<Item = &'o Outlook>) -> Outlook {
    let mut from: Vec<u32> = Vec::new();
    let mut level = 0;
    for outlook in outlooks {
        from.extend_from_slice(&outlook.from);
        level = level.max(outlook.level);
    }
    from.sort_unstable();
    from.dedup();
    Outlook { value: None, from: from.into(), level, elements: None }
}
