//! The syntax tree of one item. Plain owned data, comparable, with spans relative to the item's first byte.
//! It says what stands in the text and nothing about what it means.
use flowc_base::{Bytes, Micros, Millis, Name, Span};

/// A name with its place.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ident {
    /// The name.
    pub name: Name,
    /// Where it stands.
    pub span: Span,
}

/// An item with the documentation above it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Item {
    /// The text of the `///` lines, without the slashes and one blank after them; empty when there are none.
    pub docs: Name,
    /// What it is.
    pub kind: ItemKind,
    /// The whole item, documentation included.
    pub span: Span,
}

/// The seven kinds of items.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum ItemKind {
    /// `use …`
    Use(Use),
    /// `type NAME = TYPE`
    Type(TypeItem),
    /// `agent NAME { … }`
    Agent(Agent),
    /// `task NAME(…) -> … { … }`
    Task(Task),
    /// `flow NAME(…) -> TYPE { … }`
    Flow(Flow),
    /// `settings { … }`
    Settings(Settings),
    /// `test "name" { … }`
    Test(Test),
}

/// `use std.text.{lines, join}`, `use "./a.flow" as team`, `use "./a.flow".{planner}`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Use {
    /// Where the names come from.
    pub from: UseFrom,
    /// `as NAME`
    pub alias: Option<Ident>,
    /// `.{a, b}`; `None` without braces, then the module itself is what is named.
    pub names: Option<Vec<Ident>>,
}

/// Where a `use` takes names from.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum UseFrom {
    /// A dotted path into the library: `std.text`.
    Path(Vec<Ident>),
    /// A file, relative to the one it stands in.
    File(TextLit),
}

/// `type NAME = TYPE`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TypeItem {
    /// The name.
    pub name: Ident,
    /// What it stands for.
    pub ty: TypeExpr,
}

/// A type as written.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TypeExpr {
    /// Which.
    pub kind: TypeKind,
    /// Where.
    pub span: Span,
}

/// The forms of types.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the fields are named after the parts of the form above them")]
pub enum TypeKind {
    /// `Int`, `Rating`, `team.Plan` and `List<T>`, `Map<T>`: a path with type arguments.
    Named { path: Vec<Ident>, args: Vec<TypeExpr> },
    /// `Int(0..10)`, `Float(0..1)`: the bounds as constant expressions, both included.
    Ranged { base: Ident, from: Box<Expr>, to: Box<Expr> },
    /// `T?`
    Optional(Box<TypeExpr>),
    /// `{ a: Int, b: Text? }`
    Record(Vec<TypeField>),
    /// `"low" | "high"`; alternatives that are no texts are kept, for the check to refuse.
    Choice(Vec<TypeExpr>),
    /// A text literal: one alternative of a choice.
    Text(TextLit),
    /// `schema("plan.json")`
    Schema(TextLit),
    /// `()`
    Unit,
    /// What could not be read; its error is reported already.
    Missing,
}

/// A field of a record type.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TypeField {
    /// Its documentation.
    pub docs: Name,
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
}

/// A parameter: `name: Type = default`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Param {
    /// Its documentation (`///` before it).
    pub docs: Name,
    /// Its name; empty when the parameter could not be read.
    pub name: Ident,
    /// Its type; parameters of mocks may leave it out.
    pub ty: Option<TypeExpr>,
    /// Its default.
    pub default: Option<Expr>,
    /// The whole parameter.
    pub span: Span,
}

/// `task NAME(params) -> outputs { clauses body }`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Task {
    /// The name.
    pub name: Ident,
    /// The parameters.
    pub params: Vec<Param>,
    /// What stands after `->`.
    pub output: Option<Output>,
    /// Clauses and bodies in the order of the text; how often each may stand is for the check.
    pub clauses: Vec<Clause>,
    /// The `{ … }`.
    pub body_span: Span,
}

/// What a task gives: a type with its source, or a record of such.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Output {
    /// Which.
    pub kind: OutputKind,
    /// Where.
    pub span: Span,
}

/// The two forms of outputs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the fields are named after the parts of the form above them")]
pub enum OutputKind {
    /// `Type from SOURCE`
    One { ty: TypeExpr, from: Option<OutputFrom> },
    /// `{ page: File from "index.html", words: Int from stdout }`, only when at least one field says `from`.
    Record(Vec<OutputField>),
}

/// A field of a record of outputs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OutputField {
    /// Its documentation.
    pub docs: Name,
    /// Its name.
    pub name: Ident,
    /// What it is.
    pub ty: TypeExpr,
    /// Where it is taken from.
    pub from: Option<OutputFrom>,
}

/// Where an output is taken from.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct OutputFrom {
    /// Which.
    pub kind: OutputFromKind,
    /// Where it is written.
    pub span: Span,
}

/// The sources of outputs.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum OutputFromKind {
    /// `from stdout`
    Stdout,
    /// `from lines`
    Lines,
    /// `from "path"` or `from "glob*"`
    Path(TextLit),
}

