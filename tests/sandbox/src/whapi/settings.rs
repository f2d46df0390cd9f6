//! A channel's settings, for its token:
//!
//! - `GET · PATCH · DELETE /settings`
//! - `GET /settings/events`
//! - `POST /settings/webhook_test`
//!
//! `PATCH` leaves alone what it does not name and replaces what it names, the list of webhooks as
//! a whole. A webhook without events gets the vendor's own default, which is a deprecated one.

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use super::Core;
use super::call::GateCall;
use super::ids;
use super::refusal::{Answer, Refusal, ok, success};
use super::shape::{Field, Kind, may, needs};
use super::state::first_settings;
use super::webhooks::{EVENTS, Outgoing};

/// The most headers of a webhook.
const HEADERS_LIMIT: usize = 5;
const TYPES: &[&str] = &[
    "messages",
    "statuses",
    "chats",
    "contacts",
    "groups",
    "presences",
    "calls",
    "channel",
    "users",
    "labels",
    "service",
    "message",
    "ack",
    "chat",
    "status",
];
const TEST_TYPES: &[&str] =
    &["messages", "statuses", "chats", "contacts", "groups", "presences", "calls", "channel", "users", "labels", "service"];
const MODES: Kind = Kind::OneOf(&["body", "path", "method"]);
const EVENT: &[Field] = &[may("type", Kind::OneOf(TYPES)), may("method", Kind::OneOf(&["post", "put", "delete", "patch"]))];
const WEBHOOK: &[Field] = &[
    needs("url", Kind::Text),
    may("events", Kind::List(&Kind::Object(EVENT), 0, usize::MAX)),
    may("mode", MODES),
    may("headers", Kind::Texts(HEADERS_LIMIT)),
    may("send_undecrypted_ad", Kind::Flag),
];
const MEDIA_KINDS: Kind = Kind::OneOf(&["image", "audio", "voice", "video", "document", "sticker"]);
const MEDIA: &[Field] = &[may("auto_download", Kind::List(&MEDIA_KINDS, 0, usize::MAX)), may("init_avatars", Kind::Flag)];
const SETTINGS: &[Field] = &[
    may("callback_backoff_delay_ms", Kind::Number(3_000.0, 15_000.0)),
    may("max_callback_backoff_delay_ms", Kind::Number(600_000.0, 3_600_000.0)),
    may("callback_persist", Kind::Flag),
    may("media", Kind::Object(MEDIA)),
    may("webhooks", Kind::List(&Kind::Object(WEBHOOK), 0, usize::MAX)),
    may("proxy", Kind::Like(ids::is_proxy)),
    may("mobile_proxy", Kind::Text),
    may("offline_mode", Kind::Flag),
    may("full_history", Kind::Flag),
    may("pdo_sync", Kind::Flag),
    may("ignored_presences", Kind::List(&Kind::Text, 0, usize::MAX)),
];
const TEST: &[Field] =
    &[needs("type", Kind::OneOf(TEST_TYPES)), needs("url", Kind::Text), needs("mode", MODES), may("headers", Kind::Texts(HEADERS_LIMIT))];

/// The settings whose change is named in the answer; the vendor's list lags behind its settings.
const NAMED_CHANGES: &[&str] =
    &["callback_backoff_delay_ms", "max_callback_backoff_delay_ms", "callback_persist", "media", "webhooks", "proxy", "mobile_proxy"];

/// The routes.
pub(crate) fn router() -> Router<Core> {
    Router::new()
        .route("/settings", get(read).patch(change).delete(reset))
        .route("/settings/events", get(events))
        .route("/settings/webhook_test", post(test))
}

async fn read(call: GateCall) -> Answer {
    ok(call.act(|channel, _, _| Ok(Value::Object(channel.settings.clone())))?)
}

async fn change(call: GateCall) -> Answer {
    let body = call.said.body(SETTINGS).map_err(|_| wrong_format())?;
    let asked = body.as_object().cloned().unwrap_or_default();
    check_ages(&asked)?;
    ok(call.act(|channel, _, _| {
        let before = channel.settings.clone();
        let known = asked.into_iter().filter(|(name, _)| SETTINGS.iter().any(|field| field.is(name)));
        for (name, value) in known {
            let value = if name == "webhooks" { with_defaults(&value) } else { value };
            channel.settings.insert(name, value);
        }
        let after = &channel.settings;
        let changes: Vec<&str> = (NAMED_CHANGES.iter().copied()).filter(|name| before.get(*name) != after.get(*name)).collect();
        Ok(json!({"before_update": before, "after_update": after, "changes": changes}))
    })?)
}

fn wrong_format() -> Refusal {
    Refusal::new(http::StatusCode::BAD_REQUEST, "Wrong settings format")
}

// The age may be null, which the descriptions of the other fields cannot say.
fn check_ages(asked: &Map<String, Value>) -> Result<(), Refusal> {
    let webhooks = asked.get("webhooks").and_then(Value::as_array).into_iter().flatten();
    let mut ages = webhooks.filter_map(|webhook| webhook.get("webhook_max_age_seconds"));
    let fits = |age: &Value| age.is_null() || age.as_i64().is_some_and(|age_s| (15..=172_800).contains(&age_s));
    if ages.all(fits) { Ok(()) } else { Err(wrong_format()) }
}

fn with_defaults(webhooks: &Value) -> Value {
    let filled = webhooks.as_array().into_iter().flatten().map(|webhook| {
        let mut webhook = webhook.as_object().cloned().unwrap_or_default();
        webhook.entry("mode").or_insert_with(|| json!("body"));
        webhook.entry("events").or_insert_with(|| json!([{"type": "message", "method": "put"}]));
        Value::Object(webhook)
    });
    Value::Array(filled.collect())
}

async fn reset(call: GateCall) -> Answer {
    call.act(|channel, _, _| {
        if channel.settings == first_settings() {
            return Err(Refusal::conflict("Settings already reset"));
        }
        channel.settings = first_settings();
        Ok(())
    })?;
    success()
}

async fn events(call: GateCall) -> Answer {
    call.act(|_, _, _| Ok(()))?;
    let all = EVENTS.iter().map(|(kind, verb)| json!({"type": kind, "method": verb}));
    ok(Value::Array(all.collect()))
}

async fn test(call: GateCall) -> Answer {
    let hook = call.said.body(TEST)?;
    let address = hook.get("url").and_then(Value::as_str).and_then(|url| url::Url::parse(url).ok());
    if !address.is_some_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Err(Refusal::new(http::StatusCode::BAD_REQUEST, "Wrong parameters"));
    }
    let kind = hook.get("type").and_then(Value::as_str).unwrap_or("messages").to_owned();
    call.act(|channel, _, _| {
        let body = json!({kind.as_str(): [], "event": {"type": kind, "event": "post"}, "channel_id": channel.id});
        let body = body.as_object().cloned().unwrap_or_default();
        channel.outgoing.push(Outgoing::new(&hook, &kind, "post", body).once());
        Ok(())
    })?;
    success()
}
