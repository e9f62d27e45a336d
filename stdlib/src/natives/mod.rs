//! The bodies of the native functions, by name. It must not know their signatures: those stand in `stdlib/flow/`.
mod file;
mod html;
mod json;
mod list;
mod map;
mod math;
mod regex;
mod text;
mod value;

use flowc_plan::Value;

use crate::args::{Args, Outcome};
use crate::{Files, NativeError};

type Body = fn(&Args<'_>) -> Outcome;

/// All functions, sorted by name.
const NATIVES: &[(&str, Body)] = &[
    ("file.extension", file::extension),
    ("file.json", file::json),
    ("file.lines", file::lines),
    ("file.name", file::name),
    ("file.size", file::size),
    ("file.stem", file::stem),
    ("file.text", file::text),
    ("html.escape", html::escape),
    ("json.parse", json::parse),
    ("json.pretty", json::pretty),
    ("json.print", json::print),
    ("list.chunks", list::chunks),
    ("list.concat", list::concat),
    ("list.contains", list::contains),
    ("list.count", list::count),
    ("list.drop", list::drop),
    ("list.enumerate", list::enumerate),
    ("list.flatten", list::flatten),
    ("list.head", list::head),
    ("list.index_of", list::index_of),
    ("list.last", list::last),
    ("list.max", list::max),
    ("list.min", list::min),
    ("list.pick", list::pick),
    ("list.range", list::range),
    ("list.reverse", list::reverse),
    ("list.sort", list::sort),
    ("list.sum", list::sum),
    ("list.take", list::take),
    ("list.unique", list::unique),
    ("list.zip", list::zip),
    ("map.entries", map::entries),
    ("map.from_entries", map::from_entries),
    ("map.get", map::get),
    ("map.has", map::has),
    ("map.keys", map::keys),
    ("map.merge", map::merge),
    ("map.values", map::values),
    ("math.abs", math::abs),
    ("math.ceil", math::ceil),
    ("math.clamp", math::clamp),
    ("math.floor", math::floor),
    ("math.pow", math::pow),
    ("math.round", math::round),
    ("math.sqrt", math::sqrt),
    ("regex.escape", regex::escape),
    ("regex.find", regex::find),
    ("regex.find_all", regex::find_all),
    ("regex.matches", regex::matches),
    ("regex.replace", regex::replace),
    ("regex.split", regex::split),
    ("text.contains", text::contains),
    ("text.ends_with", text::ends_with),
    ("text.index_of", text::index_of),
    ("text.join", text::join),
    ("text.length", text::length),
    ("text.lines", text::lines),
    ("text.lower", text::lower),
    ("text.pad_left", text::pad_left),
    ("text.pad_right", text::pad_right),
    ("text.parse_float", text::parse_float),
    ("text.parse_int", text::parse_int),
    ("text.repeat", text::repeat),
    ("text.replace", text::replace),
    ("text.slice", text::slice),
    ("text.split", text::split),
    ("text.starts_with", text::starts_with),
    ("text.trim", text::trim),
    ("text.upper", text::upper),
    ("text.without_prefix", text::without_prefix),
    ("text.without_suffix", text::without_suffix),
    ("text.words", text::words),
    ("value.len", value::len),
    ("value.text", value::text),
];

/// Calls a native function with one argument for each parameter of its signature.
///
/// `list.sum` may be given one argument more: the zero of its type, which is the sum of an empty list (without it, `0`).
///
/// # Errors
/// [`NativeError`], when the values do not allow it, a file is not to be had, or the call is none that checks.
pub fn call(name: &str, args: &[Value], files: &dyn Files) -> Result<Value, NativeError> {
    let at = NATIVES
        .binary_search_by_key(&name, |(name, _)| name)
        .map_err(|_| NativeError::Call(format!("no native function `{name}`")))?;
    let (_, body) = NATIVES[at];
    body(&Args { name, values: args, files })
}

/// Whether a native function may read the content of files: slow, and no work for a thread that must not wait.
#[must_use]
pub fn reads_files(name: &str) -> bool {
    matches!(name, "file.json" | "file.lines" | "file.text" | "value.text")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_signature_has_a_body_and_every_body_a_signature() {
        let sources = crate::modules().iter().map(|(_, source)| *source).chain([crate::prelude()]);
        let signed: BTreeSet<&str> = sources
            .flat_map(|source| source.split("native \"").skip(1))
            .filter_map(|rest| rest.split_once('"').map(|(name, _)| name))
            .collect();
        let bodies: BTreeSet<&str> = NATIVES.iter().map(|(name, _)| *name).collect();
        assert_eq!(signed, bodies);
    }

    #[test]
    fn bodies_and_modules_are_sorted() {
        assert!(NATIVES.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(crate::modules().is_sorted_by(|(a, _), (b, _)| a < b));
    }

    #[test]
    fn every_task_is_documented() {
        for (module, source) in crate::modules().iter().chain(&[("prelude", crate::prelude())]) {
            let mut before = "";
            for line in source.lines() {
                assert!(!line.starts_with("task ") || before.starts_with("/// "), "{module}: {line}");
                before = line;
            }
        }
    }
}
