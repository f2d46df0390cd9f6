//! A channel as the partner's API tells it. Times arrive in milliseconds; the documents say seconds.

use domain::Secret;
use jiff::Timestamp;

use crate::json::Node;

/// What a channel may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Limited, in its first days.
    Trial,
    /// Limited: the panel's sandbox.
    Dev,
    /// Not documented.
    DevArchive,
    /// Unlimited. An empty mode means this.
    Live,
    /// A word that we do not know.
    Unknown(String),
}

impl Mode {
    /// WHAPI's word for it.
    pub fn word(&self) -> &str {
        match self {
            Self::Trial => "trial",
            Self::Dev => "dev",
            Self::DevArchive => "dev_archive",
            Self::Live => "live",
            Self::Unknown(word) => word,
        }
    }

    fn read(word: Option<String>) -> Self {
        match word.as_deref() {
            None | Some("live") => Self::Live,
            Some("trial") => Self::Trial,
            Some("dev") => Self::Dev,
            Some("dev_archive") => Self::DevArchive,
            Some(other) => Self::Unknown(other.to_owned()),
        }
    }
}

/// What a new channel is made from, or an existing one changed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewChannel<'a> {
    /// Its name; our id ends it.
    pub name: &'a str,
    /// The number in digits, without a plus sign; empty where it is not known yet.
    pub phone: &'a str,
    /// The project that it belongs to.
    pub project_id: &'a str,
}

/// A channel at WHAPI.
#[derive(Clone)]
pub struct RemoteChannel {
    /// WHAPI's id.
    pub id: String,
    /// Its name, with our id at the end if we made it.
    pub name: String,
    /// Its token at the gate.
    pub token: Option<Secret>,
    /// Until when it has days.
    pub active_till: Timestamp,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Until when its trial runs, where it has one.
    pub trial_till: Option<Timestamp>,
    /// What it may do.
    pub mode: Mode,
    /// Whether it was stopped.
    pub stopped: bool,
    /// Whether WHAPI blocked it.
    pub blocked: bool,
    /// WHAPI's word; only `active` is documented.
    pub status: Option<String>,
    /// The number, if one was given.
    pub phone: Option<String>,
    /// The project that it belongs to.
    pub project_id: Option<String>,
    /// Where its gate is, without the slash at the end.
    pub api_url: Option<String>,
}

impl RemoteChannel {
    /// Reads one; `None` without its id or its end, for nothing can be settled without them.
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        Some(Self {
            id: node.at("id").text()?,
            name: node.at("name").text().unwrap_or_default(),
            token: node.at("token").text().map(Secret::new),
            active_till: node.at("activeTill").epoch()?,
            created_at: node.at("creationTS").epoch(),
            trial_till: node.at("trial").epoch(),
            mode: Mode::read(node.at("mode").text()),
            stopped: node.at("stopped").flag().unwrap_or(false),
            blocked: node.at("blocked").flag().unwrap_or(false),
            status: node.at("status").text(),
            phone: node.at("phone").text(),
            project_id: node.at("projectId").text(),
            api_url: node.at("apiUrl").text().map(|url| url.trim_end_matches('/').to_owned()),
        })
    }
}

/// One page of the list of channels, which has no order and may skip a row when others come and go.
#[derive(Clone)]
pub struct ChannelPage {
    /// The channels that could be read.
    pub channels: Vec<RemoteChannel>,
    /// Where the page began.
    pub offset: u64,
    /// How many there are, where WHAPI says so.
    pub total: Option<u64>,
    /// Rows that could not be read: whoever looks for something must not say that it is absent.
    pub unreadable: usize,
    /// Whether another page follows.
    pub more: bool,
}

impl ChannelPage {
    /// Reads `{channels: […]}` or a bare list; `None` if there is no list.
    pub(super) fn read(node: Node<'_>, offset: u64, count: u32) -> Option<Self> {
        let list = if node.0.is_array() { node } else { node.at("channels") };
        if !list.0.is_array() {
            return None;
        }
        let rows = list.list();
        let channels: Vec<_> = rows.iter().filter_map(|row| RemoteChannel::read(*row)).collect();
        let total = node.at("total").unsigned();
        let (end, full) = (offset + rows.len() as u64, rows.len() >= count as usize);
        let more = !rows.is_empty() && total.map_or(full, |total| end < total);
        Some(Self { unreadable: rows.len() - channels.len(), channels, offset, total, more })
    }
}
