//! From text to plan: each `plans/NAME.flow` beside the plan or the diagnostics that come of it, `plans/NAME.plan`. A line
//! `// args: name=value …` gives arguments, values without blanks. `UPDATE=1 cargo test -p flowc_compiler --test plans` writes the answers anew.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flowc_base::LineIndex;
use flowc_compiler::{Arg, Args, Compiler, EntryKind, Report, System};

/// A project in memory: the cases, and a few files that they read.
struct Memory(BTreeMap<PathBuf, String>);

impl System for Memory {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "no such file".to_owned())
    }

    fn kind(&self, path: &Path) -> Option<EntryKind> {
        match self.0.contains_key(path) {
            true => Some(EntryKind::File),
            false => self.0.keys().any(|file| file.starts_with(path)).then_some(EntryKind::Dir),
        }
    }

    fn list(&self, path: &Path) -> Vec<String> {
        let names = self.0.keys().filter_map(|file| file.strip_prefix(path).ok()?.components().next());
        names.map(|name| name.as_os_str().to_string_lossy().into_owned()).collect()
    }

    fn current_dir(&self) -> PathBuf {
        PathBuf::from("/p")
    }

    fn has_program(&self, _name: &str) -> bool {
        true
    }
}

fn memory(files: &[(&str, &str)]) -> Arc<dyn System> {
    let project = [("/p/data/alice.txt", "a\n"), ("/p/data/b.txt", "b\n")];
    let all = project.iter().chain(files).map(|(path, text)| (PathBuf::from(path), (*text).to_owned()));
    Arc::new(Memory(all.collect()))
}

fn say(report: &Report, out: &mut String) {
    for diagnostic in &report.diagnostics {
        let place = diagnostic.primary.place;
        let text = report.files.text(place.file).unwrap_or("");
        let at = LineIndex::new(text).line_col(text, place.span.start);
        let name = report.files.path(place.file).map(|path| path.display().to_string()).unwrap_or_default();
        let severity = format!("{:?}", diagnostic.severity).to_lowercase();
        let _ = writeln!(
            out,
            "{severity}[{}] {name}:{}:{}: {}",
            diagnostic.code.0, at.line, at.col, diagnostic.message
        );
        for hint in &diagnostic.hints {
            let _ = writeln!(out, "  hint: {hint}");
        }
    }
}

fn args(text: &str) -> Args {
    let given = text
        .lines()
        .filter_map(|line| line.strip_prefix("// args:"))
        .flat_map(str::split_whitespace)
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), Arg::Typed(value.to_owned())))
        .collect();
    Args { given, base: PathBuf::from("/p") }
}

fn plan(text: &str, others: &[(&str, &str)]) -> String {
    let files: Vec<(&str, &str)> = others.iter().copied().chain([("/p/main.flow", text)]).collect();
    let mut compiler = Compiler::new(memory(&files));
    let mut out = String::new();
    match compiler.plan(Path::new("main.flow"), None, &args(text)) {
        Ok(planned) => {
            say(&planned.report, &mut out);
            out.push_str(&planned.plan.to_text());
            let again = Compiler::new(memory(&files))
                .plan(Path::new("main.flow"), None, &args(text))
                .expect("planned before");
            assert_eq!(planned.plan.to_bytes(), again.plan.to_bytes(), "the same text gives the same plan");
            well_formed(&planned.plan);
        }
        Err(report) => {
            assert!(report.has_errors(), "a refusal says why");
            say(&report, &mut out);
        }
    }
    out
}

/// What the runtime relies on.
fn well_formed(plan: &flowc_plan::Plan) {
    use flowc_plan::{NodeKind, Ref, RegionId};
    let mut owners = vec![0; plan.regions.len()];
    for (at, region) in plan.regions.iter().enumerate() {
        let id = RegionId(u32::try_from(at).expect("few regions"));
        assert!(region.parent.is_none_or(|parent| parent < id), "a region stands after the one around it");
        let around = |other: RegionId| {
            std::iter::successors(Some(id), |id| plan.regions[id.0 as usize].parent)
                .any(|region| region == other)
        };
        let check = |r: Ref, before: usize| match r {
            Ref::Node(node) => {
                assert!(around(node.region), "only regions around are looked at");
                assert!((node.node as usize) < plan.regions[node.region.0 as usize].nodes.len());
                assert!(
                    node.region != id || (node.node as usize) < before,
                    "nodes refer to earlier nodes only"
                );
            }
            Ref::Element(region) => assert!(around(region), "only elements of regions around are looked at"),
        };
        for (index, node) in region.nodes.iter().enumerate() {
            // The condition of a `for` stands in its body.
            if !matches!(node.kind, NodeKind::For { .. }) {
                node.kind.for_each_ref(&mut |r| check(r, index));
            }
            node.kind.for_each_region(&mut |inner| {
                assert_eq!(plan.regions[inner.0 as usize].parent, Some(id));
                owners[inner.0 as usize] += 1;
            });
        }
        region.result.for_each_ref(&mut |r| check(r, region.nodes.len()));
    }
    assert!(owners.iter().skip(1).all(|owners| *owners == 1), "every region belongs to one node");
}

