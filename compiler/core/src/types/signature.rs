//! Signatures of tasks and flows: what callers may know. Callers' checks read the [`Interface`], which holds no place and no
//! documentation, so that moving or documenting a parameter re-checks nobody.
use std::collections::{BTreeSet, HashMap};

use flowc_base::{Name, Span};
use flowc_grammar::ast;

use super::eval::TypeReader;
use crate::db::{Anchor, Db, Diag, ItemId, Place};
use crate::diagnostics::{names, types as d};
use crate::items::parse;
use crate::ty::Ty;

/// A parameter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Param {
    /// Its name; empty when the parameter could not be read.
    pub name: Name,
    /// Its documentation.
    pub docs: Name,
    /// Its type.
    pub ty: Ty,
    /// Whether it may be left out.
    pub has_default: bool,
    /// Where its name stands, relative to the item.
    pub span: Span,
    /// Where its type stands.
    pub ty_span: Span,
}

/// The signature of a task or a flow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Signature {
    /// The parameters, in their order.
    pub params: Vec<Param>,
    /// The type of its value.
    pub output: Ty,
    /// Where that is written; the name where it is not.
    pub output_span: Span,
    /// Its documentation.
    pub docs: Name,
    /// Where its name stands, relative to the item.
    pub name_span: Span,
    /// What is wrong with it.
    pub diagnostics: Vec<Diag>,
    /// The native function behind a task of the library.
    pub(crate) native: Option<Name>,
    /// Whether it is a task whose body is an `ask`.
    pub(crate) asks: bool,
    /// The names of the file that it mentions.
    pub(crate) mentioned: BTreeSet<Name>,
}

/// The part of a signature that the check of a call depends on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Interface {
    /// Names, types, and whether there is a default.
    pub(crate) params: Box<[(Name, Ty, bool)]>,
    /// The type of the value.
    pub(crate) output: Ty,
    /// See [`Signature::native`].
    pub(crate) native: Option<Name>,
    /// See [`Signature::asks`].
    pub(crate) asks: bool,
}

/// The signature of a task or a flow; of anything else an empty one.
#[salsa::tracked(returns(ref))]
pub fn signature(db: &dyn Db, item: ItemId) -> Signature {
    let mut reader = Reader { types: TypeReader::new(db, item), item };
    let tree = parse(db, item).item.as_ref();
    let docs = tree.map_or_else(|| Name::from(""), |tree| tree.docs.clone());
    let mut signature = match tree.map(|tree| &tree.kind) {
        Some(ast::ItemKind::Task(it)) => reader.task(it, item.file(db).library(db)),
        Some(ast::ItemKind::Flow(it)) => {
            let params = reader.params(&it.params);
            let output = it.output.as_ref().map_or(Ty::Unit, |ty| reader.types.read(ty));
            let output_span = it.output.as_ref().map_or(it.name.span, |ty| ty.span);
            reader.signature(params, output, output_span, it.name.span)
        }
        _ => reader.signature(Vec::new(), Ty::Error, Span::default(), Span::default()),
    };
    signature.docs = docs;
    signature.diagnostics = reader.types.diagnostics;
    signature.mentioned = reader.types.mentioned;
    signature
}

impl Interface {
    /// Whether a parameter could not be read: then no call can be held against it.
    pub(crate) fn is_broken(&self) -> bool {
        self.params.iter().any(|(name, ..)| name.is_empty())
    }
}

#[salsa::tracked(returns(ref))]
pub(crate) fn interface(db: &dyn Db, item: ItemId) -> Interface {
    let signature = signature(db, item);
    let params =
        signature.params.iter().map(|param| (param.name.clone(), param.ty.clone(), param.has_default));
    Interface {
        params: params.collect(),
        output: signature.output.clone(),
        native: signature.native.clone(),
        asks: signature.asks,
    }
}

struct Reader<'a> {
    types: TypeReader<'a>,
    item: ItemId,
}

impl Reader<'_> {
    fn place(&self, span: Span) -> Place {
        Place { anchor: Anchor::Item(self.item), span }
    }

    fn signature(&self, params: Vec<Param>, output: Ty, output_span: Span, name_span: Span) -> Signature {
        Signature {
            params,
            output,
            output_span,
            docs: Name::from(""),
            name_span,
            diagnostics: Vec::new(),
            native: None,
            asks: false,
            mentioned: BTreeSet::new(),
        }
    }

    fn task(&mut self, it: &ast::Task, library: bool) -> Signature {
        let params = self.params(&it.params);
        let output = it.output.as_ref().map_or(Ty::Unit, |output| self.output(output));
        let output_span = it.output.as_ref().map_or(it.name.span, |output| output.span);
        let mut signature = self.signature(params, output, output_span, it.name.span);
        signature.asks = it.clauses.iter().any(|clause| &*clause.word.name == "ask");
        if library {
            signature.native = it.clauses.iter().find(|clause| &*clause.word.name == "native").and_then(
                |clause| match clause.args.first().map(|arg| &arg.kind) {
                    Some(ast::ExprKind::Text(text)) => text.as_plain().map(Name::from),
                    _ => None,
                },
            );
        }
        signature
    }

    fn output(&mut self, output: &ast::Output) -> Ty {
        match &output.kind {
            ast::OutputKind::One { ty, .. } => self.types.read(ty),
            ast::OutputKind::Record(fields) => {
                let mut seen: HashMap<&Name, Span> = HashMap::new();
                let mut read = Vec::with_capacity(fields.len());
                for field in fields {
                    let ty = self.types.read(&field.ty);
                    match seen.insert(&field.name.name, field.name.span) {
                        Some(first) => {
                            let diag = d::duplicate_field(
                                self.place(field.name.span),
                                &field.name.name,
                                self.place(first),
                            );
                            self.types.diagnostics.push(diag);
                        }
                        None => read.push((field.name.name.clone(), ty)),
                    }
                }
                Ty::Record(read.into())
            }
        }
    }

    fn params(&mut self, params: &[ast::Param]) -> Vec<Param> {
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        let mut read = Vec::with_capacity(params.len());
        for param in params {
            let first = seen.insert(&param.name.name, param.name.span);
            if let Some(first) = first.filter(|_| !param.name.name.is_empty()) {
                let diag = names::duplicate(self.place(param.name.span), &param.name.name, self.place(first));
                self.types.diagnostics.push(diag);
            }
            let ty = match &param.ty {
                Some(ty) => self.types.read(ty),
                None => {
                    let what = format!("the parameter `{}`", param.name.name);
                    self.types.diagnostics.push(d::missing_signature(self.place(param.name.span), &what));
                    Ty::Error
                }
            };
            read.push(Param {
                name: param.name.name.clone(),
                docs: param.docs.clone(),
                ty,
                has_default: param.default.is_some(),
                span: param.name.span,
                ty_span: param.ty.as_ref().map_or(param.name.span, |ty| ty.span),
            });
        }
        read
    }
}
