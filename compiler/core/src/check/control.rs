//! Blocks and what decides between them: statements, `if`, `for`.
use std::sync::Arc;

use flowc_base::Span;
use flowc_grammar::ast;
use flowc_plan::Value;

use super::cx::{Binder, Cx};
use super::expr::strip;
use super::jumps::{After, ends};
use crate::diagnostics::flows as f;
use crate::diagnostics::types as d;
use crate::hir::{Block, Expr, ExprKind, Stmt};
use crate::ty::Ty;
use crate::types::fits::{expand, has_error, widened};

/// The parts of a `for`.
pub(crate) struct ForParts<'a> {
    pub(crate) var: &'a ast::Ident,
    pub(crate) list: &'a ast::Expr,
    pub(crate) cond: Option<&'a ast::Expr>,
    pub(crate) max: Option<&'a ast::Expr>,
    pub(crate) body: &'a ast::Block,
}

impl<'a> Cx<'a> {
    /// A block and the type of its value. Where `()` is wanted, a last step stands for what it does.
    pub(crate) fn block(&mut self, block: &'a ast::Block, want: Option<&Ty>) -> (Block, Ty) {
        let at_stmt = std::mem::take(&mut self.at_stmt);
        self.enter();
        self.blocks.push(block);
        let mut stmts = Vec::with_capacity(block.stmts.len());
        let mut value = None;
        // After which statement nothing runs any more, and what stands there all the same.
        let (mut end, mut dead): (Option<Span>, Option<Span>) = (None, None);
        let mut refused = false;
        let last = block.stmts.len().checked_sub(1);
        for (at, stmt) in block.stmts.iter().enumerate() {
            if end.is_some() {
                dead = Some(dead.map_or(stmt.span, |dead| dead.to(stmt.span)));
            }
            let kept = stmts.len();
            if let ast::StmtKind::Expr(expr) = &stmt.kind {
                let is_value = Some(at) == last;
                let steps = self.steps;
                self.at_stmt = at_stmt;
                let found = self.expr(expr, want.filter(|want| is_value && **want != Ty::Unit));
                let has_step = self.steps > steps;
                let is_unit = matches!(found.ty, Ty::Unit);
                let is_end = ends(&found);
                if is_end && end.is_none() {
                    end = Some(found.span);
                }
                if is_value && !(want == Some(&Ty::Unit) && has_step && !is_unit) {
                    value = Some(Box::new(found));
                } else if has_step || found.ty == Ty::Error || is_unit || is_end {
                    stmts.push(Stmt::Expr(found));
                } else {
                    let diag = f::unused_value(self.place(expr.span));
                    self.report(diag);
                }
            } else {
                match self.stmt(stmt, at_stmt, &mut stmts) {
                    After::Goes => {}
                    After::Ends => end = end.or(Some(stmt.span)),
                    After::Refused => refused = true,
                }
            }
            if dead.is_some() {
                stmts.truncate(kept);
                value = None;
            }
        }
        self.blocks.pop();
        self.leave();
        if let (Some(end), Some(dead)) = (end, dead) {
            let diag = crate::diagnostics::control::unreachable_code(self.place(dead), self.place(end));
            self.report(diag);
        }
        if refused && value.is_none() {
            return (Block { stmts, value, span: block.span }, Ty::Error);
        }
        if end.is_some() && value.is_none() {
            return (Block { stmts, value, span: block.span }, want.cloned().unwrap_or(Ty::Never));
        }
        if let Some(want) = want {
            let block = Block { stmts, value, span: block.span };
            let block = self.coerce_block(block, want, None);
            let ty = block.value.as_ref().map_or(Ty::Unit, |value| value.ty.clone());
            return (block, if has_error(&ty) { ty } else { want.clone() });
        }
        let ty = value.as_ref().map_or(Ty::Unit, |value| value.ty.clone());
        (Block { stmts, value, span: block.span }, ty)
    }

