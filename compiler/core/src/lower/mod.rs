//! From checked bodies to a plan: sub-flows written out in their callers, every step a node, every construct that is only decided
//! during the run a region. Plain functions, no queries: same bodies, same arguments, same plan. It knows neither text nor disk.
mod calls;
mod construct;
mod expr;
mod flow;
mod fold;
mod frame;
mod size;
mod sources;
mod task;
mod types;
mod uses;

use flowc_base::{Name, Span};
use flowc_plan::{Expr, Origin, PLAN_VERSION, Plan, Region, RegionId, SourceKind, Type, Value};

use crate::db::ItemId;
use crate::hir;
use crate::optimise::Draft;
use crate::ty::Ty;

pub(crate) use size::sizes;
pub(crate) use types::Types;

/// A place in an item.
pub(crate) type At = (ItemId, Span);

/// What lowering asks about the program. Everything in it has been checked and has no errors.
pub(crate) trait Program {
    /// The checked body of a task or flow.
    fn body(&self, item: ItemId) -> Option<&hir::Body>;
    /// Its name.
    fn name(&self, item: ItemId) -> Name;
    /// The type of its value.
    fn output(&self, item: ItemId) -> Ty;
    /// The definition of a type that mentions itself.
    fn definition(&self, item: ItemId) -> Ty;
    /// How many entries of a plan a flow is at least, with all its sub-flows written out.
    fn size(&self, flow: ItemId) -> usize;
    /// What a flow reaches that checks and cannot be run yet: where it stands and how it is called.
    fn later(&self, flow: ItemId) -> Option<(At, &'static str)>;
    /// A place as a person would name it.
    fn origin(&self, at: At) -> Origin;
    /// The directory that relative paths in the item start from; absolute.
    fn base(&self, item: ItemId) -> Name;
}

/// A value given from outside: what it is, and which files are to be read for it.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Given {
    /// A value.
    Value(Value),
    /// A file or directory of the user, by its path.
    Path(SourceKind, Name),
    /// A list with paths somewhere in it.
    List(Vec<Given>),
    /// A record or map with paths somewhere in it.
    Record(Vec<(Name, Given)>),
}

/// Why a program cannot be written out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Obstacle {
    /// It uses what cannot be run yet, called so.
    Later(&'static str),
    /// More nodes and expressions than [`SIZE_MAX`].
    Size,
    /// More calls and expressions within each other than [`DEPTH_MAX`].
    Depth,
}

/// Expressions and nodes of a plan, all sub-flows written out.
pub(crate) const SIZE_MAX: usize = 1_000_000;
/// Expressions and calls of flows within each other. Every one of them is a few frames of the stack, here and in all that reads a plan.
pub(crate) const DEPTH_MAX: usize = 256;

/// Writes a flow out. `given` has one entry for each parameter; `None` takes the default. `base`: where paths in `given` start.
///
/// # Errors
/// Where the flow turned out to be more than a plan can hold.
pub(crate) fn lower(
    program: &dyn Program,
    flow: ItemId,
    given: Vec<Option<Given>>,
    base: &Name,
) -> Result<Draft<At>, (At, Obstacle)> {
    if let Some((at, what)) = program.later(flow) {
        return Err((at, Obstacle::Later(what)));
    }
    if let Some(at) = size::too_large(program, flow) {
        return Err((at, Obstacle::Size));
    }
    let mut lowerer = flow::Lowerer::new(program);
    let result = lowerer.root(flow, given, base);
    if let Some(obstacle) = lowerer.obstacle {
        return Err(obstacle);
    }
    let output = lowerer.types.lower(program, &program.output(flow));
    let mut regions = Vec::with_capacity(lowerer.regions.len());
    let mut places = Vec::with_capacity(lowerer.regions.len());
    for draft in lowerer.regions {
        regions.push(Region { parent: draft.parent, nodes: draft.nodes, result: draft.result });
        places.push(draft.places);
    }
    if let Some(root) = regions.first_mut() {
        root.result = result;
    }
    let plan = Plan {
        version: PLAN_VERSION,
        flow: program.name(flow),
        types: lowerer.types.named,
        tasks: lowerer.tasks,
        regions,
        output,
    };
    Ok(Draft { plan, places })
}

/// The body of the flow.
const ROOT: RegionId = RegionId(0);

/// Whether an expression may be written wherever its value is used: as small as a reference.
fn is_small(expr: &Expr) -> bool {
    const TEXT_BYTES_MAX: usize = 40;
    match expr {
        Expr::Const(Value::Text(text)) => text.len() <= TEXT_BYTES_MAX,
        Expr::Const(Value::List(items)) => items.is_empty(),
        Expr::Const(Value::Record(fields)) => fields.is_empty(),
        Expr::Const(_) | Expr::Node(_) | Expr::Element(_) | Expr::Arg(_) | Expr::Local(_) => true,
        Expr::Field(base, _) => is_small(base),
        _ => false,
    }
}

/// A type that the runtime can check.
pub(crate) fn plan_type(program: &dyn Program, ty: &Ty) -> (Type, Vec<Type>) {
    let mut types = Types::default();
    let ty = types.lower(program, ty);
    (ty, types.named)
}
