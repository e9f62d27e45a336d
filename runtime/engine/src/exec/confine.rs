//! What a step may touch, enforced by the kernel. A Landlock domain belongs to a thread and is inherited by what it spawns, so
//! a thread that does nothing but spawn restricts itself once. It must not know steps.
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, PathBeneath, PathFd, RestrictionStatus,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

/// The rights as of Linux 6.7: all that a file system can be changed by. Older kernels enforce what they know.
const FS_ABI: ABI = ABI::V5;

/// Devices that programs write to as a matter of course; none of them keeps anything.
const DEVICES: [&str; 8] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
    "/dev/random",
    "/dev/urandom",
];

/// Shared memory, which interpreters need for their own worker processes.
const SHARED_MEMORY: &str = "/dev/shm";

/// What the steps of one spawning thread may do beyond reading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Rights {
    /// Folders below which everything may be changed.
    pub(super) writable: Vec<PathBuf>,
    /// Whether connections may be opened.
    pub(super) network: bool,
}

/// How much of the rights the kernel enforces.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Confinement {
    /// Nothing: a step may write wherever its user may.
    None,
    /// Some: the kernel is too old for the rest.
    Partial,
    /// Everything that may not be written cannot be written.
    Full,
}

/// Restricts the calling thread, and what it will spawn, for good; as far as the kernel can.
pub(super) fn restrict(rights: &Rights) -> Confinement {
    let files = match restrict_files(rights) {
        Ok(RestrictionStatus { ruleset: RulesetStatus::FullyEnforced, .. }) => Confinement::Full,
        Ok(RestrictionStatus { ruleset: RulesetStatus::PartiallyEnforced, .. }) => Confinement::Partial,
        Ok(_) | Err(_) => Confinement::None,
    };
    // A layer of its own, so that a kernel that does not know it still counts as enforcing the first one fully.
    let _ = restrict_rest(rights);
    files
}

fn restrict_files(rights: &Rights) -> Result<RestrictionStatus, RulesetError> {
    let change = AccessFs::from_write(FS_ABI);
    let mut rules =
        Ruleset::default().set_compatibility(CompatLevel::BestEffort).handle_access(change)?.create()?;
    for path in &rights.writable {
        rules = allow(rules, path, change)?;
    }
    rules = allow(rules, Path::new(SHARED_MEMORY), change)?;
    let use_device = AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev;
    for path in DEVICES {
        rules = allow(rules, Path::new(path), use_device)?;
    }
    rules.restrict_self()
}

/// A path that does not exist needs no rule.
fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: landlock::BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    match PathFd::new(path) {
        Ok(fd) => rules.add_rule(PathBeneath::new(fd, access)),
        Err(_) => Ok(rules),
    }
}

/// Connections, and signals to whoever is no part of the step.
fn restrict_rest(rights: &Rights) -> Result<RestrictionStatus, RulesetError> {
    let rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        // Every layer denies moving between directories unless it is told otherwise.
        .handle_access(AccessFs::Refer)?
        .scope(Scope::Signal)?
        .scope(Scope::AbstractUnixSocket)?;
    let rules = if rights.network { rules } else { rules.handle_access(AccessNet::from_all(ABI::V4))? };
    let mut rules = rules.create()?;
    for path in rights.writable.iter().map(PathBuf::as_path).chain([Path::new(SHARED_MEMORY)]) {
        rules = allow(rules, path, AccessFs::Refer.into())?;
    }
    rules.restrict_self()
}
