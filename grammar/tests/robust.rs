//! No text, however broken, panics or hangs; places stay inside the text, on character boundaries.
use flowc_base::Span;
use flowc_grammar::{parse_item, split};

/// A generator of numbers from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).unwrap_or(0)
    }
}

fn inside(text: &str, span: Span) -> bool {
    text.get(span.start as usize..span.end as usize).is_some()
}

fn check(text: &str) {
    let file = split(text);
    for error in &file.errors {
        assert!(inside(text, error.primary.place), "{error:?}\n{text}");
    }
    let mut last = 0;
    for item in &file.items {
        assert!(item.span.start >= last, "items overlap\n{text}");
        last = item.span.end;
        assert_eq!(item.span.slice(text), &*item.text);
        let parsed = parse_item(&item.text);
        assert!(parsed.item.is_some() || !parsed.errors.is_empty(), "lost without a word: {}", item.text);
        for error in parsed.errors {
            let item = &*item.text;
            error.map_places(|place| assert!(inside(item, place), "{place:?}\n{item}"));
        }
    }
}

#[test]
fn mutations_do_not_panic() {
    let corpus =
        [include_str!("cases/examples.md"), include_str!("cases/errors.md"), include_str!("cases/trees.md")];
    let sources: Vec<&str> = corpus
        .iter()
        .flat_map(|text| text.split("```flow\n").skip(1).filter_map(|rest| rest.split("\n```").next()))
        .collect();
    let bits = [
        "\"",
        "\"\"\"",
        "{{",
        "}}",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ",",
        "ä",
        "\n",
        "else ",
        "\\",
        "//",
        "=",
        "\u{1A}",
        "if ",
        "sh ",
        "r\"",
        "$1",
        "\ntask t() {",
        "'",
    ];
    let mut random = Random(0x5EED);
    for _ in 0..5_000 {
        let mut text: Vec<char> = sources[random.below(sources.len())].chars().collect();
        for _ in 0..=random.below(4) {
            let at = random.below(text.len());
            match random.below(3) {
                0 => {
                    let end = (at + 1 + random.below(8)).min(text.len());
                    text.drain(at..end);
                }
                1 => {
                    text.splice(at..at, bits[random.below(bits.len())].chars());
                }
                _ => {
                    let from = random.below(text.len());
                    let piece: Vec<char> = text.iter().skip(from).take(random.below(40)).copied().collect();
                    text.splice(at..at, piece);
                }
            }
        }
        check(&text.into_iter().collect::<String>());
    }
}

/// What stands `depth` times before and behind a middle.
fn nested(open: &str, middle: &str, close: &str, depth: usize) -> String {
    format!("flow main() -> Int {{ let x = {}{middle}{} x }}", open.repeat(depth), close.repeat(depth))
}

const NESTS: [(&str, &str, &str); 16] = [
    ("(", "1", ")"),
    ("[", "1", "]"),
    ("f(", "1", ")"),
    ("f(a: ", "1", ")"),
    ("a[", "1", "]"),
    ("{ a: ", "1", " }"),
    ("{ \"k\": ", "1", " }"),
    ("{ ", "1", " }"),
    ("if a { ", "1", " }"),
    ("for x in xs { ", "1", " }"),
    ("match v { _ => ", "1", " }"),
    ("loop x = 1 max 2 { ", "1", " }"),
    ("race [", "1", "]"),
    ("1 as { a: ", "Int", " }"),
    ("\"\"\"{{ \"{{ ", "1", " }}\" }}\"\"\""),
    ("ask (", "b", ") \"x\""),
];

#[test]
fn nesting_is_linear_and_bounded() {
    for (open, middle, close) in NESTS {
        let found = parse_item(&nested(open, middle, close, 50));
        assert!(found.item.is_some(), "{open} {:?}", found.errors);
        let found = parse_item(&nested(open, middle, close, 100_000 / open.len()));
        assert_eq!(found.errors.first().map(|error| error.code.0), Some("nesting-too-deep"), "{open}");
        check(&nested(open, middle, "", 100_000 / open.len()));
    }
}

#[test]
fn chains_are_bounded() {
    for (first, link) in [
        ("1", "+1"),
        ("a", ".b"),
        ("f", "()"),
        ("f()", " else g()"),
        ("a", " as Int"),
        ("if a {1}", " else if a {1}"),
    ] {
        let long = nested("", &format!("{first}{}", link.repeat(10_000)), "", 1);
        let found = parse_item(&long);
        assert_eq!(found.errors.first().map(|error| error.code.0), Some("nesting-too-deep"), "{link}");
        let short = parse_item(&nested("", &format!("{first}{}", link.repeat(100)), "", 1));
        assert!(short.errors.is_empty(), "{link} {:?}", short.errors);
    }
    for prefix in ["!", "-", "try ", "if ", "for x in ", "race ", "not ", "A<"] {
        check(&nested(prefix, "1", "", 50_000));
        check(&format!("type T = {}", prefix.repeat(50_000)));
    }
}

#[test]
fn keywords_are_whole_words() {
    for word in flowc_grammar::RESERVED {
        for name in [format!("{word}x"), format!("{word}_"), format!("{word}1"), format!("x{word}")] {
            let text = format!(
                "flow main({word}: Int) -> Int {{ let {name} = {name} {name}(a.{word}, {word}: 1) }}"
            );
            let found = parse_item(&text);
            assert!(found.errors.is_empty(), "{text}\n{:?}", found.errors);
        }
        let found = parse_item(&format!("flow main() -> Int {{ let {word} = 1 }}"));
        assert_eq!(found.errors.len(), 1, "{word} {:?}", found.errors);
    }
}

/// A comment and a line end behind the word of an item change nothing, in all programs of the cases.
#[test]
fn items_are_cut_the_same_wherever_their_lines_end() {
    let mut programs = 0;
    for folder in ["tests/format", "tests/cases"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for page in std::fs::read_dir(folder).unwrap() {
            let page = std::fs::read_to_string(page.unwrap().path()).unwrap();
            for part in page.split("```flow\n").skip(1) {
                let program = part.split_once("\n```\n").unwrap().0;
                let whole = |text: &str| flowc_grammar::format(text).is_ok();
                if !whole(program) {
                    continue;
                }
                programs += 1;
                let names = |text: &str| {
                    split(text)
                        .items
                        .iter()
                        .map(|item| (item.word, item.name.clone().map(|n| n.name)))
                        .collect::<Vec<_>>()
                };
                for between in [" // c\n", "\n", "// c\n\n// d\n  "] {
                    let mut broken = String::new();
                    let mut at = 0;
                    for item in split(program).items {
                        let (word, _) =
                            flowc_grammar::ItemWord::ALL.iter().find(|(_, kind)| *kind == item.word).unwrap();
                        let lines = item.text.split_inclusive('\n');
                        let head: usize =
                            lines.take_while(|line| !line.starts_with(word)).map(str::len).sum();
                        let head = item.span.start as usize + head + word.len();
                        if program[..head].ends_with(word) {
                            broken.push_str(&program[at..head]);
                            broken.push_str(between);
                            at = head;
                        }
                    }
                    broken.push_str(&program[at..]);
                    assert_eq!(names(&broken), names(program), "{broken}");
                    assert!(whole(&broken), "{broken}");
                }
            }
        }
    }
    assert!(programs > 50, "{programs}");
}
