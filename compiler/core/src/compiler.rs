//! The facade: files in, a report or a plan out. It feeds the database, gathers what the queries found, asks the world which paths exist,
//! and is the only place where places become absolute.
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use flowc_base::{Diagnostic, FileId, LineIndex, Location, Name, Severity, Span};
use flowc_plan::{Plan, Type};
use rayon::prelude::*;

use crate::check::{body, check_root};
use crate::db::{Anchor, Database, Diag, ItemId, ItemWord, Place, SourceFile, normalised};
use crate::diagnostics::params as d;
use crate::findings::{self, has_errors, unread_steps};
use crate::items::{items, locate};
use crate::levels::Levels;
use crate::lower::{self, Types, plan_type};
use crate::mend::{self, Mender};
use crate::params::{ArgError, Args, Wanted, bind, not_there};
use crate::program::Checked;
use crate::resolve::program;
use crate::stack::{self, deep};
use crate::types::signature::signature;
use crate::{System, allow, optimise};

/// The files that a report mentions.
#[derive(Clone, Debug, Default)]
pub struct Files(Vec<FileText>);

#[derive(Clone, Debug)]
struct FileText {
    path: PathBuf,
    text: Arc<str>,
    /// Made when it is first asked for.
    lines: OnceLock<LineIndex>,
}

impl Files {
    /// The path of a file: absolute; `std.text` for one of the library.
    #[must_use]
    pub fn path(&self, file: FileId) -> Option<&Path> {
        self.0.get(file.0 as usize).map(|file| file.path.as_path())
    }

    /// Its text; empty when it could not be read.
    #[must_use]
    pub fn text(&self, file: FileId) -> Option<&str> {
        self.0.get(file.0 as usize).map(|file| &*file.text)
    }

    /// All of them: path and text.
    pub fn all(&self) -> impl Iterator<Item = (&Path, &str)> {
        self.0.iter().map(|file| (file.path.as_path(), &*file.text))
    }

    /// Where the lines of its text start.
    #[must_use]
    pub fn lines(&self, file: FileId) -> Option<&LineIndex> {
        self.0.get(file.0 as usize).map(|file| file.lines.get_or_init(|| LineIndex::new(&file.text)))
    }
}

/// What there is to say about a program.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Sorted by place, none twice.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that they point into.
    pub files: Files,
}

impl Report {
    /// Whether the program means nothing.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// What is to be known of a flow in order to run it.
#[derive(Clone, Debug)]
pub struct FlowInfo {
    /// Its name.
    pub name: Name,
    /// Its documentation.
    pub docs: String,
    /// Its parameters, in order.
    pub params: Vec<ParamInfo>,
    /// The type of its value.
    pub output: Type,
    /// Warnings.
    pub report: Report,
}

/// A parameter of a flow.
#[derive(Clone, Debug)]
pub struct ParamInfo {
    /// Its name.
    pub name: Name,
    /// Its documentation.
    pub docs: String,
    /// Its type.
    pub ty: Type,
    /// Its default as it is written; `None` when it must be given.
    pub default: Option<String>,
}

/// A program that can be run.
#[derive(Clone, Debug)]
pub struct Planned {
    /// What is to be done.
    pub plan: Plan,
    /// Warnings.
    pub report: Report,
}

/// The compiler: a database over the files that it was asked about. Asked again, it does again only what an edit touched.
pub struct Compiler {
    pub(crate) db: Database,
    pub(crate) system: Arc<dyn System>,
    fresh: bool,
    levels: Levels,
}

/// Fewer items than this are checked faster than threads are started.
const PARALLEL_ITEMS_MIN: usize = 256;

impl Compiler {
    /// A compiler with the library, and no program yet.
    #[must_use]
    pub fn new(system: Arc<dyn System>) -> Self {
        Self { db: Database::new(Arc::clone(&system)), system, fresh: true, levels: Levels::default() }
    }

    /// A compiler over a handle of a database that somebody else keeps up to date.
    pub(crate) fn over(db: Database, system: Arc<dyn System>) -> Self {
        Self { db, system, fresh: false, levels: Levels::default() }
    }

    /// Says from now on how bad what is. It changes reports and what may be planned, and checks nothing again.
    pub fn set_levels(&mut self, levels: Levels) {
        self.levels = levels;
    }

