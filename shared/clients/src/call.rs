//! One HTTP call and its answer, and the judgement whether anything may be believed of it.
//!
//! Invariants: a call is made once; the answer's size is bounded; a log line carries no secret.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use url::Url;

use crate::outcome::{CallError, Refused};

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

/// Where an API is, how long a call may take, and how its refusals read.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) provider: &'static str,
    pub(crate) base: Url,
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

    /// A request that has not been sent.
    pub(crate) fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, CallError> {
        let request = net::http().map_err(CallError::not_sent)?.request(method, url);
        let request = request.header("accept", "application/json");
        Ok(match self.timeout {
            Some(timeout) => request.timeout(timeout),
            None => request,
        })
    }

    /// Sends it once; success is any 2xx.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Answer, CallError> {
        let answer = send(self.provider, request).await?;
        self.judge(answer)
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

async fn send(provider: &'static str, request: RequestBuilder) -> Result<Answer, CallError> {
    let (client, request) = request.build_split();
    let request = request.map_err(|error| CallError::not_sent(error.without_url()))?;
    let (method, address) = (request.method().clone(), net::redact::url(request.url()));
    let begun = Instant::now();
    let answer = match client.execute(request).await {
        Ok(response) => read(response).await,
        Err(error) => Err(failure(error)),
    };
    let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    match &answer {
        Ok(answer) => tracing::debug!(provider, %method, address, status = answer.status, elapsed_ms, "called"),
        Err(error) => tracing::warn!(provider, %method, address, %error, elapsed_ms, "call failed"),
    }
    answer
}

/// Only a connection that was never made is sure to have sent nothing.
fn failure(error: reqwest::Error) -> CallError {
    let unsent = error.is_connect() || error.is_builder();
    let why = causes(&error.without_url());
    if unsent { CallError::not_sent(why) } else { CallError::unknown(None, why) }
}

fn causes(error: &dyn std::error::Error) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

async fn read(mut response: Response) -> Result<Answer, CallError> {
    let status = response.status().as_u16();
    let retry_after = header(&response, "retry-after").and_then(|text| text.trim().parse().ok());
    let reference = header(&response, "paypal-debug-id");
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| CallError::unknown(Some(status), error.without_url()))? {
        if body.len() + chunk.len() > LONGEST_ANSWER {
            return Err(CallError::unknown(Some(status), "the answer is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, retry_after: retry_after.map(Duration::from_secs), reference, body: body.freeze() })
}

fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(net::redact::text)
}
