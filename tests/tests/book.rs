//! The book and the README as a reader meets them: programs check as they say, sessions print what they show.
use std::process::ExitCode;

use flowc_tests::{Scope, Suite};

fn main() -> ExitCode {
    Suite::new("book", flowc_tests::CommandLine)
        .with("book/src", Scope::Page)
        .with("README.md", Scope::Page)
        .run()
}
