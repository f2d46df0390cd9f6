//! `cargo dev`: builds the local stack, showing cargo's own progress, then becomes it. So Ctrl-C, signals and
//! the exit code are the stack's, and nothing stays behind.

use std::process::ExitCode;

use crate::build::{self, Profile};
use crate::project::{Project, find};
use crate::run::{Outcome, exec, say};

/// Roughly the room that a cold build takes, in KiB.
const ROOM_KIB: u64 = 6 * 1024 * 1024;

pub(crate) fn start(project: &Project) -> Outcome<ExitCode> {
    complete()?;
    if !project.built("stack").is_file() {
        warn_of_little_room(project);
        say("Building Daypass. The first time takes some minutes; afterwards it starts at once.");
    }
    exec(&mut build::program(project, "stack", Profile::Dev)?)
}

/// Says what a build needs and this machine lacks.
fn complete() -> Outcome {
    let has_compiler = std::env::var_os("CC").is_some() || ["cc", "gcc", "clang"].into_iter().any(|name| find(name).is_some());
    if has_compiler {
        return Ok(());
    }
    Err("There is no C compiler, and SQLite and the cryptography are built with one.\nInstall it: apt-get install build-essential (as root)".to_owned())
}

fn warn_of_little_room(project: &Project) {
    let answer = crate::run::ask(project.command("df").args(["-Pk", "."])).unwrap_or_default();
    let free = answer.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)).and_then(|free| free.parse::<u64>().ok());
    if let Some(free) = free.filter(|free| *free < ROOM_KIB) {
        say(&format!("There may be too little room: {} GiB are free here, a build takes about {}.", free >> 20, ROOM_KIB >> 20));
    }
}
