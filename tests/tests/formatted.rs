//! The project's own programs are in the one style: files, and the blocks of pages. `UPDATE=1` writes them so.
#![expect(clippy::unwrap_used, reason = "a test: the line number is the message")]
use std::path::{Path, PathBuf};

use flowc_tests::{root, sections};
use similar::TextDiff;

#[test]
fn every_program_of_the_project_is_in_the_one_style() {
    let mut found = Found::default();
    for folder in ["examples", "stdlib/flow", "book/src", "README.md"] {
        found.walk(&root().join(folder));
    }
    assert!(found.programs > 150, "only {} programs were found", found.programs);
    assert!(
        found.differ.is_empty(),
        "{}\n\nUPDATE=1 cargo test -p flowc_tests --test formatted writes them in the one style",
        found.differ.join("\n")
    );
}

#[derive(Default)]
struct Found {
    programs: usize,
    differ: Vec<String>,
}

impl Found {
    fn walk(&mut self, path: &Path) {
        if path.is_dir() {
            let mut paths: Vec<PathBuf> =
                std::fs::read_dir(path).unwrap().flatten().map(|entry| entry.path()).collect();
            paths.sort();
            return paths.iter().for_each(|path| self.walk(path));
        }
        let is = |kind: &str| path.extension().is_some_and(|extension| extension == kind);
        if !is("flow") && !is("md") {
            return;
        }
        let before = std::fs::read_to_string(path).unwrap();
        let after = if is("flow") {
            self.programs += 1;
            flowc_grammar::format(&before).unwrap_or_else(|errors| panic!("{}: {errors:?}", path.display()))
        } else {
            self.page(&before)
        };
        if before == after {
            return;
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, after).unwrap();
            return;
        }
        let diff = TextDiff::from_lines(&before, &after);
        self.differ.push(format!("{}\n{}", path.display(), diff.unified_diff().context_radius(1)));
    }

    /// A page with its programs in the one style: those that can be read and are not shown for how they are written.
    fn page(&mut self, page: &str) -> String {
        let mut after = page.to_owned();
        let sections = sections(page);
        let blocks: Vec<_> = sections.iter().flat_map(|section| &section.blocks).collect();
        for block in blocks.iter().rev().filter(|block| block.lang == "flow" && !block.has("ignore")) {
            if let Ok(made) = flowc_grammar::format(&block.text) {
                self.programs += 1;
                after.replace_range(block.range.clone(), &made);
            }
        }
        after
    }
}
