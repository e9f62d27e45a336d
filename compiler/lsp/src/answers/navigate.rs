//! Where things are: hover, definitions, references, outlines, renaming.
use std::collections::HashMap;

use flowc_compiler::ide::{Reference, Symbol, SymbolKind};
use lsp_server::ErrorCode;
use lsp_types::{
    DocumentChanges, DocumentHighlight, DocumentHighlightKind, DocumentSymbol, DocumentSymbolParams, Hover,
    HoverContents, Location, LocationLink, MarkupContent, MarkupKind, OneOf,
    OptionalVersionedTextDocumentIdentifier, PrepareRenameResponse, ReferenceParams, RenameParams,
    SymbolInformation, TextDocumentEdit, TextDocumentPositionParams, TextEdit, Uri, WorkspaceEdit,
    WorkspaceSymbolParams,
};
use serde_json::Value;

use super::{Failure, read, said};
use crate::convert::Places;

/// The path and the byte of a question about a place.
fn at(places: &Places<'_>, params: &TextDocumentPositionParams) -> (std::path::PathBuf, u32) {
    let path = places.shared.path(&params.text_document.uri);
    let offset = places.offset(&path, params.position);
    (path, offset)
}

pub(super) fn hover(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let (path, offset) = at(places, &read(params)?);
    let hover = places.analysis.hover(&path, offset).map(|hover| Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: hover.text }),
        range: Some(places.range(&path, hover.span)),
    });
    said(hover)
}

pub(super) fn definition(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let (path, offset) = at(places, &read(params)?);
    let Some((_, found)) = places.analysis.definition(&path, offset) else {
        return said(None::<Vec<LocationLink>>);
    };
    let found: Vec<Location> = found.iter().filter_map(|place| places.location(place)).collect();
    said(found)
}

pub(super) fn type_definition(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let (path, offset) = at(places, &read(params)?);
    let found = places.analysis.type_definition(&path, offset);
    said(found.iter().filter_map(|place| places.location(place)).collect::<Vec<_>>())
}

pub(super) fn references(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: ReferenceParams = read(params)?;
    let (path, offset) = at(places, &params.text_document_position);
    let found = places.analysis.references(&path, offset);
    let wanted = found.iter().filter(|it| params.context.include_declaration || !it.defines);
    said(wanted.filter_map(|it| places.location(&it.place)).collect::<Vec<_>>())
}

pub(super) fn highlights(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let (path, offset) = at(places, &read(params)?);
    let highlight = |it: &Reference| DocumentHighlight {
        range: places.range(&path, it.place.span),
        kind: Some(if it.defines { DocumentHighlightKind::WRITE } else { DocumentHighlightKind::READ }),
    };
    said(places.analysis.highlights(&path, offset).iter().map(highlight).collect::<Vec<_>>())
}

fn symbol_kind(kind: SymbolKind) -> lsp_types::SymbolKind {
    match kind {
        SymbolKind::Type => lsp_types::SymbolKind::STRUCT,
        SymbolKind::Agent => lsp_types::SymbolKind::CLASS,
        SymbolKind::Task => lsp_types::SymbolKind::FUNCTION,
        SymbolKind::Flow => lsp_types::SymbolKind::METHOD,
        SymbolKind::Settings => lsp_types::SymbolKind::OBJECT,
        SymbolKind::Test => lsp_types::SymbolKind::EVENT,
        SymbolKind::Field => lsp_types::SymbolKind::FIELD,
        SymbolKind::Let => lsp_types::SymbolKind::VARIABLE,
    }
}

#[expect(deprecated, reason = "the protocol's struct still has the field")]
fn nested(places: &Places<'_>, symbol: &Symbol) -> DocumentSymbol {
    let path = &symbol.span.path;
    DocumentSymbol {
        name: symbol.name.clone(),
        detail: (!symbol.detail.is_empty()).then(|| symbol.detail.clone()),
        kind: symbol_kind(symbol.kind),
        tags: None,
        deprecated: None,
        range: places.range(path, symbol.span.span.to(symbol.name_span)),
        selection_range: places.range(path, symbol.name_span),
        children: Some(symbol.children.iter().map(|child| nested(places, child)).collect()),
    }
}

