//! Answers kept for a day, so that a repeated request gets the first one's answer. A request that is
//! running holds a lease: when it died without a word, another may take its place.

use domain::id::UserId;
use jiff::{SignedDuration, Timestamp};

use crate::error::StoreError;
use crate::store::Store;

/// How long an answer is kept.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long a running request is believed to run.
pub const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// What is known of a request with that idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// It is the first: do it, then `finish` or `abandon`.
    Fresh,
    /// It was done: this was the answer.
    Replay {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: String,
    },
    /// The first is still running.
    InProgress,
    /// The key was used with another body.
    Reused,
}

impl Store {
    /// Begins a request with an idempotency key. `body_sha256` is the hash of its body in hex.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_idempotent(&self, user: &UserId, route: &str, key: &str, body_sha256: &str, now: Timestamp) -> Result<Begin, StoreError> {
        todo!()
    }

    /// Keeps its answer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn finish_idempotent(&self, user: &UserId, route: &str, key: &str, status: u16, body: &str, now: Timestamp) -> Result<(), StoreError> {
        todo!()
    }

    /// It came to nothing: the key is free again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn abandon_idempotent(&self, user: &UserId, route: &str, key: &str) -> Result<(), StoreError> {
        todo!()
    }
}
