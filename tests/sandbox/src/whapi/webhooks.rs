//! What WHAPI sends out: a channel's events to the addresses in its settings, and the notice of
//! a low balance to the partner's.
//!
//! No signature, no event id, no order. An answer of exactly 200 is success; the n-th retry
//! waits n times the backoff of the channel's settings, up to their cap, until the webhook's
//! greatest age. How long WHAPI really goes on is documented nowhere: [`ATTEMPTS_LIMIT`].

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::state::{Channel, World, days_json};
use crate::deliver::Delivery;
use crate::faults::Provider;

/// The most attempts of one webhook.
const ATTEMPTS_LIMIT: u32 = 50;
const BACKOFF_MS: i64 = 3_000;
const BACKOFF_CAP_MS: i64 = 900_000;

/// The events a channel can send, as `GET /settings/events` lists them.
pub(crate) const EVENTS: &[(&str, &str)] = &[
    ("messages", "post"),
    ("messages", "put"),
    ("messages", "patch"),
    ("messages", "delete"),
    ("statuses", "post"),
    ("statuses", "put"),
    ("chats", "post"),
    ("chats", "put"),
    ("chats", "patch"),
    ("chats", "delete"),
    ("contacts", "post"),
    ("contacts", "patch"),
    ("groups", "post"),
    ("groups", "put"),
    ("groups", "patch"),
    ("presences", "post"),
    ("calls", "post"),
    ("channel", "post"),
    ("channel", "patch"),
    ("users", "post"),
    ("users", "delete"),
    ("labels", "post"),
    ("labels", "delete"),
    ("service", "post"),
];

/// A webhook ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    label: String,
    url: String,
    method: Method,
    headers: Vec<(String, String)>,
    body: Map<String, Value>,
    backoff_ms: i64,
    cap_ms: i64,
    age_limit_ms: Option<i64>,
    attempts: u32,
}

impl Outgoing {
    /// One webhook to the address, by the mode and with the headers, that `hook` says.
    pub(crate) fn new(hook: &Value, kind: &str, verb: &str, body: Map<String, Value>) -> Self {
        let text = |name: &str| hook.get(name).and_then(Value::as_str);
        let url = text("url").unwrap_or_default().to_owned();
        let (method, url) = match text("mode").unwrap_or("body") {
            "path" => (Method::POST, with_path(&url, &[kind, verb])),
            "method" => (verb_method(verb), with_path(&url, &[kind])),
            _ => (Method::POST, url),
        };
        Self {
            label: format!("{kind}.{verb}"),
            url,
            method,
            headers: headers_of(hook),
            body,
            backoff_ms: BACKOFF_MS,
            cap_ms: BACKOFF_CAP_MS,
            age_limit_ms: hook.get("webhook_max_age_seconds").and_then(Value::as_i64).map(|age_s| age_s * 1_000),
            attempts: ATTEMPTS_LIMIT,
        }
    }

    /// The same, tried once.
    pub(crate) fn once(self) -> Self {
        Self { attempts: 1, ..self }
    }

    fn spell_method(&mut self) {
        let event = self.body.get_mut("event").and_then(Value::as_object_mut);
        if let Some(event) = event
            && let Some(verb) = event.remove("event")
        {
            event.insert("method".to_owned(), verb);
        }
    }

    /// What the deliverer needs of it.
    pub(crate) fn delivery(self) -> Delivery {
        let body = Bytes::from(Value::Object(self.body).to_string());
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(self.headers);
        let (backoff_ms, cap_ms) = (self.backoff_ms, self.cap_ms);
        let (age_limit_ms, attempts) = (self.age_limit_ms, self.attempts);
        let pause_ms = move |attempt: u32| i64::from(attempt).saturating_mul(backoff_ms).min(cap_ms);
        let mut delivery = Delivery::post(Provider::Whapi, self.label, self.url, move |_, _| (headers.clone(), body.clone()));
        delivery.method = self.method;
        delivery.accepts = Arc::new(|status| status == 200);
        delivery.retrying(move |attempt| {
            let age_ms: i64 = (1..=attempt).map(pause_ms).sum();
            let goes_on = attempt < attempts && age_limit_ms.is_none_or(|limit_ms| age_ms <= limit_ms);
            goes_on.then(|| SignedDuration::from_millis(pause_ms(attempt)))
        })
    }
}

