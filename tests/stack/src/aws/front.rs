//! The one address: accepts connections, finds the service a request is meant for by the credential
//! scope it was signed with (header or presigned query), else by its target or path, checks that the
//! key is known, and hands it over. Requests that name no service are S3's: that is where browsers
//! post forms and ask for CORS.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::Body;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::reply::{self, JSON_1_0, JSON_1_1};
use super::{ACCESS_KEY_ID, Services, ses};

/// DynamoDB's own limit of a request, the largest of the JSON services.
const JSON_BODY_LIMIT_BYTES: usize = 16 * 1024 * 1024;

/// The services behind the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    DynamoDb,
    Sqs,
    Secrets,
    Ses,
    S3,
}

/// Accepts connections until the task is dropped; their tasks go with it.
pub(crate) async fn serve(listener: TcpListener, services: Arc<Services>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _peer)) = accepted {
                    connections.spawn(converse(stream, Arc::clone(&services)));
                }
            }
            Some(_ended) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, services: Arc<Services>) {
    // Without it small answers wait for the peer's delayed acknowledgement.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let services = Arc::clone(&services);
        async move {
            let response = answer(&services, request.map(Body::from)).await;
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let io = TokioIo::new(stream);
    if let Err(error) = http1::Builder::new().serve_connection(io, service).await {
        tracing::trace!(%error, "a connection ended early");
    }
}

/// Answers one request, whichever service it is for.
pub(crate) async fn answer(services: &Services, request: Request<Body>) -> Response<Body> {
    let signature = Signature::of(&request);
    let service = service_of(&request, signature.as_ref());
    if service == Service::S3 {
        return services.s3.answer(request).await;
    }
    if let Some(refusal) = refuse_stranger(service, signature.as_ref()) {
        return refusal;
    }
    let (parts, body) = request.into_parts();
    let body = match collect(body, JSON_BODY_LIMIT_BYTES).await {
        Some(body) => body,
        None => return reply::answer(StatusCode::PAYLOAD_TOO_LARGE, JSON_1_0, "{}"),
    };
    match service {
        Service::DynamoDb => services.dynamodb.answer(&parts, body).await,
        Service::Sqs => services.sqs.answer(&parts.headers, body).await,
        Service::Secrets => services.secrets.answer(&parts.headers, body).await,
        _ => ses::answer(&services.mail, &services.clock, &parts, &body),
    }
}

/// The whole body, unless it is longer than `limit_bytes` or breaks off.
pub(crate) async fn collect(body: Body, limit_bytes: usize) -> Option<Bytes> {
    let collected = Limited::new(body, limit_bytes).collect().await.ok()?;
    Some(collected.to_bytes())
}

/// Who signed a request, and for which service.
struct Signature {
    access_key_id: String,
    service: String,
}

impl Signature {
    fn of(request: &Request<Body>) -> Option<Self> {
        let header = request.headers().get("authorization");
        if let Some(header) = header.and_then(|value| value.to_str().ok()) {
            let credential = header.split_once("Credential=")?.1;
            return Self::parse(credential.split([',', ' ']).next()?);
        }
        let query = request.uri().query()?;
        let credential = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
        Self::parse(&credential.replace("%2F", "/").replace("%2f", "/"))
    }

    /// Reads `key/date/region/service/aws4_request`.
    fn parse(credential: &str) -> Option<Self> {
        let mut parts = credential.split('/');
        let access_key_id = parts.next()?.to_owned();
        let service = parts.nth(2)?.to_owned();
        Some(Self { access_key_id, service })
    }
}

fn service_of(request: &Request<Body>, signature: Option<&Signature>) -> Service {
    if request.method() == Method::OPTIONS {
        return Service::S3;
    }
    let named = signature.and_then(|signature| match signature.service.as_str() {
        "dynamodb" => Some(Service::DynamoDb),
        "sqs" => Some(Service::Sqs),
        "secretsmanager" => Some(Service::Secrets),
        "ses" => Some(Service::Ses),
        "s3" => Some(Service::S3),
        _ => None,
    });
    named.unwrap_or_else(|| service_by_target(request))
}

fn service_by_target(request: &Request<Body>) -> Service {
    let target = request.headers().get("x-amz-target");
    let target = target.and_then(|value| value.to_str().ok()).unwrap_or("");
    if target.starts_with("DynamoDB") {
        Service::DynamoDb
    } else if target.starts_with("AmazonSQS.") {
        Service::Sqs
    } else if target.starts_with("secretsmanager.") {
        Service::Secrets
    } else if request.uri().path().starts_with("/v2/email") {
        Service::Ses
    } else {
        Service::S3
    }
}

fn refuse_stranger(service: Service, signature: Option<&Signature>) -> Option<Response<Body>> {
    let dialect = match service {
        Service::DynamoDb | Service::Sqs => JSON_1_0,
        _ => JSON_1_1,
    };
    match signature {
        Some(signature) if signature.access_key_id == ACCESS_KEY_ID => None,
        Some(_stranger) => Some(reply::refuse(
            if service == Service::Sqs { StatusCode::FORBIDDEN } else { StatusCode::BAD_REQUEST },
            dialect,
            if service == Service::Sqs { "InvalidClientTokenId" } else { "UnrecognizedClientException" },
            "The security token included in the request is invalid.",
        )),
        None => Some(reply::refuse(
            StatusCode::BAD_REQUEST,
            dialect,
            "MissingAuthenticationTokenException",
            "Request is missing Authentication Token",
        )),
    }
}
