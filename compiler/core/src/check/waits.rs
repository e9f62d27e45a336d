//! What waits for what in a flow, as far as the program text decides it: what a gate holds, which effects it does not hold, whether results
//! that are claimed to be independent are, and whether contenders change anything. It looks at checked bodies, and through calls.
use std::collections::{HashMap, HashSet};

use flowc_base::{Name, Span};

use super::body;
use super::moved::below;
use crate::db::{Anchor, Db, Diag, ItemId, ItemWord, Place};
use crate::diagnostics::conditions as d;
use crate::footprint::summary::{Touch, touch, touches};
use crate::hir::{Block, Body, BodyKind, Expr, ExprKind, Gate, LocalId, Stmt};
use crate::items::{item_text, name_place};
use crate::ty::Ty;

/// The tasks and flows that an item calls, each once.
#[salsa::tracked(returns(ref))]
pub(crate) fn callees(db: &dyn Db, item: ItemId) -> Box<[ItemId]> {
    let mut seen = HashSet::new();
    let all = body(db, item).body.as_ref().map(Body::callees).unwrap_or_default();
    all.into_iter().filter(|callee| seen.insert(*callee)).collect()
}

/// Of an item that changes something the one that does it itself: the first, through calls, that calls nobody who does.
#[salsa::tracked(returns(copy))]
fn changer(db: &dyn Db, item: ItemId) -> ItemId {
    // Calls may have circles.
    let (mut seen, mut at) = (HashSet::from([item]), item);
    let changes = |item: &ItemId| touch(db, *item).changes();
    while let Some(next) = callees(db, at).iter().copied().filter(changes).find(|callee| seen.insert(*callee))
    {
        at = next;
    }
    at
}

/// The agents that an item asks by their names, and whether it asks one that is only known when it is called.
#[salsa::tracked(returns(ref))]
fn asked(db: &dyn Db, item: ItemId) -> (Box<[ItemId]>, bool) {
    fn visit(expr: &Expr, found: &mut Vec<ItemId>, any: &mut bool) {
        match &expr.kind {
            ExprKind::Ask(ask) if !matches!(ask.agent.kind, ExprKind::Agent(_)) => *any = true,
            // Named, asked at once or handed over.
            ExprKind::Agent(agent) => found.push(*agent),
            _ => {}
        }
        expr.for_each_part(&mut |part| visit(part, found, any));
    }
    let (mut found, mut any) = (Vec::new(), false);
    match body(db, item).body.as_ref().map(|body| &body.kind) {
        Some(BodyKind::Flow { block, .. } | BodyKind::Test(block)) => {
            block.for_each_part(&mut |part| visit(part, &mut found, &mut any));
        }
        Some(BodyKind::Task(task)) => {
            if let crate::hir::Action::Ask(ask) = &task.action {
                match ask.agent.kind {
                    ExprKind::Agent(agent) => found.push(agent),
                    _ => any = true,
                }
            }
        }
        _ => {}
    }
    (found.into(), any)
}

/// The mocks of a test that nothing in it ever reaches.
#[salsa::tracked(returns(ref))]
pub(crate) fn unused_mocks(db: &dyn Db, test: ItemId) -> Box<[Diag]> {
    let Some(Body { kind: BodyKind::Test(block), .. }) = &body(db, test).body else { return Box::default() };
    let mut mocks = block.stmts.iter().filter_map(|stmt| match stmt {
        Stmt::Mock(mock) => mock.target.map(|target| (mock, target)),
        _ => None,
    });
    let (mut seen, mut open) = (HashSet::from([test]), vec![test]);
    let (mut agents, mut any) = (HashSet::new(), false);
    while let Some(item) = open.pop() {
        let (of_item, other) = asked(db, item);
        agents.extend(of_item.iter().copied());
        any |= other;
        open.extend(callees(db, item).iter().copied().filter(|callee| seen.insert(*callee)));
    }
    let broken = seen.iter().any(|item| *item != test && body(db, *item).body.is_none());
    let used = |mock: &crate::hir::Mock, target: &ItemId| {
        broken || if mock.ask { any || agents.contains(target) } else { seen.contains(target) }
    };
    let unused = mocks.by_ref().filter(|(mock, target)| !used(mock, target));
    let place = |span| Place { anchor: Anchor::Item(test), span };
    unused
        .map(|(mock, target)| {
            crate::diagnostics::tests::unused_mock(place(mock.span), target.name(db), mock.ask)
        })
        .collect()
}

