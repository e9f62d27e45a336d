//! A slot: a directory with its open descriptors, and a spawning thread that may write only there; reused step after step, so that
//! isolation costs microseconds. It must not know runs.
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use flowc_plan::{ContentHash, Value};
use flowc_store::{PACKED_BYTES_MAX, Store};
use rustix::fs::renameat;
use rustix::io::Errno;

use super::Shared;
use super::confine::{Confinement, Rights};
use super::failure::{self, Failure, Result};
use super::launch::{Launch, Stdin, Word, prepare};
use super::outputs::{Left, read_all};
use super::spawner::Spawner;
use super::sweep::{self, Scratch};
use super::wait::Outcome;
use crate::job::{Done, Job, JobFailure};

/// Logs up to this many bytes are kept whole; of longer ones the two ends.
const LOG_BYTES_MAX: u64 = 64 << 20;
/// How much of each end of a longer log.
const LOG_END_BYTES: u64 = 1 << 20;

/// One worker's place.
#[derive(Debug)]
pub(super) struct Slot {
    shared: Arc<Shared>,
    index: usize,
    /// Counts the directories that were given up because something in them could not be removed.
    generation: u32,
    place: Place,
}

/// The directory of a slot:
/// `step/` where steps run, `home/` and `tmp/` for what they write besides (these three a step may write to), `text/` for what we
/// write for it, `in/` when it is not in `step/`, and its two output streams.
#[derive(Debug)]
struct Place {
    root: PathBuf,
    root_fd: OwnedFd,
    step: PathBuf,
    step_dir: Scratch,
    home_dir: Scratch,
    tmp_dir: Scratch,
    stdout: File,
    stderr: File,
    /// Without and with the right to open connections; each is started when it is first needed.
    spawners: [Option<Spawner>; 2],
    /// Whether `in/` stands in `step/`.
    has_inputs: bool,
}

/// What a step printed and left, from the end of its process to the sweep.
#[derive(Debug, Default)]
struct Printed {
    ran: bool,
    stdout_bytes: u64,
    stderr_bytes: u64,
    stdout_taken: bool,
    stderr_taken: bool,
    command: String,
}

impl Slot {
    pub(super) fn new(shared: Arc<Shared>, index: usize) -> io::Result<Self> {
        let place = Place::new(&shared.work_dir.join(index.to_string()))?;
        Ok(Self { shared, index, generation: 0, place })
    }

    /// Executes a job, hands its outcome to `done`, then makes the slot ready for the next.
    pub(super) fn run(&mut self, job: &Job, done: impl FnOnce(Done)) {
        let started = Instant::now();
        let mut printed = Printed::default();
        let mut result = self.execute(job, &mut printed);
        let mut logs = [None, None];
        if printed.ran {
            let is_value = result.is_ok() && takes_stdout(job);
            match self.keep_logs(&mut printed, is_value) {
                Ok(kept) => logs = kept,
                // A value without its log is complete; one that nobody can be told about is not.
                Err(failure) => result = result.and(Err(failure)),
            }
        }
        let result = result.map_err(|failure| {
            let stderr_tail = self.place.stderr_tail(&printed);
            let hint = match failure.kind {
                "exit" if self.place.is_full() => failure::FULL,
                "exit" if self.place.is_confined() => failure::hint(&stderr_tail),
                _ => "",
            };
            JobFailure {
                kind: failure.kind,
                message: failure.message + hint,
                command: failure::shown_command(&printed.command),
                stderr_tail,
            }
        });
        let [stdout, stderr] = logs;
        let duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        done(Done { id: job.id, result, stdout, stderr, duration_us });
        if self.place.clear(&printed).is_err() {
            self.replace();
        }
    }

    /// Goes on in a new directory: the old one holds something that cannot be removed.
    fn replace(&mut self) {
        self.generation += 1;
        let root = self.shared.work_dir.join(format!("{}.{}", self.index, self.generation));
        // When not even that works, the next step fails by what the system says to it.
        if let Ok(place) = Place::new(&root) {
            self.place = place;
        }
    }

