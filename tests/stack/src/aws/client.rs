//! SDK clients for the stand-ins: one set that reaches them in process, handing each request to the
//! front without a socket, and one over plain HTTP for whatever AWS-compatible endpoint a user points
//! us at. Neither knows TLS.

use std::sync::{Arc, Weak};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector as TcpConnector;
use hyper_util::rt::TokioExecutor;
use s3s::Body;

use super::{ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, Services, front};

/// One client per service.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Tables.
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// Their change streams.
    pub streams: aws_sdk_dynamodbstreams::Client,
    /// Buckets; addressed by path, as the front has one name only.
    pub s3: aws_sdk_s3::Client,
    /// Queues.
    pub sqs: aws_sdk_sqs::Client,
    /// Secrets.
    pub secrets: aws_sdk_secretsmanager::Client,
}

/// One service's configuration; every SDK crate has its own type of the same shape.
macro_rules! service_config {
    ($sdk:ident, $endpoint:expr, $http:expr) => {
        $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::new(REGION))
            .endpoint_url($endpoint)
            .credentials_provider(credentials())
            .http_client($http.clone())
    };
}

impl Clients {
    /// Clients of the services at `endpoint`, over the HTTP client given.
    #[must_use]
    pub fn new(endpoint: &str, http: SharedHttpClient) -> Self {
        Self {
            dynamodb: aws_sdk_dynamodb::Client::from_conf(service_config!(aws_sdk_dynamodb, endpoint, http).build()),
            streams: aws_sdk_dynamodbstreams::Client::from_conf(service_config!(aws_sdk_dynamodbstreams, endpoint, http).build()),
            s3: aws_sdk_s3::Client::from_conf(service_config!(aws_sdk_s3, endpoint, http).force_path_style(true).build()),
            sqs: aws_sdk_sqs::Client::from_conf(service_config!(aws_sdk_sqs, endpoint, http).build()),
            secrets: aws_sdk_secretsmanager::Client::from_conf(service_config!(aws_sdk_secretsmanager, endpoint, http).build()),
        }
    }

    /// Clients of an AWS-compatible endpoint over plain HTTP, with the local key.
    #[must_use]
    pub fn over_http(endpoint: &str) -> Self {
        Self::new(endpoint, plain_http())
    }
}

fn credentials() -> Credentials {
    Credentials::from_keys(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None)
}

/// An SDK HTTP client over plain TCP.
#[must_use]
pub fn plain_http() -> SharedHttpClient {
    let mut connector = TcpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let connector = SharedHttpConnector::new(PlainHttp { client });
    http_client_fn(move |_settings, _components| connector.clone())
}

/// An SDK HTTP client that calls the front directly. It holds the services weakly: clients that
/// outlive the stand-ins get a connection error, as they would from a closed port.
pub(crate) fn in_process(services: &Arc<Services>) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(InProcess { services: Arc::downgrade(services) });
    http_client_fn(move |_settings, _components| connector.clone())
}

#[derive(Debug)]
struct PlainHttp {
    client: Client<TcpConnector, SdkBody>,
}

impl HttpConnector for PlainHttp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.client.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(user)?;
            let response = client.request(request).await.map_err(io)?;
            let response = response.map(SdkBody::from_body_1_x);
            HttpResponse::try_from(response).map_err(user)
        })
    }
}

struct InProcess {
    services: Weak<Services>,
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("InProcess")
    }
}

impl HttpConnector for InProcess {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let services = self.services.upgrade();
        HttpConnectorFuture::new(async move {
            let services = services.ok_or_else(|| io("the local AWS has stopped"))?;
            let request = request.try_into_http1x().map_err(user)?;
            let request = as_received(request);
            let response = front::answer(&services, request).await;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.map_err(io)?.to_bytes();
            HttpResponse::try_from(http::Response::from_parts(parts, SdkBody::from(body))).map_err(user)
        })
    }
}

/// What a server would have received: a path instead of a URL, and the host in its header.
fn as_received(request: http::Request<SdkBody>) -> http::Request<Body> {
    let (mut parts, body) = request.into_parts();
    if let Some(authority) = parts.uri.authority()
        && let Ok(host) = http::HeaderValue::from_str(authority.as_str())
    {
        parts.headers.entry("host").or_insert(host);
    }
    if let Some(path) = parts.uri.path_and_query() {
        parts.uri = http::Uri::from(path.clone());
    }
    let body = match body.bytes() {
        Some(bytes) => Body::from(bytes::Bytes::copy_from_slice(bytes)),
        None => Body::http_body_unsync(body),
    };
    http::Request::from_parts(parts, body)
}

fn io(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ConnectorError {
    ConnectorError::io(error.into())
}

fn user(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ConnectorError {
    ConnectorError::user(error.into())
}
