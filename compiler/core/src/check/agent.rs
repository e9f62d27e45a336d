//! The clauses of an `agent`: each at most once, each of its type. What it takes from other agents is looked at per file.
use std::collections::HashMap;

use flowc_base::{Name, Span};
use flowc_grammar::ast;
use flowc_plan::Value;

use super::cx::{Cx, Mode};
use super::options::{CACHE, no_time};
use super::retry::AGENT_FAILURES;
use crate::db::ItemId;
use crate::diagnostics::{agents as d, tasks as t, types};
use crate::hir::{Agent, BodyKind, Expr, ExprKind, Http, Via};
use crate::ty::Ty;

const CLAUSES: [&str; 19] = [
    "exec",
    "worker",
    "openai",
    "anthropic",
    "from",
    "reply",
    "role",
    "model",
    "timeout",
    "retry",
    "fallback",
    "pool",
    "cache",
    "env",
    "reads",
    "writes",
    "edits",
    "exclusive",
    "effect",
];

const HTTP: [&str; 6] = ["url", "model", "key", "headers", "temperature", "max_tokens"];

impl<'a> Cx<'a> {
    /// An agent. What it says is checked as far as it can be without the agents it names.
    pub(crate) fn agent(&mut self, it: &'a ast::Agent) -> BodyKind {
        self.mode = Mode::Agent;
        let mut agent = Agent::default();
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        for clause in &it.clauses {
            let word = &clause.word;
            if let Some(first) = seen.insert(&word.name, word.span) {
                let diag = t::duplicate_clause(self.place(word.span), &word.name, self.place(first));
                self.report(diag);
                continue;
            }
            self.agent_clause(clause, &mut agent);
        }
        BodyKind::Agent(Box::new(agent))
    }

    fn agent_clause(&mut self, clause: &'a ast::Clause, agent: &mut Agent) {
        let word = clause.word.name.as_str();
        match word {
            "exec" | "worker" => {
                let wanted = "a list: a program and its arguments";
                if let Some(ast::ExprKind::List(args)) = self.only(clause, wanted).map(|arg| &arg.kind) {
                    let words = self.agent_program(args, clause);
                    let via = if word == "exec" { Via::Exec(words) } else { Via::Worker(words) };
                    self.reached(via, clause.word.span, agent);
                } else {
                    self.wants(clause, wanted);
                }
            }
            "openai" | "anthropic" => {
                let wanted = "a record: `{ url: \"…\", model: \"…\", key: secret(\"…\") }`";
                let Some(fields) = self.record_of(clause, wanted) else { return };
                let http = Box::new(self.http(fields, word));
                let via = if word == "openai" { Via::OpenAi(http) } else { Via::Anthropic(http) };
                self.reached(via, clause.word.span, agent);
            }
            "from" => {
                let Some(arg) = self.only(clause, "the name of an agent") else { return };
                if let Some(of) = self.agent_item(arg) {
                    agent.from = Some((of, arg.span));
                }
            }
            "fallback" => {
                let wanted = "a list of agents, the first to be asked first: `[a, b]`";
                let Some(ast::ExprKind::List(items)) = self.only(clause, wanted).map(|arg| &arg.kind) else {
                    return self.wants(clause, wanted);
                };
                let mut known: HashMap<ItemId, Span> = HashMap::new();
                for arg in items {
                    let Some(of) = self.agent_item(arg) else { continue };
                    if let Some(first) = known.insert(of, arg.span) {
                        let diag =
                            types::duplicate_field(self.place(arg.span), of.name(self.db), self.place(first));
                        self.report(diag);
                        continue;
                    }
                    agent.fallback.push((of, arg.span));
                }
            }
            "reply" => {
                let wanted = "the path to the answer in the JSON that the program prints: `\".result\"`";
                let Some(arg) = self.only(clause, wanted) else { return };
                match &arg.kind {
                    ast::ExprKind::Text(text) if text.as_plain().is_some_and(is_path) => {
                        agent.reply = text.as_plain().map(|path| (Name::from(path), clause.word.span));
                    }
                    _ => self.wants(clause, wanted),
                }
            }
            "role" | "model" => {
                let Some(arg) = self.only(clause, "a text") else { return };
                let value = self.expr(arg, None);
                let value = self.as_text(value);
                *(if word == "role" { &mut agent.role } else { &mut agent.model }) = Some(value);
            }
            "timeout" => {
                let Some(arg) = self.only(clause, "a duration") else { return };
                let timeout = self.expect(arg, &Ty::Duration, None);
                if no_time(&timeout) {
                    self.refuse_value(t::bad_clause, timeout.span, "timeout", "a duration above zero");
                }
                agent.timeout = Some(timeout);
            }
            "retry" => agent.retry = self.retry(clause, &AGENT_FAILURES, "an agent"),
            "pool" => {
                let wanted = "a name that `limits { pools: … }` of the settings gives a size";
                match self.only(clause, wanted).map(|arg| (&arg.kind, arg.span)) {
                    Some((ast::ExprKind::Name(name), span)) => agent.pool = Some((name.clone(), span)),
                    Some(_) => self.wants(clause, wanted),
                    None => {}
                }
            }
            "cache" => match self.only(clause, CACHE).map(Self::cache) {
                Some(Ok(cache)) => agent.cache = cache,
                Some(Err(_)) => self.wants(clause, CACHE),
                None => {}
            },
            "env" => agent.env = self.environment(clause).map(|env| (env, clause.word.span)),
            "reads" | "writes" | "edits" | "exclusive" | "effect" => {
                self.footprint(clause, &mut agent.footprint);
            }
            "" => self.incomplete = true,
            _ => {
                self.incomplete = true;
                let diag = d::unknown_clause(self.place(clause.word.span), word, &CLAUSES);
                self.report(diag);
            }
        }
    }

