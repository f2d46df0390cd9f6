//! Answers kept for a day, so that a repeated request gets the first one's answer. A request that is
//! running holds a lease: when it died without a word, another may take its place, and is told when the
//! first began, so that it can meet what that one left.

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
    /// It is to be done now, then `finish`, `release` or `abandon` it.
    Now(Run),
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

/// One run of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// When the first run of the same request began.
    pub begun_at: Timestamp,
    /// Whether this is not the first: what the one before did, nobody knows.
    pub is_again: bool,
    /// Until when this one is believed to run.
    pub leased_until: Timestamp,
}

/// The longest answer that is kept, in bytes.
const LARGEST_ANSWER_BYTES: usize = 256 * 1_024;

fn place(user: &UserId, route: &str, key: &str) -> Key {
    Key::Idempotency(user.clone(), route.to_owned(), hash(&["idempotency", key]))
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// Nothing is there, or it aged out.
fn is_free(now: Timestamp) -> Expression {
    let mut free = Expression::default();
    let old = free.compare("kept_until", "<=", &now);
    free.require(format!("(attribute_not_exists(pk) OR {old})"));
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
        let run = Run { begun_at: now, is_again: false, leased_until: later(now, LEASE) };
        let row = ReceiptRow {
            user_id: user.clone(),
            route: route.to_owned(),
            key_hash: hash(&["idempotency", key]),
            request: body_sha256.to_owned(),
            begun_at: Some(run.begun_at),
            leased_until: run.leased_until,
            kept_until: later(now, KEPT_FOR),
            status: None,
            body: None,
            expires_at: later(now, KEPT_FOR).as_second(),
        };
        let found = match self.put(&place, to_item(&row), is_free(now)).await? {
            Written::Done => return Ok(Begin::Now(run)),
            Written::Refused(Some(item)) => Some(from_item(&item)?),
            Written::Refused(None) => self.get::<ReceiptRow>(&place).await?,
        };
        match found {
            Some(found) if found.request == body_sha256 && found.status.is_none() && found.leased_until <= now => {
                self.take_over(&place, &found, now).await
            }
            found => Ok(found.map_or(Begin::InProgress, |found| judge(&found, body_sha256))),
        }
    }

    /// Takes the place of a run that died without a word, or that ended without knowing what it did.
    async fn take_over(&self, place: &Key, found: &ReceiptRow, now: Timestamp) -> Result<Begin, StoreError> {
        let begun_at = found.begun_at.unwrap_or(found.leased_until);
        let run = Run { begun_at, is_again: true, leased_until: later(now, LEASE) };
        let mut change = running();
        change.require_compare("leased_until", "=", &found.leased_until);
        change.set("begun_at", &begun_at);
        change.set("leased_until", &run.leased_until);
        change.set("kept_until", &later(now, KEPT_FOR));
        change.set("expires_at", &later(now, KEPT_FOR).as_second());
        Ok(match self.update(place, change).await? {
            Written::Done => Begin::Now(run),
            Written::Refused(_) => Begin::InProgress,
        })
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

    /// A run came to nothing: its key is free again, for any body.
    ///
    /// # Errors
    /// What the store says.
    pub async fn abandon_idempotent(&self, user: &UserId, route: &str, key: &str, run: &Run) -> Result<(), StoreError> {
        let mut change = run_by(run);
        change.set("kept_until", &Timestamp::UNIX_EPOCH);
        self.update(&place(user, route, key), change).await.map(|_| ())
    }

    /// A run ended and does not know what it did: the same request may be run again at once.
    ///
    /// # Errors
    /// What the store says.
    pub async fn release_idempotent(&self, user: &UserId, route: &str, key: &str, run: &Run) -> Result<(), StoreError> {
        let mut change = run_by(run);
        change.set("leased_until", &Timestamp::UNIX_EPOCH);
        self.update(&place(user, route, key), change).await.map(|_| ())
    }
}

/// That a request is there, has no answer yet, and nobody took this run's place.
fn run_by(run: &Run) -> Expression {
    let mut change = running();
    change.require_compare("leased_until", "=", &run.leased_until);
    change
}

/// That a request is there and has no answer yet.
fn running() -> Expression {
    let mut running = Expression::present();
    let status = running.name("status");
    running.require(format!("attribute_not_exists({status})"));
    running
}
