//! The text of a shell line: where each spliced value stands in it, so that it can be quoted for its place, and what is wrong
//! with the text itself. It knows the shell's rules and nothing of flow: it sees pieces of text with holes between them.
//!
//! Two readers look at the text, with a harmless word in each hole. A scanner of our own ([`scan`]) follows quotes,
//! substitutions, here-documents, comments and `case` patterns, and says where the holes are; it errs on the side of refusing.
//! A parser of the whole shell language ([`syntax`]) then finds syntax errors.
mod canonical;
mod programs;
mod scan;
mod syntax;
#[cfg(test)]
mod tests;

use flowc_plan::Quoting;

pub use self::syntax::is_parsing_shell;

/// A piece of a shell text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Piece<'a> {
    /// The shell's own text.
    Text(&'a str),
    /// A value.
    Splice,
}

/// What is known of a shell text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Analysis {
    /// Of each splice, in order, where it stands.
    pub(crate) splices: Vec<Place>,
    /// What is wrong with the text, in its order. When there are errors, places after the first are guesses.
    pub(crate) errors: Vec<SyntaxError>,
    /// The programs that it runs, as far as they are written out.
    pub(crate) programs: Vec<Word>,
    /// The paths that it redirects from and to, as far as they are written out; whether they are written to.
    pub(crate) redirects: Vec<(Word, bool)>,
    /// Variables as arguments without quotes around them, each with the number of the splice whose value it was given.
    pub(crate) unquoted: Vec<(Word, usize)>,
    /// It goes to another directory: its relative paths may start anywhere.
    pub(crate) moves: bool,
    /// The form that its syntax gives it, as what stands around its splices; `None` where that is the text itself.
    pub(crate) form: Option<Vec<String>>,
}

impl Analysis {
    /// Of a text of which nothing but the places of its splices is known.
    fn unread(splices: Vec<Place>, errors: Vec<SyntaxError>) -> Self {
        Self {
            splices,
            errors,
            programs: Vec::new(),
            redirects: Vec::new(),
            unquoted: Vec::new(),
            moves: true,
            form: None,
        }
    }
}

/// A word of the shell's own text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Word {
    /// Which piece it is in.
    pub(crate) piece: usize,
    /// The byte in that piece's text.
    pub(crate) offset: u32,
    /// The word.
    pub(crate) text: String,
}

/// Where a splice stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Where a value can be written safely.
    Quoted {
        /// How it is to be written.
        quoting: Quoting,
        /// What a value that begins with `-` would be.
        dash: Dash,
        /// Whether it is a word of its own where several words may be, so that a list can stand there. Elsewhere its second
        /// element would be another word: behind an assignment, the command itself.
        several: bool,
    },
    /// Where no quoting is safe.
    Refused(Refusal),
}

/// What a value that begins with `-` is in a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dash {
    /// What any other is.
    Plain,
    /// An option.
    Option,
    /// An option by which the command runs what it is given, or any text would be the name of code to run.
    Code,
}

/// Why a value cannot stand in a place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Refusal {
    /// In the text of a here-document, whatever its tag.
    HereDocument,
    /// As the tag of a here-document.
    HereDocumentTag,
    /// In `$(( ))`, `(( ))`, `$[ ]`.
    Arithmetic,
    /// In what `eval`, `trap`, `let` or `sh -c` runs as code of a shell.
    Code,
    /// In `name[…]`, which shells with arrays evaluate.
    Subscript,
    /// In `[[ … -eq … ]]`, which evaluates its operands.
    Condition,
    /// In `${ }`.
    Expansion,
    /// In `` `…` ``.
    Backquotes,
    /// In `$'…'`.
    AnsiQuotes,
    /// In a comment.
    Comment,
    /// Right after a backslash.
    AfterBackslash,
    /// Right after a `$`.
    AfterDollar,
    /// Inside `"…"`, right after `$name`, whose name the value would lengthen.
    AfterVariable,
    /// A text where an option would make it code.
    Option,
    /// As the name of a variable, or where it is evaluated for one.
    Name,
    /// Behind text that shells read in different ways.
    Doubt,
    /// In the text of a shell that is none of ours.
    UnknownShell,
}

