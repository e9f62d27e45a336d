//! `settings { … }`: groups, fields, types, ranges. All values are constants: a run is limited before anything runs.
use std::collections::HashMap;

use flowc_base::{Bytes, Micros, Millis, Name, Span};
use flowc_grammar::ast;
use flowc_plan::Value;

use super::cx::{Cx, Mode};
use crate::diagnostics::{calls as c, settings as d, types};
use crate::hir::{BodyKind, Checkpoint, Every, Expr, ExprKind, Limits, Settings};
use crate::ty::Ty;

const GROUPS: [&str; 2] = ["checkpoint", "limits"];
const CHECKPOINT: [&str; 6] = ["every", "compress", "incremental", "max_size", "keep_last", "ttl"];
const LIMITS: [&str; 10] = [
    "agents",
    "agent_timeout",
    "cpu",
    "memory",
    "calls",
    "cost",
    "context_cache",
    "artifacts",
    "pools",
    "rates",
];

impl<'a> Cx<'a> {
    /// The settings of a file.
    pub(crate) fn settings(&mut self, it: &'a ast::Settings) -> BodyKind {
        self.mode = Mode::Settings;
        let mut settings = Settings::default();
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        for group in &it.groups {
            let word = &group.word;
            if word.name.is_empty() {
                self.incomplete = true;
                continue;
            }
            if let Some(first) = seen.insert(&word.name, word.span) {
                let diag = types::duplicate_field(self.place(word.span), &word.name, self.place(first));
                self.report(diag);
                continue;
            }
            let name = word.name.as_str();
            if !GROUPS.contains(&name) {
                let elsewhere = of_group(name);
                let diag = d::unknown(self.place(word.span), name, "`settings`", &GROUPS, elsewhere);
                self.report(diag);
                continue;
            }
            let fields = match group.args.as_slice() {
                [ast::Expr { kind: ast::ExprKind::Record(fields), .. }] => fields,
                args => {
                    self.incomplete |= args.iter().any(|arg| matches!(arg.kind, ast::ExprKind::Missing));
                    if !self.incomplete {
                        let span = args.first().map_or(word.span, |arg| arg.span);
                        self.refuse_value(d::bad, span, name, "a record: `{ name: value }`");
                    }
                    continue;
                }
            };
            if name == "checkpoint" {
                self.checkpoint(fields, &mut settings.checkpoint);
            } else {
                self.limits(fields, &mut settings.limits);
            }
        }
        BodyKind::Settings(Box::new(settings))
    }

    fn checkpoint(&mut self, fields: &'a [ast::FieldInit], to: &mut Checkpoint) {
        self.fields(fields, |cx, name, value| {
            match name {
                "every" => match &value.kind {
                    ast::ExprKind::Name(word) if &**word == "step" => to.every = Some(Every::Step),
                    ast::ExprKind::Name(_) => {
                        cx.refuse_value(d::bad, value.span, name, "`step` or a duration like `5m`");
                    }
                    _ => to.every = cx.time(name, value).map(Every::Time),
                },
                "compress" => to.compress = cx.flag(value),
                "incremental" => to.incremental = cx.flag(value),
                "max_size" => to.max_size = cx.size(name, value),
                "keep_last" => to.keep_last = cx.number(name, value, 1),
                "ttl" => to.ttl = cx.time(name, value),
                _ => return Some(("`checkpoint`", &CHECKPOINT[..])),
            }
            None
        });
    }

    fn limits(&mut self, fields: &'a [ast::FieldInit], to: &mut Limits) {
        self.fields(fields, |cx, name, value| {
            match name {
                "agents" => to.agents = cx.number(name, value, 1),
                "agent_timeout" => to.agent_timeout = cx.time(name, value),
                "cpu" => to.cpu = cx.cores(value).map(|cores| (cores, value.span)),
                "memory" => to.memory = cx.size(name, value).map(|size| (size, value.span)),
                "calls" => to.calls = cx.number(name, value, 0),
                "cost" => to.cost = cx.money(value),
                "context_cache" => to.context_cache = cx.size(name, value),
                "artifacts" => match &value.kind {
                    ast::ExprKind::Name(word) if matches!(&**word, "lazy" | "eager") => {
                        to.artifacts = Some(word.clone());
                    }
                    ast::ExprKind::Missing => {}
                    _ => {
                        cx.refuse_value(d::bad, value.span, name, "`lazy` or `eager`");
                    }
                },
                "pools" => {
                    for (name, value, span) in cx.by_pool(name, value, "a number of asks: `{ llm: 5 }`") {
                        let size = cx.number(&name, value, 1);
                        to.pools.extend(size.map(|size| (name, size, span)));
                    }
                }
                "rates" => {
                    for (name, value, span) in cx.by_pool(name, value, "a rate: `{ llm: 60 per 1m }`") {
                        let rate = cx.rate(&name, value);
                        to.rates.extend(rate.map(|rate| (name, rate, span)));
                    }
                }
                _ => return Some(("`limits`", &LIMITS[..])),
            }
            None
        });
    }

