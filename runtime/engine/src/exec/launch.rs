//! What a task comes to with given arguments: a program and its words, an environment, inputs, where outputs will stand.
//! Pure but for the files whose content an expression asks for. It must not know processes or directories of slots.
use flowc_base::{Millis, Name};
use flowc_plan::{Body, Expr, Output, Plan, Quoting, ShellPart, Task, Type, Value, quote};
use flowc_store::Store;

use super::failure::{Failure, Result};
use super::inputs::Inputs;
use crate::eval::{Args, StoreFiles, eval};

/// The most bytes of one argument or one variable, as of Linux: 32 pages less the final zero.
const WORD_BYTES_MAX: usize = (128 << 10) - 1;
/// Shell texts longer than this are handed over in a file: less than [`WORD_BYTES_MAX`], so that the environment has room too.
const SHELL_TEXT_BYTES_MAX: usize = 96 << 10;
/// The most bytes of all arguments and variables: a quarter of the usual stack, less what the system adds.
const WORDS_BYTES_MAX: usize = (2 << 20) - (128 << 10);

/// An execution, ready to be staged and started.
#[derive(Debug)]
pub(super) struct Launch<'a> {
    /// The program as the task names it.
    pub(super) program: String,
    /// What the program sees as its name.
    pub(super) arg0: String,
    /// Its arguments. [`Word::ScriptPath`] stands for the file that [`Launch::script`] is written to.
    pub(super) args: Vec<Word>,
    /// A text that the program reads from a file.
    pub(super) script: Option<String>,
    /// What `$FLOW_INPUTS` names.
    pub(super) inputs_json: Option<String>,
    /// `env { … }`.
    pub(super) env: Vec<(Name, String)>,
    /// Standard input.
    pub(super) stdin: Stdin,
    /// What stands under `in/`.
    pub(super) inputs: Inputs,
    /// What will be collected.
    pub(super) output: Outputs<'a>,
    /// Whether it may open connections.
    pub(super) network: bool,
    /// The task's own `timeout`; a call may say another.
    pub(super) timeout: Option<Millis>,
    /// As a person would type it.
    pub(super) command: String,
}

/// An argument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Word {
    Text(String),
    ScriptPath,
}

/// Standard input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Stdin {
    Empty,
    Text(String),
    /// An input, by its path relative to the step's directory.
    Input(String),
}

/// [`Output`] with its paths known.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Outputs<'a> {
    Unit,
    Stdout(&'a Type),
    Lines(&'a Type),
    Path { path: String, ty: &'a Type },
    Glob { pattern: String },
    Record(Vec<(&'a Name, Outputs<'a>)>),
}

/// Works out what a task comes to.
///
/// # Errors
/// An expression without a value for these arguments, or a value that no program can be given.
pub(super) fn prepare<'a>(
    plan: &'a Plan,
    task: &'a Task,
    args: &[Value],
    store: &Store,
) -> Result<Launch<'a>> {
    let mut inputs = Inputs::default();
    args.iter().try_for_each(|arg| inputs.add_all(arg))?;
    let mut cx = Context { plan, task, args, store, inputs };
    let mut launch = match &task.body {
        Body::Shell { shell, text, .. } => cx.shell(shell, text)?,
        Body::Exec(words) => cx.exec(words)?,
        Body::Script { program, text } => cx.script(program, text)?,
    };
    for (name, value) in &task.env {
        let words = cx.words(value)?;
        let [value] = <[String; 1]>::try_from(words)
            .map_err(|_| Failure::evaluation(format!("`env` gives `{name}` a list, expected a text")))?;
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(Failure::evaluation(format!("{:?} is not the name of a variable", name.as_str())));
        }
        launch.env.push((name.clone(), value));
    }
    if let Some(stdin) = &task.stdin {
        launch.stdin = match cx.eval(stdin)? {
            Value::None => Stdin::Empty,
            Value::File(file) => Stdin::Input(cx.inputs.file(&file)?.to_owned()),
            value @ (Value::List(_) | Value::Record(_)) => {
                Stdin::Text(cx.inputs.json_value(&value)?.to_string())
            }
            value => Stdin::Text(scalar(&value)?),
        };
    }
    launch.network = match &task.needs.network {
        Some(needed) => matches!(cx.eval(needed)?, Value::Bool(true)),
        None => false,
    };
    launch.timeout = match task.timeout.as_ref().map(|timeout| cx.eval(timeout)).transpose()? {
        None => None,
        Some(Value::Duration(timeout)) => Some(timeout),
        Some(other) => return Err(Failure::new("bug", format!("a timeout of {}", other.kind()))),
    };
    launch.output = cx.output(&task.output)?;
    launch.inputs = cx.inputs;
    launch.check_size()?;
    Ok(launch)
}

