//! The command line as it is typed: one place for every option, its help and its default. It resolves nothing and touches no file.
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::level_args::LevelArgs;

/// Declarative dataflow: check .flow files, run what can run side by side, keep every result.
#[derive(Parser, Debug)]
#[command(
    name = "flowc",
    version,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  flowc run words.flow                     run the flow `main` of a file
  flowc run words.flow --book other.txt    the flow's own parameters stand after the file
  flowc run words.flow --help              what the flow takes and gives
  flowc check *.flow                       find what is wrong before anything runs
  flowc fmt .                              write all programs here in the one style
  flowc resume                             go on with the last run that did not finish

Exit codes:
  0 done · 1 a step failed · 2 the program or the call is wrong · 3 the environment failed
  70 a bug of flowc · 130 stopped by Ctrl-C (129 by HUP, 143 by TERM)"
)]
pub(crate) struct Cli {
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Colour,

    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// When to use colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

/// The subcommands.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Find what is wrong with programs, without running anything
    Check(CheckArgs),
    /// Write programs in the one style
    Fmt(FmtArgs),
    /// Run a flow: what can run side by side does, what is known already is found
    Run(RunArgs),
    /// Go on with a run that did not finish
    Resume(ResumeArgs),
    /// Show what a run would do: which steps, in which order, which are found, and why
    Plan(PlanArgs),
    /// List the runs of this project, the newest first
    Runs(RunsArgs),
    /// Explain an error by its code
    Explain(ExplainArgs),
    /// Serve an editor: the language server, over standard input and output
    Lsp(LspArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

impl Command {
    /// Whether the standard output is to hold a JSON document, whatever happens.
    pub(crate) fn wants_json(&self) -> bool {
        match self {
            Self::Check(args) => args.format == CheckFormat::Json,
            Self::Run(args) => args.output.json,
            Self::Resume(args) => args.output.json,
            Self::Plan(args) => args.format == PlanFormat::Json,
            Self::Runs(args) => args.json,
            Self::Fmt(_) | Self::Explain(_) | Self::Lsp(_) | Self::Completions(_) => false,
        }
    }
}

/// `flowc lsp`
#[derive(Args, Debug)]
#[command(after_help = "\
An editor starts this and speaks the Language Server Protocol with it; nothing is to be typed.
The book has a page on how each editor is set up.

Exits with 0 when the editor says goodbye in order (`shutdown`, then `exit`), with 1 when it does not.")]
pub(crate) struct LspArgs {
    /// Taken for editors that pass it; there is no other way to speak
    #[arg(long)]
    pub(crate) stdio: bool,
}

/// `flowc check`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  flowc check words.flow
  flowc check --format concise flows/*.flow    one line for each, FILE:LINE:COLUMN first
  flowc check --fix words.flow                 mend what a machine can mend
  flowc check --fix=maybe --dry-run words.flow show what could be mended, as a diff
  flowc check --deny warnings words.flow       for a build: warnings fail it
  flowc check - < words.flow                   the standard input

Problems are drawn on the standard error; all other formats are printed to the standard output.
Exits with 0 without errors (warnings do not count), with 2 with errors.")]
pub(crate) struct CheckArgs {
    /// The files to check, `-` for the standard input; files that they use are checked with them
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// How to show what is found
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub(crate) format: CheckFormat,

    /// Mend the named files: `always` what is certainly meant, `maybe` also what is probably meant
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "always")]
    pub(crate) fix: Option<FixWhich>,

    /// With `--fix`: print what would change as a diff, and write nothing
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) levels: LevelArgs,
}

/// How `flowc check` shows problems.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum CheckFormat {
    /// The lines of the program with their problems drawn in
    Full,
    /// One line for each problem
    Concise,
    /// One JSON document
    Json,
    /// Workflow commands of GitHub, a line for each problem
    Github,
    /// A SARIF 2.1.0 document, for code scanning
    Sarif,
}

/// Which fixes are applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum FixWhich {
    /// Those that are certainly what is meant
    Always,
    /// Also those that are probably what is meant: look at what they change
    Maybe,
}

/// `flowc fmt`
#[derive(Args, Debug)]
#[command(
    override_usage = "flowc fmt [--check] FILE|DIR...\n       flowc fmt [--check] --stdin",
    after_help = "\
Examples:
  flowc fmt words.flow            write a file in the one style, if it is not
  flowc fmt .                     all .flow files here and below, hidden ones left out
  flowc fmt --check .             only say which files differ, and how
  flowc fmt --stdin < a.flow      from the standard input to the standard output, as editors do

What a program says stays the same: comments keep their places, texts every byte.
A file with syntax errors stays as it is. Files that differ are listed on the standard
output, one a line; everything else goes to the standard error.

Exits with 0 when all is in the style now, with 1 when `--check` found a difference,
with 2 on a syntax error."
)]
pub(crate) struct FmtArgs {
    /// Files, and directories whose .flow files are meant
    #[arg(required_unless_present = "stdin", conflicts_with = "stdin", value_name = "FILE|DIR")]
    pub(crate) paths: Vec<PathBuf>,

    /// Write nothing: list the files that differ, and show how
    #[arg(long)]
    pub(crate) check: bool,

    /// Read a program from the standard input and print it in the one style
    #[arg(long)]
    pub(crate) stdin: bool,
}

/// `flowc run`
#[derive(Args, Debug)]
#[command(
    override_usage = "flowc run [OPTIONS] FILE[:FLOW] [--PARAMETER VALUE]...",
    after_help = "\
Examples:
  flowc run words.flow                              the flow `main`, with its defaults
  flowc run -j8 words.flow --book other.txt         options before the file, parameters after it
  flowc run words.flow:count --lines=5 --verbose    another flow; a `Bool` needs no value
  flowc run --params in.json --json words.flow      parameters from a file, the result as JSON
  flowc run words.flow --help                       what the flow takes, from its doc comments

The result is printed to the standard output: a scalar as text, anything else as JSON, files as the
paths under the directory `--out` where they are put. Everything else goes to the standard error."
)]
pub(crate) struct RunArgs {
    /// How many steps run side by side [default: the number of cores]
    #[arg(short, long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) jobs: Option<u32>,

    /// Take the flow's parameters from a JSON file; those on the command line come before them
    #[arg(long, value_name = "FILE")]
    pub(crate) params: Option<PathBuf>,

    /// Where the flow's files and directories are put
    #[arg(long, value_name = "DIR", default_value = "out")]
    pub(crate) out: PathBuf,

    /// Run every step, also those whose results are known
    #[arg(long)]
    pub(crate) fresh: bool,

    /// After a failure, run everything that does not need what failed
    #[arg(long)]
    pub(crate) keep_going: bool,

    #[command(flatten)]
    pub(crate) levels: LevelArgs,

    #[command(flatten)]
    pub(crate) store: StoreArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    /// The program, the flow in it (default: `main`), and the flow's own parameters
    #[arg(required = true, trailing_var_arg = true, value_name = "FILE[:FLOW]")]
    pub(crate) program: Vec<std::ffi::OsString>,
}

/// Where results are kept.
#[derive(Args, Debug)]
pub(crate) struct StoreArgs {
    /// Where results and runs are kept [default: `.flow` in the nearest directory above the file that has a `.flow` or a `.git`, else beside the file]
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
}

/// What is shown of a run.
#[derive(Args, Debug)]
pub(crate) struct OutputArgs {
    /// Show nothing but the result, warnings and errors
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Print the result, or what failed, as one JSON document
    #[arg(long)]
    pub(crate) json: bool,

    /// Write what happens to a file, as JSON lines
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
}

/// `flowc resume`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  flowc resume                the last run that did not finish
  flowc resume words-k3f9     a run by its name; `flowc runs` lists them

What was finished is found, never run again. The parameters, the program and `--out` are those the run was started with.")]
pub(crate) struct ResumeArgs {
    /// The run [default: the last one that did not finish]
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<String>,

    /// How many steps run side by side [default: the number of cores]
    #[arg(short, long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) jobs: Option<u32>,

    /// Where the flow's files and directories are put [default: where the run was to put them]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// After a failure, run everything that does not need what failed
    #[arg(long)]
    pub(crate) keep_going: bool,

    #[command(flatten)]
    pub(crate) store: StoreHereArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Where results are kept, for commands that name no file.
#[derive(Args, Debug)]
pub(crate) struct StoreHereArgs {
    /// Where results and runs are kept [default: `.flow` in the nearest directory upwards from here that has a `.flow` or a `.git`]
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
}

/// `flowc plan`
#[derive(Args, Debug)]
#[command(
    override_usage = "flowc plan [OPTIONS] FILE[:FLOW] [--PARAMETER VALUE]...",
    after_help = "\
Examples:
  flowc plan words.flow                             a line for each step, in the order of starting
  flowc plan --format dot words.flow | dot -Tsvg    a picture
  flowc plan --format json words.flow --lines 5     for programs

Nothing runs. Files that the flow names are read, to know which results are there."
)]
pub(crate) struct PlanArgs {
    /// How to show it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: PlanFormat,

    /// Take the flow's parameters from a JSON file; those on the command line come before them
    #[arg(long, value_name = "FILE")]
    pub(crate) params: Option<PathBuf>,

    /// As if every step had to run
    #[arg(long)]
    pub(crate) fresh: bool,

    #[command(flatten)]
    pub(crate) levels: LevelArgs,

    #[command(flatten)]
    pub(crate) store: StoreArgs,

    /// The program, the flow in it (default: `main`), and the flow's own parameters
    #[arg(required = true, trailing_var_arg = true, value_name = "FILE[:FLOW]")]
    pub(crate) program: Vec<std::ffi::OsString>,
}

/// How `flowc plan` shows a plan.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum PlanFormat {
    /// Lines
    Text,
    /// One JSON document
    Json,
    /// A graph for Graphviz
    Dot,
}

/// `flowc runs`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  flowc runs
  flowc runs --json")]
pub(crate) struct RunsArgs {
    /// Print one JSON document
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) store: StoreHereArgs,
}

/// `flowc explain`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  flowc explain unknown-name    what the error is, an example, and how to mend it
  flowc explain                 all codes")]
pub(crate) struct ExplainArgs {
    /// The code, as in `error[CODE]`
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

/// `flowc completions`
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  flowc completions bash > ~/.local/share/bash-completion/completions/flowc
  flowc completions zsh > ~/.zfunc/_flowc
  flowc completions fish > ~/.config/fish/completions/flowc.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}