/// What the gates, claims and contenders of a flow have to say. Bodies do not depend on it, so that it may look through calls.
#[salsa::tracked(returns(ref))]
pub(crate) fn waits(db: &dyn Db, item: ItemId) -> Box<[Diag]> {
    if item.word(db) != ItemWord::Flow {
        return Box::default();
    }
    let Some(Body { kind: BodyKind::Flow { block, .. }, locals, .. }) = &body(db, item).body else {
        return Box::default();
    };
    if !block_concerns(block) {
        return Box::default();
    }
    let name =
        |local: LocalId| locals.get(local.0 as usize).map_or_else(|| Name::from(""), |it| it.name.clone());
    let names = &name;
    let mut walk = Walk { db, item, names, lets: HashMap::new(), gates: Vec::new(), found: Vec::new() };
    walk.block(block, None);
    walk.found.into()
}

/// Whether there is anything in it to look at: most flows have nothing.
fn block_concerns(block: &Block) -> bool {
    claims(block) || block.any_part(&mut expr_concerns)
}

/// Whether a gate or a claim is a statement of a block; what is inside its statements is not looked at.
fn claims(block: &Block) -> bool {
    block.stmts.iter().any(|stmt| matches!(stmt, Stmt::Gate(_) | Stmt::AssertIndependent(_)))
}

fn expr_concerns(expr: &Expr) -> bool {
    let here = match &expr.kind {
        ExprKind::Race(_) | ExprKind::First { .. } => true,
        ExprKind::If { then, otherwise, .. } => claims(then) || otherwise.as_ref().is_some_and(claims),
        ExprKind::For { body, .. }
        | ExprKind::Reduce { body, .. }
        | ExprKind::Loop { body, .. }
        | ExprKind::Block(body) => claims(body),
        _ => false,
    };
    // The parts of an expression are those of its blocks too: each is looked at once.
    here || expr.any_part(&mut expr_concerns)
}

/// A way from one result to another: the names on it, and where each is read.
type Way = (Vec<String>, Vec<(Place, String)>);

/// A bound name: its value, and the gates that stand before it.
struct Bound<'e> {
    value: &'e Expr,
    gates: Vec<&'e Gate>,
}

struct Walk<'e> {
    db: &'e dyn Db,
    item: ItemId,
    names: &'e dyn Fn(LocalId) -> Name,
    lets: HashMap<LocalId, Bound<'e>>,
    /// The gates before the present place, in the blocks around it.
    gates: Vec<&'e Gate>,
    found: Vec<Diag>,
}

impl<'e> Walk<'e> {
    fn place(&self, span: Span) -> Place {
        Place { anchor: Anchor::Item(self.item), span }
    }

    /// `after`: the first step behind the block, further out, that a gate would hold.
    fn block(&mut self, block: &'e Block, after: Option<Span>) {
        let gates = self.gates.len();
        for (at, stmt) in block.stmts.iter().enumerate() {
            let rest = || self.first_held(&block.stmts[at + 1..], block.value.as_deref());
            match stmt {
                Stmt::Gate(gate) => {
                    self.holds(gate, at, block, after);
                    self.gates.push(gate);
                }
                Stmt::AssertIndependent(values) => self.independent(values),
                Stmt::Let { value, .. }
                | Stmt::Expr(value)
                | Stmt::Break(Some(value))
                | Stmt::Continue(Some(value))
                | Stmt::Assert(value) => {
                    if expr_concerns(value) {
                        let after = rest().or(after);
                        self.expr(value, after);
                    }
                }
                Stmt::Break(None) | Stmt::Continue(None) | Stmt::Mock(_) => {}
            }
            if let Stmt::Let { local, value } = stmt {
                self.lets.insert(*local, Bound { value, gates: self.gates.clone() });
            }
        }
        if let Some(value) = block.value.as_deref() {
            self.expr(value, after);
        }
        self.gates.truncate(gates);
    }

    /// Goes through the blocks in an expression.
    fn expr(&mut self, expr: &'e Expr, after: Option<Span>) {
        match &expr.kind {
            ExprKind::Block(block) => self.block(block, after),
            ExprKind::If { cond, then, otherwise } => {
                self.expr(cond, after);
                self.block(then, after);
                otherwise.iter().for_each(|block| self.block(block, after));
            }
            ExprKind::For { list, body, .. } | ExprKind::Reduce { list, body, .. } => {
                self.expr(list, after);
                self.block(body, after);
            }
            ExprKind::Loop { first, body, .. } => {
                self.expr(first, after);
                self.block(body, after);
            }
            ExprKind::Race(of) => {
                self.contenders("race", of);
                self.expr(of, after);
            }
            ExprKind::First { of, .. } => {
                self.contenders("first", of);
                self.expr(of, after);
            }
            _ => {
                let mut parts = Vec::new();
                expr.for_each_part(&mut |part| parts.push(part));
                parts.into_iter().for_each(|part| self.expr(part, after));
            }
        }
    }

