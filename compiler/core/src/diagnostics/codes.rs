//! The table of all codes: each with its severity and one line that says what it is about. `flowc explain` lists it.
use flowc_base::{Code, Severity};

/// A kind of diagnostic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeInfo {
    /// Its stable name.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about, in one line.
    pub summary: &'static str,
    /// The theme that it belongs to.
    pub theme: &'static str,
}

/// The theme of what cannot be read.
pub const SYNTAX_THEME: &str = "Syntax";

macro_rules! codes {
    ($(# $theme:literal $($name:ident $code:literal $severity:ident $summary:literal;)*)*) => {
        $($(
            #[doc = $summary]
            pub(crate) const $name: CodeInfo = CodeInfo {
                code: Code($code), severity: Severity::$severity, summary: $summary, theme: $theme,
            };
        )*)*
        const ALL: &[CodeInfo] = &[$($($name),*),*];
    };
}

codes! {
    // What the grammar says; its crate builds these itself.
    # "Syntax"
    SYNTAX "syntax" Error "something stands where something else is expected";
    UNCLOSED "unclosed" Error "a bracket or a text is not closed, or closed by the wrong bracket";
    UNKNOWN_ITEM "unknown-item" Error "text that belongs to no item";
    NUMBER_FORMAT "number-format" Error "a number or quantity that means nothing or is too large";
    BAD_ESCAPE "bad-escape" Error "a backslash before something that it gives no meaning";
    TEXT_INDENTATION "text-indentation" Error "a line of a long text starts further left than its closing quotes";
    NESTING_TOO_DEEP "nesting-too-deep" Error "more brackets or operators within each other than anybody reads";
    TOO_LARGE "too-large" Error "a file or an item that is larger than what is read";
    UNUSED_DOCS "unused-docs" Warning "documentation that documents nothing";

    # "Comments"
    BAD_ALLOW "bad-allow" Warning "an `allow` comment without a reason, or for what cannot be allowed";
    UNUSED_ALLOW "unused-allow" Warning "an `allow` comment that silences nothing";

    # "Files and names"
    UNREADABLE_FILE "unreadable-file" Error "a source file that cannot be read";
    MISSING_FILE "missing-file" Error "a path that names nothing, or something of another kind";
    UNKNOWN_MODULE "unknown-module" Error "a `use` of a module that the library does not have";
    UNKNOWN_IMPORT "unknown-import" Error "a `use` of a name that its file or module does not have";
    USE_FORM "use-form" Error "a `use` that names nothing";
    USE_CYCLE "use-cycle" Error "files that use each other in a circle";
    DUPLICATE_NAME "duplicate-name" Error "two items, imports or parameters of one name";
    UNKNOWN_NAME "unknown-name" Error "a name that nothing defines";
    UNKNOWN_TYPE "unknown-type" Error "a type that nothing defines";
    NOT_A_TYPE "not-a-type" Error "a task, flow or other name where a type is expected";
    NOT_A_VALUE "not-a-value" Error "a task, flow, type or module where a value is expected";
    NOT_CALLABLE "not-callable" Error "a call of something that is neither a task nor a flow";
    SHADOWED_LET "shadowed-let" Error "a name bound again while it is still known";
    USED_BEFORE_LET "used-before-let" Error "a name used above its `let`";
    NAME_STYLE "name-style" Warning "a value not in `snake_case`, or a type not in `CamelCase`";
    UNUSED_IMPORT "unused-import" Warning "an imported name that is never mentioned";
    UNUSED_LET "unused-let" Warning "a `let` or loop variable that is never mentioned";
    UNUSED_PARAMETER "unused-parameter" Warning "a parameter that its body never mentions";

    # "Types"
    TYPE_MISMATCH "type-mismatch" Error "a value of one type where another is expected";
    UNIT_MISMATCH "unit-mismatch" Error "a number or quantity of one unit where another is expected";
    NOT_IN_RANGE "not-in-range" Error "a literal outside the range that is expected";
    NOT_A_CHOICE "not-a-choice" Error "a text that is none of the choices that are expected";
    EMPTY_RANGE "empty-range" Error "a range whose bounds are no constants in order";
    BAD_CHOICE "bad-choice" Error "a choice between something else than different texts";
    TYPE_ARGUMENTS "type-arguments" Error "a type with the wrong number of arguments";
    TYPE_CYCLE "type-cycle" Error "a type that contains itself other than through a list or a map";
    TYPE_TOO_LARGE "type-too-large" Error "a type that unfolds to more parts than anything can use";
    UNKNOWN_FIELD "unknown-field" Error "a field that a record does not have";
    MISSING_FIELD "missing-field" Error "a record without a field that it must have";
    DUPLICATE_FIELD "duplicate-field" Error "two fields or keys of one name";
    NO_FIELDS "no-fields" Error "a field of a value that has none";
    OPTIONAL_VALUE "optional-value" Error "a value that may be `none` where one that is there is needed";
    USELESS_COALESCE "useless-coalesce" Warning "`??` after a value that is never `none`";
    BAD_OPERAND "bad-operand" Error "an operator between types that it does not take";
    BAD_INDEX "bad-index" Error "`[…]` after something that has no elements";
    NOT_A_LIST "not-a-list" Error "a `for` or `reduce` over something that is no list";
    IMPOSSIBLE_CAST "impossible-cast" Error "an `as` between types that cannot be converted";
    NO_TEXT "no-text" Error "a splice of a value that has no text";
    BAD_SCHEMA "bad-schema" Error "a `schema(…)` of a file that is no JSON Schema, or one that nothing fits";
    SCHEMA_WIDENED "schema-widened" Warning "a part of a JSON Schema that a type can only say as `Json`";
    SCHEMA_RULES "schema-rules" Note "a rule of a JSON Schema that its type does not check";
    DIVIDE_BY_ZERO "divide-by-zero" Error "a division by a zero that is written in the program";

    # "Calls and flows"
    MISSING_ARGUMENT "missing-argument" Error "a call without an argument that its callee needs";
    UNKNOWN_ARGUMENT "unknown-argument" Error "an argument that the callee has no parameter for";
    DUPLICATE_ARGUMENT "duplicate-argument" Error "a parameter that is given twice";
    ARGUMENT_ORDER "argument-order" Error "an argument without a name after one with a name";
    REGEX_SYNTAX "regex-syntax" Error "a regular expression that is none, or a group that it does not have";
    STEP_IN_TASK "step-in-task" Error "a call of a task or flow where only expressions without steps may stand";
    NEEDS_STEP "needs-step" Error "`with`, `else` or `try` beside something that is no step";
    BAD_OPTION "bad-option" Error "an option of `with` that does not exist or has a wrong value";
    FLOW_CYCLE "flow-cycle" Error "flows that call each other in a circle";
    UNUSED_VALUE "unused-value" Error "an expression without a step whose value goes nowhere";
    MISPLACED_STATEMENT "misplaced-statement" Error "a statement that cannot stand where it stands";
    NOT_EXHAUSTIVE "not-exhaustive" Error "a `match` that leaves out a value";
    UNREACHABLE_ARM "unreachable-arm" Warning "an arm of a `match` that is never taken";
    BAD_PATTERN "bad-pattern" Error "a pattern that cannot fit the value";
    NOT_CONSTANT "not-constant" Error "a value that must be written out in the program";
    LOOP_END "loop-end" Error "a path of a loop that ends in neither `break` nor `continue`";
    LOOP_WITHOUT_BREAK "loop-without-break" Error "a loop that no `break` ever ends";
    LOOP_ONCE "loop-once" Warning "a loop that never has a second round";
    MISSING_MAX "missing-max" Error "a loop that does not say how many rounds it may take";
    UNREACHABLE_CODE "unreachable-code" Warning "statements after every path has ended";
    USELESS_ELSE "useless-else" Warning "an `else` after something that does not fail";
    BAD_CONTENDER "bad-contender" Error "a contender of `race` or `first` that is no step written in it";
    USELESS_RACE "useless-race" Warning "a `race` or `first` in which nobody can lose";
    NEVER_HOLDS "never-holds" Error "a comparison that can never hold";
    ALWAYS_HOLDS "always-holds" Warning "a comparison that always holds";
    CONSTANT_CONDITION "constant-condition" Warning "a condition that depends on nothing";
    UNORDERED_CHOICE "unordered-choice" Error "`<` or `>` between choices, which have no order";
    MAX_EXCEEDED "max-exceeded" Error "a `for` over a list that is longer than its `max`";
    GATE_ACTION "gate-action" Error "a gate that does not say how the way ends when it does not pass";
    GATE_NEVER_PASSES "gate-never-passes" Error "a gate whose condition can never hold";
    GATE_GUARDS_NOTHING "gate-guards-nothing" Warning "a gate that always passes, or that holds nothing";
    EFFECT_BEFORE_GATE "effect-before-gate" Warning "an effect written above the gate that should hold it";
    NOT_INDEPENDENT "not-independent" Error "steps that are claimed to be independent and are not";
    BAD_INDEPENDENT "bad-independent" Error "an `assert independent` that names no two results";
    CONTENDER_WRITES "contender-writes" Error "a contender of `race` or `first` that changes something";
    MISSING_SIGNATURE "missing-signature" Error "a parameter or flow whose type is not written";

    # "Tasks"
    // Tests.
    BAD_MOCK "bad-mock" Error "a mock that stands in for nobody, or not with what it should";
    UNUSED_MOCK "unused-mock" Warning "a mock of something that its test never reaches";
    TEST_WITHOUT_ASSERT "test-without-assert" Warning "a test that passes whatever comes out";

    // Tasks.
    UNKNOWN_CLAUSE "unknown-clause" Error "a clause that its item does not have";
    DUPLICATE_CLAUSE "duplicate-clause" Error "a clause that stands twice";
    BAD_CLAUSE "bad-clause" Error "a clause whose value is not what it takes";
    MISSING_BODY "missing-body" Error "a task that does not say what is executed";
    SECOND_BODY "second-body" Error "a task that says twice what is executed";
    OUTPUT_SOURCE "output-source" Error "an output whose type cannot come from its source";
    OUTPUT_PATH "output-path" Error "an output path that leaves the step's directory";
    BAD_GLOB "bad-glob" Error "a pattern of file names that is none";
    OUTPUT_UNWRITTEN "output-unwritten" Warning "an output file that the command never names";
    DUPLICATE_OUTPUT "duplicate-output" Error "two outputs from one place";
    SHELL_SYNTAX "shell-syntax" Error "a shell text that does not parse";
    SHELL_SPLICE "shell-splice" Error "a splice where no quoting is safe, or of a value that cannot stand there";
    SHELL_OPTION "shell-option" Warning "a text that may be taken for an option";
    SHELL_UNQUOTED "shell-unquoted" Warning "a shell variable without quotes that holds a value with blanks perhaps";
    RAW_SPLICE "raw-splice" Error "`raw` around something that is no constant, or outside a shell text";

    // What steps touch outside of a directory of their own.
    MISSING_PROGRAM "missing-program" Warning "a program that is not on the `PATH` of this machine";
    BAD_FOOTPRINT "bad-footprint" Error "a pattern of a footprint that leaves the project or means no path";
    FOOTPRINT_TWICE "footprint-twice" Warning "a pattern that stands twice in one footprint";
    OUTPUT_UNDECLARED "output-undeclared" Error "an output from a path of the project that the task may not write";
    EFFECT_CACHED "effect-cached" Error "an effect that would be remembered longer than its run";
    TWO_WRITERS "two-writers" Warning "a path that is written twice and not read between";
    READ_BEFORE_WRITE "read-before-write" Error "a file that is read above the step that makes it";
    OUTSIDE_PATH "outside-path" Warning "a command that reads or writes outside of its step's directory";
    UNDECLARED_PATH "undeclared-path" Warning "a command that reads or writes what its task does not declare";

    # "Agents, secrets, settings"
    NOT_AN_AGENT "not-an-agent" Error "something else where an agent is expected";
    MISSING_TRANSPORT "missing-transport" Error "an agent that does not say how it is reached";
    SECOND_TRANSPORT "second-transport" Error "an agent that says twice how it is reached";
    UNREAD_CLAUSE "unread-clause" Error "a clause that what stands beside it never reads";
    UNKNOWN_FAILURE "unknown-failure" Error "a kind of failure that there is not, or that no retry mends";
    AGENT_CYCLE "agent-cycle" Error "agents that are made `from` each other in a circle";
    FALLBACK_CYCLE "fallback-cycle" Error "agents that are each other's fallbacks in a circle";
    OWN_WORK "own-work" Warning "an agent that judges what it wrote itself, or would as a fallback";
    UNUSED_AGENT "unused-agent" Warning "an agent of a program that is never asked";
    ANSWER_TYPE "answer-type" Error "an answer of a type that JSON cannot say";
    EQUAL_ASKS "equal-asks" Warning "questions that are meant to be several and are one";
    PLAIN_SECRET "plain-secret" Error "a text where a secret is expected";
    SECRET_SHOWN "secret-shown" Error "a secret that would reach a place that shows it";
    DUPLICATE_SETTINGS "duplicate-settings" Error "settings that stand twice in a file";
    UNREAD_SETTINGS "unread-settings" Warning "settings in a file that is used by the one that is run";
    UNKNOWN_SETTING "unknown-setting" Error "a setting that there is not";
    BAD_SETTING "bad-setting" Error "a setting whose value is not what it takes";
    UNKNOWN_POOL "unknown-pool" Warning "an agent in a pool that the settings do not size";
    UNUSED_POOL "unused-pool" Warning "a pool that no agent is in";
    IMPOSSIBLE_NEED "impossible-need" Error "a task that needs more than the program's own limits ever give";

    // What a flow is given, and its plan.
    # "What a flow is given, and its plan"
    UNKNOWN_FLOW "unknown-flow" Error "a run of a flow that the file does not have";
    MISSING_PARAMETER "missing-parameter" Error "a run without an argument for a parameter that has no default";
    UNKNOWN_PARAMETER "unknown-parameter" Error "an argument that the flow has no parameter for";
    BAD_ARGUMENT "bad-argument" Error "an argument that does not fit its parameter";
    UNREAD_STEP "unread-step" Warning "a step whose result reaches no output, so that it does not run";

    NOT_YET "not-yet" Error "a construct of the language that this version does not support";
    LOWERING "cannot-plan" Error "a program that checks and that no plan can be made of";
}

/// All codes, in the order of their themes.
#[must_use]
pub fn codes() -> &'static [CodeInfo] {
    ALL
}

/// The code of that name.
#[must_use]
pub fn code(name: &str) -> Option<&'static CodeInfo> {
    ALL.iter().find(|info| info.code.0 == name)
}
