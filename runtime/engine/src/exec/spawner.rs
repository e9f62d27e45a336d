//! A thread that does nothing but spawn. It gives its children what a thread has and a process has not: its Landlock
//! domain. It lives as long as its slot, so no child can outlive the thread that a signal on parent's death would ask about.
use std::io;
use std::process::{Child, Command};
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use rustix::process::Pid;

use super::confine::{Confinement, Rights, restrict};

/// Held for writing while a program is written to a file: between its two halves a spawn has all descriptors of this process,
/// and the kernel runs no file that anybody has open for writing.
pub(super) static SPAWNING: RwLock<()> = RwLock::new(());

/// Spawns commands from a thread with the given rights.
#[derive(Debug)]
pub(super) struct Spawner {
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
    confinement: Confinement,
}

/// Where one thread lays down a command and takes up a child. One of the two waits at any time.
#[derive(Debug, Default)]
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Starting,
    Ready(Confinement),
    Asked(Box<Command>),
    Answered(io::Result<Child>),
    Closed,
}

impl Spawner {
    /// Starts the thread and waits until it has restricted itself.
    pub(super) fn start(name: String, rights: Rights) -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let theirs = Arc::clone(&desk);
        let thread = std::thread::Builder::new().name(name).stack_size(256 << 10).spawn(move || {
            theirs.answer(State::Ready(restrict(&rights)));
            // The state stays `Ready` until the first command.
            while let Some(mut command) = theirs.next() {
                let child = {
                    let _spawning = SPAWNING.read().unwrap_or_else(PoisonError::into_inner);
                    command.spawn()
                };
                theirs.answer(State::Answered(child));
            }
        })?;
        let confinement = desk.wait(|state| match state {
            State::Ready(confinement) => Some(*confinement),
            _ => None,
        });
        Ok(Self { desk, thread: Some(thread), confinement })
    }

    /// What the kernel enforces of the rights.
    pub(super) fn confinement(&self) -> Confinement {
        self.confinement
    }

    /// Spawns a command. The process is the caller's to wait for.
    pub(super) fn spawn(&self, command: Command) -> io::Result<Pid> {
        self.desk.answer(State::Asked(Box::new(command)));
        let child = self.desk.wait(|state| match std::mem::take(state) {
            State::Answered(child) => Some(child),
            other => {
                *state = other;
                None
            }
        })?;
        i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| io::Error::other("no process"))
    }
}

impl Drop for Spawner {
    fn drop(&mut self) {
        self.desk.answer(State::Closed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Desk {
    fn answer(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.changed.notify_one();
    }

    fn wait<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(found) = look(&mut state) {
                return found;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn next(&self) -> Option<Box<Command>> {
        self.wait(|state| match std::mem::take(state) {
            State::Asked(command) => Some(Some(command)),
            State::Closed => Some(None),
            other => {
                *state = other;
                None
            }
        })
    }
}
