//! Agents that judge their own work, and questions that are meant to be several and are one. Both look at checked bodies; neither knows text.
//!
//! An ask *judges* when its answer decides something: a number of it is compared by order (`r.score >= 7`), a `Bool` of it is a condition, or
//! anything of it is the condition of a gate or of what ends a loop. It judges *work* when its prompt or its context holds the answer of another ask: directly, through names and expressions, or as the value of a flow or
//! of a task that asks. What a task makes of an answer is the task's work: a test's result is no self-praise. So an agent may go on with its own answers,
//! correct them, sum them up: only where it says whether they are good, another should.
use std::collections::{BTreeMap, BTreeSet, HashSet};

use flowc_base::Span;
use flowc_plan::BinaryOp;

use super::agents::fallbacks;
use super::body;
use crate::db::{Anchor, Db, Diag, ItemId, Place};
use crate::diagnostics::agents as d;
use crate::hir::{Action, Ask, Block, Body, BodyKind, Expr, ExprKind, LocalId, Stmt};
use crate::ty::Ty;
use crate::types::signature::interface;

/// Whose work a value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Author {
    /// An agent that is asked here.
    Agent(ItemId, Span),
    /// Whoever wrote the value of a flow or of a task that asks.
    Callee(ItemId, Span),
}

impl Author {
    /// Where; it tells the authors of one body apart.
    fn span(self) -> Span {
        let (Self::Agent(_, span) | Self::Callee(_, span)) = self;
        span
    }
}

/// The authors of a value, by their places.
type Authors = BTreeMap<(u32, u32), Author>;

/// Of more authors than this nobody reads who they are.
const AUTHORS_MAX: usize = 100;

fn one(author: Author) -> Authors {
    let span = author.span();
    Authors::from([((span.start, span.end), author)])
}

fn add(to: &mut Authors, from: Authors) {
    if to.len() < AUTHORS_MAX {
        to.extend(from);
    }
}

/// An answer that decides something.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Judgement {
    /// Whose.
    by: ItemId,
    /// The ask.
    span: Span,
    /// Who wrote what it is about.
    authors: Box<[Author]>,
}

/// What a body says about who writes and who judges.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Work {
    /// Who wrote its value.
    value: Box<[Author]>,
    judgements: Box<[Judgement]>,
    /// The agent that a task asks.
    asks: Option<ItemId>,
}

#[salsa::tracked(returns(ref))]
pub(crate) fn work(db: &dyn Db, item: ItemId) -> Work {
    let Some(body) = body(db, item).body.as_ref() else { return Work::default() };
    match &body.kind {
        BodyKind::Task(task) => match &task.action {
            Action::Ask(ask) => {
                let agent = agent_of(ask);
                let value = agent.map(|agent| Author::Agent(agent, ask.agent.span));
                Work { value: value.into_iter().collect(), judgements: Box::default(), asks: agent }
            }
            _ => Work::default(),
        },
        BodyKind::Flow { block, .. } => {
            let mut reader = Reader::new(db, body);
            reader.block(block);
            // What the rounds of a loop hand on is known the second time.
            let value = reader.block(block);
            let judgements = reader.judgements();
            Work { value: value.into_values().collect(), judgements, asks: None }
        }
        _ => Work::default(),
    }
}

fn agent_of(ask: &Ask) -> Option<ItemId> {
    match ask.agent.kind {
        ExprKind::Agent(item) => Some(item),
        _ => None,
    }
}

/// An ask in a body: a call of a task that asks is one as well.
struct Asked {
    by: ItemId,
    span: Span,
    about: Authors,
    decides: bool,
}

struct Reader<'a> {
    db: &'a dyn Db,
    /// Of each name whose work its value is.
    authors: Vec<Authors>,
    /// Of each name the asks whose answers are in its value.
    answers: Vec<BTreeSet<usize>>,
    asked: Vec<Asked>,
    /// Of each loop around the present place the authors of what its rounds hand on or give.
    rounds: Vec<Authors>,
    /// The asks of expressions, by their places: an expression is looked at more than once.
    known: BTreeMap<(u32, u32), usize>,
}

