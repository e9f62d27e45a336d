//! Checked bodies: every name resolved, every expression typed, conversions written out. The checker makes them, lowering
//! reads them; neither text nor absolute places are in them. What had an error is [`ExprKind::Error`], and a program with errors is never lowered.
mod agent;
mod later;
mod settings;
mod walk;

use flowc_base::{Name, Span};
use flowc_plan::{BinaryOp, Cache, SourceKind, Value};

pub(crate) use agent::{Agent, Http, Via};
pub(crate) use settings::{Checkpoint, Every, Limits, Settings};

use crate::db::ItemId;
use crate::ty::Ty;

/// A name bound in a body, by its index in [`Body::locals`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct LocalId(pub u32);

/// A name bound in a body: a parameter, a `let`, the variable of a `for`, a name of a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Local {
    /// Its name.
    pub name: Name,
    /// Where it is bound, relative to the item.
    pub span: Span,
    /// Its type.
    pub ty: Ty,
}

/// The checked body of a task, a flow or a test. The parameters are the first locals, in their order.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Body {
    /// All names bound in it.
    pub locals: Vec<Local>,
    /// Of each parameter its default, checked in the scope of the item (it sees no other parameter).
    pub defaults: Vec<Option<Expr>>,
    /// What it does.
    pub kind: BodyKind,
}

/// The kinds of bodies.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum BodyKind {
    /// Of a flow.
    Flow {
        /// Statements and value.
        block: Block,
        /// The declared type of the value; the block's value is converted to it already.
        output: Ty,
    },
    /// Of a task.
    Task(Box<TaskBody>),
    /// Of a task of the library: a native function, by its name.
    Native(Name),
    /// Of a test.
    Test(Block),
    /// Of an agent; without parameters.
    Agent(Box<Agent>),
    /// `settings { … }`
    Settings(Box<Settings>),
}

/// The body of a task. Expressions in it are pure and see the task's parameters only.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct TaskBody {
    /// What is executed.
    pub action: Action,
    /// How the value is made.
    pub output: Output,
    /// `env { NAME: text }`
    pub env: Vec<(Name, Expr)>,
    /// `stdin e`
    pub stdin: Option<Expr>,
    /// `needs { cpu: …, memory: …, network: … }`
    pub cpu: Option<Expr>,
    /// See [`TaskBody::cpu`].
    pub memory: Option<Expr>,
    /// See [`TaskBody::cpu`].
    pub network: Option<Expr>,
    /// `timeout e`
    pub timeout: Option<Expr>,
    /// `cache …`
    pub cache: Cache,
    /// `retry n { … }`
    pub retry: Option<Retry>,
    /// What it touches outside of a directory of its own; `None`: nothing, it is isolated.
    pub footprint: Option<Footprint>,
}

/// `retry n { backoff: 1s, factor: 2, on: [timeout, exit(75)] }`
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Retry {
    /// How many more tries.
    pub times: Expr,
    /// The pause before the second try.
    pub backoff: Option<Expr>,
    /// What each pause is multiplied with.
    pub factor: Option<Expr>,
    /// The kinds of failures that are tried again, as they are written (`timeout`, `exit(75)`); empty: those that usually pass by themselves.
    pub on: Vec<Name>,
}

/// What a task or agent that works on the project's tree declares to touch. Patterns are expressions of type `Text`.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Footprint {
    /// `reads …`
    pub reads: Vec<Expr>,
    /// `writes …`
    pub writes: Vec<Expr>,
    /// `edits …`
    pub edits: Vec<Expr>,
    /// `exclusive "gpu0"`
    pub exclusive: Vec<Expr>,
    /// `effect "production"`
    pub effect: Option<Name>,
}

impl Footprint {
    /// Whether the task runs in the project's root.
    pub(crate) fn on_tree(&self) -> bool {
        [&self.reads, &self.writes, &self.edits].iter().any(|patterns| !patterns.is_empty())
    }
}

/// What a task executes.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Action {
    /// `sh "…"`
    Shell(Shell),
    /// `exec [program, arg, …]`
    Exec(Vec<Expr>),
    /// `script "python3" """…"""`
    Script { program: Name, text: Name },
    /// `ask …`
    Ask(Box<Ask>),
}

