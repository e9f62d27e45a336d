//! What steps touch outside of a directory of their own: patterns of paths, and what a task, a flow or an agent touches in sum.
//! It knows no text and reports nothing.
pub(crate) mod pattern;
pub(crate) mod summary;
