//! The parts of lists and blocks that can be taken out of an item: arguments, fields, arms, statements, clauses. It knows what goes with each,
//! and nothing about why it goes.
use std::collections::HashMap;

use flowc_base::Span;
use flowc_grammar::ast;

use super::{around, offset};
use crate::ide::walk::{Visitor, walk};

/// The parts of an item that can be taken out, by their places and by those of what names them.
#[derive(Default)]
pub(super) struct Pieces {
    lists: Vec<List>,
    at: HashMap<(u32, u32), (usize, usize)>,
}

/// Neighbours.
struct List {
    parts: Vec<Span>,
    /// What stands between two of them, if anything does.
    sign: char,
    /// With fewer parts than this, the whole goes.
    least: usize,
    whole: Option<Span>,
}

/// A part with what else it is known by: what names it, its value.
type Part = (Span, [Option<Span>; 2]);

const NO_SIGN: char = '\0';

impl Pieces {
    /// `length`: of the item's text.
    pub(super) fn of(item: &ast::ItemKind, length: u32) -> Self {
        let mut found = Self::default();
        let name = match item {
            ast::ItemKind::Task(it) => Some(&it.name),
            ast::ItemKind::Flow(it) => Some(&it.name),
            ast::ItemKind::Agent(it) => Some(&it.name),
            ast::ItemKind::Type(it) => Some(&it.name),
            ast::ItemKind::Use(_) | ast::ItemKind::Settings(_) | ast::ItemKind::Test(_) => None,
        };
        found.add(name.into_iter().map(|name| named(Span::new(0, length), name.span)), NO_SIGN, None);
        match item {
            ast::ItemKind::Use(it) => found.imports(it, length),
            ast::ItemKind::Task(it) => {
                found.params(&it.params);
                if let Some(ast::OutputKind::Record(fields)) = it.output.as_ref().map(|output| &output.kind) {
                    found.outputs(fields);
                }
                found.clauses(&it.clauses, None);
            }
            ast::ItemKind::Flow(it) => found.params(&it.params),
            ast::ItemKind::Agent(it) => found.clauses(&it.clauses, None),
            ast::ItemKind::Settings(it) => found.clauses(&it.groups, Some((Span::new(0, length), 1))),
            ast::ItemKind::Type(_) | ast::ItemKind::Test(_) => {}
        }
        walk(item, &mut found);
        found
    }

    /// What to remove so that nothing is left of the part at this place; `None` where none is.
    pub(super) fn removed(&self, text: &str, span: Span) -> Option<Span> {
        let mut span = span;
        let mut found = None;
        // A part that is the last of its kind goes with what it stands in, which may be a part again.
        while let Some((list, at)) = self.at.get(&(span.start, span.end)) {
            let list = self.lists.get(*list)?;
            match list.whole {
                Some(whole) if list.parts.len() <= list.least && whole != span => {
                    // Of an `ask` in parentheses these are a part, and not of its `with`.
                    let inside = whole.slice(text);
                    let is_with = inside.trim_start().starts_with("with");
                    let end = inside
                        .rfind('}')
                        .filter(|_| is_with)
                        .map_or(whole.end, |at| whole.start + offset(at + 1));
                    (span, found) = (whole, Some(Span::new(whole.start, end)));
                }
                _ => return list.without(text, *at),
            }
        }
        found
    }

    fn add(&mut self, parts: impl Iterator<Item = Part>, sign: char, whole: Option<(Span, usize)>) {
        let number = self.lists.len();
        let mut list =
            List { parts: Vec::new(), sign, least: whole.map_or(0, |it| it.1), whole: whole.map(|it| it.0) };
        for (at, (span, keys)) in parts.enumerate() {
            for key in keys.into_iter().flatten().chain([span]) {
                self.at.entry((key.start, key.end)).or_insert((number, at));
            }
            list.parts.push(span);
        }
        self.lists.push(list);
    }

    fn imports(&mut self, it: &ast::Use, length: u32) {
        let whole = (Span::new(0, length), 1);
        let module = match &it.from {
            ast::UseFrom::Path(path) => path.last(),
            ast::UseFrom::File(_) => None,
        };
        let names = match &it.names {
            Some(names) => names.as_slice(),
            None => it.alias.as_ref().or(module).map(std::slice::from_ref).unwrap_or_default(),
        };
        self.add(names.iter().map(|name| bare(name.span)), ',', Some(whole));
    }

    fn params(&mut self, params: &[ast::Param]) {
        self.add(params.iter().map(|param| named(param.span, param.name.span)), ',', None);
    }

    fn outputs(&mut self, fields: &[ast::OutputField]) {
        let parts = fields.iter().map(|field| {
            let end = field.from.as_ref().map_or(field.ty.span, |from| from.span);
            (around(field.name.span, end), [Some(field.name.span), Some(end)])
        });
        self.add(parts, ',', None);
    }

    fn clauses(&mut self, clauses: &[ast::Clause], whole: Option<(Span, usize)>) {
        self.add(clauses.iter().map(|clause| named(clause.span, clause.word.span)), NO_SIGN, whole);
    }

    fn fields(&mut self, fields: &[ast::FieldInit], whole: Option<Span>) {
        let span = |field: &ast::FieldInit| around(field.name.span, field.value.span);
        let parts = fields.iter().map(|field| (span(field), [Some(field.name.span), Some(field.value.span)]));
        self.add(parts, ',', whole.map(|whole| (whole, 1)));
        fields.iter().for_each(|field| self.value(&field.value, span(field)));
    }

    fn elements(&mut self, items: &[ast::Expr], whole: Option<(Span, usize)>) {
        self.add(items.iter().map(|item| bare(item.span)), ',', whole);
    }

