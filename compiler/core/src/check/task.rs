//! The bodies of tasks: clauses, each at most once, and what is executed.
use std::collections::HashMap;

use flowc_base::{Name, Span};
use flowc_grammar::ast;
use flowc_plan::{Cache, Value};

use super::cx::{Cx, Mode};
use super::footprint::FOOTPRINT;
use super::options::CACHE;
use super::options::no_time;
use super::retry::{AGENT_FAILURES, TASK_FAILURES};
use crate::diagnostics::tasks as t;
use crate::hir::{Action, BodyKind, Expr, ExprKind, Output, TaskBody};
use crate::ty::Ty;
use crate::types::{Fit, fits};

const CLAUSES: [&str; 16] = [
    "needs",
    "timeout",
    "retry",
    "env",
    "stdin",
    "cache",
    "shell",
    "sh",
    "exec",
    "script",
    "ask",
    "reads",
    "writes",
    "edits",
    "exclusive",
    "effect",
];

struct Clauses {
    action: Option<Action>,
    /// The body and its word.
    body: Option<(Span, &'static str)>,
    task: TaskBody,
}

impl<'a> Cx<'a> {
    /// The body of a task whose parameters are bound.
    pub(crate) fn task(&mut self, it: &'a ast::Task) -> Option<BodyKind> {
        self.mode = Mode::Task;
        let shell = self.shell_name(it);
        let mut found = Clauses {
            action: None,
            body: None,
            task: TaskBody {
                retry: None,
                footprint: None,
                action: Action::Exec(Vec::new()),
                output: Output::Unit,
                env: Vec::new(),
                stdin: None,
                cpu: None,
                memory: None,
                network: None,
                timeout: None,
                cache: Cache::Forever,
            },
        };
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        for clause in &it.clauses {
            let word = &clause.word;
            let is_body = matches!(&*word.name, "sh" | "exec" | "script" | "ask");
            if !is_body && let Some(first) = seen.insert(&word.name, word.span) {
                let diag = t::duplicate_clause(self.place(word.span), &word.name, self.place(first));
                self.report(diag);
                continue;
            }
            if is_body {
                let name = ["sh", "exec", "script", "ask"]
                    .into_iter()
                    .find(|name| *name == &*word.name)
                    .unwrap_or("sh");
                if let Some((first, first_word)) = found.body {
                    let diag = t::second_body(self.place(word.span), name, self.place(first), first_word);
                    self.report(diag);
                    continue;
                }
                found.body = Some((word.span, name));
            }
            self.clause(clause, it, &shell, &mut found);
        }
        let asks = found.body.is_some_and(|(_, word)| word == "ask");
        found.task.output = if asks { self.answered(it) } else { self.outputs(it) };
        if found.body.is_none() && !self.incomplete {
            let diag = t::missing_body(self.place(it.name.span), &it.name.name);
            self.report(diag);
        }
        if !asks {
            self.footprint_rules(it, &found.task);
            self.redirects_allowed(it, found.task.footprint.as_ref());
            self.unwritten(it);
        }
        found.task.action = found.action?;
        self.task_programs(it, &found.task);
        Some(BodyKind::Task(Box::new(found.task)))
    }

