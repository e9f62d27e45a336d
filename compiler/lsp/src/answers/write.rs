//! Help with what is being written: completions, signatures, fixes.
use flowc_base::{Applicability, Span};
use flowc_compiler::ide::CompletionKind;
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CompletionItem, CompletionItemKind,
    CompletionList, CompletionParams, CompletionTextEdit, DocumentFormattingParams, Documentation,
    InsertTextFormat, MarkupContent, MarkupKind, ParameterInformation, ParameterLabel, Range, SignatureHelp,
    SignatureHelpParams, SignatureInformation, TextEdit,
};
use serde_json::Value;

use super::navigate::workspace_edit;
use super::{Failure, read, said};
use crate::capabilities::FIX_ALL;
use crate::convert::Places;
use crate::diagnostics::{certain, convert};
use crate::lines::to_u32;

fn markdown(text: &str) -> Option<Documentation> {
    let markup = MarkupContent { kind: MarkupKind::Markdown, value: text.to_owned() };
    (!text.is_empty()).then_some(Documentation::MarkupContent(markup))
}

fn kind(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Keyword | CompletionKind::Clause => CompletionItemKind::KEYWORD,
        CompletionKind::Task => CompletionItemKind::FUNCTION,
        CompletionKind::Flow => CompletionItemKind::METHOD,
        CompletionKind::Agent => CompletionItemKind::CLASS,
        CompletionKind::Type => CompletionItemKind::STRUCT,
        CompletionKind::Module => CompletionItemKind::MODULE,
        CompletionKind::Variable => CompletionItemKind::VARIABLE,
        CompletionKind::Argument | CompletionKind::Field | CompletionKind::Option => {
            CompletionItemKind::FIELD
        }
        CompletionKind::Value => CompletionItemKind::ENUM_MEMBER,
        CompletionKind::File => CompletionItemKind::FILE,
        CompletionKind::Folder => CompletionItemKind::FOLDER,
    }
}

pub(super) fn completion(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: CompletionParams = read(params)?;
    let path = places.shared.path(&params.text_document_position.text_document.uri);
    let offset = places.offset(&path, params.text_document_position.position);
    let snippets = places.shared.client.snippets;
    let items = places.analysis.complete(&path, offset).into_iter().map(|it| {
        let insert = if it.snippet && !snippets { plain(&it.insert) } else { it.insert };
        let extra = it.extra.map(|(at, new_text)| {
            let range = places.range(&path, Span::new(at, at));
            vec![TextEdit { range, new_text }]
        });
        CompletionItem {
            sort_text: Some(format!("{} {}", it.rank, it.label)),
            kind: Some(kind(it.kind)),
            detail: (!it.detail.is_empty()).then_some(it.detail),
            documentation: markdown(&it.docs),
            insert_text_format: (it.snippet && snippets).then_some(InsertTextFormat::SNIPPET),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit {
                range: places.range(&path, it.replace),
                new_text: insert,
            })),
            additional_text_edits: extra,
            label: it.label,
            ..CompletionItem::default()
        }
    });
    // What is offered depends on the letters typed so far.
    said(CompletionList { is_incomplete: true, items: items.collect() })
}

