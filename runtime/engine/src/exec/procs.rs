//! Other processes, as `/proc` shows them: who is a child of this one, who belongs to a folder. It must not know steps.
use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// What `/proc/PID/stat` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stat {
    pub(super) zombie: bool,
    pub(super) parent: i32,
    pub(super) group: i32,
    pub(super) session: i32,
    pub(super) terminal: i32,
}

/// The state of a process; `None` when there is none of this id.
pub(super) fn stat(pid: i32) -> Option<Stat> {
    parse_stat(&std::fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// The name of the program stands in parentheses and may hold anything, even parentheses.
fn parse_stat(bytes: &[u8]) -> Option<Stat> {
    let after = bytes.iter().rposition(|&b| b == b')')?;
    let mut fields = std::str::from_utf8(bytes.get(after + 1..)?).ok()?.split_ascii_whitespace();
    let state = fields.next()?;
    let mut number = || fields.next()?.parse().ok();
    Some(Stat {
        zombie: matches!(state, "Z" | "X"),
        parent: number()?,
        group: number()?,
        session: number()?,
        terminal: number()?,
    })
}

/// Whether a living process was started in a folder (its `TMPDIR` or `HOME` stands there) or works in it. A shell in which a
/// person looks around is let be.
pub(super) fn belongs(pid: i32, dir: &Path) -> bool {
    let dir = dir.as_os_str().as_bytes();
    let below = |path: &[u8]| {
        path.strip_prefix(dir).is_some_and(|rest| matches!(rest.first(), None | Some(b'/' | b' ')))
    };
    let environ = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let names: [&[u8]; 2] = [b"TMPDIR=", b"HOME="];
    if environ
        .split(|&b| b == 0)
        .any(|var| names.iter().any(|name| var.strip_prefix(*name).is_some_and(below)))
    {
        return true;
    }
    std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| below(cwd.as_os_str().as_bytes()))
        && stat(pid).is_some_and(|stat| !(stat.session == pid && stat.terminal != 0))
}

/// The ids of all processes.
pub(super) fn all() -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Kills every process that belongs to a folder, and its descendants, again and again until none is left or the time is up.
/// True when none is left.
pub(super) fn kill_all_in(dir: &Path, patience: Duration) -> bool {
    let deadline = Instant::now() + patience;
    let mut quiet = 0;
    loop {
        let found = family(dir);
        for &pid in &found {
            kill(pid);
        }
        // Once more after a pass without any: one may have been between fork and exec.
        quiet = if found.is_empty() { quiet + 1 } else { 0 };
        if quiet == 2 {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The processes that belong to a folder and all their descendants, but not this process.
fn family(dir: &Path) -> BTreeSet<i32> {
    let me = rustix::process::getpid().as_raw_nonzero().get();
    let pids: Vec<(i32, i32)> = all()
        .into_iter()
        .filter(|&pid| pid != me)
        .filter_map(|pid| stat(pid).filter(|stat| !stat.zombie).map(|stat| (pid, stat.parent)))
        .collect();
    let mut found: BTreeSet<i32> =
        pids.iter().map(|&(pid, _)| pid).filter(|&pid| belongs(pid, dir)).collect();
    loop {
        let before = found.len();
        found.extend(
            pids.iter().filter(|(_, parent)| found.contains(parent)).map(|&(pid, _)| pid).collect::<Vec<_>>(),
        );
        if found.len() == before {
            return found;
        }
    }
}

/// Sends SIGKILL; a process that is gone is no error.
pub(super) fn kill(pid: i32) {
    if let Some(pid) = Pid::from_raw(pid).filter(|pid| !pid.is_init()) {
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// The processes that lost their parents and were given to this one (a subreaper). The kernel gives them to the main thread,
/// which spawns nothing itself, so one read of its list of children says that there are none.
#[derive(Debug)]
pub(super) struct Orphans {
    /// `None` on kernels without this file.
    list: Option<File>,
    me: i32,
}

impl Orphans {
    pub(super) fn new() -> Self {
        let me = rustix::process::getpid().as_raw_nonzero().get();
        Self { list: File::open(format!("/proc/self/task/{me}/children")).ok(), me }
    }

    /// Whether the kernel does not tell children of the main thread from others.
    pub(super) fn is_blind(&self) -> bool {
        self.list.is_none()
    }

    /// The ids of the orphans, living or not; without the kernel's list, of all children of this process.
    pub(super) fn list(&self) -> Vec<i32> {
        let mut buffer = [0; 4096];
        match &self.list {
            Some(list) => match list.read_at(&mut buffer, 0) {
                Ok(0) | Err(_) => Vec::new(),
                // What did not fit is seen when these are gone.
                Ok(n) => {
                    let end = buffer[..n].iter().rposition(|&b| b == b' ').unwrap_or(0);
                    let text = std::str::from_utf8(&buffer[..end]).unwrap_or("");
                    text.split_ascii_whitespace().filter_map(|pid| pid.parse().ok()).collect()
                }
            },
            None => all().into_iter().filter(|&pid| stat(pid).is_some_and(|s| s.parent == self.me)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_have_any_name() {
        let stat = parse_stat(b"12 (a) Z 9 (b) S 1 34 56 7 -1");
        let expected = Stat { zombie: false, parent: 1, group: 34, session: 56, terminal: 7 };
        assert_eq!(stat, Some(expected));
        assert_eq!(parse_stat(b"12 (sleep) Z 1 34 56 0").map(|s| s.zombie), Some(true));
        assert_eq!(parse_stat(b"nonsense"), None);
    }

    #[test]
    fn a_process_belongs_to_where_it_works() {
        let me = i32::try_from(std::process::id()).unwrap();
        let cwd = std::env::current_dir().unwrap();
        assert!(belongs(me, &cwd));
        assert!(!belongs(me, &cwd.join("no")));
    }
}
