//! One file of the user's, written anew: whole or not at all, and with all that it had but its content. It knows no content.
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What became of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Overwrite {
    /// It holds the new text.
    Done,
    /// It does not hold what was read any more, and stays as it is.
    Changed,
}

/// Writes `after` to the file that held `before`. A link stays a link: the file that it leads to is written. Permissions
/// stay, and so does the owner where that is allowed; who may not write the file does not get round that, and a file that
/// nobody may write is left to be so, by the superuser too, whom the system would let.
///
/// # Errors
/// Whatever the system says: the file is as it was.
pub(crate) fn overwrite(path: &Path, before: &str, after: &str) -> io::Result<Overwrite> {
    let real = path.canonicalize()?;
    // Renaming asks the directory only: here the file is asked.
    let metadata = OpenOptions::new().write(true).open(&real)?.metadata()?;
    if metadata.permissions().readonly() {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let folder = real.parent().unwrap_or(Path::new("/"));
    let mut aside = tempfile::Builder::new().prefix(".flowc-new-").tempfile_in(folder)?;
    aside.write_all(after.as_bytes())?;
    let made = aside.as_file().metadata()?;
    if (made.uid(), made.gid()) != (metadata.uid(), metadata.gid()) {
        // Only some users may give files away: for the others the file becomes theirs, as with an editor.
        let _ = std::os::unix::fs::fchown(aside.as_file(), Some(metadata.uid()), Some(metadata.gid()));
    }
    aside.as_file().set_permissions(metadata.permissions())?;
    aside.as_file().sync_all()?;
    if fs::read(&real)? != before.as_bytes() {
        return Ok(Overwrite::Changed);
    }
    aside.persist(&real).map_err(|error| error.error)?;
    Ok(Overwrite::Done)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_link_stays_a_link_and_permissions_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.flow"), folder.path().join("link.flow"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("a.flow", &link).unwrap();
        assert_eq!(overwrite(&link, "old", "new").unwrap(), Overwrite::Done);
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(file.metadata().unwrap().mode() & 0o7777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left over");
    }

    #[test]
    fn a_file_that_was_changed_meanwhile_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.flow");
        fs::write(&file, "newer").unwrap();
        assert_eq!(overwrite(&file, "old", "new").unwrap(), Overwrite::Changed);
        assert_eq!(fs::read_to_string(&file).unwrap(), "newer");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left over");
    }
}
