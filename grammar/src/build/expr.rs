//! Expressions: operators by binding power, then the forms.
use std::sync::LazyLock;

use flowc_base::{Name, Span};
use pest::iterators::Pairs;
use pest::pratt_parser::{Assoc, Op, PrattParser};

use super::{Builder, Node, field_name_of, ident_of, span_of};
use crate::Rule;
use crate::ast::{Arg, BinaryOp, Block, Expr, ExprKind, FieldInit, MapEntry, Stmt, StmtKind, UnaryOp};
use crate::errors;

/// From loosest to tightest.
static OPERATORS: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    PrattParser::new()
        .op(Op::infix(Rule::kw_else, Assoc::Right))
        .op(Op::infix(Rule::op_coalesce, Assoc::Left))
        .op(Op::infix(Rule::op_or, Assoc::Left) | Op::infix(Rule::compat_or, Assoc::Left))
        .op(Op::infix(Rule::op_and, Assoc::Left) | Op::infix(Rule::compat_and, Assoc::Left))
        .op(Op::infix(Rule::op_eq, Assoc::Left)
            | Op::infix(Rule::op_ne, Assoc::Left)
            | Op::infix(Rule::op_lt, Assoc::Left)
            | Op::infix(Rule::op_le, Assoc::Left)
            | Op::infix(Rule::op_gt, Assoc::Left)
            | Op::infix(Rule::op_ge, Assoc::Left)
            | Op::infix(Rule::compat_eq, Assoc::Left)
            | Op::infix(Rule::compat_same, Assoc::Left)
            | Op::infix(Rule::compat_other, Assoc::Left))
        .op(Op::infix(Rule::op_add, Assoc::Left) | Op::infix(Rule::op_sub, Assoc::Left))
        .op(Op::infix(Rule::op_mul, Assoc::Left)
            | Op::infix(Rule::op_div, Assoc::Left)
            | Op::infix(Rule::op_rem, Assoc::Left))
        .op(Op::prefix(Rule::op_not)
            | Op::prefix(Rule::op_neg)
            | Op::prefix(Rule::kw_try)
            | Op::prefix(Rule::compat_not))
        .op(Op::postfix(Rule::cast) | Op::postfix(Rule::with))
});

/// Which operator a rule is, and whether it is one of another language.
fn binary(rule: Rule) -> Option<(BinaryOp, bool)> {
    let found = if rule == Rule::op_coalesce {
        (BinaryOp::Coalesce, false)
    } else if rule == Rule::op_or || rule == Rule::compat_or {
        (BinaryOp::Or, rule == Rule::compat_or)
    } else if rule == Rule::op_and || rule == Rule::compat_and {
        (BinaryOp::And, rule == Rule::compat_and)
    } else if rule == Rule::op_eq || rule == Rule::compat_eq || rule == Rule::compat_same {
        (BinaryOp::Eq, rule != Rule::op_eq)
    } else if rule == Rule::op_ne || rule == Rule::compat_other {
        (BinaryOp::Ne, rule != Rule::op_ne)
    } else if rule == Rule::op_lt {
        (BinaryOp::Lt, false)
    } else if rule == Rule::op_le {
        (BinaryOp::Le, false)
    } else if rule == Rule::op_gt {
        (BinaryOp::Gt, false)
    } else if rule == Rule::op_ge {
        (BinaryOp::Ge, false)
    } else if rule == Rule::op_add {
        (BinaryOp::Add, false)
    } else if rule == Rule::op_sub {
        (BinaryOp::Sub, false)
    } else if rule == Rule::op_mul {
        (BinaryOp::Mul, false)
    } else if rule == Rule::op_div {
        (BinaryOp::Div, false)
    } else if rule == Rule::op_rem {
        (BinaryOp::Rem, false)
    } else {
        return None;
    };
    Some(found)
}

