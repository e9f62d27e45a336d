//! Which queries run after an edit: exactly these, counted. A query that runs again for nothing is a slow editor.
use expect_test::{Expect, expect};

use super::world::World;

const MAIN: &str = r#"use "tools.flow".{two}

task one(n: Int) -> Int { sh "echo {{n}}" }

type Pair = { a: Int, b: Int }

flow main() -> Pair {
  { a: one(1), b: two(2) }
}
"#;

const TOOLS: &str = "task two(n: Int) -> Int { sh \"echo {{n}}\" }\n";

/// Checks, edits, checks again: the queries that ran the second time.
#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn check(edit: impl FnOnce(&mut World), expected: Expect) {
    let mut world = World::new();
    world.write("tools.flow", TOOLS);
    world.write("main.flow", MAIN);
    assert_eq!(world.query("main.flow"), 0);
    world.ran();
    edit(&mut world);
    world.query("main.flow");
    expected.assert_eq(&world.ran().join("\n"));
}

fn replace(world: &mut World, from: &str, to: &str) {
    assert!(MAIN.contains(from));
    world.write("main.flow", &MAIN.replace(from, to));
}

#[test]
fn an_equal_text_runs_nothing() {
    check(|world| world.write("main.flow", MAIN), expect![[""]]);
}

#[test]
fn a_comment_at_the_top_parses_nothing_again() {
    check(
        |world| world.write("main.flow", &format!("// hello\n\n{MAIN}")),
        expect![[r#"
        cut 1
        item_text 4
        items 1"#]],
    );
}

#[test]
fn a_comment_in_a_body_checks_that_body() {
    check(
        |world| replace(world, "  { a:", "  // hello\n  { a:"),
        expect![[r#"
        body 1
        cut 1
        flow_calls 1
        item_text 4
        items 1
        parse 1
        signature 1"#]],
    );
}

#[test]
fn an_edit_of_a_task_checks_that_task() {
    check(
        |world| replace(world, "echo {{n}}", "echo -n {{n}}"),
        expect![[r#"
        body 1
        cut 1
        item_text 4
        items 1
        parse 1
        signature 1"#]],
    );
}

#[test]
fn documentation_of_a_task_checks_no_caller() {
    check(
        |world| replace(world, "task one", "/// One.\ntask one"),
        expect![[r#"
        body 1
        cut 1
        interface 1
        item_text 4
        items 1
        parse 1
        signature 1"#]],
    );
}

#[test]
fn an_edit_of_a_signature_checks_the_callers() {
    check(
        |world| replace(world, "one(n: Int)", "one(n: Float)"),
        expect![[r#"
        body 2
        cut 1
        flow_calls 1
        interface 1
        item_text 4
        items 1
        lookup 1
        parse 1
        signature 1"#]],
    );
}

#[test]
fn a_new_item_checks_itself_alone() {
    check(
        |world| world.write("main.flow", &format!("{MAIN}\ntask new() -> Int {{ sh \"echo 1\" }}\n")),
        expect![[r#"
        body 1
        cut 1
        flow_circles 1
        imports 1
        item_text 5
        items 1
        lookup 4
        parse 1
        recursion 1
        scope 1
        signature 1"#]],
    );
}

#[test]
fn an_edit_of_another_file_checks_what_it_changes() {
    check(
        |world| world.write("tools.flow", &TOOLS.replace("echo", "printf %s")),
        expect![[r#"
            body 1
            cut 1
            item_text 1
            items 1
            parse 1
            read_error 1
            signature 1"#]],
    );
}

#[test]
fn a_signature_of_another_file_checks_the_callers() {
    check(
        |world| world.write("tools.flow", &TOOLS.replace("n: Int", "n: Int?")),
        expect![[r#"
            body 2
            cut 1
            interface 1
            item_text 1
            items 1
            parse 1
            read_error 1
            signature 1"#]],
    );
}

#[test]
fn a_type_checks_whoever_mentions_it() {
    check(
        |world| replace(world, "b: Int }", "b: Float }"),
        expect![[r#"
        body 1
        cut 1
        flow_calls 1
        item_text 4
        items 1
        lookup 1
        mentions 1
        parse 1
        signature 1
        type_def 1"#]],
    );
}

#[test]
fn a_file_that_comes_later_is_found() {
    let mut world = World::new();
    world.write("main.flow", MAIN);
    assert_eq!(world.query("main.flow"), 1);
    world.write("tools.flow", TOOLS);
    assert_eq!(world.query("main.flow"), 0);
}
