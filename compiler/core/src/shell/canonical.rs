//! The form of a shell text that its syntax gives it: what stands between words is one blank, what stands between commands one line end,
//! and comments are gone. Two texts of one form do the same, so the form and not the text is what a result is remembered by. It is never run.
use std::collections::BTreeSet;
use std::ops::Range;

use flowc_base::Name;
use flowc_plan::{Quoting, ShellPart};

use super::{STAND_IN, is_known, programs, scan};

/// What can tell a script how it was written, or let it print itself.
const TELLTALES: [&str; 4] = ["LINENO", "caller", "verbose", "BASH_COMMAND"];

/// What the key of a step has of its text.
pub(crate) struct Read {
    /// The form; `None` when it is the text itself, or when the text is one that its shell, or somebody's shell, may read in another way.
    pub(crate) form: Option<Vec<ShellPart>>,
    /// The programs that it runs, as far as they are written out.
    pub(crate) programs: BTreeSet<Name>,
}

/// Reads a text that checks.
pub(crate) fn read(shell: &str, parts: &[ShellPart]) -> Read {
    let mut found = Read { form: None, programs: BTreeSet::from([Name::from(shell)]) };
    let (mut text, mut holes) = (String::new(), Vec::new());
    for part in parts {
        match part {
            ShellPart::Text(part) => text.push_str(part),
            ShellPart::Splice(..) => {
                holes.push(text.len());
                text.push_str(STAND_IN);
            }
        }
    }
    if !is_known(shell) {
        return found;
    }
    let mut scan = scan::scan(shell, &text, &holes);
    for word in programs::looked_for(&text, std::mem::take(&mut scan.programs)) {
        found.programs.insert(Name::from(&text[word]));
    }
    // What is spliced in as it is may hold anything, a quote too.
    let raw = parts.iter().any(|part| matches!(part, ShellPart::Splice(_, Quoting::Raw)));
    if !raw && scan.findings.is_empty() && scan.certain && !shell.ends_with("zsh") && !tells(&text) {
        found.form = form(parts, &text, &holes, &scan);
    }
    found
}

fn form(parts: &[ShellPart], text: &str, holes: &[usize], scan: &scan::Scan) -> Option<Vec<ShellPart>> {
    let (kept, changed) = kept(text, &scan.gaps, &scan.line_ends);
    if !changed {
        return None;
    }
    // The stand-ins are words, so each is kept whole.
    let mut form = Vec::with_capacity(parts.len());
    let mut splices = parts.iter().filter(|part| matches!(part, ShellPart::Splice(..)));
    let mut from = 0;
    for (at, origin) in kept.origins.iter().enumerate() {
        if origin.is_some_and(|origin| holes.binary_search(&origin).is_ok()) {
            push_text(&mut form, &kept.text[from..at]);
            form.extend(splices.next().cloned());
            from = at + STAND_IN.len();
        }
    }
    push_text(&mut form, &kept.text[from..]);
    Some(form)
}

fn push_text(form: &mut Vec<ShellPart>, bytes: &[u8]) {
    if !bytes.is_empty() {
        form.push(ShellPart::Text((&*String::from_utf8_lossy(bytes)).into()));
    }
}

fn tells(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let shows = |pair: &[&str]| pair[0] == "set" && pair[1].starts_with('-') && pair[1].contains('v');
    TELLTALES.iter().any(|word| text.contains(word)) || words.windows(2).any(shows)
}

/// What is left of a text, and where each byte of it stood; nowhere, when it is a blank for several.
#[derive(Default)]
struct Kept {
    text: Vec<u8>,
    origins: Vec<Option<usize>>,
}

fn kept(text: &str, gaps: &[Range<usize>], line_ends: &[usize]) -> (Kept, bool) {
    let mut kept = Kept::default();
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
            kept.origins.push(None);
        }
        blank = false;
        kept.text.push(byte);
        kept.origins.push(Some(at));
        line_start = ends_line;
        at += 1;
    }
    if line_start && !here_documents && kept.text.last() == Some(&b'\n') {
        kept.text.pop();
        kept.origins.pop();
    }
    let changed = kept.text != text.as_bytes();
    (kept, changed)
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use flowc_plan::Expr;

    use super::*;

    /// `{}` is a splice.
    fn form(text: &str) -> String {
        let mut parts = Vec::new();
        for (at, part) in text.split("{}").enumerate() {
            if at > 0 {
                parts.push(ShellPart::Splice(Expr::Arg(u32::try_from(at).unwrap()), Quoting::Bare));
            }
            parts.push(ShellPart::Text(part.into()));
        }
        let form = read("sh", &parts).form.unwrap_or(parts);
        let shown = form.iter().map(|part| match part {
            ShellPart::Text(text) => text.as_str(),
            ShellPart::Splice(..) => "{}",
        });
        shown.collect()
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
            "echo 'never  closed",
            "echo $((1  +  2)) `ls   # x`",
        ] {
            assert_eq!(form(text), text);
        }
        let raw = [ShellPart::Text("a  ".into()), ShellPart::Splice(Expr::Arg(0), Quoting::Raw)];
        assert_eq!(read("sh", &raw).form, None);
        assert_eq!(read("fish", &[ShellPart::Text("a  b".into())]).form, None);
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
        let mut random = crate::shell::tests::Seeded(7);
        let (mut tried, mut changed) = (0, 0);
        while tried < 400 {
            let text: String = (0..=random.below(12)).map(|_| BITS[random.below(BITS.len())]).collect();
            let text = format!("echo {text}");
            for shell in ["sh", "bash"] {
                let Some(form) = read(shell, &[ShellPart::Text(text.as_str().into())]).form else { continue };
                let [ShellPart::Text(form)] = form.as_slice() else { continue };
                assert_eq!(run(shell, &text), run(shell, form), "{text:?} and {form:?}");
                changed += 1;
            }
            tried += 1;
        }
        assert!(changed > 50, "{changed} of {tried} had another form");
    }
}