/// A snippet without its places: `retry ${1:2}` is `retry 2`, and of several choices the first counts.
fn plain(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet;
    while let Some(at) = rest.find('$') {
        let (before, place) = rest.split_at(at);
        out.push_str(before);
        let inside = place.strip_prefix("${").and_then(|inside| inside.split_once('}'));
        if let Some((inside, after)) =
            inside.filter(|(inside, _)| inside.starts_with(|c: char| c.is_ascii_digit()))
        {
            let text = inside.trim_start_matches(|c: char| c.is_ascii_digit());
            let text = text.trim_matches('|').trim_start_matches(':');
            out.push_str(text.split(',').next().unwrap_or(""));
            rest = after;
        } else {
            let after = place.get(1..).unwrap_or("");
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }
    out.push_str(rest);
    out
}

pub(super) fn signature_help(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: SignatureHelpParams = read(params)?;
    let path = places.shared.path(&params.text_document_position_params.text_document.uri);
    let offset = places.offset(&path, params.text_document_position_params.position);
    let Some(help) = places.analysis.signature_help(&path, offset) else {
        return said(None::<SignatureHelp>);
    };
    // Labels count in units of UTF-16, whatever positions count in.
    let units = |at: u32| {
        let before = help.label.get(..at as usize).unwrap_or("");
        to_u32(before.encode_utf16().count())
    };
    let parameters = help.params.iter().map(|(span, docs)| ParameterInformation {
        label: ParameterLabel::LabelOffsets([units(span.start), units(span.end)]),
        documentation: markdown(docs),
    });
    let active = help.active.map(to_u32);
    said(SignatureHelp {
        signatures: vec![SignatureInformation {
            parameters: Some(parameters.collect()),
            documentation: markdown(&help.docs),
            // Past the last parameter none is meant.
            active_parameter: active.or(Some(to_u32(help.params.len()))),
            label: help.label,
        }],
        active_signature: Some(0),
        active_parameter: active,
    })
}

pub(super) fn code_actions(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: CodeActionParams = read(params)?;
    if !places.shared.client.code_action_literals {
        return said(Vec::<CodeActionOrCommand>::new());
    }
    let path = places.shared.path(&params.text_document.uri);
    let found = places.analysis.diagnostics(&path);
    let wanted = |kind: &CodeActionKind| match &params.context.only {
        None => true,
        // `source` wants `source.fixAll` too.
        Some(only) => only.iter().any(|only| {
            let rest = kind.as_str().strip_prefix(only.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        }),
    };
    let mut actions: Vec<CodeActionOrCommand> = Vec::new();
    if wanted(&CodeActionKind::QUICKFIX) {
        for diagnostic in &found {
            let Some(fix) = &diagnostic.fix else { continue };
            let range = places.range(&path, diagnostic.primary.place.span);
            if !touch(range, params.range) {
                continue;
            }
            let edits = fix.edits.iter().map(|edit| (edit.place.clone(), edit.text.clone()));
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: fix.title.clone(),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![convert(places, diagnostic)]),
                edit: Some(workspace_edit(places, edits.collect())),
                is_preferred: Some(fix.applicability == Applicability::Always),
                ..CodeAction::default()
            }));
        }
    }
    let edits = certain(&found);
    if wanted(&FIX_ALL) && !edits.is_empty() {
        let edits = edits.into_iter().map(|edit| (edit.place.clone(), edit.text.clone()));
        actions.push(CodeActionOrCommand::CodeAction(CodeAction {
            title: "fix all that needs no look".to_owned(),
            kind: Some(FIX_ALL),
            edit: Some(workspace_edit(places, edits.collect())),
            ..CodeAction::default()
        }));
    }
    said(actions)
}

/// One edit from the first line that differs to the last: what stays as it is keeps its marks and its cursor.
pub(super) fn formatting(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: DocumentFormattingParams = read(params)?;
    let path = places.shared.path(&params.text_document.uri);
    let Some(formatted) = places.analysis.formatted(&path) else { return said(Vec::<TextEdit>::new()) };
    let text = places.text(&path);
    let (span, new_text) = difference(&text.text, &formatted);
    said([TextEdit { range: places.range(&path, span), new_text: new_text.to_owned() }])
}

/// The lines of `old` that differ from `new`, and what stands there instead.
fn difference<'n>(old: &str, new: &'n str) -> (Span, &'n str) {
    let common = |a: &mut dyn Iterator<Item = &str>, b: &mut dyn Iterator<Item = &str>| -> usize {
        a.zip(b).take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum()
    };
    let (mut a, mut b) = (old.split_inclusive('\n'), new.split_inclusive('\n'));
    let start = common(&mut a, &mut b);
    let (rest_old, rest_new) = (old.get(start..).unwrap_or(""), new.get(start..).unwrap_or(""));
    let end = common(&mut rest_old.split_inclusive('\n').rev(), &mut rest_new.split_inclusive('\n').rev());
    let span = Span::new(to_u32(start), to_u32(old.len() - end));
    (span, new.get(start..new.len() - end).unwrap_or(""))
}

fn touch(a: Range, b: Range) -> bool {
    a.start <= b.end && b.start <= a.end
}

#[cfg(test)]
mod tests {
    use super::{difference, plain};

    #[test]
    fn only_lines_that_differ_are_replaced() {
        for (old, new, replaced, by) in [
            ("a\nb\nc\n", "a\nB\nc\n", "b\n", "B\n"),
            ("a\n\n\nb\n", "a\n\nb\n", "\n", ""),
            ("a", "a\n", "a", "a\n"),
            ("", "a\n", "", "a\n"),
        ] {
            let (span, text) = difference(old, new);
            assert_eq!((span.slice(old), text), (replaced, by));
        }
    }

    #[test]
    fn snippets_without_their_places() {
        for (snippet, expected) in [
            ("split($0)", "split()"),
            ("retry ${1:2}", "retry 2"),
            ("cache ${1|never,run|}", "cache never"),
            ("let ${1:name} = $0", "let name = "),
            ("plain", "plain"),
        ] {
            assert_eq!(plain(snippet), expected);
        }
    }
}
