//! Providers' calls, recorded before anything is done about them. The put of an event's id is its
//! deduplication; long bodies go to the bucket first, the record points there.

use domain::id::UserId;
use jiff::Timestamp;

use crate::error::StoreError;
use crate::page::{Page, PageRequest};
use crate::store::Store;

/// Where a recorded call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InboxState {
    /// Recorded, to be processed.
    Received,
    /// Done.
    Processed,
    /// Not understood, or of nobody we know: a person may replay it.
    Quarantined,
    /// Given up.
    Dead,
}

impl InboxState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Received, Self::Processed, Self::Quarantined, Self::Dead];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Processed => "processed",
            Self::Quarantined => "quarantined",
            Self::Dead => "dead",
        }
    }

    /// Reads the word back.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// A provider's call as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxItem {
    /// Who called: a word such as `paypal`, without `#`.
    pub provider: String,
    /// The provider's id of the event, or one that we gave where there is none.
    pub event_id: String,
    /// The provider's word for what happened.
    pub event_type: String,
    /// Our id of what it is about, where the address of the call says it: a channel's.
    pub subject: Option<String>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// Where it stands.
    pub state: InboxState,
    /// The customer that it is about, once known.
    pub user_id: Option<UserId>,
    /// What came of it, for people.
    pub note: Option<String>,
    /// Looks that came to nothing in a row.
    pub attempts: u32,
    /// When there is something to do.
    pub due_at: Option<Timestamp>,
    /// When it came.
    pub received_at: Timestamp,
    /// Counts the changes; 0 is not yet stored.
    pub version: u64,
}

/// What became of a put into the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutInbox {
    /// It is new and was stored.
    Stored,
    /// It was there before.
    Repeated,
}

/// A line of the log of webhooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookLine {
    /// Who called: a word such as `paypal`, without `#`.
    pub provider: String,
    /// Which event.
    pub event_id: String,
    /// The provider's word for what happened.
    pub event_type: String,
    /// Where it stood when the line was written.
    pub state: InboxState,
    /// The customer that it is about, where known.
    pub user_id: Option<UserId>,
    /// When it came.
    pub received_at: Timestamp,
}

impl Store {
    /// Records a call.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_inbox(&self, item: &InboxItem) -> Result<PutInbox, StoreError> {
        todo!()
    }

    /// A recorded call, with its body.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn inbox(&self, provider: &str, event_id: &str) -> Result<Option<InboxItem>, StoreError> {
        todo!()
    }

    /// Saves its state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_inbox(&self, item: &InboxItem) -> Result<(), StoreError> {
        todo!()
    }

    /// A day's log, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn webhook_log(&self, day: &str, page: PageRequest) -> Result<Page<WebhookLine>, StoreError> {
        todo!()
    }
}
