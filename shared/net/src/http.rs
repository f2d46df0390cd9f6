//! The client for other companies' APIs: one request, one answer, or what may be believed without one.
//!
//! Invariants: no redirect is followed, nothing that may have left is sent twice, no proxy is read from
//! the environment, and every call ends, by the runtime's clock. The limits stay far below the two minutes
//! after which an unanswered call is said not to have happened. A failure's words hold no address, no
//! header and no body. Absent on purpose: a client for the whole process; whoever calls was given one.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http::header::{ACCEPT, InvalidHeaderValue, USER_AGENT};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt, Limited};
use hyper_util::client::legacy;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout_at};

use crate::pool::{Pool, chain};
use crate::wire::Carrier;

/// What we call ourselves; some providers refuse the names of libraries.
pub const OUR_NAME: &str = concat!("Daypass/", env!("CARGO_PKG_VERSION"));
/// The longest that a connection may take to be made, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest that a call may take from its start to the last byte of its answer.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// No connection was made, so the request never left.
    #[error("not sent: {why}")]
    NotSent {
        /// What was in the way, for the log.
        why: String,
    },
    /// The request may have left, and may have been heeded.
    #[error("no answer: {why}")]
    Lost {
        /// The status, where the head of an answer came.
        status: Option<u16>,
        /// What was seen, for the log.
        why: String,
    },
}

/// The client. Cheap to clone; clones share their connections, of which none is made before the first call.
#[derive(Clone)]
pub struct Http(Arc<Pool>);

impl Http {
    /// Over TCP and TLS.
    pub fn new() -> Self {
        Self(Arc::new(Pool::over_sockets(CONNECT_TIMEOUT)))
    }

    /// Over streams that `connect` makes for an address, of which it sees scheme, host and port. They carry
    /// plain HTTP/1.1, for https too.
    pub fn over<F, S>(connect: impl Fn(Uri) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self(Arc::new(Pool::over(CONNECT_TIMEOUT, Carrier::pipes(CONNECT_TIMEOUT, connect))))
    }

    /// Sends a request once and reads its answer, whatever its status, in twenty seconds or in `timeout`.
    ///
    /// # Errors
    /// [`HttpError`]; an answer longer than `longest_body_bytes` is lost.
    pub async fn call(
        &self,
        request: Request<Bytes>,
        timeout: Option<Duration>,
        longest_body_bytes: usize,
    ) -> Result<Response<Bytes>, HttpError> {
        let client = self.0.client().ok_or_else(|| not_sent("no TLS version in common"))?;
        let request = dressed(request)?;
        let end = Instant::now() + timeout.unwrap_or(TOTAL_TIMEOUT);
        let answer = timeout_at(end, client.request(request)).await;
        let (head, body) = answer.map_err(|_| late(None))?.map_err(|error| failure(&error))?.into_parts();
        let status = Some(head.status.as_u16());
        let body = timeout_at(end, Limited::new(body, longest_body_bytes).collect()).await;
        let body = body.map_err(|_| late(status))?.map_err(|error| HttpError::Lost { status, why: causes(&*error) })?;
        Ok(Response::from_parts(head, body.to_bytes()))
    }
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Http")
    }
}

/// The value of an `Authorization` header that carries a token; never printed.
///
/// # Errors
/// When the token has a character that no header may hold.
pub fn bearer(token: &str) -> Result<HeaderValue, InvalidHeaderValue> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The request with what every request of ours says.
fn dressed(request: Request<Bytes>) -> Result<Request<SdkBody>, HttpError> {
    let mut request = request.map(SdkBody::from);
    if request.uri().scheme().is_none() || request.uri().host().is_none() {
        return Err(not_sent("an address without a scheme or a host"));
    }
    let headers = request.headers_mut();
    headers.entry(USER_AGENT).or_insert(HeaderValue::from_static(OUR_NAME));
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
    Ok(request)
}

/// Only a connection that was never made is sure to have sent nothing.
fn failure(error: &legacy::Error) -> HttpError {
    let why = causes(error);
    if error.is_connect() { HttpError::NotSent { why } } else { HttpError::Lost { status: None, why } }
}

fn not_sent(why: &str) -> HttpError {
    HttpError::NotSent { why: why.to_owned() }
}

fn late(status: Option<u16>) -> HttpError {
    HttpError::Lost { status, why: "the time ran out".to_owned() }
}

fn causes(error: &(dyn Error + 'static)) -> String {
    chain(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
