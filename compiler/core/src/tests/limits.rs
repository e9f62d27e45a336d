//! No text, however deep, long or doubled, hangs or ends the stack.
use std::fmt::Write;

use super::world::World;

fn check(program: &str) {
    let mut world = World::new();
    world.write("main.flow", program);
    // What is found is not the point.
    let _ = world.check("main.flow");
}

#[test]
fn depth() {
    let forms = [
        ("(", ")"),
        ("[", "]"),
        ("{ ", " }"),
        ("len(", ")"),
        ("!(", ")"),
        ("if true { ", " } else { 1 }"),
        ("match 1 { _ => ", " }"),
        ("for x in [1] { ", " }"),
        ("{ a: ", " }"),
        ("\"{{", "}}\""),
        ("-", ""),
        ("1 ?? (", ")"),
        ("try ", ""),
        ("loop x = 1 max 2 { break ", " }"),
    ];
    for (open, close) in forms {
        for n in [30, 60, 126, 1000] {
            check(&format!("flow main() -> Int {{ {}1{} }}", open.repeat(n), close.repeat(n)));
        }
    }
    for n in [60, 126, 1000] {
        check(&format!("type A = {}Int{}\nflow main(x: A) -> A {{ x }}", "List<".repeat(n), ">".repeat(n)));
        check(&format!("type A = {}Int{}\nflow main(x: A) -> A {{ x }}", "{ a: ".repeat(n), " }".repeat(n)));
    }
}

#[test]
fn a_hundred_thousand_levels_are_one_error() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{ ", " }"), ("\"{{", "}}\""), ("try ", "")] {
        let n = 100_000;
        let mut world = World::new();
        world.write("main.flow", &format!("flow main() -> Int {{ {}1{} }}", open.repeat(n), close.repeat(n)));
        let codes: Vec<String> = world.check("main.flow").into_iter().map(|found| found.code).collect();
        assert_eq!(codes, ["nesting-too-deep"], "{open}");
    }
}

#[test]
fn length() {
    let n = 2000;
    for op in [" + ", " && ", " ?? ", " == ", " else "] {
        check(&format!("flow main() -> Int {{ 1{} }}", format!("{op}1").repeat(n)));
    }
    check(&format!("flow main() -> Int {{ {} {{ 1 }} }}", "if true { 1 } else ".repeat(n)));
    check(&format!("flow main(x: Json) -> Json {{ x{} }}", ".a".repeat(n)));
    check(&format!("flow main(x: Json) -> Json {{ x{} }}", "[0]".repeat(n)));
    check(&format!("type A = Int{}\nflow main(x: A) -> A {{ x }}", "?".repeat(n)));
    check(&format!("type A = Int{}\nflow main(x: A) -> A {{ x }}", " | \"a\"".repeat(n)));
    for n in [10_000, 60_000] {
        let words: Vec<String> = (0..n).map(|i| format!("\"c{i}\"")).collect();
        check(&format!("type A = {}\nflow main(x: A) -> A {{ x }}", words.join(" | ")));
    }
}

#[test]
fn chains_of_items() {
    let mut program = "type T0 = Int\nflow f0() -> Int { 1 }\n".to_owned();
    for i in 1..2000 {
        let _ = writeln!(program, "type T{i} = {{ a: T{} }}\nflow f{i}() -> Int {{ f{}() }}", i - 1, i - 1);
    }
    program.push_str("flow main(x: T1999) -> Json { \"{{x}}{{f1999()}}\" }");
    check(&program);
}

#[test]
fn doubled_types() {
    let mut types = "type T0 = Int\n".to_owned();
    let mut values = "flow main(x: Int) -> Json {\n  let v0 = x\n".to_owned();
    for i in 1..100 {
        let _ = writeln!(types, "type T{i} = {{ a: T{}, b: T{} }}", i - 1, i - 1);
        let _ = writeln!(values, "  let v{i} = {{ a: v{}, b: v{} }}", i - 1, i - 1);
    }
    check(&format!("{types}flow main(x: T99) -> T98 {{ x }}"));
    check(&format!("{values}  v99\n}}"));
    let mut loops = "1".to_owned();
    for i in 0..60 {
        loops = format!("for x{i} in [{{ a: {loops}, b: {loops} }}] {{ x{i} }}");
        if loops.len() > 100_000 {
            break;
        }
    }
    check(&format!("flow main() -> Json {{ {loops} }}"));
    let mut inside = "x59".to_owned();
    for i in (1..60).rev() {
        inside = format!("for x{i} in [{{ a: x{}, b: x{} }}] {{ {inside} }}", i - 1, i - 1);
    }
    check(&format!("flow main() -> Json {{ for x0 in [1] {{ {inside} }} }}"));
}

#[test]
fn circles_of_types() {
    let mut program = String::new();
    for i in 0..300 {
        let _ =
            writeln!(program, "type T{i} = {{ a: List<T{}>, b: Map<T{}> }}", (i + 1) % 300, (i + 7) % 300);
    }
    program.push_str("flow main(x: T0, y: T1) -> T1 { if true { y } else { x as T1 } }");
    check(&program);
}

#[test]
fn a_place_in_shell_text_covers_whole_characters() {
    let mut world = World::new();
    world.write("main.flow", "task t() { sh \"for x in a; \u{e4}do echo; done\" }");
    let marked: Vec<String> = world.check("main.flow").into_iter().map(|found| found.marked).collect();
    assert_eq!(marked, ["\u{e4}"]);
}
