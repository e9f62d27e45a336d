//! What a step leaves, and what becomes of it.
use super::*;

fn list(ty: Type) -> Type {
    Type::List(Box::new(ty))
}

fn optional(ty: Type) -> Type {
    Type::Optional(Box::new(ty))
}

#[test]
fn standard_output_is_read_as_its_type() {
    let lab = Lab::new(1);
    let choice = || Type::Choice(vec!["low".into(), "high".into()]);
    for (script, output, value) in [
        ("echo hello", stdout(Type::Text), Value::text("hello")),
        ("printf 'a\\n\\n'", stdout(Type::Text), Value::text("a\n")),
        (":", stdout(Type::Text), Value::text("")),
        ("echo '  42 '", stdout(Type::Int(None)), Value::Int(42)),
        ("echo 2.5", stdout(Type::Float(None)), Value::Float(2.5)),
        ("echo true", stdout(Type::Bool), Value::Bool(true)),
        ("echo low", stdout(choice()), Value::text("low")),
        ("echo '\"high\"'", stdout(choice()), Value::text("high")),
        ("echo 5s", stdout(Type::Duration), Value::Duration(Millis(5000))),
        ("echo '[1, null]'", stdout(Type::Json), Value::list([Value::Int(1), Value::None])),
        (":", stdout(optional(Type::Int(None))), Value::None),
        ("echo null", stdout(optional(Type::Int(None))), Value::None),
        (
            "printf '1\\n2\\n'",
            Output::Lines(list(Type::Int(None))),
            Value::list([Value::Int(1), Value::Int(2)]),
        ),
        ("printf 'a\\n\\nb'", Output::Lines(list(Type::Text)), Value::list(["a", "", "b"].map(Value::text))),
        ("echo", Output::Lines(list(Type::Text)), Value::list([Value::text("")])),
        (":", Output::Lines(list(Type::Text)), Value::list([])),
        ("echo log", Output::Unit, Value::Unit),
    ] {
        assert_eq!(lab.value(sh(script, output), &[]), value, "{script}");
    }
    for (script, output, message) in [
        (
            "echo x",
            stdout(Type::Int(None)),
            "standard output is no `Int`: expected an integer, found the text \"x\"",
        ),
        (":", stdout(Type::Int(None)), "standard output is empty, expected `Int`"),
        (
            "printf '\\377'",
            stdout(Type::Text),
            "standard output is not UTF-8 from byte 0 on: make it a `File`",
        ),
        (
            "head -c 16000001 /dev/zero",
            stdout(Type::Text),
            "standard output has 16000001 bytes, a value has at most 16000000: make it a `File`",
        ),
    ] {
        let failure = lab.failure(sh(script, output), &[]);
        assert_eq!((failure.kind, failure.message.as_str()), ("bad-output", message), "{script}");
    }
    lab.finish();
}

#[test]
fn files_of_any_size_are_kept() {
    let lab = Lab::new(1);
    for size in [0_usize, 5, 70_000, 3_000_000] {
        let script = format!("head -c {size} /dev/zero");
        for task in [
            sh(&script, stdout(Type::File)),
            sh(&format!("{script} > stdout"), path("stdout", Type::File)),
            sh(&format!("mkdir -p a/b; {script} > a/b/stdout"), path("a/b/stdout", optional(Type::File))),
        ] {
            let value = lab.value(task, &[]);
            assert_eq!(lab.content(&value), vec![0; size]);
            let Value::File(file) = value else { panic!("no file") };
            assert_eq!((file.name.as_str(), file.executable), ("stdout", false));
        }
    }
    let Value::File(tool) = lab.value(sh("echo > t; chmod +x t", path("t", Type::File)), &[]) else {
        panic!("no file")
    };
    assert!(tool.executable);
    assert_eq!(lab.value(sh(":", path("t", optional(Type::File))), &[]), Value::None);
    lab.finish();
}

