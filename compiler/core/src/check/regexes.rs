//! Regular expressions that are written out, and the groups of them that are asked for: what `std.regex` would refuse when it runs.
use flowc_base::Span;
use flowc_grammar::ast;
use flowc_plan::Value;
use flowc_stdlib::Replacement;

use super::cx::Cx;
use crate::diagnostics::calls as c;
use crate::hir::{Expr, ExprKind};

impl<'a> Cx<'a> {
    /// Looks at a call of a native of `std.regex`: its arguments as they are written, and as they were checked.
    pub(crate) fn regex(&mut self, native: &str, written: &[Option<&'a ast::Expr>], args: &[Expr]) {
        let literal = |cx: &Self, at: usize| {
            let literal = cx.written_text(written.get(at).copied()??)?;
            Some((literal, literal.as_plain()?))
        };
        let Some((expression, text)) = literal(self, 1).filter(|_| native.starts_with("regex.")) else {
            return;
        };
        let (span, error) = match flowc_stdlib::regex(text) {
            Err(error) => {
                let diag = c::bad_regex(self.place(within(expression, &error.at)), error);
                return self.report(diag);
            }
            Ok(regex) if native == "regex.replace" => {
                let Some((with, text)) = literal(self, 2) else { return };
                let Err(error) = Replacement::new(text, &regex) else { return };
                (within(with, &error.at), error)
            }
            Ok(regex) => {
                let Some(Expr { kind: ExprKind::Const(Value::Int(number)), span, .. }) = args.get(2) else {
                    return;
                };
                let Err(error) = flowc_stdlib::group(&regex, *number) else { return };
                (*span, error)
            }
        };
        let diag = c::no_group(self.place(span), error);
        self.report(diag);
    }
}

/// The place of a part of a text that is written out.
fn within(literal: &ast::TextLit, at: &std::ops::Range<usize>) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    match literal.parts.first() {
        Some(ast::TextPart::Fragment(fragment)) if !at.is_empty() => {
            Span::new(fragment.source_offset(offset(at.start)), fragment.source_offset(offset(at.end)))
        }
        _ => literal.span,
    }
}
