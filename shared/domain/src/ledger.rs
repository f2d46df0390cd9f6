//! The ledger: immutable entries, each with a cause that can happen once. The sum of the entries is the
//! balance; nothing is ever edited or removed.

use std::fmt;

use jiff::Timestamp;

use crate::account::AccountChange;
use crate::days::Days;
use crate::id::{ChannelId, EntryId, ExtensionId, OfflinePaymentId, SubscriptionId, UserId};

/// What a movement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Days that were paid for.
    Credit,
    /// Days that staff gave.
    Grant,
    /// Days reserved for or put on a channel.
    Debit,
    /// Days that came back: an extension that did not happen, a channel that was deleted.
    Return,
    /// Days of a refunded sale that cannot be spent.
    Freeze,
    /// Frozen days that staff set free.
    Release,
    /// Days that ran out by their lot's date.
    Lapse,
}

impl EntryKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [Self::Credit, Self::Grant, Self::Debit, Self::Return, Self::Freeze, Self::Release, Self::Lapse];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Credit => "credit",
            Self::Grant => "grant",
            Self::Debit => "debit",
            Self::Return => "return",
            Self::Freeze => "freeze",
            Self::Release => "release",
            Self::Lapse => "lapse",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it makes the remaining days more (or else fewer).
    pub const fn adds(self) -> bool {
        matches!(self, Self::Credit | Self::Grant | Self::Return | Self::Release)
    }
}

/// Why a movement happened. Its text is unique over all customers and for ever.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cause(String);

impl Cause {
    /// A completed sale at PayPal.
    pub fn paypal_sale(sale_id: &str) -> Self {
        Self(format!("paypal:{sale_id}"))
    }

    /// An approved offline payment.
    pub fn offline(payment_id: &OfflinePaymentId) -> Self {
        Self(format!("offline:{payment_id}"))
    }

    /// A grant by staff, named by its idempotency key.
    pub fn grant(key: &str) -> Self {
        Self(format!("grant:{key}"))
    }

    /// The reservation of an extension.
    pub fn extend(id: &ExtensionId) -> Self {
        Self(format!("extend:{id}"))
    }

    /// An extension that did not happen.
    pub fn void(id: &ExtensionId) -> Self {
        Self(format!("void:{id}"))
    }

    /// A channel that was deleted.
    pub fn delete(id: &ChannelId) -> Self {
        Self(format!("delete:{id}"))
    }

    /// The freeze after a refund or reversal of a sale.
    pub fn freeze(sale_id: &str) -> Self {
        Self(format!("freeze:{sale_id}"))
    }

    /// The lapse of a lot; its `nth`, because days may come back to it afterwards.
    pub fn lapse(lot: &EntryId, nth: u32) -> Self {
        Self(format!("lapse:{lot}:{nth}"))
    }

    /// The release of what one entry froze.
    pub fn release(frozen: &EntryId) -> Self {
        Self(format!("release:{frozen}"))
    }

    /// The freeze of what another movement brought back to a refunded lot.
    pub fn freeze_returned(returned: &Self, lot: &EntryId) -> Self {
        Self(format!("freeze:{returned}:{lot}"))
    }

    /// The reservation that this voids, if it is a void.
    pub fn voided(&self) -> Option<Self> {
        self.0.strip_prefix("void:").map(|id| Self(format!("extend:{id}")))
    }

    /// Reads a stored cause.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One movement of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id; entries sort by it.
    pub id: EntryId,
    /// Whose ledger.
    pub user_id: UserId,
    /// When.
    pub at: Timestamp,
    /// What it is.
    pub kind: EntryKind,
    /// How many days, without a sign.
    pub days: Days,
    /// Why; unique.
    pub cause: Cause,
    /// The channel, where there is one.
    pub channel_id: Option<ChannelId>,
    /// The subscription that was paid for, where there is one.
    pub subscription_id: Option<SubscriptionId>,
    /// The lot that is frozen, released or lapses: the id of its credit.
    pub lot_id: Option<EntryId>,
    /// When what is left of it lapses, where this credit's terms say so.
    pub lapses_at: Option<Timestamp>,
    /// A reason given by a person.
    pub note: Option<String>,
    /// Who of the staff did it, where it was one of them.
    pub by: Option<UserId>,
}

impl Entry {
    /// The change of the remaining days: positive for what comes in.
    pub fn effect(&self) -> i64 {
        let days = i64::from(self.days.count());
        if self.kind.adds() { days } else { -days }
    }

    /// The account's change that this entry causes, without guards.
    pub fn account_change(&self) -> AccountChange {
        let mut change = AccountChange::new(self.user_id.clone(), self.at);
        change.add_entry(self);
        change
    }
}

impl AccountChange {
    /// Adds what an entry does to the balance.
    pub fn add_entry(&mut self, entry: &Entry) {
        let days = i64::from(entry.days.count());
        match entry.kind {
            EntryKind::Credit | EntryKind::Grant => self.total = self.total.saturating_add(entry.days),
            EntryKind::Debit | EntryKind::Lapse => self.consumed += days,
            EntryKind::Return => self.consumed -= days,
            EntryKind::Freeze => {
                self.consumed += days;
                self.frozen += days;
            }
            EntryKind::Release => {
                self.consumed -= days;
                self.frozen -= days;
            }
        }
    }
}