    fn clause(&mut self, clause: &'a ast::Clause, it: &'a ast::Task, shell: &Name, found: &mut Clauses) {
        let word = &*clause.word.name;
        match word {
            "sh" => {
                let wanted = "a text right behind it: `sh \"…\"`";
                match self.only(clause, wanted).map(|arg| &arg.kind) {
                    // In parentheses it would be a text like any other, with escapes.
                    Some(ast::ExprKind::Text(text)) if text.span.end == clause.span.end => {
                        found.action = Some(Action::Shell(self.shell(shell, text)));
                    }
                    Some(_) => {
                        self.incomplete = true;
                        self.wants(clause, wanted);
                    }
                    None => {}
                }
            }
            "exec" => {
                let wanted = "a list: `exec [\"program\", argument, …]`";
                if let Some(ast::ExprKind::List(args)) = self.only(clause, wanted).map(|arg| &arg.kind) {
                    found.action = self.exec(args, clause.span);
                } else {
                    self.wants(clause, wanted);
                }
            }
            "script" => found.action = self.script(clause),
            "ask" => found.action = self.ask_body(clause, it),
            "retry" => {
                let asks = it.clauses.iter().any(|clause| &*clause.word.name == "ask");
                let (kinds, of) =
                    if asks { (&AGENT_FAILURES[..], "an `ask`") } else { (&TASK_FAILURES[..], "a task") };
                found.task.retry = self.retry(clause, kinds, of);
            }
            "needs" => self.needs(clause, &mut found.task),
            "timeout" => {
                let timeout =
                    self.only(clause, "a duration").map(|arg| self.expect(arg, &Ty::Duration, None));
                if let Some(none) = timeout.as_ref().filter(|timeout| no_time(timeout)) {
                    self.refuse_value(t::bad_clause, none.span, "timeout", "a duration above zero");
                }
                found.task.timeout = timeout;
            }
            "env" => found.task.env = self.environment(clause).unwrap_or_default(),
            "stdin" => {
                let Some(arg) = self.only(clause, "a text or a file") else { return };
                let value = self.expr(arg, None);
                found.task.stdin = match &value.ty {
                    Ty::File => Some(value),
                    _ => Some(self.as_text(value)),
                };
            }
            "cache" => match self.only(clause, CACHE).map(Self::cache) {
                Some(Ok(Some(cache))) => found.task.cache = cache,
                Some(Err(_)) => self.wants(clause, CACHE),
                Some(Ok(None)) | None => {}
            },
            // Read before the others.
            "shell" => {}
            _ if FOOTPRINT.contains(&word) => self.footprint(clause, &mut found.task.footprint),
            _ if clause.word.name.is_empty() => self.incomplete = true,
            _ => {
                self.incomplete = true;
                let diag = t::unknown_clause(self.place(clause.word.span), word, &CLAUSES);
                self.report(diag);
            }
        }
    }

    pub(crate) fn wants(&mut self, clause: &ast::Clause, wanted: &str) {
        if clause.args.iter().any(|arg| matches!(arg.kind, ast::ExprKind::Missing)) {
            self.incomplete = true;
            return;
        }
        let span = clause.args.first().map_or(clause.word.span, |arg| arg.span);
        let place = self.place(span);
        if !self.diagnostics.iter().any(|diag| diag.primary.place == place) {
            self.refuse_value(t::bad_clause, span, &clause.word.name, wanted);
        }
    }