/// A prefix before what it binds to.
pub(super) fn prefixed(op: UnaryOp, span: Span, operand: Expr) -> Expr {
    let kind = match (op, operand.kind) {
        // The one number that has no positive counterpart.
        (UnaryOp::Neg, ExprKind::Int(i64::MIN)) => ExprKind::Int(i64::MIN),
        (op, kind) => ExprKind::Unary { op, operand: Box::new(Expr { kind, span: operand.span }) },
    };
    Expr { kind, span }
}

impl<'t> Builder<'t> {
    /// An `expr` or a `cond`: operands with operators between them.
    pub(super) fn expr(&mut self, node: Node<'t>) -> Expr {
        let place = span_of(&node);
        let inner = node.into_inner();
        let operators = u32::try_from(inner.len().saturating_sub(1)).unwrap_or(u32::MAX);
        if operators == 0 {
            return self
                .deeper(1, place, |this| this.operators(place, inner))
                .unwrap_or_else(|| missing(place));
        }
        // The chain may lean to one side with its whole length.
        let by = operators.div_ceil(2).saturating_add(1);
        self.deeper(by, place, |this| {
            this.check_chain(inner.clone());
            this.operators(place, inner)
        })
        .unwrap_or_else(|| missing(place))
    }

    fn operators(&mut self, place: Span, mut inner: Pairs<'t, Rule>) -> Expr {
        if inner.len() <= 1 {
            return inner.next().map_or_else(|| missing(place), |node| self.expr_node(node));
        }
        let this = std::cell::RefCell::new(self);
        OPERATORS
            .map_primary(|node| this.borrow_mut().expr_node(node))
            .map_prefix(|op, operand| {
                let place = span_of(&op).to(operand.span);
                if op.as_rule() == Rule::kw_try {
                    Expr { kind: ExprKind::Try(Box::new(operand)), span: place }
                } else {
                    let unary = if op.as_rule() == Rule::op_neg { UnaryOp::Neg } else { UnaryOp::Not };
                    prefixed(unary, place, operand)
                }
            })
            .map_postfix(|operand, op| this.borrow_mut().postfix(operand, op))
            .map_infix(|left, op, right| {
                let span = left.span.to(right.span);
                let kind = match binary(op.as_rule()) {
                    Some((sign, _)) => ExprKind::Binary {
                        op: sign,
                        op_span: span_of(&op),
                        left: Box::new(left),
                        right: Box::new(right),
                    },
                    None => ExprKind::Else { step: Box::new(left), otherwise: Box::new(right) },
                };
                Expr { kind, span }
            })
            .parse(inner)
    }

