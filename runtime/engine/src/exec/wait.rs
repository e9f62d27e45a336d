//! The end of a step: waiting for its process, and making sure that nothing of what it started outlives it. It must not know
//! tasks or outputs.
use std::path::Path;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, pidfd_open, waitid,
    waitpid,
};

use super::failure::Ended;
use super::procs::{self, Orphans};

/// How long a step that is asked to end (SIGTERM) may take before it is killed.
pub(super) const GRACE: Duration = Duration::from_secs(2);
/// How long the dying may take: a process that waits for a broken disk cannot be killed at all.
const DYING: Duration = Duration::from_secs(5);

const GO: u8 = 0;
const TERMINATE: u8 = 1;
const KILL: u8 = 2;

/// How many steps this process runs, in whichever executor; and how many executors it has. Orphans come to the process as a
/// whole, so whose they are is a question to all of them.
static ACTIVE: AtomicUsize = AtomicUsize::new(0);
static EXECUTORS: AtomicUsize = AtomicUsize::new(0);

/// Held while orphans are killed and reaped, so that no two slots reap the same.
static REAPING: Mutex<()> = Mutex::new(());

/// The processes of all slots of an executor.
#[derive(Debug)]
pub(super) struct Supervisor {
    /// The process that each slot runs; its id is its group's, and nobody else's until it is reaped.
    running: Box<[Mutex<Option<Pid>>]>,
    stop: AtomicU8,
    orphans: Orphans,
    /// The ids of children that are none of a step's.
    strangers: Mutex<Vec<i32>>,
}

/// How an execution came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Ended(Ended),
    TimedOut,
    WantsTerminal,
}

impl Supervisor {
    /// Takes in all processes that will lose their parents below this one.
    pub(super) fn new(slots: usize) -> Self {
        // Without it, what a step leaves behind is found by its folder only, at the end of the run.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        EXECUTORS.fetch_add(1, Ordering::SeqCst);
        Self {
            running: (0..slots).map(|_| Mutex::new(None)).collect(),
            stop: AtomicU8::new(GO),
            orphans: Orphans::new(),
            strangers: Mutex::default(),
        }
    }

    /// A child of this process that no step has started.
    pub(super) fn add_stranger(&self, pid: u32) {
        lock(&self.strangers).extend(i32::try_from(pid));
    }

    /// Whether the run is being stopped.
    pub(super) fn is_stopping(&self) -> bool {
        self.stop.load(Ordering::SeqCst) != GO
    }

    /// Asks all steps to end, or kills them. Later ones end as soon as they start.
    pub(super) fn stop(&self, kill: bool) {
        let (level, signal) = if kill { (KILL, Signal::KILL) } else { (TERMINATE, Signal::TERM) };
        self.stop.fetch_max(level, Ordering::SeqCst);
        for running in &self.running {
            if let Some(pid) = *lock(running) {
                let _ = kill_process_group(pid, signal);
            }
        }
    }

    /// To be called before a slot spawns.
    pub(super) fn starting(&self) {
        ACTIVE.fetch_add(1, Ordering::SeqCst);
    }

    /// To be called when nothing was spawned after all.
    pub(super) fn not_started(&self) {
        ACTIVE.fetch_sub(1, Ordering::SeqCst);
    }

