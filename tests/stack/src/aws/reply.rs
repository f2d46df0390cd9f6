//! Answers in the JSON dialects of AWS: a body, its type, a request id, and errors by `__type`.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use s3s::Body;
use serde_json::json;

/// The dialect of DynamoDB and SQS.
pub(crate) const JSON_1_0: &str = "application/x-amz-json-1.0";
/// The dialect of Secrets Manager.
pub(crate) const JSON_1_1: &str = "application/x-amz-json-1.1";

/// An answer with a body of the given type.
pub(crate) fn answer(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    let request_id = ulid::Ulid::new().to_string();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert("x-amzn-requestid", value);
    }
    response
}

/// An error in a JSON dialect; `kind` is the exception's name.
pub(crate) fn refuse(status: StatusCode, content_type: &'static str, kind: &str, message: &str) -> Response<Body> {
    let body = json!({"__type": kind, "message": message, "Message": message});
    let mut response = answer(status, content_type, body.to_string());
    if let Ok(value) = HeaderValue::from_str(kind) {
        response.headers_mut().insert("x-amzn-errortype", value);
    }
    response
}

/// The answer when a stand-in itself is broken.
pub(crate) fn broken(content_type: &'static str, message: &str) -> Response<Body> {
    tracing::error!(message, "a local AWS service failed");
    refuse(StatusCode::INTERNAL_SERVER_ERROR, content_type, "InternalServerError", message)
}
