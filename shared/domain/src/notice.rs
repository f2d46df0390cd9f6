//! What people are told (notifications), what waits for a person (findings), what WHAPI says of our
//! partner balance, and the history of a channel.

use jiff::Timestamp;

use crate::id::{ChannelId, FindingId, HistoryId, NoticeId, NotificationId, UserId};

/// A message to one customer, shown in the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Whom it tells.
    pub user_id: UserId,
    /// A stable word for what happened, such as `payment.credited`.
    pub kind: String,
    /// What is shown.
    pub text: String,
    /// When it happened.
    pub at: Timestamp,
    /// When it was read.
    pub read_at: Option<Timestamp>,
}

/// Something that we will not guess at: a person decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its id.
    pub id: FindingId,
    /// What it is about; the same thing found again is the same finding.
    pub key: String,
    /// A stable word for its kind, such as `sale.amount_differs`.
    pub kind: String,
    /// What was seen.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
    /// The customer that it is about, where known.
    pub user_id: Option<UserId>,
    /// When it was found.
    pub found_at: Timestamp,
    /// When a person settled it.
    pub resolved_at: Option<Timestamp>,
}

/// What WHAPI told us of our days there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerBalanceNotice {
    /// Its id.
    pub id: NoticeId,
    /// The days that are left, where the notice could be understood.
    pub current_days: Option<i64>,
    /// The limit that set it off.
    pub days_limit: Option<i64>,
    /// When it came.
    pub received_at: Timestamp,
    /// As it came, cut at a few kilobytes.
    pub raw: String,
}

/// One change of a channel and its cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEvent {
    /// Its id.
    pub id: HistoryId,
    /// The customer.
    pub user_id: UserId,
    /// The channel.
    pub channel_id: ChannelId,
    /// When.
    pub at: Timestamp,
    /// A stable word for what happened, such as `channel.linked`.
    pub kind: String,
    /// What happened, in a sentence.
    pub text: String,
    /// Why or by whom: `customer`, `whapi`, `schedule`, `payment`.
    pub cause: String,
}
