//! What the check of one body carries: names in scope, what was found, where it may look. It decides nothing about types.
use std::collections::{BTreeSet, HashMap};

use flowc_base::{Name, Span};
use flowc_grammar::ast;
use flowc_plan::{SourceKind, Value};

use super::noting::Facts;
use super::paths::Redirect;
use crate::db::{Anchor, Db, Diag, ItemId, Place, SourceFile};
use crate::diagnostics::{names, types};
use crate::hir::{Expr, ExprKind, Local, LocalId};
use crate::ty::Ty;
use crate::types::fits::{PARTS_MAX, has_secret, parts};
use crate::types::{has_schema, show};

/// Where an expression stands, which decides what it may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// In the body of a flow.
    Flow,
    /// In the default of a parameter: no steps, but files may be read.
    Default,
    /// In a task: no steps, nothing read.
    Task,
    /// In a test: as in a flow, but nothing outside is called.
    Test,
    /// In an agent: no steps, but files may be read.
    Agent,
    /// In settings: constants.
    Settings,
}

impl Mode {
    /// Whether steps may be called.
    pub(crate) fn has_steps(self) -> bool {
        matches!(self, Self::Flow | Self::Test)
    }

    /// Where no step may stand, in words.
    pub(crate) fn place(self) -> &'static str {
        match self {
            Self::Flow | Self::Test => "here",
            Self::Default => "in the default of a parameter",
            Self::Task => "in a task",
            Self::Agent => "in an agent",
            Self::Settings => "in settings",
        }
    }
}

/// How far a check has come: to go back there and check once more.
pub(crate) struct Mark {
    diagnostics: usize,
    locals: usize,
    paths: usize,
    steps: usize,
    unknown_names: usize,
    incomplete: bool,
    gates: usize,
}

/// What a name is bound by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Binder {
    /// A parameter.
    Param,
    /// A `let`, a loop variable, a name in a pattern.
    Let,
}

/// A path that is written out and will be read: whether it exists is asked when all is checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LiteralPath {
    /// What it is read as; never [`SourceKind::Env`].
    pub kind: SourceKind,
    /// The path, relative to the file that the item stands in.
    pub path: Name,
    /// Where it is written.
    pub place: Place,
}

/// A program that is written out: whether it is on the `PATH` is asked when all is checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ProgramName {
    /// Its name: no path.
    pub name: Name,
    /// Where it is written.
    pub place: Place,
}

struct Bound<'a> {
    binder: Binder,
    used: bool,
    /// The text that it is, where that is written out.
    text: Option<&'a ast::TextLit>,
}