    fn stmt(&mut self, stmt: &'a ast::Stmt, at_stmt: bool, stmts: &mut Vec<Stmt>) -> After {
        let span = stmt.span;
        match &stmt.kind {
            ast::StmtKind::Let { name, ty, value: written } => {
                let value = match ty {
                    Some(ty) => {
                        let place = self.place(ty.span);
                        let ty = self.ty(ty);
                        let mut value = self.expect(written, &ty, Some((place, "declared here")));
                        value.ty = ty;
                        value
                    }
                    None => self.expr(written, None),
                };
                if matches!(value.ty, Ty::Unit) {
                    let diag = d::mismatch(self.place(value.span), "a value", "()", None);
                    self.report(diag.with_hint("a step without a value is written without `let`"));
                }
                let local = self.bind(&name.name, name.span, widened(&value.ty), Binder::Let);
                self.bound_value(local, written);
                let end = ends(&value);
                stmts.push(Stmt::Let { local, value });
                return if end { After::Ends } else { After::Goes };
            }
            ast::StmtKind::Break(_) | ast::StmtKind::Continue(_) => {
                return self.jump(&stmt.kind, span, at_stmt, stmts);
            }
            ast::StmtKind::Expr(_) | ast::StmtKind::Missing => {
                self.incomplete = true;
                self.steps += 1;
            }
            ast::StmtKind::Gate { name, speculate, cond, action } => {
                let parts =
                    super::gates::GateParts { name, speculate: *speculate, cond, action: action.as_ref() };
                self.gate(&parts, span, stmts);
            }
            ast::StmtKind::Assert(cond) => self.assert(cond, span, stmts),
            ast::StmtKind::Mock(it) => self.mock(it, span, stmts),
            ast::StmtKind::AssertIndependent(values) => self.assert_independent(values, span, stmts),
        }
        After::Goes
    }

    pub(crate) fn conditional(
        &mut self,
        cond: &'a ast::Expr,
        then: &'a ast::Block,
        otherwise: Option<&'a ast::Expr>,
        want: Option<&Ty>,
        (span, at_stmt): (Span, bool),
    ) -> Expr {
        let before = self.diagnostics.len();
        let cond = Box::new(self.expect(cond, &Ty::Bool, None));
        self.constant_condition(&cond, before);
        self.at_stmt = at_stmt;
        let Some(otherwise) = otherwise else {
            // Where a value is wanted it is the whole `if` that has none, not its branch that has one too many.
            let (then, _) = self.block(then, Some(want.unwrap_or(&Ty::Unit)));
            return Expr { kind: ExprKind::If { cond, then, otherwise: None }, ty: Ty::Unit, span };
        };
        let (then, then_ty) = self.block(then, want);
        self.at_stmt = at_stmt;
        let (otherwise, otherwise_ty) = match &otherwise.kind {
            ast::ExprKind::Block(block) => self.block(block, want),
            _ => {
                let value = match want {
                    Some(want) => self.expect(otherwise, want, None),
                    None => self.expr(otherwise, None),
                };
                let ty = value.ty.clone();
                (Block { stmts: Vec::new(), value: Some(Box::new(value)), span: otherwise.span }, ty)
            }
        };
        let (then, otherwise, ty) = match want {
            Some(want) => {
                let failed = has_error(&then_ty) || has_error(&otherwise_ty);
                (then, otherwise, if failed { Ty::Error } else { want.clone() })
            }
            None => self.join_blocks(then, &then_ty, otherwise, &otherwise_ty),
        };
        Expr { kind: ExprKind::If { cond, then, otherwise: Some(otherwise) }, ty, span }
    }