    /// Waits for a slot's process, which leads its own group, then ends all that it started. On return nothing of it lives.
    pub(super) fn wait(&self, slot: usize, pid: Pid, timeout: Option<Duration>, dir: &Path) -> Outcome {
        *lock(&self.running[slot]) = Some(pid);
        // Either this sees the stop, or the stop has seen the process.
        match self.stop.load(Ordering::SeqCst) {
            GO => {}
            KILL => drop(kill_process_group(pid, Signal::KILL)),
            _ => drop(kill_process_group(pid, Signal::TERM)),
        }
        let end = match timeout {
            None => wait_exit(pid),
            Some(timeout) => wait_exit_until(pid, timeout),
        };
        let mut running = lock(&self.running[slot]);
        let _ = kill_process_group(pid, Signal::KILL);
        *running = None;
        let status = waitpid(Some(pid), WaitOptions::empty());
        drop(running);
        reap_group(pid);
        self.sweep(dir);
        ACTIVE.fetch_sub(1, Ordering::SeqCst);
        match status {
            _ if end == End::TooLate => Outcome::TimedOut,
            _ if end == End::WantsTerminal => Outcome::WantsTerminal,
            Ok(Some((_, status))) => match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => Outcome::Ended(Ended::Exited(code)),
                (None, signal) => Outcome::Ended(Ended::Signaled(signal.unwrap_or(0))),
            },
            // Somebody else has waited for our child; what came of it is lost.
            _ => Outcome::Ended(Ended::Exited(-1)),
        }
    }

    /// Kills the orphans that were started in a slot's folder. Costs one read where there are none.
    fn sweep(&self, dir: &Path) {
        // Where one slot alone is at work, even an orphan that hides where it comes from must be its.
        self.kill_orphans(dir, || ACTIVE.load(Ordering::SeqCst) == 1);
    }

    /// Kills everything that the slots in a folder have ever started. To be called once, when none runs and none will.
    pub(super) fn sweep_all(&self, work_dir: &Path) {
        self.kill_orphans(work_dir, || {
            ACTIVE.load(Ordering::SeqCst) == 0 && EXECUTORS.load(Ordering::SeqCst) == 1
        });
        if self.orphans.is_blind() {
            procs::kill_all_in(work_dir, DYING);
        }
        EXECUTORS.fetch_sub(1, Ordering::SeqCst);
    }

    /// Kills the orphans that belong to a folder, and all others too while `alone` says that they can be nobody else's.
    fn kill_orphans(&self, dir: &Path, alone: impl Fn() -> bool) {
        if self.orphans.list().is_empty() {
            return;
        }
        let _alone = lock(&REAPING);
        let deadline = Instant::now() + DYING;
        loop {
            // In this order: who starts now has no orphan in the list.
            let found = self.orphans.list();
            let all = alone();
            let mut alive = 0;
            for pid in found {
                let Some(stat) = procs::stat(pid) else { continue };
                if self.is_known(pid) {
                    continue;
                }
                let Some(id) = Pid::from_raw(pid) else { continue };
                if stat.zombie {
                    let _ = waitpid(Some(id), WaitOptions::NOHANG);
                } else if all || procs::belongs(pid, dir) {
                    procs::kill(pid);
                    alive += 1;
                }
            }
            if alive == 0 || Instant::now() >= deadline {
                return;
            }
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// A process that a slot runs, or one that no step has started.
    fn is_known(&self, pid: i32) -> bool {
        lock(&self.strangers).contains(&pid)
            || self
                .running
                .iter()
                .any(|running| lock(running).is_some_and(|p| p.as_raw_nonzero().get() == pid))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How waiting for a process came out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// It has ended.
    Ended,
    /// Its time is up.
    TooLate,
    /// It was stopped for reading or setting the terminal, which belongs to others; nobody would wake it.
    WantsTerminal,
}

/// Waits until a process has ended, and leaves it to be reaped: until then its id is not given to another.
fn wait_exit(pid: Pid) -> End {
    let stopped_by_terminal = [Signal::TTIN, Signal::TTOU].map(Signal::as_raw);
    loop {
        let options = WaitIdOptions::EXITED | WaitIdOptions::STOPPED | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(pid), options) {
            Err(Errno::INTR) => {}
            Ok(Some(status)) if status.stopped() => {
                // Taken note of, so that it is told once. Who stops it otherwise will let it go on.
                let _ = waitid(WaitId::Pid(pid), WaitIdOptions::STOPPED | WaitIdOptions::NOHANG);
                if status.stopping_signal().is_some_and(|signal| stopped_by_terminal.contains(&signal)) {
                    return End::WantsTerminal;
                }
            }
            _ => return End::Ended,
        }
    }
}

/// As [`wait_exit`]; when the time is up, asks the group to end, and gives up on it after [`GRACE`].
fn wait_exit_until(pid: Pid, timeout: Duration) -> End {
    let fd = pidfd_open(pid, PidfdFlags::empty());
    let ended_within = |time: Duration| {
        // A deadline beyond what a clock can say is none.
        let deadline = Instant::now().checked_add(time);
        let Ok(fd) = &fd else { return ended_until(pid, deadline) };
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let left = left.and_then(|left| Timespec::try_from(left).ok());
            match poll(&mut [PollFd::new(fd, PollFlags::IN)], left.as_ref()) {
                Ok(0) => return false,
                Err(Errno::INTR) => {}
                Ok(_) | Err(_) => return true,
            }
        }
    };
    if ended_within(timeout) {
        return End::Ended;
    }
    let _ = kill_process_group(pid, Signal::TERM);
    // One that is stopped hears it when it goes on.
    let _ = kill_process_group(pid, Signal::CONT);
    ended_within(GRACE);
    End::TooLate
}

/// Looks at a process again and again until it has ended: where there is no descriptor left to wait with.
fn ended_until(pid: Pid, deadline: Option<Instant>) -> bool {
    loop {
        match waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG)
        {
            Ok(Some(_)) => return true,
            Ok(None) if deadline.is_some_and(|deadline| Instant::now() >= deadline) => return false,
            Ok(None) | Err(Errno::INTR) => std::thread::sleep(Duration::from_millis(5)),
            Err(_) => return true,
        }
    }
}

/// Reaps what was left of a killed group. Its processes come to this one as their parents end.
fn reap_group(group: Pid) {
    let deadline = Instant::now() + DYING;
    loop {
        match waitid(WaitId::Pgid(Some(group)), WaitIdOptions::EXITED | WaitIdOptions::NOHANG) {
            Ok(Some(_)) | Err(Errno::INTR) => {}
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_micros(100)),
            Ok(None) | Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn without_a_descriptor_time_is_up_all_the_same() {
        let spawn = |script: &str| Command::new("sh").args(["-c", script]).spawn().unwrap();
        let id = |child: &std::process::Child| Pid::from_raw(child.id().cast_signed()).unwrap();
        let mut slow = spawn("exec sleep 1000");
        assert!(!ended_until(id(&slow), Instant::now().checked_add(Duration::from_millis(20))));
        slow.kill().unwrap();
        assert!(ended_until(id(&slow), None));
        slow.wait().unwrap();
    }
}
