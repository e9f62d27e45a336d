//! Paths in commands: where a shell text redirects from and to, against what its task may touch.
use flowc_base::Span;
use flowc_grammar::ast;

use super::cx::Cx;
use super::outputs::declared_outputs;
use super::programs::word_span;
use crate::diagnostics::footprints as f;
use crate::footprint::pattern::{escaped, overlap};
use crate::hir::{Expr, ExprKind, Footprint};
use crate::shell::Analysis;

/// A redirection in a shell text.
pub(crate) struct Redirect {
    path: String,
    span: Span,
    writes: bool,
    /// How many programs are named before it: the first may write nothing that a redirection reads.
    programs: usize,
}

impl Cx<'_> {
    /// Notes where a shell text redirects from and to.
    pub(crate) fn shell_redirects(&mut self, text: &ast::TextLit, analysis: &Analysis) {
        // After `cd` relative paths start anywhere.
        let redirects =
            analysis.redirects.iter().filter(|(word, _)| !analysis.moves || word.text.starts_with('/'));
        for (word, writes) in redirects {
            let before = analysis
                .programs
                .iter()
                .filter(|program| (program.piece, program.offset) < (word.piece, word.offset));
            let redirect = Redirect {
                path: word.text.clone(),
                span: word_span(text, word),
                writes: *writes,
                programs: before.count(),
            };
            self.redirects.push(redirect);
        }
    }

    /// Holds the redirections against what the task may touch.
    pub(crate) fn redirects_allowed(&mut self, it: &ast::Task, footprint: Option<&Footprint>) {
        let outputs = declared_outputs(it);
        let mut written: Vec<String> = Vec::new();
        for Redirect { path, span, writes, programs } in std::mem::take(&mut self.redirects) {
            let place = self.place(span);
            let shared = ["/tmp/", "/var/tmp/", "/home/", "/root/"].iter().any(|dir| path.starts_with(dir));
            let device = path.starts_with("/dev/") || path.starts_with("/proc/");
            let diag = if outputs.iter().any(|(output, _)| *output == path) {
                // What is wrong with it is said where it is declared.
                None
            } else if path.starts_with('/') {
                let own = ["/tmp/", "/var/tmp/"].iter().find_map(|dir| path.strip_prefix(dir));
                let own = own.filter(|_| writes).map(|rest| format!("$TMPDIR/{rest}"));
                let edits = own.map(|own| {
                    let named = self.named_in_shell(&path);
                    named.into_iter().map(|span| self.rewritten(span, own.as_str())).collect()
                });
                ((writes && !device) || shared)
                    .then(|| f::outside_path(place, &path, writes, edits.unwrap_or_default()))
            } else if path.split('/').any(|part| part == "..") {
                Some(f::outside_path(place, &path, writes, Vec::new()))
            } else if let Some(footprint) = footprint.filter(|footprint| footprint.on_tree()) {
                let declared = if writes {
                    allows(&footprint.writes, &path) || allows(&footprint.edits, &path)
                } else {
                    [&footprint.reads, &footprint.edits, &footprint.writes]
                        .iter()
                        .any(|all| allows(all, &path))
                };
                let word = if writes { "writes" } else { "reads" };
                (!declared && !written.contains(&path))
                    .then(|| f::undeclared_path(place, &path, word, self.declaring(it, word, &path)))
            } else {
                let known = writes || programs > 1 || path.starts_with("in/") || written.contains(&path);
                (!known).then(|| f::nothing_there(place, &path))
            };
            if let Some(diag) = diag {
                self.report(diag);
            }
            if writes {
                written.push(path);
            }
        }
    }
}

/// Whether one of the patterns may match a path, as long as nothing is known of what is spliced into them.
fn allows(patterns: &[Expr], path: &str) -> bool {
    let path = escaped(path);
    patterns.iter().any(|pattern| {
        let parts = match &pattern.kind {
            ExprKind::Text(parts) => parts.as_slice(),
            _ => std::slice::from_ref(pattern),
        };
        let shape: String = parts
            .iter()
            .map(|part| match &part.kind {
                ExprKind::Const(flowc_plan::Value::Text(text)) => text.as_str(),
                _ => "*",
            })
            .collect();
        overlap(&shape, &path)
    })
}
