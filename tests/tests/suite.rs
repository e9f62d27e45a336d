//! The suites under `tests/suite/`: one heading a case. It must not know the language.
use std::process::ExitCode;

use flowc_tests::{Scope, Suite};

fn main() -> ExitCode {
    Suite::new("suite", flowc_tests::CommandLine).with("tests/suite", Scope::Heading).run()
}
