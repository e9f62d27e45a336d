//! Plans drawn from a seed, run in orders drawn from others, beside an evaluation in the order of the text.
use std::collections::BTreeSet;

use flowc_plan::{BinaryOp, Expr, NodeKind, NodeRef, Plan, RegionId, Value};
use flowc_stdlib::NoFiles;

use super::build::{Builder, binary, element, int, ints, node, sum};
use super::fake::{Random, Trial, answer};
use crate::eval::{Scope, as_truth, eval};

/// What an expression may use: numbers and lists of numbers.
#[derive(Clone, Default)]
struct Known {
    numbers: Vec<Expr>,
    lists: Vec<Expr>,
}

fn draw(seed: u64) -> Plan {
    let mut random = Random::new(seed);
    let mut b = Builder::new();
    b.task("add", 2);
    b.task("list", 1);
    let known = Known { numbers: vec![int(1), int(2)], lists: vec![ints([3, 4])] };
    fill(&mut b, &mut random, 0, known, 0);
    b.plan
}

/// Fills a region with nodes; its value is a number.
fn fill(b: &mut Builder, random: &mut Random, region: u32, mut known: Known, depth: usize) {
    for at in 0..=random.below(5) {
        let label = format!("n{at}");
        let pick = |random: &mut Random, of: &[Expr]| of[random.below(of.len())].clone();
        match random.below(if depth < 3 { 7 } else { 4 }) {
            0 | 1 => {
                let args = vec![pick(random, &known.numbers), pick(random, &known.numbers)];
                known.numbers.push(node(b.step(region, &label, 0, args)));
            }
            2 => {
                let args = vec![pick(random, &known.numbers)];
                known.lists.push(node(b.step(region, &label, 1, args)));
            }
            3 => {
                let value = binary(
                    BinaryOp::Add,
                    sum(pick(random, &known.lists)),
                    binary(BinaryOp::Rem, pick(random, &known.numbers), int(7)),
                );
                known.numbers.push(node(b.value(region, &label, value)));
            }
            4 | 5 => {
                let list = pick(random, &known.lists);
                let (each, body) = b.each(region, &label, list);
                let mut inside = known.clone();
                inside.numbers.push(element(body));
                inside.numbers.push(element(body));
                if random.below(3) == 0 {
                    let cond = binary(BinaryOp::Ge, element(body), pick(random, &known.numbers));
                    b.set_cond(each, cond);
                }
                if random.below(4) == 0 {
                    b.set_max(each, int(100));
                }
                fill(b, random, body, inside, depth + 1);
                known.lists.push(node(each));
            }
            _ => {
                let cond = binary(BinaryOp::Gt, pick(random, &known.numbers), int(5));
                let (choice, then, otherwise) = b.branch(region, &label, cond);
                fill(b, random, then, known.clone(), depth + 1);
                fill(b, random, otherwise, known.clone(), depth + 1);
                known.numbers.push(node(choice));
            }
        }
    }
    let result = binary(
        BinaryOp::Rem,
        binary(
            BinaryOp::Add,
            known.numbers[known.numbers.len() - 1].clone(),
            sum(known.lists[known.lists.len() - 1].clone()),
        ),
        int(1000),
    );
    b.result(region, result);
}

/// One region after the other, one node after the other.
struct Reference<'a> {
    plan: &'a Plan,
    nodes: Vec<(NodeRef, Value)>,
    elements: Vec<(RegionId, Value)>,
    called: BTreeSet<String>,
}

impl Scope for Reference<'_> {
    fn node(&self, wanted: NodeRef) -> Option<Value> {
        self.nodes.iter().rev().find(|(node, _)| *node == wanted).map(|(_, value)| value.clone())
    }
    fn element(&self, wanted: RegionId) -> Option<Value> {
        self.elements.iter().rev().find(|(region, _)| *region == wanted).map(|(_, value)| value.clone())
    }
    fn arg(&self, _: u32) -> Option<Value> {
        None
    }
}

