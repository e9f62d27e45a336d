//! A new name for something, everywhere it is mentioned; refused where the program would mean something else afterwards.
use std::path::Path;

use flowc_base::Span;
use flowc_grammar::{Lexer, RESERVED, TokenKind, ast};

use super::symbol::{Found, Named};
use super::walk::{Visitor, walk};
use super::{Analysis, FileSpan, words};
use crate::check::{Target, facts};
use crate::db::{Db, ItemId, ItemWord, SourceFile};
use crate::items::{item_text, items, parse};
use crate::resolve::scope;
use crate::types::signature::signature;

/// What a name is replaced by, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Renamed {
    /// Every place of the old name.
    pub places: Vec<FileSpan>,
    /// The new name.
    pub name: String,
}

impl Analysis {
    /// The name at a byte, if it can be renamed.
    ///
    /// # Errors
    /// Why it cannot, as a sentence for a person.
    pub fn can_rename(&self, path: &Path, offset: u32) -> Result<Span, String> {
        let found = self.renamable(self.file(path), offset)?;
        Ok(self.locate(found.item, found.span).span)
    }

    /// The places where the name at a byte is to be replaced.
    ///
    /// # Errors
    /// Why it cannot be renamed so, as a sentence for a person.
    pub fn rename(&self, path: &Path, offset: u32, new: &str) -> Result<Renamed, String> {
        let file = self.file(path);
        let found = self.renamable(file, offset)?;
        if RESERVED.contains(&new) {
            return Err(format!("`{new}` is a word of the language"));
        }
        if !is_name(new) {
            return Err(format!("`{new}` is no name: a letter or `_`, then letters, digits and `_`"));
        }
        let files = self.searched(file);
        let mut places: Vec<FileSpan> =
            self.occurrences(file, &files, &found.named).into_iter().map(|it| it.place).collect();
        if let Named::Module(module) = found.named {
            places = self.alias_places(file, module, &found);
        }
        if let Some(why) = clash(&self.compiler.db, file, &files, &found.named, new) {
            return Err(why);
        }
        Ok(Renamed { places, name: new.to_owned() })
    }

    fn renamable(&self, file: SourceFile, offset: u32) -> Result<Found, String> {
        let db = &self.compiler.db;
        let found = self.named_at(file, offset).ok_or("there is no name here that can be renamed")?;
        let library = |item: ItemId| item.file(db).library(db);
        let text = self.text_of(&found);
        match &found.named {
            Named::Item(item) | Named::Param(item, _) if library(*item) => {
                Err(format!("`{text}` belongs to the library"))
            }
            Named::BuiltIn(name) => Err(format!("`{name}` belongs to the language")),
            Named::Field(..) => Err(format!(
                "`{text}` is a field: records are compared by the names of their fields, so rename it by hand"
            )),
            Named::Module(_) if self.alias(file, &text).is_none() => {
                Err(format!("`{text}` is named by its file: give it a name with `as`"))
            }
            Named::Local(item, name, span) if binds_field(parse(db, *item).item.as_ref(), *span) => {
                Err(format!("`{name}` is the name of a field of an outcome"))
            }
            _ => Ok(found),
        }
    }

    /// The text of a name as it stands there.
    fn text_of(&self, found: &Found) -> String {
        found.span.slice(item_text(&self.compiler.db, found.item)).to_owned()
    }

    /// The place of the `as NAME` that gives a module this name in a file.
    fn alias(&self, file: SourceFile, name: &str) -> Option<FileSpan> {
        let db = &self.compiler.db;
        items(db, file).iter().find_map(|item| match parse(db, *item).item.as_ref().map(|it| &it.kind) {
            Some(ast::ItemKind::Use(it)) => {
                let alias = it.alias.as_ref().filter(|alias| &*alias.name == name)?;
                Some(self.locate(*item, alias.span))
            }
            _ => None,
        })
    }

    /// Where a file mentions a module by the name of a `use`.
    fn alias_places(&self, file: SourceFile, module: SourceFile, found: &Found) -> Vec<FileSpan> {
        let db = &self.compiler.db;
        let name = self.text_of(found);
        let mut places = Vec::new();
        for item in items(db, file) {
            self.check();
            let text = item_text(db, *item);
            let uses = facts(db, *item).uses.iter();
            let same = uses.filter(|it| it.target == Target::Module(module) && it.span.slice(text) == name);
            places.extend(same.map(|it| self.locate(*item, it.span)));
        }
        places
    }
}

