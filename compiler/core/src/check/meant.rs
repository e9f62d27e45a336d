//! What may be meant by a value that its clause, option or setting does not take: another way to write it, as a fix. It says how to write
//! things, and never that something is wrong.
use flowc_base::{Applicability, Span, nearest};

use super::cx::Cx;
use crate::db::{Diag, Place};
use crate::diagnostics::{removing, replacing};

/// Builds the diagnostic of a value that is not taken: its place, its word, what that takes.
pub(crate) type Refuse = fn(Place, &str, &str) -> Diag;

impl Cx<'_> {
    /// Reports a value that is not taken, with what may be meant.
    pub(crate) fn refuse_value(&mut self, refuse: Refuse, span: Span, word: &str, wanted: &str) {
        let place = self.place(span);
        let diag = refuse(place, word, wanted);
        let written = self.written(span);
        let is_listed = self.before(span).ends_with(['[', ',']);
        // The fields of `rates` are called as the program likes.
        let key = if wanted.starts_with("a rate") { "rates" } else { word };
        let diag = match meant(key, written, is_listed) {
            Some(text) if text.is_empty() => {
                removing(diag, place, &format!("`{word}`"), Applicability::Maybe)
            }
            Some(text) if text != written => replacing(diag, place, &text, Applicability::Maybe),
            _ => diag,
        };
        self.report(diag);
    }
}

/// What is meant by a text that stands behind a word, or in its list; nothing at all, where it is to go with its word.
fn meant(word: &str, written: &str, is_listed: bool) -> Option<String> {
    let is_name = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    let quoted = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let quoted = quoted.filter(|text| !text.contains(['"', '\\', '{', '\n']));
    let one_of = |words: [&'static str; 3]| {
        let name = quoted.unwrap_or(written);
        nearest(name, words).or_else(|| words.into_iter().find(|word| *word == name)).map(str::to_owned)
    };
    if let Some(positive) = written.strip_prefix('-') {
        // Less than no try at all.
        return Some(if word == "retry" { "0".to_owned() } else { positive.trim().to_owned() });
    }
    let digits = written.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if !digits.is_empty() && digits.bytes().all(|b| matches!(b, b'0' | b'.' | b'_' | b'$')) {
        // A limit of no time is none.
        return Some(if digits.len() < written.len() { String::new() } else { "1".to_owned() });
    }
    match word {
        "exec" | "worker" => {
            let words: Vec<String> = quoted?.split_whitespace().map(|word| format!("{word:?}")).collect();
            (!words.is_empty()).then(|| format!("[{}]", words.join(", ")))
        }
        "cache" => one_of(["never", "run", "forever"]),
        "artifacts" => one_of(["lazy", "eager", "lazy"]),
        "every" => one_of(["step", "step", "step"]),
        "pool" => quoted.filter(|name| is_name(name)).map(str::to_owned),
        "fallback" | "after" => is_name(written).then(|| format!("[{written}]")),
        "on" => {
            let kind = Some(quoted.unwrap_or(written)).filter(|kind| is_name(kind))?;
            Some(if is_listed { kind.to_owned() } else { format!("[{kind}]") })
        }
        "effect" | "exclusive" | "shell" | "name" | "reads" | "writes" | "edits" | "model" => {
            is_name(written).then(|| format!("{written:?}"))
        }
        "reply" => quoted.filter(|path| is_name(path)).map(|path| format!("\".{path}\"")),
        "rates" => written.bytes().all(|b| b.is_ascii_digit()).then(|| format!("{written} per 1m")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn what_is_written_otherwise_elsewhere_is_known() {
        assert_eq!(meant("on", "\"timeout\"", true).as_deref(), Some("timeout"));
        for (word, written, expected) in [
            ("exec", "\"ls -l\"", Some("[\"ls\", \"-l\"]")),
            ("exec", "\"ls {{dir}}\"", None),
            ("cache", "\"never\"", Some("never")),
            ("cache", "nevr", Some("never")),
            ("cache", "sometimes", None),
            ("timeout", "0s", Some("")),
            ("agents", "0", Some("1")),
            ("agents", "-4", Some("4")),
            ("retry", "-1", Some("0")),
            ("pool", "\"llm\"", Some("llm")),
            ("fallback", "other", Some("[other]")),
            ("on", "\"timeout\"", Some("[timeout]")),
            ("on", "timeout", Some("[timeout]")),
            ("effect", "production", Some("\"production\"")),
            ("reply", "\"result\"", Some("\".result\"")),
            ("rates", "60", Some("60 per 1m")),
            ("url", "\"x\"", None),
            ("every", "\"5m", None),
        ] {
            assert_eq!(meant(word, written, false).as_deref(), expected, "{word} {written}");
        }
    }
}
