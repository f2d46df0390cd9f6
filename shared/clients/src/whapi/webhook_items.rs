//! The members of a channel's webhook: users, messages, statuses, calls. Times come as numbers or texts,
//! in seconds or milliseconds, and are read alike.

use jiff::Timestamp;

use super::health::phone_digits;
use crate::json::Node;

/// The WhatsApp account that was linked or unlinked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The number in digits.
    pub phone: Option<String>,
    /// The account's name.
    pub name: Option<String>,
}

impl User {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let phone = node.at("id").text().map(|id| phone_digits(&id)).filter(|digits| !digits.is_empty());
        node.is_object().then(|| Self { phone, name: node.any(&["name", "pushname"]).text() })
    }
}

/// A message that came in or went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// WhatsApp's id; not to be checked against any form.
    pub id: String,
    /// The chat, such as `97336612345@s.whatsapp.net`.
    pub chat_id: String,
    /// Whether we, or the phone, sent it.
    pub from_me: bool,
    /// Its type, such as `text`.
    pub kind: String,
    /// Where it was written: `api`, `mobile`, ….
    pub source: Option<String>,
    /// Who sent it, in digits.
    pub from: Option<String>,
    /// The sender's name.
    pub from_name: Option<String>,
    /// Its text or caption.
    pub text: Option<String>,
    /// How far it is, for those that went out.
    pub status: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

impl Message {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let kind = node.at("type").text().unwrap_or_else(|| "unknown".to_owned());
        let text = node.at(&kind).any(&["body", "caption"]).text();
        Some(Self {
            id: node.at("id").text()?,
            chat_id: node.at("chat_id").text()?,
            from_me: node.at("from_me").flag().unwrap_or(false),
            kind,
            source: node.at("source").text(),
            from: node.at("from").text(),
            from_name: node.at("from_name").text(),
            text,
            status: node.at("status").text(),
            at: node.at("timestamp").epoch(),
        })
    }
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageStatus {
    /// The message.
    pub id: String,
    /// WHAPI's word: `pending`, `sent`, `delivered`, `read`, `played`, `failed`, `deleted`.
    pub status: String,
    /// To whom it went.
    pub recipient_id: Option<String>,
    /// Which member of a group saw it.
    pub viewer_id: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

impl MessageStatus {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        Some(Self {
            id: node.at("id").text()?,
            status: node.at("status").text()?.to_ascii_lowercase(),
            recipient_id: node.at("recipient_id").text(),
            viewer_id: node.at("viewer_id").text(),
            at: node.at("timestamp").epoch(),
        })
    }
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// WhatsApp's id, shared by all that is told of one call.
    pub id: String,
    /// The chat.
    pub chat_id: Option<String>,
    /// Who calls.
    pub from: Option<String>,
    /// WHAPI's word: `initiated`, `ringing`, `missed`, `canceled`, `answered`.
    pub status: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

impl Call {
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        Some(Self {
            id: node.at("id").text()?,
            chat_id: node.at("chat_id").text(),
            from: node.at("from").text(),
            status: node.at("status").text(),
            at: node.at("timestamp").epoch(),
        })
    }
}
