//! `simulate`: plays stories; see its `--help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    simulation::command()
}