/// One clause or body of a task or an agent: a word and what follows it. `needs { cpu: 2 }` is `needs` with a record,
/// `sh "…"` is `sh` with a text.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Clause {
    /// The word: `needs`, `timeout`, `sh`, `exec`, `role` …
    pub word: Ident,
    /// What follows, in order: `retry 2 { on: […] }` has two, `script "python3" """…"""` two, `cache never` one (a name).
    pub args: Vec<Expr>,
    /// The whole clause.
    pub span: Span,
}

/// `agent NAME { clauses }`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Agent {
    /// The name.
    pub name: Ident,
    /// The clauses.
    pub clauses: Vec<Clause>,
}

/// `flow NAME(params) -> TYPE { … }`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Flow {
    /// The name.
    pub name: Ident,
    /// The parameters.
    pub params: Vec<Param>,
    /// The type of its value.
    pub output: Option<TypeExpr>,
    /// The body.
    pub body: Block,
}

/// `settings { checkpoint { … } limits { … } }`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Settings {
    /// Its groups, each a word with a record.
    pub groups: Vec<Clause>,
}

/// `test "name" { mock …  let …  assert … }`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Test {
    /// Its name.
    pub name: TextLit,
    /// Its body.
    pub body: Block,
}

/// `{ statements value }`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Block {
    /// All statements; a last [`StmtKind::Expr`] is the block's value.
    pub stmts: Vec<Stmt>,
    /// From brace to brace.
    pub span: Span,
}

/// A statement.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Stmt {
    /// Which.
    pub kind: StmtKind,
    /// Where.
    pub span: Span,
}

/// The forms of statements.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the fields are named after the parts of the form above them")]
pub enum StmtKind {
    /// `let NAME = EXPR`, `let NAME: TYPE = EXPR`
    Let { name: Ident, ty: Option<TypeExpr>, value: Expr },
    /// An expression: a bare call, or the block's value.
    Expr(Expr),
    /// `assert independent [a, b]`
    AssertIndependent(Vec<Expr>),
    /// `assert COND` (tests)
    Assert(Expr),
    /// `gate "name" [speculate] COND else ACTION`
    Gate { name: TextLit, speculate: bool, cond: Expr, action: Option<Expr> },
    /// `break VALUE`
    Break(Option<Expr>),
    /// `continue VALUE`
    Continue(Option<Expr>),
    /// `mock ask NAME -> …`, `mock task NAME(params) -> …` (tests)
    Mock(Mock),
    /// What could not be read; its error is reported already.
    Missing,
}

/// A mock in a test.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Mock {
    /// `ask` or `task`.
    pub what: Ident,
    /// Whom it stands in for; `_` for every other.
    pub target: Vec<Ident>,
    /// Names bound to the arguments; `_` for those that do not matter.
    pub params: Option<Vec<Ident>>,
    /// True for `-> each […]`.
    pub each: bool,
    /// True for `-> failed { … }`.
    pub failed: bool,
    /// The answer.
    pub answer: Expr,
}

/// An expression.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Expr {
    /// Which.
    pub kind: ExprKind,
    /// Where.
    pub span: Span,
}

/// The bits of a finite number with a fraction, so that trees can be compared.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FloatBits(pub u64);