#[test]
fn texts_become_plans() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "flow"));
    names.sort();
    assert!(!names.is_empty());
    let mut wrong = Vec::new();
    for path in names {
        let text = std::fs::read_to_string(&path).unwrap();
        let others = [
            ("/p/lib/other.flow", include_str!("plans/lib/other.flow")),
            // Given as arguments: they have to be there.
            ("/p/a.txt", ""),
            ("/abs/b.txt", ""),
        ];
        let got = plan(&text, &others);
        let answer = path.with_extension("plan");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&answer, got).unwrap();
        } else if std::fs::read_to_string(&answer).unwrap_or_default() != got {
            wrong.push(format!(
                "{}: expected what stands in {}, got\n{got}",
                path.display(),
                answer.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}\nUPDATE=1 cargo test -p flowc_compiler --test plans", wrong.join("\n"));
}

/// Long programs and long loops are no trouble.
#[test]
fn long_programs_become_plans() {
    let mut text =
        "task f(x: Int) -> Int { sh \"echo {{x}}\" }\nflow main() -> Int {\n  let a0 = f(0)\n".to_owned();
    for i in 1..2_000 {
        let _ = writeln!(text, "  let a{i} = f(a{} + {i})", i - 1);
    }
    text.push_str("  a1999\n}\n");
    assert!(plan(&text, &[]).contains("a1999 = f!((a1998 + 1999))"));

    let text = "flow main() -> List<Int> {\n  let a0 = 1\n".to_owned()
        + &(1..2_000).map(|i| format!("  let a{i} = a{} + {i}\n", i - 1)).collect::<String>()
        + "  let all = [a1999]\n  all\n}\n";
    // Values that stand on each other without end are kept in between.
    assert!(plan(&text, &[]).contains("\na32 = (((((((((((((((("));

    let text = "task f(x: Int) -> Int { sh \"echo {{x}}\" }\nflow main() -> List<Int> { for i in range(0, 10000) { f(i) } }";
    assert!(plan(text, &[]).contains("for @1 in list.range(0, 10000)"));
}

/// Sub-flows that double at every call are refused before they fill the memory, and so are calls without end in sight.
#[test]
fn explosions_are_refused() {
    let mut text =
        "task f(x: Int) -> Int { sh \"echo {{x}}\" }\nflow g0(x: Int) -> Int { f(x) }\n".to_owned();
    for i in 1..40 {
        let _ = writeln!(text, "flow g{i}(x: Int) -> Int {{ g{p}(x) + g{p}(x + 1) }}", p = i - 1);
    }
    text.push_str("flow main() -> Int { g39(1) }\n");
    assert!(plan(&text, &[]).contains("error[cannot-plan]"));

    let mut text = "flow g0(x: Int) -> Int { x }\n".to_owned();
    for i in 1..2_000 {
        let _ = writeln!(text, "flow g{i}(x: Int) -> Int {{ 1 + g{}(x) }}", i - 1);
    }
    text.push_str("flow main() -> Int { g1999(1) }\n");
    assert!(plan(&text, &[]).contains("error[cannot-plan]"));

    let mut text = "flow main() -> List<Int> {\n  let all = for x in [1] {\n    let a0 = x\n".to_owned();
    for i in 1..2_000 {
        let _ = writeln!(text, "    let a{i} = a{p} * a{p}", p = i - 1);
    }
    text.push_str("    a1999\n  }\n  all\n}\n");
    assert!(plan(&text, &[]).contains("error[cannot-plan]"));
}

#[test]
fn an_edit_is_seen() {
    use std::sync::Mutex;
    struct Edited(Mutex<String>);
    impl System for Edited {
        fn read_text(&self, path: &Path) -> Result<String, String> {
            match path == Path::new("/m.flow") {
                true => Ok(self.0.lock().unwrap().clone()),
                false => Err("no such file".to_owned()),
            }
        }
        fn kind(&self, _: &Path) -> Option<EntryKind> {
            None
        }

        fn has_program(&self, _name: &str) -> bool {
            true
        }
    }
    let system = Arc::new(Edited(Mutex::new("flow main() -> Int { 1 }".to_owned())));
    let mut compiler = Compiler::new(system.clone());
    let first = compiler.plan(Path::new("/m.flow"), None, &Args::default()).unwrap().plan;
    *system.0.lock().unwrap() = "flow main() -> Int { 2 }".to_owned();
    let second = compiler.plan(Path::new("/m.flow"), None, &Args::default()).unwrap().plan;
    assert_ne!(first.id(), second.id());
    assert!(compiler.plan(Path::new("/gone.flow"), None, &Args::default()).is_err());
    assert!(compiler.check(&[PathBuf::from("/m.flow")]).diagnostics.is_empty());
}
