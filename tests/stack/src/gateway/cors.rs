//! What the gateway tells browsers of other origins. It answers preflights itself, and its own headers
//! take the place of whatever a function says.

use axum::body::Body;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::template::Cors;

/// The answer to a preflight, where the request is one.
pub(super) fn preflight(cors: &Cors, parts: &Parts) -> Option<Response> {
    let is_preflight = parts.method == Method::OPTIONS
        && parts.headers.contains_key(header::ORIGIN)
        && parts.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Some(origin) = allowed(cors, &parts.headers) {
        let headers = response.headers_mut();
        put(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, &origin);
        put(headers, header::ACCESS_CONTROL_ALLOW_METHODS, &cors.methods.join(","));
        put(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, &cors.headers.join(","));
        let seconds = cors.max_age_seconds.map(|seconds| seconds.to_string());
        put(headers, header::ACCESS_CONTROL_MAX_AGE, &seconds.unwrap_or_default());
    }
    Some(response)
}

/// Puts the gateway's headers on an answer.
pub(super) fn dress(cors: &Cors, request: &HeaderMap, response: &mut Response) {
    let Some(origin) = allowed(cors, request) else {
        return;
    };
    let headers = response.headers_mut();
    put(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, &origin);
    put(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, &cors.exposed.join(","));
    if origin != "*" {
        put(headers, header::VARY, "origin");
    }
}

fn allowed(cors: &Cors, headers: &HeaderMap) -> Option<String> {
    let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
    let any = cors.origins.iter().any(|one| one == "*").then(|| "*".to_owned());
    any.or_else(|| cors.origins.iter().find(|one| one.as_str() == origin).cloned())
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Some(value) = HeaderValue::from_str(value).ok().filter(|_| !value.is_empty()) {
        headers.insert(name, value);
    }
}
