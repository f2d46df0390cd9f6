//! `cargo dev` starts the product here; `cargo xtask …` checks it, writes its API's document, builds it for
//! Lambda, measures it. Everything is done by ordinary programs (cargo, apt-get, pip, schemathesis); this one
//! decides which, in what order, and says what is missing with its remedy. Absent: any network client.

mod bench;
mod browser;
mod build;
mod debian;
mod dev;
mod lambda;
mod project;
mod python;
mod run;
mod server;
mod steps;
mod suite;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use build::Profile;
use project::Project;
use run::{Outcome, exec};

/// Runs, checks and builds Daypass.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds and starts the whole product on this machine (also: cargo dev)
    Dev,
    /// Checks everything; installs what that needs
    Test(suite::Choice),
    /// Writes infra/openapi.json from the functions
    Openapi {
        /// Only compare: fail when it is not current
        #[arg(long)]
        check: bool,
    },
    /// Builds every function for Lambda and prints the zipped sizes
    Lambda(lambda::Build),
    /// Plays seeded stories under faults; what follows is passed on to the simulation
    Simulate {
        /// Build it fast first: worth it for thousands of stories
        #[arg(long)]
        fast: bool,
        /// The simulation's own arguments, such as --seeds 200
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Measures; what follows is passed on to the benchmark
    Bench {
        /// The benchmark's own arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let project = Project::new();
    match carry_out(&project, Arguments::parse().task) {
        Ok(code) => code,
        Err(cause) => {
            run::complain(&cause);
            ExitCode::FAILURE
        }
    }
}

fn carry_out(project: &Project, task: Task) -> Outcome<ExitCode> {
    match task {
        Task::Dev => dev::start(project),
        Task::Test(choice) => suite::test(project, &choice),
        Task::Openapi { check } => {
            let mut openapi = build::program(project, "openapi", Profile::Dev)?;
            exec(openapi.args(check.then_some("--check")))
        }
        Task::Lambda(build) => lambda::build(project, &build).map(|()| ExitCode::SUCCESS),
        Task::Simulate { fast, arguments } => {
            let profile = if fast { Profile::Measured } else { Profile::Dev };
            exec(build::program(project, "simulate", profile)?.args(arguments))
        }
        Task::Bench { arguments } => bench::measure(project, &arguments),
    }
}
