//! The checking tools that are written in Python, in a private environment under `target/venv`: made anew when
//! what they are pinned to changes. Nothing outside that folder is touched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::debian;
use crate::project::{Project, find};
use crate::run::{Outcome, ask, run, say};

/// Interpreters by preference: the newest first, the machine's usual one before all.
const INTERPRETERS: [&str; 7] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python3.9"];
/// The oldest version that serves, and the oldest for which everything is pinned.
const OLDEST: (u32, u32) = (3, 9);
const PINNED_FROM: (u32, u32) = (3, 11);
const INSTALL_WITHIN: Duration = Duration::from_secs(900);
const PACKAGES: [&str; 2] = ["python3", "python3-venv"];

/// A tool's path in the environment.
pub(crate) fn tool(project: &Project, name: &str) -> PathBuf {
    folder(project).join("bin").join(name)
}

fn folder(project: &Project) -> PathBuf {
    project.target.join("venv")
}

/// Makes sure that what a list under `infra/python` names is installed.
pub(crate) fn ready(project: &Project, list: &str) -> Outcome {
    let lists = project.root.join("infra/python");
    let read = |name: &str| fs::read_to_string(lists.join(name)).map_err(|cause| format!("infra/python/{name}: {cause}"));
    let wanted = format!("{}\n{}", read(list)?, read("constraints.txt")?);
    let stamp = folder(project).join(format!("installed-{list}"));
    let is_ready = tool(project, "python").is_file() && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted);
    if is_ready {
        return Ok(());
    }
    if !tool(project, "pip").is_file() {
        make(project)?;
    }
    say(&format!("Installing infra/python/{list} into {}: a minute or two", folder(project).display()));
    let mut pip = project.command(tool(project, "pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--prefer-binary", "--requirement"]).arg(lists.join(list));
    run(&mut pip, INSTALL_WITHIN)?;
    fs::write(&stamp, wanted).map_err(|cause| format!("{}: {cause}", stamp.display()))
}

fn make(project: &Project) -> Outcome {
    let interpreter = match interpreter() {
        Some(interpreter) => interpreter,
        None => {
            debian::install(project, &PACKAGES)?;
            interpreter().ok_or("There is no Python 3.9 or newer. Install it: apt-get install python3 python3-venv (as root)")?
        }
    };
    let make = || run(project.command(&interpreter).args(["-m", "venv", "--clear"]).arg(folder(project)), INSTALL_WITHIN);
    // Debian keeps this module in a package of its own.
    make().or_else(|_| debian::install(project, &PACKAGES).and_then(|()| make()))
}

/// The first for which everything is pinned, or else the newest that serves at all.
fn interpreter() -> Option<PathBuf> {
    let found = INTERPRETERS.into_iter().filter_map(find).filter_map(|path| Some((version(&path)?, path)));
    let found: Vec<_> = found.filter(|(version, _)| *version >= OLDEST).collect();
    let pinned = found.iter().find(|(version, _)| *version >= PINNED_FROM);
    let newest = || found.iter().max_by_key(|(version, _)| *version);
    pinned.or_else(newest).map(|(_, path)| path.clone())
}

fn version(interpreter: &Path) -> Option<(u32, u32)> {
    let said = ask(Command::new(interpreter).args(["-c", "import sys; print(*sys.version_info[:2])"])).ok()?;
    let (major, minor) = said.split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
