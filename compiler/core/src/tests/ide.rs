//! What an editor asks, on small programs: `$0` is the place that is asked about, `//- NAME` begins a file.
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use expect_test::{Expect, expect};
use flowc_base::{LineIndex, Span};

use super::world::{Files, full};
use crate::ide::{Analysis, Canceller, FileSpan, Stopped, Workspace};
use crate::{EntryKind, System};

mod complete;
mod outline;

/// A workspace, and the place that is asked about.
struct Asked {
    workspace: Workspace,
    files: Arc<Files>,
    path: PathBuf,
    offset: u32,
}

impl Asked {
    fn new(marked: &str) -> Self {
        let marked =
            if marked.starts_with("//- ") { marked.to_owned() } else { format!("//- main.flow\n{marked}") };
        let files = Arc::new(Files::default());
        let (mut all, mut place) = (BTreeSet::new(), None);
        for part in marked.split("//- ").skip(1) {
            let (name, text) = part.split_once('\n').unwrap();
            let text = match text.find("$0") {
                Some(at) => {
                    place = Some((full(name), u32::try_from(at).unwrap()));
                    text.replacen("$0", "", 1)
                }
                None => text.to_owned(),
            };
            files.write(full(name), &text);
            all.insert(full(name));
        }
        let mut workspace = Workspace::new(Arc::clone(&files) as Arc<dyn System>);
        let (path, offset) = place.unwrap_or_else(|| (full("main.flow"), 0));
        workspace.set_files(all);
        Self { workspace, files, path, offset }
    }

    fn ask<T>(&self, question: impl FnOnce(&Analysis) -> T) -> T {
        self.workspace.analysis().ask(question).unwrap()
    }

    /// `main.flow:3:5 name`
    fn place(&self, place: &FileSpan) -> String {
        let name = place.path.file_name().unwrap().to_string_lossy().into_owned();
        let text = self.ask(|it| it.text(&place.path)).unwrap_or_default();
        let at = LineIndex::new(&text).line_col(&text, place.span.start);
        format!("{name}:{}:{} {}", at.line, at.col, place.span.slice(&text))
    }

    fn whole(&self) -> Span {
        Span::new(0, u32::MAX)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn hover(marked: &str, expected: Expect) {
    let asked = Asked::new(marked);
    let found = asked.ask(|it| it.hover(&asked.path, asked.offset));
    expected.assert_eq(&found.map_or_else(|| "nothing".to_owned(), |hover| hover.text));
}

#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn definition(marked: &str, expected: Expect) {
    let asked = Asked::new(marked);
    let found = asked
        .ask(|it| it.definition(&asked.path, asked.offset))
        .map(|(_, places)| places)
        .unwrap_or_default();
    expected.assert_eq(&found.iter().map(|place| asked.place(place)).collect::<Vec<_>>().join("\n"));
}

#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn references(marked: &str, expected: Expect) {
    let asked = Asked::new(marked);
    let found = asked.ask(|it| it.references(&asked.path, asked.offset));
    let shown = found
        .iter()
        .map(|it| format!("{}{}", asked.place(&it.place), if it.defines { " (defined)" } else { "" }));
    expected.assert_eq(&shown.collect::<Vec<_>>().join("\n"));
}

#[expect(clippy::needless_pass_by_value, reason = "reads as an example")]
fn rename(marked: &str, new: &str, expected: Expect) {
    let asked = Asked::new(marked);
    let shown = match asked.ask(|it| it.rename(&asked.path, asked.offset, new)) {
        Ok(renamed) => renamed.places.iter().map(|place| asked.place(place)).collect::<Vec<_>>().join("\n"),
        Err(why) => format!("refused: {why}"),
    };
    expected.assert_eq(&shown);
}

const WORDS: &str = r#"/// Cut a text.
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
"#;

fn with_words(rest: &str) -> String {
    format!("{WORDS}\n{rest}")
}