    fn execute(&mut self, job: &Job, printed: &mut Printed) -> Result<Value> {
        if self.shared.supervisor.is_stopping() {
            return Err(Failure::interrupted());
        }
        let task =
            job.plan.tasks.get(job.task as usize).ok_or_else(|| Failure::new("bug", "no such task"))?;
        let launch = prepare(&job.plan, task, &job.args, &self.shared.store)?;
        printed.command.clone_from(&launch.command);
        self.place.spawner(launch.network).map_err(|e| Failure::system("start a thread", e))?;
        self.place.stage(&launch, &self.shared.store)?;
        let mut command = self.command(&launch)?;
        self.place.connect(&mut command, &launch, &self.shared)?;
        let limit = job.timeout.or(launch.timeout);
        let timeout = limit.map(|limit| Duration::from_millis(limit.0));
        match self.spawn_and_wait(&launch, command, timeout, printed)? {
            Outcome::TimedOut => {
                let after = limit.unwrap_or_default();
                return Err(Failure::new("timeout", format!("not done after {after}")));
            }
            Outcome::WantsTerminal => return Err(failure::wants_terminal()),
            Outcome::Ended(failure::Ended::Exited(0)) => {}
            Outcome::Ended(_) if self.shared.supervisor.is_stopping() => return Err(Failure::interrupted()),
            Outcome::Ended(ended) => return Err(failure::ended(ended)),
        }
        self.collect(&launch, &job.plan.types, printed)
    }

    fn command(&self, launch: &Launch<'_>) -> Result<Command> {
        let missing = || {
            Failure::new(
                "no-program",
                format!("no program `{}` in `{}`", launch.program, self.shared.programs.path()),
            )
        };
        let program = self.shared.programs.find(&launch.program).ok_or_else(missing)?;
        let place = &self.place;
        let mut command = Command::new(program);
        command
            .arg0(&launch.arg0)
            .current_dir(&place.step)
            .process_group(0)
            .env_clear()
            .env("PATH", self.shared.programs.path())
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("HOME", place.root.join("home"))
            .env("TMPDIR", place.root.join("tmp"));
        if launch.inputs_json.is_some() {
            command.env("FLOW_INPUTS", place.root.join("text/inputs.json"));
        }
        for word in &launch.args {
            match word {
                Word::Text(text) => command.arg(text),
                Word::ScriptPath => command.arg(place.root.join("text/script")),
            };
        }
        command.envs(launch.env.iter().map(|(name, value)| (name.as_str(), value)));
        Ok(command)
    }

    fn spawn_and_wait(
        &self,
        launch: &Launch<'_>,
        command: Command,
        timeout: Option<Duration>,
        printed: &mut Printed,
    ) -> Result<Outcome> {
        let spawner = self.place.spawners[usize::from(launch.network)]
            .as_ref()
            .ok_or_else(|| Failure::new("bug", "no thread to spawn from"))?;
        let supervisor = &self.shared.supervisor;
        supervisor.starting();
        let pid = spawner.spawn(command).map_err(|error| {
            supervisor.not_started();
            self.shared.programs.forget(&launch.program);
            spawn_failure(&launch.program, &error)
        })?;
        printed.ran = true;
        let outcome = supervisor.wait(self.index, pid, timeout, &self.place.root);
        let length = |file: &File| {
            file.metadata().map(|meta| meta.len()).map_err(|e| Failure::system("read what was printed", e))
        };
        printed.stdout_bytes = length(&self.place.stdout)?;
        printed.stderr_bytes = length(&self.place.stderr)?;
        Ok(outcome)
    }

    fn collect(
        &self,
        launch: &Launch<'_>,
        types: &[flowc_plan::Type],
        printed: &mut Printed,
    ) -> Result<Value> {
        let stdout_path = self.place.root.join("stdout");
        let mut left = Left {
            store: &self.shared.store,
            dir: self.place.step_dir.dir(),
            dir_path: &self.place.step,
            types,
            stdout: &self.place.stdout,
            stdout_path: &stdout_path,
            stdout_bytes: printed.stdout_bytes,
            stdout_taken: false,
        };
        let value = left.collect(&launch.output);
        printed.stdout_taken = left.stdout_taken;
        value
    }

