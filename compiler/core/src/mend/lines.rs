//! What is removed takes along what it would leave behind: its line, or a blank. Where lines are is known only where places become
//! absolute; no query reads this.
use flowc_base::Span;

use super::offset;

/// What to remove so that nothing is left of what stands at `span`: with its line, where nothing else stands on it, and then the empty line
/// below where one stands above as well; else with one of the blanks around it.
pub(super) fn tidied(text: &str, span: Span) -> Span {
    if span.slice(text).ends_with('\n') {
        return span;
    }
    let (before, after) = (
        text.get(..span.start as usize).unwrap_or_default(),
        text.get(span.end as usize..).unwrap_or_default(),
    );
    let is_blank = |text: &str| text.trim_matches([' ', '\t', '\r', '\u{FEFF}']).is_empty();
    let (line, below) = after.split_once('\n').unwrap_or((after, ""));
    let (above, head) = before.rsplit_once('\n').map_or(("", before), |(above, head)| (above, head));
    if !is_blank(line) || !is_blank(head) {
        return within_line(before, line, span);
    }
    let (open, close) = (above.trim_end(), below.trim_start());
    if open.ends_with('{') && close.starts_with('}') {
        return Span::new(offset(open.len()), offset(text.len() - close.len()));
    }
    let start = span.start - offset(head.trim_start_matches('\u{FEFF}').len());
    let mut end = span.end + offset(after.len() - below.len());
    let first_line = before.len() == head.len();
    let empty_above = first_line || above.rsplit('\n').next().is_some_and(is_blank);
    if let (true, Some((first, rest))) = (empty_above, below.split_once('\n'))
        && is_blank(first)
    {
        end += offset(below.len() - rest.len());
    }
    Span::new(start, end)
}

/// Of blanks on both sides those of one go along; all of them at the end of a line.
fn within_line(before: &str, line: &str, span: Span) -> Span {
    let is_blank = [' ', '\t'];
    let (head, rest) = (before.trim_end_matches(is_blank), line.trim_start_matches(is_blank));
    let (left, right) = (before.len() - head.len(), line.len() - rest.len());
    let opens = head.is_empty() || left > 0 || head.ends_with(['\n', '(', '[']);
    if head.ends_with('{') && rest.starts_with('}') {
        return Span::new(span.start - offset(left), span.end + offset(right));
    }
    if rest.trim_end().is_empty() || rest.starts_with([')', ']', ',']) || rest.starts_with('}') && right > 0 {
        Span::new(span.start - offset(left), span.end)
    } else if opens {
        Span::new(span.start, span.end + offset(right))
    } else {
        span
    }
}
