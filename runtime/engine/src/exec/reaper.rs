//! What happens when the engine is killed: a process of its own notices, ends all steps and removes their folders. Also what
//! earlier runs left when even that process was killed. It must not know steps, only folders.
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use flowc_store::RunId;

use super::{procs, sweep};

/// The hidden first argument that makes a program call [`reaper_main`]; the second is the folder.
pub const REAPER_ARG: &str = "__reaper";
/// Set in the reaper's environment, so that a program that does not know [`REAPER_ARG`] cannot start another.
const REAPER_VAR: &str = "FLOW_REAPER";
/// A file in every folder that a reaper may remove.
pub(super) const MARK: &str = ".slots";
/// What the engine writes when it needs no reaper any more.
const DISMISS: u8 = b'.';
/// How long killing may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The process that outlives the engine for a moment.
#[derive(Debug)]
pub(super) struct Reaper(Child);

impl Reaper {
    /// Starts it. The only writing end of its standard input is in this process, and closed when this process ends, however it does.
    pub(super) fn start(dir: &Path) -> io::Result<Option<Self>> {
        if std::env::var_os(REAPER_VAR).is_some() {
            return Ok(None);
        }
        let child = Command::new("/proc/self/exe")
            .arg0("flowc")
            .arg(REAPER_ARG)
            .arg(dir)
            .env_clear()
            .env(REAPER_VAR, "1")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Not reached by a Ctrl-C that is meant for the engine.
            .process_group(0)
            .spawn()?;
        Ok(Some(Self(child)))
    }

    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Lets it go without having done anything.
    pub(super) fn dismiss(mut self) {
        if let Some(mut stdin) = self.0.stdin.take() {
            let _ = stdin.write_all(&[DISMISS]);
        }
        let _ = self.0.wait();
    }
}

/// The reaper's whole life, given the arguments of its program (without its name): `__reaper FOLDER`. Waits until the engine is
/// gone, kills every process that was started in the folder or works in it, and removes the folder. Returns the exit status.
pub fn reaper_main(args: impl IntoIterator<Item = OsString>) -> u8 {
    const WRONG_CALL: u8 = 2;
    let mut args = args.into_iter();
    if args.next().is_none_or(|arg| arg != REAPER_ARG) {
        return WRONG_CALL;
    }
    let Some(dir) = args.next().map(PathBuf::from).filter(|dir| dir.is_absolute()) else { return WRONG_CALL };
    if !dir.join(MARK).is_file() {
        return WRONG_CALL;
    }
    let mut said = Vec::new();
    let dismissed = io::stdin().lock().take(1).read_to_end(&mut said).is_ok() && said == [DISMISS];
    u8::from(!dismissed && !clear(&dir))
}

/// Kills what lives in a folder and removes it. False when something is left.
pub(super) fn clear(dir: &Path) -> bool {
    let dead = procs::kill_all_in(dir, PATIENCE);
    let removed = sweep::remove(dir).is_ok();
    // Whoever was still being born may have written something meanwhile.
    dead && (removed || sweep::remove(dir).is_ok())
}

/// The folder that one process of a run works in. Each has its own: the reaper of one that was killed may still be clearing up when
/// the next takes the run up.
pub(crate) fn work_dir(work_root: &Path, run: &RunId) -> PathBuf {
    work_root.join(format!("{run}.{}", std::process::id()))
}

/// Clears away what processes have left below `work_root` whose runs are no longer alive. What cannot be removed stays for the next time.
///
/// `is_live` is asked after the folders were listed: a run is alive before it has one.
pub fn sweep_stale(work_root: &Path, is_live: impl Fn(&RunId) -> bool) {
    let Ok(root) = work_root.canonicalize() else { return };
    let Ok(entries) = std::fs::read_dir(&root) else { return };
    let listed: Vec<_> = entries.flatten().collect();
    for entry in listed {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.rsplit_once('.')?.0.parse::<RunId>().ok());
        if id.is_some_and(|id| !is_live(&id)) {
            clear(&entry.path());
        }
    }
}
