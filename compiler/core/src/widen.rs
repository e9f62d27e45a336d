//! An item that a fix removes takes its line along. Where lines are is known only where places become absolute; no query reads this.
use flowc_base::Span;

/// An item with its line, where nothing else stands on it, and the empty line below where one stands above as well.
pub(crate) fn with_line(text: &str, span: Span) -> Span {
    let (before, after) = (
        text.get(..span.start as usize).unwrap_or_default(),
        text.get(span.end as usize..).unwrap_or_default(),
    );
    let blank = |text: &str| text.trim_matches([' ', '\t', '\r', '\u{FEFF}']).is_empty();
    let (line, below) = after.split_once('\n').unwrap_or((after, ""));
    let head = before.rsplit('\n').next().unwrap_or_default();
    if !blank(line) || !blank(head) {
        return span;
    }
    let start = span.start - offset(head.trim_start_matches('\u{FEFF}').len());
    let mut end = span.end + offset(after.len() - below.len());
    let mut above = before.lines().rev();
    let empty_above =
        before.trim_matches('\u{FEFF}').is_empty() || head.is_empty() && above.next().is_some_and(blank);
    if let (true, Some((first, rest))) = (empty_above, below.split_once('\n'))
        && blank(first)
    {
        end += offset(below.len() - rest.len());
    }
    Span::new(start, end)
}

fn offset(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