    /// Checks files and all that they use.
    pub fn check(&mut self, files: &[PathBuf]) -> Report {
        deep(|| self.check_here(files))
    }

    fn check_here(&mut self, files: &[PathBuf]) -> Report {
        let sources = self.sources(files);
        let found = self.gather(&sources, true);
        self.report_whole(&sources, found)
    }

    /// Says that the text of a file may have changed, for those who ask [`Compiler::diagnose`]. An absolute path.
    pub fn edited(&mut self, file: &Path) {
        self.db.reread(&normalised(file));
    }

    /// What there is to say about one file and not about those that it uses, all texts being as they were when they were last read: the check
    /// of an editor, after each edit. An absolute path.
    pub fn diagnose(&mut self, file: &Path) -> Report {
        deep(|| self.diagnose_here(file))
    }

    fn diagnose_here(&mut self, file: &Path) -> Report {
        self.diagnose_file(crate::db::Db::source(&self.db, &normalised(file)))
    }

    /// As [`Compiler::diagnose`], on a thread whose stack is deep already.
    pub(crate) fn diagnose_file(&self, file: SourceFile) -> Report {
        let found = findings::of_file(&self.db, &*self.system, file, true);
        if findings::is_clean(&self.db, file) {
            self.report_whole(&[file], found)
        } else {
            self.report(&[file], found)
        }
    }

    /// What a flow of a file takes and gives; `None` for `main`.
    ///
    /// # Errors
    /// The report, when the program has errors or no such flow.
    pub fn flow(&mut self, file: &Path, flow: Option<&str>) -> Result<FlowInfo, Report> {
        deep(|| self.flow_here(file, flow))
    }

    fn flow_here(&mut self, file: &Path, flow: Option<&str>) -> Result<FlowInfo, Report> {
        let (sources, item, found) = self.checked_flow(file, flow)?;
        let program = self.program();
        let signature = signature(&self.db, item);
        let params = signature
            .params
            .iter()
            .enumerate()
            .map(|(at, param)| ParamInfo {
                name: param.name.clone(),
                docs: param.docs.to_string(),
                ty: plan_type(&program, &param.ty).0,
                default: self.default_text(item, at),
            })
            .collect();
        let output = plan_type(&program, &signature.output).0;
        let (name, docs) = (item.name(&self.db).clone(), signature.docs.to_string());
        Ok(FlowInfo { name, docs, params, output, report: self.report(&sources, found) })
    }

    /// The plan of a flow with its arguments; `None` for `main`.
    ///
    /// # Errors
    /// The report, when the program has errors (also by its levels), no such flow, or the arguments do not fit.
    pub fn plan(&mut self, file: &Path, flow: Option<&str>, args: &Args) -> Result<Planned, Report> {
        deep(|| self.plan_here(file, flow, args))
    }

    fn plan_here(&mut self, file: &Path, flow: Option<&str>, args: &Args) -> Result<Planned, Report> {
        let (sources, item, mut found) = self.checked_flow(file, flow)?;
        let program = self.program();
        let mut types = Types::default();
        let signature = signature(&self.db, item);
        let wanted: Vec<Wanted> = signature
            .params
            .iter()
            .map(|param| Wanted {
                name: param.name.clone(),
                ty: types.lower(&program, &param.ty),
                has_default: param.has_default,
            })
            .collect();
        let (given, errors) = bind(&wanted, &types.named, args);
        if !errors.is_empty() {
            found.extend(errors.iter().map(|error| self.argument_error(item, &wanted, error)));
            return Err(self.report(&sources, found));
        }
        let base = normalised(&self.system.current_dir().join(&args.base));
        let errors = not_there(&given, &|path| self.system.kind(&base.join(path)));
        if !errors.is_empty() {
            found.extend(errors.iter().map(|error| self.argument_error(item, &wanted, error)));
            return Err(self.report(&sources, found));
        }
        let base = Name::from(base.to_string_lossy().as_ref());
        // A run that would not keep to its own limits is none.
        let own = sources.iter().flat_map(|file| items(&self.db, *file));
        if let Some(settings) = own.copied().find(|item| item.word(&self.db) == ItemWord::Settings) {
            let place = crate::items::keyword_place(&self.db, settings);
            found.push(d::obstacle(place, lower::Obstacle::Later("`settings`")));
            return Err(self.report(&sources, found));
        }
        match Self::lower(&self.program(), item, given, &base) {
            Ok((plan, warnings)) => {
                found.extend(warnings.into_iter().filter(|diag| match diag.primary.place {
                    Place { anchor: Anchor::Item(item), span } => !findings::is_said(&self.db, (item, span)),
                    Place { .. } => true,
                }));
                let report = self.report(&sources, found);
                if report.has_errors() { Err(report) } else { Ok(Planned { plan, report }) }
            }
            Err(error) => {
                found.push(*error);
                Err(self.report(&sources, found))
            }
        }
    }

