//! Shell texts: each splice's type and place decide how it is written, or that it cannot be.
use std::collections::BTreeSet;

use flowc_base::{Name, Span};
use flowc_grammar::ast;
use flowc_plan::{Quoting, Value};

use super::cx::Cx;
use super::shell_fixes::Flat;
use crate::diagnostics::{secrets, shell as d, types};
use crate::hir::{Expr, ExprKind, Shell, ShellPart};
use crate::shell::{Dash, Piece, Place, Refusal, analyse};
use crate::ty::Ty;
use crate::types::fits::has_secret;

/// A splice as it was found.
enum Splice {
    Value(Expr),
    /// `raw(constant)`
    Raw(Name),
    Wrong,
}

impl<'a> Cx<'a> {
    pub(crate) fn shell(&mut self, shell: &Name, text: &'a ast::TextLit) -> Shell {
        // The analysis sees raw constants as the shell will.
        let splices: Vec<Option<(Splice, Span)>> = text
            .parts
            .iter()
            .map(|part| match part {
                ast::TextPart::Fragment(_) => None,
                ast::TextPart::Splice { expr, span } => Some((self.splice(expr), *span)),
            })
            .collect();
        let mut pieces = Vec::with_capacity(text.parts.len());
        for (part, splice) in text.parts.iter().zip(&splices) {
            pieces.push(match (part, splice) {
                (ast::TextPart::Fragment(fragment), _) => Piece::Text(&fragment.text),
                (_, Some((Splice::Raw(text), _))) => Piece::Text(text),
                _ => Piece::Splice,
            });
        }
        let analysis = analyse(shell, &pieces);
        let flat = Flat::new(shell, text);
        let mut found: Vec<crate::db::Diag> = Vec::new();
        for error in &analysis.errors {
            let span = match text.parts.get(error.piece) {
                Some(ast::TextPart::Fragment(fragment)) => {
                    let at = fragment.source_offset(error.offset);
                    // One character, of however many bytes.
                    let rest =
                        fragment.text.get(error.offset as usize..).and_then(|rest| rest.chars().next());
                    let len = rest.map_or(1, |c| u32::try_from(c.len_utf8()).unwrap_or(1));
                    Span::new(at, at.saturating_add(len).min(text.span.end))
                }
                Some(ast::TextPart::Splice { span, .. }) => *span,
                None => text.span,
            };
            let diag = d::syntax(self.place(span), &error.message);
            let diag = error.hint.map_or(diag.clone(), |hint| diag.with_hint(hint));
            let diag = self.closed_shell(diag, &flat, (error.piece, error.offset));
            // What is sound once this is mended has no other mistake.
            if diag.fix.is_some() {
                found = vec![diag];
                break;
            }
            found.push(diag);
        }
        found.into_iter().for_each(|diag| self.report(diag));
        self.shell_programs(text, &analysis.programs);
        self.shell_redirects(text, &analysis);
        let given: Vec<&Splice> = splices
            .iter()
            .flatten()
            .map(|(splice, _)| splice)
            .filter(|splice| !matches!(splice, Splice::Raw(_)))
            .collect();
        for (word, hole) in &analysis.unquoted {
            let Some(Splice::Value(value)) = given.get(*hole) else { continue };
            if matches!(
                value.ty,
                Ty::Text | Ty::Choice(_) | Ty::File | Ty::Dir | Ty::Json | Ty::Record(_) | Ty::Map(_)
            ) {
                let span = super::programs::word_span(text, word);
                let diag = d::unquoted(self.place(span), &word.text, text.quotes >= 3);
                self.report(diag);
            }
        }
        let mut places = analysis.splices.into_iter();
        let mut parts = Vec::with_capacity(text.parts.len());
        for (at, (part, splice)) in text.parts.iter().zip(splices).enumerate() {
            match (part, splice) {
                (ast::TextPart::Fragment(fragment), _) => parts.push(ShellPart::Text(fragment.text.clone())),
                (_, Some((Splice::Raw(text), _))) => parts.push(ShellPart::Text(text)),
                (_, Some((Splice::Value(value), span))) => {
                    // Places after a syntax error are guesses.
                    let place = places.next().filter(|_| analysis.errors.is_empty());
                    if let Some(quoting) =
                        place.and_then(|place| self.placed((&value, span), place, (&flat, at)))
                    {
                        parts.push(ShellPart::Splice(value, quoting));
                    }
                }
                (_, Some((Splice::Wrong, _))) => drop(places.next()),
                (ast::TextPart::Splice { .. }, None) => {}
            }
        }
        let programs: BTreeSet<Name> =
            analysis.programs.iter().map(|word| Name::from(word.text.as_str())).collect();
        Shell {
            shell: shell.clone(),
            text: parts,
            form: analysis.form.map(|form| form.into_iter().map(Name::from).collect()),
            programs: programs.into_iter().collect(),
        }
    }

