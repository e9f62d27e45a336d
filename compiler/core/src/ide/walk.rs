//! Over the whole syntax tree of an item: every expression, block and written type, in the order of the text. It knows what stands where and
//! nothing about what it means.
use flowc_grammar::ast;

/// Somebody who looks at a tree.
pub(crate) trait Visitor<'a> {
    /// Before what is in it.
    fn expr(&mut self, _: &'a ast::Expr) {}
    /// Before what is in it.
    fn block(&mut self, _: &'a ast::Block) {}
    /// Before what is in it.
    fn stmt(&mut self, _: &'a ast::Stmt) {}
    /// Before what is in it.
    fn ty(&mut self, _: &'a ast::TypeExpr) {}
    /// Before what is in it.
    fn clause(&mut self, _: &'a ast::Clause) {}
}

/// Walks over an item.
pub(crate) fn walk<'a>(item: &'a ast::ItemKind, visitor: &mut dyn Visitor<'a>) {
    match item {
        ast::ItemKind::Use(_) => {}
        ast::ItemKind::Type(it) => ty(&it.ty, visitor),
        ast::ItemKind::Agent(it) => it.clauses.iter().for_each(|it| clause(it, visitor)),
        ast::ItemKind::Task(it) => {
            it.params.iter().for_each(|param| self::param(param, visitor));
            match it.output.as_ref().map(|output| &output.kind) {
                Some(ast::OutputKind::One { ty: written, .. }) => ty(written, visitor),
                Some(ast::OutputKind::Record(fields)) => fields.iter().for_each(|it| ty(&it.ty, visitor)),
                None => {}
            }
            it.clauses.iter().for_each(|it| clause(it, visitor));
        }
        ast::ItemKind::Flow(it) => {
            it.params.iter().for_each(|param| self::param(param, visitor));
            it.output.iter().for_each(|it| ty(it, visitor));
            block(&it.body, visitor);
        }
        ast::ItemKind::Settings(it) => it.groups.iter().for_each(|it| clause(it, visitor)),
        ast::ItemKind::Test(it) => block(&it.body, visitor),
    }
}

fn param<'a>(param: &'a ast::Param, visitor: &mut dyn Visitor<'a>) {
    param.ty.iter().for_each(|it| ty(it, visitor));
    param.default.iter().for_each(|it| expr(it, visitor));
}

fn clause<'a>(clause: &'a ast::Clause, visitor: &mut dyn Visitor<'a>) {
    visitor.clause(clause);
    clause.args.iter().for_each(|arg| expr(arg, visitor));
}

fn ty<'a>(written: &'a ast::TypeExpr, visitor: &mut dyn Visitor<'a>) {
    visitor.ty(written);
    match &written.kind {
        ast::TypeKind::Named { args, .. } => args.iter().for_each(|it| ty(it, visitor)),
        ast::TypeKind::Optional(inner) => ty(inner, visitor),
        ast::TypeKind::Record(fields) => fields.iter().for_each(|it| ty(&it.ty, visitor)),
        ast::TypeKind::Choice(parts) => parts.iter().for_each(|it| ty(it, visitor)),
        ast::TypeKind::Ranged { .. }
        | ast::TypeKind::Text(_)
        | ast::TypeKind::Schema(_)
        | ast::TypeKind::Unit
        | ast::TypeKind::Missing => {}
    }
}

/// Walks over a block.
pub(crate) fn walk_block<'a>(it: &'a ast::Block, visitor: &mut dyn Visitor<'a>) {
    block(it, visitor);
}

fn block<'a>(block: &'a ast::Block, visitor: &mut dyn Visitor<'a>) {
    visitor.block(block);
    for stmt in &block.stmts {
        visitor.stmt(stmt);
        match &stmt.kind {
            ast::StmtKind::Let { ty: written, value, .. } => {
                written.iter().for_each(|it| ty(it, visitor));
                expr(value, visitor);
            }
            ast::StmtKind::Expr(it) | ast::StmtKind::Assert(it) => expr(it, visitor),
            ast::StmtKind::AssertIndependent(all) => all.iter().for_each(|it| expr(it, visitor)),
            ast::StmtKind::Gate { name, cond, action, .. } => {
                text(name, visitor);
                expr(cond, visitor);
                action.iter().for_each(|it| expr(it, visitor));
            }
            ast::StmtKind::Break(value) | ast::StmtKind::Continue(value) => {
                value.iter().for_each(|it| expr(it, visitor));
            }
            ast::StmtKind::Mock(mock) => expr(&mock.answer, visitor),
            ast::StmtKind::Missing => {}
        }
    }
}

