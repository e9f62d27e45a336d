//! Which files a file uses, and circles among them. Only `use` items are looked at.
use std::collections::{HashMap, HashSet, VecDeque};

use flowc_grammar::ast;

use crate::db::{Anchor, Db, ItemWord, Place, SourceFile, normalised};
use crate::items::{items, parse};

/// The files that a file uses, each with the place of its path, in the order of the text.
#[salsa::tracked(returns(ref))]
pub(crate) fn imports(db: &dyn Db, file: SourceFile) -> Box<[(SourceFile, Place)]> {
    items(db, file)
        .iter()
        .filter(|item| item.word(db) == ItemWord::Use)
        .filter_map(|item| {
            let Some(ast::ItemKind::Use(it)) = parse(db, *item).item.as_ref().map(|it| &it.kind) else {
                return None;
            };
            let ast::UseFrom::File(path) = &it.from else { return None };
            let place = Place { anchor: Anchor::Item(*item), span: path.span };
            Some((used_file(db, file, path.as_plain()?), place))
        })
        .collect()
}

/// The file that a path in a `use` of `file` means.
pub(crate) fn used_file(db: &dyn Db, file: SourceFile, path: &str) -> SourceFile {
    let base = file.path(db).parent().unwrap_or_else(|| std::path::Path::new(""));
    db.source(&normalised(&base.join(path)))
}

/// The shortest circle from `file` through its import `first` back to `file`: of each file on it (`file` first) the place of the `use` that goes on.
pub(crate) fn circle_through(
    db: &dyn Db,
    file: SourceFile,
    first: (SourceFile, Place),
) -> Option<Vec<(SourceFile, Place)>> {
    let mut before: HashMap<SourceFile, (SourceFile, Place)> = HashMap::new();
    before.insert(first.0, (file, first.1));
    let mut queue = VecDeque::from([first.0]);
    while let Some(at) = queue.pop_front() {
        if at == file {
            let mut way = Vec::new();
            let mut node = at;
            while let Some((from, place)) = before.get(&node) {
                way.push((*from, *place));
                node = *from;
                if node == file {
                    break;
                }
            }
            way.reverse();
            return Some(way);
        }
        for (next, place) in imports(db, at) {
            if !before.contains_key(next) {
                before.insert(*next, (at, *place));
                queue.push_back(*next);
            }
        }
    }
    None
}

/// The files and all that they use, directly or not; each once, the given ones first.
pub(crate) fn program(db: &dyn Db, files: &[SourceFile]) -> Vec<SourceFile> {
    let mut seen: HashSet<SourceFile> = HashSet::new();
    let mut all: Vec<SourceFile> = files.iter().copied().filter(|file| seen.insert(*file)).collect();
    let mut at = 0;
    while let Some(file) = all.get(at).copied() {
        at += 1;
        for (next, _) in imports(db, file) {
            // What cannot be read is reported where it is used.
            if next.text(db).is_ok() && seen.insert(*next) {
                all.push(*next);
            }
        }
    }
    all
}
