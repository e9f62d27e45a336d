//! What diagnostics say beside their message: the place they mark, other places, what to do, the fix.
use expect_test::{Expect, expect};

use super::world::World;

#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn check(program: &str, expected: Expect) {
    let mut world = World::new();
    world.write("main.flow", program);
    let mut said = String::new();
    for found in world.check("main.flow") {
        said.push_str(&format!(
            "{}[{}] {}\n  at: {}\n",
            found.severity, found.code, found.message, found.marked
        ));
        for label in &found.labels {
            said.push_str(&format!("  see: {label}\n"));
        }
        for hint in &found.hints {
            said.push_str(&format!("  hint: {hint}\n"));
        }
        if let Some(fix) = &found.fix {
            said.push_str(&format!("  fix: {fix}\n"));
        }
    }
    expected.assert_eq(&said);
}

#[test]
fn the_thirteen_mistakes_of_others() {
    // 1 an undefined name
    check(
        r#"task count(chunk: File) -> Int { sh "wc -w < {{chnk}}" }"#,
        expect![[r#"
        error[unknown-name] unknown name `chnk`
          at: chnk
          hint: did you mean `chunk`?
          fix: chunk
    "#]],
    );
    check(
        "flow main() -> Int { cuont(1) }\ntask count(n: Int) -> Int { sh \"echo {{n}}\" }",
        expect![[r#"
        error[unknown-name] unknown name `cuont`
          at: cuont
          hint: did you mean `count`?
          fix: count
    "#]],
    );
    // 2 a wrong type
    check(
        "task one(n: Int) -> Int { sh \"echo {{n}}\" }\nflow main() -> Int { one(\"ten\") }",
        expect![[r#"
            error[type-mismatch] expected `Int`, found `Text`
              at: "ten"
              see: n: `n` is declared here
              hint: a value of type `Int` is written like `10`, without quotes
        "#]],
    );
    check(
        "task one() -> Int { needs { memory: \"4GB\" } sh \"echo\" }",
        expect![[r#"
            error[type-mismatch] expected `Size`, found `Text`
              at: "4GB"
              hint: take away the quotes
              fix: 4GB
        "#]],
    );
    // 3 an unused input
    check(
        r#"task one(chunk: Text) -> Text { sh "echo $chunk" }"#,
        expect![[r#"
        warning[unused-parameter] this task never uses its parameter `chunk`
          at: chunk
          see: $chunk: plain text: did you mean `{{chunk}}`?
          fix: {{chunk}}
    "#]],
    );
    // 4 a cycle
    check(
        "flow a() -> Int { b() }\nflow b() -> Int { a() }",
        expect![[r#"
        error[flow-cycle] flows call each other in a circle: a -> b -> a
          at: b()
          see: a(): and here
          hint: a flow cannot call itself, not even through others: use `for` over a list
    "#]],
    );
    // 5 an output that the command writes under another name
    check(
        r#"task one() -> File from "total.txt" { sh "echo 1 > other.txt" }"#,
        expect![[r#"
            warning[output-unwritten] nothing in the command names `total.txt`
              at: "total.txt"
              see: other.txt: the command
              hint: the step fails when the file is not there: write to it, or correct the name
              fix: total.txt
        "#]],
    );
    // 6 two outputs of one name
    check(
        r#"task one() -> { a: File from "x", b: File from "x" } { sh "touch x" }"#,
        expect![[r#"
            error[duplicate-output] two outputs come from `x`
              at: "x"
              see: "x": first here
              hint: give each output a source of its own, or remove one of the two
              fix: 
        "#]],
    );
    // 7 a misspelt keyword
    check(
        "task one() -> Int { timeot 5m sh \"echo 1\" }",
        expect![[r#"
        error[unknown-clause] a task has no clause `timeot`
          at: timeot
          hint: did you mean `timeout`?
          fix: timeout
    "#]],
    );
    check(
        "tsk one() -> Int { sh \"echo 1\" }",
        expect![[r#"
        error[unknown-item] expected an item, found `tsk`
          at: tsk
          hint: did you mean `task`?
          fix: task
    "#]],
    );
    // 8 a missing file
    check(
        "use \"other.flow\".{x}\nflow main(book: File = file(\"bok.txt\")) -> Int { len(lines(book)) }",
        expect![[r#"
        error[missing-file] `other.flow` cannot be read: no such file
          at: "other.flow"
          hint: paths of `use` start at the file that they stand in
        error[missing-file] `bok.txt` does not exist
          at: "bok.txt"
          hint: paths start at the file that they stand in
    "#]],
    );
    // 9 an unquoted variable: a splice is quoted, whatever it holds
    check(r#"task one(f: File) -> Int { sh "wc -w < {{f}} | cat '{{f}}'" }"#, expect![[""]]);
    // 10 a bad interpolation
    check(
        r#"task one(a: Text) -> Text { sh "echo {{a" }"#,
        expect![[r#"
            error[unclosed] this splice is not closed
              at: {{
              hint: close it with `}}`; a literal `{{` is `\{{`
              fix: }}
        "#]],
    );
    // 11 a wrong argument
    check(
        "task one(chunk: File, k: Int) -> Int { sh \"cut -c {{k}} {{chunk}}\" }\nflow main(f: File) -> Int { one(chnk: f, k: 1) }",
        expect![[r#"
        error[unknown-argument] `one` has no parameter `chnk`
          at: chnk
          see: one: `one` is declared here
          hint: did you mean `chunk`?
          fix: chunk
    "#]],
    );
    // 12 an unclosed bracket or quote
    check(
        "flow main() -> List<Int> {\n  [1, 2\n}\nflow other() -> Int { 1 }",
        expect![[r#"
            error[unclosed] expected `]`, found `}`
              at: }
              see: [: `[` is open
              hint: close `[` with `]` before this `}`
              fix: ]
        "#]],
    );
}

#[test]
fn what_is_expected_is_shown() {
    check(
        "flow main() -> Int { let x: Int = \"5\"\n x }",
        expect![[r#"
        error[type-mismatch] expected `Int`, found `Text`
          at: "5"
          see: Int: declared here
          hint: take away the quotes
          fix: 5
    "#]],
    );
    check(
        "flow main(o: Int?) -> Int { o }",
        expect![[r#"
            error[optional-value] this `Int?` may be `none`
              at: o
              see: Int: declared here
              hint: say what then: `value ?? other`, or take it apart with `match`
              fix:  ?? fail "no o"
        "#]],
    );
    check(
        "flow main(f: Float) -> Int { f }",
        expect![[r#"
            error[type-mismatch] expected `Int`, found `Float`
              at: f
              see: Int: declared here
              hint: say how to round it: `round`, `floor` or `ceil` of `std.math`
              fix: round(
        "#]],
    );
    check(
        "flow main(j: Json) -> { a: Int } { j }",
        expect![[r#"
            error[type-mismatch] expected `{ a: Int }`, found `Json`
              at: j
              see: { a: Int }: declared here
              hint: check it with `as { a: Int }`
              fix:  as { a: Int }
        "#]],
    );
    check(
        "flow main() -> Duration { 5 }",
        expect![[r#"
            error[unit-mismatch] expected `Duration`, found `Int`
              at: 5
              see: Duration: declared here
              hint: a `Duration` is written like `5s`, `2m` or `1h`
              fix: 5s
        "#]],
    );
    check(
        "flow main(r: { a: Int, b: Text }) -> { a: Int, b: Int } { r }",
        expect![[r#"
            error[type-mismatch] expected `{ a: Int, b: Int }`, found `{ a: Int, b: Text }`
              at: r
              see: { a: Int, b: Int }: declared here
              hint: the field `b` is `Text`, expected `Int`
              fix:  as { a: Int, b: Int }
        "#]],
    );
    check(
        "flow main(x: \"a\" | \"b\") -> Int { match x { \"a\" => 1 } }",
        expect![[r#"
            error[not-exhaustive] this `match` does not take `"b"`
              at: match
              hint: add an arm for what is left, or `_ => …`
              fix: , "b" => fail "b"
        "#]],
    );
    check(
        "flow main(a: Text, b: Text) -> Text { a + b }",
        expect![[r#"
            error[bad-operand] `+` between `Text` and `Text`
              at: +
              see: a: this is `Text`
              see: b: this is `Text`
              hint: texts are put together by splices: `"{{a}}{{b}}"`
              fix: "{{a}}{{b}}"
        "#]],
    );
    check(
        "flow main(xs: List<Int>) -> Int { xs.sum() }",
        expect![[r#"
            error[not-callable] `.sum` cannot be called
              at: sum
              hint: there are no methods: write `sum(value, …)`
              fix: sum(xs)
        "#]],
    );
    check(
        "flow main() -> Text { trim(\" a \") }",
        expect![[r#"
            error[unknown-name] unknown name `trim`
              at: trim
              hint: the library has it: add `use std.text.{trim}` at the top of the file
              fix: use std.text.{trim}


        "#]],
    );
    check(
        "flow main() -> Text { raed(\"a.txt\") }",
        expect![[r#"
        error[unknown-name] unknown name `raed`
          at: raed
          hint: did you mean `read`?
          fix: read
    "#]],
    );
    check(
        "type Plan = { title: String }\nflow main(p: Plan) -> Text { p.titel }",
        expect![[r#"
        error[unknown-type] unknown type `String`
          at: String
          hint: did you mean `Text`?
          fix: Text
        error[unknown-field] `{ title: ? }` has no field `titel`
          at: titel
          hint: did you mean `title`?
          fix: title
    "#]],
    );
}
