//! Shell texts and what the analysis says of them, as a table; and the proof by a real shell that quoting gives values back.
mod evaluated;
mod fuzz;

use std::process::Command;

use flowc_plan::{Quoting, quote};

use super::{Analysis, Dash, Piece, Place, Refusal, analyse};
use crate::tests::seeded::Seeded;

/// `{}` is a splice.
fn look(shell: &str, text: &str) -> Analysis {
    let mut pieces = Vec::new();
    for (at, part) in text.split("{}").enumerate() {
        if at > 0 {
            pieces.push(Piece::Splice);
        }
        pieces.push(Piece::Text(part));
    }
    analyse(shell, &pieces)
}

/// One word a splice: `bare`, `double`, `single`, with `-` where an option could stand, or the name of the refusal; then the errors.
fn said(text: &str) -> String {
    let analysis = look("sh", text);
    let places = analysis.splices.iter().map(|place| match place {
        Place::Quoted { quoting, dash, .. } => {
            let dash = match dash {
                Dash::Plain => "",
                Dash::Option => "-",
                Dash::Code => "!",
            };
            format!("{}{dash}", format!("{quoting:?}").to_lowercase())
        }
        Place::Refused(why) => format!("{why:?}"),
    });
    let errors = analysis.errors.iter().map(|e| format!("{}:{} {}", e.piece, e.offset, e.message));
    places.chain(errors).collect::<Vec<_>>().join(", ")
}

