//! Shell texts that are wrong, written otherwise. Each change is read as the whole text was, and offered only where that finds it sound: what is
//! wrong is decided elsewhere, and so is what is safe.
use std::ops::Range;

use flowc_base::{Applicability, Edit, Span};
use flowc_grammar::ast::{TextLit, TextPart};

use super::cx::Cx;
use crate::db::{Diag, Place as Where};
use crate::hir::{Expr, ExprKind};
use crate::shell::{Analysis, Dash, Piece, Place, Refusal, analyse};
use crate::ty::Ty;

/// Stands for a splice.
const HOLE: char = '\u{1}';

/// Longer texts are not read again.
const LENGTH_MAX: usize = 1 << 16;

/// Programs that take `--` as the end of their options.
const DASHED: [&str; 43] = [
    "base64",
    "basename",
    "cat",
    "chmod",
    "chown",
    "cmp",
    "comm",
    "cp",
    "cut",
    "df",
    "diff",
    "dirname",
    "du",
    "egrep",
    "fgrep",
    "fold",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "install",
    "ln",
    "ls",
    "md5sum",
    "mkdir",
    "mv",
    "nl",
    "paste",
    "readlink",
    "realpath",
    "rm",
    "rmdir",
    "sed",
    "sha256sum",
    "sort",
    "split",
    "stat",
    "tail",
    "tee",
    "touch",
    "uniq",
    "wc",
    "xz",
];

/// What stands before the program of a command.
const BEFORE: [&str; 9] = ["!", "do", "elif", "else", "if", "then", "time", "until", "while"];

/// The text of a literal, with what each splice is replaced by.
pub(super) struct Flat<'t> {
    shell: &'t str,
    lit: &'t TextLit,
    text: String,
    starts: Vec<usize>,
}

/// What to write in place of what, in the flat text.
type Change = (Range<usize>, String);

impl<'t> Flat<'t> {
    pub(super) fn new(shell: &'t str, lit: &'t TextLit) -> Self {
        let (mut text, mut starts) = (String::new(), Vec::with_capacity(lit.parts.len()));
        for part in &lit.parts {
            starts.push(text.len());
            match part {
                TextPart::Fragment(fragment) => text.push_str(&fragment.text),
                TextPart::Splice { .. } => text.push(HOLE),
            }
        }
        Self { shell, lit, text, starts }
    }

    /// The place in the item of a byte.
    fn source(&self, at: usize) -> u32 {
        // Between a text and a splice the end of the text.
        let inside = |part: &usize| self.starts.get(*part).is_some_and(|start| *start < at);
        let part = (0..self.starts.len()).rev().find(inside).unwrap_or(0);
        let start = self.starts.get(part).copied().unwrap_or(0);
        match self.lit.parts.get(part) {
            Some(TextPart::Fragment(fragment)) => {
                fragment.source_offset(u32::try_from(at - start.min(at)).unwrap_or(u32::MAX))
            }
            Some(TextPart::Splice { span, .. }) if at > start => span.end,
            Some(TextPart::Splice { span, .. }) => span.start,
            None => self.lit.span.end,
        }
    }

    /// How the text is read after some changes, given from left to right.
    fn after(&self, changes: &[Change]) -> Option<Analysis> {
        let mut text = self.text.clone();
        for (range, new) in changes.iter().rev() {
            // A text of one line ends at a quote.
            if self.lit.quotes == 1 && new.contains(['"', '\n']) {
                return None;
            }
            text.replace_range(range.clone(), new);
        }
        let mut pieces = Vec::new();
        for (at, part) in text.split(HOLE).enumerate() {
            if at > 0 {
                pieces.push(Piece::Splice);
            }
            pieces.push(Piece::Text(part));
        }
        (text.len() <= LENGTH_MAX).then(|| analyse(self.shell, &pieces))
    }

    /// Which of the splices stands at a byte.
    fn number(&self, at: usize) -> usize {
        self.text.get(..at).unwrap_or("").matches(HOLE).count()
    }