    /// Keeps what was printed and is no value.
    fn keep_logs(&self, printed: &mut Printed, stdout_is_value: bool) -> Result<[Option<ContentHash>; 2]> {
        let store = &self.shared.store;
        let place = &self.place;
        let stdout = if stdout_is_value || printed.stdout_taken {
            None
        } else {
            let path = place.root.join("stdout");
            keep_log(store, &place.stdout, &path, printed.stdout_bytes, &mut printed.stdout_taken)?
        };
        let path = place.root.join("stderr");
        let stderr = keep_log(store, &place.stderr, &path, printed.stderr_bytes, &mut printed.stderr_taken)?;
        Ok([stdout, stderr])
    }
}

fn takes_stdout(job: &Job) -> bool {
    fn takes(output: &flowc_plan::Output) -> bool {
        match output {
            flowc_plan::Output::Stdout(_) | flowc_plan::Output::Lines(_) => true,
            flowc_plan::Output::Record(fields) => fields.iter().any(|(_, output)| takes(output)),
            _ => false,
        }
    }
    job.plan.tasks.get(job.task as usize).is_some_and(|task| takes(&task.output))
}

fn spawn_failure(program: &str, error: &io::Error) -> Failure {
    match Errno::from_io_error(error) {
        Some(Errno::NOENT) => {
            Failure::new("no-program", format!("no program `{program}`, or none to interpret it"))
        }
        Some(Errno::ACCESS) => Failure::new("no-program", format!("`{program}` may not be executed")),
        Some(Errno::NOEXEC) => Failure::new(
            "no-program",
            format!("`{program}` is no program: expected a binary, or `#!` on its first line"),
        ),
        Some(Errno::TOOBIG) => Failure::new(
            "too-large",
            "the arguments and variables are more than the system takes: hand them over in a file or by `stdin`",
        ),
        _ => Failure::system(&format!("start `{program}`"), error),
    }
}

/// Keeps a stream that is not empty; of one that is very long, its two ends.
fn keep_log(
    store: &Store,
    file: &File,
    path: &Path,
    bytes: u64,
    taken: &mut bool,
) -> Result<Option<ContentHash>> {
    if bytes == 0 {
        return Ok(None);
    }
    if bytes <= PACKED_BYTES_MAX {
        return Ok(Some(store.put_bytes(&read_all(file, bytes, "what was printed")?)?));
    }
    if bytes <= LOG_BYTES_MAX {
        *taken = true;
        return Ok(Some(store.put_file(path)?.0));
    }
    let mut ends = read_all(file, LOG_END_BYTES, "what was printed")?;
    ends.extend_from_slice(format!("\n… {} bytes are not kept …\n", bytes - 2 * LOG_END_BYTES).as_bytes());
    ends.extend_from_slice(&read_end(file, bytes, LOG_END_BYTES));
    Ok(Some(store.put_bytes(&ends)?))
}

/// The last `count` bytes of a file, as far as they can be read.
fn read_end(file: &File, bytes: u64, count: u64) -> Vec<u8> {
    let start = bytes.saturating_sub(count);
    let mut buffer = vec![0; usize::try_from(bytes - start).unwrap_or(0)];
    match file.read_exact_at(&mut buffer, start) {
        Ok(()) => buffer,
        Err(_) => Vec::new(),
    }
}

impl Place {
    fn new(root: &Path) -> io::Result<Self> {
        // What an attempt that failed has left.
        sweep::remove(root)?;
        std::fs::create_dir(root)?;
        for name in ["step", "home", "tmp", "text", "in"] {
            std::fs::create_dir(root.join(name))?;
        }
        let open = |name: &str| sweep::open_dir(rustix::fs::CWD, root.join(name));
        Ok(Self {
            root_fd: open("")?,
            step_dir: Scratch::new(open("step")?)?,
            home_dir: Scratch::new(open("home")?)?,
            tmp_dir: Scratch::new(open("tmp")?)?,
            stdout: open_stream(&root.join("stdout"))?,
            stderr: open_stream(&root.join("stderr"))?,
            step: root.join("step"),
            root: root.to_owned(),
            spawners: [None, None],
            has_inputs: false,
        })
    }

