//! Where things are: the workspace and the program under test. It must not know what either is used for.
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The root of the workspace.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("/"))
}

/// The program `flowc`, built from the sources as they are, once per process.
///
/// # Panics
/// When it does not build.
#[must_use]
pub fn flowc() -> &'static Path {
    // Kept when it does not build, too: no case after the first builds it again.
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        // Tests lie in `target/PROFILE/deps`, programs beside that folder.
        let test = std::env::current_exe().expect("a running program has a path");
        let folder = test.ancestors().nth(2).expect("cargo puts tests two folders deep");
        let profile = if folder.ends_with("release") { "release" } else { "dev" };
        let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet", "--package", "flowc", "--profile", profile])
            .current_dir(root())
            .status();
        built.is_ok_and(|status| status.success()).then(|| folder.join("flowc"))
    });
    program.as_deref().expect("`cargo build -p flowc` succeeds")
}