    /// The command that a byte stands in: where it begins and ends. Separators in quotes count too.
    fn command(&self, at: usize) -> Range<usize> {
        let ends = [';', '|', '&', '(', ')', '\n', '`'];
        let start = self.text.get(..at).and_then(|before| before.rfind(ends)).map_or(0, |sign| sign + 1);
        let end =
            self.text.get(at..).and_then(|rest| rest.find(ends)).map_or(self.text.len(), |sign| at + sign);
        start..end
    }

    /// The words of a range, with their places.
    fn words(&self, range: Range<usize>) -> Vec<(usize, &str)> {
        let text = self.text.get(range.clone()).unwrap_or("");
        let words = text.split([' ', '\t', '\n']).filter(|word| !word.is_empty());
        words.map(|word| (range.start + (word.as_ptr() as usize - text.as_ptr() as usize), word)).collect()
    }

    /// The words of the command that a byte stands in, from its program on.
    fn simple_command(&self, at: usize) -> Vec<(usize, &str)> {
        let words = self.words(self.command(at)).into_iter();
        words.skip_while(|(_, word)| BEFORE.contains(word) || is_assignment(word)).collect()
    }
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

impl Cx<'_> {
    fn shell_fix(&self, diag: Diag, flat: &Flat<'_>, title: impl Into<String>, changes: &[Change]) -> Diag {
        let edit = |(range, new): &Change| {
            let span = Span::new(flat.source(range.start), flat.source(range.end));
            Edit { place: self.place(span), text: new.replace(HOLE, "") }
        };
        diag.with_fix(title, Applicability::Maybe, changes.iter().map(edit).collect::<Vec<Edit<Where>>>())
    }

    /// The program whose argument a splice is. `part`: the splice's.
    pub(super) fn program_of<'f>(&self, flat: &'f Flat<'_>, part: usize) -> &'f str {
        let at = flat.starts.get(part).copied().unwrap_or(0);
        flat.simple_command(at).first().map_or("", |(_, word)| *word)
    }

    /// A fix for a text that may be taken for an option.
    pub(super) fn no_option(&self, diag: Diag, flat: &Flat<'_>, part: usize) -> Diag {
        let Some(at) = flat.starts.get(part).copied() else { return diag };
        let words = flat.simple_command(at);
        let Some(own) = words.iter().position(|(start, word)| *start <= at && at < start + word.len()) else {
            return diag;
        };
        let (program, rest) = match words.first() {
            Some((start, program)) if own > 0 => ((*start, *program), &words[1..]),
            _ => return diag,
        };
        let (title, change) = match program.1 {
            "echo" if own == 1 && words.len() == 2 => {
                ("write `printf '%s\\n'`", (program.0..program.0 + 4, "printf '%s\\n'".to_owned()))
            }
            "printf" if own == 1 && words.len() == 2 => {
                ("write `printf '%s'`", (program.0..program.0 + 6, "printf '%s'".to_owned()))
            }
            name if DASHED.contains(&name) => {
                // Before the first that may be an option: what follows an option may be its value.
                let operand = rest.iter().enumerate().find(|(at, (_, word))| {
                    let behind = at.checked_sub(1).and_then(|before| rest.get(before));
                    word.contains(HOLE) && behind.is_none_or(|(_, before)| !before.starts_with('-'))
                });
                let Some((first, (start, _))) = operand.filter(|(first, _)| *first < own) else {
                    return diag;
                };
                if rest[first..].iter().any(|(_, word)| word.starts_with('-')) {
                    return diag;
                }
                ("write `--` before it", (*start..*start, "-- ".to_owned()))
            }
            _ => return diag,
        };
        let changes = [change];
        let sound = flat.after(&changes).is_some_and(|after| {
            let place = after.splices.get(flat.number(at));
            after.errors.is_empty()
                && matches!(place, Some(Place::Quoted { dash, .. }) if *dash != Dash::Option)
        });
        if sound { self.shell_fix(diag, flat, title, &changes) } else { diag }
    }