/// A shell text, with how each value is quoted decided already.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Shell {
    pub shell: Name,
    pub text: Vec<ShellPart>,
    /// See [`flowc_plan::Body::Shell`].
    pub form: Option<Vec<Name>>,
    /// The programs that it runs, as far as they are written out, each once.
    pub programs: Vec<Name>,
}

/// A part of a shell text.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum ShellPart {
    /// The shell's own text.
    Text(Name),
    /// A value.
    Splice(Expr, flowc_plan::Quoting),
}

/// Where a task's value comes from. Paths and patterns are expressions of type `Text`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Output {
    /// No value.
    Unit,
    /// `from stdout`
    Stdout(Ty),
    /// `from lines`; the type of the whole list.
    Lines(Ty),
    /// `from "path"`
    Path { path: Expr, ty: Ty },
    /// `from "glob*"`: `List<File>`.
    Glob { pattern: Expr },
    /// `{ page: File from "index.html", … }`
    Record(Vec<(Name, Output)>),
}

/// `{ statements value }`
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Block {
    /// The statements before the value.
    pub stmts: Vec<Stmt>,
    /// The value; without, it is `()`.
    pub value: Option<Box<Expr>>,
    /// From brace to brace.
    pub span: Span,
}

/// A statement.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Stmt {
    /// `let name = e`
    Let {
        /// The bound name.
        local: LocalId,
        /// Its value, converted to the declared type where there is one.
        value: Expr,
    },
    /// A step as a bare call, for what it does.
    Expr(Expr),
    /// `gate "name" [speculate] cond else action`
    Gate(Box<Gate>),
    /// `assert cond`
    Assert(Expr),
    /// `assert independent [a, b]`
    AssertIndependent(Vec<Expr>),
    /// `break v`
    Break(Option<Expr>),
    /// `continue v`
    Continue(Option<Expr>),
    /// `mock …`
    Mock(Mock),
}

/// A condition that holds what comes after it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Gate {
    /// Its name.
    pub name: Expr,
    /// Whether agent calls may run ahead of it.
    pub speculate: bool,
    /// What must hold.
    pub cond: Expr,
    /// What happens else: [`ExprKind::Fail`], [`ExprKind::Escalate`] or [`ExprKind::Rollback`].
    pub action: Option<Expr>,
    /// The whole statement.
    pub span: Span,
}

/// What a test answers instead of a task or an agent.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Mock {
    /// Whom it stands in for; `None`: every other of its kind.
    pub target: Option<ItemId>,
    /// Whether it stands in for asks; else for a task.
    pub ask: bool,
    /// The names of the arguments; `None` for `_`.
    pub params: Vec<Option<LocalId>>,
    /// One answer after the other.
    pub each: bool,
    /// The answer is a failure.
    pub failed: bool,
    /// The answer, or the list of answers.
    pub answer: Expr,
    /// Where the name of whom it stands in for is.
    pub span: Span,
}

/// A typed expression.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Expr {
    /// Which.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Ty,
    /// Where, relative to the item.
    pub span: Span,
}