    fn first_held(&self, stmts: &[Stmt], value: Option<&Expr>) -> Option<Span> {
        self.first_of(stmts, value, &|touch| touch.is_held())
    }

    fn first_of(&self, stmts: &[Stmt], value: Option<&Expr>, wanted: &dyn Fn(Touch) -> bool) -> Option<Span> {
        let parts = |stmt: &Stmt| {
            let mut found = None;
            stmt.any_part(&mut |part| {
                if wanted(touches(self.db, part)) {
                    found = Some(part.span);
                }
                found.is_some()
            });
            found
        };
        stmts
            .iter()
            .find_map(parts)
            .or_else(|| value.filter(|value| wanted(touches(self.db, value))).map(|it| it.span))
    }

    /// What a gate holds, and which effects above it it does not.
    fn holds(&mut self, gate: &Gate, at: usize, block: &'e Block, after: Option<Span>) {
        let rest = &block.stmts[at + 1..];
        let value = block.value.as_deref();
        let ExprKind::Const(flowc_plan::Value::Text(name)) = &gate.name.kind else { return };
        let head = self.place(gate.name.span);
        let gives_value = value.is_some_and(|value| value.ty != Ty::Unit)
            || rest.iter().any(|stmt| matches!(stmt, Stmt::Break(Some(_)) | Stmt::Continue(Some(_))));
        let undoes = gate.action.as_ref().is_some_and(|action| matches!(action.kind, ExprKind::Rollback));
        let held = self.first_held(rest, value).is_some();
        // A value waits for its gate, and going back is for what stands above; else a gate is for what comes after it.
        if !held && !gives_value && !undoes {
            let (whole, after) = (self.place(gate.span), after.map(|span| self.place(span)));
            self.found.push(d::gate_guards_nothing(head, whole, after));
        } else if gate.speculate && self.first_of(rest, value, &|touch| touch.asks).is_none() {
            self.found.push(d::useless_speculate(head, self.place(self.speculate(gate))));
        }
        if self.gates.is_empty() {
            self.effects_above(gate, at, block, name);
        }
    }

    /// Where a gate says `speculate`.
    fn speculate(&self, gate: &Gate) -> Span {
        const WORD: &str = "speculate";
        let between = Span::new(gate.name.span.end, gate.cond.span.start);
        let at = between.slice(item_text(self.db, self.item)).find(WORD).unwrap_or_default();
        let start = between.start + u32::try_from(at).unwrap_or_default();
        Span::new(start, start + u32::try_from(WORD.len()).unwrap_or_default())
    }

    /// Effects above a gate that it was to hold: those that its condition does not look at, and that came after all that it looks at.
    fn effects_above(&mut self, gate: &Gate, at: usize, block: &'e Block, name: &Name) {
        let looked_at = self.closure(&gate.cond);
        let binds = |stmt: &Stmt| matches!(stmt, Stmt::Let { local, .. } if looked_at.contains(local));
        let decided = block.stmts[..at].iter().rposition(binds).map_or(0, |last| last + 1);
        for stmt in &block.stmts[decided..at] {
            let (Stmt::Let { value, .. } | Stmt::Expr(value)) = stmt else { continue };
            if let Some((callee, span)) = self.effect_in(value) {
                let callee = callee.name(self.db);
                let moved = below(self.db, self.item, span, gate.span).unwrap_or_default();
                let (place, at) = (self.place(span), self.place(gate.name.span));
                self.found.push(d::effect_before_gate(place, at, (name, callee), moved));
                return;
            }
        }
    }

    /// The first step in an expression that has an effect.
    fn effect_in(&self, expr: &Expr) -> Option<(ItemId, Span)> {
        if let Some(callee) = expr.callee().filter(|callee| touch(self.db, *callee).effect) {
            return Some((callee, expr.span));
        }
        let mut found = None;
        expr.any_part(&mut |part| {
            found = self.effect_in(part);
            found.is_some()
        });
        found
    }

    /// All names that an expression is computed from.
    fn closure(&self, expr: &Expr) -> HashSet<LocalId> {
        let mut open: Vec<LocalId> = mentions(expr).into_iter().map(|(local, _)| local).collect();
        let mut seen: HashSet<LocalId> = HashSet::new();
        while let Some(local) = open.pop() {
            if seen.insert(local)
                && let Some(bound) = self.lets.get(&local)
            {
                open.extend(mentions(bound.value).into_iter().map(|(local, _)| local));
            }
        }
        seen
    }

