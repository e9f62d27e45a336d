//! The threads that answer: a few for questions, one for what is found without being asked. Their stacks hold the deepest program.
use std::thread;

use crossbeam_channel::{Sender, unbounded};
use flowc_compiler::ide::STACK_BYTES;

type Job = Box<dyn FnOnce() + Send>;

/// The most threads for questions.
const THREADS_MAX: usize = 4;

pub(crate) struct Pool {
    questions: Sender<Job>,
    background: Sender<Job>,
}

impl Pool {
    /// Starts the threads; they end when the pool is gone and their work is done.
    pub(crate) fn new() -> Self {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        Self { questions: threads("answers", cores.clamp(2, THREADS_MAX)), background: threads("checks", 1) }
    }

    /// Does something that somebody waits for.
    pub(crate) fn ask(&self, job: impl FnOnce() + Send + 'static) {
        // The receiving threads live as long as this sender.
        let _ = self.questions.send(Box::new(job));
    }

    /// Does something that nobody waits for.
    pub(crate) fn background(&self, job: impl FnOnce() + Send + 'static) {
        let _ = self.background.send(Box::new(job));
    }
}

fn threads(name: &str, count: usize) -> Sender<Job> {
    let (sender, receiver) = unbounded::<Job>();
    for _ in 0..count {
        let receiver = receiver.clone();
        let work = move || receiver.into_iter().for_each(|job| job());
        let started =
            thread::Builder::new().name(name.to_owned()).stack_size(STACK_BYTES).spawn(work.clone());
        if started.is_err() {
            // Where there is no room for a deep stack, an ordinary one serves all but the deepest programs.
            thread::spawn(work);
        }
    }
    sender
}
