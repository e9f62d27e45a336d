//! What the programs of a plan's tasks are on this machine: a result that another compiler made is another result. It must not know runs.
use std::collections::BTreeMap;

use flowc_plan::{ContentHash, Plan, Task};
use flowc_store::Store;

use crate::exec::Programs;
use crate::shape::Shape;

/// A program of this machine: where it is found, and what is in its file.
type Tool = (String, ContentHash);

/// Makes the identities of a plan's tasks those that they have with the programs of this machine. A program that is not there changes
/// nothing: its step fails, and failures are not remembered. One that is named by a path in the step's directory is an input.
pub(crate) fn on_this_machine(store: &Store, plan: &Plan, shape: &mut Shape) {
    let programs = Programs::from_environment();
    let mut tools: BTreeMap<&str, Option<Tool>> = BTreeMap::new();
    for (task, identity) in plan.tasks.iter().zip(&mut shape.identities) {
        for name in &task.programs {
            tools.entry(name).or_insert_with(|| tool(store, &programs, name));
        }
        let found = task.programs.iter().filter_map(|name| {
            let (path, content) = tools.get(name.as_str())?.as_ref()?;
            Some((name.as_str(), path.as_str(), *content))
        });
        *identity = Task::with_programs(identity, &found.collect::<Vec<_>>());
    }
}

fn tool(store: &Store, programs: &Programs, name: &str) -> Option<Tool> {
    let path = programs.find(name).filter(|path| path.is_absolute())?;
    let content = store.hash_of_file(&path).ok()?;
    Some((path.to_str()?.to_owned(), content))
}
