//! Did you mean: the name that a misspelt one is near to. It knows no names itself.

/// The nearest of `candidates`, when it is near enough to be meant: a third of the letters may be wrong, and of a name of one letter
/// its case. Equally near ones are taken in the order of their letters. Names longer than 64 bytes are near to nothing.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const BYTES_MAX: usize = 64;
    let letters = name.chars().count();
    let limit = if letters <= 1 { 0 } else { (letters / 3).max(1) };
    candidates
        .into_iter()
        .filter(|candidate| *candidate != name && !candidate.is_empty())
        .filter(|candidate| candidate.len().max(name.len()) <= BYTES_MAX)
        // Letters take up to four bytes; most take one.
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= 4 * limit)
        .map(|candidate| (wrong_letters(name, candidate), candidate))
        .filter(|(wrong, _)| *wrong <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters are written wrong: put in, left out, changed; swapped neighbours count once, the wrong case not at all
/// (Damerau and Levenshtein).
#[must_use]
pub fn wrong_letters(a: &str, b: &str) -> usize {
    strsim::damerau_levenshtein(&a.to_lowercase(), &b.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_enough_to_be_meant() {
        let names = ["chunk", "count", "sum", "x", "dry_run"];
        for (wrong, expected) in [
            ("chnk", Some("chunk")),
            ("cuont", Some("count")),
            ("Count", Some("count")),
            ("dryrun", Some("dry_run")),
            ("um", Some("sum")),
            ("X", Some("x")),
            ("y", None),
            ("banana", None),
            ("", None),
        ] {
            assert_eq!(nearest(wrong, names), expected, "{wrong}");
        }
    }
}
