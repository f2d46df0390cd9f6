//! One HTTP call and its answer, and the judgement whether anything may be believed of it.
//!
//! Invariants: a call is made once; the answer's size is bounded; a log line carries no secret.

use std::time::Duration;

use bytes::Bytes;
use domain::Secret;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::request::Builder;
use http::{HeaderValue, Method, Request, Response};
use net::{Http, HttpError};
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use crate::outcome::{CallError, Refused};

/// What we send and read.
pub(crate) const JSON: &str = "application/json";
/// The longest answer that is read, in bytes; the longest list page of WHAPI stays far below it.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;

/// What came back, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) reference: Option<String>,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value, CallError> {
        serde_json::from_slice(&self.body).map_err(|_| self.unreadable("the answer is not JSON"))
    }

    /// A success whose body does not say what it should: what happened is not known.
    pub(crate) fn unreadable(&self, why: &str) -> CallError {
        CallError::unknown(Some(self.status), why)
    }
}

/// Where an API is, over what it is called, how long that may take, and how its refusals read.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) provider: &'static str,
    pub(crate) base: Url,
    pub(crate) http: Http,
    pub(crate) timeout: Option<Duration>,
    /// The statuses with which, in its own words, the provider says that nothing happened.
    pub(crate) refusals: &'static [u16],
    /// Reads the provider's own error body; `None` when somebody else wrote it.
    pub(crate) own_words: fn(&Answer) -> Option<Refused>,
}

impl Api {
    /// The address of `segments` below the base, with a query.
    pub(crate) fn url(&self, segments: &[&str], query: &[(&str, &str)]) -> Result<Url, CallError> {
        if segments.iter().any(|segment| segment.bytes().all(|byte| byte == b'.')) {
            return Err(CallError::not_sent("an id that is empty or only dots"));
        }
        let mut url = self.base.clone();
        let mut path = url.path_segments_mut().map_err(|()| CallError::not_sent("the base address takes no path"))?;
        path.pop_if_empty().extend(segments);
        drop(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// A request of whom `authorization` names, which has not been sent.
    pub(crate) fn request(method: Method, url: &Url, authorization: HeaderValue) -> Builder {
        Request::builder().method(method).uri(url.as_str()).header(ACCEPT, JSON).header(AUTHORIZATION, authorization)
    }

    /// One call of whom the token is, with JSON or without a body.
    pub(crate) async fn call(
        &self,
        token: &Secret,
        method: Method,
        segments: &[&str],
        query: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Answer, CallError> {
        let request = Self::request(method, &self.url(segments, query)?, bearer(token)?);
        match body {
            Some(body) => self.send(request.header(CONTENT_TYPE, JSON), body.to_string()).await,
            None => self.send(request, Bytes::new()).await,
        }
    }

    /// Sends it once; success is any 2xx.
    pub(crate) async fn send(&self, request: Builder, body: impl Into<Bytes>) -> Result<Answer, CallError> {
        let request = request.body(body.into()).map_err(CallError::not_sent)?;
        let (method, address) = (request.method().clone(), net::redact::uri(request.uri()));
        let begun = Instant::now();
        let answer = self.http.call(request, self.timeout, LONGEST_ANSWER).await.map(read).map_err(failure);
        let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let provider = self.provider;
        match &answer {
            Ok(answer) => tracing::debug!(provider, %method, address, status = answer.status, elapsed_ms, "called"),
            Err(error) => tracing::warn!(provider, %method, address, %error, elapsed_ms, "call failed"),
        }
        self.judge(answer?)
    }

    fn judge(&self, answer: Answer) -> Result<Answer, CallError> {
        match answer.status {
            200..=299 => Ok(answer),
            429 => Err(CallError::RateLimited { retry_after: answer.retry_after }),
            status if self.refusals.contains(&status) => Err(match (self.own_words)(&answer) {
                Some(refused) => CallError::Refused(refused),
                None => answer.unreadable("an error that is not in the provider's words"),
            }),
            _ => Err(answer.unreadable("the provider failed or answered in between")),
        }
    }
}

/// The header that carries a token.
pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue, CallError> {
    net::bearer(token.expose()).map_err(CallError::not_sent)
}

fn failure(error: HttpError) -> CallError {
    match error {
        HttpError::NotSent { why } => CallError::not_sent(why),
        HttpError::Lost { status, why } => CallError::unknown(status, why),
    }
}

fn read(response: Response<Bytes>) -> Answer {
    let header = |name: &str| response.headers().get(name)?.to_str().ok().map(net::redact::text);
    Answer {
        status: response.status().as_u16(),
        retry_after: header("retry-after").and_then(|text| text.trim().parse().ok()).map(Duration::from_secs),
        reference: header("paypal-debug-id"),
        body: response.into_body(),
    }
}
