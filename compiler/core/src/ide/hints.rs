//! What an editor writes between the lines: types that are inferred, the parameters that literals stand for, and which steps of a flow run
//! side by side.
//!
//! Two `let`s of one block run side by side when neither needs the other's value, no gate stands between them, and neither touches the
//! project: of those the footprints decide, which is not told here.
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use flowc_base::Span;
use flowc_grammar::ast;

use super::Analysis;
use super::walk::{Visitor, walk};
use crate::check::{Facts, Target, facts};
use crate::db::{ItemId, ItemWord};
use crate::hir::LocalId;
use crate::items::{item_span, items, parse};
use crate::ty::Ty;
use crate::types::fits::has_error;
use crate::types::signature::{interface, signature};

/// What a hint tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HintKind {
    /// The type of a name.
    Type,
    /// The parameter of an argument.
    Parameter,
    /// What runs at the same time.
    SideBySide,
}

/// Something that is written between the lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hint {
    /// Before which byte.
    pub offset: u32,
    /// What is written.
    pub label: String,
    /// What is said about it.
    pub tooltip: String,
    /// What it tells.
    pub kind: HintKind,
}

/// Names that are written out in one hint.
const NAMES_MAX: usize = 3;

impl Analysis {
    /// The hints of a part of a file, in order.
    #[must_use]
    pub fn hints(&self, path: &Path, range: Span) -> Vec<Hint> {
        let file = self.file(path);
        let names = self.type_names(file);
        let mut found = Vec::new();
        for item in items(&self.compiler.db, file) {
            let span = item_span(&self.compiler.db, *item);
            let word = item.word(&self.compiler.db);
            if !matches!(word, ItemWord::Flow | ItemWord::Test | ItemWord::Task)
                || span.start > range.end
                || range.start > span.end
            {
                continue;
            }
            self.check();
            let Some(tree) = parse(&self.compiler.db, *item).item.as_ref() else { continue };
            let mut hints = Hints {
                analysis: self,
                names: &names,
                facts: facts(&self.compiler.db, *item),
                found: Vec::new(),
            };
            walk(&tree.kind, &mut hints);
            found.extend(
                hints.found.into_iter().map(|hint| Hint { offset: hint.offset + span.start, ..hint }),
            );
        }
        found.retain(|hint| range.start <= hint.offset && hint.offset <= range.end);
        found.sort_by_key(|hint| hint.offset);
        found
    }
}

struct Hints<'a> {
    analysis: &'a Analysis,
    names: &'a [(String, ItemId)],
    facts: &'a Facts,
    found: Vec<Hint>,
}

