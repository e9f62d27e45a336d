//! The border between compiler and runtime: a plan as plain, versioned data.
