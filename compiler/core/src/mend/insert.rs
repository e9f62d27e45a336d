//! Where something new goes beside something that stands there, and how it is written: on a line of its own where that has one.
use flowc_base::{Edit, Span};

use super::offset;
use crate::db::Place;

/// Something new above, or before, what stands at a place. `between`: what parts them on one line.
pub(crate) fn before(text: &str, place: Place, new: &str, between: &str) -> Edit<Place> {
    let text = match indent(text, place.span.start) {
        Some(indent) => format!("{new}\n{indent}"),
        None => format!("{new}{between}"),
    };
    Edit { place: Place { span: Span::new(place.span.start, place.span.start), ..place }, text }
}

/// Something new below, or behind, what stands at a place. `sign`: what parts them on one line; a comma is written where one stands.
pub(crate) fn behind(text: &str, place: Place, new: &[String], sign: &str) -> Edit<Place> {
    let rest = text.get(place.span.end as usize..).unwrap_or_default();
    let own_comma = if sign.starts_with(',') { "," } else { "" };
    let comma = rest.trim_start().strip_prefix(',').filter(|_| own_comma == ",");
    let end = place.span.end + comma.map_or(0, |after| offset(rest.len() - after.len()));
    let written = match (indent(text, place.span.start), comma) {
        (Some(indent), Some(_)) => new.iter().map(|new| format!("\n{indent}{new},")).collect(),
        (Some(indent), None) => new.iter().map(|new| format!("{own_comma}\n{indent}{new}")).collect(),
        (None, Some(_)) => new.iter().map(|new| format!(" {new},")).collect(),
        (None, None) => new.iter().map(|new| format!("{sign}{new}")).collect(),
    };
    Edit { place: Place { span: Span::new(end, end), ..place }, text: written }
}

/// The blanks before a byte, where nothing else stands before it on its line.
fn indent(text: &str, at: u32) -> Option<&str> {
    let line = text.get(..at as usize)?.rsplit_once('\n')?.1;
    line.trim_matches([' ', '\t']).is_empty().then_some(line)
}
