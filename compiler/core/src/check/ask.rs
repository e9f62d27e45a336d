//! Questions: `ask` as an expression and as the body of a task, `approve`, agents as values, `secret(…)`.
use std::sync::Arc;

use flowc_base::{Name, Span, nearest};
use flowc_grammar::ast;
use flowc_plan::Value;

use super::agents::can_be_asked;
use super::cx::{Cx, error};
use crate::db::{ItemId, ItemWord, Place};
use crate::diagnostics::{agents as d, calls as c, flows, secrets, tasks as t};
use crate::hir::{Action, Ask, Expr, ExprKind, Output, With};
use crate::items::name_place;
use crate::resolve::{Def, exported, scope, what};
use crate::ty::Ty;
use crate::types::fits::{has_error, has_secret};
use crate::types::signature::signature;

/// The parts of an `ask`.
#[derive(Clone, Copy)]
pub(crate) struct AskParts<'a> {
    pub(crate) agent: &'a ast::Expr,
    pub(crate) prompt: &'a ast::Expr,
    pub(crate) ty: Option<&'a ast::TypeExpr>,
    pub(crate) with: Option<&'a [ast::FieldInit]>,
}

impl<'a> AskParts<'a> {
    /// The parts of an expression that is an `ask`.
    pub(crate) fn of(expr: &'a ast::Expr) -> Option<Self> {
        match &expr.kind {
            ast::ExprKind::Ask { agent, prompt, ty, with } => {
                Some(Self { agent, prompt, ty: ty.as_ref(), with: with.as_deref() })
            }
            _ => None,
        }
    }
}

impl<'a> Cx<'a> {
    /// `ask AGENT "prompt" as TYPE with { … }` in a flow.
    pub(crate) fn ask(&mut self, parts: AskParts<'a>, span: Span) -> Expr {
        let ty = parts.ty.map_or(Ty::Text, |written| {
            let ty = self.ty(written);
            self.answer(ty, written.span, "")
        });
        let ask = self.question(parts, ty.clone());
        self.steps += 1;
        if !self.mode.has_steps() {
            let word = Span::new(span.start, (span.start + 3).min(span.end));
            let diag = c::step_in_task(self.place(word), "ask", self.mode.place());
            return self.wrong(span, diag);
        }
        Expr { kind: ExprKind::Ask(Box::new(ask)), ty, span }
    }

    /// `ask …` as the body of a task: its answer is the task's output.
    pub(crate) fn ask_body(&mut self, clause: &'a ast::Clause, it: &'a ast::Task) -> Option<Action> {
        let parts = clause.args.first().and_then(AskParts::of)?;
        let output = signature(self.db, self.item).output.clone();
        let written = parts.ty.map(|written| (self.ty(written), written.span));
        let ask = self.question(parts, output.clone());
        for clause in it.clauses.iter().filter(|clause| {
            matches!(&*clause.word.name, "env" | "stdin" | "shell" | "needs" | "reads" | "writes" | "edits")
        }) {
            let hint = match &*clause.word.name {
                "env" => "an agent has an `env` of its own",
                "reads" | "writes" | "edits" => "what of the project is touched is said by the agent",
                "stdin" => {
                    "what the agent reads is the prompt: splice it there, or hand it over by `with { context: […] }`"
                }
                _ => "it belongs to a task that runs a command",
            };
            let ask = self.place(ask.agent.span);
            let diag = d::unread_clause(self.place(clause.word.span), &clause.word.name, "ask", ask, hint);
            self.report(diag);
        }
        if let Some((ty, span)) = written
            && !has_error(&ty)
            && !has_error(&output)
            && crate::types::fits(self.db, &ty, &output) == crate::types::Fit::No
        {
            let declared = it.output.as_ref().map_or(it.name.span, |output| output.span);
            let why = Some((self.place(declared), "the output of the task"));
            let (expected, found) = (self.show(&output), self.show(&ty));
            let diag = crate::diagnostics::types::mismatch(self.place(span), &expected, &found, why);
            self.report(diag.with_hint("the answer is the task's output: take out `as`"));
        }
        Some(Action::Ask(Box::new(ask)))
    }

