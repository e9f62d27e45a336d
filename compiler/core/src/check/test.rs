//! `test` items: mocks and asserts. Whether a mock is ever asked is found by [`super::waits`], which looks through calls.
use std::collections::HashMap;
use std::sync::Arc;

use flowc_base::{Name, Span};
use flowc_grammar::ast;
use flowc_plan::Value;

use super::cx::{Binder, Cx, Mode};
use super::loops::word;
use crate::db::{ItemId, ItemWord};
use crate::diagnostics::{calls, flows, tests as d, types};
use crate::hir::{BodyKind, Expr, ExprKind, Mock, Stmt};
use crate::items::name_place;
use crate::resolve::{Def, exported, what};
use crate::ty::Ty;
use crate::types::signature::{Interface, interface};

/// The mocks of a test so far: whom each stands in for, and where.
pub(crate) type Mocks = HashMap<(bool, Option<ItemId>), Span>;

impl<'a> Cx<'a> {
    pub(crate) fn test(&mut self, it: &'a ast::Test) -> BodyKind {
        self.mode = Mode::Test;
        if it.name.as_plain().is_none_or(str::is_empty) {
            let diag = calls::not_constant(self.place(it.name.span), "the name of a test");
            self.report(diag);
        }
        let (block, _) = self.block(&it.body, Some(&Ty::Unit));
        if self.asserts == 0 && !self.incomplete {
            let last = match (block.value.as_deref(), block.stmts.last()) {
                (Some(value), _) | (None, Some(Stmt::Expr(value))) => Some(value),
                _ => None,
            };
            let claim = last.filter(|last| last.ty == Ty::Bool).map(|last| self.place(last.span));
            let diag = d::test_without_assert(self.place(it.name.span), claim);
            self.report(diag);
        }
        BodyKind::Test(block)
    }

    /// `assert cond`
    pub(crate) fn assert(&mut self, written: &'a ast::Expr, span: Span, stmts: &mut Vec<Stmt>) {
        let before = self.diagnostics.len();
        let cond = self.expect(written, &Ty::Bool, None);
        self.asserts += 1;
        self.steps += 1;
        if self.mode == Mode::Test {
            self.constant_condition(&cond, before);
            stmts.push(Stmt::Assert(cond));
        } else {
            let hint = "it stands in a `test`; a flow ends by `if … { fail \"…\" }`, or waits at a `gate`";
            let diag = flows::misplaced(self.place(word(span, "assert")), "`assert`", hint);
            let diag = self.fail_instead(diag, written, span);
            self.report(diag);
        }
    }

    /// `mock ask NAME -> …`, `mock task NAME(a, b) -> …`
    pub(crate) fn mock(&mut self, it: &'a ast::Mock, span: Span, stmts: &mut Vec<Stmt>) {
        self.steps += 1;
        self.note_mock(it);
        if self.mode != Mode::Test || self.blocks.len() != 1 {
            let hint = "mocks stand in a `test`, before what it calls, and not inside of other blocks";
            let diag = flows::misplaced(self.place(word(span, "mock")), "a mock", hint);
            let diag = self.mock_above(diag, span);
            self.report(diag);
            return self.skip_mock(it);
        }
        let ask = match it.what.name.as_str() {
            "ask" => true,
            "task" => false,
            other => {
                let diag = d::mock_of_what(self.place(it.what.span), other);
                self.report(diag);
                return self.skip_mock(it);
            }
        };
        let whole = it.target.iter().fold(it.what.span, |span, part| span.to(part.span));
        let at =
            it.target.first().map_or(whole, |first| it.target.iter().fold(first.span, |s, p| s.to(p.span)));
        let Some(target) = self.mock_target(it, ask, at) else { return self.skip_mock(it) };
        if let Some(first) = self.mocks.insert((ask, target), at) {
            let diag = d::mocked_twice(self.place(at), self.place(first));
            self.report(diag);
        }
        let callee = target.filter(|_| !ask).map(|item| interface(self.db, item));
        self.enter();
        let params = self.mock_params(it, target, callee, at);
        let steps = self.steps;
        let answer = self.mock_answer(it, callee);
        self.leave();
        if self.steps > steps && !matches!(answer.kind, ExprKind::Error) {
            let hint = "an answer is a value: nothing is called for it";
            let diag = flows::misplaced(self.place(answer.span), "a step", hint);
            self.report(diag);
        }
        let (each, failed) = (it.each, it.failed);
        stmts.push(Stmt::Mock(Mock { target, ask, params, each, failed, answer, span: at }));
    }

    /// Looks at the names in a mock that is refused.
    fn skip_mock(&mut self, it: &'a ast::Mock) {
        self.enter();
        for param in it.params.iter().flatten().filter(|param| param.name.as_str() != "_") {
            self.bind(&param.name, param.span, Ty::Error, Binder::Let);
        }
        self.expr(&it.answer, None);
        self.leave();
        self.incomplete = true;
    }

