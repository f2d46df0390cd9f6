//! PayPal's REST API at one address: every call carries an access token, and one that PayPal refuses is
//! replaced once.
//!
//! Invariant: a call is sent again only after PayPal itself said 401, that is, did nothing.

use std::sync::Arc;
use std::time::Duration;

use domain::Secret;
use http::Method;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use net::Http;
use serde_json::Value;
use url::Url;

use super::error::{REFUSALS, own_words};
use super::token::Tokens;
use crate::call::{Answer, Api, JSON, bearer};
use crate::outcome::CallError;
use crate::pipes::Secrets;

/// Tells the time, for the life of tokens.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// As whom PayPal is called.
#[derive(Clone)]
pub struct Credentials {
    /// The REST app's client id.
    pub client_id: Secret,
    /// Its secret.
    pub client_secret: Secret,
}

/// Where the credentials are.
#[derive(Clone)]
enum Source {
    Secrets(Secrets),
    Fixed(Credentials),
}

/// PayPal's API. Cheap to clone; clones share the access token.
#[derive(Clone)]
pub struct PayPal {
    api: Api,
    source: Source,
    tokens: Tokens,
    now: Now,
}

/// One call, so that it can be made again with another token.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) path: &'a [&'a str],
    pub(super) query: &'a [(&'a str, &'a str)],
    pub(super) body: Option<Vec<u8>>,
    pub(super) request_id: Option<&'a str>,
}

impl<'a> Call<'a> {
    pub(super) fn get(path: &'a [&'a str]) -> Self {
        Self { method: Method::GET, path, query: &[], body: None, request_id: None }
    }

    pub(super) fn post(path: &'a [&'a str], body: &Value) -> Self {
        Self { method: Method::POST, path, query: &[], body: Some(body.to_string().into_bytes()), request_id: None }
    }

    pub(super) fn idempotent(mut self, request_id: &'a str) -> Self {
        self.request_id = Some(request_id);
        self
    }
}

impl PayPal {
    /// The API below that address, such as `https://api-m.paypal.com`, as whom the platform's secrets say.
    pub fn new(base: Url, http: Http, secrets: Secrets, now: Now) -> Self {
        Self::from_source(base, http, Source::Secrets(secrets), now)
    }

    /// The same with credentials at hand, such as those that somebody wants to try.
    pub fn with_credentials(base: Url, http: Http, credentials: Credentials, now: Now) -> Self {
        Self::from_source(base, http, Source::Fixed(credentials), now)
    }

    fn from_source(base: Url, http: Http, source: Source, now: Now) -> Self {
        let api = Api { provider: "paypal", base, http, timeout: None, refusals: REFUSALS, own_words };
        Self { api, source, tokens: Tokens::default(), now }
    }

    /// The same with another limit for the time of one call.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.api.timeout = Some(timeout);
        self
    }

    /// Over what it is called.
    pub(super) fn http(&self) -> &Http {
        &self.api.http
    }

    /// Tries the credentials.
    ///
    /// # Errors
    /// [`CallError`]; 401 when PayPal does not know them.
    pub async fn try_credentials(&self) -> Result<(), CallError> {
        let credentials = self.credentials().await?;
        self.tokens.get(&self.api, &credentials, (self.now)()).await.map(drop)
    }

    async fn credentials(&self) -> Result<Credentials, CallError> {
        match &self.source {
            Source::Fixed(credentials) => Ok(credentials.clone()),
            Source::Secrets(secrets) => {
                let platform = secrets.platform((self.now)()).await.map_err(CallError::not_sent)?;
                platform.paypal().ok_or_else(|| CallError::not_sent("PayPal is not set up"))
            }
        }
    }

    pub(super) async fn call(&self, call: Call<'_>) -> Result<Answer, CallError> {
        let credentials = self.credentials().await?;
        let token = self.tokens.get(&self.api, &credentials, (self.now)()).await?;
        match self.once(&token, &call).await {
            Err(error) if error.is_unauthorized() => {
                self.tokens.forget(&token).await;
                let token = self.tokens.get(&self.api, &credentials, (self.now)()).await?;
                self.once(&token, &call).await
            }
            answer => answer,
        }
    }

    async fn once(&self, token: &Secret, call: &Call<'_>) -> Result<Answer, CallError> {
        let mut request = Api::request(call.method.clone(), &self.api.url(call.path, call.query)?, bearer(token)?);
        if call.body.is_some() {
            request = request.header(CONTENT_TYPE, JSON);
        }
        if let Some(id) = call.request_id {
            request = request.header("PayPal-Request-Id", id);
        }
        if call.method == Method::POST {
            request = request.header("Prefer", "return=representation");
        }
        self.api.send(request, call.body.clone().unwrap_or_default()).await
    }
}
