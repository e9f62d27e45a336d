//! From text to plan: names, types, checks and lowering over an incremental database.
