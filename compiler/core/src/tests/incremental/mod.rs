//! Which queries run after an edit: exactly these, counted. A query that runs again for nothing is a slow editor.
//!
//! Each case edits one of three files and asks for everything that an editor shows of all of them. `main` calls `one` beside it and `two` of
//! the other file; `spare` stands alone. The names are those of the functions: `cut` cuts a file into items; `item_text`, `item_name`,
//! `items` and `cut_errors` are the wall behind it, cheap, and run for every item of an edited file; `parse` is one item's tree, `body` its
//! check. What is not in a list was kept.
mod agents;
mod files;
mod tests_and_gates;

use expect_test::{Expect, expect};

use super::world::World;

const MAIN: &str = r#"use "tools.flow".{two}

task one(n: Int) -> Int { sh "echo {{n}}" }

type Pair = { a: Int, b: Int }

flow main() -> Pair {
  { a: one(1), b: two(2) }
}

flow spare(n: Int) -> Int { n + 1 }
"#;

const TOOLS: &str = "task two(n: Int) -> Int { sh \"echo {{n}}\" }\n\ntype Unused = { a: Int }\n";

/// Checks, edits, checks again: the queries that ran the second time.
#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn check(edit: impl FnOnce(&mut World), expected: Expect) {
    let mut world = World::new();
    world.write("tools.flow", TOOLS);
    world.write("main.flow", MAIN);
    assert_eq!(world.query("main.flow"), 0);
    world.open("main.flow");
    world.open("tools.flow");
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

fn replace_tools(world: &mut World, from: &str, to: &str) {
    assert!(TOOLS.contains(from));
    world.write("tools.flow", &TOOLS.replace(from, to));
}

#[test]
fn an_equal_text_runs_nothing() {
    check(|world| world.write("main.flow", MAIN), expect![[""]]);
}

#[test]
fn an_edit_of_a_file_that_nobody_uses_runs_nothing() {
    check(|world| world.write("other.flow", "task other() { sh \"true\" }\n"), expect![[""]]);
}

