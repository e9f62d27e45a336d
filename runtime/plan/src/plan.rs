//! The plan: regions of nodes. A region is a template; the runtime makes an instance of it whenever its turn comes (once for
//! the flow, once per element of a `for`, once for the branch that is taken). Nodes refer to earlier nodes only, so a plan has no cycle.
use std::collections::BTreeSet;

use flowc_base::{Millis, Name};
use serde::{Deserialize, Serialize};

use crate::{ContentHash, Expr, KeyHasher, NodeRef, Ref, RegionId, Type, Value};

/// The version of the serialised form and of keys: a change of meaning counts it up.
pub const PLAN_VERSION: u32 = 4;

/// Everything that the runtime needs to know about a program.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_VERSION`] at the time of writing.
    pub version: u32,
    /// The flow's name.
    pub flow: Name,
    /// The types that refer to themselves, for [`Type::Named`].
    pub types: Vec<Type>,
    /// The tasks that steps call.
    pub tasks: Vec<Task>,
    /// Regions; the first is the body of the flow. A region stands after the one around it.
    pub regions: Vec<Region>,
    /// The type of the flow's value.
    pub output: Type,
}

/// A template of nodes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Region {
    /// The region around it; `None` for the flow's body.
    pub parent: Option<RegionId>,
    /// The nodes, in the order of the text.
    pub nodes: Vec<Node>,
    /// The value.
    pub result: Expr,
}

/// A node: its value becomes known once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Node {
    /// What a person calls it, from the `let` it stands in and the flows around it within this region: `counts`, `report.page`.
    pub label: Name,
    /// Where it stands in the program.
    pub origin: Origin,
    /// What it does.
    pub kind: NodeKind,
}

/// Where something stands in the text of the program; for messages only, never part of a key.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// The file's path as the user would name it.
    pub file: Name,
    /// The line, from 1.
    pub line: u32,
}

/// The kinds of nodes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum NodeKind {
    /// A call of a task.
    Step(Step),
    /// Something read from the user's tree or environment.
    Source(Source),
    /// An expression whose value several others use.
    Value(Expr),
    /// `for x in xs if c max n { … }` with steps in it: an instance of `body` for each element, as soon as the element is there.
    For {
        /// The list. When it is just another `For` node, elements flow on one by one.
        list: Expr,
        /// `if c`: evaluated inside the instance (it may use [`Expr::Element`] of `body`).
        cond: Option<Expr>,
        /// `max n`: more elements are a failure before any of them starts.
        max: Option<Expr>,
        /// What is done for each.
        body: RegionId,
    },
    /// `if c { … } else { … }` with steps in a branch: only the branch that is taken becomes an instance.
    If {
        /// The condition.
        cond: Expr,
        /// The branch for true.
        then: RegionId,
        /// The branch for false.
        otherwise: RegionId,
    },
    /// `match v { … }` with steps in an arm. In an arm that binds, [`Expr::Element`] of its region is the value.
    Match {
        /// What is looked at.
        scrutinee: Expr,
        /// The arms, in order.
        arms: Vec<(crate::Pattern, RegionId)>,
    },
}

/// A call of a task.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Step {
    /// Index into [`Plan::tasks`].
    pub task: u32,
    /// The arguments, one for each parameter.
    pub args: Vec<Expr>,
    /// `with { timeout: … }`, over the task's own.
    pub timeout: Option<Expr>,
    /// `with { cache: … }`, over the task's own.
    pub cache: Option<Cache>,
    /// `with { sample: n }` (and whatever else enters the key and nothing else).
    pub sample: Option<Expr>,
    /// `with { after: […] }`: nodes that must be done first although no data says so.
    pub after: Vec<NodeRef>,
}

/// Something read from outside, once, where no step writes: at the run's start.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// What is read.
    pub kind: SourceKind,
    /// Its path, pattern or name: a text.
    pub what: Expr,
    /// The directory that a relative path starts from; absolute.
    pub base: Name,
}