    /// The files as inputs, all known ones read anew.
    fn sources(&mut self, files: &[PathBuf]) -> Vec<SourceFile> {
        // What was just read for the first time need not be read again.
        if !std::mem::replace(&mut self.fresh, false) {
            self.db.refresh();
        }
        let here = self.system.current_dir();
        files.iter().map(|file| crate::db::Db::source(&self.db, &normalised(&here.join(file)))).collect()
    }

    /// The flow to run, of a program without errors.
    fn checked_flow(
        &mut self,
        file: &Path,
        flow: Option<&str>,
    ) -> Result<(Vec<SourceFile>, ItemId, Vec<Diag>), Report> {
        let sources = self.sources(&[file.to_owned()]);
        let mut found = self.gather(&sources, false);
        let wanted = flow.unwrap_or("main");
        let root = sources.first().copied();
        let flows: Vec<ItemId> = root
            .iter()
            .flat_map(|file| items(&self.db, *file).iter().copied())
            .filter(|item| item.word(&self.db) == ItemWord::Flow)
            .collect();
        let item = flows.iter().find(|item| item.name(&self.db).as_str() == wanted).copied();
        if let (None, Some(file), true) = (item, root, root.is_some_and(|file| file.text(&self.db).is_ok())) {
            let place = Place { anchor: Anchor::File(file), span: Span::default() };
            let names: Vec<&str> = flows.iter().map(|item| item.name(&self.db).as_str()).collect();
            found.push(d::unknown_flow(place, wanted, &names));
        }
        match item {
            Some(item) if !has_errors(&found) => Ok((sources, item, found)),
            _ => Err(self.report(&sources, found)),
        }
    }

    /// What was found in the files and in all that they use; what is unread only in the files themselves, and only without errors.
    fn gather(&self, sources: &[SourceFile], unread: bool) -> Vec<Diag> {
        let files = program(&self.db, sources);
        self.check_bodies(&files);
        let of_file = |file: &SourceFile| findings::of_file(&self.db, &*self.system, *file, false);
        let mut found: Vec<Diag> = files.iter().flat_map(of_file).collect();
        found.extend(sources.iter().flat_map(|root| check_root(&self.db, *root)).cloned());
        if unread && !has_errors(&found) {
            found.extend(sources.iter().flat_map(|file| unread_steps(&self.db, *file)).cloned());
        }
        found
    }

    /// Checks many bodies side by side, each thread with a handle of its own; what the queries give stays in the database.
    fn check_bodies(&self, files: &[SourceFile]) {
        let all: Vec<ItemId> = files
            .iter()
            .flat_map(|file| items(&self.db, *file).iter().copied())
            .filter(|item| matches!(item.word(&self.db), ItemWord::Task | ItemWord::Flow | ItemWord::Test))
            .collect();
        if all.len() >= PARALLEL_ITEMS_MIN
            && let Some(pool) = stack::pool()
        {
            let db = self.db.clone();
            pool.install(|| {
                all.par_iter().for_each_with(db, |db, item| {
                    body(db, *item);
                });
            });
        }
    }

    fn program(&self) -> Checked<'_> {
        Checked::new(&self.db, self.system.current_dir())
    }

    /// Writes a flow out and optimises it: the plan with its warnings, or what stands in the way.
    fn lower(
        program: &Checked<'_>,
        flow: ItemId,
        given: Vec<Option<lower::Given>>,
        base: &Name,
    ) -> Result<(Plan, Vec<Diag>), Box<Diag>> {
        let place = |(item, span)| Place { anchor: Anchor::Item(item), span };
        let draft = lower::lower(program, flow, given, base)
            .map_err(|(at, obstacle)| Box::new(d::obstacle(place(at), obstacle)))?;
        let (plan, unread) = optimise::optimise(draft);
        Ok((plan, unread.into_iter().map(|at| d::unread_step(place(at))).collect()))
    }

