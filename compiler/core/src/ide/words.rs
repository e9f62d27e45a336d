//! What the words of the language are for, in a line or two: functions and types that need no definition, clauses, statements, options.
//! The book says it at length.
use super::context::Context;
use crate::db::ItemWord;

/// A word with what it looks like and what it does.
pub(crate) type Word = (&'static str, &'static str, &'static str);

/// The compiler's own functions.
pub(crate) const FUNCTIONS: [Word; 7] = [
    ("file", "file(path: Text) -> File", "A file of the project, by its path relative to this source file."),
    (
        "dir",
        "dir(path: Text) -> Dir",
        "A directory of the project with all that is in it, by its path relative to this source file.",
    ),
    (
        "glob",
        "glob(pattern: Text) -> List<File>",
        "The files of the project whose paths match the pattern, sorted by name.",
    ),
    ("read", "read(path: Text) -> Text", "The text of a file of the project."),
    (
        "env",
        "env(name: Text) -> Text?",
        "A variable of the environment, read once when the run starts; part of the key of whoever uses it.",
    ),
    (
        "raw",
        "raw(text: Text)",
        "In a shell text: spliced as it is, without quotes. Only constants of the program may be raw.",
    ),
    (
        "secret",
        "secret(name: Text) -> Secret",
        "A secret, from the environment or the file of `--secrets`. It may go into `env` and an agent's `key`, and nowhere else.",
    ),
];

/// The types that need no definition.
pub(crate) const TYPES: [Word; 15] = [
    ("Bool", "Bool", "`true` or `false`."),
    ("Int", "Int", "A whole number of 64 bits. `Int(0..10)` is one in a range, both ends included."),
    (
        "Float",
        "Float",
        "A finite number with a fraction. `Float(0..1)` is one in a range, both ends included.",
    ),
    ("Text", "Text", "Text of up to 16 MB. A choice is written `\"low\" | \"high\"`."),
    ("Duration", "Duration", "A time span: `300ms 5s 2m 1h 7d`."),
    ("Size", "Size", "A number of bytes: `5KB 5MB 5GB` (powers of 1000), `KiB MiB GiB` (of 1024)."),
    ("Money", "Money", "An amount of money: `$0.50`."),
    ("Json", "Json", "Any JSON. `value as Type` says and checks what it is."),
    ("File", "File", "A file: its base name, content and executable bit."),
    ("Dir", "Dir", "A directory: the sorted tree of its files."),
    ("Agent", "Agent", "An agent, to be asked."),
    ("Secret", "Secret", "A secret: no log, prompt, shell line or output ever shows it."),
    ("List", "List<T>", "A list."),
    ("Map", "Map<T>", "A map from texts."),
    ("Outcome", "Outcome<T>", "What `try` gives: `ok { value }` or `failed { kind, message, step }`."),
];

/// The words that items begin with, with what they open.
pub(crate) const ITEMS: [Word; 7] = [
    (
        "use",
        "use std.${1:text}.{${2:lines}}",
        "Names from the library (`use std.text.{lines}`) or another file (`use \"./a.flow\" as a`).",
    ),
    ("type", "type ${1:Name} = { ${2:field}: ${3:Text} }", "A name for a type."),
    ("agent", "agent ${1:name} {\n  $0\n}", "Who answers when a flow asks."),
    (
        "task",
        "task ${1:name}(${2}) -> ${3:Text} {\n  sh \"$0\"\n}",
        "One unit of work: a command with declared inputs and outputs.",
    ),
    ("flow", "flow ${1:main}(${2}) -> ${3:Text} {\n  $0\n}", "How steps are put together."),
    (
        "settings",
        "settings {\n  limits { ${1:agents: 5} }\n}",
        "Limits and checkpoints of a run; only those of the file that is run count.",
    ),
    (
        "test",
        "test \"${1:name}\" {\n  $0\n}",
        "A test: `flowc test` runs it, with mocks for what is outside.",
    ),
];

/// The clauses of a task.
pub(crate) const TASK_CLAUSES: [Word; 17] = [
    (
        "sh",
        "sh \"$0\"",
        "The command, as a shell text (POSIX `sh` with `set -eu`). `{{value}}` is quoted for the place where it stands.",
    ),
    ("exec", "exec [\"${1:program}\"$0]", "The program and its arguments, without a shell."),
    (
        "script",
        "script \"${1:python3}\" \"\"\"\n  $0\n  \"\"\"",
        "A program's text; the inputs are JSON in the file `$FLOW_INPUTS`.",
    ),
    ("ask", "ask ${1:agent} \"$0\"", "The task asks an agent."),
    ("needs", "needs { ${1:cpu: 1} }", "What it takes to run: `cpu`, `memory`, `network`."),
    ("timeout", "timeout ${1:5m}", "How long one try may take."),
    ("retry", "retry ${1:2}", "How many more tries there are after a failure."),
    ("env", "env { ${1:NAME}: \"$0\" }", "Variables of the command's environment."),
    ("stdin", "stdin $0", "What stands on the command's standard input: a text or a file."),
    (
        "cache",
        "cache ${1|never,run,forever,24h|}",
        "How long the result is remembered; `forever` is the default.",
    ),
    ("shell", "shell \"${1|sh,bash|}\"", "Which shell runs the `sh` text; `bash` adds `pipefail`."),
    (
        "reads",
        "reads \"$0\"",
        "Paths of the project that it reads. With a footprint the task runs in the project's root.",
    ),
    ("writes", "writes \"$0\"", "Paths of the project that it makes from scratch."),
    ("edits", "edits \"$0\"", "Paths of the project that it reads and changes."),
    ("exclusive", "exclusive \"$0\"", "A thing without a path that only one step may use at a time."),
    ("effect", "effect \"$0\"", "It changes something outside: never dropped, never merged, held by gates."),
    ("pool", "pool ${1:name}", "Of which pool of `limits` it takes a place."),
];

/// The clauses of an agent.
pub(crate) const AGENT_CLAUSES: [Word; 19] = [
    (
        "exec",
        "exec [\"${1:program}\"$0]",
        "A process for each question; the prompt stands on its standard input.",
    ),
    ("worker", "worker [\"${1:program}\"$0]", "Processes that stay; each question is one JSON line."),
    ("openai", "openai { url: \"$1\", model: \"$2\", key: secret(\"$3\") }", "The OpenAI API over HTTP."),
    ("anthropic", "anthropic { model: \"$1\", key: secret(\"$2\") }", "The Anthropic API over HTTP."),
    ("reply", "reply \"$0\"", "Where the answer stands in what the agent prints: `.result`."),
    ("from", "from ${1:agent}", "All of another agent, and what follows."),
    ("role", "role $0", "What the agent is told before each question: a text or a file."),
    ("model", "model \"$0\"", "The model of the API that answers."),
    ("timeout", "timeout ${1:5m}", "How long one question may take."),
    (
        "retry",
        "retry ${1:3} { on: [timeout, rate_limit, transient, invalid] }",
        "How many more times it is asked, and after what.",
    ),
    ("fallback", "fallback [$0]", "Who is asked, in this order, when it has failed for good."),
    ("pool", "pool ${1:llm}", "Of which pool of `limits` its questions take a place."),
    (
        "reads",
        "reads \"$0\"",
        "Paths of the project that it reads; with a footprint it runs in the project's root.",
    ),
    ("writes", "writes \"$0\"", "Paths of the project that it makes from scratch."),
    ("edits", "edits \"$0\"", "Paths of the project that it reads and changes."),
    ("exclusive", "exclusive \"$0\"", "A thing without a path that only one step at a time may hold."),
    ("effect", "effect \"$0\"", "It changes something outside: held by gates."),
    ("cache", "cache ${1|never,run,forever,24h|}", "How long its answers are remembered."),
    ("env", "env { ${1:NAME}: $0 }", "Variables of its environment."),
];

/// What begins a statement of a flow, and what begins a value.
pub(crate) const STATEMENTS: [Word; 17] = [
    ("let", "let ${1:name} = $0", "Names a value. A step is named after its `let`."),
    (
        "for",
        "for ${1:x} in ${2:xs} { $0 }",
        "A list, one element for each of another, in order; they run side by side.",
    ),
    ("if", "if ${1:condition} { $2 } else { $0 }", "One of two."),
    ("match", "match ${1:value} {\n  $2 => $0,\n}", "One arm for each form of a value; all must be taken."),
    (
        "loop",
        "loop ${1:x} = ${2:first} max ${3:3} {\n  $0\n}",
        "At most so many rounds; every path ends in `break` or `continue`.",
    ),
    ("reduce", "reduce ${1:a}, ${2:b} in ${3:xs} { $0 }", "Combines neighbours as a balanced tree."),
    ("ask", "ask ${1:agent} \"$0\"", "A question to an agent: a step."),
    ("try", "try $0", "A step's `Outcome`: `ok { value }` or `failed { kind, message, step }`."),
    ("race", "race [$0]", "The first that succeeds; the rest are stopped."),
    ("first", "first ${1:2} of [$0]", "The first so many that succeed, in list order."),
    (
        "gate",
        "gate \"${1:name}\" ${2:condition} else ${3:fail \"$0\"}",
        "Holds every later step that costs or changes something until the condition is met.",
    ),
    ("approve", "approve \"$0\"", "Waits for a person: gives `{ ok: Bool, note: Text }`."),
    ("assert", "assert independent [$0]", "No path of dependence and no overlap between these, or an error."),
    ("break", "break $0", "Ends a `loop` with this value."),
    ("continue", "continue $0", "The next round of a `loop`, with this value."),
    ("fail", "fail \"$0\"", "Ends the run with this message."),
    ("escalate", "escalate \"$0\"", "The run waits for a person."),
];

/// Words that follow others.
pub(crate) const JOINING: [Word; 12] = [
    ("else", "else", "What counts when a step has failed for good, or a condition does not hold."),
    ("with", "with { $0 }", "Options of this one call."),
    ("as", "as", "Checks and converts a value."),
    ("in", "in", "The list that is gone over."),
    ("max", "max", "The most elements or rounds there may be."),
    ("of", "of", "From which the first are taken."),
    ("from", "from", "Where an output is taken from: `stdout`, `lines`, a path, a pattern."),
    ("rollback", "rollback", "The project's files go back to the last gate that passed, and the run stops."),
    ("none", "none", "No value, of an optional type."),
    ("mock", "mock ${1|ask,task|} ${2:name} -> $0", "What an agent or task answers in a test."),
    ("true", "true", "The `Bool` that holds."),
    ("false", "false", "The `Bool` that does not."),
];

/// The options of `with`.
pub(crate) const OPTIONS: [Word; 8] = [
    ("timeout", "timeout: ${1:10m}", "How long one try of this call may take."),
    ("retry", "retry: ${1:2}", "How many more tries this call has."),
    ("cache", "cache: ${1|never,run,forever,24h|}", "How long the result of this call is remembered."),
    ("after", "after: [$0]", "Steps that must be done first: names of `let`s."),
    ("sample", "sample: $0", "Enters the key: so equal calls are several steps."),
    ("name", "name: \"$0\"", "What people read instead of the `let`'s name."),
    ("context", "context: [$0]", "What an agent is given besides the prompt."),
    ("budget", "budget: ${1:8000}", "How much of the context is rendered, in tokens."),
];

/// The fields of `needs`.
pub(crate) const NEEDS: [Word; 3] = [
    ("cpu", "cpu: ${1:1}", "Processors, more than zero; `0.5` is half of one."),
    ("memory", "memory: ${1:1GB}", "Memory."),
    ("network", "network: ${1:true}", "Whether it may use the network."),
];

/// The groups of `settings`.
pub(crate) const SETTINGS: [Word; 2] = [
    ("checkpoint", "checkpoint { $0 }", "What of a run is kept, and how."),
    ("limits", "limits { $0 }", "What a run may use at once, and in all."),
];

/// The fields of `limits`.
pub(crate) const LIMITS: [Word; 10] = [
    ("agents", "agents: ${1:5}", "How many questions are asked at once."),
    ("agent_timeout", "agent_timeout: ${1:5m}", "How long a question may take that says nothing itself."),
    ("cpu", "cpu: ${1:8}", "Processors that steps may use at once."),
    ("memory", "memory: ${1:16GB}", "Memory that steps may use at once."),
    ("calls", "calls: ${1:200}", "The most agent calls of a run."),
    ("cost", "cost: ${1:$5}", "The most money of a run."),
    ("context_cache", "context_cache: ${1:100MB}", "Memory for rendered contexts."),
    ("artifacts", "artifacts: ${1:lazy}", "When results are read: `lazy` is when they are looked at."),
    ("pools", "pools: { ${1:llm}: ${2:5} }", "Places of named pools."),
    ("rates", "rates: { ${1:llm}: ${2:60 per 1m} }", "How often something may start."),
];

/// The fields of `checkpoint`.
pub(crate) const CHECKPOINT: [Word; 6] = [
    ("every", "every: ${1:step}", "When a checkpoint is written."),
    ("compress", "compress: ${1:true}", "Whether snapshots are compressed."),
    ("incremental", "incremental: ${1:true}", "Whether only what changed is written."),
    ("max_size", "max_size: ${1:5MB}", "The size at which a snapshot replaces the log."),
    ("keep_last", "keep_last: ${1:3}", "How many runs are kept."),
    ("ttl", "ttl: ${1:24h}", "How long they are kept."),
];

fn find(table: &[Word], word: &str) -> Option<(&'static str, &'static str)> {
    table.iter().find(|(name, ..)| *name == word).map(|(_, form, docs)| (*form, *docs))
}

/// A function of the compiler: its signature and what it does.
pub(crate) fn function(word: &str) -> Option<(&'static str, &'static str)> {
    find(&FUNCTIONS, word)
}

/// A type that needs no definition.
pub(crate) fn ty(word: &str) -> Option<(&'static str, &'static str)> {
    find(&TYPES, word)
}

/// What a word means that names nothing: by where it stands.
pub(crate) fn meaning(word: &str, item: ItemWord, context: &Context) -> Option<&'static str> {
    let outermost = context.frames.is_empty();
    let in_body = context.frames.len() == 1 && context.frames.first().is_some_and(|frame| frame.kind == b'{');
    let tables: &[&[Word]] = match item {
        ItemWord::Task if in_body => &[&TASK_CLAUSES],
        ItemWord::Agent if in_body => &[&AGENT_CLAUSES],
        ItemWord::Settings if in_body => &[&SETTINGS],
        ItemWord::Settings => &[&LIMITS, &CHECKPOINT],
        ItemWord::Task if !outermost => &[&NEEDS, &STATEMENTS, &JOINING],
        _ if outermost => &[&ITEMS, &JOINING],
        _ => &[&STATEMENTS, &JOINING, &OPTIONS],
    };
    tables.iter().find_map(|table| find(table, word)).map(|(_, docs)| docs)
}
