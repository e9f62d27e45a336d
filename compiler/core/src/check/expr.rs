//! Expressions: literals, names, fields, elements, collections. What has a room of its own is sent there.
use std::collections::HashMap;
use std::sync::Arc;

use flowc_base::{Edit, Name, Span, nearest};
use flowc_grammar::ast::{self, FloatBits};
use flowc_plan::Value;

use super::coerce::convert;
use super::cx::{Cx, constant, error};
use crate::db::{Anchor, ItemId, ItemWord, Place};
use crate::diagnostics::types::{self as d, Because};
use crate::diagnostics::{flows, names};
use crate::hir::{Expr, ExprKind};
use crate::items::{items, name_place, parse};
use crate::resolve::{Def, exported, lookup, scope, what};
use crate::ty::Ty;
use crate::types::cast::{castable, instead};
use crate::types::eval::{TypeReader, prelude};
use crate::types::fits::{expand, has_error, widened};
use crate::types::{Fit, fits};

/// For how many unknown names of one body it is said what may be meant.
const GUESSES_MAX: usize = 100;

impl<'a> Cx<'a> {
    /// Checks an expression where a type is expected.
    pub(crate) fn expect(&mut self, expr: &'a ast::Expr, to: &Ty, why: Because<'_>) -> Expr {
        let found = self.expr(expr, Some(to));
        self.coerce(found, to, why)
    }

    /// Checks an expression. What is wanted guides what literals become, and need not come out.
    pub(crate) fn expr(&mut self, expr: &'a ast::Expr, want: Option<&Ty>) -> Expr {
        let found = self.expr_of_kind(expr, want);
        if self.facts.is_some() {
            self.note_expr(expr, want, &found);
        }
        found
    }

    fn expr_of_kind(&mut self, expr: &'a ast::Expr, want: Option<&Ty>) -> Expr {
        let span = expr.span;
        let at_stmt = std::mem::take(&mut self.at_stmt);
        match &expr.kind {
            ast::ExprKind::None => constant(Value::None, Ty::None, span),
            ast::ExprKind::Bool(value) => constant(Value::Bool(*value), Ty::Bool, span),
            ast::ExprKind::Int(value) => constant(Value::Int(*value), Ty::Int(Some((*value, *value))), span),
            ast::ExprKind::Float(bits) => {
                constant(Value::Float(f64::from_bits(bits.0)), Ty::Float(Some((*bits, *bits))), span)
            }
            ast::ExprKind::Duration(value) => constant(Value::Duration(*value), Ty::Duration, span),
            ast::ExprKind::Size(value) => constant(Value::Size(*value), Ty::Size, span),
            ast::ExprKind::Money(value) => constant(Value::Money(*value), Ty::Money, span),
            ast::ExprKind::Rate { .. } => {
                let diag = flows::misplaced(self.place(span), "a rate", "rates stand in `settings`");
                self.wrong(span, diag)
            }
            ast::ExprKind::Text(lit) => self.text(lit),
            ast::ExprKind::Name(name) => self.name(name, span),
            ast::ExprKind::Field { base, field } => self.field(base, field, span),
            ast::ExprKind::Index { base, index } => self.index(base, index, span),
            ast::ExprKind::Call { callee, args } => self.call(callee, args, span),
            ast::ExprKind::Unary { op, operand } => self.unary(*op, operand, span),
            ast::ExprKind::Binary { op, op_span, left, right } => {
                self.binary(*op, *op_span, left, right, want)
            }
            ast::ExprKind::List(items) => self.list(items, want, span),
            ast::ExprKind::Record(fields) => self.record(fields, want, span),
            ast::ExprKind::Map(entries) => self.map(entries, want, span),
            ast::ExprKind::Cast { value, ty } => self.cast(value, ty, span),
            ast::ExprKind::Block(block) => {
                self.at_stmt = at_stmt;
                let (block, ty) = self.block(block, want);
                Expr { kind: ExprKind::Block(block), ty, span }
            }
            ast::ExprKind::If { cond, then, otherwise } => {
                self.conditional(cond, then, otherwise.as_deref(), want, (span, at_stmt))
            }
            ast::ExprKind::Match { scrutinee, arms } => self.match_(scrutinee, arms, want, (span, at_stmt)),
            ast::ExprKind::For { var, list, cond, max, body } => {
                let parts =
                    super::control::ForParts { var, list, cond: cond.as_deref(), max: max.as_deref(), body };
                self.for_(&parts, want, span)
            }
            ast::ExprKind::With { step, fields, .. } => self.with(step, fields, span),
            ast::ExprKind::Reduce { left, right, list, body } => self.reduce([left, right], list, body, span),
            ast::ExprKind::Loop { var, first, max, body } => {
                self.loop_(var, first, max.as_deref(), body, want, span).0
            }
            ast::ExprKind::Else { step, otherwise } => self.else_(step, otherwise, want, span),
            ast::ExprKind::Try(step) => self.try_(step, span),
            ast::ExprKind::Race(of) => self.race(of, want, span),
            ast::ExprKind::First { n, of } => self.first_of(n, of, want, span),
            ast::ExprKind::Fail(_) | ast::ExprKind::Escalate(_) | ast::ExprKind::Rollback => {
                self.bare_action(expr)
            }
            ast::ExprKind::Ask { agent, prompt, ty, with } => {
                let parts = super::ask::AskParts { agent, prompt, ty: ty.as_ref(), with: with.as_deref() };
                self.ask(parts, span)
            }
            ast::ExprKind::Approve(question) => self.approve(question, span),
            ast::ExprKind::Missing => {
                self.incomplete = true;
                self.steps += 1;
                error(span)
            }
        }
    }

