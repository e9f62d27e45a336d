//! The checked form of `settings`: plain values. What is not said is `None`; what holds then is decided where it is used.
use flowc_base::{Bytes, Micros, Millis, Name, Span};

/// `settings { checkpoint { … } limits { … } }`
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Settings {
    /// `checkpoint { … }`
    pub checkpoint: Checkpoint,
    /// `limits { … }`
    pub limits: Limits,
}

/// How a run is kept.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Checkpoint {
    /// `every: step`, `every: 5m`
    pub every: Option<Every>,
    /// `compress: true`
    pub compress: Option<bool>,
    /// `incremental: true`
    pub incremental: Option<bool>,
    /// `max_size: 5MB`, above zero.
    pub max_size: Option<Bytes>,
    /// `keep_last: 3`, above zero.
    pub keep_last: Option<u64>,
    /// `ttl: 24h`, above zero.
    pub ttl: Option<Millis>,
}

/// When a checkpoint is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Every {
    /// After each step.
    Step,
    /// After so long, above zero.
    Time(Millis),
}

/// What a run may take at most.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Limits {
    /// `agents: 5`: asked at once, above zero.
    pub agents: Option<u64>,
    /// `agent_timeout: 5m`, above zero.
    pub agent_timeout: Option<Millis>,
    /// `cpu: 8`: cores, above zero; and where it is written.
    pub cpu: Option<(f64, Span)>,
    /// `memory: 16GB`, above zero; and where it is written.
    pub memory: Option<(Bytes, Span)>,
    /// `calls: 200`: of agents, in the whole run.
    pub calls: Option<u64>,
    /// `cost: $5`, in the whole run.
    pub cost: Option<Micros>,
    /// `context_cache: 100MB`
    pub context_cache: Option<Bytes>,
    /// `artifacts: lazy` or `eager`.
    pub artifacts: Option<Name>,
    /// `pools: { llm: 5 }`: asked at once, above zero; with the places of the names.
    pub pools: Vec<(Name, u64, Span)>,
    /// `rates: { llm: 60 per 1m }`: so many, above zero, in so long, above zero; with the places of the names.
    pub rates: Vec<(Name, (u64, Millis), Span)>,
}
