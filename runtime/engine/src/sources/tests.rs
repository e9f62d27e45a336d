//! Sources of a small tree, as a table.
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

struct Lab {
    dir: tempfile::TempDir,
    store: Store,
}

impl Lab {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for path in ["a.txt", "b.txt", "c.md", "sub/d.txt", "sub/deep/e.txt", ".hidden.txt", ".config/f.txt"]
        {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, path.file_name().unwrap().as_encoded_bytes()).unwrap();
        }
        std::fs::write(root.join("bad.bin"), [0xff, 0xfe]).unwrap();
        symlink("a.txt", root.join("link.txt")).unwrap();
        symlink("nowhere", root.join("broken.txt")).unwrap();
        symlink("sub", root.join("linked")).unwrap();
        let store = Store::open(&root.join(".flow")).unwrap();
        std::fs::write(root.join(".flow/in-store.txt"), "").unwrap();
        Self { dir, store }
    }

    /// What a source gives, in few words.
    fn read(&self, kind: SourceKind, what: &str) -> String {
        fn shown(value: &Value) -> String {
            match value {
                Value::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(" "),
                Value::Dir(dir) => format!("{}/ of {} bytes", dir.name, dir.size),
                other => flowc_stdlib::to_json(other).to_string().replace('"', ""),
            }
        }
        match read(&self.store, kind, what, self.dir.path().to_str().unwrap()) {
            Ok(value) => shown(&value),
            Err(error) => format!("error: {error}"),
        }
    }
}

#[test]
fn patterns() {
    let lab = Lab::new();
    for (pattern, expected) in [
        ("*.txt", "a.txt b.txt link.txt"),
        ("**/*.txt", "a.txt b.txt link.txt d.txt e.txt"),
        ("sub/**", "d.txt e.txt"),
        ("sub/*", "d.txt"),
        ("{a,c}.*", "a.txt c.md"),
        ("[ab].txt", "a.txt b.txt"),
        ("?.md", "c.md"),
        (".*.txt", ".hidden.txt"),
        (".config/*", "f.txt"),
        ("linked/*.txt", "d.txt"),
        ("a.txt", "a.txt"),
        ("./*.md", "c.md"),
        ("none/*.txt", ""),
        ("nothing-*", ""),
        ("[", "error: `[` is no pattern: unclosed character class; missing ']'"),
    ] {
        assert_eq!(lab.read(SourceKind::Glob, pattern), expected, "{pattern}");
    }
}

#[test]
fn files_directories_texts_and_the_environment() {
    let lab = Lab::new();
    for (kind, what, expected) in [
        (SourceKind::File, "a.txt", "a.txt"),
        (SourceKind::File, "link.txt", "link.txt"),
        (SourceKind::File, "none.txt", "error: there is no `none.txt`"),
        (SourceKind::File, "broken.txt", "error: there is no `broken.txt`"),
        (SourceKind::File, "sub", "error: `sub` is a directory: read it with `dir`"),
        (SourceKind::File, "a\0", "error: a path or name has a zero byte in it"),
        (SourceKind::Dir, "sub", "sub/ of 10 bytes"),
        (SourceKind::Dir, "a.txt", "error: `a.txt` is no directory"),
        (SourceKind::Dir, "none", "error: there is no `none`"),
        (SourceKind::Read, "c.md", "c.md"),
        (SourceKind::Read, "bad.bin", "error: `bad.bin` is not UTF-8"),
        (SourceKind::Read, "sub", "error: `sub` is no regular file"),
        (SourceKind::Env, "FLOWC_TEST_NOT_SET", "null"),
        (SourceKind::Env, "PATH", &std::env::var("PATH").unwrap()),
    ] {
        assert_eq!(lab.read(kind, what), expected, "{kind:?} {what}");
    }
}

#[test]
fn content_name_and_executable_bit_are_taken() {
    let lab = Lab::new();
    let path = lab.dir.path().join("run.sh");
    std::fs::write(&path, "true").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let base = lab.dir.path().to_str().unwrap();
    let Ok(Value::File(file)) = read(&lab.store, SourceKind::File, "run.sh", base) else { panic!() };
    assert_eq!((file.name.as_str(), file.size, file.executable), ("run.sh", 4, true));
    assert_eq!(lab.store.read(&file.hash, 100).unwrap(), b"true");
}