    /// No two of the results may wait for each other.
    fn independent(&mut self, values: &[Expr]) {
        let claimed: Vec<(LocalId, Span)> = values
            .iter()
            .filter_map(|value| match value.kind {
                ExprKind::Local(local) => Some((local, value.span)),
                _ => None,
            })
            .collect();
        for (local, span) in &claimed {
            let others: HashSet<LocalId> =
                claimed.iter().map(|(other, _)| *other).filter(|other| other != local).collect();
            if let Some((names, links)) = self.way(*local, &others) {
                self.found.push(d::not_independent(self.place(*span), &names, &links));
            }
        }
    }

    /// The shortest way from a result back to one of others: the names on it, from the other on, and where each is read.
    fn way(&self, from: LocalId, to: &HashSet<LocalId>) -> Option<Way> {
        let mut before: HashMap<LocalId, (LocalId, Span, Option<Name>)> = HashMap::new();
        let mut queue = std::collections::VecDeque::from([from]);
        while let Some(at) = queue.pop_front() {
            if to.contains(&at) {
                let mut names = vec![(self.names)(at).to_string()];
                let mut links = Vec::new();
                let mut node = at;
                while let Some((next, span, gate)) = before.get(&node).filter(|_| node != from) {
                    let reads = (self.names)(node);
                    let text = match gate {
                        None => format!("`{}` reads `{reads}`", (self.names)(*next)),
                        Some(gate) => {
                            names.push(format!("gate {gate:?}"));
                            format!(
                                "`{}` waits for the gate `{gate}`, which reads `{reads}`",
                                (self.names)(*next)
                            )
                        }
                    };
                    names.push((self.names)(*next).to_string());
                    links.push((self.place(*span), text));
                    node = *next;
                }
                return Some((names, links));
            }
            let Some(bound) = self.lets.get(&at) else { continue };
            let mut reads: Vec<(LocalId, Span, Option<Name>)> =
                mentions(bound.value).into_iter().map(|(local, span)| (local, span, None)).collect();
            if !bound.gates.is_empty() && touches(self.db, bound.value).is_held() {
                for gate in &bound.gates {
                    let name = match &gate.name.kind {
                        ExprKind::Const(flowc_plan::Value::Text(name)) => name.clone(),
                        _ => Name::from(""),
                    };
                    let of_gate = mentions(&gate.cond).into_iter();
                    reads.extend(of_gate.map(|(local, span)| (local, span, Some(name.clone()))));
                }
            }
            for (local, span, gate) in reads {
                if local != from && !before.contains_key(&local) {
                    before.insert(local, (at, span, gate));
                    queue.push_back(local);
                }
            }
        }
        None
    }

    /// Whoever loses is stopped wherever it is: no contender may change anything.
    fn contenders(&mut self, construct: &str, of: &'e Expr) {
        let mut steps = Vec::new();
        steps_in(of, &mut steps);
        for (callee, span) in steps.into_iter().filter(|(callee, _)| touch(self.db, *callee).changes()) {
            let who = changer(self.db, callee);
            let what = if touch(self.db, who).effect { "has an effect" } else { "changes files" };
            let (name, declared) = (who.name(self.db), name_place(self.db, who));
            self.found.push(d::contender_writes(self.place(span), construct, name, what, declared));
        }
    }
}

fn steps_in(expr: &Expr, found: &mut Vec<(ItemId, Span)>) {
    found.extend(expr.callee().map(|callee| (callee, expr.span)));
    expr.for_each_part(&mut |part| steps_in(part, found));
}

/// The names that an expression reads, with their places; those of `after` too.
fn mentions(expr: &Expr) -> Vec<(LocalId, Span)> {
    fn visit(expr: &Expr, found: &mut Vec<(LocalId, Span)>) {
        match &expr.kind {
            ExprKind::Local(local) => found.push((*local, expr.span)),
            ExprKind::Step(call) | ExprKind::Flow(call) => {
                found.extend(call.with.after.iter().map(|local| (*local, expr.span)));
            }
            ExprKind::Ask(ask) => found.extend(ask.with.after.iter().map(|local| (*local, expr.span))),
            _ => {}
        }
        expr.for_each_part(&mut |part| visit(part, found));
    }
    let mut found = Vec::new();
    visit(expr, &mut found);
    found
}