    /// A fix for a splice where no quoting is safe.
    pub(super) fn safe_splice(
        &self,
        diag: Diag,
        flat: &Flat<'_>,
        (part, value): (usize, &Expr),
        why: Refusal,
    ) -> Diag {
        let Some(at) = flat.starts.get(part).copied() else { return diag };
        let Some(TextPart::Splice { span, .. }) = flat.lit.parts.get(part) else { return diag };
        let (before, hole) = (flat.text.get(..at).unwrap_or(""), at..at + HOLE.len_utf8());
        let written = self.written(value.span);
        let is_int = matches!(value.ty, Ty::Int(_));
        let (title, changes) = match why {
            Refusal::AfterDollar => ("remove the `$`".to_owned(), vec![(at - 1..at, String::new())]),
            Refusal::AfterBackslash => ("remove the backslash".to_owned(), vec![(at - 1..at, String::new())]),
            Refusal::Comment if !written.contains(['\n', '{', '}']) => {
                (format!("write `{written}`"), vec![(hole, written.to_owned())])
            }
            Refusal::AfterVariable => {
                let name = before.len()
                    - before.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
                let name = at - name..at;
                let braced = format!("{{{}}}", flat.text.get(name.clone()).unwrap_or(""));
                (format!("write `${braced}`"), vec![(name, braced)])
            }
            Refusal::Arithmetic | Refusal::Subscript if is_int => {
                let name = variable(value, written);
                self.assigned(flat, at, name, name)
            }
            // Behind a quoted tag nothing is expanded.
            Refusal::HereDocument if has_quoted_tag(before) => return diag,
            Refusal::Expansion | Refusal::HereDocument => {
                let name = variable(value, written);
                let is_nested = why == Refusal::Expansion && before.ends_with("${");
                let text = if is_nested { name.to_owned() } else { format!("${{{name}}}") };
                self.assigned(flat, at, name, &text)
            }
            _ => return diag,
        };
        let refused = |analysis: &Analysis| {
            analysis.splices.iter().filter(|place| matches!(place, Place::Refused(_))).count()
        };
        let is_sound = flat
            .after(&[])
            .zip(flat.after(&changes))
            .is_some_and(|(before, after)| after.errors.is_empty() && refused(&after) < refused(&before));
        if !is_sound {
            return diag;
        }
        let mut made = self.shell_fix(diag, flat, title, &changes);
        // What is assigned is the splice as it stands.
        let splice = self.written(*span).to_owned();
        if let Some(first) = made.fix.as_mut().and_then(|fix| fix.edits.first_mut())
            && changes.first().is_some_and(|(_, new)| new.contains(HOLE))
        {
            first.text = first.text.replacen('=', &format!("={splice}"), 1);
        }
        made
    }

    /// Assigns a splice to a variable above the line that it stands in, and names that there.
    fn assigned(&self, flat: &Flat<'_>, at: usize, name: &str, text: &str) -> (String, Vec<Change>) {
        let before = flat.text.get(..at).unwrap_or("");
        // Inside of a here-document there is no line above: it begins where its tag stands.
        let line = match before.rfind("<<") {
            Some(tag) => before.get(..tag).unwrap_or(""),
            None => before,
        };
        let start = line.rfind('\n').map_or(0, |end| end + 1);
        let line = flat.text.get(start..).unwrap_or("");
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        let start = start + blanks;
        let indent = if flat.lit.quotes > 1 {
            let source = self.written(Span::new(0, flat.source(start)));
            source.rsplit('\n').next().unwrap_or("").to_owned()
        } else {
            String::new()
        };
        let end = if flat.lit.quotes > 1 { format!("\n{indent}") } else { "; ".to_owned() };
        let changes =
            vec![(start..start, format!("{name}={HOLE}{end}")), (at..at + HOLE.len_utf8(), text.to_owned())];
        (format!("assign it to `{name}` first"), changes)
    }

