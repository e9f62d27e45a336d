//! `flowc run FILE --help`, and of `plan`: what a flow takes and gives, from its doc comments. It parses no arguments.
use std::fmt::Write as _;

use flowc_plan::Type;

use crate::flow_args::shown;
use crate::target::Target;
use flowc_compiler::{FlowInfo, ParamInfo};

/// The help of a flow, for `run` or `plan`.
pub(crate) fn help(target: &Target, flow: &FlowInfo, command: &str) -> String {
    let mut text = String::new();
    let docs = flow.docs.trim();
    if !docs.is_empty() {
        let _ = writeln!(text, "{docs}\n");
    }
    let required: String = flow
        .params
        .iter()
        .filter(|param| param.default.is_none())
        .map(|param| format!(" {}", option(param)))
        .collect();
    let optional = if flow.params.iter().any(|param| param.default.is_some()) { " [PARAMETERS]" } else { "" };
    let _ = writeln!(text, "Usage: flowc {command} [OPTIONS] {}{required}{optional}", target.typed());
    if flow.params.is_empty() {
        let _ = writeln!(text, "\nThe flow `{}` takes no parameters.", flow.name);
    } else {
        text.push_str("\nParameters:\n");
        for param in &flow.params {
            describe(&mut text, param);
        }
    }
    if flow.output != Type::Unit {
        let _ = writeln!(text, "\nResult: {}", flow.output);
    }
    let _ = writeln!(
        text,
        "\nOptions of flowc itself stand before the file; `flowc {command} --help` lists them."
    );
    text
}

/// `--lines <Int>`, `--dry-run`
fn option(param: &ParamInfo) -> String {
    let name = shown(&param.name);
    match param.ty {
        Type::Bool => format!("--{name}"),
        _ => format!("--{name} <{}>", param.ty),
    }
}

fn describe(text: &mut String, param: &ParamInfo) {
    let _ = writeln!(text, "  {}", option(param));
    for line in param.docs.trim().lines() {
        let _ = writeln!(text, "{}", format!("          {line}").trim_end());
    }
    let _ = match &param.default {
        Some(default) => writeln!(text, "          [default: {default}]"),
        None => writeln!(text, "          [required]"),
    };
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn everything_that_is_known_of_a_flow() {
        let param = |name: &str, docs: &str, ty, default: Option<&str>| ParamInfo {
            name: name.into(),
            docs: docs.to_owned(),
            ty,
            default: default.map(str::to_owned),
        };
        let flow = FlowInfo {
            name: "main".into(),
            docs: "Count words.\n\nIn parallel.".to_owned(),
            params: vec![
                param("book", "The text.", Type::File, None),
                param(
                    "chunk_lines",
                    "Lines in a chunk.\n\nMore is faster.",
                    Type::Int(Some((1, 9))),
                    Some("5"),
                ),
                param("fast", "", Type::Bool, Some("false")),
            ],
            output: Type::Int(None),
            report: Default::default(),
        };
        let target = Target { file: "words.flow".into(), flow: None };
        expect![[r#"
            Count words.

            In parallel.

            Usage: flowc run [OPTIONS] words.flow --book <File> [PARAMETERS]

            Parameters:
              --book <File>
                      The text.
                      [required]
              --chunk-lines <Int(1..9)>
                      Lines in a chunk.

                      More is faster.
                      [default: 5]
              --fast
                      [default: false]

            Result: Int

            Options of flowc itself stand before the file; `flowc run --help` lists them.
        "#]]
        .assert_eq(&help(&target, &flow, "run"));
    }
}
