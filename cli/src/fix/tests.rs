//! Mending in memory: what each layout becomes, and what is left alone.
use std::path::{Path, PathBuf};
use std::sync::Arc;

use expect_test::{Expect, expect};
use flowc_base::Applicability;
use flowc_compiler::Compiler;

use super::{Change, Fixed, Overlay, mend, write};
use crate::render::diff;

/// Mends files of a directory that is not there; the first is named.
fn mended(files: &[(&str, &str)], which: Applicability) -> Fixed {
    let overlay = Arc::new(Overlay::default());
    for (name, text) in files {
        overlay.give(&path(name), (*text).to_owned());
    }
    let mut compiler = Compiler::new(Arc::<Overlay>::clone(&overlay));
    mend(&mut compiler, &overlay, &[path(files[0].0)], which)
}

fn path(name: &str) -> PathBuf {
    Path::new("/nowhere").join(name)
}

#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn check(program: &str, expected: Expect) {
    let fixed = mended(&[("main.flow", program)], Applicability::Always);
    let after = fixed.changes.first().map_or(program, |change| &change.after);
    expected.assert_eq(after);
}

const BODY: &str = "flow main() -> Text { upper(\"a\") }";

#[test]
fn imports_in_every_layout() {
    check(
        &format!("use std.text.{{lower, upper, trim}}\n\n{BODY}\n"),
        expect![[r#"
            use std.text.{upper}

            flow main() -> Text { upper("a") }
        "#]],
    );
    check(
        &format!("use std.text.{{\n  lower, // small\n  upper, // large\n  trim, // bare\n}}\n\n{BODY}\n"),
        expect![[r#"
            use std.text.{
              // small
              upper, // large // bare
            }

            flow main() -> Text { upper("a") }
        "#]],
    );
    check(
        &format!("use std.text.{{\n  lower,\n  upper,\n  trim\n}}\n{BODY}\n"),
        expect![[r#"
            use std.text.{
              upper
            }
            flow main() -> Text { upper("a") }
        "#]],
    );
    check(
        &format!(
            "//! Words.\n\nuse std.math\n\nuse std.text.{{upper}}\nuse std.list as l // lists\nuse std.text.{{trim, lower}}\n\n{BODY}\n"
        ),
        expect![[r#"
            //! Words.

            use std.text.{upper}
            // lists

            flow main() -> Text { upper("a") }
        "#]],
    );
    check(
        "use std.math\n\nflow main() -> Int { 1 }\n",
        expect![[r#"
        flow main() -> Int { 1 }
    "#]],
    );
    check("flow main() -> Int { 1 } use std.math", expect!["flow main() -> Int { 1 }"]);
}

#[test]
fn values_that_are_there() {
    check(
        "flow main(a: Text, b: Text) -> Text {\n  let c = (a) ?? (b)\n  let d = \"{{a ?? b}}\"\n  c ?? d ?? \"x\"\n}\n",
        expect![[r#"
            flow main(a: Text, b: Text) -> Text {
              let c = (a)
              let d = "{{a}}"
              c
            }
        "#]],
    );
}

#[test]
fn what_is_written_elsewhere() {
    check(
        "flow main(a: Int, b: Bool) => Int {\n  var c = a;\n  let d = if b and a == 1 or b { 1 } elif b { 2 } else { 3 };\n  match d { 1 => c\n    // other\n    _ => 2 }\n}\n",
        expect![[r#"
            flow main(a: Int, b: Bool) -> Int {
              let c = a
              let d = if b && a == 1 || b { 1 } else if b { 2 } else { 3 }
              match d { 1 => c,
                // other
                _ => 2 }
            }
        "#]],
    );
}

#[test]
fn documentation_that_documents_nothing() {
    check(
        "flow main() -> Int {\n  /// one\n  /// two\n  1\n}\n//! late\n/// end\n/// of file\n",
        expect![[r#"
            flow main() -> Int {
              // one
              // two
              1
            }
            // late
            // end
            // of file
        "#]],
    );
}

#[test]
fn comments_that_silence_nothing() {
    check(
        "//! allow unused-let: all\n// allow unused-let, unused-parameter, name-style: more\nflow main(x: Int) -> Int {\n  // allow unused-let: one\n  1 // allow unused-let: two\n}\n",
        expect![[r#"
            // allow unused-parameter: more
            flow main(x: Int) -> Int {
              1
            }
        "#]],
    );
}

#[test]
fn only_what_is_asked_for_and_named() {
    let files = [
        ("main.flow", "use \"lib.flow\".{two}\nflow main(chunk: Int) -> Int { two() + chnk }\n"),
        ("lib.flow", "use std.math\ntask two() -> Int { sh \"echo 2\" }\n"),
    ];
    let fixed = mended(&files, Applicability::Always);
    assert_eq!((fixed.changes.len(), fixed.applied.len()), (0, 0));
    let fixed = mended(&files, Applicability::Maybe);
    let [change] = &fixed.changes[..] else { panic!("{:?}", fixed.changes) };
    assert!(change.after.contains("two() + chunk"), "{}", change.after);
    // What is wrong elsewhere is still told.
    assert_eq!(fixed.report.diagnostics.len(), 1, "{:?}", fixed.report.diagnostics);
}

#[test]
fn a_fix_that_does_harm_is_taken_back_and_the_others_are_not() {
    // `titel` is near to `title`, and what the `Text` is then given to takes none.
    let program = "flow one(n: Int, m: Int) -> Int { n + m }\n\
        flow main(p: { title: Text }, count: Int) -> Int {\n  let x = p.titel\n  let y = cuont\n  one(x, x) + one(x, y)\n}\n";
    let fixed = mended(&[("main.flow", program)], Applicability::Maybe);
    let after = &fixed.changes[0].after;
    assert!(after.contains("p.titel") && after.contains("let y = count"), "{after}");
    assert_eq!((fixed.taken_back, fixed.applied.len()), (1, 1));
}

#[test]
fn what_could_not_be_read_may_hold_more_errors() {
    check(
        "flow main() -> Int {\n  var a = nope(1) + nope(2) + nope(3)\n  a;\n}\n",
        expect![[r#"
            flow main() -> Int {
              let a = nope(1) + nope(2) + nope(3)
              a
            }
        "#]],
    );
}

#[test]
fn mended_again_changes_nothing() {
    let program = format!("use std.text.{{lower, upper}}\n{BODY}\n");
    let first = mended(&[("main.flow", &program)], Applicability::Maybe);
    let again = mended(&[("main.flow", &first.changes[0].after)], Applicability::Maybe);
    assert_eq!((again.changes.len(), again.taken_back), (0, 0));
}

fn change(path: &Path, before: &str, after: &str) -> Change {
    Change { path: path.to_owned(), before: before.to_owned(), after: after.to_owned() }
}

#[test]
fn files_are_written_whole_or_not_at_all() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let dir = tempfile::tempdir().unwrap();
    let (one, two, link) = (dir.path().join("one"), dir.path().join("two"), dir.path().join("link"));
    std::fs::write(&one, "1").unwrap();
    std::fs::write(&two, "changed").unwrap();
    let stop = write(&[change(&one, "1", "one"), change(&two, "2", "two")]).unwrap_err();
    assert!(stop.to_string().contains("was changed while it was being checked"), "{stop}");
    assert_eq!(std::fs::read_to_string(&one).unwrap(), "1");
    // A link stays one, permissions stay, nothing is left beside.
    std::fs::set_permissions(&one, std::fs::Permissions::from_mode(0o750)).unwrap();
    symlink(&one, &link).unwrap();
    write(&[change(&link, "1", "one")]).unwrap();
    assert_eq!(std::fs::read_to_string(&one).unwrap(), "one");
    assert_eq!(one.metadata().unwrap().permissions().mode() & 0o777, 0o750);
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3);
}

#[test]
fn a_diff_is_what_patch_takes() {
    let change = change(Path::new("/nowhere/a.flow"), "a\nb\nc", "a\nB\nc");
    expect![[r#"
        --- a/nowhere/a.flow
        +++ b/nowhere/a.flow
        @@ -1,3 +1,3 @@
         a
        -b
        +B
         c
        \ No newline at end of file
    "#]]
    .assert_eq(&diff(&change.path, &change.before, &change.after));
}