    fn argument_error(&self, flow: ItemId, wanted: &[Wanted], error: &ArgError) -> Diag {
        let signature = signature(&self.db, flow);
        let place = |index: usize| {
            let span = signature.params.get(index).map_or(signature.name_span, |param| param.span);
            Place { anchor: Anchor::Item(flow), span }
        };
        let param = |index: usize| wanted.get(index).map_or("", |param| param.name.as_str());
        match error {
            ArgError::Missing { index } => {
                let ty = wanted.get(*index).map(|param| param.ty.to_string()).unwrap_or_default();
                d::missing_parameter(place(*index), param(*index), &ty)
            }
            ArgError::Unknown { name } => {
                let names: Vec<&str> = wanted.iter().map(|param| param.name.as_str()).collect();
                let place = Place { anchor: Anchor::Item(flow), span: signature.name_span };
                d::unknown_parameter(place, flow.name(&self.db), name, &names)
            }
            ArgError::Twice { index } => d::parameter_twice(place(*index), param(*index)),
            ArgError::Bad { index, error } => {
                d::bad_argument(place(*index), param(*index), &error.path, &error.expected, &error.found)
            }
        }
    }

    /// The default of a parameter, as the program writes it.
    fn default_text(&self, flow: ItemId, at: usize) -> Option<String> {
        let tree = crate::items::parse(&self.db, flow).item.as_ref()?;
        let flowc_grammar::ast::ItemKind::Flow(tree) = &tree.kind else { return None };
        let default = tree.params.get(at)?.default.as_ref()?;
        Some(default.span.slice(crate::items::item_text(&self.db, flow)).to_owned())
    }

    /// The report of a look at one flow: a comment that silences nothing there may silence something elsewhere.
    fn report(&self, sources: &[SourceFile], found: Vec<Diag>) -> Report {
        let program = program(&self.db, sources);
        let found = allow::silenced(&self.db, &program, found);
        self.told(&program, found)
    }

    /// The report of a look at everything in `sources`.
    fn report_whole(&self, sources: &[SourceFile], found: Vec<Diag>) -> Report {
        let program = program(&self.db, sources);
        let found = allow::silenced_and_unused(&self.db, &program, sources, found);
        self.told(&program, found)
    }

    /// Levels applied, places made absolute, sorted, each diagnostic once.
    fn told(&self, program: &[SourceFile], found: Vec<Diag>) -> Report {
        let mut files = Numbered::default();
        for file in program {
            files.number(&self.db, *file);
        }
        let mut mender = Mender::new(&self.db, self.db.sources());
        let mut diagnostics: Vec<Diagnostic> = found
            .into_iter()
            .filter_map(|diag| {
                let severity = self.levels.severity(&diag)?;
                Some(Diag { severity, ..diag })
            })
            .map(|diag| {
                let mut diag = mender.complete(diag).map_places(|place| {
                    let (file, span) = locate(&self.db, place);
                    Location { file: files.number(&self.db, file), span }
                });
                mend::tidy(&mut diag, &files.files);
                diag
            })
            .collect();
        diagnostics.sort_by(|a, b| {
            let key = |d: &Diagnostic| (d.primary.place, d.severity, d.code);
            key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
        });
        let mut seen = BTreeSet::new();
        diagnostics.retain(|d| seen.insert((d.primary.place, d.code, d.message.clone())));
        Report { diagnostics, files: files.files }
    }
}

/// Files with the numbers that places name them by, in the order in which they were asked for.
#[derive(Default)]
struct Numbered {
    files: Files,
    numbers: HashMap<SourceFile, FileId>,
}

impl Numbered {
    fn number(&mut self, db: &Database, file: SourceFile) -> FileId {
        if let Some(number) = self.numbers.get(&file) {
            return *number;
        }
        let number = FileId(u32::try_from(self.files.0.len()).unwrap_or(u32::MAX));
        let text = file.text(db).as_ref().map_or_else(|_| Arc::from(""), Arc::clone);
        self.files.0.push(FileText { path: file.path(db).clone(), text, lines: OnceLock::new() });
        self.numbers.insert(file, number);
        number
    }
}