    fn reached(&mut self, via: Via, at: Span, agent: &mut Agent) {
        if let Some((first, span)) = &agent.via {
            let diag = d::second_transport(self.place(at), via.word(), self.place(*span), first.word());
            return self.report(diag);
        }
        agent.via = Some((via, at));
    }

    /// A program and its arguments.
    fn agent_program(&mut self, args: &'a [ast::Expr], clause: &ast::Clause) -> Vec<Expr> {
        if args.is_empty() {
            self.refuse_value(t::bad_clause, clause.span, &clause.word.name, "a program and its arguments");
        }
        let mut words = Vec::with_capacity(args.len());
        for arg in args {
            let value = self.expr(arg, None);
            if self.is_word(&value, true) {
                words.push(value);
            }
        }
        words
    }

    fn http(&mut self, fields: &'a [ast::FieldInit], api: &str) -> Http {
        let mut http = Http::default();
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        for field in fields {
            let (name, value) = (&field.name, &field.value);
            if let Some(first) = seen.insert(&name.name, name.span) {
                let diag = types::duplicate_field(self.place(name.span), &name.name, self.place(first));
                self.report(diag);
                continue;
            }
            match name.name.as_str() {
                "url" => {
                    let url = self.expect(value, &Ty::Text, None);
                    if let ExprKind::Const(Value::Text(text)) = &url.kind
                        && !is_http(text)
                    {
                        let wanted = "an address that begins with `http://` or `https://`";
                        self.refuse_value(t::bad_clause, url.span, "url", wanted);
                    }
                    http.url = Some(url);
                }
                "model" => http.model = Some(self.expect(value, &Ty::Text, None)),
                "key" => http.key = Some(self.expect(value, &Ty::Secret, None)),
                "temperature" => {
                    let temperature = self.expect(value, &Ty::Float(None), None);
                    self.at_least(&temperature, 0.0, Some(2.0), "temperature", "a number from 0 to 2");
                    http.temperature = Some(temperature);
                }
                "max_tokens" => {
                    let tokens = self.expect(value, &Ty::Int(None), None);
                    self.at_least(&tokens, 1.0, None, "max_tokens", "a number of tokens above zero");
                    http.max_tokens = Some(tokens);
                }
                "headers" => http.headers = self.headers(value),
                _ => {
                    self.expr(value, None);
                    let diag = types::unknown_field(self.place(name.span), &name.name, api, &HTTP);
                    self.report(diag);
                }
            }
        }
        http
    }

