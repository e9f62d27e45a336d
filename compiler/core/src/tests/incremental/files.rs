//! Which queries run again after a change in another file, or in a schema.
use expect_test::{Expect, expect};

use super::{MAIN, TOOLS, World, check, replace_tools};

#[test]
fn an_edit_of_another_file_checks_what_it_changes() {
    check(
        |world| replace_tools(world, "echo", "printf %s"),
        expect![[r#"
            body 1
            check_file 1
            check_root 1
            cut 1
            cut_errors 1
            item_name 2
            item_text 2
            items 1
            parse 1
            reach 1
            read_error 1
            signature 1
            step_order 1
            summary 1
            written_out 1"#]],
    );
}

#[test]
fn a_comment_at_the_top_of_another_file_checks_nothing() {
    check(
        |world| world.write("tools.flow", &format!("// hello\n\n{TOOLS}")),
        expect![[r#"
            check_root 1
            cut 1
            cut_errors 1
            item_name 2
            item_text 2
            items 1
            read_error 1"#]],
    );
}

#[test]
fn a_signature_of_another_file_checks_the_callers() {
    check(
        |world| replace_tools(world, "n: Int", "n: Int?"),
        expect![[r#"
            body 2
            check_file 1
            check_root 1
            cut 1
            cut_errors 1
            interface 1
            is_wrong 1
            item_name 2
            item_text 2
            items 1
            parse 1
            read_error 1
            signature 1
            step_order 1
            summary 1
            work 1"#]],
    );
}

#[test]
fn a_type_of_another_file_that_nobody_here_mentions_checks_nothing_here() {
    check(
        |world| replace_tools(world, "a: Int", "a: Text"),
        expect![[r#"
            body 1
            check_file 1
            check_root 1
            cut 1
            cut_errors 1
            item_name 2
            item_text 2
            items 1
            lookup 1
            mentions 1
            parse 1
            read_error 1
            type_def 1"#]],
    );
}

#[test]
fn a_new_item_of_another_file_checks_itself_alone() {
    check(
        |world| world.write("tools.flow", &format!("{TOOLS}\ntask new() -> Int {{ sh \"echo 1\" }}\n")),
        expect![[r#"
            body 1
            check_file 1
            check_root 2
            cut 1
            cut_errors 1
            exported 1
            flow_circles 1
            imports 1
            item_name 3
            item_text 3
            items 1
            laters 1
            lookup 1
            parse 1
            reach 1
            read_error 1
            recursion 1
            scope 1
            signature 1
            step_order 1
            unread_steps 1"#]],
    );
}

#[test]
fn an_edit_of_a_schema_reads_it_again_and_checks_who_uses_it() {
    let check = |after: &str, expected: Expect| {
        let mut world = World::new();
        world.write("s.json", r#"{"properties": {"a": {"type": "integer"}}}"#);
        world.write("main.flow", "type S = schema(\"s.json\")\nflow main(s: S) -> Int? { s.a }\n");
        assert_eq!(world.query("main.flow"), 0);
        world.ran();
        world.write("s.json", after);
        world.query("main.flow");
        expected.assert_eq(&world.ran().join("\n"));
    };
    check(
        r#"{"properties": {"a": {"type": "integer", "title": "A"}}}"#,
        expect![[r#"
            read_error 1
            schema_type 1"#]],
    );
    check(
        r#"{"properties": {"a": {"type": "boolean"}}}"#,
        expect![[r#"
            body 1
            check_file 1
            flow_calls 1
            is_wrong 1
            read_error 1
            schema_type 1
            signature 1
            step_order 1
            type_def 1
            waits 1
            work 1"#]],
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
