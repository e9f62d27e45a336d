//! What is kept: artifacts by content, results by key, checkpoints of runs.
