//! A function's answer as the caller gets it, and the gateway's own answers, in API Gateway's words.

use axum::body::Body;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::invoke::InvokeError;

/// The kind of content when a function says none.
const KIND_UNSAID: &str = "text/plain;charset=UTF-8";

/// An answer of the gateway's own: `{"message": "…"}`.
pub(super) fn message(status: StatusCode, text: &str) -> Response {
    let mut response = Response::new(Body::from(json!({ "message": text }).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// What the caller sees when a function gave no answer.
pub(super) fn of_error(error: &InvokeError) -> Response {
    match error {
        InvokeError::TooLarge(_) => message(StatusCode::PAYLOAD_TOO_LARGE, "Request Too Long"),
        _ => internal_error(),
    }
}

/// What the caller sees of everything that went wrong inside.
pub(super) fn internal_error() -> Response {
    message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
}

/// What a function answered, as a response; `None` when it makes no sense.
pub(super) fn of_function(answer: &Value) -> Option<Response> {
    if answer.get("statusCode").is_none() {
        return Some(inferred(answer));
    }
    let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
    let mut response = Response::new(Body::from(body(answer)?));
    *response.status_mut() = StatusCode::from_u16(status?).ok()?;
    let headers = response.headers_mut();
    put_headers(headers, &answer["headers"])?;
    put_headers(headers, &answer["multiValueHeaders"])?;
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        headers.append(header::SET_COOKIE, HeaderValue::from_str(cookie.as_str()?).ok()?);
    }
    if !headers.contains_key(header::CONTENT_TYPE) && answer["body"].as_str().is_some_and(|body| !body.is_empty()) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(KIND_UNSAID));
    }
    Some(response)
}

// An answer without a status is taken for the body of a good one.
fn inferred(answer: &Value) -> Response {
    let text = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn body(answer: &Value) -> Option<Vec<u8>> {
    match &answer["body"] {
        Value::Null => Some(Vec::new()),
        Value::String(text) if answer["isBase64Encoded"] == true => STANDARD.decode(text).ok(),
        Value::String(text) => Some(text.clone().into_bytes()),
        _ => None,
    }
}

fn put_headers(headers: &mut HeaderMap, said: &Value) -> Option<()> {
    for (name, value) in said.as_object().into_iter().flatten() {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        // The gateway measures the body itself.
        if name == header::CONTENT_LENGTH || name == header::TRANSFER_ENCODING || name == header::CONNECTION {
            continue;
        }
        let values = value.as_array().map_or_else(|| vec![value.clone()], Clone::clone);
        for value in values {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            headers.append(name.clone(), HeaderValue::from_str(&text).ok()?);
        }
    }
    Some(())
}
