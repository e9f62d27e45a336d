//! Questions that are meant to be several and are one: equal asks are one step. In `race`, `first` and the rounds of `for` and `loop` somebody wants
//! several answers, so there it is said.
use std::collections::HashSet;

use flowc_base::Span;

use super::cx::Cx;
use crate::diagnostics::agents as d;
use crate::hir::{Ask, Block, Expr, ExprKind, LocalId, Stmt};

impl Cx<'_> {
    /// Everything in a checked body that is asked once and meant to be asked more often; each ask is reported once, for the innermost construct.
    pub(crate) fn equal_asks(&mut self, body: &Block) {
        let mut said = HashSet::new();
        body.for_each_part(&mut |part| self.equal_in(part, &mut said));
    }

    fn equal_in(&mut self, e: &Expr, said: &mut HashSet<(u32, u32)>) {
        e.for_each_part(&mut |part| self.equal_in(part, said));
        match &e.kind {
            ExprKind::Race(list) | ExprKind::First { of: list, .. } => self.equal_contenders(list),
            ExprKind::For { var, body, .. } | ExprKind::Loop { var, body, .. } => {
                self.equal_rounds(&[*var], body, said);
            }
            ExprKind::Reduce { left, right, body, .. } => self.equal_rounds(&[*left, *right], body, said),
            _ => {}
        }
    }

    /// Asks in a list of contenders that are the same text: they see the same names.
    fn equal_contenders(&mut self, list: &Expr) {
        let ExprKind::List(items) = &list.kind else { return };
        let text = crate::items::item_text(self.db, self.item);
        let mut seen: Vec<(Vec<&str>, Span)> = Vec::new();
        let mut found = Vec::new();
        for item in items {
            let ExprKind::Ask(ask) = &item.kind else { continue };
            if ask.with.sample.is_some() {
                continue;
            }
            // White space between words is no difference; inside of texts it stays.
            let words: Vec<&str> = vec![
                ask.agent.span.slice(text).trim(),
                ask.prompt.span.slice(text).trim(),
                ask.context.as_ref().map_or("", |context| context.span.slice(text)),
            ];
            let at = seen.iter().filter(|(known, _)| *known == words).count();
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == words) {
                found.push((item.span, *first, fix(text, item, &at.to_string())));
            }
            seen.push((words, item.span));
        }
        for (span, first, fix) in found {
            let fix = fix.map(|(at, text)| (self.place(at), text));
            let message = "this question is asked once, not as often as it stands here";
            let diag = d::equal_asks(self.place(span), message, self.place(first), "first here", fix);
            self.report(diag);
        }
    }

    /// Asks in the rounds of a construct that know nothing of the round. `vars`: what each round binds.
    fn equal_rounds(&mut self, vars: &[LocalId], body: &Block, said: &mut HashSet<(u32, u32)>) {
        let text = crate::items::item_text(self.db, self.item).clone();
        let mut varying: HashSet<LocalId> = vars.iter().copied().collect();
        let mut found = Vec::new();
        block(body, &mut varying, &mut found);
        let Some(var) = vars.first().and_then(|var| self.locals.get(var.0 as usize)).cloned() else { return };
        for ask in found {
            if !said.insert((ask.span.start, ask.span.end)) {
                continue;
            }
            // That nothing mentions the variable is the same mistake.
            vars.iter().for_each(|var| self.use_local(*var));
            let fix = fix(&text, ask, &var.name).map(|(at, text)| (self.place(at), text));
            let message = "this question is the same in every round, so it is asked once";
            let head = self.place(var.span);
            let diag = d::equal_asks(self.place(ask.span), message, head, "knows nothing of this", fix);
            self.report(diag);
        }
    }
}

