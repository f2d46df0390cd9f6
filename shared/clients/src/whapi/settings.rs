//! A channel's settings, as far as we set them: where its webhooks go and with which headers.

use serde_json::{Value, json};

use crate::json::Node;

/// A webhook of a channel as it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSetting {
    /// Where it goes.
    pub url: String,
    /// Pairs of type and method, such as `("users", "post")`; never left to WHAPI's defaults.
    pub events: Vec<(String, String)>,
}

/// What is to be set on a channel. Webhooks are replaced as a whole.
#[derive(Clone, Default)]
pub struct SettingsPatch<'a> {
    /// Where webhooks go.
    pub url: &'a str,
    /// Pairs of type and method.
    pub events: &'a [(&'a str, &'a str)],
    /// Headers that WHAPI sends along (at most five): the only way to know that it is WHAPI.
    pub headers: &'a [(&'a str, &'a str)],
}

impl SettingsPatch<'_> {
    pub(super) fn body(&self) -> Value {
        let events: Vec<_> = self.events.iter().map(|(kind, method)| json!({"type": kind, "method": method})).collect();
        let headers: serde_json::Map<_, _> = self.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let mut webhook = json!({"url": self.url, "events": events, "mode": "body"});
        if let (false, Some(webhook)) = (headers.is_empty(), webhook.as_object_mut()) {
            webhook.insert("headers".to_owned(), Value::Object(headers));
        }
        json!({"webhooks": [webhook]})
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