impl Launch<'_> {
    fn new(program: &str, args: Vec<Word>, command: String) -> Self {
        Self {
            program: program.to_owned(),
            arg0: program.to_owned(),
            args,
            script: None,
            inputs_json: None,
            env: Vec::new(),
            stdin: Stdin::Empty,
            inputs: Inputs::default(),
            output: Outputs::Unit,
            network: false,
            timeout: None,
            command,
        }
    }

    /// What the system would refuse with a bare number, said in words.
    fn check_size(&self) -> Result<()> {
        let mut total = 0;
        let args = self.args.iter().enumerate().filter_map(|(at, word)| match word {
            Word::Text(text) => Some((format!("argument {}", at + 1), text.len())),
            Word::ScriptPath => None,
        });
        let env = self.env.iter().map(|(name, text)| (format!("`{name}`"), name.len() + 1 + text.len()));
        for (what, bytes) in args.chain(env) {
            total += bytes + 1 + size_of::<usize>();
            if bytes > WORD_BYTES_MAX {
                return Err(Failure::new(
                    "too-large",
                    format!(
                        "{what} has {bytes} bytes, the system takes at most {WORD_BYTES_MAX}: hand it over in a file or by `stdin`"
                    ),
                ));
            }
        }
        if total > WORDS_BYTES_MAX {
            return Err(Failure::new(
                "too-large",
                format!(
                    "the arguments and variables have {total} bytes, the system takes at most {WORDS_BYTES_MAX}: hand them over in a file or by `stdin`"
                ),
            ));
        }
        Ok(())
    }
}

struct Context<'a, 'v> {
    plan: &'a Plan,
    task: &'a Task,
    args: &'v [Value],
    store: &'v Store,
    inputs: Inputs,
}

