//! IAM in small: between each function and the stores stands a door that knows the function's role as
//! the template has it. What the role does not allow is refused as AWS refuses it, so that a policy
//! that forgets something fails here and not after the deployment.
//!
//! Known are the calls that Daypass makes to DynamoDB, S3, SQS and Secrets Manager; any other service
//! is refused. Absent: conditions, resource policies, and the permissions of event sources, whose
//! polling is Lambda's own (a test compares those).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sandbox::serve::{Listening, bind};
use serde_json::{Value, json};

use crate::template::Policy;

/// The largest request that a store takes.
const BODY_LIMIT_BYTES: usize = 32 * 1024 * 1024;
/// The most refusals that are remembered.
const REFUSALS_LIMIT: usize = 1_000;

/// What was refused, in words; all clones are one list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals(Arc<Mutex<Vec<String>>>);

impl Refusals {
    pub(crate) fn list(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, text: String) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() < REFUSALS_LIMIT {
            list.push(text);
        }
    }
}

/// What stands behind a door, and who comes through it.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) function: String,
    pub(crate) policy: Policy,
    /// The stores' address.
    pub(crate) stores: String,
    /// ARNs by the names that requests carry: tables' names, queues' addresses.
    pub(crate) arns: Arc<BTreeMap<String, String>>,
    pub(crate) refusals: Refusals,
}

#[derive(Clone)]
struct Guard {
    door: Door,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// Opens a door on a port of its own.
pub(crate) async fn open(door: Door) -> Result<Listening, std::io::Error> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let router = Router::new().fallback(pass).with_state(Guard { door, client });
    Ok(bind(0).await?.serve(router))
}

async fn pass(State(guard): State<Guard>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT_BYTES).collect().await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let body = body.to_bytes();
    let wanted = wanted(&parts, &body, &guard.door.arns);
    if let Some((action, resource)) = wanted.iter().find(|(action, on)| !guard.door.policy.allows(action, on)) {
        return guard.refuse(&parts.headers, action, resource);
    }
    guard.forward(parts, body).await
}

impl Guard {
    fn refuse(&self, headers: &HeaderMap, action: &str, resource: &str) -> Response {
        let function = &self.door.function;
        tracing::error!(function, action, resource, "the role does not allow this");
        self.door.refusals.note(format!("{function}: {action} on {resource}"));
        let message = format!("User: {function} is not authorized to perform: {action} on resource: {resource}");
        if !headers.contains_key("x-amz-target") {
            return answer(
                "application/xml",
                format!("<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"),
                StatusCode::FORBIDDEN,
            );
        }
        let said = json!({ "__type": "com.amazon.coral.service#AccessDeniedException", "message": message });
        answer("application/x-amz-json-1.0", said.to_string(), StatusCode::BAD_REQUEST)
    }

    async fn forward(&self, mut parts: http::request::Parts, body: Bytes) -> Response {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let Ok(uri) = format!("{}{path}", self.door.stores).parse::<Uri>() else {
            return plain(StatusCode::BAD_REQUEST);
        };
        // The host stays as it was signed.
        parts.uri = uri;
        match self.client.request(Request::from_parts(parts, Full::new(body))).await {
            Ok(response) => response.map(Body::new),
            Err(cause) => {
                tracing::warn!(%cause, "the stores do not answer");
                plain(StatusCode::BAD_GATEWAY)
            }
        }
    }
}

fn plain(status: StatusCode) -> Response {
    answer("text/plain", String::new(), status)
}

fn answer(kind: &'static str, text: String, status: StatusCode) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(kind));
    response
}

/// What a request asks for: actions, each with its resource.
fn wanted(parts: &http::request::Parts, body: &Bytes, arns: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default();
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    let arn = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        arns.get(name).cloned().unwrap_or_else(|| name.to_owned())
    };
    match target.split(['.', '_']).next().unwrap_or_default() {
        "DynamoDB" => of_tables(operation, &said, arn),
        "AmazonSQS" => vec![(format!("sqs:{}", operation.trim_end_matches("Batch")), arn(&said["QueueUrl"]))],
        "secretsmanager" => vec![(format!("secretsmanager:{operation}"), arn(&said["SecretId"]))],
        "" if signed_for(&parts.headers, "s3") || parts.uri.query().is_some_and(|query| query.contains("X-Amz-")) => vec![of_object(parts)],
        _ => vec![(format!("unknown:{target}"), parts.uri.path().to_owned())],
    }
}

fn of_tables(operation: &str, said: &Value, arn: impl Fn(&Value) -> String) -> Vec<(String, String)> {
    let action = |name: &str| format!("dynamodb:{name}");
    match operation {
        "TransactWriteItems" | "TransactGetItems" => {
            let items = said["TransactItems"].as_array().into_iter().flatten();
            let parts = items.filter_map(Value::as_object).flatten();
            let name = |kind: &str| if kind == "ConditionCheck" { action("ConditionCheckItem") } else { action(&format!("{kind}Item")) };
            parts.map(|(kind, part)| (name(kind), arn(&part["TableName"]))).collect()
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = said["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(table, _)| (action(operation), arn(&json!(table)))).collect()
        }
        _ => match said["IndexName"].as_str() {
            Some(index) => vec![(action(operation), format!("{}/index/{index}", arn(&said["TableName"])))],
            None => vec![(action(operation), arn(&said["TableName"]))],
        },
    }
}

fn of_object(parts: &http::request::Parts) -> (String, String) {
    let path = parts.uri.path().trim_start_matches('/');
    let action = match (parts.method.as_str(), path.contains('/')) {
        ("GET" | "HEAD", false) => "s3:ListBucket",
        ("GET" | "HEAD", true) => "s3:GetObject",
        ("DELETE", _) => "s3:DeleteObject",
        _ => "s3:PutObject",
    };
    (action.to_owned(), format!("arn:aws:s3:::{path}"))
}

/// Whether a request was signed for this service.
fn signed_for(headers: &HeaderMap, service: &str) -> bool {
    let said = headers.get(header::AUTHORIZATION).and_then(|said| said.to_str().ok()).unwrap_or_default();
    said.contains(&format!("/{service}/aws4_request"))
}
