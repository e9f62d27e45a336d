//! Items, their signatures and clauses.
use flowc_base::{Name, Span};

use super::{Builder, Node, ident_of, span_of, words_of};
use crate::Rule;
use crate::ast::{
    Agent, Block, Clause, Expr, ExprKind, Flow, Ident, Item, ItemKind, Output, OutputField, OutputFrom,
    OutputFromKind, OutputKind, Param, Settings, Task, Test, TypeExpr, TypeItem, TypeKind, Use, UseFrom,
};
use crate::errors;

impl<'t> Builder<'t> {
    pub(super) fn item(&mut self, node: Node<'t>) -> Option<Item> {
        let place = span_of(&node);
        let docs = self.docs_before(place.start);
        let rule = node.as_rule();
        let kind = if rule == Rule::use_item {
            ItemKind::Use(self.use_item(node))
        } else if rule == Rule::type_item {
            ItemKind::Type(self.type_item(node))
        } else if rule == Rule::agent_item {
            let (name, clauses) = self.name_and_clauses(node);
            ItemKind::Agent(Agent { name, clauses })
        } else if rule == Rule::settings_item {
            ItemKind::Settings(Settings { groups: self.name_and_clauses(node).1 })
        } else if rule == Rule::test_item {
            ItemKind::Test(self.test_item(node))
        } else if rule == Rule::task_item {
            ItemKind::Task(self.task_item(node))
        } else if rule == Rule::flow_item {
            ItemKind::Flow(self.flow_item(node))
        } else {
            return None;
        };
        Some(Item { docs, kind, span: Span::new(0, crate::lex::offset(self.text.len())) })
    }

