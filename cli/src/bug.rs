//! What the user is told when flowc itself is wrong. It mends nothing: results that are finished are kept whatever happens.
use std::io::Write as _;
use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::exit::{Exit, Stop};
use crate::stdout;

/// From now on a panic of any thread, but one that the compiler catches, says that it is a bug, as a document too if `json`, and ends
/// the process.
pub(crate) fn report_panics(json: bool) {
    std::panic::set_hook(Box::new(move |info| {
        if flowc_compiler::is_parsing_shell() {
            return;
        }
        // Two threads may panic at once; the first has the word.
        static SAID: AtomicBool = AtomicBool::new(false);
        if !SAID.swap(true, Ordering::SeqCst) {
            let said = message(info);
            let _ = std::io::stderr().write_all(said.as_bytes());
            if let Some(document) = Stop::new(Exit::BUG, said.trim_end()).json().filter(|_| json) {
                let _ = stdout::print_json(&document);
            }
        }
        std::process::exit(Exit::BUG.0.into());
    }));
}

fn message(info: &PanicHookInfo<'_>) -> String {
    let payload = info.payload().downcast_ref::<&str>().copied();
    let owned = info.payload().downcast_ref::<String>().map(String::as_str);
    let what = payload.or(owned).unwrap_or("a panic without words");
    let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!(
        "bug: flowc {version} is wrong, not your program: {what} ({place})\n  hint: please report it, with these lines and what you ran\n  hint: finished steps are kept: `flowc resume` goes on with a run\n"
    );
    if std::env::var_os("RUST_BACKTRACE").is_some_and(|wanted| wanted != "0") {
        text.push_str(&std::backtrace::Backtrace::force_capture().to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;
    use std::process::Command;

    const NAME: &str = "bug::tests::a_panic_wherever_it_is_ends_the_process_with_70_and_a_document";

    #[test]
    fn a_panic_wherever_it_is_ends_the_process_with_70_and_a_document() {
        // This very test is started once more, in a process of its own, to panic.
        match std::env::var("FLOWC_TEST_PANIC").as_deref() {
            Ok("caught") => {
                super::report_panics(true);
                let _ = catch_unwind(|| panic!("on purpose"));
            }
            Ok(_) => {
                super::report_panics(true);
                let _ = std::thread::spawn(|| panic!("on purpose")).join();
            }
            Err(_) => {
                for place in ["caught", "thread"] {
                    let mut again = Command::new(std::env::current_exe().unwrap());
                    let again = again.args(["--exact", NAME, "--nocapture"]).env("FLOWC_TEST_PANIC", place);
                    let ended = again.output().unwrap();
                    assert_eq!(ended.status.code(), Some(70), "{place}");
                    assert!(String::from_utf8_lossy(&ended.stderr).starts_with("bug: flowc "), "{ended:?}");
                    assert!(String::from_utf8_lossy(&ended.stdout).contains("\"status\": \"bug\""));
                }
            }
        }
    }
}
