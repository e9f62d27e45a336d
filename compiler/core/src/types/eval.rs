//! From a type as written to the type that is meant. Aliases are unfolded, but for those that mention themselves.
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use flowc_base::{Applicability, Edit, Name, Span, nearest};
use flowc_grammar::ast::{self, FloatBits};

use super::fits::{PARTS_MAX, optional, parts};
use super::recursion::recursion;
use crate::db::{Anchor, Db, Diag, ItemId, ItemWord, PRELUDE, Place, SourceFile};
use crate::diagnostics::{names, removing, replacing, types as d};
use crate::items::{item_text, name_place, parse};
use crate::resolve::{Def, exported, lookup, scope, what};
use crate::ty::Ty;

/// What a `type` item stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TypeDef {
    /// The type.
    pub(crate) ty: Ty,
    /// What is wrong with it.
    pub(crate) diagnostics: Vec<Diag>,
    /// The names of the file that it mentions.
    pub(crate) mentioned: BTreeSet<Name>,
    /// How many parts it has when it is written out.
    parts: u64,
}

#[salsa::tracked(returns(ref))]
pub(crate) fn type_def(db: &dyn Db, item: ItemId) -> TypeDef {
    let mut types = TypeReader::new(db, item);
    let ty = match parse(db, item).item.as_ref().map(|it| &it.kind) {
        Some(ast::ItemKind::Type(it)) => {
            let ty = types.read(&it.ty);
            if recursion(db, item.file(db)).broken.contains(&item) { Ty::Error } else { ty }
        }
        _ => Ty::Error,
    };
    // What was too large is nothing, and not half of it.
    let (ty, parts) = if types.full { (Ty::Error, 1) } else { (ty, types.parts) };
    TypeDef { ty, diagnostics: types.diagnostics, mentioned: types.mentioned, parts }
}

/// What a name in a type means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Named {
    /// A `type` item.
    Type(ItemId),
    /// Something else.
    Other(Def),
    /// Nothing.
    Unknown,
}

/// Resolves the path of a type: `Rating`, `team.Plan`.
pub(crate) fn resolve_type(db: &dyn Db, file: SourceFile, path: &[ast::Ident]) -> Named {
    let Some(first) = path.first() else { return Named::Unknown };
    match (lookup(db, file, first.name.clone()), path) {
        (Some(Def::Item(item)), [_]) if item.word(db) == ItemWord::Type => Named::Type(item),
        (Some(Def::Module(module)), [_, second]) => match exported(db, module, second.name.clone()) {
            Some(item) if item.word(db) == ItemWord::Type => Named::Type(item),
            Some(item) => Named::Other(Def::Item(item)),
            None => Named::Unknown,
        },
        (Some(def), _) => Named::Other(def),
        (None, _) => Named::Unknown,
    }
}

/// The names of the types that need no definition.
pub(crate) const BUILT_IN: [&str; 15] = [
    "Bool", "Int", "Float", "Text", "Duration", "Size", "Money", "Json", "File", "Dir", "Agent", "Secret",
    "List", "Map", "Outcome",
];

/// Reads the types of one item.
pub(crate) struct TypeReader<'a> {
    pub(super) db: &'a dyn Db,
    pub(super) item: ItemId,
    library: bool,
    pub(crate) diagnostics: Vec<Diag>,
    pub(crate) mentioned: BTreeSet<Name>,
    /// How many parts all types that were read have when they are written out.
    parts: u64,
    /// That they were too many, which is reported.
    full: bool,
}

impl<'a> TypeReader<'a> {
    pub(crate) fn new(db: &'a dyn Db, item: ItemId) -> Self {
        let library = item.file(db).library(db);
        Self { db, item, library, diagnostics: Vec::new(), mentioned: BTreeSet::new(), parts: 0, full: false }
    }

    pub(super) fn place(&self, span: Span) -> Place {
        Place { anchor: Anchor::Item(self.item), span }
    }

