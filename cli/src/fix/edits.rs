//! Edits of texts: which go together, what a text is after them, where a place is then. It knows no diagnostics.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use flowc_base::Span;

/// Replace what stands at `span` of a file by `text`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct FileEdit {
    pub(crate) path: PathBuf,
    pub(crate) span: Span,
    pub(crate) text: String,
}

/// Edits of several files, none touching another.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Edits(BTreeMap<PathBuf, BTreeMap<u32, (u32, String)>>);

impl Edits {
    /// Adds all of `edits`; false, and none of them, when one overlaps what is there already or another.
    pub(crate) fn add(&mut self, edits: &[FileEdit]) -> bool {
        for (at, edit) in edits.iter().enumerate() {
            if self.overlaps(edit) {
                // Those before it came in a moment ago.
                for edit in &edits[..at] {
                    self.0.get_mut(&edit.path).and_then(|file| file.remove(&edit.span.start));
                }
                return false;
            }
            let file = self.0.entry(edit.path.clone()).or_default();
            file.insert(edit.span.start, (edit.span.end.max(edit.span.start), edit.text.clone()));
        }
        true
    }

    /// Two insertions at one place overlap: which comes first is not ours to say.
    fn overlaps(&self, edit: &FileEdit) -> bool {
        let Some(file) = self.0.get(&edit.path) else { return false };
        let before = file.range(..=edit.span.start).next_back();
        let after = file.range(edit.span.start..).next();
        before.is_some_and(|(start, (end, _))| *end > edit.span.start || *start == edit.span.start)
            || after.is_some_and(|(start, _)| *start < edit.span.end)
    }

    /// The files that they change.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter(|(_, file)| !file.is_empty()).map(|(path, _)| path.as_path())
    }

    /// A text after the edits of its file; `None` when one does not fit it.
    pub(crate) fn applied(&self, path: &Path, text: &str) -> Option<String> {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (start, (end, new)) in self.0.get(path).into_iter().flatten() {
            out.push_str(text.get(at..*start as usize)?);
            out.push_str(new);
            at = *end as usize;
        }
        out.push_str(text.get(at..)?);
        Some(out)
    }

    /// Where a byte of a file is after the edits; what is replaced is where its replacement starts.
    pub(crate) fn moved(&self, path: &Path, at: u32) -> u32 {
        let mut shift = 0i64;
        for (start, (end, new)) in self.0.get(path).into_iter().flatten() {
            // What is put in before a place moves it on.
            if *end > at || *start == at && *end > *start {
                let inside = if *start < at { i64::from(at - *start) } else { 0 };
                shift -= inside;
                break;
            }
            shift += i64::try_from(new.len()).unwrap_or(0) - i64::from(*end - *start);
        }
        u32::try_from(i64::from(at) + shift).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, text: &str) -> FileEdit {
        FileEdit { path: "a".into(), span: Span::new(start, end), text: text.to_owned() }
    }

    #[test]
    fn edits_that_overlap_are_left_out_whole() {
        let mut edits = Edits::default();
        assert!(edits.add(&[edit(2, 4, "X")]));
        assert!(!edits.add(&[edit(6, 7, "Y"), edit(3, 5, "Z")]));
        assert!(!edits.add(&[edit(2, 2, "again")]));
        assert!(!edits.add(&[edit(0, 9, "around")]));
        assert!(edits.add(&[edit(4, 5, ""), edit(8, 8, "!")]));
        assert!(!edits.add(&[edit(8, 8, "?")]));
        assert_eq!(edits.applied(Path::new("a"), "01234567").as_deref(), Some("01X567!"));
        assert_eq!(edits.applied(Path::new("a"), "0123"), None);
        assert_eq!(edits.applied(Path::new("b"), "0123").as_deref(), Some("0123"));
        let moved: Vec<u32> = [0, 2, 3, 5, 7].map(|at| edits.moved(Path::new("a"), at)).into();
        assert_eq!(moved, [0, 2, 2, 3, 5]);
    }
}
