//! Types as written.
use flowc_base::{Name, Span};

use super::{Builder, Node, ident_of, span_of, words_of};
use crate::Rule;
use crate::ast::{Expr, ExprKind, Ident, TypeExpr, TypeField, TypeKind, UnaryOp};
use crate::errors;

impl<'t> Builder<'t> {
    pub(super) fn ty(&mut self, node: Node<'t>) -> TypeExpr {
        let place = span_of(&node);
        self.deeper(1, place, |this| {
            let mut alternatives: Vec<_> = node
                .into_inner()
                .filter(|part| part.as_rule() == Rule::ty_optional)
                .map(|part| this.ty_optional(part))
                .collect();
            match alternatives.pop() {
                Some(one) if alternatives.is_empty() && !matches!(one.kind, TypeKind::Text(_)) => one,
                Some(last) => {
                    alternatives.push(last);
                    TypeExpr { kind: TypeKind::Choice(alternatives), span: place }
                }
                None => missing(place),
            }
        })
        .unwrap_or_else(|| missing(place))
    }

    fn ty_optional(&mut self, node: Node<'t>) -> TypeExpr {
        let place = span_of(&node);
        let mut ty = missing(place);
        for part in node.into_inner() {
            if part.as_rule() == Rule::optional {
                ty = TypeExpr { kind: TypeKind::Optional(Box::new(ty)), span: place };
            } else {
                ty = self.ty_primary(part);
            }
        }
        ty
    }

    fn ty_primary(&mut self, node: Node<'t>) -> TypeExpr {
        let place = span_of(&node);
        let rule = node.as_rule();
        let kind = if rule == Rule::text {
            TypeKind::Text(self.text_lit(node))
        } else if rule == Rule::ty_record {
            let fields = node.into_inner().filter(|part| part.as_rule() == Rule::ty_field);
            let fields: Vec<_> = fields.map(|field| self.ty_field(field)).collect();
            // Without a field that could not be read it would be another type.
            fields.into_iter().collect::<Option<_>>().map_or(TypeKind::Missing, TypeKind::Record)
        } else if rule == Rule::ty_unit {
            TypeKind::Unit
        } else if rule == Rule::ty_paren {
            match node.into_inner().find(|part| part.as_rule() == Rule::ty) {
                Some(inner) => return TypeExpr { span: place, ..self.ty(inner) },
                None => TypeKind::Missing,
            }
        } else if rule == Rule::ty_schema {
            match node.into_inner().find(|part| part.as_rule() == Rule::text) {
                Some(path) => TypeKind::Schema(self.text_lit(path)),
                None => TypeKind::Missing,
            }
        } else if rule == Rule::ty_named {
            self.ty_named(node)
        } else {
            TypeKind::Missing
        };
        TypeExpr { kind, span: place }
    }

    fn ty_named(&mut self, node: Node<'t>) -> TypeKind {
        let place = span_of(&node);
        let mut is_list = false;
        let mut path = Vec::new();
        let mut args = Vec::new();
        let mut bounds = Vec::new();
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::ty_path {
                path = words_of(part);
            } else if rule == Rule::ty_args || rule == Rule::compat_args {
                if rule == Rule::compat_args {
                    let whole = span_of(&part);
                    self.errors.push(errors::bracket_args(place, whole, part.as_str()));
                    is_list = part.clone().into_inner().all(|arg| arg.as_rule() != Rule::ty);
                }
                args = part
                    .into_inner()
                    .filter(|arg| arg.as_rule() == Rule::ty)
                    .map(|arg| self.ty(arg))
                    .collect();
            } else if rule == Rule::ty_range {
                bounds = part
                    .into_inner()
                    .filter(|bound| bound.as_rule() == Rule::bound)
                    .map(|bound| self.bound(bound))
                    .collect();
            }
        }
        let to = bounds.pop();
        let from = bounds.pop();
        if is_list {
            // `Int[]`
            let list = Ident { name: Name::from("List"), span: place };
            let item = TypeExpr { kind: TypeKind::Named { path, args }, span: place };
            return TypeKind::Named { path: vec![list], args: vec![item] };
        }
        match (path.as_slice(), from, to) {
            (_, None, _) | (_, _, None) => TypeKind::Named { path, args },
            ([base], Some(from), Some(to)) => {
                TypeKind::Ranged { base: base.clone(), from: Box::new(from), to: Box::new(to) }
            }
            (_, Some(from), Some(to)) => {
                self.errors.push(errors::range_of_path(from.span.to(to.span)));
                TypeKind::Missing
            }
        }
    }

    /// `-5` or `5`; also the literals of patterns.
    pub(super) fn bound(&mut self, node: Node<'t>) -> Expr {
        let place = span_of(&node);
        let mut negative = false;
        let mut expr = Expr { kind: ExprKind::Missing, span: place };
        for part in node.into_inner() {
            if part.as_rule() == Rule::op_neg {
                negative = true;
            } else {
                expr = self.expr_node(part);
            }
        }
        if negative { super::expr::prefixed(UnaryOp::Neg, place, expr) } else { expr }
    }

    fn ty_field(&mut self, node: Node<'t>) -> Option<TypeField> {
        let docs = self.docs_before(span_of(&node).start);
        let mut name = None;
        let mut ty = None;
        for part in node.into_inner() {
            let rule = part.as_rule();
            if rule == Rule::word {
                name = Some(ident_of(&part));
            } else if rule == Rule::ty {
                ty = Some(self.ty(part));
            } else if rule == Rule::from {
                self.errors.push(errors::from_in_type(span_of(&part)));
            }
        }
        Some(TypeField { docs, name: name?, ty: ty? })
    }
}

fn missing(span: Span) -> TypeExpr {
    TypeExpr { kind: TypeKind::Missing, span }
}