/// The state of one check.
pub(crate) struct Cx<'a> {
    pub(crate) db: &'a dyn Db,
    pub(crate) item: ItemId,
    pub(crate) file: SourceFile,
    pub(crate) mode: Mode,
    pub(crate) locals: Vec<Local>,
    bound: Vec<Bound<'a>>,
    known: HashMap<Name, LocalId>,
    /// What each open scope has bound, with what the name meant before.
    undo: Vec<Vec<(Name, Option<LocalId>)>>,
    /// The blocks around the present place, for names that are bound further down.
    pub(crate) blocks: Vec<&'a ast::Block>,
    /// The loops around the present place, the innermost last.
    pub(crate) rounds: Vec<super::jumps::Rounds>,
    /// The next expression or block is a statement of a loop's body, or all of one: it may end the round. Taken by whoever it is about.
    pub(crate) at_stmt: bool,
    /// The mocks so far, of a test.
    pub(crate) mocks: super::test::Mocks,
    /// How many `assert`s there are.
    pub(crate) asserts: usize,
    /// The gates so far, with the places of their names.
    gates: HashMap<Name, Span>,
    /// Their names in the order of the text.
    gate_names: Vec<Name>,
    /// How many bodies were checked once more, because a value that goes round turned out to be of a wider type.
    pub(crate) again: usize,
    /// Whether the present place is a prompt: there a file is its content.
    pub(crate) prompt: bool,
    /// How many steps were met so far.
    pub(crate) steps: usize,
    pub(crate) diagnostics: Vec<Diag>,
    /// How many names were found to mean nothing: what may be meant is looked for only so often.
    pub(crate) unknown_names: usize,
    pub(crate) mentioned: BTreeSet<Name>,
    pub(crate) paths: Vec<LiteralPath>,
    pub(crate) programs: Vec<ProgramName>,
    /// Where its shell text redirects from and to.
    pub(crate) redirects: Vec<Redirect>,
    /// The type that the body's value must have, and where that is written: for those who miss it.
    pub(crate) declared: Option<(Ty, Place)>,
    /// Something was refused that might have mentioned names: then nothing is called unused.
    pub(crate) incomplete: bool,
    /// What an editor wants to know; `None` when nobody asks.
    pub(crate) facts: Option<Box<Facts>>,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(db: &'a dyn Db, item: ItemId, mode: Mode) -> Self {
        Self {
            db,
            item,
            file: item.file(db),
            mode,
            locals: Vec::new(),
            bound: Vec::new(),
            known: HashMap::new(),
            undo: Vec::new(),
            blocks: Vec::new(),
            rounds: Vec::new(),
            at_stmt: false,
            mocks: HashMap::new(),
            asserts: 0,
            gates: HashMap::new(),
            gate_names: Vec::new(),
            again: 0,
            prompt: false,
            steps: 0,
            diagnostics: Vec::new(),
            unknown_names: 0,
            mentioned: BTreeSet::new(),
            paths: Vec::new(),
            programs: Vec::new(),
            redirects: Vec::new(),
            declared: None,
            incomplete: false,
            facts: None,
        }
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        Place { anchor: Anchor::Item(self.item), span }
    }

    pub(crate) fn report(&mut self, diag: Diag) {
        self.diagnostics.push(diag);
    }

    /// Reports, and stands in for what was wrong.
    pub(crate) fn wrong(&mut self, span: Span, diag: Diag) -> Expr {
        self.diagnostics.push(diag);
        error(span)
    }

    pub(crate) fn show(&self, ty: &Ty) -> String {
        show(self.db, ty)
    }

    pub(crate) fn has_schema(&self, ty: &Ty) -> bool {
        has_schema(self.db, ty)
    }

    /// Opens a scope; [`Cx::leave`] closes it.
    pub(crate) fn enter(&mut self) {
        self.undo.push(Vec::new());
    }

    /// Closes the last scope: its names mean what they meant before.
    pub(crate) fn leave(&mut self) {
        for (name, before) in self.undo.pop().unwrap_or_default().into_iter().rev() {
            match before {
                Some(local) => self.known.insert(name, local),
                None => self.known.remove(&name),
            };
        }
    }

    /// The present state, for [`Cx::back_to`].
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            diagnostics: self.diagnostics.len(),
            locals: self.locals.len(),
            paths: self.paths.len(),
            steps: self.steps,
            unknown_names: self.unknown_names,
            incomplete: self.incomplete,
            gates: self.gate_names.len(),
        }
    }

    /// Forgets what was found since a mark; every scope opened since is closed. What was mentioned stays mentioned.
    pub(crate) fn back_to(&mut self, mark: &Mark) {
        self.diagnostics.truncate(mark.diagnostics);
        self.locals.truncate(mark.locals);
        self.bound.truncate(mark.locals);
        self.paths.truncate(mark.paths);
        self.steps = mark.steps;
        self.unknown_names = mark.unknown_names;
        self.incomplete = mark.incomplete;
        for name in self.gate_names.drain(mark.gates.min(self.gate_names.len())..) {
            self.gates.remove(&name);
        }
    }

    /// Notes the name of a gate; where it stands already, when there is one of that name.
    pub(crate) fn gate_named(&mut self, name: &str, span: Span) -> Option<Span> {
        if let Some(first) = self.gates.get(name) {
            return Some(*first);
        }
        self.gates.insert(Name::from(name), span);
        self.gate_names.push(Name::from(name));
        None
    }

    /// Brings a name back into the present scope.
    pub(crate) fn rebind(&mut self, name: &Name, local: LocalId) {
        let before = self.known.insert(name.clone(), local);
        if let Some(scope) = self.undo.last_mut() {
            scope.push((name.clone(), before));
        }
    }

    /// Checks something that sees none of the names bound so far.
    pub(crate) fn without_names<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        let hidden = std::mem::take(&mut self.known);
        let result = inner(self);
        self.known = hidden;
        result
    }

    /// Binds a name in the present scope.
    pub(crate) fn bind(&mut self, name: &Name, span: Span, ty: Ty, binder: Binder) -> LocalId {
        let id = LocalId(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
        if let Some(first) = self.known.get(name).and_then(|first| self.locals.get(first.0 as usize)) {
            // Doubled parameters are reported with the signature.
            if binder != Binder::Param {
                let first = self.place(first.span);
                let diag = names::shadowed(self.place(span), name, first);
                self.report(diag);
            }
        }
        if name.chars().any(char::is_uppercase) {
            let diag = names::style(self.place(span), name, "snake_case", &names::to_snake(name));
            self.report(diag);
        }
        let ty = if parts(&ty, PARTS_MAX) >= PARTS_MAX {
            let diag = types::too_large(self.place(span), PARTS_MAX);
            self.report(diag);
            Ty::Error
        } else {
            ty
        };
        self.locals.push(Local { name: name.clone(), span, ty });
        self.bound.push(Bound { binder, used: false, text: None });
        let before = self.known.insert(name.clone(), id);
        if let Some(scope) = self.undo.last_mut() {
            scope.push((name.clone(), before));
        }
        id
    }

    /// What a name is bound to; it counts as mentioned.
    pub(crate) fn local(&mut self, name: &str) -> Option<LocalId> {
        let id = *self.known.get(name)?;
        if let Some(bound) = self.bound.get_mut(id.0 as usize) {
            bound.used = true;
        }
        Some(id)
    }

    /// Notes the value of a `let`, for those who want to know what is written out.
    pub(crate) fn bound_value(&mut self, local: LocalId, value: &'a ast::Expr) {
        let text = self.written_text(value);
        if let Some(bound) = self.bound.get_mut(local.0 as usize) {
            bound.text = text;
        }
    }

    /// The text that an expression is, where that is written out in it or in its `let`.
    pub(crate) fn written_text(&self, expr: &'a ast::Expr) -> Option<&'a ast::TextLit> {
        match &expr.kind {
            ast::ExprKind::Text(text) => Some(text),
            ast::ExprKind::Name(name) => self.bound.get(self.bound_to(name)?.0 as usize)?.text,
            _ => None,
        }
    }

    /// Counts a name as mentioned.
    pub(crate) fn use_local(&mut self, local: LocalId) {
        if let Some(bound) = self.bound.get_mut(local.0 as usize) {
            bound.used = true;
        }
    }

    /// Counts every parameter as mentioned.
    pub(crate) fn use_all(&mut self) {
        self.bound.iter_mut().for_each(|bound| bound.used = true);
    }

    /// Counts every parameter as mentioned that has no secret and no agent in it.
    pub(crate) fn use_values(&mut self) {
        for (bound, local) in self.bound.iter_mut().zip(&self.locals) {
            let hidden = has_secret(self.db, &local.ty) || local.ty == Ty::Agent;
            bound.used |= !hidden;
        }
    }

    /// Whether a name is bound, without mentioning it.
    pub(crate) fn is_bound(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// What a name is bound to, without mentioning it.
    pub(crate) fn bound_to(&self, name: &str) -> Option<LocalId> {
        self.known.get(name).copied()
    }

    pub(crate) fn local_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.known.keys().map(Name::as_str).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn ty_of(&self, local: LocalId) -> Ty {
        self.locals.get(local.0 as usize).map_or(Ty::Error, |local| local.ty.clone())
    }

    /// The names that nothing mentions, in their order.
    pub(crate) fn unused(&self) -> Vec<(LocalId, Binder)> {
        let locals = self.bound.iter().zip(&self.locals).enumerate();
        locals
            .filter(|(_, (bound, local))| {
                !bound.used && !local.name.starts_with('_') && local.ty != Ty::Error
            })
            .filter_map(|(at, (bound, _))| Some((LocalId(u32::try_from(at).ok()?), bound.binder)))
            .collect()
    }
}

/// What stands for something wrong: nothing more is said about it.
pub(crate) fn error(span: Span) -> Expr {
    Expr { kind: ExprKind::Error, ty: Ty::Error, span }
}

/// A constant.
pub(crate) fn constant(value: Value, ty: Ty, span: Span) -> Expr {
    Expr { kind: ExprKind::Const(value), ty, span }
}
