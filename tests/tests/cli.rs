//! The command line, session by session. It must not know how flowc works.
use std::process::ExitCode;

use flowc_tests::{Scope, Suite};

fn main() -> ExitCode {
    Suite::new("cli", flowc_tests::CommandLine).with("tests/cli", Scope::Heading).run()
}
