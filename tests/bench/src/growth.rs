//! The same with many more channels: latency, round trips, units and a function's memory on a small table
//! and on a large one, and how often one is the other. What depends on the number of records shows here.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::Result;
use crate::cold::binaries::one;
use crate::cold::{Event, RuntimeApi, start};
use crate::figures::{Samples, ratio};
use crate::fill::{Filled, fill};
use crate::probe::Call;
use crate::table::{Section, Table, aimed, plain};
use crate::warm::load;
use crate::world::World;

/// Channels of the small table.
const SMALL: usize = 1_000;
/// Requests of each operation.
const REQUESTS: usize = 400;
/// Requests of what leaves work behind.
const FEW: usize = 100;
/// Requests before the first that counts.
const WARMING: usize = 30;
/// The most that the large table may cost of the small one's latency and memory.
const AIM: f64 = 1.1;
/// The function whose memory is looked at: it reads the longest list.
const MEMORY_OF: &str = "channels";

/// What one operation costs on one table.
struct Figure {
    name: &'static str,
    p50_ms: f64,
    requests: f64,
    units: f64,
}

/// One table's figures.
struct Figures {
    channels: usize,
    operations: Vec<Figure>,
    memory_mb: Option<f64>,
    filled_in: Duration,
}

/// Measures on a small table and on one of so many channels.
///
/// # Errors
/// What was answered instead.
pub async fn run(channels: usize, folders: &[PathBuf]) -> Result<Section> {
    let small = measure(SMALL, folders).await?;
    let large = measure(channels, folders).await?;
    Ok(section(&small, &large))
}

async fn measure(channels: usize, folders: &[PathBuf]) -> Result<Figures> {
    let world = World::with_quick_gate().await?;
    let began = Instant::now();
    let filled = fill(&world, channels).await?;
    world.settle().await?;
    let filled_in = began.elapsed();
    let mut operations = Vec::new();
    for (name, function, path) in reads(&world, &filled).await? {
        let request = |_| Some(world.request(Method::GET, &path).bearer_auth(&filled.person.token));
        operations.push(figure(&world, name, function, REQUESTS, request).await?);
    }
    let memory_mb = memory(&world, &filled, folders).await?;
    operations.push(figure(&world, "webhook of WHAPI", "whapi_webhook", FEW, |number| Some(filled.hook.message(&world, number))).await?);
    whapi_is_away(&world).await?;
    operations.push(figure(&world, "extend a channel", "channels", FEW, |_| Some(extend(&world, &filled))).await?);
    Ok(Figures { channels, operations, memory_mb, filled_in })
}

/// What is read: name, function, path.
async fn reads(world: &World, filled: &Filled) -> Result<[(&'static str, &'static str, String); 6]> {
    let first = world.get(&filled.person, "/v1/channels?limit=50").await?;
    let cursor = first["next_cursor"].as_str().unwrap_or_default();
    let channel = &filled.channel;
    Ok([
        ("balance", "account", "/v1/balance".to_owned()),
        ("channels, the first page", "channels", "/v1/channels?limit=50".to_owned()),
        ("channels, the next page", "channels", format!("/v1/channels?limit=50&cursor={cursor}")),
        ("one channel", "channels", format!("/v1/channels/{channel}")),
        ("how far linking is", "qr", format!("/v1/channels/{channel}/link")),
        ("QR code", "qr", format!("/v1/channels/{channel}/qr")),
    ])
}

/// WHAPI answers nothing: it does not have these channels, and would say that they are gone.
async fn whapi_is_away(world: &World) -> Result<()> {
    let faults = json!({ "seed": 1, "rules": [{ "provider": "whapi", "kind": "status", "status": 503, "rate": 1.0 }] });
    world.send(world.request(Method::PUT, "/local/faults").json(&faults)).await.map(drop)
}

