//! Debian packages, by apt-get: as root, or by a sudo that asks for no password. Elsewhere the remedy is told.

use std::process::Command;
use std::time::Duration;

use crate::project::{Project, find};
use crate::run::{Outcome, ask, run, say};

/// How long apt-get may take.
const INSTALL_WITHIN: Duration = Duration::from_secs(600);

/// Installs packages, or says how to.
pub(crate) fn install(project: &Project, packages: &[&str]) -> Outcome {
    let listed = packages.join(" ");
    let Some(mut install) = apt_get(project) else {
        return Err(format!("Missing: {listed}. Install it: apt-get install {listed} (as root)"));
    };
    say(&format!("Installing {listed}"));
    let install = install.args(["install", "--yes", "-qq", "--no-install-recommends"]).args(packages);
    if run(install, INSTALL_WITHIN).is_ok() {
        return Ok(());
    }
    // A fresh machine has no list of packages, an old one a stale list.
    let update = apt_get(project).map(|mut update| run(update.args(["update", "-qq"]), INSTALL_WITHIN));
    update.unwrap_or(Ok(()))?;
    run(install, INSTALL_WITHIN)
}

fn apt_get(project: &Project) -> Option<Command> {
    let apt_get = find("apt-get")?;
    let mut command = if ask(Command::new("id").arg("-u")).is_ok_and(|user| user == "0") {
        project.command(apt_get)
    } else {
        let sudo = find("sudo").filter(|sudo| ask(Command::new(sudo).args(["-n", "true"])).is_ok())?;
        let mut command = project.command(sudo);
        command.arg("-n").arg(apt_get);
        command
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    Some(command)
}
