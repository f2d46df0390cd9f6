//! API keys for programs: shown once, stored hashed, with scopes.

use base64::Engine as _;
use domain::Secret;
use domain::account::Actor;
use domain::id::KeyId;
use ring::digest;
use store::{ApiKey, Commit};

use crate::error::AppError;
use crate::parts::App;

/// What a key may be allowed to do.
pub const SCOPES: [&str; 3] = ["*", "read", "channels"];
/// How a key begins, so that people and scanners recognise it.
pub const PREFIX: &str = "dpk_";
/// The most keys of one account.
const MOST_KEYS: usize = 50;
/// The longest name, in characters.
const LONGEST_NAME: usize = 60;

/// The hash under which a key is kept.
pub(crate) fn hash(key: &str) -> String {
    hex::encode(digest::digest(&digest::SHA256, key.as_bytes()).as_ref())
}

/// Makes a key; the secret is returned here and never again.
///
/// # Errors
/// A wrong name or scope, too many keys.
pub async fn create(app: &App, actor: &Actor, name: &str, scopes: Vec<String>) -> Result<(ApiKey, Secret), AppError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(AppError::field("name", "Give the key a name of 60 characters at most."));
    }
    if scopes.is_empty() || scopes.iter().any(|scope| !SCOPES.contains(&scope.as_str())) {
        return Err(AppError::field("scopes", "Choose from: *, read, channels."));
    }
    if list(app, actor).await?.len() >= MOST_KEYS {
        return Err(domain::Refusal::StateForbids("An account has 50 keys at most. Revoke one first.").into());
    }
    let mut bytes = [0_u8; 32];
    for chunk in bytes.chunks_mut(10) {
        chunk.iter_mut().zip(app.random().to_be_bytes().iter().rev()).for_each(|(to, from)| *to = *from);
    }
    let secret = format!("{PREFIX}{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes));
    let key = ApiKey {
        id: KeyId::new(app.now(), app.random()),
        user_id: actor.account_id.clone(),
        name: name.to_owned(),
        prefix: secret.chars().take(8).collect(),
        hash: hash(&secret),
        scopes,
        created_at: app.now(),
        last_used_at: None,
        revoked_at: None,
        version: 0,
    };
    app.store.commit(Commit::new().key(key.clone())).await?;
    Ok((key, Secret::new(secret)))
}

/// The keys of the account that are not revoked, newest first.
///
/// # Errors
/// Only what the store says.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<ApiKey>, AppError> {
    Ok(app.store.tenant(actor).keys().await?.into_iter().filter(|key| key.revoked_at.is_none()).collect())
}

/// Revokes a key; it stops working within a minute.
///
/// # Errors
/// [`AppError::NotFound`].
pub async fn revoke(app: &App, actor: &Actor, id: &KeyId) -> Result<(), AppError> {
    let mut key = list(app, actor).await?.into_iter().find(|key| key.id == *id).ok_or(AppError::NotFound)?;
    key.revoked_at = Some(app.now());
    Ok(app.store.commit(Commit::new().key(key)).await?)
}
