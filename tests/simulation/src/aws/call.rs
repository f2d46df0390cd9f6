//! One request of the AWS SDK as its services see it, and their answers.

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::BodyExt;
use serde_json::{Value, json};

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Tables,
    Queue,
    Secrets,
    Bucket,
}

/// A request.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) service: Service,
    /// `PutItem`, `SendMessage`, …; the method for the bucket.
    pub(crate) operation: String,
    /// The path, which only the bucket looks at.
    pub(crate) path: String,
    pub(crate) body: Bytes,
}

/// What a service answers: a status and a body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Call {
    /// Reads a request.
    pub(crate) async fn read(request: HttpRequest) -> Result<Self, ConnectorError> {
        let request = request.try_into_http1x().map_err(|cause| ConnectorError::user(cause.into()))?;
        let (parts, body) = request.into_parts();
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let (service, operation) = match target.split_once('.') {
            Some((service, operation)) if service.starts_with("DynamoDB") => (Service::Tables, operation),
            Some(("AmazonSQS", operation)) => (Service::Queue, operation),
            Some(("secretsmanager", operation)) => (Service::Secrets, operation),
            _ => (Service::Bucket, parts.method.as_str()),
        };
        let body = match body.bytes() {
            Some(bytes) => Bytes::copy_from_slice(bytes),
            None => body.collect().await.map_err(ConnectorError::io)?.to_bytes(),
        };
        Ok(Self { service, operation: operation.to_owned(), path: parts.uri.path().to_owned(), body })
    }

    /// Whether it changes something.
    pub(crate) fn changes(&self) -> bool {
        match self.service {
            Service::Tables => !matches!(self.operation.as_str(), "GetItem" | "BatchGetItem" | "Query" | "Scan"),
            Service::Queue => true,
            Service::Secrets => false,
            Service::Bucket => self.operation != "GET",
        }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Answer {
    /// A success.
    pub(crate) fn done(body: impl Into<Bytes>) -> Self {
        Self { status: 200, body: body.into() }
    }

    /// A refusal in the JSON dialects.
    pub(crate) fn refused(status: u16, kind: &str) -> Self {
        let body = json!({ "__type": format!("com.amazonaws#{kind}"), "message": "by the simulation" });
        Self { status, body: body.to_string().into() }
    }

    /// A transaction that was cancelled because somebody else wrote one of its records.
    pub(crate) fn contended(items: usize) -> Self {
        let reasons: Vec<Value> =
            (0..items).map(|place| json!({ "Code": if place == 0 { "TransactionConflict" } else { "None" } })).collect();
        let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        let body = json!({ "__type": kind, "message": "Transaction cancelled", "CancellationReasons": reasons });
        Self { status: 400, body: body.to_string().into() }
    }

    /// As the SDK takes it.
    pub(crate) fn into_response(self) -> Result<HttpResponse, ConnectorError> {
        let status = StatusCode::try_from(self.status).map_err(|cause| ConnectorError::other(cause.into(), None))?;
        Ok(HttpResponse::new(status, SdkBody::from(self.body)))
    }
}
