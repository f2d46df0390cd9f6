//! What can go wrong with the store, and what a commit's conditions are called.
//!
//! Invariant: a conflict names the condition that did not hold; nothing was changed then.

use std::error::Error;
use std::fmt;

/// A source of an error, for the log alone.
pub type Source = Box<dyn Error + Send + Sync>;

/// What a condition was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// The account.
    Account,
    /// A subscription.
    Subscription,
    /// A channel.
    Channel,
    /// An extension.
    Extension,
    /// An entry of the ledger.
    Entry,
    /// The cause of an entry: it happened already.
    Cause,
    /// A pointer from a provider's id, or one of ours: somebody has it.
    Pointer,
    /// Who somebody is.
    Identity,
    /// A plan.
    Plan,
    /// An API key.
    ApiKey,
    /// A notification.
    Notification,
    /// A line of a channel's history.
    History,
    /// A recorded call of a provider: it was processed already.
    Inbox,
    /// The queue of creations at WHAPI.
    Creations,
    /// What is known of our own account at WHAPI.
    PartnerState,
    /// A finding.
    Finding,
    /// The request's own token: it was used for another commit.
    Token,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A condition that did not hold. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// It is there already; of a cause this means: a repeat.
    #[error("{0} exists already")]
    Exists(What),
    /// It was changed since it was read.
    #[error("{0} was changed by somebody else")]
    VersionMoved(What),
    /// Fewer days remain than would be spent.
    #[error("not enough days")]
    NotEnoughDays,
    /// No room for one more channel.
    #[error("as many channels as the plan allows")]
    ChannelLimit,
    /// The account is suspended or closing.
    #[error("the account is not open")]
    NotOpen,
    /// Others wrote the same records at the same instant, again and again.
    #[error("others were writing the same records")]
    Contention,
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A condition did not hold; nothing was changed.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// There is no such record.
    #[error("no such record")]
    NotFound,
    /// The cursor is not one of this list.
    #[error("not a cursor of this list")]
    BadCursor,
    /// The store could not be reached or failed; of a commit it is not known whether it happened.
    #[error("the store did not answer")]
    Unavailable(#[source] Source),
    /// A record that cannot be read, named by its key; or a commit that must not be.
    #[error("corrupt: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// An answer that never came or made no sense.
    pub(crate) fn unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable(source.into())
    }
}