    fn use_item(&mut self, node: Node<'t>) -> Use {
        let mut from = UseFrom::Path(Vec::new());
        let mut alias = None;
        let mut names = None;
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::text {
                from = UseFrom::File(self.text_lit(part));
            } else if rule == Rule::use_path {
                from = UseFrom::Path(words_of(part));
            } else if rule == Rule::use_names {
                names = Some(words_of(part));
            } else if rule == Rule::ident {
                alias = Some(ident_of(&part));
            }
        }
        Use { from, alias, names }
    }

    fn type_item(&mut self, node: Node<'t>) -> TypeItem {
        let place = span_of(&node);
        let mut name = no_name(place);
        let mut ty = TypeExpr { kind: TypeKind::Missing, span: place };
        for part in node.into_inner() {
            if part.as_rule() == Rule::ident {
                name = ident_of(&part);
            } else if part.as_rule() == Rule::ty {
                ty = self.ty(part);
            }
        }
        TypeItem { name, ty }
    }

    fn name_and_clauses(&mut self, node: Node<'t>) -> (Ident, Vec<Clause>) {
        let mut name = no_name(span_of(&node));
        let mut clauses = Vec::new();
        for part in node.into_inner() {
            if part.as_rule() == Rule::ident {
                name = ident_of(&part);
            } else if part.as_rule() == Rule::clauses {
                clauses = self.clauses(part);
            }
        }
        (name, clauses)
    }

    fn test_item(&mut self, node: Node<'t>) -> Test {
        let place = span_of(&node);
        let mut name = None;
        let mut body = Block { stmts: Vec::new(), span: place };
        for part in node.into_inner() {
            if part.as_rule() == Rule::text {
                name = Some(self.text_lit(part));
            } else if is_body(part.as_rule()) {
                body = self.body(part);
            }
        }
        Test { name: name.unwrap_or_else(|| super::text::empty(place)), body }
    }

    fn flow_item(&mut self, node: Node<'t>) -> Flow {
        let place = span_of(&node);
        let mut flow = Flow {
            name: no_name(place),
            params: Vec::new(),
            output: None,
            body: Block { stmts: Vec::new(), span: place },
        };
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::ident {
                flow.name = ident_of(&part);
            } else if rule == Rule::params {
                flow.params = self.params(part);
            } else if rule == Rule::compat_fat_arrow {
                self.errors.push(errors::wrong_arrow(span_of(&part), "=>", "->"));
            } else if rule == Rule::ty {
                flow.output = Some(self.ty(part));
            } else if is_body(rule) {
                flow.body = self.body(part);
            }
        }
        flow
    }

    fn task_item(&mut self, node: Node<'t>) -> Task {
        let place = span_of(&node);
        let mut task = Task {
            name: no_name(place),
            params: Vec::new(),
            output: None,
            clauses: Vec::new(),
            body_span: place,
        };
        let mut output = None;
        let mut from = None;
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::ident {
                task.name = ident_of(&part);
            } else if rule == Rule::params {
                task.params = self.params(part);
            } else if rule == Rule::compat_fat_arrow {
                self.errors.push(errors::wrong_arrow(span_of(&part), "=>", "->"));
            } else if rule == Rule::ty {
                output = Some(self.output(part));
            } else if rule == Rule::from {
                from = Some(self.output_from(part));
            } else if rule == Rule::clauses {
                task.body_span = span_of(&part);
                task.clauses = self.clauses(part);
            }
        }
        task.output = output.map(|mut output| {
            if let Some(from) = from {
                output.span = output.span.to(from.span);
                if let OutputKind::One { from: slot, .. } = &mut output.kind {
                    *slot = Some(from);
                } else {
                    self.errors.push(errors::from_twice(from.span));
                }
            }
            output
        });
        task
    }

    /// A record with a `from` in one of its fields at least is a record of outputs; all else is one type.
    fn output(&mut self, node: Node<'t>) -> Output {
        let place = span_of(&node);
        match sole_record_with_from(&node) {
            Some(record) => {
                let fields = record.into_inner().filter(|part| part.as_rule() == Rule::ty_field);
                let fields: Vec<_> = fields.filter_map(|field| self.output_field(field)).collect();
                Output { kind: OutputKind::Record(fields), span: place }
            }
            None => Output { kind: OutputKind::One { ty: self.ty(node), from: None }, span: place },
        }
    }

    fn output_field(&mut self, node: Node<'t>) -> Option<OutputField> {
        let docs = self.docs_before(span_of(&node).start);
        let mut name = None;
        let mut ty = None;
        let mut from = None;
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::word {
                name = Some(ident_of(&part));
            } else if rule == Rule::ty {
                ty = Some(self.ty(part));
            } else if rule == Rule::from {
                from = Some(self.output_from(part));
            }
        }
        Some(OutputField { docs, name: name?, ty: ty?, from })
    }

    fn output_from(&mut self, node: Node<'t>) -> OutputFrom {
        let place = span_of(&node);
        let mut kind = OutputFromKind::Stdout;
        for part in node.into_inner() {
            if part.as_rule() == Rule::kw_lines {
                kind = OutputFromKind::Lines;
            } else if part.as_rule() == Rule::text {
                kind = OutputFromKind::Path(self.text_lit(part));
            }
        }
        OutputFrom { kind, span: place }
    }

    fn params(&mut self, node: Node<'t>) -> Vec<Param> {
        node.into_inner().filter(|part| part.as_rule() == Rule::param).map(|part| self.param(part)).collect()
    }

    fn param(&mut self, node: Node<'t>) -> Param {
        let place = span_of(&node);
        let docs = self.docs_before(place.start);
        let mut name = None;
        let mut ty = None;
        let mut default = None;
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::word {
                name = Some(ident_of(&part));
            } else if rule == Rule::ty {
                ty = Some(self.ty(part));
            } else if rule == Rule::expr {
                default = Some(self.expr(part));
            }
        }
        // One that could not be read is kept, nameless, so that callers are not counted against the rest.
        let (name, ty) = match name {
            Some(name) => (name, ty),
            None => (no_name(place), Some(TypeExpr { kind: TypeKind::Missing, span: place })),
        };
        Param { docs, name, ty, default, span: place }
    }

    fn clauses(&mut self, node: Node<'t>) -> Vec<Clause> {
        let clauses = node.into_inner().filter(|part| part.as_rule() == Rule::clause);
        clauses.filter_map(|part| self.clause(part)).collect()
    }

    fn clause(&mut self, node: Node<'t>) -> Option<Clause> {
        let place = span_of(&node);
        let form = node.into_inner().next()?;
        if form.as_rule() == Rule::missing {
            return None;
        }
        if form.as_rule() == Rule::ask_expr {
            // The word of the clause is the word of the question.
            let word = Ident { name: Name::from("ask"), span: Span::new(place.start, place.start + 3) };
            return Some(Clause { word, args: vec![self.expr_node(form)], span: place });
        }
        let mut word = None;
        let mut args = Vec::new();
        for part in form.into_inner() {
            let rule = part.as_rule();
            if matches!(rule, Rule::clause_word | Rule::kw_sh | Rule::kw_script) {
                word = Some(ident_of(&part));
            } else if rule == Rule::expr {
                args.push(self.expr(part));
            } else if matches!(rule, Rule::text | Rule::sh_text | Rule::script_text) {
                let lit = self.text_lit(part);
                args.push(Expr { span: lit.span, kind: ExprKind::Text(lit) });
            } else {
                args.push(self.expr_node(part));
            }
        }
        Some(Clause { word: word?, args, span: place })
    }
}

pub(super) fn is_body(rule: Rule) -> bool {
    matches!(rule, Rule::block | Rule::record | Rule::map)
}

fn no_name(place: Span) -> Ident {
    Ident { name: Name::from(""), span: Span::new(place.start, place.start) }
}

/// The record of `{ … }` when nothing stands around it and one of its fields has a `from`.
fn sole_record_with_from<'t>(ty: &Node<'t>) -> Option<Node<'t>> {
    let sole = |node: &Node<'t>| {
        let mut inner = node.clone().into_inner();
        let first = inner.next()?;
        inner.next().is_none().then_some(first)
    };
    let record = sole(&sole(ty)?)?;
    let has_from = record.as_rule() == Rule::ty_record
        && record.clone().into_inner().any(|field| {
            field.as_rule() == Rule::ty_field && field.into_inner().any(|part| part.as_rule() == Rule::from)
        });
    has_from.then_some(record)
}
