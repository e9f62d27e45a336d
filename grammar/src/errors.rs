//! Every message of this crate, built in one place so that they sound alike. What pest says is turned into words a
//! user knows: rules have symbols, and no rule's name is ever shown.
use flowc_base::{Applicability, Code, Diagnostic, Edit, Severity, Span, UnitError};

use crate::Rule;
use crate::lex::{Lexer, TokenKind, offset};

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

type Error = Diagnostic<Span>;

fn error(code: Code, message: impl Into<String>, place: Span, label: &str) -> Error {
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

pub(crate) fn unclosed_text(opening: Span, long: bool) -> Error {
    if long {
        error(UNCLOSED, "this text is not closed", opening, "opened here")
            .with_hint("it ends at as many quotes as opened it")
    } else {
        error(UNCLOSED, "this text is not closed on its line", opening, "opened here")
            .with_hint("close it with `\"`, or write a text of several lines between `\"\"\"`")
    }
}

pub(crate) fn unclosed_bracket(opening: Span, bracket: char) -> Error {
    let closing = closing_of(bracket);
    error(UNCLOSED, format!("`{bracket}` is not closed"), opening, "opened here")
        .with_hint(format!("add `{closing}` where it ends"))
}

pub(crate) fn wrong_bracket(opening: Span, bracket: char, found: Span, closing: char) -> Error {
    let expected = closing_of(bracket);
    error(UNCLOSED, format!("expected `{expected}`, found `{closing}`"), found, "closes nothing")
        .with_label(opening, format!("`{bracket}` is open"))
}

pub(crate) fn unopened_bracket(place: Span, closing: char) -> Error {
    error(UNCLOSED, format!("`{closing}` closes nothing"), place, "")
        .with_hint("remove it, or open it before")
}

fn closing_of(bracket: char) -> char {
    match bracket {
        '(' => ')',
        '[' => ']',
        _ => '}',
    }
}

pub(crate) fn stray(place: Span, c: char) -> Error {
    let shown = if c.is_control() { format!("U+{:04X}", u32::from(c)) } else { format!("`{c}`") };
    let found = error(SYNTAX, format!("{shown} means nothing here"), place, "");
    match c {
        ';' => found.with_hint("statements need no separators: remove it").with_fix(
            "remove `;`",
            Applicability::Always,
            replace(place, ""),
        ),
        '\'' | '‘' | '’' | '“' | '”' | '`' => {
            found.with_hint("texts stand in double quotes: `\"…\"`")
        }
        '#' => found.with_hint("comments start with `//`"),
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
}

pub(crate) fn unused_docs(place: Span) -> Error {
    Diagnostic::new(UNUSED_DOCS, Severity::Warning, "this `///` documents nothing", place, "")
        .with_hint("it documents an item, a field or a parameter below it: write `//` for a comment")
}

pub(crate) fn wrong_arrow(place: Span, found: &str, right: &str) -> Error {
    error(SYNTAX, format!("expected `{right}`, found `{found}`"), place, "")
        .with_hint(format!("write `{right}`"))
        .with_fix(format!("write `{right}`"), Applicability::Always, replace(place, right))
}

pub(crate) fn foreign_operator(place: Span, found: &str, right: &str) -> Error {
    let applicability = if found == "=" { Applicability::Maybe } else { Applicability::Always };
    let made = error(SYNTAX, format!("`{found}` is not an operator"), place, "").with_hint(match found {
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

pub(crate) fn missing_comma(next: Span, what: &str) -> Error {
    let at = Span::new(next.start, next.start);
    error(SYNTAX, format!("expected `,` before this {what}"), next, "").with_fix(
        "insert `,`",
        Applicability::Always,
        replace(at, ", "),
    )
}

pub(crate) fn from_in_type(place: Span) -> Error {
    error(SYNTAX, "`from` stands only in what a task gives", place, "")
        .with_hint("it follows a task's `->`, after the type or after a field's type of its record")
}

pub(crate) fn from_twice(place: Span) -> Error {
    error(SYNTAX, "the fields of this record say where they come from already", place, "")
        .with_hint("remove this `from`, or those of the fields")
}

pub(crate) fn range_of_path(place: Span) -> Error {
    error(SYNTAX, "only `Int` and `Float` have ranges", place, "")
}

pub(crate) fn number(place: Span, text: &str, cause: UnitError) -> Error {
    let word = quoted(text);
    match cause {
        UnitError::TooLarge => error(NUMBER_FORMAT, format!("{word} is too large"), place, "")
            .with_hint("whole numbers and quantities have 64 bits"),
        UnitError::Malformed => error(NUMBER_FORMAT, format!("{word} is not a number"), place, "").with_hint(
            "numbers are written `1_000` and `2.5`, durations `300ms 5s 2m 1h 7d`, sizes `5KB 5MB 1GiB`, money `$0.50`",
        ),
    }
}

pub(crate) fn bad_escape(place: Span, escape: &str) -> Error {
    let shown = if escape.contains('\n') { "\\ before a line end".to_owned() } else { quoted(escape) };
    error(BAD_ESCAPE, format!("{shown} is not an escape"), place, "")
        .with_hint("escapes are `\\n` `\\t` `\\\"` `\\\\` `\\u{…}` and `\\{{`; `r\"…\"` has none")
}

pub(crate) fn text_indentation(place: Span) -> Error {
    error(TEXT_INDENTATION, "this line starts further left than the closing quotes", place, "").with_hint(
        "the blanks before the closing quotes are taken off every line: move the quotes or the line",
    )
}

fn quoted(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut chars = text.chars();
    let start: String = chars.by_ref().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if chars.next().is_some() { format!("`{start}…`") } else { format!("`{start}`") }
}

/// What stands at a byte of the text: its place, and how a message calls it.
fn found_at(text: &str, at: usize) -> (Span, String) {
    let end = offset(text.len());
    let Some(token) = Lexer::new(text, at).find(|t| !matches!(t.kind, TokenKind::Comment | TokenKind::Doc))
    else {
        return (Span::new(end, end), "the end".to_owned());
    };
    let mut place = token.span;
    let name = match token.kind {
        TokenKind::TextOpen | TokenKind::Unclosed { .. } => "a text".to_owned(),
        TokenKind::Sign(_) => {
            let rest = text.get(place.start as usize..).unwrap_or("");
            let long = ["=>", "->", "==", "!=", "<=", ">=", "&&", "||", "??", ".."];
            if let Some(sign) = long.iter().find(|sign| rest.starts_with(**sign)) {
                place.end = place.start + offset(sign.len());
            }
            quoted(place.slice(text))
        }
        // An empty splice.
        TokenKind::Close(b'}') if text.get(..at).is_some_and(|before| before.trim_end().ends_with("{{")) => {
            "`}}`".to_owned()
        }
        TokenKind::Word
        | TokenKind::Number
        | TokenKind::Open(_)
        | TokenKind::Close(_)
        | TokenKind::SpliceOpen
        | TokenKind::SpliceClose
        | TokenKind::TextClose
        | TokenKind::Comment
        | TokenKind::Doc
        | TokenKind::FileDoc
        | TokenKind::Stray => quoted(place.slice(text)),
    };
    (place, name)
}

/// The error of a failed parse: what pest expected at the furthest place it reached.
pub(crate) fn syntax(text: &str, at: usize, expected: &[Rule]) -> Error {
    let (place, found) = found_at(text, at);
    let mut symbols: Vec<Symbol> = expected.iter().map(|rule| symbol(*rule)).collect();
    symbols.sort_by_key(|symbol| symbol.rank());
    symbols.dedup();
    let has = |symbols: &[Symbol], wanted: Symbol| symbols.contains(&wanted);
    if symbols.iter().any(|symbol| !matches!(symbol, Symbol::Continuation)) {
        symbols.retain(|symbol| !matches!(symbol, Symbol::Continuation));
    }
    if has(&symbols, Symbol::Form("a statement")) || has(&symbols, Symbol::Form("a clause")) {
        symbols.retain(|symbol| matches!(symbol, Symbol::Form("a statement" | "a clause") | Symbol::Sign(_)));
    } else if has(&symbols, Symbol::Form("an expression")) {
        symbols.retain(|symbol| {
            !matches!(symbol, Symbol::Form("a name" | "a text" | "a number") | Symbol::Word(_))
        });
    } else if has(&symbols, Symbol::Form("a type")) {
        symbols.retain(|symbol| !matches!(symbol, Symbol::Form("a name" | "a text" | "a number")));
    }
    symbols.truncate(4);
    let names: Vec<String> = symbols.iter().map(Symbol::show).collect();
    let wanted = match names.split_last() {
        None => None,
        Some((one, [])) => Some(one.clone()),
        Some((last, rest)) => Some(format!("{} or {last}", rest.join(", "))),
    };
    let message = match &wanted {
        Some(wanted) => format!("expected {wanted}, found {found}"),
        None => format!("unexpected {found}"),
    };
    let mut made = error(SYNTAX, message, place, "");
    if let Some(hint) = hint(text, place, &symbols) {
        made = made.with_hint(hint);
    }
    made
}

/// True when a statement or clause may begin at the place of the error.
pub(crate) fn expects_statement(expected: &[Rule]) -> bool {
    expected.iter().any(|rule| matches!(symbol(*rule), Symbol::Form("a statement" | "a clause")))
}

/// Sentences for what goes wrong most often.
fn hint(text: &str, place: Span, wanted: &[Symbol]) -> Option<String> {
    let found = place.slice(text);
    let wants = |symbol: Symbol| wanted.contains(&symbol);
    if wants(Symbol::Form("a name")) && is_reserved(found) {
        return Some(format!("`{found}` is a word of the language: choose another name"));
    }
    let made = match found {
        "=" if wants(Symbol::Sign(":")) => "write `name: value`",
        "=" => "write `==` to compare, `let name = …` to name a value",
        ":" if wants(Symbol::Sign("=")) => "write `let name = value`",
        "->" if wants(Symbol::Sign("=>")) => "write `=>`",
        "=>" if wants(Symbol::Sign("->")) => "write `->`",
        "else" => "`else` follows a step; in a condition it needs parentheses",
        _ if wanted == [Symbol::Sign(":")] => {
            "write `name: Type` in a signature or type, `name: value` in a record"
        }
        _ if wants(Symbol::Sign("=")) => "a `let` needs a value: `let name = …`",
        _ if wants(Symbol::Sign(",")) => "separate with `,`",
        _ => return None,
    };
    Some(made.to_owned())
}

/// True for words that are no names.
pub(crate) fn is_reserved(word: &str) -> bool {
    RESERVED.binary_search(&word).is_ok()
}

/// The words that begin statements, and those that are operators or literals, sorted.
pub const RESERVED: [&str; 25] = [
    "approve", "as", "ask", "assert", "break", "continue", "else", "escalate", "fail", "false", "first",
    "for", "gate", "if", "let", "loop", "match", "mock", "none", "race", "reduce", "rollback", "true", "try",
    "with",
];

/// How messages call a rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Symbol {
    /// A construct: "a statement".
    Form(&'static str),
    /// A word, in backticks.
    Word(&'static str),
    /// A sign, in backticks.
    Sign(&'static str),
    /// What may follow a complete expression: of interest only when nothing else is expected.
    Continuation,
}

impl Symbol {
    fn rank(self) -> (u8, Self) {
        let group = match self {
            Self::Form(_) => 0,
            Self::Word(_) => 1,
            Self::Sign(_) => 2,
            Self::Continuation => 3,
        };
        (group, self)
    }

    fn show(&self) -> String {
        match self {
            Self::Form(words) => (*words).to_owned(),
            Self::Word(word) | Self::Sign(word) => format!("`{word}`"),
            Self::Continuation => "an operator".to_owned(),
        }
    }
}

/// Every rule has a symbol; a new rule does not compile without one.
fn symbol(rule: Rule) -> Symbol {
    use Symbol::{Continuation, Form, Sign, Word};
    match rule {
        Rule::EOI => Form("the end"),
        Rule::item
        | Rule::use_item
        | Rule::type_item
        | Rule::agent_item
        | Rule::settings_item
        | Rule::test_item
        | Rule::task_item
        | Rule::flow_item
        | Rule::kw_use
        | Rule::kw_type
        | Rule::kw_agent
        | Rule::kw_task
        | Rule::kw_flow
        | Rule::kw_settings
        | Rule::kw_test => Form("an item"),
        Rule::use_path => Form("a name"),
        Rule::params | Rule::mock_params | Rule::call | Rule::lparen => Sign("("),
        Rule::param => Form("a parameter"),
        Rule::clauses | Rule::lbrace | Rule::use_names | Rule::pattern_fields => Sign("{"),
        Rule::clause
        | Rule::sh_clause
        | Rule::script_clause
        | Rule::plain_clause
        | Rule::clause_word
        | Rule::kw_sh
        | Rule::kw_script => Form("a clause"),
        Rule::ty
        | Rule::ty_optional
        | Rule::ty_primary
        | Rule::ty_record
        | Rule::ty_unit
        | Rule::ty_paren
        | Rule::ty_schema
        | Rule::ty_named
        | Rule::ty_path
        | Rule::kw_schema => Form("a type"),
        Rule::ty_field | Rule::field_init => Form("a field"),
        Rule::map_entry | Rule::map_ahead => Form("an entry"),
        Rule::ty_args | Rule::ty_range | Rule::optional => Continuation,
        Rule::bound | Rule::number => Form("a number"),
        Rule::block | Rule::body => Sign("{"),
        Rule::stmt
        | Rule::let_stmt
        | Rule::gate_stmt
        | Rule::assert_stmt
        | Rule::break_stmt
        | Rule::continue_stmt
        | Rule::mock_stmt
        | Rule::expr_stmt
        | Rule::kw_let
        | Rule::kw_gate
        | Rule::kw_assert
        | Rule::kw_break
        | Rule::kw_continue
        | Rule::kw_mock => Form("a statement"),
        Rule::expr
        | Rule::chain
        | Rule::unary
        | Rule::operand
        | Rule::cond
        | Rule::cond_unary
        | Rule::cond_operand
        | Rule::simple
        | Rule::primary
        | Rule::keyword_led
        | Rule::bracket_led
        | Rule::arg
        | Rule::paren
        | Rule::list
        | Rule::record
        | Rule::record_empty
        | Rule::map
        | Rule::ask_expr
        | Rule::race_expr
        | Rule::first_expr
        | Rule::approve_expr
        | Rule::fail_expr
        | Rule::escalate_expr
        | Rule::for_expr
        | Rule::reduce_expr
        | Rule::loop_expr
        | Rule::if_expr
        | Rule::match_expr
        | Rule::prefix
        | Rule::op_not
        | Rule::op_neg
        | Rule::kw_try
        | Rule::compat_not
        | Rule::literal
        | Rule::rollback
        | Rule::kw_match
        | Rule::kw_for
        | Rule::kw_reduce
        | Rule::kw_loop
        | Rule::kw_race
        | Rule::kw_first
        | Rule::kw_ask
        | Rule::kw_approve
        | Rule::kw_fail
        | Rule::kw_escalate => Form("an expression"),
        Rule::agent => Form("an agent"),
        Rule::arm => Form("an arm"),
        Rule::pattern
        | Rule::pattern_one
        | Rule::pattern_literal
        | Rule::pattern_name
        | Rule::pattern_any => Form("a pattern"),
        Rule::tail
        | Rule::index
        | Rule::field
        | Rule::rate
        | Rule::cast
        | Rule::with
        | Rule::infix
        | Rule::infix_op
        | Rule::op_coalesce
        | Rule::op_or
        | Rule::op_and
        | Rule::op_eq
        | Rule::op_ne
        | Rule::op_le
        | Rule::op_ge
        | Rule::op_lt
        | Rule::op_gt
        | Rule::op_add
        | Rule::op_sub
        | Rule::op_mul
        | Rule::op_div
        | Rule::op_rem
        | Rule::compat_eq
        | Rule::compat_and
        | Rule::compat_or
        | Rule::compat_elif
        | Rule::operand_ahead
        | Rule::kw_as
        | Rule::kw_with
        | Rule::kw_per
        | Rule::kw_max
        | Rule::for_if
        | Rule::for_max
        | Rule::else_if
        | Rule::WHITESPACE
        | Rule::missing
        | Rule::kw_speculate
        | Rule::kw_independent
        | Rule::kw_each
        | Rule::kw_failed
        | Rule::langle
        | Rule::lbracket
        | Rule::bar
        | Rule::dot
        | Rule::from
        | Rule::kw_from
        | Rule::compat_arrow
        | Rule::compat_fat_arrow
        | Rule::short_escape
        | Rule::long_escape
        | Rule::short_run
        | Rule::long_run
        | Rule::sh_short_run
        | Rule::sh_long_run
        | Rule::raw_short_run
        | Rule::raw_long_run
        | Rule::splice
        | Rule::splice_open
        | Rule::kw_else => Continuation,
        Rule::kw_if => Continuation,
        Rule::text | Rule::sh_text | Rule::script_text | Rule::raw | Rule::raw_quoted => Form("a text"),
        Rule::splice_close => Sign("}}"),
        Rule::word | Rule::ident | Rule::letters | Rule::reserved | Rule::field_name => Form("a name"),
        Rule::kw_stdout => Word("stdout"),
        Rule::kw_lines => Word("lines"),
        Rule::kw_in => Word("in"),
        Rule::kw_of => Word("of"),
        Rule::rparen => Sign(")"),
        Rule::rbracket => Sign("]"),
        Rule::rbrace => Sign("}"),
        Rule::rangle => Sign(">"),
        Rule::comma => Sign(","),
        Rule::colon => Sign(":"),
        Rule::assign => Sign("="),
        Rule::result | Rule::arrow => Sign("->"),
        Rule::fat_arrow => Sign("=>"),
        Rule::dots => Sign(".."),
    }
}
