//! A plan as text that people can read and tests can compare: a line a node, regions indented under the node they belong to.
//! It is for the eye; only [`Plan::to_bytes`] can be read back.
use std::fmt::{self, Display, Formatter, Write as _};

use crate::{
    BinaryOp, Body, Cache, Expr, NodeKind, NodeRef, Output, Pattern, Plan, Quoting, RegionId, ShellPart,
    SourceKind, Step, Task, Value,
};

impl Plan {
    /// The plan as text. Nodes are written `label`, or `%region.node` where they have none; the element of region 2 is `@2`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{}", Whole(self));
        text
    }
}

struct Whole<'a>(&'a Plan);

impl Display for Whole<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plan = self.0;
        writeln!(f, "flow {} -> {}", plan.flow, plan.output)?;
        for (at, ty) in plan.types.iter().enumerate() {
            writeln!(f, "type {at} = {ty}")?;
        }
        for task in &plan.tasks {
            write_task(f, plan, task)?;
        }
        write_region(f, plan, RegionId(0), 0)
    }
}

fn write_task(f: &mut Formatter<'_>, plan: &Plan, task: &Task) -> fmt::Result {
    let e = |expr| In { plan, expr };
    write!(f, "task {}(", task.name)?;
    for (at, (name, ty)) in task.params.iter().enumerate() {
        write!(f, "{}{name}: {ty}", if at == 0 { "" } else { ", " })?;
    }
    write!(f, ") -> ")?;
    write_output(f, plan, &task.output)?;
    writeln!(f)?;
    match &task.body {
        Body::Shell { shell, text, .. } => {
            let mut line = String::new();
            for part in text {
                match part {
                    ShellPart::Text(text) => line.push_str(text),
                    ShellPart::Splice(expr, quoting) => {
                        let quoting = match quoting {
                            Quoting::Bare => "bare",
                            Quoting::Double => "double",
                            Quoting::Single => "single",
                        };
                        write!(line, "{{{{{} {quoting}}}}}", e(expr))?;
                    }
                }
            }
            writeln!(f, "  {shell} {line:?}")?;
        }
        Body::Exec(words) => {
            write!(f, "  exec ")?;
            write_list(f, plan, words)?;
            writeln!(f)?;
        }
        Body::Script { program, text } => writeln!(f, "  script {program} {text:?}")?,
    }
    for (name, value) in &task.env {
        writeln!(f, "  env {name} = {}", e(value))?;
    }
    let clauses = [
        ("stdin", &task.stdin),
        ("cpu", &task.needs.cpu),
        ("memory", &task.needs.memory),
        ("network", &task.needs.network),
        ("timeout", &task.timeout),
    ];
    for (word, value) in clauses {
        if let Some(value) = value {
            writeln!(f, "  {word} {}", e(value))?;
        }
    }
    if task.cache != Cache::Forever { writeln!(f, "  cache {}", CacheText(task.cache)) } else { Ok(()) }
}

fn write_output(f: &mut Formatter<'_>, plan: &Plan, output: &Output) -> fmt::Result {
    match output {
        Output::Unit => f.write_str("()"),
        Output::Stdout(ty) => write!(f, "{ty}"),
        Output::Lines(ty) => write!(f, "{ty} from lines"),
        Output::Path { path, ty } => write!(f, "{ty} from {}", In { plan, expr: path }),
        Output::Glob { pattern } => write!(f, "List<File> from {}", In { plan, expr: pattern }),
        Output::Record(fields) => {
            f.write_str("{ ")?;
            for (at, (name, output)) in fields.iter().enumerate() {
                write!(f, "{}{name}: ", if at == 0 { "" } else { ", " })?;
                write_output(f, plan, output)?;
            }
            f.write_str(" }")
        }
    }
}

