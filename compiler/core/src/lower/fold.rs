//! Expressions put together, with what is constant in them made constant. It computes nothing that could fail.
use flowc_base::Name;
use flowc_plan::{Expr, Type, Value};
use flowc_stdlib::scalar_text;

/// `[a, b]`
pub(super) fn list(items: Vec<Expr>) -> Expr {
    match items.iter().map(constant).collect::<Option<Vec<_>>>() {
        Some(values) => Expr::Const(Value::list(values.into_iter().cloned())),
        None => Expr::List(items),
    }
}

/// `{ a: x }`
pub(super) fn record(fields: Vec<(Name, Expr)>) -> Expr {
    match fields
        .iter()
        .map(|(name, value)| Some((name.clone(), constant(value)?.clone())))
        .collect::<Option<Vec<_>>>()
    {
        Some(values) => Expr::Const(Value::record(values)),
        None => Expr::Record(fields),
    }
}

/// A text with splices; neighbouring constants are joined.
pub(super) fn text(parts: Vec<Expr>) -> Expr {
    let mut joined: Vec<Expr> = Vec::with_capacity(parts.len());
    let mut run = String::new();
    for part in parts {
        match constant(&part).and_then(scalar_text) {
            Some(text) => run.push_str(&text),
            None => {
                if !run.is_empty() {
                    joined.push(Expr::Const(Value::text(std::mem::take(&mut run))));
                }
                joined.push(part);
            }
        }
    }
    if joined.is_empty() {
        return Expr::Const(Value::text(run));
    }
    if !run.is_empty() {
        joined.push(Expr::Const(Value::text(run)));
    }
    Expr::Text(joined)
}

/// `-a`
pub(super) fn neg(operand: Expr) -> Expr {
    match &operand {
        Expr::Const(Value::Int(value)) => match value.checked_neg() {
            Some(value) => Expr::Const(Value::Int(value)),
            None => Expr::Neg(Box::new(operand)),
        },
        Expr::Const(Value::Float(value)) => Expr::Const(Value::Float(-value)),
        _ => Expr::Neg(Box::new(operand)),
    }
}

/// `e as T`
pub(super) fn cast(value: Expr, ty: Type) -> Expr {
    const EXACT: u64 = 1 << 53;
    match (&value, &ty) {
        (Expr::Const(Value::Int(int)), Type::Float(None)) if int.unsigned_abs() <= EXACT => {
            #[expect(clippy::cast_precision_loss, reason = "below 2^53 every integer is exact")]
            let float = *int as f64;
            Expr::Const(Value::Float(float))
        }
        (Expr::Const(Value::Text(_)), Type::Text) => value,
        _ => Expr::Cast(Box::new(value), ty),
    }
}

/// `a.b`
pub(super) fn field(base: Expr, name: &Name) -> Expr {
    match &base {
        Expr::Const(Value::Record(fields)) => match fields.get(name) {
            Some(value) => Expr::Const(value.clone()),
            None => Expr::Field(Box::new(base), name.clone()),
        },
        _ => Expr::Field(Box::new(base), name.clone()),
    }
}

fn constant(expr: &Expr) -> Option<&Value> {
    match expr {
        Expr::Const(value) => Some(value),
        _ => None,
    }
}
