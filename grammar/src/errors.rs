//! Every message of this crate but those of failed parses (`expected`), built in one place so that they sound alike.
use crate::closing::Closing;
use flowc_base::{Applicability, Code, Diagnostic, Edit, Severity, Span, UnitError};

/// Something stands where something else is expected.
pub const SYNTAX: Code = Code("syntax");
/// A bracket or a text is not closed, or closed by the wrong bracket.
pub const UNCLOSED: Code = Code("unclosed");
/// Text that belongs to no item.
pub const UNKNOWN_ITEM: Code = Code("unknown-item");
/// A number or quantity that means nothing or is too large.
pub const NUMBER_FORMAT: Code = Code("number-format");
/// A backslash before something that it gives no meaning.
pub const BAD_ESCAPE: Code = Code("bad-escape");
/// A line of a long text starts further left than its closing quotes.
pub const TEXT_INDENTATION: Code = Code("text-indentation");
/// More brackets or operators within each other than anybody reads.
pub const NESTING_TOO_DEEP: Code = Code("nesting-too-deep");
/// A file or an item that is larger than what is read.
pub const TOO_LARGE: Code = Code("too-large");
/// Documentation that documents nothing.
pub const UNUSED_DOCS: Code = Code("unused-docs");

pub(crate) type Error = Diagnostic<Span>;

pub(crate) fn error(code: Code, message: impl Into<String>, place: Span, label: &str) -> Error {
    Diagnostic::new(code, Severity::Error, message, place, label)
}

fn replace(place: Span, text: &str) -> Vec<Edit<Span>> {
    vec![Edit { place, text: text.to_owned() }]
}

pub(crate) fn tree_too_deep(place: Span) -> Error {
    error(NESTING_TOO_DEEP, "this expression is nested too deep or its chain is too long", place, "")
        .with_hint("give parts of it names with `let`, or join long lists with `join`, `sum` or `flatten`")
}

pub(crate) fn brackets_too_deep(place: Span, limit: usize) -> Error {
    error(
        NESTING_TOO_DEEP,
        format!("more than {limit} brackets within each other"),
        place,
        "the first too many",
    )
    .with_hint("give inner parts names with `let`, or make them tasks or flows of their own")
}

pub(crate) fn item_too_large(place: Span, limit: usize) -> Error {
    error(TOO_LARGE, format!("an item may have at most {limit} bytes"), place, "")
        .with_hint("move long texts into files and read them with `file(\"…\")`")
}

pub(crate) fn file_too_large(limit: usize) -> Error {
    error(TOO_LARGE, format!("a file may have at most {limit} bytes"), Span::new(0, 0), "")
        .with_hint("split it into several files and `use` them")
}

/// Inserts what closes something.
fn closed(made: Error, at: Option<Closing>) -> Error {
    let Some(Closing { at, text }) = at else { return made };
    let title = format!("insert `{}`", text.trim());
    made.with_fix(title, Applicability::Maybe, replace(Span::new(at, at), &text))
}

pub(crate) fn unclosed_long_text(opening: Span, at: Option<Closing>) -> Error {
    let made = error(UNCLOSED, "this text is not closed", opening, "opened here")
        .with_hint("it ends at as many quotes as opened it");
    closed(made, at)
}

pub(crate) fn unclosed_text(opening: Span, at: Option<Closing>) -> Error {
    closed(open_text(opening), at)
}

/// `quote`: closes it on a later line.
pub(crate) fn text_of_lines(opening: Span, quote: Span) -> Error {
    let quotes = |place| Edit { place, text: "\"\"\"".to_owned() };
    let edits = vec![quotes(opening), quotes(quote)];
    open_text(opening).with_fix("write `\"\"\"` around it", Applicability::Maybe, edits)
}

fn open_text(opening: Span) -> Error {
    error(UNCLOSED, "this text is not closed on its line", opening, "opened here")
        .with_hint("close it with `\"`, or write a text of several lines between `\"\"\"`")
}

pub(crate) fn unclosed_splice(opening: Span, at: Option<Closing>) -> Error {
    let made = error(UNCLOSED, "this splice is not closed", opening, "opened here")
        .with_hint("close it with `}}`; a literal `{{` is `\\{{`");
    closed(made, at)
}