    /// A list or record that goes with what it belongs to when its last part goes.
    fn value(&mut self, value: &ast::Expr, whole: Span) {
        match &value.kind {
            ast::ExprKind::List(items) => self.elements(items, Some((whole, 1))),
            ast::ExprKind::Record(fields) => self.fields(fields, Some(whole)),
            _ => {}
        }
    }

    fn pattern(&mut self, pattern: &ast::Pattern) {
        if let ast::PatternKind::Or(parts) = &pattern.kind {
            self.add(parts.iter().map(|part| bare(part.span)), '|', None);
            parts.iter().for_each(|part| self.pattern(part));
        }
    }
}

impl<'a> Visitor<'a> for Pieces {
    fn block(&mut self, block: &'a ast::Block) {
        self.add(block.stmts.iter().map(|stmt| (stmt.span, names_of(stmt))), NO_SIGN, None);
    }

    fn stmt(&mut self, stmt: &'a ast::Stmt) {
        if let ast::StmtKind::AssertIndependent(values) = &stmt.kind {
            self.elements(values, Some((stmt.span, 2)));
        }
    }

    fn clause(&mut self, clause: &'a ast::Clause) {
        match clause.args.as_slice() {
            [one] => self.value(one, clause.span),
            // `retry 3 { on: [timeout] }`
            args => args.iter().for_each(|arg| self.value(arg, arg.span)),
        }
        self.elements(&clause.args, Some((clause.span, 1)));
    }

    fn expr(&mut self, expr: &'a ast::Expr) {
        match &expr.kind {
            ast::ExprKind::Call { args, .. } => {
                let parts = args.iter().map(|arg| {
                    let name = arg.name.as_ref().map(|name| name.span);
                    (around(name.unwrap_or(arg.value.span), arg.value.span), [name, None])
                });
                self.add(parts, ',', None);
            }
            ast::ExprKind::List(items) => self.elements(items, None),
            ast::ExprKind::Record(fields) => self.fields(fields, None),
            ast::ExprKind::Map(entries) => {
                let parts = entries.iter().map(|it| named(around(it.key.span, it.value.span), it.key.span));
                self.add(parts, ',', None);
            }
            ast::ExprKind::With { step, fields, .. } => {
                self.fields(fields, Some(Span::new(step.span.end, expr.span.end)));
            }
            ast::ExprKind::Ask { prompt, ty, with: Some(fields), .. } => {
                let before = ty.as_ref().map_or(prompt.span, |ty| ty.span);
                self.fields(fields, Some(Span::new(before.end, expr.span.end)));
            }
            ast::ExprKind::Match { arms, .. } => {
                let parts =
                    arms.iter().map(|arm| named(around(arm.pattern.span, arm.value.span), arm.pattern.span));
                self.add(parts, ',', None);
                arms.iter().for_each(|arm| self.pattern(&arm.pattern));
            }
            _ => {}
        }
    }

    fn ty(&mut self, ty: &'a ast::TypeExpr) {
        match &ty.kind {
            ast::TypeKind::Choice(parts) => {
                self.add(parts.iter().map(|part| bare(part.span)), '|', None);
            }
            ast::TypeKind::Record(fields) => {
                let parts =
                    fields.iter().map(|field| named(around(field.name.span, field.ty.span), field.name.span));
                self.add(parts, ',', None);
            }
            _ => {}
        }
    }
}

/// What a statement is known by.
fn names_of(stmt: &ast::Stmt) -> [Option<Span>; 2] {
    match &stmt.kind {
        ast::StmtKind::Let { name, value, .. } => [Some(name.span), Some(value.span)],
        ast::StmtKind::Mock(mock) => {
            let (first, last) = (mock.target.first(), mock.target.last());
            [first.zip(last).map(|(first, last)| around(first.span, last.span)), None]
        }
        _ => [None, None],
    }
}

fn bare(span: Span) -> Part {
    (span, [None, None])
}

fn named(span: Span, name: Span) -> Part {
    (span, [Some(name), None])
}

impl List {
    /// A part with the sign that goes with it. Comments about other parts stay.
    fn without(&self, text: &str, at: usize) -> Option<Span> {
        let part = *self.parts.get(at)?;
        if self.sign == NO_SIGN {
            return Some(part);
        }
        let rest = |from: u32| text.get(from as usize..).unwrap_or_default();
        let is_blank = [' ', '\t'];
        let blanks =
            |from: u32| from + offset(rest(from).len() - rest(from).trim_start_matches(is_blank).len());
        let sign = |from: u32| {
            let after = rest(from).trim_start().strip_prefix(self.sign)?;
            Some(from + offset(rest(from).len() - after.len()))
        };
        let has_comment = |from: u32, to: u32| Span::new(from, to).slice(text).contains("//");
        if let Some(next) = self.parts.get(at + 1) {
            return Some(match has_comment(part.end, next.start) {
                false => Span::new(part.start, next.start),
                true => Span::new(part.start, sign(part.end).map_or(part.end, blanks)),
            });
        }
        let Some(before) = at.checked_sub(1).and_then(|before| self.parts.get(before)) else {
            return Some(Span::new(part.start, sign(part.end).unwrap_or(part.end)));
        };
        if !has_comment(before.end, part.start) {
            return Some(Span::new(before.end, part.end));
        }
        // The sign before the comment stays: it may be the last.
        let lead = text.get(..part.start as usize).unwrap_or_default().trim_end();
        Some(Span::new(offset(lead.len()), sign(part.end).unwrap_or(part.end)))
    }
}
