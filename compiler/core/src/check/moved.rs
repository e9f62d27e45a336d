//! Statements that stand where they cannot, or too late: fixes that move them. It says where they belong, and never that something is wrong.
use flowc_base::{Applicability, Edit, Name, Span};
use flowc_grammar::ast::{self, BinaryOp as Op};

use super::cx::{Cx, Mode};
use crate::db::{Anchor, Db, Diag, ItemId, Place};
use crate::ide::walk::{Visitor, walk};
use crate::items::{item_text, parse};
use crate::mend::insert::{before, behind};

impl<'a> Cx<'a> {
    /// A fix that moves the `let` of a name above the statement that uses it, where all that it needs is known there.
    pub(crate) fn let_above(&self, diag: Diag, name: &Name, used: Span) -> Diag {
        let bound = |stmt: &ast::Stmt| matches!(&stmt.kind, ast::StmtKind::Let { name: bound, .. } if bound.name == *name);
        let found =
            self.blocks.iter().rev().find_map(|block| Some((*block, block.stmts.iter().position(bound)?)));
        let Some((block, at)) = found else { return diag };
        let Some(user) =
            block.stmts.iter().position(|stmt| contains(stmt.span, used)).filter(|user| *user < at)
        else {
            return diag;
        };
        let (between, moved) = (&block.stmts[user..at], block.stmts[at].span);
        let needs = |stmt: &ast::Stmt| match &stmt.kind {
            ast::StmtKind::Let { name, .. } => mentions(self.written(moved), &name.name),
            // What stands above a gate does not wait for it.
            ast::StmtKind::Gate { .. } => true,
            _ => false,
        };
        if between.iter().any(needs) {
            return diag;
        }
        let edits = vec![self.above(block.stmts[user].span, self.written(moved)), self.rewritten(moved, "")];
        diag.with_fix("move the `let` up", Applicability::Maybe, edits)
    }

    /// A fix that moves a mock out of the blocks around it.
    pub(crate) fn mock_above(&self, diag: Diag, mock: Span) -> Diag {
        let outer = self.blocks.first().and_then(|block| {
            let is_around = |stmt: &&ast::Stmt| contains(stmt.span, mock);
            block.stmts.iter().find(is_around)
        });
        let Some(outer) = outer.filter(|outer| outer.span != mock && self.mode == Mode::Test) else {
            return diag;
        };
        if self.needs_inner(mock, outer.span) {
            return diag;
        }
        let edits = vec![self.above(outer.span, self.written(mock)), self.rewritten(mock, "")];
        diag.with_fix("move it up", Applicability::Maybe, edits)
    }

    /// A fix that binds an expression above the statement that it stands in, and names it there.
    pub(crate) fn let_instead(&self, diag: Diag, span: Span, name: &str) -> Diag {
        let around =
            self.blocks.last().and_then(|block| block.stmts.iter().find(|stmt| contains(stmt.span, span)));
        let Some(around) = around else { return diag };
        let text = item_text(self.db, self.item);
        if mentions(text, name) || self.needs_inner(span, around.span) {
            return diag;
        }
        let bound = format!("let {name} = {}", self.written(span));
        let edits = vec![self.above(around.span, &bound), self.rewritten(span, name)];
        diag.with_fix(format!("bind it to `{name}` above"), Applicability::Maybe, edits)
    }

    /// A fix that takes out a claim about too few results.
    pub(crate) fn no_claim(&self, diag: Diag, claim: Span) -> Diag {
        diag.with_fix("remove it", Applicability::Maybe, vec![self.rewritten(claim, "")])
    }

    /// A fix for an `assert` in a flow, which ends by `fail`.
    pub(crate) fn fail_instead(&self, diag: Diag, cond: &ast::Expr, span: Span) -> Diag {
        let written = self.written(cond.span);
        if self.mode != Mode::Flow || written.contains(['"', '\\', '\n', '{']) {
            return diag;
        }
        let opposite = match &cond.kind {
            ast::ExprKind::Binary { op, left, right, .. } => match opposite(*op) {
                Some(sign) => format!("{} {sign} {}", self.written(left.span), self.written(right.span)),
                None => format!("!({written})"),
            },
            ast::ExprKind::Name(_) | ast::ExprKind::Field { .. } | ast::ExprKind::Call { .. } => {
                format!("!{written}")
            }
            _ => return diag,
        };
        let text = format!("if {opposite} {{ fail \"not so: {written}\" }}");
        diag.with_fix("write `if … { fail … }`", Applicability::Maybe, vec![self.rewritten(span, text)])
    }