    /// Whom a mock stands in for: `Some(None)` is `_`; `None` for nobody, which is reported.
    fn mock_target(&mut self, it: &'a ast::Mock, ask: bool, at: Span) -> Option<Option<ItemId>> {
        let (first, second) = match it.target.as_slice() {
            [one] if one.name.as_str() == "_" => return Some(None),
            [one] => (one, None),
            [one, two] => (one, Some(two)),
            [_, _, more, ..] => {
                let place = self.place(more.span);
                let diag = d::bad_mock(place, "a name after two others", "write `module.name`");
                self.report(diag);
                return None;
            }
            [] => return None,
        };
        let def = match (self.lookup(&first.name), second) {
            (Some(Def::Broken), _) => return None,
            (Some(Def::Module(module)), Some(name)) => match exported(self.db, module, name.name.clone()) {
                Some(item) => Def::Item(item),
                None => {
                    self.unknown_in(module, &first.name, name);
                    return None;
                }
            },
            (Some(def), None) => def,
            (Some(_), Some(_)) | (None, _) => {
                self.unknown(&first.name, first.span);
                return None;
            }
        };
        let place = self.place(at);
        let name = it.target.iter().map(|part| part.name.as_str()).collect::<Vec<_>>().join(".");
        let diag = match def {
            Def::Item(item) => match (item.word(self.db), ask) {
                (ItemWord::Task, false) if interface(self.db, item).native.is_some() => d::bad_mock(
                    place,
                    &format!("`{name}` is a function of the library and runs as it is"),
                    "take the mock out: what it gives follows from its arguments alone",
                ),
                (ItemWord::Task, false) | (ItemWord::Agent, true) => return Some(Some(item)),
                (ItemWord::Task, true) => d::other_mock(self.place(it.what.span), &name, "a task", "task"),
                (ItemWord::Agent, false) => d::other_mock(self.place(it.what.span), &name, "an agent", "ask"),
                (ItemWord::Flow, _) => d::bad_mock(
                    place,
                    &format!("`{name}` is a flow, and flows run in tests"),
                    "mock the tasks and asks in it",
                )
                .with_label(name_place(self.db, item), "declared here"),
                _ => d::bad_mock(
                    place,
                    &format!("`{name}` is {}, expected a task or an agent", what(self.db, def)),
                    "name a task or an agent",
                ),
            },
            _ => d::bad_mock(
                place,
                &format!("`{name}` is {}, expected a task or an agent", what(self.db, def)),
                "name something in it: `mock task module.name -> …`",
            ),
        };
        self.report(diag);
        None
    }

    /// Binds the names of a mock's arguments: those of the task, or the question of an ask.
    fn mock_params(
        &mut self,
        it: &'a ast::Mock,
        target: Option<ItemId>,
        callee: Option<&Interface>,
        at: Span,
    ) -> Vec<Option<crate::hir::LocalId>> {
        let Some(params) = &it.params else { return Vec::new() };
        let known: Vec<Ty> = match callee {
            Some(callee) => callee.params.iter().map(|(_, ty, _)| ty.clone()).collect(),
            None if it.what.name.as_str() == "ask" => vec![Ty::Text],
            None => Vec::new(),
        };
        if params.len() != known.len() && callee.is_none_or(|callee| !callee.is_broken()) {
            let declared = target.map(|item| name_place(self.db, item));
            let names: Vec<&str> =
                callee.iter().flat_map(|it| it.params.iter()).map(|(n, ..)| n.as_str()).collect();
            let diag = d::mock_arity(self.place(at), &names, known.len(), params.len(), declared);
            self.report(diag);
        }
        let types = known.into_iter().map(Some).chain(std::iter::repeat(None));
        params
            .iter()
            .zip(types)
            .map(|(param, ty)| {
                let bound = param.name.as_str() != "_";
                bound.then(|| self.bind(&param.name, param.span, ty.unwrap_or(Ty::Error), Binder::Let))
            })
            .collect()
    }

    fn mock_answer(&mut self, it: &'a ast::Mock, callee: Option<&Interface>) -> Expr {
        if it.failed {
            let fields = [("kind", Ty::Text), ("message", optional_text()), ("step", optional_text())];
            let ty = Ty::Record(fields.map(|(name, ty)| (Name::from(name), ty)).into());
            return self.expect(&it.answer, &ty, None);
        }
        let Some(callee) = callee else {
            let answer = self.expr(&it.answer, None);
            let (ty, one) = match (&answer.ty, it.each) {
                (Ty::List(item), true) => ((**item).clone(), "a list of what JSON can say"),
                (ty, _) => (ty.clone(), "a value that JSON can say"),
            };
            if ty != Ty::Error && !self.has_schema(&ty) && it.what.name.as_str() == "ask" {
                let diag = types::wanted(self.place(answer.span), one, &self.show(&answer.ty));
                self.report(diag);
            }
            return self.some_each(it, answer);
        };
        if callee.output == Ty::Unit {
            let answer = self.expr(&it.answer, None);
            let nothing = matches!(&answer.kind, ExprKind::Const(Value::None))
                || matches!(&answer.kind, ExprKind::Record(fields) if fields.is_empty());
            if !nothing && answer.ty != Ty::Error && !it.each {
                let diag = types::mismatch(self.place(answer.span), "()", &self.show(&answer.ty), None);
                self.report(diag.with_hint("the task has no value: write `-> none`"));
            }
            return answer;
        }
        let ty = if it.each { Ty::List(Arc::new(callee.output.clone())) } else { callee.output.clone() };
        let answer = self.expect(&it.answer, &ty, None);
        self.some_each(it, answer)
    }

    /// A list of answers has one at least.
    fn some_each(&mut self, it: &ast::Mock, answer: Expr) -> Expr {
        if it.each && matches!(&answer.kind, ExprKind::List(items) if items.is_empty()) {
            let place = self.place(answer.span);
            let diag = d::bad_mock(place, "a mock without answers", "write the answers, one for each call");
            self.report(diag);
        }
        answer
    }
}

fn optional_text() -> Ty {
    Ty::Optional(Arc::new(Ty::Text))
}
