//! Outputs of tasks: which types can come from where, and whether the command writes what is declared.
use std::collections::HashMap;

use flowc_base::Span;
use flowc_grammar::ast;

use super::cx::Cx;
use crate::diagnostics::tasks as t;
use crate::hir::{Expr, Output};
use crate::items::parse;
use crate::ty::Ty;
use crate::types::fits::expand;
use crate::types::signature::signature;

impl<'a> Cx<'a> {
    /// What stands after `->`. Its types were read with the signature.
    pub(crate) fn outputs(&mut self, it: &'a ast::Task) -> Output {
        let Some(output) = &it.output else { return Output::Unit };
        let ty = signature(self.db, self.item).output.clone();
        let mut sources: HashMap<String, Span> = HashMap::new();
        match &output.kind {
            ast::OutputKind::One { ty: written, from } => {
                self.output(&ty, written.span, from.as_ref(), output.span, &mut sources)
            }
            ast::OutputKind::Record(fields) => {
                let Ty::Record(types) = ty else { return Output::Unit };
                let mut outputs = Vec::with_capacity(fields.len());
                for field in fields {
                    let name = &field.name.name;
                    let Some((_, ty)) = types.iter().find(|(known, _)| known == name) else { continue };
                    let output =
                        self.output(ty, field.ty.span, field.from.as_ref(), field.name.span, &mut sources);
                    if !outputs.iter().any(|(known, _)| known == name) {
                        outputs.push((name.clone(), output));
                    }
                }
                Output::Record(outputs)
            }
        }
    }

    fn output(
        &mut self,
        ty: &Ty,
        ty_span: Span,
        from: Option<&'a ast::OutputFrom>,
        span: Span,
        sources: &mut HashMap<String, Span>,
    ) -> Output {
        let (source, at) = match from.map(|from| &from.kind) {
            None | Some(ast::OutputFromKind::Stdout) => {
                ("standard output".to_owned(), from.map_or(span, |from| from.span))
            }
            Some(ast::OutputFromKind::Lines) => {
                ("standard output".to_owned(), from.map_or(span, |from| from.span))
            }
            Some(ast::OutputFromKind::Path(text)) => {
                (text.as_plain().map_or_else(String::new, |path| format!("`{path}`")), text.span)
            }
        };
        if !source.is_empty() {
            if let Some(first) = sources.get(&source) {
                let diag = t::duplicate_output(self.place(at), &source, self.place(*first), self.place(span));
                self.report(diag);
            } else {
                sources.insert(source, at);
            }
        }
        if crate::types::fits::has_error(ty) {
            return Output::Unit;
        }
        let shape = expand(self.db, ty);
        match from.map(|from| &from.kind) {
            None | Some(ast::OutputFromKind::Stdout) => {
                if shape == Ty::Unit {
                    return Output::Unit;
                }
                if shape != Ty::File && !self.has_schema(&shape) {
                    let hint = match &shape {
                        Ty::List(item) if **item == Ty::File => "say which files: `from \"part-*\"`",
                        Ty::Record(_) => {
                            "say for each field where it comes from: `{ page: File from \"index.html\" }`"
                        }
                        _ => "say where it is: `from \"path\"`",
                    };
                    let diag =
                        t::output_source(self.place(ty_span), &self.show(ty), "standard output", hint, None);
                    self.report(diag);
                }
                Output::Stdout(ty.clone())
            }
            Some(ast::OutputFromKind::Lines) => {
                let scalar = matches!(&shape, Ty::List(item) if matches!(
                    &**item,
                    Ty::Text | Ty::Int(_) | Ty::Float(_) | Ty::Bool | Ty::Choice(_) | Ty::Duration | Ty::Size | Ty::Money
                ));
                if !scalar {
                    let hint = "lines make a list of texts, numbers and the like: `List<Text> from lines`";
                    let diag = t::output_source(self.place(ty_span), &self.show(ty), "lines", hint, None);
                    self.report(diag);
                }
                Output::Lines(ty.clone())
            }
            Some(ast::OutputFromKind::Path(text)) => self.path_output(ty, &shape, ty_span, text),
        }
    }