    /// `{ "x-title": "…" }`: texts and secrets by name.
    fn headers(&mut self, value: &'a ast::Expr) -> Vec<(Name, Expr)> {
        let mut headers = Vec::new();
        match &value.kind {
            ast::ExprKind::Map(entries) => {
                for entry in entries {
                    let value = self.text_or_secret(&entry.value);
                    match entry.key.as_plain() {
                        Some(name) if is_token(name) => headers.push((Name::from(name), value)),
                        _ => {
                            let place = self.place(entry.key.span);
                            let diag = t::bad_clause(place, "headers", "names of headers: `\"x-title\"`");
                            self.report(diag);
                        }
                    }
                }
            }
            ast::ExprKind::Record(fields) => {
                for field in fields {
                    headers.push((field.name.name.clone(), self.text_or_secret(&field.value)));
                }
            }
            _ => {
                self.expr(value, None);
                self.refuse_value(t::bad_clause, value.span, "headers", "a map: `{ \"x-title\": \"…\" }`");
            }
        }
        headers
    }

    /// A text, or a secret as it is: where both may stand.
    pub(crate) fn text_or_secret(&mut self, value: &'a ast::Expr) -> Expr {
        let value = self.expr(value, None);
        if value.ty == Ty::Secret { value } else { self.as_text(value) }
    }

    /// Reports a constant that is out of its range; of `to` there is none when it is `None`.
    pub(crate) fn at_least(&mut self, value: &Expr, from: f64, to: Option<f64>, word: &str, wanted: &str) {
        let found = match value.kind {
            ExprKind::Const(Value::Int(n)) => crate::types::fits::as_float(n),
            ExprKind::Const(Value::Float(n)) => n,
            ExprKind::Cast(ref inner) => return self.at_least(inner, from, to, word, wanted),
            _ => return,
        };
        if found < from || to.is_some_and(|to| found > to) {
            self.refuse_value(t::bad_clause, value.span, word, wanted);
        }
    }
}

/// `.a.b[0]`, or `.` for all of it.
fn is_path(path: &str) -> bool {
    let Some(mut rest) = path.strip_prefix('.') else { return false };
    if rest.is_empty() {
        return true;
    }
    loop {
        let name = rest.find(['.', '[']).unwrap_or(rest.len());
        // `.[0]` begins with an element.
        let first = rest.len() + 1 == path.len();
        if !rest[..name].chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') || (name == 0 && !first)
        {
            return false;
        }
        rest = &rest[name..];
        while let Some(index) = rest.strip_prefix('[') {
            let Some((number, behind)) = index.split_once(']') else { return false };
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                return false;
            }
            rest = behind;
        }
        match rest.strip_prefix('.') {
            Some(behind) => rest = behind,
            None => return rest.is_empty(),
        }
    }
}

fn is_http(url: &str) -> bool {
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace))
}

/// A name of a header, as RFC 9110 has it.
fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::is_path;

    #[test]
    fn paths_of_replies() {
        for path in [".", ".result", ".a.b", ".a[0].b", ".[0]", ".a[0][1]", ".output-text"] {
            assert!(is_path(path), "{path}");
        }
        for path in ["", "result", "..", ".a.", ".a[", ".a[]", ".a[x]", ".a[0]b", ".a..b", ".a b"] {
            assert!(!is_path(path), "{path}");
        }
    }
}
