//! `with { … }`: what a call, an ask or an approval takes beside its arguments, and how long results are kept.
use std::collections::HashMap;

use flowc_base::{Name, Span, nearest};
use flowc_grammar::ast;
use flowc_plan::{Cache, Value};

use super::cx::Cx;
use crate::diagnostics::calls as c;
use crate::diagnostics::{agents, flows, names, types};
use crate::hir::{Expr, ExprKind, With};
use crate::ty::Ty;

impl<'a> Cx<'a> {
    pub(crate) fn with(&mut self, step: &'a ast::Expr, fields: &'a [ast::FieldInit], span: Span) -> Expr {
        if let Some(parts) = super::ask::AskParts::of(step) {
            return self.ask_with(parts, fields, span);
        }
        let first = match &step.kind {
            ast::ExprKind::With { fields, .. } => Some(fields),
            _ => None,
        };
        let mut step = self.expr(step, None);
        let with = self.options(fields, None);
        if let Some(first) = first.filter(|_| !matches!(step.kind, ExprKind::Error)) {
            let diag =
                flows::misplaced(self.place(span), "a second `with`", "put all options into one `with`");
            let diag = self.one_with(diag, first, fields);
            return self.wrong(span, diag);
        }
        match &mut step.kind {
            ExprKind::Step(call) => call.with = with,
            ExprKind::Approve { with: options, .. } => **options = with,
            ExprKind::Flow(call) => {
                call.with = with;
                let of_steps = |field: &&ast::FieldInit| {
                    matches!(&*field.name.name, "timeout" | "retry" | "cache" | "sample")
                };
                for field in fields.iter().filter(of_steps) {
                    let diag = c::option_of_step(self.place(field.name.span), &field.name.name);
                    self.report(diag);
                }
            }
            ExprKind::Error => {}
            _ => {
                let diag = c::needs_step(self.place(step.span));
                let diag = self.without_with(diag, step.span, span);
                return self.wrong(span, diag);
            }
        }
        Expr { span, ..step }
    }

    /// The options of a step; of an `ask` also its own two, which are put where `ask` says.
    pub(crate) fn options(
        &mut self,
        fields: &'a [ast::FieldInit],
        mut ask: Option<(&mut Option<Expr>, &mut Option<Expr>)>,
    ) -> With {
        const OPTIONS: [&str; 8] =
            ["timeout", "retry", "cache", "after", "sample", "name", "context", "budget"];
        let known = if ask.is_some() { &OPTIONS[..] } else { &OPTIONS[..6] };
        let mut with = With::default();
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        for field in fields {
            let (name, value) = (&field.name.name, &field.value);
            if let Some(first) = seen.insert(name, field.name.span) {
                let diag = types::duplicate_field(self.place(field.name.span), name, self.place(first));
                self.report(diag);
                continue;
            }
            match &**name {
                "timeout" => {
                    let timeout = self.expect(value, &Ty::Duration, None);
                    if no_time(&timeout) {
                        self.refuse_value(c::bad_option, timeout.span, "timeout", "a duration above zero");
                    }
                    with.timeout = Some(timeout);
                }
                "retry" => {
                    let times = self.expect(value, &Ty::Int(None), None);
                    if matches!(times.kind, ExprKind::Const(Value::Int(..0))) {
                        self.refuse_value(c::bad_option, times.span, "retry", "a number of tries, 0 or more");
                    }
                    with.retry = Some(times);
                }
                "cache" => match Self::cache(value) {
                    Ok(cache) => with.cache = cache,
                    Err(span) => {
                        self.refuse_value(c::bad_option, span, "cache", CACHE);
                    }
                },
                "sample" => {
                    let sample = self.expr(value, None);
                    if matches!(sample.ty, Ty::Int(_) | Ty::Text | Ty::Choice(_) | Ty::Error) {
                        with.sample = Some(sample);
                    } else {
                        self.refuse_value(c::bad_option, value.span, "sample", "an `Int` or a `Text`");
                    }
                }
                "name" => match &value.kind {
                    ast::ExprKind::Text(text) if text.as_plain().is_some_and(|text| !text.is_empty()) => {
                        with.name = text.as_plain().map(Name::from);
                    }
                    _ => {
                        self.refuse_value(c::bad_option, value.span, "name", "a constant text");
                    }
                },
                "after" => self.after(value, &mut with),
                "context" | "budget" => match &mut ask {
                    Some((context, _)) if &**name == "context" => **context = self.context(value),
                    Some((_, budget)) => {
                        let tokens = self.expect(value, &Ty::Int(None), None);
                        self.at_least(&tokens, 1.0, None, "budget", "a number of tokens above zero");
                        **budget = Some(tokens);
                    }
                    None => {
                        self.expr(value, None);
                        let diag = agents::option_of_ask(self.place(field.name.span), name);
                        self.report(diag);
                    }
                },
                _ => {
                    self.expr(value, None);
                    let diag = c::unknown_option(self.place(field.name.span), name, known);
                    self.report(diag);
                }
            }
        }
        with
    }

    fn after(&mut self, value: &'a ast::Expr, with: &mut With) {
        let ast::ExprKind::List(names) = &value.kind else {
            return self.refuse_value(
                c::bad_option,
                value.span,
                "after",
                "a list of names of `let`s: `[migrate]`",
            );
        };
        for name in names {
            let ast::ExprKind::Name(text) = &name.kind else {
                self.refuse_value(c::bad_option, name.span, "after", "names of `let`s");
                continue;
            };
            match self.local(text) {
                Some(local) => with.after.push(local),
                None => {
                    let locals = self.local_names();
                    let near = nearest(text, locals.iter().copied());
                    let diag = names::unknown_name(self.place(name.span), text, near, None);
                    self.report(diag);
                }
            }
        }
    }

    /// `never`, `run`, `forever`, `24h`; `Err` with the place of anything else.
    pub(crate) fn cache(value: &ast::Expr) -> Result<Option<Cache>, Span> {
        match &value.kind {
            ast::ExprKind::Name(name) => match &**name {
                "never" => return Ok(Some(Cache::Never)),
                "run" => return Ok(Some(Cache::Run)),
                "forever" => return Ok(Some(Cache::Forever)),
                _ => {}
            },
            ast::ExprKind::Duration(duration) => return Ok(Some(Cache::For(*duration))),
            ast::ExprKind::Missing => return Ok(None),
            _ => {}
        }
        Err(value.span)
    }
}

/// What `cache` takes.
pub(crate) const CACHE: &str = "`never`, `run`, `forever` or a duration like `24h`";

/// Whether a timeout would end its step before it starts.
pub(crate) fn no_time(timeout: &Expr) -> bool {
    matches!(timeout.kind, ExprKind::Const(Value::Duration(time)) if time.0 == 0)
}
