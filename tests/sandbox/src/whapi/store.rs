//! What a channel has seen: messages with their statuses, contacts, groups, media, labels, what it sells.
//!
//! Messages and the rest are kept as the JSON that the gate answers with. Everything is bounded;
//! the oldest messages and media go first. Chats are not kept: they are a view of the messages.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::collections::{Collection, Order};
use super::group::Group;
use super::ids;

/// How many messages a channel keeps.
const MESSAGES_LIMIT: usize = 5_000;
/// How many media files a channel keeps.
const MEDIA_LIMIT: usize = 200;

/// Everything a channel keeps.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Store {
    /// Oldest first.
    pub(crate) messages: Vec<Value>,
    pub(crate) statuses: BTreeMap<String, Vec<Value>>,
    pub(crate) contacts: BTreeMap<String, String>,
    pub(crate) groups: BTreeMap<String, Group>,
    pub(crate) media: Vec<Media>,
    pub(crate) labels: BTreeMap<String, Value>,
    pub(crate) labelled: BTreeMap<String, BTreeSet<String>>,
    pub(crate) blacklist: BTreeSet<String>,
    /// What was set on chats: pinned, archived, muted.
    pub(crate) marks: BTreeMap<String, Map<String, Value>>,
    /// The business profile.
    #[serde(default)]
    pub(crate) business: Map<String, Value>,
    #[serde(default)]
    pub(crate) products: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) collections: BTreeMap<String, Collection>,
    #[serde(default)]
    pub(crate) orders: BTreeMap<String, Order>,
    /// The calls that ring.
    #[serde(default)]
    pub(crate) calls: BTreeMap<String, Value>,
}

/// A media file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Media {
    pub(crate) id: String,
    pub(crate) mime_type: String,
    pub(crate) file_name: Option<String>,
    /// The bytes in base64; empty for what is only linked.
    pub(crate) base64: String,
    pub(crate) size: usize,
    pub(crate) link: Option<String>,
    pub(crate) at_s: i64,
}

impl Media {
    /// As messages and lists show it. `time` is required by the description and described
    /// nowhere; it stands beside `timestamp` with the same value.
    pub(crate) fn json(&self) -> Value {
        let mut shown = json!({
            "id": self.id,
            "mime_type": self.mime_type,
            "file_size": self.size,
            "timestamp": self.at_s,
            "time": self.at_s,
        });
        for (name, value) in [("file_name", &self.file_name), ("link", &self.link)] {
            if let (Some(value), Some(members)) = (value, shown.as_object_mut()) {
                members.insert(name.to_owned(), json!(value));
            }
        }
        shown
    }
}

/// A text member of a stored message.
pub(crate) fn text<'a>(message: &'a Value, name: &str) -> &'a str {
    message.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The time of a stored message in seconds.
pub(crate) fn at_s(message: &Value) -> i64 {
    message.get("timestamp").and_then(Value::as_i64).unwrap_or_default()
}

impl Store {
    /// Keeps a message.
    pub(crate) fn keep(&mut self, message: Value) {
        if self.messages.len() >= MESSAGES_LIMIT {
            let oldest = self.messages.remove(0);
            self.statuses.remove(text(&oldest, "id"));
        }
        self.messages.push(message);
    }

    /// The message of this id.
    pub(crate) fn message(&mut self, id: &str) -> Option<&mut Value> {
        self.messages.iter_mut().find(|message| text(message, "id") == id)
    }

    /// Forgets a message; false when there was none.
    pub(crate) fn forget(&mut self, id: &str) -> bool {
        let before = self.messages.len();
        self.messages.retain(|message| text(message, "id") != id);
        self.statuses.remove(id);
        self.messages.len() < before
    }

    /// Keeps a media file, once.
    pub(crate) fn keep_media(&mut self, media: Media) {
        if self.media.iter().any(|kept| kept.id == media.id) {
            return;
        }
        if self.media.len() >= MEDIA_LIMIT {
            self.media.remove(0);
        }
        self.media.push(media);
    }

    /// All chats, the latest first. A number of nine digits can be written to, but its chat has
    /// no id that the vendor would show.
    pub(crate) fn chats(&self) -> Vec<Value> {
        let mut seen = BTreeSet::new();
        let latest = self.messages.iter().rev().filter(|message| seen.insert(text(message, "chat_id").to_owned()));
        latest.filter(|message| ids::is_chat(text(message, "chat_id"))).map(|message| self.chat(message)).collect()
    }

    fn chat(&self, last: &Value) -> Value {
        let id = text(last, "chat_id");
        let mut chat = json!({
            "id": id,
            "name": self.name_of(ids::number_of(id)),
            "type": if id.ends_with("@g.us") { "group" } else { "contact" },
            "timestamp": at_s(last),
            "unread": 0,
            "not_spam": true,
            "last_message": last,
        });
        if let (Some(marks), Some(members)) = (self.marks.get(id), chat.as_object_mut()) {
            members.extend(marks.clone());
        }
        chat
    }

    /// The name of a contact, or its number.
    pub(crate) fn name_of(&self, number: &str) -> String {
        self.contacts.get(number).cloned().unwrap_or_else(|| number.to_owned())
    }
}
