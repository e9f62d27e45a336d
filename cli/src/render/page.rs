//! A page of the book on a terminal: the Markdown that its pages are written in (headings, paragraphs, lists, tables, code), wrapped and
//! coloured. It knows nothing of what a page says.
use crate::screen::Style;

/// Wider lines are not read but searched.
const WIDTH_MAX: usize = 100;

/// Paints a text in a style.
pub(crate) type Paint<'a> = &'a dyn Fn(Style, &str) -> String;

/// Draws a page.
pub(crate) fn page(markdown: &str, width: usize, paint: Paint<'_>) -> String {
    let width = width.clamp(20, WIDTH_MAX);
    let mut text = String::new();
    // A paragraph on its way: the indentation of its lines after the first, its words.
    let mut open: Option<(usize, String)> = None;
    let mut fence: Option<usize> = None;
    let mut table: Vec<&str> = Vec::new();
    for line in markdown.lines().chain([""]) {
        let ticks = line.bytes().take_while(|b| *b == b'`').count();
        let row = fence.is_none() && line.starts_with('|');
        if !row && !table.is_empty() {
            draw_table(&mut text, &std::mem::take(&mut table), paint);
        }
        if let Some(opened) = fence {
            if ticks >= opened {
                fence = None;
            } else {
                text.push_str(&code_line(line, paint));
            }
            continue;
        }
        let item = line.strip_prefix("- ");
        if ticks >= 3 || row || item.is_some() || line.is_empty() || line.starts_with('#') {
            paragraph(&mut text, open.take(), width, paint);
        }
        if ticks >= 3 {
            fence = Some(ticks);
        } else if row {
            table.push(line);
        } else if line.starts_with('#') {
            let title = line.trim_start_matches('#').trim().replace('`', "");
            text.push_str(&paint(Style::Strong, &title));
            text.push('\n');
        } else if let Some(item) = item {
            open = Some((2, format!("- {item}")));
        } else if line.is_empty() {
            text.push('\n');
        } else {
            match &mut open {
                Some((_, words)) => {
                    words.push(' ');
                    words.push_str(line.trim());
                }
                None => open = Some((0, line.trim().to_owned())),
            }
        }
    }
    format!("{}\n", text.trim_end())
}

/// A line of a program: indented, its comment dimmed.
fn code_line(line: &str, paint: Paint<'_>) -> String {
    let comment = ["// error: [", "// warning: ["].iter().find_map(|note| line.find(note));
    let (code, note) = line.split_at(comment.unwrap_or(line.len()));
    let note = if note.is_empty() { String::new() } else { paint(Style::Dim, note) };
    format!("{}\n", format!("    {code}{note}").trim_end())
}

/// Words wrapped at `width` columns; nothing inside of backticks is broken.
fn paragraph(text: &mut String, open: Option<(usize, String)>, width: usize, paint: Paint<'_>) {
    let Some((indent, words)) = open else { return };
    let mut column = 0;
    for (shown, columns) in pieces(&words, paint) {
        if column > 0 && column + 1 + columns > width {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(&shown);
        column += columns;
    }
    text.push('\n');
}

/// The words of a paragraph as they are drawn, with their columns; code is coloured, of links only the words stay.
fn pieces(words: &str, paint: Paint<'_>) -> Vec<(String, usize)> {
    let mut pieces = vec![(String::new(), 0)];
    let mut rest = words;
    while let Some(c) = rest.chars().next() {
        let code = if c == '`' { rest[1..].split_once('`') } else { None };
        let link = if c == '[' { linked(rest) } else { None };
        let Some(last) = pieces.last_mut() else { break };
        if let Some((inside, after)) = code {
            last.0.push_str(&paint(Style::Hint, inside));
            last.1 += inside.chars().count();
            rest = after;
        } else if let Some((inside, after)) = link {
            let mut inner = pieces_of_link(inside, paint).into_iter();
            if let Some((shown, columns)) = inner.next() {
                last.0.push_str(&shown);
                last.1 += columns;
            }
            pieces.extend(inner);
            rest = after;
        } else {
            if c == ' ' {
                pieces.push((String::new(), 0));
            } else if c != '*' {
                last.0.push(c);
                last.1 += 1;
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    pieces.retain(|(shown, _)| !shown.is_empty());
    pieces
}

fn pieces_of_link(inside: &str, paint: Paint<'_>) -> Vec<(String, usize)> {
    // Links do not nest.
    pieces(&inside.replace('[', ""), paint)
}

/// `[words](target)`: the words, and what follows.
fn linked(text: &str) -> Option<(&str, &str)> {
    let (inside, after) = text[1..].split_once("](")?;
    let (target, after) = after.split_once(')')?;
    (!inside.contains(']') && !target.contains(' ')).then_some((inside, after))
}

/// Columns one below the other; the row of dashes is a line.
fn draw_table(text: &mut String, rows: &[&str], paint: Paint<'_>) {
    let cells = |row: &str| -> Vec<(String, usize)> {
        let row = row.trim().trim_start_matches('|').trim_end_matches('|');
        row.split('|')
            .map(|cell| {
                let words = pieces(cell.trim(), paint);
                let columns = words.iter().map(|(_, n)| n + 1).sum::<usize>().saturating_sub(1);
                (words.into_iter().map(|(shown, _)| shown).collect::<Vec<_>>().join(" "), columns)
            })
            .collect()
    };
    let is_line = |row: &&str| row.chars().all(|c| matches!(c, '|' | '-' | ':' | ' '));
    let rows: Vec<Vec<(String, usize)>> =
        rows.iter().filter(|row| !is_line(row)).map(|row| cells(row)).collect();
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.1).max().unwrap_or(0))
        .collect();
    for row in rows {
        let mut line = String::new();
        for ((shown, columns), width) in row.iter().zip(&widths) {
            line.push_str("  ");
            line.push_str(shown);
            line.push_str(&" ".repeat(width - columns));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn marked(style: Style, text: &str) -> String {
        match style {
            Style::Strong => format!("<b>{text}</b>"),
            Style::Hint => format!("<c>{text}</c>"),
            _ => format!("<d>{text}</d>"),
        }
    }

    #[test]
    fn a_page_is_drawn() {
        let markdown = "# `a-code`\n\nA long paragraph with `code that stays together` and a [link to `x`](../x.md)\nthat goes on.\n\n\
            - one item of a list that is long enough to be wrapped\n- another\n\n| a | b |\n|---|---|\n| `x` | y |\n| longer | z |\n\n\
            ```flow\nflow main() -> Int { 1 } // error: [a-code]\n\n  // kept\n```\n\nMended:\n";
        expect![[r#"
            <b>a-code</b>

            A long paragraph with
            <c>code that stays together</c> and a link
            to <c>x</c> that goes on.

            - one item of a list that is long
              enough to be wrapped
            - another

              a       b
              <c>x</c>       y
              longer  z

                flow main() -> Int { 1 } <d>// error: [a-code]</d>

                  // kept

            Mended:
        "#]]
        .assert_eq(&page(markdown, 36, &marked));
    }

    #[test]
    fn odd_text_is_drawn_as_it_is() {
        for odd in ["`", "[", "[a](", "[a] (b)", "```", "|", "# ", "- ", "a `b", "**"] {
            let drawn = page(odd, 80, &marked);
            assert!(drawn.ends_with('\n'), "{odd}: {drawn}");
        }
    }
}
