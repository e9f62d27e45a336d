//! What a program is given: words, variables, standard input, files. Nothing of it may become code.
use super::*;

/// Values that have meant something to somebody's shell.
const HOSTILE: [&str; 18] = [
    "",
    " ",
    "a b",
    "-rf",
    "--",
    "'",
    "\"",
    "it's \"so\"",
    "$(touch PWNED)",
    "`touch PWNED`",
    "'; touch PWNED; '",
    "\"; touch PWNED; \"",
    "$HOME ${PATH} $$ $1",
    "*",
    "~ # \\ \\n ! {a,b} > < | & ;",
    "line\nline\n\n",
    "\t\r\u{1b}[31m",
    "naïve – 日本 🦀",
];

#[test]
fn a_value_reaches_the_program_byte_for_byte() {
    let lab = Lab::new(2);
    // A character after it shows line ends that `$(…)` and `Text` would drop.
    let places: [(&[&str], Quoting); 4] = [
        (&["printf '%s.' ", "; ls -A"], Quoting::Bare),
        (&["printf '%s.' \"", "\"; ls -A"], Quoting::Double),
        (&["printf '%s.' '", "'; ls -A"], Quoting::Single),
        (&["x=", "; printf '%s.' \"$x\"; ls -A"], Quoting::Bare),
    ];
    for (parts, quoting) in places {
        for value in HOSTILE {
            let task = splice(parts, quoting, stdout(Type::Text));
            assert_eq!(lab.text(task, &[Value::text(value)]), format!("{value}."), "{quoting:?} {value:?}");
        }
    }
    for value in HOSTILE {
        let task = exec([text("printf"), text("%s."), arg(0)], stdout(Type::Text));
        assert_eq!(lab.text(task, &[Value::text(value)]), format!("{value}."), "exec {value:?}");

        let mut task = sh("printf '%s.' \"$V\"; ls -A", stdout(Type::Text));
        task.env = vec![("V".into(), arg(0))];
        assert_eq!(lab.text(task, &[Value::text(value)]), format!("{value}."), "env {value:?}");

        let mut task = sh("cat; printf .", stdout(Type::Text));
        task.stdin = Some(arg(0));
        assert_eq!(lab.text(task, &[Value::text(value)]), format!("{value}."), "stdin {value:?}");
    }
    lab.finish();
}

#[test]
fn hostile_names_of_files_are_names() {
    let lab = Lab::new(1);
    for name in HOSTILE.iter().filter(|name| !name.is_empty()) {
        let file = lab.file(name, b"content");
        let task = splice(&["cat ", "; cd in; ls | wc -l >/dev/null"], Quoting::Bare, stdout(Type::Text));
        assert_eq!(lab.text(task, std::slice::from_ref(&file)), "content", "{name:?}");
        let task = exec([text("cat"), arg(0)], stdout(Type::Text));
        assert_eq!(lab.text(task, &[file]), "content", "{name:?}");
    }
    lab.finish();
}

#[test]
fn lists_are_words_and_records_are_files() {
    let lab = Lab::new(1);
    let count = || splice(&["set -- ", "; echo $#"], Quoting::Bare, stdout(Type::Int(None)));
    let words = Value::list(["a b", "", "*"].map(Value::text));
    assert_eq!(lab.value(count(), &[words]), Value::Int(3));
    assert_eq!(lab.value(count(), &[Value::list([])]), Value::Int(0));

    let record = Value::record([("b".into(), Value::Int(1)), ("a".into(), Value::text("x y"))]);
    let show = || splice(&["echo ", "; cat in/*.json"], Quoting::Bare, stdout(Type::Text));
    let fields = vec![("a".into(), Type::Text), ("b".into(), Type::Int(None))];
    let task = with_params(show(), &[("report", Type::Record(fields))]);
    assert_eq!(lab.text(task, &[record]), "in/report.json\n{\"a\":\"x y\",\"b\":1}");
    // A list that is `Json` is one file, and no words.
    let task = with_params(show(), &[("j", Type::Json)]);
    assert_eq!(lab.text(task, &[Value::list([Value::Int(1), Value::None])]), "in/j.json\n[1,null]");

    for (value, message) in [
        (Value::None, "none cannot be a word: give it a value with `??`"),
        (Value::text("a\0b"), "a text with a character NUL cannot be a word"),
    ] {
        let failure = lab.failure(count(), &[value]);
        assert_eq!((failure.kind, failure.message.as_str()), ("evaluation", message));
    }
    lab.finish();
}

