//! Tests of checking: programs in Markdown, and which queries run after which edit.
mod allow;
mod fixes;
mod ide;
mod incremental;
mod limits;
mod programs;
mod said;
mod schemas;
pub(crate) mod seeded;
mod world;