impl Refusal {
    /// "a value cannot stand …"
    pub(crate) fn place(self) -> &'static str {
        match self {
            Self::HereDocument => "in a here-document",
            Self::HereDocumentTag => "in the tag of a here-document",
            Self::Arithmetic => "in shell arithmetic",
            Self::Code => "in text that a shell runs as code",
            Self::Subscript => "in a subscript `[…]`",
            Self::Condition => "beside a comparison of numbers in `[[ ]]`",
            Self::Expansion => "inside `${ }`",
            Self::Backquotes => "inside backquotes",
            Self::AnsiQuotes => "inside `$'…'`",
            Self::Comment => "in a comment",
            Self::AfterBackslash => "right after a backslash",
            Self::AfterDollar => "right after `$`",
            Self::AfterVariable => "right after a variable inside `\"…\"`",
            Self::Option => "where an option could run it",
            Self::Name => "where the shell evaluates it for a variable",
            Self::Doubt => "behind text that shells read in different ways",
            Self::UnknownShell => "in the text of a shell whose quoting is not known",
        }
    }

    /// Why, and what to write instead.
    pub(crate) fn hint(self) -> &'static str {
        match self {
            Self::HereDocument => {
                "a line of the value could end the here-document: write `printf '%s\\n' {{…}}`, or give the text as `stdin`"
            }
            Self::HereDocumentTag => "write the tag out, and give the text as `stdin` when it holds values",
            Self::Arithmetic => {
                "arithmetic runs what it reads: compute the value in the flow, or assign an `Int` first, `n={{…}}`, and write `$n`"
            }
            Self::Code => {
                "quoting ends where the code is read again: write the code out and hand the value over, `sh -c '… \"$1\"' sh {{…}}`"
            }
            Self::Subscript => "the shell would evaluate it: assign an `Int` to a variable first, `i={{…}}`",
            Self::Condition => "`[[ ]]` evaluates numbers as code: write `[ … ]`",
            Self::Expansion => "assign it to a variable first: `v={{…}}`, then `${v}`",
            Self::Backquotes => "write `$(…)` instead of backquotes",
            Self::AnsiQuotes => "write it outside of the quotes, right beside them",
            Self::Comment => "a line end in the value would end the comment: leave it out",
            Self::AfterBackslash => {
                "the backslash would undo the quoting: leave it out, values need no escapes"
            }
            Self::AfterDollar => "leave out the `$`: a splice is the value itself; a literal dollar is `\\$`",
            Self::Option => "write `--` before it, a `./` at its beginning, or take it as a `File`",
            Self::Name => {
                "write the name out, and assign in a command of its own, `name={{…}}`, to a plain variable; of `printf`, write the format out"
            }
            Self::Doubt => "write what stands before it in a plainer way, or move it into a task of its own",
            Self::UnknownShell => "write `shell \"bash\"`, or use `script` and read `$FLOW_INPUTS`",
            Self::AfterVariable => "put the variable's name in braces: `${name}{{…}}`",
        }
    }
}

/// An error in the shell's own text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SyntaxError {
    /// Which piece it is in.
    pub(crate) piece: usize,
    /// The byte in that piece's text; 0 in a splice.
    pub(crate) offset: u32,
    /// One terse phrase.
    pub(crate) message: String,
    /// What to do, where that is known.
    pub(crate) hint: Option<&'static str>,
}

/// An error in the joined text, by byte.
struct Finding {
    at: usize,
    message: String,
    hint: Option<&'static str>,
}

/// The word that stands in for a value: letters only, so that it is a word wherever a word may be and ends none.
const STAND_IN: &str = "splice";

/// Looks at a shell text. `shell` is what `shell "…"` says: `sh`, `bash`. In a shell that is not like these, every splice is refused.
pub(crate) fn analyse(shell: &str, pieces: &[Piece<'_>]) -> Analysis {
    let mut text = String::new();
    let mut starts = Vec::with_capacity(pieces.len());
    let mut holes = Vec::new();
    for piece in pieces {
        starts.push(text.len());
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Splice => {
                holes.push(text.len());
                text.push_str(STAND_IN);
            }
        }
    }
    if !is_known(shell) {
        return Analysis::unread(vec![Place::Refused(Refusal::UnknownShell); holes.len()], Vec::new());
    }
    let scan = scan::scan(shell, &text, &holes);
    let form = canonical::form(shell, &text, &holes, &scan);
    let scan::Scan { splices, mut findings, commands, opaque, programs, redirects, unquoted, .. } = scan;
    if findings.is_empty() {
        findings.extend(syntax::check(shell, &text, &commands, &opaque));
    }
    findings.sort_by_key(|finding| finding.at);
    let place = |at: usize| {
        let piece = starts.partition_point(|&start| start <= at).saturating_sub(1);
        let inside = match pieces.get(piece) {
            Some(Piece::Text(part)) => (at - starts[piece]).min(part.len()),
            _ => 0,
        };
        (piece, u32::try_from(inside).unwrap_or(u32::MAX))
    };
    let errors: Vec<SyntaxError> = findings
        .into_iter()
        .map(|Finding { at, message, hint }| {
            let (piece, offset) = place(at);
            SyntaxError { piece, offset, message, hint }
        })
        .collect();
    // Behind an error words are guesses.
    if !errors.is_empty() {
        return Analysis::unread(splices, errors);
    }
    let word = |range: std::ops::Range<usize>| {
        let (piece, offset) = place(range.start);
        Word { piece, offset, text: text[range].to_owned() }
    };
    let moves = programs.iter().any(|range| matches!(&text[range.clone()], "cd" | "pushd" | "popd"));
    let programs = programs::looked_for(&text, programs).into_iter().map(word).collect();
    let redirects = redirects.into_iter().map(|(range, writes)| (word(range), writes)).collect();
    let unquoted = unquoted.into_iter().map(|(range, hole)| (word(range), hole)).collect();
    Analysis { splices, errors, programs, redirects, unquoted, moves, form }
}

/// Whether the shell reads text as POSIX sh and bash do. In others (fish, csh) no quoting is known to be safe.
pub(crate) fn is_known(shell: &str) -> bool {
    matches!(shell.rsplit('/').next(), Some("sh" | "bash" | "dash" | "ash" | "ksh" | "mksh" | "zsh"))
}
