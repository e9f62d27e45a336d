//! How a value is written into a shell text, so that it can never become code. It knows nothing of where the value comes
//! from; which quoting is right for a place, the compiler decides.
use crate::Quoting;

/// The letters that stand for `value` in a shell text at a place of this quoting. The shell gives back exactly the bytes of
/// `value` (which holds no NUL: no shell can be given one). An empty value is a word too: `''`.
#[must_use]
pub fn quote(value: &str, quoting: Quoting) -> String {
    match quoting {
        Quoting::Bare => {
            let mut word = String::with_capacity(value.len() + 2);
            word.push('\'');
            push_single(&mut word, value);
            word.push('\'');
            word
        }
        Quoting::Single => {
            let mut text = String::with_capacity(value.len());
            push_single(&mut text, value);
            text
        }
        Quoting::Double => {
            let mut text = String::with_capacity(value.len());
            for c in value.chars() {
                // The only four that mean something between `"` and `"`.
                if matches!(c, '"' | '\\' | '$' | '`') {
                    text.push('\\');
                }
                text.push(c);
            }
            text
        }
    }
}

/// Between `'` and `'` everything is itself but `'`: leave, write one, come back.
fn push_single(text: &mut String, value: &str) {
    for (at, part) in value.split('\'').enumerate() {
        if at > 0 {
            text.push_str("'\\''");
        }
        text.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_for_their_place() {
        for (value, bare, double, single) in [
            ("a b", "'a b'", "a b", "a b"),
            ("", "''", "", ""),
            ("it's", r"'it'\''s'", "it's", r"it'\''s"),
            ("'", r"''\'''", "'", r"'\''"),
            ("$(rm) `x` \"\\", "'$(rm) `x` \"\\'", "\\$(rm) \\`x\\` \\\"\\\\", "$(rm) `x` \"\\"),
        ] {
            assert_eq!(quote(value, Quoting::Bare), bare);
            assert_eq!(quote(value, Quoting::Double), double);
            assert_eq!(quote(value, Quoting::Single), single);
        }
    }
}