    /// Each field once; `set` says whose fields there are when it does not know one.
    fn fields(
        &mut self,
        fields: &'a [ast::FieldInit],
        mut set: impl FnMut(&mut Self, &str, &'a ast::Expr) -> Option<(&'static str, &'static [&'static str])>,
    ) {
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        for field in fields {
            let name = &field.name;
            if let Some(first) = seen.insert(&name.name, name.span) {
                let diag = types::duplicate_field(self.place(name.span), &name.name, self.place(first));
                self.report(diag);
            } else if let Some((of, known)) = set(self, &name.name, &field.value) {
                let elsewhere = of_group(&name.name);
                let diag = d::unknown(self.place(name.span), &name.name, of, known, elsewhere);
                self.report(diag);
            }
        }
    }

    /// The fields of a record by the names of pools, each once.
    fn by_pool(
        &mut self,
        name: &str,
        value: &'a ast::Expr,
        wanted: &str,
    ) -> Vec<(Name, &'a ast::Expr, Span)> {
        let ast::ExprKind::Record(fields) = &value.kind else {
            if !matches!(value.kind, ast::ExprKind::Missing) {
                let wanted = format!("a record with for each pool {wanted}");
                self.refuse_value(d::bad, value.span, name, &wanted);
            }
            return Vec::new();
        };
        let mut found: Vec<(Name, &ast::Expr, Span)> = Vec::with_capacity(fields.len());
        self.fields(fields, |_, _, _| None);
        for field in fields {
            let name = &field.name;
            if !found.iter().any(|(known, ..)| *known == name.name) {
                found.push((name.name.clone(), &field.value, name.span));
            }
        }
        found
    }

    /// A value of a type, which must be a constant.
    fn constant(&mut self, value: &'a ast::Expr, ty: &Ty) -> Option<(Value, Span)> {
        let found: Expr = self.expect(value, ty, None);
        match found.kind {
            ExprKind::Const(constant) => Some((constant, found.span)),
            ExprKind::Error => None,
            _ => {
                let diag = c::not_constant(self.place(found.span), "a setting");
                self.report(diag);
                None
            }
        }
    }

    fn flag(&mut self, value: &'a ast::Expr) -> Option<bool> {
        match self.constant(value, &Ty::Bool)? {
            (Value::Bool(flag), _) => Some(flag),
            _ => None,
        }
    }

    fn number(&mut self, name: &str, value: &'a ast::Expr, from: u64) -> Option<u64> {
        let (Value::Int(number), span) = self.constant(value, &Ty::Int(None))? else { return None };
        let number = u64::try_from(number).ok().filter(|number| *number >= from);
        if number.is_none() {
            let wanted = if from == 0 { "a number of 0 and more" } else { "a number above zero" };
            self.refuse_value(d::bad, span, name, wanted);
        }
        number
    }

    /// A number of cores: whole, or a part of one.
    fn cores(&mut self, value: &'a ast::Expr) -> Option<f64> {
        let found = self.expr(value, None);
        let found =
            if matches!(found.ty, Ty::Int(_)) { found } else { self.coerce(found, &Ty::Float(None), None) };
        let cores = match found.kind {
            ExprKind::Const(Value::Int(n)) => crate::types::fits::as_float(n),
            ExprKind::Const(Value::Float(n)) => n,
            ExprKind::Error => return None,
            _ => {
                let diag = c::not_constant(self.place(found.span), "a setting");
                self.report(diag);
                return None;
            }
        };
        if cores > 0.0 {
            return Some(cores);
        }
        self.refuse_value(d::bad, found.span, "cpu", "a number above zero");
        None
    }

    fn time(&mut self, name: &str, value: &'a ast::Expr) -> Option<Millis> {
        let (Value::Duration(time), span) = self.constant(value, &Ty::Duration)? else { return None };
        self.above_zero(name, span, time.0, "a duration").then_some(time)
    }

    fn size(&mut self, name: &str, value: &'a ast::Expr) -> Option<Bytes> {
        let (Value::Size(size), span) = self.constant(value, &Ty::Size)? else { return None };
        self.above_zero(name, span, size.0, "a size").then_some(size)
    }

    fn money(&mut self, value: &'a ast::Expr) -> Option<Micros> {
        match self.constant(value, &Ty::Money)? {
            (Value::Money(money), _) => Some(money),
            _ => None,
        }
    }

    fn above_zero(&mut self, name: &str, span: Span, found: u64, what: &str) -> bool {
        if found == 0 {
            self.refuse_value(d::bad, span, name, &format!("{what} above zero"));
        }
        found > 0
    }

    fn rate(&mut self, name: &str, value: &'a ast::Expr) -> Option<(u64, Millis)> {
        match &value.kind {
            ast::ExprKind::Rate { count, per } => {
                let count = self.number(name, count, 1);
                let per = self.time(name, per);
                Some((count?, per?))
            }
            ast::ExprKind::Missing => None,
            _ => {
                self.expr(value, None);
                self.refuse_value(d::bad, value.span, name, "a rate like `60 per 1m`");
                None
            }
        }
    }
}

/// The group that a field stands in.
fn of_group(field: &str) -> Option<&'static str> {
    if CHECKPOINT.contains(&field) { Some("checkpoint") } else { LIMITS.contains(&field).then_some("limits") }
}
