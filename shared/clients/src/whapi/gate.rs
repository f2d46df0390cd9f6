//! The channels' API: linking a number, health, settings. Each channel has its own token.
//!
//! Routes: `GET /users/login`, `GET /users/login/{phone}`, `POST /users/logout`, `GET /health`,
//! `GET|PATCH /settings`, `GET /limits`.

use std::time::Duration;

use domain::Secret;
use http::Method;
use net::Http;
use url::Url;

use super::error::{GATE_REFUSALS, own_words};
use super::health::HealthReading;
use super::login::QrAnswer;
use super::settings::{ChannelSettings, WebhookTarget};
use crate::call::Api;
use crate::json::Node;
use crate::outcome::CallError;

/// What came of unlinking a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logout {
    /// It is unlinked now.
    Done,
    /// None was linked.
    WasOut,
}

/// What a channel in trial or sandbox may still do this day or month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages.
    pub messages: Option<i64>,
    /// Chats begun so far.
    pub chats: usize,
    /// Number checks.
    pub checks: Option<i64>,
    /// Requests.
    pub requests: Option<i64>,
}

/// The channels' API at one address. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    api: Api,
}

impl Gate {
    /// The API below that address, such as `https://gate.whapi.cloud`.
    pub fn new(base: Url, http: Http) -> Self {
        Self { api: Api { provider: "whapi-gate", base, http, timeout: None, refusals: GATE_REFUSALS, own_words } }
    }

    /// The same with another limit for the time of one call.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.api.timeout = Some(timeout);
        self
    }

    /// Asks for a code to scan; a sleeping channel is launched by it.
    ///
    /// # Errors
    /// [`CallError`]; 404 while a new channel is being set up.
    pub async fn login_qr(&self, token: &Secret) -> Result<QrAnswer, CallError> {
        match self.api.call(token, Method::GET, &["users", "login"], &[("wakeup", "true")], None).await {
            Ok(answer) => QrAnswer::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no status in the answer")),
            Err(error) => match error.status() {
                Some(409) => Ok(QrAnswer::AlreadyLinked),
                Some(422) => Ok(QrAnswer::Failed),
                _ => Err(error),
            },
        }
    }

    /// Asks for a code to type in, for the number of those digits.
    ///
    /// # Errors
    /// [`CallError`]; 400 when WhatsApp does not take the number, 409 when a number is linked already.
    pub async fn pairing_code(&self, token: &Secret, digits: &str) -> Result<Secret, CallError> {
        let answer = self.api.call(token, Method::GET, &["users", "login", digits], &[], None).await?;
        let code = Node(&answer.json()?).at("code").text();
        code.map(Secret::new).ok_or_else(|| answer.unreadable("no code in the answer"))
    }

    /// Reads the channel's health; with `wakeup` a sleeping channel is launched.
    ///
    /// # Errors
    /// [`CallError`]; 404 while a new channel is being set up.
    pub async fn health(&self, token: &Secret, wakeup: bool) -> Result<HealthReading, CallError> {
        let query = [("wakeup", if wakeup { "true" } else { "false" })];
        let answer = self.api.call(token, Method::GET, &["health"], &query, None).await?;
        HealthReading::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no health in the answer"))
    }

    /// Reads the channel's settings.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn settings(&self, token: &Secret) -> Result<ChannelSettings, CallError> {
        let answer = self.api.call(token, Method::GET, &["settings"], &[], None).await?;
        ChannelSettings::read(Node(&answer.json()?)).ok_or_else(|| answer.unreadable("no settings in the answer"))
    }

    /// Sets where webhooks go; may be repeated.
    ///
    /// # Errors
    /// [`CallError`]; 404 while a new channel is being set up.
    pub async fn set_webhook(&self, token: &Secret, target: &WebhookTarget) -> Result<(), CallError> {
        self.api.call(token, Method::PATCH, &["settings"], &[], Some(target.body())).await.map(drop)
    }

    /// Unlinks the number.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn logout(&self, token: &Secret) -> Result<Logout, CallError> {
        match self.api.call(token, Method::POST, &["users", "logout"], &[], None).await {
            Ok(_) => Ok(Logout::Done),
            Err(error) if error.status() == Some(409) => Ok(Logout::WasOut),
            Err(error) => Err(error),
        }
    }

    /// Reads what a channel in trial or sandbox may still do; `None` when it has no limits.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn limits(&self, token: &Secret) -> Result<Option<Limits>, CallError> {
        let answer = self.api.call(token, Method::GET, &["limits"], &[], None).await?;
        if answer.status == 204 || answer.body.is_empty() {
            return Ok(None);
        }
        let body = answer.json()?;
        let node = Node(&body);
        Ok(Some(Limits {
            messages: node.at("messages").integer(),
            chats: node.at("chats").list().len(),
            checks: node.at("checks").integer(),
            requests: node.at("requests").integer(),
        }))
    }
}