#[test]
fn every_splice_is_placed() {
    for (text, expected) in [
        // Bare.
        ("echo {}", "bare-"),
        ("wc -l < {} > {}", "bare, bare"),
        ("split -l {} {} part-", "bare, bare-"),
        ("rm -- {}", "bare"),
        ("cp --to={} {}", "bare, bare-"),
        ("cat {}{}", "bare-, bare-"),
        ("cat dir/{}.txt", "bare"),
        ("{} --flag", "bare"),
        ("A={} B=x cmd {}", "bare, bare-"),
        ("x={}; y=$x", "bare"),
        ("[ {} = {} ] && echo y", "bare, bare"),
        ("printf '%s\\n' {} {}", "bare, bare"),
        ("printf {}", "bare!"),
        ("echo {} {}", "bare-, bare"),
        ("render --title {} {} -t {}", "bare, bare-, bare"),
        ("if true; then rm {}; fi", "bare-"),
        ("for f in {} b; do rm {}; done", "bare, bare-"),
        ("a | b {} && c {} || d {} & e {}", "bare-, bare-, bare-, bare-"),
        ("a \\\n  {}", "bare-"),
        ("f() { rm {}; }; f {}", "bare-, bare-"),
        ("2>{} rm {}", "bare, bare-"),
        ("a 2>&1 {}", "bare-"),
        ("echo a#{} # no", "bare"),
        ("echo $X{}", "bare"),
        ("case {} in {}) echo {};; a|{}) ;; esac; rm {}", "bare, bare, bare-, bare, bare-"),
        ("case x in (a) rm {} ;; esac", "bare-"),
        // Quotes.
        ("echo \"{}\"", "double-"),
        ("echo \"a {} b\" 'c {} d'", "double, single"),
        ("echo '{}'", "single-"),
        ("echo \"it's {}\"", "double"),
        ("echo 'say \"{}\"'", "single"),
        ("echo \\\"{}\\\"", "bare"),
        ("echo \"\\\"{}\\\"\"", "double"),
        ("echo 'a'\\''{}'", "single"),
        ("echo \"$X {} ${Y}{}\"", "double, double"),
        ("echo \"${1}{}$?{}\"", "double, double"),
        // Quoting starts anew.
        ("echo \"$(cat {})\"", "bare-"),
        ("echo \"$(cat \"{}\" '{}') {}\"", "double-, single-, double"),
        ("x=$(case {} in a) echo {};; esac) cmd {}", "bare, bare-, bare-"),
        ("x=$( (rm {}) ); rm {}", "bare-, bare-"),
        ("cat <<E\nx\nE\nrm {}", "bare-"),
        ("cat <<-'E F' | rm {}\n\tx\n\tE F\nrm {}", "bare-, bare-"),
        ("cmd \"$(cat <<E\n)\nE\n)\" {}", "bare-"),
        ("diff <(sort {}) {}", "bare-, bare-"),
        ("[[ -f {} && {} == a ]] && rm {}", "bare, bare, bare-"),
        ("a=({} {}); rm {}", "bare, bare, bare-"),
        // Behind an option: its value.
        ("cc -o {}.o -c {}", "bare, bare"),
        ("grep -e {} -- {}", "bare, bare"),
        ("rm -rf {}; head -1 {}; cat - {}", "bare-, bare-, bare-"),
        // Code of a shell.
        ("eval {}", "Code"),
        ("eval \"x={}\" y", "Code"),
        ("let {}+1", "Code"),
        ("trap 'rm {}' EXIT; rm {}", "Code, bare-"),
        ("sh -c 'echo {}'", "Code"),
        ("/bin/bash -ec \"echo {}\"", "Code"),
        ("xargs -n 1 sh -c {} sh {}", "Code, bare"),
        ("sh -c 'echo \"$1\"' sh {}", "bare"),
        ("sh {} -c", "bare!"),
        ("grep sh x -c {}", "bare"),
        // Refused.
        ("cat <<E\n{}\nE\n", "HereDocument"),
        ("cat <<'E'\n{}\nE\n", "HereDocument"),
        ("cat <<-E\n\t{}\n\tE\necho {}", "HereDocument, bare-"),
        ("cat <<A <<B\n1\nA\n{}\nB\necho {}", "HereDocument, bare-"),
        ("echo $(( {} + 1 ))", "Arithmetic"),
        ("cmd $(( $(echo {}) + (1) )) {}", "Arithmetic, bare-"),
        ("(( {} )); echo {}", "Arithmetic, bare-"),
        ("echo $[{}]", "Arithmetic"),
        ("a[{}]=1", "Subscript"),
        ("[[ {} -gt 3 ]]; rm {}", "Condition, bare-"),
        ("cmd ${x:-{}} {}", "Expansion, bare-"),
        ("echo \"${x:-\"{}\"} {}\"", "Expansion, double"),
        ("cmd `cat {}` {}", "Backquotes, bare-"),
        ("cmd $'{}' {}", "AnsiQuotes, bare-"),
        ("echo # {}\necho {}", "Comment, bare-"),
        ("# it's {}\necho {}", "Comment, bare-"),
        ("echo \\{}", "AfterBackslash"),
        ("echo \"\\{}\"", "AfterBackslash"),
        ("echo ${} \"${}\"", "AfterDollar, AfterDollar"),
        ("echo \"$X{}\"", "AfterVariable"),
        ("echo \"$1{}\"", "AfterVariable"),
    ] {
        assert_eq!(said(text), expected, "{text}");
    }
}

#[test]
fn lists_are_words_of_their_own() {
    for (text, expected) in [
        ("rm {} a{} {}b {}{}", "yes no no no no"),
        ("x={} cmd {}", "no yes"),
        ("cmd > {} {}", "no yes"),
        ("{} a", "yes"),
        ("for f in {}; do a; done", "yes"),
        ("a=({}); case {} in {}) b {};; esac", "yes no no yes"),
        ("[[ {} == a ]]; echo \"{}\"", "no no"),
    ] {
        let places = look("bash", text).splices.into_iter();
        let said: Vec<&str> = places
            .map(|place| if matches!(place, Place::Quoted { several: true, .. }) { "yes" } else { "no" })
            .collect();
        assert_eq!(said.join(" "), expected, "{text}");
    }
}

