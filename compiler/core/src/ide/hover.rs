//! What is said about the thing under the pointer: its signature or type, and its documentation.
use std::path::Path;

use flowc_base::{Bytes, Millis, Span};
use flowc_grammar::ast;

use super::symbol::{Found, Named};
use super::walk::{Visitor, walk};
use super::{Analysis, words};
use crate::check::facts;
use crate::db::{ItemId, SourceFile};
use crate::items::{item_text, parse};
use crate::ty::Ty;
use crate::types::signature::signature;

/// What is said about a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hover {
    /// What it is said about.
    pub span: Span,
    /// Markdown.
    pub text: String,
}

impl Analysis {
    /// What is to be said about the thing at a byte.
    #[must_use]
    pub fn hover(&self, path: &Path, offset: u32) -> Option<Hover> {
        let file = self.file(path);
        if let Some(found) = self.named_at(file, offset) {
            let span = self.locate(found.item, found.span).span;
            return Some(Hover { span, text: self.about(file, &found) });
        }
        self.literal_at(file, offset).or_else(|| self.word_at(file, offset))
    }

    fn about(&self, file: SourceFile, found: &Found) -> String {
        let db = &self.compiler.db;
        match &found.named {
            Named::Item(item) => {
                let from = item.file(db);
                let module = (from.library(db) && from != file).then(|| {
                    let name = from.path(db).display().to_string();
                    if name == crate::db::PRELUDE {
                        "always at hand".to_owned()
                    } else {
                        format!("of `{name}`")
                    }
                });
                said(&self.head(*item), &[&self.docs(*item), &module.unwrap_or_default()])
            }
            Named::Param(item, name) => {
                let Some(param) = signature(db, *item).params.iter().find(|param| param.name == *name) else {
                    return said(name, &[]);
                };
                let default =
                    self.default_of(*item, name).map(|text| format!(" = {text}")).unwrap_or_default();
                let ty = self.shown(file, &param.ty);
                said(&format!("{name}: {ty}{default}"), &[&param.docs])
            }
            Named::Local(item, name, span) => {
                let ty = facts(db, *item).local_at(*span).map_or(Ty::Error, |local| local.ty.clone());
                said(&format!("let {name}: {}", self.shown(file, &ty)), &[])
            }
            Named::Module(module) => {
                let path = module.path(db);
                let name = if module.library(db) {
                    path.display().to_string()
                } else {
                    format!("{:?}", path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default())
                };
                said(&format!("use {name}"), &[&self.file_docs(*module)])
            }
            Named::Field(ty, name) => {
                let field = match ty {
                    Ty::Record(fields) => fields.iter().find(|(field, _)| field == name),
                    _ => None,
                };
                let shown = field.map_or_else(|| "?".to_owned(), |(_, ty)| self.shown(file, ty));
                let docs = self
                    .field_sites(file, ty, name)
                    .first()
                    .map(|(item, span)| self.field_docs(*item, *span));
                said(&format!("{name}: {shown}"), &[&docs.unwrap_or_default()])
            }
            Named::BuiltIn(name) => match words::function(name).or_else(|| words::ty(name)) {
                Some((head, docs)) => said(head, &[docs]),
                None => said(name, &[]),
            },
        }
    }

    /// The default of a parameter, as it is written.
    fn default_of(&self, item: ItemId, name: &str) -> Option<String> {
        let params = match &parse(&self.compiler.db, item).item.as_ref()?.kind {
            ast::ItemKind::Task(it) => &it.params,
            ast::ItemKind::Flow(it) => &it.params,
            _ => return None,
        };
        let param = params.iter().find(|param| &*param.name.name == name)?;
        let text = param.default.as_ref()?.span.slice(item_text(&self.compiler.db, item));
        Some(text.to_owned())
    }

    /// The documentation of the field whose name stands there.
    pub(crate) fn field_docs(&self, item: ItemId, span: Span) -> String {
        struct Fields(Span, String);
        impl<'a> Visitor<'a> for Fields {
            fn ty(&mut self, ty: &'a ast::TypeExpr) {
                if let ast::TypeKind::Record(fields) = &ty.kind
                    && let Some(field) = fields.iter().find(|field| field.name.span == self.0)
                {
                    self.1 = field.docs.to_string();
                }
            }
        }
        let Some(tree) = parse(&self.compiler.db, item).item.as_ref() else { return String::new() };
        if let ast::ItemKind::Task(task) = &tree.kind
            && let Some(fields) = super::walk::record_fields(task)
            && let Some(field) = fields.iter().find(|field| field.name.span == span)
        {
            return field.docs.to_string();
        }
        let mut fields = Fields(span, String::new());
        walk(&tree.kind, &mut fields);
        fields.1
    }

    /// What a number with a unit is.
    fn literal_at(&self, file: SourceFile, offset: u32) -> Option<Hover> {
        struct Literal(u32, Option<(Span, String)>);
        impl<'a> Visitor<'a> for Literal {
            fn expr(&mut self, expr: &'a ast::Expr) {
                if expr.span.start > self.0 || self.0 > expr.span.end {
                    return;
                }
                let text = match &expr.kind {
                    ast::ExprKind::Size(Bytes(bytes)) => format!("Size: {} bytes", grouped(*bytes)),
                    ast::ExprKind::Duration(Millis(millis)) => {
                        format!("Duration: {} ms", grouped(*millis))
                    }
                    ast::ExprKind::Money(money) => {
                        format!("Money: {} millionths of a dollar", grouped(money.0))
                    }
                    _ => return,
                };
                self.1 = Some((expr.span, text));
            }
        }
        let (item, start) = self.item_at(file, offset)?;
        let mut literal = Literal(offset - start, None);
        walk(&parse(&self.compiler.db, item).item.as_ref()?.kind, &mut literal);
        let (span, text) = literal.1?;
        Some(Hover { span: span.shift(start), text: said(&text, &[]) })
    }

    /// What a word of the language means where it stands.
    fn word_at(&self, file: SourceFile, offset: u32) -> Option<Hover> {
        let (item, start) = self.item_at(file, offset)?;
        let text = item_text(&self.compiler.db, item);
        let at = offset - start;
        let context = super::context::Context::at(text, at);
        let span = context.word?;
        let docs = words::meaning(span.slice(text), item.word(&self.compiler.db), &context)?;
        Some(Hover { span: span.shift(start), text: docs.to_owned() })
    }
}

/// Code and what is said about it.
pub(crate) fn said(code: &str, docs: &[&str]) -> String {
    let mut text = format!("```flow\n{code}\n```");
    for docs in docs.iter().filter(|docs| !docs.is_empty()) {
        text.push_str("\n\n");
        text.push_str(docs);
    }
    text
}

/// `5_000_000`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}