    /// The output of a task that asks: the answer, from nowhere else.
    pub(crate) fn answered(&mut self, it: &'a ast::Task) -> Output {
        let Some(output) = &it.output else {
            let diag = crate::diagnostics::types::missing_signature(
                self.place(it.name.span),
                "the answer of a task that asks",
            );
            self.report(diag);
            return Output::Unit;
        };
        let sources = match &output.kind {
            ast::OutputKind::One { from, .. } => from.iter().collect(),
            ast::OutputKind::Record(fields) => {
                fields.iter().filter_map(|field| field.from.as_ref()).collect::<Vec<_>>()
            }
        };
        if let Some(from) = sources.first() {
            self.refuse_value(t::bad_clause, from.span, "ask", "no `from`: its output is the answer");
        }
        let ty = signature(self.db, self.item).output.clone();
        Output::Stdout(self.answer(ty, output.span, ""))
    }

    /// The type of an answer; [`Ty::Error`] for what no answer can be.
    fn answer(&mut self, ty: Ty, span: Span, who: &str) -> Ty {
        if has_error(&ty) || self.has_schema(&ty) {
            return ty;
        }
        let hint = match crate::types::fits::strip_lists(&ty) {
            Ty::File | Ty::Dir => {
                "an answer is text or JSON: ask for a `Text`, and write it to a file in a task"
            }
            Ty::Secret => "what an agent answers is in every log: a secret comes by `secret(\"…\")`",
            Ty::Unit => "an `ask` always has an answer: leave out `as`",
            _ => "an answer is text, or what JSON can say",
        };
        let diag = d::answer_type(self.place(span), &self.show(&ty), who, hint);
        self.report(diag);
        Ty::Error
    }

    fn question(&mut self, parts: AskParts<'a>, ty: Ty) -> Ask {
        let agent = self.agent_value(parts.agent);
        let outer = std::mem::replace(&mut self.prompt, true);
        let prompt = self.expr(parts.prompt, None);
        let prompt = self.as_text(prompt);
        if matches!(&prompt.kind, ExprKind::Const(Value::Text(text)) if text.trim().is_empty()) {
            self.refuse_value(t::bad_clause, prompt.span, "ask", "a question that is not empty");
        }
        self.prompt = outer;
        let mut ask = Ask { agent, prompt, ty, context: None, budget: None, with: With::default() };
        if let Some(fields) = parts.with {
            ask.with = self.options(fields, Some((&mut ask.context, &mut ask.budget)));
            let field = |name: &str| fields.iter().find(|field| &*field.name.name == name);
            if let (Some(budget), None) = (field("budget"), field("context")) {
                let diag = d::budget_of_nothing(self.place(budget.name.span));
                self.report(diag);
            }
        }
        ask
    }

    /// `context: [a, b]`
    pub(crate) fn context(&mut self, value: &'a ast::Expr) -> Option<Expr> {
        let ast::ExprKind::List(items) = &value.kind else {
            let found = self.expr(value, None);
            // A list of one type may have been made before.
            if matches!(&found.ty, Ty::List(item) if self.in_context(item, found.span)) {
                return Some(found);
            }
            if !has_error(&found.ty) && !matches!(found.ty, Ty::List(_)) {
                self.refuse_value(
                    c::bad_option,
                    value.span,
                    "context",
                    "a list of what the agent may look at: `[report, code]`",
                );
            }
            return None;
        };
        // They need no type in common.
        let mut found = Vec::with_capacity(items.len());
        for item in items {
            let item = self.expr(item, None);
            if self.in_context(&item.ty, item.span) {
                found.push(item);
            }
        }
        Some(Expr { kind: ExprKind::List(found), ty: Ty::List(Arc::new(Ty::Json)), span: value.span })
    }

