//! What an editor asks about an item: what each name in it means, the types of its expressions, what was wanted where. The checker finds it
//! out in passing, and only when it is asked to: a check of a whole program keeps none of it. It decides nothing and reports nothing.
use flowc_base::{Name, Span};
use flowc_grammar::ast;

use super::cx::{Cx, Mode};
use crate::db::{Db, ItemId, SourceFile};
use crate::hir::{Expr, ExprKind, Local, LocalId};
use crate::items::parse;
use crate::resolve::{Def, exported, lookup};
use crate::ty::Ty;
use crate::types::eval::{Named, resolve_type};
use crate::types::fits::expand;

/// What a name means where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Target {
    /// A name bound in the item.
    Local(LocalId),
    /// An item of this or another file.
    Item(ItemId),
    /// A module: by the name that its `use` gives it, or the path in the `use`.
    Module(SourceFile),
    /// The label of an argument: a parameter of what is called.
    Param(ItemId, Name),
    /// A field of a record of this type.
    Field(Ty, Name),
    /// A function or type that needs no definition.
    BuiltIn(Name),
}

/// A name in an item.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Use {
    /// Where it stands, relative to the item.
    pub span: Span,
    /// What it means.
    pub target: Target,
}

/// What the check of an item found out on its way. All places are relative to the item.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Facts {
    /// The names in it that mean something, by their places; where they are bound is not among them.
    pub uses: Vec<Use>,
    /// The types of its expressions, but for literals, in the order in which they were found: inner ones first.
    pub types: Vec<(Span, Ty)>,
    /// What was wanted of expressions.
    pub wanted: Vec<(Span, Ty)>,
    /// The names that are bound in it; the parameters first.
    pub locals: Vec<Local>,
}

impl Facts {
    /// The use whose name a byte touches.
    pub(crate) fn use_at(&self, at: u32) -> Option<&Use> {
        let touching = self.uses.iter().filter(|it| it.span.start <= at && at <= it.span.end);
        touching.min_by_key(|it| (it.span.len(), it.span.end == at))
    }

    /// The type of the expression at exactly this place.
    pub(crate) fn type_of(&self, span: Span) -> Option<&Ty> {
        self.types.iter().rev().find(|(place, _)| *place == span).map(|(_, ty)| ty)
    }

    /// The name that is bound at exactly this place.
    pub(crate) fn local_at(&self, span: Span) -> Option<&Local> {
        self.locals.iter().find(|local| local.span == span)
    }
}

/// Checks an item once more and keeps what was found on the way. Few items are asked about at a time.
#[salsa::tracked(returns(ref), lru = 256)]
pub(crate) fn facts(db: &dyn Db, item: ItemId) -> Facts {
    let mut facts = match parse(db, item).item.as_ref().map(|it| &it.kind) {
        Some(tree @ (ast::ItemKind::Type(_) | ast::ItemKind::Use(_))) => {
            let mut cx = Cx::new(db, item, Mode::Default);
            cx.facts = Some(Box::default());
            cx.note_item(tree);
            cx.take_facts()
        }
        _ => super::checked(db, item, true).1,
    };
    facts.uses.sort_by_key(|it| it.span);
    facts.uses.dedup();
    facts
}

impl<'a> Cx<'a> {
    /// Gives away what was noted.
    pub(crate) fn take_facts(&mut self) -> Facts {
        match self.facts.take() {
            Some(facts) => Facts { locals: self.locals.clone(), ..*facts },
            None => Facts::default(),
        }
    }

    fn note(&mut self, span: Span, target: Target) {
        if let Some(facts) = &mut self.facts {
            facts.uses.push(Use { span, target });
        }
    }

    fn note_def(&mut self, span: Span, def: Option<Def>) {
        match def {
            Some(Def::Item(item)) => self.note(span, Target::Item(item)),
            Some(Def::Module(file)) => self.note(span, Target::Module(file)),
            Some(Def::Broken) | None => {}
        }
    }

    /// What a name of the file means; it does not count as mentioned.
    fn meaning(&self, name: &Name) -> Option<Def> {
        lookup(self.db, self.file, name.clone())
    }

