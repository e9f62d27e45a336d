//! Evaluates expressions: pure, bounded in time, memory and depth. It knows where values come from only through [`Scope`]
//! and [`Files`], and neither steps nor tasks.
mod cast;
mod operators;
#[cfg(test)]
mod tests;
mod weight;

use std::fmt;

use flowc_base::Name;
use flowc_plan::{Expr, FileRef, NodeRef, Pattern, RegionId, TEXT_BYTES_MAX, Type, Value};
use flowc_stdlib::{Files, NativeError};
use flowc_store::Store;

use operators::Infix;
pub(crate) use operators::equal;
pub(crate) use weight::check_weight;

/// The most steps that one evaluation takes: some seconds.
const FUEL: u64 = 100_000_000;
/// The steps that an evaluation may take on a thread that others wait for: less than a millisecond.
const FUEL_BRIEF: u64 = 20_000;
/// The deepest nesting of an expression, chains of operators not counted: a frame takes some kilobytes of a worker's stack at worst.
const DEPTH_MAX: u32 = 300;

/// Where an expression finds what it looks at.
pub(crate) trait Scope {
    /// The value of a node, when it is known.
    fn node(&self, node: NodeRef) -> Option<Value>;
    /// The element that an enclosing region was made for.
    fn element(&self, region: RegionId) -> Option<Value>;
    /// An argument of the task.
    fn arg(&self, at: u32) -> Option<Value>;
}

/// The scope of a task's expressions: its arguments.
#[derive(Clone, Copy)]
pub(crate) struct Args<'a>(pub(crate) &'a [Value]);

impl Scope for Args<'_> {
    fn node(&self, _: NodeRef) -> Option<Value> {
        None
    }

    fn element(&self, _: RegionId) -> Option<Value> {
        None
    }

    fn arg(&self, at: u32) -> Option<Value> {
        self.0.get(at as usize).cloned()
    }
}

/// The content of files, from the store.
#[derive(Clone, Copy)]
pub(crate) struct StoreFiles<'a>(pub(crate) &'a Store);

impl Files for StoreFiles<'_> {
    fn read(&self, file: &FileRef, max_bytes: u64) -> Result<Vec<u8>, String> {
        self.0.read(&file.hash, max_bytes).map_err(|error| format!("cannot read `{}`: {error}", file.name))
    }
}

/// Why an expression has no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum EvalError {
    /// The values do not allow it: a fault of the program or of what it was given.
    Value(String),
    /// The content of a file is not to be had.
    File(String),
    /// It takes more steps than it may.
    Long(String),
    /// The compiler should have refused it.
    Bug(String),
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(message) | Self::File(message) | Self::Long(message) | Self::Bug(message) => {
                f.write_str(message)
            }
        }
    }
}

impl From<NativeError> for EvalError {
    fn from(error: NativeError) -> Self {
        match error {
            NativeError::Value(message) => Self::Value(message),
            NativeError::File(message) => Self::File(message),
            NativeError::Call(message) => Self::Bug(message),
        }
    }
}

type Result<T, E = EvalError> = std::result::Result<T, E>;

/// The value of an expression. `types` resolves [`Type::Named`].
///
/// # Errors
/// [`EvalError`]: overflow, division by zero, an index out of bounds, a value that does not fit a type, a file that is not to be had, more
/// work or memory than one expression may take.
pub(crate) fn eval(expr: &Expr, scope: &dyn Scope, types: &[Type], files: &dyn Files) -> Result<Value> {
    Evaluation { scope, types, files, locals: Vec::new(), fuel: FUEL, depth: 0 }.eval(expr)
}

/// As [`eval`], with few steps: [`EvalError::Long`] when they are not enough.
pub(crate) fn eval_briefly(
    expr: &Expr,
    scope: &dyn Scope,
    types: &[Type],
    files: &dyn Files,
) -> Result<Value> {
    Evaluation { scope, types, files, locals: Vec::new(), fuel: FUEL_BRIEF, depth: 0 }.eval(expr)
}

/// Whether a pattern of a `match` takes a value.
pub(crate) fn takes(pattern: &Pattern, value: &Value) -> bool {
    match pattern {
        Pattern::Any | Pattern::BindAny(_) => true,
        Pattern::Bind(_) => !matches!(value, Value::None),
        Pattern::Equal(wanted) => equal(wanted, value),
        Pattern::Or(patterns) => patterns.iter().any(|pattern| takes(pattern, value)),
    }
}

