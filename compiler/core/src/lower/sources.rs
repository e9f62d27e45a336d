//! Files and the environment: read from constant paths once, when the run starts; from computed ones where they stand.
use flowc_base::{Name, Span};
use flowc_plan::{Expr, NodeKind, Source, SourceKind, Value};

use super::flow::Lowerer;
use super::frame::Frame;
use super::{At, Given, ROOT, fold};
use crate::hir;

impl<'p> Lowerer<'p> {
    pub(super) fn given(&mut self, place: At, label: &Name, given: Given, base: &Name) -> Expr {
        match given {
            Given::Value(value) => Expr::Const(value),
            Given::Path(kind, path) => self.source(place, place, label, kind, path, base.clone()),
            Given::List(items) => {
                let item = |(at, item)| self.given(place, &Name::from(format!("{label}[{at}]")), item, base);
                fold::list(items.into_iter().enumerate().map(item).collect())
            }
            Given::Record(fields) => fold::record(
                fields
                    .into_iter()
                    .map(|(name, value)| {
                        let value = self.given(place, &Name::from(format!("{label}.{name}")), value, base);
                        (name, value)
                    })
                    .collect(),
            ),
        }
    }

    /// What is read from a constant path is read when the run starts, once, whoever uses it.
    pub(super) fn source(
        &mut self,
        at: At,
        site: At,
        label: &str,
        kind: SourceKind,
        what: Name,
        base: Name,
    ) -> Expr {
        // The environment is the same everywhere.
        let base = if kind == SourceKind::Env { Name::from("/") } else { base };
        let key = (kind, what.clone(), base.clone());
        if let Some(node) = self.sources.get(&key) {
            return Expr::Node(*node);
        }
        let source = Source { kind, what: Expr::Const(Value::Text(what)), base };
        let inner = std::mem::replace(&mut self.current, ROOT);
        let node = self.push(at, site, label, NodeKind::Source(source));
        self.current = inner;
        if let Expr::Node(node) = node {
            self.sources.insert(key, node);
        }
        node
    }

    /// `file(…)` and its like. A path that is written out is looked at by the checker and may be read at once. One that only became
    /// constant here, by an argument or a `let`, is not read where a branch that is not taken would read it.
    pub(super) fn read_source(
        &mut self,
        frame: &mut Frame<'p>,
        kind: SourceKind,
        path: &'p hir::Expr,
        span: Span,
        label: &str,
    ) -> Expr {
        let what = self.expr(frame, path);
        let base = self.program.base(frame.item);
        let (at, site) = frame.places(span);
        let written_out = matches!(path.kind, hir::ExprKind::Const(_));
        match what {
            Expr::Const(Value::Text(what)) if written_out || self.current == ROOT => {
                let label = if label.is_empty() { what.as_str() } else { label };
                self.source(at, site, label, kind, what.clone(), base)
            }
            what => self.push(at, site, label, NodeKind::Source(Source { kind, what, base })),
        }
    }
}
