//! From the document to text. It knows elements and columns, and nothing of the language.
use super::doc::{Doc, Elem, Long};
use crate::MAX_ITEM_BYTES;

/// The widest line, in characters, where there is a choice.
pub const WIDTH: usize = 100;

/// Blanks of a level.
const INDENT: usize = 2;

/// What stands between what was written and what comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    Nothing,
    Blanks(&'static str),
    /// A blank between two equals: see [`Elem::Beside`].
    Beside,
    /// A line end, an empty line if `blank`, and so many blanks.
    Line {
        indent: usize,
        blank: bool,
    },
}

/// Writes a document; `None` where that takes more bytes than an item may have.
pub(super) fn print(doc: &Doc<'_>) -> Option<String> {
    let measures = Measures::new(doc);
    let mut broken: Vec<bool> = doc.groups.iter().map(|group| group.broken).collect();
    let mut printer = Printer::default();
    // For each group around: whether it is broken. All around stands the item, whose lines break.
    let mut modes: Vec<bool> = Vec::new();
    // For each indentation around: whether it counts.
    let mut levels: Vec<bool> = Vec::new();
    for (at, elem) in doc.elems.iter().enumerate() {
        // Indentation may be most of what is written.
        if printer.out.len() > MAX_ITEM_BYTES {
            return None;
        }
        let is_broken = modes.last().copied().unwrap_or(true);
        match *elem {
            Elem::Text(text) => printer.text(text),
            Elem::Long(long) => printer.long(long, &doc.splices),
            Elem::Space => printer.blanks(" "),
            Elem::Beside => printer.beside(),
            Elem::Line { blank, .. } if is_broken => printer.line(blank),
            Elem::Line { flat, .. } => printer.blanks(flat),
            Elem::Hard { blank } => printer.line(blank),
            Elem::LastComma if is_broken => printer.text(","),
            Elem::LastComma => {}
            Elem::Indent(by) if by > 0 => {
                for _ in 0..by {
                    levels.push(is_broken);
                    printer.indent += if is_broken { INDENT } else { 0 };
                }
            }
            Elem::Indent(by) => {
                for _ in by..0 {
                    let counted = levels.pop().unwrap_or(false);
                    printer.indent = printer.indent.saturating_sub(if counted { INDENT } else { 0 });
                }
            }
            Elem::Open(group) => {
                let room = WIDTH.saturating_sub(printer.column());
                let info = doc.groups.get(group).copied().unwrap_or_default();
                let must = broken.get(group).copied().unwrap_or(false);
                let flat = !must && measures.flat(at, info.end) + measures.to_line(info.end) <= room;
                let hug = info.hug.filter(|hug| {
                    let target = hug.target.and_then(|target| doc.groups.get(target));
                    let breaks = target.map_or(hug.at, |target| target.start);
                    !flat && measures.flat(at, breaks) + measures.to_line(breaks) <= room
                });
                if let Some(target) = hug.and_then(|hug| hug.target).and_then(|target| broken.get_mut(target))
                {
                    *target = true;
                }
                modes.push(!flat && hug.is_none());
            }
            Elem::Close => {
                modes.pop();
            }
            Elem::Comment { text, trailing } => printer.comment(text, trailing),
        }
    }
    Some(printer.out).filter(|out| out.len() <= MAX_ITEM_BYTES)
}

/// Widths in characters, so that each question is one step.
struct Measures {
    /// Of everything before an element, all on one line.
    before: Vec<usize>,
    /// From an element to where the next line may end.
    to_line: Vec<usize>,
}

impl Measures {
    fn new(doc: &Doc<'_>) -> Self {
        let mut before = Vec::with_capacity(doc.elems.len() + 1);
        let mut sum = 0usize;
        for elem in &doc.elems {
            before.push(sum);
            sum += match elem {
                Elem::Text(text) => width(text),
                Elem::Long(long) => first_line(long),
                Elem::Space | Elem::Beside => 1,
                Elem::Line { flat, .. } => flat.len(),
                Elem::Hard { .. }
                | Elem::LastComma
                | Elem::Indent(_)
                | Elem::Open(_)
                | Elem::Close
                | Elem::Comment { .. } => 0,
            };
        }
        before.push(sum);
        let mut to_line = vec![0; doc.elems.len() + 1];
        let mut distance = 0usize;
        for at in (0..doc.elems.len()).rev() {
            distance = match doc.elems.get(at) {
                Some(Elem::Text(text)) => distance + width(text),
                Some(Elem::Long(long)) => first_line(long),
                Some(Elem::Space | Elem::Beside | Elem::LastComma) => distance + 1,
                Some(Elem::Line { .. } | Elem::Hard { .. } | Elem::Comment { .. }) => 0,
                Some(Elem::Indent(_) | Elem::Open(_) | Elem::Close) | None => distance,
            };
            if let Some(slot) = to_line.get_mut(at) {
                *slot = distance;
            }
        }
        Self { before, to_line }
    }

    /// The width of a part of the row on one line.
    fn flat(&self, from: usize, to: usize) -> usize {
        let at = |index: usize| self.before.get(index).copied().unwrap_or(0);
        at(to).saturating_sub(at(from))
    }

    fn to_line(&self, from: usize) -> usize {
        self.to_line.get(from).copied().unwrap_or(0)
    }
}

fn first_line(long: &Long<'_>) -> usize {
    width(long.source.split('\n').next().unwrap_or("").trim_end())
}

fn width(text: &str) -> usize {
    text.chars().count()
}

