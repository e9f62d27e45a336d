//! Trees without places: what two texts that say the same have in common. It knows the shape of the tree and nothing else.
use flowc_base::{Bytes, Micros, Millis, Name, Span};

use crate::ast::{
    Agent, Arg, Arm, BinaryOp, Block, Clause, Expr, ExprKind, FieldInit, FloatBits, Flow, Fragment, Ident,
    Item, ItemKind, MapEntry, Mock, Output, OutputField, OutputFrom, OutputFromKind, OutputKind, Param,
    Pattern, PatternKind, Settings, Stmt, StmtKind, Task, Test, TextLit, TextPart, TypeExpr, TypeField,
    TypeItem, TypeKind, UnaryOp, Use, UseFrom,
};

impl Item {
    /// The same item with all places at 0, to be compared with one that is written differently. How many quotes a text
    /// has is part of it, whether a name in braces stands first or last is.
    #[must_use]
    pub fn without_places(mut self) -> Self {
        self.erase();
        self
    }
}

trait Erase {
    fn erase(&mut self);
}

impl Erase for Span {
    fn erase(&mut self) {
        *self = Self::new(0, 0);
    }
}

impl Erase for Fragment {
    fn erase(&mut self) {
        let Self { text: _, span, map } = self;
        span.erase();
        map.clear();
    }
}

impl<T: Erase> Erase for Vec<T> {
    fn erase(&mut self) {
        self.iter_mut().for_each(Erase::erase);
    }
}

impl<T: Erase> Erase for Option<T> {
    fn erase(&mut self) {
        self.iter_mut().for_each(Erase::erase);
    }
}

impl<T: Erase> Erase for Box<T> {
    fn erase(&mut self) {
        (**self).erase();
    }
}

/// Types without places in them.
macro_rules! plain {
    ($($name:ty),*) => { $(impl Erase for $name { fn erase(&mut self) {} })* };
}

/// Structs: all fields are named, so that a new one is not forgotten.
macro_rules! structs {
    ($($name:ident { $($field:ident),* })*) => { $(impl Erase for $name {
        fn erase(&mut self) {
            let Self { $($field),* } = self;
            $($field.erase();)*
        }
    })* };
}

/// Enums: all variants with all their fields.
macro_rules! enums {
    ($($name:ident {
        $($unit:ident,)* ; $($tuple:ident($($part:ident),*),)* ; $($variant:ident { $($field:ident),* },)*
    })*) => { $(impl Erase for $name {
        fn erase(&mut self) {
            match self {
                $(Self::$unit => {})*
                $(Self::$tuple($($part),*) => { $($part.erase();)* })*
                $(Self::$variant { $($field),* } => { $($field.erase();)* })*
            }
        }
    })* };
}

plain!(Name, bool, u32, i64, Bytes, Millis, Micros, FloatBits, BinaryOp, UnaryOp);

structs! {
    Ident { name, span }
    Item { docs, kind, span }
    Use { from, alias, names }
    TypeItem { name, ty }
    TypeExpr { kind, span }
    TypeField { docs, name, ty }
    Param { docs, name, ty, default, span }
    Task { name, params, output, clauses, body_span }
    Output { kind, span }
    OutputField { docs, name, ty, from }
    OutputFrom { kind, span }
    Clause { word, args, span }
    Agent { name, clauses }
    Flow { name, params, output, body }
    Settings { groups }
    Test { name, body }
    Block { stmts, span }
    Stmt { kind, span }
    Mock { what, target, params, each, failed, answer }
    Expr { kind, span }
    Arg { name, value }
    FieldInit { name, value }
    MapEntry { key, value }
    Arm { pattern, value }
    Pattern { kind, span }
    TextLit { parts, raw, quotes, span }
}

enums! {
    ItemKind { ; Use(a), Type(a), Agent(a), Task(a), Flow(a), Settings(a), Test(a), ; }
    UseFrom { ; Path(a), File(a), ; }
    TypeKind {
        Unit, Missing, ;
        Optional(a), Record(a), Choice(a), Text(a), Schema(a), ;
        Named { path, args }, Ranged { base, from, to },
    }
    OutputKind { ; Record(a), ; One { ty, from }, }
    OutputFromKind { Stdout, Lines, ; Path(a), ; }
    StmtKind {
        Missing, ;
        Expr(a), AssertIndependent(a), Assert(a), Break(a), Continue(a), Mock(a), ;
        Let { name, ty, value }, Gate { name, speculate, cond, action },
    }
    ExprKind {
        None, Rollback, Missing, ;
        Bool(a), Int(a), Float(a), Duration(a), Size(a), Money(a), Text(a), Name(a), List(a), Record(a), Map(a),
        Block(a), Try(a), Race(a), Approve(a), Fail(a), Escalate(a), ;
        Rate { count, per }, Field { base, field }, Index { base, index }, Call { callee, args },
        Unary { op, operand }, Binary { op, op_span, left, right }, If { cond, then, otherwise },
        Match { scrutinee, arms }, Cast { value, ty }, For { var, list, cond, max, body },
        Reduce { left, right, list, body }, Loop { var, first, max, body }, Else { step, otherwise },
        First { n, of }, With { step, fields, fields_span }, Ask { agent, prompt, ty, with },
    }
    PatternKind { Any, Missing, ; Literal(a), Or(a), Bind(a), ; Variant { name, fields }, }
    TextPart { ; Fragment(a), ; Splice { expr, span }, }
}