/// The text that samples an ask without options, and where it goes.
fn fix(text: &str, ask: &Expr, sample: &str) -> Option<(Span, String)> {
    let ExprKind::Ask(parts) = &ask.kind else { return None };
    // Behind a type or a prompt `with` belongs to this ask; where one stands already, a person writes into it.
    let own = parts.prompt.span.end.min(ask.span.end);
    let rest = Span::new(own, ask.span.end).slice(text);
    let at = Span::new(ask.span.end, ask.span.end);
    (!rest.contains("with")).then(|| (at, format!(" with {{ sample: {sample} }}")))
}

/// Collects the asks of a block that mention nothing that varies; a name that is made of what varies varies.
fn block<'e>(body: &'e Block, varying: &mut HashSet<LocalId>, found: &mut Vec<&'e Expr>) {
    for stmt in &body.stmts {
        match stmt {
            Stmt::Let { local, value } => {
                let before = found.len();
                expr(value, varying, found);
                // What is made of an answer that is sampled, once that is said, varies with it.
                if found.len() > before || varies(value, varying) {
                    varying.insert(*local);
                }
            }
            _ => drop(stmt.any_part(&mut |part| {
                expr(part, varying, found);
                false
            })),
        }
    }
    body.value.iter().for_each(|value| expr(value, varying, found));
}

fn expr<'e>(e: &'e Expr, varying: &mut HashSet<LocalId>, found: &mut Vec<&'e Expr>) {
    match &e.kind {
        ExprKind::Ask(ask) => {
            let before = found.len();
            ask.any_part(&mut |part| {
                expr(part, varying, found);
                false
            });
            if found.len() == before && !asks_differ(ask, varying) {
                found.push(e);
            }
        }
        // What they bind may be made of what varies.
        ExprKind::For { var, list, body, .. } => {
            expr(list, varying, found);
            rounds(&[*var], list, body, varying, found);
        }
        ExprKind::Reduce { left, right, list, body } => {
            expr(list, varying, found);
            rounds(&[*left, *right], list, body, varying, found);
        }
        ExprKind::Loop { var, first, body, .. } => {
            expr(first, varying, found);
            rounds(&[*var], first, body, varying, found);
        }
        ExprKind::If { cond, then, otherwise } => {
            expr(cond, varying, found);
            block(then, varying, found);
            otherwise.iter().for_each(|otherwise| block(otherwise, varying, found));
        }
        ExprKind::Match { scrutinee, arms } => {
            expr(scrutinee, varying, found);
            if varies(scrutinee, varying) {
                arms.iter().for_each(|arm| bound(&arm.pattern, varying));
            }
            arms.iter().for_each(|arm| expr(&arm.value, varying, found));
        }
        ExprKind::Block(inner) => block(inner, varying, found),
        _ => e.for_each_part(&mut |part| expr(part, varying, found)),
    }
}

/// What an inner construct binds varies with the outer rounds when what it goes over does.
fn rounds<'e>(
    vars: &[LocalId],
    over: &Expr,
    body: &'e Block,
    varying: &mut HashSet<LocalId>,
    found: &mut Vec<&'e Expr>,
) {
    if varies(over, varying) {
        varying.extend(vars);
    }
    block(body, varying, found);
}

fn asks_differ(ask: &Ask, varying: &HashSet<LocalId>) -> bool {
    ask.with.sample.is_some() || ask.any_part(&mut |part| varies(part, varying))
}

fn bound(pattern: &crate::hir::Pattern, varying: &mut HashSet<LocalId>) {
    use crate::hir::Pattern as P;
    match pattern {
        P::BindAny(local) | P::Bind(local) => drop(varying.insert(*local)),
        P::Variant { fields, .. } => varying.extend(fields.iter().map(|(_, local)| *local)),
        P::Or(all) => all.iter().for_each(|one| bound(one, varying)),
        P::Any | P::Equal(_) => {}
    }
}

fn varies(e: &Expr, varying: &HashSet<LocalId>) -> bool {
    match &e.kind {
        ExprKind::Local(local) => varying.contains(local),
        ExprKind::Ask(ask) if ask.with.sample.as_ref().is_some_and(|sample| varies(sample, varying)) => true,
        _ => e.any_part(&mut |part| varies(part, varying)),
    }
}