/// Whether an expression may take long, or wait for a disk: no work for a thread that others wait for.
pub(crate) fn is_heavy(expr: &Expr) -> bool {
    match expr {
        Expr::Const(_) | Expr::Node(_) | Expr::Element(_) | Expr::Arg(_) | Expr::Local(_) => false,
        // A splice of a file reads it; what is spliced is only known when it is there.
        Expr::For { .. } | Expr::Text(_) | Expr::Cast(..) => true,
        Expr::Native { name, .. } => name.as_str() != "value.len",
        Expr::Field(a, _) | Expr::Not(a) | Expr::Neg(a) => is_heavy(a),
        Expr::Index(a, b)
        | Expr::Binary(_, a, b)
        | Expr::And(a, b)
        | Expr::Or(a, b)
        | Expr::Coalesce(a, b)
        | Expr::Let { value: a, body: b, .. } => is_heavy(a) || is_heavy(b),
        Expr::List(items) => items.iter().any(is_heavy),
        Expr::Record(fields) => fields.iter().any(|(_, value)| is_heavy(value)),
        Expr::If(a, b, c) => is_heavy(a) || is_heavy(b) || is_heavy(c),
        Expr::Match { scrutinee, arms } => is_heavy(scrutinee) || arms.iter().any(|(_, arm)| is_heavy(arm)),
    }
}

struct Evaluation<'a> {
    scope: &'a dyn Scope,
    types: &'a [Type],
    files: &'a dyn Files,
    /// Bound names, innermost last.
    locals: Vec<(u32, Value)>,
    fuel: u64,
    depth: u32,
}

impl Evaluation<'_> {
    fn eval(&mut self, expr: &Expr) -> Result<Value> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(EvalError::Value(format!(
                "an expression is nested more than {DEPTH_MAX} levels deep"
            )));
        }
        let bound = self.locals.len();
        let value = self.tail(expr);
        self.locals.truncate(bound);
        self.depth -= 1;
        value
    }

    /// Follows an expression for as long as its value is that of a part of it.
    fn tail(&mut self, mut expr: &Expr) -> Result<Value> {
        loop {
            self.burn(1)?;
            expr = match expr {
                Expr::Let { local, value, body } => {
                    let value = self.eval(value)?;
                    self.locals.push((*local, value));
                    body
                }
                Expr::If(cond, then, otherwise) => {
                    if self.truth(cond)? {
                        then
                    } else {
                        otherwise
                    }
                }
                Expr::Match { scrutinee, arms } => self.arm(scrutinee, arms)?,
                Expr::Const(value) => return Ok(value.clone()),
                Expr::Node(node) => return known(self.scope.node(*node), "a node"),
                Expr::Element(region) => return known(self.scope.element(*region), "an element"),
                Expr::Arg(at) => return known(self.scope.arg(*at), "an argument"),
                Expr::Local(local) => return self.local(*local),
                Expr::Binary(..) | Expr::And(..) | Expr::Or(..) | Expr::Coalesce(..) => {
                    return self.infix(expr);
                }
                Expr::Not(a) => return Ok(Value::Bool(!self.truth(a)?)),
                Expr::Neg(a) => return operators::negate(&self.eval(a)?),
                Expr::Field(a, name) => return operators::field(&self.eval(a)?, name),
                Expr::Index(a, at) => return operators::index(&self.eval(a)?, &self.eval(at)?),
                Expr::Native { name, args } => return self.native(name, args),
                Expr::List(items) => return self.list(items),
                Expr::Record(fields) => return self.record(fields),
                Expr::Text(parts) => return self.text(parts),
                Expr::For { local, list, cond, max, body } => {
                    return self.for_each(*local, list, cond.as_deref(), max.as_deref(), body);
                }
                Expr::Cast(a, ty) => {
                    let value = self.eval(a)?;
                    return self.cast(&value, ty);
                }
            };
        }
    }

    fn burn(&mut self, steps: u64) -> Result<()> {
        self.fuel = self.fuel.checked_sub(steps).ok_or_else(|| {
            EvalError::Long(format!("an expression takes more than {} million steps", FUEL / 1_000_000))
        })?;
        Ok(())
    }

    /// A value made here: what it holds is bounded and paid for.
    fn made(&mut self, value: Value) -> Result<Value> {
        self.burn(check_weight(&value)?)?;
        Ok(value)
    }

    fn truth(&mut self, expr: &Expr) -> Result<bool> {
        as_truth(&self.eval(expr)?)
    }

    fn local(&self, local: u32) -> Result<Value> {
        let found = self.locals.iter().rev().find(|(name, _)| *name == local);
        known(found.map(|(_, value)| value.clone()), "a bound name")
    }

    fn arm<'e>(&mut self, scrutinee: &Expr, arms: &'e [(Pattern, Expr)]) -> Result<&'e Expr> {
        let value = self.eval(scrutinee)?;
        for (pattern, arm) in arms {
            self.burn(1)?;
            if takes(pattern, &value) {
                if let Pattern::Bind(local) | Pattern::BindAny(local) = pattern {
                    self.locals.push((*local, value));
                }
                return Ok(arm);
            }
        }
        Err(EvalError::Value(format!("no arm of the `match` takes {}", operators::shown(&value))))
    }

    /// A chain of infix operators, down its left side without recursion: `a + b + c + …` may be of any length.
    fn infix(&mut self, expr: &Expr) -> Result<Value> {
        let mut chain = Vec::new();
        let mut first = expr;
        while let Some((infix, left, right)) = Infix::of(first) {
            self.burn(1)?;
            chain.push((infix, right));
            first = left;
        }
        let mut value = self.eval(first)?;
        while let Some((infix, right)) = chain.pop() {
            value = match infix {
                Infix::And if !as_truth(&value)? => value,
                Infix::Or if as_truth(&value)? => value,
                Infix::Coalesce if !matches!(value, Value::None) => value,
                Infix::And | Infix::Or => Value::Bool(self.truth(right)?),
                Infix::Coalesce => self.eval(right)?,
                Infix::Binary(op) => {
                    let right = self.eval(right)?;
                    self.burn(operators::cost(&value, &right))?;
                    let value = operators::binary(op, &value, &right)?;
                    self.made(value)?
                }
            };
        }
        Ok(value)
    }

    fn native(&mut self, name: &Name, args: &[Expr]) -> Result<Value> {
        let args = args.iter().map(|arg| self.eval(arg)).collect::<Result<Vec<_>>>()?;
        if writes_text(name) {
            // Shared parts are cheap to hold and dear to write out: checked before, not after.
            for arg in &args {
                self.burn(check_text_weight(arg)?)?;
            }
        }
        let value = flowc_stdlib::call(name, &args, self.files)?;
        self.made(value)
    }

    fn list(&mut self, items: &[Expr]) -> Result<Value> {
        let items = items.iter().map(|item| self.eval(item)).collect::<Result<Vec<_>>>()?;
        self.made(Value::list(items))
    }

    fn record(&mut self, fields: &[(Name, Expr)]) -> Result<Value> {
        let fields = fields
            .iter()
            .map(|(name, value)| Ok((name.clone(), self.eval(value)?)))
            .collect::<Result<Vec<_>>>()?;
        self.made(Value::record(fields))
    }

    fn text(&mut self, parts: &[Expr]) -> Result<Value> {
        let mut joined = String::new();
        for part in parts {
            let value = self.eval(part)?;
            self.burn(check_text_weight(&value)?)?;
            match flowc_stdlib::to_text(&value, self.files)? {
                Value::Text(text) if (joined.len() + text.len()) as u64 <= TEXT_BYTES_MAX => {
                    self.burn(text.len() as u64 / 32)?;
                    joined.push_str(&text);
                }
                _ => return Err(operators::text_too_long()),
            }
        }
        Ok(Value::text(joined))
    }

    fn for_each(
        &mut self,
        local: u32,
        list: &Expr,
        cond: Option<&Expr>,
        max: Option<&Expr>,
        body: &Expr,
    ) -> Result<Value> {
        let list = self.eval(list)?;
        let Value::List(items) = &list else {
            return Err(EvalError::Bug(format!("`for` over {}", list.kind())));
        };
        let mut taken = Vec::new();
        for item in items.iter() {
            self.locals.push((local, item.clone()));
            let take = cond.map_or(Ok(true), |cond| self.truth(cond))?;
            self.locals.pop();
            if take {
                taken.push(item);
            }
        }
        if let Some(max) = max {
            check_max(&self.eval(max)?, taken.len())?;
        }
        let mut results = Vec::with_capacity(taken.len());
        for item in taken {
            self.locals.push((local, item.clone()));
            results.push(self.eval(body)?);
            self.locals.pop();
        }
        self.made(Value::list(results))
    }

    fn cast(&mut self, value: &Value, ty: &Type) -> Result<Value> {
        self.burn(check_weight(value)?)?;
        cast::cast(value, ty, self.types).map_err(|error| EvalError::Value(error.to_string()))
    }
}

