//! What may be written at a place, and the signature of the call that is being written.
use expect_test::{Expect, expect};

use super::{Asked, with_words};
use crate::ide::CompletionKind;

/// The labels of the nearest completions; those of words of the language where there are no others.
/// The labels of the nearest completions, those of words of the language left out where there are others.
#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn complete(marked: &str, expected: Expect) {
    let asked = Asked::new(marked);
    let found = asked.ask(|it| it.complete(&asked.path, asked.offset));
    let near: Vec<_> = found.iter().filter(|it| it.rank < 3).collect();
    let shown: Vec<String> = if near.is_empty() {
        found.iter().take(30).map(|it| it.label.clone()).collect()
    } else {
        near.iter().take(30).map(|it| format!("{} {}", it.label, it.detail).trim().to_owned()).collect()
    };
    expected.assert_eq(&shown.join("\n"));
}

#[test]
fn completion_knows_where_it_stands() {
    let flow = |body: &str| with_words(&format!("flow main(book: File) -> Int {{\n  {body}\n}}\n"));
    complete(
        &flow("let r = rate(1)\n  r.$0"),
        expect![[r#"
        feedback Text
        score Int(0..10)"#]],
    );
    complete(
        &flow("let r = rate(1)\n  let s = r.$0\n  1"),
        expect![[r#"
        feedback Text
        score Int(0..10)"#]],
    );
    complete(
        &flow("split($0)"),
        expect![[r#"
            book File
            lines: Int
            text: File
            count task count(chunk: File) -> Int
            rate task rate(n: Int) -> Rating
            split task split(text: File, lines: Int = …) -> List<File>"#]],
    );
    complete(
        &flow("split(book, $0)"),
        expect![[r#"
            book File
            lines: Int
            count task count(chunk: File) -> Int
            rate task rate(n: Int) -> Rating
            split task split(text: File, lines: Int = …) -> List<File>"#]],
    );
    complete(
        &flow("sp$0"),
        expect![[r#"
            book File
            count task count(chunk: File) -> Int
            rate task rate(n: Int) -> Rating
            split task split(text: File, lines: Int = …) -> List<File>"#]],
    );
    complete(
        &flow("count(book) with { $0 }"),
        expect![[r#"
        after
        budget
        cache
        context
        name
        retry
        sample
        timeout"#]],
    );
    complete(
        &flow("let x: $0 = 1"),
        expect![[r#"
            Rating type Rating = { score: Int(0..10), feedback: Text, }
            Agent Agent
            Bool Bool
            Dir Dir
            Duration Duration
            File File
            Float Float
            Int Int
            Json Json
            List List<T>
            Map Map<T>
            Money Money
            Outcome Outcome<T>
            Secret Secret
            Size Size
            Text Text"#]],
    );
    complete(
        &flow("let x = count(book) as $0"),
        expect![[r#"
            Rating type Rating = { score: Int(0..10), feedback: Text, }
            Agent Agent
            Bool Bool
            Dir Dir
            Duration Duration
            File File
            Float Float
            Int Int
            Json Json
            List List<T>
            Map Map<T>
            Money Money
            Outcome Outcome<T>
            Secret Secret
            Size Size
            Text Text"#]],
    );
    complete(
        "use std.$0",
        expect![[r#"
        file
        html
        json
        list
        map
        math
        regex
        text"#]],
    );
    complete(
        "use std.math.{$0}",
        expect![[r#"
        abs task abs(value: N) -> N
        ceil task ceil(value: Float) -> Int
        clamp task clamp(value: K, low: K, high: K) -> K
        floor task floor(value: Float) -> Int
        pow task pow(base: Int, exponent: Int) -> Int
        round task round(value: Float) -> Int
        sqrt task sqrt(value: Float) -> Float"#]],
    );
    complete(
        "//- main.flow\nuse \"./lib.flow\".{$0}\n//- lib.flow\ntask two(n: Int) -> Int { sh \"echo {{n}}\" }\n",
        expect!["two task two(n: Int) -> Int"],
    );
    complete(
        "task t() -> $0",
        expect![[r#"
        Agent Agent
        Bool Bool
        Dir Dir
        Duration Duration
        File File
        Float Float
        Int Int
        Json Json
        List List<T>
        Map Map<T>
        Money Money
        Outcome Outcome<T>
        Secret Secret
        Size Size
        Text Text"#]],
    );
    complete(
        "task t(a: $0) { sh \"\" }",
        expect![[r#"
        Agent Agent
        Bool Bool
        Dir Dir
        Duration Duration
        File File
        Float Float
        Int Int
        Json Json
        List List<T>
        Map Map<T>
        Money Money
        Outcome Outcome<T>
        Secret Secret
        Size Size
        Text Text"#]],
    );
    complete(
        "task t() {\n  $0\n  sh \"true\"\n}",
        expect![[r#"
        ask
        cache
        edits
        effect
        env
        exclusive
        exec
        needs
        pool
        reads
        retry
        script
        sh
        shell
        stdin
        timeout
        writes"#]],
    );
    complete(
        "task t() {\n  needs { $0 }\n  sh \"true\"\n}",
        expect![[r#"
        cpu
        memory
        network"#]],
    );
    complete("task t(name: Text) { sh \"echo {{$0}}\" }", expect!["name Text"]);
    complete(
        "task t() { cache $0 }",
        expect![[r#"
        forever
        never
        run"#]],
    );
    complete(
        "agent a {\n  $0\n}",
        expect![[r#"
            anthropic
            cache
            edits
            effect
            env
            exclusive
            exec
            fallback
            from
            model
            openai
            pool
            reads
            reply
            retry
            role
            timeout
            worker
            writes"#]],
    );
    complete("agent base { exec [\"a\"] }\nagent a {\n  from $0\n}", expect!["base agent base"]);
    complete("agent base { exec [\"a\"] }\nflow main() -> Text { ask $0 }", expect!["base agent base"]);
    complete(
        "settings {\n  $0\n}",
        expect![[r#"
        checkpoint
        limits"#]],
    );
    complete(
        "settings {\n  limits { $0 }\n}",
        expect![[r#"
        agent_timeout
        agents
        artifacts
        calls
        context_cache
        cost
        cpu
        memory
        pools
        rates"#]],
    );
    complete(
        "ta$0",
        expect![[r#"
        use
        type
        agent
        task
        flow
        settings
        test"#]],
    );
    complete(
        "flow f() -> Int { 1 }\n\nfl$0",
        expect![[r#"
        use
        type
        agent
        task
        flow
        settings
        test"#]],
    );
    complete(
        "flow f(level: \"low\" | \"high\") -> Text { level }\nflow main() -> Text { f(\"$0\") }",
        expect![[r#"
        high
        low"#]],
    );
    complete(
        &with_words("flow main() -> Rating {\n  { score: 1, $0 }\n}"),
        expect![[r#"
            feedback Text
            count task count(chunk: File) -> Int
            rate task rate(n: Int) -> Rating
            split task split(text: File, lines: Int = …) -> List<File>"#]],
    );
    complete("// not he$0re\nflow f() -> Int { 1 }", expect![[""]]);
    complete("//- main.flow\nflow main() -> File { file(\"$0\") }\n//- a.txt\nhello\n", expect!["a.txt"]);
}

#[test]
fn a_name_of_the_library_brings_its_use() {
    let asked = Asked::new("//! Words.\n\nflow main() -> Int { len(wor$0) }");
    let found = asked.ask(|it| it.complete(&asked.path, asked.offset));
    let words = found.iter().find(|it| it.label == "words").unwrap();
    assert_eq!((words.kind, words.insert.as_str()), (CompletionKind::Task, "words($0)"));
    assert_eq!(words.extra, Some((12, "use std.text.{words}\n\n".to_owned())));
    let asked = Asked::new("use std.text.{trim}\n\nflow main() -> Int { len(wor$0) }");
    let found = asked.ask(|it| it.complete(&asked.path, asked.offset));
    let words = found.iter().find(|it| it.label == "words").unwrap();
    assert_eq!(words.extra, Some((18, ", words".to_owned())));
}