    fn splice(&mut self, expr: &'a ast::Expr) -> Splice {
        if let ast::ExprKind::Call { callee, args } = &expr.kind
            && matches!(&callee.kind, ast::ExprKind::Name(name) if &**name == "raw" && !self.is_bound("raw"))
            && self.lookup(&Name::from("raw")).is_none()
        {
            let [ast::Arg { name: None, value }] = args.as_slice() else {
                let diag = d::raw_not_constant(self.place(expr.span), None);
                self.report(diag);
                return Splice::Wrong;
            };
            let found = self.expr(value, None);
            return match found.kind {
                ExprKind::Const(Value::Text(text)) => Splice::Raw(text),
                ExprKind::Const(Value::Int(n)) => Splice::Raw(n.to_string().into()),
                ExprKind::Error => Splice::Wrong,
                _ => {
                    let alone = self.rewritten(expr.span, self.written(value.span));
                    let diag = d::raw_not_constant(self.place(value.span), Some(alone));
                    self.report(diag);
                    Splice::Wrong
                }
            };
        }
        let value = self.expr(expr, None);
        let shown = self.show(&value.ty);
        let place = self.place(value.span);
        let item = match &value.ty {
            Ty::List(item) => item,
            other => other,
        };
        let diag = match item {
            Ty::Error => return Splice::Wrong,
            Ty::Optional(_) | Ty::None => types::optional(place, &shown, None),
            Ty::List(_) => {
                let diag = d::cannot_splice(place, &shown, "flatten it first: `flatten(lists)`");
                self.instead(diag, value.span, "flatten(…)", None)
            }
            ty if has_secret(self.db, ty) => secrets::shown(place, "in the command"),
            Ty::Unit | Ty::Agent | Ty::Rate | Ty::Outcome(_) => {
                d::cannot_splice(place, &shown, "splice the part of it that is meant")
            }
            Ty::Record(_) | Ty::Map(_) | Ty::Recursive(_) if !self.has_schema(item) => d::cannot_splice(
                place,
                &shown,
                "it becomes a file of JSON, which cannot say the files in it: splice its fields one by one",
            ),
            _ => return Splice::Value(value),
        };
        self.report(diag);
        Splice::Wrong
    }

    /// `part`: the splice's, of the whole text.
    fn placed(
        &mut self,
        (value, span): (&Expr, Span),
        place: Place,
        (flat, part): (&Flat<'_>, usize),
    ) -> Option<Quoting> {
        match place {
            Place::Refused(why) => {
                let what = format!("a value cannot stand {}", why.place());
                let diag = d::refused(self.place(span), &what, why.hint());
                let diag = self.safe_splice(diag, flat, (part, value), why);
                self.report(diag);
                None
            }
            Place::Quoted { quoting, .. } if quoting != Quoting::Bare && matches!(value.ty, Ty::List(_)) => {
                let diag = d::list_in_quotes(self.place(span), &self.show(&value.ty));
                let diag = self.list_alone(diag, flat, (part, value));
                self.report(diag);
                None
            }
            Place::Quoted { several: false, .. } if matches!(value.ty, Ty::List(_)) => {
                let diag = d::list_in_word(self.place(span), &self.show(&value.ty));
                let diag = self.list_alone(diag, flat, (part, value));
                self.report(diag);
                None
            }
            Place::Quoted { dash: Dash::Code, .. } if may_begin_with_dash(value) => {
                self.placed((value, span), Place::Refused(Refusal::Option), (flat, part))
            }
            Place::Quoted { quoting, dash, .. } => {
                if dash == Dash::Option && may_begin_with_dash(value) {
                    let diag = d::option(self.place(span), self.program_of(flat, part));
                    let diag = self.no_option(diag, flat, part);
                    self.report(diag);
                }
                Some(quoting)
            }
        }
    }
}

/// Whether the text of a value may begin with `-`. Paths do not: they stand under `in/`. Numbers may, and are meant.
fn may_begin_with_dash(value: &Expr) -> bool {
    let item = match &value.ty {
        Ty::List(item) => item,
        other => other,
    };
    match (&value.kind, item) {
        (ExprKind::Const(_), _) => false,
        (ExprKind::Text(parts), _) => match parts.first() {
            Some(Expr { kind: ExprKind::Const(Value::Text(text)), .. }) => {
                text.is_empty() || text.starts_with('-')
            }
            Some(first) => may_begin_with_dash(first),
            None => false,
        },
        (_, Ty::Text) => true,
        (_, Ty::Choice(words)) => words.iter().any(|word| word.starts_with('-')),
        _ => false,
    }
}
