//! `retry n { backoff: …, factor: …, on: […] }`, the same for tasks and agents but for the kinds of failures there are.
use std::collections::HashMap;

use flowc_base::{Name, Span};
use flowc_grammar::ast;
use flowc_plan::Value;

use super::cx::Cx;
use crate::diagnostics::{agents as d, tasks as t, types};
use crate::hir::{Expr, ExprKind, Retry};
use crate::ty::Ty;

/// The kinds of failures of a task that a retry may mend: it ran too long, exited with another code than 0, was ended by
/// a signal, or did not leave the output it declares.
pub(crate) const TASK_FAILURES: [&str; 4] = ["timeout", "exit", "signal", "output"];

/// Those of an agent: beside those of its program it may be asked too often (`rate_limit`), not be reached or be overloaded (`transient`),
/// answer what does not fit (`invalid`), refuse (`refused`), or be cut off (`truncated`).
pub(crate) const AGENT_FAILURES: [&str; 8] =
    ["timeout", "rate_limit", "transient", "invalid", "refused", "truncated", "exit", "signal"];

const WANTED: &str = "how many more tries: `retry 2`, `retry 2 { backoff: 1s, factor: 2, on: [timeout] }`";
const FIELDS: [&str; 3] = ["backoff", "factor", "on"];

impl<'a> Cx<'a> {
    /// The clause; `of`: whose failures, "a task".
    pub(crate) fn retry(&mut self, clause: &'a ast::Clause, kinds: &[&str], of: &str) -> Option<Retry> {
        let (times, fields) = match clause.args.as_slice() {
            [times] => (times, [].as_slice()),
            [times, ast::Expr { kind: ast::ExprKind::Record(fields), .. }] => (times, fields.as_slice()),
            _ => {
                self.wants(clause, WANTED);
                return None;
            }
        };
        let times = self.expect(times, &Ty::Int(None), None);
        self.at_least(&times, 0.0, None, "retry", "a number of tries, 0 and more");
        let mut retry = Retry { times, backoff: None, factor: None, on: Vec::new() };
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        for field in fields {
            let (name, value) = (&field.name, &field.value);
            if let Some(first) = seen.insert(&name.name, name.span) {
                let diag = types::duplicate_field(self.place(name.span), &name.name, self.place(first));
                self.report(diag);
                continue;
            }
            match name.name.as_str() {
                "backoff" => retry.backoff = Some(self.expect(value, &Ty::Duration, None)),
                "factor" => retry.factor = Some(self.factor(value)),
                "on" => retry.on = self.failures(value, kinds, of),
                _ => {
                    self.expr(value, None);
                    let diag = types::unknown_field(self.place(name.span), &name.name, "retry", &FIELDS);
                    self.report(diag);
                }
            }
        }
        Some(retry)
    }

    fn factor(&mut self, value: &'a ast::Expr) -> Expr {
        let factor = self.expr(value, None);
        let factor = if matches!(factor.ty, Ty::Int(_)) {
            factor
        } else {
            self.coerce(factor, &Ty::Float(None), None)
        };
        self.at_least(
            &factor,
            1.0,
            None,
            "factor",
            "a number of 1 and more: each pause is so much longer than the last",
        );
        factor
    }

    /// `[timeout, exit(75)]`
    fn failures(&mut self, value: &'a ast::Expr, kinds: &[&str], of: &str) -> Vec<Name> {
        let wanted = "a list of kinds of failures: `[timeout, exit(75)]`";
        let ast::ExprKind::List(items) = &value.kind else {
            if !matches!(value.kind, ast::ExprKind::Missing) {
                self.refuse_value(t::bad_clause, value.span, "on", wanted);
            }
            return Vec::new();
        };
        let mut found: Vec<(Name, Span)> = Vec::with_capacity(items.len());
        for item in items {
            let kind = match &item.kind {
                ast::ExprKind::Name(name) if kinds.contains(&name.as_str()) => name.clone(),
                ast::ExprKind::Name(name) => {
                    let diag = d::unknown_failure(self.place(item.span), name, kinds, of);
                    self.report(diag);
                    continue;
                }
                ast::ExprKind::Call { callee, args } => match self.exit_code(callee, args) {
                    Some(kind) => kind,
                    None => continue,
                },
                ast::ExprKind::Missing => continue,
                _ => {
                    self.refuse_value(t::bad_clause, item.span, "on", wanted);
                    continue;
                }
            };
            if let Some((_, first)) = found.iter().find(|(known, _)| *known == kind) {
                let diag = types::duplicate_field(self.place(item.span), &kind, self.place(*first));
                self.report(diag);
                continue;
            }
            found.push((kind, item.span));
        }
        found.into_iter().map(|(kind, _)| kind).collect()
    }

    /// `exit(75)`
    fn exit_code(&mut self, callee: &'a ast::Expr, args: &'a [ast::Arg]) -> Option<Name> {
        let wanted = "`exit(75)`, a code from 1 to 255";
        let span = args.iter().fold(callee.span, |span, arg| span.to(arg.value.span));
        if !matches!(&callee.kind, ast::ExprKind::Name(name) if &**name == "exit") {
            self.refuse_value(
                t::bad_clause,
                span,
                "on",
                "kinds of failures, and of them only `exit` has a number",
            );
            return None;
        }
        let code = match args {
            [ast::Arg { name: None, value }] => self.expr(value, None),
            _ => {
                self.refuse_value(t::bad_clause, span, "exit", wanted);
                return None;
            }
        };
        match code.kind {
            ExprKind::Const(Value::Int(code @ 1..=255)) => Some(Name::from(format!("exit({code})"))),
            ExprKind::Error => None,
            _ => {
                self.refuse_value(t::bad_clause, code.span, "exit", wanted);
                None
            }
        }
    }
}
