//! What the front remembers about queues and messages, all times by our clock: when a message was
//! sent, which receipt handle is its newest and until when it hides the message, and which messages
//! were deleted by that handle after it had run out. The engine would deliver those again.

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::rules::queue_of;

/// What SQS uses when a queue does not say.
const DEFAULT_VISIBILITY: SignedDuration = SignedDuration::from_secs(30);
/// How long messages are kept when a queue does not say.
const DEFAULT_RETENTION: SignedDuration = SignedDuration::from_hours(4 * 24);
/// The longest a receive waits.
const LONGEST_POLL: SignedDuration = SignedDuration::from_secs(21);

/// What the front knows.
#[derive(Default)]
pub(super) struct Ledger {
    queues: HashMap<String, Queue>,
    messages: HashMap<String, Message>,
    /// Messages deleted while they were visible again: taken out when next received.
    deleted: HashSet<String>,
    longest_wait: SignedDuration,
}

struct Queue {
    visibility: SignedDuration,
    retention: SignedDuration,
}

struct Message {
    queue: String,
    sent_at: Timestamp,
    first_received_at: Option<Timestamp>,
    newest_handle: String,
    hidden_until: Timestamp,
}

/// A receipt handle as the engine writes it: the message's id leads it.
pub(super) struct Handle {
    text: String,
    message_id: String,
}

impl Handle {
    /// Reads a handle; what no receive can have given out is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let decoded = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        let (message_id, rest) = decoded.split_once(':')?;
        let is_id = message_id.len() == 36 && rest.contains(':');
        is_id.then(|| Self { text: text.to_owned(), message_id: message_id.to_owned() })
    }
}

impl Ledger {
    /// Whether there is a queue of this name.
    pub(super) fn knows(&self, queue: &str) -> bool {
        self.queues.contains_key(queue)
    }

    /// The longest any message or receive may still have to wait.
    pub(super) fn longest_wait(&self) -> SignedDuration {
        self.longest_wait.max(DEFAULT_VISIBILITY).max(LONGEST_POLL) + SignedDuration::from_secs(1)
    }

    /// Remembers what a successful call changed.
    pub(super) fn note(&mut self, operation: &str, request: &Value, response: &Value, now: Timestamp) {
        self.note_waits(request);
        let queue = queue_of(request).to_owned();
        match operation {
            "CreateQueue" => {
                let name = request["QueueName"].as_str().unwrap_or("").to_owned();
                self.note_queue(name, request);
            }
            "SetQueueAttributes" => self.note_queue(queue, request),
            "DeleteQueue" => {
                self.queues.remove(&queue);
                self.messages.retain(|_id, message| message.queue != queue);
            }
            "PurgeQueue" => self.messages.retain(|_id, message| message.queue != queue),
            "SendMessage" => self.note_sent(&queue, response, now),
            "SendMessageBatch" => {
                for entry in response["Successful"].as_array().into_iter().flatten() {
                    self.note_sent(&queue, entry, now);
                }
            }
            "ChangeMessageVisibility" => self.note_visibility(request, now),
            "ChangeMessageVisibilityBatch" => {
                for entry in request["Entries"].as_array().into_iter().flatten() {
                    self.note_visibility(entry, now);
                }
            }
            _ => {}
        }
    }

    fn note_queue(&mut self, name: String, request: &Value) {
        let seconds = |attribute: &str| {
            let text = request["Attributes"][attribute].as_str()?;
            text.parse().ok().map(SignedDuration::from_secs)
        };
        let queue = self.queues.entry(name).or_insert(Queue { visibility: DEFAULT_VISIBILITY, retention: DEFAULT_RETENTION });
        queue.visibility = seconds("VisibilityTimeout").unwrap_or(queue.visibility);
        queue.retention = seconds("MessageRetentionPeriod").unwrap_or(queue.retention);
        let delay = seconds("DelaySeconds").unwrap_or_default();
        self.longest_wait = self.longest_wait.max(queue.visibility).max(delay);
    }

    fn note_waits(&mut self, request: &Value) {
        let entries = request["Entries"].as_array().into_iter().flatten();
        for part in entries.chain([request]) {
            for name in ["DelaySeconds", "VisibilityTimeout"] {
                let wait = SignedDuration::from_secs(part[name].as_i64().unwrap_or(0));
                self.longest_wait = self.longest_wait.max(wait);
            }
        }
    }

    fn note_sent(&mut self, queue: &str, sent: &Value, now: Timestamp) {
        if let Some(message_id) = sent["MessageId"].as_str() {
            self.messages.insert(
                message_id.to_owned(),
                Message { queue: queue.to_owned(), sent_at: now, first_received_at: None, newest_handle: String::new(), hidden_until: now },
            );
        }
    }

    fn note_visibility(&mut self, entry: &Value, now: Timestamp) {
        let handle = entry["ReceiptHandle"].as_str().and_then(Handle::parse);
        let seconds = entry["VisibilityTimeout"].as_i64().unwrap_or(0);
        if let Some(handle) = handle
            && let Some(message) = self.messages.get_mut(&handle.message_id)
        {
            message.hidden_until = now + SignedDuration::from_secs(seconds);
        }
    }

    /// Looks through what a receive found: messages that are deleted or outlived their retention are
    /// taken out of the response, and their handles answered; the times of the others become ours.
    pub(super) fn received(&mut self, queue: &str, request: &Value, response: &mut Value, now: Timestamp) -> Vec<String> {
        self.note_waits(request);
        let (queue_hides, retention) =
            self.queues.get(queue).map_or((DEFAULT_VISIBILITY, DEFAULT_RETENTION), |queue| (queue.visibility, queue.retention));
        let asked = request["VisibilityTimeout"].as_i64();
        let hides = asked.map_or(queue_hides, SignedDuration::from_secs);
        let mut dropped = Vec::new();
        if let Some(messages) = response["Messages"].as_array_mut() {
            messages.retain_mut(|message| {
                let keep = self.keep(queue, message, now, hides, retention);
                if !keep {
                    dropped.push(text(&message["ReceiptHandle"]));
                }
                keep
            });
        }
        dropped
    }

    fn keep(&mut self, queue: &str, message: &mut Value, now: Timestamp, hides: SignedDuration, retention: SignedDuration) -> bool {
        let message_id = text(&message["MessageId"]);
        if self.deleted.remove(&message_id) {
            self.messages.remove(&message_id);
            return false;
        }
        let Some(known) = self.messages.get_mut(&message_id) else {
            return true;
        };
        if now.duration_since(known.sent_at) > retention {
            self.messages.remove(&message_id);
            return false;
        }
        queue.clone_into(&mut known.queue);
        known.newest_handle = text(&message["ReceiptHandle"]);
        known.hidden_until = now + hides;
        let first = *known.first_received_at.get_or_insert(now);
        for (attribute, time) in [("SentTimestamp", known.sent_at), ("ApproximateFirstReceiveTimestamp", first)] {
            if let Some(value) = message["Attributes"].get_mut(attribute) {
                *value = Value::String(time.as_millisecond().to_string());
            }
        }
        true
    }

    /// Remembers a deletion: by the newest handle it holds even when the message is visible again.
    pub(super) fn deleted(&mut self, handle: &Handle, now: Timestamp) {
        let Some(message) = self.messages.get(&handle.message_id) else {
            return;
        };
        if message.newest_handle != handle.text {
            return;
        }
        if now >= message.hidden_until {
            self.deleted.insert(handle.message_id.clone());
        }
        self.messages.remove(&handle.message_id);
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
