//! The same unsafe request twice is done once: the first answer is kept for a day and given again.
//!
//! Between what a request commits and the keeping of its answer it may die. So what it makes has ids that follow from
//! who asked, for what, under which key: whoever runs it again meets the first one's commit, and answers from it.

use domain::Timestamp;
use domain::account::Actor;
use ring::digest::{SHA256, digest};
use store::Run;

use crate::error::AppError;
use crate::parts::App;

/// How many bytes of randomness an id has.
const ID_BYTES: usize = 10;

/// Whether a request with a key is to be done.
#[derive(Debug)]
pub enum Begun {
    /// Do it, then [`finish`], [`release`] or [`abandon`] it.
    Now(Once),
    /// It was done: this was the answer.
    Replay {
        /// Its status.
        status: u16,
        /// Its body.
        body: String,
    },
}

/// One run of a request under its key.
#[derive(Debug, Clone)]
pub struct Once {
    actor: Actor,
    route: String,
    key: String,
    run: Run,
}

impl Once {
    /// Whether an earlier run may have done it already.
    pub fn is_again(&self) -> bool {
        self.run.is_again
    }

    /// The id of what this request makes: each of its runs makes the same, another request never does.
    fn id<T>(&self, new: fn(Timestamp, u128) -> T) -> T {
        let begun_ms = self.run.begun_at.as_millisecond().to_string();
        let name = [self.actor.user_id.as_str(), &self.route, &self.key, &begun_ms].join("\0");
        let bytes = digest(&SHA256, name.as_bytes());
        let random = bytes.as_ref().iter().take(ID_BYTES).fold(0, |sum, byte| (sum << 8) | u128::from(*byte));
        new(self.run.begun_at, random)
    }
}

/// The id of what a request makes, whether it came under a key or not.
pub(crate) fn id<T>(app: &App, once: Option<&Once>, new: fn(Timestamp, u128) -> T) -> T {
    once.map_or_else(|| new(app.now(), app.random()), |once| once.id(new))
}

/// Begins a request with a key.
///
/// # Errors
/// [`AppError::IdempotencyKeyReused`], [`AppError::RequestInProgress`].
pub async fn begin(app: &App, actor: Actor, route: String, key: String, body: &[u8]) -> Result<Begun, AppError> {
    let hash = hex::encode(digest(&SHA256, body).as_ref());
    match app.store.begin_idempotent(&actor.user_id, &route, &key, &hash, app.now()).await? {
        store::Begin::Now(run) => Ok(Begun::Now(Once { actor, route, key, run })),
        store::Begin::Replay { status, body } => Ok(Begun::Replay { status, body }),
        store::Begin::InProgress => Err(AppError::RequestInProgress),
        store::Begin::Reused => Err(AppError::IdempotencyKeyReused),
    }
}

/// Keeps the answer.
///
/// # Errors
/// Only what the store says.
pub async fn finish(app: &App, once: &Once, status: u16, body: &str) -> Result<(), AppError> {
    Ok(app.store.finish_idempotent(&once.actor.user_id, &once.route, &once.key, status, body, app.now()).await?)
}

/// Ends a run of which nobody can say what it did: the same request may be run again, and meets what this one left.
///
/// # Errors
/// Only what the store says.
pub async fn release(app: &App, once: &Once) -> Result<(), AppError> {
    Ok(app.store.release_idempotent(&once.actor.user_id, &once.route, &once.key, &once.run).await?)
}

/// Forgets a request that came to nothing, so that its key is free.
///
/// # Errors
/// Only what the store says.
pub async fn abandon(app: &App, once: &Once) -> Result<(), AppError> {
    Ok(app.store.abandon_idempotent(&once.actor.user_id, &once.route, &once.key, &once.run).await?)
}
