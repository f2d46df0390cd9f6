//! `cargo xtask lambda`: every function as Lambda runs it, under `target/lambda/<function>/bootstrap`, where the
//! template looks for it; and how large each is zipped.

use std::ffi::OsString;
use std::time::Duration;
use std::{env, fs};

use clap::Args;

use crate::project::Project;
use crate::python;
use crate::run::{Outcome, run, say};

/// The builder and the linker for Lambda's system.
const LIST: &str = "lambda.txt";
const BUILD_WITHIN: Duration = Duration::from_secs(3 * 3600);
const ZIP_WITHIN: Duration = Duration::from_secs(60);

/// What to build.
#[derive(Args, Default)]
pub(crate) struct Build {
    /// For Graviton: also say Architecture=arm64 when deploying
    #[arg(long)]
    arm64: bool,
    /// Only these functions
    functions: Vec<String>,
}

pub(crate) fn build(project: &Project, build: &Build) -> Outcome {
    python::ready(project, LIST)?;
    let functions = if build.functions.is_empty() { all(project)? } else { build.functions.clone() };
    let mut cargo = project.cargo(&["lambda", "build", "--release"]);
    cargo.env("PATH", path_with_tools(project)?);
    cargo.args(build.arm64.then_some("--arm64"));
    cargo.args(functions.iter().flat_map(|function| ["--package", function]));
    run(&mut cargo, BUILD_WITHIN)?;
    say(&format!("{:<20}{:>12}{:>12}", "function", "zipped", "unzipped"));
    functions.iter().try_for_each(|function| show_size(project, function))
}

/// Every crate under `functions/`.
fn all(project: &Project) -> Outcome<Vec<String>> {
    let folder = fs::read_dir(project.root.join("functions")).map_err(|cause| format!("functions: {cause}"))?;
    let crates = folder.flatten().filter(|entry| entry.path().join("Cargo.toml").is_file());
    let mut names: Vec<String> = crates.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

fn path_with_tools(project: &Project) -> Outcome<OsString> {
    let tools = python::tool(project, "");
    let usual = env::var_os("PATH").unwrap_or_default();
    env::join_paths(std::iter::once(tools).chain(env::split_paths(&usual))).map_err(|cause| cause.to_string())
}

fn show_size(project: &Project, function: &str) -> Outcome {
    let folder = project.target.join("lambda").join(function);
    let (program, zip) = (folder.join("bootstrap"), project.target.join("xtask").join(format!("{function}.zip")));
    fs::create_dir_all(project.target.join("xtask")).map_err(|cause| cause.to_string())?;
    run(project.command(python::tool(project, "python")).args(["-m", "zipfile", "-c"]).arg(&zip).arg(&program), ZIP_WITHIN)?;
    let kib = |file| fs::metadata(file).map(|about| about.len().div_ceil(1024)).map_err(|cause| format!("{function}: {cause}"));
    say(&format!("{function:<20}{:>8} KiB{:>8} KiB", kib(&zip)?, kib(&program)?));
    Ok(())
}
