//! What carries a webhook to whoever takes it: a socket, or whatever a simulation puts in its place.
//!
//! Either way a receiver that takes too long has not answered. Follows no redirect, needs no certificates
//! of the machine.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};

/// How long a receiver may take to answer, in milliseconds of the runtime's time.
const ANSWER_TIMEOUT_MS: u64 = 30_000;
/// How long a receiver may take to accept the connection, in real milliseconds.
const CONNECT_TIMEOUT_MS: u64 = 5_000;
/// As what the providers call.
const USER_AGENT: &str = "sandbox-webhooks/1.0";

/// Takes a request to whoever its address names, and brings the answer; the error says why there is none. It is
/// dropped when it takes too long.
pub type Carry = Arc<dyn Fn(Request<Bytes>) -> BoxFuture<'static, Result<Response<Bytes>, String>> + Send + Sync>;

/// How webhooks get to the product.
#[derive(Clone, Default)]
pub enum Carrier {
    /// By TCP.
    #[default]
    Sockets,
    /// By this.
    Given(Carry),
}

impl fmt::Debug for Carrier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sockets => "Sockets",
            Self::Given(_) => "Given",
        })
    }
}

impl Carrier {
    /// Made ready for use.
    pub(super) fn opened(self) -> Result<Carry, reqwest::Error> {
        match self {
            Self::Sockets => over_sockets(),
            Self::Given(carry) => Ok(Arc::new(move |request| Box::pin(in_time(carry(request))))),
        }
    }
}

fn over_sockets() -> Result<Carry, reqwest::Error> {
    let client = http_client()?;
    Ok(Arc::new(move |request| Box::pin(send(client.clone(), request))))
}

async fn send(client: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, String> {
    let request = reqwest::Request::try_from(request).map_err(|cause| cause.to_string())?;
    let answer = client.execute(request).await.map_err(|cause| cause.to_string())?;
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    // What cannot be read of an answer changes nothing: its status was said.
    *response.body_mut() = answer.bytes().await.unwrap_or_default();
    Ok(response)
}

async fn in_time(answer: BoxFuture<'static, Result<Response<Bytes>, String>>) -> Result<Response<Bytes>, String> {
    let within = tokio::time::timeout(Duration::from_millis(ANSWER_TIMEOUT_MS), answer).await;
    within.unwrap_or_else(|_| Err("no answer in time".to_owned()))
}

/// A client that needs no certificates of the machine and follows no redirects.
///
/// # Errors
/// When the client cannot be made.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    let roots: rustls::RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_millis(CONNECT_TIMEOUT_MS))
        .timeout(Duration::from_millis(ANSWER_TIMEOUT_MS));
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    match tls {
        Ok(tls) => {
            let tls = tls.with_root_certificates(roots).with_no_client_auth();
            builder.tls_backend_preconfigured(tls).build()
        }
        Err(_) => builder.build(),
    }
}
