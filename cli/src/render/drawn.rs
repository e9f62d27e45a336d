//! A diagnostic drawn into the lines it is about. The only place that knows `miette`.
use std::fmt;
use std::path::Path;

use flowc_base::{Diagnostic, FileId, Fix, Label, LineIndex, Location, Severity, Span};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteSpanContents, SourceCode, SourceSpan,
    SpanContents,
};

use super::{Sources, place, severity_word, shown};

/// A line longer than this, in bytes, is not drawn: nobody could see what is meant.
const LINE_BYTES_MAX: usize = 500;

/// Draws a diagnostic, with a line end but none after it.
pub(crate) fn drawn(diagnostic: &Diagnostic, sources: &dyn Sources, colour: bool, width: usize) -> String {
    let head = format!("{}[{}]:", severity_word(diagnostic.severity), diagnostic.code.0);
    let help = help(diagnostic);
    let here = diagnostic.primary.place.file;
    let labels = std::iter::once(&diagnostic.primary)
        .chain(diagnostic.secondary.iter().filter(|label| label.place.file == here));
    let mut text = Drawing {
        message: &diagnostic.message,
        severity: diagnostic.severity,
        help: help.as_deref(),
        source: source(here, sources, labels.clone()),
        labels: labels.collect(),
    }
    .draw(&head, sources, colour, width);
    for label in diagnostic.secondary.iter().filter(|label| label.place.file != here) {
        text.push_str(
            &Drawing {
                message: if label.text.is_empty() { "see also" } else { &label.text },
                severity: Severity::Note,
                help: None,
                source: source(label.place.file, sources, std::iter::once(label)),
                labels: vec![&Label { place: label.place, text: String::new() }],
            }
            .draw("note:", sources, colour, width),
        );
    }
    text
}

/// The hints, and what a fix would do unless a hint says so already.
fn help(diagnostic: &Diagnostic) -> Option<String> {
    let mut lines = diagnostic.hints.clone();
    if let Some(fix) = &diagnostic.fix
        && !lines.iter().any(|line| says(line, fix))
    {
        lines.push(fix.title.clone());
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Whether a hint names what the fix would write: "did you mean `count`?".
fn says(hint: &str, fix: &Fix<Location>) -> bool {
    hint.contains(&fix.title)
        || matches!(&fix.edits[..], [edit] if hint.contains(&format!("`{}`", edit.text)))
}

fn source<'a>(
    file: FileId,
    sources: &'a dyn Sources,
    mut labels: impl Iterator<Item = &'a Label<Location>>,
) -> Option<Named<'a>> {
    let (path, text, lines) = sources.source(file)?;
    let drawable = labels.all(|label| {
        let (start, end) = inside(label.place.span, text);
        let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
        text[from..to].lines().all(|line| line.len() <= LINE_BYTES_MAX)
    });
    drawable.then(|| Named { name: name(path), text, lines })
}

fn name(path: &Path) -> String {
    shown(path).display().to_string()
}

/// A span as offsets that are within the text and between its characters, whatever it says.
fn inside(span: Span, text: &str) -> (usize, usize) {
    let boundary = |offset: u32| {
        let offset = (offset as usize).min(text.len());
        (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
    };
    let start = boundary(span.start);
    let end = boundary(span.end).max(start);
    (start, end)
}

/// One message with one piece of source.
struct Drawing<'a> {
    message: &'a str,
    severity: Severity,
    help: Option<&'a str>,
    source: Option<Named<'a>>,
    labels: Vec<&'a Label<Location>>,
}

impl Drawing<'_> {
    fn draw(&self, head: &str, sources: &dyn Sources, colour: bool, width: usize) -> String {
        let mut theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        // miette's sign before the message is where the severity and the code stand.
        head.clone_into(&mut theme.characters.error);
        head.clone_into(&mut theme.characters.warning);
        head.clone_into(&mut theme.characters.advice);
        theme.styles.error = theme.styles.error.bold();
        theme.styles.warning = theme.styles.warning.bold();
        if !colour {
            theme.styles = miette::ThemeStyles::none();
        }
        let mut text = String::new();
        let drawn = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_width(width)
            .with_context_lines(1)
            .tab_width(4)
            .render_report(&mut text, self);
        if drawn.is_err() {
            text = format!("  {head} {}\n", self.message);
        }
        if self.source.is_none()
            && let Some(label) = self.labels.first()
        {
            let (path, at) = place(label.place, sources);
            let line_end = text.find('\n').map_or(text.len(), |at| at + 1);
            text.insert_str(line_end, &format!("   ╰─ {path}:{}:{}\n", at.line, at.col));
        }
        // Its indentation of the first line is not wanted.
        text.strip_prefix("  ").map(str::to_owned).unwrap_or(text)
    }
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl fmt::Debug for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl std::error::Error for Drawing<'_> {}

impl miette::Diagnostic for Drawing<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let text = self.source.as_ref()?.text;
        Some(Box::new(self.labels.iter().enumerate().map(move |(at, label)| {
            let (start, end) = inside(label.place.span, text);
            let words = (!label.text.is_empty()).then(|| label.text.clone());
            let span = SourceSpan::from(start..end);
            if at == 0 {
                LabeledSpan::new_primary_with_span(words, span)
            } else {
                LabeledSpan::new_with_span(words, span)
            }
        })))
    }
}

/// A text with the name it is shown under, borrowed: a report may hold a thousand diagnostics of one file.
struct Named<'a> {
    name: String,
    text: &'a str,
    lines: &'a LineIndex,
}

impl SourceCode for Named<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, miette::MietteError> {
        let text = self.text;
        let (start, end) = (span.offset(), span.offset().saturating_add(span.len()));
        let (Some(before), Some(after)) = (text.get(..start), text.get(end..)) else {
            return Err(miette::MietteError::OutOfBounds);
        };
        // Searched from the span outwards: miette's own way through the whole text takes longer than to compile it.
        // As miette has it: without context the span itself is wanted, and its column, which people count in characters.
        let line_start = |lines: usize| before.rmatch_indices('\n').nth(lines).map_or(0, |(at, _)| at + 1);
        let (from, column) = match context_lines_before {
            0 => (start, text[line_start(0)..start].chars().count()),
            lines => (line_start(lines), 0),
        };
        let to =
            after.match_indices('\n').nth(context_lines_after).map_or(text.len(), |(at, _)| end + at + 1);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            &text.as_bytes()[from..to],
            SourceSpan::from(from..to),
            self.lines.before(from),
            column,
            self.lines.before(to) - self.lines.before(from),
        )))
    }
}
