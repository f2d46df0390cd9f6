//! How a control answers, and how it reads what it is told.

use axum::body::Bytes;
use axum::response::{IntoResponse, Response};
use axum::{Json, http::StatusCode};
use sandbox::{ControlError, ControlResult};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What a control answers: what it did, or why not.
pub(super) type Reply = Result<Json<Value>, Trouble>;

/// Why a control did nothing.
#[derive(Debug)]
pub(super) struct Trouble {
    status: StatusCode,
    message: String,
}

impl Trouble {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn misunderstood(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn impossible(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }
}

impl From<ControlError> for Trouble {
    fn from(error: ControlError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::CONFLICT);
        Self::new(status, error.to_string())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "message": self.message }))).into_response()
    }
}

/// What a provider's control did.
pub(super) fn of(done: ControlResult) -> Reply {
    Ok(Json(done?))
}

/// The body of a control's call.
pub(super) fn body<T: DeserializeOwned>(body: &Bytes) -> Result<T, Trouble> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|cause| Trouble::misunderstood(cause.to_string()))
}

/// 404.
pub(super) fn unknown(message: &str) -> Response {
    Trouble::new(StatusCode::NOT_FOUND, message).into_response()
}
