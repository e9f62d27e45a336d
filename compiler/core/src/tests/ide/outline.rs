//! Hints, colours, folds, selections, outlines.
use expect_test::{Expect, expect};
use flowc_base::LineIndex;
use flowc_base::Span;

use super::{Asked, with_words};

#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn hints(marked: &str, expected: Expect) {
    let asked = Asked::new(marked);
    let text = asked.ask(|it| it.text(&asked.path)).unwrap().to_string();
    let mut shown = text;
    for hint in asked.ask(|it| it.hints(&asked.path, asked.whole())).iter().rev() {
        shown.insert_str(hint.offset as usize, &format!("⟨{}⟩", hint.label));
    }
    expected.assert_eq(&shown);
}

#[test]
fn hints_tell_types_and_what_runs_side_by_side() {
    hints(
        &with_words(
            "flow main(book: File) -> Int {\n  let parts = split(book, 5)\n  let a = count(parts[0])\n  let b = count(parts[1])\n  let n = 5\n  let all = for part in parts { count(part) }\n  let r = rate(a)\n  a + b + sum(all) + r.score\n}\n",
        ),
        expect![[r#"
            /// Cut a text.
            task split(
              /// What is cut.
              text: File,
              lines: Int = 1000,
            ) -> List<File> from "part-*" {
              sh "split -l {{lines}} {{text}} part-"
            }

            task count(chunk: File) -> Int { sh "wc -w < {{chunk}}" }

            /// How good it is.
            type Rating = {
              /// 0 is useless.
              score: Int(0..10),
              feedback: Text,
            }

            task rate(n: Int) -> Rating { sh "rate {{n}}" }

            flow main(book: File) -> Int {
              let parts⟨: List<File>⟩ = split(book, ⟨lines:⟩5)
              let a⟨: Int⟩ = count(parts[0])⟨∥ b, all⟩
              let b⟨: Int⟩ = count(parts[1])⟨∥ a, all, r⟩
              let n = 5
              let all⟨: List<Int>⟩ = for part⟨: File⟩ in parts { count(part) }⟨∥ a, b, r⟩
              let r⟨: Rating⟩ = rate(a)⟨∥ b, all⟩
              a + b + sum(all) + r.score
            }
        "#]],
    );
}

#[test]
fn the_signature_of_a_call_that_is_being_written() {
    let help = |rest: &str| {
        let asked = Asked::new(&with_words(rest));
        let help = asked.ask(|it| it.signature_help(&asked.path, asked.offset));
        help.map(|help| {
            let active = help
                .active
                .and_then(|at| help.params.get(at))
                .map(|(span, _)| span.slice(&help.label).to_owned());
            format!("{} / {}", help.label, active.unwrap_or_default())
        })
    };
    let split = "split(text: File, lines: Int = …) -> List<File>";
    assert_eq!(help("flow main() -> Int { split($0"), Some(format!("{split} / text: File")));
    assert_eq!(help("flow main() -> Int { split(a, $0)"), Some(format!("{split} / lines: Int = …")));
    assert_eq!(help("flow main() -> Int { split(lines: 5$0)"), Some(format!("{split} / lines: Int = …")));
    assert_eq!(
        help("flow main() -> Int { split(f(1, 2), [1, 2, $0])"),
        Some(format!("{split} / lines: Int = …"))
    );
    assert_eq!(
        help("flow main() -> Int { file($0"),
        Some("file(path: Text) -> File / path: Text".to_owned())
    );
    assert_eq!(help("flow main($0"), None);
    assert_eq!(help("flow main() -> Int { let x = $0"), None);
}

#[test]
fn tokens_folds_selections_and_outlines() {
    let asked = Asked::new(&with_words(
        "use std.text.{lines}\n\n// One.\n// Two.\nflow main(book: File) -> Int {\n  let r = ra$0te(1)\n  r.score\n}\n",
    ));
    let text = asked.ask(|it| it.text(&asked.path)).unwrap();
    let from = u32::try_from(text.find("type Rating").unwrap()).unwrap();
    let tokens = asked.ask(|it| it.semantic_tokens(&asked.path, Span::new(from, 2000)));
    let shown: Vec<String> = tokens
        .iter()
        .map(|it| {
            format!(
                "{} {:?}{}{}",
                it.span.slice(&text),
                it.kind,
                if it.declaration { " declared" } else { "" },
                if it.library { " library" } else { "" }
            )
        })
        .collect();
    expect![[r#"
        type Keyword
        Rating Type declared
        /// 0 is useless. Comment
        score Property
        Int Type library
        0 Number
        10 Number
        feedback Property
        Text Type library
        task Keyword
        rate Task declared
        n Parameter declared
        Int Type library
        Rating Type
        sh Keyword
        {{ Operator
        n Parameter
        }} Operator
        use Keyword
        std Module library
        text Module library
        lines Task library
        // One. Comment
        // Two. Comment
        flow Keyword
        main Flow declared
        book Parameter declared
        File Type library
        Int Type library
        let Keyword
        r Variable declared
        rate Task
        1 Number
        r Variable
        score Property"#]]
    .assert_eq(&shown.join("\n"));
    let folds = asked.ask(|it| it.folds(&asked.path));
    let lines = LineIndex::new(&text);
    let shown: Vec<String> = folds
        .iter()
        .map(|it| {
            format!(
                "{}-{} {:?}",
                lines.line_col(&text, it.span.start).line,
                lines.line_col(&text, it.span.end).line,
                it.kind
            )
        })
        .collect();
    expect![[r#"
        2-6 Region
        6-8 Region
        13-17 Region
        23-24 Comment
        25-28 Region"#]]
    .assert_eq(&shown.join("\n"));
    let grown = asked.ask(|it| it.selections(&asked.path, asked.offset));
    let shown: Vec<String> =
        grown.iter().map(|span| span.slice(&text).lines().next().unwrap_or_default().to_owned()).collect();
    expect![[r#"
        rate
        rate(1)
        let r = rate(1)
        {
        flow main(book: File) -> Int {
        /// Cut a text."#]]
    .assert_eq(&shown.join("\n"));
    let symbols = asked.ask(|it| it.symbols(&asked.path));
    let shown: Vec<String> = symbols
        .iter()
        .flat_map(|it| {
            let own = format!("{:?} {} {}", it.kind, it.name, it.detail);
            let inner = it.children.iter().map(|it| format!("  {:?} {} {}", it.kind, it.name, it.detail));
            std::iter::once(own).chain(inner).collect::<Vec<_>>()
        })
        .collect();
    expect![[r#"
        Task split (text: File, lines: Int = …) -> List<File>
        Task count (chunk: File) -> Int
        Type Rating 
          Field score Int(0..10)
          Field feedback Text
        Task rate (n: Int) -> Rating
        Flow main (book: File) -> Int
          Let r Rating"#]]
    .assert_eq(&shown.join("\n"));
    let found = asked.ask(|it| it.search("rt"));
    assert_eq!(found.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["Rating", "rate"]);
}