#[test]
fn the_environment_is_what_is_declared() {
    let lab = Lab::new(1);
    let mut task = exec([text("env")], Output::Lines(Type::List(Box::new(Type::Text))));
    task.env = vec![("FONT".into(), text("serif"))];
    let Value::List(lines) = lab.value(task, &[]) else { panic!("no list") };
    let mut lines: Vec<String> = lines
        .iter()
        .map(|line| match line {
            Value::Text(text) => text.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    lines.sort();
    let slot = lab.work_dir().join("0");
    let path = lines.iter().find(|line| line.starts_with("PATH=/")).cloned().unwrap();
    let expected = [
        "FONT=serif".to_owned(),
        format!("HOME={}/home", slot.display()),
        "LC_ALL=C.UTF-8".to_owned(),
        path,
        format!("TMPDIR={}/tmp", slot.display()),
        "TZ=UTC".to_owned(),
    ];
    assert_eq!(lines, expected);
    // And nothing else stands there or comes in, and of ours nothing is open but the two streams.
    let look = "ls -A; ls -A \"$HOME\"; ls -A \"$TMPDIR\"; wc -c; ls -l /proc/self/fd | grep -c /.flow/";
    assert_eq!(lab.text(sh(look, stdout(Type::Text)), &[]), "0\n1");
    lab.finish();
}

#[test]
fn inputs_stand_in_their_places() {
    let lab = Lab::new(1);
    let (one, two) = (lab.file("a.txt", b"one"), lab.file("a.txt", b"two"));
    let task =
        || splice(&["echo ", " ", "; cat in/a.txt in/2/a.txt; ls -R in"], Quoting::Bare, stdout(Type::Text));
    let shown = lab.text(task(), &[one.clone(), two.clone()]);
    assert_eq!(shown, "in/a.txt in/2/a.txt\nonetwoin:\n2\na.txt\n\nin/2:\na.txt");
    let Value::File(program) = lab.file("tool", b"#!/bin/sh\necho \"tool $1\"\n") else { panic!("no file") };
    let program = Value::File(FileRef { executable: true, ..program });
    let task = exec([arg(0), text("x")], stdout(Type::Text));
    assert_eq!(lab.text(task, &[program]), "tool x");
    // The next step sees nothing of them.
    assert_eq!(lab.text(sh("ls -A", stdout(Type::Text)), &[]), "");
    lab.finish();
}

#[test]
fn large_inputs_are_read_and_may_be_passed_on() {
    let lab = Lab::new(1);
    let content = b"0123456789abcdef".repeat(200_000);
    let Value::File(mut large) = lab.file("large", &content) else { panic!("no file") };
    let source = lab.dir.path().join("large");
    std::fs::write(&source, &content).unwrap();
    large.hash = lab.store.put_file(&source).unwrap().0;
    let large = Value::File(large);
    let count = splice(&["wc -c < "], Quoting::Bare, stdout(Type::Int(None)));
    let mut count = count;
    if let Body::Shell { text, .. } = &mut count.body {
        text.push(ShellPart::Splice(arg(0), Quoting::Bare));
    }
    assert_eq!(lab.value(count, std::slice::from_ref(&large)), Value::Int(3_200_000));
    let passed = lab.value(sh("mv in/large out", path("out", Type::File)), std::slice::from_ref(&large));
    let Value::File(out) = &passed else { panic!("no file") };
    assert_eq!((out.name.as_str(), out.size), ("out", 3_200_000));
    assert_eq!(lab.content(&passed), content);
    assert_eq!(lab.content(&large), content);
    lab.finish();
}

#[test]
fn scripts_read_their_inputs_as_json() {
    let lab = Lab::new(1);
    let body = Body::Script { program: "sh".into(), text: "cat \"$FLOW_INPUTS\"; cat in/a; ls -A".into() };
    let task = with_params(task(body, stdout(Type::Text)), &[("f", Type::File), ("n", Type::Int(None))]);
    let shown = lab.text(task, &[lab.file("a", b" content\n"), Value::Int(3)]);
    assert_eq!(shown, "{\"f\":\"in/a\",\"n\":3} content\nin");
    lab.finish();
}

#[test]
fn texts_of_any_length_reach_the_shell() {
    let lab = Lab::new(1);
    let long = "x".repeat(300_000);
    let task = splice(&["printf %s ", " | wc -c"], Quoting::Bare, stdout(Type::Int(None)));
    assert_eq!(lab.value(task, &[Value::text(long.as_str())]), Value::Int(300_000));
    let task = exec([text("printf"), text("%s"), arg(0)], stdout(Type::Text));
    let failure = lab.failure(task, &[Value::text(long.as_str())]);
    assert_eq!(failure.kind, "too-large");
    assert!(failure.message.starts_with("argument 2 has 300000 bytes"), "{}", failure.message);
    let task = exec([text("true"), arg(0)], Output::Unit);
    let many = Value::list((0..60).map(|_| Value::text("y".repeat(100_000))));
    assert_eq!(lab.failure(task, &[many]).kind, "too-large");
    lab.finish();
}

#[test]
fn a_shell_stops_at_its_first_error() {
    let lab = Lab::new(1);
    let failure = lab.failure(sh("false\necho on", Output::Unit), &[]);
    assert_eq!((failure.kind, failure.message.as_str()), ("exit", "exit status 1"));
    let failure = lab.failure(sh("echo $unset", Output::Unit), &[]);
    assert_eq!(failure.message, "exit status 2");
    assert!(failure.stderr_tail.contains("unset"), "{}", failure.stderr_tail);
    let mut pipe = sh("false | true", Output::Unit);
    assert_eq!(lab.value(pipe.clone(), &[]), Value::Unit);
    if let Body::Shell { shell, .. } = &mut pipe.body {
        *shell = "bash".into();
    }
    assert_eq!(lab.failure(pipe, &[]).kind, "exit");
    lab.finish();
}