/// The kinds of sources.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum SourceKind {
    /// `file("…")`: a `File`.
    File,
    /// `dir("…")`: a `Dir`.
    Dir,
    /// `glob("…")`: a `List<File>`, sorted by path.
    Glob,
    /// `read("…")`: the `Text` of a file.
    Read,
    /// `env("…")`: a `Text?` from the environment.
    Env,
}

/// A task as the runtime needs it. Expressions in it see its arguments only ([`Expr::Arg`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Task {
    /// Its name.
    pub name: Name,
    /// Where it stands.
    pub origin: Origin,
    /// Its parameters: names (for `script`) and types.
    pub params: Vec<(Name, Type)>,
    /// What is executed.
    pub body: Body,
    /// The programs that this names, as far as they are written out: names to be found on the `PATH`, or absolute paths. Each once, sorted.
    pub programs: Vec<Name>,
    /// How its value is made of what the execution leaves.
    pub output: Output,
    /// `env { NAME: text }`: texts.
    pub env: Vec<(Name, Expr)>,
    /// `stdin e`: a text or a file; without, the standard input is empty.
    pub stdin: Option<Expr>,
    /// `needs { … }`.
    pub needs: Needs,
    /// `timeout e`, for one try.
    pub timeout: Option<Expr>,
    /// `cache …`.
    pub cache: Cache,
}

/// What a task executes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Body {
    /// `sh "…"`: a shell with this text.
    Shell {
        /// `sh`, or what `shell "…"` says.
        shell: Name,
        /// The text.
        text: Vec<ShellPart>,
        /// What stands around the splices in the form that its syntax gives it, where that is another: [`Task::identity`] has it
        /// in the text's stead.
        form: Option<Vec<Name>>,
    },
    /// `exec [program, arg, …]`: each a text, a file (its path), a number …, or a list of such (several words).
    Exec(Vec<Expr>),
    /// `script "python3" """…"""`: the text as a file given to the program, the inputs as JSON in `$FLOW_INPUTS`.
    Script {
        /// The program.
        program: Name,
        /// The text.
        text: Name,
    },
}

/// A part of a shell text.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum ShellPart {
    /// The shell's own text, letter for letter.
    Text(Name),
    /// A value, quoted for the place where it stands.
    Splice(Expr, Quoting),
}

/// What stands around the splices of a text, one more than there are splices, and the splices.
fn apart(text: &[ShellPart]) -> (Vec<Name>, Vec<(&Expr, Quoting)>) {
    let mut splices = Vec::new();
    let mut around = vec![String::new()];
    for part in text {
        match part {
            ShellPart::Text(text) => around.last_mut().into_iter().for_each(|last| last.push_str(text)),
            ShellPart::Splice(value, quoting) => {
                splices.push((value, *quoting));
                around.push(String::new());
            }
        }
    }
    (around.into_iter().map(Name::from).collect(), splices)
}

/// How a value is written into a shell text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Quoting {
    /// As a word of its own: `'…'`; a list as several.
    Bare,
    /// Inside `"…"`.
    Double,
    /// Inside `'…'`.
    Single,
}

/// How a task's value is made.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Output {
    /// No value.
    Unit,
    /// Standard output: `Text` without its last newline, a `File` whole, other types parsed as JSON.
    Stdout(Type),
    /// The lines of standard output, each parsed as the element of this `List` type.
    Lines(Type),
    /// A path in the step's directory: `File`, `Dir`, their optionals, or a type read from a JSON file.
    Path {
        /// The path: a text.
        path: Expr,
        /// What stands there.
        ty: Type,
    },
    /// Files by pattern, sorted by name: `List<File>`.
    Glob {
        /// The pattern: a text.
        pattern: Expr,
    },
    /// A record of outputs.
    Record(Vec<(Name, Output)>),
}

/// What a step holds while it runs.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Needs {
    /// Cores: an `Int` or `Float`; without, 1.
    pub cpu: Option<Expr>,
    /// Memory: a `Size`; without, none is counted.
    pub memory: Option<Expr>,
    /// Whether it may use the network: a `Bool`.
    pub network: Option<Expr>,
}