fn known(value: Option<Value>, what: &str) -> Result<Value> {
    value.ok_or_else(|| EvalError::Bug(format!("{what} is looked at before its value is known")))
}

/// The truth value of a condition.
pub(crate) fn as_truth(value: &Value) -> Result<bool> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        other => Err(EvalError::Bug(format!("expected a truth value, found {}", other.kind()))),
    }
}

/// `max n` of a `for`: more than `n` elements are a failure.
pub(crate) fn check_max(max: &Value, count: usize) -> Result<()> {
    match max {
        Value::Int(max) if i64::try_from(count).is_ok_and(|count| count <= *max) => Ok(()),
        Value::Int(max) => {
            Err(EvalError::Value(format!("the list has {count} elements, `max` allows {max}")))
        }
        other => Err(EvalError::Bug(format!("`max` of {}", other.kind()))),
    }
}

/// Whether a native writes all of its arguments out as text.
fn writes_text(name: &Name) -> bool {
    name.starts_with("json.") || name.starts_with("text.") || name.as_str() == "value.text"
}

/// As [`check_weight`], for a value that will be written out.
fn check_text_weight(value: &Value) -> Result<u64> {
    match value {
        Value::List(_) | Value::Record(_) => {
            let weight = check_weight(value)?;
            if weight > TEXT_BYTES_MAX { Err(operators::text_too_long()) } else { Ok(weight) }
        }
        _ => Ok(0),
    }
}
