//! `reads`, `writes`, `edits`, `exclusive`, `effect`: what a task or an agent touches outside of a directory of its own, and what follows
//! from it for the task's outputs and for how long it is remembered.
use flowc_base::{Name, Span};
use flowc_grammar::ast;
use flowc_plan::Cache;

use super::cx::Cx;
use crate::db::Place;
use crate::diagnostics::{footprints as f, tasks as t};
use crate::footprint::pattern::overlap;
use crate::hir::{Expr, Footprint, TaskBody};
use crate::items::item_text;
use crate::mend::insert;
use crate::ty::Ty;

/// The words that begin a clause of a footprint.
pub(crate) const FOOTPRINT: [&str; 5] = ["reads", "writes", "edits", "exclusive", "effect"];

impl<'a> Cx<'a> {
    /// A clause of a footprint, of a task or an agent.
    pub(crate) fn footprint(&mut self, clause: &'a ast::Clause, found: &mut Option<Footprint>) {
        let footprint = found.get_or_insert_default();
        match &*clause.word.name {
            "effect" => {
                let name = match clause.args.as_slice() {
                    [ast::Expr { kind: ast::ExprKind::Text(text), .. }] => text.as_plain(),
                    _ => None,
                };
                match name.filter(|name| !name.trim().is_empty()) {
                    Some(name) => footprint.effect = Some(Name::from(name)),
                    None => self.wants(clause, "the name of what it changes: `effect \"production\"`"),
                }
            }
            "exclusive" => {
                let names = self.texts(clause, "a name or a list of names: `exclusive \"gpu0\"`");
                for text in names {
                    if text.as_plain().is_some_and(|name| name.trim().is_empty()) {
                        let diag =
                            f::bad_footprint(self.place(text.span), "this name is empty", "write `\"gpu0\"`");
                        self.report(diag);
                    }
                    footprint.exclusive.push(self.text(text));
                }
            }
            word => {
                let wanted = format!("a pattern or a list of patterns: `{word} [\"src/**\", \"README.md\"]`");
                for text in self.texts(clause, &wanted) {
                    let pattern = self.path_pattern(text);
                    match word {
                        "reads" => footprint.reads.push(pattern),
                        "writes" => footprint.writes.push(pattern),
                        _ => footprint.edits.push(pattern),
                    }
                }
            }
        }
    }

    /// The texts after a clause's word: one, or a list.
    fn texts(&mut self, clause: &'a ast::Clause, wanted: &str) -> Vec<&'a ast::TextLit> {
        let text = |expr: &'a ast::Expr| match &expr.kind {
            ast::ExprKind::Text(text) => Some(text),
            _ => None,
        };
        let found: Option<Vec<_>> = match clause.args.as_slice() {
            [ast::Expr { kind: ast::ExprKind::List(items), .. }] if !items.is_empty() => {
                items.iter().map(text).collect()
            }
            [one] => text(one).map(|text| vec![text]),
            _ => None,
        };
        found.unwrap_or_else(|| {
            // The names in it are mentioned all the same.
            self.incomplete |= clause.args.iter().any(|arg| !matches!(arg.kind, ast::ExprKind::List(_)));
            self.wants(clause, wanted);
            Vec::new()
        })
    }

    /// A pattern of paths, relative to the project's root.
    fn path_pattern(&mut self, text: &'a ast::TextLit) -> Expr {
        let before = self.diagnostics.len();
        let pattern = self.text(text);
        let shape = shape(text);
        let place = self.place(text.span);
        let parts = || shape.split('/');
        let diag = if shape.is_empty() {
            Some(f::bad_footprint(place, "this pattern is empty", "all of the project is `\"**\"`"))
        } else if shape.starts_with(['/', '~']) {
            Some(f::bad_footprint(
                place,
                "this pattern is absolute",
                "patterns start at the project's root; what lies outside is no part of a footprint",
            ))
        } else if parts().any(|part| part == "..") {
            Some(f::bad_footprint(
                place,
                "this pattern leaves the project",
                "patterns start at the project's root and stay below it",
            ))
        } else if parts().find(|part| *part != ".") == Some(".flow") {
            Some(f::bad_footprint(place, "this pattern is of flowc's own store", "no step may touch `.flow`"))
        } else if let Err(why) = flowc_stdlib::pattern(&shape) {
            let meant = super::outputs::globbed(text);
            Some(t::bad_glob(place, why, meant.as_deref()))
        } else if shape.ends_with('/') {
            Some(match text.as_plain() {
                Some(path) => f::bare_directory(place, path),
                None => f::bad_footprint(
                    place,
                    "this pattern names a directory and no file in it",
                    "all in it is `**`",
                ),
            })
        } else {
            None
        };
        if let Some(diag) = diag {
            self.report(diag);
        } else if self.diagnostics.len() == before {
            self.spliced_parts(&pattern);
        }
        pattern
    }

    /// What is spliced into a pattern is a part of a path, or of one.
    fn spliced_parts(&mut self, pattern: &Expr) {
        let crate::hir::ExprKind::Text(parts) = &pattern.kind else { return };
        for part in parts {
            let leaves = |word: &Name| word.contains('/') || matches!(word.as_str(), "" | "." | "..");
            let hint = match &part.ty {
                Ty::Choice(words) if words.iter().any(leaves) => {
                    "one of its choices is no name of a file: it is spliced as a part of a path, without `/`"
                }
                Ty::Text | Ty::Choice(_) | Ty::Int(_) | Ty::Bool | Ty::Error => continue,
                _ => "a pattern takes texts and integers, each as a part of a path",
            };
            let shown = self.show(&part.ty);
            let why = format!("a `{shown}` cannot be spliced into a pattern of paths");
            let diag = f::bad_footprint(self.place(part.span), &why, hint);
            self.report(diag);
        }
    }

