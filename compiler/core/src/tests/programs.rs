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
        assert_eq!(check_file(&world.db, file), [], "{name}");
        for item in items(&world.db, file) {
            assert!(body(&world.db, *item).body.is_some(), "{name}.{}", item.name(&world.db));
        }
    }
}
