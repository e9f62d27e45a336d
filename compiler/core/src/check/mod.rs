//! Bodies: every name resolved, every expression typed, every rule of the language that one body can break. What several items break
//! together (circles, unused imports) is found per file.
mod agent;
mod agents;
mod ask;
mod calls;
mod coerce;
mod control;
mod cx;
mod expr;
mod fallible;
mod file;
mod footprint;
mod gates;
mod instead;
mod jumps;
mod loops;
mod meant;
mod moved;
mod noting;
mod operators;
mod options;
mod order;
mod outputs;
mod paths;
mod patterns;
mod programs;
mod ranges;
mod regexes;
mod retry;
mod review;
mod root;
mod sample;
mod settings;
mod shell;
mod shell_fixes;
mod task;
mod test;
mod text;
mod waits;

use std::collections::BTreeSet;

use flowc_base::{Applicability, Edit, Name, Severity, Span};
use flowc_grammar::ast;

pub(crate) use cx::{LiteralPath, ProgramName};
pub(crate) use file::{check_file, flow_calls};
pub(crate) use moved::below;
pub(crate) use noting::{Facts, Target, facts};
pub(crate) use order::step_order;
pub(crate) use root::check_root;

use crate::db::{Db, Diag, ItemId, ItemWord};
use crate::diagnostics::{names, types};
use crate::hir::{Body, BodyKind, Expr};
use crate::items::parse;
use crate::ty::Ty;
use crate::types::fits::widened;
use crate::types::signature::{Signature, signature};
use cx::{Binder, Cx, Mode};

/// The check of one item that has a body.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Checked {
    /// The body; `None` for what is none of them, or what has an error (its callers still check).
    pub body: Option<Body>,
    /// What is wrong with it.
    pub diagnostics: Vec<Diag>,
    /// The paths in it that are written out: whether they exist is asked when all is checked.
    pub paths: Vec<LiteralPath>,
    /// The programs in it that are written out: whether they are there is asked when all is checked.
    pub(crate) programs: Vec<ProgramName>,
    /// The names of the file that it mentions.
    pub(crate) mentioned: BTreeSet<Name>,
    /// Something in it is not understood, so that it may mention more.
    pub(crate) incomplete: bool,
}

/// Checks the body of an item that has one: all but types and uses.
#[salsa::tracked(returns(ref))]
pub fn body(db: &dyn Db, item: ItemId) -> Checked {
    checked(db, item, false).0
}

/// Checks an item that has a body; what an editor wants to know is found only where `noting`.
fn checked(db: &dyn Db, item: ItemId, noting: bool) -> (Checked, Facts) {
    let parsed = parse(db, item);
    let mut cx = Cx::new(db, item, Mode::Default);
    cx.facts = noting.then(Box::default);
    cx.incomplete = !parsed.errors.is_empty();
    let kind = match parsed.item.as_ref().map(|it| &it.kind) {
        Some(ast::ItemKind::Task(it)) => {
            let signature = signature(db, item);
            if noting {
                cx.note_signature(&it.params, None);
                it.output.iter().for_each(|output| cx.note_outputs(output));
            }
            let defaults = cx.params(&it.params, signature);
            let kind = match &signature.native {
                Some(native) => {
                    cx.use_all();
                    Some(BodyKind::Native(native.clone()))
                }
                None => cx.task(it),
            };
            kind.map(|kind| (defaults, kind))
        }
        Some(ast::ItemKind::Flow(it)) => {
            let signature = signature(db, item);
            if noting {
                cx.note_signature(&it.params, it.output.as_ref());
            }
            let defaults = cx.params(&it.params, signature);
            let kind = cx.flow(it, signature);
            Some((defaults, kind))
        }
        Some(ast::ItemKind::Test(it)) => Some((Vec::new(), cx.test(it))),
        Some(ast::ItemKind::Agent(it)) => Some((Vec::new(), cx.agent(it))),
        Some(ast::ItemKind::Settings(it)) => Some((Vec::new(), cx.settings(it))),
        _ => return (Checked::default(), Facts::default()),
    };
    let failed = cx.diagnostics.iter().any(|diag| diag.severity == Severity::Error)
        || !parsed.errors.is_empty()
        || !signature(db, item).diagnostics.is_empty();
    // Half of a body says nothing about what it does not mention.
    if !failed && !cx.incomplete {
        if let Some((_, BodyKind::Flow { block, .. } | BodyKind::Test(block))) = &kind {
            cx.equal_asks(block);
        }
        cx.unused_names(if item.word(db) == ItemWord::Flow { "flow" } else { "task" });
    }
    let facts = cx.take_facts();
    let body = kind.filter(|_| !failed).map(|(defaults, kind)| Body { locals: cx.locals, defaults, kind });
    let checked = Checked {
        body,
        diagnostics: cx.diagnostics,
        paths: cx.paths,
        programs: cx.programs,
        mentioned: cx.mentioned,
        incomplete: cx.incomplete,
    };
    (checked, facts)
}

