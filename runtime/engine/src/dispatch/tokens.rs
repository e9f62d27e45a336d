//! What running steps share: cores and memory. It knows no step, only what one needs.
use flowc_base::Bytes;
use flowc_plan::{Needs, Plan, Type, Value};
use flowc_stdlib::NoFiles;

use crate::eval::{Args, eval};
use crate::{EngineError, Options};

/// What a step holds while it runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Need {
    /// Thousandths of a core.
    cpu_milli: u64,
    memory: Bytes,
}

/// What is there and what is left of it.
#[derive(Debug)]
pub(super) struct Tokens {
    cpu_milli: u64,
    cpu_left_milli: u64,
    memory: Option<Bytes>,
    memory_left: Bytes,
    running: usize,
    running_max: usize,
}

/// How many steps may run at one time: more than cores only where steps say that they need less than one.
pub(crate) fn running_max(plan: &Plan, jobs: usize) -> usize {
    const PER_CORE: usize = 4;
    let jobs = jobs.max(1);
    if plan.tasks.iter().any(|task| task.needs.cpu.is_some()) { jobs.saturating_mul(PER_CORE) } else { jobs }
}

/// Refuses a plan with a task that needs more than there is.
///
/// # Errors
/// [`EngineError`] of kind `needs`.
pub(crate) fn check_needs(plan: &Plan, options: &Options) -> Result<(), EngineError> {
    match Tokens::new(plan, options).impossible(plan) {
        Some(message) => Err(EngineError::program("needs", message)),
        None => Ok(()),
    }
}

impl Tokens {
    pub(super) fn new(plan: &Plan, options: &Options) -> Self {
        let cpu_milli = (options.jobs.max(1) as u64).saturating_mul(1000);
        Self {
            cpu_milli,
            cpu_left_milli: cpu_milli,
            memory: options.memory,
            memory_left: options.memory.unwrap_or_default(),
            running: 0,
            running_max: running_max(plan, options.jobs),
        }
    }

    /// What a step needs; more cores than there are count as all: it runs alone.
    pub(super) fn need(&self, needs: &Needs, args: &[Value], types: &[Type]) -> Result<Need, String> {
        let value =
            |expr: &Option<_>| expr.as_ref().map(|expr| eval(expr, &Args(args), types, &NoFiles)).transpose();
        let cpu_milli = match value(&needs.cpu).map_err(|error| error.to_string())? {
            None => 1000,
            Some(Value::Int(cores)) if cores >= 0 => cores.unsigned_abs().saturating_mul(1000),
            Some(Value::Float(cores)) if cores >= 0.0 => milli(cores),
            Some(other) => return Err(format!("`needs {{ cpu: … }}` is {}", described(&other))),
        };
        let memory = match value(&needs.memory).map_err(|error| error.to_string())? {
            None => Bytes(0),
            Some(Value::Size(size)) => size,
            Some(other) => return Err(format!("`needs {{ memory: … }}` is {}", described(&other))),
        };
        match self.memory {
            Some(all) if memory > all => {
                Err(format!("it needs {memory} of memory, and this machine has {all}"))
            }
            _ => Ok(Need { cpu_milli: cpu_milli.min(self.cpu_milli), memory }),
        }
    }

    /// A task that can never run here, whatever it is given; found before anything has run.
    fn impossible(&self, plan: &Plan) -> Option<String> {
        plan.tasks.iter().find_map(|task| {
            let memory = task.needs.memory.as_ref()?;
            match (self.memory, eval(memory, &Args(&[]), &plan.types, &NoFiles)) {
                // What depends on what it is given is seen when that is there.
                (Some(all), Ok(Value::Size(size))) if size > all => Some(format!(
                    "the task `{}` needs {size} of memory, and this machine has {all}",
                    task.name
                )),
                _ => None,
            }
        })
    }

    pub(super) fn fits(&self, need: Need) -> bool {
        self.running < self.running_max
            && need.cpu_milli <= self.cpu_left_milli
            && (self.memory.is_none() || need.memory <= self.memory_left)
    }

    pub(super) fn take(&mut self, need: Need) {
        self.running += 1;
        self.cpu_left_milli = self.cpu_left_milli.saturating_sub(need.cpu_milli);
        self.memory_left.0 = self.memory_left.0.saturating_sub(need.memory.0);
    }

    pub(super) fn give(&mut self, need: Need) {
        self.running = self.running.saturating_sub(1);
        self.cpu_left_milli += need.cpu_milli;
        self.memory_left.0 = self.memory_left.0.saturating_add(need.memory.0);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative; more than fits is the most that fits"
)]
fn milli(cores: f64) -> u64 {
    (cores * 1000.0).ceil() as u64
}

fn described(value: &Value) -> String {
    flowc_stdlib::scalar_text(value).unwrap_or_else(|| value.kind().to_owned())
}