    fn join_blocks(
        &mut self,
        then: Block,
        then_ty: &Ty,
        otherwise: Block,
        otherwise_ty: &Ty,
    ) -> (Block, Block, Ty) {
        match crate::types::join(self.db, then_ty, otherwise_ty) {
            Some(ty) => {
                let then = self.coerce_block(then, &ty, None);
                let otherwise = self.coerce_block(otherwise, &ty, None);
                (then, otherwise, ty)
            }
            None => {
                let value_span = |block: &Block| block.value.as_ref().map_or(block.span, |value| value.span);
                let (one, other) = (self.show(then_ty), self.show(otherwise_ty));
                let first = (self.place(value_span(&then)), one.as_str());
                let diag = d::no_common_type(self.place(value_span(&otherwise)), "branches", first, &other);
                self.report(diag);
                (then, otherwise, Ty::Error)
            }
        }
    }

    pub(crate) fn for_(&mut self, parts: &ForParts<'a>, want: Option<&Ty>, span: Span) -> Expr {
        let list = self.expr(parts.list, None);
        let item = match expand(self.db, &list.ty) {
            Ty::List(item) => (*item).clone(),
            Ty::Error => Ty::Error,
            other => {
                let hint = match other {
                    Ty::Map(_) => Some("its entries are a list: `entries(map)` of `std.map`"),
                    Ty::Json => Some("say what it is: `value as List<Json>`"),
                    Ty::Int(_) => Some("count with `range(0, n)`"),
                    Ty::Optional(_) => Some("say what counts when it is `none`: `(value ?? [])`"),
                    Ty::File => Some("its lines are a list: `lines(file)`"),
                    Ty::Dir => Some("the files of the project are a list: `glob(\"…\")`"),
                    _ => None,
                };
                let diag = d::not_a_list(self.place(list.span), &self.show(&list.ty), hint);
                let diag = self.as_list(diag, &list);
                self.report(diag);
                Ty::Error
            }
        };
        let max = parts.max.map(|max| Box::new(self.expect(max, &Ty::Int(None), None)));
        if let Some((max, below)) = max.as_deref().and_then(|max| match max.kind {
            ExprKind::Const(Value::Int(n)) if n < 0 => Some((max, n)),
            _ => None,
        }) {
            let diag = d::not_in_range(self.place(max.span), &below.to_string(), "max 0 and more", None);
            self.report(diag);
        }
        if let (Some(max), ExprKind::List(items), None) = (max.as_deref(), &list.kind, parts.cond)
            && let ExprKind::Const(Value::Int(n)) = max.kind
            && i64::try_from(items.len()).is_ok_and(|count| count > n && n >= 0)
        {
            let (place, of) = (self.place(max.span), self.place(list.span));
            let diag = crate::diagnostics::conditions::max_exceeded(place, n, items.len(), of);
            self.report(diag);
        }
        self.enter();
        let var = self.bind(&parts.var.name, parts.var.span, item, Binder::Let);
        let cond = parts.cond.map(|cond| {
            let (steps, before) = (self.steps, self.diagnostics.len());
            let cond = self.expect(cond, &Ty::Bool, None);
            self.constant_condition(&cond, before);
            if self.steps > steps && !matches!(cond.kind, ExprKind::Error) {
                let diag = f::misplaced(
                    self.place(cond.span),
                    "a step",
                    "the condition of a `for` has no steps: compute what it needs in a `for` of its own",
                );
                self.report(diag);
            }
            Box::new(cond)
        });
        let wanted = want.map(|want| expand(self.db, want));
        let wanted = match wanted.as_ref().map(strip) {
            Some(Ty::List(item)) => Some((**item).clone()),
            _ => None,
        };
        let (body, ty) = self.block(parts.body, wanted.as_ref());
        self.leave();
        // A list of nothing is nothing: then the `for` stands for what it does.
        let ty = match ty {
            Ty::Unit => Ty::Unit,
            Ty::Error => Ty::Error,
            ty => Ty::List(Arc::new(widened(&ty))),
        };
        Expr { kind: ExprKind::For { var, list: Box::new(list), cond, max, body }, ty, span }
    }
}