/// `edits`: write it between `"""`.
pub(crate) fn escaped_quote(place: Span, edits: Vec<Edit<Span>>) -> Error {
    let made = error(BAD_ESCAPE, "a one-line `sh` text has no escape `\\\"`", place, "")
        .with_hint("it ends at its next `\"`: write `sh \"\"\"…\"\"\"` around a text with quotes in it");
    if edits.is_empty() {
        return made;
    }
    made.with_fix("write `\"\"\"` around it", Applicability::Maybe, edits)
}

pub(crate) fn unclosed_bracket(opening: Span, bracket: char, at: Closing) -> Error {
    let closing = closing_of(bracket);
    let made = error(UNCLOSED, format!("`{bracket}` is not closed"), opening, "opened here")
        .with_hint(format!("add `{closing}` where it ends"));
    closed(made, Some(at))
}

/// `mends`: what to do about it.
pub(crate) fn wrong_bracket(
    (opening, bracket): (Span, char),
    (found, closing): (Span, char),
    mends: Mends,
) -> Error {
    let expected = closing_of(bracket);
    let made = error(UNCLOSED, format!("expected `{expected}`, found `{closing}`"), found, "closes nothing")
        .with_label(opening, format!("`{bracket}` is open"))
        .with_hint(format!("close `{bracket}` with `{expected}` before this `{closing}`"));
    match mends {
        Mends::Insert(places) => {
            let all: String = places.iter().map(|place| place.text.trim()).collect();
            let edits =
                places.into_iter().map(|Closing { at, text }| Edit { place: Span::new(at, at), text });
            made.with_fix(format!("insert `{all}`"), Applicability::Maybe, edits.collect())
        }
        Mends::Replace => made.with_fix(
            format!("write `{expected}`"),
            Applicability::Maybe,
            replace(found, &expected.to_string()),
        ),
        Mends::Remove => {
            made.with_fix(format!("remove `{closing}`"), Applicability::Maybe, replace(found, ""))
        }
    }
}

/// What is to be done about a bracket that does not fit.
pub(crate) enum Mends {
    /// The right one was forgotten before it, and others with it perhaps.
    Insert(Vec<Closing>),
    /// It was written for the right one.
    Replace,
    /// The right one follows.
    Remove,
}

pub(crate) fn unopened_bracket(place: Span, closing: char) -> Error {
    error(UNCLOSED, format!("`{closing}` closes nothing"), place, "")
        .with_hint("remove it, or open it before")
        .with_fix(format!("remove `{closing}`"), Applicability::Maybe, replace(place, ""))
}