    pub(crate) fn ty(&mut self, ty: &ast::TypeExpr) -> Ty {
        let mut reader = TypeReader::new(self.db, self.item);
        let read = reader.read(ty);
        if self.facts.is_some() {
            self.note_type(ty);
        }
        self.diagnostics.append(&mut reader.diagnostics);
        self.mentioned.append(&mut reader.mentioned);
        read
    }

    /// What a name of the file means; it counts as mentioned.
    pub(crate) fn lookup(&mut self, name: &Name) -> Option<Def> {
        self.mentioned.insert(name.clone());
        lookup(self.db, self.file, name.clone())
    }

    fn name(&mut self, name: &Name, span: Span) -> Expr {
        if let Some(local) = self.local(name) {
            return Expr { kind: ExprKind::Local(local), ty: self.ty_of(local), span };
        }
        match self.lookup(name) {
            Some(Def::Broken) => error(span),
            Some(def) => self.no_value(name, def, span),
            None if super::calls::is_built_in(name) => {
                let hint = format!("call it: `{name}(…)`");
                let diag = names::not_a_value(self.place(span), name, "a function", None, &hint);
                self.wrong(span, diag)
            }
            None => self.unknown(name, span),
        }
    }

    fn no_value(&mut self, name: &str, def: Def, span: Span) -> Expr {
        let (declared, hint) = match def {
            Def::Item(item) => {
                let hint = match item.word(self.db) {
                    ItemWord::Task | ItemWord::Flow => format!("call it: `{name}(…)`"),
                    ItemWord::Agent => return self.agent_as_value(item, span),
                    _ => "a type stands after `:`, `->` or `as`".to_owned(),
                };
                (Some(name_place(self.db, item)), hint)
            }
            _ => (None, format!("name something in it: `{name}.…`")),
        };
        let diag = names::not_a_value(self.place(span), name, what(self.db, def), declared, &hint);
        self.wrong(span, diag)
    }

    /// Says that a name means nothing, and what may be meant.
    pub(crate) fn unknown(&mut self, name: &Name, span: Span) -> Expr {
        self.incomplete = true;
        let place = self.place(span);
        self.unknown_names += 1;
        // Each guess looks at all names: of many thousands that would take for ever.
        let guesses = self.unknown_names <= GUESSES_MAX;
        let below = if guesses { self.bound_below(name) } else { None };
        if let Some(bound) = below {
            let diag = names::used_before_let(place, name, self.place(bound));
            let diag = self.let_above(diag, name, span);
            return self.wrong(span, diag);
        }
        let module = flowc_stdlib::modules().iter().find(|(module, _)| {
            let file = self.db.library(module);
            file.is_some_and(|file| exported(self.db, file, name.clone()).is_some())
        });
        let near = if guesses { self.guess(name) } else { None };
        let module = module.map(|(module, _)| names::InModule { module, import: self.import(module, name) });
        let diag = names::unknown_name(place, name, near.as_deref(), module);
        self.wrong(span, diag)
    }