#[test]
fn hover_says_what_a_name_is() {
    hover(
        &with_words("flow main(book: File) -> List<File> { sp$0lit(book) }"),
        expect![[r#"
        ```flow
        task split(
          /// What is cut.
          text: File,
          lines: Int = 1000,
        ) -> List<File> from "part-*"
        ```

        Cut a text."#]],
    );
    hover(
        &with_words("flow main(bo$0ok: File) -> List<File> { split(book) }"),
        expect![[r#"
        ```flow
        book: File
        ```"#]],
    );
    hover(
        &with_words("flow main(book: File) -> List<File> { split(book, li$0nes: 5) }"),
        expect![[r#"
        ```flow
        lines: Int = 1000
        ```"#]],
    );
    hover(
        &with_words("flow main() -> Int { let r = rate(1)\n  $0r.score }"),
        expect![[r#"
        ```flow
        let r: Rating
        ```"#]],
    );
    hover(
        &with_words("flow main() -> Int { let r = rate(1)\n  r.sco$0re }"),
        expect![[r#"
        ```flow
        score: Int(0..10)
        ```

        0 is useless."#]],
    );
    hover(
        &with_words("flow main() -> Rat$0ing { rate(1) }"),
        expect![[r#"
        ```flow
        type Rating = {
          /// 0 is useless.
          score: Int(0..10),
          feedback: Text,
        }
        ```

        How good it is."#]],
    );
    hover(
        "flow main() -> Int { le$0n([1, 2]) }",
        expect![[r#"
        ```flow
        task len(value: C) -> Int
        ```

        How many: the elements of a list, the entries of a map, the characters of a text.

        always at hand"#]],
    );
    hover(
        "use std.text.{wo$0rds}\nflow main() -> Int { len(words(\"a b\")) }",
        expect![[r#"
        ```flow
        task words(text: Text) -> List<Text>
        ```

        The words: what stands between white space.

        of `std.text`"#]],
    );
    hover(
        "use std.te$0xt\nflow main() -> Int { len(text.words(\"a b\")) }",
        expect![[r#"
        ```flow
        use std.text
        ```

        `std.text`: texts. Positions and lengths count characters (Unicode scalar values), from 0."#]],
    );
    hover(
        "flow main() -> File { fi$0le(\"a.txt\") }",
        expect![[r#"
        ```flow
        file(path: Text) -> File
        ```

        A file of the project, by its path relative to this source file."#]],
    );
    hover(
        "flow main() -> Size { 5M$0B }",
        expect![[r#"
        ```flow
        Size: 5_000_000 bytes
        ```"#]],
    );
    hover("task t() { time$0out 5m sh \"true\" }", expect!["How long one try may take."]);
    hover("flow main() -> Int { $0 1 }", expect!["nothing"]);
}

#[test]
fn hover_knows_types_in_a_broken_body() {
    hover(
        &with_words("flow main() -> Int { let r = rate(1)\n  let q = r$0.score + \n }"),
        expect![[r#"
            ```flow
            let r: Rating
            ```"#]],
    );
}

#[test]
fn definitions_are_found() {
    definition(
        &with_words("flow main(book: File) -> List<File> { sp$0lit(book) }"),
        expect!["main.flow:2:6 split"],
    );
    definition(
        &with_words("flow main(book: File) -> List<File> { split(bo$0ok) }"),
        expect!["main.flow:21:11 book"],
    );
    definition(
        &with_words("flow main(book: File) -> List<File> { split(book, li$0nes: 5) }"),
        expect!["main.flow:5:3 lines"],
    );
    definition(
        &with_words("flow main() -> Int { let r = rate(1)\n  r.sco$0re }"),
        expect!["main.flow:15:3 score"],
    );
    definition(
        "//- main.flow\nuse \"./lib.flow\".{two}\nflow main() -> Int { t$0wo(1) }\n//- lib.flow\ntask two(n: Int) -> Int { sh \"echo {{n}}\" }\n",
        expect!["lib.flow:1:6 two"],
    );
    definition(
        "//- main.flow\nuse \"./lib.flow\" as lib\nflow main() -> Int { l$0ib.two(1) }\n//- lib.flow\ntask two(n: Int) -> Int { sh \"echo {{n}}\" }\n",
        expect!["lib.flow:1:1 "],
    );
    definition("flow main() -> Int { le$0n([1]) }", expect!["std.prelude:11:6 len"]);
    definition("agent a { exec [\"a\"] }\nagent b { from $0a }", expect!["main.flow:1:7 a"]);
    definition(
        "agent a { exec [\"a\"] }\nflow main() -> Text { ask $0a \"hello\" }",
        expect!["main.flow:1:7 a"],
    );
}

#[test]
fn references_are_found_across_files() {
    let program = "//- main.flow\nuse \"./lib.flow\".{two}\nuse \"./lib.flow\" as lib\nflow main() -> Int { two(n: 1) + lib.two(2) }\n//- lib.flow\ntask t$0wo(n: Int) -> Int { sh \"echo {{n}}\" }\n//- other.flow\nuse \"./lib.flow\".{two}\nflow main(two_more: Int) -> Int { two(two_more) }\n";
    references(
        program,
        expect![[r#"
        lib.flow:1:6 two (defined)
        main.flow:1:19 two
        main.flow:3:22 two
        main.flow:3:38 two
        other.flow:1:19 two
        other.flow:2:35 two"#]],
    );
    references(
        &program.replace("t$0wo(n", "two($0n"),
        expect![[r#"
        lib.flow:1:10 n (defined)
        lib.flow:1:38 n
        main.flow:3:26 n"#]],
    );
    references(
        &with_words("flow main() -> Int { let r = rate(1)\n  let q = r.score\n  r.score + $0q + q }"),
        expect![[r#"
        main.flow:22:7 q (defined)
        main.flow:23:13 q
        main.flow:23:17 q"#]],
    );
    references(
        &with_words("flow main() -> Int { let r = rate(1)\n  let q = r.sc$0ore\n  r.score + q }"),
        expect![[r#"
        main.flow:15:3 score (defined)
        main.flow:22:13 score
        main.flow:23:5 score"#]],
    );
}

#[test]
fn names_are_changed_everywhere_or_not_at_all() {
    let program = "//- main.flow\nuse \"./lib.flow\".{two}\nuse \"./lib.flow\" as lib\nflow main(x: Int) -> Int { let y = two(n: x)\n y + lib.two(2) }\n//- lib.flow\ntask t$0wo(n: Int) -> Int { sh \"echo {{n}}\" }\n";
    rename(
        program,
        "double",
        expect![[r#"
        lib.flow:1:6 two
        main.flow:1:19 two
        main.flow:3:36 two
        main.flow:4:10 two"#]],
    );
    rename(program, "y", expect!["refused: `main` in `main.flow` binds `y`, which would hide this name"]);
    rename(program, "lib", expect!["refused: `main.flow` has a name `lib` already"]);
    rename(program, "let", expect!["refused: `let` is a word of the language"]);
    rename(program, "1a", expect!["refused: `1a` is no name: a letter or `_`, then letters, digits and `_`"]);
    let program = program.replace("t$0wo", "two");
    rename(
        &program.replace("let y", "let $0y"),
        "z",
        expect![[r#"
        main.flow:3:32 y
        main.flow:4:2 y"#]],
    );
    rename(&program.replace("let y", "let $0y"), "x", expect!["refused: `x` is bound in `main` already"]);
    rename(
        &program.replace("let y", "let $0y"),
        "two",
        expect!["refused: `main` mentions another `two`, which this name would hide"],
    );
    rename(
        &program.replace("as lib", "as $0lib"),
        "tools",
        expect![[r#"
        main.flow:2:21 lib
        main.flow:4:6 lib"#]],
    );
    rename("flow main() -> Int { le$0n([1]) }", "size", expect!["refused: `len` belongs to the library"]);
    rename(
        "flow main() -> File { fi$0le(\"a\") }",
        "size",
        expect!["refused: `file` belongs to the language"],
    );
}

#[test]
fn an_edit_stops_who_is_asking_and_another_handle_does_not() {
    let mut asked = Asked::new(&with_words("flow main() -> Int { 1$0 }"));
    let (one, other) = (asked.workspace.analysis(), asked.workspace.analysis());
    one.canceller().cancel();
    assert_eq!(one.ask(|it| it.diagnostics(&asked.path)).err(), Some(Stopped::Cancelled));
    assert!(other.ask(|it| it.diagnostics(&asked.path)).is_ok());
    drop((one, other));
    asked.files.write(asked.path.clone(), "flow main() -> Int { \"a\" }");
    asked.workspace.changed(&asked.path.clone());
    let found = asked.ask(|it| it.diagnostics(&asked.path));
    assert_eq!(found.iter().map(|it| it.code.0).collect::<Vec<_>>(), ["type-mismatch"]);
}

/// Ten files, each using the next; to read the fourth takes the question back.
#[derive(Default)]
struct Chain {
    read: Mutex<Vec<usize>>,
    canceller: OnceLock<Canceller>,
}

impl System for Chain {
    fn read_text(&self, path: &Path) -> Result<String, String> {
        let number = path.file_stem().and_then(|it| it.to_str()?.parse::<usize>().ok());
        let number = number.filter(|number| *number < 10).ok_or("no such file")?;
        self.read.lock().unwrap().push(number);
        if let Some(canceller) = self.canceller.get().filter(|_| number == 3) {
            canceller.cancel();
        }
        Ok(format!("use \"{}.flow\".{{n}}\n", number + 1))
    }

    fn kind(&self, _: &Path) -> Option<EntryKind> {
        Some(EntryKind::File)
    }

    fn has_program(&self, _: &str) -> bool {
        true
    }
}

#[test]
fn who_is_stopped_at_work_does_no_more() {
    let chain = Arc::new(Chain::default());
    let workspace = Workspace::new(Arc::<Chain>::clone(&chain));
    let analysis = workspace.analysis();
    chain.canceller.set(analysis.canceller()).unwrap();
    let stopped = analysis.ask(|it| it.diagnostics(Path::new("/p/0.flow")));
    assert_eq!(stopped.err(), Some(Stopped::Cancelled));
    assert_eq!(*chain.read.lock().unwrap(), [0, 1, 2, 3]);
    assert!(!workspace.analysis().ask(|it| it.diagnostics(Path::new("/p/0.flow"))).unwrap().is_empty());
    assert_eq!(*chain.read.lock().unwrap(), (0..10).collect::<Vec<_>>(), "each once");
}

#[test]
fn names_in_agents_and_tests_are_found_by_their_check() {
    let agents = "agent a { exec [\"a\"] }\nagent b {\n  from a\n  fallback [$0a]\n}";
    definition(agents, expect!["main.flow:1:7 a"]);
    let of_file = |text: &str| {
        format!("//- team.flow\nagent a {{ exec [\"a\"] }}\n//- main.flow\nuse \"team.flow\" as team\n{text}")
    };
    definition(&of_file("agent b { from team.$0a }"), expect!["team.flow:1:7 a"]);
    definition(&of_file("test \"t\" {\n  mock ask team.$0a -> \"x\"\n}"), expect!["team.flow:1:7 a"]);
    let mocked = "task one(n: Int) -> Int { sh \"echo {{n}}\" }\ntest \"t\" {\n  mock task $0one(n) -> n\n  assert one(1) == 1\n}";
    definition(mocked, expect!["main.flow:1:6 one"]);
    definition(&mocked.replace("$0", "").replace("-> n\n", "-> $0n\n"), expect!["main.flow:3:17 n"]);
    hover("settings {\n  limits { agents: $05 }\n}", expect!["nothing"]);
}