impl<'a> Context<'a, '_> {
    fn eval(&self, expr: &Expr) -> Result<Value> {
        eval(expr, &Args(self.args), &self.plan.types, &StoreFiles(self.store))
            .map_err(|error| Failure::evaluation(error.to_string()))
    }

    fn shell(&mut self, shell: &str, parts: &'a [ShellPart]) -> Result<Launch<'a>> {
        let mut text = String::new();
        for part in parts {
            match part {
                ShellPart::Text(part) => text.push_str(part),
                ShellPart::Splice(expr, quoting) => self.splice(expr, *quoting, &mut text)?,
            }
        }
        if text.contains('\0') {
            return Err(Failure::evaluation("a character NUL cannot stand in a shell text"));
        }
        let mut args = vec![Word::Text("-eu".to_owned())];
        // Plain `sh` need not know `pipefail`.
        if !matches!(shell.rsplit('/').next(), Some("sh" | "dash")) {
            args.extend(["-o", "pipefail"].map(|word| Word::Text(word.to_owned())));
        }
        let command = text.clone();
        let script = if text.len() > SHELL_TEXT_BYTES_MAX {
            args.push(Word::ScriptPath);
            Some(text)
        } else {
            args.extend(["-c", &text, shell].map(|word| Word::Text(word.to_owned())));
            None
        };
        // The one program whose place is fixed.
        let mut launch = Launch::new(if shell == "sh" { "/bin/sh" } else { shell }, args, command);
        shell.clone_into(&mut launch.arg0);
        launch.script = script;
        Ok(launch)
    }

    fn splice(&mut self, expr: &Expr, quoting: Quoting, text: &mut String) -> Result<()> {
        let words = self.words(expr)?;
        if quoting != Quoting::Bare && words.len() != 1 {
            return Err(Failure::evaluation("a list is several words: it cannot stand inside quotes"));
        }
        for (at, word) in words.iter().enumerate() {
            if at > 0 {
                text.push(' ');
            }
            text.push_str(&quote(word, quoting));
        }
        Ok(())
    }

    fn exec(&mut self, exprs: &'a [Expr]) -> Result<Launch<'a>> {
        let mut words = Vec::new();
        for expr in exprs {
            words.extend(self.words(expr)?);
        }
        if let Some(at) = words.iter().position(|word| word.contains('\0')) {
            return Err(Failure::evaluation(format!("word {} of `exec` holds a character NUL", at + 1)));
        }
        let command = words.iter().map(|word| typed(word)).collect::<Vec<_>>().join(" ");
        let mut words = words.into_iter();
        let Some(program) = words.next().filter(|program| !program.is_empty()) else {
            return Err(Failure::evaluation("`exec` names no program"));
        };
        Ok(Launch::new(&program, words.map(Word::Text).collect(), command))
    }

    fn script(&mut self, program: &str, text: &str) -> Result<Launch<'a>> {
        let mut inputs = serde_json::Map::new();
        for ((name, _), value) in self.task.params.iter().zip(self.args) {
            inputs.insert(name.to_string(), self.inputs.json_value(value)?);
        }
        let mut launch = Launch::new(program, vec![Word::ScriptPath], format!("{program} script"));
        launch.script = Some(text.to_owned());
        launch.inputs_json = Some(serde_json::Value::Object(inputs).to_string());
        Ok(launch)
    }

    /// The words that an expression stands for: one, or as many as its list has elements.
    fn words(&mut self, expr: &Expr) -> Result<Vec<String>> {
        let value = self.eval(expr)?;
        if self.is_json(expr) {
            return Ok(vec![self.inputs.json(stem(expr, self.task), &value)?.to_owned()]);
        }
        match &value {
            Value::List(items) => items.iter().map(|item| self.word(expr, item)).collect(),
            value => Ok(vec![self.word(expr, value)?]),
        }
    }

    fn word(&mut self, expr: &Expr, value: &Value) -> Result<String> {
        let word = match value {
            Value::File(file) => self.inputs.file(file)?.to_owned(),
            Value::Dir(dir) => self.inputs.dir(dir)?.to_owned(),
            Value::Record(_) | Value::List(_) => self.inputs.json(stem(expr, self.task), value)?.to_owned(),
            value => scalar(value)?,
        };
        if word.contains('\0') {
            return Err(Failure::evaluation("a text with a character NUL cannot be a word"));
        }
        Ok(word)
    }

    /// Whether an expression is of type `Json` as far as its form tells: then it is handed over as a file whatever it holds.
    fn is_json(&self, expr: &Expr) -> bool {
        matches!(self.type_of(expr), Some(Type::Json))
    }

    fn type_of<'t>(&self, expr: &'t Expr) -> Option<&'t Type>
    where
        'a: 't,
    {
        let ty = match expr {
            Expr::Arg(at) => &self.task.params.get(*at as usize)?.1,
            Expr::Cast(_, ty) => ty,
            Expr::Field(of, name) => match self.type_of(of)? {
                Type::Record(fields) => &fields.iter().find(|(field, _)| field == name)?.1,
                Type::Map(item) => item,
                Type::Json => &Type::Json,
                _ => return None,
            },
            Expr::Index(of, _) => match self.type_of(of)? {
                Type::List(item) | Type::Map(item) => item,
                Type::Json => &Type::Json,
                _ => return None,
            },
            _ => return None,
        };
        match ty {
            Type::Named(at) => self.plan.types.get(*at as usize),
            Type::Optional(inner) => Some(inner),
            ty => Some(ty),
        }
    }

    fn output(&self, output: &'a Output) -> Result<Outputs<'a>> {
        Ok(match output {
            Output::Unit => Outputs::Unit,
            Output::Stdout(ty) => Outputs::Stdout(ty),
            Output::Lines(ty) => Outputs::Lines(ty),
            Output::Path { path, ty } => Outputs::Path { path: self.path(path)?, ty },
            Output::Glob { pattern } => Outputs::Glob { pattern: self.path(pattern)? },
            Output::Record(fields) => {
                let fields = fields.iter().map(|(name, output)| Ok((name, self.output(output)?)));
                Outputs::Record(fields.collect::<Result<_>>()?)
            }
        })
    }

    /// A path or pattern that stays in the step's directory.
    fn path(&self, expr: &Expr) -> Result<String> {
        let path = scalar(&self.eval(expr)?)?;
        let path = path.strip_prefix("./").unwrap_or(&path).trim_end_matches('/');
        let leaves = path.is_empty()
            || path.contains('\0')
            || path.split('/').any(|part| matches!(part, "" | "." | ".."));
        if leaves {
            return Err(Failure::evaluation(format!(
                "{path:?} is not a path inside the step's directory: expected names separated by `/`, without `..`"
            )));
        }
        Ok(path.to_owned())
    }
}

fn scalar(value: &Value) -> Result<String> {
    flowc_stdlib::scalar_text(value).ok_or_else(|| {
        let hint = if matches!(value, Value::None) { ": give it a value with `??`" } else { "" };
        Failure::evaluation(format!("{} cannot be a word{hint}", value.kind()))
    })
}

/// What the file of a record is called.
fn stem<'t>(expr: &'t Expr, task: &'t Task) -> &'t str {
    match expr {
        Expr::Arg(at) => task.params.get(*at as usize).map_or("value", |(name, _)| name),
        Expr::Field(_, name) if !name.is_empty() && !name.contains(['/', '\0']) => name,
        Expr::Cast(of, _) | Expr::Index(of, _) => stem(of, task),
        _ => "value",
    }
}

/// A word as a person would type it: quoted only where it must be.
fn typed(word: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&b);
    if !word.is_empty() && word.bytes().all(plain) { word.to_owned() } else { quote(word, Quoting::Bare) }
}