    /// What to put where so that the file imports a name of the library: into the `use` of the module, or above the first item.
    pub(crate) fn import(&self, module: &str, name: &Name) -> Option<Edit<Place>> {
        let all = items(self.db, self.file);
        let uses = all.iter().filter(|item| item.word(self.db) == ItemWord::Use);
        let last_name = |item: &ItemId| match parse(self.db, *item).item.as_ref().map(|it| &it.kind) {
            Some(ast::ItemKind::Use(ast::Use {
                from: ast::UseFrom::Path(path),
                alias: None,
                names: Some(names),
            })) if path.iter().map(|part| part.name.as_str()).eq(module.split('.')) => {
                names.last().map(|last| last.span.end)
            }
            _ => None,
        };
        if let Some((item, end)) = uses.clone().find_map(|item| Some((*item, last_name(item)?))) {
            let place = Place { anchor: Anchor::Item(item), span: Span::new(end, end) };
            return Some(Edit { place, text: format!(", {name}") });
        }
        let first = all.first()?;
        let gap = if first.word(self.db) == ItemWord::Use { "" } else { "\n" };
        let place = Place { anchor: Anchor::Item(*first), span: Span::default() };
        Some(Edit { place, text: format!("use {module}.{{{name}}}\n{gap}") })
    }

    /// Where a `let` further down binds a name.
    fn bound_below(&self, name: &Name) -> Option<Span> {
        self.blocks.iter().rev().flat_map(|block| &block.stmts).find_map(|stmt| match &stmt.kind {
            ast::StmtKind::Let { name: bound, .. } if bound.name == *name => Some(bound.span),
            _ => None,
        })
    }

    /// The name in sight that is nearest to one that means nothing.
    fn guess(&self, name: &Name) -> Option<String> {
        let own = &scope(self.db, self.file).names;
        let own = own.iter().filter(|(_, def)| !matches!(def, Def::Broken)).map(|(name, _)| name.as_str());
        let always =
            prelude(self.db).map(|file| scope(self.db, file)).into_iter().flat_map(|it| it.own.keys());
        let locals = self.local_names();
        let near = nearest(
            name,
            locals.iter().copied().chain(own).chain(always.map(Name::as_str)).chain(super::calls::BUILT_IN),
        );
        near.map(str::to_owned)
    }

    fn field(&mut self, base: &'a ast::Expr, field: &ast::Ident, span: Span) -> Expr {
        if let ast::ExprKind::Name(name) = &base.kind
            && !self.is_bound(name)
            && let Some(Def::Module(module)) = self.lookup(name)
        {
            return match exported(self.db, module, field.name.clone()) {
                Some(item) => self.no_value(&format!("{name}.{}", field.name), Def::Item(item), span),
                None => self.unknown_in(module, name, field),
            };
        }
        let base = self.expr(base, None);
        let base_ty = expand(self.db, &base.ty);
        let shown = self.show(&base.ty);
        let place = self.place(field.span);
        let (ty, base) = match &base_ty {
            Ty::Error => return error(span),
            Ty::Record(fields) => match fields.iter().find(|(name, _)| *name == field.name) {
                Some((_, ty)) => (ty.clone(), base),
                None => {
                    let known: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
                    let diag = d::unknown_field(place, &field.name, &shown, &known);
                    return self.wrong(span, diag);
                }
            },
            Ty::Json => (Ty::Json, base),
            Ty::Optional(_) | Ty::None => {
                let diag = self.or_fail(d::optional(self.place(base.span), &shown, None), &base, true);
                return self.wrong(span, diag);
            }
            other => {
                let hint = match other {
                    Ty::Map(_) => Some(format!("an entry of a map is `map[\"{}\"]`", field.name)),
                    Ty::List(_) if &*field.name == "length" || &*field.name == "size" => {
                        Some("write `len(list)`".to_owned())
                    }
                    Ty::List(_) => {
                        Some("take one element first, or go over all of them with `for`".to_owned())
                    }
                    Ty::Outcome(_) => Some(super::coerce::OUTCOME.to_owned()),
                    Ty::File => Some(format!("`std.file` has functions for files: `{}(file)`", field.name)),
                    _ => None,
                };
                let diag = d::no_fields(place, &field.name, &shown, hint.as_deref());
                let is_length = matches!(&*field.name, "length" | "size" | "len" | "count");
                let (from, written) = (span.start, self.written(base.span));
                let diag = match other {
                    Ty::Map(_) => self.instead(diag, span, &format!("{written}[\"{}\"]", field.name), None),
                    Ty::List(_) | Ty::Text if is_length && from == base.span.start => {
                        self.instead(diag, span, &format!("len({written})"), None)
                    }
                    _ => diag,
                };
                return self.wrong(span, diag);
            }
        };
        Expr { kind: ExprKind::Field(Box::new(base), field.name.clone()), ty, span }
    }

    /// Says that a module does not have a name.
    pub(crate) fn unknown_in(&mut self, module: crate::db::SourceFile, of: &str, name: &ast::Ident) -> Expr {
        self.incomplete = true;
        let known = scope(self.db, module).own.keys().map(Name::as_str);
        let near = nearest(&name.name, known);
        let diag = names::unknown_in_module(self.place(name.span), &name.name, of, near);
        self.wrong(name.span, diag)
    }

