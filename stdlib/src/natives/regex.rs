//! `std.regex`.
use std::cell::RefCell;
use std::rc::Rc;

use flowc_plan::{TEXT_BYTES_MAX, Value};
use regex::Regex;

use crate::NativeError;
use crate::args::{Args, Outcome, text, too_long};
use crate::regex::{Replacement, group, regex};

/// Of an expression that is none, so many characters are shown.
const SHOWN_MAX: usize = 80;

thread_local! {
    /// The last expression: a `for` asks for the same one again and again, and to compile it takes longer than to search a line.
    static LAST: RefCell<Option<(String, Rc<Regex>)>> = const { RefCell::new(None) };
}

fn compiled(source: &str) -> Result<Rc<Regex>, NativeError> {
    LAST.with_borrow_mut(|last| {
        if let Some((known, regex)) = last
            && known == source
        {
            return Ok(Rc::clone(regex));
        }
        let new = regex(source).map(Rc::new).map_err(|error| {
            let shown: String = source.chars().take(SHOWN_MAX).collect();
            let more = if shown.len() < source.len() { "…" } else { "" };
            let at = source.get(error.at.clone()).filter(|at| at.len() < source.len());
            let at = at.map(|at| format!(", at `{at}`")).unwrap_or_default();
            NativeError::Value(format!("`{shown}{more}` is no regular expression: {}{at}", error.what))
        })?;
        *last = Some((source.to_owned(), Rc::clone(&new)));
        Ok(new)
    })
}

pub(super) fn matches(args: &Args<'_>) -> Outcome {
    Ok(Value::Bool(compiled(args.text(1)?)?.is_match(args.text(0)?)))
}

/// The text, the expression, and which group of it is asked for.
fn wanted<'a>(args: &Args<'a>) -> Result<(&'a str, Rc<Regex>, usize), NativeError> {
    let regex = compiled(args.text(1)?)?;
    let group = group(&regex, args.int(2)?).map_err(|error| NativeError::Value(error.what))?;
    Ok((args.text(0)?, regex, group))
}

pub(super) fn find(args: &Args<'_>) -> Outcome {
    let (source, regex, group) = wanted(args)?;
    let found = match group {
        0 => regex.find(source),
        _ => regex.captures(source).and_then(|found| found.get(group)),
    };
    Ok(found.map_or(Value::None, |found| Value::text(found.as_str())))
}

pub(super) fn find_all(args: &Args<'_>) -> Outcome {
    let (source, regex, group) = wanted(args)?;
    Ok(match group {
        0 => Value::list(regex.find_iter(source).map(|found| Value::text(found.as_str()))),
        _ => {
            let groups = regex.captures_iter(source).filter_map(|found| found.get(group));
            Value::list(groups.map(|found| Value::text(found.as_str())))
        }
    })
}

pub(super) fn replace(args: &Args<'_>) -> Outcome {
    let (source, regex) = (args.text(0)?, compiled(args.text(1)?)?);
    let new = Replacement::new(args.text(2)?, &regex).map_err(|error| NativeError::Value(error.what))?;
    let (mut replaced, mut done) = (String::new(), 0);
    for found in regex.captures_iter(source) {
        let Some(whole) = found.get(0) else { continue };
        let before = source.get(done..whole.start()).unwrap_or("");
        for piece in std::iter::once(before).chain(new.pieces(&found)) {
            replaced.push_str(piece);
            if replaced.len() as u64 > TEXT_BYTES_MAX {
                return Err(too_long());
            }
        }
        done = whole.end();
    }
    replaced.push_str(source.get(done..).unwrap_or(""));
    text(replaced)
}

pub(super) fn split(args: &Args<'_>) -> Outcome {
    let regex = compiled(args.text(1)?)?;
    Ok(Value::list(regex.split(args.text(0)?).map(Value::text)))
}

pub(super) fn escape(args: &Args<'_>) -> Outcome {
    text(regex::escape(args.text(0)?))
}
