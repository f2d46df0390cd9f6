//! Builds a program of the workspace. Always with the whole workspace's features, or cargo would build what all
//! programs share once more for each.

use std::process::Command;
use std::time::Duration;

use crate::project::Project;
use crate::run::{Outcome, run};

/// More than any machine needs for a cold build.
const WITHIN: Duration = Duration::from_secs(3600);

/// How a program is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As tests are.
    Dev,
    /// Fast, for programs that run long.
    Measured,
}

/// Builds that program and gives the command that runs it.
pub(crate) fn program(project: &Project, name: &str, profile: Profile) -> Outcome<Command> {
    let (word, folder) = match profile {
        Profile::Dev => ("dev", "debug"),
        Profile::Measured => ("measured", "measured"),
    };
    run(&mut project.cargo(&["build", "--workspace", "--profile", word, "--bin", name]), WITHIN)?;
    Ok(project.command(project.target.join(folder).join(name)))
}
