//! A channel's settings, as far as we set them: where its webhooks go and with which headers.

use domain::Secret;
use serde_json::{Map, Value, json};

use crate::json::Node;

/// What is asked for, by type and method. WHAPI's own default is an event that it has given up; what
/// people write to each other is not asked for as long as nothing here works on it.
const EVENTS: [(&str, &str); 4] = [("users", "post"), ("users", "delete"), ("channel", "post"), ("channel", "patch")];

/// A webhook of a channel as it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSetting {
    /// Where it goes.
    pub url: String,
    /// Pairs of type and method, such as `("users", "post")`; never left to WHAPI's defaults.
    pub events: Vec<(String, String)>,
}

/// Where all of a channel's webhooks are to go.
#[derive(Clone)]
pub struct WebhookTarget {
    /// The address.
    pub url: String,
    /// A header that WHAPI sends along and its value: the only way to know that it is WHAPI.
    pub header: (String, Secret),
}

impl WebhookTarget {
    /// The body that sets it. Webhooks are replaced as a whole, so this is every event that we want.
    pub(super) fn body(&self) -> Value {
        let events: Vec<_> = EVENTS.iter().map(|(kind, method)| json!({"type": kind, "method": method})).collect();
        let (name, value) = &self.header;
        let headers = Map::from_iter([(name.clone(), json!(value.expose()))]);
        json!({"webhooks": [{"url": self.url, "events": events, "mode": "body", "headers": headers}]})
    }
}

/// What is set on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSettings {
    /// Its webhooks.
    pub webhooks: Vec<WebhookSetting>,
}

impl ChannelSettings {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        node.is_object().then(|| Self { webhooks: node.at("webhooks").list().into_iter().filter_map(webhook).collect() })
    }
}

fn webhook(node: Node<'_>) -> Option<WebhookSetting> {
    let event = |event: &Node<'_>| Some((event.at("type").text()?, event.any(&["method", "event"]).text()?));
    Some(WebhookSetting { url: node.at("url").text()?, events: node.at("events").list().iter().filter_map(event).collect() })
}