/// The forms of checked expressions.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum ExprKind {
    /// A literal.
    Const(Value),
    /// A bound name.
    Local(LocalId),
    /// A field of a record, an element of a map by a constant key.
    Field(Box<Expr>, Name),
    /// `a[i]` of a list or a map.
    Index(Box<Expr>, Box<Expr>),
    /// A call of a native function of the library: pure.
    Native { name: Name, args: Vec<Expr> },
    /// `file(…)`, `dir(…)`, `glob(…)`, `read(…)`, `env(…)`: read from outside; paths are relative to the file that the item stands in.
    Source { kind: SourceKind, what: Box<Expr> },
    /// A call of a task: a step. (A call of a native task is [`ExprKind::Native`].)
    Step(Box<Call>),
    /// A call of a flow.
    Flow(Box<Call>),
    /// `!a`
    Not(Box<Expr>),
    /// `-a`
    Neg(Box<Expr>),
    /// Both sides evaluated, of one type (an `Int` beside a `Float` is cast already).
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `a && b`
    And(Box<Expr>, Box<Expr>),
    /// `a || b`
    Or(Box<Expr>, Box<Expr>),
    /// `a ?? b`
    Coalesce(Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ a: x }` and `{ "a": x }`
    Record(Vec<(Name, Expr)>),
    /// A text with splices; every part is a `Text`, a scalar, or what has a text.
    Text(Vec<Expr>),
    /// `if c { … } else { … }`; without `else` the value is `()`.
    If { cond: Box<Expr>, then: Block, otherwise: Option<Block> },
    /// `match v { … }`
    Match { scrutinee: Box<Expr>, arms: Vec<Arm> },
    /// `for x in xs if c max n { … }`
    For { var: LocalId, list: Box<Expr>, cond: Option<Box<Expr>>, max: Option<Box<Expr>>, body: Block },
    /// `{ … }`
    Block(Block),
    /// `e as T`, and every conversion that happens without a word and changes the value (`Int` to `Float`). The target is the expression's type.
    Cast(Box<Expr>),
    /// An agent, by its name.
    Agent(ItemId),
    /// `secret("NAME")`
    Secret(Name),
    /// `ask …`: a step.
    Ask(Box<Ask>),
    /// `approve "question"`: a step.
    Approve {
        /// What is asked; a `Text`.
        question: Box<Expr>,
        /// The options that every step takes.
        with: Box<With>,
    },
    /// `reduce a, b in xs { … }`
    Reduce { left: LocalId, right: LocalId, list: Box<Expr>, body: Block },
    /// `loop x = first max n { … }`; its `else` is an [`ExprKind::Else`] around it.
    Loop { var: LocalId, first: Box<Expr>, max: Option<Box<Expr>>, body: Block },
    /// `step else other`
    Else { step: Box<Expr>, otherwise: Box<Expr> },
    /// `try step`
    Try(Box<Expr>),
    /// `race [a, b]`
    Race(Box<Expr>),
    /// `first n of [a, b]`
    First { n: Box<Expr>, of: Box<Expr> },
    /// `fail "…"`
    Fail(Box<Expr>),
    /// `escalate "…"`
    Escalate(Box<Expr>),
    /// `rollback`
    Rollback,
    /// Its error is reported already.
    Error,
}

/// A question to an agent.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Ask {
    /// Whom.
    pub agent: Expr,
    /// What.
    pub prompt: Expr,
    /// The type of the answer.
    pub ty: Ty,
    /// `with { context: [a, b] }`
    pub context: Option<Expr>,
    /// `with { budget: 8000 }`: tokens.
    pub budget: Option<Expr>,
    /// The options that every step takes.
    pub with: With,
}

/// A call of a task or a flow.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Call {
    /// What is called.
    pub callee: ItemId,
    /// One for each parameter, converted to its type; `None` takes the default.
    pub args: Vec<Option<Expr>>,
    /// `with { … }`
    pub with: With,
}

/// `with { timeout: …, retry: …, cache: …, after: […], sample: …, name: "…" }`
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct With {
    /// `timeout: 10m`
    pub timeout: Option<Expr>,
    /// `retry: 5`: so many more tries.
    pub retry: Option<Expr>,
    /// `cache: never`
    pub cache: Option<Cache>,
    /// `after: [migrate]`: names of `let`s.
    pub after: Vec<LocalId>,
    /// `sample: n`
    pub sample: Option<Expr>,
    /// `name: "x"`: what people read instead of the `let`'s name.
    pub name: Option<Name>,
}

/// An arm of a `match`.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Arm {
    /// What it takes.
    pub pattern: Pattern,
    /// What it gives.
    pub value: Expr,
}

/// A checked pattern; `match` is exhaustive.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Pattern {
    /// `_`
    Any,
    /// A literal.
    Equal(Value),
    /// `a | b`
    Or(Vec<Pattern>),
    /// A name, over a value that is no optional: takes anything.
    BindAny(LocalId),
    /// A name over an optional before `none` is taken: anything but `none`.
    Bind(LocalId),
    /// `ok { value }`, `failed { kind, message }` over an outcome.
    Variant { name: Name, fields: Vec<(Name, LocalId)> },
}
