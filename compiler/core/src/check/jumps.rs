//! Where control goes: `break` and `continue`, and whether anything comes after an expression. It knows no types but those of the jumps.
use flowc_base::Span;
use flowc_grammar::ast;

use super::cx::Cx;
use crate::diagnostics::control as d;
use crate::hir::{Block, Expr, ExprKind, Stmt};
use crate::ty::Ty;

/// What the loop around the present place has learnt of its jumps.
pub(crate) struct Rounds {
    /// The type that the loop's value should have.
    pub(crate) want: Option<Ty>,
    /// The type of the next round's value, as far as it is known.
    pub(crate) next: Ty,
    /// What it ends with: type and place of each `break`.
    pub(crate) breaks: Vec<(Ty, Span)>,
    /// What it goes on with: type and place of each `continue`.
    pub(crate) continues: Vec<(Ty, Span)>,
}

/// What comes after a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum After {
    /// The next one.
    Goes,
    /// Nothing.
    Ends,
    /// It was to be the end and is refused: nothing more is said about what its block is.
    Refused,
}

impl<'a> Cx<'a> {
    /// `break v`, `continue v`. `here`: the statement is one of a loop's own, and not in the middle of something else.
    pub(crate) fn jump(
        &mut self,
        kind: &'a ast::StmtKind,
        span: Span,
        here: bool,
        stmts: &mut Vec<Stmt>,
    ) -> After {
        let (ends, value) = match kind {
            ast::StmtKind::Break(value) => (true, value.as_ref()),
            ast::StmtKind::Continue(value) => (false, value.as_ref()),
            _ => return After::Goes,
        };
        let Some(rounds) = self.rounds.last().filter(|_| here) else {
            value.iter().for_each(|value| drop(self.expr(value, None)));
            let diag = d::misplaced_jump(self.place(word(span, ends)), ends, !self.rounds.is_empty());
            self.report(diag);
            // It was meant for this loop all the same.
            if let Some(rounds) = self.rounds.last_mut() {
                if ends {
                    rounds.breaks.push((Ty::Error, span));
                } else {
                    rounds.continues.push((Ty::Error, span));
                }
            }
            return After::Refused;
        };
        let want = if ends { rounds.want.clone() } else { Some(rounds.next.clone()) };
        let value = value.map(|value| self.expr(value, want.as_ref()));
        if value.is_none() && !ends {
            let diag = d::continue_without_value(self.place(span));
            self.report(diag);
        }
        let found = match &value {
            Some(value) => (value.ty.clone(), value.span),
            None if ends => (Ty::Unit, span),
            None => (Ty::Error, span),
        };
        if let Some(rounds) = self.rounds.last_mut() {
            if ends { rounds.breaks.push(found) } else { rounds.continues.push(found) }
        }
        stmts.push(if ends { Stmt::Break(value) } else { Stmt::Continue(value) });
        After::Ends
    }
}

/// The word of a jump that stands at `span`.
fn word(span: Span, ends: bool) -> Span {
    let length = if ends { "break".len() } else { "continue".len() };
    Span::new(span.start, (span.start + u32::try_from(length).unwrap_or(0)).min(span.end))
}

/// Whether nothing comes after an expression: all of its ways end in `break`, `continue`, `fail` or their like.
pub(crate) fn ends(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Fail(_) | ExprKind::Escalate(_) | ExprKind::Rollback => true,
        ExprKind::Block(block) => block_ends(block),
        ExprKind::If { then, otherwise: Some(otherwise), .. } => block_ends(then) && block_ends(otherwise),
        ExprKind::Match { arms, .. } => !arms.is_empty() && arms.iter().all(|arm| ends(&arm.value)),
        _ => false,
    }
}

/// As [`ends`], for a block: what follows the end in it is left out already.
pub(crate) fn block_ends(block: &Block) -> bool {
    block.stmts.last().is_some_and(|stmt| match stmt {
        Stmt::Break(_) | Stmt::Continue(_) => true,
        Stmt::Expr(value) | Stmt::Let { value, .. } => ends(value),
        _ => false,
    }) || block.value.as_deref().is_some_and(ends)
}

/// Where control falls out of a block that does not end: the place of its value, or of the brace that is reached.
pub(crate) fn open_end(block: &Block) -> (Span, bool) {
    let brace = Span::new(block.span.end.saturating_sub(1), block.span.end);
    let last = match (block.value.as_deref(), block.stmts.last()) {
        (Some(value), _) => value,
        (None, Some(Stmt::Expr(last))) => last,
        _ => return (brace, false),
    };
    let inner = match &last.kind {
        ExprKind::Block(block) => Some(block),
        ExprKind::If { then, otherwise: Some(otherwise), .. } => {
            [then, otherwise].into_iter().find(|block| !block_ends(block))
        }
        ExprKind::Match { arms, .. } => {
            let open = arms.iter().map(|arm| &arm.value).find(|value| !ends(value));
            match open.map(|value| (&value.kind, value.span)) {
                Some((ExprKind::Block(block), _)) => Some(block),
                Some((_, span)) => return (span, true),
                None => None,
            }
        }
        _ => None,
    };
    match inner {
        Some(inner) => open_end(inner),
        None if block.value.is_some() && last.ty != Ty::Unit => (last.span, true),
        None => (brace, false),
    }
}

/// Visits the `break`s and `continue`s of a loop's body; those of loops inside it are theirs.
pub(crate) fn for_each_jump(block: &mut Block, visit: &mut dyn FnMut(&mut Stmt)) {
    for stmt in &mut block.stmts {
        match stmt {
            Stmt::Break(_) | Stmt::Continue(_) => visit(stmt),
            Stmt::Expr(value) => jumps_in(value, visit),
            _ => {}
        }
    }
    if let Some(value) = &mut block.value {
        jumps_in(value, visit);
    }
}

fn jumps_in(expr: &mut Expr, visit: &mut dyn FnMut(&mut Stmt)) {
    match &mut expr.kind {
        ExprKind::Block(block) => for_each_jump(block, visit),
        ExprKind::If { then, otherwise, .. } => {
            for_each_jump(then, visit);
            otherwise.iter_mut().for_each(|block| for_each_jump(block, visit));
        }
        ExprKind::Match { arms, .. } => arms.iter_mut().for_each(|arm| jumps_in(&mut arm.value, visit)),
        _ => {}
    }
}

impl Rounds {
    /// Of a loop that nothing is known of but its first value.
    pub(crate) fn new(want: Option<Ty>, next: Ty) -> Self {
        Self { want, next, breaks: Vec::new(), continues: Vec::new() }
    }
}
