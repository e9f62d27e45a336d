//! Pages of Markdown as tests: finds cases, runs them, compares, and with `UPDATE=1` writes what was found into the pages.
//! It must not know the language.
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};
use similar::TextDiff;

use crate::case::{Driver, Project};
use crate::markdown::{Block, sections};
use crate::{console, expect, home};

/// What one case is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Everything below one heading: all files are there before anything is looked at; the program is `main.flow`, or the
    /// first `flow` block where there is none.
    Heading,
    /// A whole page, block after block as a reader meets them: each `flow` block is checked where it stands.
    Page,
}

/// Tests from pages.
pub struct Suite {
    /// `cargo test -p flowc_tests --test NAME`.
    name: &'static str,
    driver: Arc<dyn Driver>,
    pages: Vec<(PathBuf, Scope)>,
    ignored: bool,
}

type Edits = Arc<Mutex<BTreeMap<PathBuf, Vec<(Range<usize>, String)>>>>;

impl Suite {
    /// A suite without pages; `name` is the name of its test target.
    pub fn new(name: &'static str, driver: impl Driver) -> Self {
        Self { name, driver: Arc::new(driver), pages: Vec::new(), ignored: false }
    }

    /// Adds a page, or all pages below a folder; paths are relative to the workspace.
    #[must_use]
    pub fn with(mut self, path: &str, scope: Scope) -> Self {
        let mut found = Vec::new();
        collect(&home::root().join(path), &mut found);
        found.sort();
        self.pages.extend(found.into_iter().map(|page| (page, scope)));
        self
    }

    /// Runs only when asked to by `--include-ignored`.
    #[must_use]
    pub fn ignored(mut self) -> Self {
        self.ignored = true;
        self
    }

    /// Runs what the command line asks for.
    pub fn run(self) -> ExitCode {
        let update = std::env::var_os("UPDATE").is_some();
        let edits = Edits::default();
        let mut trials = Vec::new();
        for (path, scope) in &self.pages {
            let shown = path.strip_prefix(home::root()).unwrap_or(path).to_string_lossy().into_owned();
            let page = fs::read_to_string(path).unwrap_or_default();
            let cases = sections(&page);
            let cases: Vec<(String, usize, Vec<Block>)> = match scope {
                Scope::Page => {
                    vec![(shown.clone(), 1, cases.into_iter().flat_map(|section| section.blocks).collect())]
                }
                Scope::Heading => cases
                    .into_iter()
                    .map(|section| (format!("{shown}: {}", section.title), section.line, section.blocks))
                    .collect(),
            };
            for (title, line, blocks) in cases {
                if !blocks.iter().any(|block| is_tested(block, *scope)) {
                    continue;
                }
                let case = Case {
                    place: format!("{shown}:{line}"),
                    again: format!("cargo test -p flowc_tests --test {} -- {title:?}", self.name),
                    page: path.clone(),
                    scope: *scope,
                    blocks,
                    driver: Arc::clone(&self.driver),
                    edits: update.then(|| Arc::clone(&edits)),
                };
                let trial = Trial::test(title, move || case.run().map_err(Failed::from));
                trials.push(trial.with_ignored_flag(self.ignored));
            }
        }
        let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
        let edits = edits.lock().map(|mut edits| std::mem::take(&mut *edits)).unwrap_or_default();
        for (path, edits) in edits {
            apply(&path, edits);
        }
        conclusion.exit_code()
    }
}

fn is_tested(block: &Block, scope: Scope) -> bool {
    let tested = ["flow", "plan", "console"].contains(&block.lang.as_str()) && !block.has("ignore");
    tested && (scope == Scope::Heading || block.lang != "plan" || !block.text.is_empty())
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_file() {
        found.push(path.to_owned());
        return;
    }
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "md") {
            collect(&path, found);
        }
    }
}

/// Writes texts into a page, last one first, so that the places before stay true.
fn apply(path: &Path, mut edits: Vec<(Range<usize>, String)>) {
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    if let Ok(mut page) = fs::read_to_string(path) {
        for (range, text) in edits {
            page.replace_range(range, &text);
        }
        // A page that cannot be written stays as it was, and its case fails again.
        let _ = fs::write(path, page);
    }
}

struct Case {
    place: String,
    again: String,
    page: PathBuf,
    scope: Scope,
    blocks: Vec<Block>,
    driver: Arc<dyn Driver>,
    edits: Option<Edits>,
}

