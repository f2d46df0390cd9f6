//! A running local stack for the checks that need one: on free ports, in a fresh world, ended when dropped.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::project::Project;
use crate::run::Outcome;

/// How long it may take until it is ready.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// How long it may take to end before it is killed.
const END_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How the line begins that it prints when it is ready.
const READY: &str = "ready ";

/// A running stack.
pub(crate) struct Server {
    child: Child,
    /// The gateway's address.
    pub(crate) url: String,
}

impl Server {
    /// Starts one; its log goes to a file named after the check.
    pub(crate) fn start(project: &Project, check: &str) -> Outcome<Self> {
        let log = project.target.join("xtask").join(format!("{check}.log"));
        let file = fs::create_dir_all(project.target.join("xtask")).and_then(|()| File::create(&log));
        let file = file.map_err(|cause| format!("{}: {cause}", log.display()))?;
        let mut command = project.command(project.built("stack"));
        command.env("DAYPASS_PORT", "0").env_remove("DAYPASS_DATA_DIR").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(file);
        let child = command.spawn().map_err(|cause| format!("the stack does not start: {cause}"))?;
        let mut server = Self { child, url: String::new() };
        server.url = server.address().ok_or_else(|| format!("the stack did not become ready; its log: {}", log.display()))?;
        Ok(server)
    }

    fn address(&mut self) -> Option<String> {
        let lines = BufReader::new(self.child.stdout.take()?).lines();
        let (found, address) = mpsc::channel();
        // Reads on to the end, so that the stack never waits for a reader.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let url = line.strip_prefix(READY).and_then(|rest| rest.split_whitespace().next());
                let _ = url.map(|url| found.send(url.to_owned()));
            }
        });
        address.recv_timeout(READY_WITHIN).ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let began = Instant::now();
        while began.elapsed() < END_WITHIN && self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            thread::sleep(LOOK_EVERY);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