impl<'a> Reader<'a> {
    fn new(db: &'a dyn Db, body: &Body) -> Self {
        let names = body.locals.len();
        Self {
            db,
            authors: vec![Authors::new(); names],
            answers: vec![BTreeSet::new(); names],
            asked: Vec::new(),
            rounds: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    fn judgements(self) -> Box<[Judgement]> {
        let deciding = self.asked.into_iter().filter(|asked| asked.decides && !asked.about.is_empty());
        deciding
            .map(|asked| Judgement {
                by: asked.by,
                span: asked.span,
                authors: asked.about.into_values().collect(),
            })
            .collect()
    }

    fn bind(&mut self, local: LocalId, authors: Authors, answers: BTreeSet<usize>) {
        let at = local.0 as usize;
        if let (Some(known), Some(found)) = (self.authors.get_mut(at), self.answers.get_mut(at)) {
            add(known, authors);
            found.extend(answers);
        }
    }

    /// The authors of a block's value.
    fn block(&mut self, block: &Block) -> Authors {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let { local, value } => {
                    let authors = self.authors(value);
                    let answers = self.answers(value);
                    self.bind(*local, authors, answers);
                }
                Stmt::Gate(gate) => {
                    self.authors(&gate.cond);
                    self.decide(&gate.cond);
                    gate.action.iter().for_each(|action| drop(self.authors(action)));
                }
                Stmt::Expr(value) | Stmt::Assert(value) => drop(self.authors(value)),
                Stmt::Break(value) | Stmt::Continue(value) => {
                    let authors = value.as_ref().map(|value| self.authors(value)).unwrap_or_default();
                    if let Some(round) = self.rounds.last_mut() {
                        add(round, authors);
                    }
                }
                Stmt::AssertIndependent(values) => values.iter().for_each(|value| drop(self.authors(value))),
                Stmt::Mock(_) => {}
            }
        }
        block.value.as_deref().map(|value| self.authors(value)).unwrap_or_default()
    }

    /// Whose work a value is; on the way, what is decided in it.
    fn authors(&mut self, expr: &Expr) -> Authors {
        match &expr.kind {
            ExprKind::Local(local) => self.authors.get(local.0 as usize).cloned().unwrap_or_default(),
            ExprKind::Ask(ask) => {
                let mut about = self.authors(&ask.prompt);
                ask.context.iter().for_each(|context| add(&mut about, self.authors(context)));
                let Some(by) = agent_of(ask) else { return Authors::new() };
                self.asked(by, expr.span, about);
                one(Author::Agent(by, expr.span))
            }
            ExprKind::Step(call) => {
                let about: Authors = call.args.iter().flatten().flat_map(|arg| self.authors(arg)).collect();
                let asks = interface(self.db, call.callee).asks;
                match asks.then(|| work(self.db, call.callee).asks).flatten() {
                    Some(by) => {
                        self.asked(by, expr.span, about);
                        one(Author::Callee(call.callee, expr.span))
                    }
                    None => Authors::new(),
                }
            }
            ExprKind::Flow(call) => {
                call.args.iter().flatten().for_each(|arg| drop(self.authors(arg)));
                one(Author::Callee(call.callee, expr.span))
            }
            ExprKind::Binary(op, left, right) => {
                self.authors(left);
                self.authors(right);
                if matches!(op, BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge) {
                    self.decide(left);
                    self.decide(right);
                }
                Authors::new()
            }
            ExprKind::If { cond, then, otherwise } => {
                self.authors(cond);
                if !self.rounds.is_empty() && otherwise.iter().chain([then]).any(ends_round) {
                    self.decide(cond);
                } else {
                    self.condition(cond);
                }
                let mut authors = self.block(then);
                otherwise.iter().for_each(|block| add(&mut authors, self.block(block)));
                authors
            }
            ExprKind::Match { scrutinee, arms } => {
                self.authors(scrutinee);
                self.condition(scrutinee);
                arms.iter().flat_map(|arm| self.authors(&arm.value)).collect()
            }
            ExprKind::For { var, list, cond, max, body } => {
                let (authors, answers) = (self.authors(list), self.answers(list));
                self.bind(*var, authors, answers);
                cond.iter().for_each(|cond| {
                    self.authors(cond);
                    self.condition(cond);
                });
                max.iter().for_each(|max| drop(self.authors(max)));
                self.block(body)
            }
            ExprKind::Reduce { left, right, list, body } => {
                let (authors, answers) = (self.authors(list), self.answers(list));
                self.bind(*left, authors.clone(), answers.clone());
                self.bind(*right, authors.clone(), answers);
                authors.into_iter().chain(self.block(body)).collect()
            }
            ExprKind::Loop { var, first, max, body } => {
                max.iter().for_each(|max| drop(self.authors(max)));
                let (authors, answers) = (self.authors(first), self.answers(first));
                self.bind(*var, authors, answers);
                self.rounds.push(Authors::new());
                self.block(body);
                let carried = self.rounds.pop().unwrap_or_default();
                self.bind(*var, carried.clone(), BTreeSet::new());
                carried
            }
            ExprKind::Block(block) => self.block(block),
            _ => {
                let mut authors = Authors::new();
                expr.for_each_part(&mut |part| add(&mut authors, self.authors(part)));
                authors
            }
        }
    }

