//! The AWS SDK's HTTP client: the same pool as for other companies, with the SDK's limits.
//!
//! Invariants: made on first use; one pool per [`AwsHttp`], shared by its clones; both http (the
//! emulators of a local run) and https. Retries are the SDK's business, not ours.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::ErrorKind;
use hyper_util::client::legacy;

use crate::pool::{Client, Pool, chain};

/// The longest that a connection to AWS may take to be made, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest wait for the head of an answer when the SDK says nothing else.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// An [`HttpClient`] for `SdkConfig`; cloning shares its pool of connections.
#[derive(Clone)]
pub struct AwsHttp(Arc<Pool>);

impl AwsHttp {
    /// A client that has not connected to anything yet.
    pub fn new() -> Self {
        Self(Arc::new(Pool::over_sockets(CONNECT_TIMEOUT)))
    }
}

impl Default for AwsHttp {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for AwsHttp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwsHttp")
    }
}

impl HttpClient for AwsHttp {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        let read_timeout = settings.read_timeout().unwrap_or(READ_TIMEOUT);
        SharedHttpConnector::new(Connector { http: self.clone(), read_timeout })
    }
}

#[derive(Debug)]
struct Connector {
    http: AwsHttp,
    read_timeout: Duration,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.http.0.client().cloned();
        let read_timeout = self.read_timeout;
        HttpConnectorFuture::new(async move {
            let client = client.ok_or_else(|| ConnectorError::user("no TLS version in common".into()))?;
            send(&client, request, read_timeout).await
        })
    }
}

async fn send(client: &Client, request: HttpRequest, read_timeout: Duration) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let answer = tokio::time::timeout(read_timeout, client.request(request)).await;
    let answer = answer.map_err(|late| ConnectorError::timeout(late.into()))?.map_err(failure)?;
    HttpResponse::try_from(answer.map(SdkBody::from_body_1_x)).map_err(|error| ConnectorError::other(error.into(), None))
}

/// Sorts what hyper says into the kinds by which the SDK decides whether to try again.
fn failure(error: legacy::Error) -> ConnectorError {
    let hyper = find::<hyper::Error>(&error);
    if hyper.is_some_and(hyper::Error::is_timeout) {
        return ConnectorError::timeout(error.into());
    }
    if hyper.is_some_and(hyper::Error::is_user) {
        return ConnectorError::user(error.into());
    }
    let broken = hyper.is_some_and(|error| error.is_closed() || error.is_canceled());
    if broken || error.is_connect() || find::<std::io::Error>(&error).is_some() {
        return ConnectorError::io(error.into());
    }
    let cut_short = hyper.is_some_and(hyper::Error::is_incomplete_message);
    ConnectorError::other(error.into(), cut_short.then_some(ErrorKind::TransientError))
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|error| error.downcast_ref::<E>())
}
