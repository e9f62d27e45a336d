//! `schema("plan.json")`: a JSON Schema as a type. The file is an input of the database like any other; what its text means is found
//! once, whoever uses it, and what was found is reported where it is used.
mod place;
mod read;
mod words;

use std::path::Path;

use flowc_base::Span;
use flowc_grammar::ast;

use super::eval::TypeReader;
use crate::db::{Anchor, Db, Place, SourceFile, normalised};
use crate::diagnostics::schemas as d;
use crate::items::read_error;
use crate::ty::Ty;
use read::Reader;

/// What a schema stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SchemaType {
    /// The type; [`Ty::Error`] when the schema is none.
    ty: Ty,
    /// What it does not say, or what is wrong with the schema.
    problems: Vec<Problem>,
}

/// A place of a schema that the type does not say as it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Problem {
    /// How bad it is.
    kind: Kind,
    /// Where, as a JSON pointer; empty for the whole.
    pointer: String,
    /// Where, in the text of the file.
    span: Span,
    /// What.
    what: String,
}

/// How bad a [`Problem`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// It is no schema, or one that no value fits.
    Wrong,
    /// A part of it is `Json`.
    Widened,
    /// A rule is not checked.
    Rule,
}

#[cfg(test)]
impl SchemaType {
    /// The type.
    pub(crate) fn ty(&self) -> &Ty {
        &self.ty
    }

    /// How bad, the pointer, the place, what.
    pub(crate) fn problems(&self) -> impl Iterator<Item = (&'static str, &str, Span, &str)> {
        self.problems.iter().map(|problem| {
            let kind = match problem.kind {
                Kind::Wrong => "wrong",
                Kind::Widened => "widened",
                Kind::Rule => "rule",
            };
            (kind, problem.pointer.as_str(), problem.span, problem.what.as_str())
        })
    }
}

/// The type of a schema.
#[salsa::tracked(returns(ref))]
pub(crate) fn schema_type(db: &dyn Db, file: SourceFile) -> SchemaType {
    let text = file.text(db).as_deref().unwrap_or_default();
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(json) => {
            let mut reader = Reader::new(db, &json);
            let ty = reader.root();
            let mut problems = reader.problems;
            for problem in &mut problems {
                problem.span = place::of(text, &problem.pointer);
            }
            let wrong = problems.iter().any(|problem| problem.kind == Kind::Wrong);
            SchemaType { ty: if wrong { Ty::Error } else { ty }, problems }
        }
        Err(error) => {
            let span = place::of_line_column(text, error.line(), error.column());
            // Line and column are shown as a place.
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default().to_owned();
            let problem = Problem { kind: Kind::Wrong, pointer: String::new(), span, what };
            SchemaType { ty: Ty::Error, problems: vec![problem] }
        }
    }
}

impl TypeReader<'_> {
    /// `schema("…")`; the path starts at the file that it stands in.
    pub(crate) fn schema(&mut self, path: &ast::TextLit, span: Span) -> Ty {
        let place = self.place(span);
        let Some(written) = path.as_plain() else {
            return self.report(d::not_constant(self.place(path.span)));
        };
        let here = self.item.file(self.db);
        let folder = here.path(self.db).parent().unwrap_or_else(|| Path::new("/"));
        let file = self.db.source(&normalised(&folder.join(written)));
        if let Some(why) = read_error(self.db, file) {
            return self.report(d::unreadable(self.place(path.span), written, why));
        }
        let found = schema_type(self.db, file);
        let in_file = |problem: &Problem| Place { anchor: Anchor::File(file), span: problem.span };
        for kind in [Kind::Wrong, Kind::Widened, Kind::Rule] {
            let all: Vec<&Problem> = found.problems.iter().filter(|problem| problem.kind == kind).collect();
            let Some(first) = all.first() else { continue };
            let said: Vec<(&str, &str)> =
                all.iter().map(|problem| (problem.pointer.as_str(), problem.what.as_str())).collect();
            let diag = match kind {
                Kind::Wrong => d::wrong(place, written, &said, in_file(first)),
                Kind::Widened => d::widened(place, &said, in_file(first)),
                Kind::Rule => d::rules(place, &said, in_file(first)),
            };
            self.diagnostics.push(diag);
            if kind == Kind::Wrong {
                return Ty::Error;
            }
        }
        self.counted(&found.ty, span)
    }
}