    fn index(&mut self, base: &'a ast::Expr, index: &'a ast::Expr, span: Span) -> Expr {
        let base = self.expr(base, None);
        let base_ty = expand(self.db, &base.ty);
        let key = match &index.kind {
            ast::ExprKind::Text(text) => text.as_plain(),
            _ => None,
        };
        let why = Some((self.place(base.span), "its elements are taken by this"));
        let (index, ty) = match &base_ty {
            Ty::Error => {
                self.expr(index, None);
                return error(span);
            }
            Ty::List(item) => {
                let index = self.expect(index, &Ty::Int(None), why);
                if matches!(index.kind, ExprKind::Const(Value::Int(at)) if at < 0) {
                    let hint = "elements count from 0; the last one is `last(list)` of `std.list`";
                    let diag = d::negative_index(self.place(index.span), hint);
                    // `last` may be `none`: what is counted from the end is an element as it was meant.
                    let list = self.written(base.span);
                    let template =
                        format!("len({list}) - {}", self.written(index.span).trim_start_matches('-'));
                    let diag = self.instead(diag, index.span, &template, None);
                    self.report(diag);
                }
                (index, (**item).clone())
            }
            Ty::Map(item) => (self.expect(index, &Ty::Text, why), (**item).clone()),
            Ty::Json => {
                let index = self.expr(index, None);
                let to = if matches!(index.ty, Ty::Int(_)) { Ty::Int(None) } else { Ty::Text };
                (self.coerce(index, &to, why), Ty::Json)
            }
            Ty::Optional(_) | Ty::None => {
                self.expr(index, None);
                let diag = d::optional(self.place(base.span), &self.show(&base.ty), None);
                let diag = self.or_fail(diag, &base, true);
                return self.wrong(span, diag);
            }
            _ => {
                self.expr(index, None);
                let hint = match base_ty {
                    Ty::Record(_) => Some("a field of a record is `record.field`"),
                    Ty::Text => Some("a part of a text is `slice(text, start, end)` of `std.text`"),
                    _ => None,
                };
                let diag = d::bad_index(self.place(base.span), &self.show(&base.ty), hint);
                let diag = match (&base_ty, key) {
                    (Ty::Record(fields), Some(key))
                        if fields.iter().any(|(name, _)| name.as_str() == key) =>
                    {
                        let field = format!("{}.{key}", self.written(base.span));
                        self.instead(diag, span, &field, None)
                    }
                    _ => diag,
                };
                return self.wrong(span, diag);
            }
        };
        Expr { kind: ExprKind::Index(Box::new(base), Box::new(index)), ty, span }
    }

    fn list(&mut self, items: &'a [ast::Expr], want: Option<&Ty>, span: Span) -> Expr {
        let wanted = want.map(|want| expand(self.db, want));
        let item = match wanted.as_ref().map(strip) {
            Some(Ty::List(item)) => Some((**item).clone()),
            // Whatever they are, each is JSON.
            Some(Ty::Json) => Some(Ty::Json),
            _ => None,
        };
        let (items, ty) = match item {
            Some(item) => (items.iter().map(|it| self.expect(it, &item, None)).collect(), item),
            None => {
                let items = items.iter().map(|it| self.expr(it, None)).collect();
                self.common(items, "elements")
            }
        };
        Expr { kind: ExprKind::List(items), ty: Ty::List(Arc::new(ty)), span }
    }

    fn map(&mut self, entries: &'a [ast::MapEntry], want: Option<&Ty>, span: Span) -> Expr {
        let wanted = want.map(|want| expand(self.db, want));
        let item = match wanted.as_ref().map(strip) {
            Some(Ty::Map(item)) => Some((**item).clone()),
            Some(Ty::Json) => Some(Ty::Json),
            _ => None,
        };
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let mut keys = Vec::with_capacity(entries.len());
        let mut values = Vec::with_capacity(entries.len());
        for entry in entries {
            let value = match &item {
                Some(item) => self.expect(&entry.value, item, None),
                None => self.expr(&entry.value, None),
            };
            let Some(key) = entry.key.as_plain() else {
                let diag = crate::diagnostics::calls::not_constant(self.place(entry.key.span), "a key");
                self.report(diag);
                continue;
            };
            if let Some(first) = seen.insert(key, entry.key.span) {
                let diag = d::duplicate_field(self.place(entry.key.span), key, self.place(first));
                self.report(diag);
                continue;
            }
            keys.push(Name::from(key));
            values.push(value);
        }
        let (values, ty) = match item {
            Some(item) => (values, item),
            None => self.common(values, "values"),
        };
        let fields = keys.into_iter().zip(values).collect();
        Expr { kind: ExprKind::Record(fields), ty: Ty::Map(Arc::new(ty)), span }
    }

