//! Answers kept for a day, so that a repeated request gets the first one's answer. A request that is
//! running holds a lease: when it died without a word, another may take its place.

use domain::id::UserId;
use jiff::{SignedDuration, Timestamp};

use crate::error::StoreError;
use crate::expression::Expression;
use crate::item::{ReceiptRow, from_item, to_item};
use crate::key::{Key, hash};
use crate::store::Store;
use crate::write::Written;

/// How long an answer is kept.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long a running request is believed to run.
const LEASE: SignedDuration = SignedDuration::from_secs(60);

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

/// The longest answer that is kept, in bytes.
const LARGEST_ANSWER_BYTES: usize = 256 * 1_024;

fn place(user: &UserId, route: &str, key: &str) -> Key {
    Key::Idempotency(user.clone(), route.to_owned(), hash(&["idempotency", key]))
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Nothing is there, or it aged out, or it is the same request whose first run died without a word.
fn is_free(request: &str, now: Timestamp) -> Expression {
    let mut free = Expression::default();
    let old = free.compare("kept_until", "<=", &now);
    let dead = free.compare("leased_until", "<=", &now);
    let same = free.compare("request", "=", &request.to_owned());
    let status = free.name("status");
    free.require(format!("(attribute_not_exists(pk) OR {old} OR ({dead} AND {same} AND attribute_not_exists({status})))"));
    free
}

fn judge(found: &ReceiptRow, request: &str) -> Begin {
    match (&found.status, &found.body) {
        _ if found.request != request => Begin::Reused,
        (Some(status), body) => Begin::Replay { status: *status, body: body.clone().unwrap_or_default() },
        _ => Begin::InProgress,
    }
}

impl Store {
    /// Begins a request with an idempotency key. `body_sha256` stands for its body; `route` has no `#`.
    ///
    /// # Errors
    /// What the store says.
    pub async fn begin_idempotent(
        &self,
        user: &UserId,
        route: &str,
        key: &str,
        body_sha256: &str,
        now: Timestamp,
    ) -> Result<Begin, StoreError> {
        let place = place(user, route, key);
        let row = ReceiptRow {
            user_id: user.clone(),
            route: route.to_owned(),
            key_hash: hash(&["idempotency", key]),
            request: body_sha256.to_owned(),
            leased_until: later(now, LEASE),
            kept_until: later(now, KEPT_FOR),
            status: None,
            body: None,
            expires_at: later(now, KEPT_FOR).as_second(),
        };
        match self.put(&place, to_item(&row), is_free(body_sha256, now)).await? {
            Written::Done => Ok(Begin::Fresh),
            Written::Refused(Some(item)) => Ok(judge(&from_item(&item)?, body_sha256)),
            Written::Refused(None) => {
                Ok(self.get::<ReceiptRow>(&place).await?.map_or(Begin::InProgress, |found| judge(&found, body_sha256)))
            }
        }
    }

    /// Keeps a request's answer, which must hold no secret. One that was given up or answered meanwhile is
    /// left as it is.
    ///
    /// # Errors
    /// What the store says; [`StoreError::Corrupt`] for an answer that is too long to keep.
    pub async fn finish_idempotent(
        &self,
        user: &UserId,
        route: &str,
        key: &str,
        status: u16,
        body: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if body.len() > LARGEST_ANSWER_BYTES {
            return Err(StoreError::Corrupt(format!("an answer of {} bytes is too long to keep", body.len())));
        }
        let mut change = running();
        change.set("status", &status);
        change.set("body", &body.to_owned());
        change.set("kept_until", &later(now, KEPT_FOR));
        change.set("expires_at", &later(now, KEPT_FOR).as_second());
        self.update(&place(user, route, key), change).await.map(|_| ())
    }

    /// A request came to nothing: its key is free again, for any body.
    ///
    /// # Errors
    /// What the store says.
    pub async fn abandon_idempotent(&self, user: &UserId, route: &str, key: &str) -> Result<(), StoreError> {
        let mut change = running();
        change.set("kept_until", &Timestamp::UNIX_EPOCH);
        self.update(&place(user, route, key), change).await.map(|_| ())
    }
}

/// That a request is there and has no answer yet.
fn running() -> Expression {
    let mut running = Expression::present();
    let status = running.name("status");
    running.require(format!("attribute_not_exists({status})"));
    running
}