    fn spawner(&mut self, network: bool) -> io::Result<&Spawner> {
        let slot = &mut self.spawners[usize::from(network)];
        let spawner = match slot.take() {
            Some(spawner) => spawner,
            None => {
                let writable = ["step", "home", "tmp"].map(|name| self.root.join(name)).to_vec();
                Spawner::start("spawner".to_owned(), Rights { writable, network })?
            }
        };
        Ok(slot.insert(spawner))
    }

    /// Puts inputs and texts in their places.
    fn stage(&mut self, launch: &Launch<'_>, store: &Store) -> Result<()> {
        let wrong = |error: io::Error| Failure::system("write what the step is given", error);
        let text = self.root.join("text");
        if let Some(script) = &launch.script {
            std::fs::write(text.join("script"), script).map_err(wrong)?;
        }
        if let Some(json) = &launch.inputs_json {
            std::fs::write(text.join("inputs.json"), json).map_err(wrong)?;
        }
        if let Stdin::Text(stdin) = &launch.stdin {
            std::fs::write(text.join("stdin"), stdin).map_err(wrong)?;
        }
        if launch.inputs.is_empty() {
            return Ok(());
        }
        renameat(&self.root_fd, "in", self.step_dir.dir(), "in").map_err(|e| wrong(e.into()))?;
        self.has_inputs = true;
        launch.inputs.stage(store, &self.step)
    }

    /// Connects the three standard streams.
    fn connect(&self, command: &mut Command, launch: &Launch<'_>, shared: &Shared) -> Result<()> {
        let wrong = |error: io::Error| Failure::system("open the step's streams", error);
        let stdin = match &launch.stdin {
            Stdin::Empty => shared.null.try_clone(),
            Stdin::Text(_) => File::open(self.root.join("text/stdin")),
            Stdin::Input(path) => File::open(self.step.join(path)),
        };
        command
            .stdin(stdin.map_err(wrong)?)
            .stdout(Stdio::from(self.stdout.try_clone().map_err(wrong)?))
            .stderr(Stdio::from(self.stderr.try_clone().map_err(wrong)?));
        Ok(())
    }

    /// Whether there is no room where the step writes. Then not even what it says of that can be written.
    fn is_full(&self) -> bool {
        const LITTLE_BYTES: u64 = 64 << 10;
        rustix::fs::fstatvfs(&self.root_fd).is_ok_and(|fs| {
            fs.f_bavail.saturating_mul(fs.f_frsize) < LITTLE_BYTES || fs.f_ffree == 0 && fs.f_files > 0
        })
    }

    fn is_confined(&self) -> bool {
        self.spawners.iter().flatten().any(|spawner| spawner.confinement() > Confinement::None)
    }

    fn stderr_tail(&self, printed: &Printed) -> String {
        failure::tail(&read_end(&self.stderr, printed.stderr_bytes, failure::TAIL_BYTES_READ))
    }

    /// Makes the slot as it was before the step.
    fn clear(&mut self, printed: &Printed) -> io::Result<()> {
        if self.has_inputs {
            // The step may have removed or replaced it.
            match sweep::open_dir(self.step_dir.dir(), "in") {
                Ok(inputs) => {
                    sweep::empty(inputs.as_fd())?;
                    renameat(self.step_dir.dir(), "in", &self.root_fd, "in")?;
                }
                Err(_) => std::fs::create_dir(self.root.join("in"))?,
            }
            self.has_inputs = false;
        }
        if !printed.ran {
            return Ok(());
        }
        for dir in [&mut self.step_dir, &mut self.home_dir, &mut self.tmp_dir] {
            dir.empty()?;
        }
        let streams = [
            (&mut self.stdout, "stdout", printed.stdout_bytes, printed.stdout_taken),
            (&mut self.stderr, "stderr", printed.stderr_bytes, printed.stderr_taken),
        ];
        for (file, name, bytes, taken) in streams {
            if taken {
                *file = open_stream(&self.root.join(name))?;
            } else if bytes > 0 {
                file.set_len(0)?;
            }
        }
        Ok(())
    }
}

/// The file of an output stream: what several processes write to it follows one after the other.
fn open_stream(path: &Path) -> io::Result<File> {
    File::options().read(true).append(true).create(true).mode(0o600).open(path)
}