    fn record(&mut self, inits: &'a [ast::FieldInit], want: Option<&Ty>, span: Span) -> Expr {
        let wanted = want.map(|want| expand(self.db, want));
        let known = match wanted.as_ref().map(strip) {
            Some(Ty::Record(fields)) => Some(Arc::clone(fields)),
            Some(Ty::Map(item)) if inits.is_empty() => {
                return Expr { kind: ExprKind::Record(Vec::new()), ty: Ty::Map(Arc::clone(item)), span };
            }
            _ => None,
        };
        let mut misspelt = false;
        let mut seen: HashMap<&Name, Span> = HashMap::new();
        let mut fields: Vec<(Name, Expr)> = Vec::with_capacity(inits.len());
        for init in inits {
            let name = &init.name.name;
            if let Some(first) = seen.insert(name, init.name.span) {
                let diag = d::duplicate_field(self.place(init.name.span), name, self.place(first));
                self.report(diag);
                self.expr(&init.value, None);
                continue;
            }
            let ty = known.as_ref().and_then(|known| known.iter().find(|(field, _)| field == name));
            let value = match ty {
                Some((_, ty)) => self.expect(&init.value, ty, None),
                None => self.expr(&init.value, None),
            };
            if let (Some(known), None) = (&known, ty) {
                let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
                let shown = wanted.as_ref().map(|ty| self.show(ty)).unwrap_or_default();
                let diag = d::unknown_field(self.place(init.name.span), name, &shown, &names);
                self.report(diag);
                misspelt = true;
            }
            fields.push((name.clone(), value));
        }
        let Some(known) = known else {
            let ty = fields.iter().map(|(name, value)| (name.clone(), widened(&value.ty))).collect();
            return Expr { kind: ExprKind::Record(fields), ty: Ty::Record(ty), span };
        };
        let mut missing = Vec::new();
        for (name, ty) in known.iter().filter(|(name, _)| !seen.contains_key(name)) {
            match ty {
                Ty::Optional(_) => fields.push((name.clone(), constant(Value::None, Ty::None, span))),
                Ty::Error => {}
                _ => missing.push((name, ty)),
            }
        }
        // A field written wrong is both unknown and missing: once is enough.
        if !missing.is_empty() && !misspelt {
            let last = inits.last().map(|last| last.name.span.to(last.value.span));
            let given = self.in_sight(&missing, last, span);
            let names: Vec<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
            let diag = d::missing_fields(self.place(span), &names, given);
            self.report(diag);
        }
        Expr { kind: ExprKind::Record(fields), ty: Ty::Record(known), span }
    }

    fn cast(&mut self, value: &'a ast::Expr, ty: &'a ast::TypeExpr, span: Span) -> Expr {
        let to = self.ty(ty);
        let value = self.expr(value, Some(&to));
        if has_error(&to) || has_error(&value.ty) {
            return Expr { ty: to, ..error(span) };
        }
        match fits(self.db, &value.ty, &to) {
            Fit::Same => Expr { kind: ExprKind::Cast(Box::new(value)), ty: to, span },
            Fit::Change => convert(value, &to),
            Fit::No if castable(self.db, &value.ty, &to) => {
                // A constant is checked now: a literal that does not fit never will.
                if matches!(value.kind, ExprKind::Const(Value::Int(_) | Value::Float(_)))
                    && matches!(to, Ty::Int(Some(_)) | Ty::Float(Some(_)))
                {
                    return self.coerce(value, &to, None);
                }
                Expr { kind: ExprKind::Cast(Box::new(value)), ty: to, span }
            }
            Fit::No => {
                let (from, shown) = (self.show(&value.ty), self.show(&to));
                let diag = d::impossible_cast(self.place(span), &from, &shown, instead(&value.ty, &to));
                let diag = self.other_cast(diag, &value, &to, span);
                self.report(diag);
                Expr { ty: to, ..error(span) }
            }
        }
    }
}

/// The type below a `?`.
pub(crate) fn strip(ty: &Ty) -> &Ty {
    match ty {
        Ty::Optional(inner) => inner,
        other => other,
    }
}

/// The bits of a float that is one value.
pub(crate) fn float_constant(value: f64) -> Ty {
    let bits = FloatBits(value.to_bits());
    Ty::Float(Some((bits, bits)))
}