fn closing_of(bracket: char) -> char {
    match bracket {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

/// `inside`: the text between it and its like on its line.
pub(crate) fn stray(place: Span, c: char, inside: Option<(Span, &str)>) -> Error {
    let found =
        error(SYNTAX, format!("{} means nothing here", quoted(c.encode_utf8(&mut [0; 4]))), place, "");
    match c {
        ';' => found.with_hint("statements need no separators: remove `;`").with_fix(
            "remove `;`",
            Applicability::Always,
            replace(place, ""),
        ),
        '\'' | '‘' | '’' | '“' | '”' | '`' => {
            let found = found.with_hint("texts stand in double quotes: `\"…\"`");
            match inside.filter(|(_, text)| !text.contains(['"', '\\', '{'])) {
                Some((whole, text)) => {
                    let right = format!("\"{text}\"");
                    found.with_fix(format!("write `{right}`"), Applicability::Maybe, replace(whole, &right))
                }
                None => found,
            }
        }
        '#' => found.with_hint("comments start with `//`").with_fix(
            "write `//`",
            Applicability::Maybe,
            replace(place, "//"),
        ),
        _ => found,
    }
}

pub(crate) fn not_an_item(place: Span, word: &str, suggestion: Option<&str>) -> Error {
    let found = error(UNKNOWN_ITEM, format!("expected an item, found {}", quoted(word)), place, "");
    match suggestion {
        Some(right) => found.with_hint(format!("did you mean `{right}`?")).with_fix(
            format!("write `{right}`"),
            Applicability::Maybe,
            replace(place, right),
        ),
        None => found
            .with_hint("a file consists of `use`, `type`, `agent`, `task`, `flow`, `settings` and `test`"),
    }
}

pub(crate) fn late_file_docs(place: Span) -> Error {
    Diagnostic::new(
        UNUSED_DOCS,
        Severity::Warning,
        "`//!` documents the file and stands at its top",
        place,
        "",
    )
    .with_hint("write `///` to document what stands below, or `//` for a comment")
    .with_fix(
        "write `//`",
        Applicability::Always,
        replace(Span::new(place.start + 2, place.start + 3), ""),
    )
}

pub(crate) fn unused_docs(place: Span) -> Error {
    Diagnostic::new(UNUSED_DOCS, Severity::Warning, "this `///` documents nothing", place, "")
        .with_hint("it documents an item, a field or a parameter below it: write `//` for a comment")
        .with_fix(
            "write `//`",
            Applicability::Always,
            replace(Span::new(place.start + 2, place.start + 3), ""),
        )
}

pub(crate) fn wrong_arrow(place: Span, found: &str, right: &str) -> Error {
    error(SYNTAX, format!("expected `{right}`, found `{found}`"), place, "")
        .with_hint(format!("write `{right}`"))
        .with_fix(format!("write `{right}`"), Applicability::Always, replace(place, right))
}

/// `word`: `var`, `return` …, which are words of the language elsewhere.
pub(crate) fn foreign_statement(place: Span, word: &str) -> Error {
    let made = error(SYNTAX, format!("{} begins no statement", quoted(word)), place, "");
    if word == "return" {
        return made
            .with_hint("the value of a flow or a block is its last expression: remove `return`")
            .with_fix("remove `return`", Applicability::Maybe, replace(place, ""));
    }
    made.with_hint("write `let`: names are bound once").with_fix(
        "write `let`",
        Applicability::Always,
        replace(place, "let"),
    )
}

pub(crate) fn apart_unit(place: Span, number: &str, unit: &str) -> Error {
    error(NUMBER_FORMAT, format!("the unit `{unit}` does not touch its number"), place, "")
        .with_hint(format!("write `{number}{unit}`"))
        .with_fix(
            format!("write `{number}{unit}`"),
            Applicability::Maybe,
            replace(place, &format!("{number}{unit}")),
        )
}

pub(crate) fn foreign_operator(place: Span, found: &str, right: &str) -> Error {
    // `not a == b` is `!(a == b)` elsewhere, and `!a == b` here is not.
    // Elsewhere `&` and `|` are for bits too.
    let sure = !matches!(found, "=" | "&" | "|") && right != "!";
    let applicability = if sure { Applicability::Always } else { Applicability::Maybe };
    let what = if right == "else if" { "a word of the language" } else { "an operator" };
    let made = error(SYNTAX, format!("`{found}` is not {what}"), place, "").with_hint(match found {
        "=" => "write `==` to compare, `let` to name a value, `name: value` in calls and records".to_owned(),
        _ => format!("write `{right}`"),
    });
    made.with_fix(format!("write `{right}`"), applicability, replace(place, right))
}

pub(crate) fn chained_comparison(place: Span, sign: &str) -> Error {
    error(SYNTAX, format!("`{sign}` compares the result of a comparison"), place, "the second comparison")
        .with_hint("comparisons do not chain: write `a < b && b < c`")
}

pub(crate) fn statement_begins_with(place: Span, sign: char) -> Error {
    let first = Span::new(place.start, place.start + 1);
    let made = error(SYNTAX, format!("a statement cannot begin with `{sign}`"), first, "");
    match sign {
        '(' => made.with_hint("a call's `(` touches its name; a value is named first: `let x = (…)`"),
        '[' => made.with_hint("an index's `[` touches what it follows; a list is named first: `let x = […]`"),
        _ => made.with_hint("a value is named first: `let x = -…`"),
    }
}

/// `before`: where what stands before ends.
pub(crate) fn missing_comma(before: u32, next: Span, what: &str) -> Error {
    let at = Span::new(before, before);
    error(SYNTAX, format!("expected `,` before this {what}"), next, "").with_fix(
        "insert `,`",
        Applicability::Always,
        replace(at, ","),
    )
}

/// A fix that puts a comma behind what stands before the error.
pub(crate) fn insert_comma(made: Error, at: u32) -> Error {
    made.with_fix("insert `,`", Applicability::Maybe, replace(Span::new(at, at), ","))
}

pub(crate) fn from_in_type(place: Span) -> Error {
    error(SYNTAX, "`from` stands only in what a task gives", place, "")
        .with_hint("it follows a task's `->`, after the type or after a field's type of its record")
}

pub(crate) fn from_twice(place: Span) -> Error {
    error(SYNTAX, "the fields of this record say where they come from already", place, "")
        .with_hint("remove this `from`, or those of the fields")
}

/// `List[Text]`, `Text[]`. `written`: the brackets with what is in them.
pub(crate) fn bracket_args(whole: Span, brackets: Span, written: &str) -> Error {
    let edit =
        |at: u32, length: u32, text: &str| Edit { place: Span::new(at, at + length), text: text.to_owned() };
    let is_list = written.trim_start_matches('[').trim_start().starts_with(']');
    let (hint, edits) = if is_list {
        let closing = Edit { place: brackets, text: ">".to_owned() };
        ("a list of something is `List<…>`", vec![edit(whole.start, 0, "List<"), closing])
    } else {
        ("write `<…>`", vec![edit(brackets.start, 1, "<"), edit(brackets.end - 1, 1, ">")])
    };
    error(SYNTAX, "the arguments of a type stand between `<` and `>`", brackets, "").with_hint(hint).with_fix(
        if is_list { "write `List<…>`" } else { "write `<…>`" },
        Applicability::Always,
        edits,
    )
}

pub(crate) fn range_of_path(place: Span) -> Error {
    error(SYNTAX, "only `Int` and `Float` have ranges", place, "")
        .with_hint("take the range out, or write `Int(0..10)` or `Float(0..1)`")
}

/// `meant`: the number as it is written here.
pub(crate) fn number(place: Span, text: &str, cause: UnitError, meant: Option<String>) -> Error {
    let word = quoted(text);
    let made = match cause {
        UnitError::TooLarge => error(NUMBER_FORMAT, format!("{word} is too large"), place, "")
            .with_hint("whole numbers and quantities have 64 bits"),
        UnitError::Malformed => error(NUMBER_FORMAT, format!("{word} is not a number"), place, "").with_hint(
            "numbers are written `1_000` and `2.5`, durations `300ms 5s 2m 1h 7d`, sizes `5KB 5MB 1GiB`, money `$0.50`",
        ),
    };
    match meant {
        Some(meant) => {
            made.with_fix(format!("write `{meant}`"), Applicability::Maybe, replace(place, &meant))
        }
        None => made,
    }
}

pub(crate) fn bad_escape(place: Span, escape: &str) -> Error {
    let shown = if escape.contains('\n') { "\\ before a line end".to_owned() } else { quoted(escape) };
    let made = error(BAD_ESCAPE, format!("{shown} is not an escape"), place, "")
        .with_hint("escapes are `\\n` `\\t` `\\\"` `\\\\` `\\u{…}` and `\\{{`; `r\"…\"` has none");
    let Some(rest) = escape.strip_prefix('\\') else { return made };
    let hex = |digits: &str| {
        let digits = Some(digits).filter(|it| {
            (1..=8).contains(&it.len()) && u32::from_str_radix(it, 16).ok().and_then(char::from_u32).is_some()
        });
        digits.map(|digits| format!("\\u{{{digits}}}"))
    };
    // As other languages write them; any other backslash is one.
    let meant = match rest {
        "'" | "`" => rest.to_owned(),
        "r" => "\\u{d}".to_owned(),
        "0" => "\\u{0}".to_owned(),
        "e" => "\\u{1b}".to_owned(),
        _ => match rest.strip_prefix(['x', 'u', 'U']).and_then(hex) {
            Some(meant) => meant,
            None => format!("\\\\{rest}"),
        },
    };
    let title = match rest {
        _ if rest.starts_with(char::is_whitespace) => "double the backslash".to_owned(),
        _ => format!("write `{meant}`"),
    };
    made.with_fix(title, Applicability::Maybe, replace(place, &meant))
}

/// `blanks`: those before the closing quotes; `common`: those that all lines have.
pub(crate) fn text_indentation(place: Span, blanks: Span, common: &str) -> Error {
    error(TEXT_INDENTATION, "this line starts further left than the closing quotes", place, "")
        .with_hint(
            "the blanks before the closing quotes are taken off every line: move the quotes or the line",
        )
        .with_fix("move the closing quotes to the left", Applicability::Maybe, replace(blanks, common))
}

/// A piece of the text as it is shown: a character that nobody sees by its number.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next())
        && (c.is_control() || c.is_whitespace())
    {
        return format!("U+{:04X}", u32::from(c));
    }
    let mut chars = text.chars();
    let start: String = chars.by_ref().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if chars.next().is_some() { format!("`{start}…`") } else { format!("`{start}`") }
}