    /// The one thing after a clause's word.
    pub(crate) fn only(&mut self, clause: &'a ast::Clause, wanted: &str) -> Option<&'a ast::Expr> {
        match clause.args.as_slice() {
            [one] => Some(one),
            _ => {
                self.wants(clause, wanted);
                None
            }
        }
    }

    fn shell_name(&mut self, it: &'a ast::Task) -> Name {
        let Some(clause) = it.clauses.iter().find(|clause| &*clause.word.name == "shell") else {
            return Name::from("sh");
        };
        if let [ast::Expr { kind: ast::ExprKind::Text(text), .. }] = clause.args.as_slice()
            && let Some(name) = text.as_plain()
            && crate::shell::is_known(name)
        {
            return Name::from(name);
        }
        self.wants(clause, "the name of a POSIX shell: `\"sh\"`, `\"bash\"`");
        Name::from("sh")
    }

    fn exec(&mut self, args: &'a [ast::Expr], span: Span) -> Option<Action> {
        if args.is_empty() {
            self.refuse_value(t::bad_clause, span, "exec", "a program and its arguments");
            return None;
        }
        let mut words = Vec::with_capacity(args.len());
        for arg in args {
            let value = self.expr(arg, None);
            if self.is_word(&value, true) {
                words.push(value);
            }
        }
        (words.len() == args.len()).then_some(Action::Exec(words))
    }

    /// Whether a value can be an argument of a program; what cannot is reported.
    pub(crate) fn is_word(&mut self, value: &Expr, list: bool) -> bool {
        let item = match &value.ty {
            Ty::List(item) if list => (**item).clone(),
            other => other.clone(),
        };
        let hint = match item {
            Ty::Text
            | Ty::Choice(_)
            | Ty::Bool
            | Ty::Int(_)
            | Ty::Float(_)
            | Ty::Duration
            | Ty::Size
            | Ty::Money
            | Ty::File
            | Ty::Dir
            | Ty::Never => return true,
            Ty::Error => return false,
            Ty::Optional(_) | Ty::None => {
                let diag =
                    crate::diagnostics::types::optional(self.place(value.span), &self.show(&value.ty), None);
                self.report(diag);
                return false;
            }
            Ty::List(_) => "flatten it first: `flatten(lists)`",
            Ty::Record(_) | Ty::Map(_) | Ty::Json | Ty::Recursive(_) => {
                "for its JSON write `\"{{…}}\"`; in `sh` it is the path of a file that holds it"
            }
            Ty::Secret => {
                let diag = crate::diagnostics::secrets::shown(
                    self.place(value.span),
                    "among the arguments, which every process can list",
                );
                self.report(diag);
                return false;
            }
            _ => "it is no word of a command",
        };
        let diag = crate::diagnostics::types::no_text(self.place(value.span), &self.show(&value.ty), hint);
        let template = match item {
            Ty::List(_) => Some("flatten(…)"),
            Ty::Record(_) | Ty::Map(_) | Ty::Json if self.has_schema(&value.ty) => Some("\"{{…}}\""),
            _ => None,
        };
        let diag = template.map_or(diag.clone(), |template| self.instead(diag, value.span, template, None));
        self.report(diag);
        false
    }

    fn script(&mut self, clause: &'a ast::Clause) -> Option<Action> {
        // All inputs are there as JSON, but those that JSON must not or cannot say.
        self.use_values();
        let plain = |arg: Option<&ast::Expr>| match arg.map(|arg| &arg.kind) {
            Some(ast::ExprKind::Text(text)) => text.as_plain().map(Name::from),
            _ => None,
        };
        match (plain(clause.args.first()), plain(clause.args.get(1)), clause.args.len()) {
            (Some(program), Some(text), 2) if !program.is_empty() => Some(Action::Script { program, text }),
            _ => {
                self.wants(clause, "a program and a text: `script \"python3\" \"\"\"…\"\"\"`");
                None
            }
        }
    }

    fn needs(&mut self, clause: &'a ast::Clause, task: &mut TaskBody) {
        const NEEDS: [&str; 3] = ["cpu", "memory", "network"];
        let Some(fields) = self.record_of(clause, "a record: `needs { cpu: 2, memory: 1GB }`") else {
            return;
        };
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        for field in fields {
            let (name, value) = (&field.name, &field.value);
            if let Some(first) = seen.insert(&name.name, name.span) {
                let diag = crate::diagnostics::types::duplicate_field(
                    self.place(name.span),
                    &name.name,
                    self.place(first),
                );
                self.report(diag);
                continue;
            }
            match &*name.name {
                "cpu" => {
                    let cpu = self.expr(value, None);
                    let cpu = if fits(self.db, &cpu.ty, &Ty::Int(None)) == Fit::Same {
                        cpu
                    } else {
                        self.coerce(cpu, &Ty::Float(None), None)
                    };
                    let positive = match cpu.kind {
                        ExprKind::Const(Value::Int(n)) => n > 0,
                        ExprKind::Const(Value::Float(n)) => n > 0.0,
                        _ => true,
                    };
                    if !positive {
                        self.refuse_value(t::bad_clause, cpu.span, "cpu", "a number above zero");
                    }
                    task.cpu = Some(cpu);
                }
                "memory" => task.memory = Some(self.expect(value, &Ty::Size, None)),
                "network" => task.network = Some(self.expect(value, &Ty::Bool, None)),
                _ => {
                    self.expr(value, None);
                    let diag = crate::diagnostics::types::unknown_field(
                        self.place(name.span),
                        &name.name,
                        "needs",
                        &NEEDS,
                    );
                    self.report(diag);
                }
            }
        }
    }

    /// `env { NAME: … }`: texts and secrets by name.
    pub(crate) fn environment(&mut self, clause: &'a ast::Clause) -> Option<Vec<(Name, Expr)>> {
        let fields = self.record_of(clause, "a record: `env { NAME: \"text\" }`")?;
        let mut env = Vec::with_capacity(fields.len());
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        for field in fields {
            let name = &field.name;
            if let Some(first) = seen.insert(&name.name, name.span) {
                let diag = crate::diagnostics::types::duplicate_field(
                    self.place(name.span),
                    &name.name,
                    self.place(first),
                );
                self.report(diag);
                continue;
            }
            if !name.name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                self.refuse_value(t::bad_clause, name.span, "env", "names of letters, digits and `_`");
            }
            env.push((name.name.clone(), self.text_or_secret(&field.value)));
        }
        Some(env)
    }

    pub(crate) fn record_of(
        &mut self,
        clause: &'a ast::Clause,
        wanted: &str,
    ) -> Option<&'a [ast::FieldInit]> {
        match clause.args.as_slice() {
            [ast::Expr { kind: ast::ExprKind::Record(fields), .. }] => Some(fields),
            _ => {
                self.wants(clause, wanted);
                None
            }
        }
    }
}
