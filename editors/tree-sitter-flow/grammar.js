/**
 * The flow language for editors. The law is `grammar/src/flow.pest`; nodes have the names of its rules where there is
 * one. This grammar takes everything that the law takes (a test holds them together) and somewhat more: what a
 * broken or unwise text means is the compiler's business.
 *
 * Texts are read by `src/scanner.c`: where they end, what is escaped and where a splice begins depends on how they were
 * opened.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const PREC = {
  else: 1,
  coalesce: 2,
  or: 3,
  and: 4,
  compare: 5,
  add: 6,
  multiply: 7,
  prefix: 8,
  postfix: 9,
  led: 10,
  tail: 11,
};

/** Words that are no names where a statement or an expression may begin; after `.` and before `:` they are. */
const RESERVED = [
  'approve', 'assert', 'ask', 'as', 'break', 'continue', 'else', 'escalate', 'fail', 'false', 'first', 'for', 'gate',
  'if', 'let', 'loop', 'match', 'mock', 'none', 'race', 'reduce', 'rollback', 'true', 'try', 'with',
];

/** @param {RuleOrLiteral} rule */
const commas = rule => optional(seq(rule, repeat(seq(',', rule)), optional(',')));
/** @param {RuleOrLiteral} rule */
const commas1 = rule => seq(rule, repeat(seq(',', rule)), optional(','));

