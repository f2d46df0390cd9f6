//! What becomes of a message: sent, edited, forwarded, received, and the statuses on its way.
//!
//! A send is answered at once with `pending` and echoed as a `messages.post` event, which may
//! overtake the answer; `sent`, `delivered` and `read` follow on the agenda. There is no queue and
//! no reference of the caller's: who loses the answer can only look at the list.

use serde_json::{Map, Value, json};

use super::agenda::What;
use super::content::{MessageKind, take_media};
use super::group::{Group, Right};
use super::ids;
use super::refusal::Refusal;
use super::state::{Channel, Switches};
use super::store::text;

/// The words of a status, each at the place that is its number.
const STATUSES: [&str; 7] = ["failed", "pending", "sent", "delivered", "read", "played", "deleted"];

impl Channel {
    /// Sends what the body says. Answers the message.
    pub(crate) fn send(&mut self, kind: &MessageKind, body: &Value, now_ms: i64, switches: &Switches) -> Result<Value, Refusal> {
        self.need_link(now_ms)?;
        let chat = ids::chat_of(text(body, "to"));
        self.may_write_to(&chat)?;
        self.charge_message(&chat, now_ms)?;
        let content = kind.content(body, &mut self.store, &self.ids, now_ms.div_euclid(1_000))?;
        self.say(kind.name, body, content, now_ms, switches)
    }

    /// Sends what is made already to whom the body says, or puts it in the place of what it says to edit.
    pub(crate) fn say(&mut self, kind: &str, body: &Value, content: Value, now_ms: i64, switches: &Switches) -> Result<Value, Refusal> {
        self.need_link(now_ms)?;
        let chat = ids::chat_of(text(body, "to"));
        self.may_write_to(&chat)?;
        match body.get("edit").and_then(Value::as_str) {
            Some(edited) => self.edit(edited, kind, content),
            None => {
                let mut message = self.outgoing_message(kind, &chat, now_ms);
                insert(&mut message, kind, content);
                if let Some(quoted) = body.get("quoted") {
                    insert(&mut message, "context", json!({"quoted_id": quoted}));
                }
                Ok(self.post(message, now_ms, switches))
            }
        }
    }

    /// What is shown of a link: what the body says of it, under this title.
    pub(crate) fn previewed(&mut self, body: &Value, title: &str, url: &str, now_ms: i64) -> Result<Map<String, Value>, Refusal> {
        let said = body.get("body").and_then(Value::as_str).unwrap_or(url);
        let shown = json!({"body": said, "title": title, "url": url});
        let mut content = shown.as_object().cloned().unwrap_or_default();
        content.extend(body.get("preview").map(|preview| ("preview".to_owned(), preview.clone())));
        if let Some(named) = body.get("media").and_then(Value::as_str) {
            let (mime, own_ids) = (body.get("mime_type").and_then(Value::as_str), self.ids.clone());
            let media = take_media("link_preview", named, mime, &mut self.store, &own_ids, now_ms.div_euclid(1_000))?;
            content.insert("id".to_owned(), json!(media.id));
        }
        Ok(content)
    }

    /// Sends a stored message on to another chat.
    pub(crate) fn forward(&mut self, id: &str, to: &str, now_ms: i64, switches: &Switches) -> Result<Value, Refusal> {
        self.need_link(now_ms)?;
        let original = self.store.message(id).cloned().ok_or_else(|| Refusal::absent("message"))?;
        let chat = ids::chat_of(to);
        self.charge_message(&chat, now_ms)?;
        let kind = text(&original, "type").to_owned();
        let mut message = self.outgoing_message(&kind, &chat, now_ms);
        insert(&mut message, &kind, original.get(&kind).cloned().unwrap_or_default());
        insert(&mut message, "context", json!({"forwarded": true, "forwarding_score": 1}));
        Ok(self.post(message, now_ms, switches))
    }