#[test]
fn a_comment_at_the_top_parses_nothing_again() {
    check(
        |world| world.write("main.flow", &format!("// hello\n\n{MAIN}")),
        expect![[r#"
        cut 1
        cut_errors 1
        item_name 5
        item_text 5
        items 1"#]],
    );
}

#[test]
fn a_comment_at_the_end_parses_nothing_again() {
    check(
        |world| world.write("main.flow", &format!("{MAIN}\n// bye\n")),
        expect![[r#"
        cut 1
        cut_errors 1
        item_name 5
        item_text 5
        items 1"#]],
    );
}

#[test]
fn a_comment_that_allows_checks_nothing_again() {
    check(
        |world| replace(world, "task one", "// allow unused-parameter: for later\ntask one"),
        expect![[r#"
        cut 1
        cut_errors 1
        item_name 5
        item_text 5
        items 1"#]],
    );
}

#[test]
fn items_in_another_order_are_parsed_by_nobody() {
    check(
        |world| {
            let (first, last) = MAIN.split_once("flow spare").unwrap();
            world.write("main.flow", &format!("flow spare{last}\n{first}"));
        },
        expect![[r#"
            check_file 1
            check_root 1
            cut 1
            cut_errors 1
            flow_circles 1
            imports 1
            item_name 5
            item_text 5
            items 1
            laters 1
            recursion 1
            scope 1
            unread_steps 1"#]],
    );
}

#[test]
fn a_comment_in_a_body_checks_that_body() {
    check(
        |world| replace(world, "  { a:", "  // hello\n  { a:"),
        expect![[r#"
            body 1
            check_file 1
            cut 1
            cut_errors 1
            flow_calls 1
            item_name 5
            item_text 5
            items 1
            parse 1
            reach 1
            signature 1
            step_order 1
            waits 1
            work 1
            written_out 1"#]],
    );
}

#[test]
fn an_edit_of_a_task_checks_that_task() {
    // The flow that calls it is written out once more: what is unread may depend on what a task does.
    check(
        |world| replace(world, "echo {{n}}", "echo -n {{n}}"),
        expect![[r#"
            body 1
            check_file 1
            cut 1
            cut_errors 1
            item_name 5
            item_text 5
            items 1
            parse 1
            reach 1
            signature 1
            step_order 1
            summary 1
            written_out 1"#]],
    );
}

#[test]
fn an_edit_of_a_flow_checks_that_flow() {
    check(
        |world| replace(world, "n + 1", "n + 2"),
        expect![[r#"
            body 1
            check_file 1
            cut 1
            cut_errors 1
            flow_calls 1
            item_name 5
            item_text 5
            items 1
            parse 1
            reach 1
            signature 1
            step_order 1
            waits 1
            work 1
            written_out 1"#]],
    );
}

#[test]
fn a_broken_body_checks_that_body() {
    check(
        |world| replace(world, "{ n + 1 }", "{ n + }"),
        expect![[r#"
            body 1
            check_file 1
            cut 1
            cut_errors 1
            flow_calls 1
            is_wrong 1
            item_name 5
            item_text 5
            items 1
            parse 1
            signature 1
            step_order 1
            waits 1
            work 1"#]],
    );
}

#[test]
fn documentation_of_a_task_checks_no_caller() {
    check(
        |world| replace(world, "task one", "/// One.\ntask one"),
        expect![[r#"
            body 1
            check_file 1
            cut 1
            cut_errors 1
            interface 1
            item_name 5
            item_text 5
            items 1
            parse 1
            reach 1
            signature 1
            step_order 1
            summary 1
            written_out 1"#]],
    );
}

#[test]
fn an_edit_of_a_signature_checks_the_callers() {
    check(
        |world| replace(world, "one(n: Int)", "one(n: Float)"),
        expect![[r#"
            body 2
            check_file 1
            cut 1
            cut_errors 1
            flow_calls 1
            interface 1
            item_name 5
            item_text 5
            items 1
            lookup 1
            parse 1
            reach 2
            signature 1
            step_order 2
            summary 1
            waits 1
            work 1
            written_out 1"#]],
    );
}

#[test]
fn a_new_item_checks_itself_alone() {
    check(
        |world| world.write("main.flow", &format!("{MAIN}\ntask new() -> Int {{ sh \"echo 1\" }}\n")),
        expect![[r#"
            body 1
            check_file 1
            check_root 1
            cut 1
            cut_errors 1
            flow_circles 1
            imports 1
            item_name 6
            item_text 6
            items 1
            laters 1
            lookup 4
            parse 1
            reach 1
            recursion 1
            scope 1
            signature 1
            step_order 1
            unread_steps 1"#]],
    );
}

#[test]
fn a_new_item_that_somebody_mentions_checks_whoever_does() {
    check(
        |world| {
            replace(world, "n + 1", "more(n)");
            world.query("main.flow");
            world.ran();
            let text = MAIN.replace("n + 1", "more(n)");
            world.write(
                "main.flow",
                &format!("{text}\ntask more(n: Int) -> Int {{ sh \"echo {{{{n}}}}\" }}\n"),
            );
        },
        expect![[r#"
            body 2
            check_file 1
            check_root 1
            cut 1
            cut_errors 1
            flow_calls 1
            flow_circles 1
            imports 1
            interface 1
            is_wrong 1
            item_name 6
            item_text 6
            items 1
            laters 1
            lookup 5
            parse 1
            reach 2
            recursion 1
            scope 1
            signature 1
            step_order 2
            summary 1
            unread_steps 1
            waits 1
            work 1
            written_out 1"#]],
    );
}

#[test]
fn a_removed_item_that_nobody_mentions_checks_nobody() {
    check(
        |world| replace(world, "flow spare(n: Int) -> Int { n + 1 }\n", ""),
        expect![[r#"
            check_file 1
            check_root 1
            cut 1
            cut_errors 1
            flow_circles 1
            imports 1
            item_name 4
            item_text 4
            items 1
            laters 1
            lookup 4
            recursion 1
            scope 1
            unread_steps 1"#]],
    );
}

#[test]
fn a_removed_item_checks_whoever_mentions_it() {
    check(
        |world| replace(world, "task one(n: Int) -> Int { sh \"echo {{n}}\" }\n", ""),
        expect![[r#"
            body 1
            check_file 1
            check_root 1
            cut 9
            cut_errors 1
            exported 8
            flow_calls 1
            flow_circles 1
            imports 1
            is_wrong 1
            item_name 68
            item_text 4
            items 9
            lookup 4
            recursion 1
            scope 9
            step_order 1
            waits 1
            work 1"#]],
    );
}

#[test]
fn a_new_name_checks_the_item_and_whoever_mentions_it() {
    check(
        |world| replace(world, "task one", "task uno"),
        expect![[r#"
            body 2
            check_file 1
            cut 9
            cut_errors 1
            exported 8
            flow_calls 1
            is_wrong 1
            item_name 69
            item_text 5
            items 9
            lookup 4
            parse 1
            scope 9
            signature 1
            step_order 1
            waits 1
            work 1"#]],
    );
}

#[test]
fn a_type_checks_whoever_mentions_it() {
    check(
        |world| replace(world, "b: Int }", "b: Float }"),
        expect![[r#"
            body 2
            check_file 1
            cut 1
            cut_errors 1
            flow_calls 1
            item_name 5
            item_text 5
            items 1
            lookup 1
            mentions 1
            parse 1
            reach 1
            signature 1
            step_order 1
            type_def 1
            waits 1
            work 1
            written_out 1"#]],
    );
}

#[test]
fn a_thousand_names_are_no_more_items() {
    let mut world = World::new();
    world.write("main.flow", "");
    world.open("main.flow");
    let mut items = std::collections::BTreeSet::new();
    for number in 0..1000 {
        world.write("main.flow", &format!("flow f{number}() -> Int {{ {number} }}"));
        assert_eq!(world.query("main.flow"), 0);
        items.extend(world.items("main.flow"));
    }
    assert_eq!(items.len(), 1, "a name that is gone takes nothing with it");
}
