//! What the programs of a plan's tasks are on this machine: a result that another compiler made is another result. It must not know runs.
use std::collections::BTreeMap;

use flowc_plan::{ContentHash, Expr, Plan, Task, Value};
use flowc_store::Store;

use crate::exec::Programs;
use crate::shape::Shape;

/// A program of this machine: where it is found, and what is in its file.
type Tool = (String, ContentHash);

/// Makes the identities of a plan's tasks those that they have with the programs of this machine. A program that is not there changes
/// nothing: its step fails, and failures are not remembered. One that is named by a path in the step's directory is an input.
pub(crate) fn on_this_machine(store: &Store, plan: &Plan, shape: &mut Shape) {
    let ours = Programs::from_environment();
    let of_tasks: BTreeMap<&str, Programs> =
        plan.tasks.iter().filter_map(own_path).map(|path| (path, Programs::new(path))).collect();
    let mut tools: BTreeMap<(Option<&str>, &str), Option<Tool>> = BTreeMap::new();
    for (task, identity) in plan.tasks.iter().zip(&mut shape.identities) {
        for (path, name) in named(task) {
            let programs = path.and_then(|path| of_tasks.get(path)).unwrap_or(&ours);
            tools.entry((path, name)).or_insert_with(|| tool(store, programs, name));
        }
        let found = named(task).filter_map(|(path, name)| {
            let (file, content) = tools.get(&(path, name))?.as_ref()?;
            Some((name, file.as_str(), *content))
        });
        *identity = Task::with_programs(identity, &found.collect::<Vec<_>>());
    }
}

/// The programs that a task names, each with the `PATH` that it is looked for on where that is not ours: the first is started by the
/// engine, the others by the first.
fn named(task: &Task) -> impl Iterator<Item = (Option<&str>, &str)> {
    let path = own_path(task);
    task.programs.iter().enumerate().map(move |(at, name)| (path.filter(|_| at > 0), name.as_str()))
}

/// The `PATH` that a task gives its programs, where that is written out.
fn own_path(task: &Task) -> Option<&str> {
    task.env.iter().find_map(|(name, value)| match value {
        Expr::Const(Value::Text(path)) if name == "PATH" => Some(path.as_str()),
        _ => None,
    })
}

fn tool(store: &Store, programs: &Programs, name: &str) -> Option<Tool> {
    let path = programs.find(name).filter(|path| path.is_absolute())?;
    let content = store.hash_of_file(&path).ok()?;
    Some((path.to_str()?.to_owned(), content))
}
