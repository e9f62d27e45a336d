//! What the client can, read once from its `initialize`; and what it wants.
use std::path::PathBuf;

use lsp_types::{InitializeParams, PositionEncodingKind};
use serde_json::Value;

use crate::lines::Encoding;
use crate::uri;

/// A client.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is an ability of its own in the protocol")]
pub(crate) struct Client {
    pub(crate) encoding: Encoding,
    pub(crate) snippets: bool,
    pub(crate) related: bool,
    pub(crate) nested_symbols: bool,
    pub(crate) document_changes: bool,
    pub(crate) code_description: bool,
    pub(crate) code_action_literals: bool,
    pub(crate) watches: bool,
    pub(crate) folds_lines_only: bool,
    pub(crate) hints: Hints,
}

/// Which hints the user wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hints {
    pub(crate) types: bool,
    pub(crate) parameters: bool,
    pub(crate) side_by_side: bool,
}

impl Client {
    pub(crate) fn new(params: &InitializeParams) -> Self {
        let capabilities = &params.capabilities;
        let document = capabilities.text_document.as_ref();
        let workspace = capabilities.workspace.as_ref();
        let encodings =
            capabilities.general.as_ref().and_then(|general| general.position_encodings.as_deref());
        let utf8 = encodings.is_some_and(|encodings| encodings.contains(&PositionEncodingKind::UTF8));
        let item = document.and_then(|it| it.completion.as_ref()?.completion_item.as_ref());
        let published = document.and_then(|it| it.publish_diagnostics.as_ref());
        let option = |name: &str| {
            let options = params.initialization_options.as_ref().and_then(|it| it.get("inlayHints"));
            options.and_then(|it| it.get(name)).and_then(Value::as_bool).unwrap_or(true)
        };
        Self {
            encoding: if utf8 { Encoding::Utf8 } else { Encoding::Utf16 },
            snippets: item.and_then(|it| it.snippet_support).unwrap_or(false),
            related: published.and_then(|it| it.related_information).unwrap_or(false),
            code_description: published.and_then(|it| it.code_description_support).unwrap_or(false),
            nested_symbols: document
                .and_then(|it| it.document_symbol.as_ref()?.hierarchical_document_symbol_support)
                .unwrap_or(false),
            document_changes: workspace
                .and_then(|it| it.workspace_edit.as_ref()?.document_changes)
                .unwrap_or(false),
            code_action_literals: document
                .and_then(|it| it.code_action.as_ref()?.code_action_literal_support.as_ref())
                .is_some(),
            watches: workspace
                .and_then(|it| it.did_change_watched_files.as_ref()?.dynamic_registration)
                .unwrap_or(false),
            folds_lines_only: document
                .and_then(|it| it.folding_range.as_ref()?.line_folding_only)
                .unwrap_or(false),
            hints: Hints {
                types: option("types"),
                parameters: option("parameters"),
                side_by_side: option("sideBySide"),
            },
        }
    }
}

/// The folders that a client opens.
pub(crate) fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    let named = params.workspace_folders.iter().flatten().filter_map(|folder| uri::to_path(&folder.uri));
    let named: Vec<PathBuf> = named.collect();
    if !named.is_empty() {
        return named;
    }
    #[expect(deprecated, reason = "older clients name their one folder so")]
    let root = params.root_uri.as_ref().and_then(uri::to_path);
    root.into_iter().collect()
}
