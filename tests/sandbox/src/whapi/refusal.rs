//! How WHAPI says no: one error body, nested by default and flat where the switch asks for it.
//!
//! A [`Refusal`] becomes a response that carries itself as an extension; [`dress`], the
//! outermost layer of both listeners, rewrites it to the flat form when that switch is on and
//! gives every other error answer (unknown route, wrong method, path that is not text) the
//! same shape. Absent: request ids, Retry-After and idempotency, which WHAPI does not have.

use std::fmt;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::Core;

/// What a handler answers.
pub(crate) type Answer = Result<Response, Refusal>;

/// An error as WHAPI words it.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: String,
    details: Option<String>,
}

impl Refusal {
    /// A refusal with a status and the vendor's sentence for it.
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), details: None }
    }

    /// 400, with what is wrong.
    pub(crate) fn wrong(details: impl Into<String>) -> Self {
        let refusal = Self::new(StatusCode::BAD_REQUEST, "Wrong request parameters");
        Self { details: Some(details.into()), ..refusal }
    }

    /// 401: the token is fine, but no number is linked.
    pub(crate) fn not_linked() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Need channel authorization")
    }

    /// 402: a limit of trial or sandbox is reached.
    pub(crate) fn trial_limit() -> Self {
        Self::new(StatusCode::PAYMENT_REQUIRED, "Trial version limit exceeded")
    }

    /// 403, with the vendor's sentence.
    pub(crate) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 404 for a named kind of thing, as in “Specified chat not found”.
    pub(crate) fn absent(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("Specified {what} not found"))
    }

    /// 404 of the gate: a bad token, or a channel that is not there yet.
    pub(crate) fn no_channel() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Channel not found")
    }

    /// 409, with the vendor's sentence.
    pub(crate) fn conflict(message: &str) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 413.
    pub(crate) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "Request body (media) too large")
    }

    /// 415.
    pub(crate) fn unsupported_media() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type")
    }

    fn body(&self, flat: bool) -> Value {
        let code = self.status.as_u16();
        if flat {
            return json!({"code": code, "error": self.message.to_lowercase()});
        }
        let mut error = json!({"code": code, "message": self.message});
        if let (Some(details), Some(members)) = (&self.details, error.as_object_mut()) {
            members.insert("details".to_owned(), json!(details));
        }
        json!({ "error": error })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.message)?;
        self.details.as_ref().map_or(Ok(()), |details| write!(formatter, ": {details}"))
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body(false))).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A 200 with a JSON body.
pub(crate) fn ok(value: Value) -> Answer {
    Ok(Json(value).into_response())
}

/// The 200 that says only that it worked.
pub(crate) fn success() -> Answer {
    ok(json!({"success": true}))
}

/// The outermost layer: every error in WHAPI's shape, flat if the switch says so.
pub(crate) async fn dress(State(core): State<Core>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status().as_u16() < 400 {
        return response;
    }
    let flat = core.switches().flat_errors;
    match response.extensions().get::<Refusal>() {
        Some(refusal) if flat => (refusal.status, Json(refusal.body(true))).into_response(),
        Some(_) => response,
        None if is_json(&response) => response,
        None => {
            let status = response.status();
            let refusal = Refusal::new(status, status.canonical_reason().unwrap_or("Error"));
            let mut dressed = (status, Json(refusal.body(flat))).into_response();
            if let Some(allow) = response.headers().get(header::ALLOW) {
                dressed.headers_mut().insert(header::ALLOW, allow.clone());
            }
            dressed
        }
    }
}

fn is_json(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok()).is_some_and(|kind| kind.starts_with("application/json"))
}
