//! Work that is owed. Every unfinished record says of what kind its work is and when it is to be looked
//! at; the store keeps such records in a sparse index, the change stream is only the faster way to it.

use jiff::{SignedDuration, Timestamp};

/// What kind of record has something to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DueKind {
    /// A provider's call that was recorded and not yet processed.
    Inbox,
    /// An account whose new days may go to channels, or with a notice to send.
    Account,
    /// A subscription to be opened, followed or cancelled at PayPal.
    Subscription,
    /// A channel to be created, set up, renewed, expired, watched or deleted.
    Channel,
    /// An extension to be called or settled.
    Extension,
    /// An account whose days changed: the sum over everybody follows. In no index: the nightly audit rolls up too.
    Rollup,
    /// An account whose payments are compared with PayPal's. In no index: the nightly job asks for all.
    Reconcile,
}

impl DueKind {
    /// The kinds that stand in the index, in the order in which a sweep looks at them.
    pub const SWEPT: [Self; 5] = [Self::Inbox, Self::Extension, Self::Subscription, Self::Account, Self::Channel];
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::Inbox, Self::Extension, Self::Subscription, Self::Account, Self::Channel, Self::Rollup, Self::Reconcile];

    /// The word for it in the store and in a job.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Account => "account",
            Self::Subscription => "subscription",
            Self::Channel => "channel",
            Self::Extension => "extension",
            Self::Rollup => "rollup",
            Self::Reconcile => "reconcile",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// The waits after the first, second, … attempt that came to nothing.
const BACKOFF_SECONDS: [i64; 7] = [5, 30, 120, 300, 1_800, 7_200, 21_600];

/// When to look again after `attempts` looks that came to nothing (the first wait for 0 or 1).
pub fn next_attempt_at(now: Timestamp, attempts: u32) -> Timestamp {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    let wait = BACKOFF_SECONDS.get(index).or(BACKOFF_SECONDS.last()).copied().unwrap_or(60);
    now.saturating_add(SignedDuration::from_secs(wait)).unwrap_or(Timestamp::MAX)
}