#[expect(deprecated, reason = "the protocol's struct still has the field")]
fn flat(places: &Places<'_>, symbol: &Symbol, container: Option<&str>) -> Option<SymbolInformation> {
    Some(SymbolInformation {
        name: symbol.name.clone(),
        kind: symbol_kind(symbol.kind),
        tags: None,
        deprecated: None,
        location: Location {
            uri: places.uri(&symbol.span.path)?,
            range: places.range(&symbol.span.path, symbol.name_span),
        },
        container_name: container.map(str::to_owned),
    })
}

pub(super) fn symbols(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: DocumentSymbolParams = read(params)?;
    let path = places.shared.path(&params.text_document.uri);
    let found = places.analysis.symbols(&path);
    if places.shared.client.nested_symbols {
        return said(found.iter().map(|symbol| nested(places, symbol)).collect::<Vec<_>>());
    }
    let all = found.iter().flat_map(|symbol| {
        let inner = symbol.children.iter().filter_map(|child| flat(places, child, Some(&symbol.name)));
        flat(places, symbol, None).into_iter().chain(inner).collect::<Vec<_>>()
    });
    said(all.collect::<Vec<_>>())
}

pub(super) fn search(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: WorkspaceSymbolParams = read(params)?;
    let found = places.analysis.search(&params.query);
    let shown = found.iter().filter_map(|symbol| {
        let file = symbol.span.path.file_name().map(|name| name.to_string_lossy().into_owned());
        flat(places, symbol, file.as_deref())
    });
    said(shown.collect::<Vec<_>>())
}

fn refused(why: String) -> Failure {
    (ErrorCode::RequestFailed as i32, why)
}

pub(super) fn prepare_rename(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let (path, offset) = at(places, &read(params)?);
    let span = places.analysis.can_rename(&path, offset).map_err(refused)?;
    let placeholder = span.slice(&places.text(&path).text).to_owned();
    said(PrepareRenameResponse::RangeWithPlaceholder { range: places.range(&path, span), placeholder })
}

pub(super) fn rename(places: &Places<'_>, params: Value) -> Result<Value, Failure> {
    let params: RenameParams = read(params)?;
    let (path, offset) = at(places, &params.text_document_position);
    let renamed = places.analysis.rename(&path, offset, &params.new_name).map_err(refused)?;
    let edits = renamed.places.iter().map(|place| (place.clone(), renamed.name.clone()));
    said(workspace_edit(places, edits.collect()))
}

/// Edits of files, in the form that the client takes.
pub(super) fn workspace_edit(
    places: &Places<'_>,
    edits: Vec<(flowc_compiler::ide::FileSpan, String)>,
) -> WorkspaceEdit {
    let mut files: Vec<(std::path::PathBuf, Vec<TextEdit>)> = Vec::new();
    for (place, new_text) in edits {
        let edit = TextEdit { range: places.range(&place.path, place.span), new_text };
        match files.iter_mut().find(|(path, _)| *path == place.path) {
            Some((_, edits)) => edits.push(edit),
            None => files.push((place.path, vec![edit])),
        }
    }
    if places.shared.client.document_changes {
        let changes = files.into_iter().filter_map(|(path, edits)| {
            let version = places.shared.open.get(&path).map(|document| document.version);
            let text_document = OptionalVersionedTextDocumentIdentifier { uri: places.uri(&path)?, version };
            Some(TextDocumentEdit { text_document, edits: edits.into_iter().map(OneOf::Left).collect() })
        });
        let document_changes = Some(DocumentChanges::Edits(changes.collect()));
        return WorkspaceEdit { document_changes, ..WorkspaceEdit::default() };
    }
    #[expect(clippy::mutable_key_type, reason = "the protocol's map; a URI does not change")]
    let changes: HashMap<Uri, Vec<TextEdit>> =
        files.into_iter().filter_map(|(path, edits)| Some((places.uri(&path)?, edits))).collect();
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}