    /// Operators of other languages, and comparisons of comparisons.
    fn check_chain(&mut self, inner: Pairs<'t, Rule>) {
        let mut compared = false;
        for node in inner {
            let rule = node.as_rule();
            if rule == Rule::compat_not {
                self.errors.push(errors::foreign_operator(span_of(&node), node.as_str(), "!"));
                continue;
            }
            if rule == Rule::kw_else {
                compared = false;
                continue;
            }
            let Some((op, foreign)) = binary(rule) else { continue };
            match op {
                BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                    if foreign {
                        let right = if op == BinaryOp::Ne { "!=" } else { "==" };
                        self.errors.push(errors::foreign_operator(span_of(&node), node.as_str(), right));
                    } else if compared {
                        self.errors.push(errors::chained_comparison(span_of(&node), node.as_str()));
                    }
                    compared = true;
                }
                BinaryOp::And | BinaryOp::Or | BinaryOp::Coalesce => {
                    if foreign {
                        let right = if op == BinaryOp::And { "&&" } else { "||" };
                        self.errors.push(errors::foreign_operator(span_of(&node), node.as_str(), right));
                    }
                    compared = false;
                }
                BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {}
            }
        }
    }

    fn postfix(&mut self, operand: Expr, op: Node<'t>) -> Expr {
        let span = operand.span.to(span_of(&op));
        let is_cast = op.as_rule() == Rule::cast;
        let Some(part) = op.into_inner().find(|part| !matches!(part.as_rule(), Rule::kw_as | Rule::kw_with))
        else {
            return operand;
        };
        let kind = if is_cast {
            ExprKind::Cast { value: Box::new(operand), ty: self.ty(part) }
        } else {
            let fields_span = span_of(&part);
            ExprKind::With { step: Box::new(operand), fields: self.fields(part), fields_span }
        };
        Expr { kind, span }
    }

    /// An operand with its calls, indices and fields.
    fn operand(&mut self, node: Node<'t>) -> Expr {
        let place = span_of(&node);
        let mut inner = node.into_inner();
        let tails = u32::try_from(inner.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let Some(first) = inner.next() else { return missing(place) };
        if tails == 0 {
            return self.expr_node(first);
        }
        self.deeper(tails, place, |this| {
            let mut expr = this.expr_node(first);
            for tail in inner {
                expr = this.tail(expr, tail);
            }
            expr
        })
        .unwrap_or_else(|| missing(place))
    }

    fn tail(&mut self, base: Expr, node: Node<'t>) -> Expr {
        let span = base.span.to(span_of(&node));
        let rule = node.as_rule();
        let kind = if rule == Rule::call {
            let args = node.into_inner().filter(|part| part.as_rule() == Rule::arg);
            ExprKind::Call { callee: Box::new(base), args: args.map(|arg| self.arg(arg)).collect() }
        } else if rule == Rule::index {
            let index = self.child(node, Rule::expr);
            ExprKind::Index { base: Box::new(base), index: Box::new(index) }
        } else if rule == Rule::field {
            match node.into_inner().find(|part| part.as_rule() == Rule::word) {
                Some(word) => ExprKind::Field { base: Box::new(base), field: ident_of(&word) },
                None => ExprKind::Missing,
            }
        } else if rule == Rule::rate {
            let per = self.child(node, Rule::number);
            ExprKind::Rate { count: Box::new(base), per: Box::new(per) }
        } else {
            ExprKind::Missing
        };
        Expr { kind, span }
    }

    fn arg(&mut self, node: Node<'t>) -> Arg {
        let place = span_of(&node);
        let mut arg = Arg { name: None, value: missing(place) };
        for part in node.into_inner() {
            if part.as_rule() == Rule::field_name {
                arg.name = Some(field_name_of(part));
            } else {
                arg.value = self.expr_node(part);
            }
        }
        arg
    }

    /// The first child of a rule, as an expression.
    pub(super) fn child(&mut self, node: Node<'t>, rule: Rule) -> Expr {
        let place = span_of(&node);
        match node.into_inner().find(|part| part.as_rule() == rule) {
            Some(part) => self.expr_node(part),
            None => missing(place),
        }
    }

    /// The children of a rule, as expressions.
    pub(super) fn children(&mut self, node: Node<'t>, rule: Rule) -> Vec<Expr> {
        node.into_inner().filter(|part| part.as_rule() == rule).map(|part| self.expr_node(part)).collect()
    }

    /// `{ name: value }` and `{}`.
    pub(super) fn fields(&mut self, node: Node<'t>) -> Vec<FieldInit> {
        let entries = node.into_inner().filter(|part| part.as_rule() == Rule::field_init);
        entries.filter_map(|entry| self.field_init(entry)).collect()
    }

    fn field_init(&mut self, node: Node<'t>) -> Option<FieldInit> {
        let mut name = None;
        let mut value = None;
        for part in node.into_inner() {
            if part.as_rule() == Rule::word {
                name = Some(ident_of(&part));
            } else if part.as_rule() == Rule::expr {
                value = Some(self.expr(part));
            }
        }
        Some(FieldInit { name: name?, value: value? })
    }

    fn map_entry(&mut self, node: Node<'t>) -> Option<MapEntry> {
        let mut key = None;
        let mut value = None;
        for part in node.into_inner() {
            if part.as_rule() == Rule::text {
                key = Some(self.text_lit(part));
            } else if part.as_rule() == Rule::expr {
                value = Some(self.expr(part));
            }
        }
        Some(MapEntry { key: key?, value: value? })
    }

    /// The body of a form: a block, or a record or map that is its value.
    pub(super) fn body(&mut self, node: Node<'t>) -> Block {
        let span = span_of(&node);
        if node.as_rule() == Rule::block {
            return self
                .deeper(1, span, |this| this.block(node))
                .unwrap_or_else(|| Block { stmts: Vec::new(), span });
        }
        let value = self.expr_node(node);
        Block { stmts: vec![Stmt { kind: StmtKind::Expr(value), span }], span }
    }

    /// Any pair that is an expression.
    pub(super) fn expr_node(&mut self, node: Node<'t>) -> Expr {
        let span = span_of(&node);
        // Every rule is named: a new one must say whether it is an expression.
        let kind = match node.as_rule() {
            Rule::expr | Rule::cond => return self.expr(node),
            Rule::operand | Rule::cond_operand | Rule::simple | Rule::agent => return self.operand(node),
            Rule::number => self.number(node.as_str(), span),
            Rule::ident => ExprKind::Name(Name::from(node.as_str())),
            Rule::literal => literal(node.as_str()),
            Rule::text | Rule::sh_text | Rule::script_text => ExprKind::Text(self.text_lit(node)),
            Rule::paren => return Expr { span, ..self.child(node, Rule::expr) },
            Rule::list => ExprKind::List(self.children(node, Rule::expr)),
            Rule::record | Rule::record_empty => ExprKind::Record(self.fields(node)),
            Rule::map => {
                let entries = node.into_inner().filter(|part| part.as_rule() == Rule::map_entry);
                ExprKind::Map(entries.filter_map(|entry| self.map_entry(entry)).collect())
            }
            Rule::block => ExprKind::Block(self.body(node)),
            Rule::ask_expr => self.ask(node),
            Rule::race_expr => ExprKind::Race(Box::new(self.child(node, Rule::simple))),
            Rule::approve_expr => ExprKind::Approve(Box::new(self.child(node, Rule::simple))),
            Rule::fail_expr => ExprKind::Fail(Box::new(self.child(node, Rule::simple))),
            Rule::escalate_expr => ExprKind::Escalate(Box::new(self.child(node, Rule::simple))),
            Rule::rollback => ExprKind::Rollback,
            Rule::first_expr => {
                let mut parts = self.children(node, Rule::simple);
                match (parts.pop(), parts.pop()) {
                    (Some(of), Some(n)) => ExprKind::First { n: Box::new(n), of: Box::new(of) },
                    _ => ExprKind::Missing,
                }
            }
            Rule::for_expr | Rule::reduce_expr | Rule::loop_expr => self.repetition(node),
            Rule::if_expr => self.if_expr(node),
            Rule::match_expr => self.match_expr(node),
            Rule::missing => ExprKind::Missing,
            Rule::WHITESPACE
            | Rule::EOI
            | Rule::item
            | Rule::use_item
            | Rule::use_path
            | Rule::use_names
            | Rule::type_item
            | Rule::agent_item
            | Rule::settings_item
            | Rule::test_item
            | Rule::task_item
            | Rule::flow_item
            | Rule::params
            | Rule::param
            | Rule::result
            | Rule::from
            | Rule::clauses
            | Rule::clause
            | Rule::sh_clause
            | Rule::script_clause
            | Rule::plain_clause
            | Rule::ty
            | Rule::ty_optional
            | Rule::ty_primary
            | Rule::ty_record
            | Rule::ty_field
            | Rule::ty_unit
            | Rule::ty_paren
            | Rule::ty_schema
            | Rule::ty_named
            | Rule::ty_path
            | Rule::ty_args
            | Rule::compat_args
            | Rule::ty_range
            | Rule::bound
            | Rule::body
            | Rule::stmt
            | Rule::let_stmt
            | Rule::gate_stmt
            | Rule::assert_stmt
            | Rule::break_stmt
            | Rule::continue_stmt
            | Rule::mock_stmt
            | Rule::mock_params
            | Rule::expr_stmt
            | Rule::chain
            | Rule::unary
            | Rule::cond_unary
            | Rule::primary
            | Rule::keyword_led
            | Rule::bracket_led
            | Rule::tail
            | Rule::call
            | Rule::arg
            | Rule::index
            | Rule::field
            | Rule::rate
            | Rule::cast
            | Rule::with
            | Rule::field_init
            | Rule::map_entry
            | Rule::for_if
            | Rule::for_max
            | Rule::else_if
            | Rule::arm
            | Rule::pattern
            | Rule::pattern_one
            | Rule::pattern_literal
            | Rule::pattern_name
            | Rule::pattern_fields
            | Rule::infix
            | Rule::infix_op
            | Rule::prefix
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
            | Rule::op_not
            | Rule::op_neg
            | Rule::compat_eq
            | Rule::compat_same
            | Rule::compat_other
            | Rule::compat_and
            | Rule::compat_or
            | Rule::compat_not
            | Rule::compat_elif
            | Rule::compat_let
            | Rule::compat_return
            | Rule::compat_arrow
            | Rule::compat_fat_arrow
            | Rule::operand_ahead
            | Rule::raw
            | Rule::raw_quoted
            | Rule::splice
            | Rule::short_escape
            | Rule::long_escape
            | Rule::short_run
            | Rule::long_run
            | Rule::sh_short_run
            | Rule::sh_long_run
            | Rule::raw_short_run
            | Rule::raw_long_run
            | Rule::splice_open
            | Rule::splice_close
            | Rule::map_ahead
            | Rule::word
            | Rule::clause_word
            | Rule::field_name
            | Rule::letters
            | Rule::reserved
            | Rule::kw_use
            | Rule::kw_type
            | Rule::kw_agent
            | Rule::kw_task
            | Rule::kw_flow
            | Rule::kw_settings
            | Rule::kw_test
            | Rule::kw_let
            | Rule::kw_gate
            | Rule::kw_assert
            | Rule::kw_break
            | Rule::kw_continue
            | Rule::kw_mock
            | Rule::kw_if
            | Rule::kw_else
            | Rule::kw_match
            | Rule::kw_for
            | Rule::kw_reduce
            | Rule::kw_loop
            | Rule::kw_race
            | Rule::kw_first
            | Rule::kw_ask
            | Rule::kw_approve
            | Rule::kw_fail
            | Rule::kw_escalate
            | Rule::kw_try
            | Rule::kw_as
            | Rule::kw_with
            | Rule::kw_from
            | Rule::kw_stdout
            | Rule::kw_lines
            | Rule::kw_schema
            | Rule::kw_sh
            | Rule::kw_script
            | Rule::kw_in
            | Rule::kw_max
            | Rule::kw_of
            | Rule::kw_per
            | Rule::kw_independent
            | Rule::kw_each
            | Rule::kw_failed
            | Rule::kw_speculate
            | Rule::pattern_any
            | Rule::lparen
            | Rule::rparen
            | Rule::lbracket
            | Rule::rbracket
            | Rule::lbrace
            | Rule::rbrace
            | Rule::langle
            | Rule::rangle
            | Rule::comma
            | Rule::colon
            | Rule::assign
            | Rule::arrow
            | Rule::fat_arrow
            | Rule::bar
            | Rule::dots
            | Rule::dot
            | Rule::optional => ExprKind::Missing,
        };
        Expr { kind, span }
    }
}

fn literal(word: &str) -> ExprKind {
    match word {
        "true" => ExprKind::Bool(true),
        "false" => ExprKind::Bool(false),
        _ => ExprKind::None,
    }
}

pub(super) fn missing(span: Span) -> Expr {
    Expr { kind: ExprKind::Missing, span }
}