    /// Refuses a group that this number is not in or may only listen to, and who is on the blacklist.
    pub(crate) fn may_write_to(&self, chat: &str) -> Result<(), Refusal> {
        let right = |group: &Group| if group.is("announcements") { Right::Rule } else { Right::Belong };
        let may = |group: &Group| group.allows(&self.own_number(), right(group));
        if chat.ends_with("@g.us") && !self.store.groups.get(chat).is_some_and(may) {
            return Err(Refusal::forbidden("It is forbidden to send to this group"));
        }
        if self.store.blacklist.contains(ids::number_of(chat)) {
            return Err(Refusal::forbidden("It is forbidden to send to this recipient"));
        }
        Ok(())
    }

    /// A message of this number, without what it holds.
    pub(crate) fn outgoing_message(&self, kind: &str, chat: &str, now_ms: i64) -> Value {
        json!({
            "id": self.ids.message_id(),
            "from_me": true,
            "type": kind,
            "chat_id": chat,
            "timestamp": now_ms.div_euclid(1_000),
            "source": "api",
            "device_id": self.session.device_id,
            "status": "pending",
            "from": self.session.user.as_ref().map(|user| user.id.clone()).unwrap_or_default(),
        })
    }

    /// Sends a message: keeps and echoes it, and lets it go its way.
    pub(crate) fn post(&mut self, message: Value, now_ms: i64, switches: &Switches) -> Value {
        let id = text(&message, "id").to_owned();
        self.note_status(&id, text(&message, "chat_id"), "pending", now_ms);
        self.store.keep(message.clone());
        self.emit("messages", "post", "messages", json!([message]));
        let way: &[&str] = if switches.sends_fail { &["failed"] } else { &["sent", "delivered", "read"] };
        for (status, after_ms) in way.iter().zip(switches.status_ms) {
            let what = What::Status { message: id.clone(), status: (*status).to_owned() };
            self.later(now_ms + after_ms, what);
        }
        json!({"sent": true, "message": message})
    }

    fn edit(&mut self, id: &str, kind: &str, content: Value) -> Result<Value, Refusal> {
        let message = self.store.message(id).ok_or_else(|| Refusal::wrong("the message to edit is not known"))?;
        let before = message.clone();
        insert(message, kind, content);
        let after = message.clone();
        let update = json!({
            "id": id,
            "before_update": before,
            "after_update": after,
            "changes": [kind],
        });
        self.emit("messages", "patch", "messages_updates", json!([update]));
        Ok(json!({"sent": true, "message": after}))
    }

    /// A sent message gets as far as `status`; not while no phone is linked.
    pub(crate) fn progress(&mut self, id: &str, status: &str, at_ms: i64) {
        if self.need_link(at_ms).is_err() {
            return;
        }
        let Some(message) = self.store.message(id) else {
            return;
        };
        insert(message, "status", json!(status));
        let chat = text(message, "chat_id").to_owned();
        let noted = self.note_status(id, &chat, status, at_ms);
        self.emit("statuses", "post", "statuses", json!([noted]));
    }

    // The vendor's status events carry their time as text, its messages theirs as a number.
    fn note_status(&mut self, id: &str, chat: &str, status: &str, at_ms: i64) -> Value {
        let noted = json!({
            "id": id,
            "code": STATUSES.iter().position(|word| *word == status).unwrap_or_default(),
            "status": status,
            "recipient_id": chat,
            "timestamp": at_ms.div_euclid(1_000).to_string(),
        });
        self.store.statuses.entry(id.to_owned()).or_default().push(noted.clone());
        noted
    }

    /// Somebody writes to the linked number. Answers the message.
    pub(crate) fn receive(&mut self, from: &str, kind: &str, content: Value, now_ms: i64) -> Value {
        let message = json!({
            "id": self.ids.message_id(),
            "from_me": false,
            "type": kind,
            "chat_id": ids::chat_of(from),
            "timestamp": now_ms.div_euclid(1_000),
            "source": "mobile",
            kind: content,
            "from": from,
            "from_name": self.store.name_of(from),
        });
        self.store.keep(message.clone());
        self.emit("messages", "post", "messages", json!([message]));
        message
    }
}

/// Sets a member of a message.
pub(crate) fn insert(message: &mut Value, name: &str, value: Value) {
    if let Some(members) = message.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
