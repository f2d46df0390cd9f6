//! One start of one function as a process of its own, with the variables that the template gives it and
//! those that Lambda sets, and nothing else of ours.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::binaries::Binary;
use super::events::Event;
use super::runtime_api::{RuntimeApi, Seen};
use crate::figures::{Samples, milliseconds};
use crate::{Error, Result};

/// Events that one start gets: the first is the cold one.
const EVENTS: u64 = 6;
/// How long one step may take.
const STEP_WITHIN: Duration = Duration::from_secs(20);
/// Kilobytes of a megabyte, as the kernel counts them.
const KILOBYTES: f64 = 1_024.0;
/// Statuses from here on are no answer to measure.
const FIRST_FAILURE: u64 = 500;

/// One start.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// From the start of the process to its first poll.
    pub poll_ms: f64,
    /// From the start of the process to its first answer.
    pub answer_ms: f64,
    /// How long it computed until its first poll.
    pub poll_cpu_ms: f64,
    /// How long it computed until its first answer.
    pub answer_cpu_ms: f64,
    /// An answer after the first, from poll to answer, the median of a few.
    pub warm_ms: f64,
    /// What is resident when it waits again.
    pub memory_mb: f64,
}

/// Starts a function, gives it its event a few times, and ends it.
///
/// # Errors
/// When it does not start, fails, or takes too long.
pub async fn start(api: &RuntimeApi, binary: &Binary, event: &Event) -> Result<Start> {
    let process = Arc::new(AtomicU32::new(0));
    let (address, mut seen) = api.place(event.payload.clone(), EVENTS, Arc::clone(&process));
    let mut command = command(binary, event, &address);
    let began = Instant::now();
    let mut child = command.spawn()?;
    process.store(child.id().unwrap_or_default(), Ordering::Release);
    let measured = follow(&mut child, &mut seen, began).await;
    child.kill().await?;
    measured
}

fn command(binary: &Binary, event: &Event, address: &str) -> Command {
    let mut command = Command::new(&binary.path);
    command
        .env_clear()
        .envs(&event.variables)
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .env("AWS_LAMBDA_FUNCTION_NAME", &binary.name)
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "bench")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

async fn follow(child: &mut Child, seen: &mut UnboundedReceiver<Seen>, began: Instant) -> Result<Start> {
    let (polled, poll_cpu) = poll(seen).await?;
    let (answered, answer_cpu) = answer(seen).await?;
    let mut warm = Vec::new();
    for _ in 1..EVENTS {
        let (polled, _) = poll(seen).await?;
        warm.push(answer(seen).await?.0 - polled);
    }
    poll(seen).await?;
    Ok(Start {
        poll_ms: milliseconds(polled - began),
        answer_ms: milliseconds(answered - began),
        poll_cpu_ms: milliseconds(poll_cpu),
        answer_cpu_ms: milliseconds(answer_cpu),
        warm_ms: Samples::of_times(warm).median(),
        memory_mb: resident_mb(child.id().ok_or("it has ended")?)?,
    })
}

async fn next(seen: &mut UnboundedReceiver<Seen>) -> Result<Seen> {
    timeout(STEP_WITHIN, seen.recv()).await?.ok_or_else(|| Error::from("the runtime API is gone"))
}

async fn poll(seen: &mut UnboundedReceiver<Seen>) -> Result<(Instant, Duration)> {
    match next(seen).await? {
        Seen::Polled(at, cpu) => Ok((at, cpu)),
        other => Err(format!("it did not ask for an event: {other:?}").into()),
    }
}

async fn answer(seen: &mut UnboundedReceiver<Seen>) -> Result<(Instant, Duration)> {
    match next(seen).await? {
        Seen::Answered(at, cpu, body) => {
            let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
            if answer["statusCode"].as_u64().is_some_and(|status| status >= FIRST_FAILURE) {
                return Err(format!("it answered {answer}").into());
            }
            Ok((at, cpu))
        }
        other => Err(format!("it did not answer: {other:?}").into()),
    }
}

/// What a process has in memory.
///
/// # Errors
/// When the kernel does not say.
fn resident_mb(process: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: f64 = line.and_then(|line| line.split_whitespace().next()).ok_or("no VmRSS")?.parse()?;
    Ok(kilobytes / KILOBYTES)
}
