//! The program behind `cargo dev`: the whole product on this machine, until Ctrl-C.

use std::process::ExitCode;
use std::time::Duration;

use stack::{Stack, StackError, settings};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// What is logged when `DAYPASS_LOG` says nothing: requests, and what goes wrong.
const LOG_UNSAID: &str = "warn,dynoxide=error,gateway=info";
/// How long what still runs may hold up the end.
const END_WITHIN: Duration = Duration::from_millis(500);
/// How far another port is that is proposed when one is taken.
const OTHER_PORT_AFTER: u16 = 100;

fn main() -> ExitCode {
    let filter = std::env::var("DAYPASS_LOG").ok().filter(|said| !said.is_empty());
    let filter = EnvFilter::new(filter.unwrap_or_else(|| LOG_UNSAID.to_owned()));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            say_error(&cause);
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| cause.to_string())?;
    let ended = runtime.block_on(run());
    runtime.shutdown_timeout(END_WITHIN);
    ended
}

async fn run() -> Result<(), String> {
    let config = settings(|name| std::env::var(name).ok()).map_err(|cause| cause.to_string())?;
    let port = config.port;
    let shown = config.public_url.clone();
    let stack = Stack::start(config).await.map_err(|cause| remedy(&cause, port))?;
    let url = shown.unwrap_or_else(|| stack.url().to_owned());
    say(&format!("ready {url} (sandbox panel: {}/local/)", stack.url()));
    let told = told_to_end().await;
    stack.stop().await;
    told.map_err(|cause| cause.to_string())
}

async fn told_to_end() -> Result<(), std::io::Error> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

/// The error, and what to do about it.
fn remedy(cause: &StackError, port: u16) -> String {
    let other = port.saturating_add(OTHER_PORT_AFTER);
    match cause {
        StackError::Port { port, .. } => {
            format!("{cause}\nStop what listens on {port}, or choose another: DAYPASS_PORT={other} cargo dev")
        }
        _ if cause.is_taken_port() => {
            let last = port.saturating_add(stack::PORTS_USED - 1);
            format!("{cause}\nPorts {port} to {last} are needed. Free them, or choose others: DAYPASS_PORT={other} cargo dev")
        }
        _ => cause.to_string(),
    }
}

#[allow(clippy::print_stdout)] // The line that scripts wait for.
fn say(line: &str) {
    println!("{line}");
}

#[allow(clippy::print_stderr)] // Shown whatever is logged.
fn say_error(line: &str) {
    eprintln!("{line}");
}
