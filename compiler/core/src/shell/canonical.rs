//! The form of a shell text that its syntax gives it: what stands between words is one blank, what stands between commands one line end,
//! and comments are gone. Two texts of one form do the same, so the form and not the text is what a result is remembered by. It is never run.
use std::ops::Range;

use super::{STAND_IN, scan};

/// What can tell a script how it was written, or let it print itself.
const TELLTALES: [&str; 4] = ["LINENO", "caller", "verbose", "BASH_COMMAND"];

/// The form of a text that checks, as what stands around its splices; `None` where it is the text itself, or where its shell, or somebody's
/// shell, may read the text in another way.
pub(super) fn form(shell: &str, text: &str, holes: &[usize], scan: &scan::Scan) -> Option<Vec<String>> {
    if !scan.findings.is_empty() || !scan.certain || shell.ends_with("zsh") || tells(text) {
        return None;
    }
    let kept = kept(text, holes, &scan.gaps, &scan.line_ends);
    if kept.text == text.as_bytes() {
        return None;
    }
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // The stand-ins are words, so each is kept whole.
    let mut form = Vec::with_capacity(holes.len() + 1);
    let mut from = 0;
    for at in kept.holes {
        form.push(shown(&kept.text[from..at]));
        from = at + STAND_IN.len();
    }
    form.push(shown(&kept.text[from..]));
    Some(form)
}

fn tells(text: &str) -> bool {
    // `set -v`, `set -e -v`, `set -ev`.
    let shows_itself = |command: &str| {
        let mut words = command.split_whitespace();
        words.any(|word| word.trim_start_matches(['(', '{']) == "set")
            && words.any(|word| word.starts_with(['-', '+']) && word.contains('v'))
    };
    TELLTALES.iter().any(|word| text.contains(word))
        || text.replace("\\\n", " ").split([';', '\n', '&', '|']).any(shows_itself)
}

/// What is left of a text, and where its stand-ins are in that.
struct Kept {
    text: Vec<u8>,
    holes: Vec<usize>,
}

fn kept(text: &str, holes: &[usize], gaps: &[Range<usize>], line_ends: &[usize]) -> Kept {
    let mut kept = Kept { text: Vec::with_capacity(text.len()), holes: Vec::with_capacity(holes.len()) };
    // Line ends mean more where a here-document begins on its line.
    let here_documents = text.contains("<<");
    let (mut blank, mut line_start) = (false, true);
    let mut at = 0;
    let mut gaps = gaps.iter().peekable();
    while let Some(&byte) = text.as_bytes().get(at) {
        while gaps.next_if(|gap| gap.end <= at).is_some() {}
        if let Some(gap) = gaps.next_if(|gap| gap.start <= at) {
            blank = true;
            at = gap.end;
            continue;
        }
        let ends_line = byte == b'\n' && line_ends.binary_search(&at).is_ok();
        if ends_line && line_start && !here_documents {
            blank = false;
            at += 1;
            continue;
        }
        if blank && !line_start && !ends_line {
            kept.text.push(b' ');
        }
        blank = false;
        if holes.get(kept.holes.len()) == Some(&at) {
            kept.holes.push(kept.text.len());
        }
        kept.text.push(byte);
        line_start = ends_line;
        at += 1;
    }
    if line_start && !here_documents && kept.text.last() == Some(&b'\n') {
        kept.text.pop();
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use crate::shell::{Piece, analyse};
    use crate::tests::seeded::Seeded;

    /// `{}` is a splice. `None` where the form is the text itself.
    fn other_form(shell: &str, text: &str) -> Option<String> {
        let mut pieces = Vec::new();
        for (at, part) in text.split("{}").enumerate() {
            if at > 0 {
                pieces.push(Piece::Splice);
            }
            pieces.push(Piece::Text(part));
        }
        Some(analyse(shell, &pieces).form?.join("{}"))
    }

    fn form(text: &str) -> String {
        other_form("sh", text).unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn blanks_and_comments_mean_nothing_between_words() {
        for (text, expected) in [
            ("wc  -w\t< in/book  # words\n", "wc -w < in/book"),
            ("# first\n\n  a\n\n\n  b # c\n# d\nc\n\n", "a\nb\nc"),
            ("cat  {}  |   sort\\\n  -u {}", "cat {} | sort\\\n -u {}"),
            ("cat {} \\\n  | sort", "cat {} | sort"),
            ("a=$( ls   -l  # all\n )  b", "a=$( ls -l\n) b"),
            ("if  x;  then\n   y\n\nfi", "if x; then\ny\nfi"),
        ] {
            assert_eq!(form(text), expected, "{text}");
            assert_eq!(form(expected), expected, "of its own form");
        }
    }

    #[test]
    fn and_everything_within_them() {
        for text in [
            "echo 'a  b' \"c  # d\" e\\  f",
            "awk '{ print  $1 }  # x'",
            "echo a#b ${x#  y} $#",
            "cat <<E\na  b # c\n\nE",
            "echo  $LINENO",
            "set -v; echo  a",
            "set -e  +v; echo  a",
            "(set -o pipefail \\\n -xv); echo  a",
            "echo 'never  closed",
            "echo $((1  +  2)) `ls   # x`",
        ] {
            assert_eq!(form(text), text);
        }
        assert_eq!(other_form("fish", "a  b"), None);
        assert_eq!(other_form("zsh", "a  b"), None);
    }

    /// A text and its form do the same in a real shell.
    #[test]
    fn a_shell_does_the_same_with_both() {
        const BITS: [&str; 40] = [
            "echo ",
            "a",
            "b",
            "  ",
            " ",
            "\t",
            "\n",
            "\n\n",
            "# c",
            "#",
            " # it's\n",
            "'",
            "'x  y'",
            "\"",
            "\"x  # y\"",
            "\\",
            "\\\n",
            "$(",
            ")",
            "`",
            ";",
            "|",
            " | cat ",
            " && ",
            " || ",
            "& wait",
            "$x",
            "${x#  }",
            "x='1  2'",
            "x=1 ",
            "<<E\n",
            "\nE\n",
            "if true; then ",
            "; fi",
            "{ ",
            "; }",
            "case a in a) ",
            ";; esac",
            "$((1 + 1))",
            "é",
        ];
        let run = |shell: &str, text: &str| {
            let mut command = Command::new(shell);
            command.args(["-c", text]).env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
            let output = command.output().unwrap();
            (output.status.code(), output.stdout)
        };
        let mut random = Seeded(7);
        let (mut tried, mut changed) = (0, 0);
        while tried < 400 {
            let text: String = (0..=random.below(12)).map(|_| BITS[random.below(BITS.len())]).collect();
            let text = format!("echo {text}");
            for shell in ["sh", "bash"] {
                let Some(form) = other_form(shell, &text) else { continue };
                assert_eq!(run(shell, &text), run(shell, &form), "{text:?} and {form:?}");
                changed += 1;
            }
            tried += 1;
        }
        assert!(changed > 50, "{changed} of {tried} had another form");
    }
}
