//! Programs that tasks run: those whose names are written out are noted, for the facade to ask whether they are there.
use flowc_base::{Name, Span};
use flowc_grammar::ast;

use super::cx::{Cx, ProgramName};
use crate::hir::{Action, ExprKind, TaskBody};
use crate::shell::Word;

impl Cx<'_> {
    /// The programs of a shell text.
    pub(crate) fn shell_programs(&mut self, text: &ast::TextLit, programs: &[Word]) {
        for word in programs {
            let span = word_span(text, word);
            self.program(&word.text, span);
        }
    }

    fn program(&mut self, name: &str, span: Span) {
        // One that is a path is not looked for.
        if !name.is_empty() && !name.contains('/') {
            let place = self.place(span);
            self.programs.push(ProgramName { name: Name::from(name), place });
        }
    }

    /// The programs of a task beside those of its shell text; none where it has a `PATH` of its own.
    pub(crate) fn task_programs(&mut self, it: &ast::Task, task: &TaskBody) {
        let first_arg = |word: &str| {
            it.clauses.iter().find(|clause| &*clause.word.name == word).and_then(|clause| clause.args.first())
        };
        match &task.action {
            Action::Shell(text) => {
                if let Some(written) = first_arg("shell") {
                    self.program(&text.shell, inside_quotes(written.span, &text.shell));
                }
            }
            Action::Exec(words) => {
                if let Some(first) = words.first()
                    && let ExprKind::Const(flowc_plan::Value::Text(name)) = &first.kind
                {
                    self.program(name, inside_quotes(first.span, name));
                }
            }
            Action::Script { program, .. } => {
                if let Some(written) = first_arg("script") {
                    self.program(program, inside_quotes(written.span, program));
                }
            }
            Action::Ask(_) => {}
        }
        if task.env.iter().any(|(name, _)| name == "PATH") {
            self.programs.clear();
        }
    }
}

/// The place of a name within its quotes, where it is written in the plain way.
fn inside_quotes(span: Span, name: &str) -> Span {
    let plain = u32::try_from(name.len() + 2).is_ok_and(|length| span.end - span.start == length);
    if plain { Span::new(span.start + 1, span.end - 1) } else { span }
}

/// Where a word of a shell text stands in the source.
pub(crate) fn word_span(text: &ast::TextLit, word: &Word) -> Span {
    match text.parts.get(word.piece) {
        Some(ast::TextPart::Fragment(fragment)) => {
            let end = word.offset.saturating_add(u32::try_from(word.text.len()).unwrap_or(0));
            Span::new(fragment.source_offset(word.offset), fragment.source_offset(end))
        }
        Some(ast::TextPart::Splice { span, .. }) => *span,
        None => text.span,
    }
}
