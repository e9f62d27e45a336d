//! Suites as data, harnesses for crashes and mutations, and the check of the workspace's own rules.
