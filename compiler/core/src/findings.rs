//! What there is to say about each file of a program: what the checks found, steps that will not run, paths that stand for nothing. Kept by
//! the database flow by flow and file by file, so that after an edit only what it touched is found out again. It renders nothing.
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use flowc_base::{Name, Severity, Span};
use flowc_plan::{Origin, SourceKind};

use crate::check::{below, body, check_file, check_root, flow_calls, step_order};
use crate::db::{Anchor, Db, Diag, ItemId, ItemWord, Place, SourceFile, normalised};
use crate::diagnostics::{codes, files, footprints, params, programs};
use crate::hir::{Block, Body, BodyKind, Expr, ExprKind, Local, Stmt};
use crate::items::{item_text, items};
use crate::lower::{self, At, Program};
use crate::optimise;
use crate::resolve::program;
use crate::ty::Ty;
use crate::types::eval::type_def;
use crate::types::signature::signature;
use crate::{EntryKind, System};

/// Everything about one file, in no order. What is wrong in files that it uses is said there; with `unread`, steps of its flows that will
/// not run, where the file and all that it uses have no errors.
pub(crate) fn of_file(db: &dyn Db, system: &dyn System, file: SourceFile, unread: bool) -> Vec<Diag> {
    let mut found = check_file(db, file).to_vec();
    found.extend(missing_paths(db, system, file));
    found = found.into_iter().map(|diag| near_path(db, system, file, diag)).collect();
    found.extend(missing_programs(db, system, file));
    if unread {
        // What the program of this file breaks in others is said of the program.
        let here = |diag: &&Diag| match diag.primary.place.anchor {
            Anchor::Item(item) => item.file(db) == file,
            Anchor::File(of) => of == file,
        };
        found.extend(check_root(db, file).iter().filter(here).cloned());
    }
    if unread && is_clean(db, file) && !has_errors(&found) {
        // That a `let` is never mentioned says it already.
        let said = |step: &&Diag| found.iter().any(|diag| is_let_of(db, diag, step));
        let steps: Vec<Diag> = unread_steps(db, file).iter().filter(|step| !said(step)).cloned().collect();
        found.extend(steps);
    }
    found
}

/// Whether a diagnostic is about the unmentioned `let` whose value is the step that another is about.
fn is_let_of(db: &dyn Db, diag: &Diag, step: &Diag) -> bool {
    let (name, value) = (diag.primary.place, step.primary.place);
    let Anchor::Item(item) = name.anchor else { return false };
    if diag.code != codes::UNUSED_LET.code || name.anchor != value.anchor || name.span.end > value.span.start
    {
        return false;
    }
    let between = Span::new(name.span.end, value.span.start).slice(item_text(db, item)).trim();
    between == "=" || between.starts_with(':') && between.ends_with('=') && !between.contains(['"', '\n'])
}

/// Whether one of them is an error.
pub(crate) fn has_errors(found: &[Diag]) -> bool {
    found.iter().any(|diag| diag.severity == Severity::Error)
}

/// Whether a file and all that it uses have no errors. Whether paths exist is not asked.
pub(crate) fn is_clean(db: &dyn Db, file: SourceFile) -> bool {
    program(db, &[file]).into_iter().all(|file| !is_wrong(db, file))
}

/// Whether a file has errors of its own.
#[salsa::tracked(returns(copy))]
fn is_wrong(db: &dyn Db, file: SourceFile) -> bool {
    has_errors(check_file(db, file))
}

/// Of a file in a program without errors, all steps that nobody reads.
#[salsa::tracked(returns(ref))]
pub(crate) fn unread_steps(db: &dyn Db, file: SourceFile) -> Box<[Diag]> {
    let flows = items(db, file).iter().filter(|item| item.word(db) == ItemWord::Flow);
    flows.flat_map(|flow| written_out(db, *flow)).cloned().collect()
}

/// What is found when a flow of a program without errors is written out: steps that nobody reads, or that it is too much.
#[salsa::tracked(returns(ref))]
fn written_out(db: &dyn Db, flow: ItemId) -> Box<[Diag]> {
    // Unknown arguments change no warning: parameters are nodes of their own.
    let given = signature(db, flow).params.iter().map(|_| None).collect();
    let place = |(item, span): At| Place { anchor: Anchor::Item(item), span };
    match lower::lower(&Bodies(db), flow, given, &Name::from("/")) {
        Ok(draft) => {
            let unread = optimise::unread(draft).into_iter().filter(|at| !is_said(db, *at));
            unread.map(|at| params::unread_step(place(at))).collect()
        }
        // It may be checked all the same.
        Err((_, lower::Obstacle::Later(_))) => Box::default(),
        Err((at, obstacle)) => [params::obstacle(place(at), obstacle)].into(),
    }
}

