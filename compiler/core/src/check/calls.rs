//! Calls: of tasks, flows, the library, the compiler's own functions; and `with { … }`.
use std::collections::HashMap;

use flowc_base::{Applicability, Name, Span};
use flowc_grammar::ast;
use flowc_plan::{SourceKind, Value};

use super::cx::{Cx, LiteralPath, Mode, error};
use crate::db::{ItemId, ItemWord};
use crate::diagnostics::calls::{self as c, Callee};
use crate::diagnostics::{names, removing, secrets, shell, tasks, types};
use crate::hir::{Call, Expr, ExprKind, With};
use crate::items::name_place;
use crate::resolve::{Def, exported, what};
use crate::ty::Ty;
use crate::types::fits::{has_error, has_secret};
use crate::types::signature::{Interface, interface, signature};
use crate::types::unify::{Substitution, has_var, wanted};
use crate::types::{Fit, fits};

/// The functions that are the compiler's own.
pub(crate) const BUILT_IN: [&str; 7] = ["file", "dir", "glob", "read", "env", "raw", "secret"];

pub(crate) fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

impl<'a> Cx<'a> {
    pub(crate) fn call(&mut self, callee: &'a ast::Expr, args: &'a [ast::Arg], span: Span) -> Expr {
        match &callee.kind {
            ast::ExprKind::Name(name) => {
                if let Some(local) = self.local(name) {
                    let declared = self.locals.get(local.0 as usize).map(|local| self.place(local.span));
                    let diag = names::not_callable(
                        self.place(callee.span),
                        &format!("the value `{name}`"),
                        declared,
                        None,
                    );
                    let brackets = self.place(Span::new(callee.span.end, span.end));
                    let diag = if args.is_empty() {
                        removing(diag, brackets, "the parentheses", Applicability::Maybe)
                    } else {
                        diag
                    };
                    return self.refuse(args, diag, span);
                }
                match self.lookup(name) {
                    Some(Def::Broken) => {
                        self.args_only(args);
                        self.steps += 1;
                        error(span)
                    }
                    Some(def) => self.call_def(name, def, callee.span, args, span),
                    None if is_built_in(name) => self.built_in(name, callee.span, args, span),
                    None => {
                        self.args_only(args);
                        self.steps += 1;
                        self.unknown(name, callee.span)
                    }
                }
            }
            ast::ExprKind::Field { base, field } => self.call_field(base, field, args, span),
            ast::ExprKind::Missing => {
                self.args_only(args);
                self.steps += 1;
                self.incomplete = true;
                error(span)
            }
            _ => {
                let found = self.expr(callee, None);
                if found.ty == Ty::Error {
                    self.args_only(args);
                    return error(span);
                }
                let what = format!("a value of type `{}`", self.show(&found.ty));
                let diag = names::not_callable(self.place(callee.span), &what, None, None);
                self.refuse(args, diag, span)
            }
        }
    }

    fn call_field(
        &mut self,
        base: &'a ast::Expr,
        field: &'a ast::Ident,
        args: &'a [ast::Arg],
        span: Span,
    ) -> Expr {
        if let ast::ExprKind::Name(name) = &base.kind
            && !self.is_bound(name)
        {
            match self.lookup(name) {
                Some(Def::Module(module)) => {
                    return match exported(self.db, module, field.name.clone()) {
                        Some(item) => {
                            let name = format!("{name}.{}", field.name);
                            self.call_def(&name, Def::Item(item), base.span.to(field.span), args, span)
                        }
                        None => {
                            self.args_only(args);
                            self.steps += 1;
                            self.unknown_in(module, name, field)
                        }
                    };
                }
                Some(Def::Broken) => {
                    self.args_only(args);
                    self.steps += 1;
                    return error(span);
                }
                _ => {}
            }
        }
        let found = self.expr(base, None);
        if found.ty == Ty::Error {
            self.args_only(args);
            return error(span);
        }
        let hint = format!("there are no methods: write `{}(value, …)`", field.name);
        let what = format!("`.{}`", field.name);
        let diag = names::not_callable(self.place(field.span), &what, None, Some(hint));
        let diag = self.as_function(diag, (&found, field), args, span);
        self.refuse(args, diag, span)
    }

