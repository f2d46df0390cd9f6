//! Warm latency and requests per second through the whole stack: an HTTP client, the gateway with its
//! authorizer, the function, the store over HTTP. Everything shares this machine's cores, the client too.
//!
//! WHAPI is a stub that answers at once. What a webhook sets in motion (relay, queue, worker) runs at the
//! same time, as it would.

mod load;

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::Result;
use crate::figures::{Samples, milliseconds};
use crate::fill::{Filled, fill};
use crate::probe::Call;
use crate::signed::{Signed, signed_events};
use crate::table::{Section, Table, aimed, plain};
use crate::world::World;
pub use load::{Measured, load};

/// Clients at the same time.
const CLIENTS: [usize; 2] = [1, 16];
/// Channels of the world.
const CHANNELS: usize = 1_000;
/// Webhooks of one measurement for each client; they are bounded by number because each leaves work behind.
const WEBHOOKS_EACH: usize = 250;
/// Requests before the first that counts.
const WARMING: usize = 50;

/// The aims of an operation at one client, in milliseconds.
#[derive(Clone, Copy)]
struct Aims {
    p50_ms: f64,
    p99_ms: f64,
}

/// Reading.
const READ: Aims = Aims { p50_ms: 1.0, p99_ms: 5.0 };
/// A webhook, verified, stored, answered.
const WEBHOOK: Aims = Aims { p50_ms: 5.0, p99_ms: 25.0 };

/// What is measured.
struct Operation {
    name: &'static str,
    function: &'static str,
    aims: Aims,
    kind: Kind,
}

enum Kind {
    Get(String),
    Whapi,
    Paypal,
}

/// Measures.
///
/// # Errors
/// What was answered instead.
pub async fn run(seconds: u64) -> Result<Section> {
    let world = World::with_quick_gate().await?;
    let filled = fill(&world, CHANNELS).await?;
    let signed = signed_events(&world, WARMING + CLIENTS.iter().sum::<usize>() * WEBHOOKS_EACH).await?;
    let mut rows = Vec::new();
    for operation in operations(&filled) {
        rows.extend(measure(&world, &filled, &signed, &operation, Duration::from_secs(seconds)).await?);
    }
    Ok(section(&rows))
}

fn operations(filled: &Filled) -> Vec<Operation> {
    let get = |name, function, path: String| Operation { name, function, aims: READ, kind: Kind::Get(path) };
    let hook = |name, function, kind| Operation { name, function, aims: WEBHOOK, kind };
    let channel = &filled.channel;
    vec![
        get("balance", "account", "/v1/balance".to_owned()),
        get("channels, a page of 50", "channels", "/v1/channels?limit=50".to_owned()),
        get("one channel", "channels", format!("/v1/channels/{channel}")),
        get("QR code", "qr", format!("/v1/channels/{channel}/qr")),
        hook("webhook of WHAPI", "whapi_webhook", Kind::Whapi),
        hook("webhook of PayPal", "paypal_webhook", Kind::Paypal),
    ]
}

struct Row {
    name: &'static str,
    clients: usize,
    aims: Aims,
    measured: Measured,
    inside: Samples,
}

async fn measure(world: &World, filled: &Filled, signed: &[Signed], operation: &Operation, time: Duration) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let mut used = 0;
    for clients in CLIENTS {
        world.settle().await?;
        if used == 0 {
            load(1, Duration::MAX, WARMING, |number| request(world, filled, signed, &operation.kind, number)).await?;
            used = WARMING;
            world.settle().await?;
        }
        world.probe.take();
        let is_read = matches!(operation.kind, Kind::Get(_));
        let (time, most) = if is_read { (time, usize::MAX) } else { (Duration::MAX, clients * WEBHOOKS_EACH) };
        let measured = load(clients, time, most, |number| request(world, filled, signed, &operation.kind, used + number)).await?;
        used += if is_read { 0 } else { measured.latencies.count() };
        let inside = inside(&world.probe.take(), operation.function);
        rows.push(Row { name: operation.name, clients, aims: operation.aims, measured, inside });
    }
    Ok(rows)
}

fn request(world: &World, filled: &Filled, signed: &[Signed], kind: &Kind, number: usize) -> Option<RequestBuilder> {
    Some(match kind {
        Kind::Get(path) => world.request(Method::GET, path).bearer_auth(&filled.person.token),
        Kind::Whapi => filled.hook.message(world, number),
        Kind::Paypal => signed.get(number)?.request(world),
    })
}

/// How long the function itself took, without client and gateway.
fn inside(calls: &[Call], function: &str) -> Samples {
    let took = calls.iter().filter(|call| call.function == function).map(|call| milliseconds(call.took));
    Samples::new(took.collect())
}

fn section(rows: &[Row]) -> Section {
    let mut section = Section::new("warm", "Warm, through the stack");
    let mut table = Table::new(&["operation", "clients", "requests", "p50 ms", "p99 ms", "a second", "in the function, p50 ms"]);
    for row in rows {
        table.row(cells(row));
    }
    section.table(&table);
    section.say(
        "Client, gateway, function and stores share this machine. Aims at one client: reading ≤ 1 ms p50 and ≤ 5 ms p99, a webhook ≤ 5 ms p50 \
         and ≤ 25 ms p99; webhooks ≥ 1 000 a second.",
    );
    section.json = Value::Array(rows.iter().map(told).collect());
    section
}

fn cells(row: &Row) -> Vec<String> {
    let (p50, p99) = (row.measured.latencies.median(), row.measured.latencies.percentile(99));
    let alone = row.clients == 1;
    vec![
        row.name.to_owned(),
        row.clients.to_string(),
        row.measured.latencies.count().to_string(),
        if alone { aimed(p50, row.aims.p50_ms, 2) } else { plain(p50, 2) },
        if alone { aimed(p99, row.aims.p99_ms, 2) } else { plain(p99, 2) },
        plain(row.measured.per_second, 0),
        plain(row.inside.median(), 2),
    ]
}

fn told(row: &Row) -> Value {
    json!({
        "operation": row.name,
        "clients": row.clients,
        "requests": row.measured.latencies.count(),
        "p50_ms": row.measured.latencies.median(),
        "p99_ms": row.measured.latencies.percentile(99),
        "requests_per_second": row.measured.per_second,
        "in_function_p50_ms": row.inside.median(),
    })
}