    fn asked(&mut self, by: ItemId, span: Span, about: Authors) {
        let next = self.asked.len();
        let at = *self.known.entry((span.start, span.end)).or_insert(next);
        match self.asked.get_mut(at) {
            Some(known) => add(&mut known.about, about),
            None => self.asked.push(Asked { by, span, about, decides: false }),
        }
    }

    /// The asks whose answers are in a value, through fields and expressions without steps.
    fn answers(&self, expr: &Expr) -> BTreeSet<usize> {
        match &expr.kind {
            ExprKind::Local(local) => self.answers.get(local.0 as usize).cloned().unwrap_or_default(),
            ExprKind::Ask(_) | ExprKind::Step(_) => {
                self.known.get(&(expr.span.start, expr.span.end)).copied().into_iter().collect()
            }
            // How long an answer is, or what stands in it, is no judgement of whoever gave it; a sum of scores is.
            ExprKind::Native { name, .. } if !is_of_numbers(name) => BTreeSet::new(),
            ExprKind::Flow(_) | ExprKind::Approve { .. } | ExprKind::Text(_) => BTreeSet::new(),
            _ => {
                let mut found = BTreeSet::new();
                expr.for_each_part(&mut |part| found.extend(self.answers(part)));
                found
            }
        }
    }

    /// What is true or false in a condition: comparisons are looked at by themselves, and that a text is this or that is no judgement.
    fn condition(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Not(inner) => self.condition(inner),
            ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                self.condition(left);
                self.condition(right);
            }
            ExprKind::Binary(..) => {}
            _ if expr.ty == Ty::Bool => self.decide(expr),
            _ => {}
        }
    }

    /// Something depends on which value this is.
    fn decide(&mut self, expr: &Expr) {
        for at in self.answers(expr) {
            if let Some(asked) = self.asked.get_mut(at) {
                asked.decides = true;
            }
        }
    }
}

/// Whether a function of the library makes numbers of numbers.
fn is_of_numbers(native: &str) -> bool {
    matches!(native, "list.sum" | "list.min" | "list.max") || native.starts_with("math.")
}

/// Whether a branch ends the round it stands in.
fn ends_round(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| matches!(stmt, Stmt::Break(_) | Stmt::Continue(_)))
}

/// The judgements of a flow in which the judge is the author, or would be as somebody's fallback.
pub(crate) fn own_work(db: &dyn Db, flow: ItemId) -> Vec<Diag> {
    let mut found = Vec::new();
    for judgement in &work(db, flow).judgements {
        let place = Place { anchor: Anchor::Item(flow), span: judgement.span };
        let authors = resolved(db, flow, &judgement.authors);
        let name = |item: ItemId| item.name(db).as_str();
        let judge = judgement.by;
        if let Some((author, written)) = authors.iter().find(|(author, _)| *author == judge) {
            found.push(d::own_work(place, name(judge), name(*author), Some(*written), None));
            continue;
        }
        // Nobody who may answer for the one may answer for the other.
        let judges = fallbacks(db, judge);
        let shared = authors.iter().find_map(|(author, written)| {
            let own = fallbacks(db, *author);
            let of_judge =
                judges.iter().find(|(it, _)| it == author || own.iter().any(|(other, _)| other == it));
            let shared = of_judge.or_else(|| own.iter().find(|(it, _)| *it == judge))?;
            Some((*author, *written, *shared))
        });
        if let Some((author, written, (shared, at))) = shared {
            let through = Some((at, name(shared)));
            found.push(d::own_work(place, name(judge), name(author), Some(written), through));
        }
    }
    found
}

/// The agents behind authors, each with the place in this flow where its work comes from.
fn resolved(db: &dyn Db, flow: ItemId, authors: &[Author]) -> Vec<(ItemId, Place)> {
    let mut found: Vec<(ItemId, Place)> = Vec::new();
    for author in authors {
        let place = Place { anchor: Anchor::Item(flow), span: author.span() };
        let (mut open, mut seen) = (vec![*author], HashSet::new());
        while let Some(author) = open.pop() {
            match author {
                Author::Agent(agent, _) if !found.iter().any(|(known, _)| *known == agent) => {
                    found.push((agent, place));
                }
                Author::Agent(..) => {}
                Author::Callee(callee, _) => {
                    // Flows that call each other in a circle are reported there.
                    if seen.insert(callee) {
                        open.extend(work(db, callee).value.iter().copied());
                    }
                }
            }
        }
    }
    found
}
