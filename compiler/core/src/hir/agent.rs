//! The checked form of an `agent`: what it says itself. What it takes from others by `from` is put together where it is needed.
use flowc_base::{Name, Span};
use flowc_plan::Cache;

use super::{Expr, Footprint, Retry};
use crate::db::ItemId;

/// `agent NAME { … }`. Its expressions see no names but those of the file, and have no steps.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Agent {
    /// `from NAME`: what it does not say itself is that agent's.
    pub from: Option<(ItemId, Span)>,
    /// How it is reached.
    pub via: Option<(Via, Span)>,
    /// `reply ".result"`: where the answer stands in what a program prints.
    pub reply: Option<(Name, Span)>,
    /// `role …`: what it is told before each question; a `Text`.
    pub role: Option<Expr>,
    /// `model "…"`; a `Text`.
    pub model: Option<Expr>,
    /// `timeout 5m`: for one try.
    pub timeout: Option<Expr>,
    /// `retry 3 { … }`
    pub retry: Option<Retry>,
    /// `fallback [a, b]`, with the places; never inherited.
    pub fallback: Vec<(ItemId, Span)>,
    /// `pool NAME`
    pub pool: Option<(Name, Span)>,
    /// `cache …`: how long its answers are remembered.
    pub cache: Option<Cache>,
    /// `env { NAME: … }`: texts and secrets.
    pub env: Option<(Vec<(Name, Expr)>, Span)>,
    /// What of the project's tree it touches; `None`: it works in an empty directory.
    pub footprint: Option<Footprint>,
}

/// How an agent is reached.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Via {
    /// `exec […]`: a process for each question, the prompt on its standard input.
    Exec(Vec<Expr>),
    /// `worker […]`: a process that is kept, one line of JSON for each question.
    Worker(Vec<Expr>),
    /// `openai { … }`
    OpenAi(Box<Http>),
    /// `anthropic { … }`
    Anthropic(Box<Http>),
}

/// An agent behind an HTTP API.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Http {
    /// Where; without, where the API is served by its maker.
    pub url: Option<Expr>,
    /// Which model; a `Text`.
    pub model: Option<Expr>,
    /// A `Secret`.
    pub key: Option<Expr>,
    /// Texts and secrets.
    pub headers: Vec<(Name, Expr)>,
    /// From 0 to 2.
    pub temperature: Option<Expr>,
    /// The longest answer, in tokens; above zero.
    pub max_tokens: Option<Expr>,
}

impl Via {
    /// The word of its clause.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Exec(_) => "exec",
            Self::Worker(_) => "worker",
            Self::OpenAi(_) => "openai",
            Self::Anthropic(_) => "anthropic",
        }
    }

    /// Whether it says which model answers.
    pub(crate) fn has_model(&self) -> bool {
        matches!(self, Self::OpenAi(http) | Self::Anthropic(http) if http.model.is_some())
    }

    /// Whether it is a program that is started.
    pub(crate) fn is_program(&self) -> bool {
        matches!(self, Self::Exec(_) | Self::Worker(_))
    }
}