fn write_region(f: &mut Formatter<'_>, plan: &Plan, id: RegionId, depth: usize) -> fmt::Result {
    let Some(region) = plan.regions.get(id.0 as usize) else { return Ok(()) };
    let indent = "  ".repeat(depth);
    for (at, node) in region.nodes.iter().enumerate() {
        let this = NodeRef { region: id, node: u32::try_from(at).unwrap_or(u32::MAX) };
        write!(f, "{indent}{} = ", Called { plan, node: this })?;
        let e = |expr| In { plan, expr };
        match &node.kind {
            NodeKind::Step(step) => write_step(f, plan, step)?,
            NodeKind::Source(source) => {
                writeln!(f, "{} {} below {:?}", source_word(source.kind), e(&source.what), source.base)?;
            }
            NodeKind::Value(value) => writeln!(f, "{}", e(value))?,
            NodeKind::For { list, cond, max, body } => {
                write!(f, "for @{} in {}", body.0, e(list))?;
                if let Some(cond) = cond {
                    write!(f, " if {}", e(cond))?;
                }
                if let Some(max) = max {
                    write!(f, " max {}", e(max))?;
                }
                writeln!(f)?;
                write_region(f, plan, *body, depth + 1)?;
            }
            NodeKind::If { cond, then, otherwise } => {
                writeln!(f, "if {}", e(cond))?;
                write_region(f, plan, *then, depth + 1)?;
                writeln!(f, "{indent}else")?;
                write_region(f, plan, *otherwise, depth + 1)?;
            }
            NodeKind::Match { scrutinee, arms } => {
                writeln!(f, "match {}", e(scrutinee))?;
                for (pattern, region) in arms {
                    writeln!(f, "{indent}| {} (@{})", PatternText(pattern), region.0)?;
                    write_region(f, plan, *region, depth + 1)?;
                }
            }
        }
    }
    writeln!(f, "{indent}-> {}", In { plan, expr: &region.result })
}

fn write_step(f: &mut Formatter<'_>, plan: &Plan, step: &Step) -> fmt::Result {
    let e = |expr| In { plan, expr };
    let name = plan.tasks.get(step.task as usize).map_or("?", |task| task.name.as_str());
    write!(f, "{name}!(")?;
    for (at, arg) in step.args.iter().enumerate() {
        write!(f, "{}{}", if at == 0 { "" } else { ", " }, e(arg))?;
    }
    f.write_str(")")?;
    if let Some(timeout) = &step.timeout {
        write!(f, " timeout {}", e(timeout))?;
    }
    if let Some(cache) = step.cache {
        write!(f, " cache {}", CacheText(cache))?;
    }
    if let Some(sample) = &step.sample {
        write!(f, " sample {}", e(sample))?;
    }
    for node in &step.after {
        write!(f, " after {}", Called { plan, node: *node })?;
    }
    writeln!(f)
}

fn write_list(f: &mut Formatter<'_>, plan: &Plan, items: &[Expr]) -> fmt::Result {
    f.write_str("[")?;
    for (at, expr) in items.iter().enumerate() {
        write!(f, "{}{}", if at == 0 { "" } else { ", " }, In { plan, expr })?;
    }
    f.write_str("]")
}

fn source_word(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::File => "file",
        SourceKind::Dir => "dir",
        SourceKind::Glob => "glob",
        SourceKind::Read => "read",
        SourceKind::Env => "env",
    }
}

/// A node by its label; labels of other regions do not hide it.
struct Called<'a> {
    plan: &'a Plan,
    node: NodeRef,
}

impl Display for Called<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let node = self
            .plan
            .regions
            .get(self.node.region.0 as usize)
            .and_then(|r| r.nodes.get(self.node.node as usize));
        match node {
            Some(node) if !node.label.is_empty() => f.write_str(&node.label),
            _ => write!(f, "%{}.{}", self.node.region.0, self.node.node),
        }
    }
}

/// An expression of a plan.
struct In<'a> {
    plan: &'a Plan,
    expr: &'a Expr,
}

