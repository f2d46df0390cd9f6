//! `cargo xtask bench`: builds what the benchmark compares, where cold starts are asked for, then becomes it.

use std::process::ExitCode;
use std::time::Duration;

use crate::build::{self, Profile};
use crate::lambda;
use crate::project::Project;
use crate::run::{Outcome, exec, run};

/// The part that needs the functions as they are deployed.
const COLD: &str = "cold";
const BUILD_WITHIN: Duration = Duration::from_secs(3600);

pub(crate) fn measure(project: &Project, arguments: &[String]) -> Outcome<ExitCode> {
    if asks_for_cold_starts(arguments) {
        lambda::build(project, &lambda::Build::default())?;
        let hello = ["build", "--release", "--package", "bench", "--no-default-features", "--bin", "hello"];
        run(&mut project.cargo(&hello), BUILD_WITHIN)?;
    }
    exec(build::program(project, "bench", Profile::Measured)?.args(arguments))
}

/// Whether the parts asked for hold cold starts: all parts do, where none is named. Binaries that the caller
/// names are not built again.
fn asks_for_cold_starts(arguments: &[String]) -> bool {
    let is = |argument: &String, flag: &str| argument == flag || argument.starts_with(&format!("{flag}="));
    if arguments.iter().any(|argument| is(argument, "--binaries") || argument == "-h" || is(argument, "--help")) {
        return false;
    }
    let names_parts = arguments.iter().any(|argument| is(argument, "--only"));
    !names_parts || arguments.iter().any(|argument| argument == COLD || argument == "--only=cold")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_built_only_for_cold_starts() {
        let asks = |arguments: &[&str]| asks_for_cold_starts(&arguments.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
        assert!(asks(&[]));
        assert!(asks(&["--starts", "5"]));
        assert!(asks(&["--only", "cold", "--only", "warm"]));
        assert!(!asks(&["--only=warm"]));
        assert!(!asks(&["--help"]));
        assert!(!asks(&["--binaries", "elsewhere"]));
    }
}