    fn written(&self, span: Span) -> &'a str {
        span.slice(item_text(self.db, self.item))
    }

    pub(super) fn report(&mut self, diag: Diag) -> Ty {
        self.diagnostics.push(diag);
        Ty::Error
    }

    /// The type, if with it there are not too many parts.
    pub(super) fn counted(&mut self, ty: &Ty, span: Span) -> Ty {
        if self.full {
            return Ty::Error;
        }
        let parts = parts(ty, PARTS_MAX);
        if self.parts.saturating_add(parts) > PARTS_MAX {
            self.full = true;
            return self.report(d::too_large(self.place(span), PARTS_MAX));
        }
        self.parts += parts;
        ty.clone()
    }

    /// The type that is meant; [`Ty::Error`] where it means nothing.
    pub(crate) fn read(&mut self, ty: &ast::TypeExpr) -> Ty {
        let place = self.place(ty.span);
        self.parts = self.parts.saturating_add(1);
        match &ty.kind {
            ast::TypeKind::Named { path, args } => self.named(ty.span, path, args),
            ast::TypeKind::Ranged { base, from, to } => self.ranged(base, from, to),
            ast::TypeKind::Optional(inner) => match self.read(inner) {
                Ty::Unit => self.report(d::mismatch(place, "a type with values", "()", None)),
                inner => optional(inner),
            },
            ast::TypeKind::Record(fields) => self.record(fields),
            ast::TypeKind::Choice(parts) => self.choice(parts),
            ast::TypeKind::Text(_) => self.choice(std::slice::from_ref(ty)),
            ast::TypeKind::Schema(path) => self.schema(path, ty.span),
            ast::TypeKind::Unit => Ty::Unit,
            ast::TypeKind::Missing => Ty::Error,
        }
    }

    fn named(&mut self, span: Span, path: &[ast::Ident], args: &[ast::TypeExpr]) -> Ty {
        let Some(first) = path.first() else { return Ty::Error };
        self.mentioned.insert(first.name.clone());
        match resolve_type(self.db, self.item.file(self.db), path) {
            Named::Type(item) => {
                let text = dotted(path);
                if !args.is_empty() {
                    let diag = d::type_arguments(self.place(span), &text, 0, args.len(), Some(&text));
                    return self.report(diag);
                }
                let own = recursion(self.db, self.item.file(self.db));
                if own.together(self.item, item) {
                    return Ty::Recursive(item);
                }
                let def = type_def(self.db, item);
                if self.full {
                    return Ty::Error;
                }
                if self.parts.saturating_add(def.parts) > PARTS_MAX {
                    self.full = true;
                    let diag = d::too_large(self.place(span), PARTS_MAX);
                    return self.report(diag);
                }
                self.parts += def.parts;
                def.ty.clone()
            }
            Named::Other(Def::Broken) => Ty::Error,
            Named::Other(_) | Named::Unknown if path.len() == 1 && is_built_in(&first.name) => {
                self.built_in(span, &first.name, args)
            }
            Named::Other(def) => {
                let declared = match def {
                    Def::Item(item) => Some(name_place(self.db, item)),
                    _ => None,
                };
                let diag = names::not_a_type(self.place(span), &dotted(path), what(self.db, def), declared);
                self.report(diag)
            }
            Named::Unknown if self.library && path.len() == 1 && is_var(&first.name) => {
                Ty::Var(first.name.clone())
            }
            Named::Unknown if path.len() > 1 => self.unknown_in(path),
            // Its arguments are no part of its name.
            Named::Unknown => {
                self.unknown(path.iter().fold(first.span, |span, part| span.to(part.span)), path)
            }
        }
    }

    fn unknown_in(&mut self, path: &[ast::Ident]) -> Ty {
        let (of, name) = (&path[0], &path[1]);
        let known = match lookup(self.db, self.item.file(self.db), of.name.clone()) {
            Some(Def::Module(module)) => &scope(self.db, module).own,
            _ => return self.unknown(of.span, std::slice::from_ref(of)),
        };
        let near = nearest(&name.name, known.keys().map(Name::as_str));
        let diag = names::unknown_in_module(self.place(name.span), &name.name, &of.name, near);
        self.report(diag)
    }

    fn unknown(&mut self, span: Span, path: &[ast::Ident]) -> Ty {
        let text = dotted(path);
        let names = &scope(self.db, self.item.file(self.db)).names;
        let types = names
            .iter()
            .filter(|(_, def)| matches!(def, Def::Item(item) if item.word(self.db) == ItemWord::Type))
            .map(|(name, _)| name.as_str());
        let common = match text.to_ascii_lowercase().as_str() {
            "string" | "str" | "char" => Some("Text"),
            "integer" | "i64" | "i32" | "u64" | "u32" | "usize" | "number" | "long" => Some("Int"),
            "boolean" => Some("Bool"),
            "double" | "f64" | "f32" | "real" => Some("Float"),
            "path" => Some("File"),
            "directory" | "folder" => Some("Dir"),
            "array" | "vec" | "seq" | "sequence" | "set" => Some("List"),
            "dict" | "hashmap" | "dictionary" => Some("Map"),
            "object" | "any" => Some("Json"),
            "time" | "timedelta" => Some("Duration"),
            "bytes" => Some("Size"),
            lower => BUILT_IN.into_iter().find(|known| known.to_ascii_lowercase() == lower),
        };
        let near = common.or_else(|| nearest(&text, types.chain(BUILT_IN)));
        let diag = names::unknown_type(self.place(span), &text, near);
        self.report(diag)
    }

    fn built_in(&mut self, span: Span, name: &str, args: &[ast::TypeExpr]) -> Ty {
        let wanted = usize::from(matches!(name, "List" | "Map" | "Outcome"));
        if args.len() != wanted {
            // Of a map the keys are texts, and said nowhere.
            let meant = match (name, args) {
                ("Map", [_, value]) => Some(format!("Map<{}>", self.written(value.span))),
                (_, []) => None,
                _ if wanted == 0 => Some(name.to_owned()),
                _ => None,
            };
            let diag = d::type_arguments(self.place(span), name, wanted, args.len(), meant.as_deref());
            return self.report(diag);
        }
        match name {
            "Bool" => Ty::Bool,
            "Int" => Ty::Int(None),
            "Float" => Ty::Float(None),
            "Text" => Ty::Text,
            "Duration" => Ty::Duration,
            "Size" => Ty::Size,
            "Money" => Ty::Money,
            "Json" => Ty::Json,
            "File" => Ty::File,
            "Dir" => Ty::Dir,
            "Agent" => Ty::Agent,
            "Secret" => Ty::Secret,
            "List" => Ty::List(Arc::new(self.read(&args[0]))),
            "Outcome" => Ty::Outcome(Arc::new(self.read(&args[0]))),
            _ => Ty::Map(Arc::new(self.read(&args[0]))),
        }
    }

    fn ranged(&mut self, base: &ast::Ident, from: &ast::Expr, to: &ast::Expr) -> Ty {
        let span = base.span.to(from.span).to(to.span);
        let found = (constant(from), constant(to));
        let mut edits: Vec<(Span, String)> = Vec::new();
        let why = match (&*base.name, found) {
            ("Int", (Some(Bound::Int(from)), Some(Bound::Int(to)))) if from <= to => {
                return Ty::Int(Some((from, to)));
            }
            ("Float", (Some(from), Some(to))) if from.as_float() <= to.as_float() => {
                let bits = |bound: Bound| FloatBits(bound.as_float().to_bits());
                return Ty::Float(Some((bits(from), bits(to))));
            }
            ("Int" | "Float", (Some(_), Some(_))) if &*base.name == "Float" || is_int(found) => {
                edits.push((from.span, self.written(to.span).to_owned()));
                edits.push((to.span, self.written(from.span).to_owned()));
                "the bounds of this range are the wrong way round"
            }
            ("Int", (Some(_), Some(_))) => {
                edits.push((base.span, "Float".to_owned()));
                "the bounds of an `Int` are whole numbers"
            }
            ("Int" | "Float", _) => {
                if has_missing(from) || has_missing(to) {
                    return Ty::Error;
                }
                "the bounds of a range are constants"
            }
            _ => "only `Int` and `Float` have ranges",
        };
        let edits = edits.into_iter().map(|(span, text)| Edit { place: self.place(span), text });
        let diag = d::empty_range(self.place(span), why, edits.collect());
        self.report(diag)
    }

    fn record(&mut self, fields: &[ast::TypeField]) -> Ty {
        let mut seen: std::collections::HashMap<&Name, Span> = std::collections::HashMap::new();
        let mut read = Vec::with_capacity(fields.len());
        for field in fields {
            let ty = self.read(&field.ty);
            if let Some(first) = seen.insert(&field.name.name, field.name.span) {
                let diag =
                    d::duplicate_field(self.place(field.name.span), &field.name.name, self.place(first));
                self.report(diag);
                continue;
            }
            read.push((field.name.name.clone(), ty));
        }
        Ty::Record(read.into())
    }

    fn choice(&mut self, parts: &[ast::TypeExpr]) -> Ty {
        if let Some(much) = parts.get(CHOICES_MAX) {
            let why = format!("a type has at most {CHOICES_MAX} alternatives, found {}", parts.len());
            let diag = d::bad_choice(self.place(much.span), &why);
            return self.report(diag);
        }
        let mut words: Vec<Name> = Vec::with_capacity(parts.len());
        let mut seen = HashSet::with_capacity(parts.len());
        for part in parts {
            let ast::TypeKind::Text(text) = &part.kind else {
                if matches!(part.kind, ast::TypeKind::Missing) {
                    return Ty::Error;
                }
                let diag = d::bad_choice(self.place(part.span), "only texts can be alternatives");
                let written = self.written(part.span);
                let is_word =
                    written.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                let diag = if is_word {
                    replacing(diag, self.place(part.span), &format!("{written:?}"), Applicability::Maybe)
                } else {
                    diag
                };
                return self.report(diag);
            };
            let Some(word) = text.as_plain() else {
                let diag = d::bad_choice(self.place(part.span), "an alternative is a constant text");
                return self.report(diag);
            };
            if !seen.insert(word) {
                let diag = d::bad_choice(self.place(part.span), "this alternative stands twice");
                let diag = removing(diag, self.place(part.span), "the second", Applicability::Maybe);
                self.report(diag);
                continue;
            }
            words.push(Name::from(word));
        }
        Ty::Choice(words.into())
    }
}

