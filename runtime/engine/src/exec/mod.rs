//! Executes tasks as processes: isolated, bounded in time, leaving nothing behind. Some worker threads, each with a slot of its
//! own, take jobs and give back values that are in the store. It must not know which steps there are, or in which order they run.
mod confine;
mod failure;
mod inputs;
mod launch;
mod outputs;
mod procs;
mod programs;
mod reaper;
mod slot;
mod spawner;
mod sweep;
#[cfg(test)]
mod tests;
mod wait;

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};
use flowc_store::Store;

pub(crate) use reaper::work_dir;
pub use reaper::{REAPER_ARG, reaper_main, sweep_stale};

use crate::job::{Done, Job, JobFailure};
pub(crate) use programs::Programs;
use reaper::Reaper;
use slot::Slot;
use wait::{GRACE, Supervisor};

/// How an [`Executor`] is set up.
#[derive(Debug)]
pub(crate) struct Config<M> {
    /// Where inputs come from and values are kept.
    pub(crate) store: Store,
    /// How many steps run at a time; at least one.
    pub(crate) slots: usize,
    /// The folder of the slots, on the store's file system: `.flow/work/RUN`. Made if it is not there, removed at the end.
    pub(crate) work_dir: PathBuf,
    /// Where outcomes go.
    pub(crate) done: Sender<M>,
}

/// Runs jobs on worker threads. Dropped without [`Executor::finish`], it kills what runs.
#[derive(Debug)]
pub(crate) struct Executor {
    shared: Arc<Shared>,
    jobs: Option<Sender<Job>>,
    workers: Vec<JoinHandle<()>>,
}

/// What all slots use.
#[derive(Debug)]
struct Shared {
    store: Store,
    /// Absolute, without links in it: it is compared with what processes say of themselves.
    work_dir: PathBuf,
    programs: Programs,
    null: File,
    supervisor: Supervisor,
    reaper_started: Once,
    reaper: Mutex<Option<Reaper>>,
}

impl Executor {
    /// Starts the threads; each makes its slot when its first job comes.
    ///
    /// # Errors
    /// The system's, when a folder or a thread cannot be made.
    pub(crate) fn start<M: From<Done> + Send + 'static>(config: Config<M>) -> io::Result<Self> {
        std::fs::create_dir_all(&config.work_dir)?;
        let work_dir = config.work_dir.canonicalize()?;
        // What an earlier process of the same run has left.
        if work_dir.join(reaper::MARK).exists() {
            reaper::clear(&work_dir);
            std::fs::create_dir_all(&work_dir)?;
        }
        std::fs::write(work_dir.join(reaper::MARK), "")?;
        let slots = config.slots.max(1);
        let shared = Arc::new(Shared {
            store: config.store,
            work_dir,
            programs: Programs::from_environment(),
            null: File::open("/dev/null")?,
            supervisor: Supervisor::new(slots),
            reaper_started: Once::new(),
            reaper: Mutex::default(),
        });
        let (jobs, queue) = unbounded();
        let mut executor = Self { shared: Arc::clone(&shared), jobs: Some(jobs), workers: Vec::new() };
        for index in 0..slots {
            let (shared, queue, done) = (Arc::clone(&shared), queue.clone(), config.done.clone());
            let worker = std::thread::Builder::new().name(format!("slot-{index}"));
            executor.workers.push(worker.spawn(move || work(&shared, index, &queue, &done))?);
        }
        Ok(executor)
    }

    /// Hands over a job; its [`Done`] comes when it is done, also when the executor is stopped before.
    pub(crate) fn submit(&self, job: Job) {
        if let Some(jobs) = &self.jobs {
            // The workers leave only when this end of the channel is gone.
            let _ = jobs.send(job);
        }
    }

    /// Stops: jobs that wait fail as `interrupted`; running steps are asked to end (SIGTERM) and killed after two seconds, or killed at once.
    /// Returns at once.
    pub(crate) fn interrupt(&self, kill: bool) {
        self.shared.supervisor.stop(kill);
        if !kill {
            let shared = Arc::clone(&self.shared);
            let later = std::thread::Builder::new().name("grace".to_owned()).spawn(move || {
                std::thread::sleep(GRACE);
                shared.supervisor.stop(true);
            });
            if later.is_err() {
                self.shared.supervisor.stop(true);
            }
        }
    }

    /// Waits for the jobs that were handed over, ends everything that is left of them, removes the folder.
    pub(crate) fn finish(mut self) {
        self.close();
    }

    fn close(&mut self) {
        self.jobs = None;
        for worker in self.workers.drain(..) {
            let _ = worker.join();
        }
        let shared = &self.shared;
        shared.supervisor.sweep_all(&shared.work_dir);
        let _ = sweep::remove(&shared.work_dir);
        if let Some(reaper) = shared.reaper.lock().unwrap_or_else(PoisonError::into_inner).take() {
            reaper.dismiss();
        }
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        if self.jobs.is_some() {
            self.interrupt(true);
            self.close();
        }
    }
}

impl Shared {
    /// The reaper must live before the first step does.
    fn start_reaper(&self) {
        self.reaper_started.call_once(|| {
            // Without one, the next run clears up.
            if let Ok(Some(reaper)) = Reaper::start(&self.work_dir) {
                self.supervisor.add_stranger(reaper.id());
                *self.reaper.lock().unwrap_or_else(PoisonError::into_inner) = Some(reaper);
            }
        });
    }
}

/// A worker's life.
fn work<M: From<Done>>(shared: &Arc<Shared>, index: usize, queue: &Receiver<Job>, done: &Sender<M>) {
    let mut slot = None;
    for job in queue {
        let mut answered = false;
        let outcome = catch_unwind(AssertUnwindSafe(|| -> io::Result<()> {
            let slot = match &mut slot {
                Some(slot) => slot,
                empty => {
                    shared.start_reaper();
                    empty.insert(Slot::new(Arc::clone(shared), index)?)
                }
            };
            slot.run(&job, |outcome| {
                answered = true;
                // Where nobody listens any more the run is over.
                let _ = done.send(outcome.into());
            });
            Ok(())
        }));
        if !answered {
            let (kind, message) = match outcome {
                Ok(Err(error)) => ("system", format!("cannot make a folder for the step: {error}")),
                _ => ("bug", "a worker of the engine panicked".to_owned()),
            };
            let failure = JobFailure { kind, message, command: String::new(), stderr_tail: String::new() };
            let outcome =
                Done { id: job.id, result: Err(failure), stdout: None, stderr: None, duration_us: 0 };
            let _ = done.send(outcome.into());
        }
    }
}
