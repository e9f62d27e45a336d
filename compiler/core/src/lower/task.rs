//! Tasks: their expressions see their parameters only, so they are lowered once, however often they are called.
use flowc_base::Span;
use flowc_plan::{Body, Expr, Needs, Output, ShellPart, Task, Value};

use super::flow::Lowerer;
use super::frame::Frame;
use crate::db::ItemId;
use crate::hir::{self, BodyKind};

impl<'p> Lowerer<'p> {
    /// The number of a task in the plan.
    pub(super) fn task(&mut self, item: ItemId) -> u32 {
        if let Some(number) = self.task_numbers.get(&item) {
            return *number;
        }
        let task = self.lower_task(item);
        let number = u32::try_from(self.tasks.len()).unwrap_or(u32::MAX);
        self.tasks.push(task);
        self.task_numbers.insert(item, number);
        number
    }

    fn lower_task(&mut self, item: ItemId) -> Task {
        let program = self.program;
        let mut task = Task {
            name: program.name(item),
            origin: program.origin((item, Span::default())),
            params: Vec::new(),
            body: Body::Exec(Vec::new()),
            programs: Vec::new(),
            output: Output::Unit,
            env: Vec::new(),
            stdin: None,
            needs: Needs::default(),
            timeout: None,
            cache: flowc_plan::Cache::Forever,
        };
        let Some(body) = program.body(item) else { return task };
        let BodyKind::Task(of) = &body.kind else { return task };
        let mut frame = self.frame(item, body);
        for (at, local) in body.locals.iter().take(body.defaults.len()).enumerate() {
            task.params.push((local.name.clone(), self.types.lower(program, &local.ty)));
            frame.bind_small(at, Expr::Arg(u32::try_from(at).unwrap_or(u32::MAX)));
        }
        // Nothing in a task is a node of its own.
        let outer = std::mem::replace(&mut self.pure, true);
        let f = &mut frame;
        task.body = match &of.action {
            hir::Action::Shell(of) => {
                let mut part = |part: &'p hir::ShellPart| match part {
                    hir::ShellPart::Text(text) => ShellPart::Text(text.clone()),
                    hir::ShellPart::Splice(value, quoting) => {
                        ShellPart::Splice(self.expr(f, value), *quoting)
                    }
                };
                let text = of.text.iter().map(&mut part).collect();
                task.programs.push(of.shell.clone());
                task.programs.extend(of.programs.iter().filter(|name| **name != of.shell).cloned());
                Body::Shell { shell: of.shell.clone(), form: of.form.clone(), text }
            }
            hir::Action::Exec(words) => {
                let words: Vec<Expr> = words.iter().map(|word| self.expr(f, word)).collect();
                if let Some(Expr::Const(Value::Text(program))) = words.first() {
                    task.programs.push(program.clone());
                }
                Body::Exec(words)
            }
            hir::Action::Script { program, text } => {
                task.programs.push(program.clone());
                Body::Script { program: program.clone(), text: text.clone() }
            }
            // See `Obstacle::Later`.
            hir::Action::Ask(_) => Body::Exec(Vec::new()),
        };
        task.output = self.task_output(f, &of.output);
        task.env = of.env.iter().map(|(name, value)| (name.clone(), self.expr(f, value))).collect();
        let mut optional = |e: &'p Option<hir::Expr>| e.as_ref().map(|e| self.expr(f, e));
        task.stdin = optional(&of.stdin);
        task.needs =
            Needs { cpu: optional(&of.cpu), memory: optional(&of.memory), network: optional(&of.network) };
        task.timeout = optional(&of.timeout);
        task.cache = of.cache;
        self.pure = outer;
        task
    }

    fn task_output(&mut self, frame: &mut Frame<'p>, output: &'p hir::Output) -> Output {
        match output {
            hir::Output::Unit => Output::Unit,
            hir::Output::Stdout(ty) => Output::Stdout(self.types.lower(self.program, ty)),
            hir::Output::Lines(ty) => Output::Lines(self.types.lower(self.program, ty)),
            hir::Output::Path { path, ty } => {
                Output::Path { path: self.expr(frame, path), ty: self.types.lower(self.program, ty) }
            }
            hir::Output::Glob { pattern } => Output::Glob { pattern: self.expr(frame, pattern) },
            hir::Output::Record(fields) => Output::Record(
                fields.iter().map(|(name, output)| (name.clone(), self.task_output(frame, output))).collect(),
            ),
        }
    }
}