#[test]
fn the_text_itself_is_checked() {
    for (text, expected) in [
        ("echo 'a", "0:5 `'` without its partner in shell text"),
        ("echo {} \"a", "bare-, 2:1 `\"` without its partner in shell text"),
        ("echo {}; fi", "bare-, 2:2 `fi` closes nothing in shell text"),
        ("if {}; then b", "bare, 0:0 `if` without `fi` in shell text"),
        ("while a; do {}", "bare, 0:0 `while` without `done` in shell text"),
        ("a && || b", "0:5 unexpected `||` in shell text"),
        ("a; ; b", "0:3 unexpected `;` in shell text"),
        ("ä; ; {}", "bare, 0:4 unexpected `;` in shell text"),
        ("x=$(a; ; b)", "0:7 unexpected `;` in shell text"),
        ("x=$(a", "0:2 `$(` without `)` in shell text"),
        ("echo )", "0:5 unexpected `)` in shell text"),
        ("cat <<E\nx", "0:4 here-document `E` does not end"),
        ("case x in a) b;;", "0:0 `case` without `esac` in shell text"),
        ("a |", "0:3 shell text is not complete, or a word in it is out of place"),
        ("x() echo", "0:4 unexpected `echo` in shell text"),
        ("{ a; }; }", "0:8 `}` closes nothing in shell text"),
        ("echo ${x", "0:5 `${` without `}` in shell text"),
        // What is right.
        ("", ""),
        ("# nothing\n", ""),
        ("set -- a b; while getopts ab: o; do case $o in a) ;; b) x=$OPTARG;; *) exit 2;; esac; done", ""),
        ("if a\nthen b\nelif c\nthen d\nelse e\nfi > f 2>&1 < g", ""),
        ("until [ -e x ]; do sleep 1; done", ""),
        ("for x\ndo\n echo \"$x\"\ndone", ""),
        ("f() (\n cd / && ls\n)\nf | sort -u | { read -r a; echo \"${a%%:*}\"; }", ""),
        ("trap 'rm -f x' EXIT; exec 3>&1; a 2>&-", ""),
        ("awk '{ print $1 }' < f | sed -e 's/a\\(b\\)/\\1/' -e \"s|x|$y|\"", ""),
        ("echo if then fi do done case esac { }", ""),
        ("! a && { b & } ; wait", ""),
        ("echo ${#x} ${x:-$(a)} $((x + 1)) $(($(a) * 2))", ""),
        ("python3 - <<'PY'\nif x: print('it''s')\nPY\necho done", ""),
        ("x=a\\ b; echo $x\\\n y", ""),
        ("tr -d '\\n' <f >>g", ""),
    ] {
        assert_eq!(said(text), expected, "{text}");
    }
}

#[test]
fn depth_is_bounded() {
    for open in [
        "$(",
        "( ",
        "{ ",
        "if ",
        "$((",
        "${x:-",
        "\"$(",
        "case x in a) ",
        "while ",
        "<(",
        "[[ ",
        "x=(",
        "'",
        "`",
        "$[",
        "@(",
        "a=@(",
        "[[ ! ",
        "[[ ( ",
        "coproc ",
        "f() { ",
        "elif ",
        "else ",
        "((",
    ] {
        let analysis = look("bash", &open.repeat(5_001));
        assert!(!analysis.errors.is_empty(), "{open}");
    }
    // Long is not deep.
    for part in [
        "a && ",
        "a | ",
        "! a; ",
        "time a\n",
        "f() { a; }\n",
        "if a; then b; fi; ",
        "$(a)",
        "a[1]=2 ",
        "[[ a == b ]] && ",
    ] {
        let analysis = look("bash", &format!("{}a", part.repeat(500)));
        assert_eq!(analysis.errors, [], "{part}");
    }
}