impl Case {
    fn run(&self) -> Result<(), String> {
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut project = Project::default();
        let mut main = String::new();
        let blocks = || self.blocks.iter().filter(|block| !block.has("ignore"));
        if self.scope == Scope::Heading {
            for block in blocks() {
                put(block, &mut project, &mut main, directory.path())?;
            }
            if project.files.contains_key("main.flow") {
                "main.flow".clone_into(&mut main);
            }
        }
        let mut checked = false;
        for block in blocks() {
            if self.scope == Scope::Page
                && let Some(path) = put(block, &mut project, &mut main, directory.path())?
            {
                main = path;
                checked = false;
            }
            if block.lang == "flow" && !checked {
                self.check(&self.with_data(&project), &main)?;
                checked = true;
            }
            let found = match block.lang.as_str() {
                "plan" => self.driver.plan(&project, &main)?,
                "console" => console::run(&block.text, directory.path())?,
                _ => continue,
            };
            let same = match block.lang.as_str() {
                "console" => console::matches(&block.text, &found),
                _ => block.text == found,
            };
            if !same {
                self.differs(block, &found)?;
            }
        }
        Ok(())
    }

    /// The project with the files of the page that are no programs: a reader who tries a program has them all.
    fn with_data(&self, project: &Project) -> Project {
        let mut whole = project.clone();
        for block in self.blocks.iter().filter(|block| block.lang != "flow" && !block.has("ignore")) {
            if let Some(path) = block.path() {
                whole.files.entry(path.to_owned()).or_insert_with(|| block.text.clone());
            }
        }
        whole
    }

    /// Compares what is found in every file of the program with what the file notes.
    fn check(&self, project: &Project, main: &str) -> Result<(), String> {
        let found = self.driver.check(project, main);
        let mut wrong = Vec::new();
        for block in self.blocks.iter().filter(|block| block.lang == "flow" && !block.has("ignore")) {
            let path = block.path().unwrap_or("main.flow");
            if project.files.get(path) != Some(&block.text) {
                continue;
            }
            let here: Vec<_> = found.iter().filter(|finding| finding.file == path).cloned().collect();
            let different = expect::differences(&block.text, &here);
            if different.is_empty() {
                continue;
            }
            if self.edits.is_some() {
                self.edit(block, expect::rewrite(&block.text, &here));
                continue;
            }
            wrong.push(format!("{path} (page line {}):\n  {}", block.line, different.join("\n  ")));
        }
        let elsewhere = found.iter().filter(|finding| !project.files.contains_key(&finding.file));
        wrong.extend(elsewhere.map(|finding| format!("{}:{}: {finding}", finding.file, finding.line)));
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(format!("{}: {}\n{}", self.place, wrong.join("\n"), self.how()))
        }
    }

    fn differs(&self, block: &Block, found: &str) -> Result<(), String> {
        if self.edits.is_some() {
            self.edit(block, found.to_owned());
            return Ok(());
        }
        let page = self.page.strip_prefix(home::root()).unwrap_or(&self.page);
        let diff = TextDiff::from_lines(block.text.as_str(), found);
        let diff = diff.unified_diff().context_radius(3).header("expected", "got").to_string();
        Err(format!("{}:{}: `{}` differs\n{diff}{}", page.display(), block.line, block.lang, self.how()))
    }

    fn how(&self) -> String {
        format!("again: {}\nto write what was found into the page: the same with UPDATE=1", self.again)
    }

    fn edit(&self, block: &Block, text: String) {
        if let Some(mut edits) = self.edits.as_ref().and_then(|edits| edits.lock().ok()) {
            edits.entry(self.page.clone()).or_default().push((block.range.clone(), text));
        }
    }
}

/// Puts the file that a block is where it belongs, in memory and on disk; gives its path when it is a program.
fn put(
    block: &Block,
    project: &mut Project,
    main: &mut String,
    directory: &Path,
) -> Result<Option<String>, String> {
    let path = match (block.path(), block.lang.as_str()) {
        (_, "console" | "plan") => return Ok(None),
        (Some(path), _) => path.to_owned(),
        (None, "flow") => "main.flow".to_owned(),
        (None, _) => return Ok(None),
    };
    let there = directory.join(&path);
    let folder = there.parent().unwrap_or(directory);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&there, &block.text))
        .map_err(|error| error.to_string())?;
    project.files.insert(path.clone(), block.text.clone());
    if block.lang != "flow" {
        return Ok(None);
    }
    if main.is_empty() {
        main.clone_from(&path);
    }
    Ok(Some(path))
}
