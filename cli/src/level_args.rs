//! `--deny`, `--warn`, `--allow`: how bad each kind of problem is taken to be, in the order in which it was typed. It knows no codes.
use clap::{ArgMatches, Args, FromArgMatches};
use flowc_compiler::{Level, Levels};

use crate::exit::Stop;

/// The options as they were typed: the last about a code counts, so their order is kept across all three.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct LevelArgs(Vec<(Level, String)>);

const OPTIONS: [(Level, &str); 3] = [
    (Level::Deny, "Take these problems for errors: codes, or `warnings` for all warnings"),
    (Level::Warn, "Take these problems for warnings"),
    (Level::Allow, "Leave these problems out; what is an error by itself cannot be"),
];

impl LevelArgs {
    /// What they come to.
    pub(crate) fn levels(&self) -> Result<Levels, Stop> {
        let mut levels = Levels::default();
        for (level, name) in &self.0 {
            // As it is copied from a message: `warning[unused-let]`.
            let name =
                name.rsplit_once('[').map_or(name.as_str(), |(_, rest)| rest).trim_end_matches([']', ':']);
            levels
                .set(name, *level)
                .map_err(|error| Stop::wrong(format!("`--{}`: {error}", level.word())).hint(error.hint()))?;
        }
        Ok(levels)
    }
}

impl Args for LevelArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        OPTIONS.iter().fold(command, |command, (level, help)| {
            command.arg(
                clap::Arg::new(level.word())
                    .long(level.word())
                    .value_name("CODE")
                    .help(*help)
                    .action(clap::ArgAction::Append)
                    .value_delimiter(','),
            )
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for LevelArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut typed: Vec<(usize, Level, String)> = Vec::new();
        for (level, _) in OPTIONS {
            let values = matches.get_many::<String>(level.word()).into_iter().flatten();
            let indices = matches.indices_of(level.word()).into_iter().flatten();
            typed.extend(indices.zip(values).map(|(at, name)| (at, level, name.trim().to_owned())));
        }
        typed.sort_by_key(|(at, ..)| *at);
        Ok(Self(typed.into_iter().map(|(_, level, name)| (level, name)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