fn extend(world: &World, filled: &Filled) -> RequestBuilder {
    let request = world.request(Method::POST, &format!("/v1/channels/{}/extend", filled.channel));
    request.bearer_auth(&filled.person.token).json(&json!({ "days": 1 }))
}

async fn figure(
    world: &World,
    name: &'static str,
    function: &str,
    requests: usize,
    make: impl Fn(usize) -> Option<RequestBuilder>,
) -> Result<Figure> {
    load(1, Duration::MAX, WARMING, &make).await?;
    world.settle().await?;
    world.probe.take();
    let measured = load(1, Duration::MAX, requests, |number| make(WARMING + number)).await?;
    let calls: Vec<Call> = world.probe.take().into_iter().filter(|call| call.function == function).collect();
    let median = |figure: fn(&Call) -> f64| Samples::new(calls.iter().map(figure).collect()).median();
    world.settle().await?;
    Ok(Figure {
        name,
        p50_ms: measured.latencies.median(),
        #[allow(clippy::cast_precision_loss, reason = "a count of requests stays far below 2^53")]
        requests: median(|call| call.usage.requests as f64),
        units: median(|call| call.usage.read_units + call.usage.write_units),
    })
}

/// What the built function holds in memory after it has read a page of the longest list.
async fn memory(world: &World, filled: &Filled, folders: &[PathBuf]) -> Result<Option<f64>> {
    let Some(binary) = one(folders, MEMORY_OF) else { return Ok(None) };
    world.get(&filled.person, "/v1/channels?limit=100").await?;
    let payload = world.probe.last_payload(MEMORY_OF).unwrap_or_default();
    let variables = world.probe.variables(MEMORY_OF);
    let event = Event { function: MEMORY_OF, what: String::new(), store_calls: 1, payload, variables };
    Ok(Some(start(&RuntimeApi::start()?, &binary, &event).await?.memory_mb))
}

fn section(small: &Figures, large: &Figures) -> Section {
    let mut section = Section::new("growth", "Growth");
    let (less, more) = (small.channels, large.channels);
    let mut table = Table::new(&[
        "operation",
        &format!("p50 ms at {less}"),
        &format!("at {more}"),
        "ratio",
        "round trips",
        "units",
        &format!("units at {more}"),
    ]);
    for (one, other) in small.operations.iter().zip(&large.operations) {
        table.row(vec![
            one.name.to_owned(),
            plain(one.p50_ms, 2),
            plain(other.p50_ms, 2),
            aimed(ratio(other.p50_ms, one.p50_ms), AIM, 2),
            format!("{:.0} · {:.0}", one.requests, other.requests),
            plain(one.units, 1),
            aimed(other.units, one.units, 1),
        ]);
    }
    if let (Some(one), Some(other)) = (small.memory_mb, large.memory_mb) {
        let name = format!("resident MB of `{MEMORY_OF}`");
        table.row(vec![
            name,
            plain(one, 1),
            plain(other, 1),
            aimed(ratio(other, one), AIM, 2),
            String::new(),
            String::new(),
            String::new(),
        ]);
    }
    section.table(&table);
    section.say(&format!(
        "A tenth of the channels belongs to the customer who is measured. Filled in {:.0} s and {:.0} s. Aim: ≤ {AIM} × in everything, with the noise \
         of a shared machine in the latencies.",
        small.filled_in.as_secs_f64(),
        large.filled_in.as_secs_f64()
    ));
    section.json = json!([told(small), told(large)]);
    section
}

fn told(figures: &Figures) -> Value {
    let operations = figures
        .operations
        .iter()
        .map(|figure| json!({ "operation": figure.name, "p50_ms": figure.p50_ms, "requests": figure.requests, "units": figure.units }));
    json!({
        "channels": figures.channels,
        "operations": operations.collect::<Vec<_>>(),
        "resident_mb": figures.memory_mb,
        "filled_in_seconds": figures.filled_in.as_secs_f64(),
    })
}
