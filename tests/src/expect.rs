//! What a program says of itself: `// error: [code] "text"` on the line it is about. It must not know who finds the errors.
//!
//! A note at the end of a line is about that line; alone on a line it is about the nearest line above that is no such note;
//! `// error(-3): …` is about the line three above (inside a text of several lines no comment can stand).
//! The text is optional: a part of the message.
use crate::case::Finding;

/// One note in a program.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Note {
    /// `error` or `warning`.
    severity: String,
    code: String,
    /// A part of the message.
    text: String,
    /// The line that it is about, from 1.
    line: usize,
    /// The line that it stands on, from 1.
    stands: usize,
}

/// The lines that differ between what a program notes and what was found in it; empty when all is as noted.
pub(crate) fn differences(program: &str, found: &[Finding]) -> Vec<String> {
    let mut notes = notes(program);
    let mut different = Vec::new();
    for finding in found {
        match notes.iter().position(|note| fits(note, finding)) {
            Some(at) => drop(notes.remove(at)),
            None => different.push(format!("line {}: not noted: {finding}", finding.line)),
        }
    }
    for note in notes {
        let text = if note.text.is_empty() { String::new() } else { format!(" {:?}", note.text) };
        different
            .push(format!("line {}: noted, not found: {}: [{}]{text}", note.line, note.severity, note.code));
    }
    different
}

/// The program with notes for exactly what was found; notes that fit stay as they are.
pub(crate) fn rewrite(program: &str, found: &[Finding]) -> String {
    let mut missing: Vec<&Finding> = found.iter().collect();
    let mut wrong = Vec::new();
    for note in notes(program) {
        match missing.iter().position(|finding| fits(&note, finding)) {
            Some(at) => drop(missing.remove(at)),
            None => wrong.push(note.stands),
        }
    }
    let mut text = String::new();
    for (number, line) in program.lines().enumerate() {
        let mut kept = line;
        if wrong.contains(&(number + 1)) {
            kept = line
                .split_once("// error")
                .or_else(|| line.split_once("// warning"))
                .map_or(line, |(code, _)| code);
            if kept.trim().is_empty() {
                continue;
            }
            kept = kept.trim_end();
        }
        text.push_str(kept);
        let mut first = true;
        for finding in missing.iter().filter(|finding| finding.line == number + 1) {
            text.push_str(if first { " " } else { "\n" });
            text.push_str(&format!("// {finding}"));
            first = false;
        }
        text.push('\n');
    }
    text
}

fn fits(note: &Note, finding: &Finding) -> bool {
    note.line == finding.line
        && note.severity == finding.severity
        && note.code == finding.code
        && finding.message.contains(&note.text)
}

fn notes(program: &str) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut last_code_line = 0;
    for (at, line) in program.lines().enumerate() {
        let number = at + 1;
        let note = ["error", "warning"].iter().find_map(|severity| {
            let (before, rest) = line.split_once(&format!("// {severity}"))?;
            let (offset, rest) = match rest.strip_prefix('(') {
                Some(rest) => {
                    rest.split_once(')').and_then(|(n, rest)| Some((n.parse::<isize>().ok()?, rest)))?
                }
                None => (0, rest),
            };
            let (code, text) = rest.strip_prefix(": [")?.split_once(']')?;
            let text = text.trim().strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or("");
            let line = match (offset, before.trim().is_empty()) {
                (0, true) => last_code_line,
                (0, false) => number,
                (offset, _) => number.saturating_add_signed(offset),
            };
            let note = Note {
                severity: (*severity).to_owned(),
                code: code.to_owned(),
                text: text.to_owned(),
                line,
                stands: number,
            };
            Some((note, before.trim().is_empty()))
        });
        match note {
            Some((note, alone)) => {
                if !alone {
                    last_code_line = number;
                }
                notes.push(note);
            }
            None => last_code_line = number,
        }
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: usize, code: &str, message: &str) -> Finding {
        Finding {
            file: "main.flow".to_owned(),
            line,
            severity: "error".to_owned(),
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    #[test]
    fn notes_are_matched_by_line_code_and_text() {
        let program = "a\nb // error: [x] \"is wrong\"\n// error: [y]\nc\n// error(-4): [z]\n";
        let found = [finding(2, "x", "`b` is wrong"), finding(2, "y", "why"), finding(1, "z", "zz")];
        assert_eq!(differences(program, &found), Vec::<String>::new());
        assert_eq!(differences(program, &found[1..]), ["line 2: noted, not found: error: [x] \"is wrong\""]);
        assert_eq!(differences("a\n", &found[2..]), ["line 1: not noted: error: [z] \"zz\""]);
        let elsewhere = [finding(1, "x", "`b` is wrong")];
        assert_eq!(differences("a\nb // error: [x]\n", &elsewhere).len(), 2);
    }

    #[test]
    fn rewriting_makes_notes_fit() {
        let program = "a\nb // error: [old]\nc // error: [x]\n// error: [old]\n";
        let found = [finding(1, "new", "m"), finding(3, "x", "y"), finding(1, "more", "n")];
        let text = rewrite(program, &found);
        assert_eq!(text, "a // error: [new] \"m\"\n// error: [more] \"n\"\nb\nc // error: [x]\n");
        assert_eq!(
            rewrite(&text, &[finding(1, "new", "m"), finding(1, "more", "n"), finding(4, "x", "y")]),
            text
        );
    }
}