/// The forms of expressions.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the fields are named after the parts of the form above them")]
pub enum ExprKind {
    /// `none`
    None,
    /// `true`, `false`
    Bool(bool),
    /// `1_000`
    Int(i64),
    /// `2.5`
    Float(FloatBits),
    /// `5m`
    Duration(Millis),
    /// `1GB`
    Size(Bytes),
    /// `$0.50`
    Money(Micros),
    /// `60 per 1m`
    Rate { count: Box<Expr>, per: Box<Expr> },
    /// Any text literal.
    Text(TextLit),
    /// A name.
    Name(Name),
    /// `a.b`
    Field { base: Box<Expr>, field: Ident },
    /// `a[i]`
    Index { base: Box<Expr>, index: Box<Expr> },
    /// `f(x, name: y)`
    Call { callee: Box<Expr>, args: Vec<Arg> },
    /// `!a`, `-a`
    Unary { op: UnaryOp, operand: Box<Expr> },
    /// `a + b`, `a && b`, `a ?? b`
    Binary { op: BinaryOp, op_span: Span, left: Box<Expr>, right: Box<Expr> },
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ name: value }`, `{}`
    Record(Vec<FieldInit>),
    /// `{ "text": value }`
    Map(Vec<MapEntry>),
    /// `{ statements value }`
    Block(Block),
    /// `if c { … } else { … }`; the branches are blocks, or another `if` after `else`.
    If { cond: Box<Expr>, then: Block, otherwise: Option<Box<Expr>> },
    /// `match v { "low" => …, _ => … }`
    Match { scrutinee: Box<Expr>, arms: Vec<Arm> },
    /// `e as T`
    Cast { value: Box<Expr>, ty: TypeExpr },
    /// `for x in xs if cond max n { … }`
    For { var: Ident, list: Box<Expr>, cond: Option<Box<Expr>>, max: Option<Box<Expr>>, body: Block },
    /// `reduce a, b in xs { … }`
    Reduce { left: Ident, right: Ident, list: Box<Expr>, body: Block },
    /// `loop x = first max n { … }`; its `else` is an [`ExprKind::Else`] around it.
    Loop { var: Ident, first: Box<Expr>, max: Option<Box<Expr>>, body: Block },
    /// `step else other`
    Else { step: Box<Expr>, otherwise: Box<Expr> },
    /// `try step`
    Try(Box<Expr>),
    /// `race [a, b]`
    Race(Box<Expr>),
    /// `first 2 of [a, b, c]`
    First { n: Box<Expr>, of: Box<Expr> },
    /// `step with { … }`
    With { step: Box<Expr>, fields: Vec<FieldInit>, fields_span: Span },
    /// `ask AGENT "prompt" as TYPE with { … }`
    Ask { agent: Box<Expr>, prompt: Box<Expr>, ty: Option<TypeExpr>, with: Option<Vec<FieldInit>> },
    /// `approve "question"`
    Approve(Box<Expr>),
    /// `fail "…"`
    Fail(Box<Expr>),
    /// `escalate "…"`
    Escalate(Box<Expr>),
    /// `rollback`
    Rollback,
    /// What could not be read; its error is reported already.
    Missing,
}

/// An argument of a call.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Arg {
    /// `name:` before it.
    pub name: Option<Ident>,
    /// Its value.
    pub value: Expr,
}

/// `name: value`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FieldInit {
    /// The name.
    pub name: Ident,
    /// The value.
    pub value: Expr,
}

/// `"key": value`
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct MapEntry {
    /// The key.
    pub key: TextLit,
    /// The value.
    pub value: Expr,
}

/// An arm of a `match`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Arm {
    /// What it takes.
    pub pattern: Pattern,
    /// What it gives.
    pub value: Expr,
}

/// A pattern of a `match`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Pattern {
    /// Which.
    pub kind: PatternKind,
    /// Where.
    pub span: Span,
}

/// The forms of patterns.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the fields are named after the parts of the form above them")]
pub enum PatternKind {
    /// `_`
    Any,
    /// A literal: text, number, `true`, `none` (an [`Expr`] of a literal kind, possibly negated).
    Literal(Box<Expr>),
    /// `a | b`
    Or(Vec<Pattern>),
    /// A name: binds the value (of an optional: when it is there).
    Bind(Name),
    /// `ok { value }`, `failed { kind, message }`: a word with the fields it binds.
    Variant { name: Ident, fields: Vec<Ident> },
    /// What could not be read; its error is reported already.
    Missing,
}

/// `!` and `-`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    /// `!`
    Not,
    /// `-`
    Neg,
}

/// The infix operators.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "each is named after its sign")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    And,
    Or,
    /// `??`
    Coalesce,
}

/// A text literal of any form.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TextLit {
    /// What it is made of, in order; neighbouring fragments are joined.
    pub parts: Vec<TextPart>,
    /// True for `r"…"`.
    pub raw: bool,
    /// How many quotes open it: 1, or at least 3.
    pub quotes: u32,
    /// From the first quote (or `r`) to the last.
    pub span: Span,
}

/// A part of a text literal.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[expect(missing_docs, reason = "the fields are named after the parts of the form above them")]
pub enum TextPart {
    /// Text as it will be.
    Fragment(Fragment),
    /// `{{expr}}`; the span covers the braces.
    Splice { expr: Box<Expr>, span: Span },
}

/// Text after escapes and indentation have been taken out, with the way back to the source.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Fragment {
    /// The text.
    pub text: Name,
    /// Where it came from.
    pub span: Span,
    /// `(offset in text, offset in the item)`, ascending, one entry at each place where the two stop running in step; the first has offset 0.
    pub map: Vec<(u32, u32)>,
}

impl Fragment {
    /// The place in the item of a byte of the text.
    #[must_use]
    pub fn source_offset(&self, offset: u32) -> u32 {
        let at = self.map.partition_point(|&(text, _)| text <= offset);
        let (text, source) =
            at.checked_sub(1).and_then(|i| self.map.get(i)).copied().unwrap_or((0, self.span.start));
        (source + (offset - text)).min(self.span.end)
    }
}

impl TextLit {
    /// The whole text, when nothing is spliced into it.
    #[must_use]
    pub fn as_plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [TextPart::Fragment(fragment)] => Some(&fragment.text),
            _ => None,
        }
    }
}

/// A comment that documents nothing (`//`), for the formatter.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Comment {
    /// From the slashes to the end of the line, without it.
    pub span: Span,
}