/// A `match` and a value of another type look through all alternatives: of many more that would take for ever.
const CHOICES_MAX: usize = 10_000;

fn dotted(path: &[ast::Ident]) -> String {
    path.iter().map(|part| &*part.name).collect::<Vec<_>>().join(".")
}

fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

fn is_var(name: &str) -> bool {
    name.len() == 1 && name.bytes().all(|b| b.is_ascii_uppercase())
}

fn has_missing(expr: &ast::Expr) -> bool {
    matches!(expr.kind, ast::ExprKind::Missing)
}

#[derive(Clone, Copy)]
enum Bound {
    Int(i64),
    Float(f64),
}

impl Bound {
    fn as_float(self) -> f64 {
        match self {
            Self::Int(value) => super::fits::as_float(value),
            Self::Float(value) => value,
        }
    }
}

fn is_int(bounds: (Option<Bound>, Option<Bound>)) -> bool {
    matches!(bounds, (Some(Bound::Int(_)), Some(Bound::Int(_))))
}

fn constant(expr: &ast::Expr) -> Option<Bound> {
    match &expr.kind {
        ast::ExprKind::Int(value) => Some(Bound::Int(*value)),
        ast::ExprKind::Float(bits) => Some(Bound::Float(f64::from_bits(bits.0))),
        ast::ExprKind::Unary { op: ast::UnaryOp::Neg, operand } => match constant(operand)? {
            Bound::Int(value) => value.checked_neg().map(Bound::Int),
            Bound::Float(value) => Some(Bound::Float(-value)),
        },
        _ => None,
    }
}

/// The prelude, for those who look for names in it.
pub(crate) fn prelude(db: &dyn Db) -> Option<SourceFile> {
    db.library(PRELUDE)
}