fn text<'a>(text: &'a ast::TextLit, visitor: &mut dyn Visitor<'a>) {
    for part in &text.parts {
        if let ast::TextPart::Splice { expr: it, .. } = part {
            expr(it, visitor);
        }
    }
}

fn expr<'a>(it: &'a ast::Expr, visitor: &mut dyn Visitor<'a>) {
    use ast::ExprKind as E;
    visitor.expr(it);
    match &it.kind {
        E::None | E::Bool(_) | E::Int(_) | E::Float(_) | E::Duration(_) | E::Size(_) | E::Money(_) => {}
        E::Name(_) | E::Rollback | E::Missing => {}
        E::Text(lit) => text(lit, visitor),
        E::Rate { count: a, per: b }
        | E::Index { base: a, index: b }
        | E::Binary { left: a, right: b, .. }
        | E::Else { step: a, otherwise: b }
        | E::First { n: a, of: b } => {
            expr(a, visitor);
            expr(b, visitor);
        }
        E::Field { base: a, .. }
        | E::Unary { operand: a, .. }
        | E::Try(a)
        | E::Race(a)
        | E::Approve(a)
        | E::Fail(a)
        | E::Escalate(a) => expr(a, visitor),
        E::Call { callee, args } => {
            expr(callee, visitor);
            args.iter().for_each(|arg| expr(&arg.value, visitor));
        }
        E::List(items) => items.iter().for_each(|it| expr(it, visitor)),
        E::Record(fields) => fields.iter().for_each(|field| expr(&field.value, visitor)),
        E::Map(entries) => {
            for entry in entries {
                text(&entry.key, visitor);
                expr(&entry.value, visitor);
            }
        }
        E::Block(it) => block(it, visitor),
        E::If { cond, then, otherwise } => {
            expr(cond, visitor);
            block(then, visitor);
            otherwise.iter().for_each(|it| expr(it, visitor));
        }
        E::Match { scrutinee, arms } => {
            expr(scrutinee, visitor);
            arms.iter().for_each(|arm| expr(&arm.value, visitor));
        }
        E::Cast { value, ty: written } => {
            expr(value, visitor);
            ty(written, visitor);
        }
        E::For { list, cond, max, body, .. } => {
            expr(list, visitor);
            cond.iter().chain(max).for_each(|it| expr(it, visitor));
            block(body, visitor);
        }
        E::Reduce { list, body, .. } => {
            expr(list, visitor);
            block(body, visitor);
        }
        E::Loop { first, max, body, .. } => {
            expr(first, visitor);
            max.iter().for_each(|it| expr(it, visitor));
            block(body, visitor);
        }
        E::With { step, fields, .. } => {
            expr(step, visitor);
            fields.iter().for_each(|field| expr(&field.value, visitor));
        }
        E::Ask { agent, prompt, ty: written, with } => {
            expr(agent, visitor);
            expr(prompt, visitor);
            written.iter().for_each(|it| ty(it, visitor));
            with.iter().flatten().for_each(|field| expr(&field.value, visitor));
        }
    }
}

/// Gathers the written types of an item.
#[derive(Default)]
pub(crate) struct TypeWalk<'a> {
    pub(crate) found: Vec<&'a ast::TypeExpr>,
}

impl<'a> TypeWalk<'a> {
    pub(crate) fn item(&mut self, item: &'a ast::ItemKind) {
        walk(item, self);
    }
}

impl<'a> Visitor<'a> for TypeWalk<'a> {
    fn ty(&mut self, written: &'a ast::TypeExpr) {
        self.found.push(written);
    }
}

/// The fields of a task's outputs, where each says where it comes from.
pub(crate) fn record_fields(task: &ast::Task) -> Option<&[ast::OutputField]> {
    match &task.output.as_ref()?.kind {
        ast::OutputKind::Record(fields) => Some(fields),
        ast::OutputKind::One { .. } => None,
    }
}
