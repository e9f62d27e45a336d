//! The dispatcher against workers and a store made of tables: what it decides is seen without processes and disks.
mod build;
mod crash;
mod fake;
mod order;
mod random;