struct Printer {
    out: String,
    gap: Gap,
    /// How far the next line is indented.
    indent: usize,
    /// How far this line is.
    line_indent: usize,
    /// Where the line begins in `out`.
    line_start: usize,
    /// The width of the line before `line_start + measured` bytes.
    measured: (usize, usize),
    /// A comment was written: the line ends before anything else, which goes on with this indentation.
    ended: Option<usize>,
}

impl Default for Printer {
    fn default() -> Self {
        Self {
            out: String::new(),
            gap: Gap::Line { indent: 0, blank: false },
            indent: 0,
            line_indent: 0,
            line_start: 0,
            measured: (0, 0),
            ended: None,
        }
    }
}

impl Printer {
    /// Where the next text would begin.
    fn column(&mut self) -> usize {
        match (self.gap, self.ended) {
            (Gap::Line { indent, .. }, _) | (_, Some(indent)) => indent,
            (Gap::Nothing, None) => self.written(),
            (Gap::Beside, None) => self.written() + 1,
            (Gap::Blanks(blanks), None) => self.written() + blanks.len(),
        }
    }

    /// The width of this line as far as it is written; each character is counted once.
    fn written(&mut self) -> usize {
        let (bytes, chars) = self.measured;
        let new = self.out.get(self.line_start + bytes..).unwrap_or("");
        self.measured = (bytes + new.len(), chars + width(new));
        self.measured.1
    }

    /// The indentation of what goes on after a line end that only a comment asked for.
    fn hanging(&self) -> usize {
        if self.line_indent > self.indent { self.line_indent } else { self.indent + INDENT }
    }

    fn blanks(&mut self, blanks: &'static str) {
        if self.gap == Gap::Nothing && !blanks.is_empty() {
            self.gap = Gap::Blanks(blanks);
        }
    }

    fn beside(&mut self) {
        if self.ended.is_some() {
            self.line(false);
        } else if self.gap == Gap::Nothing {
            self.gap = Gap::Beside;
        }
    }

    fn line(&mut self, blank: bool) {
        let blank = blank || matches!(self.gap, Gap::Line { blank: true, .. });
        self.gap = Gap::Line { indent: self.indent, blank };
    }

    /// Writes what stands before something that comes.
    fn flush(&mut self) {
        if let (Some(indent), Gap::Nothing | Gap::Blanks(_) | Gap::Beside) = (self.ended.take(), self.gap) {
            self.gap = Gap::Line { indent, blank: false };
        }
        match std::mem::replace(&mut self.gap, Gap::Nothing) {
            Gap::Nothing => {}
            Gap::Blanks(blanks) => self.out.push_str(blanks),
            Gap::Beside => self.out.push(' '),
            Gap::Line { indent, blank } => {
                if !self.out.is_empty() {
                    self.out.push_str(if blank { "\n\n" } else { "\n" });
                }
                self.start_line(indent);
            }
        }
    }

    fn start_line(&mut self, indent: usize) {
        self.line_start = self.out.len();
        self.measured = (0, 0);
        self.line_indent = indent;
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn text(&mut self, text: &str) {
        self.flush();
        self.out.push_str(text);
    }

    fn comment(&mut self, text: &str, trailing: bool) {
        if trailing && self.ended.is_none() {
            self.gap = Gap::Blanks(" ");
        } else if self.gap_is_open() && self.ended.is_none() {
            let indent = if self.gap == Gap::Beside { self.indent } else { self.hanging() };
            self.gap = Gap::Line { indent, blank: false };
        }
        self.flush();
        self.out.push_str(text);
        // What goes on after a line of its own stands under it.
        self.ended = Some(if trailing { self.hanging() } else { self.line_indent });
    }

    /// True when what comes would stand on the line that is being written.
    fn gap_is_open(&self) -> bool {
        !matches!(self.gap, Gap::Line { .. })
    }

    fn long(&mut self, long: Long<'_>, splices: &[(usize, usize)]) {
        let first = !self.gap_is_open() || self.ended.is_some();
        self.flush();
        let indent = self.line_indent + if first { 0 } else { INDENT };
        let Some(taken) = long.indent else {
            self.out.push_str(long.source);
            let line = long.source.rfind('\n').map_or(0, |at| long.source.len() - at - 1);
            self.line_start = self.out.len() - line;
            self.measured = (0, 0);
            return;
        };
        let mut splices = splices.get(long.splices.0..long.splices.1).unwrap_or(&[]).iter().peekable();
        let mut start = 0;
        for line in long.source.split('\n') {
            while splices.next_if(|(_, end)| *end <= start).is_some() {}
            let in_splice = splices.peek().is_some_and(|(from, _)| *from < start);
            if start == 0 {
                let quotes = line.trim_end_matches([' ', '\t', '\r']);
                let bare = quotes.trim_start_matches('r').bytes().all(|b| b == b'"');
                self.out.push_str(if bare { quotes } else { line });
            } else {
                self.out.push('\n');
                self.long_line(line, taken, in_splice, indent);
            }
            start += line.len() + 1;
        }
    }

    /// A line of a text literal, moved with all of it.
    fn long_line(&mut self, line: &str, taken: &str, in_splice: bool, indent: usize) {
        let blank = line.bytes().all(|b| b == b' ' || b == b'\t');
        match line.strip_prefix(taken) {
            _ if in_splice => {
                self.start_line(0);
                self.out.push_str(line);
            }
            Some("") => self.start_line(0),
            Some(rest) => {
                self.start_line(indent);
                self.out.push_str(rest);
            }
            None if blank => self.start_line(0),
            None => self.out.push_str(line),
        }
    }
}