    fn call_def(&mut self, name: &str, def: Def, at: Span, args: &'a [ast::Arg], span: Span) -> Expr {
        if let Def::Item(item) = def {
            match item.word(self.db) {
                ItemWord::Task | ItemWord::Flow => return self.call_item(name, item, at, args, span),
                ItemWord::Agent => {
                    let declared = Some(name_place(self.db, item));
                    let hint = Some(format!("an agent is asked: `ask {name} \"…\"`"));
                    let diag =
                        names::not_callable(self.place(at), &format!("an agent `{name}`"), declared, hint);
                    let diag = match args {
                        [ast::Arg { name: None, value }] if matches!(value.kind, ast::ExprKind::Text(_)) => {
                            let text = format!("ask {name} {}", self.written(value.span));
                            let edits = vec![self.rewritten(span, text)];
                            diag.with_fix(format!("write `ask {name} …`"), Applicability::Maybe, edits)
                        }
                        _ => diag,
                    };
                    return self.refuse(args, diag, span);
                }
                _ => {}
            }
        }
        let (declared, hint) = match def {
            Def::Item(item) => (Some(name_place(self.db, item)), None),
            _ => (None, Some(format!("call something in it: `{name}.…(…)`"))),
        };
        let hint = hint.or_else(|| Some("to convert a value write `value as Type`".to_owned()));
        let diag =
            names::not_callable(self.place(at), &format!("{} `{name}`", what(self.db, def)), declared, hint);
        let is_type = matches!(def, Def::Item(item) if item.word(self.db) == ItemWord::Type);
        let diag = match args {
            [ast::Arg { name: None, value }] if is_type => {
                let edits = vec![self.rewritten(span, format!("{} as {name}", self.written(value.span)))];
                diag.with_fix(format!("write `… as {name}`"), Applicability::Maybe, edits)
            }
            _ => diag,
        };
        self.refuse(args, diag, span)
    }

    /// Reports, after the arguments were looked at.
    fn refuse(&mut self, args: &'a [ast::Arg], diag: crate::db::Diag, span: Span) -> Expr {
        self.args_only(args);
        self.steps += 1;
        self.wrong(span, diag)
    }

    fn args_only(&mut self, args: &'a [ast::Arg]) {
        for arg in args {
            self.expr(&arg.value, None);
        }
    }

    fn call_item(&mut self, name: &str, item: ItemId, at: Span, args: &'a [ast::Arg], span: Span) -> Expr {
        let callee = interface(self.db, item);
        let pure = callee.native.is_some();
        if !self.mode.has_steps() && !pure {
            let diag = c::step_in_task(self.place(at), name, self.mode.place());
            return self.refuse(args, diag, span);
        }
        if callee.is_broken() {
            self.args_only(args);
            self.steps += 1;
            return Expr { ty: callee.output.clone(), ..error(span) };
        }
        let Some(places) = self.assign(name, item, callee, (at, span), args) else {
            self.steps += usize::from(!pure);
            let ty = if callee.params.iter().any(|(_, ty, _)| has_var(ty)) || has_var(&callee.output) {
                Ty::Error
            } else {
                callee.output.clone()
            };
            return Expr { ty, ..error(span) };
        };
        if let Some(native) = &callee.native {
            return self.native(item, native, callee, &places, span);
        }
        let mut given = Vec::with_capacity(places.len());
        for (place, (param, ty, _)) in places.into_iter().zip(&callee.params) {
            given.push(place.map(|arg| self.argument(arg, ty, item, param)));
        }
        self.steps += 1;
        let call = Box::new(Call { callee: item, args: given, with: With::default() });
        let kind =
            if item.word(self.db) == ItemWord::Flow { ExprKind::Flow(call) } else { ExprKind::Step(call) };
        Expr { kind, ty: callee.output.clone(), span }
    }

    /// An argument for a parameter; a mismatch shows where that is declared.
    fn argument(&mut self, arg: &'a ast::Expr, ty: &Ty, item: ItemId, param: &Name) -> Expr {
        let value = self.expr(arg, Some(ty));
        if fits(self.db, &value.ty, ty) != Fit::No {
            return self.coerce(value, ty, None);
        }
        // Only now the signature's places are looked at: a check without errors does not depend on them.
        let declared = self.declared(item, param);
        let text = format!("`{param}` is declared here");
        self.coerce(value, ty, declared.map(|place| (place, text.as_str())))
    }

    /// Where a parameter is declared, in files that a user can see.
    fn declared(&self, item: ItemId, param: &str) -> Option<crate::db::Place> {
        if item.file(self.db).library(self.db) {
            return None;
        }
        let param = signature(self.db, item).params.iter().find(|known| &*known.name == param)?;
        Some(crate::db::Place { anchor: crate::db::Anchor::Item(item), span: param.span })
    }

