//! What lowering carries along: regions that are being filled, and bodies with what their names stand for.
use std::collections::HashMap;
use std::rc::Rc;

use flowc_base::{Name, Span};
use flowc_plan::{Expr, Node, NodeRef, RegionId, Value};

use super::At;
use crate::db::ItemId;
use crate::hir::{Body, LocalId};

/// A region that is being filled.
pub(super) struct RegionDraft {
    pub(super) parent: Option<RegionId>,
    pub(super) nodes: Vec<Node>,
    /// Of each node the place in the flow that is lowered that it comes from: the call, where it is in a sub-flow.
    pub(super) places: Vec<At>,
    pub(super) result: Expr,
    /// How often each label is taken.
    labels: HashMap<Name, u32>,
}

/// What a name stands for.
pub(super) struct Bound {
    pub(super) expr: Expr,
    /// Used in one place only: its expression can move there.
    pub(super) once: bool,
}

/// A body that is being lowered, once for each call of a flow.
pub(super) struct Frame<'p> {
    pub(super) item: ItemId,
    pub(super) locals: Vec<Option<Bound>>,
    pub(super) uses: Rc<[u8]>,
    pub(super) body: &'p Body,
    /// What labels of this body begin with, in the current region: empty, or the `let` that its call stands in.
    pub(super) prefix: String,
    /// The `let` that is being lowered, with the prefix.
    pub(super) label: String,
    /// Where in the flow that is lowered the call of this one stands; `None` for that flow itself.
    pub(super) site: Option<At>,
    /// The nodes that every step of this body waits for: `after` of its call.
    pub(super) after: Vec<NodeRef>,
}

impl Frame<'_> {
    pub(super) fn bind_small(&mut self, local: usize, expr: Expr) {
        if let Some(slot) = self.locals.get_mut(local) {
            *slot = Some(Bound { expr, once: false });
        }
    }

    /// What a name stands for. Checked bodies use no name before it is bound.
    pub(super) fn read(&mut self, local: LocalId) -> Expr {
        match self.locals.get_mut(local.0 as usize) {
            Some(Some(bound)) if bound.once => std::mem::replace(&mut bound.expr, Expr::Const(Value::Unit)),
            Some(Some(bound)) => bound.expr.clone(),
            _ => Expr::Const(Value::Unit),
        }
    }

    pub(super) fn used_once(&self, local: LocalId) -> bool {
        self.uses.get(local.0 as usize).is_none_or(|uses| *uses < 2)
    }

    /// Where something stands, and where that is in the flow that is lowered.
    pub(super) fn places(&self, span: Span) -> (At, At) {
        let at = (self.item, span);
        (at, self.site.unwrap_or(at))
    }

    pub(super) fn item(&self) -> ItemId {
        self.item
    }
}

impl RegionDraft {
    pub(super) fn new(parent: Option<RegionId>) -> Self {
        Self {
            parent,
            nodes: Vec::new(),
            places: Vec::new(),
            result: Expr::Const(Value::Unit),
            labels: HashMap::new(),
        }
    }

    /// The label, with a number where it is taken.
    pub(super) fn label(&mut self, label: &str) -> Name {
        let name = Name::from(label);
        let taken = self.labels.entry(name.clone()).or_insert(0);
        *taken += 1;
        if *taken == 1 { name } else { Name::from(format!("{label}#{taken}")) }
    }
}

/// How many expressions within each other a `let` may put into its user.
pub(super) const SHALLOW: u32 = 16;

pub(super) fn is_shallow(expr: &Expr, limit: u32) -> bool {
    let Some(limit) = limit.checked_sub(1) else { return false };
    let all = |items: &[Expr]| items.iter().all(|item| is_shallow(item, limit));
    match expr {
        Expr::Const(_) | Expr::Node(_) | Expr::Element(_) | Expr::Arg(_) | Expr::Local(_) => true,
        Expr::Field(a, _) | Expr::Not(a) | Expr::Neg(a) | Expr::Cast(a, _) => is_shallow(a, limit),
        Expr::Index(a, b)
        | Expr::Binary(_, a, b)
        | Expr::And(a, b)
        | Expr::Or(a, b)
        | Expr::Coalesce(a, b)
        | Expr::Let { value: a, body: b, .. } => is_shallow(a, limit) && is_shallow(b, limit),
        Expr::Native { args, .. } | Expr::List(args) | Expr::Text(args) => all(args),
        Expr::Record(fields) => fields.iter().all(|(_, value)| is_shallow(value, limit)),
        Expr::If(a, b, c) => [a, b, c].into_iter().all(|e| is_shallow(e, limit)),
        Expr::Match { scrutinee, arms } => {
            is_shallow(scrutinee, limit) && arms.iter().all(|(_, value)| is_shallow(value, limit))
        }
        Expr::For { list, cond, max, body, .. } => {
            [list, body].into_iter().chain(cond).chain(max).all(|e| is_shallow(e, limit))
        }
    }
}

/// `report.page`; an empty side leaves the other.
pub(super) fn join(prefix: &str, name: &str) -> String {
    match (prefix, name) {
        ("", name) => name.to_owned(),
        (prefix, "") => prefix.to_owned(),
        _ => format!("{prefix}.{name}"),
    }
}
