//! The dispatcher against workers and a store made of tables: what it decides is seen without processes and disks.
mod build;
mod crash;
mod failures;
mod fake;
mod order;
mod random;

/// What tests of other rooms need to make and run plans.
pub(crate) mod test_kit {
    pub(crate) use super::build::{Builder, element, int, node};
    pub(crate) use super::fake::Trial;
}