/// Why something cannot have this name: it means something else where the old one stands. `files`: where it may be mentioned.
pub(crate) fn clash(
    db: &dyn Db,
    here: SourceFile,
    files: &[SourceFile],
    named: &Named,
    new: &str,
) -> Option<String> {
    if let Named::Param(item, _) | Named::Local(item, ..) = named {
        let params = &signature(db, *item).params;
        let bound = facts(db, *item).locals.iter().any(|local| &*local.name == new)
            || params.iter().any(|param| &*param.name == new);
        if bound {
            return Some(format!("`{new}` is bound in `{}` already", item.name(db)));
        }
        return mentions(db, *item, new)
            .then(|| format!("`{}` mentions another `{new}`, which this name would hide", item.name(db)));
    }
    let own = match named {
        Named::Item(item) => item.file(db),
        _ => here,
    };
    for file in files {
        db.unwind_if_revision_cancelled();
        let known = *file == own || matches!(named, Named::Item(item) if imports(db, *file, *item));
        if !known {
            continue;
        }
        let shown =
            file.path(db).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if scope(db, *file).names.contains_key(new) {
            return Some(format!("`{shown}` has a name `{new}` already"));
        }
        for item in items(db, *file).iter().filter(|item| item_text(db, **item).contains(new)) {
            if item.word(db) != ItemWord::Use
                && facts(db, *item).locals.iter().any(|local| &*local.name == new)
            {
                return Some(format!(
                    "`{}` in `{shown}` binds `{new}`, which would hide this name",
                    item.name(db)
                ));
            }
            if mentions(db, *item, new) {
                return Some(format!(
                    "`{}` in `{shown}` mentions another `{new}`, which this name would hide",
                    item.name(db)
                ));
            }
        }
    }
    None
}

/// Whether a name of this file is this item of another.
fn imports(db: &dyn Db, file: SourceFile, item: ItemId) -> bool {
    scope(db, file).names.values().any(|def| *def == crate::resolve::Def::Item(item))
}

/// Whether an item mentions something by this name that is no field and no label.
fn mentions(db: &dyn Db, item: ItemId, name: &str) -> bool {
    let text = item_text(db, item);
    let uses = facts(db, item).uses.iter();
    uses.filter(|it| !matches!(it.target, Target::Field(..) | Target::Param(..)))
        .any(|it| it.span.slice(text) == name && !behind_dot(text, it.span))
}

fn behind_dot(text: &str, span: Span) -> bool {
    text.get(..span.start as usize).is_some_and(|before| before.trim_end().ends_with('.'))
}

/// Whether a text is one word that may be a name.
pub(crate) fn is_name(text: &str) -> bool {
    let mut tokens = Lexer::new(text, 0);
    tokens
        .next()
        .is_some_and(|token| token.kind == TokenKind::Word && token.span.len() as usize == text.len())
        && words::function(text).is_none()
        && words::ty(text).is_none()
}

/// Whether a name is bound as a field of `ok { value }`.
pub(crate) fn binds_field(tree: Option<&ast::Item>, span: Span) -> bool {
    struct Variants(Span, bool);
    impl<'a> Visitor<'a> for Variants {
        fn expr(&mut self, expr: &'a ast::Expr) {
            let ast::ExprKind::Match { arms, .. } = &expr.kind else { return };
            for arm in arms {
                self.1 |= has(&arm.pattern, self.0);
            }
        }
    }
    fn has(pattern: &ast::Pattern, span: Span) -> bool {
        match &pattern.kind {
            ast::PatternKind::Variant { fields, .. } => fields.iter().any(|field| field.span == span),
            ast::PatternKind::Or(parts) => parts.iter().any(|part| has(part, span)),
            _ => false,
        }
    }
    let Some(tree) = tree else { return false };
    let mut variants = Variants(span, false);
    walk(&tree.kind, &mut variants);
    variants.1
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_are_one_word() {
        for (text, expected) in [
            ("a", true),
            ("a_1", true),
            ("_", true),
            ("ä", true),
            ("1a", false),
            ("a b", false),
            ("", false),
            ("file", false),
            ("Int", false),
        ] {
            assert_eq!(is_name(text), expected, "{text}");
        }
    }
}
