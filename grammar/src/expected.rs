//! What is said of a failed parse: what pest expected is turned into words a user knows. Rules have symbols, and no
//! rule's name is ever shown.
use flowc_base::Span;

use crate::Rule;
use crate::errors::{Error, SYNTAX, error, insert_comma, quoted};
use crate::lex::{Lexer, TokenKind, offset};

/// What stands at a byte of the text: its place, and how a message calls it.
fn found_at(text: &str, at: usize) -> (Span, String) {
    let end = offset(text.len());
    let Some(token) = Lexer::new(text, at).find(|t| !matches!(t.kind, TokenKind::Comment | TokenKind::Doc))
    else {
        return (Span::new(end, end), "the end".to_owned());
    };
    let mut place = token.span;
    let name = match token.kind {
        TokenKind::TextOpen | TokenKind::Unclosed(_) => "a text".to_owned(),
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
    // Where something else may follow, a `(` would only lengthen what stands before.
    if symbols.len() > 1 {
        symbols.retain(|symbol| *symbol != Symbol::Sign("("));
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
    let before = text.get(..place.start as usize).unwrap_or("").trim_end();
    let found = place.slice(text);
    let is_value = found.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '_'))
        && !is_reserved(found)
        && found != "from";
    // A number may belong to what follows it.
    if has(&symbols, Symbol::Sign(",")) && is_value && !before.ends_with(|c: char| c.is_ascii_digit()) {
        return insert_comma(made, offset(before.len()));
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
    let before = text.get(..place.start as usize).unwrap_or("");
    if before.ends_with('"')
        && before.rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with("sh \""))
    {
        return Some(
            "a one-line `sh \"…\"` ends at its next `\"`: write `\"\"\"` around a text with quotes in it"
                .to_owned(),
        );
    }
    if found == "," && wanted == [Symbol::Sign(")")] && apart_call(before) {
        return Some("a call's `(` touches its name".to_owned());
    }
    if wants(Symbol::Form("a name")) && is_reserved(found) {
        return Some(format!("`{found}` is a word of the language: choose another name"));
    }
    let made = match found {
        "=" if wants(Symbol::Sign(":")) => "write `name: value`",
        "=" => "write `==` to compare, `let name = …` to name a value",
        ":" if wants(Symbol::Sign("=")) => "write `let name = value`",
        "->" if wants(Symbol::Sign("=>")) => "write `=>`",
        "=>" if wants(Symbol::Sign("->")) => "write `->`",
        "from" => "`from` stands only in what a task gives",
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

/// True when the innermost open `(` of a text follows a word on its line, with blanks between the two.
fn apart_call(before: &str) -> bool {
    let mut depth = 0usize;
    for (at, c) in before.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' if depth > 0 => depth -= 1,
            '(' => {
                let name = before.get(..at).unwrap_or("");
                let word = name.trim_end_matches([' ', '\t']);
                return word.len() < name.len() && word.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            }
            _ => {}
        }
    }
    false
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
        Rule::ty_args | Rule::compat_args | Rule::ty_range | Rule::optional => Continuation,
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
        | Rule::compat_same
        | Rule::compat_other
        | Rule::compat_and
        | Rule::compat_or
        | Rule::compat_elif
        | Rule::compat_let
        | Rule::compat_return
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