    /// A fix for what is open in a shell text: closed at the end of its line, or of the text. `at`: what opens it, in one of the parts.
    pub(super) fn closed_shell(&self, diag: Diag, flat: &Flat<'_>, (part, offset): (usize, u32)) -> Diag {
        let at = flat.starts.get(part).copied().unwrap_or(0) + offset as usize;
        let Some(opened) = flat.text.get(at..) else { return diag };
        let word = opened.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
        let sign = |text: &str| opened.starts_with(text);
        let (closer, own_command) = match word {
            "if" => ("fi", true),
            "for" | "while" | "until" | "do" => ("done", true),
            "case" => ("esac", true),
            _ if sign("$((") => ("))", false),
            _ if sign("$(") || sign("(") => (")", false),
            _ if sign("${") => ("}", false),
            _ if sign("{") => ("}", true),
            _ if sign("[[") => (" ]]", false),
            _ if sign("'") || sign("$'") => ("'", false),
            _ if sign("\"") => ("\"", false),
            _ if sign("`") => ("`", false),
            _ => return diag,
        };
        let text_end = flat.text.trim_end().len();
        let line_end = at + opened.split('\n').next().unwrap_or("").trim_end().len();
        let inside = at + opened.find(|c: char| !"$([{".contains(c)).unwrap_or(0);
        let command_end = flat.text.get(..flat.command(inside).end).map_or(at, |text| text.trim_end().len());
        let ends =
            if own_command { vec![text_end] } else { vec![command_end.max(inside), line_end, text_end] };
        for end in ends {
            let new = match (own_command, flat.lit.quotes > 1) {
                (false, _) => closer.to_owned(),
                (true, false) => format!("; {closer}"),
                (true, true) => {
                    let source = self.written(Span::new(0, flat.source(at)));
                    let line = source.rsplit('\n').next().unwrap_or("");
                    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
                    format!("\n{}{closer}", line.get(..blanks).unwrap_or(""))
                }
            };
            let changes = [(end..end, new)];
            if flat.after(&changes).is_some_and(|after| after.errors.is_empty()) {
                return self.shell_fix(diag, flat, format!("insert `{}`", closer.trim()), &changes);
            }
        }
        diag
    }

    /// A fix for a list inside quotes: without them, or as one text.
    pub(super) fn list_alone(&self, diag: Diag, flat: &Flat<'_>, (part, value): (usize, &Expr)) -> Diag {
        let Some(at) = flat.starts.get(part).copied() else { return diag };
        let end = at + HOLE.len_utf8();
        let (before, after) = (flat.text.get(..at).unwrap_or(""), flat.text.get(end..).unwrap_or(""));
        let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\'') && after.starts_with(*c));
        let is_word =
            before.len() < 2 || before.get(..before.len() - 1).is_none_or(|text| text.ends_with([' ', '\n']));
        if quote.is_some() && is_word {
            let changes = [(at - 1..at, String::new()), (end..end + 1, String::new())];
            let bare = flat.after(&changes).is_some_and(|analysis| {
                analysis.errors.is_empty()
                    && matches!(
                        analysis.splices.get(flat.number(at)),
                        Some(Place::Quoted { several: true, .. })
                    )
            });
            if bare {
                return self.shell_fix(diag, flat, "remove the quotes", &changes);
            }
        }
        match &value.ty {
            Ty::List(item)
                if matches!(**item, Ty::Text | Ty::Choice(_)) && !matches!(value.kind, ExprKind::Error) =>
            {
                self.instead(diag, value.span, "join(…, \" \")", None)
            }
            _ => diag,
        }
    }
}

/// Whether the tag of the last here-document is quoted.
fn has_quoted_tag(before: &str) -> bool {
    let tag = before.rfind("<<").and_then(|at| before.get(at + 2..)).unwrap_or("");
    tag.trim_start_matches(['-', ' ', '\t']).starts_with(['\'', '"', '\\'])
}

/// A name for the variable that a value is assigned to.
fn variable<'w>(value: &Expr, written: &'w str) -> &'w str {
    if matches!(value.kind, ExprKind::Local(_)) { written } else { "value" }
}