fn with_path(url: &str, segments: &[&str]) -> String {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let path = format!("{}/{}", base.trim_end_matches('/'), segments.join("/"));
    query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"))
}

fn verb_method(verb: &str) -> Method {
    Method::from_bytes(verb.to_ascii_uppercase().as_bytes()).unwrap_or(Method::POST)
}

fn headers_of(hook: &Value) -> Vec<(String, String)> {
    let headers = hook.get("headers").and_then(Value::as_object);
    let pairs = headers.into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

// The deprecated names that the vendor's own defaults still use.
fn is_named(subscribed: &str, kind: &str) -> bool {
    subscribed == kind || matches!((subscribed, kind), ("message", "messages") | ("ack", "statuses") | ("chat", "chats"))
}

fn subscribes(hook: &Value, kind: &str, verb: &str) -> bool {
    let word = |event: &Value, name: &str| event.get(name).and_then(Value::as_str).map(str::to_owned);
    let events = hook.get("events").and_then(Value::as_array);
    events.into_iter().flatten().any(|event| {
        let named = word(event, "type").is_some_and(|subscribed| is_named(&subscribed, kind));
        named && word(event, "method").is_none_or(|subscribed| subscribed == verb)
    })
}

impl Channel {
    fn hooks(&self) -> impl Iterator<Item = &Value> {
        self.settings.get("webhooks").and_then(Value::as_array).into_iter().flatten()
    }

    /// Whether anybody listens to this event.
    pub(crate) fn wants(&self, kind: &str, verb: &str) -> bool {
        self.hooks().any(|hook| subscribes(hook, kind, verb))
    }

    /// Sends an event to whoever listens.
    pub(crate) fn emit(&mut self, kind: &str, verb: &str, key: &str, value: Value) {
        let envelope = json!({
            key: value,
            "event": {"type": kind, "event": verb},
            "channel_id": self.id,
        });
        let body = envelope.as_object().cloned().unwrap_or_default();
        let number = |name: &str, unset: i64| self.settings.get(name).and_then(Value::as_f64).map_or(unset, |ms| ms as i64);
        let (backoff_ms, cap_ms) =
            (number("callback_backoff_delay_ms", BACKOFF_MS), number("max_callback_backoff_delay_ms", BACKOFF_CAP_MS));
        let outgoing: Vec<Outgoing> = self
            .hooks()
            .filter(|hook| subscribes(hook, kind, verb))
            .map(|hook| Outgoing { backoff_ms, cap_ms, ..Outgoing::new(hook, kind, verb, body.clone()) })
            .collect();
        self.outgoing.extend(outgoing);
    }
}

/// The notice of a low balance. UNVERIFIED: no source shows what WHAPI really sends; the member
/// names are the ones that the product's own requirements use.
fn low_balance_body(balance_ms: i64, days_limit: f64) -> Map<String, Value> {
    let notice = json!({
        "currentDays": days_json(balance_ms),
        "daysLimit": if days_limit.fract() == 0.0 { json!(days_limit as i64) } else { json!(days_limit) },
        "event": {"type": "days", "event": "post"},
    });
    notice.as_object().cloned().unwrap_or_default()
}

impl World {
    /// Sends the notice of a low balance to each of these addresses.
    pub(crate) fn send_low_balance(&mut self, hooks: &[Value], days_limit: f64) {
        let body = low_balance_body(self.partner.balance_ms, days_limit);
        self.outgoing.extend(hooks.iter().map(|hook| Outgoing::new(hook, "days", "post", body.clone())));
    }

    /// All that is to be sent, in the spelling that the switches say.
    pub(crate) fn take_outgoing(&mut self) -> Vec<Outgoing> {
        let mut all = std::mem::take(&mut self.outgoing);
        for channel in self.channels.values_mut() {
            all.append(&mut channel.outgoing);
        }
        if self.switches.method_spelling {
            all.iter_mut().for_each(Outgoing::spell_method);
        }
        all
    }
}
