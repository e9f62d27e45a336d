//! How steps end, and that nothing of them goes on.
use std::time::Instant;

use super::*;

#[test]
fn failures_say_what_happened() {
    let lab = Lab::new(1);
    for (task, kind, message) in [
        (sh("exit 3", Output::Unit), "exit", "exit status 3"),
        (sh("kill -9 $$", Output::Unit), "signal", "killed by SIGKILL"),
        (sh("kill -SEGV $$", Output::Unit), "signal", "killed by SIGSEGV"),
        // What the kernel does to a step that reads the terminal: it would stand still for ever.
        (
            sh("kill -TTIN $$", Output::Unit),
            "terminal",
            "it wants the terminal, which no step has: give it what it asks for by `stdin` or an option",
        ),
        // Who is stopped otherwise and woken again goes on.
        (sh("(sleep 0.05; kill -CONT $$) & kill -STOP $$; exit 7", Output::Unit), "exit", "exit status 7"),
        (
            exec([text("in/none")], Output::Unit),
            "no-program",
            "no program `in/none`, or none to interpret it",
        ),
        (exec([text("/etc/passwd")], Output::Unit), "no-program", "`/etc/passwd` may not be executed"),
    ] {
        let failure = lab.failure(task, &[]);
        assert_eq!((failure.kind, failure.message.as_str()), (kind, message));
    }
    let failure = lab.failure(exec([text("no-such-program"), text("a b"), text("c")], Output::Unit), &[]);
    assert_eq!(failure.kind, "no-program");
    assert!(failure.message.starts_with("no program `no-such-program` in `/"), "{}", failure.message);
    assert_eq!(failure.command, "no-such-program 'a b' c");
    let failure = lab.failure(sh("printf '\\033[31mbad\\033[0m\\n' >&2; exit 1", Output::Unit), &[]);
    assert_eq!(failure.stderr_tail, "bad");
    assert_eq!(failure.command, "printf '\\033[31mbad\\033[0m\\n' >&2; exit 1");
    lab.finish();
}

#[test]
fn a_slot_is_as_new_after_every_step() {
    let lab = Lab::new(1);
    let messy = "mkdir -p a/b/c; touch a/b/c/f .hidden; chmod 000 a/b; ln -s / root; echo > $HOME/.rc; \
                 mkdir $TMPDIR/t; echo out; echo err >&2; exit 1";
    lab.failure(sh(messy, Output::Unit), &[]);
    let look = || sh("ls -A . \"$HOME\" \"$TMPDIR\" | grep -v : || true", stdout(Type::Text));
    assert_eq!(lab.text(look(), &[]).trim(), "");
    // One that changes what may be done in its directories.
    let modes = || sh("stat -c %a . \"$HOME\" \"$TMPDIR\"", stdout(Type::Text));
    let before = lab.text(modes(), &[]);
    lab.value(sh("chmod 555 . \"$HOME\"; chmod 7777 \"$TMPDIR\"", Output::Unit), &[]);
    assert_eq!(lab.text(modes(), &[]), before);
    // A step that takes `in/` away.
    let input = lab.file("a", b"x");
    lab.value(sh("rm -rf in; echo > in", Output::Unit), std::slice::from_ref(&input));
    assert_eq!(lab.text(sh("cat in/a", stdout(Type::Text)), &[input]), "x");
    assert_eq!(lab.text(look(), &[]).trim(), "");
    lab.finish();
}

#[test]
fn what_takes_too_long_is_ended_with_all_it_started() {
    let lab = Lab::new(1);
    let setsid = "sh -c 'echo $$ > $TMPDIR/../../pid; exec sleep 1000'";
    for (what, script) in [
        ("obedient", "sleep 1000".to_owned()),
        ("deaf", "trap '' TERM; sleep 1000; sleep 1000".to_owned()),
        ("children", "sleep 1000 & sleep 1000 & wait".to_owned()),
        ("another session", format!("setsid {setsid} & wait")),
        ("twice forked", format!("(setsid {setsid} &) ; sleep 1000")),
    ] {
        let script = format!("echo $$ >&2; {script}").replace("$TMPDIR/../../pid", "/dev/stderr");
        let done = lab.timed_out(&script, Millis(150));
        let failure = done.result.unwrap_err();
        assert_eq!((failure.kind, failure.message.as_str()), ("timeout", "not done after 150ms"), "{what}");
        for pid in failure.stderr_tail.lines().filter(|line| line.parse::<i32>().is_ok()) {
            assert!(!is_alive(pid), "{what}: {pid}");
        }
    }
    lab.finish();
}