    fn callee<'n>(&self, name: &'n str, item: ItemId) -> Callee<'n> {
        let visible = !item.file(self.db).library(self.db);
        Callee { name, declared: visible.then(|| name_place(self.db, item)) }
    }

    /// Finds the argument of each parameter; `None` when that went wrong, which is reported.
    fn assign(
        &mut self,
        name: &str,
        item: ItemId,
        callee: &Interface,
        (at, span): (Span, Span),
        args: &'a [ast::Arg],
    ) -> Option<Vec<Option<&'a ast::Expr>>> {
        let number: HashMap<&Name, usize> =
            callee.params.iter().enumerate().map(|(at, (name, ..))| (name, at)).collect();
        let mut found: Vec<Option<&'a ast::Expr>> = vec![None; callee.params.len()];
        let mut failed = false;
        let mut named = false;
        let mut unknown = false;
        let mut misplaced: Vec<(usize, &'a ast::Expr)> = Vec::new();
        for (position, arg) in args.iter().enumerate() {
            let slot = match &arg.name {
                Some(label) => {
                    named = true;
                    let slot = number.get(&label.name).copied();
                    if slot.is_none() {
                        let params: Vec<&str> =
                            callee.params.iter().map(|(name, ..)| name.as_str()).collect();
                        let place = self.place(label.span);
                        let diag = c::unknown_argument(place, self.callee(name, item), &label.name, &params);
                        self.report(diag);
                        unknown = true;
                    }
                    slot
                }
                None if named => {
                    unknown = true;
                    misplaced.push((position, &arg.value));
                    continue;
                }
                None if position >= callee.params.len() => {
                    if !failed {
                        let place = self.place(arg.value.span);
                        let takes = callee.params.len();
                        let diag = c::too_many_arguments(place, self.callee(name, item), takes, args.len());
                        self.report(diag);
                    }
                    None
                }
                None => Some(position),
            };
            let Some(slot) = slot else {
                failed = true;
                self.expr(&arg.value, None);
                continue;
            };
            if let Some(first) = found[slot] {
                let place = self.place(arg.name.as_ref().map_or(arg.value.span, |label| label.span));
                let diag = c::duplicate_argument(place, &callee.params[slot].0, self.place(first.span));
                self.report(diag);
                failed = true;
                self.expr(&arg.value, None);
                continue;
            }
            found[slot] = Some(&arg.value);
        }
        for (position, value) in misplaced {
            failed = true;
            let ty = self.expr(value, None).ty;
            let free = |slot: &usize| found.get(*slot).is_some_and(Option::is_none);
            let slot = Some(position).filter(free).or_else(|| (0..found.len()).find(free));
            let param = slot.and_then(|slot| callee.params.get(slot));
            let param = param.filter(|(_, wanted, _)| fits(self.db, &ty, wanted) != Fit::No);
            let diag = c::argument_order(self.place(value.span), param.map(|(name, ..)| name.as_str()));
            self.report(diag);
            if let Some(slot) = slot {
                found[slot] = Some(value);
            }
        }
        let missing: Vec<(&Name, &Ty)> = found
            .iter()
            .zip(&callee.params)
            .filter(|(given, (_, _, has_default))| given.is_none() && !has_default)
            .map(|(_, (name, ty, _))| (name, ty))
            .collect();
        // A name written wrong is both unknown and missing: once is enough.
        if !missing.is_empty() && !unknown {
            let last = args
                .last()
                .map(|arg| arg.name.as_ref().map_or(arg.value.span, |label| label.span.to(arg.value.span)));
            let given = self.in_sight(&missing, last, span);
            let names: Vec<&str> = missing.iter().map(|(name, _)| name.as_str()).collect();
            let diag = c::missing_arguments(self.place(at), self.callee(name, item), &names, given);
            self.report(diag);
        }
        if failed || !missing.is_empty() {
            for (slot, (param, ty, _)) in found.iter().zip(&callee.params) {
                match slot {
                    Some(arg) if has_var(ty) => drop(self.expr(arg, None)),
                    Some(arg) => drop(self.argument(arg, ty, item, param)),
                    None => {}
                }
            }
            return None;
        }
        Some(found)
    }

    /// A call of a native function: its type variables are found from its arguments.
    fn native(
        &mut self,
        item: ItemId,
        native: &Name,
        callee: &Interface,
        places: &[Option<&'a ast::Expr>],
        span: Span,
    ) -> Expr {
        let mut substitution = Substitution::default();
        let mut values: Vec<Option<Expr>> = Vec::with_capacity(places.len());
        let mut failed = false;
        for (arg, (param, ty, _)) in places.iter().zip(&callee.params) {
            let Some(arg) = arg else {
                values.push(None);
                continue;
            };
            if !has_var(ty) {
                values.push(Some(self.argument(arg, ty, item, param)));
                continue;
            }
            let value = self.expr(arg, None);
            failed |= has_error(&value.ty);
            if !failed && let Err(var) = substitution.learn(self.db, ty, &value.ty) {
                let found = self.show(&value.ty);
                let place = self.place(value.span);
                let diag = match (wanted(&var), ty) {
                    (Some(wanted), Ty::List(_)) => {
                        types::wanted(place, &format!("a list of {wanted}"), &found)
                    }
                    (Some(wanted), _) => types::wanted(place, wanted, &found),
                    (None, ty) => types::mismatch(place, &self.show(&substitution.apply(ty)), &found, None),
                };
                self.report(diag);
                failed = true;
            }
            values.push(Some(value));
        }
        if failed {
            let ty = if has_var(&callee.output) { Ty::Error } else { callee.output.clone() };
            return Expr { ty, ..error(span) };
        }
        let defaults = &super::body(self.db, item)
            .body
            .as_ref()
            .map(|body| body.defaults.as_slice())
            .unwrap_or_default();
        let mut args = Vec::with_capacity(values.len());
        for (at, (value, (_, ty, _))) in values.into_iter().zip(&callee.params).enumerate() {
            let ty = substitution.apply(ty);
            match value {
                Some(value) => args.push(self.coerce(value, &ty, None)),
                None => args.push(defaults.get(at).cloned().flatten().unwrap_or_else(|| error(span))),
            }
        }
        self.regex(native, places, &args);
        if &**native == "value.text"
            && let Some(value) = args.first()
        {
            let value = value.clone();
            if !self.has_text(&value) {
                return Expr { ty: Ty::Text, ..error(span) };
            }
        }
        // What gives nothing back of its type tells something about it; how many there are is no secret.
        if !has_var(&callee.output) && !matches!(&**native, "value.len" | "map.has") {
            let seen = args.iter().find(|arg| has_secret(self.db, &arg.ty)).map(|arg| arg.span);
            if let Some(seen) = seen {
                let how = format!("in what `{}` gives", item.name(self.db));
                let diag = secrets::shown(self.place(seen), &how);
                return Expr { ty: callee.output.clone(), ..self.wrong(span, diag) };
            }
        }
        Expr {
            kind: ExprKind::Native { name: native.clone(), args },
            ty: substitution.apply(&callee.output),
            span,
        }
    }

    fn built_in(&mut self, name: &str, at: Span, args: &'a [ast::Arg], span: Span) -> Expr {
        let (kind, ty) = match name {
            "file" => (SourceKind::File, Ty::File),
            "dir" => (SourceKind::Dir, Ty::Dir),
            "glob" => (SourceKind::Glob, Ty::List(std::sync::Arc::new(Ty::File))),
            "read" => (SourceKind::Read, Ty::Text),
            "env" => (SourceKind::Env, Ty::Optional(std::sync::Arc::new(Ty::Text))),
            "raw" => {
                let alone = match args {
                    [ast::Arg { name: None, value }] => Some(self.rewritten(span, self.written(value.span))),
                    _ => None,
                };
                let diag = shell::raw_outside(self.place(at), alone);
                return self.refuse(args, diag, span);
            }
            _ => return self.secret(at, args, span),
        };
        let callee = Callee { name, declared: None };
        let (what, second) = match args {
            [] => {
                let diag = c::missing_arguments(
                    self.place(at),
                    callee,
                    &[if name == "env" { "name" } else { "path" }],
                    None,
                );
                return self.wrong(span, diag);
            }
            [what] => (what, None),
            [what, second, ..] => (what, Some(second)),
        };
        if let Some(second) = second {
            let diag = c::too_many_arguments(self.place(second.value.span), callee, 1, args.len());
            return self.refuse(args, diag, span);
        }
        if let Some(label) = &what.name {
            let diag = c::unknown_argument(self.place(label.span), callee, &label.name, &[]);
            return self.refuse(args, diag, span);
        }
        if self.mode == Mode::Task {
            let diag = c::step_in_task(self.place(at), name, "in a task, which sees nothing of the project");
            return self.refuse(args, diag, span);
        }
        let what = self.expect(&what.value, &Ty::Text, None);
        if what.ty == Ty::Error || matches!(what.kind, ExprKind::Error) {
            return Expr { ty, ..error(span) };
        }
        if let (ExprKind::Const(Value::Text(path)), true) = (&what.kind, kind != SourceKind::Env) {
            if kind == SourceKind::Glob
                && let Err(why) = flowc_stdlib::pattern(path)
            {
                let diag = tasks::bad_glob(self.place(what.span), why, None);
                return self.wrong(span, diag);
            }
            self.paths.push(LiteralPath { kind, path: path.clone(), place: self.place(what.span) });
        }
        Expr { kind: ExprKind::Source { kind, what: Box::new(what) }, ty, span }
    }
}
