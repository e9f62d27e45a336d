//! Which queries run again after an edit of agents, of questions to them, and of settings.
use expect_test::{Expect, expect};

use super::World;

const AGENTS: &str = r#"agent base { exec ["a"] }

agent writer { from base  role "You write."  fallback [critic] }

agent critic { exec ["b"] }

settings { limits { agents: 2 } }

flow main(goal: Text) -> Text {
  let draft = ask writer "Write: {{goal}}"
  let good = ask critic "Is it good? {{draft}}" as Bool
  if good { draft } else { goal }
}
"#;

/// As [`check`], of a program that asks agents.
#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn check_agents(from: &str, to: &str, expected: Expect) {
    let mut world = World::new();
    world.write("main.flow", AGENTS);
    world.query("main.flow");
    world.ran();
    assert!(AGENTS.contains(from));
    world.write("main.flow", &AGENTS.replace(from, to));
    world.query("main.flow");
    expected.assert_eq(&world.ran().join("\n"));
}

#[test]
fn an_edit_of_an_agent_checks_that_agent() {
    check_agents(
        "You write.",
        "You write well.",
        expect![[r#"
            body 1
            check_file 1
            check_root 1
            cut 1
            cut_errors 1
            demands 1
            is_wrong 1
            item_name 5
            item_text 5
            items 1
            links 1
            parse 1
            reach 1
            signature 1
            step_order 1
            summary 1"#]],
    );
}

#[test]
fn a_fallback_checks_no_ask() {
    check_agents(
        "  fallback [critic]",
        "",
        expect![[r#"
            body 1
            check_file 1
            check_root 1
            cut 1
            cut_errors 1
            demands 1
            is_wrong 1
            item_name 5
            item_text 5
            items 1
            links 1
            parse 1
            reach 1
            signature 1
            step_order 1
            summary 1"#]],
    );
}

#[test]
fn an_edit_of_a_question_checks_its_flow() {
    check_agents(
        "Write: ",
        "Please write: ",
        expect![[r#"
            body 1
            check_file 1
            cut 1
            cut_errors 1
            demands 1
            flow_calls 1
            is_wrong 1
            item_name 5
            item_text 5
            items 1
            laters 1
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
fn a_limit_checks_the_settings() {
    check_agents(
        "agents: 2",
        "agents: 3",
        expect![[r#"
            body 1
            check_file 1
            check_root 1
            cut 1
            cut_errors 1
            item_name 5
            item_text 5
            items 1
            parse 1
            reach 1
            signature 1"#]],
    );
}
