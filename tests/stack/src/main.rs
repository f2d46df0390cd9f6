//! The program behind `cargo dev`: the whole product on this machine, until Ctrl-C.

use std::process::ExitCode;

use stack::{Stack, StackError, settings};
use tracing_subscriber::EnvFilter;

/// What is logged when `DAYPASS_LOG` says nothing: requests, and what goes wrong.
const LOG_UNSAID: &str = "warn,gateway=info";

fn main() -> ExitCode {
    let filter = std::env::var("DAYPASS_LOG")
        .ok()
        .filter(|said| !said.is_empty());
    let filter = EnvFilter::new(filter.unwrap_or_else(|| LOG_UNSAID.to_owned()));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime
        .map_err(|cause| cause.to_string())
        .and_then(|runtime| runtime.block_on(run()))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            say_error(&cause);
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let config = settings(|name| std::env::var(name).ok()).map_err(|cause| cause.to_string())?;
    let shown = config.public_url.clone();
    let stack = Stack::start(config).await.map_err(|cause| remedy(&cause))?;
    say(&format!(
        "ready {}  (sandbox panel: {}/local/)",
        shown.as_deref().unwrap_or(stack.url()),
        stack.url()
    ));
    let stopped = tokio::signal::ctrl_c().await;
    stack.stop().await;
    stopped.map_err(|cause| cause.to_string())
}

/// The error, and what to do about it.
fn remedy(cause: &StackError) -> String {
    match cause {
        StackError::Port { port, .. } => {
            format!(
                "{cause}\nStop what listens on {port}, or choose another: DAYPASS_PORT={} cargo dev",
                port.saturating_add(100)
            )
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
