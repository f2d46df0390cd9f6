//! Cold starts: the functions as they are deployed, each a process of its own, started again and again
//! beside a bare `lambda_http` function, in turn, so that a busy moment hits all alike.
//!
//! What is told: size, from the start of the process to the first poll of the runtime API, to the first
//! answer to a real event, an answer when warm, and the memory that is resident when all is done. The
//! stores are those of a running stack, over plain HTTP on loopback.

pub mod binaries;
mod child;
mod events;
mod runtime_api;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::Result;
use crate::figures::{Samples, ratio};
use crate::table::{Section, Table, aimed, plain};
use crate::world::World;
use binaries::{Binary, Size};
pub use child::{Start, start};
pub use events::{Event, prepare};
pub use runtime_api::RuntimeApi;

/// The function that all others are told as a ratio to.
pub const HELLO: &str = "hello";
/// The longest first poll, as a ratio to that of the bare function.
const POLL_AIM: f64 = 1.25;
/// The longest first answer with one store call, in milliseconds above that of the bare function.
const ANSWER_AIM_MS: f64 = 2.5;
/// The most memory, in megabytes.
const MEMORY_AIM_MB: f64 = 8.0;
/// The largest zip of a function that calls other companies, in megabytes.
const ZIP_AIM_MB: f64 = 3.5;

/// One function's starts.
struct Runs {
    binary: Binary,
    event: Event,
    size: Size,
    starts: Vec<Start>,
}

/// Measures the functions that are built.
///
/// # Errors
/// When nothing is built, or a function does not answer.
pub async fn run(folders: &[PathBuf], starts: usize) -> Result<Section> {
    let binaries = binaries::find(folders)?;
    let world = World::with_quick_gate().await?;
    let events = prepare(&world).await?;
    let api = RuntimeApi::start()?;
    let mut all = Vec::new();
    for binary in binaries {
        let Some(event) = events.iter().find(|event| event.function == binary.name).cloned() else { continue };
        all.push(Runs { size: binary.size()?, binary, event, starts: Vec::new() });
    }
    for _ in 0..starts {
        for runs in &mut all {
            let started = start(&api, &runs.binary, &runs.event).await;
            runs.starts.push(started.map_err(|error| format!("{}: {error}", runs.binary.name))?);
        }
    }
    Ok(section(&all, starts))
}

/// The medians of one function.
struct Figures {
    poll_ms: f64,
    answer_ms: f64,
    poll_cpu_ms: f64,
    answer_cpu_ms: f64,
    warm_ms: f64,
    memory_mb: f64,
}

impl Figures {
    fn of(runs: &Runs) -> Self {
        let median = |figure: fn(&Start) -> f64| Samples::new(runs.starts.iter().map(figure).collect()).median();
        Self {
            poll_ms: median(|start| start.poll_ms),
            answer_ms: median(|start| start.answer_ms),
            poll_cpu_ms: median(|start| start.poll_cpu_ms),
            answer_cpu_ms: median(|start| start.answer_cpu_ms),
            warm_ms: median(|start| start.warm_ms),
            memory_mb: median(|start| start.memory_mb),
        }
    }
}

fn section(all: &[Runs], starts: usize) -> Section {
    let mut section = Section::new("cold", "Cold starts, size and memory");
    let hello = all.iter().find(|runs| runs.binary.name == HELLO).map(Figures::of);
    let mut table = Table::new(&[
        "function",
        "first event",
        "zipped MB",
        "MB",
        "first poll ms",
        "÷ hello",
        "first answer ms",
        "− hello ms",
        "computing, ms",
        "warm ms",
        "resident MB",
    ]);
    let mut json = Vec::new();
    for runs in all {
        let figures = Figures::of(runs);
        let ratio = hello.as_ref().map_or(0.0, |hello| ratio(figures.poll_ms, hello.poll_ms));
        let more = hello.as_ref().map_or(0.0, |hello| figures.answer_ms - hello.answer_ms);
        table.row(row(runs, &figures, ratio, more));
        json.push(told(runs, &figures, ratio, more));
    }
    section.table(&table);
    section.say(&format!(
        "Medians of {starts} starts each, in turn, from the start of the process; “computing” is the processor's time until the first poll \
         and the first answer, which a busy machine does not change. Aims: first poll ≤ {POLL_AIM} × hello, first answer with one \
         store call ≤ hello + {ANSWER_AIM_MS} ms, resident ≤ {MEMORY_AIM_MB} MB, zipped ≤ {ZIP_AIM_MB} MB. The stores speak plain HTTP here: \
         a first TLS handshake comes on top of each first answer."
    ));
    section.json = json!({ "starts": starts, "functions": json });
    section
}

fn row(runs: &Runs, figures: &Figures, ratio: f64, more: f64) -> Vec<String> {
    let one_call = runs.event.store_calls == 1;
    vec![
        runs.binary.name.clone(),
        runs.event.what.clone(),
        aimed(runs.size.zipped_mb, ZIP_AIM_MB, 2),
        plain(runs.size.plain_mb, 2),
        plain(figures.poll_ms, 2),
        aimed(ratio, POLL_AIM, 2),
        plain(figures.answer_ms, 2),
        if one_call { aimed(more, ANSWER_AIM_MS, 2) } else { plain(more, 2) },
        format!("{:.2} · {:.2}", figures.poll_cpu_ms, figures.answer_cpu_ms),
        plain(figures.warm_ms, 2),
        aimed(figures.memory_mb, MEMORY_AIM_MB, 1),
    ]
}

fn told(runs: &Runs, figures: &Figures, ratio: f64, more: f64) -> Value {
    json!({
        "function": runs.binary.name,
        "binary": runs.binary.path.display().to_string(),
        "first_event": runs.event.what,
        "zipped_mb": runs.size.zipped_mb,
        "mb": runs.size.plain_mb,
        "first_poll_ms": figures.poll_ms,
        "first_poll_to_hello": ratio,
        "first_answer_ms": figures.answer_ms,
        "first_answer_more_than_hello_ms": more,
        "first_poll_computing_ms": figures.poll_cpu_ms,
        "first_answer_computing_ms": figures.answer_cpu_ms,
        "warm_ms": figures.warm_ms,
        "resident_mb": figures.memory_mb,
    })
}
