//! What an editor draws over and beside a text: colours, hints, folds; and how a selection grows.
use std::path::Path;

use flowc_base::Span;
use flowc_compiler::ide::{FoldKind, HintKind, SemanticKind, SemanticToken};
use lsp_types::{
    FoldingRange, FoldingRangeKind, FoldingRangeParams, InlayHint, InlayHintKind, InlayHintLabel,
    InlayHintParams, InlayHintTooltip, SelectionRange, SelectionRangeParams, SemanticTokens,
    SemanticTokensParams, SemanticTokensRangeParams,
};
use serde_json::Value;

use super::{Failure, read, said};
use crate::convert::Places;

pub(super) fn tokens(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: SemanticTokensParams = read(params)?;
    let path = places.shared.path(&params.text_document.uri);
    said(encoded(places, &path, Span::new(0, u32::MAX)))
}

pub(super) fn tokens_in(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: SemanticTokensRangeParams = read(params)?;
    let path = places.shared.path(&params.text_document.uri);
    let span = places.span(&path, params.range);
    said(encoded(places, &path, span))
}

/// The tokens of a part of a file, each relative to the one before it; one that crosses lines is one for each line.
fn encoded(places: &Places<'_>, path: &Path, range: Span) -> SemanticTokens {
    let text = places.text(path);
    let mut data: Vec<lsp_types::SemanticToken> = Vec::new();
    let (mut last_line, mut last_start) = (0, 0);
    for token in places.analysis.semantic_tokens(path, range) {
        let (first, last) = {
            let range = text.lines.range(&text.text, token.span);
            (range.start.line, range.end.line)
        };
        for line in first..=last {
            let Some(whole) = text.lines.line(line) else { continue };
            let part = Span::new(token.span.start.max(whole.start), token.span.end.min(whole.end));
            if part.is_empty() {
                continue;
            }
            let range = text.lines.range(&text.text, part);
            let start = range.start.character;
            let delta_line = line - last_line;
            data.push(lsp_types::SemanticToken {
                delta_line,
                delta_start: if delta_line == 0 { start.saturating_sub(last_start) } else { start },
                length: range.end.character.saturating_sub(start),
                token_type: number(token.kind),
                token_modifiers_bitset: modifiers(&token),
            });
            (last_line, last_start) = (line, start);
        }
    }
    SemanticTokens { result_id: None, data }
}

/// Its number among [`crate::capabilities::TOKEN_TYPES`].
fn number(kind: SemanticKind) -> u32 {
    match kind {
        SemanticKind::Comment => 0,
        SemanticKind::Keyword => 1,
        SemanticKind::Text => 2,
        SemanticKind::Number => 3,
        SemanticKind::Operator => 4,
        SemanticKind::Type => 5,
        SemanticKind::Agent => 6,
        SemanticKind::Task | SemanticKind::Flow => 7,
        SemanticKind::Variable => 8,
        SemanticKind::Parameter => 9,
        SemanticKind::Property => 10,
        SemanticKind::Module => 11,
    }
}

/// The bits of [`crate::capabilities::TOKEN_MODIFIERS`].
fn modifiers(token: &SemanticToken) -> u32 {
    u32::from(token.declaration) | u32::from(token.documentation) << 1 | u32::from(token.library) << 2
}

pub(super) fn hints(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: InlayHintParams = read(params)?;
    let path = places.shared.path(&params.text_document.uri);
    let wanted = places.shared.client.hints;
    let range = places.span(&path, params.range);
    let hints = places.analysis.hints(&path, range).into_iter().filter(|hint| match hint.kind {
        HintKind::Type => wanted.types,
        HintKind::Parameter => wanted.parameters,
        HintKind::SideBySide => wanted.side_by_side,
    });
    let hints = hints.map(|hint| InlayHint {
        position: places.range(&path, Span::new(hint.offset, hint.offset)).start,
        label: InlayHintLabel::String(hint.label),
        kind: match hint.kind {
            HintKind::Type => Some(InlayHintKind::TYPE),
            HintKind::Parameter => Some(InlayHintKind::PARAMETER),
            HintKind::SideBySide => None,
        },
        text_edits: None,
        tooltip: (!hint.tooltip.is_empty()).then_some(InlayHintTooltip::String(hint.tooltip)),
        padding_left: Some(hint.kind == HintKind::SideBySide),
        padding_right: Some(hint.kind == HintKind::Parameter),
        data: None,
    });
    said(hints.collect::<Vec<_>>())
}

pub(super) fn folds(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: FoldingRangeParams = read(params)?;
    let path = places.shared.path(&params.text_document.uri);
    let lines_only = places.shared.client.folds_lines_only;
    let folds = places.analysis.folds(&path).into_iter().filter_map(|fold| {
        let range = places.range(&path, fold.span);
        // Where whole lines fold, the one with the closing bracket stays to be seen.
        let keeps_last = lines_only && fold.kind == FoldKind::Region;
        let end_line = range.end.line - u32::from(keeps_last && range.end.line > range.start.line);
        let fold = FoldingRange {
            start_line: range.start.line,
            start_character: (!lines_only).then_some(range.start.character),
            end_line,
            end_character: (!lines_only).then_some(range.end.character),
            kind: match fold.kind {
                FoldKind::Region => None,
                FoldKind::Comment => Some(FoldingRangeKind::Comment),
                FoldKind::Imports => Some(FoldingRangeKind::Imports),
            },
            collapsed_text: None,
        };
        (fold.end_line > fold.start_line).then_some(fold)
    });
    said(folds.collect::<Vec<_>>())
}

pub(super) fn selections(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: SelectionRangeParams = read(params)?;
    let path = places.shared.path(&params.text_document.uri);
    let selections = params.positions.iter().map(|position| {
        let spans = places.analysis.selections(&path, places.offset(&path, *position));
        let mut grown: Option<SelectionRange> = None;
        for span in spans.into_iter().rev() {
            grown = Some(SelectionRange { range: places.range(&path, span), parent: grown.map(Box::new) });
        }
        let here = lsp_types::Range { start: *position, end: *position };
        grown.unwrap_or(SelectionRange { range: here, parent: None })
    });
    said(selections.collect::<Vec<_>>())
}
