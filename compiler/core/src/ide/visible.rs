//! The names that are bound around a place of an item, from its tree alone.
use flowc_base::{Name, Span};
use flowc_grammar::ast;

use super::walk::{Visitor, walk};

/// The names that are bound at a byte of an item, with where they are bound, the outermost first.
pub(crate) fn visible(tree: &ast::ItemKind, at: u32) -> Vec<(Name, Span)> {
    let mut found = Visible { at, found: Vec::new() };
    let params = match tree {
        ast::ItemKind::Task(it) => it.params.as_slice(),
        ast::ItemKind::Flow(it) => it.params.as_slice(),
        _ => &[],
    };
    found.found.extend(params.iter().map(|param| (param.name.name.clone(), param.name.span)));
    walk(tree, &mut found);
    found.found
}

/// The names that are bound around a place.
struct Visible {
    at: u32,
    found: Vec<(Name, Span)>,
}

impl Visible {
    fn holds(&self, span: Span) -> bool {
        span.start <= self.at && self.at <= span.end
    }

    fn add(&mut self, name: &ast::Ident) {
        self.found.push((name.name.clone(), name.span));
    }

    fn pattern(&mut self, pattern: &ast::Pattern) {
        match &pattern.kind {
            ast::PatternKind::Bind(name) => self.found.push((name.clone(), pattern.span)),
            ast::PatternKind::Variant { fields, .. } => fields.iter().for_each(|field| self.add(field)),
            ast::PatternKind::Or(_)
            | ast::PatternKind::Any
            | ast::PatternKind::Literal(_)
            | ast::PatternKind::Missing => {}
        }
    }
}

impl<'a> Visitor<'a> for Visible {
    fn block(&mut self, block: &'a ast::Block) {
        if !self.holds(block.span) {
            return;
        }
        for stmt in &block.stmts {
            if let ast::StmtKind::Let { name, .. } = &stmt.kind
                && stmt.span.end < self.at
                && !name.name.is_empty()
            {
                self.add(name);
            }
        }
    }

    fn expr(&mut self, expr: &'a ast::Expr) {
        match &expr.kind {
            ast::ExprKind::For { var, cond, body, .. }
                if self.holds(body.span) || cond.as_ref().is_some_and(|cond| self.holds(cond.span)) =>
            {
                self.add(var);
            }
            ast::ExprKind::Loop { var, body, .. } if self.holds(body.span) => self.add(var),
            ast::ExprKind::Reduce { left, right, body, .. } if self.holds(body.span) => {
                self.add(left);
                self.add(right);
            }
            ast::ExprKind::Match { arms, .. } => {
                for arm in arms.iter().filter(|arm| self.holds(arm.value.span)).collect::<Vec<_>>() {
                    self.pattern(&arm.pattern);
                }
            }
            _ => {}
        }
    }
}
