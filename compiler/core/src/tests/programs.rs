//! Whole programs.
use super::world::World;
use crate::check::{body, check_file};
use crate::db::{Db, PRELUDE};
use crate::items::items;

const WORDS: &str = r#"//! Count the words of a book, a chunk at a time.

/// Cut a text into chunks of so many lines.
task split(text: File, lines: Int = 1000) -> List<File> from "part-*" {
  sh "split -l {{lines}} {{text}} part-"
}

task count(chunk: File) -> Int {
  sh "wc -w < {{chunk}}"
}

flow main(book: File = file("data/alice.txt")) -> Int {
  let parts  = split(book)
  let counts = for part in parts { count(part) }
  sum(counts)
}
"#;

#[test]
fn the_first_program_of_the_book_checks() {
    let mut world = World::new();
    world.write("data/alice.txt", "down the rabbit hole");
    world.write("words.flow", WORDS);
    assert_eq!(world.check("words.flow"), []);
    let file = world.db.source(&super::world::full("words.flow"));
    for item in items(&world.db, file) {
        assert!(body(&world.db, *item).body.is_some(), "{}", item.name(&world.db));
    }
}

#[test]
fn the_library_checks() {
    let world = World::new();
    let modules = flowc_stdlib::modules().iter().map(|(name, _)| *name);
    for name in modules.chain([PRELUDE]) {
        let file = world.db.library(name).unwrap();
        assert_eq!(**check_file(&world.db, file), [], "{name}");
        for item in items(&world.db, file) {
            assert!(body(&world.db, *item).body.is_some(), "{name}.{}", item.name(&world.db));
        }
    }
}

/// A program of a page: its title; its files, each with the line that it starts at.
#[derive(Clone)]
pub(super) struct Program {
    pub(super) title: String,
    pub(super) files: Vec<(String, usize, String)>,
}

impl Program {
    /// The file that is checked.
    pub(super) fn main(&self) -> &str {
        &self.files.iter().find(|(file, ..)| file == "main.flow").unwrap_or(&self.files[0]).0
    }
}

/// The `flow` blocks of a page, by heading; in the book each block is a program of its own.
pub(super) fn programs(page: &str, each_block: bool) -> Vec<Program> {
    let mut found: Vec<Program> = vec![Program { title: String::new(), files: Vec::new() }];
    let mut block: Option<(String, usize, String)> = None;
    for (at, line) in page.lines().enumerate() {
        match &mut block {
            Some(open) if line.trim_end() == "```" => {
                let done = std::mem::take(open);
                block = None;
                if done.0 != "-" {
                    let last = found.last_mut().unwrap();
                    let is_main = done.0 == "main.flow";
                    last.files.push(done);
                    if each_block && is_main {
                        // A block is a program of its own; files with a name stay for those below.
                        let (title, mut files) = (last.title.clone(), last.files.clone());
                        files.retain(|(path, ..)| path != "main.flow");
                        found.push(Program { title, files });
                    }
                }
            }
            Some((_, _, text)) => {
                text.push_str(line);
                text.push('\n');
            }
            None => {
                if let Some(words) = line.strip_prefix("```") {
                    let mut words = words.split([' ', ',']);
                    let path = match (words.next(), words.find(|word| word.contains(['.', '/']))) {
                        (Some("flow" | "text" | "json"), Some(path)) => path,
                        (Some("flow"), None) => "main.flow",
                        _ => "-",
                    };
                    block = Some((path.to_owned(), at + 2, String::new()));
                } else if let Some(title) = line.strip_prefix('#') {
                    found.push(Program {
                        title: title.trim_start_matches('#').trim().to_owned(),
                        files: Vec::new(),
                    });
                }
            }
        }
    }
    found.retain(|program| program.files.iter().any(|(path, ..)| !each_block || path == "main.flow"));
    found.retain(|program| !program.files.is_empty());
    found
}

/// What a text says of itself: `// error: [code] "text"`, with the line that it is about.
fn notes(text: &str) -> Vec<(u32, String, String, String)> {
    let mut found = Vec::new();
    let mut last_code = 0u32;
    for (at, line) in text.lines().enumerate() {
        let number = u32::try_from(at + 1).unwrap();
        let note = ["error", "warning"].iter().find_map(|severity| {
            let (before, rest) = line.split_once(&format!("// {severity}"))?;
            let (offset, rest) = match rest.strip_prefix('(') {
                Some(rest) => rest.split_once(')').map(|(n, rest)| (n.parse::<i32>().unwrap(), rest))?,
                None => (0, rest),
            };
            let (code, text) = rest.strip_prefix(": [")?.split_once(']')?;
            let text =
                text.trim().strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or("").to_owned();
            let alone = before.trim().is_empty();
            let line = if offset == 0 && alone { last_code } else { number.saturating_add_signed(offset) };
            Some((alone, (line, (*severity).to_owned(), code.to_owned(), text)))
        });
        if let Some((alone, note)) = note {
            if !alone {
                last_code = number;
            }
            found.push(note);
        } else {
            last_code = number;
        }
    }
    found
}

/// Checks every program of a page against what it says of itself.
fn check_page(path: &std::path::Path, each_block: bool) -> Vec<String> {
    let page = std::fs::read_to_string(path).unwrap();
    let shown = path.file_name().unwrap().to_string_lossy().into_owned();
    let mut wrong = Vec::new();
    for program in programs(&page, each_block) {
        let mut world = World::new();
        for (file, _, text) in &program.files {
            world.write(file, text);
        }
        let mut found = world.check(program.main());
        found.retain(|found| found.severity != "note");
        for (file, start, text) in &program.files {
            if !file.ends_with(".flow") {
                continue;
            }
            let base = std::path::Path::new(file).file_name().unwrap().to_string_lossy().into_owned();
            let at = |line: u32| format!("{shown}:{} ({})", start + line as usize - 1, program.title);
            for (line, severity, code, text) in notes(text) {
                let fits = |f: &super::world::Found| {
                    f.file == base
                        && f.line == line
                        && f.severity == severity
                        && f.code == code
                        && f.message.contains(&text)
                };
                match found.iter().position(fits) {
                    Some(at) => drop(found.remove(at)),
                    None => wrong.push(format!("{}: not found: {severity}: [{code}] \"{text}\"", at(line))),
                }
            }
            for f in found.iter().filter(|f| f.file == base) {
                wrong.push(format!(
                    "{}: not noted: {}: [{}] \"{}\"",
                    at(f.line),
                    f.severity,
                    f.code,
                    f.message
                ));
            }
        }
    }
    wrong
}

/// All pages in a folder of the workspace.
pub(super) fn pages(folder: &str) -> Vec<std::path::PathBuf> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    let mut pages: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.retain(|page| page.extension().is_some_and(|ext| ext == "md"));
    pages.sort();
    assert!(!pages.is_empty());
    pages
}

fn check_pages(folder: &str, each_block: bool) {
    let wrong: Vec<String> = pages(folder).iter().flat_map(|page| check_page(page, each_block)).collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn the_suites_say_what_is_found() {
    check_pages("tests/suite", false);
}

#[test]
fn the_checks_say_what_is_found() {
    check_pages("tests/suite/check", false);
}

#[test]
fn the_pages_of_the_errors_say_what_is_found() {
    check_pages("book/src/errors", true);
}
