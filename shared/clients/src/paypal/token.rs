//! PayPal's access token: fetched once, kept until shortly before its end, by the given clock.
//!
//! Invariants: one fetch at a time; a token belongs to the credentials it was fetched with; one that
//! PayPal refused is forgotten. A token that cannot be had means that the call itself was not sent.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::Secret;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use ring::digest::{SHA256, digest};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::client::Credentials;
use crate::call::Api;
use crate::json::Node;
use crate::outcome::CallError;

/// How long before its end a token is not used any more.
const EARLY: SignedDuration = SignedDuration::from_secs(90);
/// The longest life that is believed.
const LONGEST_LIFE_SECONDS: i64 = 24 * 60 * 60;
/// The life of a token that does not say.
const SHORTEST_LIFE_SECONDS: i64 = 300;

#[derive(Clone)]
struct Kept {
    token: Secret,
    fetched_at: Timestamp,
    until: Timestamp,
    owner: Vec<u8>,
}

/// The cache of the one token.
#[derive(Clone, Default)]
pub(super) struct Tokens {
    kept: Arc<Mutex<Option<Kept>>>,
}

impl Tokens {
    /// A token that is good at `now`.
    pub(super) async fn get(&self, api: &Api, credentials: &Credentials, now: Timestamp) -> Result<Secret, CallError> {
        let owner = fingerprint(credentials);
        let mut kept = self.kept.lock().await;
        if let Some(found) = kept.as_ref().filter(|found| found.owner == owner && found.fetched_at <= now && now < found.until) {
            return Ok(found.token.clone());
        }
        let (token, life) = fetch(api, credentials).await.map_err(unsent)?;
        let until = now.saturating_add(life - EARLY.min(life / 2)).unwrap_or(now);
        *kept = Some(Kept { token: token.clone(), fetched_at: now, until, owner });
        Ok(token)
    }

    /// Forgets a token that PayPal does not take.
    pub(super) async fn forget(&self, token: &Secret) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|found| found.token.expose() == token.expose()) {
            *kept = None;
        }
    }
}

/// Without a token nothing was asked of the API: only what is final or about pace is passed on.
fn unsent(error: CallError) -> CallError {
    match error {
        CallError::Unknown { why, .. } => CallError::not_sent(format!("no access token: {why}")),
        other => other,
    }
}

fn joined(credentials: &Credentials, by: char) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::new());
    text.push_str(credentials.client_id.expose());
    text.push(by);
    text.push_str(credentials.client_secret.expose());
    text
}

/// The header that carries credentials.
fn basic(credentials: &Credentials) -> Result<HeaderValue, CallError> {
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(joined(credentials, ':').as_bytes())));
    let mut value = HeaderValue::from_str(&text).map_err(CallError::not_sent)?;
    value.set_sensitive(true);
    Ok(value)
}

fn fingerprint(credentials: &Credentials) -> Vec<u8> {
    digest(&SHA256, joined(credentials, '\n').as_bytes()).as_ref().to_vec()
}

async fn fetch(api: &Api, credentials: &Credentials) -> Result<(Secret, SignedDuration), CallError> {
    let request = Api::request(Method::POST, &api.url(&["v1", "oauth2", "token"], &[])?, basic(credentials)?);
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = api.send(request, "grant_type=client_credentials").await?;
    let body = answer.json()?;
    let node = Node(&body);
    let token = node.at("access_token").text().ok_or_else(|| answer.unreadable("no access token in the answer"))?;
    let life = node.at("expires_in").integer().unwrap_or(SHORTEST_LIFE_SECONDS).clamp(0, LONGEST_LIFE_SECONDS);
    Ok((Secret::new(token), SignedDuration::from_secs(life)))
}
