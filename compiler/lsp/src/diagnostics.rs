//! Diagnostics as the protocol has them, and the changes that mend what they say.
use flowc_base::{Applicability, Diagnostic, Severity};
use flowc_compiler::ide::FileSpan;
use lsp_types::{
    CodeDescription, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, NumberOrString,
};

use crate::convert::Places;

/// A diagnostic of ours in the protocol's form. What to do stands below the message.
pub(crate) fn convert(places: &Places<'_>, found: &Diagnostic<FileSpan>) -> lsp_types::Diagnostic {
    let client = &places.shared.client;
    let code = found.code.0;
    let mut message = found.message.clone();
    let place = &found.primary.place;
    let related = found.secondary.iter().filter_map(|label| {
        let location = places.location(&label.place)?;
        let message = if label.text.is_empty() { "here".to_owned() } else { label.text.clone() };
        Some(DiagnosticRelatedInformation { location, message })
    });
    let related: Vec<_> = related.collect();
    for hint in &found.hints {
        message.push_str("\nhint: ");
        message.push_str(hint);
    }
    let page = client.code_description.then(|| places.shared.library.page(code)).flatten();
    let unnecessary = code.starts_with("unused-") || code.starts_with("unread-") || code == "unreachable-arm";
    lsp_types::Diagnostic {
        range: places.range(&place.path, place.span),
        severity: Some(match found.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Note => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(code.to_owned())),
        code_description: page.map(|href| CodeDescription { href }),
        source: Some("flowc".to_owned()),
        message,
        related_information: (client.related && !related.is_empty()).then_some(related),
        tags: unnecessary.then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: None,
    }
}

/// The edits of all fixes that need no look, none overlapping one before it.
pub(crate) fn certain(found: &[Diagnostic<FileSpan>]) -> Vec<&flowc_base::Edit<FileSpan>> {
    let mut edits: Vec<&flowc_base::Edit<FileSpan>> = Vec::new();
    for fix in found.iter().filter_map(|diag| diag.fix.as_ref()) {
        let overlaps = |edit: &flowc_base::Edit<FileSpan>| {
            edits.iter().any(|other| {
                let (a, b) = (&edit.place, &other.place);
                a.path == b.path && a.span.start <= b.span.end && b.span.start <= a.span.end
            })
        };
        if fix.applicability == Applicability::Always && !fix.edits.iter().any(overlaps) {
            edits.extend(&fix.edits);
        }
    }
    edits
}