    /// Notes what an expression says once it is checked. The same names are known as were before it.
    pub(crate) fn note_expr(&mut self, expr: &ast::Expr, want: Option<&Ty>, found: &Expr) {
        match &expr.kind {
            ast::ExprKind::Name(name) => match found.kind {
                ExprKind::Local(local) => self.note(expr.span, Target::Local(local)),
                _ if !self.is_bound(name) => self.note_def(expr.span, self.meaning(name)),
                _ => {}
            },
            ast::ExprKind::Field { base, field } => self.note_field(base, field),
            ast::ExprKind::Call { callee, args } => self.note_call(callee, args),
            ast::ExprKind::Record(fields) => {
                let wanted = want.unwrap_or(&found.ty);
                let record = expand(self.db, super::expr::strip(wanted));
                if matches!(record, Ty::Record(_)) {
                    for field in fields {
                        self.note(field.name.span, Target::Field(record.clone(), field.name.name.clone()));
                    }
                }
            }
            ast::ExprKind::With { fields, .. } => self.note_after(fields),
            ast::ExprKind::Ask { with, .. } => self.note_after(with.as_deref().unwrap_or_default()),
            _ => {}
        }
        let literal = matches!(
            expr.kind,
            ast::ExprKind::Int(_)
                | ast::ExprKind::Float(_)
                | ast::ExprKind::Bool(_)
                | ast::ExprKind::None
                | ast::ExprKind::Missing
        );
        let Some(facts) = &mut self.facts else { return };
        if !literal && found.ty != Ty::Error {
            facts.types.push((expr.span, found.ty.clone()));
        }
        if let Some(want) = want.filter(|want| **want != Ty::Error) {
            facts.wanted.push((expr.span, want.clone()));
        }
    }

    fn note_field(&mut self, base: &ast::Expr, field: &ast::Ident) {
        if let Some(module) = self.module(base) {
            self.note(base.span, Target::Module(module));
            if let Some(item) = exported(self.db, module, field.name.clone()) {
                self.note(field.span, Target::Item(item));
            }
            return;
        }
        let Some(ty) = self.facts.as_ref().and_then(|facts| facts.type_of(base.span)).cloned() else {
            return;
        };
        let record = expand(self.db, &ty);
        if matches!(&record, Ty::Record(fields) if fields.iter().any(|(name, _)| *name == field.name)) {
            self.note(field.span, Target::Field(record, field.name.clone()));
        }
    }

    /// The module that an expression names.
    fn module(&self, expr: &ast::Expr) -> Option<SourceFile> {
        let ast::ExprKind::Name(name) = &expr.kind else { return None };
        match self.meaning(name) {
            Some(Def::Module(module)) if !self.is_bound(name) => Some(module),
            _ => None,
        }
    }

    fn note_call(&mut self, callee: &ast::Expr, args: &[ast::Arg]) {
        let item = match &callee.kind {
            ast::ExprKind::Name(name) if !self.is_bound(name) => match self.meaning(name) {
                Some(Def::Item(item)) => Some((callee.span, item)),
                None if super::calls::is_built_in(name) => {
                    self.note(callee.span, Target::BuiltIn(name.clone()));
                    None
                }
                other => {
                    self.note_def(callee.span, other);
                    None
                }
            },
            ast::ExprKind::Field { base, field } => match self.module(base) {
                Some(module) => {
                    self.note(base.span, Target::Module(module));
                    exported(self.db, module, field.name.clone()).map(|item| (field.span, item))
                }
                None => None,
            },
            _ => None,
        };
        let Some((span, item)) = item else { return };
        self.note(span, Target::Item(item));
        for label in args.iter().filter_map(|arg| arg.name.as_ref()) {
            self.note(label.span, Target::Param(item, label.name.clone()));
        }
    }

    /// `claude`, `team.planner`
    pub(crate) fn note_path(&mut self, expr: &ast::Expr) {
        if self.facts.is_none() {
            return;
        }
        match &expr.kind {
            ast::ExprKind::Name(name) => match self.bound_to(name) {
                Some(local) => self.note(expr.span, Target::Local(local)),
                None => self.note_def(expr.span, self.meaning(name)),
            },
            ast::ExprKind::Field { base, field } => self.note_field(base, field),
            _ => {}
        }
    }

