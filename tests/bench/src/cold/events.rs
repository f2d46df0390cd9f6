//! One real event for each function, with the variables that the template gives it: caught while a running
//! stack handled the like of it. Where a function can answer with one call of the store, the event is one
//! that makes it do just that.

use std::collections::BTreeMap;

use axum::body::Bytes;
use domain::id::PlanId;
use reqwest::Method;
use serde_json::json;

use super::HELLO;
use crate::fill::{Filled, fill};
use crate::signed::signed_events;
use crate::world::World;
use crate::{Error, Result};

/// Channels of the world that the functions find.
const CHANNELS: usize = 200;

/// What a function is started with.
#[derive(Debug, Clone)]
pub struct Event {
    /// The function's crate.
    pub function: &'static str,
    /// What happens.
    pub what: String,
    /// How often it calls the table; 0 where another service is called, or none.
    pub store_calls: u32,
    /// The event.
    pub payload: Bytes,
    /// Its variables.
    pub variables: BTreeMap<String, String>,
}

/// Has one event happen for each function, and keeps them.
///
/// # Errors
/// What was answered instead.
pub async fn prepare(world: &World) -> Result<Vec<Event>> {
    let filled = fill(world, CHANNELS).await?;
    let mut events = http_events(world, &filled).await?;
    world.settle().await?;
    let _ = world.stack().run_job("sweep").await;
    events.push(caught(world, "schedule", "a sweep", 0)?);
    events.push(caught(world, "relay", "a change → the queue", 0)?);
    events.push(caught(world, "worker", "a job that is done already", 1)?);
    let bare = caught(world, "account", "nothing", 0)?;
    events.push(Event { function: HELLO, variables: BTreeMap::new(), ..bare });
    Ok(events)
}

async fn http_events(world: &World, filled: &Filled) -> Result<Vec<Event>> {
    let (person, channel) = (&filled.person, &filled.channel);
    let get = |path: String| async move { world.get(person, &path).await };
    world.send(world.request(Method::GET, "/")).await?;
    world.send(world.request(Method::GET, "/v1/plans")).await?;
    get(format!("/v1/channels/{channel}")).await?;
    get(format!("/v1/channels/{channel}/qr")).await?;
    let admin = world.admin().await?;
    world.get(&admin, "/v1/admin/findings").await?;
    world.send(filled.hook.message(world, 0)).await?;
    checkout_of_no_plan(world, filled).await?;
    let key = api_key(world, filled).await?;
    world.send(world.request(Method::GET, "/v1/balance").bearer_auth(key)).await?;
    let signed = signed_events(world, 1).await?;
    for event in &signed {
        world.send(event.request(world)).await?;
    }
    [
        ("account", "balance", 1),
        ("admin", "findings", 1),
        ("authorizer", "an API key", 0),
        ("channels", "one channel", 1),
        ("console", "the first page", 0),
        ("paypal_checkout", "a plan that is not there", 1),
        ("paypal_webhook", "an event; fetches PayPal's certificate", 0),
        ("plans", "the catalogue", 1),
        ("qr", "a code; reads the keyring, calls WHAPI", 0),
        ("whapi_webhook", "an event; reads the keyring", 0),
    ]
    .into_iter()
    .map(|(function, what, store_calls)| caught(world, function, what, store_calls))
    .collect()
}

/// What the function was last called with.
fn caught(world: &World, function: &'static str, what: &str, store_calls: u32) -> Result<Event> {
    let payload = world.probe.last_payload(function).ok_or_else(|| Error::from(format!("{function} was never called")))?;
    Ok(Event { function, what: what.to_owned(), store_calls, payload, variables: world.probe.variables(function) })
}

/// A checkout of a plan that does not exist: one look into the table, and no.
async fn checkout_of_no_plan(world: &World, filled: &Filled) -> Result<()> {
    let plan = PlanId::new(world.stack().clock().now(), u128::MAX >> 64);
    let request = world.request(Method::POST, "/v1/subscriptions").bearer_auth(&filled.person.token);
    let answer = request.json(&json!({ "plan_id": plan.as_str(), "payment_method": "paypal" })).send().await?;
    if answer.status().is_success() { Err("a plan that is not there was sold".into()) } else { Ok(()) }
}

async fn api_key(world: &World, filled: &Filled) -> Result<String> {
    let made = world.post(&filled.person, "/v1/api-keys", json!({ "name": "bench", "scopes": ["read"] })).await?;
    made["key"].as_str().map(str::to_owned).ok_or_else(|| Error::from("a new API key was not shown"))
}