    fn path_output(&mut self, ty: &Ty, shape: &Ty, ty_span: Span, text: &'a ast::TextLit) -> Output {
        let path = self.path(text);
        let pattern = text.parts.iter().any(|part| match part {
            ast::TextPart::Fragment(fragment) => fragment.text.contains(['*', '?', '[']),
            ast::TextPart::Splice { .. } => false,
        });
        let files = matches!(shape, Ty::List(item) if **item == Ty::File);
        let label = Some(self.place(text.span));
        let wrong = |cx: &mut Self, source: &str, hint: &str| {
            let diag = t::output_source(cx.place(ty_span), &cx.show(ty), source, hint, label);
            cx.report(diag);
        };
        if files {
            if let Some(Err(why)) = text.as_plain().map(flowc_stdlib::pattern) {
                let meant = globbed(text);
                let diag = t::bad_glob(self.place(text.span), why, meant.as_deref());
                self.report(diag);
            }
            return Output::Glob { pattern: path };
        }
        if pattern {
            wrong(self, "a pattern", "a pattern gives a list of files: `List<File> from \"part-*\"`");
            return Output::Glob { pattern: path };
        }
        let inner = match shape {
            Ty::Optional(inner) => inner,
            other => other,
        };
        match inner {
            Ty::File | Ty::Dir => {}
            Ty::Text => wrong(
                self,
                "a path",
                "a text comes from standard output; a file is a `File`: its text is `\"{{file}}\"`",
            ),
            _ if !self.has_schema(shape) => {
                wrong(
                    self,
                    "a path",
                    "from a path come `File`, `Dir`, `List<File>` by a pattern, and what JSON can say",
                );
            }
            _ => {}
        }
        Output::Path { path, ty: ty.clone() }
    }

    /// The path of an output: inside the step's directory.
    fn path(&mut self, text: &'a ast::TextLit) -> Expr {
        let path = self.text(text);
        let first = match text.parts.first() {
            Some(ast::TextPart::Fragment(fragment)) => &*fragment.text,
            _ => "",
        };
        let fragments = text.parts.iter().filter_map(|part| match part {
            ast::TextPart::Fragment(fragment) => Some(&*fragment.text),
            ast::TextPart::Splice { .. } => None,
        });
        let why = if text.parts.is_empty() || text.as_plain() == Some("") {
            Some("this path is empty")
        } else if first.starts_with('/') || first.starts_with('~') {
            Some("this path is absolute")
        } else if fragments.into_iter().any(|text| text.split('/').any(|part| part == "..")) {
            Some("this path leaves the step's directory")
        } else if text.as_plain().is_some_and(|path| path == "in" || path.starts_with("in/")) {
            Some("`in/` holds the inputs")
        } else {
            None
        };
        if let Some(why) = why {
            let inside = text.as_plain().and_then(|path| {
                let inside = inside(path)?;
                let mut edits = vec![self.rewritten(text.span, format!("{inside:?}"))];
                let named = self.named_in_shell(path);
                edits.extend(named.into_iter().map(|span| self.rewritten(span, inside)));
                Some((inside, edits))
            });
            let diag = t::output_path(self.place(text.span), why, inside);
            self.report(diag);
        }
        path
    }

    /// Where the shell text of the task names a path.
    pub(crate) fn named_in_shell(&self, path: &str) -> Vec<Span> {
        let Some(ast::ItemKind::Task(it)) = parse(self.db, self.item).item.as_ref().map(|item| &item.kind)
        else {
            return Vec::new();
        };
        let texts =
            it.clauses.iter().filter(|clause| &*clause.word.name == "sh").flat_map(|clause| &clause.args);
        let parts = texts.filter_map(|arg| match &arg.kind {
            ast::ExprKind::Text(text) => Some(&text.parts),
            _ => None,
        });
        let fragments = parts.flatten().filter_map(|part| match part {
            ast::TextPart::Fragment(fragment) => Some(fragment),
            ast::TextPart::Splice { .. } => None,
        });
        let in_path = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
        let mut found = Vec::new();
        for fragment in fragments {
            for (at, _) in fragment.text.match_indices(path) {
                let end = at + path.len();
                let (before, after) = (&fragment.text[..at], &fragment.text[end..]);
                if !before.ends_with(in_path) && !after.starts_with(in_path) {
                    let offset = |at: usize| fragment.source_offset(u32::try_from(at).unwrap_or(u32::MAX));
                    found.push(Span::new(offset(at), offset(end)));
                }
            }
        }
        found
    }

