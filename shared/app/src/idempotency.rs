//! The same unsafe request twice is done once: the first answer is kept for a day and given again.

use domain::account::Actor;
use ring::digest;

use crate::error::AppError;
use crate::parts::App;

/// Whether a request with a key is to be done.
#[derive(Debug)]
pub enum Begun {
    /// Do it, then [`finish`] or [`abandon`] it.
    Fresh,
    /// It was done: this was the answer.
    Replay {
        /// Its status.
        status: u16,
        /// Its body.
        body: String,
    },
}

/// Begins a request with a key.
///
/// # Errors
/// [`AppError::IdempotencyKeyReused`], [`AppError::RequestInProgress`].
pub async fn begin(app: &App, actor: &Actor, route: &str, key: &str, body: &[u8]) -> Result<Begun, AppError> {
    let hash = hex::encode(digest::digest(&digest::SHA256, body).as_ref());
    match app.store.begin_idempotent(&actor.user_id, route, key, &hash, app.now()).await? {
        store::Begin::Fresh => Ok(Begun::Fresh),
        store::Begin::Replay { status, body } => Ok(Begun::Replay { status, body }),
        store::Begin::InProgress => Err(AppError::RequestInProgress),
        store::Begin::Reused => Err(AppError::IdempotencyKeyReused),
    }
}

/// Keeps the answer.
///
/// # Errors
/// Only what the store says.
pub async fn finish(app: &App, actor: &Actor, route: &str, key: &str, status: u16, body: &str) -> Result<(), AppError> {
    Ok(app.store.finish_idempotent(&actor.user_id, route, key, status, body, app.now()).await?)
}

/// Forgets a request that came to nothing, so that it can be tried again.
///
/// # Errors
/// Only what the store says.
pub async fn abandon(app: &App, actor: &Actor, route: &str, key: &str) -> Result<(), AppError> {
    Ok(app.store.abandon_idempotent(&actor.user_id, route, key).await?)
}
