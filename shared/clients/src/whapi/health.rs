//! How a channel is, by WHAPI's words. The words count, the codes do not: sources disagree on them.

use jiff::Timestamp;

use crate::json::Node;

/// The state of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthState {
    /// Not there yet.
    NotInit,
    /// Being set up.
    Init,
    /// Starting.
    Launch,
    /// Waiting for a scan or a code.
    Qr,
    /// Linked and working.
    Auth,
    /// Broken.
    Error,
    /// Linked; sending works, reading does not.
    SyncError,
    /// Stopped: its days ended, or somebody stopped it.
    Stop,
    /// A word that we do not know; treated as not connected.
    Unknown(String),
}

impl HealthState {
    /// Reads WHAPI's word.
    pub fn parse(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "NOT_INIT" => Self::NotInit,
            "INIT" => Self::Init,
            "LAUNCH" => Self::Launch,
            "QR" => Self::Qr,
            "AUTH" => Self::Auth,
            "ERROR" => Self::Error,
            "SYNC_ERROR" => Self::SyncError,
            "STOP" => Self::Stop,
            _ => Self::Unknown(net::redact::text(word)),
        }
    }

    /// WHAPI's word.
    pub fn text(&self) -> &str {
        match self {
            Self::NotInit => "NOT_INIT",
            Self::Init => "INIT",
            Self::Launch => "LAUNCH",
            Self::Qr => "QR",
            Self::Auth => "AUTH",
            Self::Error => "ERROR",
            Self::SyncError => "SYNC_ERROR",
            Self::Stop => "STOP",
            Self::Unknown(word) => word,
        }
    }

    /// Whether a number is linked.
    pub fn is_linked(&self) -> bool {
        matches!(self, Self::Auth | Self::SyncError)
    }
}

/// One reading of a channel's health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthReading {
    /// Its state.
    pub state: HealthState,
    /// The linked number in digits, once linked.
    pub phone: Option<String>,
    /// The name of the linked account.
    pub name: Option<String>,
    /// When the channel's process started.
    pub started_at: Option<Timestamp>,
    /// How long it has been running, in seconds.
    pub uptime_seconds: Option<u64>,
}

impl HealthReading {
    /// Reads one; `None` when it is no object at all.
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        let status = node.at("status");
        let word = if status.is_object() { status.at("text").text() } else { status.text() };
        node.is_object().then(|| Self {
            state: HealthState::parse(&word.unwrap_or_default()),
            phone: node.at("user").at("id").text().map(|id| phone_digits(&id)).filter(|digits| !digits.is_empty()),
            name: node.at("user").any(&["name", "pushname"]).text(),
            started_at: node.at("start_at").epoch(),
            uptime_seconds: node.at("uptime").unsigned(),
        })
    }
}

/// The digits of a WhatsApp id such as `97336612345`, `97336612345:5@s.whatsapp.net`.
pub(super) fn phone_digits(id: &str) -> String {
    id.chars().take_while(|c| !matches!(c, '@' | ':')).filter(char::is_ascii_digit).collect()
}