impl Hints<'_> {
    fn ty(&mut self, name: Span) {
        let Some(local) = self.facts.local_at(name) else { return };
        if has_error(&local.ty) || matches!(local.ty, Ty::Never | Ty::Unit) {
            return;
        }
        let shown = self.analysis.shown_by(self.names, &local.ty);
        let hint = Hint {
            offset: name.end,
            label: format!(": {shown}"),
            tooltip: "the type that was found".to_owned(),
            kind: HintKind::Type,
        };
        self.found.push(hint);
    }

    fn params(&mut self, callee: &ast::Expr, args: &[ast::Arg]) {
        let span = match &callee.kind {
            ast::ExprKind::Field { field, .. } => field.span,
            _ => callee.span,
        };
        let item = self.facts.uses.iter().find_map(|it| match it.target {
            Target::Item(item) if it.span == span => Some(item),
            _ => None,
        });
        let Some(item) = item else { return };
        let params = &signature(&self.analysis.compiler.db, item).params;
        if params.len() < 2 {
            return;
        }
        for (arg, param) in args.iter().zip(params) {
            use ast::ExprKind as E;
            let literal = matches!(
                arg.value.kind,
                E::None
                    | E::Bool(_)
                    | E::Int(_)
                    | E::Float(_)
                    | E::Duration(_)
                    | E::Size(_)
                    | E::Money(_)
                    | E::Text(_)
            );
            if arg.name.is_none() && literal {
                let hint = Hint {
                    offset: arg.value.span.start,
                    label: format!("{}:", param.name),
                    tooltip: param.docs.to_string(),
                    kind: HintKind::Parameter,
                };
                self.found.push(hint);
            }
        }
    }

    /// Whether a step stands in a part of the item, and whether it touches the project.
    fn steps_in(&self, span: Span, asks: &[Span]) -> (bool, bool) {
        let db = &self.analysis.compiler.db;
        let mut steps = asks.iter().any(|ask| span.start <= ask.start && ask.end <= span.end);
        let mut touches = false;
        for it in self.facts.uses.iter().filter(|it| span.start <= it.span.start && it.span.end <= span.end) {
            let Target::Item(item) = it.target else { continue };
            match item.word(db) {
                ItemWord::Task if interface(db, item).native.is_none() => {
                    steps = true;
                    touches |= has_footprint(parse(db, item).item.as_ref());
                }
                // What a flow touches is the sum of its steps: that is not told here.
                ItemWord::Flow => {
                    steps = true;
                    touches |= self.flow_touches(item, &mut BTreeSet::new());
                }
                ItemWord::Agent => {
                    steps = true;
                    touches |= has_footprint(parse(db, item).item.as_ref());
                }
                _ => {}
            }
        }
        (steps, touches)
    }

    fn flow_touches(&self, flow: ItemId, seen: &mut BTreeSet<String>) -> bool {
        let db = &self.analysis.compiler.db;
        if !seen.insert(format!("{flow:?}")) {
            return false;
        }
        facts(db, flow).uses.iter().any(|it| match it.target {
            Target::Item(item) => match item.word(db) {
                ItemWord::Task | ItemWord::Agent => has_footprint(parse(db, item).item.as_ref()),
                ItemWord::Flow => self.flow_touches(item, seen),
                _ => false,
            },
            _ => false,
        })
    }

    fn side_by_side(&mut self, block: &ast::Block) {
        let mut asks = Asks(Vec::new());
        block_exprs(block, &mut asks);
        // Of each `let`: its name and place, what it needs, in which stretch between gates it stands.
        let mut lets: Vec<(&ast::Ident, Span, BTreeSet<usize>, usize, bool)> = Vec::new();
        let mut number: HashMap<LocalId, usize> = HashMap::new();
        let mut stretch = 0;
        for stmt in &block.stmts {
            let ast::StmtKind::Let { name, value, .. } = &stmt.kind else {
                stretch += usize::from(matches!(stmt.kind, ast::StmtKind::Gate { .. }));
                continue;
            };
            let mut needs: BTreeSet<usize> = BTreeSet::new();
            let inside = |span: Span| value.span.start <= span.start && span.end <= stmt.span.end;
            for it in self.facts.uses.iter().filter(|it| inside(it.span)) {
                if let Target::Local(local) = it.target
                    && let Some(before) = number.get(&local)
                {
                    needs.insert(*before);
                    needs.extend(lets[*before].2.iter().copied());
                }
            }
            let (steps, touches) = self.steps_in(stmt.span, &asks.0);
            if let Some(local) = self.facts.locals.iter().position(|local| local.span == name.span) {
                number.insert(LocalId(u32::try_from(local).unwrap_or(u32::MAX)), lets.len());
            }
            lets.push((name, stmt.span, needs, stretch, steps && !touches));
        }
        for (at, (_, span, needs, stretch, steps)) in lets.iter().enumerate() {
            if !steps {
                continue;
            }
            let others: Vec<&str> = lets
                .iter()
                .enumerate()
                .filter(|(other, (_, _, other_needs, other_stretch, other_steps))| {
                    *other != at
                        && *other_steps
                        && other_stretch == stretch
                        && !needs.contains(other)
                        && !other_needs.contains(&at)
                })
                .map(|(_, (name, ..))| &*name.name)
                .collect();
            if others.is_empty() {
                continue;
            }
            let mut shown = others.iter().take(NAMES_MAX).copied().collect::<Vec<_>>().join(", ");
            if others.len() > NAMES_MAX {
                shown.push_str(&format!(" and {} more", others.len() - NAMES_MAX));
            }
            let hint = Hint {
                offset: span.end,
                label: format!("∥ {shown}"),
                tooltip: "these run side by side: none needs the result of another".to_owned(),
                kind: HintKind::SideBySide,
            };
            self.found.push(hint);
        }
    }
}

/// Whether a task or agent touches the project.
fn has_footprint(tree: Option<&ast::Item>) -> bool {
    let clauses = match tree.map(|tree| &tree.kind) {
        Some(ast::ItemKind::Task(it)) => &it.clauses,
        Some(ast::ItemKind::Agent(it)) => &it.clauses,
        _ => return false,
    };
    clauses
        .iter()
        .any(|clause| matches!(&*clause.word.name, "reads" | "writes" | "edits" | "exclusive" | "effect"))
}

/// The places of questions to agents and people.
struct Asks(Vec<Span>);

impl<'a> Visitor<'a> for Asks {
    fn expr(&mut self, expr: &'a ast::Expr) {
        if matches!(expr.kind, ast::ExprKind::Ask { .. } | ast::ExprKind::Approve(_)) {
            self.0.push(expr.span);
        }
    }
}

fn block_exprs<'a>(block: &'a ast::Block, visitor: &mut dyn Visitor<'a>) {
    super::walk::walk_block(block, visitor);
}

impl<'a> Visitor<'a> for Hints<'_> {
    fn stmt(&mut self, stmt: &'a ast::Stmt) {
        if let ast::StmtKind::Let { name, ty: None, value } = &stmt.kind {
            use ast::ExprKind as E;
            let plain = matches!(
                value.kind,
                E::Bool(_)
                    | E::Int(_)
                    | E::Float(_)
                    | E::Duration(_)
                    | E::Size(_)
                    | E::Money(_)
                    | E::Text(_)
                    | E::Cast { .. }
            );
            if !plain {
                self.ty(name.span);
            }
        }
    }

    fn expr(&mut self, expr: &'a ast::Expr) {
        match &expr.kind {
            ast::ExprKind::For { var, .. } | ast::ExprKind::Loop { var, .. } => self.ty(var.span),
            ast::ExprKind::Call { callee, args } => self.params(callee, args),
            _ => {}
        }
    }

    fn block(&mut self, block: &'a ast::Block) {
        self.side_by_side(block);
    }
}
