//! Comments that silence, and what is wrong with them.
use expect_test::{Expect, expect};

use super::world::World;

#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn check(program: &str, expected: Expect) {
    let mut world = World::new();
    world.write("main.flow", program);
    let said: String = world
        .check("main.flow")
        .iter()
        .map(|found| format!("{}[{}] {:?}: {}\n", found.severity, found.code, found.marked, found.message))
        .collect();
    expected.assert_eq(&said);
}

#[test]
fn a_comment_silences_what_it_holds_for() {
    check(
        "flow main() -> Int {\n  let a = 1 // allow unused-let: read by the next version\n  // allow unused-let: also\n  let b = 2\n  let c = 3\n  1\n}",
        expect![[r#"
            warning[unused-let] "c": `c` is never mentioned
        "#]],
    );
    check(
        "// allow unused-let, unused-parameter: a sketch\nflow main(x: Int) -> Int {\n  let a = 1\n  2\n}\nflow other(y: Int) -> Int { 1 }",
        expect![[r#"
            warning[unused-parameter] "y": this flow never uses its parameter `y`
        "#]],
    );
    check(
        "//! allow unused-parameter: a sketch\nflow main(x: Int) -> Int { 2 }\nflow other(y: Int) -> Int { 1 }",
        expect![[""]],
    );
}

#[test]
fn every_query_is_silenced() {
    check(
        "// allow unused-import: soon\nuse std.text.{lower}\n// allow name-style: theirs\ntask Two() -> Int { sh \"echo 2\" }\nflow main() -> Int {\n  Two() // allow unread-step: a sketch\n  let a = 3 // allow unused-let: a sketch\n  2\n}",
        expect![[""]],
    );
}

#[test]
fn what_is_wrong_with_a_comment() {
    let flow = |comment: &str| format!("{comment}\nflow main(x: Int) -> Int {{ 2 }}");
    check(
        &flow("// allow unused-parameter"),
        expect![[r#"
            warning[bad-allow] "// allow unused-parameter": this `allow` does not say why
        "#]],
    );
    check(
        &flow("// allow unused-parameter because of x"),
        expect![[r#"
            warning[bad-allow] "unused-parameter": expected `:` or `,` after `unused-parameter`
            warning[unused-parameter] "x": this flow never uses its parameter `x`
        "#]],
    );
    check(
        &flow("// allow unused-paramter: x"),
        expect![[r#"
            warning[bad-allow] "unused-paramter": there is no code `unused-paramter` to allow
            warning[unused-parameter] "x": this flow never uses its parameter `x`
        "#]],
    );
    check(
        &flow("// allow unknown-name, unused-parameter: x"),
        expect![[r#"
            warning[bad-allow] "unknown-name": `unknown-name` is an error and cannot be allowed
        "#]],
    );
    check(
        &flow("// allow unused-let, unused-parameter: x"),
        expect![[r#"
            warning[unused-allow] "unused-let": no `unused-let` is here to allow
        "#]],
    );
    check(
        "flow main() -> Text { \"// allow unused-let: x\" }\n// allow spaces\n// allow the user: to do it\n",
        expect![[""]],
    );
}

#[test]
fn comments_about_comments() {
    check(
        "//! allow unused-allow: generated\n// allow unused-let: x\nflow main() -> Int { 2 }",
        expect![[""]],
    );
    check(
        "//! allow unused-allow: generated\nflow main() -> Int { 2 }",
        expect![[r#"
            warning[unused-allow] "unused-allow": no `unused-allow` is here to allow
        "#]],
    );
}

#[test]
fn behind_an_error_nothing_is_called_unused() {
    check(
        "// allow unused-let: x\nflow main() -> Int { x }",
        expect![[r#"
            error[unknown-name] "x": unknown name `x`
        "#]],
    );
}
