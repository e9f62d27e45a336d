//! Paths beside the results, where things are written before they are renamed to their places; and what a kill leaves of them is
//! removed by the next run that puts something there. It knows no values.
use std::fs;
use std::path::{Path, PathBuf};

/// The asides of this process in one directory. A marker in the store says that there may be some, from before the first to the end.
#[derive(Debug)]
pub(super) struct Asides {
    out: PathBuf,
    marker: PathBuf,
    next: u64,
}

impl Asides {
    /// Asides in `out`; `name` stands for it in `folder`, where the markers are. Removes what dead processes have left.
    pub(super) fn new(out: &Path, folder: &Path, name: &str) -> Self {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let marker = entry.file_name();
            let Some(pid) = marker.to_str().and_then(|text| pid_of(text, name)) else { continue };
            if is_dead(pid) {
                remove_all(out, &format!("{PREFIX}{pid}-"));
                // What cannot be removed now is tried again next time, by whoever may.
                let _ = fs::remove_file(entry.path());
            }
        }
        let marker = folder.join(format!("{name}-{}", std::process::id()));
        Self { out: out.to_owned(), marker, next: 0 }
    }

    /// A path that nobody else uses.
    pub(super) fn next(&mut self) -> PathBuf {
        if self.next == 0 {
            // Without a marker the asides are only removed by hand; that is no reason not to hand out the results.
            let _ = fs::create_dir_all(self.marker.parent().unwrap_or(Path::new(".")))
                .and_then(|()| fs::write(&self.marker, ""));
        }
        self.next += 1;
        self.out.join(format!("{PREFIX}{}-{}", std::process::id(), self.next))
    }
}

impl Drop for Asides {
    fn drop(&mut self) {
        if self.next > 0 {
            let _ = fs::remove_file(&self.marker);
        }
    }
}

/// Whether no process has this number. One that has it by chance puts the removal off.
fn is_dead(pid: &str) -> bool {
    let pid = pid.parse().ok().and_then(rustix::process::Pid::from_raw);
    pid.is_none_or(|pid| rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH))
}

/// How the names of asides begin.
const PREFIX: &str = ".flowc-";

/// The process of a marker that stands for `name`.
fn pid_of<'a>(marker: &'a str, name: &str) -> Option<&'a str> {
    let pid = marker.strip_prefix(name)?.strip_prefix('-')?;
    (!pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit())).then_some(pid)
}

fn remove_all(out: &Path, prefix: &str) {
    for entry in fs::read_dir(out).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes()) {
            remove(&entry.path());
        }
    }
}

/// Removes a file or a directory, if there is one.
pub(super) fn remove(path: &Path) {
    if fs::remove_file(path).is_err() {
        let _ = fs::remove_dir_all(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_process_left_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (out, folder) = (dir.path().join("out"), dir.path().join("placed"));
        fs::create_dir_all(out.join(".flowc-999999999-2/deep")).unwrap();
        fs::create_dir_all(&folder).unwrap();
        for name in [".flowc-999999999-1", ".flowc-1-1", ".flowcx", "page"] {
            fs::write(out.join(name), "").unwrap();
        }
        for marker in ["abc-999999999", "abc-1", "abc.json", "other-999999999"] {
            fs::write(folder.join(marker), "").unwrap();
        }
        let list = |dir: &Path| {
            let mut names: Vec<_> =
                fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let mut asides = Asides::new(&out, &folder, "abc");
        assert_eq!(list(&out), [".flowc-1-1", ".flowcx", "page"]);
        assert_eq!(list(&folder), ["abc-1", "abc.json", "other-999999999"]);
        let own = format!("abc-{}", std::process::id());
        assert!(!folder.join(&own).exists(), "no marker before the first aside");
        assert_ne!(asides.next(), asides.next());
        assert!(folder.join(&own).exists());
        drop(asides);
        assert!(!folder.join(&own).exists());
    }
}