    /// Warns of a declared file that the command never names, when it writes to another one.
    pub(crate) fn unwritten(&mut self, it: &'a ast::Task) {
        let Some(clause) = it.clauses.iter().find(|clause| &*clause.word.name == "sh") else { return };
        let Some(ast::ExprKind::Text(text)) = clause.args.first().map(|arg| &arg.kind) else { return };
        let fragments = || {
            text.parts.iter().filter_map(|part| match part {
                ast::TextPart::Fragment(fragment) => Some(fragment),
                ast::TextPart::Splice { .. } => None,
            })
        };
        let declared: Vec<(&str, Span)> = declared_outputs(it);
        for (path, span) in &declared {
            let literal = path.split(['*', '?', '[']).next().unwrap_or_default();
            let base = literal.rsplit('/').next().unwrap_or_default();
            let stem = base.split('.').next().unwrap_or_default();
            if stem.is_empty() || fragments().any(|fragment| fragment.text.contains(stem)) {
                continue;
            }
            let other = fragments().find_map(|fragment| {
                let (at, word) = redirected(&fragment.text)?;
                let known = declared
                    .iter()
                    .any(|(path, _)| path.trim_start_matches("./") == word.trim_start_matches("./"));
                let span = Span::new(
                    fragment.source_offset(at),
                    fragment.source_offset(at.saturating_add(u32::try_from(word.len()).unwrap_or(0))),
                );
                (!known).then_some(span)
            });
            if let Some(other) = other {
                let diag = t::output_unwritten(self.place(*span), path, self.place(other));
                self.report(diag);
            }
        }
    }

    /// Where the text of a task names a parameter without splicing it: `$name`, `{name}`.
    pub(crate) fn unspliced(&self, name: &str) -> Option<(String, Span)> {
        let Some(ast::ItemKind::Task(it)) = parse(self.db, self.item).item.as_ref().map(|item| &item.kind)
        else {
            return None;
        };
        let texts =
            it.clauses.iter().filter(|clause| &*clause.word.name == "sh").flat_map(|clause| &clause.args);
        for arg in texts {
            let ast::ExprKind::Text(text) = &arg.kind else { continue };
            for part in &text.parts {
                let ast::TextPart::Fragment(fragment) = part else { continue };
                for written in [format!("${{{name}}}"), format!("{{{name}}}"), format!("${name}")] {
                    let Some(at) = fragment.text.find(&written) else { continue };
                    let end = at + written.len();
                    let goes_on = fragment.text[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
                    if written.ends_with('}') || !goes_on {
                        let offset =
                            |at: usize| fragment.source_offset(u32::try_from(at).unwrap_or(u32::MAX));
                        return Some((format!("{{{{{name}}}}}"), Span::new(offset(at), offset(end))));
                    }
                }
            }
        }
        None
    }
}

/// A pattern in which a bracket that nothing closes is a letter, as it is written.
pub(crate) fn globbed(text: &ast::TextLit) -> Option<String> {
    let path = text.as_plain().filter(|path| !path.contains(']'))?;
    let letters = path.replace('[', "\\[");
    let is_one = letters != path && flowc_stdlib::pattern(&letters).is_ok();
    is_one.then(|| format!("{letters:?}"))
}

/// A path without what leads out of the directory that it starts in.
fn inside(path: &str) -> Option<&str> {
    let mut rest = path;
    loop {
        let next = ["/tmp/", "/", "~/", "./", "../"].iter().find_map(|lead| rest.strip_prefix(lead));
        match next {
            Some(next) => rest = next,
            None => break,
        }
    }
    let sound = !rest.is_empty()
        && rest != "in"
        && !rest.starts_with("in/")
        && !rest.split('/').any(|part| part == "..")
        && !rest.contains(['"', '\\', '{', '~']);
    (sound && rest != path).then_some(rest)
}

/// The constant paths that a task declares.
pub(crate) fn declared_outputs(it: &ast::Task) -> Vec<(&str, Span)> {
    let mut found = Vec::new();
    let sources: Vec<Option<&ast::OutputFrom>> = match it.output.as_ref().map(|output| &output.kind) {
        Some(ast::OutputKind::One { from, .. }) => vec![from.as_ref()],
        Some(ast::OutputKind::Record(fields)) => fields.iter().map(|field| field.from.as_ref()).collect(),
        None => Vec::new(),
    };
    for from in sources.into_iter().flatten() {
        if let ast::OutputFromKind::Path(text) = &from.kind
            && let Some(path) = text.as_plain()
        {
            found.push((path, text.span));
        }
    }
    found
}

/// The first plain word that a text redirects its output to, with its place.
fn redirected(text: &str) -> Option<(u32, &str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find('>') {
        let at = from + at;
        from = at + 1;
        let before = text[..at].chars().next_back();
        if matches!(before, Some('2' | '&' | '<' | '=' | '-')) {
            continue;
        }
        let rest = text[from..].trim_start_matches(['>', '|']).trim_start_matches([' ', '\t']);
        let start = text.len() - rest.len();
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/')))
            .unwrap_or(rest.len());
        let word = &rest[..end];
        let plain = rest[end..]
            .chars()
            .next()
            .is_none_or(|c| c.is_whitespace() || matches!(c, ';' | '&' | '|' | ')'));
        if !word.is_empty() && plain && !word.starts_with('/') {
            return Some((u32::try_from(start).ok()?, word));
        }
    }
    None
}
