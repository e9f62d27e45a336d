//! Tells Zed how to start `flowc lsp`. What flow means, it must not know.
use zed_extension_api::{self as zed, Command, LanguageServerId, Result, Worktree};

struct Flow;

impl zed::Extension for Flow {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, _: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let command = worktree
            .which("flowc")
            .ok_or("flowc was not found: install it, or put the folder it is in on the `PATH`")?;
        Ok(Command { command, args: vec!["lsp".into()], env: worktree.shell_env() })
    }
}

zed::register_extension!(Flow);
