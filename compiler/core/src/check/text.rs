//! Text literals: constants, and texts with splices.
use std::sync::Arc;

use flowc_base::{Name, Span};
use flowc_grammar::ast;
use flowc_plan::Value;

use super::cx::{Cx, Mode, constant};
use crate::diagnostics::{secrets, types as d};
use crate::hir::{Expr, ExprKind};
use crate::ty::Ty;
use crate::types::fits::has_secret;

/// A longer text is no alternative of a choice that anybody wrote.
const CHOICE_BYTES_MAX: usize = 256;

impl<'a> Cx<'a> {
    pub(crate) fn text(&mut self, lit: &'a ast::TextLit) -> Expr {
        if let Some(plain) = lit.as_plain() {
            return text_constant(plain, lit.span);
        }
        let mut parts = Vec::with_capacity(lit.parts.len());
        for part in &lit.parts {
            match part {
                ast::TextPart::Fragment(fragment) => {
                    parts.push(constant(Value::Text(fragment.text.clone()), Ty::Text, fragment.span));
                }
                ast::TextPart::Splice { expr, .. } => {
                    let value = self.expr(expr, None);
                    self.has_text(&value);
                    parts.push(value);
                }
            }
        }
        Expr { kind: ExprKind::Text(parts), ty: Ty::Text, span: lit.span }
    }

    /// Reports a value that has no text.
    pub(crate) fn has_text(&mut self, value: &Expr) -> bool {
        let hint = match &value.ty {
            Ty::Optional(_) | Ty::None => {
                let diag = d::optional(self.place(value.span), &self.show(&value.ty), None);
                let spliced = self.before(value.span).ends_with("{{");
                let diag = self.or_fail(diag, value, !spliced);
                self.report(diag);
                return false;
            }
            ty if has_secret(self.db, ty) => {
                let how = if self.prompt { "in the prompt" } else { "in this text" };
                let diag = secrets::shown(self.place(value.span), how);
                self.report(diag);
                return false;
            }
            Ty::Unit => "this step has no value",
            Ty::Dir => "take a file of it",
            Ty::File if self.mode == Mode::Task && !self.prompt => {
                "the text of a file is its content: give the task a `Text`, or the file as an argument of its own"
            }
            Ty::File => return true,
            Ty::List(_) | Ty::Map(_) | Ty::Record(_) | Ty::Recursive(_) if !self.has_schema(&value.ty) => {
                "there is a file or directory in it, which JSON cannot say"
            }
            Ty::Outcome(_) => super::coerce::OUTCOME,
            Ty::Agent | Ty::Rate => "take the part of it that is meant",
            _ => return true,
        };
        let diag = d::no_text(self.place(value.span), &self.show(&value.ty), hint);
        self.report(diag);
        false
    }

    /// The expression as a text: itself where it is one.
    pub(crate) fn as_text(&mut self, value: Expr) -> Expr {
        if matches!(value.ty, Ty::Text | Ty::Choice(_) | Ty::Error) || !self.has_text(&value) {
            return value;
        }
        let span = value.span;
        Expr { kind: ExprKind::Text(vec![value]), ty: Ty::Text, span }
    }
}

/// A constant text: it fits in a choice that has it, and in `Text`.
pub(crate) fn text_constant(text: &str, span: Span) -> Expr {
    let name = Name::from(text);
    let ty = if text.len() <= CHOICE_BYTES_MAX { Ty::Choice(Arc::from([name.clone()])) } else { Ty::Text };
    constant(Value::Text(name), ty, span)
}
