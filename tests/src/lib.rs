//! The harness of the suites: cases written in Markdown, run one by one, rewritten on demand. It must not know the language:
//! whoever compiles stands behind [`Driver`].
mod case;
mod client;
mod command;
mod console;
mod expect;
mod home;
mod markdown;
mod suite;

pub use case::{Driver, Finding, Project};
pub use client::{Client, Refusal};
pub use command::CommandLine;
pub use home::{flowc, root};
pub use markdown::{Block, Section, sections};
pub use suite::{Scope, Suite};