/// Whether a step that nobody reads is the value of a `let` that is never mentioned: that says all of it.
pub(crate) fn is_said(db: &dyn Db, (item, span): At) -> bool {
    fn within(block: &Block, unused: &[Span], locals: &[Local], span: Span) -> bool {
        let contains = |whole: Span| whole.start <= span.start && span.end <= whole.end;
        let of_let = |stmt: &Stmt| match stmt {
            Stmt::Let { local, value } if contains(value.span) => {
                locals.get(local.0 as usize).is_some_and(|local| unused.contains(&local.span))
            }
            _ => false,
        };
        block.stmts.iter().any(of_let) || block.any_part(&mut |part| inside(part, unused, locals, span))
    }
    fn inside(expr: &Expr, unused: &[Span], locals: &[Local], span: Span) -> bool {
        let blocks: Vec<&Block> = match &expr.kind {
            ExprKind::Block(body) | ExprKind::For { body, .. } => vec![body],
            ExprKind::If { then, otherwise, .. } => std::iter::once(then).chain(otherwise).collect(),
            _ => Vec::new(),
        };
        // Only what is around the step is looked into.
        expr.span.start <= span.start
            && span.end <= expr.span.end
            && if blocks.is_empty() {
                expr.any_part(&mut |part| inside(part, unused, locals, span))
            } else {
                blocks.into_iter().any(|block| within(block, unused, locals, span))
            }
    }
    let checked = body(db, item);
    let of_let = |diag: &&Diag| diag.code == codes::UNUSED_LET.code;
    let unused: Vec<Span> =
        checked.diagnostics.iter().filter(of_let).map(|diag| diag.primary.place.span).collect();
    match checked.body.as_ref().map(|body| (&body.kind, &body.locals)) {
        Some((BodyKind::Flow { block, .. }, locals)) if !unused.is_empty() => {
            within(block, &unused, locals, span)
        }
        _ => false,
    }
}

/// How many entries each flow of a file is with all its sub-flows written out. Looked up, never iterated.
#[salsa::tracked(returns(ref))]
fn flow_sizes(db: &dyn Db, file: SourceFile) -> HashMap<ItemId, usize> {
    let flows = items(db, file).iter().copied().filter(|item| item.word(db) == ItemWord::Flow);
    lower::sizes(
        flows,
        |flow| flow_calls(db, flow).iter().map(|(callee, _)| *callee).collect(),
        |flow| (flow.file(db) != file).then(|| flow_size(db, flow)),
    )
}

/// How many entries a flow is with all its sub-flows written out.
pub(crate) fn flow_size(db: &dyn Db, flow: ItemId) -> usize {
    flow_sizes(db, flow.file(db)).get(&flow).copied().unwrap_or(0)
}

/// What a task or flow does by itself that cannot be run yet, and what it calls.
#[derive(Clone, PartialEq, Debug)]
struct Reach {
    later: Option<(&'static str, Span)>,
    callees: Box<[ItemId]>,
}

#[salsa::tracked(returns(ref))]
fn reach(db: &dyn Db, item: ItemId) -> Option<Reach> {
    let body = body(db, item).body.as_ref()?;
    Some(Reach { later: body.later(), callees: body.callees().into() })
}

/// Of the tasks and flows of a file, what each reaches that cannot be run yet. Looked up, never iterated.
#[salsa::tracked(returns(ref))]
fn laters(db: &dyn Db, file: SourceFile) -> HashMap<ItemId, (At, &'static str)> {
    let mut found = HashMap::new();
    let mut callers: HashMap<ItemId, Vec<ItemId>> = HashMap::new();
    let mut open = Vec::new();
    for item in items(db, file).iter().copied() {
        let Some(reach) = reach(db, item) else { continue };
        let own = reach.later.map(|(what, span)| ((item, span), what));
        let mut others = reach.callees.iter().filter(|callee| callee.file(db) != file);
        if let Some(known) = own.or_else(|| others.find_map(|callee| later(db, *callee))) {
            found.insert(item, known);
            open.push((item, known));
        }
        for callee in reach.callees.iter().filter(|callee| callee.file(db) == file) {
            callers.entry(*callee).or_default().push(item);
        }
    }
    while let Some((item, known)) = open.pop() {
        for caller in callers.get(&item).into_iter().flatten() {
            if let Entry::Vacant(entry) = found.entry(*caller) {
                entry.insert(known);
                open.push((*caller, known));
            }
        }
    }
    found
}

/// What a flow reaches that checks and cannot be run yet. Only of a program without errors: files that use each other would ask in a circle.
pub(crate) fn later(db: &dyn Db, item: ItemId) -> Option<(At, &'static str)> {
    laters(db, item.file(db)).get(&item).copied()
}

/// The checked program without lines: what is found in it stays true when its items move.
struct Bodies<'db>(&'db dyn Db);