    /// Whether a value can be handed over for reading; what cannot is reported.
    fn in_context(&mut self, ty: &Ty, span: Span) -> bool {
        if has_error(ty) {
            return false;
        }
        let diag = if has_secret(self.db, ty) {
            secrets::shown(self.place(span), "by the agent")
        } else {
            match crate::types::fits::strip_lists(ty) {
                Ty::Optional(_) | Ty::None => {
                    crate::diagnostics::types::optional(self.place(span), &self.show(ty), None)
                }
                Ty::Unit | Ty::Agent | Ty::Outcome(_) => c::bad_option(
                    self.place(span),
                    "context",
                    "what can be read: texts, files, directories, records, lists",
                ),
                _ => return true,
            }
        };
        self.report(diag);
        false
    }

    /// Whom an `ask` asks: a name of an agent, or any value of type `Agent`.
    fn agent_value(&mut self, expr: &'a ast::Expr) -> Expr {
        let direct = match &expr.kind {
            ast::ExprKind::Name(name) => !self.is_bound(name),
            ast::ExprKind::Field { base, .. } => self.is_module(base),
            _ => false,
        };
        if direct {
            return match self.agent_item(expr) {
                Some(item) => self.agent_as_value(item, expr.span),
                None => Expr { ty: Ty::Agent, ..error(expr.span) },
            };
        }
        let value = self.expr(expr, Some(&Ty::Agent));
        if value.ty == Ty::Agent || has_error(&value.ty) {
            return value;
        }
        let name = expr.span.slice(crate::items::item_text(self.db, self.item));
        let found = format!("a value of type `{}`,", self.show(&value.ty));
        let bound = match value.kind {
            ExprKind::Local(local) => self.locals.get(local.0 as usize).map(|local| self.place(local.span)),
            _ => None,
        };
        let diag = d::not_an_agent(self.place(expr.span), name, &found, bound, None);
        self.wrong(expr.span, diag)
    }

    /// An agent by its name. Whether one of this file can be asked is said with it.
    pub(crate) fn agent_as_value(&mut self, item: ItemId, span: Span) -> Expr {
        if item.file(self.db) != self.file && !can_be_asked(self.db, item) {
            let name = span.slice(crate::items::item_text(self.db, self.item));
            let declared = name_place(self.db, item);
            let diag = d::missing_transport(self.place(span), name, None, None)
                .with_label(declared, "declared here");
            self.report(diag);
        }
        Expr { kind: ExprKind::Agent(item), ty: Ty::Agent, span }
    }

    fn is_module(&self, base: &ast::Expr) -> bool {
        match &base.kind {
            ast::ExprKind::Name(name) if !self.is_bound(name) => {
                matches!(crate::resolve::lookup(self.db, self.file, name.clone()), Some(Def::Module(_)))
            }
            _ => false,
        }
    }

    /// The agent that a name means, where nothing but a name may stand.
    pub(crate) fn agent_item(&mut self, expr: &'a ast::Expr) -> Option<ItemId> {
        self.note_path(expr);
        let (def, name, span) = match &expr.kind {
            ast::ExprKind::Name(name) => (self.lookup(name), name.clone(), expr.span),
            ast::ExprKind::Field { base, field } => {
                let ast::ExprKind::Name(module) = &base.kind else { return self.no_agent(expr) };
                match self.lookup(module) {
                    Some(Def::Module(file)) => match exported(self.db, file, field.name.clone()) {
                        Some(item) => {
                            (Some(Def::Item(item)), format!("{module}.{}", field.name).into(), expr.span)
                        }
                        None => {
                            self.unknown_in(file, module, field);
                            return None;
                        }
                    },
                    Some(Def::Broken) => return None,
                    Some(_) => return self.no_agent(expr),
                    None => {
                        self.unknown(module, base.span);
                        return None;
                    }
                }
            }
            ast::ExprKind::Missing => {
                self.incomplete = true;
                return None;
            }
            _ => return self.no_agent(expr),
        };
        match def {
            Some(Def::Broken) => None,
            Some(Def::Item(item)) if item.word(self.db) == ItemWord::Agent => Some(item),
            Some(def) => {
                let declared = match def {
                    Def::Item(item) if !item.file(self.db).library(self.db) => {
                        Some(name_place(self.db, item))
                    }
                    _ => None,
                };
                let near = self.near_agent(&name);
                let diag =
                    d::not_an_agent(self.place(span), &name, what(self.db, def), declared, near.as_deref());
                self.report(diag);
                None
            }
            None => {
                self.unknown(&name, span);
                None
            }
        }
    }

