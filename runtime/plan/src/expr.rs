//! Expressions without steps: evaluated inside whoever uses them, never steps of their own.
use flowc_base::Name;
use serde::{Deserialize, Serialize};

use crate::{Type, Value};

/// An expression tree. It is pure: natives that read the outside are nodes of their own (see [`crate::SourceKind`]).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Expr {
    /// A constant.
    Const(Value),
    /// The value of a node of this region or one around it.
    Node(NodeRef),
    /// The element that an enclosing region was made for (`x` of `for x in xs { … }`).
    Element(RegionId),
    /// A parameter of the task, by position: only in tasks.
    Arg(u32),
    /// A name bound by an enclosing pure `for` or `match` or `let` of this expression, by number.
    Local(u32),
    /// A field of a record; of a map: the value or an error.
    Field(Box<Expr>, Name),
    /// An element of a list (from 0), or of a map by its key.
    Index(Box<Expr>, Box<Expr>),
    /// A call of a native function of the library.
    Native {
        /// Its name: `list.len`.
        name: Name,
        /// Its arguments, in the order of its parameters.
        args: Vec<Expr>,
    },
    /// `!a`
    Not(Box<Expr>),
    /// `-a`
    Neg(Box<Expr>),
    /// An infix operator with both sides evaluated.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `a && b`: `b` only when `a`.
    And(Box<Expr>, Box<Expr>),
    /// `a || b`: `b` only when not `a`.
    Or(Box<Expr>, Box<Expr>),
    /// `a ?? b`: `b` when `a` is `none`.
    Coalesce(Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{ a: x }` and `{ "a": x }`
    Record(Vec<(Name, Expr)>),
    /// A text with splices: the texts of the parts, joined.
    Text(Vec<Expr>),
    /// `if c { a } else { b }`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `match v { … }`: the first arm that fits.
    Match {
        /// What is looked at.
        scrutinee: Box<Expr>,
        /// The arms, in order; the compiler has proven that one fits.
        arms: Vec<(Pattern, Expr)>,
    },
    /// `for x in xs if c max n { … }` without steps in it.
    For {
        /// The number of the bound name.
        local: u32,
        /// The list.
        list: Box<Expr>,
        /// `if c`
        cond: Option<Box<Expr>>,
        /// `max n`
        max: Option<Box<Expr>>,
        /// What each element becomes.
        body: Box<Expr>,
    },
    /// A name bound for the rest of an expression, evaluated once.
    Let {
        /// The number of the bound name.
        local: u32,
        /// Its value.
        value: Box<Expr>,
        /// Where it is known.
        body: Box<Expr>,
    },
    /// `e as T`: checked and converted.
    Cast(Box<Expr>, Type),
}

/// A region of a plan.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct RegionId(pub u32);

/// A node of a region.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct NodeRef {
    /// The region: the one that the expression stands in, or one around it.
    pub region: RegionId,
    /// Its index in [`crate::Region::nodes`].
    pub node: u32,
}

/// Infix operators on evaluated operands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
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
}

/// What an arm of a `match` takes.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum Pattern {
    /// Anything.
    Any,
    /// A value equal to this one.
    Equal(Value),
    /// Any of these.
    Or(Vec<Pattern>),
    /// Anything but `none`, bound to a number.
    Bind(u32),
    /// Anything, bound to a number.
    BindAny(u32),
}

impl Expr {
    /// Calls `f` with every node and every element that the expression may look at.
    pub fn for_each_ref(&self, f: &mut impl FnMut(Ref)) {
        match self {
            Self::Node(node) => f(Ref::Node(*node)),
            Self::Element(region) => f(Ref::Element(*region)),
            Self::Const(_) | Self::Arg(_) | Self::Local(_) => {}
            Self::Field(a, _) | Self::Not(a) | Self::Neg(a) | Self::Cast(a, _) => a.for_each_ref(f),
            Self::Index(a, b)
            | Self::Binary(_, a, b)
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::Coalesce(a, b)
            | Self::Let { value: a, body: b, .. } => {
                a.for_each_ref(f);
                b.for_each_ref(f);
            }
            Self::Native { args, .. } | Self::List(args) | Self::Text(args) => {
                args.iter().for_each(|arg| arg.for_each_ref(f));
            }
            Self::Record(fields) => fields.iter().for_each(|(_, value)| value.for_each_ref(f)),
            Self::If(a, b, c) => [a, b, c].into_iter().for_each(|e| e.for_each_ref(f)),
            Self::Match { scrutinee, arms } => {
                scrutinee.for_each_ref(f);
                arms.iter().for_each(|(_, value)| value.for_each_ref(f));
            }
            Self::For { list, cond, max, body, .. } => {
                list.for_each_ref(f);
                cond.iter().chain(max).for_each(|e| e.for_each_ref(f));
                body.for_each_ref(f);
            }
        }
    }

    /// Replaces every reference to a node.
    pub fn map_nodes(&mut self, f: &mut impl FnMut(NodeRef) -> NodeRef) {
        if let Self::Node(node) = self {
            *node = f(*node);
        } else {
            self.for_each_part(&mut |part| part.map_nodes(f));
        }
    }

    /// Replaces the region of every [`Expr::Element`].
    pub fn map_regions(&mut self, f: &mut impl FnMut(RegionId) -> RegionId) {
        if let Self::Element(region) = self {
            *region = f(*region);
        } else {
            self.for_each_part(&mut |part| part.map_regions(f));
        }
    }

    /// Calls `f` with every expression directly inside this one.
    /// Calls `f` with every type that a cast in it names.
    pub(crate) fn for_each_type(&self, f: &mut dyn FnMut(&Type)) {
        fn walk(expr: &mut Expr, f: &mut dyn FnMut(&Type)) {
            if let Expr::Cast(_, ty) = expr {
                f(ty);
            }
            expr.for_each_part(&mut |part| walk(part, f));
        }
        walk(&mut self.clone(), f);
    }

    fn for_each_part(&mut self, f: &mut dyn FnMut(&mut Self)) {
        match self {
            Self::Const(_) | Self::Node(_) | Self::Element(_) | Self::Arg(_) | Self::Local(_) => {}
            Self::Field(a, _) | Self::Not(a) | Self::Neg(a) | Self::Cast(a, _) => f(a),
            Self::Index(a, b)
            | Self::Binary(_, a, b)
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::Coalesce(a, b)
            | Self::Let { value: a, body: b, .. } => {
                f(a);
                f(b);
            }
            Self::Native { args, .. } | Self::List(args) | Self::Text(args) => args.iter_mut().for_each(f),
            Self::Record(fields) => fields.iter_mut().for_each(|(_, value)| f(value)),
            Self::If(a, b, c) => [a, b, c].into_iter().for_each(|e| f(e)),
            Self::Match { scrutinee, arms } => {
                f(scrutinee);
                arms.iter_mut().for_each(|(_, value)| f(value));
            }
            Self::For { list, cond, max, body, .. } => {
                f(list);
                cond.iter_mut().chain(max).for_each(|e| f(e));
                f(body);
            }
        }
    }
}

/// Something outside an expression that it looks at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ref {
    /// A node.
    Node(NodeRef),
    /// The element of a region.
    Element(RegionId),
}