module.exports = grammar({
  name: 'flow',

  externals: $ => [
    // What opens a text says whose rules it follows: escapes and splices, splices only, neither. Of a script `r` or not is the same.
    $._text_open,
    $._sh_open,
    $._script_open,
    $._raw_open,
    $._content,
    $.escape,
    $._splice_open,
    $._splice_close,
    $._text_close,
    // Of no width: the end of a text that is not closed.
    $.unclosed,
    // Words that are words only before what must follow them.
    $._per,
    $._schema,
    $._independent,
    $._each,
    $._failed,
    $._speculate,
    // Read by the lexer; the scanner asks only whether one may stand here.
    '}',
    $._error_sentinel,
  ],

  extras: $ => [/\s/, $.comment, $.doc_comment, $.file_comment],

  word: $ => $.identifier,

  supertypes: $ => [$.item, $.statement, $.expression, $.type],

  conflicts: $ => [
    // `a as T < b` compares, `a as Map<T>` does not.
    [$.ty_named],
    // `if c { f() } else { … }` and `if c { f() } else g()`.
    [$.if_expr],
    // `use std.text` goes on with a word or with names in braces.
    [$.use_path],
  ],

  rules: {
    source_file: $ => repeat($.item),

    // `//` explains, `///` documents the item below, `//!` the file.
    comment: _ => token(choice(/\/\//, /\/\/[^\/!\n][^\n]*/, /\/\/\/\/[^\n]*/)),
    doc_comment: _ => token(choice(/\/\/\//, /\/\/\/[^\/\n][^\n]*/)),
    file_comment: _ => token(/\/\/![^\n]*/),

    // --- Items ---------------------------------------------------------------------------------------------------

    item: $ => choice(
      $.use_item, $.type_item, $.agent_item, $.task_item, $.flow_item, $.settings_item, $.test_item,
    ),

    use_item: $ => seq(
      'use',
      field('source', choice($.text, $.use_path)),
      optional($.use_names),
      optional(seq('as', field('alias', $.identifier))),
    ),
    use_path: $ => seq($._word, repeat(seq('.', $._word))),
    use_names: $ => seq('.', '{', commas($._word), '}'),

    type_item: $ => seq('type', field('name', alias($.identifier, $.type_identifier)), '=', field('type', $._ty)),
    agent_item: $ => seq('agent', field('name', $.identifier), field('clauses', $.clauses)),
    settings_item: $ => seq('settings', field('clauses', $.clauses)),
    test_item: $ => seq('test', field('name', $.text), field('body', $._body)),
    task_item: $ => seq(
      'task',
      field('name', $.identifier),
      field('parameters', $.params),
      optional(seq('->', field('result', $._ty), optional($.from))),
      field('clauses', $.clauses),
    ),
    flow_item: $ => seq(
      'flow',
      field('name', $.identifier),
      field('parameters', $.params),
      optional(seq('->', field('result', $._ty))),
      field('body', $._body),
    ),

    params: $ => seq('(', commas($.param), ')'),
    param: $ => seq(
      field('name', $._word), ':', field('type', $._ty), optional(seq('=', field('default', $._expr))),
    ),
    from: $ => seq('from', choice('stdout', 'lines', $.text)),

    clauses: $ => seq('{', repeat($._clause), '}'),
    _clause: $ => choice($.sh_clause, $.script_clause, alias($.ask_expr, $.ask_clause), $.plain_clause),
    sh_clause: $ => seq('sh', $.sh_text),
    script_clause: $ => seq('script', field('program', $.text), $.script_text),
    plain_clause: $ => prec.right(seq(
      // `sh` without a text is for the compiler to explain.
      field('name', choice(alias($.identifier, $.clause_word), alias(choice('sh', 'script'), $.clause_word))),
      $._expr,
      repeat(choice($.record, alias($._empty_record, $.record), $.text)),
    )),

    // --- Types ---------------------------------------------------------------------------------------------------

    _ty: $ => choice($.type, $.ty_choice),
    ty_choice: $ => prec.right(seq($.type, repeat1(seq('|', $.type)))),
    type: $ => choice(
      $.text, $.ty_record, $.ty_unit, $.ty_paren, $.ty_schema, $.ty_named, $.ty_optional,
    ),
    ty_optional: $ => prec.left(PREC.tail, seq($.type, '?')),
    ty_record: $ => seq('{', commas($.ty_field), '}'),
    ty_field: $ => seq(field('name', $._word), ':', field('type', $._ty), optional($.from)),
    ty_unit: _ => seq('(', ')'),
    ty_paren: $ => seq('(', $._ty, ')'),
    ty_schema: $ => seq(alias($._schema, 'schema'), '(', $.text, ')'),
    ty_named: $ => seq($._ty_path, optional(choice($.ty_args, $.ty_range))),
    _ty_path: $ => prec.right(seq(
      choice(
        field('name', alias($.identifier, $.type_identifier)),
        seq(
          field('module', $.identifier),
          repeat1(seq('.', field('name', alias($.identifier, $.type_identifier)))),
        ),
      ),
    )),
    ty_args: $ => seq('<', commas1($._ty), '>'),
    ty_range: $ => seq(choice('(', alias(token.immediate('('), '(')), $.bound, '..', $.bound, ')'),
    bound: $ => seq(optional('-'), $.number),

    // --- Statements ----------------------------------------------------------------------------------------------

    _body: $ => choice($.record, $.map, $.block, alias($._empty_block, $.block)),
    block: $ => seq('{', repeat1($.statement), '}'),
    _empty_block: _ => seq('{', '}'),
    statement: $ => choice(
      $.let_stmt, $.gate_stmt, $.assert_stmt, $.break_stmt, $.continue_stmt, $.mock_stmt, $.expr_stmt,
    ),
    let_stmt: $ => seq(
      'let', field('name', $.identifier), optional(seq(':', field('type', $._ty))), '=', field('value', $._expr),
    ),
    gate_stmt: $ => prec.right(seq(
      'gate',
      field('name', $.text),
      optional(alias($._speculate, 'speculate')),
      field('condition', $.expression),
      optional(seq('else', field('action', $.expression))),
    )),
    assert_stmt: $ => seq('assert', choice(seq(alias($._independent, 'independent'), $.list), $._expr)),
    break_stmt: $ => prec.right(seq('break', optional($._expr))),
    continue_stmt: $ => prec.right(seq('continue', optional($._expr))),
    mock_stmt: $ => seq(
      'mock',
      field('kind', $._word),
      field('target', $.use_path),
      optional($.mock_params),
      '->',
      optional(choice(alias($._each, 'each'), alias($._failed, 'failed'))),
      field('answer', $._expr),
    ),
    mock_params: $ => seq('(', commas($._word), ')'),
    expr_stmt: $ => $._expr,

    // --- Expressions ---------------------------------------------------------------------------------------------

    _expr: $ => choice($.expression, $.else_expr),
    // Of `if c { f() } else { g() }` the `else` is the `if`'s.
    else_expr: $ => prec.dynamic(-1, prec.right(PREC.else, seq(
      field('left', $.expression), 'else', field('right', $._expr),
    ))),

    // Without `else`: what stands in the heads of `if`, `for`, `gate`.
    expression: $ => choice(
      $._primary,
      $.call, $.index, $.field,
      $.cast, $.with,
      $.unary, $.binary,
      $.ask_expr, $.race_expr, $.first_expr, $.approve_expr, $.fail_expr, $.escalate_expr, $.rollback,
      $.for_expr, $.if_expr, $.match_expr, $.loop_expr, $.reduce_expr,
    ),

    _primary: $ => choice(
      $.text, $.identifier, $.number, $.rate, $.list, $.paren,
      alias($._empty_record, $.record), $.record, $.map, $.block,
      $.literal,
    ),

    // What `ask`, `race`, `fail` … take: a primary with what touches it.
    _simple: $ => choice(
      $._primary,
      alias($._simple_call, $.call), alias($._simple_index, $.index), alias($._simple_field, $.field),
    ),
    _simple_call: $ => prec(PREC.tail, seq(field('function', $._simple), $.args)),
    _simple_index: $ => prec(PREC.tail, seq($._simple, $._index)),
    _simple_field: $ => prec(PREC.tail, seq($._simple, '.', field('name', $._field_word))),

    call: $ => prec(PREC.tail, seq(field('function', $.expression), $.args)),
    args: $ => seq(alias(token.immediate('('), '('), commas($.arg), ')'),
    arg: $ => seq(optional(seq(field('name', $._word), ':')), field('value', $._expr)),
    index: $ => prec(PREC.tail, seq($.expression, $._index)),
    _index: $ => prec(PREC.tail, seq(alias(token.immediate('['), '['), $._expr, ']')),
    field: $ => prec(PREC.tail, seq($.expression, '.', field('name', $._field_word))),
    rate: $ => seq($.number, alias($._per, 'per'), $.number),
    cast: $ => prec.left(PREC.postfix, seq($.expression, 'as', field('type', $._ty))),
    with: $ => prec.left(PREC.postfix, seq($.expression, 'with', field('options', $._options))),
    _options: $ => choice(alias($._empty_record, $.record), $.record),

    unary: $ => prec(PREC.prefix, seq(field('operator', choice('!', '-', 'try')), $.expression)),
    binary: $ => choice(
      ...[
        [PREC.coalesce, '??'],
        [PREC.or, '||'],
        [PREC.and, '&&'],
        [PREC.compare, choice('==', '!=', '<', '<=', '>', '>=')],
        [PREC.add, choice('+', '-')],
        [PREC.multiply, choice('*', '/', '%')],
      ].map(([level, operator]) => prec.left(
        /** @type {number} */ (level),
        seq(field('left', $.expression), field('operator', operator), field('right', $.expression)),
      )),
    ),

    paren: $ => seq('(', $._expr, ')'),
    list: $ => seq('[', commas($._expr), ']'),
    _empty_record: _ => seq('{', '}'),
    record: $ => seq('{', commas1($.field_init), '}'),
    field_init: $ => seq(field('name', $._word), ':', field('value', $._expr)),
    map: $ => seq('{', commas1($.map_entry), '}'),
    map_entry: $ => seq(field('key', $.text), ':', field('value', $._expr)),

    ask_expr: $ => prec.right(PREC.led, seq(
      'ask',
      field('agent', $._agent),
      field('prompt', $._simple),
      optional(seq('as', field('type', $._ty))),
      optional(seq('with', field('options', $._options))),
    )),
    _agent: $ => choice(
      $.identifier, $.paren,
      alias($._agent_call, $.call), alias($._agent_index, $.index), alias($._agent_field, $.field),
    ),
    _agent_call: $ => prec(PREC.tail, seq(field('function', $._agent), $.args)),
    _agent_index: $ => prec(PREC.tail, seq($._agent, $._index)),
    _agent_field: $ => prec(PREC.tail, seq($._agent, '.', field('name', $._field_word))),

    race_expr: $ => prec(PREC.led, seq('race', $._simple)),
    first_expr: $ => prec(PREC.led, seq('first', field('count', $._simple), 'of', $._simple)),
    approve_expr: $ => prec(PREC.led, seq('approve', field('question', $._simple))),
    fail_expr: $ => prec(PREC.led, seq('fail', $._simple)),
    escalate_expr: $ => prec(PREC.led, seq('escalate', $._simple)),
    rollback: _ => 'rollback',

    for_expr: $ => seq(
      'for', field('name', $.identifier), 'in', field('list', $.expression),
      optional(seq('if', field('condition', $.expression))),
      optional($._max),
      field('body', $._body),
    ),
    _max: $ => seq('max', field('max', $.expression)),
    reduce_expr: $ => seq(
      'reduce', field('left', $.identifier), ',', field('right', $.identifier), 'in', field('list', $.expression),
      field('body', $._body),
    ),
    loop_expr: $ => seq(
      'loop', field('name', $.identifier), '=', field('first', $.expression), optional($._max),
      field('body', $._body),
    ),
    if_expr: $ => seq(
      'if', field('condition', $.expression), field('then', $._body),
      repeat(seq('else', 'if', field('condition', $.expression), field('then', $._body))),
      optional(seq('else', field('else', $._body))),
    ),
    match_expr: $ => seq(
      'match', field('value', $.expression), '{', repeat(seq($.arm, optional(','))), '}',
    ),
    arm: $ => seq(field('pattern', $.pattern), '=>', field('value', $._expr)),
    pattern: $ => seq($._pattern_one, repeat(seq('|', $._pattern_one))),
    _pattern_one: $ => choice($.pattern_any, $.pattern_literal, $.pattern_name),
    pattern_any: _ => '_',
    pattern_literal: $ => choice($.text, seq(optional('-'), $.number), $.literal),
    pattern_name: $ => seq(field('name', $.identifier), optional($.pattern_fields)),
    pattern_fields: $ => seq('{', commas($._word), '}'),

    // --- Texts ---------------------------------------------------------------------------------------------------

    // Nodes of their own for what stands between the quotes: editors give them to other languages.
    text: $ => choice(
      seq(alias($._text_open, '"'), optional($.text_body), $._text_end),
      seq(alias($._raw_open, '"'), optional(alias($._raw_body, $.text_body)), $._text_end),
    ),
    sh_text: $ => prec(1, choice(
      seq(alias($._sh_open, '"'), optional($.sh_body), $._text_end),
      seq(alias($._raw_open, '"'), optional(alias($._raw_body, $.sh_body)), $._text_end),
    )),
    script_text: $ => seq(alias($._script_open, '"'), optional(alias($._raw_body, $.script_body)), $._text_end),
    text_body: $ => repeat1(choice($._content, $.escape, $.splice)),
    sh_body: $ => repeat1(choice($._content, $.escape, $.splice)),
    _raw_body: $ => repeat1($._content),
    _text_end: $ => choice(alias($._text_close, '"'), $.unclosed),
    splice: $ => seq(alias($._splice_open, '{{'), $._expr, alias($._splice_close, '}}')),

    // --- Words and numbers ---------------------------------------------------------------------------------------

    identifier: _ => /[\p{XID_Start}_][\p{XID_Continue}]*/u,
    _word: $ => choice($.identifier, alias(choice(...RESERVED), $.identifier)),
    _field_word: $ => choice(alias($.identifier, $.field_identifier), alias(choice(...RESERVED), $.field_identifier)),
    literal: _ => choice('none', 'true', 'false'),
    number: _ => /\$?[0-9][\p{XID_Continue}]*(\.[0-9][\p{XID_Continue}]*)*/u,
  },
});