#[test]
fn a_call_has_the_last_word_on_how_long_a_task_may_take() {
    let lab = Lab::new(1);
    let limit = |ms| Some(Millis(ms));
    // The task's own, the call's, what is said of a step that takes a second and a half.
    let (short, long) = (limit(100), limit(60_000));
    for (own, call, says) in [
        (None, None, None),
        (short, None, Some("not done after 100ms")),
        (long, None, None),
        (long, short, Some("not done after 100ms")),
        (short, long, None),
    ] {
        let mut task = sh("sleep 1.5", Output::Unit);
        task.timeout = own.map(|own| Expr::Const(Value::Duration(own)));
        lab.submit(7, task, &[], call);
        let said = lab.next().result.err().map(|failure| (failure.kind, failure.message));
        assert_eq!(said, says.map(|says| ("timeout", says.to_owned())), "{own:?}, {call:?}");
    }
    lab.finish();
}

#[test]
fn a_step_is_over_when_its_process_is() {
    let _alone = ORPHANS.write().unwrap_or_else(PoisonError::into_inner);
    let lab = Lab::alone(2);
    let started = Instant::now();
    for script in [
        "sleep 1000 & echo $!",
        "setsid sleep 1000 >/dev/null 2>&1 </dev/null & echo $!; sleep 0.05",
        "(setsid sh -c 'echo $$; exec sleep 1000' &) ; sleep 0.1",
        // One that hides where it comes from; no other slot is at work.
        "(cd /; setsid env -i /bin/sh -c 'echo $$; exec sleep 1000' &) ; sleep 0.1",
    ] {
        let pid = lab.text(sh(script, stdout(Type::Text)), &[]);
        assert!(!is_alive(&pid), "{script}");
    }
    assert!(started.elapsed() < PATIENCE);
    lab.finish();
}

#[test]
fn a_hiding_orphan_ends_with_the_run_at_the_latest() {
    let _alone = ORPHANS.write().unwrap_or_else(PoisonError::into_inner);
    let lab = Lab::alone(2);
    lab.submit(1, sh("sleep 0.5", stdout(Type::Text)), &[], None);
    let script = "(cd /; setsid env -i /bin/sh -c 'echo $$; exec sleep 1000 2>&- >&-' &) ; sleep 0.1";
    lab.submit(2, sh(script, stdout(Type::Text)), &[], None);
    let done = lab.next();
    assert_eq!(done.id, 2);
    let Ok(Value::Text(pid)) = done.result else { panic!("no text") };
    lab.finish();
    assert!(!is_alive(&pid));
}

#[test]
fn an_interrupt_ends_what_runs_and_what_waits() {
    for (kill, script) in
        [(false, "sleep 1000"), (false, "trap '' TERM; sleep 1000; sleep 1000"), (true, "sleep 1000")]
    {
        let lab = Lab::new(1);
        lab.submit(1, sh(script, Output::Unit), &[], None);
        lab.submit(2, sh("echo never", Output::Unit), &[], None);
        std::thread::sleep(Duration::from_millis(100));
        lab.executor.as_ref().unwrap().interrupt(kill);
        for id in [1, 2] {
            let done = lab.next();
            assert_eq!((done.id, done.result.unwrap_err().kind), (id, "interrupted"), "{script}");
        }
        lab.finish();
    }
}

#[test]
fn many_steps_in_few_slots_do_not_meet() {
    let lab = Lab::new(3);
    for id in 0..200 {
        let script = format!("echo {id} > out; cat out; (sleep 1000 &)");
        lab.submit(id, sh(&script, stdout(Type::Int(None))), &[], None);
    }
    let mut values: Vec<(u64, Value)> = (0..200)
        .map(|_| {
            let done = lab.next();
            (done.id, done.result.unwrap())
        })
        .collect();
    values.sort_by_key(|(id, _)| *id);
    for (id, value) in values {
        assert_eq!(value, Value::Int(id.cast_signed()));
    }
    lab.finish();
}

#[test]
fn a_process_that_joins_the_engine_s_group_is_ended_too() {
    let _orphans = ORPHANS.read().unwrap_or_else(PoisonError::into_inner);
    let lab = Lab::new(1);
    let join = format!(
        "python3 -c 'import os, time; os.setpgid(0, os.getpgid({})); open(\"pid\", \"w\").write(str(os.getpid())); time.sleep(1000)' &
        while [ ! -s pid ]; do sleep 0.01; done; cat pid",
        std::process::id()
    );
    let pid = lab.text(sh(&join, stdout(Type::Text)), &[]);
    assert!(crate::exec::procs::stat(pid.parse().unwrap()).is_none_or(|stat| stat.zombie), "{pid} lives");
    lab.finish();
}
