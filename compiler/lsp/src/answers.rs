//! Questions of the protocol: which of ours each is, and its answer in the protocol's form. One function a method; each runs on a thread
//! of its own with a handle of its own, and may be stopped at any query.
mod navigate;
mod show;
mod write;

use flowc_compiler::ide::Analysis;
use lsp_server::ErrorCode;
use serde_json::Value;

use crate::convert::{Places, Shared};

/// Why there is no answer: a code of the protocol, and a sentence.
pub(crate) type Failure = (i32, String);

type Answer = fn(&Places<'_>, Value) -> Result<Value, Failure>;

/// What answers a method; `None` for a method that the server does not have.
pub(crate) fn of_method(method: &str) -> Option<Answer> {
    Some(match method {
        "textDocument/hover" => navigate::hover,
        "textDocument/definition" => navigate::definition,
        "textDocument/typeDefinition" => navigate::type_definition,
        "textDocument/references" => navigate::references,
        "textDocument/documentHighlight" => navigate::highlights,
        "textDocument/documentSymbol" => navigate::symbols,
        "workspace/symbol" => navigate::search,
        "textDocument/prepareRename" => navigate::prepare_rename,
        "textDocument/rename" => navigate::rename,
        "textDocument/completion" => write::completion,
        "textDocument/signatureHelp" => write::signature_help,
        "textDocument/codeAction" => write::code_actions,
        "textDocument/formatting" => write::formatting,
        "textDocument/semanticTokens/full" => show::tokens,
        "textDocument/semanticTokens/range" => show::tokens_in,
        "textDocument/inlayHint" => show::hints,
        "textDocument/foldingRange" => show::folds,
        "textDocument/selectionRange" => show::selections,
        _ => return None,
    })
}

/// Answers a question.
pub(crate) fn answer(
    analysis: &Analysis,
    shared: &Shared,
    answer: Answer,
    params: Value,
) -> Result<Value, Failure> {
    answer(&Places::new(analysis, shared), params)
}

fn read<T: for<'de> serde::Deserialize<'de>>(params: Value) -> Result<T, Failure> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams as i32, error.to_string()))
}

fn said<T: serde::Serialize>(value: T) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| (ErrorCode::InternalError as i32, error.to_string()))
}