impl<'a> Cx<'a> {
    /// Binds the parameters, as the first names of the body, and checks their defaults, which see the file and no parameter.
    fn params(&mut self, params: &'a [ast::Param], signature: &Signature) -> Vec<Option<Expr>> {
        self.enter();
        for param in &signature.params {
            self.bind(&param.name, param.span, param.ty.clone(), Binder::Param);
        }
        self.without_names(|cx| {
            let defaults = params.iter().zip(&signature.params).map(|(param, known)| {
                let place = cx.place(known.ty_span);
                let default = param.default.as_ref();
                default.map(|default| cx.expect(default, &known.ty, Some((place, "declared here"))))
            });
            defaults.collect()
        })
    }

    fn flow(&mut self, it: &'a ast::Flow, signature: &Signature) -> BodyKind {
        self.mode = Mode::Flow;
        let output = &signature.output;
        if it.output.is_none() && self.gives_value(&it.body) {
            let what = format!("the value of the flow `{}`", it.name.name);
            let diag = types::missing_signature(self.place(it.name.span), &what);
            let before = self.diagnostics.len();
            let (block, ty) = self.block(&it.body, None);
            let ty = widened(&ty);
            let diag = match self.can_be_written(&ty) && self.diagnostics.len() == before {
                true => {
                    let shown = format!("-> {}", self.show(&ty));
                    let edit = Edit { place: self.place(it.body.span).start(), text: format!("{shown} ") };
                    diag.with_fix(format!("write `{shown}`"), Applicability::Maybe, vec![edit])
                }
                false => diag,
            };
            self.diagnostics.insert(before, diag);
            return BodyKind::Flow { block, output: Ty::Error };
        }
        self.no_secret_leaves(output, self.place(signature.output_span));
        self.declared = it.output.as_ref().map(|ty| (output.clone(), self.place(ty.span)));
        let (block, _) = self.block(&it.body, wanted(output));
        BodyKind::Flow { block, output: output.clone() }
    }

    /// Whether a body without a declared type ends in what can only be meant as its value.
    fn gives_value(&self, body: &ast::Block) -> bool {
        let Some(ast::StmtKind::Expr(last)) = body.stmts.last().map(|stmt| &stmt.kind) else { return false };
        use ast::ExprKind as E;
        match &last.kind {
            E::Name(_)
            | E::Field { .. }
            | E::Index { .. }
            | E::Binary { .. }
            | E::Unary { .. }
            | E::List(_) => true,
            E::Bool(_) | E::Int(_) | E::Float(_) | E::Duration(_) | E::Size(_) | E::Money(_) | E::Text(_) => {
                true
            }
            E::Record(fields) => !fields.is_empty(),
            E::Map(_) | E::Cast { .. } => true,
            _ => false,
        }
    }

    fn unused_names(&mut self, kind: &str) {
        for (local, binder) in self.unused() {
            let Some(local) = self.locals.get(local.0 as usize) else { continue };
            let (name, span): (Name, Span) = (local.name.clone(), local.span);
            let place = self.place(span);
            let diag = match binder {
                Binder::Let => names::unused_let(place, &name),
                Binder::Param => {
                    let near = self.unspliced(&name);
                    let near = near.as_ref().map(|(text, at)| (text.as_str(), self.place(*at)));
                    names::unused_parameter(place, &name, kind, near)
                }
            };
            self.report(diag);
        }
    }
}

/// What is wanted of a body: nothing, where the signature is wrong.
fn wanted(ty: &Ty) -> Option<&Ty> {
    if *ty == Ty::Error { None } else { Some(ty) }
}
