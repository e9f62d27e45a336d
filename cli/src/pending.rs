//! The facades of the compiler and the engine as they will be, until they land. It does nothing.
#![allow(dead_code, reason = "until the facades land")]

pub(crate) mod compiler {
    //! `flowc_compiler`'s facade.
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use flowc_base::{Diagnostic, FileId};
    use flowc_compiler::System;

    #[derive(Default, Debug, Clone)]
    pub(crate) struct Files(pub(crate) Vec<(PathBuf, Arc<str>)>);
    impl Files {
        pub(crate) fn path(&self, file: FileId) -> Option<&Path> {
            self.0.get(file.0 as usize).map(|(path, _)| path.as_path())
        }
        pub(crate) fn text(&self, file: FileId) -> Option<&str> {
            self.0.get(file.0 as usize).map(|(_, text)| &**text)
        }
    }
    #[derive(Default, Debug, Clone)]
    pub(crate) struct Report {
        pub(crate) diagnostics: Vec<Diagnostic>,
        pub(crate) files: Files,
    }
    #[derive(Debug, Clone)]
    pub(crate) struct ParamInfo {
        pub(crate) name: flowc_base::Name,
        pub(crate) docs: String,
        pub(crate) ty: flowc_plan::Type,
        pub(crate) default: Option<String>,
    }
    #[derive(Debug, Clone)]
    pub(crate) struct FlowInfo {
        pub(crate) name: flowc_base::Name,
        pub(crate) docs: String,
        pub(crate) params: Vec<ParamInfo>,
        pub(crate) output: flowc_plan::Type,
        pub(crate) report: Report,
    }
    #[derive(Debug, Clone)]
    pub(crate) enum Arg {
        Typed(String),
        Json(serde_json::Value),
    }
    #[derive(Debug, Clone)]
    pub(crate) struct Args {
        pub(crate) given: Vec<(String, Arg)>,
        pub(crate) base: PathBuf,
    }
    pub(crate) struct Planned {
        pub(crate) plan: flowc_plan::Plan,
        pub(crate) report: Report,
    }
    pub(crate) struct Compiler;
    impl Compiler {
        pub(crate) fn new(_: Arc<dyn System>) -> Self {
            Self
        }
        pub(crate) fn check(&mut self, _: &[PathBuf]) -> Report {
            Report::default()
        }
        pub(crate) fn flow(&mut self, _: &Path, _: Option<&str>) -> Result<FlowInfo, Report> {
            Err(Report::default())
        }
        pub(crate) fn plan(&mut self, _: &Path, _: Option<&str>, _: &Args) -> Result<Planned, Report> {
            Err(Report::default())
        }
    }
}

impl crate::render::Sources for compiler::Files {
    fn source(&self, file: flowc_base::FileId) -> Option<(&std::path::Path, &str)> {
        Some((self.path(file)?, self.text(file)?))
    }
}
