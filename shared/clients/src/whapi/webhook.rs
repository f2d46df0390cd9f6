//! What a channel's webhook says. WHAPI signs nothing: the caller has already checked the secret header.
//!
//! Invariants: no event id exists, deliveries repeat and change order; the verb stands under
//! `event.event` or `event.method`; an event that we do not know is kept by its name.

use serde_json::Value;

use super::health::HealthReading;
pub use super::notice::{LowBalance, parse_balance};
pub use super::webhook_items::{Call, Message, MessageStatus, User};
use crate::json::Node;

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// WHAPI's id of the channel.
    pub channel_id: Option<String>,
    /// Its kind, such as `messages`.
    pub kind: String,
    /// Its verb, such as `post`.
    pub verb: String,
    /// What it says.
    pub event: Event,
    /// Members of its list that could not be read.
    pub unreadable: usize,
}

impl Envelope {
    /// Its kind and verb, such as `messages.post`.
    pub fn name(&self) -> String {
        net::redact::text(&format!("{}.{}", self.kind, self.verb))
    }
}

/// What a delivery says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A number was linked. Carries no time: a level to confirm by reading the health.
    Linked {
        /// Which.
        user: User,
    },
    /// The number was unlinked. Carries no time either.
    Unlinked {
        /// Which.
        user: User,
    },
    /// The channel's state changed.
    Health {
        /// How it was when this was sent.
        reading: HealthReading,
    },
    /// Messages that came in or went out.
    Messages(Vec<Message>),
    /// What became of messages.
    Statuses(Vec<MessageStatus>),
    /// Calls.
    Calls(Vec<Call>),
    /// Anything else, by its kind and verb.
    Other,
}

/// The body is no delivery of WHAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// Not JSON, or not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// Without its event's type.
    #[error("no event type")]
    NoEvent,
}

/// Reads a delivery in body mode.
///
/// # Errors
/// [`WebhookError`] when it is no JSON object, or names no event.
pub fn parse(body: &[u8]) -> Result<Envelope, WebhookError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| WebhookError::NotAnObject)?;
    let node = Node(&body);
    if !node.is_object() {
        return Err(WebhookError::NotAnObject);
    }
    let event = node.at("event");
    let kind = event.at("type").text().ok_or(WebhookError::NoEvent)?.to_ascii_lowercase();
    let verb = event.any(&["event", "method"]).text().unwrap_or_default().to_ascii_lowercase();
    let (event, unreadable) = read(&kind, &verb, node);
    Ok(Envelope { channel_id: node.at("channel_id").text(), kind, verb, event, unreadable })
}

fn read(kind: &str, verb: &str, node: Node<'_>) -> (Event, usize) {
    match (kind, verb) {
        ("users" | "user", "post" | "put") => one(User::read(node.at("user")), |user| Event::Linked { user }),
        ("users" | "user", "delete") => one(User::read(node.at("user")), |user| Event::Unlinked { user }),
        ("channel" | "channels", _) if node.at("health").exists() => {
            one(HealthReading::read(node.at("health")), |reading| Event::Health { reading })
        }
        ("messages" | "message", "post" | "put") => many(node.any(&["messages", "message"]), Message::read, Event::Messages),
        ("statuses" | "status", "post" | "put") => many(node.any(&["statuses", "status"]), MessageStatus::read, Event::Statuses),
        ("calls" | "call", "post" | "put") => many(node.any(&["calls", "call"]), Call::read, Event::Calls),
        _ => (Event::Other, 0),
    }
}

fn one<T>(read: Option<T>, event: fn(T) -> Event) -> (Event, usize) {
    read.map_or((Event::Other, 1), |read| (event(read), 0))
}

fn many<T>(list: Node<'_>, read: fn(Node<'_>) -> Option<T>, event: fn(Vec<T>) -> Event) -> (Event, usize) {
    let rows = list.list();
    let items: Vec<T> = rows.iter().filter_map(|row| read(*row)).collect();
    let unreadable = rows.len() - items.len();
    (event(items), unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whapi::HealthState;

    fn read(text: &str) -> Envelope {
        parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_verb_is_read_under_both_of_its_names() {
        for name in ["event", "method"] {
            let text = format!(
                r#"{{"user":{{"id":"97336612345","name":"Noor"}},"event":{{"type":"users","{name}":"delete"}},"channel_id":"FALCON-A1B2C"}}"#
            );
            let envelope = read(&text);
            assert_eq!(envelope.channel_id.as_deref(), Some("FALCON-A1B2C"));
            assert_eq!(envelope.name(), "users.delete");
            let user = User { phone: Some("97336612345".to_owned()), name: Some("Noor".to_owned()) };
            assert_eq!(envelope.event, Event::Unlinked { user });
        }
    }

    #[test]
    fn health_is_read_by_its_word() {
        let envelope = read(
            r#"{"health":{"start_at":1763700000,"uptime":8,"status":{"code":99,"text":"AUTH"}},"event":{"type":"channel","event":"post"}}"#,
        );
        let Event::Health { reading } = envelope.event else { panic!("not health") };
        assert_eq!(reading.state, HealthState::Auth);
    }

    #[test]
    fn one_bad_member_does_not_lose_the_others() {
        let envelope =
            read(r#"{"statuses":[{"id":"a","status":"delivered","timestamp":"1763700000"},7],"event":{"type":"statuses","event":"post"}}"#);
        assert_eq!(envelope.unreadable, 1);
        assert!(matches!(envelope.event, Event::Statuses(items) if items.len() == 1));
    }

    #[test]
    fn what_we_do_not_know_keeps_its_name() {
        let envelope = read(r#"{"presences":[],"event":{"type":"presences","event":"post"},"mute_until":18446744073709552000}"#);
        assert_eq!((envelope.kind.as_str(), envelope.event), ("presences", Event::Other));
        assert_eq!(parse(b"[]"), Err(WebhookError::NotAnObject));
        assert_eq!(parse(b"{}"), Err(WebhookError::NoEvent));
        assert_eq!(parse(b"\xff"), Err(WebhookError::NotAnObject));
    }
}
