//! The product's functions with an eye on each: what they were given, how long each invocation took, and
//! what the table charged for it.
//!
//! Invariant: a function is built and called exactly as the stack does it; the eye adds a meter to its
//! store and a look at the clock. Units belong to one invocation only while the same function does not run
//! twice at once: where they are told, invocations take turns.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use boot::{Boot, BootError};
use lambda_runtime::Context;
use serde_json::Value;
use stack::Registry;
use stack::functions::{Surroundings, event, http};
use stack::invoke::Code;
use store::{Meter, Usage};

use crate::trace;

/// Invocations that are remembered at most.
const MOST_CALLS: usize = 200_000;

/// One invocation.
#[derive(Debug, Clone)]
pub struct Call {
    /// The function's crate.
    pub function: &'static str,
    /// What it was called for: a route, the kinds of jobs, the name of a schedule.
    pub what: String,
    /// How long it took.
    pub took: Duration,
    /// What the table charged.
    pub usage: Usage,
    /// The calls of AWS that it made, where somebody listens.
    pub aws: Vec<&'static str>,
}

#[derive(Default)]
struct Seen {
    variables: BTreeMap<&'static str, BTreeMap<String, String>>,
    payloads: BTreeMap<&'static str, Bytes>,
    calls: Vec<Call>,
}

/// The eye. All clones are one.
#[derive(Clone, Default)]
pub struct Probe {
    seen: Arc<Mutex<Seen>>,
    /// Held by the invocation that runs, where they take turns.
    turn: Option<Arc<tokio::sync::Mutex<()>>>,
}

macro_rules! event_of {
    ($probe:expr, $function:ident) => {
        $probe.watched(stringify!($function), |boot| {
            let handler = $function::handler(boot).map_err(text)?;
            Ok(event(move |payload, _| {
                let handler = handler.clone();
                async move { handler.call(payload).await }
            }))
        })
    };
}

impl Probe {
    /// One under which invocations take turns, and whose calls are told.
    pub fn exact() -> Self {
        trace::listen();
        Self { turn: Some(Arc::default()), ..Self::default() }
    }

    /// The product's functions under this eye.
    pub fn registry(&self) -> Registry {
        Registry::default()
            .with("account", self.http("account", account::router))
            .with("admin", self.http("admin", admin::router))
            .with("channels", self.http("channels", channels::router))
            .with("console", self.http("console", console::router))
            .with("paypal_checkout", self.http("paypal_checkout", paypal_checkout::router))
            .with("paypal_webhook", self.http("paypal_webhook", paypal_webhook::router))
            .with("plans", self.http("plans", plans::router))
            .with("qr", self.http("qr", qr::router))
            .with("whapi_webhook", self.http("whapi_webhook", whapi_webhook::router))
            .with("authorizer", event_of!(self, authorizer))
            .with("relay", event_of!(self, relay))
            .with("schedule", event_of!(self, schedule))
            .with("worker", event_of!(self, worker))
    }

    fn http(
        &self,
        name: &'static str,
        router: fn(&Boot) -> Result<Router, BootError>,
    ) -> impl Fn(&Surroundings) -> Result<Code, String> + Send + Sync + 'static {
        self.watched(name, move |boot| router(boot).map(http).map_err(text))
    }

    fn watched(
        &self,
        name: &'static str,
        make: impl Fn(&Boot) -> Result<Code, String> + Send + Sync + 'static,
    ) -> impl Fn(&Surroundings) -> Result<Code, String> + Send + Sync + 'static {
        let probe = self.clone();
        move |around| {
            let meter = Meter::new();
            let mut boot = around.boot();
            boot.meter = Some(meter.clone());
            probe.seen().variables.insert(name, around.variables.clone());
            Ok(probe.wrapped(name, meter, make(&boot)?))
        }
    }

    fn wrapped(&self, function: &'static str, meter: Meter, code: Code) -> Code {
        let probe = self.clone();
        Arc::new(move |payload: Bytes, context: Context| {
            let (probe, meter) = (probe.clone(), meter.clone());
            let answering = code(payload.clone(), context);
            Box::pin(async move {
                let _turn = probe.take_turn().await;
                let (before, began) = (meter.usage(), Instant::now());
                let (answer, aws) = trace::traced(answering).await;
                let (took, usage) = (began.elapsed(), difference(meter.usage(), before));
                probe.note(Call { function, what: what(function, &payload), took, usage, aws }, payload);
                answer
            })
        })
    }

    async fn take_turn(&self) -> Option<tokio::sync::OwnedMutexGuard<()>> {
        match &self.turn {
            Some(turn) => Some(Arc::clone(turn).lock_owned().await),
            None => None,
        }
    }

    fn note(&self, call: Call, payload: Bytes) {
        let mut seen = self.seen();
        seen.payloads.insert(call.function, payload);
        if seen.calls.len() < MOST_CALLS {
            seen.calls.push(call);
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The variables of a function.
    pub fn variables(&self, function: &str) -> BTreeMap<String, String> {
        self.seen().variables.get(function).cloned().unwrap_or_default()
    }

    /// What a function was last called with.
    pub fn last_payload(&self, function: &str) -> Option<Bytes> {
        self.seen().payloads.get(function).cloned()
    }

    /// The invocations since this was last asked.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.seen().calls)
    }
}

fn difference(after: Usage, before: Usage) -> Usage {
    Usage {
        requests: after.requests.saturating_sub(before.requests),
        read_units: after.read_units - before.read_units,
        write_units: after.write_units - before.write_units,
    }
}

/// What an invocation was for.
fn what(function: &str, payload: &[u8]) -> String {
    let event: Value = serde_json::from_slice(payload).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    match function {
        "authorizer" => "who is calling".to_owned(),
        "schedule" => text(&event["job"]),
        "relay" => "changes".to_owned(),
        "worker" => jobs(&event),
        _ => text(&event["routeKey"]),
    }
}

/// The kinds of the jobs of a batch, such as `inbox paypal`.
fn jobs(event: &Value) -> String {
    let bodies = event["Records"].as_array().into_iter().flatten().filter_map(|record| record["body"].as_str());
    let kinds = bodies.map(|body| {
        let job: Value = serde_json::from_str(body).unwrap_or_default();
        let provider = job["pk"].as_str().and_then(|pk| pk.strip_prefix("INB#")).and_then(|rest| rest.split('#').next());
        let kind = job["kind"].as_str().unwrap_or("?");
        provider.map_or_else(|| kind.to_owned(), |provider| format!("{kind} {provider}"))
    });
    kinds.collect::<Vec<_>>().join(" + ")
}

#[allow(clippy::needless_pass_by_value, reason = "made for map_err")]
fn text(error: BootError) -> String {
    error.to_string()
}