/// Where the analysis says a value may stand, a real shell gives its exact bytes back.
#[test]
fn no_value_becomes_code() {
    const BITS: [&str; 24] = [
        "'",
        "\"",
        "\\",
        "$",
        "`",
        "$(echo no)",
        "`echo no`",
        "${HOME}",
        "\n",
        " ",
        "\t",
        "-",
        "--",
        "*",
        "?",
        "~",
        "#",
        "!",
        ";",
        "&&",
        "é",
        "EOF",
        "a",
        "\r",
    ];
    const CONTEXTS: [&str; 9] = [
        "printf '%s\\0' {}",
        "printf '%s\\0' \"{}\"",
        "printf '%s\\0' '{}'",
        "x={}; printf '%s\\0' \"$x\"",
        "x=\"$(printf '%s.' {})\"; printf '%s\\0' \"${x%.}\"",
        "x=\"$(printf '%s.' \"{}\")\"; printf '%s\\0' \"${x%.}\"",
        "case {} in {}) printf '%s\\0' {};; esac",
        "f() { printf '%s\\0' \"$1\"; }; f {}",
        "for x in {}; do printf '%s\\0' \"$x\"; done",
    ];
    let mut random = Seeded(7);
    let mut values =
        vec![String::new(), "-n".into(), "'\\''".into(), "a\n".into(), "\\".into(), "$".into(), "\"'".into()];
    values.extend((0..400).map(|_| (0..=random.below(8)).map(|_| BITS[random.below(BITS.len())]).collect()));
    for context in CONTEXTS {
        let analysis = look("sh", context);
        assert!(analysis.errors.is_empty(), "{context}");
        let (mut script, mut expected) = (String::new(), String::new());
        for value in &values {
            for (at, part) in context.split("{}").enumerate() {
                if let Some(before) = at.checked_sub(1) {
                    let Place::Quoted { quoting, .. } = analysis.splices[before] else {
                        panic!("refused: {context}")
                    };
                    script.push_str(&quote(value, quoting));
                }
                script.push_str(part);
            }
            script.push('\n');
            expected.push_str(value);
            expected.push('\0');
        }
        let output = Command::new("/bin/sh").args(["-c", &script]).output().unwrap();
        let got = String::from_utf8(output.stdout).unwrap();
        let differ = got.split('\0').zip(expected.split('\0')).find(|(a, b)| a != b);
        assert_eq!(differ, None, "{context}");
        assert_eq!(got.len(), expected.len(), "{context}");
    }
}

/// Whatever the text, every hole gets an answer, and the scanner comes to an end.
#[test]
fn any_text_is_looked_at() {
    const BITS: [&str; 30] = [
        "{}",
        "{}",
        "'",
        "\"",
        "`",
        "$",
        "$(",
        ")",
        "((",
        "))",
        "${",
        "}",
        "<<E\n",
        "\nE\n",
        "case x in ",
        "esac",
        ";;",
        "if ",
        "fi",
        "\n",
        " ",
        "#",
        "\\",
        "[[ ",
        " ]]",
        "a[",
        "]",
        "|",
        "é",
        "=(",
    ];
    let mut random = Seeded(11);
    for _ in 0..4_000 {
        let text: String = (0..=random.below(14)).map(|_| BITS[random.below(BITS.len())]).collect();
        let analysis = look("sh", &text);
        assert_eq!(analysis.splices.len(), text.matches("{}").count(), "{text}");
    }
}

#[test]
fn every_refusal_says_what_to_do() {
    for why in
        [Refusal::HereDocument, Refusal::Code, Refusal::Arithmetic, Refusal::Comment, Refusal::AfterVariable]
    {
        assert!(!why.place().is_empty() && !why.hint().is_empty());
    }
    assert_eq!(look("fish", "a {} '").splices, [Place::Refused(Refusal::UnknownShell)]);
    assert!(matches!(look("sh", "a {}").splices[0], Place::Quoted { quoting: Quoting::Bare, .. }));
}