/// How long a result is remembered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
pub enum Cache {
    /// Not at all, but for the resumes of its run.
    Never,
    /// For its run and its resumes.
    Run,
    /// Always.
    #[default]
    Forever,
    /// For so long.
    For(Millis),
}

impl Task {
    /// The hash of all that makes two executions with equal arguments equal: parameters (a value is written as its type says, a script and a
    /// file are given it by name), body, outputs, environment, standard input, whether it may use the network, and the definitions
    /// of the `types` ([`Plan::types`]) that any of these name. The task's name, places, cores, memory, timeouts and cache times are no part of it,
    /// nor what its programs are: whoever knows the machine adds that ([`Task::with_programs`]).
    #[must_use]
    pub fn identity(&self, types: &[Type]) -> ContentHash {
        let mut hasher = KeyHasher::new("task", PLAN_VERSION);
        let mut part = |tag, bytes: Result<Vec<u8>, rmp_serde::encode::Error>| {
            hasher.bytes(tag, &bytes.unwrap_or_default());
        };
        part(b'p', rmp_serde::to_vec(&self.params));
        match &self.body {
            Body::Shell { shell, text, form } => {
                let (around, splices) = apart(text);
                part(b's', rmp_serde::to_vec(&(shell, form.as_ref().unwrap_or(&around), splices)));
            }
            body => part(b'b', rmp_serde::to_vec(body)),
        }
        part(b'o', rmp_serde::to_vec(&self.output));
        part(b'e', rmp_serde::to_vec(&self.env));
        part(b'i', rmp_serde::to_vec(&self.stdin));
        // What a step is let do can change what comes of it; how much of the machine it gets cannot.
        if self.needs.network.is_some() {
            part(b'n', rmp_serde::to_vec(&self.needs.network));
        }
        let named = self.named_types(types);
        if !named.is_empty() {
            let definitions: Vec<_> = named.iter().map(|name| (name, types.get(*name as usize))).collect();
            part(b't', rmp_serde::to_vec(&definitions));
        }
        hasher.finish()
    }

    /// An identity of a task on a machine where its programs are these: names, paths and contents.
    #[must_use]
    pub fn with_programs(identity: &ContentHash, programs: &[(&str, &str, ContentHash)]) -> ContentHash {
        if programs.is_empty() {
            return *identity;
        }
        let mut hasher = KeyHasher::new("task on a machine", PLAN_VERSION);
        hasher.hash(b'T', identity).number(b'P', programs.len() as u64);
        for (name, path, content) in programs {
            hasher.bytes(b'n', name.as_bytes()).bytes(b'p', path.as_bytes()).hash(b'c', content);
        }
        hasher.finish()
    }

    /// The types by index that the task names, and that these name.
    fn named_types(&self, types: &[Type]) -> BTreeSet<u32> {
        let mut todo = Vec::new();
        if types.is_empty() {
            return BTreeSet::new();
        }
        self.params.iter().for_each(|(_, ty)| ty.for_each_named(&mut |name| todo.push(name)));
        let mut exprs: Vec<&Expr> = self.env.iter().map(|(_, value)| value).collect();
        exprs.extend(self.stdin.iter().chain(&self.needs.network));
        match &self.body {
            Body::Shell { text, .. } => exprs.extend(text.iter().filter_map(|part| match part {
                ShellPart::Text(_) => None,
                ShellPart::Splice(expr, _) => Some(expr),
            })),
            Body::Exec(words) => exprs.extend(words),
            Body::Script { .. } => {}
        }
        let mut outputs = vec![&self.output];
        while let Some(output) = outputs.pop() {
            match output {
                Output::Unit => {}
                Output::Stdout(ty) | Output::Lines(ty) => ty.for_each_named(&mut |name| todo.push(name)),
                Output::Path { path, ty } => {
                    exprs.push(path);
                    ty.for_each_named(&mut |name| todo.push(name));
                }
                Output::Glob { pattern } => exprs.push(pattern),
                Output::Record(fields) => outputs.extend(fields.iter().map(|(_, output)| output)),
            }
        }
        for expr in exprs {
            expr.for_each_type(&mut |ty| ty.for_each_named(&mut |name| todo.push(name)));
        }
        let mut named = BTreeSet::new();
        while let Some(name) = todo.pop() {
            if named.insert(name)
                && let Some(ty) = types.get(name as usize)
            {
                ty.for_each_named(&mut |name| todo.push(name));
            }
        }
        named
    }
}