    fn no_agent(&mut self, expr: &ast::Expr) -> Option<ItemId> {
        let text = expr.span.slice(crate::items::item_text(self.db, self.item));
        let diag = d::not_an_agent(self.place(expr.span), text, "the expression", None, None);
        self.report(diag);
        None
    }

    fn near_agent(&self, name: &Name) -> Option<String> {
        let names = &scope(self.db, self.file).names;
        let agents = names
            .iter()
            .filter(|(_, def)| matches!(def, Def::Item(item) if item.word(self.db) == ItemWord::Agent));
        nearest(name, agents.map(|(name, _)| name.as_str())).map(str::to_owned)
    }

    /// `approve "question"`
    pub(crate) fn approve(&mut self, question: &'a ast::Expr, span: Span) -> Expr {
        let question = self.expr(question, None);
        let question = Box::new(self.as_text(question));
        self.steps += 1;
        if !self.mode.has_steps() {
            let word = Span::new(span.start, (span.start + 7).min(span.end));
            let diag = c::step_in_task(self.place(word), "approve", self.mode.place());
            return self.wrong(span, diag);
        }
        let ty = Ty::Record(Arc::from([(Name::from("ok"), Ty::Bool), (Name::from("note"), Ty::Text)]));
        Expr { kind: ExprKind::Approve { question, with: Box::default() }, ty, span }
    }

    /// `secret("NAME")`
    pub(crate) fn secret(&mut self, at: Span, args: &'a [ast::Arg], span: Span) -> Expr {
        let callee = c::Callee { name: "secret", declared: None };
        let found = match args {
            [ast::Arg { name: None, value }] => match self.expr(value, None).kind {
                ExprKind::Const(Value::Text(name)) if !name.trim().is_empty() => {
                    return Expr { kind: ExprKind::Secret(name), ty: Ty::Secret, span };
                }
                ExprKind::Error => None,
                _ => Some(secrets::unnamed(self.place(value.span))),
            },
            [] => Some(c::missing_arguments(self.place(at), callee, &["name"], None)),
            [ast::Arg { name: Some(label), .. }] => {
                Some(c::unknown_argument(self.place(label.span), callee, &label.name, &[]))
            }
            [_, second, ..] => {
                Some(c::too_many_arguments(self.place(second.value.span), callee, 1, args.len()))
            }
        };
        found.into_iter().for_each(|diag| self.report(diag));
        Expr { ty: Ty::Secret, ..error(span) }
    }

    /// `with` behind an `ask` in parentheses.
    pub(crate) fn ask_with(&mut self, parts: AskParts<'a>, fields: &'a [ast::FieldInit], span: Span) -> Expr {
        if let Some(first) = parts.with {
            let diag =
                flows::misplaced(self.place(span), "a second `with`", "put all options into one `with`");
            let diag = self.one_with(diag, first, fields);
            self.report(diag);
        }
        self.ask(AskParts { with: parts.with.or(Some(fields)), ..parts }, span)
    }

    /// Reports a secret in the type of what leaves a flow.
    pub(crate) fn no_secret_leaves(&mut self, ty: &Ty, place: Place) {
        if has_secret(self.db, ty) {
            let diag = secrets::shown(place, "in the value of a flow");
            self.report(diag);
        }
    }
}
