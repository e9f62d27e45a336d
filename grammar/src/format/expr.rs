//! The layout of statements and expressions, and which rule of the grammar has which layout.
use super::item::children;
use super::write::{Brackets, Writer};
use crate::Rule;
use crate::build::Node;

/// How tightly an operator binds, from 1; `None` for what is none.
fn strength(rule: Rule) -> Option<u8> {
    Some(match rule {
        Rule::op_coalesce => 1,
        Rule::op_or => 2,
        Rule::op_and => 3,
        Rule::op_eq | Rule::op_ne | Rule::op_lt | Rule::op_le | Rule::op_gt | Rule::op_ge => 4,
        Rule::op_add | Rule::op_sub => 5,
        Rule::op_mul | Rule::op_div | Rule::op_rem => 6,
        _ => return None,
    })
}

/// The brackets of a `race`, `match` … are its own business; what stands in them is written like everything else.
impl<'t> Writer<'t> {
    /// Any node.
    pub(super) fn node(&mut self, node: &Node<'t>) {
        match node.as_rule() {
            Rule::text | Rule::sh_text | Rule::script_text => self.literal(node),
            // Tokens with tokens in them.
            Rule::use_path | Rule::ty_path => self.token(node),
            Rule::field_name => self.field_name(node),
            Rule::use_names => self.use_names(node),
            Rule::params | Rule::mock_params => self.params(node),
            Rule::clauses => self.clauses(node),
            Rule::ty | Rule::pattern => self.alternatives(node),
            Rule::ty_record => self.record_type(node),
            Rule::ty_args => self.type_arguments(node),
            Rule::ty_optional
            | Rule::ty_unit
            | Rule::ty_paren
            | Rule::ty_schema
            | Rule::ty_named
            | Rule::ty_range
            | Rule::bound
            | Rule::pattern_literal
            | Rule::index
            | Rule::field => self.touching(node),
            Rule::operand | Rule::cond_operand | Rule::simple | Rule::agent => self.operand(node),
            Rule::expr | Rule::cond => self.expr(node, 1),
            Rule::block | Rule::record | Rule::map | Rule::record_empty => self.body(node, true),
            Rule::list => self.list(node),
            Rule::call => self.call(node),
            Rule::paren => self.paren(node),
            Rule::pattern_fields => {
                let parts = children(node);
                self.brackets(&parts, Brackets::PADDED, Self::node);
            }
            Rule::gate_stmt => self.gate(node),
            Rule::if_expr => self.if_expr(node),
            Rule::for_expr | Rule::loop_expr | Rule::reduce_expr => self.headed(node),
            Rule::match_expr => self.match_expr(node),
            _ if node.clone().into_inner().next().is_none() => self.token(node),
            // What is left is words and parts with blanks between them: statements, parameters, `ask`, `as`, `from` …
            _ => self.words(node),
        }
    }

    /// `name:` of a field or an argument.
    fn field_name(&mut self, node: &Node<'t>) {
        self.touching(node);
        let end = node.as_span().end();
        self.token_at(end.saturating_sub(1)..end);
    }

    /// A name or a literal with calls, indices and fields.
    fn operand(&mut self, node: &Node<'t>) {
        for part in node.clone().into_inner() {
            if part.as_rule() == Rule::rate {
                self.space();
                self.words(&part);
            } else {
                self.node(&part);
            }
        }
    }

    // --- Operators ---------------------------------------------------------------------------------------------

    /// Operands with operators between them; further lines are indented by so many levels.
    fn expr(&mut self, node: &Node<'t>, levels: i32) {
        let parts = children(node);
        let mut steps = parts.split(|part| part.as_rule() == Rule::kw_else);
        let words = parts.iter().filter(|part| part.as_rule() == Rule::kw_else);
        self.chain(steps.next().unwrap_or(&[]), levels);
        for (word, step) in words.zip(steps) {
            self.otherwise(word, |this| this.chain(step, levels));
        }
    }

    /// `else …`: on a line of its own when it does not fit behind the last.
    fn otherwise(&mut self, word: &Node<'t>, step: impl FnOnce(&mut Self)) {
        self.open();
        self.indent(1);
        self.line();
        self.token(word);
        self.space();
        step(self);
        self.indent(-1);
        self.close();
    }