impl Program for Bodies<'_> {
    fn body(&self, item: ItemId) -> Option<&Body> {
        body(self.0, item).body.as_ref()
    }

    fn name(&self, item: ItemId) -> Name {
        item.name(self.0).clone()
    }

    fn output(&self, item: ItemId) -> Ty {
        signature(self.0, item).output.clone()
    }

    fn definition(&self, item: ItemId) -> Ty {
        type_def(self.0, item).ty.clone()
    }

    fn size(&self, flow: ItemId) -> usize {
        flow_size(self.0, flow)
    }

    fn later(&self, flow: ItemId) -> Option<(At, &'static str)> {
        later(self.0, flow)
    }

    fn origin(&self, _: At) -> Origin {
        Origin { file: Name::default(), line: 0 }
    }

    fn base(&self, item: ItemId) -> Name {
        let base = item.file(self.0).path(self.0).parent();
        base.map_or_else(Name::default, |base| Name::from(base.to_string_lossy().as_ref()))
    }
}

/// Paths that are written out and stand for nothing. The world is asked each time: what it says may change without an edit.
fn missing_paths(db: &dyn Db, system: &dyn System, file: SourceFile) -> Vec<Diag> {
    let base = file.path(db).parent().unwrap_or_else(|| Path::new("/"));
    let mut found = Vec::new();
    for item in items(db, file).iter().filter(|item| {
        matches!(item.word(db), ItemWord::Task | ItemWord::Flow | ItemWord::Agent | ItemWord::Test)
    }) {
        let read = &step_order(db, *item).read;
        for literal in &body(db, *item).paths {
            let path = normalised(&base.join(literal.path.as_str()));
            let (wanted, expected) = match literal.kind {
                SourceKind::File | SourceKind::Read => (EntryKind::File, "a file"),
                SourceKind::Dir => (EntryKind::Dir, "a directory"),
                // A pattern that nothing matches is an empty list, unless a step further down makes what it matches.
                SourceKind::Glob => {
                    let folder = literal.path.split(['*', '?', '[', '{']).next().unwrap_or_default();
                    let folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
                    let later = read.iter().find(|read| read.span == literal.place.span);
                    if let Some(Some((span, name))) = later.map(|read| &read.later)
                        && !folder.is_empty()
                        && system.kind(&normalised(&base.join(folder))).is_none()
                    {
                        let writer = Place { anchor: Anchor::Item(*item), span: *span };
                        let moved = below(db, *item, literal.place.span, *span);
                        found.push(footprints::read_before_write(
                            literal.place,
                            &literal.path,
                            (writer, name),
                            moved,
                        ));
                    }
                    continue;
                }
                // The environment is no path.
                SourceKind::Env => continue,
            };
            let kind = system.kind(&path);
            if kind == Some(wanted) {
                continue;
            }
            let made = read.iter().find(|read| kind.is_none() && read.span == literal.place.span);
            if let Some(made) = made {
                // A step above makes it.
                let Some((writer, name)) = &made.later else { continue };
                let moved = below(db, *item, literal.place.span, *writer);
                let writer = Place { anchor: Anchor::Item(*item), span: *writer };
                found.push(footprints::read_before_write(
                    literal.place,
                    &literal.path,
                    (writer, name),
                    moved,
                ));
                continue;
            }
            let is = kind.map(|kind| match kind {
                EntryKind::File => "a file",
                EntryKind::Dir => "a directory",
            });
            found.push(files::missing_path(literal.place, &literal.path, expected, is));
        }
    }
    found
}

/// Of a path that is written out and stands for nothing, in whatever it is written: what stands beside it and is called nearly so.
fn near_path(db: &dyn Db, system: &dyn System, file: SourceFile, diag: Diag) -> Diag {
    let place = diag.primary.place;
    let Anchor::Item(item) = place.anchor else { return diag };
    if diag.code != codes::MISSING_FILE.code || item.file(db) != file {
        return diag;
    }
    let written = place.span.slice(item_text(db, item)).strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let near = written.and_then(|written| {
        let path = normalised(&file.path(db).parent()?.join(written));
        let name = path.file_name()?.to_string_lossy();
        let names = if system.kind(&path).is_none() { system.list(path.parent()?) } else { Vec::new() };
        flowc_base::nearest(&name, names.iter().map(String::as_str)).map(str::to_owned)
    });
    match written.zip(near) {
        Some((written, near)) => files::near_path(diag.clone(), place, written, &near),
        None => diag,
    }
}

/// Programs whose names are written out and that are nowhere; each is asked for once, in the order of their names.
fn missing_programs(db: &dyn Db, system: &dyn System, file: SourceFile) -> Vec<Diag> {
    if file.library(db) {
        return Vec::new();
    }
    let mut wanted: BTreeMap<&Name, Vec<Place>> = BTreeMap::new();
    for item in items(db, file).iter().filter(|item| item.word(db) == ItemWord::Task) {
        for program in &body(db, *item).programs {
            wanted.entry(&program.name).or_default().push(program.place);
        }
    }
    wanted.retain(|name, _| !system.has_program(name));
    if wanted.is_empty() {
        return Vec::new();
    }
    let known = system.programs();
    let missing = wanted.into_iter().flat_map(|(name, places)| {
        let near = flowc_base::nearest(name, known.iter().map(String::as_str));
        places.into_iter().map(move |place| programs::missing(place, name, near)).collect::<Vec<_>>()
    });
    missing.collect()
}