impl Display for In<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plan = self.plan;
        let e = |expr| In { plan, expr };
        match self.expr {
            Expr::Const(value) => write!(f, "{}", ValueText(value)),
            Expr::Node(node) => write!(f, "{}", Called { plan, node: *node }),
            Expr::Element(region) => write!(f, "@{}", region.0),
            Expr::Arg(at) => write!(f, "${at}"),
            Expr::Local(at) => write!(f, "_{at}"),
            Expr::Field(a, name) => write!(f, "{}.{name}", e(a)),
            Expr::Index(a, b) => write!(f, "{}[{}]", e(a), e(b)),
            Expr::Native { name, args } => {
                write!(f, "{name}(")?;
                for (at, arg) in args.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { "" } else { ", " }, e(arg))?;
                }
                f.write_str(")")
            }
            Expr::Not(a) => write!(f, "!{}", e(a)),
            Expr::Neg(a) => write!(f, "-{}", e(a)),
            Expr::Binary(op, a, b) => write!(f, "({} {} {})", e(a), sign(*op), e(b)),
            Expr::And(a, b) => write!(f, "({} && {})", e(a), e(b)),
            Expr::Or(a, b) => write!(f, "({} || {})", e(a), e(b)),
            Expr::Coalesce(a, b) => write!(f, "({} ?? {})", e(a), e(b)),
            Expr::List(items) => write_list(f, plan, items),
            Expr::Record(fields) => {
                f.write_str("{")?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {}", if at == 0 { " " } else { ", " }, e(value))?;
                }
                f.write_str(" }")
            }
            Expr::Text(parts) => {
                f.write_str("text")?;
                write_list(f, plan, parts)
            }
            Expr::If(c, a, b) => write!(f, "(if {} then {} else {})", e(c), e(a), e(b)),
            Expr::Match { scrutinee, arms } => {
                write!(f, "(match {}", e(scrutinee))?;
                for (pattern, value) in arms {
                    write!(f, " | {} => {}", PatternText(pattern), e(value))?;
                }
                f.write_str(")")
            }
            Expr::For { local, list, cond, max, body } => {
                write!(f, "(for _{local} in {}", e(list))?;
                if let Some(cond) = cond {
                    write!(f, " if {}", e(cond))?;
                }
                if let Some(max) = max {
                    write!(f, " max {}", e(max))?;
                }
                write!(f, " => {})", e(body))
            }
            Expr::Let { local, value, body } => write!(f, "(let _{local} = {} in {})", e(value), e(body)),
            Expr::Cast(a, ty) => write!(f, "({} as {ty})", e(a)),
        }
    }
}

fn sign(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
    }
}

struct CacheText(Cache);

impl Display for CacheText {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cache::Never => f.write_str("never"),
            Cache::Run => f.write_str("run"),
            Cache::Forever => f.write_str("forever"),
            Cache::For(time) => write!(f, "{time}"),
        }
    }
}

struct PatternText<'a>(&'a Pattern);

impl Display for PatternText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Pattern::Any => f.write_str("_"),
            Pattern::Equal(value) => write!(f, "{}", ValueText(value)),
            Pattern::Or(all) => {
                for (at, pattern) in all.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { "" } else { " or " }, PatternText(pattern))?;
                }
                Ok(())
            }
            Pattern::Bind(at) => write!(f, "some _{at}"),
            Pattern::BindAny(at) => write!(f, "_{at}"),
        }
    }
}

struct ValueText<'a>(&'a Value);

impl Display for ValueText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::None => f.write_str("none"),
            Value::Unit => f.write_str("()"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Float(value) => write!(f, "{value:?}"),
            Value::Text(text) => write!(f, "{:?}", text.as_str()),
            Value::Duration(value) => write!(f, "{value}"),
            Value::Size(value) => write!(f, "{value}"),
            Value::Money(value) => write!(f, "{value}"),
            Value::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{}", if at == 0 { "" } else { ", " }, ValueText(item))?;
                }
                f.write_str("]")
            }
            Value::Record(fields) => {
                f.write_str("{")?;
                for (at, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{name}: {}", if at == 0 { " " } else { ", " }, ValueText(value))?;
                }
                f.write_str(" }")
            }
            Value::File(file) => write!(f, "file:{}:{}", file.name, file.hash.short(8)),
            Value::Dir(dir) => write!(f, "dir:{}:{}", dir.name, dir.tree.short(8)),
        }
    }
}