#[test]
fn patterns_directories_and_records() {
    let lab = Lab::new(1);
    let glob = |pattern: &str| Output::Glob { pattern: text(pattern) };
    let names = |value: Value| match value {
        Value::List(files) => files
            .iter()
            .map(|file| match file {
                Value::File(file) => file.name.to_string(),
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let make = "mkdir -p part-d sub/deep; touch part-b part-a .part-c sub/part-x sub/deep/part-y other";
    for (pattern, expected) in [
        ("part-*", vec!["part-a", "part-b"]),
        ("*/part-*", vec!["part-x"]),
        ("**/part-*", vec!["part-a", "part-b", "part-y", "part-x"]),
        (".part-*", vec![".part-c"]),
        ("none-*", vec![]),
        ("*.txt", vec![]),
    ] {
        let input = lab.file("input.txt", b"");
        assert_eq!(names(lab.value(sh(make, glob(pattern)), &[input])), expected, "{pattern}");
    }
    let Value::Dir(dir) =
        lab.value(sh("mkdir -p d/e; echo 1 > d/e/f; ln -s e/f d/l", path("d", Type::Dir)), &[])
    else {
        panic!("no directory")
    };
    assert_eq!(dir.name, "d");
    let mut show = splice(&["cat ", "/l; ls in"], Quoting::Bare, stdout(Type::Text));
    show.params = vec![("d".into(), Type::Dir)];
    assert_eq!(lab.text(show, &[Value::Dir(dir)]), "1\nd");

    let fields = vec![("n".into(), Type::Int(None))];
    let output = Output::Record(vec![
        ("page".into(), path("index.html", Type::File)),
        ("words".into(), stdout(Type::Int(None))),
        ("meta".into(), path("meta.json", Type::Record(fields))),
    ]);
    let script = "echo '<p>' > index.html; echo '{\"n\": 3, \"extra\": 1}' > meta.json; echo 12";
    let Value::Record(value) = lab.value(sh(script, output), &[]) else { panic!("no record") };
    assert_eq!(value.get("words"), Some(&Value::Int(12)));
    assert_eq!(value.get("meta"), Some(&Value::record([("n".into(), Value::Int(3))])));
    assert_eq!(lab.content(value.get("page").unwrap()), b"<p>\n");
    lab.finish();
}

#[test]
fn what_is_missing_is_named() {
    let lab = Lab::new(1);
    for (script, output, message) in [
        (":", path("out.txt", Type::File), "no file `out.txt`; the step left nothing"),
        ("touch b a", path("out.txt", Type::File), "no file `out.txt`; the step left `a`, `b`"),
        ("touch a", path("a/out.txt", Type::File), "no file `a/out.txt`; the step left `a`"),
        (
            "touch 1 2 3 4 5 6 7 8 9",
            path("d", Type::Dir),
            "no directory `d`; the step left `1`, `2`, `3`, `4`, `5`, `6`, `7`, `8` and 1 more",
        ),
    ] {
        let failure = lab.failure(sh(script, output), &[]);
        assert_eq!((failure.kind, failure.message.as_str()), ("missing-output", message));
    }
    lab.finish();
}

#[test]
fn what_cannot_be_kept_is_named_as_the_step_knows_it() {
    let lab = Lab::new(1);
    for (script, output, message) in [
        ("mkdir o; mkfifo o/p", path("o", Type::Dir), "cannot keep `o/p`: it is a pipe"),
        (
            "mkdir -p a/o/b; ln -s /etc a/o/b/l",
            path("a/o", Type::Dir),
            "cannot keep `a/o/b/l`: it is a link to `/etc`, outside the directory",
        ),
        (
            "touch a \"$(printf 'b\\377')\"",
            Output::Glob { pattern: text("*") },
            "the name `b\u{fffd}` is not UTF-8",
        ),
    ] {
        let failure = lab.failure(sh(script, output), &[]);
        assert_eq!((failure.kind, failure.message.as_str()), ("bad-output", message));
    }
    // What no pattern asks for may have any name.
    let other = sh("touch a \"$(printf 'b\\377')\"", Output::Glob { pattern: text("a*") });
    assert!(matches!(lab.value(other, &[]), Value::List(files) if files.len() == 1));
    lab.finish();
}

#[test]
fn nothing_is_followed_out_of_the_step() {
    let lab = Lab::new(1);
    let secret = lab.dir.path().join("secret");
    std::fs::create_dir(&secret).unwrap();
    std::fs::write(secret.join("f"), "secret").unwrap();
    let secret_text = secret.display().to_string();
    let link = |to: &str, from: &str| format!("ln -s {secret_text}{to} {from}");
    for (script, output, kind) in [
        (link("/f", "out"), path("out", Type::File), "bad-output"),
        (link("/f", "out"), path("out", Type::Text), "bad-output"),
        (link("", "out"), path("out", Type::Dir), "bad-output"),
        (link("", "d"), path("d/f", Type::File), "bad-output"),
        (link("", "d"), path("d/f", Type::Json), "bad-output"),
        (link("/f", "out"), Output::Glob { pattern: text("o*") }, "bad-output"),
        (link("", "d"), Output::Glob { pattern: text("**/f") }, "ok"),
        ("mkfifo out".to_owned(), path("out", Type::File), "bad-output"),
        ("mkdir out".to_owned(), path("out", Type::File), "bad-output"),
        (
            link("", "d").replace("ln", "mkdir o; ln").replace(" d", " o/d"),
            path("o", Type::Dir),
            "bad-output",
        ),
        (":".to_owned(), path("../secret", Type::File), "evaluation"),
        (":".to_owned(), path("/etc/passwd", Type::File), "evaluation"),
    ] {
        let found = match lab.run(sh(&script, output), &[]).result {
            // A link to a directory is not searched.
            Ok(value) => (value == Value::list([])).then_some("ok"),
            Err(failure) => Some(failure.kind),
        };
        assert_eq!(found, Some(kind), "{script}");
        assert_eq!(std::fs::read_to_string(secret.join("f")).unwrap(), "secret");
    }
    lab.finish();
}

#[test]
fn what_is_printed_besides_is_kept() {
    let lab = Lab::new(1);
    let done = lab.run(sh("echo log; echo trouble >&2", Output::Unit), &[]);
    let read = |hash: Option<flowc_plan::ContentHash>| lab.store.read(&hash.unwrap(), 1 << 20).unwrap();
    assert_eq!(read(done.stdout), b"log\n");
    assert_eq!(read(done.stderr), b"trouble\n");
    let done = lab.run(sh("echo value", stdout(Type::Text)), &[]);
    assert_eq!((done.stdout, done.stderr), (None, None));
    // A failed step's standard output is no value.
    let done = lab.run(sh("echo half; exit 3", stdout(Type::Text)), &[]);
    assert_eq!(read(done.stdout), b"half\n");
    // Larger than what a pack takes; the step after it starts with empty streams.
    let done = lab.run(sh("head -c 100000 /dev/zero; head -c 200000 /dev/zero >&2", Output::Unit), &[]);
    assert_eq!((read(done.stdout).len(), read(done.stderr).len()), (100_000, 200_000));
    let done = lab.run(sh(":", Output::Unit), &[]);
    assert_eq!((done.stdout, done.stderr), (None, None));
    lab.finish();
}
