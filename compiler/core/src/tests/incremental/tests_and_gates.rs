//! Which queries run again after an edit of tests and of gates.
use expect_test::{Expect, expect};

use super::World;

const PROGRAM: &str = r#"task propose(goal: Text) -> Text { sh "printf %s {{goal}}" }

task publish(text: Text) { effect "site"  sh "printf %s {{text}}" }

flow main(goal: Text) -> Text {
  let draft = propose(goal)
  gate "long enough" len(draft) > 3 else fail "too short"
  publish(draft)
  draft
}

test "a short one" {
  mock task propose(_) -> "a draft"
  mock task publish(_) -> none
  assert main("x") == "a draft"
}
"#;

/// As [`check`], of a program with a gate and a test.
#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn check_program(from: &str, to: &str, expected: Expect) {
    let mut world = World::new();
    world.write("main.flow", PROGRAM);
    assert_eq!(world.query("main.flow"), 0);
    world.ran();
    assert!(PROGRAM.contains(from));
    world.write("main.flow", &PROGRAM.replace(from, to));
    world.query("main.flow");
    expected.assert_eq(&world.ran().join("\n"));
}

#[test]
fn an_edit_of_a_test_checks_that_test() {
    check_program(
        "main(\"x\")",
        "main(\"y\")",
        expect![[r#"
        asked 1
        body 1
        callees 1
        check_file 1
        cut 1
        cut_errors 1
        item_name 4
        item_text 4
        items 1
        parse 1
        reach 1
        signature 1
        step_order 1
        unused_mocks 1"#]],
    );
}

#[test]
fn an_edit_of_a_mock_checks_that_test() {
    check_program(
        "-> \"a draft\"",
        "-> \"another draft\"",
        expect![[r#"
        asked 1
        body 1
        callees 1
        check_file 1
        cut 1
        cut_errors 1
        item_name 4
        item_text 4
        items 1
        parse 1
        reach 1
        signature 1
        step_order 1
        unused_mocks 1"#]],
    );
}

#[test]
fn a_new_test_checks_that_test() {
    check_program(
        "test \"a short one\"",
        "test \"nothing\" { assert len(\"\") == 0 }\n\ntest \"a short one\"",
        expect![[r#"
            asked 1
            body 1
            callees 1
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
            parse 1
            reach 1
            recursion 1
            scope 1
            signature 1
            step_order 1
            unread_steps 1
            unused_mocks 1
            written_out 1"#]],
    );
}

#[test]
fn the_condition_of_a_gate_checks_its_flow() {
    check_program(
        "len(draft) > 3",
        "len(draft) > 4",
        expect![[r#"
        asked 1
        body 1
        callees 1
        check_file 1
        cut 1
        cut_errors 1
        flow_calls 1
        item_name 4
        item_text 4
        items 1
        parse 1
        reach 1
        signature 1
        step_order 1
        summary 1
        unused_mocks 1
        waits 1
        work 1"#]],
    );
}

#[test]
fn the_action_of_a_gate_checks_its_flow() {
    check_program(
        "fail \"too short\"",
        "escalate \"too short\"",
        expect![[r#"
        asked 1
        body 1
        callees 1
        check_file 1
        cut 1
        cut_errors 1
        flow_calls 1
        item_name 4
        item_text 4
        items 1
        laters 1
        parse 1
        reach 1
        signature 1
        step_order 1
        summary 1
        unused_mocks 1
        waits 1
        work 1
        written_out 1"#]],
    );
}

#[test]
fn a_command_behind_a_gate_checks_no_gate() {
    check_program(
        "%s {{text}}",
        "%s! {{text}}",
        expect![[r#"
        asked 1
        body 1
        callees 1
        check_file 1
        cut 1
        cut_errors 1
        item_name 4
        item_text 4
        items 1
        parse 1
        reach 1
        signature 1
        step_order 1
        summary 1
        unused_mocks 1"#]],
    );
}

#[test]
fn a_step_that_changes_nothing_any_more_checks_its_gate() {
    check_program(
        "effect \"site\"  ",
        "",
        expect![[r#"
        asked 1
        body 1
        callees 1
        check_file 1
        cut 1
        cut_errors 1
        item_name 4
        item_text 4
        items 1
        laters 1
        parse 1
        reach 1
        signature 1
        step_order 3
        summary 2
        touch 1
        unused_mocks 1
        waits 1
        written_out 1"#]],
    );
}
