//! Tests of checking: programs in Markdown, and which queries run after which edit.
mod programs;
mod world;
