//! That a step writes only where it may. Where the kernel enforces nothing, there is nothing to test.
use std::io::Write;

use super::*;
use crate::exec::confine::Confinement;

fn is_enforced(lab: &Lab) -> bool {
    let rights = super::super::confine::Rights { writable: vec![lab.work_dir()], network: false };
    let probe = super::super::spawner::Spawner::start("probe".to_owned(), rights).unwrap();
    let enforced = probe.confinement() == Confinement::Full;
    if !enforced {
        let _ = writeln!(std::io::stderr(), "skipped: this kernel does not enforce what a step may write");
    }
    enforced
}

#[test]
fn a_step_writes_only_in_its_slot() {
    let lab = Lab::new(1);
    if !is_enforced(&lab) {
        return;
    }
    let project = lab.dir.path().canonicalize().unwrap();
    std::fs::write(project.join("source"), "as it was").unwrap();
    let content = b"large ".repeat(500_000);
    let source = project.join("large");
    std::fs::write(&source, &content).unwrap();
    let (hash, size) = lab.store.put_file(&source).unwrap();
    let large = Value::File(FileRef { name: "large".into(), hash, size, executable: false });
    let small = lab.file("small", b"small");
    let (project, work) = (project.display(), lab.work_dir().display().to_string());
    for script in [
        format!("echo x > {project}/source"),
        format!("echo x > {project}/new"),
        format!("rm {project}/source"),
        format!("mv {project}/source ."),
        format!("ln {project}/source here"),
        format!("echo x > {project}/.flow/new"),
        format!("rm -r {project}/.flow/objects"),
        format!("echo x > {work}/0/stdout"),
        format!("rm {work}/0/text"),
        "echo x > /tmp/flow-step-was-here".to_owned(),
        "kill $PPID".to_owned(),
    ] {
        let failure = lab.failure(sh(&script, Output::Unit), &[large.clone(), small.clone()]);
        assert_eq!(failure.kind, "exit", "{script}: {failure:?}");
    }
    let source = lab.dir.path().join("source");
    assert_eq!(std::fs::read_to_string(source).unwrap(), "as it was");
    assert_eq!(lab.content(&large), content);
    // What programs need besides.
    let fine =
        "echo x > /dev/null; echo x > $TMPDIR/t; echo x > $HOME/h; mkdir d; mv d e; ln in/small l; cat l";
    assert_eq!(lab.text(sh(fine, stdout(Type::Text)), std::slice::from_ref(&small)), "small");
    // What it is given is a file of its own, small or large, whatever it does with it.
    for (name, value, content) in [("small", &small, &b"small"[..]), ("large", &large, &content)] {
        let value = std::slice::from_ref(value);
        assert_eq!(lab.text(sh("find in -type f | wc -l", stdout(Type::Text)), value).trim(), "1", "{name}");
        for spoil in [
            "chmod 000 in/NAME",
            "touch -d @0 in/NAME",
            "chmod u+w in/NAME; echo x > in/NAME",
            "ln in/NAME l; rm in/NAME",
        ] {
            lab.value(sh(&spoil.replace("NAME", name), Output::Unit), value);
            assert_eq!(lab.content(&value[0]), content, "{spoil}");
            let size = lab.text(sh(&format!("wc -c < in/{name}"), stdout(Type::Text)), value);
            assert_eq!(size.trim(), content.len().to_string(), "{spoil}");
        }
    }
    lab.finish();
}

#[test]
fn connections_need_the_right_to_open_them() {
    let lab = Lab::new(1);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut connect = sh(&format!("exec 3<>/dev/tcp/127.0.0.1/{port}"), Output::Unit);
    if let Body::Shell { shell, .. } = &mut connect.body {
        *shell = "bash".into();
    }
    if is_enforced(&lab) {
        let failure = lab.failure(connect.clone(), &[]);
        assert!(failure.stderr_tail.contains("Permission denied"), "{failure:?}");
        assert!(failure.message.contains("needs { network: true }"), "{failure:?}");
    }
    connect.needs.network = Some(Expr::Const(Value::Bool(true)));
    assert_eq!(lab.value(connect, &[]), Value::Unit);
    lab.finish();
}