    /// Operands and operators: all operators that bind loosest begin a line, or none.
    fn chain(&mut self, parts: &[Node<'t>], levels: i32) {
        let Some(loosest) = parts.iter().filter_map(|part| strength(part.as_rule())).min() else {
            return self.unary(parts);
        };
        let is_loosest = |part: &Node<'t>| strength(part.as_rule()) == Some(loosest);
        let mut operands = parts.split(is_loosest);
        self.open();
        self.chain(operands.next().unwrap_or(&[]), levels);
        self.indent(levels);
        for (operator, operand) in parts.iter().filter(|part| is_loosest(part)).zip(operands) {
            self.line();
            self.token(operator);
            self.space();
            self.chain(operand, 1);
        }
        self.indent(-levels);
        self.close();
    }

    /// Prefixes, an operand, and `as` and `with`.
    fn unary(&mut self, parts: &[Node<'t>]) {
        for part in parts {
            if matches!(part.as_rule(), Rule::cast | Rule::with) {
                self.space();
            }
            self.node(part);
            if part.as_rule() == Rule::kw_try {
                self.space();
            }
        }
    }

    // --- Brackets ----------------------------------------------------------------------------------------------

    /// `{ … }`: a record, a map, or statements.
    fn body(&mut self, node: &Node<'t>, group: bool) {
        let parts = children(node);
        if node.as_rule() == Rule::block {
            // There is no semicolon to tell two statements on one line apart.
            let broken = parts.len() > 3 || self.any_begins_line(&parts);
            let style = Brackets { group, ..Brackets::BODY.broken_if(broken) };
            self.brackets(&parts, style, Self::node);
        } else {
            let broken = self.breaks_first(&parts);
            let style = Brackets { group, ..Brackets::PADDED.broken_if(broken) };
            self.brackets(&parts, style, Self::node);
        }
    }

    fn list(&mut self, node: &Node<'t>) {
        let parts = children(node);
        let broken = self.breaks_first(&parts);
        let place = node.as_span();
        let fill = parts.iter().all(is_number_or_sign) && !self.has_comment(place.start()..place.end());
        self.brackets(&parts, Brackets { fill, ..Brackets::TIGHT.broken_if(broken) }, Self::node);
    }

    fn call(&mut self, node: &Node<'t>) {
        let parts = children(node);
        let broken = self.breaks_first(&parts);
        let last = parts.iter().rfind(|part| part.as_rule() == Rule::arg);
        let hug = !broken && last.is_some_and(ends_in_brackets);
        self.brackets(&parts, Brackets { hug, ..Brackets::TIGHT.broken_if(broken) }, Self::node);
    }

    fn paren(&mut self, node: &Node<'t>) {
        let parts = children(node);
        if parts.get(1).is_some_and(ends_in_brackets) {
            return self.touching(node);
        }
        let style = Brackets { commas: false, ..Brackets::TIGHT };
        self.brackets(&parts, style, Self::node);
    }

    // --- Forms -------------------------------------------------------------------------------------------------

    /// `gate "name" speculate COND else ACTION`
    fn gate(&mut self, node: &Node<'t>) {
        let parts = children(node);
        let mut at = 0;
        while let Some(part) = parts.get(at) {
            match (part.as_rule(), parts.get(at + 1)) {
                (Rule::kw_else, Some(action)) => {
                    self.otherwise(part, |this| this.node(action));
                    at += 2;
                    continue;
                }
                _ if at > 0 => self.space(),
                _ => {}
            }
            self.node(part);
            at += 1;
        }
    }

    /// All branches on one line, or none.
    fn if_expr(&mut self, node: &Node<'t>) {
        self.open();
        for (at, part) in node.clone().into_inner().enumerate() {
            if matches!(part.as_rule(), Rule::kw_else) {
                self.beside();
            } else if at > 0 {
                self.space();
            }
            match part.as_rule() {
                Rule::block | Rule::record | Rule::map => self.body(&part, false),
                _ => self.head_part(&part),
            }
        }
        self.close();
    }

    /// `for`, `loop`, `reduce`: a head and a body.
    fn headed(&mut self, node: &Node<'t>) {
        for (at, part) in node.clone().into_inner().enumerate() {
            match part.as_rule() {
                Rule::comma => self.token(&part),
                Rule::for_if | Rule::for_max => {
                    self.open();
                    self.indent(2);
                    self.line();
                    self.words(&part);
                    self.indent(-2);
                    self.close();
                }
                _ => {
                    if at > 0 {
                        self.space();
                    }
                    self.head_part(&part);
                }
            }
        }
    }

    /// A part of a head: further lines of a condition are indented twice, so that they are told from the body.
    fn head_part(&mut self, part: &Node<'t>) {
        if part.as_rule() == Rule::cond {
            self.expr(part, 2);
        } else {
            self.node(part);
        }
    }

    fn match_expr(&mut self, node: &Node<'t>) {
        let parts = children(node);
        let Some(open) = parts.iter().position(|part| part.as_rule() == Rule::lbrace) else { return };
        let (head, arms) = parts.split_at(open);
        for part in head {
            self.head_part(part);
            self.space();
        }
        let broken = self.breaks_first(arms);
        self.brackets(arms, Brackets::PADDED.broken_if(broken), Self::node);
    }
}

/// Whether a part of a list is a number, or none of its elements.
fn is_number_or_sign(part: &Node<'_>) -> bool {
    let mut leaves = part.clone().into_inner().flatten();
    part.as_rule() != Rule::expr
        || leaves.all(|leaf| matches!(leaf.as_rule(), Rule::operand | Rule::number | Rule::op_neg))
}

/// Whether an expression may begin on the line of the bracket around it and break inside of its own brackets.
fn ends_in_brackets(node: &Node<'_>) -> bool {
    let mut node = node.clone();
    loop {
        match node.as_rule() {
            Rule::arg => {
                let Some(value) = node.into_inner().find(|part| part.as_rule() == Rule::expr) else {
                    return false;
                };
                node = value;
            }
            Rule::expr => {
                let mut parts = node.into_inner().skip_while(|part| part.as_rule() == Rule::kw_try);
                let (Some(operand), None) = (parts.next(), parts.next()) else { return false };
                node = operand;
            }
            Rule::operand => {
                let mut parts = node.into_inner();
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(form), None, None) => node = form,
                    // `text(join(…))`
                    (Some(name), Some(call), None)
                        if name.as_rule() == Rule::ident && call.as_rule() == Rule::call =>
                    {
                        let mut args = call.into_inner().filter(|part| part.as_rule() == Rule::arg);
                        let (Some(arg), None) = (args.next(), args.next()) else { return false };
                        node = arg;
                    }
                    _ => return false,
                }
            }
            Rule::text => return node.as_str().contains('\n'),
            Rule::list | Rule::record | Rule::map | Rule::block => {
                return node.into_inner().len() > 2;
            }
            Rule::for_expr | Rule::if_expr | Rule::match_expr | Rule::loop_expr | Rule::reduce_expr => {
                return true;
            }
            _ => return false,
        }
    }
}