impl Reference<'_> {
    fn eval(&self, expr: &Expr) -> Value {
        eval(expr, self, &[], &NoFiles).unwrap()
    }

    fn region(&mut self, id: RegionId) -> Value {
        let plan = self.plan;
        let region = &plan.regions[id.0 as usize];
        let before = self.nodes.len();
        for (at, node) in region.nodes.iter().enumerate() {
            let value = match &node.kind {
                NodeKind::Value(expr) => self.eval(expr),
                NodeKind::Step(step) => {
                    let args: Vec<Value> = step.args.iter().map(|arg| self.eval(arg)).collect();
                    let task = &plan.tasks[step.task as usize].name;
                    self.called.insert(format!("{task} {args:?}"));
                    answer(task, &args).unwrap()
                }
                NodeKind::For { list, cond, body, .. } => {
                    let Value::List(items) = self.eval(list) else { panic!() };
                    let mut values = Vec::new();
                    for item in items.iter() {
                        self.elements.push((*body, item.clone()));
                        if cond.as_ref().is_none_or(|cond| as_truth(&self.eval(cond)).unwrap()) {
                            values.push(self.region(*body));
                        }
                        self.elements.pop();
                    }
                    Value::list(values)
                }
                NodeKind::If { cond, then, otherwise } => {
                    let taken = if as_truth(&self.eval(cond)).unwrap() { *then } else { *otherwise };
                    self.region(taken)
                }
                NodeKind::Source(_) | NodeKind::Match { .. } => panic!("not drawn"),
            };
            let at = u32::try_from(at).unwrap();
            self.nodes.push((NodeRef { region: id, node: at }, value));
        }
        let result = self.eval(&region.result);
        self.nodes.truncate(before);
        result
    }
}

#[test]
fn any_plan_in_any_order_gives_the_same() {
    let mut steps = 0;
    for seed in 0..1000 {
        let plan = draw(seed);
        let mut reference =
            Reference { plan: &plan, nodes: Vec::new(), elements: Vec::new(), called: BTreeSet::new() };
        let expected = reference.region(RegionId(0));
        for order in [seed, seed + 7_777] {
            let seen = Trial { seed: order, ..Trial::new(&plan) }.go();
            assert_eq!(seen.value(), expected, "seed {seed}, order {order}");
            let called: Vec<String> =
                seen.executed.iter().map(|(task, args)| format!("{task} {args:?}")).collect();
            let distinct: BTreeSet<String> = called.iter().cloned().collect();
            assert_eq!(called.len(), distinct.len(), "seed {seed}, order {order}: a step ran twice");
            assert_eq!(distinct, reference.called, "seed {seed}, order {order}");
        }
        steps += reference.called.len();
    }
    assert!(steps > 5_000, "the plans are too small to show anything: {steps} steps");
}

/// Changes one reference of a plan to another, sensible or not.
fn spoil(plan: &mut Plan, random: &mut Random) {
    let below = |random: &mut Random, end| u32::try_from(random.below(end)).unwrap();
    let at = random.below(plan.regions.len());
    let region = if random.below(2) == 0 { u32::try_from(at).unwrap() } else { below(random, at + 1) };
    let other = NodeRef { region: RegionId(region), node: below(random, 3) };
    let region = &mut plan.regions[at];
    if random.below(6) == 0 {
        region.parent = Some(RegionId(below(random, 12)));
        return;
    }
    let nodes = region.nodes.len();
    let node = &mut region.nodes[random.below(nodes)];
    match &mut node.kind {
        NodeKind::Step(step) => match random.below(4) {
            0 => step.task = below(random, 3),
            1 => drop(step.args.pop()),
            2 => step.after.push(other),
            _ => step.args[0] = Expr::Node(other),
        },
        NodeKind::For { list, body, cond, .. } => match random.below(4) {
            0 => *body = other.region,
            1 => *cond = Some(Expr::Node(other)),
            2 => *list = Expr::Element(other.region),
            _ => *list = Expr::Node(other),
        },
        NodeKind::If { cond, then, otherwise } => match random.below(3) {
            0 => *cond = Expr::Node(other),
            1 => *then = *otherwise,
            _ => *otherwise = other.region,
        },
        NodeKind::Value(value) => *value = Expr::Node(other),
        NodeKind::Source(_) | NodeKind::Match { .. } => {}
    }
}

#[test]
fn a_plan_that_is_none_is_refused_and_any_other_comes_to_an_end() {
    let (mut refused, mut ran) = (0, 0);
    for seed in 0..2000 {
        let mut plan = draw(seed);
        let mut random = Random::new(seed + 1);
        spoil(&mut plan, &mut random);
        if crate::shape::Shape::new(&plan).is_err() {
            refused += 1;
            continue;
        }
        ran += 1;
        let seen = Trial { seed, ..Trial::new(&plan) }.go();
        // With a value or a failure that is told, never as a bug of the dispatcher's.
        assert!(seen.outcome.is_ok(), "seed {seed}: {:?}", seen.outcome);
    }
    assert!(refused > 200 && ran > 200, "{refused} refused, {ran} ran");
}
