//! Which words of a shell text are programs that must be on the `PATH`. It knows what shells have built in, and nothing of what is there.
use std::collections::BTreeSet;
use std::ops::Range;

/// What a shell of ours does itself, and the reserved words that may stand first.
const BUILT_IN: &[&str] = &[
    ".",
    ":",
    "[",
    "[[",
    "alias",
    "bg",
    "bind",
    "break",
    "builtin",
    "caller",
    "cd",
    "command",
    "compgen",
    "complete",
    "continue",
    "declare",
    "dirs",
    "disown",
    "echo",
    "enable",
    "eval",
    "exec",
    "exit",
    "export",
    "false",
    "fc",
    "fg",
    "getopts",
    "hash",
    "help",
    "history",
    "jobs",
    "kill",
    "let",
    "local",
    "logout",
    "mapfile",
    "popd",
    "print",
    "printf",
    "pushd",
    "pwd",
    "read",
    "readarray",
    "readonly",
    "return",
    "set",
    "shift",
    "shopt",
    "source",
    "suspend",
    "test",
    "times",
    "trap",
    "true",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unalias",
    "unset",
    "wait",
    "whence",
];

/// Commands that ask whether a program is there: whoever does has an answer for its absence.
const ASKING: [&str; 5] = ["command -v ", "command -V ", "which ", "type ", "hash "];

/// Those of the words at `found` that the shell looks for on the `PATH`: no built-in command, no function of the text, no path; none at
/// all where the text changes the `PATH` or what words mean.
pub(super) fn looked_for(text: &str, found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let changes = ["PATH=", "alias ", "shopt ", "source ", "enable "].iter().any(|word| text.contains(word))
        || found.iter().any(|range| matches!(&text[range.clone()], "." | "source" | "eval"));
    if changes {
        return Vec::new();
    }
    let functions = functions(text);
    let asked = asked_for(text);
    let is_program = |word: &str| {
        let own = functions.contains(word) || asked.contains(word) || BUILT_IN.contains(&word);
        !own && !word.contains('/') && word.starts_with(|c: char| c.is_alphanumeric() || c == '_')
    };
    found.into_iter().filter(|range| is_program(&text[range.clone()])).collect()
}

/// The names of the functions that the text defines: `name()`, `function name`.
fn functions(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for (at, _) in text.match_indices('(') {
        if text[at + 1..].trim_start_matches([' ', '\t']).starts_with(')') {
            let before = text[..at].trim_end_matches([' ', '\t']);
            let name = before.rsplit(|c: char| c.is_whitespace() || ";&|{(".contains(c)).next();
            names.extend(name);
        }
    }
    for (at, word) in text.match_indices("function ") {
        let rest = text[at + word.len()..].trim_start();
        names.extend(rest.split(|c: char| c.is_whitespace() || "(){;".contains(c)).next());
    }
    names
}

/// The names that the text asks for.
fn asked_for(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for asking in ASKING {
        for (at, _) in text.match_indices(asking) {
            let rest =
                text[at + asking.len()..].split([';', '&', '|', '\n', '>', ')']).next().unwrap_or_default();
            names.extend(rest.split_whitespace());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::super::{Piece, analyse};

    fn programs(text: &str) -> Vec<String> {
        let found = analyse("bash", &[Piece::Text(text)]);
        assert!(found.errors.is_empty(), "{text}: {:?}", found.errors);
        found.programs.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn what_is_run_is_found() {
        for (text, expected) in [
            ("wc -l < a | sort -n > b", "wc sort"),
            ("if grep -q x a; then sed p a; else tr a b; fi", "grep sed tr"),
            ("for x in a b; do gzip \"$x\" && mv $x y; done", "gzip mv"),
            ("x=$(awk 1 a) y=2 jq . b", "awk jq"),
            ("( cat a; { head -1 b; } )", "cat head"),
            ("! diff a b || time make", "diff make"),
            ("case $x in cat) tac a;; *) nl b;; esac", "tac nl"),
            ("cd x; echo a; [ -f b ] && test c; printf d", ""),
            ("$x a; \"y\" b; ./z c; /bin/cat d; ~/e", ""),
            ("f() { wc a; }; f; function g { nl b; }; g", "wc nl"),
            ("command wc a; exec sort b; $y tr a", ""),
            ("command -v jq >/dev/null && jq . a || cat a", "cat"),
            ("if which pigz; then pigz a; else gzip a; fi", "which gzip"),
            ("PATH=$PWD/bin:$PATH; tool a", ""),
            ("cat <<'E'\nnothing here\nE\nwc a", "cat wc"),
            ("# make all\nenv -i A=1 sort a 2>/dev/null >&2", "env"),
            ("a=(x y); set -- ls", ""),
        ] {
            assert_eq!(programs(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn paths_of_redirections_are_found() {
        let text =
            "a < in.txt > out.txt 2>> log 3>&1 <> both <<< word &> all; b >| over > \"$x\" >{{y}} < $z";
        let found = analyse("bash", &[Piece::Text(text)]);
        let shown: Vec<String> = found
            .redirects
            .iter()
            .map(|(word, writes)| format!("{}{}", if *writes { ">" } else { "<" }, word.text))
            .collect();
        assert_eq!(shown.join(" "), "<in.txt >out.txt >log >all >over");
    }
}