    /// What a footprint says together with the rest of a task.
    pub(crate) fn footprint_rules(&mut self, it: &'a ast::Task, task: &TaskBody) {
        let Some(footprint) = &task.footprint else { return };
        self.patterns_twice(it);
        if footprint.on_tree() {
            self.outputs_declared(it);
        }
        if footprint.effect.is_some()
            && let Some(clause) = clause_of(it, "cache")
            && let Some(arg) = clause.args.first()
        {
            let shown = match task.cache {
                Cache::Forever => "forever".to_owned(),
                Cache::For(time) => time.to_string(),
                Cache::Never | Cache::Run => return,
            };
            let effect = clause_of(it, "effect").map(|clause| self.place(clause.span));
            let diag = f::effect_cached(self.place(arg.span), &shown, effect);
            self.report(diag);
        }
    }

    fn patterns_twice(&mut self, it: &'a ast::Task) {
        let mut seen: Vec<(&str, &str, Place)> = Vec::new();
        for (word, text) in declared(it) {
            let Some(path) = text.as_plain().map(|path| path.trim_start_matches("./")) else { continue };
            let place = self.place(text.span);
            match seen.iter().find(|(known, ..)| *known == path) {
                Some((_, first, at)) => {
                    let diag = f::footprint_twice(place, path, word, (*at, first));
                    self.report(diag);
                }
                None => seen.push((path, word, place)),
            }
        }
    }

    /// Outputs of a task on the tree come from what it declares to change.
    fn outputs_declared(&mut self, it: &'a ast::Task) {
        let changed: Vec<String> =
            declared(it).filter(|(word, _)| *word != "reads").map(|(_, text)| shape(text)).collect();
        for text in output_texts(it) {
            let path = shape(text);
            let wrong =
                path.is_empty() || path.starts_with(['/', '~']) || path.split('/').any(|part| part == "..");
            if wrong || changed.iter().any(|pattern| overlap(pattern, &path)) {
                continue;
            }
            let edits = text.as_plain().map(|path| self.declaring(it, "writes", path)).unwrap_or_default();
            let diag = f::output_undeclared(self.place(text.span), &path, edits);
            self.report(diag);
        }
    }

    /// The edit that adds a path to `reads` or `writes`.
    pub(crate) fn declaring(&self, it: &ast::Task, word: &str, path: &str) -> Vec<flowc_base::Edit<Place>> {
        let edit = |span: Span, text: String| vec![flowc_base::Edit { place: self.place(span), text }];
        let end =
            |span: Span, back: u32| Span::new(span.end.saturating_sub(back), span.end.saturating_sub(back));
        let Some(writes) = clause_of(it, word) else {
            let first = it.clauses.iter().find(|clause| FOOTPRINT.contains(&&*clause.word.name));
            let writes = format!("{word} {path:?}");
            let text = item_text(self.db, self.item);
            let before = |clause: &ast::Clause| insert::before(text, self.place(clause.span), &writes, "  ");
            return first.map(before).into_iter().collect();
        };
        match writes.args.as_slice() {
            [list] if matches!(&list.kind, ast::ExprKind::List(_)) => {
                edit(end(list.span, 1), format!(", {path:?}"))
            }
            [one] => {
                let mut edits = edit(Span::new(one.span.start, one.span.start), "[".to_owned());
                edits.extend(edit(end(one.span, 0), format!(", {path:?}]")));
                edits
            }
            _ => Vec::new(),
        }
    }
}

fn clause_of<'t>(it: &'t ast::Task, word: &str) -> Option<&'t ast::Clause> {
    it.clauses.iter().find(|clause| &*clause.word.name == word)
}

/// The patterns that a task declares, with their words, in the order of the text.
fn declared(it: &ast::Task) -> impl Iterator<Item = (&str, &ast::TextLit)> {
    let clauses = it.clauses.iter().filter(|clause| FOOTPRINT[..3].contains(&&*clause.word.name));
    clauses.flat_map(|clause| {
        let texts = clause.args.iter().flat_map(|arg| match &arg.kind {
            ast::ExprKind::List(items) => items.iter().collect::<Vec<_>>(),
            _ => vec![arg],
        });
        texts.filter_map(|arg| match &arg.kind {
            ast::ExprKind::Text(text) => Some((&*clause.word.name, text)),
            _ => None,
        })
    })
}

/// The paths and patterns that a task takes its outputs from.
fn output_texts(it: &ast::Task) -> Vec<&ast::TextLit> {
    let sources: Vec<Option<&ast::OutputFrom>> = match it.output.as_ref().map(|output| &output.kind) {
        Some(ast::OutputKind::One { from, .. }) => vec![from.as_ref()],
        Some(ast::OutputKind::Record(fields)) => fields.iter().map(|field| field.from.as_ref()).collect(),
        None => Vec::new(),
    };
    let texts = sources.into_iter().flatten().filter_map(|from| match &from.kind {
        ast::OutputFromKind::Path(text) => Some(text),
        _ => None,
    });
    texts.collect()
}

/// The pattern that a text is, as long as nothing is known of what is spliced into it.
pub(crate) fn shape(text: &ast::TextLit) -> String {
    let parts = text.parts.iter().map(|part| match part {
        ast::TextPart::Fragment(fragment) => &*fragment.text,
        ast::TextPart::Splice { .. } => "*",
    });
    parts.collect()
}
