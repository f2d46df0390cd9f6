//! The chromedriver process of one browser, on a free port, with a profile that is thrown away.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

/// What to do when a program is missing.
pub(super) const REMEDY: &str = "The browser tests need Chromium and chromedriver of the same version. On Debian: \
    apt-get install chromium chromium-driver. Elsewhere: set CHROMIUM and CHROMEDRIVER to the two programs.";
/// Lines that chromedriver says at most before it names its port.
const MOST_LINES: usize = 40;
const DRIVER: &str = "/usr/bin/chromedriver";
const CHROMIUM: &str = "/usr/bin/chromium";

/// A running chromedriver.
pub(super) struct Service {
    child: Child,
    port: u16,
    profile: TempDir,
    // Closed, it would end the driver at its next word.
    _said: BufReader<ChildStdout>,
}

impl Service {
    pub(super) fn start() -> Self {
        let program = program("CHROMEDRIVER", DRIVER);
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let mut command = Command::new(&program);
        command.arg("--port=0").env("TMPDIR", profile.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap_or_else(|cause| panic!("{program}: {cause}. {REMEDY}"));
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        let port = port(&mut said);
        let service = |port| Self { child, port, profile, _said: said };
        match port {
            Some(port) => service(port),
            None => {
                drop(service(0));
                panic!("{program} did not start. {REMEDY}");
            }
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn profile(&self) -> PathBuf {
        self.profile.path().join("profile")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // A driver that is killed leaves its browser behind; nothing else has that folder in its command line.
        let _ = Command::new("pkill").args(["-KILL", "-f"]).arg(self.profile.path()).stderr(Stdio::null()).status();
    }
}

/// Reads until the driver says where it listens.
fn port(said: &mut BufReader<ChildStdout>) -> Option<u16> {
    for _ in 0..MOST_LINES {
        let mut line = String::new();
        if said.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some((_, rest)) = line.split_once("started successfully on port ") {
            return rest.trim().trim_end_matches('.').parse().ok();
        }
    }
    None
}

/// Where Chromium is.
pub(super) fn chromium() -> String {
    program("CHROMIUM", CHROMIUM)
}

fn program(variable: &str, usual: &str) -> String {
    let said = std::env::var(variable).ok().filter(|said| !said.is_empty());
    let program = said.unwrap_or_else(|| usual.to_owned());
    assert!(Path::new(&program).is_file(), "{program} is not there. {REMEDY}");
    program
}