    /// `with { after: [migrate] }`
    fn note_after(&mut self, fields: &[ast::FieldInit]) {
        for field in fields.iter().filter(|field| &*field.name.name == "after") {
            if let ast::ExprKind::List(names) = &field.value.kind {
                names.iter().for_each(|name| self.note_path(name));
            }
        }
    }

    /// Notes the names in a type.
    pub(crate) fn note_type(&mut self, ty: &ast::TypeExpr) {
        match &ty.kind {
            ast::TypeKind::Named { path, args } => {
                self.note_type_path(path);
                args.iter().for_each(|arg| self.note_type(arg));
            }
            ast::TypeKind::Ranged { base, .. } => {
                self.note(base.span, Target::BuiltIn(base.name.clone()));
            }
            ast::TypeKind::Optional(inner) => self.note_type(inner),
            ast::TypeKind::Record(fields) => fields.iter().for_each(|field| self.note_type(&field.ty)),
            ast::TypeKind::Choice(parts) => parts.iter().for_each(|part| self.note_type(part)),
            ast::TypeKind::Text(_)
            | ast::TypeKind::Schema(_)
            | ast::TypeKind::Unit
            | ast::TypeKind::Missing => {}
        }
    }

    fn note_type_path(&mut self, path: &[ast::Ident]) {
        let Some(first) = path.first() else { return };
        match resolve_type(self.db, self.file, path) {
            Named::Type(item) => {
                if let ([_, second], Some(Def::Module(module))) = (path, self.meaning(&first.name)) {
                    self.note(first.span, Target::Module(module));
                    self.note(second.span, Target::Item(item));
                } else {
                    self.note(first.span, Target::Item(item));
                }
            }
            Named::Other(def) => self.note_def(first.span, Some(def)),
            Named::Unknown if crate::types::eval::BUILT_IN.contains(&&*first.name) && path.len() == 1 => {
                self.note(first.span, Target::BuiltIn(first.name.clone()));
            }
            Named::Unknown => {}
        }
    }

    /// Notes the types of a signature.
    pub(crate) fn note_signature(&mut self, params: &[ast::Param], output: Option<&ast::TypeExpr>) {
        params.iter().filter_map(|param| param.ty.as_ref()).chain(output).for_each(|ty| self.note_type(ty));
    }

    /// Notes the types of the outputs of a task.
    pub(crate) fn note_outputs(&mut self, output: &ast::Output) {
        match &output.kind {
            ast::OutputKind::One { ty, .. } => self.note_type(ty),
            ast::OutputKind::Record(fields) => fields.iter().for_each(|field| self.note_type(&field.ty)),
        }
    }

    /// Notes what stands in an item that has no body.
    fn note_item(&mut self, tree: &ast::ItemKind) {
        match tree {
            ast::ItemKind::Type(it) => self.note_type(&it.ty),
            ast::ItemKind::Use(it) => self.note_use(it),
            _ => {}
        }
    }

    /// Notes whom a mock stands in for.
    pub(crate) fn note_mock(&mut self, mock: &ast::Mock) {
        if self.facts.is_none() {
            return;
        }
        match mock.target.as_slice() {
            [name] => self.note_def(name.span, self.meaning(&name.name)),
            [module, name] => {
                if let Some(Def::Module(file)) = self.meaning(&module.name) {
                    self.note(module.span, Target::Module(file));
                    self.note_def(name.span, exported(self.db, file, name.name.clone()).map(Def::Item));
                }
            }
            _ => {}
        }
    }

    fn note_use(&mut self, it: &ast::Use) {
        let (file, span) = match &it.from {
            ast::UseFrom::Path(path) => {
                let text = path.iter().map(|part| &*part.name).collect::<Vec<_>>().join(".");
                let Some((first, last)) = path.first().zip(path.last()) else { return };
                (self.db.library(&text), first.span.to(last.span))
            }
            ast::UseFrom::File(path) => {
                let Some(text) = path.as_plain() else { return };
                (Some(crate::resolve::used_file(self.db, self.file, text)), path.span)
            }
        };
        let Some(file) = file else { return };
        self.note(span, Target::Module(file));
        if let Some(alias) = &it.alias {
            self.note(alias.span, Target::Module(file));
        }
        for name in it.names.iter().flatten() {
            if let Some(item) = exported(self.db, file, name.name.clone()) {
                self.note(name.span, Target::Item(item));
            }
        }
    }
}