impl NodeKind {
    /// Calls `f` with every node and element that the node itself looks at; not with what stands in its regions.
    pub fn for_each_ref(&self, f: &mut impl FnMut(Ref)) {
        match self {
            Self::Step(step) => {
                step.args.iter().chain(&step.timeout).chain(&step.sample).for_each(|e| e.for_each_ref(f));
                step.after.iter().for_each(|node| f(Ref::Node(*node)));
            }
            Self::Source(source) => source.what.for_each_ref(f),
            Self::Value(value) => value.for_each_ref(f),
            Self::For { list, cond, max, .. } => {
                list.for_each_ref(f);
                cond.iter().chain(max).for_each(|e| e.for_each_ref(f));
            }
            Self::If { cond, .. } => cond.for_each_ref(f),
            Self::Match { scrutinee, .. } => scrutinee.for_each_ref(f),
        }
    }

    /// Calls `f` with every region that belongs to the node.
    pub fn for_each_region(&self, f: &mut impl FnMut(RegionId)) {
        match self {
            Self::Step(_) | Self::Source(_) | Self::Value(_) => {}
            Self::For { body, .. } => f(*body),
            Self::If { then, otherwise, .. } => {
                f(*then);
                f(*otherwise);
            }
            Self::Match { arms, .. } => arms.iter().for_each(|(_, region)| f(*region)),
        }
    }

    /// Replaces every reference to a node.
    pub fn map_nodes(&mut self, f: &mut impl FnMut(NodeRef) -> NodeRef) {
        self.for_each_expr(&mut |e| e.map_nodes(f));
        if let Self::Step(step) = self {
            step.after.iter_mut().for_each(|node| *node = f(*node));
        }
    }

    /// Replaces every region, owned or looked at.
    pub fn map_regions(&mut self, f: &mut impl FnMut(RegionId) -> RegionId) {
        self.for_each_expr(&mut |e| e.map_regions(f));
        match self {
            Self::Step(_) | Self::Source(_) | Self::Value(_) => {}
            Self::For { body, .. } => *body = f(*body),
            Self::If { then, otherwise, .. } => {
                *then = f(*then);
                *otherwise = f(*otherwise);
            }
            Self::Match { arms, .. } => arms.iter_mut().for_each(|(_, region)| *region = f(*region)),
        }
    }

    fn for_each_expr(&mut self, f: &mut dyn FnMut(&mut Expr)) {
        match self {
            Self::Step(step) => {
                step.args.iter_mut().chain(&mut step.timeout).chain(&mut step.sample).for_each(f);
            }
            Self::Source(source) => f(&mut source.what),
            Self::Value(value) => f(value),
            Self::For { list, cond, max, .. } => {
                f(list);
                cond.iter_mut().chain(max).for_each(f);
            }
            Self::If { cond, .. } => f(cond),
            Self::Match { scrutinee, .. } => f(scrutinee),
        }
    }
}

