//! A channel as the partner's API tells it. Times arrive in milliseconds; the documents say seconds.

use domain::Secret;
use jiff::Timestamp;

use crate::json::Node;

/// What an empty mode means.
const UNSAID_MODE: &str = "live";

/// A channel at WHAPI.
#[derive(Clone)]
pub struct ChannelInfo {
    /// WHAPI's id.
    pub id: String,
    /// Its name, with our id at the end if we made it.
    pub name: Option<String>,
    /// Its token at the gate; empty where WHAPI does not say.
    pub token: Secret,
    /// Until when it has days.
    pub active_till: Timestamp,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Until when its trial runs, where it has one.
    pub trial_till: Option<Timestamp>,
    /// What it may do: `trial`, `dev`, `live`, or a word that we do not know.
    pub mode: Option<String>,
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

impl ChannelInfo {
    /// Reads one; `None` without its id or its end, for nothing can be settled without them.
    pub(super) fn read(node: Node<'_>) -> Option<Self> {
        Some(Self {
            id: node.at("id").text()?,
            name: node.at("name").text(),
            token: Secret::new(node.at("token").text().unwrap_or_default()),
            active_till: node.at("activeTill").epoch()?,
            created_at: node.at("creationTS").epoch(),
            trial_till: node.at("trial").epoch(),
            mode: Some(node.at("mode").text().unwrap_or_else(|| UNSAID_MODE.to_owned())),
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
    pub channels: Vec<ChannelInfo>,
    /// How many rows the page had; the next one begins that much further on.
    pub rows: u32,
    /// Rows that could not be read: whoever looks for something must not say that it is absent.
    pub unreadable: u32,
    /// How many channels there are, where WHAPI says so.
    pub total: Option<u64>,
    /// Whether another page follows.
    pub more: bool,
}

impl ChannelPage {
    /// Reads `{channels: […]}` or a bare list; `None` if there is no list.
    pub(super) fn read(node: Node<'_>, offset: u32, count: u32) -> Option<Self> {
        let list = if node.0.is_array() { node } else { node.at("channels") };
        if !list.0.is_array() {
            return None;
        }
        let rows = list.list();
        let channels: Vec<_> = rows.iter().filter_map(|row| ChannelInfo::read(*row)).collect();
        let total = node.at("total").unsigned();
        let unreadable = u32::try_from(rows.len() - channels.len()).unwrap_or(u32::MAX);
        let rows = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let end = u64::from(offset) + u64::from(rows);
        let more = rows > 0 && total.map_or(rows >= count, |total| end < total);
        Some(Self { channels, rows, unreadable, total, more })
    }
}
