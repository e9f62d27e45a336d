//! What diagnostics look like, as examples. They know no compiler: the diagnostics are made here.
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};
use flowc_base::{Applicability, Code, Diagnostic, Edit, FileId, LineIndex, Location, Severity, Span};

use super::{Sources, Tally, concise, drawn, github, json};

struct Texts(Vec<(PathBuf, String, LineIndex)>);

impl Sources for Texts {
    fn source(&self, file: FileId) -> Option<(&Path, &str, &LineIndex)> {
        self.0.get(file.0 as usize).map(|(path, text, lines)| (path.as_path(), text.as_str(), lines))
    }
}

const WORDS: &str = "\
task count(chunk: File) -> Int {
\tsh \"wc -w < {{chunk}}\"
}
flow main() -> Int {
  let größe = cout(file(\"a\"))
  größe
}
";

fn texts() -> Texts {
    let long = format!("let x = \"{}\"\n", "y".repeat(2000));
    let texts = [
        ("words.flow", WORDS),
        ("lib/team.flow", "task count(chunk: File) -> Text { sh \"\" }"),
        ("empty.flow", ""),
        ("long.flow", &long),
    ];
    Texts(texts.map(|(path, text)| (path.into(), text.to_owned(), LineIndex::new(text))).into())
}

fn at(file: u32, needle: &str) -> Location {
    let texts = texts();
    let text = &texts.0[file as usize].1;
    let start = text.find(needle).expect("the case names something in the text");
    Location {
        file: FileId(file),
        span: Span::new(u32::try_from(start).unwrap(), u32::try_from(start + needle.len()).unwrap()),
    }
}

fn unknown() -> Diagnostic {
    Diagnostic::new(
        Code("unknown-name"),
        Severity::Error,
        "no task or flow `cout`",
        at(0, "cout"),
        "not known here",
    )
    .with_hint("a task `count` is near")
    .with_fix(
        "write `count`",
        Applicability::Maybe,
        vec![Edit { place: at(0, "cout"), text: "count".into() }],
    )
}

fn check(diagnostic: &Diagnostic, expected: &Expect) {
    expected.assert_eq(&drawn(diagnostic, &texts(), false, 80));
}

#[test]
fn an_error_with_a_hint_and_a_fix() {
    check(
        &unknown(),
        &expect![[r#"
            error[unknown-name]: no task or flow `cout`
               ╭─[words.flow:5:15]
             4 │ flow main() -> Int {
             5 │   let größe = cout(file("a"))
               ·               ──┬─
               ·                 ╰── not known here
             6 │   größe
               ╰────
              help: a task `count` is near
        "#]],
    );
}

#[test]
fn two_places_in_one_file_and_one_in_another() {
    let diagnostic = Diagnostic::new(
        Code("type-mismatch"),
        Severity::Error,
        "expected Int, found Text",
        at(0, "größe\n}"),
        "this is Text",
    )
    .with_label(at(0, "Int {\n  let"), "Int because of this")
    .with_label(at(1, "Text"), "`count` gives Text");
    check(
        &diagnostic,
        &expect![[r#"
        error[type-mismatch]: expected Int, found Text
           ╭─[words.flow:6:3]
         3 │     }
         4 │ ╭─▶ flow main() -> Int {
         5 │ ├─▶   let größe = cout(file("a"))
           · ╰──── Int because of this
         6 │ ╭─▶   größe
         7 │ ├─▶ }
           · ╰──── this is Text
           ╰────
        note: `count` gives Text
           ╭─[lib/team.flow:1:28]
         1 │ task count(chunk: File) -> Text { sh "" }
           ·                            ────
           ╰────
    "#]],
    );
}

#[test]
fn a_warning_with_a_long_message_wraps() {
    let diagnostic = Diagnostic::new(
        Code("unread-step"),
        Severity::Warning,
        "the result of `größe` reaches no output, no gate and no effect, so that it does not run at all",
        at(0, "größe"),
        "",
    );
    check(
        &diagnostic,
        &expect![[r#"
        warning[unread-step]: the result of `größe` reaches no output, no gate and
          │ no effect, so that it does not run at all
           ╭─[words.flow:5:7]
         4 │ flow main() -> Int {
         5 │   let größe = cout(file("a"))
           ·       ─────
         6 │   größe
           ╰────
    "#]],
    );
}

#[test]
fn places_that_cannot_be_drawn() {
    for (file, start, end, expected) in [
        (
            2,
            0,
            0,
            expect![[r#"
            error[syntax]: expected an item
               ╭─[empty.flow:1:1]
               ╰────
        "#]],
        ),
        (
            3,
            8,
            12,
            expect![[r#"
            error[syntax]: expected an item
               ╰─ long.flow:1:9
        "#]],
        ),
        (
            0,
            9_000,
            9_001,
            expect![[r#"
            error[syntax]: expected an item
               ╭─[words.flow:8:1]
             7 │ }
               ╰────
        "#]],
        ),
        (
            7,
            1,
            2,
            expect![[r#"
            error[syntax]: expected an item
               ╰─ (unknown file):1:1
        "#]],
        ),
    ] {
        let place = Location { file: FileId(file), span: Span::new(start, end) };
        let diagnostic = Diagnostic::new(Code("syntax"), Severity::Error, "expected an item", place, "here");
        check(&diagnostic, &expected);
    }
}

#[test]
fn one_line_each() {
    expect!["words.flow:5:15: error[unknown-name]: no task or flow `cout`"]
        .assert_eq(&concise(&unknown(), &texts()));
}

#[test]
fn for_programs() {
    expect![[r#"
        {
          "code": "unknown-name",
          "severity": "error",
          "message": "no task or flow `cout`",
          "labels": [
            {
              "file": "words.flow",
              "start": 96,
              "end": 100,
              "line": 5,
              "column": 15,
              "end_line": 5,
              "end_column": 19,
              "text": "not known here"
            }
          ],
          "hints": [
            "a task `count` is near"
          ],
          "fix": {
            "title": "write `count`",
            "applicability": "maybe",
            "edits": [
              {
                "file": "words.flow",
                "start": 96,
                "end": 100,
                "line": 5,
                "column": 15,
                "end_line": 5,
                "end_column": 19,
                "text": "count"
              }
            ]
          }
        }"#]]
    .assert_eq(&format!("{:#}", json(&unknown(), &texts())));
}

#[test]
fn colours_only_where_they_are_wanted() {
    assert!(!drawn(&unknown(), &texts(), false, 80).contains('\x1b'));
    assert!(drawn(&unknown(), &texts(), true, 80).contains("\x1b["));
}

#[test]
fn a_summary_counts_what_is_there() {
    let warning = Diagnostic::new(Code("x"), Severity::Warning, "", at(0, "cout"), "");
    let mut all = vec![unknown(), unknown(), warning];
    assert_eq!(Tally::of(&all).summary().as_deref(), Some("2 errors, 1 warning"));
    all.truncate(1);
    assert_eq!(Tally::of(&all).summary().as_deref(), Some("1 error"));
    assert_eq!(Tally::of(&[]).summary(), None);
}

mod failed_steps {
    //! What a failed step looks like.
    use expect_test::{Expect, expect};
    use flowc_engine::StepFailure;
    use flowc_plan::Origin;

    use crate::args::Colour;
    use crate::render::failure;
    use crate::screen::Screen;

    fn check(command: &str, stderr: &str, skipped: &[&str], expected: &Expect) {
        let failed = StepFailure {
            step: "main.counts[3]".into(),
            task: "count".into(),
            origin: Origin { file: "words.flow".into(), line: 10 },
            kind: "exit",
            message: "exit status 3".to_owned(),
            command: command.to_owned(),
            stderr_tail: stderr.to_owned(),
            log: (!stderr.is_empty()).then(|| ".flow/runs/words-k3f9/logs/7".into()),
        };
        let skipped: Vec<_> = skipped.iter().map(|step| (*step).into()).collect();
        expected.assert_eq(&failure(Screen::new(Colour::Never), &failed, &skipped));
    }

    #[test]
    fn with_all_that_is_known() {
        check(
            "wc -w < in/part-aa",
            "wc: in/part-aa: no\nwc: giving up\n",
            &["main.sum", "report"],
            &expect![[r#"
                failed[exit]: main.counts[3]: exit status 3
                  task:    count, words.flow:10
                  command: wc -w < in/part-aa
                  stderr:
                    wc: in/part-aa: no
                    wc: giving up
                  log:     .flow/runs/words-k3f9/logs/7
                  not run: main.sum, report
            "#]],
        );
    }

    #[test]
    fn with_little() {
        check(
            "exit 3",
            "",
            &[],
            &expect![[r#"
                failed[exit]: main.counts[3]: exit status 3
                  task:    count, words.flow:10
                  command: exit 3
            "#]],
        );
    }

    #[test]
    fn with_too_much() {
        let script: String = (1..=30).map(|n| format!("line {n}\n")).collect();
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        check(
            &script,
            "one line",
            &names,
            &expect![[r#"
                failed[exit]: main.counts[3]: exit status 3
                  task:    count, words.flow:10
                  command:
                    line 1
                    line 2
                    line 3
                    line 4
                    line 5
                    line 6
                    line 7
                    line 8
                    line 9
                    line 10
                    line 11
                    line 12
                    … 18 more lines
                  stderr:  one line
                  log:     .flow/runs/words-k3f9/logs/7
                  not run: a, b, c, d and 3 more
            "#]],
        );
    }
}

#[test]
fn github_reads_what_is_meant() {
    let mut odd = unknown();
    odd.message = "100% of `a\r\nb`: c, d".to_owned();
    expect![[r#"::error file=words.flow,line=5,col=15,endLine=5,endColumn=19,title=error[unknown-name]::100%25 of `a%0D%0Ab`: c, d%0Aa task `count` is near"#]]
        .assert_eq(&github(&odd, &texts()));
    odd.severity = Severity::Note;
    odd.hints.clear();
    odd.message = "several lines".to_owned();
    odd.primary.place = at(0, "task count(chunk: File) -> Int {\n");
    expect!["::notice file=words.flow,line=1,col=1,endLine=2,title=notice[unknown-name]::several lines"]
        .assert_eq(&github(&odd, &texts()));
}

#[test]
fn words_wrap_in_a_narrow_terminal() {
    let mut long = unknown();
    long.hints =
        vec!["a sentence that is much longer than a narrow terminal is wide, and so it goes on".to_owned()];
    for width in [40, 60, 80] {
        let drawn = drawn(&long, &texts(), false, width);
        let hint = drawn.lines().skip_while(|line| !line.contains("help:"));
        let longest = hint.map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= width, "{width}: {drawn}");
    }
}
