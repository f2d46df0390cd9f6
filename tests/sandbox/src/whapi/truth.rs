//! What really is at WHAPI, whatever was answered on the way: every channel that is or was, and who added
//! which days to it. For those who check a product against the truth; no route shows it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Whapi;
use super::state::{Channel, DAY_MS, World};

/// The most deleted channels that are remembered; the oldest go first.
const DEPARTED_LIMIT: usize = 10_000;

/// Who did something with the partner's account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hand {
    /// Whoever has the partner's token.
    #[default]
    Partner,
    /// Somebody in the vendor's own panel, or the vendor.
    Stranger,
}

/// Days that were added to a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addition {
    /// When.
    pub at: Timestamp,
    /// How much, in milliseconds.
    pub days_ms: i64,
    /// What was said with it.
    pub comment: String,
    /// By whom.
    pub by: Hand,
}

/// How a channel ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Hand,
}

/// A channel that is, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelTruth {
    /// The vendor's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What stands at the end of its name, after ` · `.
    pub reference: Option<String>,
    /// Who made it.
    pub made_by: Hand,
    /// When.
    pub made_at: Timestamp,
    /// When its days end; for a deleted one, ended.
    pub active_till: Timestamp,
    /// The vendor's word for how it is paid: `trial`, `live` and so on.
    pub mode: String,
    /// Whether it was stopped by hand.
    pub stopped: bool,
    /// The linked number.
    pub phone: Option<String>,
    /// All days that were added, in their order.
    pub additions: Vec<Addition>,
    /// What went back to the account, in milliseconds.
    pub returned_ms: i64,
    /// How it ended.
    pub departed: Option<Departure>,
}

impl ChannelTruth {
    /// The whole days that one hand added.
    #[must_use]
    pub fn days_added_by(&self, by: Hand) -> i64 {
        let added_ms: i64 = self.additions.iter().filter(|addition| addition.by == by).map(|addition| addition.days_ms).sum();
        added_ms.div_euclid(DAY_MS)
    }
}

impl Whapi {
    /// Every channel that is, by its id, then those that were, as they ended.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelTruth> {
        self.core.read(|world| {
            let alive = world.channels.values().map(|channel| channel.truth(None));
            alive.chain(world.departed.iter().cloned()).collect()
        })
    }

    /// The account's whole days.
    #[must_use]
    pub fn days_balance(&self) -> i64 {
        self.core.read(|world| world.partner.balance_ms.div_euclid(DAY_MS))
    }
}

impl World {
    /// Writes down how a channel ended.
    pub(crate) fn note_departure(&mut self, channel: &Channel, now_ms: i64) {
        if self.departed.len() >= DEPARTED_LIMIT {
            self.departed.remove(0);
        }
        let departure = Departure { at: timestamp(now_ms), by: Hand::Partner };
        self.departed.push(channel.truth(Some(departure)));
    }
}

impl Channel {
    /// Writes down days that were added.
    pub(crate) fn note_addition(&mut self, days_ms: i64, comment: &str, now_ms: i64) {
        let addition = Addition { at: timestamp(now_ms), days_ms, comment: comment.to_owned(), by: Hand::Partner };
        self.additions.push(addition);
    }

    fn truth(&self, departed: Option<Departure>) -> ChannelTruth {
        let mode = serde_json::to_value(self.mode).unwrap_or_default();
        ChannelTruth {
            id: self.id.clone(),
            name: self.name.clone(),
            reference: self.reference().map(str::to_owned),
            made_by: self.made_by,
            made_at: timestamp(self.created_ms),
            active_till: timestamp(self.active_till_ms),
            mode: mode.as_str().unwrap_or_default().to_owned(),
            stopped: self.stopped,
            phone: self.session.user.as_ref().map(|user| user.id.clone()),
            additions: self.additions.clone(),
            returned_ms: self.returned_ms,
            departed,
        }
    }
}

fn timestamp(at_ms: i64) -> Timestamp {
    Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX)
}