    /// A fix that puts the options of a second `with` into the first.
    pub(crate) fn one_with(&self, diag: Diag, first: &[ast::FieldInit], second: &[ast::FieldInit]) -> Diag {
        let (Some(last), Some(next)) = (first.last(), second.first()) else { return diag };
        let between = Span::new(last.value.span.end, next.name.span.start);
        let twice = |field: &ast::FieldInit| first.iter().any(|other| other.name.name == field.name.name);
        // Parentheses around the first would lose one of theirs.
        if second.iter().any(twice) || self.written(between).contains(')') {
            return diag;
        }
        diag.with_fix("put all options into one", Applicability::Maybe, vec![self.rewritten(between, ", ")])
    }

    /// A fix that takes a `with` away from what is no step. `whole`: both.
    pub(crate) fn without_with(&self, diag: Diag, step: Span, whole: Span) -> Diag {
        let rest = Span::new(step.end, whole.end);
        let Some(at) = self.written(rest).find("with") else { return diag };
        let word = step.end + u32::try_from(at).unwrap_or_default();
        let is_operand = self.before(whole).ends_with(|c: char| "=,([:+-*/%&|<>!?".contains(c));
        // No statement begins with a parenthesis.
        let edit = match self.written(Span::new(step.end, word)).contains(')') && !is_operand {
            true => self.rewritten(whole, self.written(step)),
            false => {
                // Parentheses around both are not its own.
                let inside = self.written(Span::new(word, whole.end));
                let length = inside.rfind('}').map_or(inside.len(), |at| at + 1);
                let end = word + u32::try_from(length).unwrap_or_default();
                self.rewritten(Span::new(word, end), "")
            }
        };
        diag.with_fix("remove `with`", Applicability::Maybe, vec![edit])
    }

    /// Puts something above a statement.
    fn above(&self, stmt: Span, new: &str) -> Edit<Place> {
        before(item_text(self.db, self.item), self.place(stmt), new, " ")
    }

    /// Whether something mentions a name that is bound within what stands around it.
    fn needs_inner(&self, span: Span, around: Span) -> bool {
        words(self.written(span)).any(|word| {
            let local = self.bound_to(word).and_then(|local| self.locals.get(local.0 as usize));
            local.is_some_and(|local| contains(around, local.span))
        })
    }
}

/// The edits that move the statement of a block that holds one place below the one that holds another, where no other up to there mentions
/// what it binds.
pub(crate) fn below(db: &dyn Db, item: ItemId, moved: Span, other: Span) -> Option<Vec<Edit<Place>>> {
    struct Find<'t>([Span; 2], Option<(&'t ast::Block, [usize; 2])>);
    impl<'t> Visitor<'t> for Find<'t> {
        fn block(&mut self, block: &'t ast::Block) {
            let at = self.0.map(|span| block.stmts.iter().position(|stmt| contains(stmt.span, span)));
            if let [Some(from), Some(to)] = at
                && from < to
            {
                self.1 = Some((block, [from, to]));
            }
        }
    }
    let mut found = Find([moved, other], None);
    walk(&parse(db, item).item.as_ref()?.kind, &mut found);
    let (block, [from, to]) = found.1?;
    let text = item_text(db, item);
    let (stmt, between) = (block.stmts.get(from)?, block.stmts.get(from + 1..=to)?);
    if let ast::StmtKind::Let { name, .. } = &stmt.kind
        && between.iter().any(|stmt| mentions(stmt.span.slice(text), &name.name))
    {
        return None;
    }
    let place = |span| Place { anchor: Anchor::Item(item), span };
    let new = behind(text, place(block.stmts.get(to)?.span), &[stmt.span.slice(text).to_owned()], " ");
    Some(vec![Edit { place: place(stmt.span), text: String::new() }, new])
}

fn contains(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// What looks like a name in a text; more than there is.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

fn mentions(text: &str, name: &str) -> bool {
    words(text).any(|word| word == name)
}

/// The sign that holds where a comparison does not.
fn opposite(op: Op) -> Option<&'static str> {
    Some(match op {
        Op::Eq => "!=",
        Op::Ne => "==",
        Op::Lt => ">=",
        Op::Le => ">",
        Op::Gt => "<=",
        Op::Ge => "<",
        _ => return None,
    })
}