impl Plan {
    /// The serialised plan.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        rmp_serde::to_vec(self).expect("a plan is plain data: writing it into memory cannot fail")
    }

    /// Reads a serialised plan.
    ///
    /// # Errors
    /// A sentence, when the bytes are no plan or one of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let plan: Self = rmp_serde::from_slice(bytes).map_err(|error| format!("not a plan: {error}"))?;
        if plan.version == PLAN_VERSION {
            Ok(plan)
        } else {
            Err(format!("a plan of version {}, this flowc reads version {PLAN_VERSION}", plan.version))
        }
    }

    /// The hash of the plan: same program, same inputs, same id.
    #[must_use]
    pub fn id(&self) -> ContentHash {
        ContentHash::of(&self.to_bytes())
    }

    /// The key of a step: its task's [`Task::identity`], its arguments, its sample.
    #[must_use]
    pub fn step_key(task_identity: &ContentHash, args: &[Value], sample: Option<&Value>) -> ContentHash {
        let mut hasher = KeyHasher::new("step", PLAN_VERSION);
        hasher.hash(b'T', task_identity).number(b'A', args.len() as u64);
        args.iter().for_each(|arg| arg.hash_into(&mut hasher));
        if let Some(sample) = sample {
            hasher.number(b'S', 1);
            sample.hash_into(&mut hasher);
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The compiler nests expressions up to 256 deep, and a few more that it moves into each other.
    #[test]
    fn deep_expressions_are_read_back() {
        let mut deep = Expr::Const(Value::Int(1));
        for _ in 0..300 {
            deep = Expr::Let { local: 1, value: Box::new(Expr::Const(Value::Unit)), body: Box::new(deep) };
        }
        let plan = Plan {
            version: PLAN_VERSION,
            flow: Name::from("main"),
            types: Vec::new(),
            tasks: Vec::new(),
            regions: vec![Region { parent: None, nodes: Vec::new(), result: deep }],
            output: Type::Int(None),
        };
        assert_eq!(Plan::from_bytes(&plan.to_bytes()).as_ref(), Ok(&plan));
    }

    fn task(params: Vec<(Name, Type)>, output: Type) -> Task {
        Task {
            name: "t".into(),
            origin: Origin { file: "f.flow".into(), line: 1 },
            params,
            body: Body::Exec(vec![Expr::Arg(0)]),
            programs: Vec::new(),
            output: Output::Stdout(output),
            env: Vec::new(),
            stdin: None,
            needs: Needs::default(),
            timeout: None,
            cache: Cache::Forever,
        }
    }

    #[test]
    fn parameters_are_part_of_a_task() {
        let of = |name: &str, ty: Type| task(vec![(name.into(), ty)], Type::Text).identity(&[]);
        let list = || Type::List(Box::new(Type::Int(None)));
        assert_eq!(of("a", list()), of("a", list()));
        // One gives several words, the other a text in JSON.
        assert_ne!(of("a", list()), of("a", Type::Json));
        // A record is handed over as a file of its parameter's name.
        assert_ne!(of("a", Type::Record(Vec::new())), of("b", Type::Record(Vec::new())));
    }

    #[test]
    fn what_a_named_type_means_is_part_of_a_task() {
        let tree = |leaf: Type| {
            Type::Record(vec![("leaf".into(), leaf), ("sub".into(), Type::List(Box::new(Type::Named(1))))])
        };
        let other = |leaf: Type| vec![Type::Int(None), tree(Type::Named(2)), leaf, Type::Named(0)];
        let changed = [Type::Bool, tree(Type::Named(2)), Type::Text, Type::Named(0)];
        let cast = Task {
            body: Body::Exec(vec![Expr::Not(Box::new(Expr::Cast(Box::new(Expr::Arg(0)), Type::Named(1))))]),
            ..task(vec![], Type::Text)
        };
        for task in [task(vec![], Type::Named(1)), task(vec![("a".into(), Type::Named(1))], Type::Text), cast]
        {
            let identity = task.identity(&other(Type::Text));
            assert_ne!(identity, task.identity(&other(Type::Bool)));
            assert_eq!(identity, task.identity(&changed), "of what it does not name");
        }
    }

    #[test]
    fn zeros_that_are_written_differently_have_keys_of_their_own() {
        let key = |value| Plan::step_key(&ContentHash([0; 32]), &[Value::Float(value)], None);
        assert_ne!(key(0.0), key(-0.0));
    }
}
